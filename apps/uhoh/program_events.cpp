#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "program.hpp"

/// What the messenger tells.
namespace uhoh::term {

using client::LinkState;
using model::Availability;
using model::MessageKind;

void Program::on_link_state(LinkState state, const std::string& why, Instant retry_at) {
  link_ = state;
  retry_at_ = retry_at;
  is_dirty_ = true;
  constexpr Duration patience = std::chrono::seconds{9};
  complain_at_ = state == LinkState::connecting ? now() + patience : Instant::max();
  Window& window = *windows_.front();
  if (state == LinkState::online) {
    tell(window, LineStyle::information, "Connected");
    if (std::exchange(options_.is_new, false) && !options_.account.nick.empty())
      introduces_ = messenger().introduce({.nick = options_.account.nick}, now());
  }
  if (state == LinkState::offline && !is_leaving_)
    tell(window, LineStyle::error, why.empty() ? "Disconnected" : why);
  if (state == LinkState::offline && why.starts_with("Wrong number or password"))
    tell(window, LineStyle::error, options_.password_source);
  if (state == LinkState::waiting)
    tell(window, LineStyle::error, fmt::format("{}; next try in {}", why, readable_span(retry_at - now())));
}

void Program::on_presence(Uin uin, const model::Status& status) {
  const auto at = contacts_.find(uin);
  if (at == contacts_.end()) return;
  const Availability before = at->second.status.availability;
  at->second.status = status;
  is_dirty_ = true;
  if (before == status.availability) return;
  for (const auto& window : windows_)
    if (window->kind == WindowKind::conversation && window->with == uin)
      tell(*window, LineStyle::information,
           fmt::format("{} is {}", name_of(uin), word_of(status.availability)));
}

void Program::on_contact(Uin uin, const std::string& nick) {
  if (!contacts_.contains(uin)) put_contact({uin, nick});
}

bool Program::on_message(const client::ReceivedMessage& m) {
  if (m.from == system_uin && !m.direct && !m.stored_since && !m.fields.empty())
    if (const auto to = refused_recipient(m.fields.front()); to && mark_refused(*to, m.fields.front()))
      return true;
  KeptLine line{0,
                m.from,
                m.stored_since.value_or(read_clocks().wall),
                LineKind::received,
                LineState::done,
                static_cast<std::uint8_t>(m.kind),
                {}};
  for (std::size_t i = 0; i < m.fields.size(); ++i) {
    if (i != 0) line.text += model::field_separator;
    line.text += m.fields[i];
  }
  // The window first: it would read the new line from the history too.
  Window& window = conversation(m.from);
  line.id = history_->add(line);
  if (line.id == 0) {
    tell(window, LineStyle::error, "A message came, but the history can't be written: is the disk full?");
    return false;
  }
  ShownLine shown_line = shown(line);
  if (m.urgent) shown_line.style = LineStyle::highlight;
  window.add(std::move(shown_line));
  if (m.kind == MessageKind::auth_request)
    tell(window, LineStyle::information,
         fmt::format("/grant {0} allows it, /deny {0} REASON refuses", m.from.value));
  noticed(window, m.urgent, m.quiet);
  ask_nick(m.from);
  return true;
}

void Program::set_line_state(std::int64_t id, LineState state) {
  history_->set_state(id, state);
  for (const auto& window : windows_) window->set_state(id, state);
  is_dirty_ = true;
}

bool Program::mark_refused(Uin to, const std::string& why) {
  const auto line = acknowledged_.extract(to);
  if (line.empty()) return false;
  set_line_state(line.mapped(), LineState::failed);
  missing_[to] = now();
  Window& window = conversation(to);
  tell(window, LineStyle::error, fmt::format("Not sent: {} /resend tries again", why));
  noticed(window, false, true);
  return true;
}

void Program::on_sent(const client::Sent& what) {
  const auto id = static_cast<std::int64_t>(what.token);
  set_line_state(id, LineState::done);
  if (const auto sent = under_way_.extract(id); sent && !what.direct) acknowledged_[sent.mapped()] = id;
  if (what.auto_reply.empty()) return;
  for (const auto& window : windows_)
    if (std::ranges::find(window->lines, id, &ShownLine::id) != window->lines.end())
      tell(*window, LineStyle::information,
           what.other == Availability::online
               ? fmt::format("{} says: {}", window->title, what.auto_reply)
               : fmt::format("{} is {}: {}", window->title, word_of(what.other), what.auto_reply));
}

void Program::on_not_sent(client::MessageToken token, const std::string& why) {
  const auto id = static_cast<std::int64_t>(token);
  set_line_state(id, LineState::failed);
  under_way_.erase(id);
  for (const auto& window : windows_)
    if (std::ranges::find(window->lines, id, &ShownLine::id) != window->lines.end())
      tell(*window, LineStyle::error, fmt::format("Not sent: {}. /resend tries again", why));
}

void Program::on_away_message(Uin uin, const std::string& text) {
  tell(conversation(uin), LineStyle::information,
       text.empty() ? fmt::format("{} has no away message", name_of(uin))
                    : fmt::format("{} says: {}", name_of(uin), text));
}

void Program::on_user(std::uint32_t query, const client::DirectoryEntry& user) {
  const auto& p = user.profile;
  const auto at = contacts_.find(user.uin);
  if (at != contacts_.end() && at->second.kept.nick.empty() && !p.nick.empty()) {
    KeptContact named = at->second.kept;
    named.nick = p.nick;
    put_contact(named);
  }
  if (at == contacts_.end() && !p.nick.empty()) {
    nicks_[user.uin] = p.nick;
    show_name(user.uin);
  }
  if (silent_.contains(query)) return;
  std::string line = fmt::format("{} {}", user.uin.value, p.nick);
  const bool has_both = !p.first_name.empty() && !p.last_name.empty();
  if (!p.first_name.empty() || !p.last_name.empty())
    line += fmt::format(" ({}{}{})", p.first_name, has_both ? " " : "", p.last_name);
  if (!p.email.empty()) line += fmt::format(" <{}>", p.email);
  if (p.authorization != model::Authorization::open) line += ", must be asked before he is added";
  tell(line);
}

void Program::on_details(std::uint32_t, Uin, const model::ExtendedProfile& d) {
  const auto show = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) tell(fmt::format("  {}: {}", name, value));
  };
  show("city", d.city);
  show("state", d.state);
  if (d.age != model::ExtendedProfile::not_entered) show("age", fmt::format("{}", d.age));
  show("phone", d.phone);
  show("homepage", d.homepage);
  show("about", d.about);
}

void Program::on_query_end(std::uint32_t query, bool more) {
  silent_.erase(query);
  if (query == search_) tell(more ? "There are more; narrow the search" : "That is all");
}

void Program::on_no_such_user(Uin uin) {
  const std::string line = fmt::format("There is no number {}.", uin.value);
  if (take_adding_back(uin, line) || mark_refused(uin, line) || was_told_missing(uin)) return;
  // A nick that was asked for, of somebody who does not exist.
  if (const auto asked = nicks_.find(uin); asked != nicks_.end() && asked->second.empty()) return;
  missing_[uin] = now();
  complain(line);
}

void Program::on_not_added(Uin uin, const std::string& why) {
  if (!take_adding_back(uin, why + ".") && !was_told_missing(uin)) on_notice(why);
}

bool Program::was_told_missing(Uin uin) const {
  // One command can ask the server several questions about the same number.
  constexpr Duration same_command = std::chrono::seconds{3};
  const auto told = missing_.find(uin);
  return told != missing_.end() && now() - told->second < same_command;
}

void Program::on_changed(bool ok) {
  if (std::exchange(introduces_, false) && ok) return;
  if (ok)
    tell("The server has taken the change");
  else
    complain("The server has refused the change");
}

void Program::on_notice(const std::string& line) {
  if (const auto to = refused_recipient(line); to && mark_refused(*to, line)) return;
  tell(*windows_.front(), LineStyle::highlight, line);
  noticed(*windows_.front(), false, true);
}

// Chats.

void Program::on_chat_invitation(client::RequestId request, const client::ChatInvitation& invitation) {
  requests_[request] = {true, invitation.from, invitation.reason};
  Window& window = conversation(invitation.from);
  const std::string with =
      invitation.people.empty() ? std::string{} : fmt::format(" (with {})", invitation.people);
  tell(window, LineStyle::highlight,
       fmt::format("{} asks you to chat{}: {}. /accept or /refuse REASON", name_of(invitation.from), with,
                   invitation.reason));
  noticed(window);
  ask_nick(invitation.from);
}

void Program::on_chat_joined(client::ChatId chat, Uin who, const std::string& name) {
  Window& window = open_chat(chat, who);
  tell(window, LineStyle::information, fmt::format("{} ({}) is here", name, who.value));
}

void Program::on_chat_line(client::ChatId chat, Uin who, const std::string& line, bool is_whole) {
  Window* window = chat_window(chat);
  if (window == nullptr) return;
  window->typing[name_of(who)] = is_whole ? std::string{} : line;
  is_dirty_ = true;
  if (!is_whole) return;
  tell(*window, LineStyle::received, line, name_of(who));
  if (window != &current()) noticed(*window);
}

void Program::on_chat_beep(client::ChatId chat, Uin who) {
  if (Window* window = chat_window(chat)) {
    tell(*window, LineStyle::highlight, fmt::format("{} rings", name_of(who)));
    noticed(*window);
  }
}

void Program::on_chat_left(client::ChatId chat, Uin who, const std::string& why) {
  Window* window = chat_window(chat);
  if (window == nullptr) window = &conversation(who);
  window->typing.erase(name_of(who));
  tell(*window, LineStyle::information,
       why.empty() ? fmt::format("{} has left the chat", name_of(who))
                   : fmt::format("No chat with {}: {}", name_of(who), why));
}

// Files.

void Program::on_file_offer(client::RequestId request, const client::FileOffer& offer) {
  requests_[request] = {false, offer.from, offer.name};
  Window& window = conversation(offer.from);
  tell(window, LineStyle::highlight,
       fmt::format("{} offers {} ({}){}{}. /accept or /refuse REASON", name_of(offer.from), offer.name,
                   readable_size(offer.size), offer.description.empty() ? "" : ": ", offer.description));
  noticed(window);
  ask_nick(offer.from);
}

void Program::on_transfer_progress(client::TransferId transfer, const client::TransferProgress& progress) {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end()) return;
  at->second.progress = progress;
  at->second.rate.update(progress.done, now());
}

void Program::on_transfer_file(client::TransferId transfer, const std::string& name,
                               const std::string& path) {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end()) return;
  tell(conversation(at->second.with), LineStyle::information,
       path.empty() ? fmt::format("{} is sent", name) : fmt::format("{} is received: {}", name, path));
}

void Program::on_transfer_end(client::TransferId transfer, bool whole, const std::string& why) {
  const auto at = transfers_.find(transfer);
  if (at == transfers_.end()) return;
  const TransferView view = at->second;
  transfers_.erase(at);
  is_dirty_ = true;
  if (whole)
    tell(conversation(view.with), LineStyle::information,
         fmt::format("All of it is {}", view.sends ? "sent" : "received"));
  else
    tell(conversation(view.with), LineStyle::error, fmt::format("The transfer has ended: {}", why));
}

void Program::on_request_withdrawn(client::RequestId request) {
  const auto node = requests_.extract(request);
  if (node.empty()) return;
  tell(conversation(node.mapped().from), LineStyle::information,
       fmt::format("{} has taken the request back", name_of(node.mapped().from)));
}

}  // namespace uhoh::term
