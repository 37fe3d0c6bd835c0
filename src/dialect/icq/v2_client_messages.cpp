#include "dialect/icq/v2_client_messages.hpp"

#include <array>

namespace uhoh::icq {

namespace {
using wire::Acknowledgement;
using wire::MessageRules;
using wire::States;

template <class M>
constexpr wire::MessageRow from_client(const char* name, const char* title, MessageRules rules,
                                       const char* source) {
  return wire::row<M>(name, title, wire::Direction::client_to_server, rules, source);
}

constexpr States outside = States::stranger | States::logged_in;

/// A question, or a change that may be made twice: acknowledged at once, the reply follows.
constexpr MessageRules query(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::at_once, .cost = cost, .repeatable = true};
}
/// A change that may be made twice but must be committed first.
constexpr MessageRules repeatable_change(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::after_commit, .cost = cost, .repeatable = true};
}
constexpr MessageRules change(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::after_commit, .cost = cost};
}
constexpr MessageRules message{.acknowledgement = Acknowledgement::after_delivery, .cost = 3};
constexpr MessageRules keepalive{
    .acknowledgement = Acknowledgement::at_once, .cost = 1, .check_duplicate = false};

constexpr std::array table{
    from_client<ClientAck>(
        "ACK", "Acknowledges a packet of the server",
        {.allowed = outside, .acknowledgement = Acknowledgement::none, .cost = 0, .check_duplicate = false},
        "Ihse 0.91"),
    from_client<SendMessage>("SEND_MESSAGE", "Sends a message through the server", message, "Ihse 0.91"),
    from_client<Login>("LOGIN", "Logs in",
                       {.allowed = outside, .acknowledgement = Acknowledgement::after_commit, .cost = 10},
                       "Ihse 0.91; spec/icq.md 2, 3.1"),
    from_client<FirstLogin>("LOGIN_1X", "Asks, in 1.x clients, before the log-in",
                            {.allowed = outside,
                             .acknowledgement = Acknowledgement::at_once,
                             .cost = 10,
                             .repeatable = true},
                            "spec/icq.md 3.1 (another server's source)"),
    from_client<RegisterUser>(
        "NEW_USER_REG", "Asks for a new number",
        {.allowed = outside, .acknowledgement = Acknowledgement::after_commit, .cost = 20},
        "Ihse 0.91 (name); spec/icq.md 3.1 (captures)"),
    from_client<ContactList>("CONTACT_LIST", "Adds numbers to those that the session watches",
                             repeatable_change(2), "Ihse 0.91; width of the count: spec/icq.md 1.2 item 3"),
    from_client<SearchUin>("SEARCH_UIN", "Searches for a number", query(3), "Ihse 0.91"),
    from_client<SearchUser>("SEARCH_USER", "Searches for names or for an e-mail address", query(5),
                            "Ihse 0.91"),
    from_client<KeepAlive>("KEEP_ALIVE", "Tells that the session is alive", keepalive, "Ihse 0.91"),
    from_client<TextCode>("SEND_TEXT_CODE", "Logs off, or asks for an answer at once", change(2),
                          "Ihse 0.91; wrong LEN: spec/icq.md 2 item 7"),
    from_client<DeleteStored>("CMD_X1", "Tells that the stored messages have arrived",
                              {.acknowledgement = Acknowledgement::at_once, .cost = 1},
                              "Ihse 0.91 (name); spec/icq.md 3.1 (captures)"),
    from_client<RequestStored>("LOGIN_1", "Asks for the stored messages",
                               {.acknowledgement = Acknowledgement::at_once, .cost = 2},
                               "Ihse 0.91; meaning: spec/icq.md 3.1"),
    from_client<MessageToStranger>("MSG_TO_NEW_USER",
                                   "Sends a message to someone who is not a contact; authorisation", message,
                                   "Ihse 0.91 (name, also as REQ_ADD_TO_LIST); spec/icq.md 3.1 (captures)"),
    from_client<InfoRequest>("INFO_REQ", "Asks for basic information", query(2), "Ihse 0.91"),
    from_client<ExtInfoRequest>("EXT_INFO_REQ", "Asks for extended information", query(2), "Ihse 0.91"),
    from_client<ChangePassword>("CHANGE_PASSWORD", "Changes the password", change(10), "Ihse 0.91"),
    from_client<NewUserInfo>("NEW_USER_INFO", "Gives the basic information of a new user",
                             repeatable_change(3), "Ihse 0.91 (name); spec/icq.md 3.1 (captures)"),
    from_client<UpdateExtInfo>("UPDATE_EXT_INFO", "Changes the extended information", repeatable_change(3),
                               "Ihse 0.91 (name); spec/icq.md 3.1 (captures)"),
    from_client<QueryServers>("QUERY_SERVERS", "Asks for other servers", query(2),
                              "Ihse 0.91 (name); spec/icq.md 3.1; payload unknown"),
    from_client<QueryAddons>("QUERY_ADDONS", "Asks for add-ons", query(2),
                             "Ihse 0.91 (name); spec/icq.md 3.1; payload unknown"),
    from_client<StatusChange>("STATUS_CHANGE", "Changes the status", change(3), "Ihse 0.91"),
    from_client<NewUserPermission>(
        "NEW_USER_1", "Asks whether a new user may register",
        {.allowed = outside, .acknowledgement = Acknowledgement::at_once, .cost = 5},
        "Ihse 0.91 (name); spec/icq.md 3.1"),
    from_client<UpdateInfo>("UPDATE_INFO", "Changes the basic information", repeatable_change(3),
                            "Ihse 0.91 (name); spec/icq.md 3.1 (mICQ)"),
    from_client<AuthUpdate>("AUTH_UPDATE", "Changes whether others must ask before they add this user",
                            repeatable_change(2), "spec/icq.md 3.1"),
    from_client<SecondKeepAlive>("KEEP_ALIVE_2", "Tells that the session is alive", keepalive,
                                 "spec/icq.md 3.1 (mICQ)"),
    from_client<SecondLogin>("LOGIN_2", "Is sent during log-in; changes nothing",
                             {.acknowledgement = Acknowledgement::at_once, .cost = 1}, "Ihse 0.91"),
    from_client<AddToList>("ADD_TO_LIST", "Adds a user to the contact list for good", change(3),
                           "Ihse 0.91 (name); spec/icq.md 3.1 (captures)"),
    from_client<RandomSet>("RAND_SET", "Sets the group for random chat", change(2), "spec/icq.md 3.1"),
    from_client<RandomSearch>("RAND_SEARCH", "Asks for a random user", query(3), "spec/icq.md 3.1"),
    from_client<InvisibleList>("INVISIBLE_LIST", "Replaces the list of those who see this user offline",
                               change(2), "spec/icq.md 3.1 (Licq)"),
    from_client<VisibleList>("VISIBLE_LIST", "Replaces the list of those who see this user when invisible",
                             change(2), "spec/icq.md 3.1 (Licq, icqlib)"),
};
static_assert(wire::MessageSet{table}.is_sorted());
static_assert(table.size() == V2ClientMessages::size);
}  // namespace

wire::MessageSet v2_client_messages() noexcept { return wire::MessageSet{table}; }

}  // namespace uhoh::icq
