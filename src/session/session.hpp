#pragma once

#include <cstdint>

#include "base/handle_index.hpp"
#include "base/seq16.hpp"
#include "base/slab.hpp"
#include "base/time.hpp"
#include "model/session_port.hpp"
#include "session/flood.hpp"

namespace uhoh::session {

/// The packets of one session that wait for their acknowledgement or their turn: the ends of a list in the
/// shard's Outbox.
struct PacketQueue {
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::uint32_t first = none;
  std::uint32_t last = none;
  std::uint16_t count = 0;      ///< in flight and queued
  std::uint16_t in_flight = 0;  ///< sent at least once
  std::uint32_t bytes_in_flight = 0;
};

/// One user's connection as the shard keeps it. There may be a million: every byte counts.
struct Session {
  static constexpr std::uint32_t no_key = 0xFFFFFFFF;

  model::SessionFacts facts;
  std::uint64_t login_content = 0;  ///< hash of the log-in packet
  PacketQueue packets;
  FloodBucket flood;
  std::uint32_t next_sequence = 0;      ///< the next server number, unwrapped
  std::uint32_t reserved_sequence = 0;  ///< numbers below this are committed
  std::uint32_t opened = 0;             ///< ticks of 100 ms
  std::uint32_t heard = 0;              ///< ticks of 100 ms
  std::uint32_t wake = 0;               ///< ticks of 100 ms; 0: no wish
  Seq16 newest_from_client;             ///< of its requests
  std::uint16_t login_sequence = 0;
  std::uint16_t local = 0;           ///< the server's address that the client writes to: see LocalAddresses
  std::uint16_t sequence_limit = 0;  ///< told to reconnect when its server numbers pass this; 0: none
  std::uint32_t client_tag = 0;
  std::uint32_t key = no_key;        ///< where the shard keeps its key, of a dialect that encrypts
  bool reserving = false;          ///< more server numbers have been asked for
  bool told_to_reconnect = false;  ///< was told so, because of `sequence_limit`
  bool newest_known = false;       ///< a request was heard since the log-in or the restart
  bool newest_dropped = false;     ///< the newest request was dropped: it may come again with the same number
  bool starved = false;            ///< an event was refused for lack of memory; on_room is owed
  bool closing = false;            ///< about to go: takes nothing more
};

/// The sessions of one shard: by place, and by number.
class SessionTable {
  /// The number of the session at a place.
  [[nodiscard]] auto key_of() const noexcept {
    return [this](std::uint32_t index) { return sessions_.get(sessions_.ref_at(index))->facts.uin.value; };
  }

 public:
  explicit SessionTable(std::uint32_t max_sessions) : sessions_{max_sessions} {}

  /// Makes a session; none when the table is full or the number has one already.
  [[nodiscard]] model::SessionRef insert(Session session) {
    const auto uin = session.facts.uin;
    if (find(uin)) return {};
    const auto ref = sessions_.insert(std::move(session));
    if (!ref) return {};
    by_uin_.insert(uin.value, ref.index, key_of());
    return {ref.index, ref.generation};
  }
  void erase(model::SessionRef ref) {
    if (const auto* session = get(ref)) {
      by_uin_.erase(session->facts.uin.value, key_of());
      sessions_.erase({ref.index, ref.generation});
    }
  }
  [[nodiscard]] Session* get(model::SessionRef ref) noexcept {
    return sessions_.get({ref.index, ref.generation});
  }
  [[nodiscard]] const Session* get(model::SessionRef ref) const noexcept {
    return sessions_.get({ref.index, ref.generation});
  }
  [[nodiscard]] model::SessionRef find(Uin uin) const noexcept {
    const auto found = by_uin_.find(uin.value, key_of());
    return found == HandleIndex::none ? model::SessionRef{} : at(found);
  }
  [[nodiscard]] model::SessionRef at(std::uint32_t index) const noexcept {
    const auto ref = sessions_.ref_at(index);
    return ref ? model::SessionRef{ref.index, ref.generation} : model::SessionRef{};
  }
  [[nodiscard]] std::uint32_t size() const noexcept { return sessions_.size(); }
  [[nodiscard]] std::uint32_t index_end() const noexcept { return sessions_.index_end(); }

 private:
  Slab<Session> sessions_;
  HandleIndex by_uin_;
};

}  // namespace uhoh::session
