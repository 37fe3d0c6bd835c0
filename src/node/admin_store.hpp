#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "crypto/password_hash.hpp"
#include "model/admin.hpp"
#include "node/secret_files.hpp"
#include "storage/store.hpp"

namespace uhoh::node {

/// What an administrator can do with the store, whoever runs it: a server, or nobody.
///
/// Shape:  the hooks tell a running server what changed; without one they do nothing.
class StoreAdmin : public model::AdminPort {
 public:
  struct Options {
    std::filesystem::path data_dir;
    crypto::PasswordHashing hashing;
    std::string greeting;
    SecretFiles secret_files;
    OpenedSecrets secrets;
  };
  explicit StoreAdmin(Options options) : options_{std::move(options)} {}

  model::AdminResult<Uin> create_account(const model::NewAccount& account) override;
  model::AdminResult<model::AccountRangeMade> create_range(const model::NewAccountRange& range) override;
  model::AdminResult<model::AccountPage> list_accounts(Uin after, std::size_t limit) override;
  model::AdminResult<model::AccountDetails> read_account(Uin uin) override;
  model::AdminResult<void> change_account(Uin uin, const model::AccountChange& change) override;
  model::AdminResult<void> set_password(Uin uin, std::string_view password) override;
  model::AdminResult<void> suspend(Uin uin, WallTime until, std::string_view reason) override;
  model::AdminResult<void> resume(Uin uin) override;
  model::AdminResult<void> delete_account(Uin uin) override;
  model::AdminResult<void> add_friend(Uin owner, Uin contact) override;
  model::AdminResult<model::RoomListPage> list_rooms(Uin after, std::size_t limit) override;
  model::AdminResult<model::Room> read_room(Uin room) override;
  model::AdminResult<model::RoomMade> create_room(const model::NewRoom& room) override;
  model::AdminResult<void> dismiss_room(Uin room) override;
  model::AdminResult<std::string> add_ban(const model::BanRow& ban) override;
  model::AdminResult<void> remove_ban(std::string_view cidr) override;
  model::AdminResult<std::vector<model::BanRow>> list_bans() override;
  model::AdminResult<model::StoreCheck> check_store() override;

 protected:
  /// One request and its answer; `sentence` is what went wrong when it is `unavailable`.
  virtual storage::Result store(storage::Request request, std::string& sentence) = 0;
  /// Many writes, as fast as the store takes them. Gives one result each, in order.
  virtual std::vector<storage::Result> store_all(std::vector<storage::Request> requests, std::string& sentence) = 0;

  virtual void on_password_changed(Uin) {}
  virtual void on_qq_key_made(const service::Secrets&) {}
  virtual void on_locked_out(Uin) {}
  virtual void on_changed(Uin, const model::AccountChange&) {}
  virtual void on_befriended(Uin /*owner*/, Uin /*contact*/, bool /*granted*/, const storage::Befriended&) {}
  virtual void on_room_changed(const storage::RoomWritten& /*room*/, model::RoomNotice /*notice*/) {}
  virtual void on_bans_changed() {}
  virtual std::optional<bool> is_online(Uin) { return std::nullopt; }

  /// Asks the store, and expects an answer of one type.
  template <class T>
  model::AdminResult<T> ask(Uin uin, storage::Request request);

  [[nodiscard]] const Options& options() const noexcept { return options_; }

 private:
  model::AdminResult<std::string> make_verifier(std::string_view password) const;
  /// Makes the key under which those for QQ are sealed, if it is needed for the first time.
  model::AdminResult<void> need_qq();
  model::AdminResult<std::string> make_qq_key(std::string_view password);

  Options options_;
};

/// What a store's error means to an administrator.
[[nodiscard]] model::AdminError admin_error(storage::StoreError error, Uin uin, const std::string& sentence);

template <class T>
model::AdminResult<T> StoreAdmin::ask(Uin uin, storage::Request request) {
  std::string sentence;
  auto result = store(std::move(request), sentence);
  if (!result) return std::unexpected(admin_error(result.error(), uin, sentence));
  if (auto* answer = std::get_if<T>(&*result)) return std::move(*answer);
  return std::unexpected(
      model::AdminError{model::AdminError::Kind::failed, "the store gave an answer of another kind"});
}

}  // namespace uhoh::node
