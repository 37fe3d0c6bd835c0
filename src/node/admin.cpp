#include "node/admin.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/version.hpp"
#include "text/utf8.hpp"

namespace uhoh::node {
namespace {

using model::AdminError;
using model::AdminResult;
using Kind = AdminError::Kind;

/// Sessions that a broadcast reaches before the shard gets on with its other work.
constexpr std::uint32_t broadcast_batch = 256;

constexpr std::pair<std::string_view, service::RegistrationMode> registration_words[] = {
    {"closed", service::RegistrationMode::closed},
    {"open", service::RegistrationMode::open},
    {"invite", service::RegistrationMode::invite},
    {"approve", service::RegistrationMode::approve}};

std::unexpected<AdminError> stopping() {
  return std::unexpected(AdminError{Kind::unavailable, "the server is stopping"});
}

AdminResult<void> write_backup(std::string_view file, const std::function<std::expected<void, std::string>(std::string)>& write) {
  const std::filesystem::path path{file};
  if (!path.is_absolute())
    return std::unexpected(AdminError{Kind::invalid, "the file's path must be absolute: the server's directory is its own"});
  std::error_code error;
  if (std::filesystem::exists(path, error))
    return std::unexpected(AdminError{Kind::conflict, fmt::format("{} exists already: name a new file", file)});
  if (const auto folder = path.parent_path(); !std::filesystem::is_directory(folder, error))
    return std::unexpected(AdminError{Kind::invalid, fmt::format("there is no directory {} for the backup", folder.string())});
  if (const auto written = write(path.string()); !written)
    return std::unexpected(AdminError{Kind::failed, written.error()});
  return {};
}

model::SessionRow describe_session(Shard& shard, model::SessionRef ref, Now now) {
  const auto* facts = shard.core().facts(ref);
  model::SessionRow row{.uin = facts->uin,
                        .dialect = facts->dialect,
                        .dialect_version = facts->dialect_version,
                        .peer = facts->peer,
                        .idle = now.steady - shard.core().heard(ref),
                        .restored = facts->restored,
                        .client_tag = shard.core().sessions().get(ref)->client_tag};
  if (const auto* user = shard.services().user(facts->uin)) row.status = user->status;
  return row;
}

}  // namespace

// ---- a running server ----------------------------------------------------------------------------------------

ServerAdmin::ServerAdmin(Server& server)
    : StoreAdmin{{server.options().data_dir, server.options().hashing, server.options().shard.services.greeting,
                  SecretFiles::of(server.options().data_dir, server.options().qq_key_file), server.secrets()}},
      server_{server},
      started_{read_clocks().steady},
      listeners_{server.listeners()} {}

storage::Result ServerAdmin::store(storage::Request request, std::string&) {
  return server_.store(std::move(request));
}

std::vector<storage::Result> ServerAdmin::store_all(std::vector<storage::Request> requests, std::string&) {
  return server_.store_all(std::move(requests));
}

bool ServerAdmin::on_shard_of(Uin uin, std::move_only_function<void(Shard&, Now)> work) {
  return server_.on_shard(shard_of(uin, server_.shards()), std::move(work));
}

void ServerAdmin::on_password_changed(Uin uin) {
  on_shard_of(uin, [&](Shard& shard, Now) { shard.services().forget_verifier(uin); });
}

void ServerAdmin::on_qq_key_made(const service::Secrets& secrets) {
  for (unsigned i = 0; i < server_.shards(); ++i)
    server_.on_shard(static_cast<ShardId>(i), [&](Shard& shard, Now) { shard.services().set_secrets(secrets); });
}

void ServerAdmin::on_locked_out(Uin uin) {
  on_shard_of(uin, [&](Shard& shard, Now now) {
    shard.services().forget_verifier(uin);
    shard.services().kick(uin, now);
  });
}

void ServerAdmin::on_changed(Uin uin, const model::AccountChange& change) {
  std::vector<Uin> allowed;
  if (change.authorization && *change.authorization != model::Authorization::open)
    if (auto watchers = ask<storage::Uins>(uin, storage::ReadWatchersAllowed{uin})) allowed = std::move(watchers->members);
  on_shard_of(uin, [&](Shard& shard, Now now) {
    if (change.authorization) shard.services().set_authorization(uin, *change.authorization, std::move(allowed), now);
    if (change.address_policy) shard.services().set_address_policy(uin, *change.address_policy);
    if (change.icq_charset) shard.services().set_charset(uin, *change.icq_charset);
    if (change.monitor && !*change.monitor) shard.services().withdraw_monitor(uin, now);
  });
}

void ServerAdmin::on_befriended(Uin owner, Uin contact, bool granted, const storage::Befriended& made) {
  on_shard_of(contact, [&](Shard& shard, Now now) {
    if (granted) shard.on_mail(bus::ConsentChanged{.target = contact, .asker = owner, .granted = true}, now);
    if (made.notice_id != 0)
      shard.on_mail(bus::DeliverKept{.from = owner, .to = contact, .kind = model::MessageKind::you_were_added,
                                     .id = made.notice_id},
                    now);
  });
  if (made.gained)
    on_shard_of(owner, [&](Shard& shard, Now now) { shard.on_mail(bus::FriendGained{owner, made.card}, now); });
}

void ServerAdmin::on_room_changed(const storage::RoomWritten& room, model::RoomNotice notice) {
  on_shard_of(room.room, [&](Shard& shard, Now now) {
    shard.services().tell_room_changed(room.room, room.name, room.changed, notice, now);
  });
}

void ServerAdmin::on_bans_changed() { server_.reload_bans(); }

std::optional<bool> ServerAdmin::is_online(Uin uin) {
  bool online = false;
  if (!on_shard_of(uin, [&](Shard& shard, Now) { online = static_cast<bool>(shard.core().find_session(uin)); }))
    return std::nullopt;
  return online;
}

AdminResult<model::SessionPage> ServerAdmin::list_sessions(std::uint64_t after, std::size_t limit) {
  // A place in the list: the shard, and the index in its table.
  auto shard_index = static_cast<unsigned>(after >> 32);
  auto from = static_cast<std::uint32_t>(after);
  model::SessionPage page;
  for (; shard_index < server_.shards(); ++shard_index, from = 0) {
    std::uint32_t stopped_at = 0;
    const bool ran = server_.on_shard(static_cast<ShardId>(shard_index), [&](Shard& shard, Now now) {
      const auto& table = shard.core().sessions();
      for (auto i = from; i < table.index_end(); ++i) {
        const auto ref = table.at(i);
        if (!ref) continue;
        if (page.sessions.size() >= limit) {
          stopped_at = i;
          return;
        }
        page.sessions.push_back(describe_session(shard, ref, now));
      }
    });
    if (!ran) return stopping();
    // Index 0 is only ever a stop at the beginning of a shard, which the next page finds by the shard alone.
    if (stopped_at != 0 || (page.sessions.size() >= limit && shard_index + 1 < server_.shards())) {
      page.next = stopped_at != 0 ? std::uint64_t{shard_index} << 32 | stopped_at : std::uint64_t{shard_index + 1} << 32;
      return page;
    }
  }
  return page;
}

AdminResult<void> ServerAdmin::kick(Uin uin) {
  bool kicked = false;
  if (!on_shard_of(uin, [&](Shard& shard, Now now) { kicked = shard.services().kick(uin, now); })) return stopping();
  if (!kicked) return std::unexpected(AdminError{Kind::not_found, fmt::format("{} is not logged in", uin.value)});
  return {};
}

AdminResult<model::BroadcastDone> ServerAdmin::broadcast(std::string_view text) {
  if (text.empty()) return std::unexpected(AdminError{Kind::invalid, "the text is empty"});
  if (text.size() > 4000) return std::unexpected(AdminError{Kind::invalid, "the text is longer than 4000 bytes"});
  if (!text::is_valid_utf8(text)) return std::unexpected(AdminError{Kind::invalid, "the text is not UTF-8"});
  model::BroadcastDone done;
  for (unsigned i = 0; i < server_.shards(); ++i) {
    std::uint32_t next = 0;
    bool more = true;
    while (more) {
      const bool ran = server_.on_shard(static_cast<ShardId>(i), [&](Shard& shard, Now now) {
        const auto& table = shard.core().sessions();
        const auto end = std::min(table.index_end(), next + broadcast_batch);
        for (; next < end; ++next) {
          const auto ref = table.at(next);
          if (!ref) continue;
          const auto uin = shard.core().facts(ref)->uin;
          if (shard.services().broadcast(uin, text, now)) ++done.sent;
          else ++done.missed;
        }
        more = next < table.index_end();
      });
      if (!ran) return stopping();
    }
  }
  return done;
}

AdminResult<std::vector<model::QrLogInRow>> ServerAdmin::list_qr() {
  return server_.qr_log_ins().waiting(read_clocks().wall);
}

AdminResult<void> ServerAdmin::confirm_qr(std::string_view code, Uin uin) {
  const auto account = read_account(uin);
  if (!account) return std::unexpected(account.error());
  if (!account->qq || !account->qq_key)
    return std::unexpected(AdminError{
        Kind::conflict,
        fmt::format("{0} may not log in with QQ: `uhohctl user set {0} --qq` and a new password change that", uin.value)});
  if (!server_.qr_log_ins().confirm(code, uin, read_clocks().wall))
    return std::unexpected(AdminError{Kind::not_found, "no log-in with this code waits; codes live two minutes"});
  return {};
}

AdminResult<void> ServerAdmin::backup(std::string_view file) {
  return write_backup(file, [&](const std::string& path) { return server_.backup_to(path); });
}

AdminResult<std::vector<model::PacketRow>> ServerAdmin::packets(const model::PacketQuery& query) {
  std::vector<PacketTap::Recorded> recorded;
  for (unsigned i = 0; i < server_.shards(); ++i) {
    if (query.uin != Uin{} && shard_of(query.uin, server_.shards()) != static_cast<ShardId>(i)) continue;
    if (!server_.on_shard(static_cast<ShardId>(i), [&](Shard& shard, Now now) {
          PacketTap::Target target{.address = query.address};
          if (const auto* facts = shard.core().facts(shard.core().find_session(query.uin)); facts != nullptr)
            target.peer = facts->peer, target.stream = facts->stream;
          shard.tap().watch(target, now);
          shard.tap().collect(query.after, recorded);
        }))
      return stopping();
  }
  std::ranges::sort(recorded, {}, &PacketTap::Recorded::number);
  std::vector<model::PacketRow> rows;
  for (const auto& one : recorded)
    rows.push_back({.number = one.number,
                    .at = one.at,
                    .to_client = one.to_client,
                    .dialect = one.dialect,
                    .peer = one.peer,
                    .text = describe_packet(one, query.with_text)});
  return rows;
}

AdminResult<std::string> ServerAdmin::registration_mode() {
  auto mode = service::RegistrationMode::closed;
  if (!server_.on_shard(ShardId{}, [&](Shard& shard, Now) { mode = shard.services().options().registration; }))
    return stopping();
  for (const auto& [word, value] : registration_words)
    if (value == mode) return std::string{word};
  return std::string{"closed"};
}

AdminResult<void> ServerAdmin::set_registration_mode(std::string_view mode) {
  for (const auto& [word, value] : registration_words) {
    if (word != mode) continue;
    service::Options options;
    if (!server_.on_shard(ShardId{}, [&](Shard& shard, Now) { options = shard.services().options(); })) return stopping();
    options.registration = value;
    server_.set_service_options(options);
    return {};
  }
  return std::unexpected(AdminError{Kind::invalid, "the mode must be one of: closed, open, invite, approve"});
}

AdminResult<model::ServerStatus> ServerAdmin::status() {
  const auto now = read_clocks();
  model::ServerStatus status{.version = std::string{version},
                             .pid = ::getpid(),
                             .running = true,
                             .data_dir = server_.options().data_dir.string(),
                             .uptime = now.steady - started_,
                             .shards = server_.shards(),
                             .now = now.wall,
                             .listeners = listeners_};
  for (const auto& listeners : server_.options().listen)
    if (listeners.udp != Endpoint{})
      status.receive_buffer_wanted =
          std::max(status.receive_buffer_wanted, static_cast<std::uint64_t>(listeners.receive_buffer_bytes));
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) status.open_files_limit = files.rlim_cur;
  for (unsigned i = 0; i < server_.shards(); ++i)
    if (!server_.on_shard(static_cast<ShardId>(i),
                          [&](Shard& shard, Now) { status.sessions += shard.core().session_count(); }))
      return stopping();
  return status;
}

AdminResult<std::vector<MetricValue>> ServerAdmin::metrics() {
  auto all = server_.metrics();
  if (more_metrics_) more_metrics_(all);
  return all;
}

// ---- the store alone -----------------------------------------------------------------------------------------

namespace {

std::unexpected<AdminError> needs_server() {
  return std::unexpected(
      AdminError{Kind::unavailable, "no server runs on this data directory, and this needs one; start uhohd first"});
}

}  // namespace

std::expected<std::unique_ptr<OfflineAdmin>, std::string> OfflineAdmin::open(Options options) {
  auto engine = storage::SqliteEngine::open((options.data_dir / "uhoh.db").string(), {.cache_bytes = 256 << 20});
  if (!engine) return std::unexpected(engine.error());
  return std::unique_ptr<OfflineAdmin>{new OfflineAdmin{std::move(options), std::move(*engine)}};
}

storage::Result OfflineAdmin::store(storage::Request request, std::string& sentence) {
  if (!storage::is_write(request)) return engine_->execute(request);
  engine_->begin();
  auto result = engine_->execute(request);
  if (const auto committed = engine_->commit(); !committed) {
    sentence = committed.error();
    return std::unexpected(storage::StoreError::unavailable);
  }
  return result;
}

std::vector<storage::Result> OfflineAdmin::store_all(std::vector<storage::Request> requests, std::string& sentence) {
  std::vector<storage::Result> results;
  results.reserve(requests.size());
  engine_->begin();
  for (const auto& request : requests) results.push_back(engine_->execute(request));
  if (const auto committed = engine_->commit(); !committed) {
    sentence = committed.error();
    results.assign(requests.size(), std::unexpected(storage::StoreError::unavailable));
  }
  return results;
}

AdminResult<model::SessionPage> OfflineAdmin::list_sessions(std::uint64_t, std::size_t) { return needs_server(); }
AdminResult<void> OfflineAdmin::kick(Uin) { return needs_server(); }
AdminResult<model::BroadcastDone> OfflineAdmin::broadcast(std::string_view) { return needs_server(); }
AdminResult<std::vector<model::PacketRow>> OfflineAdmin::packets(const model::PacketQuery&) { return needs_server(); }
AdminResult<std::string> OfflineAdmin::registration_mode() { return needs_server(); }
AdminResult<void> OfflineAdmin::set_registration_mode(std::string_view) { return needs_server(); }
AdminResult<std::vector<model::QrLogInRow>> OfflineAdmin::list_qr() { return needs_server(); }
AdminResult<void> OfflineAdmin::confirm_qr(std::string_view, Uin) { return needs_server(); }
AdminResult<std::vector<MetricValue>> OfflineAdmin::metrics() { return needs_server(); }

AdminResult<void> OfflineAdmin::backup(std::string_view file) {
  return write_backup(file, [&](const std::string& path) { return engine_->backup_to(path); });
}

AdminResult<model::ServerStatus> OfflineAdmin::status() {
  return model::ServerStatus{.version = std::string{version},
                             .data_dir = options().data_dir.string(),
                             .now = read_clocks().wall};
}

}  // namespace uhoh::node
