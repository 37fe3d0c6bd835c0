#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "net/socket_address.hpp"
#include "net/unique_fd.hpp"

namespace uhoh {

/// An OICQ user with a TCP connection, as the documents have it: without 0F.
class OicqUser {
 public:
  /// Connects; a small receive buffer makes him a slow reader the sooner.
  OicqUser(Uin uin, const Endpoint& server, int receive_buffer = 0)
      : uin_{uin}, socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (receive_buffer > 0) net::set_option(socket_.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
    net::SocketAddress address;
    const auto length = net::write_address(address, server, true);
    EXPECT_EQ(::connect(socket_.get(), &address.any, length), 0);
    EXPECT_EQ(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK), 0);
  }

  /// Queues a frame; transmit() sends it.
  template <class Message>
  void send(const Message& message) {
    std::array<std::uint8_t, 2000> frame{};
    const auto size = oicq::encode_frame(message, frame);
    ASSERT_GT(size, 0u);
    unsent_.insert(unsent_.end(), frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
  }
  /// Sends as much as the connection takes.
  void transmit() {
    const auto count = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (count > 0) unsent_.erase(unsent_.begin(), unsent_.begin() + count);
    if (count < 0 && errno != EAGAIN) closed = true;
  }
  /// Takes what has come; false when that was nothing.
  bool receive() {
    std::array<std::uint8_t, 65'536> bytes;
    const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) closed = true;
    if (count <= 0) return false;
    unread_.insert(unread_.end(), bytes.begin(), bytes.begin() + count);
    take_frames();
    return true;
  }

  [[nodiscard]] Uin uin() const { return uin_; }
  [[nodiscard]] bool has_sent_all() const { return unsent_.empty(); }

  bool logged_in = false;
  bool closed = false;
  std::size_t answers = 0;             ///< to connection tests
  std::vector<std::string> messages;   ///< from users
  std::vector<std::string> complaints; ///< from the system

 private:
  void take_frames() {
    while (true) {
      const auto size = oicq::frame_size(unread_);
      ASSERT_TRUE(size.has_value());
      if (*size == 0 || *size > unread_.size()) return;
      take(Bytes{unread_}.first(*size));
      unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(*size));
    }
  }
  void take(Bytes frame) {
    const auto content = frame.subspan(oicq::header_size);
    if (frame[3] == oicq::LoggedIn::command) {
      logged_in = content[0] == 1;
    } else if (frame[3] == oicq::TestAnswer::command) {
      ++answers;
    } else if (frame[3] == oicq::Message::command) {
      const auto message = wire::decode<oicq::Message>(content);
      ASSERT_TRUE(message.has_value());
      (message->flag == 2 ? messages : complaints).emplace_back(message->text);
    }
  }

  Uin uin_;
  net::UniqueFd socket_;
  std::vector<std::uint8_t> unsent_;
  std::vector<std::uint8_t> unread_;
};

}  // namespace uhoh
