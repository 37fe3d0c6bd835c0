#include "node/web_wire.hpp"

namespace uhoh::node {

void WebWire::send(Bytes packet, const session::Route& route) {
  const auto found = streams_.find(route.stream.value);
  if (found == streams_.end()) return;
  found->second.stream->unwritten.fetch_add(packet.size());
  found->second.sink->deliver(route.stream, std::string{as_chars(packet)});
}

void WebWire::close(StreamId stream) {
  if (const auto found = streams_.find(stream.value); found != streams_.end()) found->second.sink->close(stream);
}

void WebWire::pause(StreamId stream, bool pause) {
  if (const auto found = streams_.find(stream.value); found != streams_.end()) found->second.sink->pause(stream, pause);
}

std::size_t WebWire::unwritten(StreamId stream) const {
  const auto found = streams_.find(stream.value);
  if (found == streams_.end()) return 0;
  const auto waiting = found->second.stream->unwritten.load();
  if (waiting > 0) found->second.stream->write_wanted.store(true);
  return waiting;
}

}  // namespace uhoh::node
