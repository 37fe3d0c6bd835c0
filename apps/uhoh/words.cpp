#include "words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>

namespace uhoh::term {

using model::Availability;
using model::MessageKind;

std::optional<Uin> refused_recipient(std::string_view sentence) noexcept {
  for (const std::string_view begin : {"The inbox of ", "There is no user with the number "}) {
    if (!sentence.starts_with(begin)) continue;
    const auto rest = sentence.substr(begin.size());
    Uin uin;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), uin.value);
    if (error == std::errc{} && uin.is_account()) return uin;
  }
  return std::nullopt;
}

std::string_view word_of(Availability availability) noexcept {
  switch (availability) {
    case Availability::offline:
      return "offline";
    case Availability::online:
      return "online";
    case Availability::away:
      return "away";
    case Availability::not_available:
      return "na";
    case Availability::occupied:
      return "occupied";
    case Availability::do_not_disturb:
      return "dnd";
    case Availability::free_for_chat:
      return "chat";
  }
  return "online";
}

std::optional<model::Status> status_named(std::string_view word) noexcept {
  for (const auto availability :
       {Availability::online, Availability::away, Availability::not_available, Availability::occupied,
        Availability::do_not_disturb, Availability::free_for_chat})
    if (word == word_of(availability)) return model::Status{availability, false};
  if (word == "invisible") return model::Status{Availability::online, true};
  return std::nullopt;
}

std::string_view word_of(MessageKind kind) noexcept {
  switch (kind) {
    case MessageKind::text:
      return "text";
    case MessageKind::chat_request:
      return "chat";
    case MessageKind::file_request:
      return "file";
    case MessageKind::url:
      return "url";
    case MessageKind::auth_request:
      return "authorization_request";
    case MessageKind::auth_refused:
      return "authorization_refused";
    case MessageKind::auth_granted:
      return "authorization_granted";
    case MessageKind::you_were_added:
      return "you_were_added";
    case MessageKind::broadcast:
      return "broadcast";
    case MessageKind::web_pager:
      return "web_pager";
    case MessageKind::email_express:
      return "email_express";
    case MessageKind::contacts:
      return "contacts";
    case MessageKind::other:
      return "other";
  }
  return "other";
}

namespace {
std::string in_brackets(const std::string& text) { return text.empty() ? text : fmt::format(" ({})", text); }
}  // namespace

std::string readable(MessageKind kind, const std::vector<std::string>& fields) {
  const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string{}; };
  switch (kind) {
    case MessageKind::url:
      return field(0).empty() ? field(1) : fmt::format("{} <{}>", field(0), field(1));
    case MessageKind::auth_request:
      return fmt::format("asks to be allowed to add you{}: {}", in_brackets(field(0)), field(5));
    case MessageKind::auth_refused:
      return fmt::format("does not allow you to add him: {}", field(0));
    case MessageKind::auth_granted:
      return "allows you to add him";
    case MessageKind::you_were_added:
      return "has added you to his contacts" + in_brackets(field(0));
    case MessageKind::web_pager:
    case MessageKind::email_express:
      return fmt::format("{} <{}>: {}", field(0), field(1), field(2));
    case MessageKind::chat_request:
      return fmt::format("asks for a chat: {}", field(0));
    case MessageKind::file_request:
      return fmt::format("offers a file: {}", field(0));
    case MessageKind::contacts: {
      std::string text = "sends contacts:";
      for (std::size_t i = 1; i + 1 < fields.size(); i += 2)
        text += fmt::format(" {} ({})", fields[i], fields[i + 1]);
      return text;
    }
    default:
      return field(0);
  }
}

std::string readable_size(std::uint64_t bytes) {
  constexpr double step = 1000;
  static constexpr std::array units{"kB", "MB", "GB"};
  if (bytes < static_cast<std::uint64_t>(step)) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / step;
  std::size_t unit = 0;
  while (size >= step && unit + 1 < units.size()) {
    size /= step;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string readable_span(Duration span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  constexpr int minute = 60;
  constexpr int hour = 3600;
  if (seconds < minute) return fmt::format("{} s", seconds);
  if (seconds < hour) return fmt::format("{}:{:02}", seconds / minute, seconds % minute);
  return fmt::format("{}:{:02}:{:02}", seconds / hour, seconds % hour / minute, seconds % minute);
}

std::string iso_time(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

// JSON.

namespace {
std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < ' ')
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}
}  // namespace

void JsonObject::key(std::string_view name) {
  if (!body_.empty()) body_ += ", ";
  body_ += json_text(name) + ": ";
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  key(name);
  body_ += json_text(text);
  return *this;
}

JsonObject& JsonObject::add_plain(std::string_view name, std::string_view value) {
  key(name);
  body_ += value;
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, const std::vector<std::string>& texts) {
  key(name);
  body_ += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) body_ += (i == 0 ? "" : ", ") + json_text(texts[i]);
  body_ += ']';
  return *this;
}

// Rates.

void Rate::update(std::uint64_t done, Instant now) noexcept {
  constexpr Duration shortest = std::chrono::milliseconds{200};
  if (!is_begun_) {
    is_begun_ = true;
    done_ = done;
    at_ = now;
    return;
  }
  if (now - at_ < shortest) return;
  constexpr double microseconds = 1e6;
  constexpr double weight = 0.3;
  const double present =
      static_cast<double>(done - done_) * microseconds / static_cast<double>((now - at_).count());
  rate_ = rate_ == 0 ? present : (1 - weight) * rate_ + weight * present;
  done_ = done;
  at_ = now;
}

std::optional<Duration> Rate::remaining(std::uint64_t left) const noexcept {
  if (rate_ < 1) return std::nullopt;
  constexpr double microseconds = 1e6;
  return Duration{static_cast<Duration::rep>(static_cast<double>(left) / rate_ * microseconds)};
}

}  // namespace uhoh::term
