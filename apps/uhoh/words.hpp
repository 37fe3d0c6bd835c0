#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "client/messenger.hpp"
#include "model/presence.hpp"

/// How things are said to people and to scripts.
namespace uhoh::term {

/// "online", "away", "na", "occupied", "dnd", "chat", "offline".
[[nodiscard]] std::string_view word_of(model::Availability availability) noexcept;
/// A status by its word, "invisible" among them; also in the documents' long forms.
[[nodiscard]] std::optional<model::Status> status_named(std::string_view word) noexcept;
/// "text", "url", "contacts" and so on.
[[nodiscard]] std::string_view word_of(model::MessageKind kind) noexcept;
/// A message's fields as one text for people.
[[nodiscard]] std::string readable(model::MessageKind kind, const std::vector<std::string>& fields);
/// Whose message the server has refused although it was acknowledged, if a sentence of the system says that.
[[nodiscard]] std::optional<Uin> refused_recipient(std::string_view sentence) noexcept;
/// "1.5 MB", "300 B".
[[nodiscard]] std::string readable_size(std::uint64_t bytes);
/// "1 line", "2 lines".
[[nodiscard]] std::string counted(std::size_t count, std::string_view what);
/// "3 s", "2:05", "1:02:03".
[[nodiscard]] std::string readable_span(Duration span);

/// Puts one JSON object together.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view text);
  JsonObject& add(std::string_view key, const char* text) { return add(key, std::string_view{text}); }
  template <std::unsigned_integral T>
  JsonObject& add(std::string_view name, T value) {
    if constexpr (std::same_as<T, bool>)
      return add_plain(name, value ? "true" : "false");
    else
      return add_plain(name, std::to_string(value));
  }
  JsonObject& add(std::string_view key, const std::vector<std::string>& texts);
  /// The object as one line, without a line end.
  [[nodiscard]] std::string line() const { return "{" + body_ + "}"; }

 private:
  JsonObject& add_plain(std::string_view name, std::string_view value);
  void key(std::string_view name);
  std::string body_;
};

/// "2026-11-20T12:00:00Z".
[[nodiscard]] std::string iso_time(WallTime time);

/// How fast something goes, smoothed over some seconds.
class Rate {
 public:
  /// Tells how far it is at a moment.
  void update(std::uint64_t done, Instant now) noexcept;
  /// Bytes a second.
  [[nodiscard]] double per_second() const noexcept { return rate_; }
  /// How long the rest takes; nothing while that is not known.
  [[nodiscard]] std::optional<Duration> remaining(std::uint64_t left) const noexcept;

 private:
  bool is_begun_ = false;
  std::uint64_t done_ = 0;
  Instant at_;
  double rate_ = 0;
};

}  // namespace uhoh::term
