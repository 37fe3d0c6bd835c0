#include "support/qq_conversation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/qq_keys.hpp"
#include "dialect/qq/session_messages.hpp"
#include "service/secrets.hpp"
#include "text/convert.hpp"

namespace uhoh::testing {

using qq::testing::Answer;
using qq::testing::Octets;

namespace {
std::string gb(std::string_view utf8) {
  std::string out;
  text::from_utf8(Charset::gb18030, utf8, out);
  return out;
}

std::string hex(Bytes bytes) {
  std::string out;
  for (const auto octet : bytes) out += fmt::format("{:02x}", octet);
  return out;
}

/// The keys of all scenes, so that a server that comes back has the same.
const service::Secrets& secrets() {
  static const service::Secrets both{crypto::SecretKey::random(), crypto::SecretKey::random()};
  return both;
}
}  // namespace

std::string name_of(const QqWay& way) {
  return fmt::format("{}{:04X}", way.over_tcp ? "Tcp" : "Udp", qq::row_of(way.version).word);
}

void PrintTo(const QqWay& way, std::ostream* out) { *out << name_of(way); }

Scene qq_scene() {
  Scene scene;
  scene.server.secrets = secrets();
  return scene;
}

// ---- a client ----

QqUser::QqUser(QqSide& side, Uin uin, QqWay way, Endpoint endpoint)
    : chain{.server = *this,
            .client = {.version = way.version, .uin = uin, .over_stream = way.over_tcp},
            .password = std::string{usual_password}},
      side_{side},
      uin_{uin},
      way_{way},
      endpoint_{endpoint} {}

std::string QqUser::name() const { return fmt::format("{} ({})", uin_.value, name_of(way_)); }

bool QqUser::is_connected() const { return !way_.over_tcp || side_.conversation_.server().is_open(stream_); }

void QqUser::connects() {
  unread_.clear();
  if (way_.over_tcp) stream_ = side_.conversation_.server().connect(model::DialectId::qq, endpoint_);
}

void QqUser::disconnects() {
  if (way_.over_tcp) side_.conversation_.server().disconnect(stream_);
  stream_ = {};
  side_.conversation_.advance(10ms);
}

void QqUser::sends_bytes_at_once(const Octets& bytes) {
  auto& conversation = side_.conversation_;
  conversation.notes(fmt::format("{} > {}\n", name(), hex(bytes)));
  if (way_.over_tcp) return conversation.sends_over(stream_, bytes);
  const auto& server = conversation.server();
  conversation.sends_datagram(
      {bytes, endpoint_, {server.options().address.address, server.port_of(model::DialectId::qq)}});
}

void QqUser::sends_bytes(const Octets& bytes) {
  sends_bytes_at_once(bytes);
  side_.conversation_.advance(10ms);
}

Octets QqUser::answer_to(const Octets& packet) {
  if (way_.over_tcp && (!stream_ || !is_connected())) connects();
  const auto frame = qq::read_frame(packet, wire::Direction::client_to_server);
  if (frame) awaited_ = {frame->header.command, frame->header.seq.value};
  answer_.reset();
  sends_bytes(packet);
  for (int i = 0; i < 10 && !answer_; ++i) side_.conversation_.advance(10ms);
  awaited_ = {};
  return std::exchange(answer_, std::nullopt).value_or(Octets{});
}

Bytes QqUser::public_point() const {
  const auto& dialect = side_.conversation_.server().shard_of_user(uin_).dialect(model::DialectId::qq);
  return dynamic_cast<const qq::QqDialect&>(dialect).agreements().public_point();
}

std::optional<Answer> QqUser::opened(const Octets& packet) const {
  if (packet.empty()) return std::nullopt;
  return qq::testing::opened(packet, session_key, way_.version);
}

bool QqUser::logs_in() {
  const auto key = crypto::TeaKey::from_bytes(chain.run());
  if (!key) return false;
  session_key = *key;
  heard_.clear();
  return true;
}

void QqUser::sets_status(std::uint8_t status, Where where) {
  const auto answer = qq::gen_cd.has(way_.version)  ? asks(qq::GoOnline{.status = status})
                      : qq::gen_b.has(way_.version) ? asks(qq::SetStatusB{.status = status})
                                                    : asks(qq::SetStatusA{.status = status});
  if (!answer) side_.conversation_.fail(where, name() + " set its status, and heard nothing.");
}

void QqUser::comes_online(Where where) {
  if (!logs_in()) return side_.conversation_.fail(where, name() + " did not get in.");
  sets_status(0x0A, where);
  side_.conversation_.advance(600ms);
}

Octets QqUser::text_packet(Uin to, std::string_view utf8) {
  const qq::PeerHeader peer{.version = qq::row_of(way_.version).word, .from = uin_, .to = to};
  if (!qq::gen_cd.has(way_.version)) {
    const std::string text = gb(utf8) + " ";
    return packet_of(qq::SendText{.from = uin_, .to = to, .peer = peer, .text = {text, {}}});
  }
  std::string content{0x01, static_cast<char>(utf8.size() >> 8), static_cast<char>(utf8.size())};
  content += utf8;
  const std::array all{qq::Element{qq::Element::text, as_bytes(content)}};
  qq::RichText text{.font = "Tahoma"};
  text.elements = wire::RecordList<qq::Element>::of(all);
  return packet_of(qq::SendElements{.from = uin_, .to = to, .peer = peer, .text = text});
}

void QqUser::says(Uin to, std::string_view utf8, Where where) {
  const auto answer = opened(answer_to(text_packet(to, utf8)));
  if (!answer || answer->plaintext.empty() || answer->plaintext.front() != 0)
    side_.conversation_.fail(where, fmt::format("The server did not take what {} said.", name()));
}

void QqUser::acknowledge(const Octets& push) {
  const auto frame = qq::read_frame(push, wire::Direction::server_to_client, way_.version);
  const Answer answer = qq::testing::opened(push, session_key, way_.version);
  const auto number = frame->header.seq;
  const auto keep = chain.client.next_sequence;
  chain.client.next_sequence = number.value;
  if (frame->header.command == 0x0080) {
    const auto message = answer.as<qq::SystemMessage>();
    chain.client.next_sequence = 0;
    sends_bytes_at_once(packet_of(qq::SystemMessageAck{message.function, message.from, number.value}));
  } else {
    const Octets head{answer.plaintext.begin(), answer.plaintext.begin() + 16};
    sends_bytes_at_once(chain.client.frame(frame->header.command, qq::testing::sealed(session_key, head)));
  }
  chain.client.next_sequence = keep;
}

// ---- what comes ----

void QqUser::arrive_bytes(Bytes bytes) {
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  while (unread_.size() >= qq::length_prefix_size) {
    const auto size = static_cast<std::size_t>(unread_[0] << 8 | unread_[1]);
    ASSERT_GT(size, qq::length_prefix_size) << "the server's stream can't be framed";
    if (unread_.size() < size) return;
    const Octets packet(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(size));
    arrive(packet);
  }
}

void QqUser::arrive(const Octets& packet) {
  side_.conversation_.notes(fmt::format("{} < {}\n", name(), hex(packet)));
  const auto frame = qq::read_frame(packet, wire::Direction::server_to_client, way_.version);
  ASSERT_TRUE(frame.has_value()) << "a broken frame came";
  EXPECT_TRUE(way_.over_tcp || packet.size() <= 1472) << "too large for a datagram";
  if (awaited_ == std::pair{frame->header.command, frame->header.seq.value} && !answer_) {
    answer_ = packet;
    return;
  }
  take_push(frame->header.command, packet);
}

void QqUser::take_push(std::uint16_t command, const Octets& packet) {
  const auto frame = qq::read_frame(packet, wire::Direction::server_to_client, way_.version);
  Octets plain(frame->body.size());
  const auto content = crypto::tea_decrypt(session_key, frame->body, plain);
  if (!content) {
    stray_.push_back(packet);
    return;
  }
  const Answer answer{packet, {content->begin(), content->end()}};
  constexpr std::size_t status_size = 31;
  if (command == qq::StatusPush::command && answer.plaintext.size() > status_size) {
    const auto record = answer.as<qq::StatusPush>().record;
    states_.emplace_back(record.uin, record.status);
    return;
  }
  // Answers to commands of the same numbers are shorter.
  const std::size_t size = answer.plaintext.size();
  const bool is_acknowledged = ((command == 0x0017 || command == 0x00CE) && size >= 16) ||
                               (command == 0x0080 && size > 1 && !qq::gen_d.has(way_.version));
  if (std::ranges::find(heard_, packet) == heard_.end()) {
    heard_.push_back(packet);
    pushes_.push_back({command, answer});
  } else {
    for (Push& push : pushes_)
      if (push.content.packet == packet) ++push.repeats;
  }
  // Last: the server's next packet may come within.
  if (acknowledges && is_acknowledged) acknowledge(packet);
}

std::optional<QqUser::Push> QqUser::next_push() {
  if (pushes_.empty()) return std::nullopt;
  auto push = std::move(pushes_.front());
  pushes_.pop_front();
  return push;
}

std::pair<Uin, std::string> QqUser::text_in(const Push& push) const {
  if (push.command == qq::ElementsArrived::command) {
    const auto arrived = push.content.as<qq::ElementsArrived>();
    std::string all;
    arrived.text.elements.for_each([&](const qq::Element& element) {
      if (element.type == qq::Element::text) all += as_chars(element.content.subspan(3));
      if (element.type == qq::Element::face) all += fmt::format("<{}>", element.content.back());
    });
    return {arrived.push.from, all};
  }
  std::string utf8;
  const auto read = [&](const auto& arrived) {
    std::string_view text = arrived.text.text;
    if (text.ends_with(' ')) text.remove_suffix(1);
    text::to_utf8(Charset::gb18030, as_bytes(text), utf8);
    return std::pair{arrived.push.from, utf8};
  };
  return qq::gen_a2.has(way_.version) ? read(push.content.as<qq::SpacedTextArrived>())
                                      : read(push.content.as<qq::TextArrived>());
}

void QqUser::expects_text(Uin from, std::string_view utf8, Where where) {
  const auto push = next_push();
  if (!push)
    return side_.conversation_.fail(
        where, fmt::format("{} expected \"{}\" of {}, but nothing came.", name(), utf8, from.value));
  if (push->command != 0x0017 && push->command != 0x00CE)
    return side_.conversation_.fail(where,
                                    fmt::format("{} expected a text, not {:04X}.", name(), push->command));
  const auto [who, said] = text_in(*push);
  if (who != from || said != utf8)
    side_.conversation_.fail(where, fmt::format("{} expected \"{}\" of {}, but {} said \"{}\".", name(), utf8,
                                                from.value, who.value, said));
}

namespace {
/// Reads the new functions, which are all that MyQQ3 knows, as the old ones: it takes a length off their words.
void read_as_myqq3(qq::SystemMessage& message) {
  if (message.function == "03") return;
  EXPECT_TRUE(message.function == "40" || message.function == "41" || message.function == "04") << message.function;
  ASSERT_FALSE(message.content.empty());
  const auto size = static_cast<std::uint8_t>(message.content.front());
  ASSERT_GT(message.content.size(), size);
  message.content = message.content.substr(1, size);
  message.function = message.function == "40" ? "01" : message.function == "41" ? "02" : "04";
}
}  // namespace

void QqUser::expects_system_message(std::string_view function, Uin from, std::string_view content,
                                    Where where) {
  const auto push = next_push();
  if (!push || push->command != qq::SystemMessage::command)
    return side_.conversation_.fail(where, name() + " expected a system message.");
  auto message = push->content.as<qq::SystemMessage>();
  if (way_.version == qq::Version::v1e0d) read_as_myqq3(message);
  const bool is_gb = !qq::gen_cd.has(way_.version) || way_.version == qq::Version::v2227;
  std::string utf8;
  text::to_utf8(is_gb ? Charset::gb18030 : Charset::utf8, as_bytes(message.content), utf8);
  // In A' an unknown id stands behind the text of 03 and 04, which is "0" where there is none.
  if (qq::gen_a2.has(way_.version) && (function == "03" || function == "04")) {
    utf8.resize(std::min(utf8.size(), utf8.find(qq::unit_separator)));
    if (utf8 == "0") utf8.clear();
  }
  if (message.function != function || message.from != std::to_string(from.value) || utf8 != content)
    side_.conversation_.fail(where, fmt::format("{} got the system message {} of {}: \"{}\"", name(),
                                                message.function, message.from, utf8));
}

void QqUser::expects_nothing(Where where) {
  if (pushes_.empty() && stray_.empty()) return;
  side_.conversation_.fail(where, fmt::format("{} expected nothing, but {} packets came.", name(),
                                              pushes_.size() + stray_.size()));
  ignores_what_came();
}

std::uint8_t QqUser::status_of(Uin uin) const {
  std::uint8_t last = 0;
  for (const auto& [who, status] : states_)
    if (who == uin) last = status;
  return last;
}

// ---- all of them ----

QqSide::QqSide(Conversation& conversation) : conversation_{conversation} {
  other_datagrams_ = std::move(conversation_.on_other_datagram);
  other_streams_ = std::move(conversation_.on_stream_bytes);
  other_crash_ = std::move(conversation_.on_crash);
  conversation_.on_other_datagram = [this](const Datagram& datagram) {
    if (datagram.from.port != conversation_.server().port_of(model::DialectId::qq))
      return other_datagrams_ && other_datagrams_(datagram);
    const auto to = std::ranges::find(users_, datagram.to, &QqUser::endpoint_);
    if (to == users_.end()) return anybody_may_hear;
    to->arrive(datagram.bytes);
    return true;
  };
  conversation_.on_stream_bytes = [this](StreamId stream, Bytes bytes) {
    const auto to = std::ranges::find(users_, stream, &QqUser::stream_);
    if (to != users_.end()) return to->arrive_bytes(bytes);
    if (other_streams_) other_streams_(stream, bytes);
  };
  conversation_.on_crash = [this] {
    for (auto& user : users_) user.stream_ = {};
    if (other_crash_) other_crash_();
  };
}

QqSide::~QqSide() {
  for (const auto& user : users_)
    if (user.waiting() > 0 && !::testing::Test::HasFatalFailure())
      conversation_.fail(
          Where::current(),
          fmt::format("At the end nobody had expected {} packets that {} got: the first is {:04X}, {}",
                      user.waiting(), user.name(), user.pushes_.front().command,
                      hex(user.pushes_.front().content.plaintext)));
  conversation_.on_other_datagram = std::move(other_datagrams_);
  conversation_.on_stream_bytes = std::move(other_streams_);
  conversation_.on_crash = std::move(other_crash_);
}

QqUser& QqSide::client(std::uint32_t uin, QqWay way, const Account& account) {
  storage::CreateAccount create{.uin = Uin{uin},
                                .password_verifier = verifier_of(account.password),
                                .profile = account.profile,
                                .icq_charset = account.charset,
                                .now = conversation_.now().wall};
  create.qq = true;
  create.qq_key = service::sealed_qq_key(secrets(), account.password);
  static_cast<void>(conversation_.store(create));
  auto& user = stranger(uin, way);
  user.chain.password = account.password;
  return user;
}

QqUser& QqSide::stranger(std::uint32_t uin, QqWay way) {
  return users_.emplace_back(*this, Uin{uin}, way, conversation_.new_endpoint());
}

QqUser& QqSide::elsewhere(const QqUser& same) {
  auto& other = stranger(same.uin().value, same.way());
  other.chain.password = same.chain.password;
  return other;
}

}  // namespace uhoh::testing
