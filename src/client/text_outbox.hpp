#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/charset.hpp"
#include "client/messenger.hpp"

namespace uhoh::client {

/// What a messenger has to send through its server: in the order in which it was written, cut into parts that the
/// protocol has room for, each until it is acknowledged. Used by one thread.
class TextOutbox {
 public:
  /// Appends a text in the account's charset; no part is longer than `max_bytes`. An empty text is one part.
  void append(MessageToken token, Uin to, Charset charset, std::string_view text, std::size_t max_bytes);
  /// Forgets what of a message no session has taken; false when that is nothing.
  bool take_back(MessageToken token);
  /// Hands what waits to `send(to, text, number)`, in order, until that says no.
  template <class Send>
  void flush(Send&& send) {
    for (auto& [number, part] : parts_) {
      if (!part.waits) continue;
      if (!send(part.to, std::string_view{part.text}, number)) return;
      part.waits = false;
    }
  }
  /// A part is acknowledged: the message when that was its last one.
  std::optional<MessageToken> confirm(std::uint64_t number);
  /// A part is refused: forgets the whole message, and says which.
  std::optional<MessageToken> refuse(std::uint64_t number);
  /// A part was not acknowledged: it waits for the next session.
  void give_up(std::uint64_t number);
  /// The session has ended: all parts wait for the next one.
  void give_up_all();

 private:
  struct Part {
    MessageToken token = MessageToken::none;
    Uin to;
    std::string text;
    bool is_last = true;
    bool waits = true;  ///< the session has not taken it yet
  };
  std::map<std::uint64_t, Part> parts_;
  std::uint64_t last_number_ = 0;
};

}  // namespace uhoh::client
