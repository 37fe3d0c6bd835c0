#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "storage/friend_groups.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/inbox_tail.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/store.hpp"

namespace uhoh::storage {

/// Carries out the requests that write, over the writer's connection, and keeps what only it needs in memory.
///
/// Errors: as Reads. What is in memory follows the group: settle() after a commit, take_back() after a failure.
class Writes {
 public:
  Writes(Connection& db, InboxTail& tail, Reads& reads, StoreLimits limits, std::size_t tail_entries)
      : db_{db}, tail_{tail}, reads_{reads}, limits_{limits}, tail_entries_{tail_entries} {}
  Writes(const Writes&) = delete;
  Writes& operator=(const Writes&) = delete;

  /// Reads the counters, and finds the entries of the inbox index that were only in memory.
  void recover();
  /// Does what a group leaves for its end; before the commit.
  void finish_group();
  void settle();
  void take_back();

  Result operator()(const CreateAccount& request);
  Result operator()(const UpdateBasic& request);
  Result operator()(const UpdateExtended& request);
  Result operator()(const UpdateAuthorization& request);
  Result operator()(const UpdatePassword& request);
  Result operator()(const UpdateProfile& request);
  Result operator()(const SwitchQq& request);
  Result operator()(const UpdateAddressPolicy& request);
  Result operator()(const UpdateCharset& request);
  Result operator()(const UpdateMonitor& request);
  Result operator()(const SaveMonitoring& request);
  Result operator()(const Suspend& request);
  Result operator()(const DeleteAccount& request);
  Result operator()(const OpenSession& request);
  Result operator()(const CloseSession& request);
  Result operator()(const SaveStatus& request);
  Result operator()(const SaveList& request);
  Result operator()(const ReserveSequence& request);
  Result operator()(const KeepMessage& request);
  Result operator()(const ForgetMessage& request);
  Result operator()(const AddFriendEdge& request);
  Result operator()(const RemoveFriendEdge& request);
  Result operator()(const RecordConsent& request);
  Result operator()(const AddGroup& request);
  Result operator()(const RenameGroup& request);
  Result operator()(const DeleteGroup& request);
  Result operator()(const MoveFriends& request);
  Result operator()(const SetRemark& request);
  Result operator()(const MakeRoom& request);
  Result operator()(const UpdateRoom& request);
  Result operator()(const UpdateRoomMembers& request);
  Result operator()(const UpdateRoomRole& request);
  Result operator()(const EnterRoom& request);
  Result operator()(const RequestRoom& request);
  Result operator()(const AnswerRoomEntry& request);
  Result operator()(const LeaveRoom& request);
  Result operator()(const DeleteRoom& request);
  Result operator()(const KeepRoomMessage& request);
  Result operator()(const SeeRoom& request);
  Result operator()(const AddBan& request);
  Result operator()(const RemoveBan& request);
  Result operator()(const Expire& request);

 private:
  struct InboxCount {
    std::uint32_t messages = 0;
    std::uint64_t bytes = 0;
  };
  struct Counters {
    std::uint32_t next_uin = 0;
    std::int64_t next_message = 1;
    std::int64_t messages_reserved = 1;  ///< ids below this are written down as possibly used
    std::uint32_t rows = 0;              ///< messages kept in this group
  };

  [[nodiscard]] Result done_if_changed() const;
  void insert_account(Uin uin, const CreateAccount& request);
  [[nodiscard]] std::optional<Uin> next_free_uin();
  /// What an account has in its inbox; absent when there is no such account.
  [[nodiscard]] std::optional<InboxCount> inbox_count(Uin uin);
  [[nodiscard]] std::optional<std::uint64_t> known_message(Uin recipient, std::int64_t hash);
  std::uint64_t insert_message(const KeepMessage& message, InboxCount before);
  [[nodiscard]] std::int64_t next_message_id();
  void write_basic(Uin uin, const model::BasicProfile& profile);
  void write_extended(Uin uin, const model::ExtendedProfile& profile);
  void write_profile(Uin uin, ProfileParts&& parts, const std::vector<ProfileValue>& values);
  void set_qq_key(Uin uin, const std::string& key);
  [[nodiscard]] GroupRooms group_rooms(Uin owner);
  [[nodiscard]] std::optional<std::uint8_t> place_of(Uin owner, Uin contact);
  /// A place for one more friend; the group is made when it is new.
  [[nodiscard]] std::optional<std::uint8_t> take_place(Uin owner, GroupRooms& rooms);
  bool make_edge(Uin owner, Uin contact, bool told);
  /// What a change of a room is decided by.
  struct RoomFacts {
    std::string name;
    Uin owner;
    model::RoomJoining joining = model::RoomJoining::ask;
    std::int64_t newest = 0;
    std::int64_t members = 0;
  };
  [[nodiscard]] std::optional<RoomFacts> room_facts(Uin room);
  /// The room, if `by` runs it (number 0: the administrator of the server).
  [[nodiscard]] std::expected<RoomFacts, StoreError> room_run_by(Uin room, Uin by);
  [[nodiscard]] std::optional<model::RoomRole> room_role(Uin room, Uin uin);
  [[nodiscard]] bool has_room_for_rooms(Uin uin);
  [[nodiscard]] bool lets_add(Uin uin, Uin by);
  [[nodiscard]] std::vector<Uin> add_room_members(Uin room, RoomFacts& facts, const std::vector<Uin>& members, Uin by);
  void insert_room_member(Uin room, Uin uin, model::RoomRole role, std::int64_t seen);
  void touch_room(Uin room);
  [[nodiscard]] RoomEntered entering(Uin room, const RoomFacts& facts, Uin who);
  void drop_room(Uin room);
  void leave_all_rooms(Uin uin);
  void expire_room_messages(std::int64_t now);
  void sweep_tail(std::size_t count);
  void expire_keys();

  Connection& db_;
  InboxTail& tail_;
  Reads& reads_;
  StoreLimits limits_;
  std::size_t tail_entries_;
  Counters now_, before_;
  std::int64_t expire_upto_ = 0;  ///< keys forgotten up to this second may go
  std::uint32_t expire_room_after_ = 0;  ///< where the next look at rooms begins
  bool expiring_ = false;         ///< there are more of them than one group should carry
  boost::unordered_flat_map<std::uint32_t, InboxCount> inbox_counts_;
  std::vector<std::pair<InboxTail::Key, InboxTail::Entry>> swept_;
};

}  // namespace uhoh::storage
