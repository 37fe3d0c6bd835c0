#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* text_source = "spec/qq.md 8.1 to 8.3; captures/qq";
constexpr const char* element_source =
    "spec/qq.md 10.1, 10.2; captures/qq/libqq-2227.txt, gopcqq-3639-tcp.txt";
constexpr const char* qun_source = "spec/qq.md 8.5; captures/qq/openq-qq2005.txt, openq-qq2008.txt";
constexpr const char* luma_source = "LumaQQ, ClusterModifyInfoPacket and ClusterCommandReplyPacket (read, not recorded)";
constexpr const char* late_source =
    "clients: libqq group_info.c, group_im.c, group_join.c, qq_network.c; MyQQ3 prot_qun.c, prot_im.c";
constexpr MessageRules message{.acknowledgement = Acknowledgement::after_delivery, .cost = 3};
constexpr MessageRules push{.acknowledgement = Acknowledgement::resend_until_acked};

constexpr std::array qun_client{
    row<SendToQun>("SEND_TO_QUN", "Sends a message to a Qun (2A)", message, element_source),
    row<Late<QunSearch>>("LATE_QUN_SEARCH", "Searches for a Qun (06)", query(3), late_source),
    row<Late<QunAuthorize>>("LATE_QUN_AUTHORIZE", "Asks to join, or answers somebody (08)", change(3), late_source),
    row<Late<QunRequest<0x09>>>("LATE_QUN_QUIT", "Quits a Qun (09)", change(2), late_source),
    row<Late<QunRequest<0x0B>>>("LATE_QUN_ONLINE_REQUEST", "Asks who is online in a Qun (0B)", query(2), late_source),
    row<Late<QunCardsRequest>>("LATE_QUN_CARDS_REQUEST", "Asks who members are (0C)", query(2), late_source),
    row<LateQunNamesRequest>("LATE_QUN_NAMES_REQUEST", "Asks what members are called in a Qun (0F)", query(1),
                             late_source),
    row<Late<QunRequest<0x19>>>("LATE_QUN_JOIN", "Joins a Qun (19)", change(3), late_source),
    row<LateQunListRequest>("LATE_QUN_LIST_REQUEST", "Asks which Qun groups there are (20)", query(2), late_source),
    row<LateQunInfoRequest>("LATE_QUN_INFO_REQUEST", "Asks what a Qun is, and for its members (72)", query(2),
                            late_source),
    row<QunOther>("QUN_OTHER", "Receipts and lists of Qun groups", query(1), element_source),
    row<QunCreate>("QUN_CREATE", "Makes a Qun (01)", change(10), qun_source),
    row<QunMembersChange>("QUN_MEMBERS_CHANGE", "Adds members, or takes them out (02)", change(3),
                          qun_source),
    row<QunChange>("QUN_CHANGE", "Changes what a Qun tells of itself (03)", change(3), luma_source),
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
    row<Late<QunSearchReply>>("LATE_QUN_SEARCH_REPLY", "Which were found (06)", reply, late_source),
    row<Late<QunDone<0x08>>>("LATE_QUN_AUTHORIZED", "The question or the answer is on its way (08)", reply,
                             late_source),
    row<Late<QunDone<0x09>>>("LATE_QUN_LEFT", "The user has quit (09)", reply, late_source),
    row<Late<QunOnline>>("LATE_QUN_ONLINE", "Who is online in a Qun (0B)", reply, late_source),
    row<Late<QunCards>>("LATE_QUN_CARDS", "Who members are (0C)", reply, late_source),
    row<LateQunNames>("LATE_QUN_NAMES", "What members are called in a Qun (0F)", reply, late_source),
    row<Late<QunDone<0x19>>>("LATE_QUN_JOINED", "The user has joined (19)", reply, late_source),
    row<LateQunList>("LATE_QUN_LIST", "The user's Qun groups (20)", reply, late_source),
    row<LateQunInfo<Version::v1e0d>>("LATE_QUN_INFO_1E0D", "What a Qun is (72)", reply, late_source),
    row<LateQunInfo<Version::v2227>>("LATE_QUN_INFO_2227", "What a Qun is (72)", reply, late_source),
    row<LateQunMembers<Version::v1e0d>>("LATE_QUN_MEMBERS_1E0D", "More members of a Qun (72)", reply, late_source),
    row<LateQunMembers<Version::v2227>>("LATE_QUN_MEMBERS_2227", "More members of a Qun (72)", reply, late_source),
    row<LateQunRefused>("LATE_QUN_REFUSED", "Refused", reply, late_source),
    row<UnservedReply<0x0002, Generation::c>>("QUN_SHORT_ANSWER", "Answers what is not served", reply,
                                              element_source),
    row<QunEvent>(
        "QUN_EVENT",
        "The user was added or removed, somebody asks to join, was let in, or refused (0021 to 0025)", push,
        text_source),
    row<QunText>("QUN_TEXT", "A message in a Qun (002B)", push, text_source),
    row<LateQunArrived>("LATE_QUN_ARRIVED", "A message in a Qun (0052)", push, late_source),
    row<QunArrived>("QUN_ARRIVED", "A message in a Qun (0052)", push, element_source),
    row<QunCreated>("QUN_CREATED", "A Qun is made (01)", reply, qun_source),
    row<QunDone<0x02>>("QUN_MEMBERS_CHANGED", "The members are changed (02)", reply, qun_source),
    row<QunDone<0x03>>("QUN_CHANGED", "The Qun tells something else of itself now (03)", reply, luma_source),
    row<QunInfo<1>>("QUN_INFO_0D55", "What a Qun is (04)", reply, qun_source),
    row<QunInfo<4>>("QUN_INFO_A", "What a Qun is (04)", reply, qun_source),
    row<QunInfo<8>>("QUN_INFO_B", "What a Qun is (04)", reply, qun_source),
    row<QunDone<0x05>>("QUN_ACTIVATED", "The Qun is active (05)", reply, qun_source),
    row<QunSearchReply>("QUN_SEARCH_REPLY", "Which were found (06)", reply, qun_source),
    row<QunSearchReplyA2>("QUN_SEARCH_REPLY_A2", "Which were found (06)", reply, "source of LumaQQ 2006"),
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
}  // namespace

std::span<const Message> qun_client_rows() noexcept { return qun_client; }
std::span<const Message> qun_server_rows() noexcept { return qun_server; }

}  // namespace uhoh::qq::catalogue
