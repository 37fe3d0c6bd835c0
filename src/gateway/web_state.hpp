#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <optional>
#include <thread>

#include "base/mpsc_queue.hpp"
#include "gateway/web_server.hpp"

/// The web server's inside, shared by its connections.
namespace uhoh::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using PlainStream = beast::basic_stream<Tcp, Executor>;
using SecureStream = beast::ssl_stream<PlainStream>;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Request = http::request<http::string_body>;

/// A client's connection that has a session, or is about to: a WebSocket, or a stream of events.
///
/// Thread: the I/O thread.
class ClientConnection {
 public:
  explicit ClientConnection(std::shared_ptr<WebStream> stream) : stream_{std::move(stream)} {}
  virtual ~ClientConnection() = default;
  /// Writes a packet of the shard.
  virtual void deliver(std::string packet) = 0;
  /// Closes after what waits.
  virtual void close_soon() = 0;
  virtual void pause(bool pause) = 0;
  [[nodiscard]] const std::shared_ptr<WebStream>& stream() const noexcept { return stream_; }

 protected:
  std::shared_ptr<WebStream> stream_;
};

/// What a shard sends to a connection.
struct OutLetter {
  enum class Kind : std::uint8_t { packet, close, pause, resume };
  Kind kind = Kind::packet;
  StreamId stream;
  std::string packet;
};

struct WebServer::State {
  State(const WebOptions& o, ShardLink& l, const RouteTable& t, model::AdminPort& a, Access& access, Audit& audit,
        EventFeed& feed, const Log& log_to);

  void accept();
  /// Starts a thread's worth of taking what shards have sent.
  void take_letters();
  void post_letter(OutLetter&& letter);
  /// Counts a connection in; false when there are too many.
  bool admit(const IpAddress& address);
  void leave(const IpAddress& address);
  /// Gives a connection's stream its number and makes it known.
  void join(ClientConnection& connection);
  /// The connection is gone: its shard hears it.
  void part(ClientConnection& connection);
  [[nodiscard]] StreamId next_stream();
  /// Sends a frame on an account's connection, from a worker; waits for its answer.
  std::string send_on_connection(Uin uin, std::string frame);
  /// Looks whether a packet answers such a frame; it is then not for the client.
  bool take_answer(Uin uin, std::string_view packet);
  /// Gives a program the answer to its frame, once.
  void settle(std::uint32_t number, std::string answer);
  [[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host) const;
  /// Who speaks, by cookie or token.
  [[nodiscard]] std::optional<Caller> caller_of(const Request& request) const;

  WebOptions options;
  ShardLink& link;
  const RouteTable& table;
  model::AdminPort& admin;
  WebServices services;
  RateLimitedLog log;
  asio::io_context io{1};
  std::optional<asio::ssl::context> tls;
  asio::basic_socket_acceptor<Tcp, Executor> acceptor;
  Timer accept_pause;
  asio::thread_pool workers;
  asio::thread_pool login_workers{2};
  Endpoint bound;
  std::thread thread;
  bool stopped = false;

  MpscQueue<OutLetter> letters{1U << 20};
  std::atomic<bool> letters_posted{false};
  std::vector<OutLetter> letter_batch;

  // I/O thread only.
  std::size_t connections = 0;
  boost::unordered_flat_map<std::string, std::size_t> per_address;
  boost::unordered_flat_map<std::uint32_t, ClientConnection*> streams;
  boost::unordered_flat_map<std::uint32_t, ClientConnection*> by_uin;
  std::uint32_t last_stream = first_web_stream;

  // Messages that programs send over HTTP, by the number of their frame.
  std::mutex answers_mutex;
  struct Waiting {
    Uin uin;
    std::function<void(std::string)> answer;
    bool acknowledged = false;  // a refusal may follow
  };
  boost::unordered_flat_map<std::uint32_t, Waiting> waiting;
  std::uint32_t next_frame = 0xF000'0000;
  std::string frame_client;

  std::atomic<std::uint64_t> requests{0}, refused{0}, frames_in{0}, packets_out{0};
  std::atomic<std::uint64_t> open_connections{0}, open_streams{0};
};

/// Begins to serve an accepted connection.
void serve_plain(WebServer::State& server, Socket socket, const Endpoint& peer);
void serve_secure(WebServer::State& server, Socket socket, const Endpoint& peer);

/// Makes a WebSocket of a connection whose request asks for one.
template <class Stream>
void upgrade_to_websocket(WebServer::State& server, Stream&& stream, Request&& request, const Caller& caller,
                          const Endpoint& peer, const IpAddress& local);
/// Makes a stream of events of a connection.
template <class Stream>
void begin_events(WebServer::State& server, Stream&& stream, const Caller& caller, const Endpoint& peer,
                  const IpAddress& local, bool invisible);

/// Makes a stream of the server's news of a connection.
template <class Stream>
void begin_news(WebServer::State& server, Stream&& stream, const Endpoint& peer);

extern template void begin_news(WebServer::State&, PlainStream&&, const Endpoint&);
extern template void begin_news(WebServer::State&, SecureStream&&, const Endpoint&);
extern template void upgrade_to_websocket(WebServer::State&, PlainStream&&, Request&&, const Caller&, const Endpoint&, const IpAddress&);
extern template void upgrade_to_websocket(WebServer::State&, SecureStream&&, Request&&, const Caller&, const Endpoint&, const IpAddress&);
extern template void begin_events(WebServer::State&, PlainStream&&, const Caller&, const Endpoint&, const IpAddress&, bool);
extern template void begin_events(WebServer::State&, SecureStream&&, const Caller&, const Endpoint&, const IpAddress&, bool);

/// An address of Asio's as ours.
[[nodiscard]] inline IpAddress address_of(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  return IpAddress::from_octets(address.to_v6().to_bytes());
}

}  // namespace uhoh::gateway
