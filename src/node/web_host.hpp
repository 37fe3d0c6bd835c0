#pragma once

#include <expected>
#include <memory>
#include <string>

#include "gateway/web_server.hpp"
#include "model/audit.hpp"
#include "node/admin.hpp"
#include "node/web_link.hpp"
#include "session/session_watcher.hpp"

namespace uhoh::node {

/// Tells the gateway's feed who comes and goes.
///
/// Thread: the shards'.
class SessionNews final : public session::SessionWatcher {
 public:
  explicit SessionNews(gateway::EventFeed& feed) noexcept : feed_{feed} {}
  void on_opened(const model::SessionFacts& facts) override;
  void on_ended(const model::SessionFacts& facts, model::SessionEnd why) override;

 private:
  gateway::EventFeed& feed_;
};

/// Writes uses of roles over the old dialects into the audit log that the console shows.
///
/// Thread: any.
class AuditFile final : public model::AuditTrail {
 public:
  explicit AuditFile(gateway::Audit& audit) noexcept : audit_{audit} {}
  void note(const model::AuditEntry& entry) override;

 private:
  gateway::Audit& audit_;
};

/// The web side of a running server: who may come in, what was done, and the HTTP listener unless it is off.
///
/// Thread: the one that owns it.
class WebHost {
 public:
  /// Everything must outlive it. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<WebHost>, std::string> start(const gateway::WebOptions& options,
                                                                                 Server& server, ServerAdmin& admin,
                                                                                 const gateway::RouteTable& table,
                                                                                 const Log& log);
  /// What handlers of the API work with, whatever carried the request.
  [[nodiscard]] gateway::WebServices& services() noexcept;
  /// Ends the listener and its connections; sessions stay, so that their clients find them after a restart. Goes away
  /// itself only when the server has stopped.
  void stop();

 private:
  explicit WebHost(Server& server) : link_{server} {}

  WebLink link_;
  std::unique_ptr<gateway::Access> access_;
  std::unique_ptr<gateway::Audit> audit_;
  std::unique_ptr<gateway::EventFeed> feed_;
  std::unique_ptr<SessionNews> news_;
  std::unique_ptr<AuditFile> audit_file_;
  std::unique_ptr<gateway::WebServices> without_listener_;
  std::unique_ptr<gateway::WebServer> web_;
};

}  // namespace uhoh::node
