#include "support/conversation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/hash.hpp"
#include "dialect/icq/datagram.hpp"

namespace uhoh::testing {
namespace {

constexpr std::size_t transcript_lines = 40;
constexpr Endpoint server_endpoint{IpAddress::v4(0x0A000001), 4000};

std::uint16_t word_at(Bytes bytes, std::size_t at) {
  return bytes.size() < at + 2 ? std::uint16_t{0}
                               : static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}
std::uint16_t command_of(Bytes bytes) { return word_at(bytes, 2); }
std::uint16_t sequence_of(Bytes bytes) { return word_at(bytes, 4); }

/// Sent once, under a number that is none of the session's own.
bool is_outside_numbering(std::uint16_t command) {
  return command == icq::ServerAck::command || command == icq::NotConnected::command ||
         command == icq::BadPassword::command || command == icq::KickedOff::command;
}

std::string show(Bytes bytes, wire::Direction direction) {
  std::string hex;
  for (const auto byte : bytes) hex += fmt::format("{:02x}", byte);
  const auto dump = icq::dump_datagram(bytes, direction, wire::Secrets::shown);
  return dump ? *dump + "  = " + hex + "\n" : hex + " (not understood)\n";
}

std::string show_from_server(Bytes bytes) { return show(bytes, wire::Direction::server_to_client); }

std::vector<std::uint8_t> whole(std::uint16_t command, std::uint16_t sequence,
                                const std::vector<std::uint8_t>& rest) {
  std::vector<std::uint8_t> bytes(icq::short_header_size);
  wire::Writer w{bytes};
  icq::write_server_header(w, command, Seq16{sequence});
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

}  // namespace

Packet list_of(std::uint16_t command, const std::vector<Uin>& members, unsigned count_width,
               std::optional<std::uint16_t> count) {
  const auto told = count.value_or(static_cast<std::uint16_t>(members.size()));
  std::vector<std::uint8_t> payload;
  for (unsigned i = 0; i < count_width; ++i) payload.push_back(static_cast<std::uint8_t>(told >> 8 * i));
  for (const auto member : members)
    for (unsigned i = 0; i < 4; ++i) payload.push_back(static_cast<std::uint8_t>(member.value >> 8 * i));
  return {command, std::move(payload)};
}

Packet contact_list(const std::vector<Uin>& members) { return list_of(icq::ContactList::command, members); }

Packet message(Uin to, std::string_view text, std::uint16_t type) {
  return icq::SendMessage{to, {type, text}};
}

std::string verifier_of(std::string_view password) {
  return fmt::format("simulated${:016x}", content_hash(as_bytes(password)));
}

// ---- a client
// --------------------------------------------------------------------------------------------------

std::vector<std::uint8_t> Client::datagram_of(const Packet& packet) const {
  std::vector<std::uint8_t> bytes(icq::header_size_of(packet.command));
  wire::Writer w{bytes};
  icq::write_client_header(w, packet.command, Seq16{sequence}, uin_);
  bytes.insert(bytes.end(), packet.payload.begin(), packet.payload.end());
  return bytes;
}

std::uint16_t Client::sends_copies(unsigned copies, const Packet& packet, Where where) {
  Coverage::instance().saw(Side::client, packet.command, where.file_name());
  last_sent_ = datagram_of(packet);
  const auto number = sequence++;
  for (unsigned i = 0; i < copies; ++i) conversation_.receive(last_sent_, *this);
  return number;
}

std::uint16_t Client::sends_at_once(const Packet& packet, Where where) {
  return sends_copies(1, packet, where);
}

std::uint16_t Client::sends(const Packet& packet, Where where) {
  const auto number = sends_at_once(packet, where);
  conversation_.advance(10ms);
  return number;
}

void Client::repeats_at_once() { conversation_.receive(last_sent_, *this); }

void Client::repeats(Where) {
  repeats_at_once();
  conversation_.advance(10ms);
}

void Client::acknowledge(unsigned number) {
  std::vector<std::uint8_t> bytes(icq::client_header_size);
  wire::Writer w{bytes};
  icq::write_client_header(w, icq::ClientAck::command, Seq16{static_cast<std::uint16_t>(number)}, uin_);
  conversation_.receive(bytes, *this);
}

void Client::sends_bytes_at_once(std::vector<std::uint8_t> datagram) {
  last_sent_ = std::move(datagram);
  conversation_.receive(last_sent_, *this);
}

void Client::sends_bytes(std::vector<std::uint8_t> datagram) {
  sends_bytes_at_once(std::move(datagram));
  conversation_.advance(10ms);
}

void Client::arrive(std::vector<std::uint8_t> bytes) {
  const auto command = command_of(bytes);
  const bool outside = is_outside_numbering(command);
  const bool is_repeat = !outside && std::ranges::find(heard_, bytes) != heard_.end();
  if (!outside && !is_repeat) heard_.push_back(bytes);
  const auto number = sequence_of(bytes);
  inbox_.push_back({std::move(bytes), is_repeat});
  if (acknowledges && !outside) acknowledge(number);
}

std::string Client::describe(const Expected& expected) const {
  const auto number =
      expected.numbering_ == Expected::Numbering::next ? server_sequence_ : expected.sequence_;
  if (!expected.payload_)
    return fmt::format("< {:04X} seq={}, whatever it says\n", expected.command_, number);
  return (expected.numbering_ == Expected::Numbering::repeat ? "a repeat of " : "") +
         show_from_server(whole(expected.command_, number, *expected.payload_));
}

/// What is wrong with an arrival; empty when it is what was expected.
std::string Client::difference(const Arrival& arrival, const Expected& expected) const {
  const Bytes bytes{arrival.bytes};
  const bool repeat = expected.numbering_ == Expected::Numbering::repeat;
  if (command_of(bytes) != expected.command_) return "another command";
  if (arrival.is_repeat != repeat) return repeat ? "not a repeat" : "a repeat";
  if (expected.payload_ && !std::ranges::equal(bytes.subspan(icq::short_header_size), *expected.payload_))
    return "another payload";
  if (expected.numbering_ == Expected::Numbering::next && sequence_of(bytes) != server_sequence_)
    return fmt::format("another number than {}", server_sequence_);
  if (expected.numbering_ == Expected::Numbering::given && sequence_of(bytes) != expected.sequence_)
    return fmt::format("another number than {}", expected.sequence_);
  return {};
}

void Client::take(const Arrival& arrival, std::string_view file) {
  last_ = arrival.bytes;
  const auto command = command_of(last_);
  if (!is_outside_numbering(command) && !arrival.is_repeat)
    server_sequence_ = static_cast<std::uint16_t>(sequence_of(last_) + 1);
  if (!file.empty()) Coverage::instance().saw(Side::server, command, file);
}

std::string Client::everything_waiting() const {
  if (inbox_.empty()) return "nothing\n";
  std::string text;
  for (const auto& arrival : inbox_) text += show_from_server(arrival.bytes);
  return text;
}

void Client::expects(std::initializer_list<Expected> in_order, Where where) {
  for (const auto& expected : in_order) {
    if (inbox_.empty())
      return conversation_.fail(where,
                                fmt::format("{} expected\n{}but nothing came.", name_, describe(expected)));
    const auto wrong = difference(inbox_.front(), expected);
    if (!wrong.empty()) {
      conversation_.fail(where, fmt::format("{} expected\n{}but got ({})\n{}", name_, describe(expected),
                                            wrong, everything_waiting()));
      return ignores_what_came();
    }
    take(inbox_.front(), where.file_name());
    inbox_.pop_front();
  }
}

void Client::expects_in_any_order(std::initializer_list<Expected> all, Where where) {
  std::vector<Expected> missing{all};
  while (!missing.empty()) {
    if (inbox_.empty())
      return conversation_.fail(
          where, fmt::format("{} expected\n{}but nothing came.", name_, describe(missing.front())));
    const auto found = std::ranges::find_if(
        missing, [&](const Expected& expected) { return difference(inbox_.front(), expected).empty(); });
    if (found == missing.end()) {
      std::string wanted;
      for (const auto& expected : missing) wanted += describe(expected);
      conversation_.fail(where, fmt::format("{} expected, in any order,\n{}but got\n{}", name_, wanted,
                                            everything_waiting()));
      return ignores_what_came();
    }
    take(inbox_.front(), where.file_name());
    inbox_.pop_front();
    missing.erase(found);
  }
}

void Client::expects_nothing(Where where) {
  if (inbox_.empty()) return;
  conversation_.fail(where, fmt::format("{} expected nothing, but got\n{}", name_, everything_waiting()));
  ignores_what_came();
}

void Client::ignores_what_came() {
  for (const auto& arrival : inbox_) take(arrival, {});
  inbox_.clear();
}

std::vector<std::vector<std::uint8_t>> Client::takes_what_came() {
  std::vector<std::vector<std::uint8_t>> all;
  for (const auto& arrival : inbox_) all.push_back(arrival.bytes);
  ignores_what_came();
  return all;
}

std::size_t Client::waiting(std::uint16_t command) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(inbox_, [&](const Arrival& a) { return command_of(a.bytes) == command; }));
}

icq::Login Client::login(std::uint32_t status) const {
  return {.port = tcp_port,
          .password = password,
          .user_ip = inner_ip,
          .x2 = x2,
          .status = status,
          .tcp_version = tcp_version,
          .login_seq = login_sequence_};
}

void Client::logs_in(std::uint32_t status, Where where) {
  ++login_sequence_;
  server_sequence_ = 0;
  heard_.clear();
  const auto number = sends(login(status), where);
  expects({ack(number), icq::LoginReply{.uin = uin_,
                                        .user_ip = ip(),
                                        .login_seq = login_sequence_,
                                        .ping_seconds = 120,
                                        .timeout_seconds = 10,
                                        .retries = 6}},
          where);
}

void Client::comes_online(std::uint32_t status, Where where) {
  logs_in(status, where);
  const auto number = sends(icq::RequestStored{}, where);
  expects({ack(number), icq::EndOfStored{uin_}}, where);
  conversation_.advance(600ms);  // those who watch are told of the log-in meanwhile
}

std::vector<Uin> Client::watches(const std::vector<Uin>& contacts, Where where) {
  const auto number = sends(contact_list(contacts), where);
  expects(ack(number), where);
  std::vector<Uin> online;
  while (!inbox_.empty() && command_of(inbox_.front().bytes) == icq::UserOnline::command) {
    expects(any<icq::UserOnline>(), where);
    online.push_back(last<icq::UserOnline>().uin);
  }
  expects(icq::EndOfContacts{uin_}, where);
  return online;
}

void Client::logs_off(Where where) {
  const auto number = sends(icq::TextCode{icq::TextCode::user_disconnected}, where);
  expects(ack(number), where);
}

icq::UserOnline Client::seen(std::uint32_t status, bool with_address) const {
  icq::UserOnline online{.uin = uin_, .status = status, .tcp_version = tcp_version};
  if (with_address) online.where = {.ip = ip(), .port = tcp_port, .real_ip = inner_ip};
  return online;
}

// ---- the conversation
// ------------------------------------------------------------------------------------------

Conversation::Conversation(Scene scene)
    : scene_{std::move(scene)},
      now_{Instant{} + 1h, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}} + 12h} {
  scene_.server.address = server_endpoint;
  if (!scene_.sqlite) {
    memory_ = std::make_unique<storage::MemoryEngine>(scene_.limits);
    engine_ = memory_.get();
  } else {
    auto name = (std::filesystem::temp_directory_path() / "uhoh-conformance-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    directory_ = name;
  }
  start();
}

Conversation::~Conversation() {
  for (auto& client : clients_)
    if (!client.inbox_.empty() && !::testing::Test::HasFatalFailure())
      fail(Where::current(), fmt::format("At the end nobody had expected that {} got\n{}", client.name_,
                                         client.everything_waiting()));
  server_.reset();
  sqlite_.reset();
  std::error_code ignored;
  if (directory_) std::filesystem::remove_all(*directory_, ignored);
}

void Conversation::start() {
  if (scene_.sqlite) {
    auto opened = storage::SqliteEngine::open((*directory_ / "store.db").string(), {.limits = scene_.limits});
    if (!opened) throw std::runtime_error{opened.error()};
    sqlite_ = std::move(*opened);
    engine_ = sqlite_.get();
  }
  server_ = std::make_unique<VirtualServer>(
      scene_.server, *engine_, now_,
      [this](Datagram&& datagram) { on_their_way_.push_back(std::move(datagram)); },
      [this](StreamId stream, Bytes bytes) {
        over_streams_.emplace_back(stream, std::vector(bytes.begin(), bytes.end()));
      });
}

void Conversation::crashes_and_restarts() {
  server_->crash();
  server_.reset();
  on_their_way_.clear();
  over_streams_.clear();
  if (on_crash) on_crash();
  if (memory_) memory_->crash();
  sqlite_.reset();
  ++scene_.server.seed;
  start();
}

Client& Conversation::client(std::uint32_t number, const Account& account) {
  const Uin uin{number};
  storage::CreateAccount create{.uin = uin,
                                .password_verifier = verifier_of(account.password),
                                .profile = account.profile,
                                .icq_charset = account.charset,
                                .now = now_.wall};
  static_cast<void>(store(create));  // it may be there already
  if (account.address_policy != model::AddressPolicy::mutual)
    static_cast<void>(store(storage::UpdateAddressPolicy{uin, account.address_policy}));
  auto& client = stranger(number);
  client.password = account.password;
  return client;
}

Client& Conversation::stranger(std::uint32_t number) {
  // Each in a network of its own: the limits for strangers count by network.
  const Endpoint endpoint = new_endpoint();
  return clients_.emplace_back(*this, Uin{number}, endpoint,
                               fmt::format("{} at {}", number, endpoint.to_string()));
}

Endpoint Conversation::new_endpoint() {
  const Endpoint endpoint{IpAddress::v4(0xC6120001 + (endpoints_ << 8)),
                          static_cast<std::uint16_t>(1100 + endpoints_)};
  ++endpoints_;
  return endpoint;
}

Client& Conversation::impostor(const Client& victim) {
  auto& other = stranger(victim.uin().value);
  other.name_ = "the impostor of " + victim.name_;
  other.sequence = victim.sequence;
  other.password = victim.password;
  return other;
}

Client& Conversation::from_new_port(const Client& same) {
  const Endpoint endpoint{same.endpoint().address, static_cast<std::uint16_t>(same.endpoint().port + 1000)};
  auto& other = clients_.emplace_back(*this, same.uin(), endpoint,
                                      fmt::format("{} at {}", same.uin().value, endpoint.to_string()));
  other.password = same.password;
  return other;
}

void Conversation::receive(const std::vector<std::uint8_t>& datagram, Client& from) {
  note(from, true, datagram);
  server_->receive({datagram, from.endpoint_, server_endpoint});
  deliver();
}

void Conversation::sends_datagram(const Datagram& datagram) {
  server_->receive(datagram);
  deliver();
}

void Conversation::sends_over(StreamId stream, Bytes bytes) {
  server_->receive_over(stream, bytes);
  deliver();
}

void Conversation::deliver() {
  while (!on_their_way_.empty() || !over_streams_.empty()) {
    if (!over_streams_.empty()) {
      // Not from within the server: whoever hears it may answer at once.
      const auto [stream, bytes] = std::move(over_streams_.front());
      over_streams_.pop_front();
      if (on_stream_bytes) on_stream_bytes(stream, bytes);
      continue;
    }
    auto datagram = std::move(on_their_way_.front());
    on_their_way_.pop_front();
    if (datagram.from != server_endpoint && on_other_datagram && on_other_datagram(datagram)) continue;
    EXPECT_EQ(datagram.from, server_endpoint);
    const auto to = std::ranges::find(clients_, datagram.to, &Client::endpoint_);
    if (to == clients_.end()) {
      ADD_FAILURE() << "A datagram went to " << datagram.to.to_string() << ", where nobody is:\n"
                    << show_from_server(datagram.bytes);
      continue;
    }
    note(*to, false, datagram.bytes);
    to->arrive(std::move(datagram.bytes));
  }
}

void Conversation::advance(Duration span) {
  const auto end = now_.steady + span;
  const auto end_wall = now_.wall + std::chrono::floor<std::chrono::seconds>(now_.steady - Instant{} + span) -
                        std::chrono::floor<std::chrono::seconds>(now_.steady - Instant{});
  while (now_.steady < end) {
    const auto step = std::min(std::max(server_->next_deadline(), now_.steady + 1ms), end);
    const auto left = std::chrono::floor<std::chrono::seconds>(end - Instant{}) -
                      std::chrono::floor<std::chrono::seconds>(step - Instant{});
    now_ = {step, end_wall - left};
    server_->advance(now_);
    deliver();
  }
}

storage::Result Conversation::store(const storage::Request& request) {
  return storage::commit_one(*engine_, request);
}

std::vector<storage::KeptMessage> Conversation::kept(Uin uin) {
  auto result = store(storage::ReadMessages{.to = uin, .limit = 100'000});
  auto* kept = result ? std::get_if<storage::KeptMessages>(&*result) : nullptr;
  return kept == nullptr ? std::vector<storage::KeptMessage>{} : std::move(kept->messages);
}

std::uint64_t Conversation::count(Counter service::Counters::*counter) {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < server_->shard_count(); ++i)
    sum += (server_->shard(i).services().counters().*counter).value();
  return sum;
}

void Conversation::note(const Client& client, bool from_client, Bytes datagram) {
  transcript_.push_back({now_.steady, &client, from_client, {datagram.begin(), datagram.end()}, {}});
  if (transcript_.size() > transcript_lines) transcript_.pop_front();
}

void Conversation::notes(std::string line) {
  transcript_.push_back({now_.steady, nullptr, false, {}, std::move(line)});
  if (transcript_.size() > transcript_lines) transcript_.pop_front();
}

void Conversation::fail(Where where, const std::string& what) const {
  std::string said;
  for (const auto& line : transcript_) {
    const auto direction =
        line.from_client ? wire::Direction::client_to_server : wire::Direction::server_to_client;
    const double at = std::chrono::duration<double>(line.at - Instant{} - 1h).count();
    said += line.client == nullptr
                ? fmt::format("{:10.3f} {}", at, line.text)
                : fmt::format("{:10.3f} {} {}", at, line.client->name_, show(line.bytes, direction));
  }
  ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << what << "\nSaid last:\n" << said;
}

}  // namespace uhoh::testing
