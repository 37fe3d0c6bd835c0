#include "gateway/qr_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <expected>

#include "gateway/time_text.hpp"
#include "gateway/web_services.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

ApiResponse no_such_code() {
  return error_response(404, "not_found",
                        "no client waits with this code; codes live two minutes and serve once");
}

/// The client that waits with the code of the path; or what the caller hears instead. Wrong codes are
/// counted.
std::expected<model::QrLogInRow, ApiResponse> find_waiting(const Call& call) {
  if (call.request.web == nullptr)
    return std::unexpected(error_response(503, "unavailable", "no server runs on this data directory"));
  // A token does what its maker told it to, not what he does in person.
  if (call.request.caller == nullptr || !call.request.caller->cookie)
    return std::unexpected(
        error_response(403, "forbidden", "only somebody who is logged in with a browser may do this"));
  auto& wrong_codes = call.request.web->wrong_codes;
  const auto who = std::to_string(call.request.caller->uin.value);
  const auto now = read_clocks().steady;
  if (!wrong_codes.allowed(who, now))
    return std::unexpected(
        error_response(429, "try_later", "too many wrong codes: try again in ten minutes"));
  const auto rows = call.admin.list_qr();
  if (!rows) return std::unexpected(error_response(503, "unavailable", rows.error().message));
  const auto found = std::ranges::find(*rows, call.parameters.find("code")->second, &model::QrLogInRow::code);
  if (found != rows->end()) return *found;
  wrong_codes.count(who, now);
  return std::unexpected(no_such_code());
}

}  // namespace

ApiResponse get_own_qr(const Call& call) {
  const auto row = find_waiting(call);
  if (!row) return row.error();
  return {.body =
              json::serialize(json::object{{"address", row->peer.address.to_string()},
                                           {"same_address", row->peer.address == call.request.peer.address},
                                           {"client", view(row->client)},
                                           {"until", format_time(row->until)}})};
}

ApiResponse post_own_qr(const Call& call) {
  const auto row = find_waiting(call);
  if (!row) return row.error();
  const auto confirmed = call.admin.confirm_qr(row->code, call.request.caller->uin);
  if (confirmed)
    return {.status = 204, .noted = fmt::format("{} at {}", row->client, row->peer.address.to_string())};
  using Kind = model::AdminError::Kind;
  if (confirmed.error().kind == Kind::conflict)
    return error_response(
        409, "no_qq",
        "this number may not log in with QQ: an administrator allows that, and a new password after it");
  if (confirmed.error().kind == Kind::not_found) return no_such_code();
  return error_response(503, "unavailable", confirmed.error().message);
}

}  // namespace uhoh::gateway
