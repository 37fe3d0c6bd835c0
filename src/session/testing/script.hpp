#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <source_location>
#include <string>
#include <vector>

#include "session/shard_core.hpp"
#include "session/testing/test_dialect.hpp"

/// Conversations with a ShardCore, written as they happen:
/// `script().receive(login).expect_send(login_reply).advance(5s).expect_resend()`.
namespace uhoh::session::testing {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Uin user{10001};
inline constexpr IpAddress server_address = IpAddress::v4(0x0A000001);
inline constexpr Endpoint home{IpAddress::v4(0xC0000201), 1025};  ///< 192.0.2.1
inline constexpr Endpoint home_new_port{IpAddress::v4(0xC0000201), 1026};
inline constexpr Endpoint work{IpAddress::v4(0xC6336401), 1025};  ///< 198.51.100.1

/// What the clients of these tests say, by default as `user`.
inline Packet log_in(std::uint16_t sequence = 1, Uin uin = user) {
  return from_client(ClientCommand::log_in, sequence, uin, "password and all the rest");
}
inline Packet client_ack(std::uint16_t sequence, Uin uin = user) {
  return from_client(ClientCommand::acknowledgement, sequence, uin);
}
inline Packet keep_alive(std::uint16_t sequence) {
  return from_client(ClientCommand::keep_alive, sequence, user);
}
inline Packet message(std::uint16_t sequence, std::string_view text = "hello") {
  return from_client(ClientCommand::send_message, sequence, user, text);
}
/// A part of the message that the client calls `name`.
inline Packet part(std::uint16_t sequence, char name, unsigned count, unsigned index, std::string_view text) {
  const std::string body{name, static_cast<char>(count), static_cast<char>(index)};
  return from_client(ClientCommand::send_part, sequence, user, body + std::string{text});
}
inline Packet find(std::uint16_t sequence) { return from_client(ClientCommand::find, sequence, user); }

/// What the server says.
inline Packet ack(std::uint16_t sequence) { return from_server(ServerCommand::acknowledgement, sequence); }
inline Packet login_reply(std::uint16_t sequence = 0) {
  return from_server(ServerCommand::log_in_reply, sequence);
}
inline Packet search_end(std::uint16_t sequence) { return from_server(ServerCommand::search_end, sequence); }
inline Packet kicked(std::uint16_t sequence) { return from_server(ServerCommand::kicked, sequence); }
inline Packet not_connected(std::uint16_t sequence) {
  return from_server(ServerCommand::not_connected, sequence);
}
inline Packet arrived(std::uint16_t sequence, std::string_view text) {
  return from_server(ServerCommand::message, sequence, text);
}

/// Services that do what the script says, and write down what they were told.
class ScriptedServices final : public model::CommandHandler {
 public:
  explicit ScriptedServices(ShardCore& core) : core_{core} {}

  bool hold_messages = false;  ///< messages wait for finish_held() or drop_held()
  bool hold_logins = false;    ///< log-ins open their session, but are acknowledged by finish_held()
  bool refuse_logins = false;
  bool confirm_at_once = true;      ///< reservations of server numbers are committed at once
  bool plausible = false;           ///< of the newest request
  bool repeated = false;            ///< of the newest request
  unsigned rooms = 0;               ///< on_room calls
  std::uint32_t first_block = 256;  ///< numbers that a new session may use
  std::deque<std::string> calls;    ///< in order, but on_room
  model::SessionRef session;        ///< opened or restored last

  void handle(const model::Command& command, const model::RequestContext& context, Now) override {
    plausible = context.newest_plausible;
    repeated = context.repeated;
    const auto request = context.request;
    if (const auto* login = std::get_if<model::LogIn>(&command)) return on_login(*login, request);
    if (const auto* sent = std::get_if<model::SendMessage>(&command)) {
      calls.push_back(fmt::format("message {}", as_chars(sent->message.text.bytes)));
      if (hold_messages)
        held_.push_back(request);
      else
        core_.acknowledge(request);
      return;
    }
    if (const auto* prepare = std::get_if<model::PrepareLogIn>(&command)) return on_proof(*prepare, request);
    core_.acknowledge(request);
    if (std::holds_alternative<model::Ping>(command)) {
      calls.push_back("ping");
      return core_.reply(request, model::Pong{user});
    }
    if (const auto* find = std::get_if<model::FindByNumber>(&command)) {
      calls.push_back(fmt::format("find {}", find->query));
      core_.reply(request, model::SearchEnd{find->query});
    } else if (std::holds_alternative<model::ResendPending>(command)) {
      core_.resend_pending(context.session);
    } else if (std::holds_alternative<model::AskRegistration>(command)) {
      calls.push_back("ask_registration");
      core_.reply(request, model::Registered{0, user});
    } else if (std::holds_alternative<model::Register>(command)) {
      calls.push_back("register");
      core_.announce_registration({.dialect = context.dialect,
                                   .dialect_version = context.dialect_version,
                                   .peer = context.peer,
                                   .local = context.local,
                                   .sequence = context.key.sequence,
                                   .registered = {0, user}});
    }
  }
  void on_flood(const model::Command&, const model::RequestContext& context, Now) override {
    calls.push_back("flood");
    core_.drop(context.request);
  }
  void on_delivered(model::SessionRef, std::uint64_t tag, Now) override {
    calls.push_back(fmt::format("delivered {}", tag));
  }
  void on_room(model::SessionRef, Now) override { ++rooms; }
  void on_heard_again(model::SessionRef, Now) override { calls.push_back("heard_again"); }
  void on_session_end(model::SessionRef ref, model::SessionEnd why, Now) override {
    static constexpr std::array names{"logged_off",     "replaced", "silent",
                                      "unacknowledged", "kicked",   "shutdown", "disconnected"};
    EXPECT_NE(core_.facts(ref), nullptr);
    EXPECT_FALSE(core_.emit(ref, model::SearchEnd{}, {})) << "a session that goes takes nothing more";
    calls.push_back(fmt::format("end {}", names.at(static_cast<std::size_t>(why))));
  }
  void on_written(model::SessionRef, Now) override { calls.push_back("written"); }
  void fetch_password_key(model::RequestRef request, Uin, model::DialectId, Now) override {
    calls.push_back("fetch_password_key");
    core_.give_password_key(request, as_bytes(password_key));
  }
  void on_timer(model::SessionRef, Now) override { calls.push_back("timer"); }
  void reserve_sequence(model::SessionRef ref, std::uint32_t upto, Now) override {
    if (confirm_at_once) return core_.confirm_sequence(ref, upto);
    calls.push_back(fmt::format("reserve {}", upto));
  }

  void finish_held() {
    for (const auto request : std::exchange(held_, {})) {
      core_.acknowledge(request);
      if (std::exchange(reply_to_held_login_, false)) core_.reply(request, model::LoggedIn{user});
    }
  }
  void drop_held() {
    for (const auto request : std::exchange(held_, {})) core_.drop(request);
  }

 private:
  void on_proof(const model::PrepareLogIn& prepare, model::RequestRef request) {
    calls.push_back(prepare.proof == model::LogInProof::right ? "right proof" : "wrong proof");
    core_.acknowledge(request);
    if (prepare.proof != model::LogInProof::right)
      return core_.reply(request, model::LogInRefused{prepare.login.uin});
    auto login = prepare.login;
    login.proven = true;
    login.session_key = as_bytes(session_key).first(16);
    core_.prepare_session(request, login);
    core_.reply(request, model::LogInPrepared{.uin = login.uin, .session_key = login.session_key});
  }
  void on_login(const model::LogIn& login, model::RequestRef request) {
    calls.push_back(fmt::format("log_in {}", login.uin.value));
    if (refuse_logins) {
      core_.acknowledge(request);
      return core_.reply(request, model::LogInRefused{login.uin});
    }
    session =
        core_.open_session(request, {.uin = login.uin, .login = ++logins_, .reserved_sequence = first_block});
    if (hold_logins) {
      held_.push_back(request);
      reply_to_held_login_ = true;
      return;
    }
    core_.acknowledge(request);
    core_.reply(request,
                session ? model::Event{model::LoggedIn{login.uin}} : model::Event{model::ServerBusy{}});
  }

  ShardCore& core_;
  std::uint64_t logins_ = 0;
  std::vector<model::RequestRef> held_;
  bool reply_to_held_login_ = false;
};

/// One conversation. What was sent and is not expected fails the test at the end.
class Script final : private PacketWire, private AddressGate {
 public:
  using Where = std::source_location;

  explicit Script(const ShardLimits& limits = {}, const ReliabilityPolicy& policy = {}, const Manner& manner = {})
      : dialect_{policy, manner}, core_{limits, 1, *this, *this, now_.steady}, services_{core_} {
    core_.set_handler(services_);
    core_.add_dialect(dialect_);
  }
  ~Script() override {
    for (const auto& left : sent_) ADD_FAILURE() << "sent and not expected: " << show(left.packet);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  /// What follows comes from here, and is expected to be sent to here.
  Script& from(const Endpoint& peer) {
    peer_ = peer;
    return *this;
  }
  Script& receive(const Packet& packet) {
    received_bytes_ = packet.size();
    core_.on_datagram(dialect_, packet, peer_, server_address, now_);
    return *this;
  }
  /// The same over a connection.
  Script& receive_over(StreamId stream, const Packet& packet) {
    core_.on_stream_frame(dialect_, packet, stream, peer_, server_address, now_);
    return *this;
  }
  Script& disconnect(StreamId stream) {
    core_.on_stream_closed(stream, now_);
    return *this;
  }
  /// The peer's TCP has acknowledged so many bytes.
  Script& progress(StreamId stream, std::uint64_t bytes) {
    core_.on_stream_progress(stream, bytes, now_);
    return *this;
  }
  /// Lets time pass as an event loop does: from one deadline to the next.
  Script& advance(Duration span) {
    const auto target = now_.steady + span;
    while (true) {
      const auto next = core_.next_deadline();
      if (!next || *next >= target) break;
      now_.steady = std::max(now_.steady, *next);
      core_.on_time(now_);
    }
    now_.steady = target;
    core_.on_time(now_);
    return *this;
  }
  /// The next datagram sent is this one, to the present peer.
  Script& expect_send(const Packet& packet, Where where = Where::current()) {
    return expect_send_to(peer_, packet, where);
  }
  Script& expect_send_to(const Endpoint& to, const Packet& packet, Where where = Where::current()) {
    last_expected_ = packet;
    if (sent_.empty()) return fail(where, "nothing was sent, expected " + show(packet));
    const auto sent = sent_.front();
    sent_.pop_front();
    if (sent.packet != packet) fail(where, "sent " + show(sent.packet) + ", expected " + show(packet));
    if (sent.to != to) fail(where, "sent to " + sent.to.to_string() + ", expected " + to.to_string());
    if (sent.from != server_address) fail(where, "sent from another address than was written to");
    return *this;
  }
  /// The datagram expected last is sent once more.
  Script& expect_resend(Where where = Where::current()) { return expect_send(Packet{last_expected_}, where); }
  Script& expect_nothing(Where where = Where::current()) {
    while (!sent_.empty()) {
      fail(where, "sent " + show(sent_.front().packet) + ", expected nothing");
      sent_.pop_front();
    }
    return *this;
  }
  Script& ignore_sent() {
    sent_.clear();
    return *this;
  }
  /// The services are told this next (on_room apart).
  Script& expect_call(const std::string& call, Where where = Where::current()) {
    if (services_.calls.empty()) return fail(where, "no call, expected " + call);
    if (services_.calls.front() != call)
      fail(where, "call " + services_.calls.front() + ", expected " + call);
    services_.calls.pop_front();
    return *this;
  }
  Script& expect_no_call(Where where = Where::current()) {
    while (!services_.calls.empty()) {
      fail(where, "call " + services_.calls.front() + ", expected none");
      services_.calls.pop_front();
    }
    return *this;
  }
  /// Logs `user` in from the present peer: its first server number is taken and acknowledged.
  Script& logged_in(Where where = Where::current()) {
    return receive(log_in())
        .expect_send(ack(1), where)
        .expect_send(login_reply(), where)
        .receive(client_ack(0))
        .expect_call(fmt::format("log_in {}", user.value), where);
  }
  /// Emits a message to the session opened last.
  Script& emit(std::string_view text, std::uint64_t tag = 0, bool taken = true,
               Where where = Where::current()) {
    const ShardCore::Step step{core_, now_};
    const auto done =
        core_.emit(services_.session, model::MessageArrived{{.text = model::Text::utf8(text)}}, {.tag = tag});
    if (done != taken) fail(where, taken ? "the event was refused" : "the event was taken");
    return *this;
  }
  /// Does something with the core and its services, at the present time.
  template <class Action>
  Script& with(Action action) {
    const ShardCore::Step step{core_, now_};
    action(core_, services_);
    return *this;
  }

  [[nodiscard]] ShardCore& core() { return core_; }
  [[nodiscard]] ScriptedServices& services() { return services_; }
  [[nodiscard]] const ShardCore::Counters& counters() const { return core_.counters(); }
  [[nodiscard]] Now now() const { return now_; }
  [[nodiscard]] const TestDialect& dialect() const { return dialect_; }
  /// Bytes of all that was sent and not expected yet.
  [[nodiscard]] std::size_t bytes_sent() const {
    std::size_t sum = 0;
    for (const auto& sent : sent_) sum += sent.packet.size();
    return sum;
  }
  [[nodiscard]] std::size_t packets_sent() const { return sent_.size(); }
  /// Bytes of the datagram received last.
  [[nodiscard]] std::size_t bytes_received() const { return received_bytes_; }
  std::set<IpAddress> banned;
  std::set<StreamId> closed;         ///< connections that the server closed
  std::set<StreamId> paused;         ///< connections that are not read
  std::size_t unwritten_bytes = 0;   ///< of every connection

 private:
  struct Sent {
    Packet packet;
    Endpoint to;
    IpAddress from;
  };

  void send(Bytes packet, const Route& route) override {
    sent_.push_back({{packet.begin(), packet.end()}, route.peer, route.local});
    if (route.stream) given_ += packet.size();
  }
  void close(StreamId stream) override { closed.insert(stream); }
  void pause(StreamId stream, bool pause) override {
    if (pause)
      paused.insert(stream);
    else
      paused.erase(stream);
  }
  [[nodiscard]] std::size_t unwritten(StreamId) const override { return unwritten_bytes; }
  std::uint64_t watch_progress(StreamId) override { return given_; }
  bool is_banned(const IpAddress& address) const override { return banned.contains(address); }
  Script& fail(const Where& where, const std::string& what) {
    ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << what;
    return *this;
  }

  // Not a round number of the wheel's ticks, as a real clock isn't.
  Now now_{Instant{seconds{1000} + std::chrono::microseconds{1234}}, {}};
  TestDialect dialect_;
  std::deque<Sent> sent_;
  ShardCore core_;
  ScriptedServices services_;
  Endpoint peer_ = home;
  Packet last_expected_;
  std::size_t received_bytes_ = 0;
  std::uint64_t given_ = 0;
};

/// A conversation with a shard of its own.
inline Script script(const ShardLimits& limits = {}, const ReliabilityPolicy& policy = {}, const Manner& manner = {}) {
  return Script{limits, policy, manner};
}

}  // namespace uhoh::session::testing
