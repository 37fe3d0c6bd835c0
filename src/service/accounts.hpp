#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "service/contacts.hpp"
#include "service/messaging.hpp"
#include "service/presence.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// What became of a password that was checked. `put_off`: it was not looked at, for there were too many.
enum class PasswordVerdict : std::uint8_t { right, wrong, put_off };

/// Log-ins, registrations, passwords.
///
/// Nothing is acknowledged before it is verified and committed; what can't be taken on (pool or store full)
/// gets silence, so that the client tries again.
class Accounts {
 public:
  /// What happens when a session has been opened and acknowledged.
  using Opened = std::function<void(model::SessionRef, const storage::LoggedIn&, const model::LogIn&)>;

  Accounts(ShardContext& shard, Presence& presence, Messaging& messaging, Contacts& contacts, Opened opened)
      : shard_{shard}, presence_{presence}, messaging_{messaging}, contacts_{contacts}, opened_{std::move(opened)} {}

  void log_in(const model::LogIn& command, const model::RequestContext& context);
  void prepare_log_in(const model::PrepareLogIn& command, const model::RequestContext& context);
  void log_off(const model::RequestContext& context);
  /// Finds the key that QQ's proofs of a number's password are checked with.
  void fetch_qq_key(model::RequestRef request, Uin uin);
  /// Opens the key of a session from before a restart; false when it was sealed otherwise.
  [[nodiscard]] bool open_session_key(std::string_view sealed, std::array<std::uint8_t, 16>& key) const;
  void ask_log_in(const model::AskLogIn& command, const model::RequestContext& context);
  void ask_registration(const model::RequestContext& context);
  void register_account(const model::Register& command, const model::RequestContext& context);
  void change_password(const model::ChangePassword& command, const model::RequestContext& context);

  /// Checks the password of somebody who begins a log-in elsewhere (over HTTP), with the limits of every log-in; `then`
  /// is called now or later.
  using PasswordChecked = std::move_only_function<void(PasswordVerdict)>;
  void check_password(Uin uin, std::string password, const IpAddress& from, PasswordChecked then);
  /// Tells whether clients may make one more account in this minute, and counts it.
  [[nodiscard]] bool admit_registration();
  /// Tells whether a session may set this password now; counts refusals.
  [[nodiscard]] bool may_set_password(Bytes password, const model::RequestContext& context);
  /// Makes a verifier; `then` gets none ("") when that was not possible. False when too many wait.
  [[nodiscard]] bool make_verifier(std::string_view password, std::move_only_function<void(std::string&&)> then);
  /// A new password was committed: its owner is told.
  void password_was_changed(Uin uin, std::string_view password);

  /// The outcome of argon2id that the shard waited for.
  void on_password(crypto::PasswordOutcome&& outcome);

 private:
  struct LogInAttempt {
    model::LogIn command;       // without the views into the datagram
    model::RequestContext context;
    std::string password;       // wiped when the attempt ends
    std::array<std::uint8_t, 16> key{};  // of a dialect that encrypts
  };
  struct Throttle {
    std::uint32_t failures = 0;
    Instant open_again{};
  };
  /// A session that the store has opened, on its way to the client.
  struct Admission {
    model::LogIn command;
    model::RequestContext context;
    std::uint64_t login = 0;
    std::array<std::uint8_t, 16> key{};
    storage::LoggedIn opened;
  };
  using PasswordContinuation = std::move_only_function<void(crypto::PasswordOutcome&&)>;

  void open_proven(LogInAttempt&& attempt, Bytes session_key);
  void go_on(const model::LogIn& login, bool opens, const model::RequestContext& context, model::UserCard&& self);
  void verify(LogInAttempt&& attempt);
  void open(LogInAttempt&& attempt);
  void read_friends(Admission&& admission);
  void admit(Admission&& admission, std::optional<model::FriendList>&& friends);
  void welcome(const Admission& admission, model::SessionRef session, const model::FriendList* friends);
  void refuse(LogInAttempt& attempt);
  void refuse_registration(const model::RequestContext& context, std::uint16_t query);
  void tell_number(const model::RequestContext& context, const model::Registered& registered);
  void put_off(const model::RequestContext& context);
  void put_off(LogInAttempt& attempt);
  [[nodiscard]] std::uint64_t throttle_key(Uin uin, const IpAddress& address) const;
  [[nodiscard]] bool is_throttled(Uin uin, const IpAddress& address) const;
  void note_failure(Uin uin, const IpAddress& address);
  [[nodiscard]] bool submit(crypto::PasswordJob&& job, PasswordContinuation then);
  [[nodiscard]] bool may_register();
  [[nodiscard]] bool registrations_have_room();

  ShardContext& shard_;
  Presence& presence_;
  Messaging& messaging_;
  Contacts& contacts_;
  Opened opened_;
  Slab<PasswordContinuation> passwords_waiting_;
  boost::unordered_flat_map<std::uint64_t, Throttle> throttles_;
  std::uint32_t registrations_ = 0;
  Instant registrations_since_{};
};

}  // namespace uhoh::service
