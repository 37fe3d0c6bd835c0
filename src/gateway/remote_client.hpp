#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/local_client.hpp"

namespace uhoh::gateway {

/// Speaks to a WebServer over HTTP or HTTPS with a token: one request at a time, each on its own connection.
///
/// Thread: one.
class RemoteClient {
 public:
  /// `url`: "https://chat.example.org" or "http://127.0.0.1:8080"; the error is a sentence for people. Over HTTPS the
  /// certificate must be one that this machine trusts.
  [[nodiscard]] static std::expected<RemoteClient, std::string> open(std::string_view url, std::string token);

  /// Asks, and waits for the answer.
  [[nodiscard]] std::expected<ApiResponse, LocalClient::Failure> call(Method method, std::string_view target,
                                                                      std::string_view body);

 private:
  RemoteClient() = default;
  std::string host_;
  std::string port_;
  std::string token_;
  bool secure_ = false;
};

}  // namespace uhoh::gateway
