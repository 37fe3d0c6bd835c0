#include "support/oicq_conversation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dialect/oicq/frame.hpp"
#include "text/convert.hpp"

namespace uhoh::testing {
namespace {

constexpr std::size_t envelope_size = oicq::header_size + 13;

std::string show(Bytes frame, wire::Direction direction) {
  constexpr std::size_t longest_shown = 8'000;
  if (frame.size() > longest_shown) return fmt::format("{:02X}, {} bytes\n", frame[3], frame.size());
  const auto dump = oicq::dump_frame(frame, direction, wire::Secrets::shown);
  if (dump) return *dump;
  std::string hex;
  for (const auto byte : frame) hex += fmt::format("{:02x}", byte);
  return hex + " (not understood)\n";
}

std::string show_from_server(Bytes frame) { return show(frame, wire::Direction::server_to_client); }

Coverage& coverage() {
  auto& it = Coverage::of("oicq");
  it.command_digits = 2;
  return it;
}

}  // namespace

std::string name_of(const OicqWay& way) {
  return fmt::format("{}{}", way.over_tcp ? "Tcp" : "Udp", way.within_0f ? "Within0F" : "Bare");
}
void PrintTo(const OicqWay& way, std::ostream* out) { *out << name_of(way); }

std::string gb18030(std::string_view utf8) {
  std::string out;
  text::from_utf8(Charset::gb18030, utf8, out);
  return out;
}

std::string from_gb18030(std::string_view bytes) {
  std::string out;
  text::to_utf8(Charset::gb18030, as_bytes(bytes), out);
  return out;
}

void oicq_covers(std::uint16_t type, Case what) { coverage().covers(Side::client, type, what); }
void oicq_covers_reply(std::uint16_t type, Case what) { coverage().covers(Side::server, type, what); }

void comes_online_to_what_waits(Client& icq_user, std::uint32_t status) {
  icq_user.logs_in(status);
  icq_user.sends(icq::RequestStored{});
  icq_user.ignores_what_came();
}

// ---- a client
// --------------------------------------------------------------------------------------------------

OicqUser::OicqUser(OicqSide& side, Uin uin, OicqWay way, Endpoint endpoint)
    : client_id{0x1D000000U + endpoint.port}, side_{side}, uin_{uin}, way_{way}, endpoint_{endpoint} {}

std::string OicqUser::name() const {
  return fmt::format("{} at {} ({})", uin_.value, endpoint_.to_string(), name_of(way_));
}

void OicqUser::lets_time_pass() { side_.conversation_.advance(10ms); }

std::vector<std::uint8_t> OicqUser::wrapped(const std::vector<std::uint8_t>& frame,
                                            std::uint32_t number) const {
  const bool is_registration = frame.size() > 3 && frame[3] == oicq::Register::command;
  return frame_of(oicq::ClientEnvelope{{is_registration ? Uin{} : uin_, 1, client_id, number, frame}});
}

std::uint32_t OicqUser::sends_frame(const std::vector<std::uint8_t>& frame, Where where) {
  if (frame.size() > 3) coverage().saw(Side::client, frame[3], where.file_name());
  if (!way_.within_0f) {
    sends_bytes(frame);
    return 0;
  }
  coverage().saw(Side::client, oicq::ClientEnvelope::command, where.file_name());
  sends_bytes(wrapped(frame, sequence));
  return sequence++;
}

void OicqUser::sends_bare_frame(const std::vector<std::uint8_t>& frame, Where where) {
  coverage().saw(Side::client, frame[3], where.file_name());
  sends_bytes(frame);
}

void OicqUser::sends_bytes(std::vector<std::uint8_t> bytes) {
  last_sent_ = std::move(bytes);
  repeats_at_once();
}

void OicqUser::repeats_at_once() {
  auto& conversation = side_.conversation_;
  conversation.notes(fmt::format("{} {}", name(), show(last_sent_, wire::Direction::client_to_server)));
  if (way_.over_tcp)
    conversation.sends_over(stream_, last_sent_);
  else
    conversation.sends_datagram({last_sent_,
                                 endpoint_,
                                 {conversation.server().options().address.address,
                                  conversation.server().port_of(model::DialectId::oicq)}});
}

void OicqUser::repeats() {
  repeats_at_once();
  lets_time_pass();
}

void OicqUser::acknowledge(std::uint32_t number) {
  const auto keep = last_sent_;
  sends_bytes(frame_of(oicq::ClientEnvelope{{uin_, 2, client_id, number, {}}}));
  last_sent_ = keep;
}

void OicqUser::connects() {
  unread_.clear();
  if (way_.over_tcp) stream_ = side_.conversation_.server().connect(model::DialectId::oicq, endpoint_);
}

void OicqUser::disconnects() {
  if (way_.over_tcp) side_.conversation_.server().disconnect(stream_);
  stream_ = {};
  lets_time_pass();
}

bool OicqUser::is_connected() const {
  return !way_.over_tcp || side_.conversation_.server().is_open(stream_);
}

void OicqUser::arrive_bytes(Bytes bytes) {
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  while (!unread_.empty()) {
    const auto size = oicq::frame_size(unread_);
    ASSERT_TRUE(size.has_value()) << "the server's stream can't be framed";
    if (*size == 0 || *size > unread_.size()) return;
    const std::vector<std::uint8_t> frame(unread_.begin(),
                                          unread_.begin() + static_cast<std::ptrdiff_t>(*size));
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(*size));
    arrive(frame);
  }
}

void OicqUser::arrive(Bytes frame) {
  side_.conversation_.notes(fmt::format("{} {}", name(), show_from_server(frame)));
  ASSERT_TRUE(oicq::dump_frame(frame, wire::Direction::server_to_client).has_value())
      << "a broken frame came";
  EXPECT_TRUE(way_.over_tcp || frame.size() <= oicq::max_datagram) << "too large for a datagram";
  if (frame[3] != oicq::ServerEnvelope::command) {
    inbox_.push_back({{frame.begin(), frame.end()}, 0});
    return;
  }
  const auto envelope = *wire::decode<oicq::Envelope>(frame.subspan(oicq::header_size));
  EXPECT_EQ(envelope.client_id, client_id);
  switch (static_cast<oicq::EnvelopeKind>(envelope.kind)) {
    case oicq::EnvelopeKind::acknowledgement:
      acks_.insert(envelope.sequence);
      return;
    case oicq::EnvelopeKind::hello:
      inbox_.push_back({{frame.begin(), frame.end()}, 0});
      return;
    case oicq::EnvelopeKind::data:
      break;
  }
  const bool is_new = !numbers_heard_.contains(envelope.sequence);
  numbers_heard_.insert(envelope.sequence);
  if (is_new) inbox_.push_back({{frame.begin() + envelope_size, frame.end()}, envelope.sequence});
  if (acknowledges) acknowledge(envelope.sequence);
}

unsigned OicqUser::repeats_of(std::uint32_t number) const {
  const auto times = static_cast<unsigned>(numbers_heard_.count(number));
  return times == 0 ? 0 : times - 1;
}

std::string OicqUser::difference(const Arrival& arrival, const OicqExpected& expected) const {
  if (arrival.frame[3] != expected.type_) return "another type";
  if (expected.content_ &&
      !std::ranges::equal(Bytes{arrival.frame}.subspan(oicq::header_size), *expected.content_))
    return "another content";
  return {};
}

std::string OicqUser::everything_waiting() const {
  if (inbox_.empty()) return "nothing\n";
  std::string text;
  for (const auto& arrival : inbox_) text += show_from_server(arrival.frame);
  return text;
}

void OicqUser::take(std::string_view file) {
  last_ = inbox_.front().frame;
  last_number_ = inbox_.front().number;
  inbox_.pop_front();
  if (file.empty()) return;
  coverage().saw(Side::server, last_[3], file);
  if (last_number_ != 0) coverage().saw(Side::server, oicq::ServerEnvelope::command, file);
}

namespace {
std::string describe(std::uint8_t type, const std::optional<std::vector<std::uint8_t>>& content) {
  if (!content) return fmt::format("< {:02X}, whatever it says\n", type);
  std::vector<std::uint8_t> frame(oicq::header_size);
  wire::Writer w{frame};
  oicq::write_header(w, wire::Direction::server_to_client, type, content->size());
  frame.insert(frame.end(), content->begin(), content->end());
  return show_from_server(frame);
}
}  // namespace

void OicqUser::expects(std::initializer_list<OicqExpected> in_order, Where where) {
  for (const auto& expected : in_order) {
    const auto wanted = describe(expected.type_, expected.content_);
    if (inbox_.empty())
      return side_.conversation_.fail(where, fmt::format("{} expected\n{}but nothing came.", name(), wanted));
    if (const auto wrong = difference(inbox_.front(), expected); !wrong.empty()) {
      side_.conversation_.fail(
          where, fmt::format("{} expected\n{}but got ({})\n{}", name(), wanted, wrong, everything_waiting()));
      return ignores_what_came();
    }
    take(where.file_name());
  }
}

void OicqUser::expects_in_any_order(std::initializer_list<OicqExpected> all, Where where) {
  std::vector<OicqExpected> missing{all};
  while (!missing.empty()) {
    const auto found =
        inbox_.empty() ? missing.end() : std::ranges::find_if(missing, [&](const OicqExpected& expected) {
          return difference(inbox_.front(), expected).empty();
        });
    if (found == missing.end()) {
      std::string wanted;
      for (const auto& expected : missing) wanted += describe(expected.type_, expected.content_);
      side_.conversation_.fail(where, fmt::format("{} expected, in any order,\n{}but got\n{}", name(), wanted,
                                                  everything_waiting()));
      return ignores_what_came();
    }
    take(where.file_name());
    missing.erase(found);
  }
}

void OicqUser::expects_nothing(Where where) {
  if (inbox_.empty()) return;
  side_.conversation_.fail(where,
                           fmt::format("{} expected nothing, but got\n{}", name(), everything_waiting()));
  ignores_what_came();
}

void OicqUser::expects_ack(std::uint32_t number, Where where) {
  if (way_.within_0f && acks_.erase(number) == 0)
    side_.conversation_.fail(where, fmt::format("{} expected the acknowledgement of {}.", name(), number));
}

void OicqUser::expects_no_ack(std::uint32_t number, Where where) {
  if (acks_.contains(number))
    side_.conversation_.fail(where, fmt::format("{} expected no acknowledgement of {}.", name(), number));
}

void OicqUser::expects_notice(std::string_view words, Where where) {
  expects(any_oicq<oicq::Message>(), where);
  const auto message = last<oicq::Message>();
  if (message.flag != 1 || message.from != Uin{} || !message.text.contains(words))
    side_.conversation_.fail(where, fmt::format("{} expected a system message with \"{}\".", name(), words));
}

void OicqUser::ignores_what_came() {
  while (!inbox_.empty()) take({});
}

std::size_t OicqUser::waiting(std::uint8_t type) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(inbox_, [&](const Arrival& a) { return a.frame[3] == type; }));
}

void OicqUser::logs_in(std::uint8_t mode, Where where) {
  if (way_.over_tcp && (!stream_ || !is_connected())) connects();
  const auto number = sends(oicq::LogIn{uin_, password, mode}, where);
  expects_ack(number, where);
  expects(any_oicq<oicq::LoggedIn>(), where);
  if (last<oicq::LoggedIn>().success != 1)
    side_.conversation_.fail(where, fmt::format("{} expected to be logged in.", name()));
}

void OicqUser::logs_off(Where where) {
  const auto number = sends(oicq::ChangeState{uin_, 4}, where);
  expects_ack(number, where);
  expects(oicq::StateChanged{uin_, 4}, where);
}

// ---- all of them
// -----------------------------------------------------------------------------------------------

OicqSide::OicqSide(Conversation& conversation) : conversation_{conversation} {
  conversation_.on_other_datagram = [this](const Datagram& datagram) {
    if (datagram.from.port != conversation_.server().port_of(model::DialectId::oicq)) return false;
    const auto to = std::ranges::find(users_, datagram.to, &OicqUser::endpoint_);
    if (to == users_.end()) return false;
    to->arrive(datagram.bytes);
    return true;
  };
  conversation_.on_crash = [this] {
    for (auto& user : users_) user.stream_ = {};
  };
  conversation_.on_stream_bytes = [this](StreamId stream, Bytes bytes) {
    const auto to = std::ranges::find(users_, stream, &OicqUser::stream_);
    if (to != users_.end()) to->arrive_bytes(bytes);
  };
}

OicqSide::~OicqSide() {
  for (const auto& user : users_)
    if (user.waiting() > 0 && !::testing::Test::HasFatalFailure())
      conversation_.fail(Where::current(), fmt::format("At the end nobody had expected that {} got\n{}",
                                                       user.name(), user.everything_waiting()));
  conversation_.on_other_datagram = nullptr;
  conversation_.on_stream_bytes = nullptr;
  conversation_.on_crash = nullptr;
}

OicqUser& OicqSide::client(std::uint32_t uin, OicqWay way, const Account& account) {
  static_cast<void>(
      conversation_.store(storage::CreateAccount{.uin = Uin{uin},
                                                 .password_verifier = verifier_of(account.password),
                                                 .profile = account.profile,
                                                 .icq_charset = account.charset,
                                                 .now = conversation_.now().wall}));
  auto& user = stranger(uin, way);
  user.password = account.password;
  return user;
}

OicqUser& OicqSide::stranger(std::uint32_t uin, OicqWay way) {
  return users_.emplace_back(*this, Uin{uin}, way, conversation_.new_endpoint());
}

}  // namespace uhoh::testing
