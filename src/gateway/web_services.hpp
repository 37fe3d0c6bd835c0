#pragma once

#include <functional>
#include <string>

#include "gateway/access.hpp"
#include "gateway/attempts.hpp"
#include "gateway/audit.hpp"
#include "gateway/event_feed.hpp"
#include "gateway/shard_link.hpp"

namespace uhoh::gateway {

/// What the API's handlers work with, besides the AdminPort.
struct WebServices {
  Access& access;
  Audit& audit;
  EventFeed& feed;
  ShardLink& shards;
  /// Sends a message on the connection that an account has open, and waits for what becomes of it; the answer is the
  /// frame that the server sent, empty when there is no such connection.
  std::function<std::string(Uin, std::string frame)> send_on_connection;
  /// Ends the connections of an account's sessions that were revoked.
  std::function<void(Uin)> end_connections;
  /// Codes of log-ins by picture that somebody typed and nobody had.
  Attempts wrong_codes{};
  /// What users without a role change of their own accounts.
  Attempts own_changes{{.most = 60}};
};

/// The cookie that a browser's session has.
inline constexpr std::string_view session_cookie = "uhoh_session";

/// Log-in, registration, tokens, roles: what people do with their own account, and what needs Access.
[[nodiscard]] std::span<const Route> web_routes() noexcept;

/// Everything that this server answers over HTTP and over its local socket.
[[nodiscard]] std::span<const Route> all_routes();

}  // namespace uhoh::gateway
