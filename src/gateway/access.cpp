#include "gateway/access.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <set>

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr auto session_life = std::chrono::days{30};
constexpr std::size_t id_digits = 12;
constexpr std::size_t most_of_account = 32;

std::int64_t seconds_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}
WallTime time_of(std::int64_t seconds) { return WallTime{std::chrono::seconds{seconds}}; }

Role role_named(std::string_view word) {
  for (const auto role : {Role::moderator, Role::administrator})
    if (word == to_string(role)) return role;
  return Role::user;
}

std::string_view text_in(const json::object& row, std::string_view name) {
  const auto* value = row.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}
std::int64_t number_in(const json::object& row, std::string_view name) {
  const auto* value = row.if_contains({name.data(), name.size()});
  boost::system::error_code error;
  const auto number = value != nullptr ? value->to_number<std::int64_t>(error) : 0;
  return error ? 0 : number;
}
json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Access::Entry {
  std::string name;
  Uin uin;
  Role role = Role::user;
  WallTime created;
  WallTime expires;
  std::string csrf;
  bool cookie = false;
};

struct Access::State {
  std::filesystem::path path;
  TokenTools tools;
  mutable std::mutex mutex;
  std::map<std::string, Entry, std::less<>> entries;  // by digest
  std::map<Uin, Role> roles;
  std::set<std::string, std::less<>> invitations;     // digests
  int file = -1;

  json::object row_of(const std::string& digest, const Entry& entry) const {
    return {{"token", view(digest)},
            {"name", view(entry.name)},
            {"uin", entry.uin.value},
            {"role", view(to_string(entry.role))},
            {"created", seconds_of(entry.created)},
            {"expires", seconds_of(entry.expires)},
            {"csrf", view(entry.csrf)},
            {"cookie", entry.cookie}};
  }

  void apply(const json::object& row) {
    if (const auto digest = text_in(row, "token"); !digest.empty()) {
      const auto* cookie = row.if_contains("cookie");
      entries[std::string{digest}] = {.name = std::string{text_in(row, "name")},
                                      .uin = Uin{static_cast<std::uint32_t>(number_in(row, "uin"))},
                                      .role = role_named(text_in(row, "role")),
                                      .created = time_of(number_in(row, "created")),
                                      .expires = time_of(number_in(row, "expires")),
                                      .csrf = std::string{text_in(row, "csrf")},
                                      .cookie = cookie != nullptr && cookie->is_bool() && cookie->get_bool()};
    } else if (const auto gone = text_in(row, "revoked"); !gone.empty()) {
      entries.erase(std::string{gone});
    } else if (const Uin uin{static_cast<std::uint32_t>(number_in(row, "role_of"))}; uin != Uin{}) {
      const auto role = role_named(text_in(row, "role"));
      if (role == Role::user)
        roles.erase(uin);
      else
        roles[uin] = role;
    } else if (const auto invited = text_in(row, "invitation"); !invited.empty()) {
      invitations.emplace(invited);
    } else if (const auto used = text_in(row, "invitation_used"); !used.empty()) {
      invitations.erase(std::string{used});
    }
  }

  /// Appends a change to the file; what could not be written whole is cut off again.
  bool append(const json::object& row) {
    auto line = json::serialize(row);
    line += '\n';
    const auto before = ::lseek(file, 0, SEEK_END);
    if (::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fdatasync(file) == 0) {
      apply(row);
      return true;
    }
    static_cast<void>(::ftruncate(file, before));
    return false;
  }

  void drop_expired() {
    const auto now = tools.now();
    std::erase_if(entries, [&](const auto& e) { return e.second.expires != WallTime{} && e.second.expires <= now; });
  }
};

Access::Access(std::unique_ptr<State> state) : state_{std::move(state)} {}

Access::~Access() {
  if (state_->file >= 0) ::close(state_->file);
}

std::expected<std::unique_ptr<Access>, std::string> Access::open(std::filesystem::path file, TokenTools tools) {
  auto state = std::make_unique<State>();
  state->path = std::move(file);
  state->tools = std::move(tools);
  const auto fail = [&](std::string_view what) {
    return std::unexpected("the file of tokens " + state->path.string() + " " + std::string{what} + ": " +
                           std::error_code{errno, std::system_category()}.message());
  };
  if (std::ifstream in{state->path}) {
    for (std::string line; std::getline(in, line);) {
      json::error_code error;
      const auto row = json::parse(line, error);
      // The last line may be half written: its change was never answered.
      if (!error && row.is_object()) state->apply(row.get_object());
    }
  }
  state->drop_expired();
  const auto fresh = state->path.string() + ".new";
  state->file = ::open(fresh.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  if (state->file < 0) return fail("can't be written");
  std::unique_ptr<Access> access{new Access{std::move(state)}};
  auto& s = *access->state_;
  std::string all;
  for (const auto& [digest, entry] : s.entries) all += json::serialize(s.row_of(digest, entry)) + "\n";
  for (const auto& [uin, role] : s.roles)
    all += json::serialize(json::object{{"role_of", uin.value}, {"role", view(to_string(role))}}) + "\n";
  for (const auto& code : s.invitations) all += json::serialize(json::object{{"invitation", view(code)}}) + "\n";
  if (::write(s.file, all.data(), all.size()) != static_cast<ssize_t>(all.size()) || ::fsync(s.file) != 0 ||
      ::rename(fresh.c_str(), s.path.c_str()) != 0)
    return std::unexpected("the file of tokens " + s.path.string() + " can't be written: " +
                           std::error_code{errno, std::system_category()}.message());
  return access;
}

std::optional<Access::Issued> Access::issue(Uin uin, Role role, std::string name, WallTime expires, bool cookie) {
  auto& s = *state_;
  Issued issued{.secret = s.tools.make(), .caller = {}};
  const auto digest = s.tools.digest(issued.secret);
  const std::lock_guard lock{s.mutex};
  s.drop_expired();
  // The oldest of an account go when it has too many.
  if (uin != Uin{}) {
    std::size_t count = 0;
    const std::string* oldest = nullptr;
    WallTime at = WallTime::max();
    for (const auto& [known, entry] : s.entries) {
      if (entry.uin != uin || entry.cookie != cookie) continue;
      ++count;
      if (entry.created < at) at = entry.created, oldest = &known;
    }
    if (count >= most_of_account) s.append({{"revoked", view(std::string{*oldest})}});
  }
  const Entry entry{.name = std::move(name),
                    .uin = uin,
                    .role = role,
                    .created = s.tools.now(),
                    .expires = expires,
                    .csrf = cookie ? s.tools.make() : std::string{},
                    .cookie = cookie};
  if (!s.append(s.row_of(digest, entry))) return std::nullopt;
  issued.caller = {uin, role, digest.substr(0, id_digits), entry.csrf, cookie};
  return issued;
}

std::optional<Access::Issued> Access::begin_session(Uin uin) {
  return issue(uin, role_of(uin), "", state_->tools.now() + session_life, true);
}

std::optional<Access::Issued> Access::make_token(Uin uin, Role role, std::string name, WallTime expires) {
  return issue(uin, role, std::move(name), expires, false);
}

std::optional<Caller> Access::find(std::string_view secret, bool cookie) {
  auto& s = *state_;
  if (secret.empty() || secret.size() > 128) return std::nullopt;
  // Looked up by digest: the time that this takes tells nothing of a secret.
  const auto digest = s.tools.digest(secret);
  const std::lock_guard lock{s.mutex};
  const auto found = s.entries.find(digest);
  if (found == s.entries.end() || found->second.cookie != cookie) return std::nullopt;
  const auto& entry = found->second;
  if (entry.expires != WallTime{} && entry.expires <= s.tools.now()) return std::nullopt;
  auto role = entry.role;
  if (entry.uin != Uin{}) {
    const auto of_account = s.roles.find(entry.uin);
    const auto most = of_account == s.roles.end() ? Role::user : of_account->second;
    role = cookie ? most : std::min(role, most);
  }
  return Caller{entry.uin, role, digest.substr(0, id_digits), entry.csrf, cookie};
}

bool Access::revoke(std::string_view id, Uin uin) {
  auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  if (id.size() < id_digits) return false;
  const auto found = s.entries.lower_bound(id);
  if (found == s.entries.end() || !found->first.starts_with(id) || (uin != Uin{} && found->second.uin != uin)) return false;
  return s.append({{"revoked", view(std::string{found->first})}});
}

void Access::revoke_all(Uin uin, std::string_view but) {
  auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  std::vector<std::string> gone;
  for (const auto& [digest, entry] : s.entries)
    if (entry.uin == uin && (but.empty() || !digest.starts_with(but))) gone.push_back(digest);
  for (const auto& digest : gone) s.append({{"revoked", view(digest)}});
}

std::vector<TokenRow> Access::list(Uin uin) const {
  const auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  std::vector<TokenRow> rows;
  for (const auto& [digest, entry] : s.entries)
    if (uin == Uin{} || entry.uin == uin)
      rows.push_back({digest.substr(0, id_digits), entry.name, entry.uin, entry.role, entry.created, entry.expires,
                      entry.cookie});
  return rows;
}

Role Access::role_of(Uin uin) const {
  const auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  const auto found = s.roles.find(uin);
  return found == s.roles.end() ? Role::user : found->second;
}

bool Access::set_role(Uin uin, Role role) {
  auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  return s.append({{"role_of", uin.value}, {"role", view(to_string(role))}});
}

std::vector<std::pair<Uin, Role>> Access::roles() const {
  const auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  return {s.roles.begin(), s.roles.end()};
}

std::optional<std::string> Access::invite() {
  auto& s = *state_;
  auto code = s.tools.make().substr(0, 16);
  const std::lock_guard lock{s.mutex};
  if (!s.append({{"invitation", view(s.tools.digest(code))}})) return std::nullopt;
  return code;
}

bool Access::use_invitation(std::string_view code) {
  auto& s = *state_;
  const auto digest = s.tools.digest(code);
  const std::lock_guard lock{s.mutex};
  return s.invitations.contains(digest) && s.append({{"invitation_used", view(digest)}});
}

}  // namespace uhoh::gateway
