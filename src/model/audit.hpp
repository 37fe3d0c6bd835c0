#pragma once

#include <string_view>

#include "base/uin.hpp"

namespace uhoh::model {

/// One use of a role by somebody who has it (or wished he had).
struct AuditEntry {
  std::string_view event;  ///< a word; never text of users
  Uin who;
  Uin whom;
  bool done = true;        ///< false: refused; of many refusals only some may be kept
};

/// Where such uses are written down for those who must be able to look them up. Thread: any shard's.
class AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  /// Writes an entry down, before it takes effect.
  virtual void note(const AuditEntry& entry) = 0;
};

}  // namespace uhoh::model
