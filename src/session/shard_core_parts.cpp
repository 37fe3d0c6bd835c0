// The part of ShardCore that joins what clients send in parts. Each part is a request; the first stands for all when the
// message is whole: with it all are acknowledged, answered or dropped.

#include "base/hash.hpp"
#include "session/shard_core.hpp"

namespace uhoh::session {

void ShardCore::take_part(const Incoming& in, model::RequestRef name, const MessagePart& part) {
  auto* request = request_of(name);
  request->datagram.assign(in.datagram.begin(), in.datagram.end());
  const auto outcome = parts_.take(request->session, part, name, in.datagram.size(), static_cast<bool>(in.stream),
                                   now_.steady);
  carry_out_apart(outcome.apart);
  if (!outcome.whole.empty()) carry_out_whole(outcome.whole);
}

void ShardCore::carry_out_apart(const std::vector<model::RequestRef>& parts) {
  for (const auto name : parts) carry_out_part(name);
}

/// Carries out a part as a message of its own.
void ShardCore::carry_out_part(model::RequestRef name) {
  auto* request = request_of(name);
  if (request == nullptr) return;
  const auto* session = sessions_.get(request->session);
  if (session == nullptr || session->closing) return forget_request(name);
  ++counters_.parts_apart;
  const auto view = view_of(*session);
  scratch_.note = 0;
  const auto command =
      request->dialect->decode(request->frame, request->datagram, &view,
                               moment_of(request->peer, request->local, request->stream), scratch_);
  if (!command) return forget_request(name);
  request->frame.note = scratch_.note;
  handler_->handle(*command, context_of(name, *request, false, request->may_come_again), now_);
}

void ShardCore::carry_out_whole(const std::vector<model::RequestRef>& parts) {
  auto* first = request_of(parts.front());
  const auto* session = sessions_.get(first->session);
  if (session == nullptr || session->closing) return carry_out_apart(parts);
  std::vector<PartFrame> frames;
  frames.reserve(parts.size());
  for (const auto name : parts) {
    const auto* request = request_of(name);
    frames.push_back({&request->frame, request->datagram});
  }
  const auto view = view_of(*session);
  scratch_.note = 0;
  const auto command = first->dialect->decode_parts(
      frames, view, moment_of(first->peer, first->local, first->stream), scratch_);
  if (!command) return carry_out_apart(parts);
  ++counters_.messages_joined;
  first->frame.note = scratch_.note;
  auto context = context_of(parts.front(), *first, false, first->may_come_again);
  // Not the name that the first part has by itself.
  for (const auto name : parts) context.key.content = mix64(context.key.content ^ request_of(name)->content);
  first->followers.assign(parts.begin() + 1, parts.end());
  for (const auto name : first->followers) request_of(name)->follows = true;
  handler_->handle(*command, context, now_);
}

void ShardCore::forget_parts(model::SessionRef ref) {
  for (const auto name : parts_.forget(ref)) forget_request(name);
}

}  // namespace uhoh::session
