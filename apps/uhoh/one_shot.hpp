#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "client/messenger.hpp"
#include "config.hpp"
#include "model/presence.hpp"

namespace uhoh::term {

/// Exit codes of every command.
inline constexpr int exit_well = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// What the one-shot commands have in common.
struct OneShotOptions {
  Account account;
  std::string password;
  std::filesystem::path downloads;
  Duration timeout = std::chrono::seconds{60};
  bool json = false;
};

/// `uhoh send`.
[[nodiscard]] int send_message(const OneShotOptions& options, const client::OutgoingMessage& message);

/// What `uhoh listen` does.
struct ListenOptions {
  std::vector<Uin> contacts;        ///< whose presence is told
  bool accept_files = false;        ///< into the folder for downloads
  std::uint64_t most_messages = 0;  ///< then it ends; 0: never
  std::optional<model::Status> status;
  std::string away_message;
};

/// `uhoh listen`: one line for each thing that happens, until it is ended, or `timeout` has passed (0:
/// never).
[[nodiscard]] int listen(const OneShotOptions& options, const ListenOptions& what);

/// `uhoh register`: prints the new number; adds the account to `save_to` unless that is empty.
[[nodiscard]] int register_account(const OneShotOptions& options, const std::filesystem::path& save_to);

/// Logs in, invisible, and off again: tells whether that can be done. Why it can't has been said.
[[nodiscard]] bool try_log_in(const OneShotOptions& options);

/// Asks the server to take and give a new account's texts as UTF-8; false when it does not, or has no need
/// to.
[[nodiscard]] bool ask_for_utf8(const OneShotOptions& options);

/// `uhoh whois`.
[[nodiscard]] int whois(const OneShotOptions& options, Uin uin);

/// `uhoh search`.
[[nodiscard]] int search(const OneShotOptions& options, const client::SearchTerms& terms);

/// `uhoh sendfile`.
[[nodiscard]] int send_files(const OneShotOptions& options, Uin to, const std::vector<std::string>& paths,
                             const std::string& description);

}  // namespace uhoh::term
