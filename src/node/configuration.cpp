#include "node/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "dialect/qq/qr_picture.hpp"
#include "text/charset.hpp"

namespace uhoh::node {
namespace {

using namespace std::chrono_literals;
using config::Schema;
using config::Section;

std::expected<Charset, std::string> parse_charset(std::string_view text) {
  if (const auto charset = text::charset_named(text)) return *charset;
  std::string known;
  for (const auto charset : text::all_charsets)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", text::name_of(charset));
  return std::unexpected(fmt::format("\"{}\" is no charset that uhoh knows; there are {}", text, known));
}

std::string show_charset(const Charset& charset) { return std::string{text::name_of(charset)}; }

// "icq.example.org:4000"; a name is told to clients as it stands.
std::expected<std::string, std::string> parse_public_address(std::string_view text) {
  if (text.empty()) return std::string{};
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (colon == 0 || error != std::errc{} || stop != digits.data() + digits.size() || port == 0)
    return std::unexpected(fmt::format("\"{}\" is not NAME:PORT (expected for example icq.example.org:4000)", text));
  return std::string{text};
}

// The picture has room for an address of this length and the code.
std::expected<std::string, std::string> parse_qr_page(std::string_view text) {
  constexpr std::size_t code_and_mark = 9, longest = qq::max_qr_text - code_and_mark;
  const bool is_address = text.starts_with("http://") || text.starts_with("https://");
  if (text.empty() || (is_address && text.size() <= longest && text.find('#') == std::string_view::npos))
    return std::string{text};
  return std::unexpected(fmt::format("\"{}\" is not an address of at most {} letters (expected for example "
                                     "https://uhoh.example.org/qr)",
                                     text, longest));
}

void describe_server(Schema& schema, Configuration& c) {
  schema.section("server", "The process.")
      .option("name", c.server_name, "What the server calls itself to clients that ask for a list of servers.")
      .option("shards", c.server.shards, {.min = 0, .max = 64, .unit = "shards"},
              "Threads that serve clients, each with its own part of the users; 0: one for each core but one.")
      .option("mailbox_letters", c.server.mailbox_letters, {.min = 1024, .max = 1U << 24, .unit = "letters"},
              "How much from other shards may wait for one shard.");
  schema.section("log", "What is written to standard error.")
      .option("level", c.log_level,
              {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn},
               {"error", LogLevel::error}},
              "The least that a line must matter to be written. Reloaded by SIGHUP.");
}

// What every dialect has: its listeners.
void describe_listeners(Schema& schema, const DialectRow& row, DialectListeners& listeners) {
  auto& section = schema.section(std::string{row.name}, row.title);
  if (row.udp_port != 0)
    section
        .option("udp", listeners.udp, "Where clients reach the server over UDP; port 0 takes a free one, \"\" switches it off.")
        .bytes("receive_buffer", listeners.receive_buffer_bytes,
               "What each socket asks of the kernel for datagrams that wait; it gives at most net.core.rmem_max.",
               {.min = 64U << 10, .max = 1U << 30});
  if (row.tcp_port != 0)
    section.option("tcp", listeners.tcp, "The same over TCP.");
}

void describe_icq(Schema& schema, Configuration& c) {
  auto& icq = c.server.shard.icq;
  const auto& row = row_of(model::DialectId::icq);
  schema.section(std::string{row.name}, row.title)
      .parsed<std::string>("public_address", c.icq_public_address, "\"NAME:PORT\"", parse_public_address,
                           [](const std::string& text) { return text; },
                           "What clients that ask for a list of servers are told; \"\": the address above, when it "
                           "is one that can be told.")
      .option("keepalive", icq.keepalive, {.min = 10s, .max = 3600s},
              "How often clients are told to report. A session ends after 2.5 times this in silence.")
      .option("min_silence", icq.min_silence, {.min = 10s, .max = 24h},
              "A session does not end for silence before this.")
      .option("client_resend", icq.client_resend, {.min = 1s, .max = 120s},
              "After how long clients are told to send again what was not acknowledged.")
      .option("client_resends", icq.client_resends, {.min = 1, .max = 100, .unit = "times"},
              "How often clients are told to do that.")
      .option("first_resend", icq.first_resend, {.min = 10ms, .max = 120s},
              "When the server sends a packet again for the first time.")
      .option("resend_interval", icq.resend_interval, {.min = 10ms, .max = 120s},
              "When it does so from then on.")
      .option("resends", icq.resends, {.min = 1, .max = 100, .unit = "transmissions"},
              "How often a packet is sent in one round.")
      .option("rounds", icq.rounds, {.min = 1, .max = 10, .unit = "rounds"},
              "Rounds without an acknowledgement after which a session ends.")
      .option("window", icq.window, {.min = 1, .max = 64, .unit = "packets"},
              "Packets to one client that may be unacknowledged at once.")
      .bytes("max_bytes_in_flight", icq.max_bytes_in_flight,
             "Bytes to one client that may be unacknowledged at once.", {.min = 1500, .max = 1U << 20})
      .option("broadcast", icq.broadcast,
              {{"online_message", icq::BroadcastForm::online_message},
               {"system_message", icq::BroadcastForm::system_message}},
              "How a broadcast reaches clients: as a message of the system's account, which every client shows, or "
              "as 01C2.");
}

void describe_oicq(Schema& schema, Configuration& c) {
  auto& oicq = c.server.shard.oicq;
  const auto& row = row_of(model::DialectId::oicq);
  schema.section(std::string{row.name}, row.title)
      .bytes("max_content", oicq.max_content,
             "The largest content of a frame; a longer one closes the connection, or is dropped.",
             {.min = 1024, .max = oicq::default_max_content})
      .bytes("max_text", oicq.max_text_bytes,
             "The longest text of a message; the default is what every other dialect's clients can be given in parts.",
             {.min = 100, .max = 20'000})
      .option("keepalive", oicq.keepalive, {.min = 10s, .max = 3600s},
              "How often clients should test the connection. A session ends after 2.5 times this in silence.")
      .option("min_silence", oicq.min_silence, {.min = 10s, .max = 24h},
              "A session does not end for silence before this.")
      .option("first_resend", oicq.first_resend, {.min = 10ms, .max = 120s},
              "When a frame within 0F is sent again for the first time; each interval is twice the one before.")
      .option("transmissions", oicq.transmissions, {.min = 1, .max = 16, .unit = "transmissions"},
              "How often it is sent, all in all; then its session ends.")
      .option("window", oicq.window, {.min = 1, .max = 64, .unit = "frames"},
              "Frames within 0F to one client that may be unacknowledged at once.")
      .bytes("max_bytes_in_flight", oicq.max_bytes_in_flight,
             "Bytes within 0F to one client that may be unacknowledged at once.", {.min = 1500, .max = 1U << 20});
}

void describe_qq(Schema& schema, Configuration& c) {
  auto& qq = c.server.shard.qq;
  const auto& row = row_of(model::DialectId::qq);
  schema.section(std::string{row.name}, row.title)
      .bytes("max_text", qq.max_text_bytes,
             "The longest text of a message; the default is what every other dialect's clients can be given in parts.",
             {.min = 100, .max = 20'000})
      .option("keepalive", qq.keepalive, {.min = 10s, .max = 3600s},
              "How often clients report: the real ones do after 30 to 100 seconds, and can't be told. A session ends "
              "after 2.5 times this in silence.")
      .option("min_silence", qq.min_silence, {.min = 10s, .max = 24h},
              "A session does not end for silence before this.")
      .option("resend", qq.resend, {.min = 10ms, .max = 120s},
              "After how long a message is sent again that the client has not acknowledged.")
      .option("transmissions", qq.transmissions, {.min = 1, .max = 100, .unit = "transmissions"},
              "How often it is sent, all in all; then its session ends.")
      .option("reply_memory", qq.reply_memory, {.min = 1s, .max = 1h},
              "How long the reply to a request is kept, for a client that asks again because it was lost.")
      .option("window", qq.window, {.min = 1, .max = 64, .unit = "packets"},
              "Messages to one client that may be unacknowledged at once.")
      .bytes("max_bytes_in_flight", qq.max_bytes_in_flight,
             "Bytes of messages to one client that may be unacknowledged at once.", {.min = 1500, .max = 1U << 20})
      .option("agreements_per_second", qq.agreements_per_second,
              {.min = 1, .max = 100'000, .unit = "agreements"},
              "Public-key operations for log-ins of 2013 and later with keys that no table has, divided among the "
              "shards; who finds none left hears nothing and tries again.")
      .parsed<std::string>("qr_page", qq.qr_page, "\"URL\"", parse_qr_page,
                           [](const std::string& text) { return text; },
                           "Lets clients of 2013 and later log in by a picture with this address, where somebody who is "
                           "logged in types the code and allows it (uhohctl qr does, too); \"\": they can't. Whoever "
                           "watches the network can take such a session over.");
}

void describe_web(Schema& schema, Configuration& c) {
  auto& web = c.web;
  const auto& row = row_of(model::DialectId::web);
  const auto as_path = [](std::string_view text) -> std::expected<std::filesystem::path, std::string> {
    return std::filesystem::path{text};
  };
  const auto show_path = [](const std::filesystem::path& path) { return path.string(); };
  schema.section(std::string{row.name}, row.title)
      .option("http", web.http, "Where browsers reach the server; port 0 takes a free one, \"\" switches it off.")
      .parsed<std::filesystem::path>("certificate", web.certificate, "\"FILE\"", as_path, show_path,
                                     "A PEM file with the certificate and its chain: then it speaks TLS. \"\": plain HTTP, "
                                     "for this machine or behind a proxy.")
      .parsed<std::filesystem::path>("key", web.key, "\"FILE\"", as_path, show_path, "The certificate's key, as PEM.")
      .option("connections", web.max_connections, {.min = 1, .max = 10'000'000, .unit = "connections"},
              "HTTP connections at once, WebSockets among them; more are closed as they come.")
      .option("connections_per_address", web.max_connections_per_address, {.min = 1, .max = 10'000'000, .unit = "connections"},
              "The same from one IPv4 address or one IPv6 /64.")
      .option("header_time", web.header_time, {.min = 1s, .max = 600s}, "How long a request may take to come.")
      .option("idle_time", web.idle_time, {.min = 5s, .max = 3600s},
              "How long a connection may be silent; a WebSocket is asked for a sign of life after it.")
      .bytes("max_body", web.max_body_bytes, "The largest request.", {.min = 1024, .max = 64U << 20})
      .option("webhooks", web.webhooks, "URLs that take news of the server (sessions, registrations, what administrators do) by POST.")
      .option("webhook_token", web.webhook_token, "Sent to them as Authorization: Bearer.")
      .option("origins", web.origins, "Other sites whose pages may use this server: \"https://chat.example.org\".")
      .option("workers", web.workers, {.min = 1, .max = 64, .unit = "threads"}, "Threads that answer requests.");
}

void describe_accounts(Schema& schema, Configuration& c) {
  auto& services = c.server.shard.services;
  using service::RegistrationMode;
  schema.section("accounts", "Accounts, passwords and what is kept for those who are offline.")
      .option("registration", services.registration,
              {{"closed", RegistrationMode::closed}, {"open", RegistrationMode::open},
               {"invite", RegistrationMode::invite}, {"approve", RegistrationMode::approve}},
              "Who may make an account from a client: nobody (uhohctl still does), anyone, those who were invited, "
              "those whom an administrator approves. ICQ v2 knows no invitation: for it, invite and approve are "
              "closed.")
      .option("registrations_per_minute", services.registrations_per_minute,
              {.min = 1, .max = 1'000'000, .unit = "accounts"}, "How many new accounts clients may make in a minute.")
      .option("qq_for_new_accounts", services.qq_for_new_accounts,
              "true: those who register may log in with QQ, which needs a key to be kept that is as good as their "
              "password.")
      .parsed<std::filesystem::path>(
          "qq_key_file", c.server.qq_key_file, "\"FILE\"",
          [](std::string_view text) -> std::expected<std::filesystem::path, std::string> {
            return std::filesystem::path{text};
          },
          [](const std::filesystem::path& path) { return path.string(); },
          "The key under which those keys are sealed; \"\": DATA_DIR.qq.key, beside the data directory. Keep it out of "
          "backups: together with a copy of the store it opens QQ log-ins.")
      .option("accept_logins", services.accept_logins,
              "false: clients that log in are told that the server is busy; sessions go on.")
      .parsed<Charset>("charset", services.registration_charset, "charset", parse_charset, show_charset,
                       "The charset of new accounts over ICQ: utf8, latin1, cp1252, cp1251, koi8-r, gb18030, gbk, "
                       "big5.")
      .option("greeting", services.greeting, "What the system's account writes to each new user; \"\": nothing.")
      .option("max_contacts", services.max_contacts, {.min = 1, .max = 100'000, .unit = "contacts"},
              "How many contacts one session may watch.")
      .option("max_privacy_list", services.max_privacy_list, {.min = 1, .max = 100'000, .unit = "numbers"},
              "How many numbers a visible or an invisible list may have.")
      .option("inbox_messages", c.server.inbox.inbox_messages, {.min = 1, .max = 1'000'000, .unit = "messages"},
              "How many messages are kept for one account; more are refused.")
      .option("max_friends", c.server.inbox.friends, {.min = 1, .max = 65'025, .unit = "friends"},
              "How many friends one account may keep in its groups.")
      .bytes("inbox_bytes", c.server.inbox.inbox_bytes, "How much text is kept for one account.",
             {.min = 1024, .max = 1U << 30})
      .option("password_memory_kib", c.server.hashing.memory_kib, {.min = 8, .max = 1U << 20, .unit = "KiB"},
              "Memory for one password check (argon2id). Less is faster, also for one who stole the store.")
      .option("password_passes", c.server.hashing.passes, {.min = 1, .max = 20, .unit = "passes"},
              "How often that memory is gone over.")
      .option("password_threads", c.server.hash_threads, {.min = 1, .max = 64, .unit = "threads"},
              "Threads that check passwords.")
      .option("password_queue", c.server.hash_waiting, {.min = 1, .max = 1'000'000, .unit = "log-ins"},
              "How many log-ins may wait for that; others hear nothing and try again.")
      .option("verifier_cache", services.verifier_cache, {.min = 0, .max = 100'000'000, .unit = "accounts"},
              "Accounts whose next log-in needs no argon2id, divided among the shards; 12 bytes each.")
      .option("throttle_first", services.throttle_first, {.min = 0ms, .max = 1h},
              "How long log-ins are refused after the third wrong password, per account and address; doubles "
              "with each further one.")
      .option("throttle_longest", services.throttle_longest, {.min = 0ms, .max = 24h},
              "The longest that this becomes.");
}

void describe_limits(Schema& schema, Configuration& c) {
  auto& limits = c.server.shard.limits;
  auto& services = c.server.shard.services;
  schema.section("limits", "What keeps the server within bounds, whatever comes in.")
      .option("max_sessions", limits.max_sessions, {.min = 1, .max = 100'000'000, .unit = "sessions"},
              "Sessions of one shard; more log-ins are told that the server is busy.")
      .bytes("packet_memory", limits.max_packet_bytes,
             "What one shard may hold of packets that wait for their acknowledgement or their turn.",
             {.min = 1U << 20, .max = 1ULL << 40})
      .option("session_packets", limits.max_session_packets, {.min = 16, .max = 60'000, .unit = "packets"},
              "The same for one session.")
      .option("remembered_requests", limits.max_duplicates, {.min = 1024, .max = 1ULL << 26, .unit = "requests"},
              "Requests that one shard remembers so that none is carried out twice.")
      .option("remembered_for", limits.duplicate_memory, {.min = 1s, .max = 1h},
              "How long they are remembered.")
      .bytes("live_message_memory", services.max_live_bytes,
             "Text of messages on their way to users who are online, per shard; more goes through the store.",
             {.min = 64U << 10, .max = 1ULL << 40})
      .option("session_flood_capacity", limits.session_flood.capacity, {.min = 1, .max = 100'000'000, .unit = "units"},
              "What one session may do at once, in units of its commands' cost (a message costs 3, a log-in 10).")
      .option("session_flood_per_second", limits.session_flood.per_second,
              {.min = 1, .max = 100'000'000, .unit = "units"}, "How much of that comes back in a second.")
      .option("address_flood_capacity", limits.address_flood.capacity, {.min = 1, .max = 100'000'000, .unit = "units"},
              "The same for everything from one address.")
      .option("address_flood_per_second", limits.address_flood.per_second,
              {.min = 1, .max = 100'000'000, .unit = "units"}, "How much of that comes back in a second.")
      .option("connections", c.server.connections.in_all, {.min = 1, .max = 100'000'000, .unit = "connections"},
              "TCP connections at once; more are closed as they come.")
      .option("connections_per_address", c.server.connections.per_address,
              {.min = 1, .max = 100'000'000, .unit = "connections"}, "The same from one IPv4 address or one IPv6 /64.")
      .option("login_time", c.server.streams.establish_time, {.min = 2s, .max = 1h},
              "How long a connection may be there without anybody logged in.")
      .option("frame_time", c.server.streams.frame_time, {.min = 1s, .max = 1h},
              "How long a frame may take to come, from its first byte to its last.")
      .bytes("unsent_bytes", c.server.streams.max_output_bytes,
             "What may wait for one connection that reads slowly; over it, it is closed.",
             {.min = 128U << 10, .max = 512U << 10})
      .bytes("unsent_memory", c.server.streams.max_output_memory, "The same for all connections of one shard.",
             {.min = 1U << 20, .max = 1ULL << 40})
      .bytes("half_frame_memory", c.server.streams.max_input_memory,
             "What all connections of one shard may hold of frames that are not complete.",
             {.min = 1U << 20, .max = 1ULL << 40})
      .option("strangers_per_network", limits.strangers.replies_per_network,
              {.min = 1, .max = 10'000'000, .unit = "answers a second"},
              "Answers to one /24 (IPv6: /56) for those who are not logged in; log-ins included, but of QQ's many steps "
              "only those whose answer is longer than the question.")
      .option("strangers_in_all", limits.strangers.replies_in_all,
              {.min = 1, .max = 10'000'000, .unit = "answers a second"}, "The same for all networks together.");
}

void describe_files(Schema& schema, Configuration& c) {
  auto& files = c.server.shard.services.files;
  schema.section("files", "Files that users send each other through the server; it keeps none.")
      .bytes("max_bytes", files.max_bytes, "Longer files are refused.", {.min = 0, .max = 0xFFFF'FFFF})
      .option("transfers_per_user", files.transfers_per_user, {.min = 0, .max = 1000, .unit = "files"},
              "How many files one user may send or offer at a time, and how many he may take. 0: none at all.")
      .option("transfers", files.transfers, {.min = 0, .max = 100'000, .unit = "files"},
              "How many accepted files may be under way, divided among the shards; each holds at most 256 KiB.")
      .option("offer_time", files.offer_time, {.min = 1s, .max = 24h}, "How long an offer waits for its answer.")
      .option("idle_time", files.idle_time, {.min = 1s, .max = 24h},
              "A file of which nothing more comes for so long is given up.")
      .option("stall_time", files.stall_time, {.min = 1s, .max = 1h},
              "The same for one whose recipient takes nothing, so that its sender isn't read.");
}

// "" is no address.
std::expected<IpAddress, std::string> parse_ipv4(std::string_view text) {
  if (text.empty()) return IpAddress{};
  const auto address = IpAddress::parse(text);
  if (address && address->is_v4()) return *address;
  return std::unexpected(fmt::format("\"{}\" is no IPv4 address (expected for example 203.0.113.7)", text));
}

std::string show_address(const IpAddress& address) { return address == IpAddress{} ? "" : address.to_string(); }

void describe_relay(Schema& schema, Configuration& c) {
  auto& relay = c.server.relay;
  schema.section("relay",
                 "Direct connections of ICQ users whose address policy is \"relay\": their contacts connect to this "
                 "server, which connects to them.")
      .parsed<IpAddress>("address", relay.address, "address", parse_ipv4, show_address,
                         "The server's IPv4 address as clients reach it; \"\": nothing is relayed.")
      .parsed<IpAddress>("listen", relay.listen, "address", parse_ipv4, show_address,
                         "The address that its ports are bound to.")
      .option("first_port", relay.first_port, {.min = 1024, .unit = "port"},
              "One port for each relayed user and contact who is online, for one connection; open them in the firewall.")
      .option("last_port", relay.last_port, {.min = 1024, .unit = "port"},
              "The last of them. When none is free, a contact is shown without an address.")
      .option("connections", relay.connections, {.min = 1, .max = 100'000, .unit = "connections"},
              "How many relayed connections there may be.")
      .option("connections_per_user", relay.connections_per_user, {.min = 1, .max = 10'000, .unit = "connections"},
              "The same for one user; a chat or a file needs one besides that for messages.")
      .option("idle_time", relay.limits.idle_time, {.min = 10s, .max = 24h},
              "A connection over which nothing goes for so long is closed.");
}

void describe_storage(Schema& schema, Configuration& c) {
  schema.section("storage", "The database DATA_DIR/uhoh.db.")
      .bytes("cache", c.server.store_cache_bytes, "Memory for pages of the database.",
             {.min = 1U << 20, .max = 1ULL << 40})
      .option("max_requests", c.server.store_requests, {.min = 1024, .max = 1U << 24, .unit = "requests"},
              "How many reads and writes may wait; clients whose requests find no room hear nothing and try again.");
}

struct Listener {
  std::string key;
  Endpoint at;
  bool is_stream = false;
};

std::vector<Listener> listeners_of(const Configuration& c) {
  std::vector<Listener> all;
  for (const auto& row : dialect_rows()) {
    const auto& one = c.server.listen[static_cast<std::size_t>(row.id)];
    all.push_back({fmt::format("{}.udp", row.name), one.udp, false});
    all.push_back({fmt::format("{}.tcp", row.name), one.tcp, true});
  }
  all.push_back({"web.http", c.web.http, true});
  std::erase_if(all, [](const Listener& one) { return one.at == Endpoint{}; });
  return all;
}

bool are_in_each_others_way(const Listener& one, const Listener& other) {
  if (one.is_stream != other.is_stream || one.at.port != other.at.port || one.at.port == 0) return false;
  const auto takes_all = [](const Listener& l) { return l.at.address == IpAddress::v4(0); };
  return one.at == other.at || (one.at.address.is_v4() && other.at.address.is_v4() && (takes_all(one) || takes_all(other)));
}

// What is wrong only with several keys together, or can't be told from a value's kind.
std::vector<std::string> contradictions_in(const Configuration& c) {
  std::vector<std::string> found;
  const auto listeners = listeners_of(c);
  if (listeners.empty()) found.emplace_back("every listener is off: nobody could reach the server");
  for (auto one = listeners.begin(); one != listeners.end(); ++one)
    for (auto other = one + 1; other != listeners.end(); ++other)
      if (are_in_each_others_way(*one, *other))
        found.push_back(fmt::format("{} and {} are both to listen on {} port {}", one->key, other->key,
                                    one->is_stream ? "TCP" : "UDP", one->at.port));
  if (c.server.relay.last_port < c.server.relay.first_port)
    found.emplace_back("relay.last_port is below relay.first_port: the relay would have no port");
  const auto& services = c.server.shard.services;
  if (services.throttle_longest < services.throttle_first)
    found.emplace_back("accounts.throttle_longest is below accounts.throttle_first");
  constexpr std::size_t longest_message = 5'700;
  if (services.greeting.size() > longest_message)
    found.push_back(fmt::format("accounts.greeting has {} bytes; a message has at most {}", services.greeting.size(),
                                longest_message));
  if (c.web.certificate.empty() != c.web.key.empty())
    found.emplace_back("web.certificate and web.key go together: one of them is missing");
  for (const auto& url : c.web.webhooks) {
    const auto scheme = url.find("://");
    const bool is_web = url.starts_with("http://") || url.starts_with("https://");
    if (!is_web || scheme + 3 == url.size())
      found.push_back(fmt::format("web.webhooks: \"{}\" is no URL of the web (http://..., https://...)", url));
  }
  return found;
}

// What follows from several keys.
void complete(Configuration& c) {
  c.server.relay.limits.local = c.server.relay.address;  // where it is no address of this machine, the system chooses
  auto& shard = c.server.shard;
  shard.icq.default_charset = shard.services.registration_charset;
  std::string address = c.icq_public_address;
  const auto& icq = c.server.listen[static_cast<std::size_t>(model::DialectId::icq)].udp;
  if (address.empty() && icq.address != IpAddress::v4(0) && icq.address != IpAddress{} && icq.port != 0)
    address = icq.to_string();
  shard.services.servers.clear();
  if (address.empty()) return;
  const auto colon = address.rfind(':');
  std::uint32_t port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  shard.services.servers.push_back({c.server_name, address.substr(0, colon), port});
}

}  // namespace

void describe(Schema& schema, Configuration& configuration) {
  describe_server(schema, configuration);
  for (const auto& row : dialect_rows())
    describe_listeners(schema, row, configuration.server.listen[static_cast<std::size_t>(row.id)]);
  describe_icq(schema, configuration);
  describe_oicq(schema, configuration);
  describe_qq(schema, configuration);
  describe_web(schema, configuration);
  describe_accounts(schema, configuration);
  describe_limits(schema, configuration);
  describe_files(schema, configuration);
  describe_relay(schema, configuration);
  describe_storage(schema, configuration);
}

bool is_reloadable(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 16> reloadable{
      "log.level",           "accounts.registration",     "accounts.registrations_per_minute",
      "accounts.charset",    "accounts.accept_logins",    "accounts.greeting",
      "accounts.max_contacts", "accounts.max_privacy_list", "accounts.throttle_first",
      "accounts.throttle_longest", "files.max_bytes",
      "files.transfers_per_user", "files.transfers", "files.offer_time",
      "files.idle_time", "files.stall_time"};
  return std::ranges::find(reloadable, name) != reloadable.end();
}

std::expected<Configuration, config::ConfigErrors> load_configuration(const ConfigurationSource& source) {
  Configuration configuration;
  Schema schema;
  describe(schema, configuration);
  config::ConfigErrors errors;
  if (!source.file.empty())
    if (auto loaded = schema.load_file(source.file); !loaded) errors = std::move(loaded.error());
  for (const auto& change : source.changes)
    if (auto set = schema.set(change); !set) errors.push_back(std::move(set.error()));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (auto& problem : contradictions_in(configuration)) errors.push_back({source.file.string(), 0, 0, std::move(problem)});
  if (!errors.empty()) return std::unexpected(std::move(errors));
  complete(configuration);
  return configuration;
}

config::ConfigErrors missing_files(const Configuration& configuration, const ConfigurationSource& source) {
  config::ConfigErrors missing;
  const auto look = [&](std::string_view key, const std::filesystem::path& file) {
    std::error_code error;
    if (!file.empty() && !std::filesystem::exists(file, error))
      missing.push_back({source.file.string(), 0, 0, fmt::format("{}: there is no file {}", key, file.string())});
  };
  look("web.certificate", configuration.web.certificate);
  look("web.key", configuration.web.key);
  return missing;
}

std::string explain_configuration() {
  Configuration configuration;
  Schema schema;
  describe(schema, configuration);
  return schema.explain();
}

std::vector<ChangedSetting> changes_between(Configuration before, Configuration after) {
  // A schema's defaults are what its fields hold when they are described.
  Schema old_schema, new_schema;
  describe(old_schema, before);
  describe(new_schema, after);
  std::vector<ChangedSetting> changed;
  for (const auto& section : new_schema.sections()) {
    const auto* old_section = old_schema.find(section.name());
    for (const auto& setting : section.settings()) {
      const auto* old = old_section->find(setting.name);
      if (old->default_text != setting.default_text)
        changed.push_back({section.name() + "." + setting.name, old->default_text, setting.default_text});
    }
  }
  return changed;
}

}  // namespace uhoh::node
