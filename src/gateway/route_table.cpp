#include "gateway/route_table.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <exception>

#include "gateway/web_services.hpp"

namespace uhoh::gateway {
namespace {

// Takes the next part of a path off its front: "/a/b" gives "a" and leaves "/b".
std::string_view next_part(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(end);
  return part;
}

bool match(std::string_view pattern, std::string_view path, Call& call) {
  call.parameters.clear();
  while (!pattern.empty() && !path.empty()) {
    if (path.front() != '/') return false;
    const auto wanted = next_part(pattern);
    const auto part = next_part(path);
    if (wanted.starts_with('{')) {
      std::string value;
      if (part.empty() || !percent_decode(part, value)) return false;
      call.parameters.emplace(wanted.substr(1, wanted.size() - 2), std::move(value));
    } else if (wanted != part) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

bool read_query(std::string_view query, Call& call) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    std::string name, value;
    if (!percent_decode(pair.substr(0, equals), name) ||
        !percent_decode(pair.substr(std::min(equals + 1, pair.size())), value))
      return false;
    call.query.insert_or_assign(std::move(name), std::move(value));
  }
  return true;
}

/// What a sentence says before its details: "Shuts out addresses" of "Shuts out addresses: {cidr}."
std::string_view first_clause(std::string_view meaning) {
  return meaning.substr(0, std::min(meaning.find_first_of(":;."), meaning.size()));
}

/// Who asks, as the audit log has it.
std::string name_of(const ApiRequest& request) {
  if (request.caller == nullptr)
    return request.role == Role::local ? std::string{"local"} : request.peer.address.to_string();
  return request.caller->uin == Uin{} ? "token " + request.caller->id : std::to_string(request.caller->uin.value);
}

/// Whether a change is one of somebody without a role, who may not fill the log.
bool is_own_change(const ApiRequest& request, const Route& route) {
  return request.web != nullptr && request.role == Role::user && request.caller != nullptr &&
         route.method != Method::get && route.trail == Trail::kept;
}

/// Whether the audit log says that this was done. What users and strangers fail at is no news.
bool is_noted(const ApiRequest& request, const Route& route, unsigned status) {
  return request.web != nullptr && route.method != Method::get && route.trail == Trail::kept &&
         (request.role >= Role::moderator || status < 400);
}

/// Writes into the audit log what somebody did; of the body only what the handler noted.
void note(const ApiRequest& request, const Route& route, const ApiResponse& response) {
  const auto target = request.target.substr(0, std::min<std::size_t>(request.target.find('?'), 200));
  const auto what = fmt::format("{} {}", to_string(request.method), target);
  if (response.status < 400 && route.role >= Role::moderator)
    request.web->feed.publish({.event = "admin.action", .uin = request.caller != nullptr ? request.caller->uin : Uin{}, .detail = what});
  request.web->audit.append({.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                             .who = name_of(request),
                             .what = what,
                             .detail = fmt::format("{}{}{}", first_clause(route.meaning),
                                                   response.noted.empty() ? "" : ": ", response.noted),
                             .status = response.status});
}

/// Has a route carried out by somebody who may.
ApiResponse carry_out(const ApiRequest& request, const Route& route, const Call& call) {
  const bool own_change = is_own_change(request, route);
  const auto now = read_clocks().steady;
  if (own_change && !request.web->own_changes.allowed(name_of(request), now))
    return error_response(429, "try_later", "too many changes: try again in ten minutes");
  auto response = route.handle(call);
  if (own_change && response.status < 400) request.web->own_changes.count(name_of(request), now);
  if (is_noted(request, route, response.status)) note(request, route, response);
  return response;
}

ApiResponse find_and_answer(std::span<const Route> routes, const ApiRequest& request, model::AdminPort& admin) {
  const auto mark = std::min(request.target.find('?'), request.target.size());
  const auto path = request.target.substr(0, mark);
  Call call{admin, {}, {}, request.body, request};
  if (!read_query(request.target.substr(std::min(mark + 1, request.target.size())), call))
    return error_response(400, "invalid", "the query has a broken % escape");
  std::string others;
  for (const Route& route : routes) {
    if (!match(route.pattern, path, call)) continue;
    if (route.method != request.method) {
      others += fmt::format("{}{}", others.empty() ? "" : ", ", to_string(route.method));
      continue;
    }
    if (request.role == Role::nobody && route.role != Role::nobody)
      return error_response(401, "unauthorized", "log in first");
    if (request.role < route.role)
      return error_response(403, "forbidden", fmt::format("this needs the role {}", to_string(route.role)));
    return carry_out(request, route, call);
  }
  if (others.empty())
    return error_response(404, "not_found",
                          fmt::format("there is nothing at {}; GET /api/v1/routes lists what there is", path));
  auto refused = error_response(405, "invalid", fmt::format("{} takes {} only", path, others));
  refused.allow = std::move(others);
  return refused;
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get: return "GET";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
  }
  return "";
}

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::nobody: return "nobody";
    case Role::user: return "user";
    case Role::moderator: return "moderator";
    case Role::administrator: return "administrator";
    case Role::local: return "local";
  }
  return "";
}

ApiResponse error_response(unsigned status, std::string_view kind, std::string_view message) {
  const boost::json::object body{
      {"error", {{"kind", boost::json::string_view{kind}}, {"message", boost::json::string_view{message}}}}};
  return {.status = status, .body = boost::json::serialize(body)};
}

ApiResponse RouteTable::dispatch(const ApiRequest& request, model::AdminPort& admin) const noexcept {
  try {
    return find_and_answer(routes_, request, admin);
  } catch (const std::exception& e) {
    try {
      return error_response(500, "failed", fmt::format("this went wrong inside the server: {}", e.what()));
    } catch (...) {
      return {.status = 500};
    }
  }
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
        c == '_' || c == '~')
      out += c;
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out;
}

bool percent_decode(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    unsigned byte = 0;
    const auto* digits = text.data() + i + 1;
    const auto [stop, error] = std::from_chars(digits, digits + 2, byte, 16);
    if (error != std::errc{} || stop != digits + 2) return false;
    out += static_cast<char>(byte);
    i += 2;
  }
  return true;
}

}  // namespace uhoh::gateway
