#pragma once

#include "node/admin_store.hpp"
#include "node/server.hpp"
#include "storage/sqlite/sqlite_engine.hpp"

namespace uhoh::node {

/// Administration of a running server.
class ServerAdmin final : public StoreAdmin {
 public:
  /// `server` must outlive it.
  explicit ServerAdmin(Server& server);

  /// Adds what others listen on beside the shards; before anybody asks.
  void add_listener(model::ListenerRow row) { listeners_.push_back(std::move(row)); }
  [[nodiscard]] const std::vector<model::ListenerRow>& listeners() const noexcept { return listeners_; }
  /// Adds the figures of others; before anybody asks.
  void add_metrics(std::function<void(std::vector<MetricValue>&)> append) { more_metrics_ = std::move(append); }

  model::AdminResult<model::SessionPage> list_sessions(std::uint64_t after, std::size_t limit) override;
  model::AdminResult<void> kick(Uin uin) override;
  model::AdminResult<model::BroadcastDone> broadcast(std::string_view text) override;
  model::AdminResult<std::vector<model::QrLogInRow>> list_qr() override;
  model::AdminResult<void> confirm_qr(std::string_view code, Uin uin) override;
  model::AdminResult<void> backup(std::string_view file) override;
  model::AdminResult<std::vector<model::PacketRow>> packets(const model::PacketQuery& query) override;
  model::AdminResult<std::string> registration_mode() override;
  model::AdminResult<void> set_registration_mode(std::string_view mode) override;
  model::AdminResult<model::ServerStatus> status() override;
  model::AdminResult<std::vector<MetricValue>> metrics() override;

 private:
  storage::Result store(storage::Request request, std::string& sentence) override;
  std::vector<storage::Result> store_all(std::vector<storage::Request> requests, std::string& sentence) override;
  void on_password_changed(Uin uin) override;
  void on_qq_key_made(const service::Secrets& secrets) override;
  void on_locked_out(Uin uin) override;
  void on_changed(Uin uin, const model::AccountChange& change) override;
  void on_befriended(Uin owner, Uin contact, bool granted, const storage::Befriended& made) override;
  void on_room_changed(const storage::RoomWritten& room, model::RoomNotice notice) override;
  void on_bans_changed() override;
  std::optional<bool> is_online(Uin uin) override;
  /// Runs something on the shard of a number; false when the server is stopping.
  bool on_shard_of(Uin uin, std::move_only_function<void(Shard&, Now)> work);

  Server& server_;
  Instant started_;
  std::vector<model::ListenerRow> listeners_;
  std::function<void(std::vector<MetricValue>&)> more_metrics_;
};

/// Administration of a store that no server uses.
///
/// Thread: one.
class OfflineAdmin final : public StoreAdmin {
 public:
  /// Opens the store of a data directory whose lock the caller holds. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<OfflineAdmin>, std::string> open(Options options);

  model::AdminResult<model::SessionPage> list_sessions(std::uint64_t after, std::size_t limit) override;
  model::AdminResult<void> kick(Uin uin) override;
  model::AdminResult<model::BroadcastDone> broadcast(std::string_view text) override;
  model::AdminResult<std::vector<model::QrLogInRow>> list_qr() override;
  model::AdminResult<void> confirm_qr(std::string_view code, Uin uin) override;
  model::AdminResult<void> backup(std::string_view file) override;
  model::AdminResult<std::vector<model::PacketRow>> packets(const model::PacketQuery& query) override;
  model::AdminResult<std::string> registration_mode() override;
  model::AdminResult<void> set_registration_mode(std::string_view mode) override;
  model::AdminResult<model::ServerStatus> status() override;
  model::AdminResult<std::vector<MetricValue>> metrics() override;

 private:
  OfflineAdmin(Options options, std::unique_ptr<storage::SqliteEngine> engine)
      : StoreAdmin{std::move(options)}, engine_{std::move(engine)} {}
  storage::Result store(storage::Request request, std::string& sentence) override;
  std::vector<storage::Result> store_all(std::vector<storage::Request> requests, std::string& sentence) override;

  std::unique_ptr<storage::SqliteEngine> engine_;
};

}  // namespace uhoh::node
