#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/audit.hpp"
#include "service/messaging.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Copies of somebody's messages for an account that has the role of a monitor.
///
/// Every shard knows who is monitored, and copies each message that it decides on, once, to each monitor of
/// its sender or recipient. Every use goes to the audit trail. The monitored are told at the start, at the
/// end, and at each log-in in between. It ends with the monitor's session, and so with a restart; what a
/// crash left is ended by the next start.
///
/// Shape:  a monitor watches at most 16; at most 64 copies of 64 KiB together wait for his session, more are
/// dropped
///         and counted.
/// Source: spec/oicq.md, 11.
class Monitoring {
 public:
  Monitoring(ShardContext& shard, Messaging& messaging, model::AuditTrail* audit)
      : shard_{shard}, messaging_{messaging}, audit_{audit}, started_{shard.now.wall} {}

  /// Begins or ends copying, as the user's session asks.
  void toggle(const model::ToggleMonitor& command, const model::RequestContext& context);
  /// Ends everything that a user monitors: he no longer has the role.
  void withdraw(Uin monitor);

  /// A message is being decided on in this shard.
  void on_message(const bus::DeliverMessage& mail);
  /// A session began: its user is told, when he is monitored.
  void on_login(model::SessionRef session, Uin user);
  /// A session ends, and with it what its user monitors.
  void on_session_end(Uin user);
  /// The session can take more.
  void on_room(model::SessionRef session);

  void on_mail(const bus::MonitoringChanged& mail);
  void on_mail(const bus::CopiedMessage& mail);

  /// Lets time pass.
  void on_time();
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept {
    if (!greetings_.empty()) return Instant{};
    return unsent_.empty() ? Instant::max() : next_retry_;
  }
  /// Ends in the store, and tells the monitored, what the last run of the server did not end. On one shard
  /// only.
  void end_leftovers();

 private:
  struct Copy {
    Uin from;
    Uin to;
    model::MessageKind kind = model::MessageKind::text;
    std::uint16_t dialect_type = 0;
    Charset charset = Charset::utf8;
    std::string text;
  };
  struct Monitor {
    model::SessionRef session;
    bool is_asking = false;  ///< the store is
    std::vector<Uin> monitored;
    std::deque<Copy> waiting;
    std::size_t waiting_bytes = 0;
  };

  void note(const model::AuditEntry& entry) {
    if (audit_ != nullptr) audit_->note(entry);
  }
  void refuse(const model::RequestContext& context, Uin target, std::string_view why);
  void on_role(const model::RequestContext& context, Uin monitor, Uin target, storage::Result&& result);
  void begin(const model::RequestContext& context, Uin monitor, Uin target);
  void on_begun(const model::RequestContext& context, Uin monitor, Uin target, storage::Result&& result);
  void end(Uin monitor, Uin target);
  void publish(const bus::MonitoringChanged& change);
  void tell(Uin user, std::string_view text);
  void forget_idle(Uin monitor);
  bool emit(model::SessionRef session, const Copy& copy);

  ShardContext& shard_;
  Messaging& messaging_;
  model::AuditTrail* audit_;
  WallTime started_;
  std::map<Uin, Monitor> monitors_;                                       // of this shard
  boost::unordered_flat_map<std::uint32_t, std::vector<Uin>> monitored_;  // of all: their monitors
  std::vector<model::SessionRef> greetings_;  // sessions that are told after their log-in is answered
  std::deque<std::pair<ShardId, bus::MonitoringChanged>> unsent_;  // mailboxes were full
  Instant next_retry_{};
};

}  // namespace uhoh::service
