#pragma once

#include <functional>
#include <vector>

#include "service/shard_context.hpp"

namespace uhoh::service {

/// Who sees whom, and how: contact lists, privacy lists, statuses, and telling those who watch.
///
/// Everything about whether somebody may be seen is decided in the shard of the one who is watched.
class Presence {
 public:
  explicit Presence(ShardContext& shard) : shard_{shard} {}

  // From the user's own session.
  void watch(const model::WatchContacts& command, const model::RequestContext& context);
  void set_status(const model::SetStatus& command, const model::RequestContext& context);
  void set_privacy_list(const model::SetPrivacyList& command, const model::RequestContext& context);
  void change_privacy_list(const model::ChangePrivacyList& command, const model::RequestContext& context);

  /// A session began.
  void on_login(model::SessionRef session, User& user);
  /// A session ended for good (not replaced): those who could see it are told.
  void on_logout(User& user);
  /// A session is replaced: how it could be seen, for its successor to tell; nothing when nobody knew of it.
  [[nodiscard]] std::unique_ptr<UserExtras::Replaced> leave_to_successor(User& user);
  /// A session gives up its contact list.
  void forget_list(User& user);
  /// Begins to watch one more contact without a packet of its own (053C).
  void watch_one(model::SessionRef session, Uin contact);
  /// Who is seen among contacts that a session has begun to watch.
  using ThenSeen = std::move_only_function<void(std::vector<model::ContactPresence>&&)>;
  /// Begins to watch contacts that the store has on the session's list; who of them is seen goes to `then` instead of
  /// being told, and the session may be gone by then.
  void follow(model::SessionRef session, std::vector<Uin> contacts, ThenSeen then);
  /// The same for one contact, whom the store does not have on the list yet.
  void follow_one(model::SessionRef session, Uin contact, ThenSeen then);
  /// The log-in that waited for who is seen has been answered: news may follow.
  void list_arrived(model::SessionRef session, User& user);
  /// Watches a contact no longer.
  void unwatch_one(model::SessionRef session, Uin contact);
  /// Shows a contact of the session's list again, as he is seen now.
  void show_again(model::SessionRef session, Uin contact);
  /// The account's authorization changed: those who may no longer see it are told, those who now may as well.
  void set_authorization(User& user, model::Authorization authorization, std::vector<Uin> allowed);
  /// Those who see him are shown the place that they may see now.
  void set_address_policy(User& user, model::AddressPolicy policy);

  /// Sends what waits while the session has room.
  void pump(model::SessionRef session, User& user);
  /// The session acknowledged the news about a contact.
  void on_delivered(model::SessionRef session, User& user, Uin contact);
  /// A delayed announcement came due.
  void on_timer(model::SessionRef session, User& user);
  /// A restored session was heard.
  void on_heard_again(User& user);
  /// Puts the lists of a restored session back, telling nobody.
  void restore_lists(User& user, const std::vector<Uin>& visible, const std::vector<Uin>& invisible,
                     std::vector<Uin> allowed);

  /// Contact lists from before a restart are coming back: changes wait until the end.
  void begin_restoring() { restoring_ = true; }
  /// Tells the watchers of everybody who has changed meanwhile.
  void end_restoring();

  // From other shards (or this one).
  void on_mail(bus::Watch&& mail);
  void on_mail(const bus::Unwatch& mail);
  void on_mail(bus::PresenceAnswer&& mail);
  void on_mail(const bus::Presence& mail);
  void on_mail(const bus::ConsentChanged& mail);

  /// What `watcher` may see of an online user of this shard (or of the system's account); availability offline when
  /// nothing. Oneself is seen as others see one who hides from nobody.
  [[nodiscard]] model::ContactPresence seen_by(Uin watcher, Uin target);
  /// The same as if the target had granted it.
  [[nodiscard]] model::ContactPresence seen_before_grant(Uin watcher, Uin target);
  /// Tells whether seen_by() shows a user of this shard; oneself only when not invisible.
  [[nodiscard]] bool appears_to(Uin watcher, Uin target);

 private:
  struct Sight;
  /// What a publication is about: whether somebody is seen at all, the status as well, or everything shown.
  enum class What : std::uint8_t { visibility, status, everything };
  struct ListQuery {
    model::SessionRef session;
    std::uint32_t answers_missing = 0;
    std::vector<model::ContactPresence> seen;  // when `then` takes it
    ThenSeen then;
  };
  static constexpr std::uint32_t no_query = 0xFFFFFFFF;
  /// Clients that keep 1,024 server numbers reconnect at this one.
  static constexpr std::uint32_t sequence_limit = 1000;

  [[nodiscard]] static Sight sight_of(const User& user);
  [[nodiscard]] static Sight believed_of(const User& user);
  void show_address_to(User& user, Uin contact);
  [[nodiscard]] bool shows_address(const User& target, Uin watcher) const;
  [[nodiscard]] model::ContactPresence describe(const User& target, bool with_address) const;
  void look_at(model::SessionRef session, User& user, std::vector<Uin>&& contacts, ThenSeen then = {});
  void finish_list(model::SessionRef session, User& user);
  void append_to_list(model::SessionRef session, const User& user, Uin contact);
  [[nodiscard]] bool announces_with_status(model::SessionRef session) const;
  void add_watch(Uin watcher, Uin contact, std::vector<model::ContactPresence>& seen);
  void save_privacy_list(model::SessionRef session, User& user, model::PrivacyList list,
                         std::vector<Uin>&& members, model::RequestRef request);
  bool emit_online(model::SessionRef session, const User& user, model::ContactPresence contact,
                   model::Delivery delivery);
  void publish(User& user, const Sight& before, What what);
  void announce(User& user);
  void send_change(Uin watcher, const PresenceQueue::Item& item);
  void tell(Uin watcher, const PresenceQueue::Item& item);

  ShardContext& shard_;
  Slab<ListQuery, 64> queries_;
  bool restoring_ = false;
  std::vector<Uin> changed_meanwhile_;  // while lists come back
  std::vector<std::vector<std::uint32_t>> fan_out_;  // by shard and change; kept for its memory
};

}  // namespace uhoh::service
