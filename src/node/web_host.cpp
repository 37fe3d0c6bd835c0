#include "node/web_host.hpp"

#include <fmt/format.h>

#include <array>

#include "crypto/token.hpp"
#include "node/data_directory.hpp"

namespace uhoh::node {
namespace {

std::string_view name_of(model::DialectId dialect) { return row_of(dialect).name; }

}  // namespace

void SessionNews::on_opened(const model::SessionFacts& facts) {
  feed_.publish({.event = "session.opened", .uin = facts.uin, .detail = fmt::format("{} {}", name_of(facts.dialect), facts.dialect_version)});
}

void SessionNews::on_ended(const model::SessionFacts& facts, model::SessionEnd why) {
  static constexpr std::array<std::string_view, model::session_end_count> words{
      "logged off", "replaced", "silent", "unacknowledged", "kicked", "shutdown", "disconnected"};
  feed_.publish({.event = "session.ended", .uin = facts.uin, .detail = fmt::format("{}, {}", name_of(facts.dialect), words[static_cast<std::size_t>(why)])});
}

void AuditFile::note(const model::AuditEntry& entry) {
  audit_.append({.at = std::chrono::floor<std::chrono::seconds>(read_clocks().wall),
                 .who = std::to_string(entry.who.value),
                 .what = std::string{entry.event},
                 .detail = fmt::format("number {}", entry.whom.value),
                 .status = entry.done ? 200U : 403U});
}

std::expected<std::unique_ptr<WebHost>, std::string> WebHost::start(const gateway::WebOptions& options, Server& server,
                                                                   ServerAdmin& admin, const gateway::RouteTable& table,
                                                                   const Log& log) {
  std::unique_ptr<WebHost> host{new WebHost{server}};
  const auto& directory = server.options().data_dir;
  auto access = gateway::Access::open(
      directory / DataFiles::tokens,
      {.make = crypto::new_token, .digest = crypto::token_digest, .now = [] { return read_clocks().wall; }});
  if (!access) return std::unexpected(access.error());
  host->access_ = std::move(*access);
  auto audit = gateway::Audit::open(directory / DataFiles::audit);
  if (!audit) return std::unexpected(audit.error());
  host->audit_ = std::move(*audit);
  host->audit_file_ = std::make_unique<AuditFile>(*host->audit_);
  server.keep_audit(*host->audit_file_);
  host->feed_ = std::make_unique<gateway::EventFeed>(options.webhooks, options.webhook_token, log);
  host->news_ = std::make_unique<SessionNews>(*host->feed_);
  for (unsigned i = 0; i < server.shards(); ++i)
    server.on_shard(static_cast<ShardId>(i),
                    [&](Shard& shard, Now) { shard.core().set_watcher(*host->news_); });
  if (options.http == Endpoint{}) {
    host->without_listener_.reset(new gateway::WebServices{
        *host->access_, *host->audit_, *host->feed_, host->link_, [](Uin, std::string) { return std::string{}; }, [](Uin) {}});
    return host;
  }
  auto web = gateway::WebServer::start(options, host->link_, table, admin, *host->access_, *host->audit_, *host->feed_, log);
  if (!web) return std::unexpected(web.error());
  host->web_ = std::move(*web);
  host->link_.set_sink(*host->web_);
  admin.add_listener({"web.http", host->web_->bound()});
  admin.add_metrics([&gateway = *host->web_](std::vector<MetricValue>& out) { gateway.append_metrics(out); });
  return host;
}

gateway::WebServices& WebHost::services() noexcept { return web_ ? web_->services() : *without_listener_; }

void WebHost::stop() {
  feed_->stop();
  if (web_) web_->stop();
}

}  // namespace uhoh::node
