#include "config/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "config/value.hpp"

namespace uhoh::config {
namespace {

std::string in_words(const Value& value) {
  struct {
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t n) const { return fmt::format("the number {}", n); }
    std::string operator()(const std::string& s) const { return fmt::format("the text {}", toml_text(s)); }
    std::string operator()(const std::vector<std::string>&) const { return "a list"; }
    std::string operator()(const OtherValue& other) const { return std::string{other.what}; }
  } words;
  return std::visit(words, value);
}

std::unexpected<std::string> not_of_type(std::string_view takes, const Value& value) {
  return std::unexpected(fmt::format("takes {}, not {}", takes, in_words(value)));
}

std::string range_in_words(std::string_view min, std::string_view max) {
  return fmt::format("{} to {}", min, max);
}

// How many letters must be changed, added, left out or swapped with their neighbour to make one word of the
// other (Damerau and Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

constexpr std::size_t longest_compared = 100;

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string closest(std::string_view wanted, const std::vector<std::string>& known) {
  if (wanted.size() > longest_compared) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& word : known) {
    const std::size_t d = distance(wanted, word);
    if (d < best_distance) {
      best = word;
      best_distance = d;
    }
  }
  return best;
}

Setting bool_setting(bool value, std::function<void(bool)> write) {
  Setting setting;
  setting.type = "true or false";
  setting.default_text = value ? "true" : "false";
  setting.form = ValueForm::boolean;
  setting.check = [write = std::move(write)](const Value& given) -> std::expected<Apply, std::string> {
    const bool* b = std::get_if<bool>(&given);
    if (b == nullptr) return not_of_type("true or false", given);
    return [&write, chosen = *b] { write(chosen); };
  };
  return setting;
}

Setting integer_setting(std::int64_t value, std::int64_t min, std::int64_t max, bool limited,
                        std::string_view unit, std::function<void(std::int64_t)> write) {
  Setting setting;
  setting.type = "whole number";
  if (!unit.empty()) setting.type += fmt::format(" ({})", unit);
  if (limited) setting.type += ", " + range_in_words(std::to_string(min), std::to_string(max));
  setting.default_text = std::to_string(value);
  setting.form = ValueForm::integer;
  setting.check = [min, max,
                   write = std::move(write)](const Value& given) -> std::expected<Apply, std::string> {
    const std::int64_t* n = std::get_if<std::int64_t>(&given);
    if (n == nullptr) return not_of_type("a whole number without quotes", given);
    if (*n < min || *n > max) return std::unexpected(fmt::format("must be {} to {}, not {}", min, max, *n));
    return [&write, chosen = *n] { write(chosen); };
  };
  return setting;
}

Setting text_setting(std::string_view value, std::string type, std::string example,
                     std::function<std::expected<Apply, std::string>(const std::string&)> parse) {
  Setting setting;
  setting.type = std::move(type);
  setting.default_text = toml_text(value);
  setting.check = [example = std::move(example),
                   parse = std::move(parse)](const Value& given) -> std::expected<Apply, std::string> {
    const std::string* text = std::get_if<std::string>(&given);
    if (text == nullptr)
      return not_of_type(fmt::format("a text in quotes, as {}", toml_text(example)), given);
    return parse(*text);
  };
  return setting;
}

Setting size_setting(std::uint64_t value, std::uint64_t min, std::uint64_t max,
                     std::function<void(std::uint64_t)> write) {
  Setting setting;
  const bool open = max >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::string range = open ? fmt::format("at least {}", format_byte_size(min))
                                 : range_in_words(format_byte_size(min), format_byte_size(max));
  setting.type = open && min == 0 ? "size in bytes" : "size in bytes, " + range;
  setting.default_text = toml_text(format_byte_size(value));
  setting.check = [min, max, range,
                   write = std::move(write)](const Value& given) -> std::expected<Apply, std::string> {
    std::uint64_t bytes = 0;
    if (const auto* n = std::get_if<std::int64_t>(&given); n != nullptr && *n >= 0) {
      bytes = static_cast<std::uint64_t>(*n);
    } else if (const auto* text = std::get_if<std::string>(&given)) {
      const auto parsed = parse_byte_size(*text);
      if (!parsed) return std::unexpected("is wrong: " + parsed.error());
      bytes = *parsed;
    } else {
      return not_of_type("a size in bytes, as \"64MiB\"", given);
    }
    if (bytes < min || bytes > max)
      return std::unexpected(fmt::format("must be {}, not {}", range, format_byte_size(bytes)));
    return [&write, bytes] { write(bytes); };
  };
  return setting;
}

Setting duration_setting(Duration value, Duration min, Duration max, std::function<void(Duration)> write) {
  const bool open = max == Duration::max();
  const std::string range = open ? fmt::format("at least {}", format_duration(min))
                                 : range_in_words(format_duration(min), format_duration(max));
  return text_setting(
      format_duration(value), open && min == Duration::zero() ? "duration" : "duration, " + range, "30s",
      [=, write = std::move(write)](const std::string& text) -> std::expected<Apply, std::string> {
        const auto duration = parse_duration(text);
        if (!duration) return std::unexpected("is wrong: " + duration.error());
        if (*duration < min || *duration > max)
          return std::unexpected(fmt::format("must be {}, not {}", range, format_duration(*duration)));
        return [&write, chosen = *duration] { write(chosen); };
      });
}

Setting choice_setting(std::size_t value, std::vector<std::string> words,
                       std::function<void(std::size_t)> write) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + toml_text(word);
  return text_setting(
      value < words.size() ? words[value] : "", "one of " + list, words.empty() ? "" : words.front(),
      [words, list, write = std::move(write)](const std::string& text) -> std::expected<Apply, std::string> {
        const auto found = std::find(words.begin(), words.end(), text);
        if (found != words.end())
          return [&write, index = static_cast<std::size_t>(found - words.begin())] { write(index); };
        const std::string near = closest(text, words);
        return std::unexpected(
            fmt::format("must be one of {}, not {}{}", list, toml_text(text),
                        near.empty() ? "" : fmt::format("; did you mean {}?", toml_text(near))));
      });
}

Setting list_setting(const std::vector<std::string>& value,
                     std::function<void(std::vector<std::string>)> write) {
  Setting setting;
  setting.type = "list of texts";
  setting.default_text = "[";
  for (const std::string& item : value)
    setting.default_text += (&item == value.data() ? "" : ", ") + toml_text(item);
  setting.default_text += "]";
  setting.form = ValueForm::list;
  setting.check = [write = std::move(write)](const Value& given) -> std::expected<Apply, std::string> {
    const auto* items = std::get_if<std::vector<std::string>>(&given);
    if (items == nullptr) return not_of_type("a list of texts, as [\"one\", \"two\"]", given);
    return [&write, chosen = *items] { write(chosen); };
  };
  return setting;
}

std::expected<Endpoint, std::string> parse_listener(std::string_view text) {
  if (text.empty()) return Endpoint{};
  auto endpoint = Endpoint::parse(text);
  if (endpoint && *endpoint == Endpoint{})
    return std::unexpected(
        std::string{"port 0 needs an address, as \"[::1]:0\"; write \"\" to turn the listener off"});
  return endpoint;
}

std::string show_listener(const Endpoint& endpoint) {
  return endpoint == Endpoint{} ? std::string{} : endpoint.to_string();
}

}  // namespace uhoh::config
