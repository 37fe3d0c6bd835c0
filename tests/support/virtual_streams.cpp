// The connections of a VirtualServer: what net::StreamPort does for a real one.

#include <utility>

#include "support/virtual_server.hpp"

namespace uhoh::testing {

std::uint16_t VirtualServer::port_of(model::DialectId dialect) const {
  switch (dialect) {
    case model::DialectId::icq: return options_.address.port;
    case model::DialectId::oicq: return 8001;
    case model::DialectId::qq: return 8000;
    case model::DialectId::web: return 8080;
  }
  return 0;
}

StreamId VirtualServer::connect(model::DialectId dialect, const Endpoint& from) {
  const StreamId stream{next_stream_++};
  connections_[stream.value] = {
      .dialect = dialect, .from = from, .shard = static_cast<unsigned>(hash_of(from) % options_.shards)};
  return stream;
}

void VirtualServer::receive_over(StreamId stream, Bytes bytes) {
  const auto found = connections_.find(stream.value);
  if (found == connections_.end()) return;
  found->second.unread.insert(found->second.unread.end(), bytes.begin(), bytes.end());
  settle();
}

/// Hands over the whole frames of a connection that is read. True when there was one.
bool VirtualServer::take_frames(StreamId stream) {
  bool any = false;
  while (true) {
    const auto found = connections_.find(stream.value);
    if (found == connections_.end()) return any;
    auto& connection = found->second;
    if (connection.paused || connection.closing || connection.unread.empty()) return any;
    const auto size = shards_[0]->dialect(connection.dialect).frame_size(connection.unread);
    if (!size) {
      connection.closing = true;
      return true;
    }
    if (*size == 0 || *size > connection.unread.size()) return any;
    any = true;
    const std::vector<std::uint8_t> frame(connection.unread.begin(),
                                          connection.unread.begin() + static_cast<std::ptrdiff_t>(*size));
    connection.unread.erase(connection.unread.begin(),
                            connection.unread.begin() + static_cast<std::ptrdiff_t>(*size));
    // A connection follows the number that its frames name, as ShardThread has it.
    const auto owner = static_cast<unsigned>(shards_[connection.shard]->owner_of(connection.dialect, frame, stream));
    if (owner != connection.shard) shards_[std::exchange(connection.shard, owner)]->core().on_stream_closed(stream, now_);
    shards_[connection.shard]->on_stream_frame(connection.dialect, frame, stream, connection.from,
                                               options_.address.address, now_);
  }
}

void VirtualServer::disconnect(StreamId stream) {
  const auto found = connections_.find(stream.value);
  if (found == connections_.end()) return;
  const auto shard = found->second.shard;
  connections_.erase(found);
  shards_[shard]->core().on_stream_closed(stream, now_);
  settle();
}

void VirtualServer::set_reading(StreamId stream, bool reads) {
  const auto found = connections_.find(stream.value);
  if (found == connections_.end()) return;
  auto& connection = found->second;
  connection.reads = reads;
  if (reads && !connection.unsent.empty()) {
    send_over_(stream, connection.unsent);
    connection.unsent.clear();
  }
  settle();
}

bool VirtualServer::is_read(StreamId stream) const {
  const auto found = connections_.find(stream.value);
  return found != connections_.end() && !found->second.paused;
}

void VirtualServer::close(StreamId stream) {
  if (const auto found = connections_.find(stream.value); found != connections_.end())
    found->second.closing = true;
}

void VirtualServer::pause(StreamId stream, bool pause) {
  if (const auto found = connections_.find(stream.value); found != connections_.end())
    found->second.paused = pause;
}

std::size_t VirtualServer::unwritten(StreamId stream) const {
  const auto found = connections_.find(stream.value);
  if (found == connections_.end()) return 0;
  return found->second.unsent.size();
}

std::uint64_t VirtualServer::watch_progress(StreamId stream) {
  const auto found = connections_.find(stream.value);
  if (found == connections_.end()) return 0;
  found->second.watched = true;
  return found->second.written;
}

/// Tells the shards what the clients' TCP has acknowledged since, and whose queue is empty. True when there was news.
bool VirtualServer::report_progress() {
  bool any = false;
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto at = next++;
    const StreamId stream{at->first};
    auto& connection = at->second;
    const auto acknowledged = connection.written - connection.unsent.size();
    if (acknowledged == connection.reported) continue;
    connection.reported = acknowledged;
    any = true;
    auto& core = shards_[connection.shard]->core();
    if (connection.watched) core.on_stream_progress(stream, acknowledged, now_);
    if (connections_.contains(stream.value) && connection.unsent.empty()) core.on_stream_written(stream, now_);
  }
  return any;
}

bool VirtualServer::close_connections() {
  bool any = false;
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto at = next++;
    if (!at->second.closing) continue;
    any = true;
    const StreamId stream{at->first};
    const auto shard = at->second.shard;
    connections_.erase(at);
    shards_[shard]->core().on_stream_closed(stream, now_);
  }
  return any;
}

}  // namespace uhoh::testing
