#include <boost/json.hpp>
#include <string>

#include "base/version.hpp"
#include "gateway/route_table.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::string lower_case(std::string_view word) {
  std::string text{word};
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// "get_users_uin_password" for GET /api/v1/users/{uin}/password.
std::string operation_id(const Route& route) {
  auto id = lower_case(to_string(route.method));
  auto path = route.pattern;
  if (path.starts_with("/api/v1")) path.remove_prefix(7);
  for (const char c : path) {
    if (c == '{' || c == '}') continue;
    id += c == '/' || c == '-' || c == '.' ? '_' : c;
  }
  return id;
}

json::array parameters_of(std::string_view pattern) {
  json::array parameters;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
    const auto name = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    parameters.push_back(json::object{{"name", view(name)},
                                      {"in", "path"},
                                      {"required", true},
                                      {"schema", json::object{{"type", name == "uin" || name == "contact" ? "integer" : "string"}}}});
  }
  return parameters;
}

/// The schema of a body from "uin:integer password:string!".
json::object schema_of(std::string_view members) {
  json::object properties;
  json::array required;
  while (!members.empty()) {
    const auto end = std::min(members.find(' '), members.size());
    auto one = members.substr(0, end);
    members.remove_prefix(std::min(end + 1, members.size()));
    const bool must = one.ends_with('!');
    if (must) one.remove_suffix(1);
    const auto colon = one.find(':');
    properties[view(one.substr(0, colon))] = json::object{{"type", view(one.substr(colon + 1))}};
    if (must) required.push_back(view(one.substr(0, colon)));
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json::object operation_of(const Route& route) {
  json::object operation{{"operationId", operation_id(route)},
                         {"summary", view(route.meaning)},
                         {"x-role", view(to_string(route.role))},
                         {"security", route.role == Role::nobody
                                          ? json::array{}
                                          : json::array{json::object{{"cookie", json::array{}}},
                                                        json::object{{"token", json::array{}}}}}};
  if (auto parameters = parameters_of(route.pattern); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.members.empty())
    operation["requestBody"] = {{"required", true},
                                {"content", {{"application/json", {{"schema", schema_of(route.members)}}}}}};
  json::object responses{{"2XX", {{"description", "Done."}}}};
  responses["4XX"] = {{"description", "Refused."},
                      {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Error"}}}}}}}};
  operation["responses"] = std::move(responses);
  return operation;
}

}  // namespace

std::string openapi_document(std::span<const Route> routes) {
  json::object paths;
  for (const auto& route : routes) {
    auto& path = paths[view(route.pattern)];
    if (!path.is_object()) path.emplace_object();
    path.get_object()[lower_case(to_string(route.method))] = operation_of(route);
  }
  const json::object error{
      {"type", "object"},
      {"properties",
       {{"error", {{"type", "object"}, {"properties", {{"kind", {{"type", "string"}}}, {"message", {{"type", "string"}}}}}}}}}};
  json::object document{{"openapi", "3.1.0"},
                        {"info", {{"title", "uhoh"}, {"version", view(version)}}},
                        {"paths", std::move(paths)}};
  document["components"] = {
      {"schemas", {{"Error", error}}},
      {"securitySchemes",
       {{"cookie", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "uhoh_session"}}},
        {"token", {{"type", "http"}, {"scheme", "bearer"}}}}}};
  return json::serialize(document);
}

}  // namespace uhoh::gateway
