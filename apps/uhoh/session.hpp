#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "client/download_folder.hpp"
#include "client/messenger.hpp"
#include "config.hpp"
#include "driver.hpp"

namespace uhoh::term {

/// A messenger of an account's dialect, its sockets, and the folder for what it receives.
struct Session {
  std::unique_ptr<Driver> driver;
  std::unique_ptr<client::DownloadFolder> downloads;
  std::unique_ptr<client::Messenger> messenger;
};

/// Makes the session of an account; `fetches_stored`: messages that wait on the server are asked for at
/// log-in.
///
/// Errors: a line for people: an unknown host, a dialect that this program does not speak.
[[nodiscard]] std::expected<Session, std::string> open_session(const Account& account,
                                                               const std::filesystem::path& downloads,
                                                               client::MessengerListener& listener,
                                                               bool fetches_stored);

}  // namespace uhoh::term
