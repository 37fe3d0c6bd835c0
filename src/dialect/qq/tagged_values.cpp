#include "dialect/qq/tagged_values.hpp"

#include <array>

namespace uhoh::qq::tagged {

namespace {
using wire::Direction;

constexpr const char* source = "spec/qq.md 10; captures/qq/gopcqq-3639-tcp.txt";

template <class V>
constexpr wire::MessageRow value(const char* name, const char* title, Direction direction) {
  return wire::row<V>(name, title, direction, {}, source);
}

constexpr auto from_client = Direction::client_to_server;
constexpr auto from_server = Direction::server_to_client;

constexpr std::array table{
    value<Account>("ACCOUNT", "The account that will log in", from_client),
    value<OwnNumber>("NUMBER", "The number that logs in", from_client),
    value<Proof>("PROOF", "The proof of the password", from_client),
    value<SessionTicket>("SESSION_TICKET", "The ticket for a session", from_client),
    value<QrKey>("QR_KEY", "The key of 0819", from_server),
    value<Redirection>("REDIRECTION", "Another server", from_server),
    value<Unread<0x0015>>("COMPUTER", "What the client's computer is", from_client),
    value<Seen>("SEEN", "Where the client is seen, and the time", from_server),
    value<Ping>("PING", "Who asks", from_client),
    value<AnonymousPing>("ANONYMOUS_PING", "Who asks, without a number", from_client),
    value<Unread<0x001A>>("SEALED_COMPUTER", "0015 under the ticket key", from_client),
    value<Unread<0x001F>>("DEVICE", "Unknown", from_client),
    value<Unread<0x002D>>("INNER_ADDRESS", "The client's own address", from_client),
    value<QrTicket>("QR_TICKET", "The ticket of 0819", from_server),
    value<Unread<0x0036>>("LOG_IN_REASON", "Unknown", from_client),
    value<Refusal>("REFUSAL", "Why a log-in was refused", from_server),
    value<Unread<0x0102>>("OFFICIAL", "Unknown", from_client),
    value<Identity>("IDENTITY", "A short identity", from_client),
    value<Unread<0x0105>>("PICTURE_TOKENS", "Unknown", from_client),
    value<Tickets>("TICKETS", "The ticket for a session, and more", from_server),
    value<OwnCard>("OWN_CARD", "The own nick", from_server),
    value<SessionKeys>("SESSION_KEYS", "The key and the ticket of 0828", from_server),
    value<Unread<0x010B>>("CLIENT_DIGEST", "Unknown", from_client),
    value<Session>("SESSION", "The session", from_server),
    value<Token>("TOKEN", "The token of 0825, which goes into 0836", from_server),
    value<PublicKey>("PUBLIC_KEY", "The client's public key", from_client),
    value<Unread<0x020D>>("INNER_ADDRESS_2", "The client's own address", from_client),
    value<QrCode>("QR_CODE", "Names the picture", from_server),
    value<QrImage>("QR_IMAGE", "The picture", from_server),
    value<QrProof>("QR_PROOF", "The ticket of a confirmed QR log-in, in the place of 0006", from_server),
    value<TicketKey>("TICKET_KEY", "The key that opens the answer to 0836", from_server),
    value<Unread<0x0305>>("PICTURE_SIZE", "Which picture is wanted", from_client),
    value<Unread<0x0309>>("PREVIOUS_SERVERS", "Which servers sent the client on", from_client),
    value<ComputerName>("COMPUTER_NAME", "The name of the client's computer", from_client),
    value<ServerAddress>("SERVER_ADDRESS", "The server's address", from_server),
    value<Unread<0x0312>>("MISCELLANEOUS", "Unknown", from_client),
    value<Unread<0x0313>>("DEVICE_DIGEST", "Unknown", from_client),
    value<Unread<0x0508>>("FILLER", "Fills the place before the session", from_server),
    value<Unread<0x0511>>("UNKNOWN", "Unknown", from_client),
    value<Unread<0x0551>>("UNKNOWN", "Unknown", from_client),
};
static_assert(wire::MessageSet{table}.is_sorted());
}  // namespace

wire::MessageSet values() noexcept { return wire::MessageSet{table}; }

}  // namespace uhoh::qq::tagged
