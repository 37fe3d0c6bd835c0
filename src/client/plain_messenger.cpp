#include "client/plain_messenger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/icq_text.hpp"
#include "text/convert.hpp"

namespace uhoh::client {

namespace {
using model::Availability;

/// What the server gives every dialect whole; a server of this project takes 5,700 bytes.
constexpr std::size_t max_text_bytes = 5'000;
}  // namespace

std::string plain_text(model::MessageKind kind, const std::vector<std::string>& fields) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (part.empty()) return;
    if (!text.empty()) text += kind == model::MessageKind::url ? ' ' : '\n';
    text += part;
  };
  if (kind == model::MessageKind::contacts) {
    // Their count, then numbers and nicks in turn.
    for (std::size_t i = 1; i + 1 < fields.size(); i += 2)
      add(fmt::format("{} {}", fields[i], fields[i + 1]));
    return text;
  }
  for (const auto& field : fields) add(field);
  return text;
}

std::string PlainMessenger::legacy(std::string_view utf8) const { return to_legacy(utf8, charset_); }
std::string PlainMessenger::utf8(std::string_view legacy) const { return to_clean_utf8(legacy, charset_); }

// The session.

void PlainMessenger::enter(LinkState state, const std::string& why, Instant retry_at) {
  state_ = state;
  retry_at_ = state == LinkState::waiting ? retry_at : Instant::max();
  listener_->on_link_state(state, why, retry_at);
}

void PlainMessenger::pause(const std::string& why) {
  const Duration pause = reconnect_.next();
  enter(LinkState::waiting, why, now_ + pause);
}

void PlainMessenger::begin_session() {
  reconnect_.reset();
  present_.clear();
  questions_.clear();
  searches_.clear();
  enter(LinkState::online);
}

void PlainMessenger::catch_up() {
  if (wants_system_) listener_->on_presence(system_uin, {Availability::online, false});
  for (const Uin uin : std::exchange(to_add_, {})) add_contact(uin, now_);
  for (const Uin uin : std::exchange(to_remove_, {})) remove_contact(uin, now_);
}

// Others.

void PlainMessenger::set_contacts(std::span<const Uin> contacts, Instant now) {
  now_ = now;
  wants_system_ = std::ranges::find(contacts, system_uin) != contacts.end();
}

void PlainMessenger::add_contact(Uin uin, Instant now) {
  now_ = now;
  if (uin == system_uin) {
    wants_system_ = true;
    if (is_online()) listener_->on_presence(uin, {Availability::online, false});
    return;
  }
  to_remove_.erase(uin);
  if (!is_online() || !submit_add(uin)) to_add_.insert(uin);
}

void PlainMessenger::remove_contact(Uin uin, Instant now) {
  now_ = now;
  to_add_.erase(uin);
  present_.erase(uin);
  if (uin == system_uin)
    wants_system_ = false;
  else if (!is_online() || !submit_remove(uin))
    to_remove_.insert(uin);
}

std::uint32_t PlainMessenger::ask(Uin uin, bool details, Instant now) {
  now_ = now;
  if (!submit_question(uin)) return 0;
  questions_.push_back({++last_query_, uin, details});
  return last_query_;
}

std::uint32_t PlainMessenger::search(const SearchTerms& terms, Instant now) {
  now_ = now;
  const bool only_nick = terms.first_name.empty() && terms.last_name.empty() && terms.email.empty();
  if (terms.nick.empty() || !only_nick || !submit_search(terms.nick)) return 0;
  searches_.push_back(++last_query_);
  return last_query_;
}

// Messages.

bool PlainMessenger::can_write(std::string_view utf8) const {
  std::string converted;
  return text::from_utf8(charset_, utf8, converted).lossless();
}

void PlainMessenger::send(const OutgoingMessage& message, MessageToken token, Instant now) {
  now_ = now;
  outbox_.append(token, message.to, charset_, legacy(plain_text(message.kind, message.fields)), max_text_bytes);
  flush();
}

void PlainMessenger::flush() {
  outbox_.flush([this](Uin to, std::string_view text, std::uint64_t number) {
    return is_online() && submit_text(to, text, number);
  });
}

}  // namespace uhoh::client
