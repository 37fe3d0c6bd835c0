#include "node/admin_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/check.hpp"
#include "node/address_ranges.hpp"
#include "node/data_directory.hpp"
#include "storage/room_rules.hpp"
#include "storage/sqlite/connection.hpp"
#include "text/utf8.hpp"

/// Returns the error of `expression`, a std::expected whose value does not matter.
#define UHOH_TRY_DONE(expression) \
  if (auto outcome = (expression); !outcome) return std::unexpected(std::move(outcome).error())

namespace uhoh::node {
namespace {

using model::AdminError;
using model::AdminResult;
using Kind = AdminError::Kind;

constexpr std::size_t max_range = 100'000;

std::unexpected<AdminError> refuse(Kind kind, std::string message) {
  return std::unexpected(AdminError{kind, std::move(message)});
}

/// Checks what people write into a profile; the error is a sentence.
AdminResult<void> check_text(std::string_view name, std::string_view text, std::size_t max_bytes) {
  if (!text::is_valid_utf8(text)) return refuse(Kind::invalid, fmt::format("the {} is not UTF-8", name));
  if (text.size() > max_bytes)
    return refuse(Kind::invalid, fmt::format("the {} is longer than {} bytes", name, max_bytes));
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return refuse(Kind::invalid, fmt::format("the {} has control characters", name));
  return {};
}

AdminResult<void> check_profile(const model::BasicProfile& profile) {
  UHOH_TRY_DONE(check_text("nick", profile.nick, 60));
  UHOH_TRY_DONE(check_text("first name", profile.first_name, 60));
  UHOH_TRY_DONE(check_text("last name", profile.last_name, 60));
  UHOH_TRY_DONE(check_text("e-mail address", profile.email, 120));
  return {};
}

AdminResult<void> check_number(Uin uin) {
  if (uin.is_account()) return {};
  return refuse(Kind::invalid, fmt::format("{} can't be the number of an account: they are 1 to 1999999999", uin.value));
}

std::unexpected<AdminError> no_room(Uin room) {
  return refuse(Kind::not_found,
                fmt::format("there is no group {}; `uhohctl group list` shows those that there are", room.value));
}

WallTime wall_now() { return read_clocks().wall; }

std::string numbered(std::string_view nick, std::uint32_t uin) {
  std::string out;
  for (const char c : nick) {
    if (c == '%') out += fmt::to_string(uin);
    else out += c;
  }
  return out;
}

}  // namespace

AdminError admin_error(storage::StoreError error, Uin uin, const std::string& sentence) {
  using storage::StoreError;
  switch (error) {
    case StoreError::no_account: return {Kind::not_found, fmt::format("there is no account {}", uin.value)};
    case StoreError::taken: return {Kind::conflict, fmt::format("the number {} is taken", uin.value)};
    case StoreError::suspended: return {Kind::conflict, fmt::format("the account {} is suspended", uin.value)};
    case StoreError::not_found: return {Kind::not_found, fmt::format("{} has no such friend or group", uin.value)};
    case StoreError::full: return {Kind::conflict, fmt::format("{} has as many friends or groups as there may be", uin.value)};
    case StoreError::forbidden: return {Kind::conflict, fmt::format("{} may not do that", uin.value)};
    case StoreError::inbox_full: return {Kind::conflict, fmt::format("the inbox of {} is full", uin.value)};
    case StoreError::unavailable:
      return {Kind::unavailable, sentence.empty() ? "the store could not write or was too busy; the server's log says "
                                                    "why. Nothing has changed: try again"
                                                  : sentence};
  }
  return {Kind::failed, "the store failed"};
}

AdminResult<std::string> StoreAdmin::make_verifier(std::string_view password) const {
  if (password.empty()) return refuse(Kind::invalid, "the password is empty");
  if (password.size() > 128) return refuse(Kind::invalid, "the password is longer than 128 bytes");
  if (password.find('\0') != std::string_view::npos) return refuse(Kind::invalid, "the password has a NUL in it");
  auto verifier = crypto::hash_password(as_bytes(password), options_.hashing);
  if (!verifier)
    return refuse(Kind::failed, fmt::format("there is no memory for argon2id, which takes {} KiB ({})",
                                            options_.hashing.memory_kib, "accounts.password_memory_kib"));
  return std::move(*verifier);
}

AdminResult<void> StoreAdmin::need_qq() {
  auto& secrets = options_.secrets;
  if (!secrets.secrets.qq && secrets.qq_problem.empty())
    if (auto opened = open_secrets(options_.secret_files)) {
      secrets = std::move(*opened);
      on_qq_key_made(secrets.secrets);
    }
  if (!secrets.secrets.qq) return refuse(Kind::unavailable, "QQ is off: " + secrets.qq_problem);
  return {};
}

AdminResult<std::string> StoreAdmin::make_qq_key(std::string_view password) {
  UHOH_TRY_DONE(need_qq());
  auto key = service::sealed_qq_key(options_.secrets.secrets, password);
  if (key.empty()) return refuse(Kind::invalid, "the password of an account that may use QQ must be printable ASCII");
  return key;
}

AdminResult<Uin> StoreAdmin::create_account(const model::NewAccount& account) {
  if (account.uin != Uin{}) {
    UHOH_TRY_DONE(check_number(account.uin));
  }
  UHOH_TRY_DONE(check_profile(account.profile));
  UHOH_TRY(verifier, make_verifier(account.password));
  storage::CreateAccount create{.uin = account.uin,
                                .password_verifier = std::move(verifier),
                                .profile = account.profile,
                                .icq_charset = account.icq_charset,
                                .now = wall_now(),
                                .monitor = account.monitor,
                                .qq = account.qq};
  if (account.qq) {
    UHOH_TRY(key, make_qq_key(account.password));
    create.qq_key = std::move(key);
  }
  if (account.greet) create.greeting.utf8 = options_.greeting;
  UHOH_TRY(created, ask<storage::Created>(account.uin, std::move(create)));
  return created.uin;
}

AdminResult<model::AccountRangeMade> StoreAdmin::create_range(const model::NewAccountRange& range) {
  UHOH_TRY_DONE(check_number(range.first));
  UHOH_TRY_DONE(check_profile(range.profile));
  if (range.count == 0 || range.count > max_range)
    return refuse(Kind::invalid, fmt::format("the count must be 1 to {} in one request", max_range));
  UHOH_TRY_DONE(check_number(Uin{range.first.value + range.count - 1}));
  UHOH_TRY(verifier, make_verifier(range.password));
  std::string qq_key;
  if (range.qq) {
    UHOH_TRY(key, make_qq_key(range.password));
    qq_key = std::move(key);
  }
  std::vector<storage::Request> requests;
  requests.reserve(range.count);
  const auto now = wall_now();
  for (std::uint32_t i = 0; i < range.count; ++i) {
    const Uin uin{range.first.value + i};
    auto named = range.profile;
    named.nick = numbered(range.profile.nick, uin.value);
    requests.emplace_back(storage::CreateAccount{.uin = uin,
                                                 .password_verifier = verifier,
                                                 .profile = std::move(named),
                                                 .icq_charset = range.icq_charset,
                                                 .now = now,
                                                 .qq = range.qq,
                                                 .qq_key = qq_key});
  }
  std::string sentence;
  model::AccountRangeMade made;
  for (const auto& result : store_all(std::move(requests), sentence)) {
    if (result) ++made.created;
    else if (result.error() == storage::StoreError::taken) ++made.taken;
    else return std::unexpected(admin_error(result.error(), range.first, sentence));
  }
  return made;
}

AdminResult<model::AccountPage> StoreAdmin::list_accounts(Uin after, std::size_t limit) {
  UHOH_TRY(found, ask<storage::Found>(after, storage::ListAccounts{after, limit}));
  model::AccountPage page;
  page.more = found.more;
  for (auto& user : found.users) page.accounts.push_back({user.uin, std::move(user.profile)});
  return page;
}

AdminResult<model::AccountDetails> StoreAdmin::read_account(Uin uin) {
  UHOH_TRY(record, ask<storage::AccountRecord>(uin, storage::ReadAccount{uin}));
  return model::AccountDetails{.uin = uin,
                               .profile = std::move(record.user.profile),
                               .extended = std::move(record.extended),
                               .address_policy = record.facts.address_policy,
                               .icq_charset = record.facts.charset,
                               .created = record.created,
                               .suspended_until = record.facts.suspended ? record.suspended_until : WallTime{},
                               .suspended_reason = std::move(record.suspended_reason),
                               .kept_messages = record.kept_messages,
                               .kept_bytes = record.kept_bytes,
                               .qq = record.qq,
                               .qq_key = record.qq_key,
                               .monitor = record.facts.monitor,
                               .online = is_online(uin)};
}

AdminResult<void> StoreAdmin::change_account(Uin uin, const model::AccountChange& change) {
  UHOH_TRY(found, ask<model::FoundUser>(uin, storage::ReadBasic{uin}));
  if (change.nick || change.first_name || change.last_name || change.email) {
    auto profile = found.profile;
    if (change.nick) profile.nick = *change.nick;
    if (change.first_name) profile.first_name = *change.first_name;
    if (change.last_name) profile.last_name = *change.last_name;
    if (change.email) profile.email = *change.email;
    UHOH_TRY_DONE(check_profile(profile));
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdateBasic{uin, std::move(profile), true}));
  }
  if (change.authorization) {
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdateAuthorization{uin, *change.authorization}));
  }
  if (change.address_policy) {
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdateAddressPolicy{uin, *change.address_policy}));
  }
  if (change.icq_charset) {
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdateCharset{uin, model::DialectId::icq, *change.icq_charset}));
  }
  if (change.qq) {
    if (*change.qq) {
      UHOH_TRY_DONE(need_qq());
    }
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::SwitchQq{uin, *change.qq, {}}));
  }
  if (change.monitor) {
    UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdateMonitor{uin, *change.monitor}));
  }
  on_changed(uin, change);
  return {};
}

AdminResult<void> StoreAdmin::set_password(Uin uin, std::string_view password) {
  if (uin == system_uin) return refuse(Kind::invalid, "the system's own account has no password: nobody logs in with it");
  UHOH_TRY(verifier, make_verifier(password));
  UHOH_TRY(record, ask<storage::AccountRecord>(uin, storage::ReadAccount{uin}));
  std::string qq_key;
  if (record.qq) {
    UHOH_TRY(key, make_qq_key(password));
    qq_key = std::move(key);
  }
  UHOH_TRY_DONE(ask<storage::Done>(uin, storage::UpdatePassword{uin, std::move(verifier), std::move(qq_key)}));
  on_password_changed(uin);
  return {};
}

AdminResult<void> StoreAdmin::suspend(Uin uin, WallTime until, std::string_view reason) {
  if (uin == system_uin) return refuse(Kind::invalid, "the system's own account can't be suspended");
  if (until <= wall_now()) return refuse(Kind::invalid, "the end of the suspension lies in the past");
  UHOH_TRY_DONE(check_text("reason", reason, 500));
  UHOH_TRY_DONE(ask<storage::Done>(uin, storage::Suspend{uin, until, std::string{reason}}));
  on_locked_out(uin);
  return {};
}

AdminResult<void> StoreAdmin::resume(Uin uin) {
  UHOH_TRY_DONE(ask<storage::Done>(uin, storage::Suspend{uin, WallTime{}, {}}));
  return {};
}

AdminResult<void> StoreAdmin::delete_account(Uin uin) {
  if (uin == system_uin) return refuse(Kind::invalid, "the system's own account can't be deleted");
  UHOH_TRY_DONE(ask<storage::Done>(uin, storage::DeleteAccount{uin}));
  on_locked_out(uin);
  return {};
}

AdminResult<void> StoreAdmin::add_friend(Uin owner, Uin contact) {
  if (owner == contact) return refuse(Kind::invalid, "nobody is his own friend");
  UHOH_TRY_DONE(ask<model::FoundUser>(owner, storage::ReadBasic{owner}));
  UHOH_TRY_DONE(ask<model::FoundUser>(contact, storage::ReadBasic{contact}));
  UHOH_TRY(tried, ask<storage::Befriended>(contact, storage::AddFriendEdge{owner, contact, wall_now()}));
  auto befriended = tried;
  const bool granted = !befriended.allowed;
  if (granted) {
    // The contact wants to be asked; an administrator's word stands for his.
    UHOH_TRY_DONE(ask<storage::Consented>(contact, storage::RecordConsent{owner, contact, storage::Consent::granted,
                                                                      wall_now()}));
    UHOH_TRY(again, ask<storage::Befriended>(contact, storage::AddFriendEdge{owner, contact, wall_now()}));
    befriended = again;
  }
  on_befriended(owner, contact, granted, befriended);
  return {};
}

AdminResult<model::RoomListPage> StoreAdmin::list_rooms(Uin after, std::size_t limit) {
  UHOH_TRY(page, ask<storage::RoomPage>({}, storage::ListRooms{after, limit}));
  model::RoomListPage list{.rooms = {}, .more = page.more};
  for (const auto& room : page.rooms) list.rooms.push_back({room.number, room.name, room.owner, room.members});
  return list;
}

AdminResult<model::Room> StoreAdmin::read_room(Uin room) {
  auto found = ask<model::Room>(room, storage::ReadRoom{room});
  if (!found && found.error().kind == Kind::not_found) return no_room(room);
  return found;
}

AdminResult<model::RoomMade> StoreAdmin::create_room(const model::NewRoom& room) {
  UHOH_TRY_DONE(check_text("name", room.profile.name, storage::max_room_name));
  UHOH_TRY_DONE(check_text("notice", room.profile.notice, storage::max_room_text));
  UHOH_TRY_DONE(check_text("description", room.profile.description, storage::max_room_text));
  if (room.profile.name.empty()) return refuse(Kind::invalid, "the group has no name");
  if (room.members.size() >= model::max_room_members)
    return refuse(Kind::invalid, fmt::format("a room has at most {} members", model::max_room_members));
  const storage::MakeRoom make{room.owner, room.profile, room.members, true};
  auto made = ask<storage::RoomWritten>(room.owner, make);
  if (!made && made.error().kind == Kind::conflict)
    return refuse(Kind::conflict, fmt::format("{} is in as many rooms as may be", room.owner.value));
  if (!made) return std::unexpected(made.error());
  model::RoomMade answer{.number = made->room, .left_out = {}};
  for (const auto member : room.members)
    if (member != room.owner && !std::ranges::binary_search(made->changed, member)) answer.left_out.push_back(member);
  made->changed.push_back(room.owner);
  on_room_changed(*made, model::RoomNotice::added);
  return answer;
}

AdminResult<void> StoreAdmin::dismiss_room(Uin room) {
  const auto gone = ask<storage::RoomWritten>(room, storage::DeleteRoom{room, {}});
  if (!gone && gone.error().kind == Kind::not_found) return no_room(room);
  if (!gone) return std::unexpected(gone.error());
  on_room_changed(*gone, model::RoomNotice::removed);
  return {};
}

AdminResult<std::string> StoreAdmin::add_ban(const model::BanRow& ban) {
  const auto range = AddressRange::parse(ban.cidr);
  if (!range) return refuse(Kind::invalid, range.error());
  UHOH_TRY_DONE(check_text("reason", ban.reason, 500));
  if (ban.until != WallTime{} && ban.until <= wall_now())
    return refuse(Kind::invalid, "the end of the ban lies in the past");
  auto cidr = range->to_string();
  UHOH_TRY_DONE(ask<storage::Done>({}, storage::AddBan{cidr, ban.reason, ban.until}));
  on_bans_changed();
  return cidr;
}

AdminResult<void> StoreAdmin::remove_ban(std::string_view cidr) {
  const auto range = AddressRange::parse(cidr);
  if (!range) return refuse(Kind::invalid, range.error());
  const auto kept = range->to_string();
  UHOH_TRY(bans, list_bans());
  if (std::ranges::find(bans, kept, &model::BanRow::cidr) == bans.end())
    return refuse(Kind::not_found, fmt::format("there is no ban of {}; `uhohctl ban list` shows those that there are", kept));
  UHOH_TRY_DONE(ask<storage::Done>({}, storage::RemoveBan{kept}));
  on_bans_changed();
  return {};
}

AdminResult<std::vector<model::BanRow>> StoreAdmin::list_bans() {
  UHOH_TRY(bans, ask<storage::Bans>({}, storage::ReadBans{}));
  std::vector<model::BanRow> rows;
  const auto now = wall_now();
  for (auto& ban : bans.bans)
    if (ban.until == WallTime{} || ban.until > now)
      rows.push_back({std::move(ban.cidr), std::move(ban.reason), ban.until});
  return rows;
}

AdminResult<model::StoreCheck> StoreAdmin::check_store() {
  const auto file = options_.data_dir / DataFiles::store;
  model::StoreCheck check;
  std::error_code error;
  check.store_bytes = std::filesystem::file_size(file, error);
  const auto space = std::filesystem::space(options_.data_dir, error);
  if (!error) check.free_bytes = space.available;
  auto connection = storage::Connection::open(file.string(), storage::Connection::Mode::read_only_queries, {});
  if (!connection) {
    check.finding = connection.error();
    return check;
  }
  {
    auto rows = (*connection)->query("PRAGMA quick_check(1)");
    if (rows.step()) check.finding = rows.text(0);
  }
  if ((*connection)->failed()) check.finding = (*connection)->failure();
  check.sound = check.finding == "ok";
  if (check.sound) check.finding.clear();
  // A write that changes nothing goes the way of every other.
  std::string sentence;
  const auto written = store(storage::Expire{wall_now()}, sentence);
  check.writable = written.has_value();
  if (!written && check.finding.empty())
    check.finding = admin_error(written.error(), {}, sentence).message;
  return check;
}

}  // namespace uhoh::node
