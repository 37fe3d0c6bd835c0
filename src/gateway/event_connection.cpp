#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "gateway/web_state.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t most_unwritten = 1U << 20;
constexpr auto sign_of_life = std::chrono::seconds{20};
constexpr const char* event_header =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";

/// A stream of Server-Sent Events: a session that only hears; its account's messages are sent by POST.
///
/// What was written counts as acknowledged: a program that reads a pipe can't do better.
template <class Stream>
class EventConnection final : public ClientConnection, public std::enable_shared_from_this<EventConnection<Stream>> {
 public:
  EventConnection(WebServer::State& server, Stream&& socket, std::shared_ptr<WebStream> shared)
      : ClientConnection{std::move(shared)}, server_{server}, stream_socket_{std::move(socket)}, timer_{server.io} {}
  ~EventConnection() override {
    if (joined_) server_.part(*this);
    server_.leave(stream_->peer.address);
  }
  EventConnection(const EventConnection&) = delete;
  EventConnection& operator=(const EventConnection&) = delete;

  void start(bool invisible) {
    beast::get_lowest_layer(stream_socket_).expires_never();
    queue_.push_back({event_header, 0, none});
    write();
    server_.join(*this);
    joined_ = true;
    const json::object login{{"op", "login"}, {"uin", stream_->uin.value}, {"invisible", invisible}};
    if (!server_.link.frame(stream_, '\x01' + json::serialize(login))) return drop();
    read();
    tick();
  }

  void deliver(std::string packet) override {
    const auto size = packet.size();
    if (stream_->unwritten.load(std::memory_order_relaxed) > most_unwritten) return drop();
    if (server_.take_answer(stream_->uin, packet)) {
      stream_->unwritten.fetch_sub(size);
      return;
    }
    std::uint32_t number = none;
    json::error_code error;
    const auto value = json::parse(packet, error);
    if (!error && value.is_object())
      if (const auto* seq = value.get_object().if_contains("seq"); seq != nullptr && seq->is_int64())
        number = static_cast<std::uint32_t>(seq->get_int64());
    queue_.push_back({"data: " + packet + "\n\n", size, number});
    if (!writing_) write();
  }

  void close_soon() override {
    closing_ = true;
    if (!writing_) drop();
  }
  void pause(bool) override {}

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  struct Waiting {
    std::string text;
    std::size_t packet_size = 0;
    std::uint32_t number = none;
  };

  /// Only its end is of interest: nothing is expected from the client.
  void read() {
    stream_socket_.async_read_some(asio::buffer(sink_), [self = this->shared_from_this()](ErrorCode error, std::size_t) {
      if (error) return self->drop();
      self->read();
    });
  }

  void tick() {
    timer_.expires_after(sign_of_life);
    timer_.async_wait([self = this->shared_from_this()](ErrorCode error) {
      if (error || self->closing_) return;
      self->queue_.push_back({": still here\n\n", 0, none});
      if (!self->writing_) self->write();
      self->tick();
    });
  }

  void write() {
    writing_ = true;
    asio::async_write(stream_socket_, asio::buffer(queue_.front().text),
                      [self = this->shared_from_this()](ErrorCode error, std::size_t) { self->on_written(error); });
  }

  void on_written(ErrorCode error) {
    writing_ = false;
    const auto done = std::move(queue_.front());
    queue_.pop_front();
    if (error) return drop();
    if (done.packet_size > 0) {
      ++server_.packets_out;
      if (done.number != none) server_.link.frame(stream_, fmt::format(R"({{"op":"ack","seq":{}}})", done.number));
      if (stream_->unwritten.fetch_sub(done.packet_size) == done.packet_size && stream_->write_wanted.exchange(false))
        server_.link.written(stream_);
    }
    if (!queue_.empty()) return write();
    if (closing_) drop();
  }

  void drop() {
    closing_ = true;
    timer_.cancel();
    ErrorCode ignored;
    beast::get_lowest_layer(stream_socket_).socket().close(ignored);
  }

  WebServer::State& server_;
  Stream stream_socket_;
  Timer timer_;
  std::deque<Waiting> queue_;
  std::array<char, 256> sink_;
  bool joined_ = false;
  bool writing_ = false;
  bool closing_ = false;
};

/// News of the server as Server-Sent Events, for whoever runs it.
template <class Stream>
class NewsConnection final : public std::enable_shared_from_this<NewsConnection<Stream>> {
 public:
  NewsConnection(WebServer::State& server, Stream&& socket, const Endpoint& peer)
      : server_{server}, stream_{std::move(socket)}, peer_{peer}, timer_{server.io} {}
  ~NewsConnection() {
    if (name_ != 0) server_.services.feed.unlisten(name_);
    server_.leave(peer_.address);
  }
  NewsConnection(const NewsConnection&) = delete;
  NewsConnection& operator=(const NewsConnection&) = delete;

  void start() {
    beast::get_lowest_layer(stream_).expires_never();
    queue_.emplace_back(event_header);
    write();
    name_ = server_.services.feed.listen([weak = this->weak_from_this(), &io = server_.io](const std::string& news) {
      asio::post(io, [weak, text = "data: " + news + "\n\n"]() mutable {
        if (const auto self = weak.lock()) self->add(std::move(text));
      });
    });
    read();
    tick();
  }

 private:
  void add(std::string text) {
    if (queue_.size() > most_news) return drop();
    queue_.push_back(std::move(text));
    if (!writing_) write();
  }
  void read() {
    stream_.async_read_some(asio::buffer(sink_), [self = this->shared_from_this()](ErrorCode error, std::size_t) {
      if (error) return self->drop();
      self->read();
    });
  }
  void tick() {
    timer_.expires_after(sign_of_life);
    timer_.async_wait([weak = this->weak_from_this()](ErrorCode error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->add(": still here\n\n");
      self->tick();
    });
  }
  void write() {
    writing_ = true;
    asio::async_write(stream_, asio::buffer(queue_.front()), [self = this->shared_from_this()](ErrorCode error, std::size_t) {
      self->writing_ = false;
      if (error) return self->drop();
      self->queue_.pop_front();
      if (!self->queue_.empty()) self->write();
    });
  }
  void drop() {
    timer_.cancel();
    ErrorCode ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

  static constexpr std::size_t most_news = 1000;
  WebServer::State& server_;
  Stream stream_;
  Endpoint peer_;
  Timer timer_;
  std::deque<std::string> queue_;
  std::array<char, 256> sink_;
  std::uint64_t name_ = 0;
  bool writing_ = false;
};

}  // namespace

template <class Stream>
void begin_news(WebServer::State& server, Stream&& stream, const Endpoint& peer) {
  std::make_shared<NewsConnection<Stream>>(server, std::move(stream), peer)->start();
}

template void begin_news(WebServer::State&, PlainStream&&, const Endpoint&);
template void begin_news(WebServer::State&, SecureStream&&, const Endpoint&);

template <class Stream>
void begin_events(WebServer::State& server, Stream&& stream, const Caller& caller, const Endpoint& peer,
                  const IpAddress& local, bool invisible) {
  auto shared = std::make_shared<WebStream>();
  shared->uin = caller.uin;
  shared->peer = peer;
  shared->local = local;
  std::make_shared<EventConnection<Stream>>(server, std::move(stream), std::move(shared))->start(invisible);
}

template void begin_events(WebServer::State&, PlainStream&&, const Caller&, const Endpoint&, const IpAddress&, bool);
template void begin_events(WebServer::State&, SecureStream&&, const Caller&, const Endpoint&, const IpAddress&, bool);

}  // namespace uhoh::gateway
