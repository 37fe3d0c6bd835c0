#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

/// What stands in MESSAGE_TYPE and MESSAGE, the same in every version and between clients.
/// Source: Ihse 0.91, RECEIVE_MESSAGE; spec/icq.md 3.3.
namespace uhoh::icq {

/// The types of messages.
enum class MessageType : std::uint16_t {
  text = 0x01,
  chat_request = 0x02,
  file_request = 0x03,
  url = 0x04,                    ///< description FE url
  authorization_request = 0x06,  ///< nick FE first FE last FE e-mail FE authorize FE reason
  authorization_denied = 0x07,   ///< reason
  authorization_granted = 0x08,  ///< empty; mICQ sends "\x03"
  system = 0x09,                 ///< a broadcast
  you_were_added = 0x0C,         ///< nick FE first FE last FE e-mail FE authorize
  web_pager = 0x0D,              ///< name FE FE FE e-mail FE 3 FE text, from 10
  email_express = 0x0E,          ///< as web_pager
  contacts = 0x13,               ///< count FE number FE nick FE ... FE
  user_info = 0x1A,
};

/// Set in MESSAGE_TYPE when a message went to several recipients.
inline constexpr std::uint16_t to_several = 0x8000;
/// The type without that bit.
[[nodiscard]] constexpr MessageType type_of(std::uint16_t wire_type) noexcept {
  return static_cast<MessageType>(wire_type & ~to_several);
}
/// The number that stands on the wire for a type.
[[nodiscard]] constexpr std::uint16_t wire_value(MessageType type) noexcept {
  return static_cast<std::uint16_t>(type);
}

/// The most bytes of text that v2 clients show.
inline constexpr std::size_t max_text_bytes = 450;

/// What separates the parts of a text.
inline constexpr char separator = '\xFE';

/// Splits text at the separators into at most `parts.size()` parts; the last keeps what is left, separators
/// and all. Gives how many there are: at least 1, if `parts` has room at all.
///
/// Errors: none. In GBK and Big5 FE can be half of a character, so decide the number of parts by the type.
std::size_t split_fields(std::string_view text, std::span<std::string_view> parts) noexcept;

/// Puts the separators between parts.
[[nodiscard]] std::string join_fields(std::span<const std::string_view> parts);
[[nodiscard]] std::string join_fields(std::initializer_list<std::string_view> parts);

/// The text of a URL message.
struct UrlText {
  std::string_view description;
  std::string_view url;
};
/// Takes a URL message apart; without a separator everything is the URL.
[[nodiscard]] UrlText parse_url(std::string_view text) noexcept;

/// The text of an authorisation request, and of "you were added" (which has no reason).
struct PersonText {
  std::string_view nick;
  std::string_view first;
  std::string_view last;
  std::string_view email;
  char authorize = '1';  ///< '1': anyone may add the sender, '0': must ask
  std::string_view reason;
};
/// Takes an authorisation request apart; what is missing stays empty, and a text of one part is the reason.
[[nodiscard]] PersonText parse_authorization_request(std::string_view text) noexcept;
/// Makes the text of an authorisation request.
[[nodiscard]] std::string compose_authorization_request(const PersonText& person);
/// Takes "you were added" apart.
[[nodiscard]] PersonText parse_you_were_added(std::string_view text) noexcept;
/// Makes the text of "you were added".
[[nodiscard]] std::string compose_you_were_added(const PersonText& person);

/// The status word: the low 16 bits say how somebody is, the high ones are flags.
namespace status {
inline constexpr std::uint32_t online = 0x0000;
inline constexpr std::uint32_t away = 0x0001;
inline constexpr std::uint32_t dnd = 0x0002;            ///< as a bit; alone from some clients
inline constexpr std::uint32_t dnd_documents = 0x0011;  ///< Ihse 0.91
inline constexpr std::uint32_t dnd_full = 0x0013;       ///< mICQ and later clients
inline constexpr std::uint32_t not_available = 0x0004;
inline constexpr std::uint32_t not_available_full = 0x0005;
inline constexpr std::uint32_t occupied = 0x0010;
inline constexpr std::uint32_t free_for_chat = 0x0020;
inline constexpr std::uint32_t invisible = 0x0100;
inline constexpr std::uint32_t web_presence = 0x00010000;
inline constexpr std::uint32_t hide_ip = 0x00020000;
inline constexpr std::uint32_t birthday = 0x00080000;
}  // namespace status

}  // namespace uhoh::icq
