#include "session/parts.hpp"

#include <algorithm>
#include <iterator>

namespace uhoh::session {

namespace {
/// Messages of one session that were given up and are remembered.
constexpr std::size_t max_apart = 8;
}  // namespace

Parts::Outcome Parts::take(model::SessionRef session, const MessagePart& part, model::RequestRef request,
                           std::size_t bytes, bool over_stream, Instant now) {
  Outcome outcome;
  Messages& own = sessions_[session.index];
  auto at = std::ranges::find_if(own, [&](const Message& message) {
    return message.name == part.message && message.requests.size() == part.count;
  });
  if (at == own.end()) {
    make_room(own, outcome, now);
    own.push_back({.name = part.message,
                   .missing = part.count,
                   .due = now + (over_stream ? limits_.wait_on_stream : limits_.wait),
                   .bytes = part.count * sizeof(model::RequestRef),
                   .requests = std::vector<model::RequestRef>(part.count)});
    at = own.end() - 1;
    bytes_ += at->bytes;
    next_due_ = std::min(next_due_, at->due);
  }
  const bool came_before = static_cast<bool>(at->requests[part.index]);
  if (!came_before) {
    at->requests[part.index] = request;
    --at->missing;
  }
  if (at->apart || came_before) {
    // Another request with the place of one that is there: the client counts otherwise.
    if (!at->apart) std::ranges::move(give_up(*at, now), std::back_inserter(outcome.apart));
    outcome.apart.push_back(request);
    if (at->missing == 0) own.erase(at);
    return outcome;
  }
  at->bytes += bytes;
  bytes_ += bytes;
  if (at->missing == 0) {
    outcome.whole = std::move(at->requests);
    release(*at);
    own.erase(at);
    if (own.empty()) sessions_.erase(session.index);
    return outcome;
  }
  std::size_t own_bytes = 0;
  for (const Message& message : own) own_bytes += message.bytes;
  if (own_bytes > limits_.max_session_bytes || bytes_ > limits_.max_bytes)
    std::ranges::move(give_up(*at, now), std::back_inserter(outcome.apart));
  return outcome;
}

/// A session's new message finds a place: the oldest that waits is given up, the oldest that was is forgotten.
void Parts::make_room(Messages& own, Outcome& outcome, Instant now) {
  const auto is_apart = [](const Message& message) { return message.apart; };
  const auto apart = static_cast<std::size_t>(std::ranges::count_if(own, is_apart));
  if (own.size() - apart >= limits_.max_session_messages)
    std::ranges::move(give_up(*std::ranges::find_if_not(own, is_apart), now), std::back_inserter(outcome.apart));
  if (apart >= max_apart) own.erase(std::ranges::find_if(own, is_apart));
}

/// The parts that have come, in their order; what comes later goes on as it comes.
std::vector<model::RequestRef> Parts::give_up(Message& message, Instant now) {
  release(message);
  message.bytes = 0;
  message.apart = true;
  message.due = now + limits_.memory;
  next_due_ = std::min(next_due_, message.due);
  std::vector<model::RequestRef> there;
  std::ranges::copy_if(message.requests, std::back_inserter(there), [](model::RequestRef one) { return bool{one}; });
  return there;
}

void Parts::hurry(model::SessionRef session, std::uint32_t request_slot, Instant now) noexcept {
  const auto found = sessions_.find(session.index);
  if (found == sessions_.end()) return;
  for (Message& message : found->second) {
    if (message.apart || std::ranges::find(message.requests, request_slot, &model::RequestRef::slot) ==
                             message.requests.end())
      continue;
    message.due = std::min(message.due, now + limits_.wait_after_repeat);
    next_due_ = std::min(next_due_, message.due);
  }
}

std::vector<model::RequestRef> Parts::take_due(Instant now) {
  if (now < next_due_) return {};
  std::vector<model::RequestRef> due;
  auto next = Instant::max();
  boost::unordered::erase_if(sessions_, [&](auto& session) {
    Messages& own = session.second;
    for (Message& message : own)
      if (!message.apart && message.due <= now) std::ranges::move(give_up(message, now), std::back_inserter(due));
    std::erase_if(own, [&](const Message& message) { return message.apart && message.due <= now; });
    for (const Message& message : own) next = std::min(next, message.due);
    return own.empty();
  });
  next_due_ = next;
  return due;
}

std::vector<model::RequestRef> Parts::forget(model::SessionRef session) {
  std::vector<model::RequestRef> waiting;
  const auto found = sessions_.find(session.index);
  if (found == sessions_.end()) return waiting;
  for (const Message& message : found->second) {
    release(message);
    if (message.apart) continue;
    std::ranges::copy_if(message.requests, std::back_inserter(waiting),
                         [](model::RequestRef one) { return bool{one}; });
  }
  sessions_.erase(found);
  return waiting;
}

}  // namespace uhoh::session
