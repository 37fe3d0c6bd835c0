#include "dialect/qq/adapter_parts.hpp"

#include <string>

namespace uhoh::qq {

namespace {
Meaning refused() noexcept {
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value, .offset = 0, .detail = 0});
}

void make_whole(SendText& message) noexcept { message.fragment.count = 1, message.fragment.index = 0; }
void make_whole(SendElements& message) noexcept { message.fragment.count = 1, message.fragment.index = 0; }
void make_whole(QunSendPart& message) noexcept { message.count = 1, message.index = 0; }
void make_whole(SendToQun& message) noexcept { message.count = 1, message.index = 0; }

/// A message that has parts.
template <class M>
concept Cut = requires(M& message) { make_whole(message); };

template <Cut M>
Meaning joined_with(M whole, std::span<const std::vector<std::uint8_t>> plaintexts, const CommandSource& source) {
  std::string text;
  std::vector<Element> elements;
  for (const auto& plaintext : plaintexts) {
    const auto part = wire::decode<M>(plaintext);
    if (!part) return refused();
    if constexpr (requires { part->text.elements; })
      part->text.elements.for_each([&](const Element& one) { elements.push_back(one); });
    else
      text += part->text.text;
    if constexpr (requires { whole.text.tail; })
      if (whole.text.tail.empty()) whole.text.tail = part->text.tail;
  }
  make_whole(whole);
  if constexpr (requires { whole.text.elements; })
    whole.text.elements = wire::RecordList<Element>::of(elements);
  else
    whole.text.text = text;
  return to_command(whole, source);
}
}  // namespace

Meaning joined(std::span<const std::vector<std::uint8_t>> plaintexts, const CommandSource& source) {
  Meaning meaning = refused();
  const auto decoded = ClientMessages::dispatch(source.version(), source.frame.command, plaintexts.front(),
                                                [&]<class M>(const M& first) {
                                                  if constexpr (Cut<M>)
                                                    meaning = joined_with(first, plaintexts, source);
                                                });
  return decoded ? meaning : refused();
}

}  // namespace uhoh::qq
