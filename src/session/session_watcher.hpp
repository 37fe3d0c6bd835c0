#pragma once

#include "model/session_port.hpp"

namespace uhoh::session {

/// Hears of sessions that begin and end, for whoever runs the server. Restored sessions begin nothing.
///
/// Thread: the shard's own.
class SessionWatcher {
 public:
  virtual ~SessionWatcher() = default;
  virtual void on_opened(const model::SessionFacts& facts) = 0;
  virtual void on_ended(const model::SessionFacts& facts, model::SessionEnd why) = 0;
};

}  // namespace uhoh::session
