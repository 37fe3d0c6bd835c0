#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "histogram.hpp"

namespace uhoh::load {

/// A time in which the server was down or being started again.
struct Outage {
  Instant begin;
  Instant end;
};

/// What became of all messages.
struct Verdict {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t received = 0;
  std::uint64_t unanswered = 0;       ///< never acknowledged: nothing was promised
  std::uint64_t unanswered_lost = 0;  ///< of these: never received either
  std::uint64_t lost = 0;             ///< acknowledged and never received
  std::uint64_t out_of_order = 0;     ///< came after a later one of the same sender to the same recipient
  std::uint64_t damaged = 0;          ///< the text was not what was sent
  std::uint64_t misdelivered = 0;     ///< came to the wrong user, or from the wrong one
  std::uint64_t foreign = 0;          ///< of another run, or no message of this program
  /// Doubled, for the reasons that the server's second promise names.
  std::uint64_t doubled_session_ended = 0;  ///< (b) the session ended without an acknowledgement for it
  std::uint64_t doubled_sent_again = 0;     ///< (c) the sender logged in anew and sent it again
  std::uint64_t doubled_crash = 0;          ///< (d) a crash fell between acknowledgement and commit
  std::uint64_t doubled_unexplained = 0;
  std::vector<std::string> examples;  ///< of what is wrong, the first few

  [[nodiscard]] std::uint64_t doubled() const noexcept {
    return doubled_session_ended + doubled_sent_again + doubled_crash + doubled_unexplained;
  }
  [[nodiscard]] bool good() const noexcept {
    return lost + out_of_order + damaged + misdelivered + doubled_unexplained == 0;
  }
};

/// Knows each message that was sent, and judges each one that comes in.
///
/// Shape:  a message's text says who sends it to whom, its number, which attempt it is, and a checksum over
/// all
///         of that; a client filters repeats of the same server number, so each text that arrives twice is a
///         message that the server sent twice.
class Ledger {
 public:
  /// `run` tells the messages of this run from those that an earlier one left in the store.
  explicit Ledger(std::uint32_t run) : run_{run} {}

  /// Opens a new message and gives its number.
  [[nodiscard]] std::uint32_t open(Uin from, Uin to, Instant now);
  /// The text of a message; another `attempt` after each log-in of the sender.
  [[nodiscard]] std::string_view text(std::uint32_t message, unsigned attempt, std::size_t bytes);
  [[nodiscard]] Uin recipient(std::uint32_t message) const noexcept { return records_[message].to; }
  /// The server acknowledged a message.
  void acknowledged(std::uint32_t message) noexcept;
  /// A message came in at `to`, in that user's session number `session`.
  void received(std::string_view text, Uin from, Uin to, std::uint32_t session, Instant now);

  /// How many messages are acknowledged, or known to be accepted, and have not come yet.
  [[nodiscard]] std::uint64_t outstanding() const noexcept {
    return acknowledged_ - acknowledged_and_received_;
  }
  [[nodiscard]] std::uint64_t sent() const noexcept { return records_.size(); }
  [[nodiscard]] std::uint64_t acknowledged_count() const noexcept { return acknowledged_; }
  [[nodiscard]] std::uint64_t received_count() const noexcept { return received_; }
  /// Calls `visit(Uin)` with the recipient of each acknowledged message that has not come yet.
  template <class Visitor>
  void for_each_outstanding(Visitor&& visit) const {
    for (const Record& r : records_)
      if (r.acknowledged && !r.received) visit(r.to);
  }
  [[nodiscard]] const Histogram& delivery() const noexcept { return delivery_; }

  /// Judges all of it, given when the server was down.
  [[nodiscard]] Verdict verdict(const std::vector<Outage>& outages) const;

 private:
  struct Record {
    Uin from;
    Uin to;
    Instant sent;
    Instant received_at;
    std::uint32_t session = 0;  ///< the recipient's, at the last receipt
    std::uint8_t attempts = 0;  ///< those that have come, as bits
    bool acknowledged = false;
    bool received = false;
  };
  struct Double {
    std::uint32_t message;
    bool same_session;
    bool same_attempt;
    Instant first;
    Instant again;
  };
  struct Fields {
    std::uint32_t run = 0, from = 0, to = 0, message = 0, attempt = 0;
  };
  [[nodiscard]] static std::optional<Fields> parse(std::string_view body);
  void note(std::string example);

  std::uint32_t run_;
  std::vector<Record> records_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> newest_of_pair_;
  std::vector<Double> doubles_;
  Histogram delivery_;
  Verdict counts_;
  std::string text_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t acknowledged_and_received_ = 0;
};

}  // namespace uhoh::load
