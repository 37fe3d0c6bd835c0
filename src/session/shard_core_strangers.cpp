// The part of ShardCore that serves those who have no session (yet).

#include <algorithm>

#include "base/hash.hpp"
#include "session/shard_core.hpp"

namespace uhoh::session {
namespace {

using model::SessionRef;

constexpr std::size_t largest_packet = BufferPool::max_size;

/// Takes one packet for somebody without a session.
class SinglePacket final : public PacketSink {
 public:
  explicit SinglePacket(const FrameInfo& request) noexcept : request_{request} {}
  [[nodiscard]] Seq16 sequence() const override { return request_.sequence; }
  [[nodiscard]] const FrameInfo* request() const override { return &request_; }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    return size <= packet_.size() && size_ == 0 ? MutableBytes{packet_}.first(size) : MutableBytes{};
  }
  void push(std::size_t size, Confirmation) override { size_ = size; }
  [[nodiscard]] Bytes packet() const { return Bytes{packet_}.first(size_); }

 private:
  const FrameInfo& request_;
  std::size_t size_ = 0;
  std::array<std::uint8_t, largest_packet> packet_;
};

}  // namespace

void ShardCore::on_stranger(const Incoming& in) {
  if (in.frame.answered_by_dialect) return answer_by_dialect(in);
  if (in.stream) return complain(in, nullptr, {.kind = FrameError::Kind::not_logged_in});
  tell_stranger(in, model::NotConnected{});
}

/// The first packet under the key of a proven log-in makes that log-in take effect.
bool ShardCore::open_candidate(const Incoming& in) {
  auto* candidate = candidates_.find(in.frame.uin, in.from, in.stream);
  if (candidate == nullptr || !in.dialect.opens(in.frame, in.datagram, candidate->key)) return false;
  if (candidate->opening) return true;
  model::RequestRef name;
  auto* request = make_request({}, in, 0, name);
  if (request == nullptr) return true;
  candidate->opening = true;
  request->opens_candidate = true;
  request->datagram.assign(in.datagram.begin(), in.datagram.end());
  auto login = candidate->login;
  login.session_key = candidate->key;
  if (in.stream) {
    auto& stream = streams_.at(in.stream);
    stream.paused_for_order = true;
    apply_pause(in.stream, stream);
  }
  handler_->handle(login, context_of(name, *request, false, true), now_);
  return true;
}

/// Takes an answer from what strangers may get. A log-in of many steps is not held back by it: of its answers only those
/// count that are longer than their questions (DESIGN.md, promise 4), as long as no password was proven.
bool ShardCore::may_answer(const FrameInfo& frame, const IpAddress& address) {
  if (frame.before_session && (frame.behind_proof || !frame.answer_may_be_longer)) return true;
  return strangers_.may_answer(address, now_.steady);
}

void ShardCore::answer_by_dialect(const Incoming& in) {
  const bool allowed = in.stream || may_answer(in.frame, in.from.address);
  if (!allowed || is_silenced(in) ||
      !addresses_.take(hash_of(Endpoint{in.from.address, 0}), in.frame.cost, limits_.address_flood, now_.steady)) {
    ++counters_.strangers_ignored;
    return;
  }
  std::array<std::uint8_t, largest_packet> packet;
  const auto size = in.dialect.answer(in.frame, in.datagram, moment_of(in.from, in.to, in.stream), packet);
  if (size == 0 || (!in.stream && !in.frame.answer_may_be_longer && size > in.datagram.size())) return;
  ++counters_.strangers_told;
  wire_->send(Bytes{packet}.first(size), {in.dialect.id(), in.stream, in.from, in.to});
}

void ShardCore::tell_stranger(const Incoming& in, const model::Event& event) {
  if (is_silenced(in) || !strangers_.may_answer(in.from.address, now_.steady)) {
    ++counters_.strangers_ignored;
    return;
  }
  std::array<std::uint8_t, largest_packet> packet;
  const StrangerRequest request{.datagram = in.datagram, .password_key = {}, .moment = moment_of(in.from, in.to, {})};
  const auto size = in.dialect.encode_for_stranger(event, in.frame, request, packet);
  // What a stranger gets is never larger than what he sent.
  if (size == 0 || size > in.datagram.size()) return;
  ++counters_.strangers_told;
  wire_->send(Bytes{packet}.first(size), {in.dialect.id(), {}, in.from, in.to});
}

/// Tells a session, or whoever is on a connection, why a frame was not carried out. Strangers over UDP hear nothing.
void ShardCore::complain(const Incoming& in, const Session* session, const FrameError& error) {
  if (session != nullptr) {
    const auto ref = sessions_.find(session->facts.uin);
    return complain_to(ref, in.frame, error);
  }
  if (!in.stream) return;
  SinglePacket packet{in.frame};
  in.dialect.encode_error(in.frame, error, {.uin = in.frame.uin, .version = in.frame.version, .over_stream = true}, packet);
  if (!packet.packet().empty()) wire_->send(packet.packet(), {in.dialect.id(), in.stream, in.from, in.to});
}

void ShardCore::prepare_session(model::RequestRef ref, const model::LogIn& login) {
  const auto* request = request_of(ref);
  if (request == nullptr || login.session_key.size() != std::tuple_size_v<decltype(Candidate::key)>) return;
  Candidate candidate{.peer = request->peer,
                      .stream = request->stream,
                      .login = login,
                      .until = now_.steady + limits_.candidate_memory};
  std::ranges::copy(login.session_key, candidate.key.begin());
  candidate.login.session_key = candidate.login.password = {};
  if (!candidates_.insert(candidate)) ++counters_.requests_refused;
}

void ShardCore::give_password_key(model::RequestRef name, Bytes key) {
  auto* request = request_of(name);
  if (request == nullptr || request->acknowledged) return;
  request->password_key.assign(key.begin(), key.end());
  const SessionView view{.uin = request->frame.uin,
                         .version = request->frame.version,
                         .over_stream = static_cast<bool>(request->stream),
                         .password_key = request->password_key};
  scratch_.note = 0;
  // The command looks into the request's own copy, which stays while it is handled.
  const auto command = request->dialect->decode(request->frame, request->datagram, &view,
                                                moment_of(request->peer, request->local, request->stream), scratch_);
  if (!command) {
    ++counters_.bodies_not_understood;
    return forget_request(name);
  }
  request->frame.note = scratch_.note;
  handler_->handle(*command, context_of(name, *request, false, true), now_);
}

void ShardCore::send_to_stranger(Request& request, Bytes packet) {
  if (!request.stream) {
    // All that a stranger gets is together never larger than what he sent.
    if (packet.size() > request.answer_bytes) return;
    request.answer_bytes = static_cast<std::uint16_t>(request.answer_bytes - packet.size());
  }
  wire_->send(packet, {request.dialect->id(), request.stream, request.peer, request.local});
}

}  // namespace uhoh::session
