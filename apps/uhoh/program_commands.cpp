#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <utility>

#include "program.hpp"

/// What the user commands.
namespace uhoh::term {

namespace {
using model::Availability;
using model::MessageKind;

/// Takes the first word off.
std::string_view take_word(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return word;
}

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Takes "key=value" pairs apart; a value ends where the next key begins.
std::vector<std::pair<std::string, std::string>> pairs_in(std::string_view rest) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!rest.empty()) {
    const auto word = take_word(rest);
    const auto equals = word.find('=');
    if (equals != std::string_view::npos)
      pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    else if (!pairs.empty())
      pairs.back().second += " " + std::string{word};
    else
      pairs.emplace_back("nick", word);
  }
  return pairs;
}
}  // namespace

const std::vector<Program::Command>& Program::commands() {
  using P = Program;
  static const std::vector<Command> table{
      {"accept", "[NAME]", "accepts the oldest invitation or offer, or that of somebody", &P::do_accept},
      {"add", "NUMBER [NICK]", "adds somebody to the contacts", &P::do_add},
      {"away", "[MESSAGE]", "away; the message goes to who writes directly, or asks", &P::do_away},
      {"bell", "", "switches the bell on and off", &P::do_bell},
      {"cancel", "", "ends all transfers with the partner of this window", &P::do_cancel},
      {"chat", "[REASON]", "asks the partner of this window to chat, letter by letter", &P::do_chat},
      {"clear", "", "empties this window (the history keeps all)", &P::do_clear},
      {"close", "", "closes this window; a chat is left", &P::do_close},
      {"connect", "", "logs in", &P::do_connect},
      {"contacts", "NUMBER...", "sends contacts to the partner of this window", &P::do_contacts},
      {"deny", "NUMBER [REASON]", "refuses who asked to be allowed to add you", &P::do_deny},
      {"disconnect", "", "logs off", &P::do_disconnect},
      {"dnd", "[MESSAGE]", "do not disturb", &P::do_dnd},
      {"ffc", "", "free for chat", &P::do_ffc},
      {"grant", "NUMBER", "allows somebody to add you", &P::do_grant},
      {"help", "[COMMAND]", "tells what can be done", &P::do_help},
      {"hide", "[NAME]", "hides you from somebody, or no longer", &P::do_hide},
      {"history", "TEXT", "searches what was said; in the first window everywhere", &P::do_history},
      {"invisible", "", "invisible", &P::do_invisible},
      {"invite", "NAME [REASON]", "invites somebody into the chat of this window", &P::do_invite},
      {"msg", "NAME TEXT", "sends a message", &P::do_msg},
      {"na", "[MESSAGE]", "not available", &P::do_na},
      {"occupied", "[MESSAGE]", "occupied", &P::do_occupied},
      {"online", "", "online", &P::do_online},
      {"passwd", "NEW", "changes the password (also in the configuration, by hand)", &P::do_passwd},
      {"profile", "nick=A first=B last=C email=D auth=open|required", "tells the server about yourself",
       &P::do_profile},
      {"query", "NAME", "opens a window for somebody", &P::do_query},
      {"quiet", "TEXT", "sends a message that makes no noise", &P::do_quiet},
      {"quit", "", "leaves", &P::do_quit},
      {"readaway", "[NAME]", "fetches somebody's away message", &P::do_readaway},
      {"refuse", "[REASON]", "refuses the oldest invitation or offer", &P::do_refuse},
      {"remove", "[NAME]", "takes somebody off the contacts", &P::do_remove},
      {"rename", "NAME", "gives the partner of this window another name", &P::do_rename},
      {"request", "NUMBER REASON", "asks to be allowed to add somebody", &P::do_request},
      {"resend", "", "sends again what is marked with !", &P::do_resend},
      {"search", "nick=A first=B last=C | email=D", "searches the server's directory", &P::do_search},
      {"sendfile", "FILE...", "offers files to the partner of this window", &P::do_sendfile},
      {"speed", "PERCENT", "slows transfers down; 0 stands still", &P::do_speed},
      {"theme", "dark|light", "changes the colours", &P::do_theme},
      {"urgent", "TEXT", "sends a message marked as urgent", &P::do_urgent},
      {"url", "URL [DESCRIPTION]", "sends a URL", &P::do_url},
      {"visible", "[NAME]", "shows you to somebody even when invisible, or no longer", &P::do_visible},
      {"whois", "[NAME]", "tells about somebody", &P::do_whois},
      {"win", "NUMBER", "shows a window; also Alt-1 to Alt-9", &P::do_win},
  };
  return table;
}

void Program::obey(std::string_view line) {
  std::string_view rest = line;
  const auto name = take_word(rest);
  const Command* found = nullptr;
  std::size_t fitting = 0;
  std::string names;
  for (const Command& command : commands()) {
    const std::string_view full = command.name;
    if (full == name) {
      found = &command;
      fitting = 1;
      break;
    }
    if (!full.starts_with(name)) continue;
    found = &command;
    ++fitting;
    names += fmt::format("{}/{}", names.empty() ? "" : ", ", full);
  }
  if (fitting == 1) return (this->*found->run)(rest);
  complain(fitting == 0 ? fmt::format("There is no command /{}; /help lists them", name)
                        : fmt::format("/{} could be {}", name, names));
}

bool Program::lacks(bool feature, std::string_view what) {
  if (!feature) complain(fmt::format("There are no {} in {}", what, options_.account.dialect));
  return !feature;
}

void Program::do_help(std::string_view arguments) {
  for (const Command& c : commands())
    if (arguments.empty() || arguments == c.name)
      tell(fmt::format("/{} {} - {}", c.name, c.arguments, c.meaning));
  if (!arguments.empty()) return;
  tell(
      "Keys: Alt-1 to Alt-9 windows, Alt-A where something is new, Ctrl-N Ctrl-P next and last window, "
      "PageUp PageDown");
  tell(
      "Tab completes, Up and Down earlier lines, Ctrl-W Ctrl-U Ctrl-K cut, Ctrl-Y pastes, Alt-Enter a new "
      "line");
  tell(
      "Marks: ~ is on its way, ! was not sent; contacts: + online, a away, n not available, o occupied, d "
      "not to be disturbed, c free for chat");
  tell("PageUp shows what stands above; /help COMMAND explains one");
}

// Windows.

void Program::do_query(std::string_view arguments) {
  const auto who = find_person(take_word(arguments));
  if (!who) return complain("Whom? Give a number, or a contact's name");
  const Window* wanted = &conversation(*who);
  for (std::size_t i = 0; i < windows_.size(); ++i)
    if (windows_[i].get() == wanted) show_window(i);
}

void Program::do_close(std::string_view) {
  if (current_ == 0) return complain("This window stays; /quit leaves");
  if (current().kind == WindowKind::chat) messenger().leave_chat(current().chat, now());
  windows_.erase(windows_.begin() + static_cast<std::ptrdiff_t>(current_));
  show_window(current_ - 1);
}

void Program::do_win(std::string_view arguments) {
  const auto number = number_in(take_word(arguments));
  if (!number || *number == 0 || *number > windows_.size())
    return complain(fmt::format("There are the windows 1 to {}", windows_.size()));
  show_window(*number - 1);
}

void Program::do_clear(std::string_view) { current().lines.clear(); }

void Program::do_history(std::string_view arguments) {
  if (arguments.empty()) return complain("What to search for?");
  constexpr std::size_t most = 50;
  const auto found = history_->search(arguments, partner().value_or(Uin{}), most);
  tell(fmt::format("{} with \"{}\":", counted(found.size(), "line"), arguments));
  for (const KeptLine& line : found) {
    ShownLine row = shown(line);
    const std::time_t at = std::chrono::system_clock::to_time_t(line.at);
    row.text = fmt::format("[{:%Y-%m-%d} {}] {}", fmt::localtime(at), name_of(line.with), row.text);
    row.id = 0;
    current().add(std::move(row));
  }
}

// Contacts.

void Program::do_add(std::string_view arguments) {
  const auto number = number_in(take_word(arguments));
  if (!number || !Uin{*number}.is_account()) return complain("/add NUMBER [NICK]");
  const Uin uin{*number};
  if (!contacts_.contains(uin)) adding_[uin] = &current();
  missing_.erase(uin);
  put_contact({uin, std::string{arguments}});
  messenger().add_contact(uin, now());
  tell(fmt::format("{} is a contact now", name_of(uin)));
  if (arguments.empty()) silent_.insert(messenger().ask_about(uin, now()));
}

void Program::do_remove(std::string_view arguments) {
  const auto who = arguments.empty() ? partner() : find_person(arguments);
  if (!who || contacts_.erase(*who) == 0) return complain("That is no contact");
  history_->remove_contact(*who);
  messenger().remove_contact(*who, now());
  hand_over_lists();
  tell(fmt::format("{} is no contact any more", who->value));
}

void Program::do_rename(std::string_view arguments) {
  const auto who = partner();
  if (!who || !contacts_.contains(*who) || arguments.empty())
    return complain("/rename NAME, in a contact's window");
  KeptContact contact = contacts_[*who].kept;
  contact.nick = arguments;
  put_contact(contact);
}

void Program::do_visible(std::string_view arguments) {
  if (lacks(messenger().features().visibility_lists, "visibility lists")) return;
  const auto who = arguments.empty() ? partner() : find_person(arguments);
  if (!who || !contacts_.contains(*who)) return complain("That is no contact");
  KeptContact contact = contacts_[*who].kept;
  contact.sees_always = !contact.sees_always;
  contact.sees_never = contact.sees_never && !contact.sees_always;
  put_contact(contact);
  hand_over_lists();
  tell(fmt::format("{} sees you {}", name_of(*who),
                   contact.sees_always ? "even when you are invisible" : "as everybody does"));
}

void Program::do_hide(std::string_view arguments) {
  if (lacks(messenger().features().visibility_lists, "visibility lists")) return;
  const auto who = arguments.empty() ? partner() : find_person(arguments);
  if (!who || !contacts_.contains(*who)) return complain("That is no contact");
  KeptContact contact = contacts_[*who].kept;
  contact.sees_never = !contact.sees_never;
  contact.sees_always = contact.sees_always && !contact.sees_never;
  put_contact(contact);
  hand_over_lists();
  tell(fmt::format("{} sees you {}", name_of(*who), contact.sees_never ? "offline" : "as everybody does"));
}

void Program::do_request(std::string_view arguments) {
  const auto who = find_person(take_word(arguments));
  if (!who || !messenger().request_authorization(*who, arguments, now()))
    return complain("/request NUMBER REASON, while you are online");
  tell(fmt::format("{} is asked", who->value));
}

void Program::do_grant(std::string_view arguments) {
  const auto who = find_person(take_word(arguments));
  if (!who || !messenger().answer_authorization(*who, true, {}, now()))
    return complain("/grant NUMBER, while you are online");
  tell(fmt::format("{} may add you", who->value));
}

void Program::do_deny(std::string_view arguments) {
  const auto who = find_person(take_word(arguments));
  if (!who || !messenger().answer_authorization(*who, false, arguments, now()))
    return complain("/deny NUMBER [REASON], while you are online");
  tell(fmt::format("{} is refused", who->value));
}

void Program::do_whois(std::string_view arguments) {
  const auto who = arguments.empty() ? partner() : find_person(arguments);
  if (!who || messenger().ask_about(*who, now()) == 0)
    return complain("/whois NAME or NUMBER, while you are online");
  (void)messenger().ask_details(*who, now());
}

void Program::do_search(std::string_view arguments) {
  client::SearchTerms terms;
  for (const auto& [key, value] : pairs_in(arguments)) {
    if (key == "nick")
      terms.nick = value;
    else if (key == "first")
      terms.first_name = value;
    else if (key == "last")
      terms.last_name = value;
    else if (key == "email")
      terms.email = value;
    else
      return complain(fmt::format("\"{}\" is none of nick, first, last, email", key));
  }
  const bool more_than_nick = !terms.first_name.empty() || !terms.last_name.empty() || !terms.email.empty();
  if (more_than_nick && lacks(messenger().features().search_by_name, "searches but by nick")) return;
  search_ = messenger().search(terms, now());
  if (search_ == 0) complain("/search nick=NAME, while you are online");
}

// Status.

void Program::set_status(Availability availability, bool invisible, std::string_view message) {
  // What the protocol has no word for is not shown as if others saw it.
  const Availability seen = messenger().shown_as(availability);
  status_ = {seen, invisible};
  messenger().set_status({availability, invisible}, message, now());
  if (!invisible && seen != availability)
    return tell(*windows_.front(), LineStyle::information,
                fmt::format("You are {}: {} has no \"{}\"", word_of(seen), options_.account.dialect,
                            word_of(availability)));
  tell(*windows_.front(), LineStyle::information,
       fmt::format("You are {}{}{}", invisible ? "invisible" : word_of(availability),
                   message.empty() ? "" : ": ", message));
}

void Program::do_online(std::string_view) { set_status(Availability::online, false, {}); }
void Program::do_away(std::string_view arguments) {
  set_status(Availability::away, false, arguments.empty() ? "I am away" : arguments);
}
void Program::do_na(std::string_view arguments) {
  set_status(Availability::not_available, false, arguments.empty() ? "I am not here" : arguments);
}
void Program::do_occupied(std::string_view arguments) {
  set_status(Availability::occupied, false, arguments.empty() ? "I am occupied" : arguments);
}
void Program::do_dnd(std::string_view arguments) {
  set_status(Availability::do_not_disturb, false, arguments.empty() ? "Please do not disturb" : arguments);
}
void Program::do_ffc(std::string_view) { set_status(Availability::free_for_chat, false, {}); }
void Program::do_invisible(std::string_view) { set_status(Availability::online, true, {}); }

void Program::do_readaway(std::string_view arguments) {
  if (lacks(messenger().features().away_messages, "away messages")) return;
  const auto who = arguments.empty() ? partner() : find_person(arguments);
  if (!who) return complain("Whose?");
  if (!messenger().fetch_away_message(*who, now()))
    complain("It is fetched directly, and that one can't be reached");
}

// Messages.

void Program::do_msg(std::string_view arguments) {
  const auto who = find_person(take_word(arguments));
  if (!who || arguments.empty()) return complain("/msg NAME TEXT");
  const bool stays = current().kind != WindowKind::status;
  send(*who, MessageKind::text, {std::string{arguments}});
  if (!stays) do_query(fmt::format("{}", who->value));
}

void Program::do_url(std::string_view arguments) {
  const auto who = partner();
  const auto url = take_word(arguments);
  if (!who || url.empty()) return complain("/url URL [DESCRIPTION], in somebody's window");
  send(*who, MessageKind::url, {std::string{arguments}, std::string{url}});
}

void Program::do_contacts(std::string_view arguments) {
  const auto who = partner();
  std::vector<std::string> fields{""};
  while (!arguments.empty()) {
    const auto one = find_person(take_word(arguments));
    if (!one) return complain("/contacts NAME or NUMBER ..., in somebody's window");
    fields.push_back(fmt::format("{}", one->value));
    fields.push_back(name_of(*one));
  }
  if (!who || fields.size() == 1) return complain("/contacts NAME or NUMBER ..., in somebody's window");
  fields[0] = fmt::format("{}", fields.size() / 2);
  send(*who, MessageKind::contacts, std::move(fields));
}

void Program::do_urgent(std::string_view arguments) {
  const auto who = partner();
  if (!who || arguments.empty()) return complain("/urgent TEXT, in somebody's window");
  send(*who, MessageKind::text, {std::string{arguments}}, true);
}

void Program::do_quiet(std::string_view arguments) {
  const auto who = partner();
  if (!who || arguments.empty()) return complain("/quiet TEXT, in somebody's window");
  send(*who, MessageKind::text, {std::string{arguments}}, false, true);
}

void Program::do_resend(std::string_view) {
  const auto who = partner();
  if (!who) return complain("/resend, in somebody's window");
  const auto failed = history_->failed(*who);
  for (const KeptLine& line : failed) {
    std::vector<std::string> fields;
    for (const auto part : std::views::split(line.text, model::field_separator))
      fields.emplace_back(part.begin(), part.end());
    if (fields.empty()) fields.emplace_back();
    set_line_state(line.id, LineState::waiting);
    under_way_[line.id] = *who;
    messenger().send({*who, static_cast<MessageKind>(line.message_kind), std::move(fields)},
                     static_cast<client::MessageToken>(line.id), now());
  }
  tell(fmt::format("{} sent again", counted(failed.size(), "line")));
}

// Chats and files.

void Program::do_chat(std::string_view arguments) {
  if (lacks(messenger().features().chats, "chats")) return;
  const auto who = partner();
  if (!who) return complain("/chat [REASON], in somebody's window");
  const auto chat =
      messenger().invite(*who, arguments.empty() ? "Let us chat" : arguments, client::ChatId::none, now());
  if (chat == client::ChatId::none)
    return complain("Chats go directly, and that one can't be reached: he is offline, or hides his address");
  tell(fmt::format("{} is asked", name_of(*who)));
}

void Program::do_invite(std::string_view arguments) {
  if (lacks(messenger().features().chats, "chats")) return;
  const auto who = find_person(take_word(arguments));
  if (!who || current().kind != WindowKind::chat)
    return complain("/invite NAME [REASON], in a chat's window");
  const auto chat =
      messenger().invite(*who, arguments.empty() ? "Come and chat" : arguments, current().chat, now());
  if (chat == client::ChatId::none) return complain("That one can't be reached directly");
  tell(fmt::format("{} is invited", name_of(*who)));
}

std::optional<client::RequestId> Program::wanted_request(std::string_view argument) const {
  const auto wanted = argument.empty() ? partner() : find_person(argument);
  for (const auto& [id, request] : requests_)
    if (wanted && request.from == *wanted) return id;
  if (!argument.empty() || requests_.empty()) return std::nullopt;
  return requests_.begin()->first;
}

void Program::do_accept(std::string_view arguments) {
  const auto id = wanted_request(arguments);
  if (!id) return complain("There is no invitation and no offer");
  const Request request = requests_.extract(*id).mapped();
  if (request.is_chat) {
    const auto chat = messenger().accept_chat(*id, now());
    if (chat == client::ChatId::none) return complain("The chat did not come about");
    open_chat(chat, request.from);
    return tell("Waiting for the others");
  }
  const auto transfer = messenger().accept_files(*id, now());
  if (!transfer) return complain(transfer.error());
  transfers_[*transfer] = {request.from, false, {.name = request.text}, {}};
  tell(fmt::format("{} comes into {}", request.text, options_.config.downloads.string()));
}

void Program::do_refuse(std::string_view arguments) {
  const auto id = wanted_request({});
  if (!id) return complain("There is no invitation and no offer");
  requests_.erase(*id);
  messenger().refuse(*id, arguments, now());
  tell("Refused");
}

void Program::do_sendfile(std::string_view arguments) {
  if (lacks(messenger().features().files, "files")) return;
  const auto who = partner();
  std::vector<std::string> paths;
  // A name with blanks is one file when it is there.
  if (std::filesystem::exists(arguments)) {
    paths.emplace_back(arguments);
  } else {
    while (!arguments.empty()) paths.emplace_back(take_word(arguments));
  }
  if (!who || paths.empty()) return complain("/sendfile FILE..., in somebody's window");
  const auto transfer = messenger().offer_files(*who, paths, {}, now());
  if (!transfer) return complain(transfer.error());
  transfers_[*transfer] = {*who, true, {.name = paths.front()}, {}};
  tell(fmt::format("{} is asked whether he takes it", name_of(*who)));
}

void Program::do_speed(std::string_view arguments) {
  const auto percent = number_in(take_word(arguments));
  if (!percent || *percent > client::PeerFiles::full_speed) return complain("/speed 0 to 100");
  std::size_t changed = 0;
  for (const auto& [id, transfer] : transfers_)
    changed += messenger().set_speed(id, *percent, now()) ? 1U : 0U;
  tell(fmt::format("{} at {} percent", counted(changed, "transfer"), *percent));
}

void Program::do_cancel(std::string_view) {
  const auto who = partner();
  const auto ended = std::erase_if(transfers_, [&](const auto& entry) {
    if (who && entry.second.with != *who) return false;
    messenger().cancel_transfer(entry.first, now());
    return true;
  });
  tell(fmt::format("{} ended", counted(ended, "transfer")));
}

// The account and the program.

void Program::do_profile(std::string_view arguments) {
  model::BasicProfile profile;
  for (const auto& [key, value] : pairs_in(arguments)) {
    if (key == "nick")
      profile.nick = value;
    else if (key == "first")
      profile.first_name = value;
    else if (key == "last")
      profile.last_name = value;
    else if (key == "email")
      profile.email = value;
    else if (key == "auth")
      profile.authorization = value == "open" ? model::Authorization::open : model::Authorization::required;
    else
      return complain(fmt::format("\"{}\" is none of nick, first, last, email, auth", key));
  }
  if (!messenger().set_profile(profile, now()))
    complain("The profile can be changed while you are online, and not with every protocol");
}

void Program::do_passwd(std::string_view arguments) {
  if (lacks(messenger().features().password_change, "changes of a password")) return;
  const auto longest = find_dialect(options_.account.dialect)->longest_password;
  if (arguments.empty() || arguments.size() > longest)
    return complain(fmt::format("/passwd NEW: 1 to {} characters in this protocol", longest));
  if (!messenger().change_password(arguments, now()))
    complain("The password can be changed while you are online");
}

void Program::do_connect(std::string_view) {
  messenger().go_online(options_.account.number, options_.password, now());
}
void Program::do_disconnect(std::string_view) { messenger().go_offline(now()); }

void Program::do_theme(std::string_view arguments) {
  if (arguments != "dark" && arguments != "light") return complain("/theme dark, or /theme light");
  options_.config.theme = arguments;
  screen_->set_theme(options_.config.theme);
  screen_->refresh_all();
}

void Program::do_bell(std::string_view) {
  options_.config.bell = !options_.config.bell;
  tell(options_.config.bell ? "The bell rings" : "The bell is silent");
}

void Program::do_quit(std::string_view) { is_leaving_ = true; }

}  // namespace uhoh::term
