#pragma once

#include <atomic>
#include <mutex>

#include "base/log.hpp"
#include "model/audit.hpp"

namespace uhoh::node {

/// Writes the uses of roles into the log: each that was carried out, and one refusal a minute.
///
/// Thread: any.
class AuditLog final : public model::AuditTrail {
 public:
  explicit AuditLog(const Log& log) : log_{log}, refusals_{log} {}
  void note(const model::AuditEntry& entry) override;
  /// From now on hands on what it writes, too; the trail must outlive all uses.
  void also_into(model::AuditTrail& trail) noexcept { also_.store(&trail); }

 private:
  Log log_;
  std::mutex mutex_;
  RateLimitedLog refusals_;
  std::atomic<model::AuditTrail*> also_{nullptr};
};

}  // namespace uhoh::node
