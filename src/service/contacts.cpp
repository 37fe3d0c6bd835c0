#include "service/contacts.hpp"

#include <algorithm>
#include <string>

#include "service/asking.hpp"
#include "service/kept_text.hpp"

namespace uhoh::service {
namespace {

using model::FriendAddResult;

/// A request for authorisation in the form that every dialect can show: who asks, and why.
///
/// The reason goes in as it came where it does not convert, and then the names follow its charset.
storage::KeptText request_text(const model::BasicProfile& asker, const model::Text& reason) {
  const auto kept = to_kept(reason);
  std::string names;
  for (const auto* name : {&asker.nick, &asker.first_name, &asker.last_name, &asker.email})
    (names += *name) += model::field_separator;
  names += asker.authorization == model::Authorization::open ? '1' : '0';
  names += model::field_separator;
  storage::KeptText whole{.utf8 = names + kept.utf8, .original = {}};
  if (kept.original.empty()) return whole;
  text::from_utf8(kept.original_charset, names, whole.original);
  whole.original += kept.original;
  whole.original_charset = kept.original_charset;
  return whole;
}

}  // namespace

// ---- adding ----------------------------------------------------------------------------------------------------

void Contacts::add_friend(const model::AddFriend& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store(shard_, context.request, storage::AddFriendEdge{owner, command.uin, shard_.now.wall},
            [this, command, context, owner](storage::Result&& result) {
              if (auto* made = answer<storage::Befriended>(result))
                return added(command, context, owner, std::move(*made));
              shard_.port.acknowledge(context.request);
              const bool full = !result && result.error() == storage::StoreError::full;
              if (command.answer)
                shard_.port.reply(context.request, model::FriendAddAnswered{command.uin, FriendAddResult::failed});
              else if (!full)
                shard_.port.reply(context.request, model::NoSuchUser{.uin = command.uin});
              if (full)
                shard_.port.emit(context.session, model::SystemNotice{"Your list of friends is full: remove somebody "
                                                                      "before you add others."}, {});
            });
}

void Contacts::added(const model::AddFriend& command, const model::RequestContext& context, Uin owner,
                     storage::Befriended&& made) {
  const auto contact = command.uin;
  const auto reply = [this, context, contact](FriendAddResult result) {
    shard_.port.acknowledge(context.request);
    shard_.port.reply(context.request, model::FriendAddAnswered{contact, result});
  };
  if (!command.answer) {
    shard_.port.acknowledge(context.request);
  } else if (made.allowed) {
    reply(FriendAddResult::added);
  } else if (made.closed) {
    reply(FriendAddResult::closed);
  } else {
    // Whoever hides is offline here as everywhere; that the account wants to be asked is said in any case.
    sightings_.look(owner, {contact}, true, [reply](std::vector<model::ContactPresence>&& seen) {
      reply(seen.empty() ? FriendAddResult::ask_offline : FriendAddResult::ask);
    });
  }
  befriended(context, owner, contact, std::move(made));
}

/// The edge is made, or waits for consent: whom it concerns is told.
void Contacts::befriended(const model::RequestContext& context, Uin owner, Uin contact, storage::Befriended&& made) {
  if (made.notice_id != 0)
    shard_.mail(shard_of(contact, shard_.shards), bus::DeliverKept{.from = owner,
                                                                   .to = contact,
                                                                   .kind = model::MessageKind::you_were_added,
                                                                   .id = made.notice_id});
  if (!made.allowed || shard_.port.facts(context.session) == nullptr) return;
  if (made.gained) return gained(context.session, std::move(made.card));
  if (!shard_.users.at(context.session).follows_friends) presence_.watch_one(context.session, contact);
}

void Contacts::gained(model::SessionRef session, model::UserCard&& card) {
  const auto contact = card.uin;
  if (!shard_.users.at(session).follows_friends) {
    card.status.availability = model::Availability::offline;
    shard_.port.emit(session, model::FriendAdded{&card}, {});
    return presence_.watch_one(session, contact);
  }
  presence_.follow_one(session, contact,
                       [this, session, card = std::move(card)](std::vector<model::ContactPresence>&& seen) mutable {
                         card.status = seen.empty() ? model::Status{.availability = model::Availability::offline}
                                                    : seen.front().status;
                         shard_.port.emit(session, model::FriendAdded{&card}, {});
                       });
}

void Contacts::on_mail(bus::FriendGained&& mail) {
  const auto session = shard_.port.find_session(mail.owner);
  if (!session) return;
  // A list that is not followed has what its client put there: a grant adds nobody to it.
  if (shard_.users.at(session).follows_friends) return gained(session, std::move(mail.card));
  mail.card.status.availability = model::Availability::offline;
  shard_.port.emit(session, model::FriendAdded{&mail.card}, {});
}

void Contacts::on_mail(const bus::FriendLost& mail) {
  const auto session = shard_.port.find_session(mail.owner);
  if (session && shard_.users.at(session).follows_friends) presence_.unwatch_one(session, mail.contact);
}

void Contacts::refuse(const model::RequestContext& context, Uin contact, std::string_view why) {
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::SystemNotice{std::to_string(contact.value) + std::string{why}});
}

void Contacts::ask_to_add(const model::AskToAdd& command, const model::RequestContext& context) {
  const auto asker = shard_.users.at(context.session).uin;
  const auto contact = command.uin;
  ask_store(shard_, context.request,
            storage::RecordConsent{asker, contact, storage::Consent::requested, shard_.now.wall},
            [this, context, asker, contact, reason = std::string{as_chars(command.reason.bytes)},
             charset = command.reason.charset](storage::Result&& result) {
              const auto* recorded = answer<storage::Consented>(result);
              if (recorded == nullptr) {
                shard_.port.acknowledge(context.request);
                return shard_.port.reply(context.request, model::NoSuchUser{.uin = contact});
              }
              if (recorded->closed) return refuse(context, contact, " does not want to be added by anybody.");
              const auto text = request_text(recorded->asker, {as_bytes(reason), charset});
              messaging_.deliver({.from = asker,
                                  .to = contact,
                                  .kind = model::MessageKind::auth_request,
                                  .text = as_text(text)},
                                 context);
            });
}

/// First the edge: a list that is full hinders no grant.
void Contacts::grant_and_add(const model::GrantAndAdd& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store(shard_, context.request, storage::AddFriendEdge{owner, command.uin, shard_.now.wall},
            [this, context, owner, contact = command.uin](storage::Result&& result) {
              if (auto* made = answer<storage::Befriended>(result))
                befriended(context, owner, contact, std::move(*made));
              if (shard_.port.facts(context.session) == nullptr) return shard_.port.drop(context.request);
              messaging_.send({.from = owner, .to = contact, .kind = model::MessageKind::auth_granted}, context);
            });
}

/// As a refusal, but without a word to the other.
void Contacts::remove_myself(const model::RemoveMyself& command, const model::RequestContext& context) {
  const storage::RecordConsent record{.asker = command.uin,
                                      .target = shard_.users.at(context.session).uin,
                                      .consent = storage::Consent::refused,
                                      .now = shard_.now.wall};
  ask_store_once(shard_, context.request, record, [this, record, context](storage::Result&& result) {
    const auto* recorded = answer<storage::Consented>(result);
    if (recorded != nullptr) messaging_.tell_consent(record, *recorded);
    shard_.port.reply(context.request, model::FriendRemoved{record.asker, recorded != nullptr});
  });
}

// ---- the list --------------------------------------------------------------------------------------------------

void Contacts::remove_friend(const model::RemoveFriend& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store_once(shard_, context.request, storage::RemoveFriendEdge{owner, command.uin},
                 [this, context, contact = command.uin](storage::Result&& result) {
                   const auto* removed = answer<storage::Removed>(result);
                   const bool ok = removed != nullptr && removed->was_there;
                   shard_.port.reply(context.request, model::FriendRemoved{contact, ok});
                   if (ok && shard_.port.facts(context.session) != nullptr &&
                       shard_.users.at(context.session).follows_friends)
                     presence_.unwatch_one(context.session, contact);
                 });
}

void Contacts::show_friends(const model::GetFriends& command, const model::RequestContext& context) {
  if (!command.with_rooms) return show_friends_and(command, {}, context);
  const auto owner = shard_.users.at(context.session).uin;
  ask_store(shard_, context.request, storage::ReadRoomsOf{owner},
            [this, context, command](storage::Result&& result) {
              std::vector<model::RoomRow> rooms;
              if (auto* places = answer<storage::RoomPlaces>(result))
                for (auto& place : places->rooms) rooms.push_back(std::move(place.row));
              show_friends_and(command, std::move(rooms), context);
            });
}

void Contacts::show_friends_and(const model::GetFriends& command, std::vector<model::RoomRow>&& rooms,
                                const model::RequestContext& context) {
  const auto* facts = shard_.port.facts(context.session);
  if (facts == nullptr) return shard_.port.drop(context.request);
  ask_store(shard_, context.request, storage::ReadFriends{facts->uin},
            [this, context, command, owner = facts->uin, rooms = std::move(rooms)](storage::Result&& result) mutable {
              auto* list = answer<model::FriendList>(result);
              if (list == nullptr) return shard_.port.drop(context.request);
              sightings_.look_at_friends(
                  owner, std::move(*list),
                  [this, context, command, rooms = std::move(rooms)](model::FriendList&& seen) {
                    shard_.port.acknowledge(context.request);
                    shard_.port.reply(context.request,
                                      model::FriendsShown{command.query, command.position, &seen, rooms});
                  });
            });
}

void Contacts::follow_friends(model::SessionRef session, model::FriendList&& friends,
                              std::move_only_function<void(model::FriendList&&)> then) {
  auto& user = shard_.users.at(session);
  user.list_awaited = true;
  std::vector<Uin> uins;
  for (const auto& group : friends.groups)
    for (const auto& card : group.friends) uins.push_back(card.uin);
  presence_.follow(session, std::move(uins),
                   [this, self = user.uin, friends = std::move(friends),
                    then = std::move(then)](std::vector<model::ContactPresence>&& seen) mutable {
                     seen.push_back(presence_.seen_by(self, self));
                     for (auto& group : friends.groups) enter_statuses(group.friends, seen);
                     then(std::move(friends));
                   });
}

// ---- groups ----------------------------------------------------------------------------------------------------

void Contacts::add_group(const model::AddGroup& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  const auto name = to_utf8(command.name);
  ask_store_once(shard_, context.request, storage::AddGroup{owner, name},
                 [this, context, name](storage::Result&& result) {
                   const auto* made = answer<storage::GroupMade>(result);
                   shard_.port.reply(context.request, model::GroupChanged{.what = model::GroupChanged::What::added,
                                                                          .ok = made != nullptr,
                                                                          .group = made != nullptr ? made->group : std::uint8_t{},
                                                                          .name = name});
                 });
}

void Contacts::rename_group(const model::RenameGroup& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  const auto name = to_utf8(command.name);
  ask_store_once(shard_, context.request, storage::RenameGroup{owner, command.group, name, command.creates},
                 [this, context, name, group = command.group](storage::Result&& result) {
                   shard_.port.reply(context.request, model::GroupChanged{.what = model::GroupChanged::What::renamed,
                                                                          .ok = result.has_value(),
                                                                          .group = group,
                                                                          .name = name});
                 });
}

void Contacts::name_groups(const model::NameGroups& command, const model::RequestContext& context) {
  GroupNames names;
  for (const auto& one : command.groups) names.emplace_back(one.group, to_utf8(one.name));
  name_next(shard_.users.at(context.session).uin, std::move(names), context.request);
}

/// One after the other, the last first: a name that is refused is left as it was.
void Contacts::name_next(Uin owner, GroupNames names, model::RequestRef request) {
  if (names.empty()) return shard_.port.acknowledge(request);
  auto [group, name] = std::move(names.back());
  names.pop_back();
  ask_store(shard_, request, storage::RenameGroup{owner, group, std::move(name), true},
            [this, owner, names = std::move(names), request](storage::Result&&) mutable {
              name_next(owner, std::move(names), request);
            });
}

void Contacts::delete_group(const model::DeleteGroup& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store_once(shard_, context.request, storage::DeleteGroup{owner, command.group},
                 [this, context, group = command.group](storage::Result&& result) {
                   shard_.port.reply(context.request, model::GroupChanged{.what = model::GroupChanged::What::deleted,
                                                                          .ok = result.has_value(),
                                                                          .group = group});
                 });
}

void Contacts::move_friends(const model::MoveFriends& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store_once(shard_, context.request,
                 storage::MoveFriends{owner, {command.places.begin(), command.places.end()}},
                 [this, context](storage::Result&& result) {
                   shard_.port.reply(context.request, model::FriendsMoved{result.has_value()});
                 });
}

void Contacts::set_remark(const model::SetRemark& command, const model::RequestContext& context) {
  const auto owner = shard_.users.at(context.session).uin;
  ask_store_once(shard_, context.request, storage::SetRemark{owner, command.uin, to_utf8(command.remark)},
                 [this, context, contact = command.uin](storage::Result&& result) {
                   shard_.port.reply(context.request, model::RemarkSet{contact, result.has_value()});
                 });
}

}  // namespace uhoh::service
