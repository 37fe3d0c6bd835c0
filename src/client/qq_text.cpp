#include "client/qq_text.hpp"

#include <algorithm>

#include "wire/writer.hpp"

namespace uhoh::client {

namespace {
constexpr std::uint8_t text_value = 0x01;
constexpr std::uint8_t smiley_value = 0x01;
constexpr char smiley_mark = '\x14';

/// Where the last whole character within `max` bytes ends.
std::size_t whole_characters(std::string_view text, bool is_utf8, std::size_t max) noexcept {
  if (text.size() <= max) return text.size();
  std::size_t end = 0;
  while (end < max) {
    const auto lead = static_cast<std::uint8_t>(text[end]);
    std::size_t length = 1;
    if (is_utf8)
      length = lead < 0xC0 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
    else if (lead >= 0x81)
      // GB18030: two bytes, or four when a digit follows.
      length = end + 1 < text.size() && text[end + 1] >= '0' && text[end + 1] <= '9' ? 4U : 2U;
    else if (lead == static_cast<std::uint8_t>(smiley_mark))
      length = 2;
    if (end + length > max) break;
    end += length;
  }
  return end == 0 ? max : end;
}
}  // namespace

std::vector<std::string_view> cut_qq_text(std::string_view text, bool is_utf8, std::size_t max) {
  std::vector<std::string_view> parts;
  do {
    const std::size_t size = whole_characters(text, is_utf8, max);
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  } while (!text.empty());
  return parts;
}

std::vector<std::uint8_t> qq_text_element(std::string_view utf8) {
  std::vector<std::uint8_t> out(3 + utf8.size());
  wire::Writer w{out};
  w.u8(text_value);
  w.u16be(static_cast<std::uint16_t>(utf8.size()));
  w.bytes(as_bytes(utf8));
  return out;
}

std::string text_of(const wire::RecordList<qq::Element>& elements) {
  std::string text;
  elements.for_each([&](const qq::Element& element) {
    wire::Reader r{element.content};
    const std::uint8_t value = r.u8();
    const Bytes content = r.bytes(r.u16be());
    if (r.failed()) return;
    if (element.type == qq::Element::text && value == text_value) text += as_chars(content);
    if (element.type == qq::Element::face && value == smiley_value && !content.empty()) {
      text += smiley_mark;
      text += static_cast<char>(content[0] & 0x7F);
    }
  });
  return text;
}

bool QqPartsJoiner::join(const QqPart& part, std::string& text) {
  if (part.index >= part.count) return false;
  const auto same = [&](const Unfinished& other) {
    return other.of.from == part.from && other.of.qun == part.qun && other.of.id == part.id &&
           other.of.count == part.count;
  };
  auto at = std::ranges::find_if(texts_, same);
  if (at == texts_.end()) {
    if (texts_.size() == max_texts) texts_.erase(texts_.begin());
    texts_.push_back(
        {part, std::vector<std::string>(part.count), part.count, std::vector<bool>(part.count, false)});
    at = texts_.end() - 1;
  }
  if (!at->is_there[part.index]) {
    at->is_there[part.index] = true;
    at->parts[part.index] = text;
    --at->missing;
  }
  if (at->missing > 0) return false;
  text.clear();
  for (const std::string& piece : at->parts) text += piece;
  texts_.erase(at);
  return true;
}

bool TakenPushes::contains(std::uint64_t push) const noexcept {
  return std::ranges::find(pushes_, push) != pushes_.end();
}

void TakenPushes::insert(std::uint64_t push) {
  if (pushes_.size() < max_pushes) {
    pushes_.push_back(push);
    return;
  }
  pushes_[next_] = push;
  next_ = (next_ + 1) % max_pushes;
}

}  // namespace uhoh::client
