#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/log_in_opening.hpp"
#include "dialect/qq/touch_messages.hpp"

/// Log-ins by picture: 0818, 0819, and the ticket that stands in 0836 in the place of a proof.
///
/// Source: spec/qq.md 10 and 14a, 6.
namespace uhoh::qq {

/// Answers 0818 with a picture; gives the answer's size, 0 for silence.
[[nodiscard]] std::size_t answer_qr_request(const StepContext& context, const QrRequest& request,
                                            MutableBytes out);
/// Answers 0819. `before` and `key` are those of its packet.
[[nodiscard]] std::size_t answer_qr_poll(const StepContext& context, const QrPoll& poll, Bytes before,
                                         const crypto::TeaKey& key, MutableBytes out);
/// Tells whether an 0836 brings the ticket of a log-in that somebody has confirmed, and uses it up.
[[nodiscard]] bool spends_qr_ticket(const StepContext& context, const wire::RecordList<Tlv>& values);
/// The key of the answer to such an 0836; nullopt without a ticket of this server.
[[nodiscard]] std::optional<crypto::TeaKey> qr_ticket_key(const StepContext& context,
                                                          const wire::RecordList<Tlv>& values);

}  // namespace uhoh::qq
