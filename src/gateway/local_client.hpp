#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/route_table.hpp"

namespace uhoh::gateway {

/// Speaks to a LocalServer: one request at a time.
///
/// Thread: one.
class LocalClient {
 public:
  /// Why there is no answer.
  struct Failure {
    bool nobody_listens = false;  ///< there is no socket, or no server behind it
    std::string message;
  };

  [[nodiscard]] static std::expected<LocalClient, Failure> connect(const std::filesystem::path& socket);
  LocalClient(LocalClient&&) noexcept;
  LocalClient& operator=(LocalClient&&) noexcept;
  ~LocalClient();

  /// Asks, and waits for the answer as long as it takes.
  [[nodiscard]] std::expected<ApiResponse, Failure> call(Method method, std::string_view target,
                                                         std::string_view body);

 private:
  struct State;
  explicit LocalClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
