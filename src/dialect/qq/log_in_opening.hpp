#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/agreements.hpp"
#include "dialect/qq/frame.hpp"
#include "dialect/qq/qr_desk.hpp"
#include "dialect/qq/tokens.hpp"

/// Opens the packets of a log-in: finds the key of each step.
namespace uhoh::qq {

/// A step's packet, opened.
struct OpenedStep {
  Frame frame;
  Bytes before;  ///< what stood before the ciphertext
  std::vector<std::uint8_t> plaintext;
  crypto::TeaKey key;  ///< which opened it
};

/// What log-ins by picture need; without a desk there are none.
struct QrSide {
  QrDesk* desk = nullptr;
  std::string page;
};

/// What is needed to open a step.
struct StepContext {
  const FrameInfo& info;
  Bytes datagram;
  const Moment& moment;
  const TokenMint& mint;
  Agreements& agreements;
  const QrSide& qr;

  [[nodiscard]] TokenHolder holder() const noexcept { return {info.uin, moment.peer.address}; }
  [[nodiscard]] WallTime now() const noexcept { return moment.now.wall; }
  [[nodiscard]] Version version() const noexcept { return static_cast<Version>(info.version); }
};

/// Opens a step; nullopt when its token or its key is not right.
[[nodiscard]] std::optional<OpenedStep> open_step(const StepContext& context);
/// Decrypts bytes within a step.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> open_inner(const crypto::TeaKey& key, Bytes sealed);

/// The keys that belong to a token, by number.
enum class StepKey : std::uint8_t {
  log_in = 0,    ///< B: of 0022
  k0 = 0,        ///< C: of the client's steps
  k1 = 1,        ///< C: of the answer to 00E5
  k2 = 2,        ///< C: of the answer to 0030
  k3 = 3,        ///< C: of the answer to 00E3
  request = 0,   ///< D: of 0828
  reply = 1,     ///< D: of the answer to 0828
  qr_poll = 0,   ///< D: of 0819 and its answer
  qr_proof = 0,  ///< D: of the answer to an 0836 with a ticket in the place of a proof
};
/// One of a token's keys.
[[nodiscard]] inline crypto::TeaKey step_key(const TokenMint& mint, Bytes token, StepKey which) noexcept {
  return mint.key_of(token, static_cast<std::uint8_t>(which));
}

}  // namespace uhoh::qq
