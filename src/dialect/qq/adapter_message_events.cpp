// Messages, and what the server itself says, on their way to a client.

#include <algorithm>
#include <string>
#include <vector>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/adapter_fonts.hpp"
#include "dialect/qq/adapter_notes.hpp"
#include "dialect/qq/adapter_parts.hpp"
#include "dialect/qq/adapter_send.hpp"
#include "dialect/qq/adapter_text.hpp"
#include "text/split.hpp"

namespace uhoh::qq {

namespace {

/// A part of a message on its way to the client.
struct Part {
  Uin from;
  std::string_view text;
  Bytes style;
  std::uint32_t time = 0;
  Fragment fragment;
};

PeerHeader peer_header(Uin from, const WireTarget& target) {
  return {.version = word_of(target.version()), .from = from, .to = target.session.uin};
}

void send_part(const Part& part, const WireTarget& target) {
  const TextHeader header{.sequence = target.sink.sequence().value, .time = part.time};
  if (gen_cd.has(target.version())) {
    const Elements elements{part.text};
    const FontFields font{part.style};
    RichText text{.time = part.time,
                  .random = part.time,
                  .color = font.color,
                  .size = font.size,
                  .attributes = font.attributes,
                  .font = font.name};
    text.elements = elements.list();
    return send_push(ElementsArrived{.push = push_header(part.from, target),
                                     .peer = peer_header(part.from, target),
                                     .header = header,
                                     .fragment = part.fragment,
                                     .text = text},
                     target);
  }
  std::string coded = with_codes(part.text);
  if (!is_last_part(part.fragment.count, part.fragment.index)) coded.pop_back();  // the blank
  const auto tail = font_tail(part.style, target.charset());
  const FontText text{coded, tail};
  if (gen_a2.has(target.version()))
    return send_push(SpacedTextArrived{.push = push_header(part.from, target),
                                       .peer = peer_header(part.from, target),
                                       .header = header,
                                       .fragment = part.fragment,
                                       .text = text},
                     target);
  send_push(TextArrived{.push = push_header(part.from, target),
                        .peer = peer_header(part.from, target),
                        .header = header,
                        .fragment = part.fragment,
                        .text = text},
            target);
}

void send_text(Uin from, std::string_view encoded, Bytes style, std::uint32_t time, const WireTarget& target,
               bool is_automatic = false) {
  const auto parts = parts_of(encoded, target.charset());
  // LumaQQ and MyQQ3 join what has one id; openq and Net::OICQ show each part as it comes.
  Fragment fragment{.count = static_cast<std::uint8_t>(parts.size()), .id = target.sink.sequence().value};
  if (is_automatic) fragment.kind = automatic_text;
  for (const auto part : parts) {
    send_part({from, part, style, time, fragment}, target);
    ++fragment.index;
  }
}

/// The last field of a text that has several.
std::string last_field(const model::Message& message, Charset charset) {
  const std::string text = converted(message.text, charset, max_part_bytes);
  const std::size_t at = text.rfind(model::field_separator);
  return at == std::string::npos ? text : text.substr(at + 1);
}

void send_system_message(std::string_view function, Uin from, std::string_view text,
                         const WireTarget& target) {
  const std::string sender = std::to_string(from.value);
  const std::string receiver = std::to_string(target.session.uin.value);
  std::string content{text};
  if (gen_a2.has(target.version()) && (function == "03" || function == "04")) {
    // LumaQQ 2006 reads a text, 1F and an unknown id with a length of two bytes.
    constexpr std::string_view no_id{"\x1F\0\0", 3};
    if (content.empty()) content = "0";
    content += no_id;
  }
  const SystemMessage message{.function = function, .from = sender, .to = receiver, .content = content};
  // openq, Net::OICQ and libqq acknowledge 0080; LumaQQ, Eva and clients of D do not.
  send_push_hoped(message, target);
}

/// Words with their length before them, as MyQQ3 reads them; it takes a length that is a separator for one.
std::string measured(std::string words) {
  constexpr std::size_t most = 200;
  words.resize(std::min(text::first_part(Charset::utf8, words, most).size(), words.size()));
  if (words.size() == static_cast<std::size_t>(unit_separator)) words += ' ';
  return static_cast<char>(words.size()) + words;
}

void send_added(const model::Message& message, const WireTarget& target) {
  constexpr std::string_view nothing{"\0\0\0\0", 4};
  if (target.version() == Version::v1e0d) return send_system_message("40", message.from, nothing, target);
  send_system_message("01", message.from, {}, target);
}

void send_request(const model::Message& message, const WireTarget& target) {
  constexpr std::string_view may_add_him_and_no_code{"\1\0\0", 3};
  std::string words = last_field(message, charset_of_words(target.session));
  if (target.version() == Version::v1e0d)
    return send_system_message("41", message.from, measured(std::move(words)).append(may_add_him_and_no_code),
                               target);
  send_system_message("02", message.from, words, target);
}

void send_refusal(const model::Message& message, const WireTarget& target) {
  std::string words = converted(message.text, charset_of_words(target.session), max_part_bytes);
  send_system_message("04", message.from,
                      target.version() == Version::v1e0d ? measured(std::move(words)) : words, target);
}

void send_message(const model::Message& message, std::uint32_t time, const WireTarget& target) {
  using enum model::MessageKind;
  switch (message.kind) {
    case you_were_added:
      return send_added(message, target);
    case auth_request:
      return send_request(message, target);
    case auth_granted:
      return send_system_message("03", message.from, {}, target);
    case auth_refused:
      return send_refusal(message, target);
    case model::MessageKind::text:
    case chat_request:
    case file_request:
    case url:
    case broadcast:
    case web_pager:
    case email_express:
    case contacts:
    case other:
      return send_text(message.from, whole_text(message, target.charset()), message.text.style, time, target,
                       message.kind == model::MessageKind::text && message.dialect_type == automatic_text);
  }
}

}  // namespace

void send_notice(std::string_view utf8, const WireTarget& target) {
  const std::string text = converted(model::Text::utf8(utf8), target.charset());
  send_text(system_uin, text, {}, seconds_of(target.session.now), target);
}

// ---- messages ----

void to_wire(const model::MessageArrived& e, const WireTarget& target) {
  send_message(e.message, seconds_of(target.session.now), target);
}

void to_wire(const model::StoredMessageArrived& e, const WireTarget& target) {
  send_message(e.message, seconds_of(e.accepted), target);
}

void to_wire(const model::MessageCopied& e, const WireTarget& target) {
  const std::string head =
      std::to_string(e.message.from.value) + " -> " + std::to_string(e.message.to.value) + ": ";
  send_text(e.message.from, head + whole_text(e.message, target.charset()), e.message.text.style,
            seconds_of(target.session.now), target);
}

void to_wire(const model::NoSuchUser& e, const WireTarget& target) {
  send_notice("There is no user with the number " + std::to_string(e.uin.value) + ".", target);
}

void to_wire(const model::ServerBusy&, const WireTarget& target) {
  send_notice("The server is busy just now; try again in a while.", target);
}

void to_wire(const model::SystemNotice& e, const WireTarget& target) { send_notice(e.text, target); }
void to_wire(const model::Broadcast& e, const WireTarget& target) { send_notice(e.text, target); }

void to_wire(const model::Kicked&, const WireTarget& target) {
  if (gen_cd.has(target.version()))
    return send_push(
        ServerNoticeC{.push = push_header(system_uin, target),
                      .notice = "Your session has ended: your number logged in elsewhere, or the administrator "
                                "ended it."},
        target);
  constexpr std::string_view words = "Your number logged in elsewhere, or was closed.";
  static_assert(words.size() == ServerNotice::text_size);
  send_push(ServerNotice{.push = push_header(system_uin, target), .notice = words}, target);
}

void to_wire(const model::PeerPassed& e, const WireTarget& target) {
  const bool late = gen_cd.has(target.version());
  // The other family's clients would not understand it.
  if (e.kind != (late ? SendOther::command : SendToPeer::command)) return;
  const PushHeader header = push_header(e.from, target);
  const PushKind kind{.type = late ? std::uint16_t{0x00A6} : std::uint16_t{0x0009}};
  std::vector<std::uint8_t> plain(wire::encoded_size(header) + wire::encoded_size(kind) + e.data.size());
  wire::Writer w{plain};
  wire::encode(header, w);
  wire::encode(kind, w);
  w.bytes(e.data);
  send_plain(head_in(target.session, late ? OtherArrived::command : FromPeerArrived::command,
                     target.sink.sequence()),
             plain, Confirmation::hoped, target);
}

}  // namespace uhoh::qq
