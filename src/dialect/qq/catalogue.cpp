#include "dialect/qq/catalogue.hpp"

namespace uhoh::qq {

namespace {
using wire::Acknowledgement;
using wire::MessageRules;
using wire::States;

constexpr const char* login_source =
    "spec/qq.md 6; captures/qq/openq-qq2005.txt, netoicq-0f5f.txt, openq-qq2008.txt";
constexpr const char* exchange_source = "spec/qq.md 9; captures/qq/libqq-2227.txt";
constexpr const char* touch_source = "spec/qq.md 10; captures/qq/gopcqq-3639-tcp.txt";
constexpr const char* session_source = "spec/qq.md 7, 9, 10; captures/qq";
constexpr const char* text_source = "spec/qq.md 8.1 to 8.3; captures/qq";
constexpr const char* element_source =
    "spec/qq.md 10.1, 10.2; captures/qq/libqq-2227.txt, gopcqq-3639-tcp.txt";
constexpr const char* qun_source = "spec/qq.md 8.5; captures/qq/openq-qq2005.txt, openq-qq2008.txt";
constexpr const char* unread_source = "spec/qq.md 7, 10.3 (names only)";

/// A step of a log-in: nobody has a session yet.
constexpr MessageRules step(std::uint8_t cost) {
  return {.allowed = States::stranger | States::logged_in,
          .acknowledgement = Acknowledgement::at_once,
          .cost = cost};
}
/// A question: its reply acknowledges it.
constexpr MessageRules query(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::at_once, .cost = cost};
}
constexpr MessageRules change(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::after_commit, .cost = cost};
}
constexpr MessageRules message{.acknowledgement = Acknowledgement::after_delivery, .cost = 3};
constexpr MessageRules keepalive{
    .acknowledgement = Acknowledgement::at_once, .cost = 1, .check_duplicate = false};
/// Is not answered.
constexpr MessageRules silent{.acknowledgement = Acknowledgement::none, .cost = 1, .check_duplicate = false};
constexpr MessageRules reply{.acknowledgement = Acknowledgement::none};
constexpr MessageRules push{.acknowledgement = Acknowledgement::resend_until_acked};
constexpr MessageRules push_once{.acknowledgement = Acknowledgement::send_once};

template <class M>
constexpr bool is_tagged = requires(M m) {
  { m.values } -> std::same_as<wire::RecordList<Tlv>&>;
};

template <class M>
constexpr Message row(const char* name, const char* title, MessageRules rules, const char* source) {
  const auto direction = M::from_client ? Direction::client_to_server : Direction::server_to_client;
  return {wire::row<M>(name, title, direction, rules, source), M::key, is_tagged<M>};
}

template <std::uint16_t Command, Generation From>
constexpr Message unserved(const char* title) {
  return row<UnservedRequest<Command, From>>("UNSERVED", title, query(1), unread_source);
}
template <std::uint16_t Command, Generation From>
constexpr Message short_answer(const char* title) {
  return row<UnservedReply<Command, From>>("SHORT_ANSWER", title, reply, unread_source);
}

constexpr std::array login_client{
    row<LogInA>("LOG_IN_A", "Logs in", step(10), login_source),
    row<LogInA2>("LOG_IN_A2", "Logs in", step(10), login_source),
    row<LogInB>("LOG_IN_B", "Logs in", step(5), login_source),
    row<LogInC>("LOG_IN_C", "Logs in", step(5), exchange_source),
    row<TokenRequest>("TOKEN_REQUEST", "Asks for a token", step(2), login_source),
    row<TouchB>("TOUCH_B", "Asks which server to use", step(1), login_source),
    row<TouchC>("TOUCH_C", "Asks for the first token", step(1), exchange_source),
    row<CaptchaRequestA>("CAPTCHA_REQUEST_A", "Asks for a token", step(1), login_source),
    row<CaptchaCodeA>("CAPTCHA_CODE_A", "The code that was read off a picture", step(1), login_source),
    row<CaptchaRequestB>("CAPTCHA_REQUEST_B", "Asks for the second token", step(1), login_source),
    row<CaptchaCodeB>("CAPTCHA_CODE_B", "The code that was read off a picture", step(1), login_source),
    row<CaptchaRequestC>("CAPTCHA_REQUEST_C", "Asks for the second token", step(1), exchange_source),
    row<ProvePasswordB>("PROVE_PASSWORD_B", "Proves the password", step(10), login_source),
    row<ProvePasswordC>("PROVE_PASSWORD_C", "Proves the password", step(10), exchange_source),
    row<AskOwnNick>("ASK_OWN_NICK", "Asks for the own nick", step(2), exchange_source),
    row<ExchangeTokens>("EXCHANGE_TOKENS", "Asks for the tokens of the log-in", step(2), exchange_source),
    row<QrRequest>("QR_REQUEST", "Asks for a picture to log in with", step(5), touch_source),
    row<QrPoll>("QR_POLL", "Asks what became of the picture", step(1), touch_source),
    row<Touch>("TOUCH", "Asks which server to use", step(1), touch_source),
    row<OpenSession>("OPEN_SESSION", "Asks for a session", step(5), touch_source),
    row<ProvePassword>("PROVE_PASSWORD", "Logs in", step(10), touch_source),
};

constexpr std::array login_server{
    row<LoggedInA>("LOGGED_IN_A", "Logged in", reply, login_source),
    row<LoggedInB>("LOGGED_IN_B", "Logged in", reply, login_source),
    row<LogInElsewhere>("LOG_IN_ELSEWHERE", "Go to another server", reply, login_source),
    row<LogInRefused>("LOG_IN_REFUSED", "Refused", reply, login_source),
    row<LoggedInC>("LOGGED_IN_C", "Logged in", reply, exchange_source),
    row<LogInRefusedC>("LOG_IN_REFUSED_C", "Refused", reply, exchange_source),
    row<TokenReply>("TOKEN_REPLY", "The token", reply, login_source),
    row<TouchReplyB>("TOUCH_REPLY_B", "Stay here, or go elsewhere", reply, login_source),
    row<TouchReplyC>("TOUCH_REPLY_C", "The first token", reply, exchange_source),
    row<CaptchaPassed>("CAPTCHA_PASSED", "The token, when no picture is asked for", reply, login_source),
    row<CaptchaPictureA>("CAPTCHA_PICTURE_A", "A picture whose code the user is to type", reply,
                         login_source),
    row<CaptchaPictureB>("CAPTCHA_PICTURE_B", "A part of a picture", reply, login_source),
    row<CaptchaPassedC>("CAPTCHA_PASSED_C", "The second token", reply, exchange_source),
    row<CaptchaPictureC>("CAPTCHA_PICTURE_C", "A picture whose code the user is to type", reply,
                         exchange_source),
    row<PasswordProvenB>("PASSWORD_PROVEN_B", "The password was right", reply, login_source),
    row<PasswordRefusedB>("PASSWORD_REFUSED_B", "The password was wrong, or another refusal", reply,
                          login_source),
    row<PasswordProvenC>("PASSWORD_PROVEN_C", "The password was right", reply, exchange_source),
    row<PasswordRefusedC>("PASSWORD_REFUSED_C", "The password was wrong, or another refusal", reply,
                          exchange_source),
    row<OwnNick>("OWN_NICK", "The own nick", reply, exchange_source),
    row<TokensExchanged>("TOKENS_EXCHANGED", "The tokens of the log-in", reply, exchange_source),
    row<QrPicture>("QR_PICTURE", "The picture", reply, touch_source),
    row<QrState>("QR_STATE", "02 not yet scanned, 01 scanned, 00 confirmed", reply, touch_source),
    row<TouchReply>("TOUCH_REPLY", "Stay here and take this token; FE: go elsewhere", reply, touch_source),
    row<SessionOpened>("SESSION_OPENED", "The session", reply, touch_source),
    row<PasswordOutcome>("PASSWORD_OUTCOME", "The password was right, or why not", reply, touch_source),
};

constexpr std::array session_client{
    row<LogOut<0x0001>>("LOG_OUT_AB", "Ends the session", silent, session_source),
    row<KeepAlive<0x0002>>("KEEP_ALIVE_AB", "Tells that the session is alive", keepalive, session_source),
    row<SetStatusA>("SET_STATUS_A", "Sets the status; the first one publishes it", change(3), session_source),
    row<SetStatusB>("SET_STATUS_B", "Sets the status; the first one publishes it", change(3), session_source),
    row<KeyRequest>("KEY_REQUEST", "Asks for a key for files, or for web pages", query(2), session_source),
    row<KeepAlive<0x0058>>("KEEP_ALIVE_CD", "Tells that the session is alive", keepalive, session_source),
    row<LogOut<0x0062>>("LOG_OUT_CD", "Ends the session", silent, session_source),
    row<Settle<0x00E9>>("SETTLE_E9", "A step behind the log-in", query(1), exchange_source),
    row<Settle<0x00EA>>("SETTLE_EA", "A step behind the log-in", query(1), exchange_source),
    row<GoOnline>("GO_ONLINE", "Goes online, or sets the status; the first one publishes it", change(3),
                  session_source),
    row<Settle<0x00ED>>("SETTLE_ED", "A step behind the log-in", query(1), exchange_source),
};

constexpr std::array session_server{
    row<KeepAliveReplyText>("KEEP_ALIVE_REPLY_A", "Answers a keep-alive", reply, session_source),
    row<KeepAliveReplyShort>("KEEP_ALIVE_REPLY_111D", "Answers a keep-alive", reply, session_source),
    row<KeepAliveReply<0x0002>>("KEEP_ALIVE_REPLY_115B", "Answers a keep-alive", reply, session_source),
    row<StatusSet>("STATUS_SET", "The status is set", reply, session_source),
    row<WebKey>("WEB_KEY", "The key for web pages", reply, session_source),
    row<DomainKeys>("DOMAIN_KEYS", "Keys for domains", reply, session_source),
    row<FileKey>("FILE_KEY", "The key for files", reply, session_source),
    row<KeepAliveReply<0x0058>>("KEEP_ALIVE_REPLY_CD", "Answers a keep-alive", reply, session_source),
    row<Settled<0x00E9>>("SETTLED_E9", "A step behind the log-in is done", reply, exchange_source),
    row<Settled<0x00EA>>("SETTLED_EA", "A step behind the log-in is done", reply, exchange_source),
    row<WentOnline>("WENT_ONLINE", "Online now", reply, session_source),
    row<Settled<0x00ED>>("SETTLED_ED", "A step behind the log-in is done", reply, exchange_source),
};

constexpr std::array contact_client{
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
    row<AllRemarksRequest>("ALL_REMARKS_REQUEST", "Asks for the remarks on all friends", query(2),
                           session_source),
    row<GroupPlacesRequest>("GROUP_PLACES_REQUEST",
                            "Asks which friend is in which group, and for the Qun groups", query(2),
                            session_source),
    row<AddFriend>("ADD_FRIEND", "Adds somebody", change(3), session_source),
    row<AuthorizeA>("AUTHORIZE_A", "Asks somebody, or answers him", change(3), session_source),
    row<AuthorizeB>("AUTHORIZE_B", "Asks somebody, or answers him", change(3), session_source),
    row<CodeRequest>("CODE_REQUEST", "Asks for a code that must stand in 00A8 or 000A", query(1),
                     session_source),
    row<CodeCheck>("CODE_CHECK", "Asks whether a code that came with a request is genuine", query(1),
                   session_source),
    row<EntriesRequest>("ENTRIES_REQUEST", "Asks for friends and Qun groups", query(2), exchange_source),
};

constexpr std::array contact_server{
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
    row<RemarksKept>("REMARKS_KEPT", "The remarks are kept; no batch of remarks", reply, session_source),
    row<GroupPlacesReply>("GROUP_PLACES_REPLY", "Who is in which group", reply, session_source),
    row<SystemMessage>("SYSTEM_MESSAGE", "Somebody added the user, asks him, or has answered", push,
                       session_source),
    row<StatusPush>("STATUS_PUSH", "A friend's status has changed", push_once, session_source),
    row<AddFriendReply>("ADD_FRIEND_REPLY", "Whether somebody was added", reply, session_source),
    row<Authorized>("AUTHORIZED", "The question or the answer is on its way", reply, session_source),
    row<CodeReply>("CODE_REPLY", "The code", reply, session_source),
    row<CodeChecked>("CODE_CHECKED", "The code is genuine", reply, session_source),
    row<EntriesReply>("ENTRIES_REPLY", "Friends and Qun groups", reply, exchange_source),
};

constexpr std::array profile_client{
    row<ProfileUpdate>("PROFILE_UPDATE", "Changes the own profile, or the password", change(5),
                       session_source),
    row<Search>("SEARCH", "Searches", query(5), session_source),
    row<ProfileRequest>("PROFILE_REQUEST", "Asks for a profile", query(2), session_source),
    row<ProfileRequestC>("PROFILE_REQUEST_C", "Asks for a profile", query(2), exchange_source),
    row<LevelRequest>("LEVEL_REQUEST", "Asks for one level", query(1), session_source),
    row<LevelsRequest>("LEVELS_REQUEST", "Asks for levels", query(2), session_source),
    row<AdvancedSearch>("ADVANCED_SEARCH", "Searches with more conditions", query(5), session_source),
};

constexpr std::array profile_server{
    row<ProfileUpdated>("PROFILE_UPDATED", "Whether the profile was changed", reply, session_source),
    row<SearchReply>("SEARCH_REPLY", "Who was found", reply, session_source),
    row<ProfileReply>("PROFILE_REPLY", "A profile", reply, session_source),
    row<LevelReply>("LEVEL_REPLY", "One level", reply, session_source),
    row<LevelsReply>("LEVELS_REPLY", "Levels", reply, session_source),
    row<AdvancedReply>("ADVANCED_REPLY", "Who was found", reply, session_source),
    row<AdvancedEnd>("ADVANCED_END", "No more", reply, session_source),
};

constexpr std::array message_client{
    row<SendText>("SEND_TEXT", "Sends a text", message, text_source),
    row<SendToPeer>("SEND_TO_PEER", "Sends something to another client, relayed as it comes", message,
                    text_source),
    row<PushAck<0x0017>>("TEXT_ACK", "It has arrived", silent, text_source),
    row<SendElements>("SEND_ELEMENTS", "Sends a message", message, element_source),
    row<SendOther>("SEND_OTHER", "Sends something to another client, relayed as it comes", message,
                   element_source),
    row<PushAck<0x00CE>>("ELEMENTS_ACK", "It has arrived", silent, element_source),
};

constexpr std::array message_server{
    row<TextTaken>("TEXT_TAKEN", "The server has it", reply, text_source),
    row<TextArrived>("TEXT_ARRIVED", "A text from a friend, or a stranger", push, text_source),
    row<SpacedTextArrived>("SPACED_TEXT_ARRIVED", "A text, as Net::OICQ wants it", push, text_source),
    row<FromPeerArrived>("FROM_PEER_ARRIVED", "Something from another client", push, text_source),
    row<News>("NEWS", "News", push, text_source),
    row<ServerNotice>("SERVER_NOTICE",
                      "The server itself has something to say; also that the session is over", push,
                      text_source),
    row<ElementsTaken>("ELEMENTS_TAKEN", "The server has it", reply, element_source),
    row<ElementsArrived>("ELEMENTS_ARRIVED", "A message from another user", push, element_source),
    row<OtherArrived>("OTHER_ARRIVED", "Something from another client", push, element_source),
};

constexpr std::array qun_client{
    row<SendToQun>("SEND_TO_QUN", "Sends a message to a Qun (2A)", message, element_source),
    row<QunOther>("QUN_OTHER", "Receipts and lists of Qun groups", query(1), element_source),
    row<QunCreate>("QUN_CREATE", "Makes a Qun (01)", change(10), qun_source),
    row<QunMembersChange>("QUN_MEMBERS_CHANGE", "Adds members, or takes them out (02)", change(3),
                          qun_source),
    row<QunRequest<0x04>>("QUN_INFO_REQUEST", "Asks what a Qun is (04)", query(2), qun_source),
    row<QunRequest<0x05>>("QUN_ACTIVATE", "Activates a new Qun (05)", change(1), qun_source),
    row<QunSearch>("QUN_SEARCH", "Searches for a Qun (06)", query(3), qun_source),
    row<QunRequest<0x07>>("QUN_JOIN", "Joins a Qun (07)", change(3), qun_source),
    row<QunAuthorize>("QUN_AUTHORIZE", "Asks to join, or answers somebody (08)", change(3), qun_source),
    row<QunRequest<0x09>>("QUN_QUIT", "Quits a Qun (09)", change(2), qun_source),
    row<QunSend>("QUN_SEND", "Sends a message to a Qun (0A)", message, qun_source),
    row<QunRequest<0x0B>>("QUN_ONLINE_REQUEST", "Asks who is online in a Qun (0B)", query(2), qun_source),
    row<QunCardsRequest>("QUN_CARDS_REQUEST", "Asks who members are (0C)", query(2), qun_source),
    row<QunSendPart>("QUN_SEND_PART", "Sends a message in parts to a Qun (1A)", message, qun_source),
    row<QunRequest<0x1D>>("QUN_DISMISS", "Dismisses a Qun (1D)", change(5), qun_source),
    row<QunUnserved>("QUN_UNSERVED", "Cards, roles, temporary groups", query(1), qun_source),
};

constexpr std::array qun_server{
    row<QunTaken>("QUN_TAKEN", "The server has it (2A)", reply, element_source),
    row<UnservedReply<0x0002, Generation::c>>("QUN_SHORT_ANSWER", "Answers what is not served", reply,
                                              element_source),
    row<QunEvent>(
        "QUN_EVENT",
        "The user was added or removed, somebody asks to join, was let in, or refused (0021 to 0025)", push,
        text_source),
    row<QunText>("QUN_TEXT", "A message in a Qun (002B)", push, text_source),
    row<QunArrived>("QUN_ARRIVED", "A message in a Qun (0052)", push, element_source),
    row<QunCreated>("QUN_CREATED", "A Qun is made (01)", reply, qun_source),
    row<QunDone<0x02>>("QUN_MEMBERS_CHANGED", "The members are changed (02)", reply, qun_source),
    row<QunInfo<1>>("QUN_INFO_0D55", "What a Qun is (04)", reply, qun_source),
    row<QunInfo<4>>("QUN_INFO_A", "What a Qun is (04)", reply, qun_source),
    row<QunInfo<8>>("QUN_INFO_B", "What a Qun is (04)", reply, qun_source),
    row<QunDone<0x05>>("QUN_ACTIVATED", "The Qun is active (05)", reply, qun_source),
    row<QunSearchReply>("QUN_SEARCH_REPLY", "Which were found (06)", reply, qun_source),
    row<QunJoined>("QUN_JOINED", "Whether the user has joined (07)", reply, qun_source),
    row<QunDone<0x08>>("QUN_AUTHORIZED", "The question or the answer is on its way (08)", reply, qun_source),
    row<QunDone<0x09>>("QUN_LEFT", "The user has quit (09)", reply, qun_source),
    row<QunDone<0x0A>>("QUN_SENT", "The server has it (0A)", reply, qun_source),
    row<QunOnline>("QUN_ONLINE", "Who is online in a Qun (0B)", reply, qun_source),
    row<QunCards>("QUN_CARDS", "Who members are (0C)", reply, qun_source),
    row<QunDone<0x1A>>("QUN_PART_SENT", "The server has it (1A)", reply, qun_source),
    row<QunDone<0x1D>>("QUN_DISMISSED", "The Qun is no more (1D)", reply, qun_source),
    row<QunRefused>("QUN_REFUSED", "Refused, or an answer to what is not served", reply, qun_source),
};

constexpr auto a = Generation::a;
constexpr auto c = Generation::c;

constexpr std::array unserved_client{
    unserved<0x0001, c>("Names of groups of friends"),
    unserved<0x002D, a>("Short messages"),
    unserved<0x003E, c>("Remarks"),
    unserved<0x005C, c>("Information and levels"),
    unserved<0x005E, a>("Privacy"),
    unserved<0x0065, a>("Properties"),
    unserved<0x0066, a>("Temporary sessions"),
    unserved<0x0067, a>("Signatures"),
    unserved<0x0067, c>("Signatures"),
    unserved<0x00A6, a>("Weather"),
    unserved<0x00B5, c>("Codes"),
    unserved<0x00B7, a>("Questions"),
    unserved<0x0115, c>("Search"),
    unserved<0x0126, c>("Friends"),
    unserved<0x0134, c>("Lists"),
    unserved<0x0195, c>("Lists"),
    unserved<0x019B, c>("Lists"),
    unserved<0x01A5, c>("Lists"),
    unserved<0x01C4, c>("Lists"),
    unserved<0x01C5, c>("Lists"),
    unserved<0x0319, c>("Receipts"),
    unserved<0x0352, c>("Pictures"),
    unserved<0x0360, c>("Receipts of a Qun"),
    unserved<0x0388, c>("Pictures"),
    unserved<0x0391, c>("Receipts of a Qun"),
    unserved<0x03E3, c>("Likes"),
    unserved<0x03F7, c>("Recalls"),
    unserved<0x03FC, c>("Recalls"),
};

constexpr std::array unserved_server{
    short_answer<0x0001, c>("Names of groups of friends"),
    short_answer<0x002D, a>("Short messages"),
    short_answer<0x003C, c>("Profiles"),
    short_answer<0x003E, c>("Remarks"),
    short_answer<0x005C, c>("Information and levels"),
    short_answer<0x005E, a>("Privacy"),
    short_answer<0x0065, a>("Properties"),
    short_answer<0x0066, a>("Temporary sessions"),
    short_answer<0x0067, a>("Signatures"),
    short_answer<0x0067, c>("Signatures"),
    short_answer<0x00A6, a>("Weather"),
    short_answer<0x00B5, c>("Codes"),
    short_answer<0x00B7, a>("Questions"),
    short_answer<0x0115, c>("Search"),
    short_answer<0x0126, c>("Friends"),
    short_answer<0x0134, c>("Lists"),
    short_answer<0x0195, c>("Lists"),
    short_answer<0x019B, c>("Lists"),
    short_answer<0x01A5, c>("Lists"),
    short_answer<0x01C4, c>("Lists"),
    short_answer<0x01C5, c>("Lists"),
    short_answer<0x0319, c>("Receipts"),
    short_answer<0x0352, c>("Pictures"),
    short_answer<0x0360, c>("Receipts of a Qun"),
    short_answer<0x0388, c>("Pictures"),
    short_answer<0x0391, c>("Receipts of a Qun"),
    short_answer<0x03E3, c>("Likes"),
    short_answer<0x03F7, c>("Recalls"),
    short_answer<0x03FC, c>("Recalls"),
};

constexpr std::array<Subject, 14> all_subjects{{
    {"Log-in, from client to server", login_client},
    {"Log-in, from server to client", login_server},
    {"Session, from client to server", session_client},
    {"Session, from server to client", session_server},
    {"Friends, from client to server", contact_client},
    {"Friends, from server to client", contact_server},
    {"Profiles and search, from client to server", profile_client},
    {"Profiles and search, from server to client", profile_server},
    {"Messages, from client to server", message_client},
    {"Messages, from server to client", message_server},
    {"Qun groups, from client to server", qun_client},
    {"Qun groups, from server to client", qun_server},
    {"Not served, from client to server", unserved_client},
    {"Not served, from server to client", unserved_server},
}};

constexpr std::size_t count_of(Direction direction) {
  std::size_t count = 0;
  for (const Subject& subject : all_subjects)
    if (!subject.messages.empty() && subject.messages.front().row.direction == direction)
      count += subject.messages.size();
  return count;
}

/// All messages of one direction, sorted by command; within a command, what matches anything comes last.
template <Direction D>
constexpr auto sorted = [] {
  std::array<Message, count_of(D)> all;
  std::size_t count = 0;
  for (const Subject& subject : all_subjects)
    for (const Message& one : subject.messages)
      if (one.row.direction == D) all[count++] = one;
  std::ranges::sort(all, [](const Message& left, const Message& right) {
    if (left.row.command != right.row.command) return left.row.command < right.row.command;
    return (left.key.matches == nullptr) < (right.key.matches == nullptr);
  });
  return all;
}();
static_assert(sorted<Direction::client_to_server>.size() == ClientMessages::size);
static_assert(sorted<Direction::server_to_client>.size() == ServerMessages::size);

std::span<const Message> of_command(Direction direction, std::uint16_t command) noexcept {
  const auto find = [&](std::span<const Message> all) -> std::span<const Message> {
    const auto range =
        std::ranges::equal_range(all, command, {}, [](const Message& one) { return one.row.command; });
    return {range.begin(), range.end()};
  };
  if (direction == Direction::client_to_server) return find(sorted<Direction::client_to_server>);
  return find(sorted<Direction::server_to_client>);
}
}  // namespace

std::span<const Subject> subjects() noexcept { return all_subjects; }

const Message* find_message(Direction direction, Version version, std::uint16_t command,
                            Bytes plaintext) noexcept {
  for (const Message& one : of_command(direction, command))
    if (one.key.versions.has(version) && (one.key.matches == nullptr || one.key.matches(plaintext)))
      return &one;
  return nullptr;
}

std::optional<Envelope> envelope_of(Direction direction, Version version, std::uint16_t command) noexcept {
  for (const Message& one : of_command(direction, command))
    if (one.key.versions.has(version)) return one.key.envelope;
  return std::nullopt;
}

}  // namespace uhoh::qq
