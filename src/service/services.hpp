#pragma once

#include "service/accounts.hpp"
#include "service/contacts.hpp"
#include "service/directory.hpp"
#include "service/files.hpp"
#include "service/group_sending.hpp"
#include "service/messaging.hpp"
#include "service/monitoring.hpp"
#include "service/peer_passing.hpp"
#include "service/presence.hpp"
#include "service/profiles.hpp"
#include "service/relay.hpp"
#include "service/room_delivery.hpp"
#include "service/rooms.hpp"
#include "service/searches.hpp"
#include "service/shard_context.hpp"
#include "service/sightings.hpp"

namespace uhoh::service {

/// What the services of a shard stand on.
struct Ports {
  model::SessionPort& sessions;
  storage::AsyncStore& store;
  bus::Bus& bus;
  crypto::PasswordWorker& passwords;
  model::AuditTrail* audit = nullptr;  ///< none: nobody looks
  const Secrets* secrets = nullptr;  ///< nullptr: there are none
  model::RelayPort* relay = nullptr; ///< nullptr: direct connections are not relayed
};

/// All services of one shard: takes commands from sessions, mail from other shards, answers from the store.
///
/// Thread: the owning shard only.
class Services final : public model::CommandHandler {
 public:
  Services(ShardId self, unsigned shards, const Options& options, const Ports& ports, std::uint64_t seed, Now start);

  // model::CommandHandler
  void handle(const model::Command& command, const model::RequestContext& context, Now now) override;
  void on_flood(const model::Command& command, const model::RequestContext& context, Now now) override;
  void on_delivered(model::SessionRef session, std::uint64_t tag, Now now) override;
  void on_written(model::SessionRef session, Now now) override;
  void fetch_password_key(model::RequestRef request, Uin uin, model::DialectId dialect, Now now) override;
  void on_room(model::SessionRef session, Now now) override;
  void on_heard_again(model::SessionRef session, Now now) override;
  void on_session_end(model::SessionRef session, model::SessionEnd why, Now now) override;
  void on_stray_acknowledgement(const Endpoint& peer, std::uint32_t sequence, Now now) override;
  void on_timer(model::SessionRef session, Now now) override;
  void reserve_sequence(model::SessionRef session, std::uint32_t upto, Now now) override;

  /// Mail from a shard (possibly this one).
  void on_mail(bus::Mail&& mail, Now now);
  /// An answer of the store.
  void on_store(storage::Ticket ticket, storage::Result&& result, Now now);
  /// An outcome of argon2id.
  void on_password(crypto::PasswordOutcome&& outcome, Now now);
  /// What the relay of direct connections has to say of users of this shard: see model::RelayDecisions.
  void on_relay_call(const model::RelayCall& call, Now now);
  void on_relay_unreachable(const model::RelayCall& call, Now now);
  void on_relay_used(const model::RelayCall& call, Now now);
  /// Lets time pass.
  void on_time(Now now);
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept {
    return std::min({messaging_.next_deadline(), files_.next_deadline(), monitoring_.next_deadline(),
                     group_sending_.next_deadline(), room_delivery_.next_deadline()});
  }

  /// Puts back a session from before a restart, without its contacts.
  bool restore(const storage::StoreEngine::RestoredSession& kept, Now now);
  /// The contact list of a restored session.
  struct RestoredList {
    Uin uin;
    std::uint64_t login = 0;
    std::vector<Uin> contacts;
  };
  /// From here on nobody is told of changes, until all lists are back.
  void begin_restoring_lists() { presence_.begin_restoring(); }
  /// Puts lists of this shard's sessions back, and passes on what concerns other shards.
  void restore_lists(const std::vector<RestoredList>& lists, Now now);
  /// All lists are back: who has changed meanwhile is announced.
  void end_restoring_lists(Now now);

  // For those who come over HTTP; between inputs of the shard's thread.
  /// Checks a password as Accounts::check_password() does.
  void check_password(Uin uin, std::string password, const IpAddress& from, Accounts::PasswordChecked then, Now now);
  /// Tells whether one more account may be made from outside in this minute, and counts it.
  [[nodiscard]] bool admit_registration(Now now);

  // For the administrator; between inputs of the shard's thread.
  /// Takes other options from now on.
  void set_options(const Options& options) { options_ = options; }
  /// Takes other keys from now on.
  void set_secrets(const Secrets& secrets) { shard_.secrets = secrets; }
  [[nodiscard]] const Options& options() const noexcept { return options_; }
  /// Ends the session of a user; false when there is none.
  bool kick(Uin uin, Now now);
  /// Sends a text of the administrator to a user's session; false when there is none or its queue is full.
  bool broadcast(Uin uin, std::string_view text, Now now);
  /// The password of an account was changed or the account was suspended or deleted.
  void forget_verifier(Uin uin) { shard_.verifiers.forget(uin); }
  void set_charset(Uin uin, Charset charset);
  void set_authorization(Uin uin, model::Authorization authorization, std::vector<Uin> allowed, Now now);
  void set_address_policy(Uin uin, model::AddressPolicy policy);
  /// The administrator made or changed a room; its members are told.
  void tell_room_changed(Uin room, std::string_view name, const std::vector<Uin>& members, model::RoomNotice notice,
                         Now now);
  /// Asks the store to keep what is kept now and then, because the server stops.
  void save_positions(Now now);
  /// The account no longer has the role of a monitor.
  void withdraw_monitor(Uin uin, Now now);

  [[nodiscard]] const User* user(Uin uin) { return shard_.online(uin); }
  [[nodiscard]] const Counters& counters() const noexcept { return shard_.counters; }
  [[nodiscard]] const WatchGraph& graph() const noexcept { return shard_.graph; }
  [[nodiscard]] std::uint32_t store_requests_waiting() const noexcept { return shard_.store.waiting(); }
  [[nodiscard]] std::uint32_t live_messages() const noexcept { return messaging_.live_count(); }
  [[nodiscard]] const Files& files() const noexcept { return files_; }

 private:
  struct CommandVisitor;
  void on_opened(model::SessionRef session, const storage::LoggedIn& opened, const model::LogIn& command);

  Options options_;
  ShardContext shard_;
  Presence presence_;
  Sightings sightings_;
  Messaging messaging_;
  Contacts contacts_;
  Directory directory_;
  Accounts accounts_;
  Profiles profiles_;
  Searches searches_;
  GroupSending group_sending_;
  RoomDelivery room_delivery_;
  Rooms rooms_;
  Files files_;
  Monitoring monitoring_;
  Relay relay_;
  PeerPassing peer_passing_;
  Uin replaced_uin_;              // whose session was replaced in this very step
  std::unique_ptr<UserExtras::Replaced> replaced_;
  Instant next_expiry_{};        // the first shard lets the store forget what is over its time
};

}  // namespace uhoh::service
