#include "gateway/admin_api.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/prometheus_text.hpp"
#include "gateway/admin_json.hpp"
#include "gateway/time_text.hpp"
#include "gateway/web_services.hpp"
#include "text/fold.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;
using model::AdminError;
using model::AdminResult;

ApiResponse ok(const json::value& body) { return {.body = json::serialize(body)}; }
ApiResponse created(const json::value& body) { return {.status = 201, .body = json::serialize(body)}; }
ApiResponse done() { return {.status = 204}; }
ApiResponse invalid(std::string_view message) { return error_response(400, "invalid", message); }

ApiResponse refused(const AdminError& error) {
  switch (error.kind) {
    case AdminError::Kind::invalid: return error_response(400, "invalid", error.message);
    case AdminError::Kind::not_found: return error_response(404, "not_found", error.message);
    case AdminError::Kind::conflict: return error_response(409, "conflict", error.message);
    case AdminError::Kind::unavailable: return error_response(503, "unavailable", error.message);
    case AdminError::Kind::failed: break;
  }
  return error_response(500, "failed", error.message);
}

/// Says for the audit log what an answer was about.
ApiResponse noted(ApiResponse response, std::string what) {
  response.noted = std::move(what);
  return response;
}

ApiResponse done_or_refused(const AdminResult<void>& result) { return result ? done() : refused(result.error()); }

/// The same for what locks an account out: its browsers and programs must log in anew, too.
ApiResponse locked_out(const Call& call, Uin uin, const AdminResult<void>& result) {
  if (result && call.request.web != nullptr) {
    call.request.web->access.revoke_all(uin);
    call.request.web->end_connections(uin);
  }
  return done_or_refused(result);
}

std::optional<std::uint64_t> number_in(std::string_view text, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size() || number > max) return std::nullopt;
  return number;
}

// The number in the path; 0 (which belongs to nobody) when it is none.
Uin uin_of(const Call& call, std::string_view name = "uin") {
  return Uin{static_cast<std::uint32_t>(number_in(call.parameters.find(name)->second, 0xFFFFFFFF).value_or(0))};
}

// A number of the query; `otherwise` when it is absent, nothing when it is none.
std::optional<std::uint64_t> query_number(const Call& call, std::string_view name, std::uint64_t otherwise,
                                          std::uint64_t max) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? otherwise : number_in(found->second, max);
}

// ---- server --------------------------------------------------------------------------------------------------

ApiResponse get_health(const Call& call) {
  const auto status = call.admin.status();
  return status ? ok(json::object{{"status", "ok"}}) : refused(status.error());
}

ApiResponse get_status(const Call& call) {
  const auto status = call.admin.status();
  return status ? ok(to_json(*status)) : refused(status.error());
}

ApiResponse get_metrics(const Call& call) {
  const auto metrics = call.admin.metrics();
  if (!metrics) return refused(metrics.error());
  ApiResponse response{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  append_prometheus_text(response.body, *metrics);
  return response;
}

ApiResponse get_store_check(const Call& call) {
  const auto check = call.admin.check_store();
  return check ? ok(to_json(*check)) : refused(check.error());
}

ApiResponse post_backup(const Call& call) {
  BodyReader body{call.body, {"file"}};
  const auto file = body.text("file");
  body.require(file.has_value(), "file");
  if (!body.error().empty()) return invalid(body.error());
  const auto written = call.admin.backup(*file);
  return written ? created(json::object{{"file", *file}}) : refused(written.error());
}

ApiResponse get_routes(const Call&) {
  json::array routes;
  for (const Route& route : all_routes())
    routes.push_back(json::object{{"method", json::string_view{to_string(route.method)}},
                                  {"path", json::string_view{route.pattern}},
                                  {"role", json::string_view{to_string(route.role)}},
                                  {"meaning", json::string_view{route.meaning}}});
  return ok(json::object{{"routes", std::move(routes)}});
}

// ---- accounts ------------------------------------------------------------------------------------------------

model::BasicProfile read_profile(BodyReader& body) {
  model::BasicProfile profile;
  profile.nick = body.text("nick").value_or("");
  profile.first_name = body.text("first_name").value_or("");
  profile.last_name = body.text("last_name").value_or("");
  profile.email = body.text("email").value_or("");
  profile.authorization = body.word("authorization", authorization_words()).value_or(model::Authorization::open);
  return profile;
}

/// Whether a profile has these folded words in one of its texts.
bool mentions(const model::BasicProfile& profile, std::string_view folded) {
  for (const auto* field : {&profile.nick, &profile.first_name, &profile.last_name, &profile.email})
    if (text::fold(*field).find(folded) != std::string::npos) return true;
  return false;
}

ApiResponse get_users(const Call& call) {
  constexpr std::size_t page_size = 1'000, most_pages = 100;
  const auto first = query_number(call, "after", 0, 0xFFFFFFFF);
  const auto limit = query_number(call, "limit", 100, 10'000);
  if (!first || !limit || *limit == 0) return invalid("after and limit must be numbers, limit 1 to 10000");
  const auto find = call.query.find("find");
  const auto wanted = find == call.query.end() ? std::string{} : text::fold(find->second);
  json::array users;
  Uin after{static_cast<std::uint32_t>(*first)};
  bool more = true;
  // Who looks for words has them looked for in so many accounts, and goes on from there.
  for (std::size_t pages = 0; more && users.size() < *limit && pages < (wanted.empty() ? 1 : most_pages); ++pages) {
    const auto page = call.admin.list_accounts(after, wanted.empty() ? *limit : page_size);
    if (!page) return refused(page.error());
    more = page->more;
    for (const auto& account : page->accounts) {
      if (users.size() == *limit) {
        more = true;
        break;
      }
      after = account.uin;
      if (wanted.empty() || mentions(account.profile, wanted)) users.push_back(to_json(account));
    }
  }
  return ok(json::object{{"users", std::move(users)}, {"more", more}, {"next", more ? after.value : 0}});
}

ApiResponse post_user(const Call& call) {
  BodyReader body{call.body,
                  {"uin", "password", "nick", "first_name", "last_name", "email", "authorization", "charset", "greet",
                   "qq", "monitor"}};
  model::NewAccount account;
  account.uin = Uin{static_cast<std::uint32_t>(body.number("uin", 0xFFFFFFFF).value_or(0))};
  auto password = body.text("password");
  body.require(password.has_value(), "password");
  account.profile = read_profile(body);
  account.icq_charset = body.charset("charset").value_or(Charset::cp1252);
  account.greet = body.flag("greet").value_or(true);
  account.qq = body.flag("qq").value_or(false);
  account.monitor = body.flag("monitor").value_or(false);
  if (!body.error().empty()) return invalid(body.error());
  account.password = std::move(*password);
  const auto uin = call.admin.create_account(account);
  if (!uin) return refused(uin.error());
  return noted(created(json::object{{"uin", uin->value}}), std::to_string(uin->value));
}

ApiResponse post_user_range(const Call& call) {
  BodyReader body{call.body,
                  {"first", "count", "password", "nick", "first_name", "last_name", "email", "authorization", "charset",
                   "qq"}};
  model::NewAccountRange range;
  const auto first = body.number("first", 0xFFFFFFFF);
  const auto count = body.number("count", 0xFFFFFFFF);
  auto password = body.text("password");
  body.require(first.has_value(), "first");
  body.require(count.has_value(), "count");
  body.require(password.has_value(), "password");
  range.profile = read_profile(body);
  range.icq_charset = body.charset("charset").value_or(Charset::cp1252);
  range.qq = body.flag("qq").value_or(false);
  if (!body.error().empty()) return invalid(body.error());
  range.first = Uin{static_cast<std::uint32_t>(*first)};
  range.count = static_cast<std::uint32_t>(*count);
  range.password = std::move(*password);
  const auto made = call.admin.create_range(range);
  if (!made) return refused(made.error());
  return noted(created(json::object{{"created", made->created}, {"taken", made->taken}}),
               fmt::format("{} from {}", made->created, range.first.value));
}

ApiResponse get_user(const Call& call) {
  const auto account = call.admin.read_account(uin_of(call));
  return account ? ok(to_json(*account)) : refused(account.error());
}

ApiResponse patch_user(const Call& call) {
  BodyReader body{call.body,
                  {"nick", "first_name", "last_name", "email", "authorization", "address_policy", "charset", "qq",
                   "monitor"}};
  model::AccountChange change;
  change.nick = body.text("nick");
  change.first_name = body.text("first_name");
  change.last_name = body.text("last_name");
  change.email = body.text("email");
  change.authorization = body.word("authorization", authorization_words());
  change.address_policy = body.word("address_policy", address_policy_words());
  change.icq_charset = body.charset("charset");
  change.qq = body.flag("qq");
  change.monitor = body.flag("monitor");
  if (!body.error().empty()) return invalid(body.error());
  return done_or_refused(call.admin.change_account(uin_of(call), change));
}

ApiResponse delete_user(const Call& call) {
  return locked_out(call, uin_of(call), call.admin.delete_account(uin_of(call)));
}

ApiResponse put_password(const Call& call) {
  BodyReader body{call.body, {"password"}};
  const auto password = body.text("password");
  body.require(password.has_value(), "password");
  if (!body.error().empty()) return invalid(body.error());
  return locked_out(call, uin_of(call), call.admin.set_password(uin_of(call), *password));
}

ApiResponse put_suspension(const Call& call) {
  BodyReader body{call.body, {"until", "reason"}};
  const auto until = body.time("until");
  const auto reason = body.text("reason").value_or("");
  body.require(until.has_value(), "until");
  if (!body.error().empty()) return invalid(body.error());
  if (call.request.web != nullptr && call.request.web->access.role_of(uin_of(call)) > call.request.role)
    return error_response(403, "forbidden", "the account has a higher role than you");
  return noted(locked_out(call, uin_of(call), call.admin.suspend(uin_of(call), *until, reason)),
               fmt::format("until {}", format_time(*until)));
}

ApiResponse delete_suspension(const Call& call) { return done_or_refused(call.admin.resume(uin_of(call))); }

ApiResponse put_friend(const Call& call) {
  return done_or_refused(call.admin.add_friend(uin_of(call), uin_of(call, "contact")));
}

// ---- rooms ---------------------------------------------------------------------------------------------------

ApiResponse get_rooms(const Call& call) {
  const auto after = query_number(call, "after", 0, 0xFFFFFFFF);
  const auto limit = query_number(call, "limit", 100, 1'000);
  if (!after || !limit || *limit == 0) return invalid("after and limit must be numbers, limit 1 to 1000");
  const auto page = call.admin.list_rooms(Uin{static_cast<std::uint32_t>(*after)}, *limit);
  if (!page) return refused(page.error());
  json::array rooms;
  for (const auto& room : page->rooms) rooms.push_back(to_json(room));
  return ok(json::object{{"rooms", std::move(rooms)}, {"more", page->more}});
}

ApiResponse get_room(const Call& call) {
  const auto room = call.admin.read_room(uin_of(call, "room"));
  return room ? ok(to_json(*room)) : refused(room.error());
}

ApiResponse post_room(const Call& call) {
  BodyReader body{call.body, {"name", "notice", "description", "joining", "owner", "members"}};
  const auto name = body.text("name");
  body.require(name.has_value(), "name");
  const auto owner = body.number("owner", 0xFFFFFFFF);
  body.require(owner.has_value(), "owner");
  model::NewRoom room{.profile = {.notice = body.text("notice").value_or(""),
                                  .description = body.text("description").value_or("")},
                      .owner = Uin{static_cast<std::uint32_t>(owner.value_or(0))},
                      .members = body.numbers("members").value_or(std::vector<Uin>{})};
  room.profile.joining = body.word("joining", room_joining_words()).value_or(model::RoomJoining::ask);
  if (!body.error().empty()) return invalid(body.error());
  room.profile.name = *name;
  const auto made = call.admin.create_room(room);
  if (!made) return refused(made.error());
  json::array left_out;
  for (const auto uin : made->left_out) left_out.push_back(uin.value);
  return created(json::object{{"room", made->number.value}, {"left_out", std::move(left_out)}});
}

ApiResponse delete_room(const Call& call) { return done_or_refused(call.admin.dismiss_room(uin_of(call, "room"))); }

// ---- sessions ------------------------------------------------------------------------------------------------

ApiResponse get_sessions(const Call& call) {
  const auto after = query_number(call, "after", 0, ~std::uint64_t{0});
  const auto limit = query_number(call, "limit", 100, 10'000);
  if (!after || !limit || *limit == 0) return invalid("after and limit must be numbers, limit 1 to 10000");
  const auto page = call.admin.list_sessions(*after, *limit);
  if (!page) return refused(page.error());
  json::array sessions;
  for (const auto& session : page->sessions) sessions.push_back(to_json(session));
  return ok(json::object{{"sessions", std::move(sessions)}, {"next", page->next}});
}

ApiResponse delete_session(const Call& call) { return done_or_refused(call.admin.kick(uin_of(call))); }

ApiResponse post_broadcast(const Call& call) {
  BodyReader body{call.body, {"text"}};
  const auto text = body.text("text");
  body.require(text.has_value(), "text");
  if (!body.error().empty()) return invalid(body.error());
  const auto result = call.admin.broadcast(*text);
  return result ? ok(json::object{{"sent", result->sent}, {"missed", result->missed}}) : refused(result.error());
}

// Whoever reads what people write is written down himself.
ApiResponse get_packets(const Call& call) {
  const auto uin = query_number(call, "uin", 0, 0xFFFFFFFF);
  const auto after = query_number(call, "after", 0, ~std::uint64_t{0});
  if (!uin || !after) return invalid("uin and after must be numbers");
  model::PacketQuery query{.uin = Uin{static_cast<std::uint32_t>(*uin)}, .after = *after};
  query.with_text = call.query.contains("text");
  if (const auto address = call.query.find("address"); address != call.query.end()) {
    const auto parsed = IpAddress::parse(address->second);
    if (!parsed) return invalid(parsed.error());
    query.address = *parsed;
  }
  if (query.uin == Uin{} && query.address == IpAddress{}) return invalid("name a uin or an address");
  if (query.with_text && query.after == 0 && call.request.web != nullptr)
    call.request.web->audit.append(
        {.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
         .who = call.request.caller != nullptr ? std::to_string(call.request.caller->uin.value) : "local",
         .what = "GET /api/v1/packets",
         .detail = "looked at packets with the text of messages: " +
                   (query.uin != Uin{} ? std::to_string(query.uin.value) : query.address.to_string()),
         .status = 200});
  const auto rows = call.admin.packets(query);
  if (!rows) return refused(rows.error());
  json::array packets;
  for (const auto& row : *rows)
    packets.push_back(json::object{{"number", row.number},
                                   {"at", format_time(std::chrono::floor<std::chrono::seconds>(row.at))},
                                   {"to_client", row.to_client},
                                   {"dialect", json::string_view{dialect_word(row.dialect)}},
                                   {"peer", row.peer.to_string()},
                                   {"uin", query.uin.value},
                                   {"text", row.text}});
  return ok(json::object{{"packets", std::move(packets)}});
}

ApiResponse get_qr(const Call& call) {
  const auto rows = call.admin.list_qr();
  if (!rows) return refused(rows.error());
  json::array waiting;
  for (const auto& row : *rows) waiting.push_back(to_json(row));
  return ok(json::object{{"qr", std::move(waiting)}});
}

ApiResponse put_qr_confirmation(const Call& call) {
  BodyReader body{call.body, {"uin"}};
  const auto uin = body.number("uin", 0xFFFFFFFF);
  body.require(uin.has_value(), "uin");
  if (!body.error().empty()) return invalid(body.error());
  return done_or_refused(
      call.admin.confirm_qr(call.parameters.find("code")->second, Uin{static_cast<std::uint32_t>(*uin)}));
}

// ---- bans ----------------------------------------------------------------------------------------------------

ApiResponse get_bans(const Call& call) {
  const auto rows = call.admin.list_bans();
  if (!rows) return refused(rows.error());
  json::array bans;
  for (const auto& ban : *rows) bans.push_back(to_json(ban));
  return ok(json::object{{"bans", std::move(bans)}});
}

ApiResponse post_ban(const Call& call) {
  BodyReader body{call.body, {"cidr", "reason", "until"}};
  const auto cidr = body.text("cidr");
  body.require(cidr.has_value(), "cidr");
  model::BanRow ban{.reason = body.text("reason").value_or(""), .until = body.time("until").value_or(WallTime{})};
  if (!body.error().empty()) return invalid(body.error());
  ban.cidr = *cidr;
  const auto kept = call.admin.add_ban(ban);
  if (!kept) return refused(kept.error());
  return noted(created(json::object{{"cidr", *kept}}), *kept);
}

ApiResponse delete_ban(const Call& call) {
  return done_or_refused(call.admin.remove_ban(call.parameters.find("cidr")->second));
}

constexpr Route routes[] = {
    {Method::get, "/healthz", Role::nobody, get_health, "Whether the server answers."},
    {Method::get, "/metrics", Role::moderator, get_metrics, "All figures, in the Prometheus text format."},
    {Method::get, "/api/v1/routes", Role::nobody, get_routes, "This list."},
    {Method::get, "/api/v1/status", Role::moderator, get_status, "The server at a glance."},
    {Method::get, "/api/v1/store-check", Role::administrator, get_store_check, "Checks the store; reads all of it."},
    {Method::post, "/api/v1/backups", Role::local, post_backup, "Writes a copy of the store: {file}.",
     "file:string!"},
    {Method::get, "/api/v1/users", Role::administrator, get_users,
     "Accounts above ?after in order, at most ?limit; ?find: with these words in nick, name or e-mail."},
    {Method::post, "/api/v1/users", Role::administrator, post_user,
     "Makes an account: {uin, password, nick, first_name, last_name, email, authorization, charset, greet, qq, monitor}.",
     "password:string! uin:integer nick:string first_name:string last_name:string email:string authorization:string charset:string greet:boolean qq:boolean monitor:boolean"},
    {Method::post, "/api/v1/user-ranges", Role::local, post_user_range,
     "Makes many accounts with one password: {first, count, password, nick, ...}; \"%\" in the nick is the number.",
     "first:integer! count:integer! password:string! nick:string first_name:string last_name:string email:string authorization:string charset:string qq:boolean"},
    {Method::get, "/api/v1/users/{uin}", Role::moderator, get_user, "One account."},
    {Method::patch, "/api/v1/users/{uin}", Role::administrator, patch_user,
     "Changes {nick, first_name, last_name, email, authorization, address_policy, charset, qq, monitor}.",
     "nick:string first_name:string last_name:string email:string authorization:string address_policy:string charset:string qq:boolean monitor:boolean"},
    {Method::delete_, "/api/v1/users/{uin}", Role::administrator, delete_user, "Deletes an account."},
    {Method::put, "/api/v1/users/{uin}/password", Role::administrator, put_password, "Sets a password: {password}.",
     "password:string!"},
    {Method::put, "/api/v1/users/{uin}/suspension", Role::moderator, put_suspension,
     "Suspends an account: {until, reason}.",
     "until:string! reason:string"},
    {Method::delete_, "/api/v1/users/{uin}/suspension", Role::moderator, delete_suspension, "Ends a suspension."},
    {Method::put, "/api/v1/users/{uin}/friends/{contact}", Role::administrator, put_friend,
     "Makes the contact a friend of the account."},
    {Method::get, "/api/v1/rooms", Role::moderator, get_rooms, "Rooms above ?after in order, at most ?limit."},
    {Method::post, "/api/v1/rooms", Role::administrator, post_room,
     "Makes a room: {name, owner, members, notice, description, joining}."},
    {Method::get, "/api/v1/rooms/{room}", Role::moderator, get_room, "One room with its members."},
    {Method::delete_, "/api/v1/rooms/{room}", Role::administrator, delete_room, "Ends a room."},
    {Method::get, "/api/v1/sessions", Role::moderator, get_sessions,
     "Who is logged in; go on with ?after={next} until next is 0."},
    {Method::delete_, "/api/v1/sessions/{uin}", Role::moderator, delete_session, "Ends a session."},
    {Method::post, "/api/v1/broadcasts", Role::administrator, post_broadcast,
     "Sends a text to everybody who is logged in: {text}.",
     "text:string!"},
    {Method::get, "/api/v1/packets", Role::administrator, get_packets,
     "The packets of ?uin or ?address since ?after, decoded; ?text shows messages, which the audit log notes."},
    {Method::get, "/api/v1/qr", Role::administrator, get_qr, "Log-ins to QQ by picture that wait."},
    {Method::put, "/api/v1/qr/{code}/confirmation", Role::administrator, put_qr_confirmation,
     "Lets the client that shows a code log in.", "uin:integer!"},
    {Method::get, "/api/v1/bans", Role::moderator, get_bans, "Addresses that are shut out."},
    {Method::post, "/api/v1/bans", Role::moderator, post_ban, "Shuts out addresses: {cidr, reason, until}.",
     "cidr:string! reason:string until:string"},
    {Method::delete_, "/api/v1/bans/{cidr}", Role::moderator, delete_ban, "Lets addresses in again."},
};

}  // namespace

std::span<const Route> admin_routes() noexcept { return routes; }

}  // namespace uhoh::gateway
