#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* text_source = "spec/qq.md 8.1 to 8.3; captures/qq";
constexpr const char* element_source =
    "spec/qq.md 10.1, 10.2; captures/qq/libqq-2227.txt, gopcqq-3639-tcp.txt";
constexpr MessageRules message{.acknowledgement = Acknowledgement::after_delivery, .cost = 3};
/// Is not answered.
constexpr MessageRules silent{.acknowledgement = Acknowledgement::none, .cost = 1, .check_duplicate = false};
constexpr MessageRules push{.acknowledgement = Acknowledgement::resend_until_acked};

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
                      "spec/qq.md 8.3; sources of openq and LumaQQ 2006"),
    row<ServerNoticeC>("SERVER_NOTICE_C",
                       "The server itself has something to say; also that the session is over", push,
                       "source of libqq"),
    row<ElementsTaken>("ELEMENTS_TAKEN", "The server has it", reply, element_source),
    row<ElementsArrived>("ELEMENTS_ARRIVED", "A message from another user", push, element_source),
    row<OtherArrived>("OTHER_ARRIVED", "Something from another client", push, element_source),
};
}  // namespace

std::span<const Message> message_client_rows() noexcept { return message_client; }
std::span<const Message> message_server_rows() noexcept { return message_server; }

}  // namespace uhoh::qq::catalogue
