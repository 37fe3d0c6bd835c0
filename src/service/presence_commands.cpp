// The part of Presence that carries out what users ask: lists, states, who may see them.

#include <algorithm>
#include <utility>

#include "service/presence_sight.hpp"

namespace uhoh::service {
namespace {

using Kind = PresenceQueue::Kind;

}  // namespace

// ---- the user's own commands ---------------------------------------------------------------------------------

void Presence::watch(const model::WatchContacts& command, const model::RequestContext& context) {
  const auto session = context.session;
  auto& user = shard_.users.at(session);
  const auto* facts = shard_.port.facts(session);
  if (command.client_counts_to_1023) shard_.port.limit_sequence(session, sequence_limit);
  std::vector<Uin> contacts;
  storage::SaveList save{.uin = user.uin, .login = facts->login, .kind = storage::ListKind::contacts, .append = true};
  const auto known = shard_.graph.watched(user.uin);
  for (std::size_t i = 0; i < command.contacts.size(); ++i) {
    const auto contact = command.contacts[i];
    if (!contact.is_account() || contact == user.uin || std::ranges::find(contacts, contact) != contacts.end())
      continue;
    if (std::ranges::find(known, contact.value) == known.end()) {
      if (known.size() + save.members.size() >= shard_.options.max_contacts) {
        ++shard_.counters.contacts_refused;
        continue;
      }
      save.members.push_back(contact);
    }
    contacts.push_back(contact);
  }
  const auto request = context.request;
  if (save.members.empty()) {
    shard_.port.acknowledge(request);
    return look_at(session, user, std::move(contacts));
  }
  const bool taken = shard_.store.call(
      std::move(save), [this, session, request, contacts = std::move(contacts)](storage::Result&& result) mutable {
        if (!result) return shard_.port.drop(request);
        shard_.port.acknowledge(request);
        if (shard_.port.facts(session) != nullptr) look_at(session, shard_.users.at(session), std::move(contacts));
      });
  if (!taken) shard_.port.drop(request);
}

void Presence::look_at(model::SessionRef session, User& user, std::vector<Uin>&& contacts, ThenSeen then) {
  std::vector<bus::Watch> remote(shard_.shards);
  std::vector<model::ContactPresence> seen;
  const auto login = shard_.port.facts(session)->login;
  for (const auto contact : contacts) {
    if (contact == system_uin) {
      seen.push_back(system_presence());
      continue;
    }
    const bool fresh = shard_.graph.add_watched(user.uin, contact);
    if (shard_.is_mine(contact))
      add_watch(user.uin, contact, seen);
    else
      remote[static_cast<std::size_t>(shard_of(contact, shard_.shards))].contacts.push_back(contact);
    if (fresh) show_address_to(user, contact);
  }
  if (!then)
    for (auto& contact : seen) tell(user.uin, {.kind = Kind::online, .contact = contact});
  auto query = queries_.emplace(ListQuery{.session = session});
  auto missing = 0U;
  for (std::size_t i = 0; i < remote.size(); ++i) {
    if (remote[i].contacts.empty()) continue;
    remote[i].watcher = user.uin;
    remote[i].login = login;
    remote[i].query = query.index;
    ++missing;
    shard_.mail(static_cast<ShardId>(i), std::move(remote[i]));
  }
  if (missing > 0) {
    auto& waiting = *queries_.get(query);
    waiting.answers_missing = missing;
    if (then) waiting.seen = std::move(seen);
    waiting.then = std::move(then);
    return;
  }
  queries_.erase(query);
  if (then) return then(std::move(seen));
  finish_list(session, user);
}

void Presence::follow(model::SessionRef session, std::vector<Uin> contacts, ThenSeen then) {
  auto& user = shard_.users.at(session);
  std::erase(contacts, user.uin);
  if (contacts.size() > shard_.options.max_contacts) {
    shard_.counters.contacts_refused += contacts.size() - shard_.options.max_contacts;
    contacts.resize(shard_.options.max_contacts);
  }
  look_at(session, user, std::move(contacts), std::move(then));
}

void Presence::follow_one(model::SessionRef session, Uin contact, ThenSeen then) {
  auto& user = shard_.users.at(session);
  if (contact == user.uin) return then({seen_by(contact, contact)});
  if (shard_.graph.watched_count(user.uin) >= shard_.options.max_contacts) {
    ++shard_.counters.contacts_refused;
    return then({});
  }
  append_to_list(session, user, contact);
  look_at(session, user, {contact}, std::move(then));
}

void Presence::append_to_list(model::SessionRef session, const User& user, Uin contact) {
  shard_.store.call(storage::SaveList{.uin = user.uin,
                                      .login = shard_.port.facts(session)->login,
                                      .kind = storage::ListKind::contacts,
                                      .members = {contact},
                                      .append = true},
                    {});
}

void Presence::unwatch_one(model::SessionRef session, Uin contact) {
  auto& user = shard_.users.at(session);
  storage::SaveList left{.uin = user.uin,
                         .login = shard_.port.facts(session)->login,
                         .kind = storage::ListKind::contacts};
  bool watched = contact == system_uin;
  for (const auto number : shard_.graph.watched(user.uin)) {
    watched = watched || number == contact.value;
    if (number != contact.value) left.members.push_back(Uin{number});
  }
  if (!watched) return;
  shard_.store.call(std::move(left), {});
  shard_.graph.remove_watched(user.uin, contact);
  if (shard_.is_mine(contact))
    shard_.graph.remove_watcher(contact, user.uin);
  else
    shard_.mail(shard_of(contact, shard_.shards), bus::Unwatch{.watcher = user.uin, .contacts = {contact}});
}

/// Now that two watch each other, the contact may see the address that it could not see before.
void Presence::show_address_to(User& user, Uin contact) {
  if (user.announced && is_for_mutual(user.address_policy) &&
      shard_.graph.is_mutual(user.uin, contact) && sight_of(user).lets_see(contact))
    send_change(contact, {.kind = Kind::online, .contact = describe(user, true)});
}

void Presence::finish_list(model::SessionRef session, User& user) {
  auto& queue = user.more().presence;
  queue.push({.kind = Kind::list_processed});
  pump(session, user);
  if (!user.announced) announce(user);
}

void Presence::add_watch(Uin watcher, Uin contact, std::vector<model::ContactPresence>& seen) {
  shard_.graph.add_watcher(contact, watcher);
  auto* target = shard_.online(contact);
  if (target == nullptr) return;
  const auto session = shard_.port.find_session(contact);
  if (shard_.port.facts(session)->restored) {
    target->more().late_watchers.push_back(watcher);
    return;
  }
  if (sight_of(*target).lets_see(watcher)) seen.push_back(describe(*target, shows_address(*target, watcher)));
}

void Presence::watch_one(model::SessionRef session, Uin contact) {
  auto& user = shard_.users.at(session);
  if (contact == user.uin || shard_.graph.watched_count(user.uin) >= shard_.options.max_contacts) return;
  // On the list already: only a grant may have changed what can be seen.
  if (contact != system_uin && shard_.graph.add_watched(user.uin, contact)) show_address_to(user, contact);
  append_to_list(session, user, contact);
  show_again(session, contact);
}

void Presence::show_again(model::SessionRef session, Uin contact) {
  const auto& user = shard_.users.at(session);
  if (contact == system_uin) return tell(user.uin, {.kind = Kind::online, .contact = system_presence()});
  if (!shard_.is_mine(contact)) {
    const auto login = shard_.port.facts(session)->login;
    shard_.mail(shard_of(contact, shard_.shards),
                bus::Watch{.watcher = user.uin, .login = login, .query = no_query, .contacts = {contact}});
    return;
  }
  std::vector<model::ContactPresence> seen;
  add_watch(user.uin, contact, seen);
  for (auto& one : seen) tell(user.uin, {.kind = Kind::online, .contact = one});
}

void Presence::set_status(const model::SetStatus& command, const model::RequestContext& context) {
  const auto session = context.session;
  const auto* facts = shard_.port.facts(session);
  const auto request = context.request;
  const auto status = command.status;
  const bool taken = shard_.store.call(
      storage::SaveStatus{.uin = facts->uin, .login = facts->login, .status = status},
      [this, session, request, status](storage::Result&& result) {
        if (!result) return shard_.port.drop(request);
        shard_.port.acknowledge(request);
        if (shard_.port.facts(session) == nullptr) return;
        auto& user = shard_.users.at(session);
        shard_.port.reply(request, model::OwnStatus{user.uin, status});
        const auto before = sight_of(user);
        const bool changed = user.status != status;
        user.status = status;
        publish(user, before, changed ? What::status : What::visibility);
        if (!user.announced && announces_with_status(session)) announce(user);
      });
  if (!taken) shard_.port.drop(request);
}

void Presence::set_privacy_list(const model::SetPrivacyList& command, const model::RequestContext& context) {
  const auto session = context.session;
  auto& user = shard_.users.at(session);
  auto& extras = user.more();
  const auto which = static_cast<std::size_t>(command.list);
  const bool is_part = extras.list_part[which] != Instant{} &&
                       shard_.now.steady - extras.list_part[which] < shard_.options.list_parts;
  extras.list_part[which] = shard_.now.steady;
  std::vector<Uin> members;
  if (is_part) members = (which == 0 ? extras.visible : extras.invisible).members();
  for (std::size_t i = 0; i < command.members.size(); ++i) {
    if (members.size() >= shard_.options.max_privacy_list) {
      ++shard_.counters.contacts_refused;
      break;
    }
    if (command.members[i].is_account()) members.push_back(command.members[i]);
  }
  save_privacy_list(session, user, command.list, std::move(members), context.request);
}

void Presence::change_privacy_list(const model::ChangePrivacyList& command, const model::RequestContext& context) {
  auto& user = shard_.users.at(context.session);
  const auto& extras = user.more();
  auto members = (command.list == model::PrivacyList::visible ? extras.visible : extras.invisible).members();
  std::erase(members, command.member);
  if (command.add && command.member.is_account() && members.size() < shard_.options.max_privacy_list)
    members.push_back(command.member);
  save_privacy_list(context.session, user, command.list, std::move(members), context.request);
}

void Presence::save_privacy_list(model::SessionRef session, User& user, model::PrivacyList list,
                                 std::vector<Uin>&& members, model::RequestRef request) {
  const auto* facts = shard_.port.facts(session);
  // The list holds at once, so that parts that follow add to it; it is acknowledged when it is safe.
  UserExtras before;
  before.visible = user.more().visible;
  before.invisible = user.extras->invisible;
  before.allowed = user.extras->allowed;
  auto sight = sight_of(user);
  sight.extras = &before;
  (list == model::PrivacyList::visible ? user.extras->visible : user.extras->invisible).assign(members);
  publish(user, sight, What::visibility);
  const auto kind =
      list == model::PrivacyList::visible ? storage::ListKind::visible : storage::ListKind::invisible;
  const bool taken = shard_.store.call(
      storage::SaveList{.uin = user.uin, .login = facts->login, .kind = kind, .members = std::move(members)},
      [this, request](storage::Result&& result) {
        if (result)
          shard_.port.acknowledge(request);
        else
          shard_.port.drop(request);
      });
  if (!taken) shard_.port.drop(request);
}

}  // namespace uhoh::service
