#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "dialect/qq/field_kinds.hpp"
#include "dialect/qq/message_key.hpp"

/// Messages between users in A and B: 0016 to the server, 0017 from it, which is 0016 with a new beginning.
///
/// Source: spec/qq.md 8.1 to 8.3, 8.6; captures/qq.
namespace uhoh::qq {

/// What every message between two users holds behind the server's part: 28 bytes.
struct PeerHeader {
  std::uint16_t version = 0;
  Uin from;
  Uin to;
  Bytes session_digest;
  std::uint16_t subtype = 0x000B;
  static constexpr auto fields() {
    using M = PeerHeader;
    return std::tuple{
        field<U16>(&M::version, "SENDER_VERSION", "word of the sender's client").hex(),
        field<Number>(&M::from, "SENDER", "who sends it"), field<Number>(&M::to, "RECEIVER", "to whom"),
        field<Raw<16>>(&M::session_digest, "SESSION_DIGEST", "MD5 of the sender's number and session key")
            .secret(),
        field<U16>(&M::subtype, "SUBTYPE", "000B text; files: 0001, 0003, 0005, 0035 to 0049, 0081 to 0087")
            .hex()};
  }
};

/// What stands before a text in subtype 000B.
struct TextHeader {
  std::uint16_t sequence = 0;
  std::uint32_t time = 0;
  std::uint16_t face = 0;
  std::uint32_t has_font = 1;
  static constexpr auto fields() {
    using M = TextHeader;
    return std::tuple{field<U16>(&M::sequence, "SEQUENCE", "the sender's count"),
                      field<U32>(&M::time, "TIME", "in Unix seconds"),
                      field<U16>(&M::face, "FACE", "the sender's portrait"),
                      field<U32>(&M::has_font, "HAS_FONT", "1: a font stands at the end")};
  }
};

/// Which part of a text follows.
struct Fragment {
  std::uint8_t count = 1;
  std::uint8_t index = 0;
  std::uint16_t id = 0;
  std::uint8_t kind = 1;
  static constexpr auto fields() {
    using M = Fragment;
    return std::tuple{field<U8>(&M::count, "PARTS", "how many there are"),
                      field<U8>(&M::index, "PART", "which this is, from 0"),
                      field<U16>(&M::id, "MESSAGE_ID", "the same in all parts"),
                      field<U8>(&M::kind, "KIND", "1 written, 2 automatic")};
  }
};

/// 0016/000B: sends a text.
struct SendText {
  static constexpr std::uint16_t command = 0x0016;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab, Envelope::sealed, &word_is<34, 0x000B>};
  Uin from;
  Uin to;
  PeerHeader peer;
  TextHeader header;
  Fragment fragment;
  FontText text;
  static constexpr auto fields() {
    using M = SendText;
    return std::tuple{field<Number>(&M::from, "FROM", "who sends it"),
                      field<Number>(&M::to, "TO", "to whom"),
                      group(&M::peer),
                      group(&M::header),
                      group(&M::fragment),
                      field<TextWithFont>(&M::text, "TEXT",
                                          "at most 700 bytes in the sender's charset; smileys are 14 xx")};
  }
};

/// 0016 with another subtype: files and the like, relayed as they come.
struct SendToPeer {
  static constexpr std::uint16_t command = 0x0016;
  static constexpr bool from_client = true;
  static constexpr Key key{gen_ab};
  Uin from;
  Uin to;
  PeerHeader peer;
  Bytes content;
  static constexpr auto fields() {
    using M = SendToPeer;
    return std::tuple{field<Number>(&M::from, "FROM", "who sends it"), field<Number>(&M::to, "TO", "to whom"),
                      group(&M::peer),
                      field<Rest>(&M::content, "CONTENT", "between the two clients").secret()};
  }
};

/// What subtypes 0035 and its answers hold behind PeerHeader: an offer of a file over UDP.
struct FileNegotiation {
  std::uint16_t sequence = 0;
  std::uint32_t time = 0;
  std::uint16_t face = 0;
  std::uint32_t x1 = 0;
  Bytes x2;
  std::uint8_t kind = 0x65;
  std::uint8_t method = 0;
  std::uint32_t public_address = 0;
  std::uint16_t public_port = 0;
  std::uint16_t listen_port = 0;
  std::uint32_t inner_address = 0;
  std::uint16_t inner_port = 0;
  std::string_view offer;
  static constexpr auto fields() {
    using M = FileNegotiation;
    return std::tuple{
        field<U16>(&M::sequence, "SEQUENCE", "of the transfer"),
        field<U32>(&M::time, "TIME", "in Unix seconds"),
        field<U16>(&M::face, "FACE", "the sender's portrait"),
        field<U32>(&M::x1, "X1", "0").hex(),
        field<Raw<15>>(&M::x2, "X2", "zeros"),
        field<U8>(&M::kind, "KIND", "65 file, 6B face").hex(),
        field<U8>(&M::method, "METHOD", "0 UDP, 3 TCP"),
        field<Ip4>(&M::public_address, "PUBLIC_ADDRESS", "where the sender is seen"),
        field<U16>(&M::public_port, "PUBLIC_PORT", "its port"),
        field<U16>(&M::listen_port, "LISTEN_PORT", "for TCP"),
        field<Ip4>(&M::inner_address, "INNER_ADDRESS", "what the sender names"),
        field<U16>(&M::inner_port, "INNER_PORT", "its port"),
        field<RestText>(&M::offer, "OFFER", "a blank, 1F, the file's name, 1F, its size in bytes")};
  }
};

/// 0016: taken.
struct TextTaken {
  static constexpr std::uint16_t command = 0x0016;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab};
  std::uint8_t result = 0;
  static constexpr auto fields() { return std::tuple{field<U8>(&TextTaken::result, "RESULT", "0: well")}; }
};

/// What every 0017 and 00CE begins with; its first 16 bytes come back as acknowledgement.
struct PushHeader {
  Uin from;
  Uin to;
  std::uint32_t message_id = 0;
  std::uint32_t address = 0;
  static constexpr auto fields() {
    using M = PushHeader;
    return std::tuple{field<Number>(&M::from, "FROM", "who sends it; a Qun's number"),
                      field<Number>(&M::to, "TO", "the user"),
                      field<U32>(&M::message_id, "SERVER_ID", "the server's count"),
                      field<Ip4>(&M::address, "ADDRESS", "the sender's, or the server's")};
  }
};

/// Behind PushHeader: the port, and what it is.
struct PushKind {
  std::uint16_t port = 8000;
  std::uint16_t type = 0;
  static constexpr auto fields() {
    return std::tuple{field<U16>(&PushKind::port, "PORT", "its port"),
                      field<U16>(&PushKind::type, "TYPE", "which").hex()};
  }
};

namespace detail {
/// 0017 from a friend, and from a stranger.
[[nodiscard]] constexpr bool is_direct(Bytes plaintext) noexcept {
  return word_is<18, 0x0009>(plaintext) || word_is<18, 0x000A>(plaintext);
}
[[nodiscard]] constexpr bool is_direct_text(Bytes plaintext) noexcept {
  return is_direct(plaintext) && word_is<46, 0x000B>(plaintext);
}
[[nodiscard]] constexpr bool is_direct_other(Bytes plaintext) noexcept {
  return is_direct(plaintext) && !is_direct_text(plaintext);
}
[[nodiscard]] constexpr bool is_spaced_text(Bytes plaintext) noexcept {
  return word_is<18, 0x0084>(plaintext) && word_is<46, 0x000B>(plaintext);
}
}  // namespace detail

/// 0017/0009 and 000A: a text from a friend, or a stranger.
struct TextArrived {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::is_direct_text};
  PushHeader push;
  PushKind kind{8000, 0x0009};
  PeerHeader peer;
  TextHeader header;
  Fragment fragment;
  FontText text;
  static constexpr auto fields() {
    using M = TextArrived;
    return std::tuple{
        group(&M::push),     group(&M::kind),
        group(&M::peer),     group(&M::header),
        group(&M::fragment), field<TextWithFont>(&M::text, "TEXT", "in the recipient's charset")};
  }
};

/// 0017/0084: a text, as Net::OICQ wants it.
struct SpacedTextArrived {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::is_spaced_text};
  PushHeader push;
  PushKind kind{8000, 0x0084};
  PeerHeader peer;
  TextHeader header;
  Bytes x1;
  Fragment fragment;
  FontText text;
  static constexpr auto fields() {
    using M = SpacedTextArrived;
    return std::tuple{group(&M::push),
                      group(&M::kind),
                      group(&M::peer),
                      group(&M::header),
                      field<Raw<8>>(&M::x1, "X1", "zeros"),
                      group(&M::fragment),
                      field<TextWithFont>(&M::text, "TEXT", "in the recipient's charset")};
  }
};

/// 0017/0009 and 000A with another subtype: files and the like, as the other client sent them.
struct FromPeerArrived {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &detail::is_direct_other};
  PushHeader push;
  PushKind kind{8000, 0x0009};
  PeerHeader peer;
  Bytes content;
  static constexpr auto fields() {
    using M = FromPeerArrived;
    return std::tuple{group(&M::push), group(&M::kind), group(&M::peer),
                      field<Rest>(&M::content, "CONTENT", "between the two clients").secret()};
  }
};

/// 0017/0018: news.
struct News {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &word_is<18, 0x0018>};
  PushHeader push;
  PushKind kind{8000, 0x0018};
  std::uint32_t x1 = 0;
  std::string_view title, summary, url;
  static constexpr auto fields() {
    using M = News;
    return std::tuple{group(&M::push),
                      group(&M::kind),
                      field<U32>(&M::x1, "X1", "unknown").hex(),
                      field<Str8>(&M::title, "TITLE", "headline"),
                      field<Str8>(&M::summary, "SUMMARY", "what it is about"),
                      field<Str8>(&M::url, "URL", "where it stands")};
  }
};

/// 0017/0030 in A and B: the server itself has something to say; also that the session is over.
///
/// LumaQQ reads a code, a length and a text; openq what stands behind a '/', which is the length 2F.
struct ServerNotice {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_ab, Envelope::sealed, &word_is<18, 0x0030>};
  /// The code of a session that is over.
  static constexpr std::uint8_t session_over = 1;
  /// So long a text must be for openq.
  static constexpr std::size_t text_size = '/';
  PushHeader push;
  PushKind kind{8000, 0x0030};
  std::uint8_t code = session_over;
  std::string_view notice;
  static constexpr auto fields() {
    using M = ServerNotice;
    return std::tuple{group(&M::push), group(&M::kind),
                      field<U8>(&M::code, "CODE", "1: the session is over"),
                      field<Str8>(&M::notice, "NOTICE", "47 bytes")};
  }
};

/// 0017/0030 in C and D: the same.
struct ServerNoticeC {
  static constexpr std::uint16_t command = 0x0017;
  static constexpr bool from_client = false;
  static constexpr Key key{gen_cd, Envelope::sealed, &word_is<18, 0x0030>};
  PushHeader push;
  PushKind kind{8000, 0x0030};
  std::uint32_t zero = 0;
  std::uint8_t code = ServerNotice::session_over;
  std::string_view notice;
  static constexpr auto fields() {
    using M = ServerNoticeC;
    return std::tuple{group(&M::push), group(&M::kind),
                      field<U32>(&M::zero, "ZERO", "0"),
                      field<U8>(&M::code, "CODE", "1: the session is over"),
                      field<Str8>(&M::notice, "NOTICE", "in UTF-8")};
  }
};

/// 0017 and 00CE from the client: it has arrived.
template <std::uint16_t Command>
struct PushAck {
  static constexpr std::uint16_t command = Command;
  static constexpr bool from_client = true;
  static constexpr Key key{Command == 0x0017 ? every_version : gen_cd};
  PushHeader push;
  static constexpr auto fields() { return std::tuple{group(&PushAck::push)}; }
};

}  // namespace uhoh::qq
