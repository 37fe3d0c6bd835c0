#include "dialect/peer/chat_text.hpp"

namespace uhoh::peer {

namespace {
constexpr std::size_t value_size = 4;
constexpr unsigned length_size = 2;
constexpr std::size_t font_tail = 2;

void add(std::vector<ChatAction>& actions, std::uint8_t byte) {
  if (actions.empty() || actions.back().kind != ChatAction::Kind::typed)
    actions.push_back({ChatAction::Kind::typed, {}});
  actions.back().text += static_cast<char>(byte);
}
}  // namespace

std::vector<ChatAction> ChatText::read(Bytes bytes) {
  using Kind = ChatAction::Kind;
  std::vector<ChatAction> actions;
  for (const std::uint8_t byte : bytes) {
    if (length_digits_ > 0) {
      name_length_ |= static_cast<std::size_t>(byte) << (length_digits_ == length_size ? 0 : 8);
      if (--length_digits_ == 0) skip_ = name_length_ + font_tail;
      continue;
    }
    if (skip_ > 0) {
      --skip_;
      continue;
    }
    switch (byte) {
      case chat_code::foreground:
      case chat_code::background:
      case chat_code::font_face:
      case chat_code::font_size:
        skip_ = value_size;
        break;
      case chat_code::font_family:
        length_digits_ = length_size;
        name_length_ = 0;
        break;
      case chat_code::beep:
        actions.push_back({Kind::beep, {}});
        break;
      case chat_code::backspace:
        actions.push_back({Kind::backspace, {}});
        break;
      case chat_code::newline:
        actions.push_back({Kind::newline, {}});
        break;
      case chat_code::leaves:
        actions.push_back({Kind::leaves, {}});
        break;
      default:
        if (byte >= ' ' && byte != 0x7F) add(actions, byte);
    }
  }
  return actions;
}

}  // namespace uhoh::peer
