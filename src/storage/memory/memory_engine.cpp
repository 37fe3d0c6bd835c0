#include "storage/memory/memory_engine.hpp"

#include "storage/memory/memory_execute.hpp"

namespace uhoh::storage {

MemoryEngine::MemoryEngine(StoreLimits limits) : limits_{limits} {
  (void)counters_.change(0);
  Account& system = accounts_.change(system_uin);
  system.profile = system_profile();
  for (Charset& charset : system.charsets) charset = Charset::utf8;
  (void)commit();
}

void MemoryEngine::begin() {}

std::expected<void, std::string> MemoryEngine::commit() {
  if (failing_commits_ > 0) {
    --failing_commits_;
    take_back();
    return std::unexpected("this commit was told to fail");
  }
  accounts_.settle();
  sessions_.settle();
  messages_.settle();
  keys_.settle();
  edges_.settle();
  edges_to_.settle();
  consents_.settle();
  groups_.settle();
  registrations_.settle();
  bans_.settle();
  monitorings_.settle();
  rooms_.settle();
  room_messages_.settle();
  counters_.settle();
  return {};
}

Result MemoryEngine::execute(const Request& request) { return std::visit(Execute{*this}, request); }

std::expected<void, std::string> MemoryEngine::restore_sessions(
    const std::function<bool(RestoredSession&&)>& take) {
  for (const auto& [uin, session] : sessions_.all()) {
    const Account& account = *accounts_.find(uin);
    RestoredSession restored{.session = session.kept,
                             .account = facts(uin, account, session.kept.dialect),
                             .contacts = session.lists[0],
                             .visible = session.lists[1],
                             .invisible = session.lists[2],
                             .watchers_allowed = {}};
    if (account.profile.authorization != model::Authorization::open)
      restored.watchers_allowed = watchers_allowed(uin);
    if (!take(std::move(restored))) break;
  }
  return {};
}

void MemoryEngine::crash() { take_back(); }

void MemoryEngine::take_back() {
  accounts_.take_back();
  sessions_.take_back();
  messages_.take_back();
  keys_.take_back();
  edges_.take_back();
  edges_to_.take_back();
  consents_.take_back();
  groups_.take_back();
  registrations_.take_back();
  bans_.take_back();
  monitorings_.take_back();
  rooms_.take_back();
  room_messages_.take_back();
  counters_.take_back();
}

AccountFacts MemoryEngine::facts(Uin uin, const Account& account, model::DialectId dialect) const {
  return {.uin = uin,
          .charset = account.charsets[static_cast<std::size_t>(dialect)],
          .authorization = account.profile.authorization,
          .address_policy = account.address_policy,
          .suspended = account.suspended_until != WallTime{},
          .monitor = account.monitor};
}

std::vector<Uin> MemoryEngine::watchers_allowed(Uin uin) const {
  std::vector<Uin> allowed;
  const auto& all = edges_to_.all();
  for (auto it = all.lower_bound({uin, Uin{0}}); it != all.end() && it->first.first == uin; ++it)
    allowed.push_back(it->second);
  for (const auto& [pair, consent] : consents_.all())
    if (pair.second == uin && consent == Consent::granted) allowed.push_back(pair.first);
  std::ranges::sort(allowed);
  const auto repeats = std::ranges::unique(allowed);
  allowed.erase(repeats.begin(), repeats.end());
  return allowed;
}

std::uint64_t MemoryEngine::keep(const KeepMessage& message) {
  const std::uint64_t id = counters_.change(0).next_message++;
  messages_.change({message.to, id}) = {
      {id, model::name_of(message.key), message.from, message.kind, message.dialect_type, message.text, message.accepted}, message.key};
  const model::MessageKey& key = message.key;
  if (key.login != 0) keys_.change({message.to, key.login, key.command, key.sequence, key.content}) = {id, std::nullopt};
  Account& account = accounts_.change(message.to);
  ++account.kept_messages;
  account.kept_bytes += counted_bytes(message.text);
  return id;
}

}  // namespace uhoh::storage
