#include "program.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <utility>

#include "text/fold.hpp"

/// The loop, the windows, the keys.
namespace uhoh::term {

namespace {
using model::Availability;

constexpr std::size_t lines_at_opening = 200;
constexpr Duration patience_at_end = std::chrono::seconds{3};

std::atomic<bool> end_asked = false;

std::string file_name_of(const Account& account) {
  std::string name = fmt::format("{}-{}@{}.sqlite", account.dialect, account.number.value, account.server);
  std::ranges::replace(name, ':', '_');
  std::ranges::replace(name, '/', '_');
  return name;
}

std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> fields;
  while (true) {
    const auto end = text.find(model::field_separator);
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

std::string join_fields(const std::vector<std::string>& fields) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) text += model::field_separator;
    text += fields[i];
  }
  return text;
}
}  // namespace

Program::Program(ProgramOptions options) : options_{std::move(options)} {
  windows_.push_back(std::make_unique<Window>());
  windows_.front()->title = "uhoh";
}

std::expected<void, std::string> Program::open() {
  auto history = History::open(options_.data_folder / file_name_of(options_.account));
  if (!history) return std::unexpected(history.error());
  history_ = std::move(*history);
  auto session = open_session(options_.account, options_.config.downloads, *this, true);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  for (const KeptContact& contact : history_->contacts()) contacts_[contact.uin].kept = contact;
  if (contacts_.empty()) put_contact({system_uin, "system"});
  if (!session_.driver->watch(STDIN_FILENO, [] {})) return std::unexpected("The input is no terminal");
  return {};
}

void Program::run() {
  for (const int number : {SIGTERM, SIGHUP}) ::signal(number, [](int) { end_asked = true; });
  ::signal(SIGPIPE, SIG_IGN);
  screen_ = std::make_unique<Screen>(options_.config.theme);
  tell(fmt::format("Welcome to uhoh. /help tells what can be done; /msg 10000 echo hello is a first try."));
  if (const auto failed = history_->fail_waiting(); failed > 0)
    tell(fmt::format("{} of the last time not sent; marked with !, and /resend sends again",
                     counted(failed, "line")));
  input_.set_earlier(history_->typed());
  hand_over_lists();
  messenger().go_online(options_.account.number, options_.password, now());
  while (!is_leaving_ && !end_asked) {
    draw();
    session_.driver->run_once(longest_wait());
    while (const auto key = screen_->read_key()) on_key(*key);
    if (link_ == client::LinkState::waiting || !transfers_.empty()) is_dirty_ = true;
    if (link_ == client::LinkState::connecting && now() >= complain_at_) {
      tell(*windows_.front(), LineStyle::error,
           fmt::format("{} does not answer yet; trying on", options_.account.server));
      complain_at_ = Instant::max();
    }
  }
  messenger().go_offline(now());
  const Instant end = now() + patience_at_end;
  constexpr Duration step = std::chrono::milliseconds{100};
  while (link_ != client::LinkState::offline && now() < end) session_.driver->run_once(step);
  screen_.reset();
}

Duration Program::longest_wait() const {
  constexpr Duration while_something_moves = std::chrono::milliseconds{250};
  constexpr Duration at_rest = std::chrono::seconds{10};
  return link_ == client::LinkState::waiting || !transfers_.empty() ? while_something_moves : at_rest;
}

// What is seen.

void Program::draw() {
  std::size_t unread = 0;
  for (const auto& window : windows_) unread += window->unread;
  const std::string title = unread > 0 ? fmt::format("uhoh ({})", unread) : std::string{"uhoh"};
  if (std::exchange(shown_title_, title) != title) screen_->set_title(title);
  if (!std::exchange(is_dirty_, false)) return;
  screen_->draw(view());
}

View Program::view() {
  View view;
  const auto words =
      status_.invisible ? std::string{"invisible"} : std::string{word_of(status_.availability)};
  view.title =
      fmt::format(" {} | {} at {} | {}", current().title, options_.account.number.value,
                  options_.account.server, link_ == client::LinkState::online ? words : "not connected");
  view.contacts = contact_rows();
  view.window = &current();
  view.status = status_line();
  view.prompt = fmt::format("[{}] ", current().title);
  view.input = input_.text();
  view.before_cursor = input_.before_cursor();
  return view;
}

std::string Program::status_line() const {
  const std::time_t wall = std::chrono::system_clock::to_time_t(read_clocks().wall);
  std::string line = fmt::format(" {:%H:%M} ", fmt::localtime(wall));
  if (link_ == client::LinkState::connecting) line += "| connecting ";
  if (link_ == client::LinkState::offline) line += "| offline, /connect ";
  if (link_ == client::LinkState::waiting)
    line +=
        fmt::format("| waiting, next try in {} ", readable_span(std::max(retry_at_ - now(), Duration{0})));
  for (const auto& [id, transfer] : transfers_) {
    const auto& p = transfer.progress;
    const auto rest = transfer.rate.remaining(p.total - p.done);
    line += fmt::format("| {} {} {}% {}/s {} ", transfer.sends ? "sending" : "receiving", p.name,
                        p.total == 0 ? 100 : p.done * 100 / p.total,
                        readable_size(static_cast<std::uint64_t>(transfer.rate.per_second())),
                        rest ? readable_span(*rest) + " left" : std::string{});
  }
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Window& window = *windows_[i];
    const std::string unread = window.unread > 0 ? fmt::format("({})", window.unread) : std::string{};
    line += fmt::format("{} {}:{}{}", i == 0 ? "|" : "", i + 1, window.title, unread);
  }
  return line;
}

std::vector<ContactRow> Program::contact_rows() const {
  std::vector<ContactRow> rows;
  for (const auto& [uin, contact] : contacts_) {
    ContactRow row{name_of(uin), contact.status.availability, 0, windows_[current_]->with == uin};
    for (const auto& window : windows_)
      if (window->kind == WindowKind::conversation && window->with == uin) row.unread = window->unread;
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, [](const ContactRow& a, const ContactRow& b) {
    const bool a_off = a.availability == Availability::offline && a.unread == 0;
    const bool b_off = b.availability == Availability::offline && b.unread == 0;
    if (a_off != b_off) return b_off;
    return text::fold(a.name) < text::fold(b.name);
  });
  return rows;
}

// Windows and lines.

std::string Program::name_of(Uin uin) const {
  const auto at = contacts_.find(uin);
  if (at != contacts_.end() && !at->second.kept.nick.empty()) return at->second.kept.nick;
  // What a stranger calls himself could be anybody's name: his number stands by it.
  const auto told = nicks_.find(uin);
  return told == nicks_.end() || told->second.empty() ? fmt::format("{}", uin.value)
                                                      : fmt::format("{} ({})", told->second, uin.value);
}

std::optional<Uin> Program::find_person(std::string_view name) const {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc{} && end == name.data() + name.size() && Uin{number}.is_account())
    return Uin{number};
  for (const auto& [uin, contact] : contacts_)
    if (!name.empty() && text::fold(contact.kept.nick) == text::fold(name)) return uin;
  return std::nullopt;
}

std::optional<Uin> Program::partner() const {
  const Window& window = *windows_[current_];
  if (window.kind == WindowKind::status) return std::nullopt;
  return window.with;
}

ShownLine Program::shown(const KeptLine& line) const {
  const auto fields = split_fields(line.text);
  ShownLine result{line.at, LineStyle::information, line.state, {}, line.text, line.id};
  if (line.kind == LineKind::information) return result;
  const bool is_sent = line.kind == LineKind::sent;
  result.style = is_sent ? LineStyle::sent : LineStyle::received;
  result.who = is_sent ? std::string{"You"} : name_of(line.with);
  result.text = readable(static_cast<model::MessageKind>(line.message_kind), fields);
  return result;
}

Window& Program::conversation(Uin with) {
  for (const auto& window : windows_)
    if (window->kind == WindowKind::conversation && window->with == with) return *window;
  auto window = std::make_unique<Window>();
  window->kind = WindowKind::conversation;
  window->with = with;
  window->title = name_of(with);
  for (const KeptLine& line : history_->last(with, lines_at_opening)) window->add(shown(line));
  windows_.push_back(std::move(window));
  return *windows_.back();
}

Window* Program::chat_window(client::ChatId chat) {
  for (const auto& window : windows_)
    if (window->kind == WindowKind::chat && window->chat == chat) return window.get();
  return nullptr;
}

Window& Program::open_chat(client::ChatId chat, Uin with) {
  if (Window* there = chat_window(chat)) return *there;
  auto window = std::make_unique<Window>();
  window->kind = WindowKind::chat;
  window->with = with;
  window->chat = chat;
  window->title = "chat-" + name_of(with);
  windows_.push_back(std::move(window));
  show_window(windows_.size() - 1);
  return *windows_.back();
}

void Program::tell(Window& window, LineStyle style, const std::string& text, const std::string& who) {
  window.add({read_clocks().wall, style, LineState::done, who, text});
  is_dirty_ = true;
}

void Program::noticed(Window& window, bool urgent, bool quiet) {
  if (&window != &current()) ++window.unread;
  const bool wants_peace =
      status_.availability == Availability::do_not_disturb || status_.availability == Availability::occupied;
  if (screen_ && options_.config.bell && !quiet && (urgent || !wants_peace)) screen_->ring();
  is_dirty_ = true;
}

void Program::show_window(std::size_t index) {
  if (index >= windows_.size()) return;
  current_ = index;
  current().unread = 0;
  is_dirty_ = true;
}

void Program::show_next_active() {
  for (std::size_t i = 0; i < windows_.size(); ++i)
    if (windows_[i]->unread > 0) return show_window(i);
}

void Program::put_contact(const KeptContact& contact) {
  contacts_[contact.uin].kept = contact;
  history_->put_contact(contact);
  show_name(contact.uin);
}

void Program::show_name(Uin uin) {
  for (const auto& window : windows_) {
    if (window->kind != WindowKind::conversation || window->with != uin) continue;
    window->title = name_of(uin);
    for (ShownLine& line : window->lines)
      if (line.id != 0 && (line.style == LineStyle::received || line.style == LineStyle::highlight))
        line.who = window->title;
  }
  is_dirty_ = true;
}

void Program::ask_nick(Uin uin) {
  if (uin == system_uin || !uin.is_account() || contacts_.contains(uin) || nicks_.contains(uin)) return;
  const auto query = messenger().ask_about(uin, now());
  if (query == 0) return;
  nicks_[uin];
  silent_.insert(query);
}

bool Program::take_adding_back(Uin uin, const std::string& why) {
  const auto node = adding_.extract(uin);
  if (node.empty()) return false;
  const auto typed_in = std::ranges::find(windows_, node.mapped(), &std::unique_ptr<Window>::get);
  Window& window = typed_in == windows_.end() ? *windows_.front() : **typed_in;
  tell(window, LineStyle::error, fmt::format("{} {} is no contact", why, name_of(uin)));
  noticed(window, false, true);
  missing_[uin] = now();
  contacts_.erase(uin);
  history_->remove_contact(uin);
  hand_over_lists();
  return true;
}

void Program::hand_over_lists() {
  std::vector<Uin> all, always, never;
  for (const auto& [uin, contact] : contacts_) {
    all.push_back(uin);
    if (contact.kept.sees_always) always.push_back(uin);
    if (contact.kept.sees_never) never.push_back(uin);
  }
  messenger().set_contacts(all, now());
  messenger().set_visible_to(always, now());
  messenger().set_invisible_to(never, now());
}

void Program::send(Uin to, model::MessageKind kind, std::vector<std::string> fields, bool urgent,
                   bool quiet) {
  Window& window = conversation(to);
  KeptLine line{0,
                to,
                read_clocks().wall,
                LineKind::sent,
                LineState::waiting,
                static_cast<std::uint8_t>(kind),
                join_fields(fields)};
  line.id = history_->add(line);
  if (line.id == 0)
    return complain("The history can't be written: is the disk full? The message was not sent");
  window.add(shown(line));
  is_dirty_ = true;
  if (!messenger().can_write(line.text))
    tell(window, LineStyle::error,
         "Some characters have no place in this account's charset; they go as \"?\"");
  under_way_[line.id] = to;
  messenger().send({to, kind, std::move(fields), urgent, quiet}, static_cast<client::MessageToken>(line.id),
                   now());
}

// Keys.

void Program::on_key(const Key& key) {
  using Kind = Key::Kind;
  is_dirty_ = true;
  switch (key.kind) {
    case Kind::alt:
      if (key.letter >= '1' && key.letter <= '9') return show_window(key.letter - '1');
      if (key.letter == '0') return show_window(9);
      if (key.letter == 'a') return show_next_active();
      return on_editing_key(key);
    case Kind::control:
      if (key.letter == 'n') return show_window((current_ + 1) % windows_.size());
      if (key.letter == 'p') return show_window((current_ + windows_.size() - 1) % windows_.size());
      if (key.letter == 'l') return screen_->refresh_all();
      if (key.letter == 'z') {
        screen_.reset();
        ::raise(SIGTSTP);
        screen_ = std::make_unique<Screen>(options_.config.theme);
        return;
      }
      return on_editing_key(key);
    case Kind::page_up:
      return scroll(true);
    case Kind::page_down:
      return scroll(false);
    case Kind::resize:
      return;
    case Kind::enter:
      return on_enter();
    default:
      return on_editing_key(key);
  }
}

void Program::scroll(bool up) {
  const std::size_t step = std::max<std::size_t>(screen_->window_rows() / 2, 1);
  Window& window = current();
  if (up)
    window.scrolled = std::min(window.scrolled + step, window.lines.size() * 3);
  else
    window.scrolled -= std::min(window.scrolled, step);
}

void Program::on_editing_key(const Key& key) {
  using Kind = Key::Kind;
  const auto control = [&](char letter) {
    return key.kind == Kind::control && key.letter == static_cast<char32_t>(letter);
  };
  const auto alt = [&](char letter) {
    return key.kind == Kind::alt && key.letter == static_cast<char32_t>(letter);
  };
  if (key.kind == Kind::letter) input_.insert(key.letter);
  if (key.kind == Kind::alt_enter) input_.insert('\n');
  if (key.kind == Kind::left || control('b')) input_.left();
  if (key.kind == Kind::right || control('f')) input_.right();
  if (key.kind == Kind::word_left || alt('b')) input_.word_left();
  if (key.kind == Kind::word_right || alt('f')) input_.word_right();
  if (key.kind == Kind::home || control('a')) input_.home();
  if (key.kind == Kind::end || control('e')) input_.end();
  if (key.kind == Kind::backspace) input_.erase_before();
  if (key.kind == Kind::erase || control('d')) input_.erase_at();
  if (control('w') || key.kind == Kind::alt_backspace) input_.cut_word();
  if (control('u')) input_.cut_to_begin();
  if (control('k')) input_.cut_to_end();
  if (control('y')) input_.paste();
  if (control('t')) input_.swap_letters();
  if (control('c')) input_.set_text({});
  if (key.kind == Kind::up) input_.older();
  if (key.kind == Kind::down) input_.newer();
  if (key.kind == Kind::tab)
    input_.complete([this](std::string_view begin, bool is_first) { return candidates(begin, is_first); });
  // A chat shows letters as they are typed; a command is nobody's business.
  const std::string text = input_.text();
  if (current().kind == WindowKind::chat)
    messenger().set_chat_line(current().chat, text.starts_with('/') ? "" : text, now());
}

std::vector<std::string> Program::candidates(std::string_view begin, bool is_first) const {
  std::vector<std::string> found;
  if (is_first && begin.starts_with('/')) {
    for (const Command& command : commands())
      if (std::string_view{command.name}.starts_with(begin.substr(1)))
        found.push_back(fmt::format("/{} ", command.name));
    return found;
  }
  const std::string folded = text::fold(begin);
  for (const auto& [uin, contact] : contacts_) {
    const std::string name = name_of(uin);
    const bool is_one_word = name.find(' ') == std::string::npos;
    if (text::fold(name).starts_with(folded))
      found.push_back((is_one_word ? name : fmt::format("{}", uin.value)) + (is_first ? ": " : " "));
  }
  return found;
}

void Program::on_enter() {
  const std::string line = input_.take();
  if (line.empty()) return;
  history_->add_typed(line);
  current().scrolled = 0;
  if (line.starts_with('/') && !line.starts_with("//")) return obey(line.substr(1));
  const std::string text = line.starts_with("//") ? line.substr(1) : line;
  Window& window = current();
  switch (window.kind) {
    case WindowKind::status:
      return complain("This window talks to nobody: /msg NUMBER TEXT, or /query NUMBER");
    case WindowKind::conversation:
      return send(window.with, model::MessageKind::text, {text});
    case WindowKind::chat:
      messenger().set_chat_line(window.chat, text, now());
      messenger().end_chat_line(window.chat, now());
      return tell(window, LineStyle::sent, text, "You");
  }
}

}  // namespace uhoh::term
