#include "node/web_link.hpp"

#include <future>

#include "node/web_wire.hpp"

namespace uhoh::node {
namespace {

/// How long a request over HTTP waits for the answer to its password.
constexpr auto password_patience = std::chrono::seconds{15};

}  // namespace

bool WebLink::frame(const std::shared_ptr<gateway::WebStream>& stream, std::string bytes) {
  stream->frames_waiting.fetch_add(1);
  const bool posted = server_.post(
      owner_of(*stream), [this, stream, frame = std::move(bytes)](Shard& shard, WebWire& wire, Now now) {
        stream->frames_waiting.fetch_sub(1);
        if (!wire.knows(stream->id)) wire.add(stream, *sink_);
        shard.on_stream_frame(model::DialectId::web, as_bytes(frame), stream->id, stream->peer, stream->local, now);
      });
  if (!posted) stream->frames_waiting.fetch_sub(1);
  return posted;
}

void WebLink::closed(const std::shared_ptr<gateway::WebStream>& stream) {
  server_.post(owner_of(*stream), [stream](Shard& shard, WebWire& wire, Now now) {
    wire.remove(stream->id);
    shard.core().on_stream_closed(stream->id, now);
  });
}

void WebLink::written(const std::shared_ptr<gateway::WebStream>& stream) {
  server_.post(owner_of(*stream), [stream](Shard& shard, WebWire&, Now now) {
    shard.core().on_stream_written(stream->id, now);
  });
}

gateway::PasswordAnswer WebLink::check_password(Uin uin, std::string password, const Endpoint& peer) {
  using gateway::PasswordAnswer;
  auto answered = std::make_shared<std::promise<service::PasswordVerdict>>();
  auto answer = answered->get_future();
  const bool posted = server_.post(
      shard_of(uin, server_.shards()),
      [uin, peer, answered, secret = std::move(password)](Shard& shard, WebWire&, Now now) mutable {
        shard.services().check_password(
            uin, std::move(secret), peer.address,
            [answered](service::PasswordVerdict verdict) { answered->set_value(verdict); }, now);
      });
  if (!posted || answer.wait_for(password_patience) != std::future_status::ready) return PasswordAnswer::put_off;
  switch (answer.get()) {
    case service::PasswordVerdict::right: return PasswordAnswer::right;
    case service::PasswordVerdict::wrong: return PasswordAnswer::wrong;
    case service::PasswordVerdict::put_off: break;
  }
  return PasswordAnswer::put_off;
}

bool WebLink::admit_registration() {
  bool admitted = false;
  return server_.on_shard(ShardId{}, [&](Shard& shard, Now now) { admitted = shard.services().admit_registration(now); }) &&
         admitted;
}

bool WebLink::qq_for_new_accounts() {
  bool qq = false;
  return server_.on_shard(ShardId{}, [&](Shard& shard, Now) { qq = shard.services().options().qq_for_new_accounts; }) && qq;
}

}  // namespace uhoh::node
