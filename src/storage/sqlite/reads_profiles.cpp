// What Reads answers about whole profiles, friends, and searches with a condition.

#include <algorithm>
#include <map>

#include "storage/friend_groups.hpp"
#include "storage/search_match.hpp"
#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/reads.hpp"
#include "storage/sqlite/snapshot.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {

namespace {

std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }

/// Every column of a whole profile, for people found by what follows it.
#define UHOH_SELECT_PROFILE                                                                                           \
  "SELECT p.uin, p.nick, p.first_name, p.last_name, p.email, a.authorization, e.uin IS NOT NULL, e.city, e.country,"  \
  " e.state, e.age, e.sex, e.phone, e.homepage, e.about, f.uin IS NOT NULL, f.portrait, f.country_code,"              \
  " f.country_name, f.province_code, f.address, f.postcode, f.education_code, f.school, f.occupation,"                \
  " f.occupation_code, f.mobile, f.pager, f.hobbies, f.horoscope_code, f.zodiac_code, f.blood_type_code"              \
  " FROM profile AS p JOIN account AS a ON a.uin = p.uin LEFT JOIN extended_profile AS e ON e.uin = p.uin"            \
  " LEFT JOIN further_profile AS f ON f.uin = p.uin "

constexpr int extended_column = 6;
constexpr int further_column = 15;

ProfileParts parts_in(const Query& row) {
  ProfileParts parts{.basic = {.nick = row.text(1),
                               .first_name = row.text(2),
                               .last_name = row.text(3),
                               .email = row.text(4),
                               .authorization = static_cast<model::Authorization>(row.integer(5))}};
  if (row.integer(extended_column) != 0)
    parts.extended = model::ExtendedProfile{.city = row.text(7),
                                            .country = static_cast<std::uint16_t>(row.integer(8)),
                                            .state = row.text(9),
                                            .age = static_cast<std::uint16_t>(row.integer(10)),
                                            .sex = static_cast<model::Sex>(row.integer(11)),
                                            .phone = row.text(12),
                                            .homepage = row.text(13),
                                            .about = row.text(14)};
  if (row.integer(further_column) != 0)
    for (std::size_t place = 0; place < further_fields.size(); ++place)
      parts.further[place] = row.text(further_column + 1 + static_cast<int>(place));
  return parts;
}

}  // namespace

std::optional<ProfileParts> Reads::parts(Uin uin) {
  Query row = db_.query(UHOH_SELECT_PROFILE "WHERE p.uin = ?1", uin.value);
  if (!row.step()) return std::nullopt;
  return parts_in(row);
}

std::vector<Uin> Reads::friends_of(Uin owner) {
  std::vector<Uin> friends;
  Query rows = db_.query("SELECT contact FROM friend WHERE owner = ?1 ORDER BY contact", owner.value);
  while (rows.step()) friends.push_back(Uin{rows.number(0)});
  return friends;
}

Result Reads::operator()(const ReadProfile& r) {
  const auto found = parts(r.uin);
  if (!found) return no_account();
  return whole_profile(*found);
}

Result Reads::operator()(const ReadCards& r) {
  const Snapshot snapshot{db_};
  auto uins = r.uins;
  std::ranges::sort(uins);
  const auto repeats = std::ranges::unique(uins);
  uins.erase(repeats.begin(), repeats.end());
  Cards cards;
  for (const auto uin : uins)
    if (const auto found = parts(uin)) cards.users.push_back(card_of(uin, *found));
  return cards;
}

Result Reads::operator()(const ReadFriends& r) {
  const Snapshot snapshot{db_};
  std::map<std::uint8_t, model::FriendGroup> groups;
  groups[first_group].name = first_group_name;
  if (Query rows = db_.query("SELECT number, name FROM friend_group WHERE owner = ?1", r.owner.value); true)
    while (rows.step()) groups[static_cast<std::uint8_t>(rows.integer(0))].name = rows.text(1);
  Query rows = db_.query("SELECT contact, place, remark FROM friend WHERE owner = ?1 ORDER BY contact", r.owner.value);
  while (rows.step()) {
    const Uin contact{rows.number(0)};
    const auto found = parts(contact);
    if (!found) continue;
    auto card = card_of(contact, *found);
    card.remark = rows.text(2);
    groups[static_cast<std::uint8_t>(rows.integer(1))].friends.push_back(std::move(card));
  }
  model::FriendList list;
  for (auto& [number, group] : groups) {
    group.number = number;
    list.groups.push_back(std::move(group));
  }
  return list;
}

Result Reads::operator()(const ReadFriendNumbers& r) {
  if (r.group == 0) return Uins{friends_of(r.owner)};
  const Snapshot snapshot{db_};
  Uins answer;
  Query rows = db_.query("SELECT contact FROM friend WHERE owner = ?1 AND place = ?2 ORDER BY contact", r.owner.value,
                         r.group);
  while (rows.step()) answer.members.push_back(Uin{rows.number(0)});
  if (!answer.members.empty() || r.group == first_group) return answer;
  if (!db_.query("SELECT 1 FROM friend_group WHERE owner = ?1 AND number = ?2", r.owner.value, r.group).step())
    return std::unexpected(StoreError::not_found);
  return answer;
}

// ---- search --------------------------------------------------------------------------------------------------

Result Reads::operator()(const SearchAccounts& r) {
  const Snapshot snapshot{db_};
  SearchMatcher matcher{r.condition, r.online, [](std::string_view text) { return text::fold(text); }};
  SearchPage page{.last = r.after};
  std::size_t rows = 0;
  /// Looks at the row; false when the page ends before it.
  const auto look = [&](Query& row) {
    if (rows == r.max_rows || matcher.work() >= r.max_work || page.users.size() == r.limit) return false;
    ++rows;
    const auto found = parts_in(row);
    page.last = Uin{row.number(0)};
    if (matcher.holds(SearchRow::of(page.last, found))) page.users.push_back(card_of(page.last, found));
    return true;
  };
  if (const auto& only = matcher.only()) {
    for (auto uin = std::ranges::upper_bound(*only, r.after); uin != only->end(); ++uin) {
      Query row = db_.query(UHOH_SELECT_PROFILE "WHERE p.uin = ?1", uin->value);
      if (row.step() && !look(row)) return page;
    }
    page.over = true;
    return page;
  }
  Query found = matcher.nickname()
                    ? db_.query(UHOH_SELECT_PROFILE
                                "WHERE p.folded_nick = ?1 AND p.folded_nick <> '' AND p.uin > ?2 ORDER BY p.uin",
                                std::string_view{*matcher.nickname()}, r.after.value)
                    : db_.query(UHOH_SELECT_PROFILE "WHERE p.uin > ?1 ORDER BY p.uin", r.after.value);
  while (found.step())
    if (!look(found)) return page;
  page.over = true;
  return page;
}

#undef UHOH_SELECT_PROFILE

// ---- QQ ------------------------------------------------------------------------------------------------------

Result Reads::operator()(const ReadQqKey& r) {
  Query row = db_.query(
      "SELECT q.uin IS NOT NULL, q.sealed, a.suspended_until FROM account AS a LEFT JOIN qq AS q ON q.uin = a.uin"
      " WHERE a.uin = ?1",
      r.uin.value);
  if (!row.step()) return no_account();
  return QqKey{row.integer(0) != 0, row.text(1), row.integer(2) != 0};
}

}  // namespace uhoh::storage
