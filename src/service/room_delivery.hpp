#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

#include "service/recent_room_messages.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Brings the messages of rooms to the members who are online.
///
/// Shape:  for each room of a user a position: what was shown, what was acknowledged, what there is. The next message
///         comes from those heard of lately, or else from the store, where each is kept once. One unacknowledged
///         message per room and member; positions are committed every half second and when the server stops, so that
///         a crash may show those again that were acknowledged just before (promise 2 d).
class RoomDelivery {
 public:
  explicit RoomDelivery(ShardContext& shard) : shard_{shard} {}

  /// The user's kept messages are through: those of his rooms follow.
  void begin(model::SessionRef session, User& user);
  /// The session acknowledged the message of a room.
  void on_delivered(model::SessionRef session, User& user, Uin room);
  /// Goes on where the session could take no more.
  void pump(model::SessionRef session, User& user);
  void on_session_end(User& user);

  /// Tells a shard of a message; one whose mailbox is full hears later that there is something.
  void spread(ShardId to, bus::RoomSpread&& mail);
  void on_mail(const bus::RoomSpread& mail);
  void on_mail(const bus::RoomsChanged& mail);

  /// Lets time pass: positions are committed, and what the store did not answer is asked again.
  void on_time();
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept {
    return unsaved_.empty() && stalled_.empty() && untold_.size() == 0 ? Instant::max() : next_round_;
  }
  /// Asks the store to keep all positions: the server stops.
  void save_positions();

 private:
  struct Place {
    Uin room;
    std::uint64_t shown = 0;   ///< the last message that went out
    std::uint64_t newest = 0;  ///< the last one that there is
    bool in_flight = false;    ///< `shown` is not acknowledged yet
    bool reading = false;
  };
  struct Member {
    std::vector<Place> places;
    bool known = false;  ///< `places` are what the store said last
    bool loading = false;
    bool changed_meanwhile = false;
  };

  void load(Uin uin, std::uint64_t login);
  void on_loaded(Uin uin, std::uint64_t login, storage::Result&& result);
  [[nodiscard]] std::vector<Place> placed(Uin uin, const Member& member, const storage::RoomPlaces& rooms) const;
  [[nodiscard]] Place* find(Uin uin, Uin room);
  /// Shows what comes next, as far as the session takes it.
  void advance(model::SessionRef session, Uin uin, Place& place);
  void take(model::SessionRef session, Uin uin, Place& place, const model::RoomMessageArrived& message);
  void read_next(model::SessionRef session, Uin uin, Place& place);
  void on_read(Uin uin, std::uint64_t login, Uin room, std::uint64_t upto, storage::Result&& result);
  [[nodiscard]] bool show(model::SessionRef session, const model::RoomMessageArrived& message);
  void note_seen(Uin uin, const Place& place);
  void note_stalled(Uin uin);
  void await_round();
  void tell_untold();

  ShardContext& shard_;
  RecentRoomMessages recent_;
  boost::unordered_flat_map<std::uint32_t, Member> members_;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> unsaved_;  ///< room and member -> seen, until committed
  std::vector<Uin> stalled_;  ///< the store did not answer for them
  UinSet untold_;             ///< whose shards had no room for mail
  Instant next_round_{};
};

}  // namespace uhoh::service
