#include "dialect/qq/smileys.hpp"

#include <algorithm>
#include <array>

namespace uhoh::qq {

namespace {
struct Smiley {
  std::uint8_t code;
  std::string_view word;
};

/// In the order of their numbers in C and D.
constexpr std::array smileys{
    Smiley{0x41, "/jy"},    Smiley{0x43, "/pz"},     Smiley{0x42, "/se"},     Smiley{0x44, "/fd"},
    Smiley{0x45, "/dy"},    Smiley{0x46, "/ll"},     Smiley{0x47, "/hx"},     Smiley{0x48, "/bz"},
    Smiley{0x49, "/shui"},  Smiley{0x4A, "/dk"},     Smiley{0x4B, "/gg"},     Smiley{0x4C, "/fn"},
    Smiley{0x4D, "/tp"},    Smiley{0x4E, "/cy"},     Smiley{0x4F, "/wx"},     Smiley{0x73, "/ng"},
    Smiley{0x74, "/kuk"},   Smiley{0x75, "/feid"},   Smiley{0x76, "/zk"},     Smiley{0x77, "/tu"},
    Smiley{0x8A, "/tx"},    Smiley{0x8B, "/ka"},     Smiley{0x8C, "/by"},     Smiley{0x8D, "/am"},
    Smiley{0x8E, "/jie"},   Smiley{0x8F, "/kun"},    Smiley{0x78, "/jk"},     Smiley{0x79, "/lh"},
    Smiley{0x7A, "/hanx"},  Smiley{0x7B, "/db"},     Smiley{0x90, "/fendou"}, Smiley{0x91, "/zhm"},
    Smiley{0x92, "/yiw"},   Smiley{0x93, "/xu"},     Smiley{0x94, "/yun"},    Smiley{0x95, "/zhem"},
    Smiley{0x96, "/shuai"}, Smiley{0x97, "/kl"},     Smiley{0x98, "/qiao"},   Smiley{0x99, "/zj"},
    Smiley{0x59, "/shan"},  Smiley{0x5A, "/fad"},    Smiley{0x5C, "/aiq"},    Smiley{0x58, "/tiao"},
    Smiley{0x57, "/zhao"},  Smiley{0x55, "/mm"},     Smiley{0x7C, "/zt"},     Smiley{0x7D, "/maom"},
    Smiley{0x7E, "/xg"},    Smiley{0x7F, "/yb"},     Smiley{0x9A, "/qianc"},  Smiley{0x9B, "/dp"},
    Smiley{0x60, "/bei"},   Smiley{0x67, "/dg"},     Smiley{0x9C, "/shd"},    Smiley{0x9D, "/zhd"},
    Smiley{0x9E, "/dao"},   Smiley{0x5E, "/zq"},     Smiley{0x9F, "/yy"},     Smiley{0x89, "/bb"},
    Smiley{0x80, "/gf"},    Smiley{0x81, "/fan"},    Smiley{0x82, "/yw"},     Smiley{0x62, "/mg"},
    Smiley{0x63, "/dx"},    Smiley{0x64, "/wen"},    Smiley{0x65, "/xin"},    Smiley{0x66, "/xs"},
    Smiley{0x83, "/hy"},    Smiley{0x68, "/lw"},     Smiley{0x84, "/dh"},     Smiley{0x85, "/sj"},
    Smiley{0x86, "/yj"},    Smiley{0x87, "/ds"},     Smiley{0x6B, "/ty"},     Smiley{0x6E, "/yl"},
    Smiley{0x6F, "/qiang"}, Smiley{0x70, "/ruo"},    Smiley{0x88, "/ws"},     Smiley{0xA0, "/shl"},
    Smiley{0x50, "/dd"},    Smiley{0x51, "/mn"},     Smiley{0x52, "/hl"},     Smiley{0x53, "/mamao"},
    Smiley{0x54, "/qz"},    Smiley{0x56, "/fw"},     Smiley{0x5B, "/oh"},     Smiley{0x5D, "/bj"},
    Smiley{0x5F, "/qsh"},   Smiley{0x61, "/xig"},    Smiley{0x69, "/xy"},     Smiley{0x6A, "/duoy"},
    Smiley{0x6C, "/xr"},    Smiley{0x6D, "/xixing"}, Smiley{0x71, "/nv"},     Smiley{0x72, "/nan"},
};

constexpr bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
/// A path or an address goes on here.
constexpr bool joins(char c) noexcept {
  return is_word(c) || c == '/' || c == '.' || c == ':' || c == '_' || c == '-';
}
}  // namespace

std::string_view smiley_word(std::uint8_t code) noexcept {
  const auto at = std::ranges::find(smileys, code, &Smiley::code);
  return at == smileys.end() ? std::string_view{} : at->word;
}

std::string_view smiley_word_of_index(std::size_t index) noexcept {
  return index < smileys.size() ? smileys[index].word : std::string_view{};
}

FoundSmiley smiley_at(std::string_view text, std::size_t at, bool after_smiley) noexcept {
  if (at >= text.size() || text[at] != '/') return {};
  if (at > 0 && !after_smiley && joins(text[at - 1])) return {};
  std::size_t end = at + 1;
  while (end < text.size() && is_word(text[end])) ++end;
  const std::string_view word = text.substr(at, end - at);
  const auto found = std::ranges::find(smileys, word, &Smiley::word);
  if (found == smileys.end()) return {};
  return {word.size(), found->code, static_cast<std::uint8_t>(found - smileys.begin())};
}

}  // namespace uhoh::qq
