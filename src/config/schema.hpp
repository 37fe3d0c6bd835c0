#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "config/error.hpp"
#include "config/setting.hpp"

namespace uhoh::config {

/// Any span of time of the standard library.
template <class T>
concept AnyDuration = requires {
  typename T::period;
}
&&std::same_as<T, std::chrono::duration<typename T::rep, typename T::period>>;

/// Any whole number but bool.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

/// Between which values a setting must lie, both included; and what a number counts.
template <class T>
struct Limits {
  static constexpr T lowest() noexcept {
    if constexpr (WholeNumber<T>)
      return std::numeric_limits<T>::min();
    else
      return T::zero();
  }
  static constexpr T highest() noexcept {
    if constexpr (WholeNumber<T>)
      return std::numeric_limits<T>::max();
    else
      return std::chrono::duration_cast<T>(Duration::max());
  }

  T min = lowest();
  T max = highest();
  /// What a number counts ("messages", "packets per second"), for the documentation.
  std::string_view unit = {};
};

/// A word of the file and what it stands for.
template <class E>
struct Choice {
  std::string_view word;
  E value;
};

/// The keys of one `[section]`: each is bound to a field of an options struct, whose value at that moment is
/// the default.
///
/// Shape: the fields must outlive the schema; they are written only when everything given was right.
class Section {
 public:
  Section(std::string name, std::string title) : name_{std::move(name)}, title_{std::move(title)} {}

  /// Binds a bool, a whole number, a duration, a text, a path, an endpoint or a list of texts.
  template <class T>
  Section& option(std::string_view name, T& target, std::string_view meaning);

  /// Binds a whole number or a duration that has limits: `{.min = 10s, .max = 1h}`.
  ///
  /// Units: a duration is rounded down to the unit of its field.
  template <class T>
  requires(WholeNumber<T> || AnyDuration<T>) Section& option(std::string_view name, T& target,
                                                             std::type_identity_t<Limits<T>> limits,
                                                             std::string_view meaning);

  /// Binds an enumeration by its words: `{{"closed", Registration::closed}, {"open", Registration::open}}`.
  template <class E>
  requires std::is_enum_v<E> Section& option(std::string_view name, E& target,
                                             std::initializer_list<std::type_identity_t<Choice<E>>> choices,
                                             std::string_view meaning);

  /// Binds a whole number of bytes, which the file writes as "64MiB".
  template <WholeNumber T>
  Section& bytes(std::string_view name, T& target, std::string_view meaning,
                 Limits<std::uint64_t> limits = {});

  /// Binds a type of one's own that is written as a text.
  ///
  /// Shape: `type` names it for the documentation ("charset"); `parse` gives the value or a sentence; `show`
  /// writes
  ///        the default.
  template <class T>
  Section& parsed(std::string_view name, T& target, std::string_view type,
                  std::function<std::expected<T, std::string>(std::string_view)> parse,
                  std::function<std::string(const T&)> show, std::string_view meaning);

  /// The section's name, without brackets.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// What the section is about.
  [[nodiscard]] const std::string& title() const noexcept { return title_; }
  /// Its keys in the order in which they were described.
  [[nodiscard]] const std::vector<Setting>& settings() const noexcept { return settings_; }
  /// The key of that name, or null.
  [[nodiscard]] const Setting* find(std::string_view name) const noexcept;

 private:
  Section& add(std::string_view name, std::string_view meaning, Setting setting);

  std::string name_;
  std::string title_;
  std::vector<Setting> settings_;
};

/// Everything that can be configured: parses files and overrides into the options structs, and documents
/// itself.
///
/// Use:
///     config::Schema schema;
///     schema.section("icq", "ICQ dialect")
///         .option("udp", icq.udp, "Address for ICQ clients.")
///         .option("keepalive", icq.keepalive, {.min = 10s, .max = 1h}, "How often clients are to report.");
///     auto loaded = schema.load_file("uhoh.toml");
/// Thread: one.
class Schema {
 public:
  /// Begins a section, or goes on with one; "" is what stands before the first section of a file.
  Section& section(std::string_view name, std::string_view title);

  /// Reads a file over the defaults. Nothing is written unless everything is right.
  ///
  /// Errors: all that were found: what can't be read, TOML's own, unknown sections and keys, wrong types and
  /// values.
  [[nodiscard]] std::expected<void, ConfigErrors> load_file(const std::filesystem::path& path);
  /// Reads the text of a file; `file` is its name in errors.
  [[nodiscard]] std::expected<void, ConfigErrors> load_text(std::string_view toml, std::string_view file);
  /// Sets one key as the command line gives it: "icq.udp=127.0.0.1:0"; texts need no quotes, lists are
  /// separated by commas.
  ///
  /// Errors: as load_file(), with "--set" for the file's name.
  [[nodiscard]] std::expected<void, ConfigError> set(std::string_view assignment);

  /// Writes a documented TOML file with every key and its default.
  [[nodiscard]] std::string explain() const;

  /// The section of that name, or null.
  [[nodiscard]] const Section* find(std::string_view name) const noexcept;
  /// Every section in the order in which they were described.
  [[nodiscard]] const std::deque<Section>& sections() const noexcept { return sections_; }

  /// The sentence for a section that does not exist.
  [[nodiscard]] std::string unknown_section(std::string_view name) const;
  /// The sentence for a key that a section does not have.
  [[nodiscard]] std::string unknown_key(const Section& section, std::string_view key) const;

 private:
  std::deque<Section> sections_;
};

/// How large a configuration file may be.
inline constexpr std::size_t max_file_bytes = 1 << 20;

template <class T>
Section& Section::option(std::string_view name, T& target, std::string_view meaning) {
  if constexpr (std::same_as<T, bool>) {
    return add(name, meaning, bool_setting(target, [&target](bool value) { target = value; }));
  } else if constexpr (WholeNumber<T> || AnyDuration<T>) {
    return option(name, target, Limits<T>{}, meaning);
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::filesystem::path>) {
    return parsed<T>(
        name, target, "text", [](std::string_view text) { return std::expected<T, std::string>{T{text}}; },
        [](const T& value) -> std::string { return value; }, meaning);
  } else if constexpr (std::same_as<T, std::vector<std::string>>) {
    return add(name, meaning, list_setting(target, [&target](T value) { target = std::move(value); }));
  } else {
    static_assert(std::same_as<T, Endpoint>, "describe other types with parsed()");
    return parsed<Endpoint>(name, target, "\"ADDRESS:PORT\", \"\" for off", parse_listener, show_listener,
                            meaning);
  }
}

template <class T>
requires(WholeNumber<T> || AnyDuration<T>) Section& Section::option(std::string_view name, T& target,
                                                                    std::type_identity_t<Limits<T>> limits,
                                                                    std::string_view meaning) {
  if constexpr (AnyDuration<T>) {
    using std::chrono::duration_cast;
    return add(name, meaning,
               duration_setting(duration_cast<Duration>(target), duration_cast<Duration>(limits.min),
                                duration_cast<Duration>(limits.max),
                                [&target](Duration value) { target = duration_cast<T>(value); }));
  } else {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const auto max =
        std::in_range<std::int64_t>(limits.max) ? static_cast<std::int64_t>(limits.max) : largest;
    const bool limited =
        limits.min != Limits<T>::lowest() || limits.max != Limits<T>::highest() || sizeof(T) < 4;
    return add(name, meaning,
               integer_setting(static_cast<std::int64_t>(target), static_cast<std::int64_t>(limits.min), max,
                               limited, limits.unit,
                               [&target](std::int64_t value) { target = static_cast<T>(value); }));
  }
}

template <class E>
requires std::is_enum_v<E> Section& Section::option(
    std::string_view name, E& target, std::initializer_list<std::type_identity_t<Choice<E>>> choices,
    std::string_view meaning) {
  std::vector<std::string> words;
  std::vector<E> values;
  std::size_t chosen = choices.size();
  for (const Choice<E>& choice : choices) {
    if (choice.value == target && chosen == choices.size()) chosen = words.size();
    words.emplace_back(choice.word);
    values.push_back(choice.value);
  }
  return add(
      name, meaning,
      choice_setting(chosen, std::move(words),
                     [&target, values = std::move(values)](std::size_t index) { target = values[index]; }));
}

template <WholeNumber T>
Section& Section::bytes(std::string_view name, T& target, std::string_view meaning,
                        Limits<std::uint64_t> limits) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  return add(
      name, meaning,
      size_setting(static_cast<std::uint64_t>(target), limits.min, limits.max < most ? limits.max : most,
                   [&target](std::uint64_t value) { target = static_cast<T>(value); }));
}

template <class T>
Section& Section::parsed(std::string_view name, T& target, std::string_view type,
                         std::function<std::expected<T, std::string>(std::string_view)> parse,
                         std::function<std::string(const T&)> show, std::string_view meaning) {
  const std::string value = show(target);
  return add(name, meaning,
             text_setting(value, std::string{type}, value,
                          [&target, parse = std::move(parse)](
                              const std::string& text) -> std::expected<Apply, std::string> {
                            auto result = parse(text);
                            if (!result) return std::unexpected("is wrong: " + result.error());
                            return [&target, chosen = std::move(*result)] { target = chosen; };
                          }));
}

}  // namespace uhoh::config
