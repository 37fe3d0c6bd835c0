#include "gateway/local_client.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "gateway/local_socket.hpp"

namespace uhoh::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Protocol = asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

http::verb verb_of(Method method) {
  switch (method) {
    case Method::get: return http::verb::get;
    case Method::post: return http::verb::post;
    case Method::put: return http::verb::put;
    case Method::patch: return http::verb::patch;
    case Method::delete_: return http::verb::delete_;
  }
  return http::verb::get;
}

}  // namespace

struct LocalClient::State {
  asio::io_context io{1};
  Protocol::socket socket{io};
  boost::beast::flat_buffer buffer;
};

LocalClient::LocalClient(std::unique_ptr<State> state) : state_{std::move(state)} {}
LocalClient::LocalClient(LocalClient&&) noexcept = default;
LocalClient& LocalClient::operator=(LocalClient&&) noexcept = default;
LocalClient::~LocalClient() = default;

std::expected<LocalClient, LocalClient::Failure> LocalClient::connect(const std::filesystem::path& socket) {
  const LocalSocketPath place{socket};
  if (!place.error().empty()) return std::unexpected(Failure{true, place.error()});
  auto state = std::make_unique<State>();
  ErrorCode error;
  state->socket.connect(Protocol::endpoint{place.path()}, error);
  if (!error) return LocalClient{std::move(state)};
  const bool nobody = error == boost::system::errc::no_such_file_or_directory || error == asio::error::connection_refused;
  return std::unexpected(
      Failure{nobody, fmt::format("the server's socket {} can't be reached: {}", socket.string(), error.message())});
}

std::expected<ApiResponse, LocalClient::Failure> LocalClient::call(Method method, std::string_view target,
                                                                   std::string_view body) {
  http::request<http::string_body> request{verb_of(method), {target.data(), target.size()}, 11};
  request.set(http::field::host, "localhost");
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  const auto broken = [](const ErrorCode& error) {
    return std::unexpected(
        Failure{false, fmt::format("the connection to the server broke: {}; it is not known whether the request was "
                                   "carried out",
                                   error.message())});
  };
  ErrorCode error;
  http::write(state_->socket, request, error);
  if (error) return broken(error);
  http::response_parser<http::string_body> parser;
  parser.body_limit(256U << 20);
  http::read(state_->socket, state_->buffer, parser, error);
  if (error) return broken(error);
  return ApiResponse{.status = parser.get().result_int(), .body = std::move(parser.get().body())};
}

}  // namespace uhoh::gateway
