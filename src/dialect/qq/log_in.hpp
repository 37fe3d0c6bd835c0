#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include "base/bytes.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/agreements.hpp"
#include "dialect/qq/frame.hpp"
#include "dialect/qq/log_in_opening.hpp"
#include "dialect/qq/server_packet.hpp"
#include "dialect/qq/tokens.hpp"

/// The log-ins of all generations, step by step. Nothing is remembered between steps: tokens carry what the
/// next one needs, so that strangers cost no memory.
namespace uhoh::qq {

/// What a step of a log-in is to the session layer.
struct StepRules {
  bool is_step = false;
  bool answered_at_once = false;      ///< no account is asked
  bool needs_password_key = false;    ///< the step proves the password
  bool answer_may_be_longer = false;  ///< the exceptions of quirks.md
  bool behind_proof = false;          ///< the password has been proven in an earlier step
};
/// The rules of a command in a version.
[[nodiscard]] StepRules step_rules(Version version, std::uint16_t command) noexcept;

/// Reads steps and answers them.
///
/// Thread: any.
class LogInSteps {
 public:
  LogInSteps(const crypto::SecretKey& server_key, unsigned agreements_per_second, QrSide qr)
      : mint_{server_key}, agreements_{server_key, agreements_per_second}, qr_{std::move(qr)} {}

  /// Answers a step that asks no account; gives the answer's size, 0 for silence.
  [[nodiscard]] std::size_t answer(const FrameInfo& info, Bytes datagram, const Moment& moment,
                                   MutableBytes out);
  /// Reads a step that proves the password, or that ends the log-in. `password_key` is K1, or empty.
  ///
  /// Errors: bad_value for a token that is not this server's or is too old, and for a body that does not
  ///         open: nobody hears of it.
  [[nodiscard]] std::expected<model::Command, FrameError> decode(const FrameInfo& info, Bytes datagram,
                                                                 Bytes password_key, const Moment& moment);
  /// Writes the answer to such a step; 0 for events that have none.
  [[nodiscard]] std::size_t encode(const model::Event& event, const FrameInfo& info,
                                   const StrangerRequest& request, MutableBytes out);

  [[nodiscard]] const Agreements& agreements() const noexcept { return agreements_; }

 private:
  TokenMint mint_;
  Agreements agreements_;
  QrSide qr_;
};

}  // namespace uhoh::qq
