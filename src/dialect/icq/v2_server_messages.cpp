#include "dialect/icq/v2_server_messages.hpp"

#include <array>

namespace uhoh::icq {

namespace {
using wire::Acknowledgement;
using wire::MessageRules;
using wire::States;

template <class M>
constexpr wire::MessageRow from_server(const char* name, const char* title, MessageRules rules,
                                       const char* source) {
  return wire::row<M>(name, title, wire::Direction::server_to_client, rules, source);
}

/// Within a session: kept and sent again until the client acknowledges it.
constexpr MessageRules kept{.acknowledgement = Acknowledgement::resend_until_acked, .cost = 0};
/// To a stranger or at a session's end: sent once.
constexpr MessageRules once{.allowed = States::stranger | States::logged_in,
                            .acknowledgement = Acknowledgement::send_once,
                            .cost = 0};

constexpr std::array table{
    from_server<ServerAck>("ACK", "Acknowledges a packet of the client",
                           {.allowed = States::stranger | States::logged_in,
                            .acknowledgement = Acknowledgement::none,
                            .cost = 0},
                           "Ihse 0.91"),
    from_server<KickedOff>("GO_AWAY", "Ends the session: someone logged in with this number elsewhere", once,
                           "spec/icq.md 1.1, 3.2 (Licq, mICQ)"),
    from_server<FirstLoginReply>("LOGIN_1X_REPLY", "Answers LOGIN_1X", once,
                                 "spec/icq.md 3.2 (another server's source)"),
    from_server<NewUserUin>("NEW_USER_UIN", "Gives the number of a new account (three times at most)",
                            {.allowed = States::stranger | States::logged_in,
                             .acknowledgement = Acknowledgement::resend_until_acked,
                             .cost = 0},
                            "Ihse 0.91 (name); spec/icq.md 3.2 (captures)"),
    from_server<LoginReply>("LOGIN_REPLY", "Confirms a log-in and sets the client's timers", kept,
                            "Ihse 0.91; PING, TIMEOUT, RETRIES: spec/icq.md 3.2"),
    from_server<BadPassword>("BAD_PASSWORD", "Refuses a log-in", once, "spec/icq.md 3.2 (captures)"),
    from_server<UserOnline>("USER_ONLINE", "Somebody is online", kept, "Ihse 0.91; X2: spec/icq.md 2 item 9"),
    from_server<UserOffline>("USER_OFFLINE", "Somebody went offline", kept, "Ihse 0.91"),
    from_server<QueryReply>("QUERY_REPLY", "Describes one server or add-on", kept,
                            "Ihse 0.91 (name); layout: spec/icq.md 1.2 item 15"),
    from_server<UserFound>("USER_FOUND", "One result of a search", kept, "Ihse 0.91"),
    from_server<EndOfSearch>("END_OF_SEARCH", "A search is complete", kept, "Ihse 0.91"),
    from_server<NewUserReply>("NEW_USER_REPLY", "Confirms NEW_USER_INFO", kept,
                              "Ihse 0.91 (name); spec/icq.md 3.2 (captures)"),
    from_server<NewUserFailed>("NEW_USER_FAILED", "Refuses NEW_USER_INFO", kept, "spec/icq.md 3.2"),
    from_server<UpdateExtReply>("UPDATE_EXT_REPLY", "Confirms UPDATE_EXT_INFO", kept,
                                "Ihse 0.91 (name); spec/icq.md 3.2 (captures)"),
    from_server<UpdateExtFailed>("UPDATE_EXT_FAILED", "Refuses UPDATE_EXT_INFO", kept, "spec/icq.md 3.2"),
    from_server<StoredMessage>("RECEIVE_MESSAGE", "A message that was stored", kept, "Ihse 0.91"),
    from_server<EndOfStored>("REPLY_X2", "No more stored messages", kept,
                             "Ihse 0.91 (name); spec/icq.md 3.2 (captures)"),
    from_server<NotConnected>("NOT_CONNECTED",
                              "The server knows no session for a packet; SEQ_NUM is that packet's", once,
                              "spec/icq.md 2 item 8"),
    from_server<ServerBusy>("SERVER_BUSY", "The client is to come back later", once, "spec/icq.md 1.1, 3.2"),
    from_server<OnlineMessage>("ONLINE_MESSAGE", "A message, at once", kept, "spec/icq.md 3.2 (captures)"),
    from_server<InfoReply>("INFO_REPLY", "Basic information", kept, "Ihse 0.91"),
    from_server<ExtInfoReply>("EXT_INFO_REPLY", "Extended information", kept, "Ihse 0.91"),
    from_server<InvalidUin>("INVALID_UIN", "There is no such number", kept, "spec/icq.md 3.2 (Licq)"),
    from_server<NoExtInfo>("NO_EXT_INFO", "There is no extended information", kept,
                           "spec/icq.md 3.2 (name); layout after EXT_INFO_REPLY"),
    from_server<StatusUpdate>("STATUS_UPDATE", "Somebody changed his status", kept, "Ihse 0.91"),
    from_server<SystemMessage>("SYSTEM_MESSAGE", "A message of the system with a button", kept,
                               "Ihse 0.91 (name); layout: spec/icq.md 1.2 item 15"),
    from_server<UpdateReply>("UPDATE_REPLY", "Confirms UPDATE_INFO", kept,
                             "Ihse 0.91 (name); spec/icq.md 3.2 (mICQ)"),
    from_server<UpdateFailed>("UPDATE_FAILED", "Refuses UPDATE_INFO", kept, "spec/icq.md 3.2"),
    from_server<AuthUpdateReply>("AUTH_UPDATE_REPLY", "Confirms AUTH_UPDATE", kept, "spec/icq.md 3.2"),
    from_server<AuthUpdateFailed>("AUTH_UPDATE_FAILED", "Refuses AUTH_UPDATE", kept, "spec/icq.md 3.2"),
    from_server<EndOfContacts>("REPLY_X1", "A contact list has been worked through", kept,
                               "Ihse 0.91 (name); spec/icq.md 3.2 (captures)"),
    from_server<RandomUser>("RAND_USER", "A random user", kept, "spec/icq.md 3.2"),
};
static_assert(wire::MessageSet{table}.is_sorted());
static_assert(table.size() == V2ServerMessages::size);
}  // namespace

wire::MessageSet v2_server_messages() noexcept { return wire::MessageSet{table}; }

}  // namespace uhoh::icq
