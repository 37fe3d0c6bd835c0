#include "gateway/remote_client.hpp"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace uhoh::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;

template <class Stream>
std::expected<ApiResponse, LocalClient::Failure> ask_over(Stream& stream, const http::request<http::string_body>& request) {
  ErrorCode error;
  http::write(stream, request, error);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(256U << 20);
  if (!error) http::read(stream, buffer, parser, error);
  if (error)
    return std::unexpected(LocalClient::Failure{
        false, fmt::format("the connection to the server broke: {}; it is not known whether the request was carried out",
                           error.message())});
  return ApiResponse{.status = parser.get().result_int(), .body = std::move(parser.get().body())};
}

}  // namespace

std::expected<RemoteClient, std::string> RemoteClient::open(std::string_view url, std::string token) {
  RemoteClient client;
  client.token_ = std::move(token);
  client.secure_ = url.starts_with("https://");
  if (!client.secure_ && !url.starts_with("http://"))
    return std::unexpected(fmt::format("\"{}\" is no address like https://chat.example.org", url));
  auto rest = url.substr(client.secure_ ? 8 : 7);
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  client.host_ = rest.substr(0, has_port ? colon : rest.size());
  client.port_ = has_port ? std::string{rest.substr(colon + 1)} : client.secure_ ? "443" : "80";
  if (client.host_.starts_with('[') && client.host_.ends_with(']')) client.host_ = client.host_.substr(1, client.host_.size() - 2);
  if (client.host_.empty()) return std::unexpected(fmt::format("\"{}\" names no server", url));
  return client;
}

std::expected<ApiResponse, LocalClient::Failure> RemoteClient::call(Method method, std::string_view target,
                                                                   std::string_view body) {
  const auto unreachable = [&](const ErrorCode& error) {
    return std::unexpected(
        LocalClient::Failure{true, fmt::format("{}:{} can't be reached: {}", host_, port_, error.message())});
  };
  http::request<http::string_body> request{http::string_to_verb(std::string{to_string(method)}),
                                           {target.data(), target.size()}, 11};
  request.set(http::field::host, host_ + ":" + port_);
  request.set(http::field::authorization, "Bearer " + token_);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.keep_alive(false);
  request.prepare_payload();
  asio::io_context io{1};
  ErrorCode error;
  Tcp::resolver resolver{io};
  const auto found = resolver.resolve(host_, port_, error);
  if (error) return unreachable(error);
  if (!secure_) {
    Tcp::socket socket{io};
    asio::connect(socket, found, error);
    if (error) return unreachable(error);
    return ask_over(socket, request);
  }
  asio::ssl::context tls{asio::ssl::context::tls_client};
  tls.set_default_verify_paths(error);
  beast::ssl_stream<Tcp::socket> stream{io, tls};
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification{host_});
  ::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host_.data());
  asio::connect(stream.next_layer(), found, error);
  if (!error) stream.handshake(asio::ssl::stream_base::client, error);
  if (error) return unreachable(error);
  return ask_over(stream, request);
}

}  // namespace uhoh::gateway
