#include "gateway/local_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>

#include "base/version.hpp"
#include "gateway/linger.hpp"
#include "gateway/local_socket.hpp"

namespace uhoh::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::local::stream_protocol;
using Stream = beast::basic_stream<Protocol, asio::io_context::executor_type>;
using ErrorCode = boost::system::error_code;

std::optional<Method> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::post: return Method::post;
    case http::verb::put: return Method::put;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::delete_;
    default: return std::nullopt;
  }
}

}  // namespace

struct LocalServer::State {
  State(const Options& o, const RouteTable& t, model::AdminPort& a)
      : options{o}, table{t}, admin{a}, acceptor{io}, pause{io}, workers{o.workers} {}

  void accept();

  Options options;
  const RouteTable& table;
  model::AdminPort& admin;
  asio::io_context io{1};
  asio::basic_socket_acceptor<Protocol, asio::io_context::executor_type> acceptor;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      pause;
  asio::thread_pool workers;
  std::size_t connections = 0;
  std::thread thread;
};

namespace {

/// One connection: reads a request, has it answered, writes the answer, and so on. Kept alive by what it waits for.
template <class Server>
class Connection : public std::enable_shared_from_this<Connection<Server>> {
 public:
  using Socket = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;
  Connection(Server& server, Socket&& socket) : server_{server}, stream_{std::move(socket)} { ++server_.connections; }
  ~Connection() { --server_.connections; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    parser_.emplace();
    parser_->body_limit(server_.options.max_body_bytes);
    parser_->header_limit(16U << 10);
    stream_.expires_after(server_.options.idle_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
  }

 private:
  void on_read(ErrorCode error) {
    stream_.expires_never();
    if (error == http::error::body_limit)
      return write(error_response(413, "invalid",
                                  fmt::format("the body is larger than {} bytes", server_.options.max_body_bytes)),
                   false);
    if (error == http::error::header_limit)
      return write(error_response(431, "invalid", "the header is too large"), false);
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return write(error_response(400, "invalid", "this is not HTTP/1.1"), false);
    if (error) return;  // gone, or silent for too long
    request_ = parser_->release();
    const auto method = method_of(request_.method());
    if (!method) return write(error_response(405, "invalid", "there is no such method"), request_.keep_alive());
    asio::post(server_.workers, [self = this->shared_from_this(), verb = *method]() mutable {
      const auto target = self->request_.target();
      auto response = self->server_.table.dispatch({.method = verb,
                                                    .target = {target.data(), target.size()},
                                                    .body = self->request_.body(),
                                                    .role = Role::local,
                                                    .web = self->server_.options.web},
                                                   self->server_.admin);
      // The connection ends on the thread that counts it.
      auto& io = self->server_.io;
      asio::post(io, [owner = std::move(self), answer = std::move(response)]() mutable {
        owner->write(std::move(answer), owner->request_.keep_alive());
      });
    });
  }

  void write(ApiResponse&& answer, bool keep_alive) {
    response_ = {};
    response_.version(11);
    response_.result(answer.status);
    response_.set(http::field::server, fmt::format("uhohd/{}", version));
    response_.set(http::field::cache_control, "no-store");
    if (!answer.body.empty())
      response_.set(http::field::content_type, {answer.content_type.data(), answer.content_type.size()});
    if (!answer.allow.empty()) response_.set(http::field::allow, answer.allow);
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    stream_.expires_after(server_.options.idle_timeout);
    http::async_write(stream_, response_,
                      [self = this->shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
                        if (error) return;
                        if (keep_alive)
                          self->read();
                        else
                          linger(self->stream_, self);
                      });
  }

  Server& server_;
  Stream stream_;
  beast::flat_buffer buffer_{64U << 10};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

void LocalServer::State::accept() {
  acceptor.async_accept([this](ErrorCode error, auto socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors, most likely: somebody will close one.
      pause.expires_after(std::chrono::milliseconds{100});
      pause.async_wait([this](ErrorCode stopped) {
        if (!stopped) accept();
      });
      return;
    }
    if (connections < options.max_connections) std::make_shared<Connection<State>>(*this, std::move(socket))->read();
    accept();
  });
}

LocalServer::LocalServer(std::unique_ptr<State> state) : state_{std::move(state)} {}

std::expected<std::unique_ptr<LocalServer>, std::string> LocalServer::start(const Options& options,
                                                                           const RouteTable& table,
                                                                           model::AdminPort& admin) {
  auto state = std::make_unique<State>(options, table, admin);
  const auto path = options.socket.string();
  const auto refuse = [&](const std::string& why) {
    return std::unexpected(fmt::format("the socket {} for uhohctl can't be opened: {}", path, why));
  };
  const LocalSocketPath place{options.socket};
  if (!place.error().empty()) return refuse(place.error());
  ::unlink(path.c_str());
  ErrorCode error;
  state->acceptor.open(Protocol{}, error);
  if (error) return refuse(error.message());
  // Nobody may connect between bind and chmod.
  const auto mask = ::umask(0177);
  state->acceptor.bind(Protocol::endpoint{place.path()}, error);
  ::umask(mask);
  if (!error) state->acceptor.listen(64, error);
  if (error) return refuse(error.message());
  std::unique_ptr<LocalServer> server{new LocalServer{std::move(state)}};
  auto& s = *server->state_;
  s.accept();
  s.thread = std::thread{[&s] { s.io.run(); }};
  return server;
}

LocalServer::~LocalServer() {
  auto& s = *state_;
  s.workers.join();
  s.io.stop();
  if (s.thread.joinable()) s.thread.join();
  ::unlink(s.options.socket.c_str());
}

}  // namespace uhoh::gateway
