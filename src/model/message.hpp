#pragma once

#include <cstdint>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "model/text.hpp"

namespace uhoh::model {

/// What a message is. The values are stored: never renumber.
enum class MessageKind : std::uint8_t {
  text = 1,            ///< plain text
  chat_request = 2,    ///< asks for a chat (reason)
  file_request = 3,    ///< offers a file (name, description)
  url = 4,             ///< description, URL
  auth_request = 5,    ///< nick, first, last, e-mail, "0" or "1", reason
  auth_refused = 6,    ///< reason
  auth_granted = 7,    ///< empty
  you_were_added = 8,  ///< nick, first, last, e-mail, "0" or "1"
  broadcast = 9,       ///< from the administrator
  web_pager = 10,      ///< name, e-mail, text
  email_express = 11,  ///< name, e-mail, text
  contacts = 12,       ///< count, then number and nick in turns
  other = 13,          ///< a type that only the sender's dialect knows
};

/// One message between two users; never owns its text.
///
/// Kinds with several fields separate them by `field_separator`.
struct Message {
  Uin from;
  Uin to;
  MessageKind kind = MessageKind::text;
  std::uint16_t dialect_type = 0;  ///< the exact type number of the sender's dialect; 0: derive it from `kind`
  Text text;
  std::uint64_t name = 0;  ///< the same whenever it is delivered again (name_of); 0: the server's own, which have none
};

/// What makes a message the same message when its sender sends it again.
///
/// Stored with the message until ten minutes after its delivery.
struct MessageKey {
  std::uint64_t login = 0;     ///< the sender's log-in (random per log-in); 0: the message has no key
  std::uint32_t command = 0;   ///< the sender's wire command
  std::uint32_t sequence = 0;  ///< the sender's sequence number
  std::uint64_t content = 0;   ///< hash of the content

  friend bool operator==(const MessageKey&, const MessageKey&) = default;
};

/// A name for a message, from what recognises it when it comes again. The values are stored: never change them.
[[nodiscard]] constexpr std::uint64_t name_of(const MessageKey& key) noexcept {
  if (key.login == 0) return 0;
  std::uint64_t h = mix64(key.login ^ 0x9E3779B97F4A7C15ULL);
  h = mix64(h ^ (std::uint64_t{key.command} << 32 | key.sequence));
  return mix64(h ^ key.content);
}

}  // namespace uhoh::model
