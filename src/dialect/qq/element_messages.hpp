#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"
#include "dialect/qq/text_messages.hpp"

/// Messages of C and D: 00CD to the server, 00CE from it, and the same to Qun groups: a font, then elements.
///
/// Source: spec/qq.md 10.1, 10.2; captures/qq/libqq-2227.txt, gopcqq-3639-tcp.txt.
namespace uhoh::qq {

/// One piece of a message.
struct Element {
  /// Its types.
  static constexpr std::uint8_t text = 0x01, face = 0x02, group_picture = 0x03, picture = 0x06, filler = 0x0E;
  std::uint8_t type = text;
  Bytes content;
  static constexpr auto fields() {
    return std::tuple{
        field<U8>(&Element::type, "TYPE", "01 text, 02 smiley, 03 picture in a Qun, 06 picture, others")
            .hex(),
        field<Data16>(&Element::content, "CONTENT", "a type (01: UTF-8), length (2), value")};
  }
};

/// A message: its font, then its elements.
struct RichText {
  static constexpr std::array<std::uint8_t, 8> usual_mark{'M', 'S', 'G', 0, 0, 0, 0, 0};
  Bytes mark{usual_mark};
  std::uint32_t time = 0;
  std::uint32_t random = 0;
  std::uint8_t zero = 0;
  Bytes color;
  std::uint8_t size = 10;
  std::uint8_t attributes = 0;
  std::uint16_t charset = 0x8600;
  std::string_view font;
  std::uint16_t zero_2 = 0;
  wire::RecordList<Element> elements;
  static constexpr auto fields() {
    using M = RichText;
    return std::tuple{field<Raw<8>>(&M::mark, "MARK", "MSG and zeros"),
                      field<U32>(&M::time, "TEXT_TIME", "in Unix seconds"),
                      field<U32>(&M::random, "RANDOM", "anything").hex(),
                      field<U8>(&M::zero, "ZERO", "0"),
                      field<Raw<3>>(&M::color, "COLOR", "of the text"),
                      field<U8>(&M::size, "SIZE", "of the font"),
                      field<U8>(&M::attributes, "ATTRIBUTES", "01 bold, 02 italic, 04 underlined").hex(),
                      field<U16>(&M::charset, "CHARSET", "8600, or 8622").hex(),
                      field<Str16>(&M::font, "FONT", "its name"),
                      field<U16>(&M::zero_2, "ZERO_2", "0"),
                      field<Repeated<Element>>(&M::elements, "ELEMENTS", "what it says")};
  }
};

/// The small tagged values before a message.
inline constexpr std::array<std::uint8_t, 8> usual_preamble{0x00, 0x01, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00};

/// 00CD/000B: sends a message.
struct SendElements {
  static constexpr std::uint16_t command = 0x00CD;
  static constexpr bool from_client = true;
  /// The subtype stands behind the preamble, whose length comes first.
  [[nodiscard]] static constexpr bool is_text(Bytes plaintext) noexcept {
    constexpr std::size_t before_preamble = 12;
    constexpr std::size_t between = 26;
    if (plaintext.size() < before_preamble) return false;
    const std::size_t preamble = wire::Reader{plaintext.subspan(8, 4)}.u32be();
    if (preamble > plaintext.size()) return false;
    return word_is<between, 0x000B>(
        plaintext.subspan(std::min(before_preamble + preamble, plaintext.size())));
  }
  static constexpr Key key{gen_cd, Envelope::sealed, &is_text};
  Uin from;
  Uin to;
  Bytes preamble{usual_preamble};
  PeerHeader peer;
  TextHeader header;
  Fragment fragment;
  RichText text;
  static constexpr auto fields() {
    using M = SendElements;
    return std::tuple{field<Number>(&M::from, "FROM", "who sends it"),
                      field<Number>(&M::to, "TO", "to whom"),
                      field<Data32>(&M::preamble, "PREAMBLE", "8 or 13 bytes"),
                      group(&M::peer),
                      group(&M::header),
                      group(&M::fragment),
                      group(&M::text)};
  }
};

/// 00CD with another subtype: 00AF shakes the window.
struct SendOther {
  static constexpr std::uint16_t command = 0x00CD;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_cd};
  Uin from;
  Uin to;
  Bytes preamble{usual_preamble};
  PeerHeader peer;
  Bytes content;
  static constexpr auto fields() {
    using M = SendOther;
    return std::tuple{field<Number>(&M::from, "FROM", "who sends it"), field<Number>(&M::to, "TO", "to whom"),
                      field<Data32>(&M::preamble, "PREAMBLE", "8 or 13 bytes"), group(&M::peer),
                      field<Rest>(&M::content, "CONTENT", "between the two clients").secret()};
  }
};

/// 00CD: taken.
struct ElementsTaken {
  static constexpr std::uint16_t command = 0x00CD;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_cd};
  std::uint8_t result = 0;
  Bytes more{detail::zeros<3>};
  static constexpr auto fields() {
    return std::tuple{field<U8>(&ElementsTaken::result, "RESULT", "0: well"),
                      field<Rest>(&ElementsTaken::more, "MORE", "three zeros")};
  }
};

/// 00CE: a message from another user.
struct ElementsArrived {
  static constexpr std::uint16_t command = 0x00CE;
  static constexpr bool from_client = false;
  [[nodiscard]] static constexpr bool is_text(Bytes plaintext) noexcept {
    constexpr std::size_t added = 12;  // what 00CE has more than 00CD before the preamble
    return plaintext.size() > added && SendElements::is_text(plaintext.subspan(added));
  }
  static constexpr Key key{gen_cd, Envelope::sealed, &is_text};
  PushHeader push;
  PushKind kind{8000, 0x00A6};
  Bytes preamble{usual_preamble};
  PeerHeader peer;
  TextHeader header;
  Fragment fragment;
  RichText text;
  static constexpr auto fields() {
    using M = ElementsArrived;
    return std::tuple{
        group(&M::push), group(&M::kind),   field<Data32>(&M::preamble, "PREAMBLE", "8 or 13 bytes"),
        group(&M::peer), group(&M::header), group(&M::fragment),
        group(&M::text)};
  }
};

/// 00CE with another subtype, as the other client sent it.
struct OtherArrived {
  static constexpr std::uint16_t command = 0x00CE;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_cd};
  PushHeader push;
  PushKind kind{8000, 0x00A6};
  Bytes preamble{usual_preamble};
  PeerHeader peer;
  Bytes content;
  static constexpr auto fields() {
    using M = OtherArrived;
    return std::tuple{group(&M::push), group(&M::kind),
                      field<Data32>(&M::preamble, "PREAMBLE", "8 or 13 bytes"), group(&M::peer),
                      field<Rest>(&M::content, "CONTENT", "between the two clients").secret()};
  }
};

/// 0002/2A in C and D: sends a message to a Qun.
struct SendToQun {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_cd, Envelope::sealed, &byte_is<0, 0x2A>};
  std::uint8_t sub = 0x2A;
  Uin qun;
  std::uint16_t length = 0;
  std::uint16_t one = 1;
  std::uint8_t count = 1;
  std::uint8_t index = 0;
  std::uint16_t id = 0;
  std::uint32_t zero = 0;
  RichText text;
  static constexpr auto fields() {
    using M = SendToQun;
    return std::tuple{field<U8>(&M::sub, "SUB", "2A").hex(),
                      field<Number>(&M::qun, "QUN", "which, also shifted"),
                      field<U16>(&M::length, "LENGTH", "of what follows"),
                      field<U16>(&M::one, "ONE", "1"),
                      field<U8>(&M::count, "PARTS", "how many there are"),
                      field<U8>(&M::index, "PART", "which this is, from 0"),
                      field<U16>(&M::id, "MESSAGE_ID", "the same in all parts"),
                      field<U32>(&M::zero, "ZERO", "0"),
                      group(&M::text)};
  }
};

/// 0002 in C and D with another sub-command: receipts and lists of Qun groups.
struct QunOther {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_cd};
  Bytes content;
  static constexpr auto fields() {
    return std::tuple{
        field<Rest>(&QunOther::content, "CONTENT", "29 receipt, others; libqq sends nothing at all")};
  }
};

/// 0002/2A in C and D: taken.
struct QunTaken {
  static constexpr std::uint16_t command = 0x0002;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_cd, Envelope::sealed, &byte_is<0, 0x2A>};
  std::uint8_t sub = 0x2A;
  std::uint8_t result = 0;
  Uin qun;
  static constexpr auto fields() {
    using M = QunTaken;
    return std::tuple{field<U8>(&M::sub, "SUB", "2A").hex(), field<U8>(&M::result, "RESULT", "0: well"),
                      field<Number>(&M::qun, "QUN", "as asked")};
  }
};

/// 0017/0052 in D: a message in a Qun.
struct QunArrived {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_d, Envelope::sealed, &word_is<18, 0x0052>};
  static constexpr std::array<std::uint8_t, 11> usual_mark{'M', 'S', 'G'};
  PushHeader push;
  PushKind kind{8000, 0x0052};
  Bytes preamble{usual_preamble};
  Uin qun;
  std::uint8_t one = 1;
  Uin sender;
  std::uint32_t index = 0;
  std::uint32_t time = 0;
  Bytes x1;
  std::uint8_t count = 1;
  std::uint8_t part = 0;
  std::uint16_t id = 0;
  std::uint8_t one_2 = 1;
  Bytes mark{usual_mark};
  std::uint32_t sent = 0;
  std::uint32_t message_id = 0;
  std::uint8_t zero = 0;
  Bytes color;
  std::uint8_t size = 10;
  std::uint8_t attributes = 0;
  std::uint16_t charset = 0x8600;
  std::string_view font;
  std::uint16_t zero_2 = 0;
  wire::RecordList<Element> elements;
  Bytes trailer;
  static constexpr auto fields() {
    using M = QunArrived;
    return std::tuple{group(&M::push),
                      group(&M::kind),
                      field<Data32>(&M::preamble, "PREAMBLE", "8 bytes"),
                      field<Number>(&M::qun, "QUN", "its number"),
                      field<U8>(&M::one, "ONE", "1"),
                      field<Number>(&M::sender, "SENDER", "who sends it"),
                      field<U32>(&M::index, "INDEX", "the server's count"),
                      field<U32>(&M::time, "TIME", "in Unix seconds"),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      field<U8>(&M::count, "PARTS", "how many there are"),
                      field<U8>(&M::part, "PART", "which this is, from 0"),
                      field<U16>(&M::id, "MESSAGE_ID", "the same in all parts"),
                      field<U8>(&M::one_2, "ONE_2", "1"),
                      field<Raw<11>>(&M::mark, "MARK", "MSG and zeros"),
                      field<U32>(&M::sent, "SENT", "in Unix seconds"),
                      field<U32>(&M::message_id, "ID", "the server's count"),
                      field<U8>(&M::zero, "ZERO", "0"),
                      field<Raw<3>>(&M::color, "COLOR", "of the text"),
                      field<U8>(&M::size, "SIZE", "of the font"),
                      field<U8>(&M::attributes, "ATTRIBUTES", "as in 00CD").hex(),
                      field<U16>(&M::charset, "CHARSET", "8600").hex(),
                      field<Str16>(&M::font, "FONT", "its name"),
                      field<U16>(&M::zero_2, "ZERO_2", "0"),
                      field<WholeRecords<Element>>(&M::elements, "ELEMENTS", "what it says"),
                      field<Rest>(&M::trailer, "TRAILER",
                                  "looks like an element that is cut; ends with the sender's nick")};
  }
};

}  // namespace uhoh::qq
