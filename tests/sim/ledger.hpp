#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"

namespace uhoh::sim {

/// One packet with (a part of) a message, shown to a user.
struct Showing {
  std::uint64_t login = 0;      ///< the server's session that carried it
  std::uint16_t sequence = 0;
  unsigned life = 0;            ///< the server's life that sent it
  bool filters_repeats = true;
  std::uint64_t order = 0;
};

/// A message that some user's client was told to send.
struct SentMessage {
  Uin from;
  Uin to;
  bool to_nobody = false;               ///< the number belongs to no account
  std::uint16_t type = 1;
  std::string text;
  std::vector<std::string_view> parts;  ///< as v2 clients get them; they look into `text`
  unsigned submissions = 0;             ///< how often a client took it
  std::set<std::uint64_t> sessions;     ///< of its sender, as the server counts them, in which it was heard
  std::uint64_t submitted = 0;          ///< order of its last submission
  std::uint64_t acknowledged = 0;       ///< order of its acknowledgement; 0: none
  unsigned inbox_full = 0;              ///< refusals that were committed
  std::map<std::uint64_t, std::optional<unsigned>> kept;  ///< copies in the store; the server's life that deleted them
  std::vector<std::vector<Showing>> shown;  ///< by part

  [[nodiscard]] bool arrived() const;
  /// Every copy that was ever stored had been deleted before this life of the server.
  [[nodiscard]] bool was_forgotten_before(unsigned life) const;
  /// When its first part was shown, and when its last was; 0: never.
  [[nodiscard]] std::uint64_t first_shown() const;
  [[nodiscard]] std::uint64_t last_part_shown() const;
};

/// Every message with all that the simulation knows of it; judges promises 1 and 2 of DESIGN.md at the end.
class Ledger {
 public:
  /// Why a message was shown twice: the classes of DESIGN.md, promise 2.
  struct Doubled {
    unsigned repeated_packet = 0;    ///< (a) a client that filters no repeats
    unsigned session_ended = 0;      ///< (b) the session ended before the acknowledgement
    unsigned sent_again = 0;         ///< (c) the sender logged in anew and sent again
    unsigned crash = 0;              ///< (d) a crash before the acknowledgement was committed

    void add(const Doubled& other) {
      repeated_packet += other.repeated_packet;
      session_ended += other.session_ended;
      sent_again += other.sent_again;
      crash += other.crash;
    }
    void take_greater(const Doubled& other) {
      repeated_packet = std::max(repeated_packet, other.repeated_packet);
      session_ended = std::max(session_ended, other.session_ended);
      sent_again = std::max(sent_again, other.sent_again);
      crash = std::max(crash, other.crash);
    }
  };

  /// Makes a message up; `parts` packets of text.
  std::uint32_t compose(Uin from, Uin to, bool to_nobody, unsigned parts, bool is_url, Rng& rng);
  [[nodiscard]] SentMessage& at(std::uint32_t id) { return messages_[id]; }
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  /// The next place in the order of everything that happens.
  std::uint64_t tick() noexcept { return ++tick_; }

  /// A user's client showed a packet; the answer says what is wrong with it, if anything.
  [[nodiscard]] std::string show(Uin from, Uin to, std::uint16_t type, std::string_view text, Showing showing);
  /// The server heard a client acknowledge the packet.
  void heard(std::uint64_t login, std::uint16_t sequence) { heard_.emplace(login, sequence); }
  /// Finds the message that a text belongs to.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;

  /// Judges everything; adds a sentence for each broken promise.
  void judge(std::vector<std::string>& broken) const;
  [[nodiscard]] const Doubled& doubled() const noexcept { return doubled_; }
  [[nodiscard]] unsigned acknowledged() const;
  [[nodiscard]] unsigned arrived() const;

 private:
  void judge_doubles(std::uint32_t id, const SentMessage& message, std::vector<std::string>& broken) const;
  void judge_order(std::vector<std::string>& broken) const;
  [[nodiscard]] bool was_heard(const SentMessage& message, std::size_t part, const Showing& showing) const;

  std::vector<SentMessage> messages_;
  std::set<std::pair<std::uint64_t, std::uint16_t>> heard_;
  std::uint64_t tick_ = 0;
  mutable Doubled doubled_;
};

}  // namespace uhoh::sim
