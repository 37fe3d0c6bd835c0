#include "dialect/web/operations.hpp"

#include <array>

#include "dialect/web/operation_members.hpp"
#include "dialect/web/room_operations.hpp"
#include "model/profile_names.hpp"

namespace uhoh::web {
namespace {

using Result = OperationResult;

constexpr std::size_t longest_text = 4000;

model::Status status_in(Members& m) {
  return {.availability = m.word("status", availability_words, model::Availability::online),
          .invisible = m.flag("invisible")};
}

/// Joins texts as messages with several fields have them.
model::Text joined(const OperationInput& in, std::initializer_list<model::Text> parts) {
  auto& room = in.scratch.bytes;
  const auto begin = room.size();
  bool first = true;
  for (const auto& part : parts) {
    if (!first) room.push_back(static_cast<std::uint8_t>(model::field_separator));
    first = false;
    room.insert(room.end(), part.bytes.begin(), part.bytes.end());
  }
  return {Bytes{room}.subspan(begin), Charset::utf8};
}

Result log_in(const OperationInput& in) {
  Members m{in};
  model::LogIn c{.uin = m.uin("uin"), .status = status_in(m), .proven = true, .wants_friends = true, .pushes_stored = true};
  return checked(m, c);
}

Result send(const OperationInput& in) {
  Members m{in};
  model::Message message{.from = in.uin, .to = m.addressee("to"), .kind = m.word("kind", kind_words, model::MessageKind::text)};
  const auto text = m.text("text", longest_text);
  if (model::is_room(message.to)) {
    if (message.kind != model::MessageKind::text || text.empty()) return bad_value();
    return checked(m, model::RoomCommand{model::SendToRoom{message.to, text}});
  }
  switch (message.kind) {
    case model::MessageKind::text:
    case model::MessageKind::chat_request:
    case model::MessageKind::auth_refused:
    case model::MessageKind::auth_granted: message.text = text; break;
    case model::MessageKind::url: message.text = joined(in, {text, m.text("url")}); break;
    case model::MessageKind::auth_request: {
      const auto nick = m.text("nick");
      message.text = joined(in, {nick, m.text("first_name"), m.text("last_name"), m.text("email"),
                                 model::Text::utf8("1"), text});
      break;
    }
    default: return bad_value();
  }
  if (message.kind == model::MessageKind::text && text.empty()) return bad_value();
  return checked(m, model::SendMessage{message});
}

Result set_status(const OperationInput& in) {
  Members m{in};
  const model::SetStatus c{status_in(m)};
  return checked(m, c);
}

Result watch(const OperationInput& in) {
  Members m{in};
  const model::WatchContacts c{.contacts = m.uins("contacts")};
  return checked(m, c);
}

Result privacy(const OperationInput& in) {
  Members m{in};
  const model::SetPrivacyList c{m.word("list", privacy_words, model::PrivacyList::visible), m.uins("members")};
  return checked(m, c);
}

Result change_privacy(const OperationInput& in) {
  Members m{in};
  const model::ChangePrivacyList c{m.word("list", privacy_words, model::PrivacyList::invisible), m.uin("uin"),
                                   m.flag("add", true)};
  return checked(m, c);
}

Result find(const OperationInput& in) {
  Members m{in};
  if (in.body["uin"]) {
    const model::FindByNumber c{m.query(), m.uin("uin")};
    return checked(m, c);
  }
  const model::FindByDetails c{m.query(), m.text("nick"), m.text("first_name"), m.text("last_name"), m.text("email")};
  return checked(m, c);
}

Result search(const OperationInput& in) {
  Members m{in};
  auto& condition = in.scratch.search;
  condition.nodes.clear();
  condition.values.clear();
  condition.limit = static_cast<std::uint32_t>(m.number("limit", model::SearchCondition::max_results,
                                                        model::SearchCondition::max_results));
  if (condition.limit == 0) return bad_value();
  std::size_t count = 0;
  for (JsonElements each{in.body["where"]}; each.next();) ++count;
  if (count > 32) return bad_value();
  if (count > 1)
    condition.nodes.push_back({.operation = model::SearchOperator::all_of,
                               .subtree = static_cast<std::uint16_t>(count + 1)});
  for (JsonElements each{in.body["where"]}; each.next();) {
    const JsonObject row{each.value().raw};
    const auto field = value_of(search_field_words, row["field"].raw);
    const auto operation = value_of(search_operator_words, row["is"].raw);
    if (!row.valid() || !field || !operation) return bad_value();
    model::SearchNode node{.operation = *operation,
                           .field = *field,
                           .first_value = static_cast<std::uint16_t>(condition.values.size())};
    const auto add = [&](const JsonValue& value) {
      if (model::holds_text(*field)) {
        const auto text = text_of(value, in.scratch.bytes);
        if (!text || text->size() > longest_field) return false;
        condition.values.push_back({.text = std::string{*text}});
        return true;
      }
      const auto number = value.unsigned_number(0xFFFFFFFF);
      if (number) condition.values.push_back({.number = static_cast<std::uint32_t>(*number)});
      return number.has_value();
    };
    const auto value = row["value"];
    if (value.kind == JsonValue::Kind::array) {
      for (JsonElements values{value}; values.next();)
        if (condition.values.size() >= model::SearchCondition::max_values || !add(values.value())) return bad_value();
    } else if (!add(value)) {
      return bad_value();
    }
    node.value_count = static_cast<std::uint16_t>(condition.values.size() - node.first_value);
    const bool wants_two = *operation == model::SearchOperator::between;
    const bool wants_many = *operation == model::SearchOperator::one_of;
    if (node.value_count == 0 || (!wants_many && node.value_count != (wants_two ? 2 : 1)) ||
        (*operation == model::SearchOperator::like && !model::holds_text(*field)))
      return bad_value();
    condition.nodes.push_back(node);
  }
  return checked(m, model::SearchUsers{m.wide_query(), &condition});
}

Result browse(const OperationInput& in) {
  Members m{in};
  const model::BrowseOnline c{m.wide_query(), Uin{static_cast<std::uint32_t>(m.number("start", 0xFFFFFFFF))},
                              m.flag("upwards", true), static_cast<std::uint16_t>(m.number("count", 50, 25))};
  return checked(m, c);
}

Result basic(const OperationInput& in) {
  Members m{in};
  const model::GetBasicProfile c{m.query(), m.uin("uin")};
  return checked(m, c);
}

Result extended(const OperationInput& in) {
  Members m{in};
  const model::GetExtendedProfile c{m.query(), m.uin("uin")};
  return checked(m, c);
}

Result profile(const OperationInput& in) {
  Members m{in};
  const model::GetProfile c{m.wide_query(), m.uin("uin")};
  return checked(m, c);
}

Result update_basic(const OperationInput& in) {
  Members m{in};
  const model::UpdateBasicProfile c{.query = m.query(),
                                    .nick = m.text("nick"),
                                    .first_name = m.text("first_name"),
                                    .last_name = m.text("last_name"),
                                    .email = m.text("email"),
                                    .authorization = m.word("authorization", authorization_words, model::Authorization::open),
                                    .keep_authorization = !in.body["authorization"]};
  return checked(m, c);
}

Result update_extended(const OperationInput& in) {
  Members m{in};
  constexpr std::uint16_t none = model::ExtendedProfile::not_entered;
  const model::UpdateExtendedProfile c{.query = m.query(),
                                       .city = m.text("city"),
                                       .state = m.text("state"),
                                       .phone = m.text("phone"),
                                       .homepage = m.text("homepage"),
                                       .about = m.text("about"),
                                       .country = static_cast<std::uint16_t>(m.number("country", none, none)),
                                       .age = static_cast<std::uint16_t>(m.number("age", none, none)),
                                       .sex = static_cast<model::Sex>(m.number("sex", 2))};
  return checked(m, c);
}

Result update_profile(const OperationInput& in) {
  Members m{in};
  auto& changes = in.scratch.changes;
  changes.clear();
  const JsonObject fields{in.body["fields"].raw};
  if (!fields.valid()) return bad_value();
  for (std::size_t i = 0; i < model::profile_field_count; ++i) {
    const auto value = fields[model::profile_field_names[i]];
    if (value.kind == JsonValue::Kind::absent) continue;
    const auto text = text_of(value, in.scratch.bytes);
    if (!text || text->size() > longest_field) return bad_value();
    changes.push_back({static_cast<model::ProfileField>(i), model::Text::utf8(*text)});
  }
  return checked(m, model::UpdateProfile{.query = m.query(), .changes = changes});
}

Result authorization(const OperationInput& in) {
  Members m{in};
  const model::SetAuthorization c{m.query(), m.word("authorization", authorization_words, model::Authorization::open)};
  return checked(m, c);
}

Result add_friend(const OperationInput& in) {
  Members m{in};
  const model::AddFriend c{.uin = m.uin("uin"), .answer = true};
  return checked(m, c);
}

Result ask_to_add(const OperationInput& in) {
  Members m{in};
  const model::AskToAdd c{m.uin("uin"), m.text("reason")};
  return checked(m, c);
}

Result remove_friend(const OperationInput& in) {
  Members m{in};
  const model::RemoveFriend c{m.uin("uin")};
  return checked(m, c);
}

Result friends(const OperationInput& in) {
  Members m{in};
  const model::GetFriends c{.query = m.wide_query()};
  return checked(m, c);
}

Result add_group(const OperationInput& in) {
  Members m{in};
  const model::AddGroup c{m.text("name")};
  return checked(m, c);
}

Result rename_group(const OperationInput& in) {
  Members m{in};
  const model::RenameGroup c{.group = static_cast<std::uint8_t>(m.number("group", 255)), .name = m.text("name")};
  return checked(m, c);
}

Result delete_group(const OperationInput& in) {
  Members m{in};
  const model::DeleteGroup c{static_cast<std::uint8_t>(m.number("group", 255))};
  return checked(m, c);
}

Result move_friends(const OperationInput& in) {
  Members m{in};
  auto& places = in.scratch.places;
  places.clear();
  const auto group = static_cast<std::uint8_t>(m.number("group", 255));
  const auto members = m.uins("members");
  for (std::size_t i = 0; i < members.size(); ++i) places.push_back({members[i], group});
  return checked(m, model::MoveFriends{places});
}

Result send_to_group(const OperationInput& in) {
  Members m{in};
  const model::SendToGroup c{static_cast<std::uint32_t>(m.number("group", 0xFFFFFFFF)), m.text("text", longest_text)};
  return checked(m, c);
}

Result offer_file(const OperationInput& in) {
  Members m{in};
  const model::OfferFile c{m.uin("to"), m.text("name", 200), static_cast<std::uint32_t>(m.number("bytes", 0xFFFFFFFF))};
  return checked(m, c);
}

Result answer_file(const OperationInput& in) {
  Members m{in};
  const model::AnswerFile c{m.uin("from"), m.flag("allow")};
  return checked(m, c);
}

Result send_file_part(const OperationInput& in) {
  Members m{in};
  const model::SendFilePart c{m.uin("to"), m.bytes("part")};
  return checked(m, c);
}

Result change_password(const OperationInput& in) {
  Members m{in};
  const auto password = m.text("password", 128);
  if (password.empty()) return bad_value();
  return checked(m, model::ChangePassword{m.query(), password.bytes});
}

Result random_group(const OperationInput& in) {
  Members m{in};
  const model::SetRandomGroup c{static_cast<std::uint32_t>(m.number("group", 255))};
  return checked(m, c);
}

Result find_random(const OperationInput& in) {
  Members m{in};
  const model::FindRandom c{static_cast<std::uint32_t>(m.number("group", 255))};
  return checked(m, c);
}

Result fetch_stored(const OperationInput&) { return model::FetchStored{}; }
Result log_off(const OperationInput&) { return model::LogOff{}; }
Result keep_alive(const OperationInput&) { return model::KeepAlive{}; }
Result ping(const OperationInput&) { return model::Ping{}; }

constexpr Operation rows[] = {
    {"login", 1, 10, false, log_in, "uin, status, invisible", "The gateway's own: opens the session of an account."},
    {"send", 2, 3, true, send, "to, kind, text, url, nick, first_name, last_name, email",
     "Sends a message; kinds text, url, chat_request, auth_request, auth_granted, auth_refused."},
    {"status", 3, 2, false, set_status, "status, invisible", "Sets the own presence."},
    {"watch", 4, 5, false, watch, "contacts", "Adds to the numbers whose presence is told."},
    {"privacy", 5, 5, false, privacy, "list, members", "Replaces the visible or the invisible list."},
    {"change_privacy", 6, 2, false, change_privacy, "list, uin, add", "Puts a number on such a list or takes it off."},
    {"find", 7, 5, false, find, "uin | nick, first_name, last_name, email", "Looks somebody up."},
    {"search", 8, 10, false, search, "where: [{field, is, value}], limit", "Searches; every condition must hold."},
    {"browse", 9, 5, false, browse, "start, upwards, count", "Asks who is online."},
    {"basic", 10, 3, false, basic, "uin", "Asks for a basic profile."},
    {"extended", 11, 3, false, extended, "uin", "Asks for an extended profile."},
    {"profile", 12, 3, false, profile, "uin", "Asks for a whole profile."},
    {"update_basic", 13, 5, false, update_basic, "nick, first_name, last_name, email, authorization",
     "Replaces the own basic profile."},
    {"update_extended", 14, 5, false, update_extended, "city, state, phone, homepage, about, country, age, sex",
     "Replaces the own extended profile."},
    {"update_profile", 15, 5, false, update_profile, "fields", "Changes the named fields of the own profile."},
    {"authorization", 16, 5, false, authorization, "authorization", "Sets who may add the user."},
    {"add_friend", 17, 5, false, add_friend, "uin", "Puts somebody on the own list."},
    {"ask_to_add", 18, 5, false, ask_to_add, "uin, reason", "Asks somebody for the permission to be added."},
    {"remove_friend", 19, 3, false, remove_friend, "uin", "Takes somebody off the own list."},
    {"friends", 20, 5, false, friends, "", "Asks for the own list in its groups."},
    {"add_group", 21, 3, false, add_group, "name", "Makes a group of friends."},
    {"rename_group", 22, 3, false, rename_group, "group, name", "Renames one."},
    {"delete_group", 23, 3, false, delete_group, "group", "Deletes one; its friends go to group 1."},
    {"move_friends", 24, 3, false, move_friends, "group, members", "Moves friends into a group."},
    {"send_to_group", 25, 10, false, send_to_group, "group, text", "Sends a text to every friend of a group."},
    {"offer_file", 26, 5, false, offer_file, "to, name, bytes", "Offers a file through the server."},
    {"answer_file", 27, 3, false, answer_file, "from, allow", "Accepts or declines an offer, or ends a transfer."},
    {"file_part", 28, 3, false, send_file_part, "to, part", "The next piece of an accepted file, in base64."},
    {"password", 29, 20, false, change_password, "password", "Replaces the password."},
    {"random_group", 30, 1, false, random_group, "group", "Joins a group of those who want to be found; 0 leaves."},
    {"find_random", 31, 3, false, find_random, "group", "Asks for a random member of such a group."},
    {"fetch_stored", 32, 3, false, fetch_stored, "", "Asks for the messages kept meanwhile."},
    {"log_off", 33, 1, false, log_off, "", "Ends the session."},
    {"keep_alive", 34, 1, false, keep_alive, "", "Says that the client is there."},
    {"ping", 35, 1, false, ping, "", "Asks for a sign of life after everything before it is done."},
    {"create_room", 36, 10, false, create_room, "name, notice, description, category, joining, members",
     "Makes a room."},
    {"change_room", 37, 5, false, change_room, "room, name, notice, description, category, joining",
     "Changes a room that the user runs."},
    {"room_members_change", 38, 5, false, change_room_members, "room, members, add",
     "Adds members to a room that the user runs, or takes them out."},
    {"room_role", 39, 5, false, set_room_role, "room, uin, administrator",
     "Makes a member of the own room an administrator, or no longer."},
    {"room", 40, 3, false, show_room, "room", "Asks for a room."},
    {"room_members", 41, 5, false, show_room_members, "room, members", "Asks who members of a room are."},
    {"rooms", 42, 3, false, show_rooms, "", "Asks for the rooms that the user is in."},
    {"join_room", 43, 3, false, join_room, "room", "Joins a room."},
    {"ask_room", 44, 3, false, ask_to_join_room, "room, reason", "Asks those who run a room to be let in."},
    {"answer_room", 45, 3, false, answer_room, "room, uin, grant, reason", "Lets somebody in who asked, or not."},
    {"leave_room", 46, 3, false, leave_room, "room", "Leaves a room."},
    {"dismiss_room", 47, 3, false, dismiss_room, "room", "Ends a room of one's own."},
};

}  // namespace

std::span<const Operation> operations() noexcept { return rows; }

const Operation* find_operation(std::string_view name) noexcept {
  for (const auto& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace uhoh::web
