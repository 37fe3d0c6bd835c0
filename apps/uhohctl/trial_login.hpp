#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"

namespace uhoh::ctl {

/// How far a trial over the wire came.
struct TrialResult {
  bool logged_in = false;
  bool message_came = false;  ///< the one that it sent to itself
  bool logged_off = false;
  Duration login_took{};
  Duration message_took{};
  std::string problem;  ///< a sentence; empty when all went well
};

/// Logs in as an ICQ v2 client does, sends itself a message, and logs off. Takes ten seconds at most for each step.
[[nodiscard]] TrialResult try_login(const Endpoint& server, Uin uin, std::string_view password);

}  // namespace uhoh::ctl
