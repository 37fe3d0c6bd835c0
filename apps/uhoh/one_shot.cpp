#include "one_shot.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

#include "session.hpp"
#include "words.hpp"

namespace uhoh::term {

namespace {
using client::LinkState;

std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

constexpr Duration tick = std::chrono::milliseconds{200};
constexpr client::MessageToken only_token{1};

void complain(std::string_view line) { fmt::print(stderr, "uhoh: {}\n", line); }

bool print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

/// One task over one session: logs in, does its work, logs off.
class Task : public client::MessengerListener {
 public:
  explicit Task(const OneShotOptions& options, bool fetches_stored = false)
      : options_{options}, fetches_stored_{fetches_stored} {}

  /// Runs until the work is done; gives the exit code.
  int run() {
    auto session = open_session(options_.account, options_.downloads, *this, fetches_stored_);
    if (!session) {
      complain(session.error());
      return exit_failed;
    }
    session_ = std::move(*session);
    stop_asked = false;
    const auto interrupt_before = ::signal(SIGINT, [](int) { stop_asked = true; });
    const auto end_before = ::signal(SIGTERM, [](int) { stop_asked = true; });
    ::signal(SIGPIPE, SIG_IGN);
    const Instant end = options_.timeout > Duration{0} ? Driver::now() + options_.timeout : Instant::max();
    begin();
    while (!is_done_ && !stop_asked) {
      session_.driver->run_once(tick);
      if (Driver::now() >= end) give_up();
    }
    if (stop_asked && !is_done_) finish(interrupted());
    leave();
    ::signal(SIGINT, interrupt_before);
    ::signal(SIGTERM, end_before);
    return code_;
  }

  void on_link_state(LinkState state, const std::string& why, Instant) override {
    state_ = state;
    if (state == LinkState::online) return at_work();
    if (state == LinkState::offline && !is_done_ && state_was_connecting_) {
      complain(why.empty() ? "the session ended" : why);
      finish(exit_failed);
    }
    if (state == LinkState::waiting) complain(fmt::format("{}; trying again", why));
    state_was_connecting_ = state != LinkState::registering;
  }
  void on_notice(const std::string& line) override { complain(line); }

 protected:
  virtual void begin() { messenger().go_online(options_.account.number, options_.password, Driver::now()); }
  /// The session stands.
  virtual void at_work() = 0;
  virtual int interrupted() { return exit_failed; }
  virtual void give_up() {
    complain(fmt::format("gave up after {}", readable_span(options_.timeout)));
    finish(exit_failed);
  }

  void finish(int code) {
    is_done_ = true;
    code_ = code;
  }
  client::Messenger& messenger() { return *session_.messenger; }
  const OneShotOptions& options() const { return options_; }

 private:
  void leave() {
    if (state_ != LinkState::online) return;
    messenger().go_offline(Driver::now());
    constexpr Duration patience = std::chrono::seconds{5};
    const Instant end = Driver::now() + patience;
    while (state_ == LinkState::online && Driver::now() < end) session_.driver->run_once(tick);
  }

  OneShotOptions options_;
  bool fetches_stored_;
  Session session_;
  LinkState state_ = LinkState::offline;
  bool state_was_connecting_ = false;
  bool is_done_ = false;
  int code_ = exit_failed;
};

// send

class SendTask final : public Task {
 public:
  SendTask(const OneShotOptions& options, const client::OutgoingMessage& message)
      : Task{options}, message_{message} {}

  void on_sent(const client::Sent& what) override {
    if (!what.auto_reply.empty())
      print_line(fmt::format("{} is {}: {}", message_.to.value, word_of(what.other), what.auto_reply));
    finish(exit_well);
  }
  void on_not_sent(client::MessageToken, const std::string& why) override {
    complain(why);
    finish(exit_failed);
  }
  void on_no_such_user(Uin uin) override {
    complain(fmt::format("there is no number {}", uin.value));
    finish(exit_failed);
  }
  /// OICQ has no other way to say that a message was refused.
  void on_notice(const std::string& line) override {
    Task::on_notice(line);
    if (options().account.dialect == "oicq") finish(exit_failed);
  }
  /// The system says why it refused the message (a full inbox). Other messages that come meanwhile stay on the
  /// server, for a program that shows them.
  bool on_message(const client::ReceivedMessage& message) override {
    const bool is_from_system = message.from == system_uin && !message.fields.empty();
    if (!is_from_system || refused_recipient(message.fields.back()) != message_.to) return false;
    complain(message.fields.back());
    finish(exit_failed);
    return true;
  }

 private:
  void at_work() override {
    if (!messenger().can_write(message_.fields.back()))
      complain("some characters have no place in this account's charset; they go as \"?\"");
    messenger().send(message_, only_token, Driver::now());
  }
  client::OutgoingMessage message_;
};

// listen

class ListenTask final : public Task {
 public:
  ListenTask(const OneShotOptions& options, const ListenOptions& what) : Task{options, true}, what_{what} {}

  void on_link_state(LinkState state, const std::string& why, Instant at) override {
    static constexpr std::array names{"offline", "registering", "connecting", "online", "waiting"};
    if (options().json) {
      JsonObject line;
      line.add("event", "link").add("state", names.at(static_cast<std::size_t>(state)));
      if (!why.empty()) line.add("why", why);
      print_line(line.line());
    }
    Task::on_link_state(state, why, at);
  }
  bool on_message(const client::ReceivedMessage& m) override {
    const bool printed = options().json ? print_line(as_json(m)) : print_line(as_text(m));
    if (!printed) finish(exit_failed);
    if (printed && ++messages_ == what_.most_messages) finish(exit_well);
    return printed;
  }
  void on_presence(Uin uin, const model::Status& status) override {
    if (options().json)
      print_line(JsonObject{}
                     .add("event", "presence")
                     .add("number", uin.value)
                     .add("status", word_of(status.availability))
                     .line());
    else
      print_line(fmt::format("* {} is {}", uin.value, word_of(status.availability)));
  }
  void on_file_offer(client::RequestId request, const client::FileOffer& offer) override {
    print_line(JsonObject{}
                   .add("event", "file_offer")
                   .add("from", offer.from.value)
                   .add("name", offer.name)
                   .add("size", offer.size)
                   .line());
    if (!what_.accept_files)
      return messenger().refuse(request, "Nobody is here to take files", Driver::now());
    if (const auto taken = messenger().accept_files(request, Driver::now()); !taken) complain(taken.error());
  }
  void on_transfer_file(client::TransferId, const std::string& name, const std::string& path) override {
    print_line(JsonObject{}.add("event", "file").add("name", name).add("path", path).line());
  }
  void on_transfer_end(client::TransferId, bool whole, const std::string& why) override {
    if (!whole) print_line(JsonObject{}.add("event", "file_failed").add("why", why).line());
  }
  void on_chat_invitation(client::RequestId request, const client::ChatInvitation&) override {
    messenger().refuse(request, "Nobody is here to chat", Driver::now());
  }

 private:
  void begin() override {
    messenger().set_contacts(what_.contacts, Driver::now());
    if (what_.status) messenger().set_status(*what_.status, what_.away_message, Driver::now());
    Task::begin();
  }
  void at_work() override {}
  int interrupted() override { return exit_well; }
  void give_up() override { finish(what_.most_messages == 0 ? exit_well : exit_failed); }

  static std::string as_json(const client::ReceivedMessage& m) {
    JsonObject line;
    line.add("event", "message")
        .add("from", m.from.value)
        .add("kind", word_of(m.kind))
        .add("text", readable(m.kind, m.fields));
    line.add("fields", m.fields).add("direct", m.direct).add("urgent", m.urgent);
    if (m.stored_since) line.add("stored_since", iso_time(*m.stored_since));
    return line.line();
  }
  static std::string as_text(const client::ReceivedMessage& m) {
    return fmt::format("{}: {}", m.from.value, readable(m.kind, m.fields));
  }

  ListenOptions what_;
  std::uint64_t messages_ = 0;
};

// register

class RegisterTask final : public Task {
 public:
  using Task::Task;

  void on_registered(Uin uin) override {
    print_line(options().json ? JsonObject{}.add("number", uin.value).line() : fmt::format("{}", uin.value));
    number_ = uin;
    finish(exit_well);
  }
  void on_registration_failed(const std::string& why) override {
    complain(why);
    finish(exit_failed);
  }
  [[nodiscard]] Uin number() const noexcept { return number_; }

 private:
  void begin() override {
    if (messenger().register_account(options().password, Driver::now())) return;
    const auto* const dialect = find_dialect(options().account.dialect);
    complain(dialect != nullptr && !dialect->registers ? "this protocol gives out no numbers: register with icq"
                                                       : "The password is too long");
    finish(exit_failed);
  }
  void at_work() override {}
  Uin number_;
};

/// Tells the server a new account's nick.
class IntroduceTask final : public Task {
 public:
  using Task::Task;

  void on_changed(bool ok) override { finish(ok ? exit_well : exit_failed); }
  bool on_message(const client::ReceivedMessage&) override { return false; }

 private:
  void at_work() override { (void)messenger().introduce({.nick = options().account.nick}, Driver::now()); }
};

/// A log-in whose only end is to see whether it can be done.
class TrialTask : public Task {
 public:
  using Task::Task;

  void on_link_state(LinkState state, const std::string& why, Instant at) override {
    if (state != LinkState::waiting) return Task::on_link_state(state, why, at);
    complain(why);
    finish(exit_failed);
  }
  bool on_message(const client::ReceivedMessage&) override { return false; }

 protected:
  void at_work() override { finish(exit_well); }

 private:
  void begin() override {
    messenger().set_status({model::Availability::online, true}, {}, Driver::now());
    Task::begin();
  }
};

/// Asks the system for UTF-8.
class Utf8Task final : public TrialTask {
 public:
  using TrialTask::TrialTask;

  bool on_message(const client::ReceivedMessage& message) override {
    if (message.from != system_uin || message.stored_since) return false;
    finish(message.fields.back().starts_with("Your charset is utf8") ? exit_well : exit_failed);
    return true;
  }

 private:
  void at_work() override {
    messenger().send({system_uin, model::MessageKind::text, {"charset utf8"}}, only_token, Driver::now());
  }
  void give_up() override { finish(exit_failed); }
};

// whois, search

void print_entry(const client::DirectoryEntry& user, bool json) {
  const auto& p = user.profile;
  const bool asks = p.authorization != model::Authorization::open;
  if (json) {
    JsonObject line;
    line.add("number", user.uin.value).add("nick", p.nick).add("first_name", p.first_name);
    line.add("last_name", p.last_name).add("email", p.email).add("authorization_required", asks);
    print_line(line.line());
  } else {
    print_line(fmt::format("{:<10} {:<16} {} {} <{}>{}", user.uin.value, p.nick, p.first_name, p.last_name,
                           p.email, asks ? " (must be asked)" : ""));
  }
}

class QueryTask final : public Task {
 public:
  QueryTask(const OneShotOptions& options, Uin uin) : Task{options}, uin_{uin} {}
  QueryTask(const OneShotOptions& options, const client::SearchTerms& terms) : Task{options}, terms_{terms} {}

  void on_user(std::uint32_t, const client::DirectoryEntry& user) override {
    ++found_;
    print_entry(user, options().json);
  }
  void on_details(std::uint32_t, Uin, const model::ExtendedProfile& d) override {
    if (options().json) return;
    const auto show = [](std::string_view name, const std::string& value) {
      if (!value.empty()) print_line(fmt::format("  {}: {}", name, value));
    };
    show("city", d.city);
    show("state", d.state);
    if (d.age != model::ExtendedProfile::not_entered) show("age", fmt::format("{}", d.age));
    show("phone", d.phone);
    show("homepage", d.homepage);
    show("about", d.about);
  }
  void on_query_end(std::uint32_t query, bool more) override {
    if (query == details_) return finish(exit_well);
    if (more) complain("there are more; narrow the search");
    if (found_ == 0) {
      complain("nobody was found");
      return finish(exit_failed);
    }
    if (uin_.value == 0) return finish(exit_well);
    details_ = messenger().ask_details(uin_, Driver::now());
  }
  void on_no_such_user(Uin uin) override {
    complain(fmt::format("there is no number {}", uin.value));
    finish(exit_failed);
  }
  bool on_message(const client::ReceivedMessage&) override { return false; }

 private:
  void at_work() override {
    const auto query =
        uin_.value != 0 ? messenger().ask_about(uin_, Driver::now()) : messenger().search(terms_, Driver::now());
    if (query != 0) return;
    complain("this protocol can't search for that");
    finish(exit_failed);
  }
  Uin uin_;
  client::SearchTerms terms_;
  std::uint32_t details_ = 0;
  unsigned found_ = 0;
};

// sendfile

class FileTask final : public Task {
 public:
  FileTask(const OneShotOptions& options, Uin to, std::vector<std::string> paths, std::string description)
      : Task{options}, to_{to}, paths_{std::move(paths)}, description_{std::move(description)} {}

  void on_presence(Uin uin, const model::Status& status) override {
    if (uin != to_ || is_offered_ || status.availability == model::Availability::offline) return;
    is_offered_ = true;
    const auto offered = messenger().offer_files(to_, paths_, description_, Driver::now());
    if (offered) return;
    complain(offered.error());
    finish(exit_failed);
  }
  void on_transfer_progress(client::TransferId, const client::TransferProgress& p) override {
    const Instant now = Driver::now();
    rate_.update(p.done, now);
    if (::isatty(STDERR_FILENO) == 0 || now - shown_ < tick) return;
    shown_ = now;
    const auto rest = rate_.remaining(p.total - p.done);
    fmt::print(stderr, "\r{} of {}, {}/s, {} left \033[K", readable_size(p.done), readable_size(p.total),
               readable_size(static_cast<std::uint64_t>(rate_.per_second())),
               rest ? readable_span(*rest) : "?");
  }
  void on_transfer_end(client::TransferId, bool whole, const std::string& why) override {
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
    if (!whole) complain(why);
    finish(whole ? exit_well : exit_failed);
  }
  bool on_message(const client::ReceivedMessage&) override { return false; }

 private:
  void begin() override {
    if (!messenger().features().files) {
      complain("this protocol sends no files here");
      return finish(exit_failed);
    }
    messenger().set_contacts(std::span{&to_, 1}, Driver::now());
    Task::begin();
  }
  void at_work() override {}
  void give_up() override {
    if (!is_offered_) complain(fmt::format("{} is not online: files don't wait", to_.value));
    Task::give_up();
  }

  Uin to_;
  std::vector<std::string> paths_;
  std::string description_;
  bool is_offered_ = false;
  Rate rate_;
  Instant shown_;
};
}  // namespace

int send_message(const OneShotOptions& options, const client::OutgoingMessage& message) {
  return SendTask{options, message}.run();
}

int listen(const OneShotOptions& options, const ListenOptions& what) {
  return ListenTask{options, what}.run();
}

int register_account(const OneShotOptions& options, const std::filesystem::path& save_to) {
  RegisterTask task{options};
  if (const int code = task.run(); code != exit_well) return code;
  OneShotOptions made = options;
  made.account.number = task.number();
  made.account.password = options.password;
  if (!save_to.empty()) {
    if (ask_for_utf8(made)) made.account.charset = Charset::utf8;
    if (const auto saved = add_account(save_to, fmt::format("{}", made.account.number.value), made.account); !saved) {
      complain(saved.error());
      return exit_failed;
    }
  }
  return made.account.nick.empty() ? exit_well : IntroduceTask{made}.run();
}

bool try_log_in(const OneShotOptions& options) { return TrialTask{options}.run() == exit_well; }

bool ask_for_utf8(const OneShotOptions& options) {
  // The usual charset of other dialects has every letter.
  if (options.account.dialect != "icq") return false;
  OneShotOptions impatient = options;
  impatient.timeout = std::min<Duration>(options.timeout, std::chrono::seconds{10});
  return Utf8Task{impatient}.run() == exit_well;
}

int whois(const OneShotOptions& options, Uin uin) { return QueryTask{options, uin}.run(); }

int search(const OneShotOptions& options, const client::SearchTerms& terms) {
  return QueryTask{options, terms}.run();
}

int send_files(const OneShotOptions& options, Uin to, const std::vector<std::string>& paths,
               const std::string& description) {
  return FileTask{options, to, paths, description}.run();
}

}  // namespace uhoh::term
