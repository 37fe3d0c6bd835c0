#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/shard_context.hpp"

namespace uhoh::service {

/// Files that go through the server from one user's connection to another's: offer, answer, content.
///
/// A transfer has two halves: the outgoing one in its sender's shard decides what may be sent and stops
/// reading from the sender, the incoming one in its recipient's shard decides what he may be offered and
/// holds what his connection does not take yet. Nothing is written to disk, and nothing outlives either
/// session.
///
/// Shape:  one outgoing half for each ordered pair of users. What waits for a recipient is at most 256 KiB a
/// transfer:
///         48 KiB and one part in his connection's queue, 64 KiB and one part with the halves.
/// Units:  parts hold at most 65,527 bytes: what a frame of 65,535 takes besides two numbers.
/// Source: spec/oicq.md, 13 to 15.
class Files {
 public:
  explicit Files(ShardContext& shard) : shard_{shard} {}

  // From the user's own session.
  void offer(const model::OfferFile& command, const model::RequestContext& context);
  void answer(const model::AnswerFile& command, const model::RequestContext& context);
  void send_part(const model::SendFilePart& command, const model::RequestContext& context);

  /// Ends every transfer of a session that is about to go.
  void on_session_end(model::SessionRef session);
  /// Somebody may be seen by fewer than before: who no longer sees him must find him gone here too.
  void on_sight_changed(const User& user);
  /// The session's connection takes more.
  void on_room(model::SessionRef session);
  void on_mail(bus::FileMail&& mail);
  /// Lets time pass: ends what takes too long.
  void on_time();
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept { return empty() ? Instant::max() : next_check_; }

  /// Halves of transfers, open offers included.
  [[nodiscard]] std::size_t open_count() const noexcept { return outgoing_.size() + incoming_.size(); }
  /// Bytes of content that wait for their recipients here.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }

 private:
  /// Names one half: whose it is, and who has the other one.
  struct Key {
    Uin own;
    Uin other;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Offer {
    std::string name;
    Charset charset = Charset::utf8;
    std::uint32_t bytes = 0;
  };
  enum class Stage : std::uint8_t {
    offered,
    flowing,
    sent,  ///< the recipient's connection has not taken all of it yet
  };
  struct Outgoing {
    std::uint64_t transfer = 0;
    model::SessionRef session;
    Stage stage = Stage::offered;
    bool pauses_sender = false;
    std::uint32_t bytes = 0;
    std::uint32_t sent = 0;
    std::uint32_t on_its_way = 0;  ///< weight of the parts that the other half has not passed on
    Instant since;                 ///< when it was offered, or when something moved or was stopped last
    std::optional<Offer> next;     ///< comes when this transfer is over
  };
  struct Incoming {
    std::uint64_t transfer = 0;
    model::SessionRef session;
    bool accepted = false;
    std::uint32_t bytes = 0;
    std::uint32_t arrived = 0;
    std::uint32_t passed_on = 0;  ///< weight of the parts that the other half does not know of yet
    Instant since;                ///< when it was offered, or its last part came
    std::deque<std::vector<std::uint8_t>> held;
  };
  using Outgoings = std::map<Key, Outgoing>;
  using Incomings = std::map<Key, Incoming>;
  using Step = decltype(bus::FileMail::step);

  [[nodiscard]] bool empty() const noexcept { return outgoing_.empty() && incoming_.empty(); }
  void start_clock();
  bool post(const Key& from, std::uint64_t transfer, bool to_sender, Step&& step);
  void tell(model::SessionRef session, Uin other, bus::FileEnd why, bool is_sender);

  // The sender's shard.
  void refuse(const model::RequestContext& context, Uin to, std::string_view why);
  void complain(const model::RequestContext& context, std::string_view why);
  void begin(const Key& key, model::SessionRef session, const Offer& offer);
  [[nodiscard]] Outgoings::iterator find_outgoing(const bus::FileMail& mail);
  void end(Outgoings::iterator at, bus::FileEnd why, bool tell_other);
  [[nodiscard]] bool is_paused(Uin sender) const;
  void let_read(Uin sender, model::SessionRef session);
  [[nodiscard]] std::optional<bus::FileEnd> overdue(const Key& key, const Outgoing& half) const;

  // The recipient's shard.
  [[nodiscard]] std::optional<bus::FileEnd> refusal_of(const Key& key);
  void accept(Incomings::iterator at, const model::RequestContext& context);
  [[nodiscard]] Incomings::iterator find_incoming(const bus::FileMail& mail);
  void take(Incomings::iterator at, Bytes part, std::vector<std::uint8_t>* owned);
  [[nodiscard]] bool pass_on(const Key& key, Incoming& half, Bytes part);
  void drain(Incomings::iterator at);
  void settle(Incomings::iterator at);
  void remove(Incomings::iterator at);
  void end(Incomings::iterator at, bus::FileEnd why, bool tell_other);
  [[nodiscard]] std::optional<bus::FileEnd> overdue(const Incoming& half) const;

  void on_step(const bus::FileMail& mail, bus::FileOffer& step);
  void on_step(const bus::FileMail& mail, bus::FileAccepted& step);
  void on_step(const bus::FileMail& mail, bus::FilePart& step);
  void on_step(const bus::FileMail& mail, bus::FileCredit& step);
  void on_step(const bus::FileMail& mail, bus::FileTaken& step);
  void on_step(const bus::FileMail& mail, bus::FileEnded& step);

  ShardContext& shard_;
  Outgoings outgoing_;
  Incomings incoming_;
  std::uint64_t transfers_begun_ = 0;
  std::size_t held_bytes_ = 0;
  Instant next_check_{};
};

}  // namespace uhoh::service
