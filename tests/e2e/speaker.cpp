// speaker: one user of ICQ, OICQ or any generation of QQ over a real socket, led by lines on its standard
// input. The end-to-end tests run one for each user. Texts are hexadecimal in both directions, in the bytes
// of the wire.
//
//   speaker icq|oicq|A|A'|B|C|D udp|tcp HOST:PORT [--quiet-arrival]       (the password: UHOH_PASSWORD)

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "client/qq_client.hpp"
#include "client/qq_packet.hpp"
#include "load_client.hpp"
#include "net/unique_fd.hpp"
#include "wire/hex.hpp"

namespace {

using namespace uhoh;

template <class... Args>
void tell(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(format, std::forward<Args>(args)...);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::string hex(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out.empty() ? "-" : out;
}

/// A socket that is connected to the server.
class Line {
 public:
  Line(const Endpoint& server, bool is_stream)
      : is_stream_{is_stream}, socket_{::socket(AF_INET, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(server.address.to_v4());
    address.sin_port = htons(server.port);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error{"cannot connect"};
  }
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  [[nodiscard]] bool is_stream() const noexcept { return is_stream_; }
  void send(Bytes bytes) {
    static_cast<void>(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  /// What has come; empty when the connection is gone, or a datagram could not be delivered.
  Bytes receive() {
    const auto size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    return Bytes{buffer_}.first(size > 0 ? static_cast<std::size_t>(size) : 0);
  }

 private:
  bool is_stream_;
  net::UniqueFd socket_;
  std::array<std::uint8_t, 65536> buffer_{};
};

/// The words of a command.
class Words {
 public:
  explicit Words(const std::string& line) : in_{line} {}
  std::string word() {
    std::string word;
    in_ >> word;
    return word;
  }
  std::uint32_t number(int base = 10) {
    const std::string digits = word();
    std::uint32_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return value;
  }
  Uin uin() { return Uin{number()}; }
  std::string text() {
    const auto bytes = wire::parse_hex(word());
    return bytes ? std::string{bytes->begin(), bytes->end()} : std::string{};
  }
  std::vector<Uin> uins() {
    std::vector<Uin> all;
    for (Uin next = uin(); next.value != 0; next = uin()) all.push_back(next);
    return all;
  }

 private:
  std::istringstream in_;
};

/// A user, whatever it speaks.
class User {
 public:
  virtual ~User() = default;
  virtual void receive(Bytes bytes) = 0;
  virtual void disconnected() = 0;
  virtual void on_time() = 0;
  [[nodiscard]] virtual Instant next_deadline() const = 0;
  /// Does what a line says; false when it can't just now, or never.
  virtual bool obey(const std::string& verb, Words& words) = 0;
};

std::string password() {
  const char* const given = std::getenv("UHOH_PASSWORD");
  return given == nullptr ? "secret" : given;
}

class QqUser final : public User, client::QqFrameOut, client::QqListener {
 public:
  QqUser(qq::Version version, Line& line, bool is_quiet)
      : line_{line},
        options_{.version = version, .quiet_arrival = is_quiet, .is_stream = line.is_stream()},
        client_{options_, Seq16{static_cast<std::uint16_t>(chance_.number())}} {}

  void receive(Bytes bytes) override {
    if (!line_.is_stream()) return take(bytes);
    if (!stream_.receive(bytes, [this](Bytes frame) { take(frame); })) disconnected();
  }
  void disconnected() override { client_.on_disconnected(io()); }
  void on_time() override { client_.on_time(io()); }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }

  bool obey(const std::string& verb, Words& w) override {
    constexpr std::uint8_t online = 0x0A;
    if (verb == "log-in") return client_.log_in(w.uin(), password(), online, io());
    if (verb == "log-in-by-picture") return client_.log_in_by_picture(online, io());
    if (verb == "log-out") return client_.log_out(io());
    if (verb == "status") return client_.set_status(static_cast<std::uint8_t>(w.number(16)), io());
    if (verb == "text")
      return with_text(
          w, [&](Uin to, const std::string& text) { return client_.send_text(to, text, ++token_, io()); });
    if (verb == "qun-text")
      return with_text(w, [&](Uin qun, const std::string& text) {
        return client_.send_to_qun(qun, text, ++token_, io());
      });
    if (verb == "peer") {
      const Uin to = w.uin();
      const auto subtype = static_cast<std::uint16_t>(w.number(16));
      return client_.send_to_peer(to, subtype, as_bytes(w.text()), io());
    }
    if (verb == "friends") return client_.request_friends(io());
    if (verb == "who-is-online") return client_.request_online(io());
    if (verb == "level") return client_.request_level(w.uin(), io());
    if (verb == "profile") return client_.request_profile(w.uin(), io());
    if (verb == "add") return client_.add_friend(w.uin(), io());
    if (verb == "keep-alive") return client_.send_keepalive(io());
    return obey_about_quns(verb, w);
  }

 private:
  [[nodiscard]] client::QqIo io() { return {read_clocks(), *this, *this, chance_}; }

  template <class Send>
  bool with_text(Words& w, Send&& send) {
    const Uin to = w.uin();
    return send(to, w.text());
  }

  bool obey_about_quns(const std::string& verb, Words& w) {
    if (verb == "create-qun") {
      const std::string name = w.text();
      const auto members = w.uins();
      return client_.create_qun({.name = name, .members = members}, io());
    }
    if (verb == "qun") return client_.request_qun(w.uin(), io());
    if (verb == "find-qun") return client_.search_qun(w.uin(), io());
    if (verb == "join-qun") return client_.join_qun(w.uin(), io());
    if (verb == "quit-qun") return client_.quit_qun(w.uin(), io());
    if (verb == "qun-online") return client_.request_qun_online(w.uin(), io());
    return false;
  }

  /// Says which packet passes: its command and its number.
  static void trace(const char* how, Bytes frame) {
    if (frame.size() < qq::server_header_size) return;
    tell("{} {:02x}{:02x} {:02x}{:02x}", how, frame[3], frame[4], frame[5], frame[6]);
  }
  void take(Bytes frame) {
    trace("got", frame);
    client_.on_frame(frame, io());
  }
  void send(Bytes frame) override {
    trace("sent", frame);
    if (!line_.is_stream()) return line_.send(frame);
    std::vector<std::uint8_t> stream;
    client::append_qq_stream(frame, stream);
    line_.send(stream);
  }

  void on_online(const IpAddress& seen) override { tell("online {}", seen.to_string()); }
  void on_refused(const client::QqRefused& why) override {
    tell("refused {:02x} {}", why.code, hex(why.text));
  }
  void on_session_lost(client::SessionLoss why, std::string_view text) override {
    tell("lost {} {}", static_cast<unsigned>(why), hex(text));
  }
  void on_qr_picture(Bytes png) override { tell("picture {}", png.size()); }
  void on_qr_scanned() override { tell("scanned"); }
  void on_friend(const client::QqFriend& who) override { tell("friend {} {}", who.uin.value, hex(who.nick)); }
  void on_friends_end() override { tell("friends-end"); }
  void on_friend_status(const qq::StatusRecord& record) override {
    tell("status {} {:02x}", record.uin.value, record.status);
  }
  void on_online_end() override { tell("online-end"); }
  void on_placed(const qq::PlacedEntry& entry) override { tell("placed {} {}", entry.id.value, entry.type); }
  void on_profile(std::string_view fields) override { tell("profile {}", hex(fields)); }
  void on_level(const qq::LevelEntry& level) override { tell("level {}", level.uin.value); }
  void on_add_outcome(Uin uin, client::AddOutcome outcome) override {
    tell("add-outcome {} {}", uin.value, static_cast<unsigned>(outcome));
  }
  void on_system_message(const qq::SystemMessage& message) override {
    tell("system {} {}", hex(message.function), hex(message.from));
  }
  bool on_message(const client::QqMessage& m) override {
    tell("message {} {} {} {}", m.from.value, m.qun.value, hex(m.text), m.sent.time_since_epoch().count());
    return true;
  }
  bool on_peer_message(const client::QqPeerMessage& m) override {
    tell("peer {} {:04x} {}", m.from.value, m.subtype, hex(as_chars(m.content)));
    return true;
  }
  void on_notice(std::string_view text) override { tell("notice {}", hex(text)); }
  void on_qun(const client::QqQun& qun) override {
    std::string members;
    qun.members.for_each([&](const qq::QunMember& m) { members += " " + std::to_string(m.uin.value); });
    tell("qun {} {} {}{}", qun.qun.value, qun.external.value, hex(qun.name), members);
  }
  void on_qun_created(Uin qun) override { tell("qun-created {}", qun.value); }
  void on_qun_found(const qq::QunFound& qun) override {
    tell("qun-found {} {}", qun.qun.value, hex(qun.name));
  }
  void on_qun_joined(Uin qun, std::uint8_t outcome) override { tell("qun-joined {} {}", qun.value, outcome); }
  void on_qun_member_online(Uin qun, Uin member) override {
    tell("qun-online {} {}", qun.value, member.value);
  }
  void on_acknowledged(const client::Acknowledgement& what) override {
    tell("taken {:04x} {} {}", what.command, what.token, what.transmissions);
  }
  void on_not_done(const client::Acknowledgement& what, std::uint8_t code) override {
    tell("not-done {:04x} {} {:02x}", what.command, what.token, code);
  }
  void on_given_up(const client::GivenUp& what) override {
    tell("given-up {:04x} {}", what.command, what.token);
  }

  Line& line_;
  client::SystemChance chance_;
  client::QqClientOptions options_;
  client::QqClient client_;
  client::QqStream stream_;
  std::uint64_t token_ = 0;
};

/// A user of ICQ or of OICQ, as the load generator has them.
class OtherUser final : public User, load::ClientEvents {
 public:
  OtherUser(const load::Options& options, Line& line)
      : line_{line}, options_{options}, factory_{options_}, client_{factory_.make(0)} {}

  void receive(Bytes bytes) override { client_->receive(bytes, call()); }
  void disconnected() override { client_->disconnected(call()); }
  void on_time() override { client_->on_time(call()); }
  [[nodiscard]] Instant next_deadline() const override { return client_->next_deadline(); }
  bool obey(const std::string& verb, Words& w) override {
    if (verb == "log-in") {
      client_->log_in(w.uin(), password(), call());
      return true;
    }
    if (verb == "log-out") return client_->log_off(call());
    if (verb != "text") return false;
    const Uin to = w.uin();
    return client_->send_message(to, w.text(), ++token_, call());
  }

 private:
  [[nodiscard]] load::ClientCall call() { return {read_clocks().steady, *this}; }

  void send(Bytes bytes) override { line_.send(bytes); }
  void on_online() override { tell("online"); }
  void on_refused(load::Refused why) override { tell("refused {:02x} -", static_cast<unsigned>(why)); }
  void on_lost(load::Lost why) override { tell("lost {} -", static_cast<unsigned>(why)); }
  void on_registered(Uin) override {}
  void on_message(Uin from, std::string_view text, bool) override {
    tell("message {} 0 {} 0", from.value, hex(text));
  }
  void on_confirmed(std::uint32_t message) override { tell("taken text {}", message); }
  void on_keepalive(Duration) override {}
  void on_contact_online() override {}
  void on_contacts_done() override {}
  void on_stored_end() override {}
  void on_unknown_number() override { tell("unknown-number"); }

  Line& line_;
  load::Options options_;
  load::ClientFactory factory_;
  std::unique_ptr<load::LoadClient> client_;
  std::uint32_t token_ = 0;
};

std::unique_ptr<User> make_user(const std::string& what, Line& line, bool is_quiet) {
  if (const auto version = load::version_of_generation(what))
    return std::make_unique<QqUser>(*version, line, is_quiet);
  load::Options options;
  if (what == "oicq")
    options.dialect = load::Dialect::oicq;
  else if (what != "icq")
    throw std::runtime_error{"nobody speaks " + what};
  options.transport = line.is_stream() ? load::Transport::tcp : load::Transport::udp;
  options.resend = std::chrono::seconds{1};
  options.resend_given = true;
  return std::make_unique<OtherUser>(options, line);
}

/// Lines of standard input, as they come.
class Orders {
 public:
  /// False when there will be no more.
  template <class Take>
  bool read(Take&& take) {
    std::array<char, 4096> buffer{};
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return false;
    waiting_.append(buffer.data(), static_cast<std::size_t>(size));
    for (std::size_t end = waiting_.find('\n'); end != std::string::npos; end = waiting_.find('\n')) {
      const std::string line = waiting_.substr(0, end);
      waiting_.erase(0, end + 1);
      take(line);
    }
    return true;
  }

 private:
  std::string waiting_;
};

int run(const std::string& what, bool is_stream, const Endpoint& server, bool is_quiet) {
  Line line{server, is_stream};
  const auto user = make_user(what, line, is_quiet);
  Orders orders;
  bool is_connected = true;
  for (;;) {
    constexpr Duration longest = std::chrono::seconds{1};
    const Instant now = read_clocks().steady;
    const Instant due = user->next_deadline();
    const Duration left = due <= now ? Duration{0} : std::min<Duration>(longest, due - now);
    std::array<pollfd, 2> watched{
        {{STDIN_FILENO, POLLIN, 0}, {is_connected ? line.descriptor() : -1, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(left.count() / 1000 + 1));
    if (watched[1].revents != 0) {
      const Bytes bytes = line.receive();
      if (!bytes.empty()) {
        user->receive(bytes);
      } else if (is_stream) {
        is_connected = false;
        user->disconnected();
      }
    }
    if (user->next_deadline() <= read_clocks().steady) user->on_time();
    const auto obey = [&](const std::string& order) {
      Words words{order};
      const std::string verb = words.word();
      if (!user->obey(verb, words)) tell("cannot {}", verb);
    };
    if (watched[0].revents != 0 && !orders.read(obey)) return 0;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (arguments.size() < 4) {
    fmt::print(stderr, "usage: speaker icq|oicq|A|A'|B|C|D udp|tcp HOST:PORT [--quiet-arrival]\n");
    return 2;
  }
  try {
    const auto server = Endpoint::parse(arguments[3]);
    if (!server) throw std::runtime_error{server.error()};
    return run(arguments[1], arguments[2] == "tcp", *server, arguments.size() > 4);
  } catch (const std::exception& error) {
    fmt::print(stderr, "speaker: {}\n", error.what());
    return 1;
  }
}
