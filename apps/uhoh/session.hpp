#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/download_folder.hpp"
#include "client/messenger.hpp"
#include "config.hpp"
#include "driver.hpp"

namespace uhoh::term {

/// What this program knows of a dialect before it speaks it.
struct Dialect {
  std::string_view name;
  std::uint16_t port = 0;             ///< of a server, unless another is named
  Charset charset = Charset::cp1252;  ///< of an account, unless another is named
  std::size_t longest_password = 0;   ///< in bytes
  bool registers = true;              ///< gives out numbers
};

/// All dialects that this program speaks.
[[nodiscard]] std::span<const Dialect> dialects() noexcept;
/// One of them; nullptr when there is none of that name.
[[nodiscard]] const Dialect* find_dialect(std::string_view name) noexcept;
/// "icq, oicq, qq": for people.
[[nodiscard]] std::string dialect_names();

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
