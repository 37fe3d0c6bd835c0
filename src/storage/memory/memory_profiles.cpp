// What MemoryEngine does about whole profiles and searches with a condition.

#include "storage/memory/memory_execute.hpp"
#include "storage/search_match.hpp"

namespace uhoh::storage {

ProfileParts MemoryEngine::Execute::parts_of(const Account& account) {
  return {account.profile, account.extended, account.further};
}

void MemoryEngine::Execute::change_profile(Account& account, const std::vector<ProfileValue>& values) {
  auto parts = parts_of(account);
  for (const auto& value : values) (void)set_field(parts, value.field, value.text);
  account.profile = std::move(parts.basic);
  account.extended = std::move(parts.extended);
  account.further = std::move(parts.further);
}

Result MemoryEngine::Execute::operator()(const UpdateProfile& r) const {
  return update(r.uin, [&](Account& account) {
    change_profile(account, r.values);
    if (r.password_verifier.empty()) return;
    account.verifier = r.password_verifier;
    if (account.qq_key) account.qq_key = r.qq_key;
  });
}

Result MemoryEngine::Execute::operator()(const ReadProfile& r) const {
  const Account* account = engine.accounts_.find(r.uin);
  if (!account) return no_account();
  return whole_profile(parts_of(*account));
}

Result MemoryEngine::Execute::operator()(const ReadCards& r) const {
  auto uins = r.uins;
  std::ranges::sort(uins);
  const auto repeats = std::ranges::unique(uins);
  uins.erase(repeats.begin(), repeats.end());
  Cards cards;
  for (const auto uin : uins)
    if (const Account* account = engine.accounts_.find(uin)) cards.users.push_back(card_of(uin, parts_of(*account)));
  return cards;
}

Result MemoryEngine::Execute::operator()(const SearchAccounts& r) const {
  SearchMatcher matcher{r.condition, r.online, [](std::string_view text) { return text::fold(text); }};
  SearchPage page{.last = r.after};
  const auto& all = engine.accounts_.all();
  std::size_t rows = 0;
  for (auto it = all.upper_bound(r.after); it != all.end(); ++it) {
    if (rows == r.max_rows || matcher.work() >= r.max_work || page.users.size() == r.limit) return page;
    ++rows;
    page.last = it->first;
    const auto parts = parts_of(it->second);
    if (matcher.holds(SearchRow::of(it->first, parts))) page.users.push_back(card_of(it->first, parts));
  }
  page.over = true;
  return page;
}

}  // namespace uhoh::storage
