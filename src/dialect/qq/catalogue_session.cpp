#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* exchange_source = "spec/qq.md 9; captures/qq/libqq-2227.txt";
constexpr const char* session_source = "spec/qq.md 7, 9, 10; captures/qq";
constexpr MessageRules keepalive{
    .acknowledgement = Acknowledgement::at_once, .cost = 1, .check_duplicate = false};
/// Is not answered.
constexpr MessageRules silent{.acknowledgement = Acknowledgement::none, .cost = 1, .check_duplicate = false};

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
}  // namespace

std::span<const Message> session_client_rows() noexcept { return session_client; }
std::span<const Message> session_server_rows() noexcept { return session_server; }

}  // namespace uhoh::qq::catalogue
