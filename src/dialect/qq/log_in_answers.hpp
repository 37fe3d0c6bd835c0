#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/log_in_opening.hpp"
#include "model/event.hpp"

/// What the steps of a log-in are answered with. All give the size of the packet that they wrote, 0 for
/// silence.
namespace uhoh::qq {

/// The key of the answer to 0836 that stands in its proof; nullopt when the proof is not one of this
/// password.
[[nodiscard]] std::optional<crypto::TeaKey> ticket_key_in(Bytes sealed_proof,
                                                          const crypto::TeaKey& password_key, Uin uin);

/// Answers a step that asks no account: a token, or where to go.
[[nodiscard]] std::size_t answer_step(const StepContext& context, MutableBytes out);
/// The password was right, and the log-in goes on.
[[nodiscard]] std::size_t answer_proven(const StepContext& context, const model::LogInProven& event,
                                        Bytes password_key, MutableBytes out);
/// The log-in is over: the session's key.
[[nodiscard]] std::size_t answer_prepared(const StepContext& context, const model::LogInPrepared& event,
                                          Bytes password_key, MutableBytes out);
/// The password was wrong, or there is no such account.
[[nodiscard]] std::size_t answer_refused(const StepContext& context, bool no_account, MutableBytes out);
/// The server takes no log-ins just now. Most clients are told nothing and ask again.
[[nodiscard]] std::size_t answer_busy(const StepContext& context, MutableBytes out);

}  // namespace uhoh::qq
