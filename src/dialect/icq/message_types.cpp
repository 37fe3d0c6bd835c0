#include "dialect/icq/message_types.hpp"

namespace uhoh::icq {

std::size_t split_fields(std::string_view text, std::span<std::string_view> parts) noexcept {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 < parts.size() ? text.find(separator) : std::string_view::npos;
    parts[i] = text.substr(0, end);
    if (end == std::string_view::npos) return i + 1;
    text.remove_prefix(end + 1);
  }
  return parts.size();
}

std::string join_fields(std::span<const std::string_view> parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string join_fields(std::initializer_list<std::string_view> parts) {
  return join_fields(std::span{parts.begin(), parts.size()});
}

UrlText parse_url(std::string_view text) noexcept {
  std::array<std::string_view, 2> parts;
  if (split_fields(text, parts) < 2) return {{}, text};
  return {parts[0], parts[1]};
}

namespace {
PersonText person_of(std::span<const std::string_view> parts) noexcept {
  PersonText person{parts[0], parts[1], parts[2], parts[3], '1', {}};
  if (!parts[4].empty()) person.authorize = parts[4][0];
  return person;
}
}  // namespace

PersonText parse_authorization_request(std::string_view text) noexcept {
  std::array<std::string_view, 6> parts;
  if (split_fields(text, parts) == 1) return {{}, {}, {}, {}, '1', text};
  PersonText person = person_of(parts);
  person.reason = parts[5];
  return person;
}

std::string compose_authorization_request(const PersonText& p) {
  return join_fields({p.nick, p.first, p.last, p.email, std::string_view{&p.authorize, 1}, p.reason});
}

PersonText parse_you_were_added(std::string_view text) noexcept {
  std::array<std::string_view, 5> parts;
  split_fields(text, parts);
  return person_of(parts);
}

std::string compose_you_were_added(const PersonText& p) {
  return join_fields({p.nick, p.first, p.last, p.email, std::string_view{&p.authorize, 1}});
}

}  // namespace uhoh::icq
