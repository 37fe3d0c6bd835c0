#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>

#include "service/messaging.hpp"
#include "service/presence.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Log-ins, registrations, passwords.
///
/// Nothing is acknowledged before it is verified and committed; what can't be taken on (pool or store full)
/// gets silence, so that the client tries again.
class Accounts {
 public:
  /// What happens when a session has been opened and acknowledged.
  using Opened = std::function<void(model::SessionRef, const storage::LoggedIn&, const model::LogIn&)>;

  Accounts(ShardContext& shard, Messaging& messaging, Opened opened)
      : shard_{shard}, messaging_{messaging}, opened_{std::move(opened)} {}

  void log_in(const model::LogIn& command, const model::RequestContext& context);
  void log_off(const model::RequestContext& context);
  void ask_log_in(const model::AskLogIn& command, const model::RequestContext& context);
  void ask_registration(const model::RequestContext& context);
  void register_account(const model::Register& command, const model::RequestContext& context);
  void change_password(const model::ChangePassword& command, const model::RequestContext& context);

  /// The outcome of argon2id that the shard waited for.
  void on_password(crypto::PasswordOutcome&& outcome);

 private:
  struct LogInAttempt {
    model::LogIn command;       // without the views into the datagram
    model::RequestContext context;
    std::string password;       // wiped when the attempt ends
  };
  struct Throttle {
    std::uint32_t failures = 0;
    Instant open_again{};
  };
  using PasswordContinuation = std::move_only_function<void(crypto::PasswordOutcome&&)>;

  void verify(LogInAttempt&& attempt);
  void open(LogInAttempt&& attempt);
  void refuse(LogInAttempt& attempt);
  void put_off(const model::RequestContext& context);
  void put_off(LogInAttempt& attempt);
  [[nodiscard]] std::uint64_t throttle_key(Uin uin, const IpAddress& address) const;
  [[nodiscard]] bool is_throttled(Uin uin, const IpAddress& address) const;
  void note_failure(Uin uin, const IpAddress& address);
  [[nodiscard]] bool submit(crypto::PasswordJob&& job, PasswordContinuation then);
  [[nodiscard]] bool may_register();

  ShardContext& shard_;
  Messaging& messaging_;
  Opened opened_;
  Slab<PasswordContinuation> passwords_waiting_;
  boost::unordered_flat_map<std::uint64_t, Throttle> throttles_;
  std::uint32_t registrations_ = 0;
  Instant registrations_since_{};
};

}  // namespace uhoh::service
