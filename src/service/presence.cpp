#include "service/presence.hpp"

#include <algorithm>
#include <utility>

#include "service/presence_sight.hpp"
#include "service/relay.hpp"

namespace uhoh::service {
namespace {

using Kind = PresenceQueue::Kind;

constexpr unsigned changes = 3;

bus::PresenceChange change_of(Kind kind) noexcept { return static_cast<bus::PresenceChange>(kind); }
Kind kind_of(bus::PresenceChange change) noexcept { return static_cast<Kind>(change); }

model::ContactPresence unseen(Uin uin) {
  model::ContactPresence contact{.uin = uin};
  contact.status.availability = model::Availability::offline;
  return contact;
}

}  // namespace

Presence::Sight Presence::sight_of(const User& user) {
  return {.shown = user.announced,
          .invisible = user.status.invisible,
          .authorization = user.authorization,
          .extras = user.extras.get()};
}

/// What watchers believe of a user: what they were told last.
Presence::Sight Presence::believed_of(const User& user) {
  if (user.announced || !user.extras || !user.extras->replaced) return sight_of(user);
  const auto& replaced = *user.extras->replaced;
  return {.shown = true,
          .invisible = replaced.invisible,
          .authorization = replaced.authorization,
          .extras = replaced.extras.get()};
}

void Presence::set_address_policy(User& user, model::AddressPolicy policy) {
  const auto before = std::exchange(user.address_policy, policy);
  if (before == policy || !user.announced) return;
  publish(user, sight_of(user), What::everything);
  const bool is_relayed = before == model::AddressPolicy::relay || policy == model::AddressPolicy::relay;
  const auto session = shard_.port.find_session(user.uin);
  if (!is_relayed || !session) return;
  // He too is shown others at other places.
  const auto watched = shard_.graph.watched(user.uin);
  for (const auto contact : std::vector<std::uint32_t>{watched.begin(), watched.end()}) show_again(session, Uin{contact});
}

bool Presence::shows_address(const User& target, Uin watcher) const {
  switch (target.address_policy) {
    case model::AddressPolicy::everyone: return true;
    case model::AddressPolicy::relay:
    case model::AddressPolicy::mutual: return shard_.graph.is_mutual(target.uin, watcher);
    case model::AddressPolicy::nobody: return false;
  }
  return false;
}

model::ContactPresence Presence::describe(const User& target, bool with_address) const {
  model::ContactPresence contact{.uin = target.uin, .status = target.status};
  const auto* facts = shard_.port.facts(shard_.port.find_session(target.uin));
  if (with_address && facts != nullptr)
    contact.contact = {.outer = facts->peer.address,
                       .inner = target.inner_address != 0 ? IpAddress::v4(target.inner_address) : facts->peer.address,
                       .tcp_port = target.tcp_port};
  contact.contact.tcp_version = target.tcp_version;
  contact.relayed = target.address_policy == model::AddressPolicy::relay;
  if (contact.relayed) contact.contact.outer = contact.contact.inner = {};
  return contact;
}

model::ContactPresence Presence::seen_by(Uin watcher, Uin target) {
  if (target == system_uin) return system_presence();
  const auto* user = shard_.online(target);
  if (user == nullptr || (watcher != target && !sight_of(*user).lets_see(watcher))) return unseen(target);
  return describe(*user, shows_address(*user, watcher));
}

model::ContactPresence Presence::seen_before_grant(Uin watcher, Uin target) {
  if (target == system_uin) return system_presence();
  const auto* user = shard_.online(target);
  if (user == nullptr) return unseen(target);
  UserExtras granted;
  if (user->extras) {
    granted.visible = user->extras->visible;
    granted.invisible = user->extras->invisible;
  }
  granted.allowed.insert(watcher);
  auto sight = sight_of(*user);
  sight.extras = &granted;
  return sight.lets_see(watcher) ? describe(*user, false) : unseen(target);
}

bool Presence::appears_to(Uin watcher, Uin target) {
  const auto* user = shard_.online(target);
  if (user == nullptr) return false;
  return watcher == target ? user->announced && !user->status.invisible : sight_of(*user).lets_see(watcher);
}

// ---- telling others --------------------------------------------------------------------------------------------

void Presence::publish(User& user, const Sight& before, What what) {
  const auto after = sight_of(user);
  if (shard_.on_sight_changed) shard_.on_sight_changed(user);
  if (!before.shown && !after.shown) return;
  if (restoring_) return changed_meanwhile_.push_back(user.uin);
  fan_out_.resize(std::size_t{shard_.shards} * changes);
  const auto visit = [&](std::uint32_t watcher_number, bool mutual) {
    const Uin watcher{watcher_number};
    const bool saw = before.lets_see(watcher);
    const bool sees = after.lets_see(watcher);
    if (!saw && !sees) return;
    if (saw && sees && what == What::visibility) return;
    const auto kind = !sees ? Kind::offline : !saw || what == What::everything ? Kind::online : Kind::status;
    const bool address = user.address_policy == model::AddressPolicy::everyone ||
                         (is_for_mutual(user.address_policy) && mutual);
    const auto place = static_cast<std::size_t>(shard_of(watcher, shard_.shards)) * changes +
                       static_cast<std::size_t>(kind);
    fan_out_[place].push_back(watcher_number | (address ? bus::Presence::shows_address : 0));
  };
  const auto watchers = shard_.graph.watchers(user.uin);
  for (const auto watcher : watchers.mutual) visit(watcher, true);
  for (const auto watcher : watchers.others) visit(watcher, false);
  for (std::size_t place = 0; place < fan_out_.size(); ++place) {
    if (fan_out_[place].empty()) continue;
    bus::Presence mail{.change = static_cast<bus::PresenceChange>(place % changes),
                       .contact = describe(user, true),
                       .watchers = fan_out_[place]};
    fan_out_[place].clear();
    const auto to = static_cast<ShardId>(place / changes);
    if (to == shard_.self)
      on_mail(mail);
    else
      shard_.mail(to, std::move(mail));
  }
}

void Presence::end_restoring() {
  restoring_ = false;
  auto changed = std::exchange(changed_meanwhile_, {});
  std::ranges::sort(changed);
  const auto repeats = std::ranges::unique(changed);
  changed.erase(repeats.begin(), repeats.end());
  // Who was seen before the change is not known any more: whoever sees nothing now is told so.
  const Sight everybody{.shown = true};
  for (const auto uin : changed) {
    User gone{.uin = uin};
    auto* user = shard_.online(uin);
    publish(user != nullptr ? *user : gone, everybody, What::everything);
  }
}

void Presence::on_mail(const bus::Presence& mail) {
  auto hidden = mail.contact;
  hidden.contact.outer = hidden.contact.inner = {};
  hidden.contact.tcp_port = 0;
  for (const auto word : mail.watchers) {
    const bool address = (word & bus::Presence::shows_address) != 0;
    tell(Uin{word & ~bus::Presence::shows_address},
         {.kind = kind_of(mail.change), .contact = address ? mail.contact : hidden});
  }
}

void Presence::send_change(Uin watcher, const PresenceQueue::Item& item) {
  if (shard_.is_mine(watcher)) return tell(watcher, item);
  shard_.mail(shard_of(watcher, shard_.shards), bus::Presence{.change = change_of(item.kind),
                                                              .contact = item.contact,
                                                              .watchers = {watcher.value | bus::Presence::shows_address}});
}

void Presence::tell(Uin watcher, const PresenceQueue::Item& item) {
  const auto session = shard_.port.find_session(watcher);
  if (!session) return;
  auto& user = shard_.users.at(session);
  if (user.more().presence.push(item)) ++shard_.counters.presence_merged;
  pump(session, user);
}

bool Presence::emit_online(model::SessionRef session, const User& user, model::ContactPresence contact,
                           model::Delivery delivery) {
  show_through_relay(shard_, user, shard_.port.facts(session)->peer.address, contact);
  return shard_.port.emit(session, model::ContactOnline{contact}, delivery);
}

void Presence::pump(model::SessionRef session, User& user) {
  if (!user.extras || user.list_awaited) return;
  auto& queue = user.extras->presence;
  while (shard_.port.has_room(session)) {
    const auto* item = queue.next();
    if (item == nullptr) break;
    const auto contact = item->contact.uin;
    const model::Delivery delivery{contact.value};
    bool sent = false;
    switch (item->kind) {
      case Kind::online: sent = emit_online(session, user, item->contact, delivery); break;
      case Kind::status:
        sent = shard_.port.emit(session, model::ContactStatus{contact, item->contact.status}, delivery);
        break;
      case Kind::offline:
        sent = shard_.port.emit(session, model::ContactOffline{contact}, delivery);
        if (shard_.relay != nullptr) shard_.relay->take_back(user.uin, contact);
        break;
      case Kind::list_processed: sent = shard_.port.emit(session, model::ContactsProcessed{}, {}); break;
    }
    if (!sent) return;
    ++shard_.counters.presence_sent;
    queue.sent(item);
  }
  user.tidy();
}

void Presence::on_delivered(model::SessionRef session, User& user, Uin contact) {
  if (!user.extras) return;
  user.extras->presence.acknowledged(contact);
  pump(session, user);
}

// ---- sessions come and go ------------------------------------------------------------------------------------

/// Clients of QQ log in with a mode that they correct by their first status.
bool Presence::announces_with_status(model::SessionRef session) const {
  return shard_.port.facts(session)->dialect == model::DialectId::qq;
}

void Presence::list_arrived(model::SessionRef session, User& user) {
  user.list_awaited = false;
  if (!user.announced && !announces_with_status(session)) announce(user);
  pump(session, user);
}

void Presence::on_login(model::SessionRef session, User& user) {
  if (announces_with_status(session)) return;
  const auto at = shard_.now.steady + shard_.options.announce_delay;
  user.announce_at = shard_.tick_of(at);
  shard_.port.wake_at(session, at);
}

void Presence::on_timer(model::SessionRef session, User& user) {
  if (user.announce_at == 0 || user.announced) return;
  if (shard_.tick_of(shard_.now.steady) < user.announce_at) {
    shard_.port.wake_at(session, shard_.now.steady + std::chrono::milliseconds{100});
    return;
  }
  announce(user);
}

void Presence::announce(User& user) {
  const auto before = believed_of(user);
  user.announced = true;
  user.announce_at = 0;
  // Who comes back after a restart as he was is no news.
  const auto* replaced = user.extras ? user.extras->replaced.get() : nullptr;
  const bool is_news = replaced == nullptr || replaced->believed != describe(user, true);
  publish(user, before, is_news ? What::everything : What::visibility);
  if (!user.extras) return;
  user.extras->replaced.reset();
  user.tidy();
}

void Presence::on_logout(User& user) {
  const auto before = believed_of(user);
  user.announced = false;
  publish(user, before, What::visibility);
}

std::unique_ptr<UserExtras::Replaced> Presence::leave_to_successor(User& user) {
  if (!user.announced) return user.extras ? std::move(user.extras->replaced) : nullptr;
  auto believed = user.is_restored ? std::optional{describe(user, true)} : std::nullopt;
  return std::make_unique<UserExtras::Replaced>(
      UserExtras::Replaced{user.status.invisible, user.authorization, std::move(user.extras), std::move(believed)});
}

void Presence::forget_list(User& user) {
  std::vector<bus::Unwatch> remote(shard_.shards);
  const auto span = shard_.graph.watched(user.uin);
  const std::vector<std::uint32_t> contacts{span.begin(), span.end()};
  for (const auto number : contacts) {
    const Uin contact{number};
    shard_.graph.remove_watched(user.uin, contact);
    if (shard_.is_mine(contact))
      shard_.graph.remove_watcher(contact, user.uin);
    else
      remote[static_cast<std::size_t>(shard_of(contact, shard_.shards))].contacts.push_back(contact);
  }
  for (std::size_t i = 0; i < remote.size(); ++i) {
    if (remote[i].contacts.empty()) continue;
    remote[i].watcher = user.uin;
    shard_.mail(static_cast<ShardId>(i), std::move(remote[i]));
  }
}

void Presence::set_authorization(User& user, model::Authorization authorization, std::vector<Uin> allowed) {
  UserExtras before;
  before.visible = user.more().visible;
  before.invisible = user.extras->invisible;
  before.allowed = user.extras->allowed;
  auto sight = sight_of(user);
  sight.extras = &before;
  user.authorization = authorization;
  user.extras->allowed.assign(std::move(allowed));
  publish(user, sight, What::visibility);
  user.tidy();
}

void Presence::restore_lists(User& user, const std::vector<Uin>& visible, const std::vector<Uin>& invisible,
                             std::vector<Uin> allowed) {
  user.announced = true;
  if (visible.empty() && invisible.empty() && allowed.empty()) return;
  auto& extras = user.more();
  extras.visible.assign(visible);
  extras.invisible.assign(invisible);
  extras.allowed.assign(std::move(allowed));
}

void Presence::on_heard_again(User& user) {
  if (!user.extras) return;
  const auto late = std::exchange(user.extras->late_watchers, {});
  for (const auto watcher : late)
    if (sight_of(user).lets_see(watcher))
      send_change(watcher, {.kind = Kind::online, .contact = describe(user, shows_address(user, watcher))});
}

// ---- from other shards -----------------------------------------------------------------------------------------

void Presence::on_mail(bus::Watch&& mail) {
  bus::PresenceAnswer answer{.watcher = mail.watcher, .login = mail.login, .query = mail.query};
  for (const auto contact : mail.contacts) add_watch(mail.watcher, contact, answer.contacts);
  shard_.mail(shard_of(mail.watcher, shard_.shards), std::move(answer));
}

void Presence::on_mail(const bus::Unwatch& mail) {
  for (const auto contact : mail.contacts) shard_.graph.remove_watcher(contact, mail.watcher);
}

void Presence::on_mail(bus::PresenceAnswer&& mail) {
  const auto session = shard_.port.find_session(mail.watcher);
  const auto* facts = shard_.port.facts(session);
  const bool current = facts != nullptr && facts->login == mail.login;
  const auto ref = mail.query == no_query ? SlabRef{} : queries_.ref_at(mail.query);
  auto* query = queries_.get(ref);
  if (query != nullptr && query->then)
    query->seen.insert(query->seen.end(), mail.contacts.begin(), mail.contacts.end());
  else if (current)
    for (auto& contact : mail.contacts) tell(mail.watcher, {.kind = Kind::online, .contact = contact});
  if (query == nullptr || --query->answers_missing > 0) return;
  auto done = std::move(*query);
  queries_.erase(ref);
  if (done.then) return done.then(std::move(done.seen));
  if (current) finish_list(session, shard_.users.at(session));
}

void Presence::on_mail(const bus::ConsentChanged& mail) {
  auto* target = shard_.online(mail.target);
  if (target == nullptr) return;
  auto allowed = target->more().allowed.members();
  std::erase(allowed, mail.asker);
  if (mail.granted) allowed.push_back(mail.asker);
  if (target->authorization == model::Authorization::open) allowed.clear();
  set_authorization(*target, target->authorization, std::move(allowed));
}

}  // namespace uhoh::service
