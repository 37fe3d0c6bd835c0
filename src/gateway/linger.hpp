#pragma once

#include <array>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <memory>

namespace uhoh::gateway {

/// How long a connection that the server ends is still read from.
inline constexpr std::chrono::seconds linger_time{2};

/// Ends a connection so that the other side gets the answer that was written to it: the server sends no more, and throws away
/// what still comes until the other side has closed or linger_time is over. A socket closed with bytes unread would
/// answer them with a reset (RFC 1122, 4.2.2.13), which makes the other side throw away the answer that it has not read.
///
/// @param owner keeps the stream alive meanwhile
template <class BasicStream, class Owner>
class Lingering : public std::enable_shared_from_this<Lingering<BasicStream, Owner>> {
 public:
  Lingering(BasicStream& stream, std::shared_ptr<Owner> owner) : stream_{stream}, owner_{std::move(owner)} {}

  void start() {
    boost::system::error_code ignored;
    stream_.socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
    stream_.expires_after(linger_time);
    discard();
  }

 private:
  void discard() {
    stream_.async_read_some(boost::asio::buffer(bytes_),
                            [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
                              if (!error) self->discard();
                            });
  }

  BasicStream& stream_;
  std::shared_ptr<Owner> owner_;
  std::array<char, 8192> bytes_;
};

template <class BasicStream, class Owner>
void linger(BasicStream& stream, std::shared_ptr<Owner> owner) {
  std::make_shared<Lingering<BasicStream, Owner>>(stream, std::move(owner))->start();
}

}  // namespace uhoh::gateway
