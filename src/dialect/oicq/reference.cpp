#include "dialect/oicq/reference.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/frame.hpp"
#include "dialect/oicq/frame_writer.hpp"
#include "dialect/oicq/profile_numbers.hpp"
#include "dialect/oicq/server_messages.hpp"

namespace uhoh::oicq {

namespace {
constexpr const char* introduction =
    R"(<!-- Made by `uhoh-dump --reference oicq`. Change the tables in src/dialect/oicq, then make this page again. -->

The classic protocol between OICQ users and the OICQ server, as this project reads and writes it: all 22 types of a
client, all 20 of the server, and 0F, an addition that makes frames acknowledged. Two documents name the types and their
fields (sources/001 complete, sources/000 from client to server); what they leave open is decided here. A client can be
written from this page alone.

## Frames

| bytes | what |
|---|---|
| 1 | 81 |
| 1 | the sender's kind of program |
| 1 | the receiver's kind of program |
| 1 | the type |
| 4 | the length of the content, big endian; these 8 bytes do not count |
| | the content |

A client writes `81 0A 01`, the server `81 01 0A`. The documents' kinds of programs: 01 OICQ server, 02 fax server,
03 web server, 04 print server, 05 chat server, 0A OICQ user. A frame for a program that does not run here is refused
with a system message.

The letters are the documents':

| letter | on the wire |
|---|---|
| T | 1 byte |
| M | 2 bytes, big endian |
| L | 4 bytes, big endian |
| S | a text: its length as M, then that many bytes in the account's charset (GB18030 unless it was set otherwise), no NUL |
| B | the rest of the frame |
| T, then records | a count, then that many times the fields that stand below it as LIST[].FIELD |

A field that "may be missing" is either there with all that follow it in its group, or the frame ends before it. A content
must end with its last field: a shorter or a longer one is refused. Offsets count from the start of the frame.

## Transports

Port 8001, UDP and TCP.

- Over UDP one frame is one datagram, to the server of at most 8,192 bytes: longer ones are not heard. The server's are
  smaller than 1,400 bytes: lists that do not fit are shortened or go on, as it stands at each type. A session belongs to
  the address and port that logged in; from another address nothing is answered but what a stranger may send.
- Over TCP frames follow one another without anything between them; they may come in pieces or several at once. A session
  belongs to its connection and ends with it. What can not be framed any more (no 81, a kind of program that does not
  exist, a length over 65,535) closes the connection.
- A session also ends after 300 seconds in silence: send 16 every two minutes.
- A second log-in with the same number ends the first session, which is told so by a system message and by 10 with
  STATE 4.

## A session

1. Without a number: 01, answered by 01 with the new number. Registration may be closed; then SUCCESS is 0.
2. 02, answered by 02: groups and friends with their states. Over UDP, and within 0F, what does not fit goes on as
   0C frames, one for each friend left out; all groups are in 02. Wrong number or password: SUCCESS 0 and nothing more.
3. Messages that were kept come as 03, in the order in which they were accepted; from then on live ones. Friends' changes
   of state come as 15.
4. 10 with STATE 4 logs off; so does closing the connection.

Before the log-in only 01, 02, 16 and a hello within 0F are legal. Over TCP anything else is answered by a system message,
over UDP by 10 with STATE 4 (or, where it is broken or unknown, by nothing): a client that hears this while it believes to
be logged in logs in again. A bare 16 is answered also without a session, and so does not tell whether
there is one; within 0F it is answered by 10 with STATE 4 then.

The number with which a content begins must be the session's own, otherwise the frame is refused. What is refused is
answered by a system message: 03 with FLAG 1, NUMBER 0, and a sentence in English; it says what was wrong and where. A
request that was understood is answered by its own reply.

## States

1 online, 2 hidden, 3 do not disturb, 4 offline. Hidden is offline for everybody else: in lists, in searches, when being
added, offered a file, or written to. 2 is told to its owner alone. Friends who use other programs appear with the nearest
state: away is 1, occupied is 3.

## Friends and groups

A friend is in exactly one group. Groups have the numbers 1 to 255; 1 always exists, is called "friends" until it is
renamed, and can not be deleted. A new group gets the lowest free number. Deleting a group moves its friends to group 1.
A group holds at most 255 friends: whoever comes after them lies in a further group of the same name, and nobody can be
moved into a full one. Names are shown up to 60 bytes. 04 writes the group as L: values above 255 fail.

Being somebody's friend is not mutual. Who may add an account says its AUTHENTICATION: 0 anyone, 1 must ask, 2 nobody.

| wish | answer | what the other hears |
|---|---|---|
| 0C, other has 0 | 0B flag 1, then 0C with the friend | 03 info type 1 |
| 0C, other has 1 and is online | 0B flag 2: ask with 0D | |
| 0C, other has 1 and is offline or hidden | 0B flag 4: ask with 0D, which is kept for him | |
| 0C, other has 2 | 0B flag 3 | |
| 0C, no such number, or the database failed | 0B flag 0 | |
| 0D | | 03 flag 1 info type 2, text = reason; kept when he is offline |
| 17 with AGREE 1 | | 03 info type 3, and 0C with the new friend |
| 17 with AGREE 0 | | 03 info type 4 |
| 0E | 0E | |

0C of the server goes only to a user whose own list has gained somebody.

## Messages

03 and 04 are delivered as 03 with flag 2; whoever is offline gets them when he logs in. 04 is as many messages as the
group has friends. A text of more than 5,700 bytes is refused, since not every program could be given all of it. A text
that no frame holds comes as several 03, cut at a line end, a space, or at least between two characters; together they
are the text.

## 0F: acknowledged frames

The documents have no sequence numbers, so nothing can be both repeated and recognised. 0F adds that, in both directions,
over UDP and TCP. It is optional: a client that never sends 0F gets the protocol of the documents.

`NUMBER L, KIND T, CLIENT_ID L, SEQUENCE L, INNER B`

- The client chooses a random CLIENT_ID once and keeps it, and the SEQUENCE it has come to, over log-ins. NUMBER is
  the account's; 0 only in a hello and around 01. The inner frame names the same number, and is no 0F itself.
- KIND 3, hello, asks whether the server knows 0F; it is answered by a hello with the same fields, at any time, to anybody.
  A server that does not answer a hello (sent three times, 3 seconds apart) speaks the protocol of the documents only.
- KIND 1, data, holds a whole frame with its own header. The client wraps the log-in; a session that was opened by a
  wrapped 02 gets everything wrapped but 14. From then on it wraps what it sends, but for 15 and 16, which may come bare.
- KIND 2 acknowledges the data with the same CLIENT_ID and SEQUENCE; it has no inner frame. The server acknowledges a
  request when what it asks for is committed or refused; the reply is data of its own and comes after that.
- What is not acknowledged is sent again after 3, 6, 12, 24 and 48 seconds, with the same SEQUENCE; then the connection is
  lost (96 seconds later, the server ends the session). At most 8 frames are in flight to a client.
- Repeats are recognised by (NUMBER, CLIENT_ID, SEQUENCE) and the content, on both sides: a request in progress is not
  carried out again, a finished one is acknowledged again and its reply, kept for 180 seconds, is sent again. A message
  is recognised until ten minutes after its delivery, also after a crash of the server.
- The server's own SEQUENCE begins anywhere with each log-in and rises by one for each data. It orders nothing: frames
  that overtake each other over UDP are carried out as they come. A client remembers the last 1,024 numbers.
- Until the log-in has succeeded replies come bare (01, and 02 with SUCCESS 0): the client repeats 01 and 02 until it has
  the reply, not only the acknowledgement.
- A request within 0F that is refused with a system message is acknowledged: it need not come again. One that the server
  could not take just now is not; it is to be sent again.

## What is promised

| | within 0F | as in the documents |
|---|---|---|
| a message of the client | acknowledged means safe: it is stored, or the recipient has acknowledged it, or it was refused; sent again with the same SEQUENCE it is delivered once, also across a crash | over TCP: 16 sent behind it is answered when everything before it has been committed or refused. Over UDP: nothing tells |
| a message to the client | kept and sent again until it is acknowledged, over log-ins too; shown twice only when a session ended without the acknowledgement of what had been shown, and after a crash between the two | over TCP it counts as delivered when its TCP has acknowledged the bytes, over UDP when it was sent. What is lost after that is lost, and counted by the server as unconfirmed |
| order between two users | as accepted | over TCP as accepted; over UDP as the network has it |
| the same request twice | carried out once | carried out twice |

## Who is online, and search

0A asks for a page of those who are online, beyond START, towards smaller or larger numbers; 09 holds at most COUNT of
them, and no more than fit into one frame: ask on from the last number until a page is empty. 0B answers with at most 50,
in several 0A frames where one does not hold them. Hidden users never appear.

The text of 0B is not executed. It is a condition, bare or in a SELECT whose other parts say nothing:

```
query      = [ SELECT anything [ FROM anything ] WHERE ] condition [ LIMIT n ] [ ; ]
condition  = all { OR all }            all = part { AND part }
part       = NOT part | ( condition ) | comparison
comparison = field ( = | <> | < | <= | > | >= ) value
           | field [ NOT ] ( LIKE 'text' | BETWEEN value AND value | IN ( value { , value } ) )
```

| field | also | value |
|---|---|---|
| number | 号码 | number |
| nickname | 昵称 | text |
| sex | 性别 | 0, 1, or '男', '女', 'male', 'female' |
| age | 年龄 | number |
| country | 国家 | number as in a profile |
| province | 省 | number as in a profile, or its name |
| city | 市 | text |
| education | 学历 | number |
| school | 毕业院校 | text |
| occupation | 职业 | number |
| hobbies | 爱好 | text |
| online | 在线 | 1 or 0 |

Words in capitals may be written in any case. Numbers are whole and not negative; texts stand in single quotes, and two
quotes within one stand for one. Texts are compared without regard to case; in LIKE `%` stands for any characters and `_`
for one. What somebody has not entered satisfies no comparison. Parentheses may stand 32 deep; 512 comparisons are the most.
Anything else: 0A with SUCCESS 0, and a system message that names the character at which the text stopped making sense.
`SELECT * FROM users WHERE 性别 = 1 AND 年龄 BETWEEN 18 AND 25 LIMIT 10` finds ten young women.

## Files

Files go through the server, over TCP on both sides; it keeps nothing of them. 13 offers one, the other gets 12; one open
offer for each pair in each direction, a second is refused. 14 answers, the offerer gets 13. After ALLOW 1 the offerer sends
the content as 15, in order, in parts of any size that a frame holds; the other gets the parts, cut anew perhaps, as 14.
The file is complete when FILE_LENGTH bytes have come; more are refused. At most 256 KiB wait in the server; when the
recipient does not read, the sender isn't read; after 30 seconds of that the transfer ends with 13, ALLOW 0, and a system
message to both. 14 with ALLOW 0 ends it early; so does the end of either session. To somebody who is offline, or hidden,
nothing can be offered.

## Monitoring

11 is for accounts to which the administrator gave the role of a monitor, which is off by default; everyone else gets a
system message that it is refused. It begins, and sent again ends, the copying of a user's messages. The user is told at its
beginning, at its end, and at each log-in while it lasts; every use stands in the server's audit log. Copies come as 03 with
FLAG 1, their text begins with both numbers: `10001 -> 10002: `.

## Numbers in a profile

The documents give no lists; these are this project's.

- SEX: 0 male, 1 female, 255 not told.
- PORTRAIT: which picture a client shows; 02 has room for its low byte only.
- COUNTRY: 0 not entered; otherwise the international telephone prefix (86 China, 1 North America, 7 Russia), and for those
  over 255 a number of its own: {countries}.
- PROVINCE: 0 not entered; {provinces}. Other numbers are kept as they are.
- EDUCATION, OCCUPATION: 0 not entered; the server keeps the others as they are. Suggested: 1 primary school, 2 junior
  middle school, 3 senior middle school, 4 vocational school, 5 college, 6 bachelor, 7 master, 8 doctor; and 1 pupil or
  student, 2 teacher, 3 employee, 4 civil servant, 5 worker, 6 farmer, 7 self-employed, 8 soldier, 9 retired, 255 other.
- AUTHENTICATION: see Friends and groups.

## Limits

| what | limit |
|---|---|
| content of a frame | 65,535 bytes |
| frame of the server over UDP, or within 0F | 1,399 bytes |
| text of a message | 5,700 bytes |
| results of a search | 50 |
| groups, friends listed in one | 255 |
| profile over UDP or within 0F | cut so that it fits one frame |

In what follows, "acknowledged" and "repeats" are about frames within 0F.)";

std::string full_introduction() {
  std::string countries;
  for (unsigned country = first_long_country; country <= 0xFF; ++country) {
    const unsigned prefix = country_prefix(static_cast<std::uint8_t>(country));
    if (prefix == country) break;
    fmt::format_to(std::back_inserter(countries), "{}{} for {}", countries.empty() ? "" : ", ", country,
                   prefix);
  }
  std::string provinces;
  for (unsigned province = 1; province <= province_count; ++province)
    fmt::format_to(std::back_inserter(provinces), "{}{} {}", provinces.empty() ? "" : ", ", province,
                   province_name(static_cast<std::uint8_t>(province)));
  std::string text = introduction;
  text.replace(text.find("{countries}"), 11, countries);
  text.replace(text.find("{provinces}"), 11, provinces);
  return text;
}
}  // namespace

std::string reference(const wire::TestPlaces& tests) {
  const std::array chapters{
      wire::ReferenceChapter{.title = "From client to server",
                             .messages = client_messages(),
                             .header_size = header_size,
                             .command_digits = 2},
      wire::ReferenceChapter{.title = "From server to client",
                             .messages = server_messages(),
                             .header_size = header_size,
                             .command_digits = 2},
  };
  return wire::markdown_reference("OICQ", full_introduction(), chapters, tests);
}

}  // namespace uhoh::oicq
