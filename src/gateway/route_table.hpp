#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "model/admin.hpp"

/// What the API offers, as data: knows neither sockets nor who carries its requests.
namespace uhoh::gateway {

/// What a request wants done with its target.
enum class Method : std::uint8_t { get, post, put, patch, delete_ };

/// The method's word in HTTP.
[[nodiscard]] std::string_view to_string(Method method) noexcept;

/// What somebody may do; each role includes those before it.
enum class Role : std::uint8_t {
  nobody,         ///< not logged in
  user,
  moderator,
  administrator,
  local,          ///< who may open the socket in the data directory: also what touches the machine's files
};

/// The role's word, as the list of routes writes it.
[[nodiscard]] std::string_view to_string(Role role) noexcept;

struct Caller;
struct WebServices;

/// A request, whatever carried it.
struct ApiRequest {
  Method method = Method::get;
  std::string_view target;  ///< path and query, as they came
  std::string_view body;
  Role role = Role::nobody;
  const Caller* caller = nullptr;  ///< who asks; nullptr over the local socket
  Endpoint peer;
  bool secure = false;             ///< came over TLS
  WebServices* web = nullptr;      ///< nullptr: no server runs
};

/// An answer; errors are `{"error": {"kind": ..., "message": ...}}`.
struct ApiResponse {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json";
  std::string allow;   ///< for 405: the methods that there are
  std::string cookie;  ///< a Set-Cookie; empty: none
  std::string noted;   ///< for the audit log, besides the path: what was set or made; never a secret or users' text
};

/// Makes an answer that says what went wrong.
[[nodiscard]] ApiResponse error_response(unsigned status, std::string_view kind, std::string_view message);

/// A request that found its route.
struct Call {
  model::AdminPort& admin;
  std::map<std::string, std::string, std::less<>> parameters;  ///< of the path: "uin" -> "10001"
  std::map<std::string, std::string, std::less<>> query;
  std::string_view body;
  const ApiRequest& request;
};

/// Whether the audit log says that something was done.
enum class Trail : std::uint8_t {
  kept,
  none,  ///< what people write, and their coming and going: nobody's business
};

/// One row of the API.
struct Route {
  Method method = Method::get;
  std::string_view pattern;  ///< "/api/v1/users/{uin}"
  Role role = Role::administrator;
  ApiResponse (*handle)(const Call& call) = nullptr;
  std::string_view meaning;  ///< one sentence
  std::string_view members = {};  ///< of the body: "uin:integer password:string!", those with ! must be there
  Trail trail = Trail::kept;  ///< of what changes something
};

/// Finds the route of a request and lets it answer.
///
/// Thread: any; const.
class RouteTable {
 public:
  /// `routes` outlive the table.
  explicit RouteTable(std::span<const Route> routes) noexcept : routes_{routes} {}

  /// Answers 404 and 405 for what there is not, and 403 to a role that is too low; never throws.
  [[nodiscard]] ApiResponse dispatch(const ApiRequest& request, model::AdminPort& admin) const noexcept;
  [[nodiscard]] std::span<const Route> routes() const noexcept { return routes_; }

 private:
  std::span<const Route> routes_;
};

/// Describes the routes as an OpenAPI 3.1 document.
[[nodiscard]] std::string openapi_document(std::span<const Route> routes);

/// Writes bytes as they may stand in a path or a query.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Reads what percent_encode() wrote; false for a broken escape.
[[nodiscard]] bool percent_decode(std::string_view text, std::string& out);

}  // namespace uhoh::gateway
