#include "gateway/admin_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/time_text.hpp"
#include "text/charset.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr Word<model::Authorization> authorizations[] = {{"open", model::Authorization::open},
                                                         {"required", model::Authorization::required},
                                                         {"closed", model::Authorization::closed}};
constexpr Word<model::AddressPolicy> address_policies[] = {{"everyone", model::AddressPolicy::everyone},
                                                           {"mutual", model::AddressPolicy::mutual},
                                                           {"nobody", model::AddressPolicy::nobody},
                                                           {"relay", model::AddressPolicy::relay}};
constexpr Word<model::RoomJoining> room_joinings[] = {{"open", model::RoomJoining::open},
                                                      {"ask", model::RoomJoining::ask},
                                                      {"closed", model::RoomJoining::closed}};
constexpr Word<model::Availability> availabilities[] = {{"offline", model::Availability::offline},
                                                        {"online", model::Availability::online},
                                                        {"away", model::Availability::away},
                                                        {"not_available", model::Availability::not_available},
                                                        {"occupied", model::Availability::occupied},
                                                        {"do_not_disturb", model::Availability::do_not_disturb},
                                                        {"free_for_chat", model::Availability::free_for_chat}};

json::value time_or_null(WallTime at) {
  if (at == WallTime{}) return nullptr;
  return json::value(format_time(at));
}

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

json::string_view as_json_text(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::span<const Word<model::Authorization>> authorization_words() noexcept { return authorizations; }
std::span<const Word<model::AddressPolicy>> address_policy_words() noexcept { return address_policies; }
std::span<const Word<model::Availability>> availability_words() noexcept { return availabilities; }
std::span<const Word<model::RoomJoining>> room_joining_words() noexcept { return room_joinings; }

std::string_view dialect_word(model::DialectId dialect) noexcept {
  switch (dialect) {
    case model::DialectId::icq: return "icq";
    case model::DialectId::oicq: return "oicq";
    case model::DialectId::qq: return "qq";
    case model::DialectId::web: return "web";
  }
  return "?";
}

json::value to_json(const model::AccountRow& account) {
  const auto& profile = account.profile;
  return json::object{{"uin", account.uin.value},
                      {"nick", profile.nick},
                      {"first_name", profile.first_name},
                      {"last_name", profile.last_name},
                      {"email", profile.email},
                      {"authorization", as_json_text(word_of(authorization_words(), profile.authorization))}};
}

json::value to_json(const model::AccountDetails& account) {
  auto out = to_json(model::AccountRow{account.uin, account.profile}).as_object();
  out["address_policy"] = as_json_text(word_of(address_policy_words(), account.address_policy));
  out["charset"] = as_json_text(text::name_of(account.icq_charset));
  out["created"] = time_or_null(account.created);
  out["suspended_until"] = time_or_null(account.suspended_until);
  out["suspended_reason"] = account.suspended_reason;
  out["kept_messages"] = account.kept_messages;
  out["kept_bytes"] = account.kept_bytes;
  out["qq"] = account.qq;
  out["qq_key"] = account.qq_key;
  out["monitor"] = account.monitor;
  out["online"] = account.online ? json::value(*account.online) : json::value(nullptr);
  if (const auto& more = account.extended) {
    json::object extended{{"city", more->city}, {"state", more->state}, {"phone", more->phone},
                          {"homepage", more->homepage}, {"about", more->about}};
    if (more->country != model::ExtendedProfile::not_entered) extended["country"] = more->country;
    if (more->age != model::ExtendedProfile::not_entered) extended["age"] = more->age;
    if (more->sex != model::Sex::unspecified) extended["sex"] = more->sex == model::Sex::female ? "female" : "male";
    out["extended"] = std::move(extended);
  }
  return out;
}

json::value to_json(const model::SessionRow& session) {
  return json::object{{"uin", session.uin.value},
                      {"dialect", as_json_text(dialect_word(session.dialect))},
                      {"dialect_version", session.dialect_version},
                      {"address", session.peer.to_string()},
                      {"status", as_json_text(word_of(availability_words(), session.status.availability))},
                      {"invisible", session.status.invisible},
                      {"idle_seconds", seconds_of(session.idle)},
                      {"restored", session.restored},
                      {"client_tag", session.client_tag}};
}

json::value to_json(const model::RoomListed& room) {
  return json::object{
      {"room", room.number.value}, {"name", room.name}, {"owner", room.owner.value}, {"members", room.members}};
}

json::value to_json(const model::Room& room) {
  json::array members;
  constexpr std::string_view roles[] = {"member", "administrator", "owner"};
  for (const auto& member : room.members)
    members.push_back(json::object{{"uin", member.uin.value},
                                   {"role", as_json_text(roles[static_cast<std::size_t>(member.role)])}});
  return json::object{{"room", room.number.value},
                      {"name", room.profile.name},
                      {"notice", room.profile.notice},
                      {"description", room.profile.description},
                      {"joining", as_json_text(word_of(room_joining_words(), room.profile.joining))},
                      {"owner", room.owner.value},
                      {"members", std::move(members)}};
}

json::value to_json(const model::BanRow& ban) {
  return json::object{{"cidr", ban.cidr}, {"reason", ban.reason}, {"until", time_or_null(ban.until)}};
}

json::value to_json(const model::QrLogInRow& row) {
  return json::object{{"code", row.code},
                      {"peer", row.peer.to_string()},
                      {"client", row.client},
                      {"until", time_or_null(row.until)}};
}

json::value to_json(const model::ServerStatus& status) {
  json::object listeners;
  for (const auto& listener : status.listeners) listeners[listener.name] = listener.bound.to_string();
  return json::object{{"version", status.version},
                      {"running", status.running},
                      {"pid", status.pid},
                      {"data_dir", status.data_dir},
                      {"uptime_seconds", seconds_of(status.uptime)},
                      {"now", format_time(status.now)},
                      {"shards", status.shards},
                      {"sessions", status.sessions},
                      {"open_files_limit", status.open_files_limit},
                      {"receive_buffer_wanted", status.receive_buffer_wanted},
                      {"listeners", std::move(listeners)}};
}

json::value to_json(const model::StoreCheck& check) {
  return json::object{{"sound", check.sound},
                      {"finding", check.finding},
                      {"writable", check.writable},
                      {"store_bytes", check.store_bytes},
                      {"free_bytes", check.free_bytes}};
}

BodyReader::BodyReader(std::string_view body, std::initializer_list<std::string_view> known) {
  boost::json::error_code failed;
  auto parsed = json::parse(as_json_text(body), failed);
  if (failed || !parsed.is_object()) {
    error_ = "the body must be a JSON object";
    return;
  }
  body_ = std::move(parsed.as_object());
  for (const auto& member : body_)
    if (std::ranges::find(known, std::string_view{member.key()}) == known.end())
      error_ = fmt::format("there is no member \"{}\"", std::string_view{member.key()});
}

const json::value* BodyReader::find(std::string_view name) {
  const auto* value = body_.if_contains(as_json_text(name));
  return value == nullptr || value->is_null() ? nullptr : value;
}

void BodyReader::fail(std::string_view name, std::string_view what) {
  if (error_.empty()) error_ = fmt::format("\"{}\" {}", name, what);
}

std::optional<std::string> BodyReader::text(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::string{value->as_string()};
  fail(name, "must be a text");
  return std::nullopt;
}

std::optional<std::uint64_t> BodyReader::number(std::string_view name, std::uint64_t max) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  json::error_code wrong;
  const auto number = value->to_number<std::uint64_t>(wrong);
  if (!wrong && number <= max) return number;
  fail(name, fmt::format("must be a whole number from 0 to {}", max));
  return std::nullopt;
}

std::optional<bool> BodyReader::flag(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->as_bool();
  fail(name, "must be true or false");
  return std::nullopt;
}

std::optional<std::vector<Uin>> BodyReader::numbers(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<Uin> numbers;
  bool wrong = !value->is_array();
  if (!wrong)
    for (const auto& element : value->as_array()) {
      json::error_code failed;
      const auto number = element.to_number<std::uint32_t>(failed);
      wrong = wrong || failed || !Uin{number}.is_account();
      numbers.push_back(Uin{number});
    }
  if (!wrong) return numbers;
  fail(name, "must be a list of account numbers");
  return std::nullopt;
}

std::optional<Charset> BodyReader::charset(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (const auto charset = text::charset_named(*given)) return charset;
  std::string known;
  for (const auto charset : text::all_charsets)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", text::name_of(charset));
  fail(name, "must be one of: " + known);
  return std::nullopt;
}

std::optional<WallTime> BodyReader::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto at = parse_time(*given);
  if (!at) fail(name, "must be a time as 2026-12-31T23:59:59Z");
  return at;
}

}  // namespace uhoh::gateway
