#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* exchange_source = "spec/qq.md 9; captures/qq/libqq-2227.txt";
constexpr const char* late_source = "clients: libqq buddy_list.c; MyQQ3 prot_buddy.c, prot_group.c";
constexpr const char* remarks_source = "spec/qq.md 7; sources of LumaQQ 2006 and openq";
constexpr const char* session_source = "spec/qq.md 7, 9, 10; captures/qq";
/// Is not answered.
constexpr MessageRules silent{.acknowledgement = Acknowledgement::none, .cost = 1, .check_duplicate = false};
constexpr MessageRules push{.acknowledgement = Acknowledgement::resend_until_acked};
constexpr MessageRules push_once{.acknowledgement = Acknowledgement::send_once};

constexpr std::array contact_client{
    row<LateGroupNamesRequest>("LATE_GROUP_NAMES_REQUEST", "Asks for the names of the groups of friends", query(2),
                               late_source),
    row<AddFriendOld>("ADD_FRIEND_OLD", "Adds somebody, the old way", change(3), session_source),
    row<DeleteFriendA>("DELETE_FRIEND_A", "Deletes a friend", change(2), session_source),
    row<DeleteFriendB>("DELETE_FRIEND_B", "Deletes a friend", change(2), session_source),
    row<AuthorizeOld>("AUTHORIZE_OLD", "Asks somebody, or answers him, the old way", change(3),
                      session_source),
    row<SystemMessageAck>("SYSTEM_MESSAGE_ACK", "Acknowledges 0080; its own number is 0", silent,
                          session_source),
    row<RemoveMyself>("REMOVE_MYSELF", "Takes the user off somebody's list", change(2), session_source),
    row<FriendsRequest>("FRIENDS_REQUEST", "Asks for the friends from a position on", query(2),
                        session_source),
    row<OnlineRequest>("ONLINE_REQUEST", "Asks who is online", query(2), session_source),
    row<GroupNamesRequest>("GROUP_NAMES_REQUEST", "Asks for the names of the groups of friends", query(2),
                           session_source),
    row<GroupNamesUpload>("GROUP_NAMES_UPLOAD", "Replaces the names of the groups of friends", change(3),
                          session_source),
    row<GroupPlacesUpload>("GROUP_PLACES_UPLOAD", "Puts friends into groups", change(3), session_source),
    row<RemarksRequest>("REMARKS_REQUEST", "Asks for the remarks on a friend", query(1), session_source),
    row<RemarksUpload>("REMARKS_UPLOAD", "Sets the remarks on a friend", change(2), session_source),
    row<RemarksDelete>("REMARKS_DELETE", "Deletes the remarks on a friend", change(2), remarks_source),
    row<RemarkRename>("REMARK_RENAME", "Sets only what a friend is shown as", change(2), remarks_source),
    row<AllRemarksRequest>("ALL_REMARKS_REQUEST", "Asks for the remarks on all friends", query(2),
                           session_source),
    row<GroupPlacesRequest>("GROUP_PLACES_REQUEST",
                            "Asks which friend is in which group, and for the Qun groups", query(2),
                            session_source),
    row<AddFriend>("ADD_FRIEND", "Adds somebody", change(3), session_source),
    row<AuthorizeA>("AUTHORIZE_A", "Asks somebody", change(3), session_source),
    row<AuthorizeB>("AUTHORIZE_B", "Asks somebody", change(3), session_source),
    row<AuthorizeAnswer>("AUTHORIZE_ANSWER", "Answers somebody who asked", change(3),
                         "clients: LumaQQ AuthorizePacket; MyQQ3 prot_buddy.c"),
    row<AuthorizeOther>("AUTHORIZE_OTHER", "Says that somebody is added", query(1),
                        "clients: MyQQ3 prot_buddy.c; libqq buddy_opt.c"),
    row<CodeRequest>("CODE_REQUEST", "Asks for a code that must stand in 00A8 or 000A", query(1),
                     session_source),
    row<CodeCheck>("CODE_CHECK", "Asks whether a code that came with a request is genuine", query(1),
                   session_source),
    row<EntriesRequest>("ENTRIES_REQUEST", "Asks for friends and Qun groups", query(2), exchange_source),
    row<NicksRequest>("NICKS_REQUEST", "Asks for the friends with their nicks", query(2), late_source),
};

constexpr std::array contact_server{
    row<LateGroupNames>("LATE_GROUP_NAMES", "The names of the groups of friends", reply, late_source),
    row<AddFriendOldReply>("ADD_FRIEND_OLD_REPLY", "Whether somebody was added", reply, session_source),
    row<Done<0x000A>>("FRIEND_DELETED", "Whether a friend was deleted", reply, session_source),
    row<AuthorizedOld>("AUTHORIZED_OLD", "The question or the answer is on its way", reply, session_source),
    row<Done<0x001C>>("MYSELF_REMOVED", "Off that list", reply, session_source),
    row<FriendsReply<4>>("FRIENDS_REPLY_A", "Friends", reply, session_source),
    row<FriendsReply<8>>("FRIENDS_REPLY_B", "Friends", reply, session_source),
    row<OnlineReply<7>>("ONLINE_REPLY_A", "Who is online", reply, session_source),
    row<OnlineReply<11>>("ONLINE_REPLY_B", "Who is online", reply, session_source),
    row<GroupNamesReply>("GROUP_NAMES_REPLY", "The names of the groups of friends", reply, session_source),
    row<GroupNamesKept>("GROUP_NAMES_KEPT", "The names are kept", reply, session_source),
    row<Done<0x003D>>("GROUP_PLACES_KEPT", "The friends are in their groups", reply, session_source),
    row<RemarksReply>("REMARKS_REPLY", "The remarks on a friend, or nothing", reply, session_source),
    row<RemarksPage>("REMARKS_PAGE", "The remarks on all friends", reply, remarks_source),
    row<RemarksKept>("REMARKS_KEPT", "The remarks are kept", reply, remarks_source),
    row<GroupPlacesReply>("GROUP_PLACES_REPLY", "Who is in which group", reply, session_source),
    row<SystemMessage>("SYSTEM_MESSAGE", "Somebody added the user, asks him, or has answered", push,
                       session_source),
    row<StatusPush>("STATUS_PUSH", "A friend's status has changed", push_once, session_source),
    row<AddFriendReply>("ADD_FRIEND_REPLY", "Whether somebody was added", reply, session_source),
    row<Authorized>("AUTHORIZED", "The question or the answer is on its way", reply, session_source),
    row<CodeReply>("CODE_REPLY", "The code", reply, session_source),
    row<CodeChecked>("CODE_CHECKED", "The code is genuine", reply, session_source),
    row<EntriesReply>("ENTRIES_REPLY", "Friends and Qun groups", reply, exchange_source),
    row<NicksReply<23>>("NICKS_REPLY_1E0D", "Friends with their nicks", reply, late_source),
    row<NicksReply<28>>("NICKS_REPLY_2227", "Friends with their nicks", reply, late_source),
};

constexpr std::array profile_client{
    row<ProfileUpdate>("PROFILE_UPDATE", "Changes the own profile, or the password", change(5),
                       session_source),
    row<LateProfileUpdate>("LATE_PROFILE_UPDATE", "Changes the own profile", change(5), "clients: libqq buddy_info.c"),
    row<Search>("SEARCH", "Searches", query(5), session_source),
    row<ProfileRequest>("PROFILE_REQUEST", "Asks for a profile", query(2), session_source),
    row<ProfileRequestC>("PROFILE_REQUEST_C", "Asks for a profile", query(2), exchange_source),
    row<LevelRequest>("LEVEL_REQUEST", "Asks for one level", query(1), session_source),
    row<LevelsRequest>("LEVELS_REQUEST", "Asks for levels", query(2), session_source),
    row<AdvancedSearch>("ADVANCED_SEARCH", "Searches with more conditions", query(5), session_source),
};

constexpr std::array profile_server{
    row<ProfileUpdated>("PROFILE_UPDATED", "Whether the profile was changed", reply, session_source),
    row<LateProfileUpdated>("LATE_PROFILE_UPDATED", "Whether the profile was changed", reply,
                            "clients: libqq buddy_info.c"),
    row<SearchReply>("SEARCH_REPLY", "Who was found", reply, session_source),
    row<SearchReplyA2>("SEARCH_REPLY_A2", "Who was found", reply, "source of LumaQQ 2006"),
    row<ProfileReply>("PROFILE_REPLY", "A profile", reply, session_source),
    row<ProfileReplyC>("PROFILE_REPLY_C", "The fields of a profile", reply,
                       "captures/qq/libqq-2227.txt (the request); mirai-core-timpc, Profile.kt (read, not recorded)"),
    row<LevelReply>("LEVEL_REPLY", "One level", reply, session_source),
    row<LevelsReply>("LEVELS_REPLY", "Levels", reply, session_source),
    row<AdvancedReply>("ADVANCED_REPLY", "Who was found", reply, session_source),
    row<AdvancedEnd>("ADVANCED_END", "No more", reply, session_source),
};
}  // namespace

std::span<const Message> contact_client_rows() noexcept { return contact_client; }
std::span<const Message> contact_server_rows() noexcept { return contact_server; }
std::span<const Message> profile_client_rows() noexcept { return profile_client; }
std::span<const Message> profile_server_rows() noexcept { return profile_server; }

}  // namespace uhoh::qq::catalogue
