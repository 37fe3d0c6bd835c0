#include "node/audit_log.hpp"

namespace uhoh::node {

void AuditLog::note(const model::AuditEntry& entry) {
  const std::lock_guard lock{mutex_};
  if (entry.done)
    log_.warn(entry.event, kv("audit", true), kv("who", entry.who.value), kv("whom", entry.whom.value));
  else if (!refusals_.warn(read_clocks().steady, entry.event, kv("audit", true), kv("who", entry.who.value),
                           kv("whom", entry.whom.value)))
    return;
  if (auto* trail = also_.load()) trail->note(entry);
}

}  // namespace uhoh::node
