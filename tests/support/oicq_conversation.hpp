#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/datagram.hpp"
#include "dialect/oicq/server_messages.hpp"
#include "support/conversation.hpp"

/// OICQ clients in a Conversation, beside those of ICQ:
///
///     Conversation c;
///     OicqSide oicq{c};
///     auto& ann = oicq.client(10001);
///     ann.logs_in();
///     ann.sends(oicq::SendMessage{ann, bob, "hi"});
///     bob.expects(from_user(ann, "hi"));
///
/// Within 0F a client wraps what it sends and acknowledges at once what comes, unless it is told not to; what
/// it expects are the inner frames. What came and was not expected fails the test at its end.
namespace uhoh::testing {

/// How a client speaks.
struct OicqWay {
  bool over_tcp = true;
  bool within_0f = true;
};
inline constexpr OicqWay tcp_0f{true, true};
inline constexpr OicqWay tcp_bare{true, false};
inline constexpr OicqWay udp_0f{false, true};
inline constexpr OicqWay udp_bare{false, false};
/// All four, for tests that hold in each.
inline constexpr std::array every_way{tcp_0f, tcp_bare, udp_0f, udp_bare};
/// For the names of tests: "TcpWithin0F".
[[nodiscard]] std::string name_of(const OicqWay& way);
void PrintTo(const OicqWay& way, std::ostream* out);

/// UTF-8 as OICQ's clients write it.
[[nodiscard]] std::string gb18030(std::string_view utf8);
/// And back.
[[nodiscard]] std::string from_gb18030(std::string_view bytes);

/// A frame that the server is expected to send: exact, or of a type with any content.
class OicqExpected {
 public:
  template <oicq::FrameMessage Message>
  OicqExpected(const Message& message) : type_{static_cast<std::uint8_t>(Message::command)} {
    content_.emplace(wire::encoded_size(message));
    wire::Writer w{*content_};
    wire::encode(message, w);
  }
  explicit OicqExpected(std::uint8_t type) : type_{type} {}

 private:
  friend class OicqUser;
  std::uint8_t type_;
  std::optional<std::vector<std::uint8_t>> content_;
};

/// A type with any content.
template <class Message>
[[nodiscard]] OicqExpected any_oicq() {
  return OicqExpected{static_cast<std::uint8_t>(Message::command)};
}
/// A text of somebody.
[[nodiscard]] inline oicq::Message from_user(Uin from, std::string_view text) {
  return {.flag = 2, .from = from, .text = text, .info = 0};
}
/// What the system says of somebody: info types 1 to 4.
[[nodiscard]] inline oicq::Message about(Uin from, std::uint8_t info, std::string_view text = {}) {
  return {.flag = 1, .from = from, .text = text, .info = info};
}
/// What the system itself says.
[[nodiscard]] inline oicq::Message notice(std::string_view text) {
  return {.flag = 1, .from = {}, .text = text, .info = 0};
}

class OicqSide;

/// A client of OICQ at an endpoint.
class OicqUser {
 public:
  OicqUser(OicqSide& side, Uin uin, OicqWay way, Endpoint endpoint);
  OicqUser(const OicqUser&) = delete;
  OicqUser& operator=(const OicqUser&) = delete;

  operator Uin() const { return uin_; }
  [[nodiscard]] Uin uin() const { return uin_; }
  [[nodiscard]] const OicqWay& way() const { return way_; }
  [[nodiscard]] StreamId stream() const { return stream_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

  // What the client is like.
  std::string password{usual_password};
  bool acknowledges = true;  ///< within 0F: what the server sends, at once
  std::uint32_t client_id = 0;
  std::uint32_t sequence = 1;  ///< within 0F: of the next frame

  // Saying something. Within 0F each gives the number that it sent.
  template <class Message>
  std::uint32_t sends(const Message& message, Where where = Where::current()) {
    const auto number = sends_at_once(message, where);
    lets_time_pass();
    return number;
  }
  /// Without letting time pass.
  template <class Message>
  std::uint32_t sends_at_once(const Message& message, Where where = Where::current()) {
    return sends_frame(frame_of(message), where);
  }
  /// A bare frame, whatever the client's way is.
  template <class Message>
  void sends_bare(const Message& message, Where where = Where::current()) {
    sends_bare_frame(frame_of(message), where);
  }
  void sends_bare_frame(const std::vector<std::uint8_t>& frame, Where where = Where::current());
  /// Wraps a frame within 0F, if that is the client's way, and sends it.
  std::uint32_t sends_frame(const std::vector<std::uint8_t>& frame, Where where = Where::current());
  /// Bytes as they are.
  void sends_bytes(std::vector<std::uint8_t> bytes);
  /// The last bytes once more.
  void repeats_at_once();
  void repeats();
  void acknowledge(std::uint32_t number);
  template <class Message>
  [[nodiscard]] static std::vector<std::uint8_t> frame_of(const Message& message) {
    std::vector<std::uint8_t> bytes(oicq::frame_size_of(message));
    bytes.resize(oicq::encode_frame(message, bytes));
    return bytes;
  }
  /// The frame within a 0F of this client, with this number.
  [[nodiscard]] std::vector<std::uint8_t> wrapped(const std::vector<std::uint8_t>& frame,
                                                  std::uint32_t number) const;
  void connects();
  void disconnects();
  [[nodiscard]] bool is_connected() const;

  // Hearing something.
  void expects(std::initializer_list<OicqExpected> in_order, Where where = Where::current());
  void expects(const OicqExpected& one, Where where = Where::current()) { expects({one}, where); }
  void expects_in_any_order(std::initializer_list<OicqExpected> all, Where where = Where::current());
  void expects_nothing(Where where = Where::current());
  /// Within 0F: the acknowledgement of a frame has come; nothing to expect otherwise.
  void expects_ack(std::uint32_t number, Where where = Where::current());
  void expects_no_ack(std::uint32_t number, Where where = Where::current());
  /// A system message whose text holds these words.
  void expects_notice(std::string_view words, Where where = Where::current());
  void ignores_what_came();
  /// What came last and was expected; texts in it live until the next one.
  template <class Message>
  [[nodiscard]] Message last() const {
    return wire::decode<Message>(Bytes{last_}.subspan(oicq::header_size)).value_or(Message{});
  }
  /// The number of what was expected last, and how often it came.
  [[nodiscard]] std::uint32_t last_number() const { return last_number_; }
  /// How often data with this number came again.
  [[nodiscard]] unsigned repeats_of(std::uint32_t number) const;
  [[nodiscard]] std::size_t waiting() const { return inbox_.size(); }
  [[nodiscard]] std::size_t waiting(std::uint8_t type) const;

  // Whole exchanges.
  /// 02 and its reply; connects first, over TCP.
  void logs_in(std::uint8_t mode = 0, Where where = Where::current());
  void logs_off(Where where = Where::current());

 private:
  friend class OicqSide;
  struct Arrival {
    std::vector<std::uint8_t> frame;
    std::uint32_t number = 0;
  };

  void lets_time_pass();
  void arrive_bytes(Bytes bytes);
  void arrive(Bytes frame);
  [[nodiscard]] std::string difference(const Arrival& arrival, const OicqExpected& expected) const;
  [[nodiscard]] std::string everything_waiting() const;
  [[nodiscard]] std::string name() const;
  void take(std::string_view file);

  OicqSide& side_;
  Uin uin_;
  OicqWay way_;
  Endpoint endpoint_;
  StreamId stream_;
  std::vector<std::uint8_t> unread_;
  std::deque<Arrival> inbox_;
  std::multiset<std::uint32_t> numbers_heard_;
  std::set<std::uint32_t> acks_;
  std::vector<std::uint8_t> last_;
  std::uint32_t last_number_ = 0;
  std::vector<std::uint8_t> last_sent_;
};

/// The OICQ clients of a conversation.
class OicqSide {
 public:
  explicit OicqSide(Conversation& conversation);
  ~OicqSide();
  OicqSide(const OicqSide&) = delete;
  OicqSide& operator=(const OicqSide&) = delete;

  /// A client of an account, which is made if it does not exist.
  OicqUser& client(std::uint32_t uin, OicqWay way = tcp_0f, const Account& account = {});
  /// A client without an account.
  OicqUser& stranger(std::uint32_t uin = 0, OicqWay way = tcp_0f);
  [[nodiscard]] Conversation& conversation() { return conversation_; }

 private:
  friend class OicqUser;
  Conversation& conversation_;
  std::deque<OicqUser> users_;
};

/// An ICQ client logs in and lets whatever waits for it come: that he was added, say.
void comes_online_to_what_waits(Client& icq_user, std::uint32_t status = 0);

/// For a type of a client, and of the server.
void oicq_covers(std::uint16_t type, Case what);
void oicq_covers_reply(std::uint16_t type, Case what);

}  // namespace uhoh::testing
