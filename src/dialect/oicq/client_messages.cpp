#include "dialect/oicq/client_messages.hpp"

#include <array>

namespace uhoh::oicq {

namespace {
using wire::Acknowledgement;
using wire::MessageRules;
using wire::States;

constexpr const char* documents = "sources/001, sources/000";

template <class Message>
constexpr wire::MessageRow from_client(const char* name, const char* title, MessageRules rules,
                                       const char* source = documents) {
  return wire::row<Message>(name, title, wire::Direction::client_to_server, rules, source);
}

constexpr States outside = States::stranger | States::logged_in;

/// A question: answered from what is there.
constexpr MessageRules query(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::at_once, .cost = cost};
}
/// A change: acknowledged and answered once it is committed.
constexpr MessageRules change(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::after_commit, .cost = cost};
}
constexpr MessageRules message{.acknowledgement = Acknowledgement::after_delivery, .cost = 3};

constexpr std::array table{
    from_client<Register>("REGISTER", "Asks for a new number",
                          {.allowed = outside, .acknowledgement = Acknowledgement::after_commit, .cost = 20}),
    from_client<LogIn>("LOG_IN", "Logs in",
                       {.allowed = outside, .acknowledgement = Acknowledgement::after_commit, .cost = 10}),
    from_client<SendMessage>("SEND_MESSAGE", "Sends a message to another user", message),
    from_client<Broadcast>("BROADCAST", "Sends a message to every friend of a group", message),
    from_client<ViewProfile>("VIEW_PROFILE", "Asks for somebody's profile", query(2)),
    from_client<AddGroup>("ADD_GROUP", "Makes a group of friends", change(3)),
    from_client<RenameGroup>("RENAME_GROUP", "Renames a group of friends", change(3)),
    from_client<DeleteGroup>("DELETE_GROUP", "Deletes a group; its friends go to group 1", change(3)),
    from_client<MoveFriends>("MOVE_FRIENDS", "Moves friends into groups, all or none", change(3)),
    from_client<WhoIsOnline>("WHO_IS_ONLINE", "Asks for a page of those who are online", query(5)),
    from_client<Search>("SEARCH", "Searches users by a condition", query(10)),
    from_client<AddFriend>("ADD_FRIEND", "Adds a friend, or learns that he must be asked", change(3)),
    from_client<AskToAdd>("ASK_TO_ADD", "Asks somebody for the permission to add him", message),
    from_client<DeleteFriend>("DELETE_FRIEND", "Deletes a friend", change(3)),
    from_client<ClientEnvelope>("ACKNOWLEDGED", "Makes a frame acknowledged, acknowledges one, or says hello",
                                {.allowed = outside, .acknowledgement = Acknowledgement::none, .cost = 1},
                                "spec/oicq.md 0F: this project's addition"),
    from_client<ChangeState>("CHANGE_STATE", "Changes one's own state, or logs off", change(3)),
    from_client<Monitor>("MONITOR", "Begins or ends copying somebody's conversations", change(5)),
    from_client<ChangeProfile>("CHANGE_PROFILE", "Changes one's own profile", change(5)),
    from_client<OfferFile>("OFFER_FILE", "Offers a file", message),
    from_client<AnswerOffer>("ANSWER_OFFER", "Accepts or declines an offered file", message),
    from_client<FileContent>("FILE_CONTENT", "Carries the next part of an accepted file; over TCP only",
                             {.acknowledgement = Acknowledgement::none, .cost = 0, .check_duplicate = false}),
    from_client<ConnectionTest>("CONNECTION_TEST", "Asks for a sign of life",
                                {.allowed = outside, .acknowledgement = Acknowledgement::at_once, .cost = 1}),
    from_client<AnswerRequest>("ANSWER_REQUEST", "Grants or refuses the permission to be added", message),
};
static_assert(wire::MessageSet{table}.is_sorted());
static_assert(table.size() == ClientMessages::size);
}  // namespace

wire::MessageSet client_messages() noexcept { return wire::MessageSet{table}; }

}  // namespace uhoh::oicq
