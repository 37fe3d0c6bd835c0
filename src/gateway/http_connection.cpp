#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/version.hpp"
#include "gateway/linger.hpp"
#include "gateway/pages.hpp"
#include "gateway/web_state.hpp"

namespace uhoh::gateway {
namespace {

constexpr std::size_t longest_header = 16U << 10;
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "media-src 'self' data: blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view missing_pages =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>uhoh</title>"
    "<h1>uhoh is running, without its web pages</h1>"
    "<p>This server was built on a machine without Node.js. Everything else works: clients, the API, uhohctl.</p>"
    "<p>To have the pages: install <code>nodejs</code> (18 or newer) and <code>npm</code>, and run "
    "<code>scripts/run</code> again; or, by hand, configure and build the tree anew with CMake.</p></html>";

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

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

bool is_api(std::string_view path) {
  return path.starts_with("/api/") || path == "/metrics" || path == "/healthz";
}

const Page* find_page(std::span<const Page> pages, std::string_view path) {
  if (path == "/") path = "/index.html";
  if (path == "/admin" || path == "/admin/") path = "/admin/index.html";
  if (path == "/qr" || path == "/qr/") path = "/qr/index.html";
  for (const auto& page : pages)
    if (page.path == path) return &page;
  return nullptr;
}

/// One connection: reads a request, has it answered, writes the answer, and so on.
template <class Stream>
class HttpConnection : public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  template <class... Arguments>
  HttpConnection(WebServer::State& server, const Endpoint& peer, Arguments&&... arguments)
      : server_{server}, peer_{peer}, stream_{std::forward<Arguments>(arguments)...} {
    ErrorCode ignored;
    const auto local = lowest().socket().local_endpoint(ignored);
    if (!ignored) local_ = address_of(local.address());
  }
  ~HttpConnection() {
    if (!handed_on_) server_.leave(peer_.address);
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start() {
    if constexpr (std::is_same_v<Stream, SecureStream>) {
      lowest().expires_after(server_.options.header_time);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](ErrorCode error) {
        if (!error) self->read();
      });
    } else {
      read();
    }
  }

 private:
  static constexpr bool secure = std::is_same_v<Stream, SecureStream>;

  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void read() {
    parser_.emplace();
    parser_->header_limit(longest_header);
    parser_->body_limit(server_.options.max_body_bytes);
    // The first byte may take its time, the rest of a header may not.
    lowest().expires_after(first_ ? server_.options.header_time : server_.options.idle_time);
    first_ = false;
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](ErrorCode error, std::size_t) { self->on_begun(error); });
  }

  void on_begun(ErrorCode error) {
    if (error || parser_->is_done()) return on_read(error);
    lowest().expires_after(server_.options.header_time);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](ErrorCode failed, std::size_t) { self->on_read(failed); });
  }

  void on_read(ErrorCode error) {
    lowest().expires_never();
    if (error == http::error::body_limit)
      return write(error_response(413, "invalid", fmt::format("the body is larger than {} bytes", server_.options.max_body_bytes)), false);
    if (error == http::error::header_limit) return write(error_response(431, "invalid", "the header is too large"), false);
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return write(error_response(400, "invalid", "this is not HTTP/1.1"), false);
    if (error) return;  // gone, or silent for too long
    ++server_.requests;
    request_ = parser_->release();
    const auto target = view(request_.target());
    const auto path = target.substr(0, target.find('?'));
    if (!target.starts_with('/')) return write(error_response(400, "invalid", "this is no path"), false);
    if (path == "/api/v1/socket") return open_socket();
    if (path == "/api/v1/events" && request_.method() == http::verb::get) return open_events();
    if (path == "/api/v1/news" && request_.method() == http::verb::get) return open_news();
    if (is_api(path)) return answer_api(path);
    answer_page(path);
  }

  /// The caller of a request that wants a session; answers by itself when there is none.
  std::optional<Caller> session_caller() {
    if (!server_.origin_allowed(view(request_[http::field::origin]), view(request_[http::field::host]))) {
      write(error_response(403, "forbidden", "another site's pages may not connect"), false);
      return std::nullopt;
    }
    auto caller = server_.caller_of(request_);
    if (!caller || caller->uin == Uin{}) {
      write(error_response(401, "unauthorized", "log in first"), false);
      return std::nullopt;
    }
    return caller;
  }

  void open_socket() {
    if (!beast::websocket::is_upgrade(request_))
      return write(error_response(426, "invalid", "this is a WebSocket"), false);
    const auto caller = session_caller();
    if (!caller) return;
    handed_on_ = true;
    upgrade_to_websocket(server_, std::move(stream_), std::move(request_), *caller, peer_, local_);
  }

  void open_events() {
    const auto caller = session_caller();
    if (!caller) return;
    handed_on_ = true;
    const bool invisible = view(request_.target()).find("invisible=true") != std::string_view::npos;
    begin_events(server_, std::move(stream_), *caller, peer_, local_, invisible);
  }

  void open_news() {
    const auto caller = server_.caller_of(request_);
    if (!caller || caller->role < Role::moderator)
      return write(caller ? error_response(403, "forbidden", "this needs the role moderator")
                          : error_response(401, "unauthorized", "log in first"),
                   false);
    handed_on_ = true;
    begin_news(server_, std::move(stream_), peer_);
  }

  /// A page of another site can neither read the token nor send JSON without asking.
  bool is_forged(const std::optional<Caller>& caller) const {
    if (request_.method() == http::verb::get) return false;
    if (!server_.origin_allowed(view(request_[http::field::origin]), view(request_[http::field::host]))) return true;
    return caller && caller->cookie && view(request_["X-CSRF-Token"]) != caller->csrf;
  }

  void answer_api(std::string_view path) {
    const auto method = method_of(request_.method());
    if (!method) return write(error_response(405, "invalid", "there is no such method"), request_.keep_alive());
    auto caller = server_.caller_of(request_);
    if (is_forged(caller) && path != "/api/v1/login" && path != "/api/v1/accounts")
      return write(error_response(403, "forbidden", "the X-CSRF-Token is missing or wrong"), request_.keep_alive());
    if (*method != Method::get &&
        !server_.origin_allowed(view(request_[http::field::origin]), view(request_[http::field::host])))
      return write(error_response(403, "forbidden", "another site's pages may not do this"), request_.keep_alive());
    if (!request_.body().empty() && !view(request_[http::field::content_type]).starts_with("application/json"))
      return write(error_response(415, "invalid", "bodies are JSON: send Content-Type: application/json"), request_.keep_alive());
    auto& pool = path == "/api/v1/login" || path == "/api/v1/accounts" || path == "/api/v1/messages"
                     ? server_.login_workers
                     : server_.workers;
    asio::post(pool, [self = this->shared_from_this(), verb = *method, who = std::move(caller)]() mutable {
      self->dispatch(verb, who);
    });
  }

  /// On a worker's thread.
  void dispatch(Method method, const std::optional<Caller>& caller) {
    const auto target = request_.target();
    const ApiRequest asked{.method = method,
                           .target = {target.data(), target.size()},
                           .body = request_.body(),
                           .role = caller ? caller->role : Role::nobody,
                           .caller = caller ? &*caller : nullptr,
                           .peer = peer_,
                           .secure = secure,
                           .web = &server_.services};
    auto response = server_.table.dispatch(asked, server_.admin);
    asio::post(server_.io, [self = this->shared_from_this(), answer = std::move(response)]() mutable {
      self->write(std::move(answer), self->request_.keep_alive());
    });
  }

  void answer_page(std::string_view path) {
    if (request_.method() != http::verb::get && request_.method() != http::verb::head)
      return write(error_response(405, "invalid", "pages are for reading"), false);
    const auto* page = find_page(server_.options.pages, path);
    if (page == nullptr) {
      if (server_.options.pages.empty() && (path == "/" || path == "/qr" || path.starts_with("/admin")))
        return write({.status = 503, .body = std::string{missing_pages}, .content_type = "text/html; charset=utf-8"}, true);
      return write(error_response(404, "not_found", "there is no such page"), request_.keep_alive());
    }
    page_response_ = {};
    auto& out = page_response_;
    out.version(11);
    decorate(out, page->path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    out.set(http::field::etag, {page->tag.data(), page->tag.size()});
    out.keep_alive(request_.keep_alive());
    if (view(request_[http::field::if_none_match]) == page->tag) {
      out.result(http::status::not_modified);
    } else {
      out.set(http::field::content_type, {page->content_type.data(), page->content_type.size()});
      out.set(http::field::vary, "Accept-Encoding");
      const bool zipped = !page->gzipped.empty() &&
                          view(request_[http::field::accept_encoding]).find("gzip") != std::string_view::npos;
      if (zipped) out.set(http::field::content_encoding, "gzip");
      const auto bytes = zipped ? page->gzipped : page->content;
      out.content_length(bytes.size());
      if (request_.method() == http::verb::get) out.body() = {bytes.data(), bytes.size()};
    }
    lowest().expires_after(server_.options.idle_time);
    http::async_write(stream_, out, [self = this->shared_from_this()](ErrorCode error, std::size_t) {
      if (!error) self->go_on(self->request_.keep_alive());
    });
  }

  template <class Response>
  void decorate(Response& out, std::string_view caching) {
    out.set(http::field::server, "uhohd");
    out.set(http::field::cache_control, {caching.data(), caching.size()});
    out.set("X-Content-Type-Options", "nosniff");
    out.set("X-Frame-Options", "DENY");
    out.set("Referrer-Policy", "no-referrer");
    out.set("Cross-Origin-Opener-Policy", "same-origin");
    out.set("Cross-Origin-Resource-Policy", "same-origin");
    out.set("Content-Security-Policy", {content_policy.data(), content_policy.size()});
  }

  void write(ApiResponse&& answer, bool keep_alive) {
    response_ = {};
    response_.version(11);
    response_.result(answer.status);
    decorate(response_, "no-store");
    if (!answer.body.empty())
      response_.set(http::field::content_type, {answer.content_type.data(), answer.content_type.size()});
    if (!answer.allow.empty()) response_.set(http::field::allow, answer.allow);
    if (!answer.cookie.empty()) response_.set(http::field::set_cookie, answer.cookie);
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    lowest().expires_after(server_.options.idle_time);
    http::async_write(stream_, response_, [self = this->shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
      if (!error) self->go_on(keep_alive);
    });
  }

  void go_on(bool keep_alive) {
    if (keep_alive)
      read();
    else
      linger(lowest(), this->shared_from_this());
  }

  WebServer::State& server_;
  Endpoint peer_;
  IpAddress local_;
  Stream stream_;
  beast::flat_buffer buffer_{64U << 10};
  std::optional<http::request_parser<http::string_body>> parser_;
  Request request_;
  http::response<http::string_body> response_;
  http::response<http::span_body<const std::uint8_t>> page_response_;
  bool first_ = true;
  bool handed_on_ = false;
};

}  // namespace

void serve_plain(WebServer::State& server, Socket socket, const Endpoint& peer) {
  std::make_shared<HttpConnection<PlainStream>>(server, peer, std::move(socket))->start();
}

void serve_secure(WebServer::State& server, Socket socket, const Endpoint& peer) {
  std::make_shared<HttpConnection<SecureStream>>(server, peer, PlainStream{std::move(socket)}, *server.tls)
      ->start();
}

}  // namespace uhoh::gateway
