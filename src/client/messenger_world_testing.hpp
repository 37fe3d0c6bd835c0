#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/download_folder.hpp"
#include "client/icq_messenger.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"
#include "dialect/peer/packet.hpp"

/// Several messengers, a small server and the connections between them, in one thread and without a network.
namespace uhoh::client::testing {

using namespace std::chrono_literals;

class World;

/// One messenger with its address, its folder, and a log of what it was told.
class Host final : public Network, public MessengerListener {
 public:
  Host(World& world, Uin uin, std::uint32_t address, const IcqMessengerOptions& options);

  // Network
  void send_datagram(Bytes datagram) override;
  void connect(StreamId stream, const Endpoint& to) override;
  void write(StreamId stream, Bytes bytes) override;
  void close(StreamId stream) override;
  std::size_t unsent(StreamId stream) const override {
    const auto at = queued.find(stream);
    return at == queued.end() ? 0 : at->second;
  }
  std::uint16_t listen(ListenerId listener) override;
  void stop_listening(ListenerId listener) override {
    std::erase_if(ports, [&](const auto& entry) { return entry.second == listener; });
  }

  // MessengerListener
  void on_link_state(LinkState state, const std::string& why, Instant) override {
    static constexpr std::array names{"offline", "registering", "connecting", "online", "waiting"};
    say(fmt::format("{}{}{}", names.at(static_cast<std::size_t>(state)), why.empty() ? "" : ": ", why));
  }
  void on_presence(Uin who, const model::Status& s) override {
    say(fmt::format("presence {} {}", who.value, static_cast<int>(s.availability)));
  }
  bool on_message(const ReceivedMessage& m) override {
    std::string text;
    for (const auto& field : m.fields) text += (text.empty() ? "" : "|") + field;
    say(fmt::format("message {} {}{}{}", m.from.value, text, m.direct ? " directly" : "",
                    m.urgent ? " urgently" : ""));
    return true;
  }
  void on_sent(const Sent& s) override {
    say(fmt::format("sent {}{}{}{}", static_cast<std::uint64_t>(s.token), s.direct ? " directly" : "",
                    s.auto_reply.empty() ? "" : ": ", s.auto_reply));
  }
  void on_not_sent(MessageToken token, const std::string& why) override {
    say(fmt::format("not sent {}: {}", static_cast<std::uint64_t>(token), why));
  }
  void on_away_message(Uin who, const std::string& text) override {
    say(fmt::format("away {} {}", who.value, text));
  }
  void on_notice(const std::string& line) override { say("notice: " + line); }
  void on_chat_invitation(RequestId request, const ChatInvitation& i) override {
    requests.push_back(request);
    say(fmt::format("invited by {}: {}", i.from.value, i.reason));
  }
  void on_chat_joined(ChatId, Uin who, const std::string& name) override {
    say(fmt::format("joined {} {}", who.value, name));
  }
  void on_chat_line(ChatId, Uin who, const std::string& line, bool whole) override {
    say(fmt::format("{} {}> {}", whole ? "line" : "typing", who.value, line));
  }
  void on_chat_left(ChatId, Uin who, const std::string& why) override {
    say(fmt::format("left {} {}", who.value, why));
  }
  void on_file_offer(RequestId request, const FileOffer& o) override {
    requests.push_back(request);
    say(fmt::format("offer {} {} {}", o.from.value, o.name, o.size));
  }
  void on_transfer_progress(TransferId, const TransferProgress& p) override { progress = p; }
  void on_transfer_file(TransferId, const std::string& name, const std::string&) override {
    say("file " + name);
  }
  void on_transfer_end(TransferId, bool whole, const std::string& why) override {
    say(whole ? std::string{"transfer done"} : "transfer failed: " + why);
  }
  void on_request_withdrawn(RequestId) override { say("withdrawn"); }

  void say(const std::string& line) { heard.push_back(line); }
  /// Tells whether a line that begins so was heard, and how often.
  [[nodiscard]] std::size_t count(std::string_view begin) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(heard, [&](const auto& line) { return line.starts_with(begin); }));
  }
  [[nodiscard]] bool has(std::string_view begin) const { return count(begin) > 0; }
  [[nodiscard]] std::string all() const {
    std::string text;
    for (const auto& line : heard) text += line + "\n";
    return text;
  }
  [[nodiscard]] RequestId take_request() {
    EXPECT_FALSE(requests.empty()) << all();
    const RequestId request = requests.empty() ? RequestId::none : requests.back();
    requests.clear();
    return request;
  }

  World* world;
  Uin uin;
  IpAddress address;
  std::filesystem::path folder;
  DownloadFolder downloads;
  std::map<std::uint16_t, ListenerId> ports;
  std::map<StreamId, std::size_t> queued;
  std::deque<std::string> heard;
  std::vector<RequestId> requests;
  TransferProgress progress;
  IcqMessenger messenger;
};

/// Somebody at the other end of a connection who follows no rules.
struct Stranger {
  std::vector<std::uint8_t> received;
  bool is_closed = false;
  std::function<void(Bytes)> write;
};

/// All of it, and the time.
class World {
 public:
  World()
      : root_{std::filesystem::temp_directory_path() /
              fmt::format("uhoh-world-{}-{}", ::getpid(), ++worlds_)} {
    std::filesystem::create_directories(root_);
  }
  ~World() { std::filesystem::remove_all(root_); }

  Host& add(std::uint32_t number, IcqMessengerOptions options = {}) {
    options.seed = number;
    if (options.name.empty()) options.name = fmt::format("name{}", number);
    hosts_.push_back(std::make_unique<Host>(*this, Uin{number}, 0x0A000000 + number, options));
    return *hosts_.back();
  }
  /// Logs hosts in who know each other.
  void log_in(std::initializer_list<Host*> hosts) {
    std::vector<Uin> all;
    for (const Host* host : hosts) all.push_back(host->uin);
    for (Host* host : hosts) {
      host->messenger.set_contacts(all, now);
      host->messenger.go_online(host->uin, "pw", now);
      run();
    }
    for (Host* host : hosts) host->heard.clear();
  }
  /// Lets everything happen that is to happen at once.
  void run() {
    while (!queue_.empty()) {
      const auto next = std::move(queue_.front());
      queue_.pop_front();
      next();
    }
  }
  void advance(Duration by) {
    const Instant end = now + by;
    run();
    while (true) {
      Instant next = end;
      for (const auto& host : hosts_) next = std::min(next, host->messenger.next_deadline());
      now = std::max(now, next);
      for (const auto& host : hosts_)
        if (host->messenger.next_deadline() <= now) host->messenger.on_time(now);
      run();
      if (now >= end) return;
    }
  }
  /// Lets things happen one by one until something holds; false when it never did.
  template <class Holds>
  bool run_until(Holds holds) {
    while (!holds()) {
      if (queue_.empty()) return false;
      const auto next = std::move(queue_.front());
      queue_.pop_front();
      next();
    }
    return true;
  }
  void post(std::function<void()> what) { queue_.push_back(std::move(what)); }

  // The server.
  void from_client(Host& host, std::vector<std::uint8_t> datagram);
  void forget_sessions() { online_.clear(); }

  // Connections.
  void connect(Host& from, StreamId stream, const Endpoint& to);
  void write(Host& from, StreamId stream, Bytes bytes);
  void close(Host& from, StreamId stream);
  /// Cuts every connection, as a router does that was switched off.
  void cut_all();
  /// Connects to a host's port from an address.
  Stranger& stranger(Host& host, std::uint16_t port, const IpAddress& from);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  Instant now{std::chrono::hours{1}};
  bool has_tcp = true;
  bool swallows_tcp = false;  ///< connections never come up
  bool has_server = true;
  bool hides_addresses = false;
  std::vector<std::string> through_server;  ///< texts

 private:
  struct End {
    Host* host = nullptr;
    StreamId stream = StreamId::none;
    Stranger* stranger = nullptr;
  };
  struct Stored {
    Uin from, to;
    std::string text;
  };
  struct Session {
    icq::Login login;
    Host* host = nullptr;
    std::set<Uin> watches;
    Seq16 sequence;
  };

  template <class M>
  void to_client(Session& session, const M& message) {
    send(*session.host, message, session.sequence);
    session.sequence = session.sequence.next();
  }
  template <class M>
  void send(Host& host, const M& message, Seq16 sequence) {
    std::array<std::uint8_t, 1500> buffer;
    const auto size = icq::encode_server(message, sequence, buffer);
    post([&host, this,
          bytes =
              std::vector<std::uint8_t>(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size))] {
      host.messenger.on_datagram(bytes, now);
    });
  }
  void tell_presence(Session& watcher, Session& other) {
    const std::uint32_t ip = hides_addresses ? 0 : other.host->address.to_v4();
    to_client(watcher, icq::UserOnline{other.host->uin,
                                       {ip, hides_addresses ? 0 : other.login.port, ip},
                                       other.login.status,
                                       other.login.tcp_version});
  }
  [[nodiscard]] End other_end(Host& host, StreamId stream) {
    for (const auto& [a, b] : pairs_) {
      if (a.host == &host && a.stream == stream) return b;
      if (b.host == &host && b.stream == stream) return a;
    }
    return {};
  }
  [[nodiscard]] Host* host_at(const IpAddress& address) {
    for (const auto& host : hosts_)
      if (host->address == address) return host.get();
    return nullptr;
  }

  static inline int worlds_ = 0;
  std::filesystem::path root_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Stranger>> strangers_;
  std::deque<std::function<void()>> queue_;
  std::map<Uin, Session> online_;
  std::vector<Stored> stored_;
  std::vector<std::pair<End, End>> pairs_;
};

inline Host::Host(World& w, Uin number, std::uint32_t ip, const IcqMessengerOptions& options)
    : world{&w},
      uin{number},
      address{IpAddress::v4(ip)},
      folder{w.root() / fmt::format("{}", number.value)},
      downloads{folder},
      messenger{options, *this, downloads, *this} {}

inline void Host::send_datagram(Bytes d) {
  world->post(
      [this, copy = std::vector<std::uint8_t>(d.begin(), d.end())] { world->from_client(*this, copy); });
}
inline void Host::connect(StreamId stream, const Endpoint& to) { world->connect(*this, stream, to); }
inline void Host::write(StreamId stream, Bytes bytes) { world->write(*this, stream, bytes); }
inline void Host::close(StreamId stream) { world->close(*this, stream); }
inline std::uint16_t Host::listen(ListenerId listener) {
  static std::uint16_t next_port = 5000;
  ports[++next_port] = listener;
  return next_port;
}

inline void World::from_client(Host& host, std::vector<std::uint8_t> datagram) {
  if (!has_server) return;
  const auto header = icq::sniff_client(datagram);
  ASSERT_TRUE(header.has_value());
  if (header->command == icq::ClientAck::command) return;
  const bool is_login = header->command == icq::Login::command;
  if (!is_login && !online_.contains(host.uin)) return send(host, icq::NotConnected{}, header->seq);
  send(host, icq::ServerAck{}, header->seq);
  const Bytes payload = Bytes{datagram}.subspan(header->header_size);
  if (is_login) {
    auto& session = online_[host.uin] = {*icq::decode_client<icq::Login>(payload), &host, {}, Seq16{0}};
    session.login.password = {};
    to_client(session,
              icq::LoginReply{
                  .uin = host.uin, .user_ip = host.address.to_v4(), .login_seq = session.login.login_seq});
    for (const Stored& m : stored_)
      if (m.to == host.uin) to_client(session, icq::OnlineMessage{m.from, {1, m.text}});
    std::erase_if(stored_, [&](const Stored& m) { return m.to == host.uin; });
    for (auto& [uin, other] : online_)
      if (other.watches.contains(host.uin)) tell_presence(other, session);
  }
  Session& session = online_.at(host.uin);
  if (header->command == icq::ContactList::command) {
    const auto list = icq::decode_client<icq::ContactList>(payload);
    for (const std::uint32_t number : list->contacts) {
      session.watches.insert(Uin{number});
      const auto other = online_.find(Uin{number});
      if (other != online_.end() && other->first != host.uin) tell_presence(session, other->second);
    }
  }
  if (header->command == icq::SendMessage::command) {
    const auto message = icq::decode_client<icq::SendMessage>(payload);
    through_server.emplace_back(message->message.text);
    const auto to = online_.find(message->receiver);
    if (to != online_.end())
      to_client(to->second, icq::OnlineMessage{host.uin, message->message});
    else
      stored_.push_back({host.uin, message->receiver, std::string{message->message.text}});
  }
}

inline void World::connect(Host& from, StreamId stream, const Endpoint& to) {
  if (swallows_tcp) return;
  post([this, &from, stream, to] {
    Host* host = has_tcp ? host_at(to.address) : nullptr;
    const auto port = host == nullptr ? decltype(host->ports)::iterator{} : host->ports.find(to.port);
    if (host == nullptr || port == host->ports.end()) return from.messenger.on_closed(stream, now);
    const StreamId theirs = host->messenger.on_accepted(port->second, {from.address, 40000}, now);
    if (theirs == StreamId::none) return from.messenger.on_closed(stream, now);
    pairs_.push_back({{&from, stream}, {host, theirs}});
    from.messenger.on_connected(stream, now);
  });
}

inline void World::write(Host& from, StreamId stream, Bytes bytes) {
  from.queued[stream] += bytes.size();
  post([this, &from, stream, copy = std::vector<std::uint8_t>(bytes.begin(), bytes.end())] {
    from.queued[stream] -= copy.size();
    const End to = other_end(from, stream);
    if (to.stranger != nullptr)
      to.stranger->received.insert(to.stranger->received.end(), copy.begin(), copy.end());
    if (to.host != nullptr) to.host->messenger.on_received(to.stream, copy, now);
    if (from.queued[stream] == 0) from.messenger.on_writable(stream, now);
  });
}

inline void World::close(Host& from, StreamId stream) {
  post([this, &from, stream] {
    const End to = other_end(from, stream);
    std::erase_if(pairs_, [&](const auto& pair) {
      return (pair.first.host == &from && pair.first.stream == stream) ||
             (pair.second.host == &from && pair.second.stream == stream);
    });
    if (to.stranger != nullptr) to.stranger->is_closed = true;
    if (to.host != nullptr) to.host->messenger.on_closed(to.stream, now);
  });
}

inline void World::cut_all() {
  for (const auto& [a, b] : std::exchange(pairs_, {})) {
    if (a.host != nullptr) a.host->messenger.on_closed(a.stream, now);
    if (b.host != nullptr) b.host->messenger.on_closed(b.stream, now);
  }
}

inline Stranger& World::stranger(Host& host, std::uint16_t port, const IpAddress& from) {
  strangers_.push_back(std::make_unique<Stranger>());
  Stranger& s = *strangers_.back();
  const auto at = host.ports.find(port);
  const StreamId stream =
      at == host.ports.end() ? StreamId::none : host.messenger.on_accepted(at->second, {from, 40000}, now);
  s.is_closed = stream == StreamId::none;
  pairs_.push_back({{nullptr, StreamId::none, &s}, {&host, stream}});
  s.write = [this, &host, stream](Bytes bytes) {
    host.messenger.on_received(stream, bytes, now);
    run();
  };
  return s;
}

}  // namespace uhoh::client::testing
