#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* unread_source = "spec/qq.md 7, 10.3 (names only)";

template <std::uint16_t Command, Generation From>
constexpr Message unserved(const char* title) {
  return row<UnservedRequest<Command, From>>("UNSERVED", title, query(1), unread_source);
}
template <std::uint16_t Command, Generation From>
constexpr Message short_answer(const char* title) {
  return row<UnservedReply<Command, From>>("SHORT_ANSWER", title, reply, unread_source);
}

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
}  // namespace

std::span<const Message> unserved_client_rows() noexcept { return unserved_client; }
std::span<const Message> unserved_server_rows() noexcept { return unserved_server; }

}  // namespace uhoh::qq::catalogue
