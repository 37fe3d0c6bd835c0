#include "session.hpp"

#include <fmt/format.h>

#include <random>

#include "client/icq_messenger.hpp"

namespace uhoh::term {

namespace {
constexpr std::uint16_t icq_port = 4000;
}  // namespace

std::expected<Session, std::string> open_session(const Account& account,
                                                 const std::filesystem::path& downloads,
                                                 client::MessengerListener& listener, bool fetches_stored) {
  if (account.dialect != "icq")
    return std::unexpected(fmt::format("This program speaks icq; \"{}\" it does not know", account.dialect));
  const auto server = resolve(account.server, icq_port);
  if (!server) return std::unexpected(server.error());
  auto driver = Driver::create(*server, account.ports);
  if (!driver) return std::unexpected(driver.error());
  client::IcqMessengerOptions options;
  options.server.resend = account.resend;
  options.server.keepalive = account.keepalive;
  options.server.as_original = true;
  options.server.fetch_stored = fetches_stored;
  options.reconnect = {account.reconnect, account.longest_reconnect};
  options.charset = account.charset;
  options.direct = account.direct;
  options.inner_address = (*driver)->inner_address();
  options.name = account.nick.empty() ? fmt::format("{}", account.number.value) : account.nick;
  std::random_device random;
  options.seed = (std::uint64_t{random()} << 32) | random();
  Session session{std::move(*driver), std::make_unique<client::DownloadFolder>(downloads), nullptr};
  session.messenger =
      std::make_unique<client::IcqMessenger>(options, *session.driver, *session.downloads, listener);
  session.driver->attach(*session.messenger);
  return session;
}

}  // namespace uhoh::term
