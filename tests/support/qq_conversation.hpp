#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/qq/element_messages.hpp"
#include "dialect/qq/testing/log_in_chains.hpp"
#include "dialect/qq/text_messages.hpp"
#include "support/conversation.hpp"

/// QQ clients in a Conversation, beside those of ICQ (and of OICQ, whose side must be made first):
///
///     Conversation c{qq_scene()};
///     QqSide qq{c};
///     auto& ann = qq.client(10001, {.version = qq::Version::v0d55});
///     ann.comes_online();
///     ann.says(bob, "hi");
///     bob.expects_text(ann, "hi");
///
/// A client acknowledges at once what the server sends, unless it is told not to. What came and was not
/// expected fails the test at its end.
namespace uhoh::testing {

/// How a client speaks.
struct QqWay {
  qq::Version version = qq::Version::v0d55;
  bool over_tcp = false;
};
/// One version of each generation over UDP, and some over TCP.
inline constexpr std::array every_qq_way{
    QqWay{qq::Version::v0d55, false}, QqWay{qq::Version::v0f5f, false}, QqWay{qq::Version::v115b, false},
    QqWay{qq::Version::v2227, false}, QqWay{qq::Version::v3639, false}, QqWay{qq::Version::v0d55, true},
    QqWay{qq::Version::v111d, true},  QqWay{qq::Version::v1e0d, true},  QqWay{qq::Version::v3b41, true}};
/// For the names of tests: "Tcp0D55".
[[nodiscard]] std::string name_of(const QqWay& way);
void PrintTo(const QqWay& way, std::ostream* out);

/// A scene whose server has the keys that QQ needs.
[[nodiscard]] Scene qq_scene();

class QqSide;

/// A client of QQ at an endpoint.
class QqUser final : public qq::testing::LogInServer {
 public:
  QqUser(QqSide& side, Uin uin, QqWay way, Endpoint endpoint);
  QqUser(const QqUser&) = delete;
  QqUser& operator=(const QqUser&) = delete;

  operator Uin() const { return uin_; }
  [[nodiscard]] Uin uin() const { return uin_; }
  [[nodiscard]] const QqWay& way() const { return way_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] StreamId stream() const { return stream_; }
  [[nodiscard]] bool is_connected() const;
  void connects();
  void disconnects();

  // What the client is like.
  bool acknowledges = true;       ///< what the server sends, at once
  qq::testing::LogInChain chain;  ///< its log-in, and whatever is wrong with it
  crypto::TeaKey session_key = qq::testing::key_of(0);

  // Log-in.
  /// The whole log-in; false when it ended without a session's key.
  [[nodiscard]] bool logs_in();
  /// Sets the status: the first one says that the client is there.
  void sets_status(std::uint8_t status, Where where = Where::current());
  /// Logs in, sets the status, and lets those who watch be told.
  void comes_online(Where where = Where::current());

  // Saying something.
  [[nodiscard]] qq::testing::Octets answer_to(const qq::testing::Octets& packet) override;
  [[nodiscard]] Bytes public_point() const override;
  /// The bytes of a message within the session.
  template <class M>
  [[nodiscard]] qq::testing::Octets packet_of(const M& message) {
    return chain.client.sealed_frame(message, session_key);
  }
  /// Sends a message, and gives the answer; nothing for silence.
  template <class M>
  std::optional<qq::testing::Answer> asks(const M& message) {
    return opened(answer_to(packet_of(message)));
  }
  /// Opens an answer within the session.
  [[nodiscard]] std::optional<qq::testing::Answer> opened(const qq::testing::Octets& packet) const;
  /// Bytes as they are; over TCP with whatever length they begin with.
  void sends_bytes(const qq::testing::Octets& bytes);
  /// Without letting time pass.
  void sends_bytes_at_once(const qq::testing::Octets& bytes);
  /// The packet of a text.
  [[nodiscard]] qq::testing::Octets text_packet(Uin to, std::string_view utf8);
  /// Says something, which the server takes.
  void says(Uin to, std::string_view utf8, Where where = Where::current());
  /// Acknowledges a push as this client does.
  void acknowledge(const qq::testing::Octets& push);

  // Hearing something.
  /// A push of the server, opened.
  struct Push {
    std::uint16_t command = 0;
    qq::testing::Answer content;
    unsigned repeats = 0;  ///< how often the very same packet came again
  };
  /// The next push that is no 0081; nothing when there is none.
  std::optional<Push> next_push();
  void expects_text(Uin from, std::string_view utf8, Where where = Where::current());
  /// A system message (0080), and what it says.
  void expects_system_message(std::string_view function, Uin from, std::string_view content = {},
                              Where where = Where::current());
  void expects_nothing(Where where = Where::current());
  void ignores_what_came() { pushes_.clear(), stray_.clear(); }
  /// The last status that was heard of somebody; 0: none.
  [[nodiscard]] std::uint8_t status_of(Uin uin) const;
  [[nodiscard]] std::size_t waiting() const { return pushes_.size(); }
  /// What came and does not open under the session's key.
  [[nodiscard]] const std::vector<qq::testing::Octets>& stray() const { return stray_; }
  [[nodiscard]] std::string name() const;

 private:
  friend class QqSide;
  void arrive_bytes(Bytes bytes);
  void arrive(const qq::testing::Octets& packet);
  void take_push(std::uint16_t command, const qq::testing::Octets& packet);
  [[nodiscard]] std::pair<Uin, std::string> text_in(const Push& push) const;

  QqSide& side_;
  Uin uin_;
  QqWay way_;
  Endpoint endpoint_;
  StreamId stream_;
  std::vector<std::uint8_t> unread_;
  std::pair<std::uint16_t, std::uint16_t> awaited_{};  // command and sequence
  std::optional<qq::testing::Octets> answer_;
  std::deque<Push> pushes_;
  std::vector<qq::testing::Octets> heard_;
  std::vector<qq::testing::Octets> stray_;
  std::vector<std::pair<Uin, std::uint8_t>> states_;
};

/// All clients of QQ in a conversation.
class QqSide {
 public:
  explicit QqSide(Conversation& conversation);
  ~QqSide();
  QqSide(const QqSide&) = delete;
  QqSide& operator=(const QqSide&) = delete;

  /// A client of an account with QQ switched on, which is made if it does not exist.
  QqUser& client(std::uint32_t uin, QqWay way = {}, const Account& account = {});
  /// A client without an account.
  QqUser& stranger(std::uint32_t uin, QqWay way = {});
  /// The same user somewhere else.
  QqUser& elsewhere(const QqUser& same);
  [[nodiscard]] Conversation& conversation() { return conversation_; }
  bool anybody_may_hear = false;  ///< answers to addresses where nobody is are no failure

 private:
  friend class QqUser;
  Conversation& conversation_;
  std::deque<QqUser> users_;
  std::function<bool(const Datagram&)> other_datagrams_;
  std::function<void(StreamId, Bytes)> other_streams_;
  std::function<void()> other_crash_;
};

}  // namespace uhoh::testing
