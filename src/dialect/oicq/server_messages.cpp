#include "dialect/oicq/server_messages.hpp"

#include <array>

namespace uhoh::oicq {

namespace {
using wire::Acknowledgement;
using wire::MessageRules;

constexpr const char* documents = "sources/001";

/// What is sent again, within 0F, until the client acknowledges it.
constexpr MessageRules certain{.acknowledgement = Acknowledgement::resend_until_acked};
constexpr MessageRules once{.acknowledgement = Acknowledgement::send_once};

template <class Message>
constexpr wire::MessageRow from_server(const char* name, const char* title, MessageRules rules = certain,
                                       const char* source = documents) {
  return wire::row<Message>(name, title, wire::Direction::server_to_client, rules, source);
}

constexpr std::array table{
    from_server<Registered>("REGISTERED", "Answers REGISTER with the new number"),
    from_server<LoggedIn>("LOGGED_IN", "Answers LOG_IN with the friends in their groups"),
    from_server<Message>("MESSAGE", "Brings a message from somebody, or from the system"),
    from_server<Profile>("PROFILE", "Answers VIEW_PROFILE"),
    from_server<GroupAdded>("GROUP_ADDED", "Answers ADD_GROUP"),
    from_server<GroupRenamed>("GROUP_RENAMED", "Answers RENAME_GROUP"),
    from_server<GroupDeleted>("GROUP_DELETED", "Answers DELETE_GROUP"),
    from_server<FriendsMoved>("FRIENDS_MOVED", "Answers MOVE_FRIENDS"),
    from_server<OnlineUsers>("ONLINE_USERS", "Answers WHO_IS_ONLINE"),
    from_server<SearchResult>("SEARCH_RESULT", "Answers SEARCH"),
    from_server<AddResult>("ADD_RESULT", "Answers ADD_FRIEND"),
    from_server<FriendAdded>("FRIEND_ADDED", "Tells that one's own list has gained a friend"),
    from_server<FriendDeleted>("FRIEND_DELETED", "Answers DELETE_FRIEND"),
    from_server<ServerEnvelope>("ACKNOWLEDGED",
                                "Makes a frame acknowledged, acknowledges one, or answers a hello", once,
                                "spec/oicq.md 0F: this project's addition"),
    from_server<StateChanged>("STATE_CHANGED", "Answers CHANGE_STATE"),
    from_server<ProfileChanged>("PROFILE_CHANGED", "Answers CHANGE_PROFILE"),
    from_server<FileOffered>("FILE_OFFERED", "Tells that somebody offers a file"),
    from_server<OfferAnswered>("OFFER_ANSWERED",
                               "Tells what became of an offer, or that a transfer has ended"),
    from_server<FilePart>("FILE_PART", "Carries the next part of an accepted file; over TCP only", once),
    from_server<FriendState>("FRIEND_STATE", "Tells a friend's state"),
    from_server<TestAnswer>("CONNECTION_TEST", "Answers CONNECTION_TEST"),
};
static_assert(wire::MessageSet{table}.is_sorted());
static_assert(table.size() == ServerMessages::size);
}  // namespace

wire::MessageSet server_messages() noexcept { return wire::MessageSet{table}; }

}  // namespace uhoh::oicq
