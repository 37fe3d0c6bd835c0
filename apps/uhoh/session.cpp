#include "session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "client/icq_messenger.hpp"
#include "client/oicq_messenger.hpp"
#include "client/qq_messenger.hpp"

namespace uhoh::term {

namespace {
constexpr std::array known{Dialect{"icq", 4000, Charset::cp1252, 8},
                           Dialect{"oicq", 8001, Charset::gb18030, 32},
                           Dialect{"qq", 8000, Charset::gb18030, 16, false}};

std::uint64_t by_chance() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

std::unique_ptr<client::Messenger> icq_messenger(const Account& account, const Dialect& dialect,
                                                 Session& session, client::MessengerListener& listener,
                                                 bool fetches_stored) {
  client::IcqMessengerOptions options;
  if (account.resend > Duration{0}) options.server.resend = account.resend;
  options.server.keepalive = account.keepalive;
  options.server.as_original = true;
  options.server.fetch_stored = fetches_stored;
  options.reconnect = {account.reconnect, account.longest_reconnect};
  options.charset = account.charset.value_or(dialect.charset);
  options.direct = account.direct;
  options.inner_address = session.driver->inner_address();
  options.name = account.nick.empty() ? fmt::format("{}", account.number.value) : account.nick;
  options.seed = by_chance();
  return std::make_unique<client::IcqMessenger>(options, *session.driver, *session.downloads, listener);
}

std::unique_ptr<client::Messenger> oicq_messenger(const Account& account, const Dialect& dialect,
                                                  const Endpoint& server, Session& session,
                                                  client::MessengerListener& listener) {
  client::OicqMessengerOptions options;
  if (account.resend > Duration{0}) options.session.first_resend = account.resend;
  if (account.keepalive > Duration{0}) options.session.keepalive = account.keepalive;
  options.server = server;
  options.reconnect = {account.reconnect, account.longest_reconnect};
  options.charset = account.charset.value_or(dialect.charset);
  options.name = account.nick;
  options.seed = by_chance();
  options.client_id = static_cast<std::uint32_t>(by_chance());
  return std::make_unique<client::OicqMessenger>(options, *session.driver, *session.downloads, listener);
}

std::unique_ptr<client::Messenger> qq_messenger(const Account& account, const Dialect& dialect,
                                                Session& session, client::MessengerListener& listener) {
  client::QqMessengerOptions options;
  options.session.resend = account.resend;
  options.session.keepalive = account.keepalive;
  options.reconnect = {account.reconnect, account.longest_reconnect};
  options.charset = account.charset.value_or(dialect.charset);
  options.start = read_clocks();
  options.seed = by_chance();
  return std::make_unique<client::QqMessenger>(options, *session.driver,
                                               std::make_unique<client::SystemChance>(), listener);
}
}  // namespace

std::span<const Dialect> dialects() noexcept { return known; }

const Dialect* find_dialect(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(known, name, &Dialect::name);
  return found == known.end() ? nullptr : found;
}

std::string dialect_names() {
  std::string names;
  for (const auto& dialect : known) names += fmt::format("{}{}", names.empty() ? "" : ", ", dialect.name);
  return names;
}

std::expected<Session, std::string> open_session(const Account& account,
                                                 const std::filesystem::path& downloads,
                                                 client::MessengerListener& listener, bool fetches_stored) {
  const auto* const dialect = find_dialect(account.dialect);
  if (dialect == nullptr)
    return std::unexpected(
        fmt::format("This program speaks {}; \"{}\" it does not know", dialect_names(), account.dialect));
  const auto server = resolve(account.server, dialect->port);
  if (!server) return std::unexpected(server.error());
  auto driver = Driver::create(*server, account.ports);
  if (!driver) return std::unexpected(driver.error());
  Session session{std::move(*driver), std::make_unique<client::DownloadFolder>(downloads), nullptr};
  if (dialect->name == "icq")
    session.messenger = icq_messenger(account, *dialect, session, listener, fetches_stored);
  else if (dialect->name == "oicq")
    session.messenger = oicq_messenger(account, *dialect, *server, session, listener);
  else
    session.messenger = qq_messenger(account, *dialect, session, listener);
  session.driver->attach(*session.messenger);
  return session;
}

}  // namespace uhoh::term
