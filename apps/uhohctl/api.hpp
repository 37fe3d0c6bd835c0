#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/local_client.hpp"
#include "gateway/remote_client.hpp"
#include "gateway/route_table.hpp"
#include "model/admin.hpp"
#include "node/data_directory.hpp"

namespace uhoh::ctl {

/// Why a command failed, as a sentence; `kind` is the API's word ("not_found").
struct Failure {
  std::string message;
  std::string kind = "failed";
};

template <class T>
using Expected = std::expected<T, Failure>;

/// The administration API of a data directory: through the running server's socket, or, when none runs, over the
/// store itself with the same routes.
class Api {
 public:
  /// `create`: a data directory that does not exist is made.
  [[nodiscard]] static Expected<Api> open(const std::filesystem::path& data_dir, bool create);

  /// Speaks to a server elsewhere.
  [[nodiscard]] static Expected<Api> open_remote(std::string_view url, std::string token);

  /// Asks, and gives the answer's JSON (null where there is none).
  [[nodiscard]] Expected<boost::json::value> call(gateway::Method method, std::string_view target,
                                                  const boost::json::value& body = nullptr);
  /// Asks for text.
  [[nodiscard]] Expected<std::string> text(std::string_view target);
  /// Tells whether a server answers.
  [[nodiscard]] bool is_running() const noexcept { return client_.has_value() || remote_.has_value(); }

 private:
  Api() = default;
  [[nodiscard]] Expected<gateway::ApiResponse> ask(gateway::Method method, std::string_view target,
                                                   std::string_view body);

  std::optional<gateway::LocalClient> client_;
  std::optional<gateway::RemoteClient> remote_;
  std::optional<node::DataDirectoryLock> lock_;
  std::unique_ptr<model::AdminPort> offline_;
};

}  // namespace uhoh::ctl
