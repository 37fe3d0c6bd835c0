#include "dialect/icq/reference.hpp"

#include <array>

#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::icq {

namespace {
constexpr const char* introduction =
    R"(<!-- Made by `uhoh-dump --reference icq`. Change the tables in src/dialect/icq, then make this page again. -->

Every message of ICQ v2 over UDP, as this project reads and writes it. Numbers are little endian, addresses are in
network order, offsets count from the start of the datagram.

A client's datagram begins with VERSION (2 bytes, `02 00`), COMMAND (2), SEQ_NUM (2) and UIN (4): 10 bytes. 03FC and
04EC have no UIN: 6 bytes. 03F2 has a number of its own before the UIN; its 6 bytes are followed by both. The
server's begins with VERSION, COMMAND and SEQ_NUM: 6 bytes.

The forms of fields:

| form | on the wire |
|---|---|
| byte, u16, u32 | 1, 2, 4 bytes, little endian |
| uin | an account number, 4 bytes, little endian |
| ip4 | an IPv4 address, 4 bytes in network order |
| str | LEN (2 bytes, counts the NUL), the text, a NUL. When reading, LEN may leave the NUL out |
| bytes | everything up to the end |
| list of u32 | a count, then numbers up to the end. The length alone decides whether the count has one byte or two; the count itself is ignored. Written with one byte, 255 at most |

A field that "may be missing" is there if bytes remain. Bytes after the last field are ignored.)";
}  // namespace

std::string reference(const wire::TestPlaces& tests) {
  const std::array chapters{
      wire::ReferenceChapter{"From client to server", v2_client_messages(), client_header_size,
                             &header_size_of},
      wire::ReferenceChapter{"From server to client", v2_server_messages(), short_header_size, nullptr},
  };
  return wire::markdown_reference("ICQ v2", introduction, chapters, tests);
}

}  // namespace uhoh::icq
