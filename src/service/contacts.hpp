#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "service/messaging.hpp"
#include "service/presence.hpp"
#include "service/shard_context.hpp"
#include "service/sightings.hpp"

namespace uhoh::service {

/// The friends that last: adding with consent, removing, groups, and the list that a log-in begins with.
///
/// Friend edges are directed and the same for every dialect. A session that follows its friends has them as its
/// contacts: who is gained is watched, who is removed is not.
/// Source: spec/oicq.md (06 to 09, 0C, 0D, 0E, 17); DESIGN.md, section 3, storage.
class Contacts {
 public:
  Contacts(ShardContext& shard, Presence& presence, Sightings& sightings, Messaging& messaging)
      : shard_{shard}, presence_{presence}, sightings_{sightings}, messaging_{messaging} {}

  void add_friend(const model::AddFriend& command, const model::RequestContext& context);
  void ask_to_add(const model::AskToAdd& command, const model::RequestContext& context);
  void grant_and_add(const model::GrantAndAdd& command, const model::RequestContext& context);
  void remove_myself(const model::RemoveMyself& command, const model::RequestContext& context);
  void remove_friend(const model::RemoveFriend& command, const model::RequestContext& context);
  void show_friends(const model::GetFriends& command, const model::RequestContext& context);
  void add_group(const model::AddGroup& command, const model::RequestContext& context);
  void rename_group(const model::RenameGroup& command, const model::RequestContext& context);
  void name_groups(const model::NameGroups& command, const model::RequestContext& context);
  void delete_group(const model::DeleteGroup& command, const model::RequestContext& context);
  void move_friends(const model::MoveFriends& command, const model::RequestContext& context);
  void set_remark(const model::SetRemark& command, const model::RequestContext& context);

  /// A session that follows its friends begins to watch them; `then` gets the list with how each is seen. The session
  /// may be gone by then; otherwise it hears no news before Presence::list_arrived().
  void follow_friends(model::SessionRef session, model::FriendList&& friends,
                      std::move_only_function<void(model::FriendList&&)> then);

  void on_mail(bus::FriendGained&& mail);
  void on_mail(const bus::FriendLost& mail);

 private:
  void show_friends_and(const model::GetFriends& command, std::vector<model::RoomRow>&& rooms,
                        const model::RequestContext& context);
  using GroupNames = std::vector<std::pair<std::uint8_t, std::string>>;
  void name_next(Uin owner, GroupNames names, model::RequestRef request);
  void added(const model::AddFriend& command, const model::RequestContext& context, Uin owner,
             storage::Befriended&& made);
  void befriended(const model::RequestContext& context, Uin owner, Uin contact, storage::Befriended&& made);
  void gained(model::SessionRef session, model::UserCard&& card);
  void refuse(const model::RequestContext& context, Uin contact, std::string_view why);

  ShardContext& shard_;
  Presence& presence_;
  Sightings& sightings_;
  Messaging& messaging_;
};

}  // namespace uhoh::service
