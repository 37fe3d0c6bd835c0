#include "trial_login.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/icq_client.hpp"
#include "net/udp_port.hpp"

namespace uhoh::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view trial_text = "uhohctl doctor was here";
constexpr std::uint16_t plain_text = 1;

/// One client on one socket.
class Trial final : public client::DatagramOut, public client::IcqListener {
 public:
  Trial(net::UdpPort port, const Endpoint& server) : port_{std::move(port)}, server_{server} {}

  TrialResult run(Uin uin, std::string_view password) {
    const auto started = now();
    if (!client_.log_in({.uin = uin, .password = password}, io())) {
      result_.problem = "the log-in could not be sent";
      return result_;
    }
    if (!wait_for([&] { return result_.logged_in; })) return say("nothing that a log-in would be answered with came back");
    result_.login_took = now() - started;
    const auto sent = now();
    if (!client_.send_message(uin, plain_text, trial_text, 1, io())) return say("the message could not be sent");
    if (!wait_for([&] { return result_.message_came; })) return say("the message that it sent to itself did not come");
    result_.message_took = now() - sent;
    client_.log_off(io());
    if (!wait_for([&] { return result_.logged_off; })) return say("the log-off was not acknowledged");
    return result_;
  }

  // client::DatagramOut
  void send(Bytes datagram) override { port_.enqueue(datagram, server_); }
  // client::IcqListener
  void on_online(const IpAddress&) override { result_.logged_in = true; }
  void on_refused(client::Refusal why) override {
    switch (why) {
      case client::Refusal::bad_password: result_.problem = "the server refused the password"; break;
      case client::Refusal::busy: result_.problem = "the server says that it is busy (accounts.accept_logins?)"; break;
      case client::Refusal::no_answer: result_.problem = "the server did not answer"; break;
    }
  }
  void on_session_lost(client::SessionLoss why) override {
    result_.logged_off = why == client::SessionLoss::logged_off;
    if (!result_.logged_off) result_.problem = "the server ended the session";
  }
  bool on_message(const client::IncomingMessage& message) override {
    result_.message_came = result_.message_came || message.text == trial_text;
    return true;
  }

 private:
  static Instant now() { return read_clocks().steady; }
  client::Io io() { return {now(), *this, *this}; }

  TrialResult say(std::string_view problem) {
    if (result_.problem.empty()) result_.problem = problem;
    return result_;
  }

  template <class Done>
  bool wait_for(Done done) {
    const auto deadline = now() + 10s;
    while (!done() && result_.problem.empty() && now() < deadline) {
      port_.flush();
      if (port_.wait_readable(50ms))
        for (const auto& datagram : port_.receive())
          if (datagram.from == server_) client_.on_datagram(datagram.data, io());
      if (client_.next_deadline() <= now()) client_.on_time(io());
    }
    port_.flush();
    return done();
  }

  net::UdpPort port_;
  Endpoint server_;
  client::IcqClientOptions options_{.resend = 1s, .transmissions = 8, .rounds = 1};
  client::IcqClient client_{options_, 1};
  TrialResult result_;
};

}  // namespace

TrialResult try_login(const Endpoint& server, Uin uin, std::string_view password) {
  const Endpoint any{server.address.is_v4() ? IpAddress::v4(0) : IpAddress{}, 0};
  auto port = net::UdpPort::open(any, {.receive_buffer_bytes = 64 << 10, .segmentation = false});
  if (!port) return {.problem = port.error()};
  return Trial{std::move(*port), server}.run(uin, password);
}

}  // namespace uhoh::ctl
