// The part of OicqClient that reads what the server sends.

#include <type_traits>

#include "client/oicq_client.hpp"
#include "dialect/oicq/frame.hpp"

namespace uhoh::client {

namespace {
/// Numbers of one session lie close to that of its log-in's reply; others are of an older session.
constexpr std::uint32_t most_numbers_of_session = 1U << 24;
}  // namespace

bool OicqClient::on_bytes(Bytes bytes, const OicqIo& io) {
  if (!options_->over_stream) {
    if (const auto size = oicq::frame_size(bytes); size && *size == bytes.size()) on_frame(bytes, io);
    return true;
  }
  stream_.insert(stream_.end(), bytes.begin(), bytes.end());
  std::size_t begin = 0;
  bool well = true;
  const auto session = sessions_;
  while (begin < stream_.size()) {
    const Bytes rest = Bytes{stream_}.subspan(begin);
    const auto size = oicq::frame_size(rest);
    if (!size) {
      well = false;
      break;
    }
    if (*size == 0 || *size > rest.size()) break;
    // The frame moves out: what it causes may end the connection, and with it the stream.
    const std::vector<std::uint8_t> frame(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(*size));
    begin += *size;
    on_frame(frame, io);
    if (stream_.size() < begin || (session != sessions_ && phase_ == Phase::offline)) return true;
  }
  stream_.erase(stream_.begin(), stream_.begin() + static_cast<std::ptrdiff_t>(begin));
  return well;
}

void OicqClient::on_frame(Bytes frame, const OicqIo& io) {
  const auto header = oicq::read_header(frame, wire::Direction::server_to_client);
  if (!header) return;
  const Bytes content = frame.subspan(oicq::header_size);
  if (header->type != oicq::ServerEnvelope::command) {
    static_cast<void>(take(header->type, content, io));
    return;
  }
  if (const auto envelope = wire::decode<oicq::Envelope>(content);
      envelope && envelope->client_id == client_id_ && options_->acknowledged)
    on_envelope(*envelope, io);
}

void OicqClient::on_envelope(const oicq::Envelope& envelope, const OicqIo& io) {
  switch (static_cast<oicq::EnvelopeKind>(envelope.kind)) {
    case oicq::EnvelopeKind::acknowledgement:
      return on_acknowledgement(envelope.sequence, io);
    case oicq::EnvelopeKind::hello:
      return io.listener.on_hello();
    case oicq::EnvelopeKind::data:
      break;
    default:
      return;
  }
  const auto inner = oicq::read_header(envelope.inner, wire::Direction::server_to_client);
  if (!inner || inner->type == oicq::ServerEnvelope::command) return;
  const Bytes content = envelope.inner.subspan(oicq::header_size);
  const Seq16 number{static_cast<std::uint16_t>(envelope.sequence)};
  if (phase_ == Phase::logging_in && inner->type == oicq::LoggedIn::command) {
    server_base_ = envelope.sequence;
    seen_.start(number);
    acknowledge(envelope.sequence, io);
    static_cast<void>(take(inner->type, content, io));
    return;
  }
  if (phase_ != Phase::online && phase_ != Phase::leaving) return;
  if (envelope.sequence - server_base_ >= most_numbers_of_session) return;
  if (seen_.contains(number)) return acknowledge(envelope.sequence, io);
  const auto session = sessions_;
  if (!take(inner->type, content, io)) return;
  if (session != sessions_) return;
  seen_.insert(number);
  acknowledge(envelope.sequence, io);
}

/// Reads a frame and tells what it says; false when it shall come again.
bool OicqClient::take(std::uint8_t type, Bytes content, const OicqIo& io) {
  bool kept = true;
  static_cast<void>(
      oicq::ServerMessages::dispatch(type, content, [&](const auto& message) { kept = tell(message, io); }));
  return kept;
}

template <class Message>
bool OicqClient::tell(const Message& m, const OicqIo& io) {
  using std::is_same_v;
  auto& listener = io.listener;
  if constexpr (is_same_v<Message, oicq::LoggedIn>) {
    on_logged_in(m, io);
  } else if constexpr (is_same_v<Message, oicq::Registered>) {
    on_registered(m, io);
  } else if constexpr (is_same_v<Message, oicq::StateChanged>) {
    on_own_state(m, io);
  } else if constexpr (is_same_v<Message, oicq::TestAnswer>) {
    on_test_answer(io);
  } else if constexpr (is_same_v<Message, oicq::Message>) {
    return listener.on_message(m);
  } else if constexpr (is_same_v<Message, oicq::Profile>) {
    listener.on_profile(m);
  } else if constexpr (is_same_v<Message, oicq::GroupAdded>) {
    listener.on_group_added(m.success == 1, m.number, m.name);
  } else if constexpr (is_same_v<Message, oicq::GroupRenamed>) {
    listener.on_group_renamed(m.success == 1, m.number, m.name);
  } else if constexpr (is_same_v<Message, oicq::GroupDeleted>) {
    listener.on_group_deleted(m.success == 1, m.number);
  } else if constexpr (is_same_v<Message, oicq::FriendsMoved>) {
    listener.on_friends_moved(m.success == 1);
  } else if constexpr (is_same_v<Message, oicq::OnlineUsers>) {
    listener.on_online_users(m);
  } else if constexpr (is_same_v<Message, oicq::SearchResult>) {
    listener.on_search_result(m);
  } else if constexpr (is_same_v<Message, oicq::AddResult>) {
    listener.on_add_result(m.added, m.flag);
  } else if constexpr (is_same_v<Message, oicq::FriendAdded>) {
    listener.on_friend_added(m);
  } else if constexpr (is_same_v<Message, oicq::FriendDeleted>) {
    listener.on_friend_deleted(m.removed, m.success == 1);
  } else if constexpr (is_same_v<Message, oicq::ProfileChanged>) {
    listener.on_profile_changed(m.success == 1);
  } else if constexpr (is_same_v<Message, oicq::FileOffered>) {
    listener.on_file_offered(m);
  } else if constexpr (is_same_v<Message, oicq::OfferAnswered>) {
    listener.on_offer_answered(m.answerer, m.allow == 1);
  } else if constexpr (is_same_v<Message, oicq::FilePart>) {
    listener.on_file_part(m.sender, m.part);
  } else if constexpr (is_same_v<Message, oicq::FriendState>) {
    listener.on_friend_state(m.number, static_cast<oicq::State>(m.state));
  } else {
    static_assert(is_same_v<Message, oicq::ServerEnvelope>, "every message of the server has a place here");
  }
  return true;
}

}  // namespace uhoh::client
