#include "service/directory.hpp"

#include <algorithm>
#include <optional>

#include "service/asking.hpp"
#include "service/kept_text.hpp"
#include "service/relay.hpp"

namespace uhoh::service {

// ---- search and profiles ---------------------------------------------------------------------------------------

namespace {
/// A room as somebody whom one could add: its number and its name.
model::FoundUser as_found(const model::Room& room) {
  const auto authorization = [&] {
    switch (room.profile.joining) {
      case model::RoomJoining::open: return model::Authorization::open;
      case model::RoomJoining::ask: return model::Authorization::required;
      case model::RoomJoining::closed: break;
    }
    return model::Authorization::closed;
  }();
  return {room.number, {.nick = room.profile.name, .authorization = authorization}};
}

/// Who has a number: an account or a room.
storage::Request read_number(Uin number) {
  if (model::is_room(number)) return storage::ReadRoom{number};
  return storage::ReadBasic{number};
}

std::optional<model::FoundUser> found_in(storage::Result& result) {
  if (auto* user = answer<model::FoundUser>(result)) return std::move(*user);
  if (const auto* room = answer<model::Room>(result)) return as_found(*room);
  return std::nullopt;
}
}  // namespace

void Directory::find_by_number(const model::FindByNumber& command, const model::RequestContext& context) {
  ask_store_once(shard_, context.request, read_number(command.uin),
      [this, context, query = command.query](storage::Result&& result) {
        storage::Found found;
        if (auto user = found_in(result)) found.users.push_back(std::move(*user));
        send_results(context, query, found);
      });
}

void Directory::find_by_details(const model::FindByDetails& command, const model::RequestContext& context) {
  storage::Search search{.nick = to_utf8(command.nick),
                         .first_name = to_utf8(command.first_name),
                         .last_name = to_utf8(command.last_name),
                         .email = to_utf8(command.email)};
  const auto query = command.query;
  if (search.nick.empty() && search.first_name.empty() && search.last_name.empty() && search.email.empty()) {
    shard_.port.acknowledge(context.request);
    return send_results(context, query, {});
  }
  ask_store_once(shard_, context.request, std::move(search), [this, context, query](storage::Result&& result) {
    auto* found = answer<storage::Found>(result);
    send_results(context, query, found != nullptr ? *found : storage::Found{});
  });
}

void Directory::send_results(const model::RequestContext& context, std::uint16_t query,
                             const storage::Found& found) {
  for (const auto& user : found.users)
    if (!shard_.port.emit(context.session, model::UserFound{query, &user}, {})) return;
  shard_.port.reply(context.request, model::SearchEnd{query, found.more});
}

void Directory::show_basic(const model::GetBasicProfile& command, const model::RequestContext& context) {
  ask_store_once(shard_, context.request, read_number(command.uin),
      [this, context, query = command.query, uin = command.uin](storage::Result&& result) {
        if (const auto user = found_in(result))
          return shard_.port.reply(context.request, model::BasicProfileShown{query, &*user});
        shard_.port.reply(context.request, model::NoSuchUser{query, uin});
      });
}

void Directory::show_extended(const model::GetExtendedProfile& command, const model::RequestContext& context) {
  ask_store_once(shard_, context.request, storage::ReadExtended{command.uin},
      [this, context, query = command.query, uin = command.uin](storage::Result&& result) {
        const auto* read = answer<storage::ExtendedRead>(result);
        if (read == nullptr) return shard_.port.reply(context.request, model::NoSuchUser{query, uin});
        if (!read->profile) return shard_.port.reply(context.request, model::NoExtendedProfile{query, uin});
        shard_.port.reply(context.request, model::ExtendedProfileShown{query, uin, &*read->profile});
      });
}

void Directory::report(const model::RequestContext& context, model::UpdateForm form, std::uint16_t query,
                       const storage::Result& result) {
  shard_.port.reply(context.request, model::ProfileUpdated{query, form, result.has_value()});
}

void Directory::update_basic(const model::UpdateBasicProfile& command, const model::RequestContext& context) {
  const auto uin = shard_.users.at(context.session).uin;
  storage::UpdateBasic update{.uin = uin,
                              .profile = {.nick = to_utf8(command.nick),
                                          .first_name = to_utf8(command.first_name),
                                          .last_name = to_utf8(command.last_name),
                                          .email = to_utf8(command.email),
                                          .authorization = command.authorization},
                              .keep_authorization = command.keep_authorization,
                              .keep_closed = true};
  ask_store_once(shard_, context.request, std::move(update),
      [this, context, form = command.form, query = command.query, keep = command.keep_authorization,
       authorization = command.authorization](storage::Result&& result) {
        report(context, form, query, result);
        if (result && !keep) weaken_no_closed(context.session, authorization);
      });
}

void Directory::update_extended(const model::UpdateExtendedProfile& command, const model::RequestContext& context) {
  const auto uin = shard_.users.at(context.session).uin;
  storage::UpdateExtended update{.uin = uin,
                                 .profile = {.city = to_utf8(command.city),
                                             .country = command.country,
                                             .state = to_utf8(command.state),
                                             .age = command.age,
                                             .sex = command.sex,
                                             .phone = to_utf8(command.phone),
                                             .homepage = to_utf8(command.homepage),
                                             .about = to_utf8(command.about)}};
  ask_store_once(shard_, context.request, std::move(update), [this, context, query = command.query](storage::Result&& result) {
    report(context, model::UpdateForm::update_extended, query, result);
  });
}

void Directory::set_authorization(const model::SetAuthorization& command, const model::RequestContext& context) {
  const auto uin = shard_.users.at(context.session).uin;
  ask_store_once(shard_, context.request, storage::UpdateAuthorization{uin, command.authorization, true},
      [this, context, command](storage::Result&& result) {
        report(context, model::UpdateForm::authorization, command.query, result);
        if (result) weaken_no_closed(context.session, command.authorization);
      });
}

/// Clients that send these commands know nothing stricter than `required`.
void Directory::weaken_no_closed(model::SessionRef session, model::Authorization authorization) {
  if (shard_.port.facts(session) == nullptr) return;
  const bool stays = authorization == model::Authorization::required &&
                     shard_.users.at(session).authorization == model::Authorization::closed;
  if (!stays) change_authorization(session, authorization);
}

void Directory::change_authorization(model::SessionRef session, model::Authorization authorization) {
  if (shard_.port.facts(session) == nullptr) return;
  auto& user = shard_.users.at(session);
  const auto change = ++user.authorization_changes;
  if (authorization == model::Authorization::open) return presence_.set_authorization(user, authorization, {});
  const auto apply = [this, session, authorization, change](storage::Result&& result) {
    if (shard_.port.facts(session) == nullptr) return;
    auto& still = shard_.users.at(session);
    if (still.authorization_changes != change) return;
    // When the store cannot say who was granted, nobody sees the account.
    auto* allowed = answer<storage::Uins>(result);
    presence_.set_authorization(still, authorization,
                                allowed != nullptr ? std::move(allowed->members) : std::vector<Uin>{});
  };
  if (!shard_.store.call(storage::ReadWatchersAllowed{user.uin}, apply))
    presence_.set_authorization(user, authorization, {});
}

// ---- random, servers -------------------------------------------------------------------------------------------

void Directory::set_random_group(const model::SetRandomGroup& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  auto& user = shard_.users.at(context.session);
  on_session_end(user);
  if (command.group == 0 || command.group >= random_groups) return;
  user.random_group = static_cast<std::uint8_t>(command.group);
  groups_[command.group].push_back(user.uin);
}

void Directory::on_session_end(User& user) {
  if (user.random_group == 0) return;
  std::erase(groups_[user.random_group], user.uin);
  user.random_group = 0;
}

void Directory::find_random(const model::FindRandom& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  on_mail(bus::FindRandom{.origin = shard_.self,
                          .asker = context.session,
                          .asker_uin = shard_.users.at(context.session).uin,
                          .group = command.group,
                          .shards_left = shard_.shards});
}

void Directory::on_mail(bus::FindRandom mail) {
  bus::RandomFound found{.asker = mail.asker};
  if (mail.group > 0 && mail.group < random_groups && !groups_[mail.group].empty()) {
    const auto& group = groups_[mail.group];
    const auto first = shard_.rng.below(group.size());
    for (std::size_t i = 0; i < group.size() && found.contact.uin == Uin{}; ++i) {
      const auto candidate = group[(first + i) % group.size()];
      if (candidate == mail.asker_uin) continue;
      const auto seen = presence_.seen_by(mail.asker_uin, candidate);
      if (seen.status.availability != model::Availability::offline) found.contact = seen;
    }
  }
  if (found.contact.uin == Uin{} && --mail.shards_left > 0) {
    const auto next = (static_cast<unsigned>(shard_.self) + 1) % shard_.shards;
    return shard_.mail(static_cast<ShardId>(next), mail);
  }
  if (mail.origin == shard_.self) return on_mail(found);
  shard_.mail(mail.origin, found);
}

void Directory::on_mail(const bus::RandomFound& mail) {
  const auto* facts = shard_.port.facts(mail.asker);
  if (facts == nullptr) return;
  auto contact = mail.contact;
  show_through_relay(shard_, shard_.users.at(mail.asker), facts->peer.address, contact);
  shard_.port.emit(mail.asker, model::RandomUser{contact}, {});
}

void Directory::query(const model::QueryDirectory& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  if (command.add_ons) return;  // there are none
  std::uint32_t number = 0;
  for (const auto& server : shard_.options.servers)
    shard_.port.reply(context.request, model::DirectoryEntry{.number = ++number,
                                                             .name = server.name,
                                                             .address = server.address,
                                                             .port = server.port});
}

}  // namespace uhoh::service
