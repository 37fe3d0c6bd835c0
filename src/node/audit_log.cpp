#include "node/audit_log.hpp"

namespace uhoh::node {

void AuditLog::note(const model::AuditEntry& entry) {
  if (entry.done) return log_.warn(entry.event, kv("audit", true), kv("who", entry.who.value), kv("whom", entry.whom.value));
  const std::lock_guard lock{mutex_};
  refusals_.warn(read_clocks().steady, entry.event, kv("audit", true), kv("who", entry.who.value),
                 kv("whom", entry.whom.value));
}

}  // namespace uhoh::node
