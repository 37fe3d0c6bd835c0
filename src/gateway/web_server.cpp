#include "gateway/web_server.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/json.hpp>
#include <future>
#include <utility>

#include "gateway/web_state.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr auto message_patience = std::chrono::seconds{10};
/// A refusal is sent by the shard in the same breath as the acknowledgement that it follows.
constexpr auto refusal_patience = std::chrono::milliseconds{20};

/// An IPv4 address counts alone, an IPv6 one with its /64.
std::string network_of(const IpAddress& address) {
  const auto& octets = address.octets();
  return {octets.begin(), address.is_v4() ? octets.end() : octets.begin() + 8};
}

Tcp::endpoint to_asio(const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) return {asio::ip::address_v4{endpoint.address.to_v4()}, endpoint.port};
  return {asio::ip::address_v6{endpoint.address.octets()}, endpoint.port};
}

std::string_view value_of_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    auto one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
  }
  return {};
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

WebServer::State::State(const WebOptions& o, ShardLink& l, const RouteTable& t, model::AdminPort& a, Access& access,
                        Audit& audit, EventFeed& feed, const Log& log_to)
    : options{o},
      link{l},
      table{t},
      admin{a},
      services{access, audit, feed, l, [this](Uin uin, std::string frame) { return send_on_connection(uin, std::move(frame)); },
               [this](Uin uin) {
                 asio::post(io, [this, uin] {
                   if (const auto found = by_uin.find(uin.value); found != by_uin.end()) found->second->close_soon();
                 });
               }},
      log{log_to},
      acceptor{io},
      accept_pause{io},
      workers{o.workers} {}

// ---- connections ---------------------------------------------------------------------------------------------

bool WebServer::State::admit(const IpAddress& address) {
  if (connections >= options.max_connections || link.is_banned(address)) return false;
  auto& count = per_address[network_of(address)];
  if (count >= options.max_connections_per_address) return false;
  ++count;
  ++connections;
  open_connections = connections;
  return true;
}

void WebServer::State::leave(const IpAddress& address) {
  --connections;
  open_connections = connections;
  if (const auto found = per_address.find(network_of(address)); found != per_address.end() && --found->second == 0)
    per_address.erase(found);
}

StreamId WebServer::State::next_stream() {
  do
    last_stream = last_stream >= 0xFFFF'FFF0 ? first_web_stream + 1 : last_stream + 1;
  while (streams.contains(last_stream));
  return StreamId{last_stream};
}

void WebServer::State::join(ClientConnection& connection) {
  auto& stream = *connection.stream();
  stream.id = next_stream();
  streams[stream.id.value] = &connection;
  by_uin[stream.uin.value] = &connection;
  open_streams = streams.size();
}

void WebServer::State::part(ClientConnection& connection) {
  const auto& stream = connection.stream();
  streams.erase(stream->id.value);
  if (const auto found = by_uin.find(stream->uin.value); found != by_uin.end() && found->second == &connection)
    by_uin.erase(found);
  open_streams = streams.size();
  link.closed(stream);
}

void WebServer::State::accept() {
  acceptor.async_accept([this](ErrorCode error, Socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors, most likely: somebody will close one.
      accept_pause.expires_after(std::chrono::milliseconds{100});
      accept_pause.async_wait([this](ErrorCode stopped_waiting) {
        if (!stopped_waiting) accept();
      });
      return;
    }
    ErrorCode gone;
    const auto remote = socket.remote_endpoint(gone);
    if (!gone) {
      const Endpoint peer{address_of(remote.address()), remote.port()};
      if (admit(peer.address)) {
        socket.set_option(Tcp::no_delay{true}, gone);
        if (tls)
          serve_secure(*this, std::move(socket), peer);
        else
          serve_plain(*this, std::move(socket), peer);
      } else {
        ++refused;
      }
    }
    accept();
  });
}

bool WebServer::State::origin_allowed(std::string_view origin, std::string_view host) const {
  if (origin.empty()) return true;  // no browser
  if (const auto scheme = origin.find("://"); scheme != std::string_view::npos && origin.substr(scheme + 3) == host)
    return true;
  return std::ranges::find(options.origins, origin) != options.origins.end();
}

std::optional<Caller> WebServer::State::caller_of(const Request& request) const {
  constexpr std::string_view bearer = "Bearer ";
  if (const auto given = view(request[http::field::authorization]); given.starts_with(bearer))
    return services.access.find(given.substr(bearer.size()), false);
  const auto cookie = value_of_cookie(view(request[http::field::cookie]), session_cookie);
  return cookie.empty() ? std::nullopt : services.access.find(cookie, true);
}

// ---- from the shards -----------------------------------------------------------------------------------------

void WebServer::State::post_letter(OutLetter&& letter) {
  if (!letters.push(std::move(letter))) {
    ++refused;
    return;
  }
  if (!letters_posted.exchange(true)) asio::post(io, [this] { take_letters(); });
}

void WebServer::State::take_letters() {
  letters_posted = false;
  letters.pop_all(letter_batch);
  for (auto& letter : letter_batch) {
    const auto found = streams.find(letter.stream.value);
    if (found == streams.end()) continue;
    auto& connection = *found->second;
    switch (letter.kind) {
      case OutLetter::Kind::packet: connection.deliver(std::move(letter.packet)); break;
      case OutLetter::Kind::close: connection.close_soon(); break;
      case OutLetter::Kind::pause: connection.pause(true); break;
      case OutLetter::Kind::resume: connection.pause(false); break;
    }
  }
  letter_batch.clear();
}

// ---- messages of programs ------------------------------------------------------------------------------------

std::string WebServer::State::send_on_connection(Uin uin, std::string frame) {
  auto answered = std::make_shared<std::promise<std::string>>();
  auto answer = answered->get_future();
  std::uint32_t number = 0;
  {
    const std::lock_guard lock{answers_mutex};
    number = ++next_frame;
    waiting[number] = {uin, [answered](std::string text) { answered->set_value(std::move(text)); }};
  }
  frame.pop_back();
  frame += fmt::format(R"(,"client":"{}","seq":{}}})", frame_client, number);
  asio::post(io, [this, uin, number, text = std::move(frame)] {
    const auto found = by_uin.find(uin.value);
    if (found == by_uin.end() || !link.frame(found->second->stream(), text)) settle(number, "");
  });
  if (answer.wait_for(message_patience) == std::future_status::ready) return answer.get();
  const std::lock_guard lock{answers_mutex};
  if (answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready) return answer.get();
  waiting.erase(number);
  return R"({"op":"timeout"})";
}

bool WebServer::State::take_answer(Uin uin, std::string_view packet) {
  const std::lock_guard lock{answers_mutex};
  if (waiting.empty()) return false;
  json::error_code error;
  const auto value = json::parse({packet.data(), packet.size()}, error);
  if (error || !value.is_object()) return false;
  const auto& object = value.get_object();
  const auto* op = object.if_contains("op");
  const bool acknowledges = op != nullptr && op->is_string() && op->get_string() == "ack";
  const auto* number = object.if_contains(acknowledges ? "seq" : "re");
  if (number == nullptr || !number->is_int64()) return false;
  const auto found = waiting.find(static_cast<std::uint32_t>(number->get_int64()));
  if (found == waiting.end() || found->second.uin != uin) return false;
  if (!acknowledges || std::exchange(found->second.acknowledged, true)) {
    found->second.answer(std::string{packet});
    waiting.erase(found);
    return true;
  }
  auto timer = std::make_shared<Timer>(io, refusal_patience);
  timer->async_wait([this, timer, frame = found->first, answer = std::string{packet}](ErrorCode) { settle(frame, answer); });
  return true;
}

void WebServer::State::settle(std::uint32_t number, std::string answer) {
  const std::lock_guard lock{answers_mutex};
  const auto found = waiting.find(number);
  if (found == waiting.end()) return;
  found->second.answer(std::move(answer));
  waiting.erase(found);
}

// ---- the server ----------------------------------------------------------------------------------------------

WebServer::WebServer(std::unique_ptr<State> state) : state_{std::move(state)} {}

std::expected<std::unique_ptr<WebServer>, std::string> WebServer::start(const WebOptions& options, ShardLink& link,
                                                                       const RouteTable& table, model::AdminPort& admin,
                                                                       Access& access, Audit& audit, EventFeed& feed,
                                                                       const Log& log) {
  auto state = std::make_unique<State>(options, link, table, admin, access, audit, feed, log);
  auto& s = *state;
  s.frame_client = access.find("", false) ? "" : fmt::format("gateway-{}", std::chrono::steady_clock::now().time_since_epoch().count());
  ErrorCode error;
  const auto refuse = [&](std::string_view what) {
    return std::unexpected(fmt::format("web.http {}: {}: {}", options.http.to_string(), what, error.message()));
  };
  if (!options.certificate.empty()) {
    s.tls.emplace(asio::ssl::context::tls_server);
    s.tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1);
    // Idle connections keep no buffers.
    ::SSL_CTX_set_mode(s.tls->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    s.tls->use_certificate_chain_file(options.certificate.string(), error);
    if (error) return refuse("the certificate " + options.certificate.string() + " can't be used");
    s.tls->use_private_key_file(options.key.string(), asio::ssl::context::pem, error);
    if (error) return refuse("the key " + options.key.string() + " can't be used");
  }
  const auto endpoint = to_asio(options.http);
  s.acceptor.open(endpoint.protocol(), error);
  if (!error) s.acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) s.acceptor.bind(endpoint, error);
  if (!error) s.acceptor.listen(4096, error);
  if (error) return refuse("can't be listened on");
  const auto local = s.acceptor.local_endpoint(error);
  s.bound = {address_of(local.address()), local.port()};
  std::unique_ptr<WebServer> server{new WebServer{std::move(state)}};
  s.accept();
  s.thread = std::thread{[&s] { s.io.run(); }};
  return server;
}

WebServer::~WebServer() { stop(); }

void WebServer::stop() {
  auto& s = *state_;
  if (s.stopped) return;
  s.stopped = true;
  s.workers.stop();
  s.login_workers.stop();
  s.workers.join();
  s.login_workers.join();
  s.io.stop();
  if (s.thread.joinable()) s.thread.join();
}

Endpoint WebServer::bound() const { return state_->bound; }
bool WebServer::secure() const { return state_->tls.has_value(); }
WebServices& WebServer::services() { return state_->services; }

void WebServer::append_metrics(std::vector<MetricValue>& out) const {
  const auto& s = *state_;
  const auto add = [&](std::string_view name, std::string_view help, std::uint64_t value, MetricKind kind) {
    out.push_back({.name = name, .help = help, .value = static_cast<double>(value), .kind = kind});
  };
  add("uhoh_gateway_connections", "HTTP connections now", s.open_connections, MetricKind::gauge);
  add("uhoh_gateway_streams", "WebSockets and streams of events now", s.open_streams, MetricKind::gauge);
  add("uhoh_gateway_requests_total", "HTTP requests", s.requests, MetricKind::counter);
  add("uhoh_gateway_refused_total", "Connections over a limit or from banned addresses", s.refused, MetricKind::counter);
  add("uhoh_gateway_frames_total", "Frames of web clients", s.frames_in, MetricKind::counter);
  add("uhoh_gateway_packets_total", "Packets written to web clients", s.packets_out, MetricKind::counter);
}

void WebServer::deliver(StreamId stream, std::string packet) {
  state_->post_letter({OutLetter::Kind::packet, stream, std::move(packet)});
}
void WebServer::close(StreamId stream) { state_->post_letter({OutLetter::Kind::close, stream, {}}); }
void WebServer::pause(StreamId stream, bool pause) {
  state_->post_letter({pause ? OutLetter::Kind::pause : OutLetter::Kind::resume, stream, {}});
}

}  // namespace uhoh::gateway
