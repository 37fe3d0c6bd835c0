#include "api.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "gateway/web_services.hpp"
#include "node/admin.hpp"
#include "node/configuration.hpp"

namespace uhoh::ctl {
namespace {

namespace json = boost::json;

/// Files that root makes in somebody else's directory would be closed to the server that runs there.
void become_owner_of(const std::filesystem::path& directory) {
  struct ::stat found {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0 || found.st_uid == 0) return;
  if (::setegid(found.st_gid) == 0 && ::seteuid(found.st_uid) == 0) return;
}

/// Opens the store that no server uses, with the server's own configuration where it lies in its place.
Expected<std::unique_ptr<model::AdminPort>> open_store(const std::filesystem::path& data_dir) {
  node::ConfigurationSource source;
  std::error_code ignored;
  if (const auto file = data_dir / node::DataFiles::configuration; std::filesystem::exists(file, ignored))
    source.file = file;
  const auto configuration = node::load_configuration(source);
  if (!configuration) return std::unexpected(Failure{configuration.error().front().to_string()});
  const auto& server = configuration->server;
  const auto files = node::SecretFiles::of(data_dir, server.qq_key_file);
  auto secrets = node::open_secrets(files, node::MissingQqKey::leave);
  if (!secrets) return std::unexpected(Failure{secrets.error()});
  auto admin =
      node::OfflineAdmin::open({data_dir, server.hashing, server.shard.services.greeting, files,
                                std::move(*secrets)});
  if (!admin) return std::unexpected(Failure{admin.error()});
  return std::move(*admin);
}

Failure failure_in(const gateway::ApiResponse& response) {
  json::error_code wrong;
  const auto body = json::parse(response.body, wrong);
  if (!wrong && body.is_object())
    if (const auto* error = body.as_object().if_contains("error"); error != nullptr && error->is_object()) {
      const auto& object = error->as_object();
      const auto* message = object.if_contains("message");
      const auto* kind = object.if_contains("kind");
      if (message != nullptr && message->is_string() && kind != nullptr && kind->is_string())
        return {std::string{message->as_string()}, std::string{kind->as_string()}};
    }
  return {fmt::format("the server answered {} {}", response.status, response.body)};
}

}  // namespace

Expected<Api> Api::open(const std::filesystem::path& data_dir, bool create) {
  Api api;
  auto client = gateway::LocalClient::connect(data_dir / node::DataFiles::socket);
  if (client) {
    api.client_ = std::move(*client);
    return api;
  }
  if (!client.error().nobody_listens) return std::unexpected(Failure{client.error().message});
  std::error_code ignored;
  if (!create && !std::filesystem::exists(data_dir, ignored))
    return std::unexpected(
        Failure{fmt::format("there is no data directory {}; name the server's with --data-dir", data_dir.string())});
  if (const auto usable = node::prepare_data_directory(data_dir); !usable)
    return std::unexpected(Failure{usable.error()});
  ::umask(077);
  become_owner_of(data_dir);
  auto lock = node::DataDirectoryLock::take(data_dir, "uhohctl");
  if (!lock && lock.error().holder.starts_with("uhohd "))
    return std::unexpected(Failure{
        fmt::format("{} has the data directory {}, but nobody answers at its {}: it is starting or stopping (try "
                    "again), or the file was deleted (start it anew)",
                    lock.error().holder, data_dir.string(), node::DataFiles::socket)});
  if (!lock) return std::unexpected(Failure{lock.error().message});
  api.lock_.emplace(std::move(*lock));
  auto store = open_store(data_dir);
  if (!store) return std::unexpected(std::move(store.error()));
  api.offline_ = std::move(*store);
  return api;
}

Expected<Api> Api::open_remote(std::string_view url, std::string token) {
  Api api;
  auto remote = gateway::RemoteClient::open(url, std::move(token));
  if (!remote) return std::unexpected(Failure{remote.error()});
  api.remote_ = std::move(*remote);
  return api;
}

Expected<gateway::ApiResponse> Api::ask(gateway::Method method, std::string_view target, std::string_view body) {
  if (offline_) {
    const gateway::RouteTable table{gateway::all_routes()};
    auto response = table.dispatch({method, target, body, gateway::Role::local}, *offline_);
    if (response.status >= 400) return std::unexpected(failure_in(response));
    return response;
  }
  auto response = remote_ ? remote_->call(method, target, body) : client_->call(method, target, body);
  if (!response) return std::unexpected(Failure{response.error().message});
  constexpr unsigned unauthorized = 401;
  if (remote_ && response->status == unauthorized)
    return std::unexpected(Failure{"the token is missing or not valid: give one with --token, or in UHOH_TOKEN"});
  if (response->status >= 400) return std::unexpected(failure_in(*response));
  return std::move(*response);
}

Expected<json::value> Api::call(gateway::Method method, std::string_view target, const json::value& body) {
  auto response = ask(method, target, body.is_null() ? std::string{} : json::serialize(body));
  if (!response) return std::unexpected(std::move(response.error()));
  if (response->body.empty()) return nullptr;
  json::error_code wrong;
  auto value = json::parse(response->body, wrong);
  if (wrong) return std::unexpected(Failure{"the server's answer is not JSON"});
  return value;
}

Expected<std::string> Api::text(std::string_view target) {
  auto response = ask(gateway::Method::get, target, {});
  if (!response) return std::unexpected(std::move(response.error()));
  return std::move(response->body);
}

}  // namespace uhoh::ctl
