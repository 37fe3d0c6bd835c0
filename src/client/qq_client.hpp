#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/qq_chance.hpp"
#include "client/qq_habits.hpp"
#include "client/qq_listener.hpp"
#include "client/qq_text.hpp"
#include "client/unacknowledged.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/versions.hpp"

namespace uhoh::client {

class QqLogIn;

/// How clients behave; shared by any number of them. What is 0 here is as the real program does it.
struct QqClientOptions {
  qq::Version version = qq::Version::v0d55;
  Duration resend{0};
  unsigned transmissions = 0;
  Duration keepalive{0};
  /// After the log-in, only sets the status; asks for nothing.
  bool quiet_arrival = false;
  /// Acknowledges each message once, as over TCP.
  bool is_stream = false;
  /// Packets that may wait for their answer; more are refused.
  std::size_t max_unanswered = 64;
};

/// Takes the frames that a client wants to send. Over TCP, whoever takes them puts their length before them.
class QqFrameOut {
 public:
  virtual ~QqFrameOut() = default;
  virtual void send(Bytes frame) = 0;
};

/// What a client needs while it is called: the time, chance, and where its effects go.
struct QqIo {
  Now now;
  QqFrameOut& out;
  QqListener& listener;
  QqChance& chance;
};

/// A new Qun.
struct NewQun {
  std::string_view name, notice, description;
  std::uint8_t authorization = 1;  ///< 1 anybody joins, 2 must ask, 3 nobody
  std::span<const Uin> members;
};

/// A QQ client of any generation, without input and output: frames and time come in, frames and events go
/// out.
///
/// Shape:  offline -> logging in -> arriving -> online -> offline. Every request is sent again, byte for
/// byte,
///         until its answer comes; messages to one recipient go one at a time, so that they keep their order.
///         Pushes are acknowledged also when they are repeated; a message only once it is kept, and it is
///         told once. Reconnecting is the caller's.
/// Errors: calls give false when offline, when too much is pending, when the text is too long, or when the
///         generation does not have the command.
/// Thread: one owner.
/// Source: spec/qq.md; captures/qq; what programs differ in stands in qq_habits.cpp.
class QqClient {
 public:
  enum class Phase : std::uint8_t { offline, logging_in, arriving, online };

  /// `options` must outlive the client; `first` is the number of its first request.
  explicit QqClient(const QqClientOptions& options, Seq16 first = Seq16{1});
  ~QqClient();
  QqClient(QqClient&&) noexcept;
  QqClient& operator=(QqClient&&) noexcept;

  /// Takes a frame of the server, without the length of TCP; anything else is ignored.
  void on_frame(Bytes frame, const QqIo& io);
  /// Sends what is due; call at next_deadline() or later.
  void on_time(const QqIo& io);
  /// When on_time() has something to do; Instant::max() for never.
  [[nodiscard]] Instant next_deadline() const noexcept;
  /// The connection is gone.
  void on_disconnected(const QqIo& io);

  /// Begins a session; ends an older one without a word.
  bool log_in(Uin uin, std::string_view password, std::uint8_t status, const QqIo& io);
  /// Begins a session by a picture that another client confirms (D).
  bool log_in_by_picture(std::uint8_t status, const QqIo& io);
  /// Ends the session; nothing answers that.
  bool log_out(const QqIo& io);
  /// Forgets the session without a word, as a client does that was killed.
  void drop() noexcept;

  /// Sends a text, in parts when it is long. `token` comes back with the acknowledgement of its last part.
  bool send_text(Uin to, std::string_view text, std::uint64_t token, const QqIo& io);
  /// Sends a text to a Qun.
  bool send_to_qun(Uin qun, std::string_view text, std::uint64_t token, const QqIo& io);
  /// Sends what is between two clients (0016, 00CD): files and the like.
  bool send_to_peer(Uin to, std::uint16_t subtype, Bytes content, const QqIo& io);

  bool set_status(std::uint8_t status, const QqIo& io);
  bool send_keepalive(const QqIo& io);
  bool request_friends(const QqIo& io);
  bool request_online(const QqIo& io);
  /// Asks which friend stands in which group, and for the user's Qun groups.
  bool request_places(const QqIo& io);
  bool request_group_names(const QqIo& io);
  /// Asks for the friends with their nicks (0126); C.
  bool request_nicks(const QqIo& io);
  bool upload_group_names(std::span<const qq::GroupName> names, const QqIo& io);
  bool upload_places(std::span<const qq::GroupPlace> places, const QqIo& io);
  bool request_remarks(Uin uin, const QqIo& io);
  bool upload_remarks(const qq::Remarks& remarks, const QqIo& io);
  bool request_level(Uin uin, const QqIo& io);
  bool request_key(std::uint8_t kind, const QqIo& io);

  bool request_profile(Uin uin, const QqIo& io);
  /// Changes the own profile: the fields from the nick on, each with 1F behind; and the password, unless
  /// empty.
  bool change_profile(std::string_view fields, std::string_view old_password, std::string_view new_password,
                      const QqIo& io);
  /// Searches for a number or a nick; what is empty does not narrow the search.
  bool search(Uin uin, std::string_view nick, unsigned page, const QqIo& io);
  /// Searches among all who are online.
  bool search_online(unsigned page, const QqIo& io);
  bool search_advanced(const qq::AdvancedSearch& conditions, const QqIo& io);

  /// Adds somebody (00A7); on_add_outcome() follows.
  bool add_friend(Uin uin, const QqIo& io);
  /// Adds somebody the old way (0009); A and B.
  bool add_friend_old(Uin uin, const QqIo& io);
  /// Asks somebody (00A8); from B on with a code that is asked for first.
  bool request_authorization(Uin uin, std::string_view text, const QqIo& io);
  /// Asks somebody the old way (000B); A and B.
  bool request_authorization_old(Uin uin, std::string_view text, const QqIo& io);
  /// Answers somebody (00A8): adds him too, lets him, or not.
  bool answer_authorization(Uin uin, bool grant, bool add_too, std::string_view text, const QqIo& io);
  /// Answers somebody the old way (000B); A and B.
  bool answer_authorization_old(Uin uin, bool grant, std::string_view text, const QqIo& io);
  /// Deletes a friend; from B on with a code that is asked for first.
  bool delete_friend(Uin uin, const QqIo& io);
  /// Takes the user off somebody's list; A and B.
  bool remove_myself(Uin uin, const QqIo& io);

  // Qun groups; C can't make or change them, D can only write to them.
  bool create_qun(const NewQun& qun, const QqIo& io);
  /// Changes what it tells of itself; its members stay.
  bool change_qun(Uin qun, const NewQun& to, const QqIo& io);
  bool request_qun(Uin qun, const QqIo& io);
  bool change_qun_members(Uin qun, bool add, std::span<const Uin> members, const QqIo& io);
  bool search_qun(Uin external, const QqIo& io);
  bool join_qun(Uin qun, const QqIo& io);
  /// `kind`: 1 asks, 2 grants, 3 refuses; `who` is answered.
  bool authorize_qun(Uin qun, std::uint8_t kind, Uin who, std::string_view text, const QqIo& io);
  bool quit_qun(Uin qun, const QqIo& io);
  bool request_qun_online(Uin qun, const QqIo& io);
  bool request_qun_cards(Uin qun, std::span<const Uin> members, const QqIo& io);
  bool dismiss_qun(Uin qun, const QqIo& io);

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] bool is_online() const noexcept { return phase_ == Phase::online; }
  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  [[nodiscard]] std::size_t unanswered() const noexcept { return pending_.size(); }
  /// How many log-ins this client has begun.
  [[nodiscard]] std::uint32_t log_ins() const noexcept { return log_ins_; }
  /// Tells whether texts are UTF-8; else they are in the account's charset.
  [[nodiscard]] bool is_utf8() const noexcept;

 private:
  struct Events;
  /// A request for a code (00AE), and what the code is for.
  struct Wanted {
    Uin uin;
    std::uint16_t purpose = 1;
    std::string text;
  };
  /// What is known while the client arrives.
  struct Walk {
    std::vector<Uin> friends, groups;
    unsigned infos = 0;
    bool is_second_info = false;
  };

  [[nodiscard]] const QqHabits& habits() const noexcept { return habits_of(options_->version); }
  [[nodiscard]] qq::Generation generation() const noexcept { return qq::generation_of(options_->version); }
  [[nodiscard]] bool has_text_messages() const noexcept { return !is_utf8(); }
  [[nodiscard]] bool acknowledges_system_messages() const noexcept {
    return qq::SystemMessageAck::key.versions.has(options_->version);
  }
  [[nodiscard]] bool has_session() const noexcept {
    return phase_ == Phase::arriving || phase_ == Phase::online;
  }
  [[nodiscard]] bool may_submit() const noexcept;
  [[nodiscard]] unsigned transmissions() const noexcept;
  [[nodiscard]] Duration resend() const noexcept;
  [[nodiscard]] Duration keepalive_interval() const noexcept;
  [[nodiscard]] Seq16 take_number(QqChance& chance);

  template <class M>
  bool submit(const M& message, const QqIo& io, Uin recipient = {}, std::uint64_t token = 0, bool follows = false);
  template <class M>
  void transmit_once(const M& message, Seq16 sequence, const QqIo& io);
  Unacknowledged* append(Bytes frame, std::uint16_t command, Seq16 sequence, const QqIo& io);
  void transmit(Unacknowledged& packet, const QqIo& io);
  void release_next(Uin recipient, const QqIo& io);
  [[nodiscard]] Unacknowledged* find_pending(std::uint16_t command, Seq16 sequence) const noexcept;

  bool begin(std::unique_ptr<QqLogIn> log_in, std::uint8_t status, const QqIo& io);
  bool send_step(const QqIo& io);
  void on_log_in_frame(std::uint16_t command, Seq16 sequence, Uin uin, Bytes body, const QqIo& io);
  void begin_session(const QqIo& io);
  void on_session_frame(std::uint16_t command, Seq16 sequence, Bytes body, const QqIo& io);
  void on_push(std::uint16_t command, Seq16 sequence, Bytes plaintext, const QqIo& io);
  void on_answer(Unacknowledged& packet, Bytes plaintext, const QqIo& io);
  [[nodiscard]] static bool is_push(std::uint16_t command) noexcept;

  void arrive(const QqIo& io);
  void walk_on(std::uint16_t command, const QqIo& io);
  void walk_friend(Uin uin, const QqIo& io);
  void set_first_status(const QqIo& io);
  void now_online(const QqIo& io);
  bool send_log_out(const QqIo& io);
  void take_code(const qq::CodeReply& reply, const QqIo& io);
  bool request_code(Uin uin, std::uint16_t purpose, std::string_view text, const QqIo& io);
  bool send_part(Uin to, std::string_view part, const QqPart& of, std::uint64_t token, const QqIo& io);
  bool send_part_to_qun(Uin qun, std::string_view part, const QqPart& of, std::uint64_t token,
                        const QqIo& io);
  template <class Send>
  bool send_parts(std::string_view text, std::uint64_t token, Send&& send);

  void end(SessionLoss why, std::string_view text, const QqIo& io);
  void refuse(const QqRefused& why, const QqIo& io);
  void give_up_pending(const QqIo& io);

  const QqClientOptions* options_;
  std::unique_ptr<QqLogIn> log_in_;
  std::unique_ptr<Walk> walk_;
  std::unique_ptr<QqPartsJoiner> parts_;
  std::vector<Wanted> wanted_;
  UnacknowledgedList pending_;
  TakenPushes taken_;
  Instant keepalive_due_ = Instant::max();
  Instant step_due_ = Instant::max();  ///< when 0819 asks again
  crypto::TeaKey session_key_;
  crypto::TeaKey proof_key_;
  IpAddress seen_;
  Uin uin_;
  std::uint32_t log_ins_ = 0;
  Seq16 next_;
  std::uint16_t text_count_ = 0;
  std::uint16_t own_face_ = 0;
  std::uint8_t status_ = 0x0A;
  Phase phase_ = Phase::offline;
};

}  // namespace uhoh::client
