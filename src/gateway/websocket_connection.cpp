#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/json.hpp>

#include "gateway/web_state.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;
namespace websocket = beast::websocket;

constexpr std::size_t longest_frame = 64U << 10;
/// Frames that the shard has not looked at, after which no more are read.
constexpr std::uint32_t most_frames_waiting = 64;
constexpr auto read_pause = std::chrono::milliseconds{10};
/// What may wait to be written before the connection is given up.
constexpr std::size_t most_unwritten = 4U << 20;
constexpr auto hello_time = std::chrono::seconds{10};

/// One WebSocket. The first frame of a client is its hello; from then on every frame goes to the shard of its user.
template <class Stream>
class WebSocketConnection final : public ClientConnection,
                                  public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  WebSocketConnection(WebServer::State& server, Stream&& socket, std::shared_ptr<WebStream> shared)
      : ClientConnection{std::move(shared)}, server_{server}, ws_{std::move(socket)}, timer_{server.io} {}
  ~WebSocketConnection() override {
    if (joined_) server_.part(*this);
    server_.leave(stream_->peer.address);
  }
  WebSocketConnection(const WebSocketConnection&) = delete;
  WebSocketConnection& operator=(const WebSocketConnection&) = delete;

  void start(Request&& request) {
    beast::get_lowest_layer(ws_).expires_never();
    ws_.set_option(websocket::stream_base::timeout{.handshake_timeout = hello_time,
                                                   .idle_timeout = server_.options.idle_time,
                                                   .keep_alive_pings = true});
    ws_.read_message_max(longest_frame);
    ws_.auto_fragment(false);
    ws_.text(true);
    auto kept = std::make_shared<Request>(std::move(request));
    auto& asked = *kept;
    ws_.async_accept(asked, [self = this->shared_from_this(), kept](ErrorCode error) {
      if (!error) self->await_hello();
    });
  }

  void deliver(std::string packet) override {
    if (stream_->unwritten.load(std::memory_order_relaxed) > most_unwritten) return drop();
    if (server_.take_answer(stream_->uin, packet)) {
      stream_->unwritten.fetch_sub(packet.size());
      return;
    }
    queue_.push_back(std::move(packet));
    if (!writing_) write();
  }

  void close_soon() override {
    closing_ = true;
    if (!writing_) say_goodbye();
  }

  void pause(bool pause) override {
    paused_ = pause;
    if (paused_) {
      alive_ = this->shared_from_this();  // while nothing is read nothing else may hold it
      return;
    }
    const auto self = std::exchange(alive_, nullptr);
    if (!reading_ && !closing_ && held_.empty()) read();
  }

 private:
  void await_hello() {
    timer_.expires_after(hello_time);
    timer_.async_wait([weak = this->weak_from_this()](ErrorCode error) {
      const auto self = weak.lock();
      if (!error && self && !self->joined_) self->drop();
    });
    read();
  }

  void read() {
    reading_ = true;
    ws_.async_read(buffer_, [self = this->shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
  }

  void on_read(ErrorCode error) {
    reading_ = false;
    if (error || closing_) return drop();  // the last reference goes, and with it the session
    const auto data = buffer_.cdata();
    std::string frame{static_cast<const char*>(data.data()), data.size()};
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > 4096) buffer_.shrink_to_fit();
    ++server_.frames_in;
    // Whatever begins otherwise is the gateway's own way to speak to the shards.
    if (!ws_.got_text() || !frame.starts_with('{')) return drop();
    if (joined_) return pass_on(std::move(frame));
    if (!say_hello(frame)) drop();
  }

  /// Opens the session with what the client's hello says.
  bool say_hello(std::string_view text) {
    json::error_code error;
    const auto value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_object()) return false;
    const auto& hello = value.get_object();
    const auto* op = hello.if_contains("op");
    if (op == nullptr || !op->is_string() || op->get_string() != "hello") return false;
    json::object login{{"op", "login"}, {"uin", stream_->uin.value}};
    for (const auto name : {"status", "invisible", "seq"})
      if (const auto* member = hello.if_contains(name)) login[name] = *member;
    server_.join(*this);
    joined_ = true;
    timer_.cancel();
    pass_on('\x01' + json::serialize(login));
    return true;
  }

  void pass_on(std::string frame) {
    if (!server_.link.frame(stream_, frame)) {
      held_ = std::move(frame);
      return read_later();
    }
    if (stream_->frames_waiting.load(std::memory_order_relaxed) > most_frames_waiting) return read_later();
    if (!paused_) read();
  }

  /// Reads on when the shard has caught up.
  void read_later() {
    timer_.expires_after(read_pause);
    timer_.async_wait([self = this->shared_from_this()](ErrorCode error) {
      if (error || self->closing_) return;
      if (!self->held_.empty()) return self->pass_on(std::exchange(self->held_, {}));
      if (self->stream_->frames_waiting.load(std::memory_order_relaxed) > most_frames_waiting) return self->read_later();
      if (!self->paused_ && !self->reading_) self->read();
    });
  }

  void write() {
    writing_ = true;
    ws_.async_write(asio::buffer(queue_.front()), [self = this->shared_from_this()](ErrorCode error, std::size_t) {
      self->on_written(error);
    });
  }

  void on_written(ErrorCode error) {
    writing_ = false;
    const auto size = queue_.front().size();
    queue_.pop_front();
    if (queue_.empty()) queue_.shrink_to_fit();
    ++server_.packets_out;
    if (error) return;
    if (stream_->unwritten.fetch_sub(size) == size && stream_->write_wanted.exchange(false)) server_.link.written(stream_);
    if (!queue_.empty()) return write();
    if (closing_) say_goodbye();
  }

  void say_goodbye() {
    ws_.async_close(websocket::close_code::going_away, [self = this->shared_from_this()](ErrorCode) { self->drop(); });
  }

  void drop() {
    const auto self = alive_ != nullptr ? std::exchange(alive_, nullptr) : nullptr;
    closing_ = true;
    timer_.cancel();
    ErrorCode ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
  }

  WebServer::State& server_;
  websocket::stream<Stream, false> ws_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  std::string held_;  // a frame that found its shard's mailbox full
  Timer timer_;
  std::shared_ptr<WebSocketConnection> alive_;
  bool joined_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool paused_ = false;
  bool closing_ = false;
};

}  // namespace

template <class Stream>
void upgrade_to_websocket(WebServer::State& server, Stream&& stream, Request&& request, const Caller& caller,
                          const Endpoint& peer, const IpAddress& local) {
  auto shared = std::make_shared<WebStream>();
  shared->uin = caller.uin;
  shared->peer = peer;
  shared->local = local;
  std::make_shared<WebSocketConnection<Stream>>(server, std::move(stream), std::move(shared))->start(std::move(request));
}

template void upgrade_to_websocket(WebServer::State&, PlainStream&&, Request&&, const Caller&, const Endpoint&, const IpAddress&);
template void upgrade_to_websocket(WebServer::State&, SecureStream&&, Request&&, const Caller&, const Endpoint&, const IpAddress&);

}  // namespace uhoh::gateway
