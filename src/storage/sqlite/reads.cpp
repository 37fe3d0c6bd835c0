#include "storage/sqlite/reads.hpp"

#include <algorithm>

#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/snapshot.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {

namespace {

std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }

model::BasicProfile profile_in(const Query& row, int column) {
  return {.nick = row.text(column), .first_name = row.text(column + 1), .last_name = row.text(column + 2),
          .email = row.text(column + 3), .authorization = static_cast<model::Authorization>(row.integer(column + 4))};
}

std::int64_t one_more(std::size_t limit) {
  constexpr std::size_t most = 1'000'000;
  return static_cast<std::int64_t>(std::min(limit, most)) + 1;
}

/// Reads users from rows of number and profile; one row more than `limit` means that there are others.
Found found_in(Query& rows, std::size_t limit) {
  Found found;
  while (rows.step()) {
    if ((found.more = found.users.size() == limit)) break;
    found.users.push_back({Uin{rows.number(0)}, profile_in(rows, 1)});
  }
  return found;
}

}  // namespace

AccountFacts Reads::facts_in(const Query& row, int column, Uin uin, model::DialectId dialect) {
  const std::int64_t charsets = row.integer(column + 2);
  return {.uin = uin,
          .charset = static_cast<Charset>(charsets >> 8 * static_cast<int>(dialect) & 0xFF),
          .authorization = static_cast<model::Authorization>(row.integer(column)),
          .address_policy = static_cast<model::AddressPolicy>(row.integer(column + 1)),
          .suspended = row.integer(column + 3) != 0,
          .monitor = row.integer(column + 4) != 0};
}

std::optional<Reads::Facts> Reads::facts(Uin uin, model::DialectId dialect) {
  Query row = db_.query(
      "SELECT authorization, address_policy, charsets, suspended_until, monitor FROM account WHERE uin = ?1", uin.value);
  if (!row.step()) return std::nullopt;
  return Facts{facts_in(row, 0, uin, dialect), wall(row.integer(3))};
}

bool Reads::exists(Uin uin) { return db_.query("SELECT 1 FROM account WHERE uin = ?1", uin.value).step(); }

std::optional<model::BasicProfile> Reads::profile(Uin uin) {
  Query row = db_.query(
      "SELECT nick, first_name, last_name, email, authorization FROM profile JOIN account USING(uin) WHERE uin = ?1",
      uin.value);
  if (!row.step()) return std::nullopt;
  return profile_in(row, 0);
}

std::vector<Uin> Reads::watchers_allowed(Uin uin) {
  std::vector<Uin> allowed;
  Query rows = db_.query(
      "SELECT owner FROM friend WHERE contact = ?1 UNION SELECT asker FROM consent WHERE target = ?1 AND state = 2"
      " ORDER BY 1",
      uin.value);
  while (rows.step()) allowed.push_back(Uin{rows.number(0)});
  return allowed;
}

std::vector<InboxTail::Entry> Reads::inbox(Uin uin) {
  std::vector<InboxTail::Entry> all;
  if (view_ == View::writer) {
    for (const auto& [key, entry] : tail_.entries_of(uin)) all.push_back(entry);
  } else {
    all = tail_.committed_of(uin);
  }
  Query rows = db_.query("SELECT id, bytes FROM inbox WHERE recipient = ?1 AND forgotten IS NULL", uin.value);
  while (rows.step()) all.push_back({rows.integer(0), rows.number(1)});
  std::ranges::sort(all, {}, &InboxTail::Entry::id);
  const auto repeats = std::ranges::unique(all, {}, &InboxTail::Entry::id);
  all.erase(repeats.begin(), repeats.end());
  return all;
}

Result Reads::operator()(const ReadVerifier& r) {
  Query row = db_.query("SELECT verifier, suspended_until FROM profile JOIN account USING(uin) WHERE uin = ?1",
                        r.uin.value);
  if (!row.step()) return no_account();
  return Verifier{row.text(0), row.integer(1) != 0};
}

Result Reads::operator()(const ReadBasic& r) {
  std::optional<model::BasicProfile> found = profile(r.uin);
  if (!found) return no_account();
  return model::FoundUser{r.uin, std::move(*found)};
}

Result Reads::operator()(const ReadExtended& r) {
  const Snapshot snapshot{db_};
  Query row = db_.query(
      "SELECT city, country, state, age, sex, phone, homepage, about FROM extended_profile WHERE uin = ?1", r.uin.value);
  if (row.step())
    return ExtendedRead{model::ExtendedProfile{.city = row.text(0),
                                               .country = static_cast<std::uint16_t>(row.integer(1)),
                                               .state = row.text(2),
                                               .age = static_cast<std::uint16_t>(row.integer(3)),
                                               .sex = static_cast<model::Sex>(row.integer(4)),
                                               .phone = row.text(5),
                                               .homepage = row.text(6),
                                               .about = row.text(7)}};
  if (!exists(r.uin)) return no_account();
  return ExtendedRead{};
}

std::string search_sql(unsigned fields) {
  // The field that narrows most leads: its index gives the rows in order of their numbers; the unary plus keeps
  // the others from being chosen.
  static constexpr const char* columns[] = {"folded_email", "folded_last", "folded_first", "folded_nick"};
  std::string sql =
      "SELECT uin, nick, first_name, last_name, email, authorization FROM profile JOIN account USING(uin) WHERE ";
  bool leads = true;
  for (unsigned i = 0; i < 4; ++i) {
    if ((fields & 1U << i) == 0) continue;
    const std::string place = "?" + std::to_string(i + 1);
    if (leads) sql += std::string(columns[i]) + " = " + place + " AND " + columns[i] + " <> ''";
    else sql += std::string(" AND +") + columns[i] + " = " + place;
    leads = false;
  }
  return sql + " ORDER BY profile.uin LIMIT ?5";
}

Result Reads::operator()(const Search& r) {
  const std::string email = text::normalise_email(r.email), last = text::fold(r.last_name),
                    first = text::fold(r.first_name), nick = text::fold(r.nick);
  const unsigned fields = (email.empty() ? 0U : 1U) | (last.empty() ? 0U : 2U) | (first.empty() ? 0U : 4U) |
                          (nick.empty() ? 0U : 8U);
  if (fields == 0) return Found{};
  std::string& sql = search_sql_[fields];
  if (sql.empty()) sql = search_sql(fields);
  Query rows = db_.query(sql.c_str(), std::string_view{email}, std::string_view{last}, std::string_view{first},
                         std::string_view{nick}, one_more(r.limit));
  return found_in(rows, r.limit);
}

Result Reads::operator()(const ReadMessages& r) {
  const Snapshot snapshot{db_};
  KeptMessages answer;
  for (const InboxTail::Entry& entry : inbox(r.to)) {
    if (static_cast<std::uint64_t>(entry.id) <= r.after) continue;
    if (answer.messages.size() == r.limit) break;
    Query row = db_.query(
        "SELECT sender, kind, dialect_type, text, original, original_charset, accepted, key, style FROM message WHERE id = ?1",
        entry.id);
    // Gone: was forgotten between the look into memory and this snapshot.
    if (!row.step()) continue;
    answer.messages.push_back({.id = static_cast<std::uint64_t>(entry.id),
                               .name = row.is_null(7) ? 0 : static_cast<std::uint64_t>(row.integer(7)),
                               .from = Uin{row.number(0)},
                               .kind = static_cast<model::MessageKind>(row.integer(1)),
                               .dialect_type = static_cast<std::uint16_t>(row.integer(2)),
                               .text = {row.text(3), row.text(4), static_cast<Charset>(row.integer(5)), row.text(8)},
                               .accepted = wall(row.integer(6))});
  }
  return answer;
}

Result Reads::operator()(const ReadWatchersAllowed& r) { return Uins{watchers_allowed(r.uin)}; }

Result Reads::operator()(const ListAccounts& r) {
  Query rows = db_.query(
      "SELECT uin, nick, first_name, last_name, email, authorization FROM profile JOIN account USING(uin) "
      "WHERE profile.uin > ?1 ORDER BY profile.uin LIMIT ?2",
      r.after.value, one_more(r.limit));
  return found_in(rows, r.limit);
}

Result Reads::operator()(const ReadAccount& r) {
  const Snapshot snapshot{db_};
  AccountRecord record;
  for (const InboxTail::Entry& entry : inbox(r.uin)) {
    ++record.kept_messages;
    record.kept_bytes += entry.bytes;
  }
  const std::optional<Facts> known = facts(r.uin, model::DialectId::icq);
  std::optional<model::BasicProfile> basic = profile(r.uin);
  if (!known || !basic) return no_account();
  record.user = {r.uin, std::move(*basic)};
  record.facts = known->facts;
  record.suspended_until = known->suspended_until;
  if (Query row = db_.query("SELECT created, suspended_reason FROM profile WHERE uin = ?1", r.uin.value); row.step()) {
    record.created = wall(row.integer(0));
    record.suspended_reason = row.text(1);
  }
  if (Query row = db_.query("SELECT sealed FROM qq WHERE uin = ?1", r.uin.value); row.step()) {
    record.qq = true;
    record.qq_key = !row.is_null(0);
  }
  const Result extended = (*this)(ReadExtended{r.uin});
  if (extended) record.extended = std::get<ExtendedRead>(*extended).profile;
  return record;
}

Result Reads::operator()(const ReadBans&) {
  Bans answer;
  Query rows = db_.query("SELECT cidr, reason, until FROM ban ORDER BY cidr");
  while (rows.step()) answer.bans.push_back({rows.text(0), rows.text(1), wall(rows.integer(2))});
  return answer;
}

Result Reads::operator()(const ReadMonitorings&) {
  Monitorings answer;
  Query rows = db_.query("SELECT monitor, monitored, since FROM monitoring ORDER BY monitor, monitored");
  while (rows.step()) answer.all.push_back({Uin{rows.number(0)}, Uin{rows.number(1)}, wall(rows.integer(2))});
  return answer;
}

}  // namespace uhoh::storage
