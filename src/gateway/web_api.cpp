#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "gateway/admin_api.hpp"
#include "gateway/admin_json.hpp"
#include "gateway/qr_api.hpp"
#include "gateway/time_text.hpp"
#include "gateway/web_services.hpp"
#include "text/charset.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t shortest_password = 6;
constexpr std::size_t longest_password = 128;
/// What tells an account that waits for approval from one that was suspended.
constexpr std::string_view waiting_for_approval = "waiting for approval";
constexpr auto approval_wait = std::chrono::days{365 * 50};

ApiResponse ok(const json::value& body) { return {.body = json::serialize(body)}; }
ApiResponse created(const json::value& body) { return {.status = 201, .body = json::serialize(body)}; }
ApiResponse invalid(std::string_view message) { return error_response(400, "invalid", message); }
ApiResponse no_server() { return error_response(503, "unavailable", "no server runs on this data directory"); }
ApiResponse not_written() { return error_response(503, "unavailable", "this could not be written; is the disk full?"); }

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

Uin number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && stop == text.data() + text.size() ? Uin{number} : Uin{};
}

std::string cookie_of(std::string_view secret, bool secure, std::chrono::seconds life) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", session_cookie, secret, life.count(),
                     secure ? "; Secure" : "");
}

json::object describe(const Caller& caller) {
  return {{"uin", caller.uin.value}, {"role", view(to_string(caller.role))}, {"csrf", view(caller.csrf)}};
}

// ---- log-in --------------------------------------------------------------------------------------------------

ApiResponse begin_session(const Call& call, Uin uin) {
  auto& web = *call.request.web;
  const auto issued = web.access.begin_session(uin);
  if (!issued) return not_written();
  auto response = ok(describe(issued->caller));
  response.cookie = cookie_of(issued->secret, call.request.secure, std::chrono::days{30});
  return response;
}

ApiResponse post_login(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  BodyReader body{call.body, {"uin", "password"}};
  const Uin uin{static_cast<std::uint32_t>(body.number("uin", 0xFFFFFFFF).value_or(0))};
  auto password = body.text("password");
  body.require(password.has_value(), "password");
  if (!body.error().empty()) return invalid(body.error());
  switch (call.request.web->shards.check_password(uin, std::move(*password), call.request.peer)) {
    case PasswordAnswer::right: break;
    case PasswordAnswer::wrong:
      call.request.web->feed.publish({.event = "login.refused", .uin = uin, .detail = call.request.peer.address.to_string()});
      return error_response(401, "wrong_password", "the number or the password is wrong");
    case PasswordAnswer::put_off:
      return error_response(429, "try_later", "too many attempts, or too much to do: try again in a while");
  }
  const auto account = call.admin.read_account(uin);
  if (account && account->suspended_until > std::chrono::system_clock::now()) {
    if (account->suspended_reason == waiting_for_approval)
      return error_response(403, "waiting", "the account waits for an administrator's approval");
    return error_response(403, "suspended", fmt::format("the account is suspended until {}: {}",
                                                        format_time(account->suspended_until), account->suspended_reason));
  }
  return begin_session(call, uin);
}

ApiResponse post_logout(const Call& call) {
  if (call.request.caller != nullptr && call.request.web != nullptr)
    call.request.web->access.revoke(call.request.caller->id, Uin{});
  ApiResponse response{.status = 204};
  response.cookie = cookie_of("", call.request.secure, std::chrono::seconds{0});
  return response;
}

ApiResponse get_me(const Call& call) {
  if (call.request.caller == nullptr) return ok(json::object{{"uin", 0}, {"role", view(to_string(call.request.role))}});
  auto who = describe(*call.request.caller);
  if (const auto account = call.admin.read_account(call.request.caller->uin)) {
    who["charset"] = view(text::name_of(account->icq_charset));
    who["address_policy"] = view(word_of(address_policy_words(), account->address_policy));
    who["qq"] = account->qq;
  }
  return ok(who);
}

ApiResponse patch_me(const Call& call) {
  if (call.request.caller == nullptr || call.request.caller->uin == Uin{}) return invalid("this caller has no account");
  BodyReader body{call.body, {"charset", "address_policy"}};
  model::AccountChange change;
  change.icq_charset = body.charset("charset");
  change.address_policy = body.word("address_policy", address_policy_words());
  if (!body.error().empty()) return invalid(body.error());
  const auto changed = call.admin.change_account(call.request.caller->uin, change);
  return changed ? ApiResponse{.status = 204} : error_response(503, "unavailable", changed.error().message);
}

// ---- registration --------------------------------------------------------------------------------------------

/// Numbers that nobody has: short ones first, spread so that two who look at once see different ones.
json::array offered_numbers(const Call& call) {
  json::array numbers;
  auto seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  constexpr std::uint32_t ranges[][2] = {{20'000, 99'999}, {100'000, 999'999}, {100'000, 999'999},
                                         {1'000'000, 9'999'999}, {1'000'000, 9'999'999}, {10'000'000, 99'999'999}};
  for (const auto& [low, high] : ranges) {
    for (unsigned attempt = 0; attempt < 8; ++attempt) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      const auto number = low + static_cast<std::uint32_t>((seed >> 33) % (high - low + 1));
      const auto account = call.admin.read_account(Uin{number});
      if (account || account.error().kind != model::AdminError::Kind::not_found) continue;
      numbers.push_back(number);
      break;
    }
  }
  return numbers;
}

ApiResponse get_registration(const Call& call) {
  const auto mode = call.admin.registration_mode();
  if (!mode) return error_response(503, "unavailable", mode.error().message);
  json::object answer{{"mode", view(*mode)}};
  if (*mode != "closed") answer["numbers"] = offered_numbers(call);
  return ok(answer);
}

ApiResponse put_registration(const Call& call) {
  BodyReader body{call.body, {"mode"}};
  const auto mode = body.text("mode");
  body.require(mode.has_value(), "mode");
  if (!body.error().empty()) return invalid(body.error());
  const auto set = call.admin.set_registration_mode(*mode);
  if (!set && set.error().kind == model::AdminError::Kind::unavailable)
    return error_response(503, "unavailable", set.error().message);
  return set ? ApiResponse{.status = 204, .noted = *mode} : invalid(set.error().message);
}

ApiResponse post_account(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  auto& web = *call.request.web;
  BodyReader body{call.body, {"uin", "password", "nick", "email", "charset", "invitation"}};
  model::NewAccount account;
  account.uin = Uin{static_cast<std::uint32_t>(body.number("uin", 0xFFFFFFFF).value_or(0))};
  auto password = body.text("password");
  body.require(password.has_value(), "password");
  account.profile.nick = body.text("nick").value_or("");
  account.profile.email = body.text("email").value_or("");
  account.icq_charset = body.charset("charset").value_or(Charset::cp1252);
  const auto invitation = body.text("invitation").value_or("");
  if (!body.error().empty()) return invalid(body.error());
  if (password->size() < shortest_password || password->size() > longest_password)
    return invalid(fmt::format("the password must have {} to {} bytes", shortest_password, longest_password));
  if (account.uin != Uin{} && account.uin.value < 20'000) return invalid("numbers below 20000 are given out by administrators");
  const auto mode = call.admin.registration_mode();
  if (!mode || *mode == "closed") return error_response(403, "closed", "this server takes no registrations");
  if (!web.shards.admit_registration())
    return error_response(429, "try_later", "too many accounts were made just now: try again in a minute");
  if (*mode == "invite" && !web.access.use_invitation(invitation))
    return error_response(403, "invitation", "this invitation is unknown, or was used");
  account.password = std::move(*password);
  account.qq = web.shards.qq_for_new_accounts();
  const auto uin = call.admin.create_account(account);
  if (!uin)
    return error_response(uin.error().kind == model::AdminError::Kind::conflict ? 409 : 400,
                          uin.error().kind == model::AdminError::Kind::conflict ? "taken" : "invalid",
                          uin.error().message);
  web.feed.publish({.event = "account.registered", .uin = *uin, .detail = *mode});
  if (*mode == "approve") {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto waits = call.admin.suspend(*uin, WallTime{now + approval_wait}, waiting_for_approval);
    if (!waits) return error_response(503, "unavailable", waits.error().message);
    auto response = created(json::object{{"uin", uin->value}, {"waits_for_approval", true}});
    response.noted = std::to_string(uin->value);
    return response;
  }
  auto response = begin_session(call, *uin);
  if (response.status == 200) response.status = 201;
  response.noted = std::to_string(uin->value);
  return response;
}

/// Accounts that wait for approval: looked for among all, since there are few when somebody looks often.
ApiResponse get_registrations(const Call& call) {
  json::array rows;
  Uin after{};
  for (unsigned pages = 0; pages < 50; ++pages) {
    const auto page = call.admin.list_accounts(after, 1000);
    if (!page || page->accounts.empty()) break;
    for (const auto& account : page->accounts) {
      after = account.uin;
      const auto details = call.admin.read_account(account.uin);
      if (details && details->suspended_reason == waiting_for_approval)
        rows.push_back(json::object{{"uin", account.uin.value}, {"nick", view(account.profile.nick)}});
    }
    if (!page->more) break;
  }
  return ok(json::object{{"users", std::move(rows)}});
}

ApiResponse post_invitation(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  const auto code = call.request.web->access.invite();
  return code ? created(json::object{{"invitation", view(*code)}}) : not_written();
}

// ---- tokens and roles ----------------------------------------------------------------------------------------

constexpr Word<Role> role_words[] = {
    {"user", Role::user}, {"moderator", Role::moderator}, {"administrator", Role::administrator}};

json::value to_json(const TokenRow& row) {
  json::object out{{"id", view(row.id)},         {"name", view(row.name)},
                   {"uin", row.uin.value},       {"role", view(to_string(row.role))},
                   {"cookie", row.cookie},       {"created", format_time(row.created)}};
  if (row.expires != WallTime{}) out["expires"] = format_time(row.expires);
  return out;
}

/// Whose tokens somebody may see: his own, or all over the local socket.
Uin own_number(const Call& call) { return call.request.caller == nullptr ? Uin{} : call.request.caller->uin; }

ApiResponse get_tokens(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  json::array rows;
  for (const auto& row : call.request.web->access.list(own_number(call))) rows.push_back(to_json(row));
  return ok(json::object{{"tokens", std::move(rows)}});
}

ApiResponse post_token(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  BodyReader body{call.body, {"name", "role", "uin", "expires"}};
  const auto name = body.text("name");
  body.require(name.has_value() && !name->empty() && name->size() <= 100, "name");
  const auto role = body.word("role", std::span<const Word<Role>>{role_words}).value_or(Role::user);
  const auto expires = body.time("expires").value_or(WallTime{});
  auto uin = Uin{static_cast<std::uint32_t>(body.number("uin", 0xFFFFFFFF).value_or(0))};
  if (!body.error().empty()) return invalid(body.error());
  if (call.request.caller != nullptr) uin = call.request.caller->uin;
  if (role > call.request.role) return error_response(403, "forbidden", "a token can't do more than its maker");
  if (uin == Uin{} && role == Role::user) return invalid("uin is missing: a token with the role user belongs to an account");
  if (uin != Uin{} && !call.admin.read_account(uin)) return error_response(404, "not_found", "there is no such account");
  const auto issued = call.request.web->access.make_token(uin, role, *name, expires);
  if (!issued) return not_written();
  auto response = created(json::object{{"id", view(issued->caller.id)}, {"token", view(issued->secret)}});
  response.noted = fmt::format("{} with the role {}", issued->caller.id, to_string(role));
  return response;
}

ApiResponse delete_token(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  const auto& id = call.parameters.find("id")->second;
  return call.request.web->access.revoke(id, own_number(call)) ? ApiResponse{.status = 204}
                                                               : error_response(404, "not_found", "there is no such token");
}

ApiResponse get_roles(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  json::array rows;
  for (const auto& [uin, role] : call.request.web->access.roles())
    rows.push_back(json::object{{"uin", uin.value}, {"role", view(to_string(role))}});
  return ok(json::object{{"roles", std::move(rows)}});
}

ApiResponse put_role(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  BodyReader body{call.body, {"role"}};
  const auto role = body.word("role", std::span<const Word<Role>>{role_words});
  body.require(role.has_value(), "role");
  if (!body.error().empty()) return invalid(body.error());
  const auto uin = number_of(call.parameters.find("uin")->second);
  if (!call.admin.read_account(uin)) return error_response(404, "not_found", "there is no such account");
  return call.request.web->access.set_role(uin, *role) ? ApiResponse{.status = 204, .noted = std::string{to_string(*role)}}
                                                       : not_written();
}

ApiResponse get_audit(const Call& call) {
  if (call.request.web == nullptr) return no_server();
  json::array rows;
  for (const auto& row : call.request.web->audit.newest(500))
    rows.push_back(json::object{{"at", format_time(row.at)},
                                {"who", view(row.who)},
                                {"what", view(row.what)},
                                {"detail", view(row.detail)},
                                {"status", row.status}});
  return ok(json::object{{"rows", std::move(rows)}});
}

// ---- for programs --------------------------------------------------------------------------------------------

ApiResponse post_message(const Call& call) {
  if (call.request.web == nullptr || call.request.caller == nullptr) return no_server();
  BodyReader body{call.body, {"to", "text", "kind", "url"}};
  const auto to = body.number("to", 0xFFFFFFFF);
  const auto text = body.text("text");
  const auto kind = body.text("kind").value_or("text");
  const auto url = body.text("url");
  body.require(to.has_value(), "to");
  body.require(text.has_value(), "text");
  if (!body.error().empty()) return invalid(body.error());
  json::object frame{{"op", "send"}, {"to", *to}, {"kind", view(kind)}, {"text", view(*text)}};
  if (url) frame["url"] = view(*url);
  const auto answer = call.request.web->send_on_connection(call.request.caller->uin, json::serialize(frame));
  const auto no_connection = [] {
    return error_response(409, "no_connection", "open GET /api/v1/events (or the WebSocket) with this account first");
  };
  if (answer.empty()) return no_connection();
  json::error_code error;
  const auto value = json::parse(answer, error);
  const auto op = !error && value.is_object() && value.get_object().contains("op") ? value.at("op").as_string() : "";
  if (op == "ack") return {.status = 204};
  if (op == "no_user") return error_response(404, "not_found", "there is no such number");
  if (op == "room_changed") {
    const bool gone = value.at("result").as_string() == "no_room";
    return error_response(gone ? 404 : 403, gone ? "not_found" : "forbidden",
                          gone ? "there is no such room" : "this account is not in that room");
  }
  const auto kind_of_error = op == "error" ? value.at("kind").as_string() : "";
  if (kind_of_error == "not_logged_in") return no_connection();
  if (kind_of_error == "not_taken") return error_response(429, "try_later", "too much to do: try again in a while");
  if (op == "timeout") return error_response(503, "unavailable", "not acknowledged in time; it may be sent again");
  return invalid("the message was not taken: is its text at most 4000 bytes, and its kind text or url?");
}

ApiResponse get_openapi(const Call&) { return {.body = openapi_document(all_routes())}; }

constexpr Route routes[] = {
    {Method::post, "/api/v1/login", Role::nobody, post_login, "Begins a session in a cookie.",
     "uin:integer! password:string!", Trail::none},
    {Method::post, "/api/v1/logout", Role::user, post_logout, "Ends the session of the cookie.", {}, Trail::none},
    {Method::get, "/api/v1/me", Role::user, get_me, "Who one is, and what changes must send as X-CSRF-Token."},
    {Method::patch, "/api/v1/me", Role::user, patch_me,
     "Changes the charset of the account's old client, and who sees its address.",
     "charset:string address_policy:string"},
    {Method::get, "/api/v1/me/qr/{code}", Role::user, get_own_qr,
     "Which address and client wait for a log-in to QQ by picture."},
    {Method::post, "/api/v1/me/qr/{code}/confirmation", Role::user, post_own_qr,
     "Lets the client that shows the code log in with the own number: once, and only from a browser."},
    {Method::get, "/api/v1/registration", Role::nobody, get_registration,
     "Who may register (open, invite, approve, closed), and numbers to choose from."},
    {Method::put, "/api/v1/registration", Role::administrator, put_registration,
     "Changes that until the next restart.", "mode:string!"},
    {Method::get, "/api/v1/registrations", Role::administrator, get_registrations, "Accounts that wait for approval."},
    {Method::post, "/api/v1/accounts", Role::nobody, post_account, "Registers an account and begins its session.",
     "uin:integer password:string! nick:string email:string charset:string invitation:string"},
    {Method::post, "/api/v1/invitations", Role::moderator, post_invitation, "Makes an invitation for one account."},
    {Method::get, "/api/v1/tokens", Role::user, get_tokens, "The own sessions and tokens."},
    {Method::post, "/api/v1/tokens", Role::user, post_token, "Makes a token for a program; shown only once.",
     "name:string! role:string uin:integer expires:string"},
    {Method::delete_, "/api/v1/tokens/{id}", Role::user, delete_token, "Revokes one."},
    {Method::get, "/api/v1/roles", Role::administrator, get_roles, "Moderators and administrators."},
    {Method::put, "/api/v1/users/{uin}/role", Role::administrator, put_role,
     "Makes an account user, moderator or administrator.", "role:string!"},
    {Method::get, "/api/v1/audit", Role::administrator, get_audit, "Who did what, the newest first."},
    {Method::post, "/api/v1/messages", Role::user, post_message,
     "Sends a message on the connection that the account has open.",
     "to:integer! text:string! kind:string url:string", Trail::none},
    {Method::get, "/api/v1/openapi.json", Role::nobody, get_openapi, "This API as an OpenAPI document."},
};

}  // namespace

std::span<const Route> web_routes() noexcept { return routes; }

std::span<const Route> all_routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> rows{admin_routes().begin(), admin_routes().end()};
    rows.insert(rows.end(), web_routes().begin(), web_routes().end());
    return rows;
  }();
  return all;
}

}  // namespace uhoh::gateway
