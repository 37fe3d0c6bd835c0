#include "client/peer_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dialect/peer/packet.hpp"

namespace uhoh::client {

namespace {
/// Pieces that one call sends, so that a fast disk does not keep everything else waiting.
constexpr int pieces_per_call = 64;

std::string unreadable(const peer::DecodeError& error) {
  return fmt::format("sent a packet that is {} at byte {}", to_string(error.kind), error.offset);
}

std::string base_name(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return std::string{slash == std::string_view::npos ? path : path.substr(slash + 1)};
}

/// The pause after each piece at a speed below 100.
Duration pause_at(std::uint32_t speed) { return std::chrono::milliseconds{PeerFiles::full_speed - speed}; }
}  // namespace

// What the user does.

std::expected<TransferId, std::string> PeerFiles::offer(Uin to, const std::vector<std::string>& paths) {
  if (paths.empty()) return std::unexpected("No file is named");
  if (paths.size() > max_files) return std::unexpected(fmt::format("At most {} files go at once", max_files));
  Transfer t;
  t.sends = true;
  t.other = to;
  for (const std::string& path : paths) {
    auto source = files_->open(path);
    if (!source) return std::unexpected(source.error());
    t.progress.total += (*source)->size();
    t.outgoing.push_back({base_name(path), std::move(*source)});
  }
  if (t.progress.total > max_bytes)
    return std::unexpected("This protocol can't send more than 4 GiB at once");
  t.progress.files = static_cast<std::uint32_t>(paths.size());
  t.progress.name = t.outgoing.front().name;
  const auto id = static_cast<TransferId>(numbers_->plain());
  transfers_.emplace(id, std::move(t));
  return id;
}

PeerExtra PeerFiles::description_of(TransferId transfer) const {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end()) return {};
  const TransferProgress& p = at->second.progress;
  return {listener_->to_wire(p.files == 1 ? p.name : fmt::format("{} files", p.files)),
          static_cast<std::uint32_t>(p.total), 0};
}

void PeerFiles::begin_to_send(TransferId transfer, const Endpoint& to, const ClientIo& io) {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end() || at->second.stage != Stage::waits) return;
  Transfer& t = at->second;
  t.stream = numbers_->stream();
  t.remote = to;
  t.stage = Stage::connecting;
  t.deadline = io.now + connect_timeout;
  t.in.set_limit(peer::max_file_packet);
  io.network.connect(t.stream, to);
}

std::expected<TransferId, std::string> PeerFiles::begin_to_receive(Uin from, const PeerExtra& offer,
                                                                   const ClientIo& io) {
  Transfer t;
  t.other = from;
  t.listener = numbers_->listener();
  t.port = io.network.listen(t.listener);
  if (t.port == 0) return std::unexpected("No port is free for the sender to connect to");
  t.deadline = io.now + silence_timeout;
  t.progress.total = offer.size;
  t.progress.name = listener_->from_wire(offer.name);
  const auto id = static_cast<TransferId>(numbers_->plain());
  transfers_.emplace(id, std::move(t));
  return id;
}

std::uint16_t PeerFiles::port_of(TransferId transfer) const noexcept {
  const auto at = transfers_.find(transfer);
  return at == transfers_.end() ? 0 : at->second.port;
}

void PeerFiles::end(TransferId id, const ClientIo& io) {
  const auto node = transfers_.extract(id);
  if (node.empty()) return;
  const Transfer& t = node.mapped();
  if (t.listener != ListenerId::none) io.network.stop_listening(t.listener);
  if (t.stream != StreamId::none) io.network.close(t.stream);
}

void PeerFiles::fail(TransferId id, const std::string& line, const ClientIo& io) {
  end(id, io);
  listener_->on_transfer_failed(id, line);
}

void PeerFiles::cancel(TransferId transfer, const ClientIo& io) { end(transfer, io); }

void PeerFiles::cancel_all(const ClientIo& io) {
  while (!transfers_.empty()) end(transfers_.begin()->first, io);
}

bool PeerFiles::set_speed(TransferId transfer, std::uint32_t speed, const ClientIo& io) {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end() || at->second.stream == StreamId::none) return false;
  Transfer& t = at->second;
  t.speed = std::min(speed, full_speed);
  io.network.write(t.stream, peer::encode_file_packet(peer::FileSpeed{t.speed}));
  if (t.sends && t.stage == Stage::data) pump(transfer, t, io);
  return true;
}

// What comes in.

std::map<TransferId, PeerFiles::Transfer>::iterator PeerFiles::find(StreamId stream) noexcept {
  return std::ranges::find_if(transfers_, [&](const auto& entry) { return entry.second.stream == stream; });
}

bool PeerFiles::owns(ListenerId listener) const noexcept {
  return std::ranges::any_of(transfers_,
                             [&](const auto& entry) { return entry.second.listener == listener; });
}

bool PeerFiles::owns(StreamId stream) const noexcept {
  return stream != StreamId::none &&
         std::ranges::any_of(transfers_, [&](const auto& entry) { return entry.second.stream == stream; });
}

StreamId PeerFiles::on_accepted(ListenerId listener, const Endpoint& from, const ClientIo& io) {
  const auto at =
      std::ranges::find_if(transfers_, [&](const auto& e) { return e.second.listener == listener; });
  if (at == transfers_.end() || at->second.stream != StreamId::none) return StreamId::none;
  Transfer& t = at->second;
  t.stream = numbers_->stream();
  t.remote = from;
  t.stage = Stage::awaits_init;
  t.deadline = io.now + connect_timeout;
  t.in = peer::PacketStream{peer::max_init_packet};
  return t.stream;
}

void PeerFiles::on_connected(StreamId stream, const PeerSelf& self, const ClientIo& io) {
  const auto at = find(stream);
  if (at == transfers_.end()) return;
  Transfer& t = at->second;
  io.network.write(stream, peer::encode(peer::ChannelInit{.version = self.version,
                                                          .first_port = self.version > 2 ? self.port : 0U,
                                                          .uin = self.uin,
                                                          .ip = self.outer_ip,
                                                          .real_ip = self.inner_ip,
                                                          .port = self.port}));
  io.network.write(
      stream, peer::encode_file_packet(peer::FileInit{.files = t.progress.files,
                                                      .total = static_cast<std::uint32_t>(t.progress.total),
                                                      .speed = t.speed,
                                                      .name = self.name}));
  t.stage = Stage::awaits_ready;
  t.deadline = io.now + silence_timeout;
}

void PeerFiles::on_received(StreamId stream, Bytes bytes, const PeerSelf& self, const ClientIo& io) {
  const auto at = find(stream);
  if (at == transfers_.end()) return;
  const TransferId id = at->first;
  Transfer& t = at->second;
  t.deadline = io.now + silence_timeout;
  t.in.append(bytes);
  Problem problem;
  while (!problem) {
    const auto packet = t.in.next();
    if (!packet) break;
    problem = take(id, t, *packet, self, io);
    if (!transfers_.contains(id)) return;
  }
  if (!problem && t.in.failed())
    problem = fmt::format("announced a packet of {} bytes", t.in.refused_length());
  if (problem)
    return fail(id, fmt::format("Refused what came from {}: it {}", t.remote.address.to_string(), *problem),
                io);
  if (!t.sends && t.stage == Stage::data) listener_->on_transfer_progress(id, t.progress);
}

PeerFiles::Problem PeerFiles::take(TransferId id, Transfer& t, Bytes packet, const PeerSelf& self,
                                   const ClientIo& io) {
  if (t.stage == Stage::awaits_init) return take_init(t, packet);
  if (packet[0] == peer::FileSpeed::command) {
    const auto speed = wire::decode<peer::FileSpeed>(packet.subspan(1));
    if (!speed) return unreadable(speed.error());
    t.speed = std::min(speed->speed, full_speed);
    if (t.sends && t.stage == Stage::data) pump(id, t, io);
    return std::nullopt;
  }
  return t.sends ? take_from_recipient(id, t, packet, io) : take_from_sender(id, t, packet, self, io);
}

PeerFiles::Problem PeerFiles::take_init(Transfer& t, Bytes packet) {
  const auto init = peer::decode_init(packet);
  if (!init)
    return fmt::format("sent no CHANNEL_INIT ({} at byte {})", to_string(init.error().kind),
                       init.error().offset);
  if (init->uin != t.other)
    return fmt::format("said to be number {}, but {} is expected", init->uin.value, t.other.value);
  t.in.set_limit(peer::max_file_packet);
  t.stage = Stage::awaits_total;
  return std::nullopt;
}

PeerFiles::Problem PeerFiles::take_from_recipient(TransferId id, Transfer& t, Bytes packet,
                                                  const ClientIo& io) {
  const Bytes fields = packet.subspan(1);
  if (packet[0] == peer::FileReady::command && t.stage == Stage::awaits_ready) {
    const auto ready = wire::decode<peer::FileReady>(fields);
    if (!ready) return unreadable(ready.error());
    t.speed = std::min(t.speed, std::min(ready->speed, full_speed));
    announce_file(id, t, io);
    return std::nullopt;
  }
  if (packet[0] == peer::FileStart::command && t.stage == Stage::awaits_start) {
    const auto start = wire::decode<peer::FileStart>(fields);
    if (!start) return unreadable(start.error());
    if (start->position > t.file_size)
      return fmt::format("asked for byte {} of a file of {}", start->position, t.file_size);
    t.position = start->position;
    t.progress.done += start->position;
    t.progress.resumed += start->position;
    t.stage = Stage::data;
    pump(id, t, io);
    return std::nullopt;
  }
  return fmt::format("sent a packet {:02X} where none belongs", packet[0]);
}

PeerFiles::Problem PeerFiles::take_from_sender(TransferId id, Transfer& t, Bytes packet, const PeerSelf& self,
                                               const ClientIo& io) {
  const Bytes fields = packet.subspan(1);
  if (packet[0] == peer::FileInit::command && t.stage == Stage::awaits_total) {
    const auto init = wire::decode<peer::FileInit>(fields);
    if (!init) return unreadable(init.error());
    if (init->files == 0 || init->files > max_files) return fmt::format("announced {} files", init->files);
    if (init->total > t.progress.total)
      return fmt::format("announced {} bytes, but offered {}", init->total, t.progress.total);
    t.progress.files = init->files;
    t.stage = Stage::awaits_file;
    io.network.write(t.stream, peer::encode_file_packet(peer::FileReady{t.speed, self.name}));
    return std::nullopt;
  }
  if (packet[0] == peer::FileNext::command && t.stage == Stage::awaits_file)
    return take_next_file(id, t, fields, io);
  if (packet[0] == peer::FileData::command && t.stage == Stage::data) return take_data(id, t, fields, io);
  return fmt::format("sent a packet {:02X} where none belongs", packet[0]);
}

PeerFiles::Problem PeerFiles::take_next_file(TransferId id, Transfer& t, Bytes packet, const ClientIo& io) {
  const auto next = wire::decode<peer::FileNext>(packet);
  if (!next) return unreadable(next.error());
  if (next->kind != 0) return "wants to send a folder";
  if (next->size > t.progress.total - t.progress.done) return "announced more bytes than it offered";
  const std::string name = listener_->from_wire(next->file_name);
  auto target = files_->begin(name, next->size, t.other);
  if (!target) {
    fail(id, target.error(), io);
    return std::nullopt;
  }
  t.target = std::move(*target);
  t.progress.name = name;
  t.file_size = next->size;
  t.position = t.target->size();
  t.progress.done += t.position;
  t.progress.resumed += t.position;
  t.stage = Stage::data;
  io.network.write(t.stream, peer::encode_file_packet(
                                 peer::FileStart{static_cast<std::uint32_t>(t.position), 0, t.speed}));
  return t.position == t.file_size ? finish_file(id, t, io) : std::nullopt;
}

PeerFiles::Problem PeerFiles::take_data(TransferId id, Transfer& t, Bytes bytes, const ClientIo& io) {
  if (bytes.size() > t.file_size - t.position) return "sent more bytes than it offered";
  if (!t.target->write(bytes)) {
    fail(id, fmt::format("{} can't be written: the disk is full?", t.progress.name), io);
    return std::nullopt;
  }
  t.position += bytes.size();
  t.progress.done += bytes.size();
  return t.position == t.file_size ? finish_file(id, t, io) : std::nullopt;
}

PeerFiles::Problem PeerFiles::finish_file(TransferId id, Transfer& t, const ClientIo& io) {
  const auto path = t.target->finish();
  t.target.reset();
  if (!path) {
    fail(id, path.error(), io);
    return std::nullopt;
  }
  listener_->on_transfer_file(id, t.progress.name, *path);
  t.stage = Stage::awaits_file;
  if (++t.progress.files_done < t.progress.files) return std::nullopt;
  listener_->on_transfer_progress(id, t.progress);
  end(id, io);
  listener_->on_transfer_done(id);
  return std::nullopt;
}

// Sending.

void PeerFiles::announce_file(TransferId id, Transfer& t, const ClientIo& io) {
  if (t.progress.files_done == t.progress.files) {
    t.stage = Stage::farewell;
    t.deadline = io.now + farewell_timeout;
    return;
  }
  const Outgoing& file = t.outgoing[t.progress.files_done];
  t.progress.name = file.name;
  t.file_size = file.source->size();
  t.position = 0;
  t.stage = Stage::awaits_start;
  const std::string name = listener_->to_wire(file.name);
  io.network.write(
      t.stream, peer::encode_file_packet(peer::FileNext{
                    .file_name = name, .size = static_cast<std::uint32_t>(t.file_size), .speed = t.speed}));
  listener_->on_transfer_progress(id, t.progress);
}

void PeerFiles::pump(TransferId id, Transfer& t, const ClientIo& io) {
  std::array<std::uint8_t, peer::file_piece> piece;
  for (int i = 0; i < pieces_per_call && t.position < t.file_size; ++i) {
    if (t.speed == 0 || io.network.unsent(t.stream) >= max_unsent) break;
    if (t.speed < full_speed && io.now < t.next_piece) break;
    const auto want = std::min<std::uint64_t>(piece.size(), t.file_size - t.position);
    const std::size_t got =
        t.outgoing[t.progress.files_done].source->read(t.position, MutableBytes{piece}.first(want));
    if (got < want) return fail(id, fmt::format("{} can't be read any more", t.progress.name), io);
    io.network.write(t.stream, peer::encode_file_packet(peer::FileData{Bytes{piece}.first(got)}));
    t.position += got;
    t.progress.done += got;
    t.next_piece = io.now + pause_at(t.speed);
  }
  t.deadline = io.now + silence_timeout;
  listener_->on_transfer_progress(id, t.progress);
  if (t.position < t.file_size) return;
  listener_->on_transfer_file(id, t.progress.name, {});
  ++t.progress.files_done;
  announce_file(id, t, io);
}

void PeerFiles::on_writable(StreamId stream, const ClientIo& io) {
  const auto at = find(stream);
  if (at != transfers_.end() && at->second.sends && at->second.stage == Stage::data)
    pump(at->first, at->second, io);
}

// Ends.

void PeerFiles::on_closed(StreamId stream, const ClientIo& io) {
  const auto at = find(stream);
  if (at == transfers_.end()) return;
  const TransferId id = at->first;
  const Stage stage = at->second.stage;
  at->second.stream = StreamId::none;
  if (stage != Stage::farewell)
    return fail(
        id, stage == Stage::connecting ? "The other can't be reached directly" : "The connection was cut off",
        io);
  end(id, io);
  listener_->on_transfer_done(id);
}

void PeerFiles::on_time(const ClientIo& io) {
  std::vector<TransferId> late;
  for (auto& [id, t] : transfers_) {
    const bool has_pieces = t.sends && t.stage == Stage::data && t.speed > 0 && t.speed < full_speed;
    if (t.deadline <= io.now || (has_pieces && t.next_piece <= io.now)) late.push_back(id);
  }
  for (const TransferId id : late) {
    const auto at = transfers_.find(id);
    if (at == transfers_.end()) continue;
    Transfer& t = at->second;
    if (t.deadline > io.now || (t.stage == Stage::data && t.speed == 0)) {
      t.deadline = std::max(t.deadline, io.now + silence_timeout);
      if (t.speed > 0) pump(id, t, io);
    } else if (t.stage == Stage::farewell) {
      end(id, io);
      listener_->on_transfer_done(id);
    } else {
      fail(id, "Nothing came from the other side any more", io);
    }
  }
}

Instant PeerFiles::next_deadline() const noexcept {
  Instant next = Instant::max();
  for (const auto& [id, t] : transfers_) {
    next = std::min(next, t.deadline);
    const bool has_pieces = t.sends && t.stage == Stage::data && t.speed > 0 && t.speed < full_speed;
    if (has_pieces) next = std::min(next, t.next_piece);
  }
  return next;
}

}  // namespace uhoh::client
