#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/messenger.hpp"
#include "config.hpp"
#include "history.hpp"
#include "input_line.hpp"
#include "screen.hpp"
#include "session.hpp"
#include "window.hpp"
#include "words.hpp"

namespace uhoh::term {

/// What the full screen needs to begin.
struct ProgramOptions {
  Account account;
  std::string password;
  Config config;
  std::filesystem::path data_folder;
  bool is_new = false;  ///< the account was just registered: the server is told its nick
  std::string password_source;  ///< what to do about a wrong one, a sentence
};

/// The full-screen program: joins a messenger, the history and the screen.
///
/// Thread: one owner.
class Program final : private client::MessengerListener {
 public:
  explicit Program(ProgramOptions options);

  /// Opens what is needed; the error is a line for people.
  [[nodiscard]] std::expected<void, std::string> open();
  /// Shows the screen until the user leaves.
  void run();

  /// One of the commands that begin with "/".
  struct Command {
    const char* name;
    const char* arguments;
    const char* meaning;
    void (Program::*run)(std::string_view arguments);
  };
  /// All of them, by name.
  [[nodiscard]] static const std::vector<Command>& commands();

 private:
  struct Contact {
    KeptContact kept;
    model::Status status{model::Availability::offline, false};
  };
  struct Request {
    bool is_chat = false;
    Uin from;
    std::string text;
  };
  struct TransferView {
    Uin with;
    bool sends = false;
    client::TransferProgress progress;
    Rate rate;
  };

  // The loop (program.cpp).
  void draw();
  void on_key(const Key& key);
  void on_editing_key(const Key& key);
  void on_enter();
  void show_window(std::size_t index);
  void show_next_active();
  void scroll(bool up);
  [[nodiscard]] View view();
  [[nodiscard]] std::string status_line() const;
  [[nodiscard]] std::vector<ContactRow> contact_rows() const;
  [[nodiscard]] std::vector<std::string> candidates(std::string_view begin, bool is_first) const;
  [[nodiscard]] Duration longest_wait() const;

  // Windows and lines (program.cpp).
  [[nodiscard]] Window& current() { return *windows_[current_]; }
  Window& conversation(Uin with);
  [[nodiscard]] Window* chat_window(client::ChatId chat);
  Window& open_chat(client::ChatId chat, Uin with);
  void tell(Window& window, LineStyle style, const std::string& text, const std::string& who = {});
  void tell(const std::string& text) { tell(current(), LineStyle::information, text); }
  void complain(const std::string& text) { tell(current(), LineStyle::error, text); }
  /// Something new came: it is counted, and the bell rings unless that is unwanted.
  void noticed(Window& window, bool urgent = false, bool quiet = false);
  [[nodiscard]] ShownLine shown(const KeptLine& line) const;
  [[nodiscard]] std::string name_of(Uin uin) const;
  [[nodiscard]] std::optional<Uin> find_person(std::string_view name_or_number) const;
  [[nodiscard]] std::optional<Uin> partner() const;
  void put_contact(const KeptContact& contact);
  /// Somebody has another name now: windows and lines show it.
  void show_name(Uin uin);
  /// Asks the server once for the nick of somebody who is no contact.
  void ask_nick(Uin uin);
  /// Takes somebody who was just added off the list again, and says why where that was typed. False: nobody added
  /// him.
  bool take_adding_back(Uin uin, const std::string& why);
  void hand_over_lists();
  void send(Uin to, model::MessageKind kind, std::vector<std::string> fields, bool urgent = false,
            bool quiet = false);

  // What the messenger tells (program_events.cpp).
  void on_link_state(client::LinkState state, const std::string& why, Instant retry_at) override;
  void on_presence(Uin uin, const model::Status& status) override;
  void on_contact(Uin uin, const std::string& nick) override;
  bool on_message(const client::ReceivedMessage& message) override;
  void on_sent(const client::Sent& what) override;
  void on_not_sent(client::MessageToken token, const std::string& why) override;
  void on_away_message(Uin uin, const std::string& text) override;
  void on_user(std::uint32_t query, const client::DirectoryEntry& user) override;
  void on_details(std::uint32_t query, Uin uin, const model::ExtendedProfile& details) override;
  void on_query_end(std::uint32_t query, bool more) override;
  void on_no_such_user(Uin uin) override;
  void on_not_added(Uin uin, const std::string& why) override;
  void on_changed(bool ok) override;
  void on_notice(const std::string& line) override;
  void on_chat_invitation(client::RequestId request, const client::ChatInvitation& invitation) override;
  void on_chat_joined(client::ChatId chat, Uin who, const std::string& name) override;
  void on_chat_line(client::ChatId chat, Uin who, const std::string& line, bool is_whole) override;
  void on_chat_beep(client::ChatId chat, Uin who) override;
  void on_chat_left(client::ChatId chat, Uin who, const std::string& why) override;
  void on_file_offer(client::RequestId request, const client::FileOffer& offer) override;
  void on_transfer_progress(client::TransferId transfer, const client::TransferProgress& progress) override;
  void on_transfer_file(client::TransferId transfer, const std::string& name,
                        const std::string& path) override;
  void on_transfer_end(client::TransferId transfer, bool whole, const std::string& why) override;
  void on_request_withdrawn(client::RequestId request) override;
  void set_line_state(std::int64_t id, LineState state);
  /// The server has refused what it acknowledged: marks the newest line to somebody. False when there is none.
  bool mark_refused(Uin to, const std::string& why);
  /// Tells whether it was just said that a number does not exist, or could not be added.
  [[nodiscard]] bool was_told_missing(Uin uin) const;

  // What the user commands (program_commands.cpp).
  void obey(std::string_view line);
  /// Says so, and gives true, when the dialect does not have something.
  [[nodiscard]] bool lacks(bool feature, std::string_view what);
  void set_status(model::Availability availability, bool invisible, std::string_view message);
  [[nodiscard]] std::optional<client::RequestId> wanted_request(std::string_view argument) const;
  void do_help(std::string_view arguments);
  void do_msg(std::string_view arguments);
  void do_query(std::string_view arguments);
  void do_close(std::string_view arguments);
  void do_win(std::string_view arguments);
  void do_clear(std::string_view arguments);
  void do_add(std::string_view arguments);
  void do_remove(std::string_view arguments);
  void do_rename(std::string_view arguments);
  void do_visible(std::string_view arguments);
  void do_hide(std::string_view arguments);
  void do_online(std::string_view arguments);
  void do_away(std::string_view arguments);
  void do_na(std::string_view arguments);
  void do_occupied(std::string_view arguments);
  void do_dnd(std::string_view arguments);
  void do_ffc(std::string_view arguments);
  void do_invisible(std::string_view arguments);
  void do_readaway(std::string_view arguments);
  void do_whois(std::string_view arguments);
  void do_search(std::string_view arguments);
  void do_history(std::string_view arguments);
  void do_url(std::string_view arguments);
  void do_contacts(std::string_view arguments);
  void do_urgent(std::string_view arguments);
  void do_quiet(std::string_view arguments);
  void do_resend(std::string_view arguments);
  void do_request(std::string_view arguments);
  void do_grant(std::string_view arguments);
  void do_deny(std::string_view arguments);
  void do_chat(std::string_view arguments);
  void do_invite(std::string_view arguments);
  void do_accept(std::string_view arguments);
  void do_refuse(std::string_view arguments);
  void do_sendfile(std::string_view arguments);
  void do_speed(std::string_view arguments);
  void do_cancel(std::string_view arguments);
  void do_profile(std::string_view arguments);
  void do_passwd(std::string_view arguments);
  void do_connect(std::string_view arguments);
  void do_disconnect(std::string_view arguments);
  void do_theme(std::string_view arguments);
  void do_bell(std::string_view arguments);
  void do_quit(std::string_view arguments);

  [[nodiscard]] client::Messenger& messenger() { return *session_.messenger; }
  [[nodiscard]] static Instant now() noexcept { return Driver::now(); }

  ProgramOptions options_;
  std::unique_ptr<History> history_;
  Session session_;
  std::unique_ptr<Screen> screen_;
  InputLine input_;
  std::vector<std::unique_ptr<Window>> windows_;
  std::size_t current_ = 0;
  std::map<Uin, Contact> contacts_;
  std::map<Uin, std::string> nicks_;  ///< of who is no contact, as the server tells them; empty: asked
  std::map<client::RequestId, Request> requests_;
  std::map<client::TransferId, TransferView> transfers_;
  std::map<std::int64_t, Uin> under_way_;     ///< lines that are not acknowledged yet, and to whom
  std::map<Uin, std::int64_t> acknowledged_;  ///< the newest line that the server took for somebody
  std::map<Uin, const Window*> adding_;       ///< who was added, and the window in which that was typed
  std::map<Uin, Instant> missing_;            ///< whom the server does not have, and when that was told
  model::Status status_;
  client::LinkState link_ = client::LinkState::offline;
  Instant retry_at_;
  Instant complain_at_ = Instant::max();  ///< when a log-in has had no answer for too long
  std::uint32_t search_ = 0;              ///< the search whose end is told
  std::set<std::uint32_t> silent_;        ///< questions whose answers are not shown
  bool introduces_ = false;  ///< tells the server of a new account: nobody asked for that
  bool is_leaving_ = false;
  bool is_dirty_ = true;
  std::string shown_title_;
};

}  // namespace uhoh::term
