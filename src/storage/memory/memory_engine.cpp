#include "storage/memory/memory_engine.hpp"

#include <tuple>

#include "storage/store_rules.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {

namespace {

std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }

}  // namespace

/// Carries out one kind of request each.
struct MemoryEngine::Execute {
  MemoryEngine& engine;

  Result operator()(const CreateAccount& r) const {
    if (r.registration != 0) {
      const Registration* known = engine.registrations_.find(r.registration);
      if (known && !is_over(known->at, registration_memory, r.now)) return Created{known->uin, true};
    }
    Uin uin = r.uin;
    if (uin.value == 0) {
      std::uint32_t next = engine.counters_.find(0)->next_uin;
      while (engine.accounts_.find(Uin{next})) ++next;
      uin = Uin{next};
    }
    if (!uin.is_account() || engine.accounts_.find(uin)) return std::unexpected(StoreError::taken);
    if (r.uin.value == 0) engine.counters_.change(0).next_uin = uin.value + 1;
    Account& account = engine.accounts_.change(uin);
    account = Account{};
    account.verifier = r.password_verifier;
    account.profile = r.profile;
    account.created = r.now;
    for (int dialect = 0; dialect < 4; ++dialect)
      account.charsets[dialect] = default_charset(static_cast<model::DialectId>(dialect));
    account.charsets[0] = r.icq_charset;
    if (r.registration != 0) engine.registrations_.change(r.registration) = {uin, r.now};
    if (!r.greeting.utf8.empty() || !r.greeting.original.empty())
      engine.keep({.from = system_uin, .to = uin, .text = r.greeting, .key = {}, .accepted = r.now});
    return Created{uin, false};
  }

  template <typename Change>
  Result update(Uin uin, const Change& change) const {
    if (!engine.accounts_.find(uin)) return no_account();
    change(engine.accounts_.change(uin));
    return Done{};
  }
  Result operator()(const UpdateBasic& r) const {
    return update(r.uin, [&](Account& account) {
      const model::Authorization before = account.profile.authorization;
      account.profile = r.profile;
      if (r.keep_authorization) account.profile.authorization = before;
    });
  }
  Result operator()(const UpdateExtended& r) const {
    return update(r.uin, [&](Account& account) { account.extended = r.profile; });
  }
  Result operator()(const UpdateAuthorization& r) const {
    return update(r.uin, [&](Account& account) { account.profile.authorization = r.authorization; });
  }
  Result operator()(const UpdatePassword& r) const {
    return update(r.uin, [&](Account& account) { account.verifier = r.password_verifier; });
  }
  Result operator()(const UpdateAddressPolicy& r) const {
    return update(r.uin, [&](Account& account) { account.address_policy = r.policy; });
  }
  Result operator()(const UpdateCharset& r) const {
    return update(r.uin, [&](Account& account) { account.charsets[static_cast<std::size_t>(r.dialect)] = r.charset; });
  }
  Result operator()(const UpdateMonitor& r) const {
    return update(r.uin, [&](Account& account) { account.monitor = r.monitor; });
  }
  Result operator()(const SaveMonitoring& r) const {
    const Pair pair{r.monitor, r.monitored};
    if (!r.active) {
      engine.monitorings_.erase(pair);
      return Done{};
    }
    if (!engine.accounts_.find(r.monitor) || !engine.accounts_.find(r.monitored)) return no_account();
    if (!engine.monitorings_.find(pair)) engine.monitorings_.change(pair) = r.now;
    return Done{};
  }
  Result operator()(const Suspend& r) const {
    return update(r.uin, [&](Account& account) {
      account.suspended_until = r.until;
      account.suspended_reason = r.until == WallTime{} ? std::string{} : r.reason;
    });
  }
  Result operator()(const DeleteAccount& r) const {
    if (r.uin == system_uin || !engine.accounts_.find(r.uin)) return no_account();
    const Uin uin = r.uin;
    const auto names = [&](const Pair& pair, const auto&) { return pair.first == uin || pair.second == uin; };
    engine.accounts_.erase(uin);
    engine.sessions_.erase(uin);
    engine.messages_.erase_if([&](const auto& key, const auto&) { return key.first == uin; });
    engine.keys_.erase_if([&](const auto& key, const auto&) { return std::get<0>(key) == uin; });
    engine.edges_.erase_if(names);
    engine.edges_to_.erase_if(names);
    engine.consents_.erase_if(names);
    engine.monitorings_.erase_if(names);
    engine.registrations_.erase_if([&](const auto&, const Registration& known) { return known.uin == uin; });
    return Done{};
  }

  Result operator()(const OpenSession& r) const {
    const Uin uin = r.session.uin;
    const Account* account = engine.accounts_.find(uin);
    if (!account) return no_account();
    if (is_suspended(account->suspended_until, r.now)) return std::unexpected(StoreError::suspended);
    engine.sessions_.change(uin) = Session{r.session, {}};
    LoggedIn answer{engine.facts(uin, *account, r.session.dialect), {}};
    answer.account.suspended = false;
    if (account->profile.authorization != model::Authorization::open)
      answer.watchers_allowed = engine.watchers_allowed(uin);
    return answer;
  }
  [[nodiscard]] Session* held_session(Uin uin, std::uint64_t login) const {
    const Session* session = engine.sessions_.find(uin);
    return session && session->kept.login == login ? &engine.sessions_.change(uin) : nullptr;
  }
  Result operator()(const CloseSession& r) const {
    if (held_session(r.uin, r.login)) engine.sessions_.erase(r.uin);
    return Done{};
  }
  Result operator()(const SaveStatus& r) const {
    if (Session* session = held_session(r.uin, r.login)) session->kept.status = r.status;
    return Done{};
  }
  Result operator()(const SaveList& r) const {
    if (Session* session = held_session(r.uin, r.login)) {
      std::vector<Uin>& list = session->lists[static_cast<std::size_t>(r.kind)];
      if (!r.append) list.clear();
      list.insert(list.end(), r.members.begin(), r.members.end());
    }
    return Done{};
  }
  Result operator()(const ReserveSequence& r) const {
    if (Session* session = held_session(r.uin, r.login))
      session->kept.reserved_sequence = std::max(session->kept.reserved_sequence, r.upto);
    return Done{};
  }

  Result operator()(const KeepMessage& r) const {
    const Account* account = engine.accounts_.find(r.to);
    if (!account) return no_account();
    if (r.key.login != 0)
      if (const KnownKey* known = engine.keys_.find({r.to, r.key.login, r.key.command, r.key.sequence, r.key.content}))
        return Kept{known->id, true};
    if (!r.ignore_limit &&
        !inbox_has_room(engine.limits_, account->kept_messages, account->kept_bytes, counted_bytes(r.text)))
      return std::unexpected(StoreError::inbox_full);
    return Kept{engine.keep(r), false};
  }
  Result operator()(const ForgetMessage& r) const {
    const Message* message = engine.messages_.find({r.to, r.id});
    if (!message) return Done{};
    const model::MessageKey& key = message->key;
    if (key.login != 0) engine.keys_.change({r.to, key.login, key.command, key.sequence, key.content}).forgotten = r.now;
    Account& account = engine.accounts_.change(r.to);
    --account.kept_messages;
    account.kept_bytes -= counted_bytes(message->kept.text);
    engine.messages_.erase({r.to, r.id});
    return Done{};
  }

  Result operator()(const AddFriendEdge& r) const {
    const Account* owner = engine.accounts_.find(r.owner);
    const Account* contact = engine.accounts_.find(r.contact);
    if (!owner || !contact) return no_account();
    const bool* told = engine.edges_.find({r.owner, r.contact});
    if (told && *told) return Befriended{.allowed = true};
    const Consent* consent = engine.consents_.find({r.owner, r.contact});
    const bool granted = consent && *consent == Consent::granted;
    if (!told && !granted && contact->profile.authorization != model::Authorization::open) return Befriended{};
    engine.edges_.change({r.owner, r.contact}) = true;
    engine.edges_to_.change({r.contact, r.owner}) = r.owner;
    Befriended answer{.allowed = true, .added = true};
    KeptText text{.utf8 = you_were_added_text(owner->profile), .original = {}};
    if (r.contact != system_uin && r.contact != r.owner &&
        inbox_has_room(engine.limits_, contact->kept_messages, contact->kept_bytes, counted_bytes(text)))
      answer.notice_id = engine.keep({.from = r.owner, .to = r.contact, .kind = model::MessageKind::you_were_added,
                                      .text = std::move(text), .key = {}, .accepted = r.now});
    return answer;
  }
  Result operator()(const RemoveFriendEdge& r) const {
    engine.edges_.erase({r.owner, r.contact});
    engine.edges_to_.erase({r.contact, r.owner});
    return Done{};
  }
  Result operator()(const RecordConsent& r) const {
    if (!engine.accounts_.find(r.asker) || !engine.accounts_.find(r.target)) return no_account();
    const Pair pair{r.asker, r.target};
    const Consent* before = engine.consents_.find(pair);
    if (r.consent == Consent::requested && before && *before == Consent::granted) return Done{};
    engine.consents_.change(pair) = r.consent;
    if (r.consent == Consent::granted && !engine.edges_.find(pair)) {
      engine.edges_.change(pair) = false;
      engine.edges_to_.change({r.target, r.asker}) = r.asker;
    }
    if (r.consent == Consent::refused) return (*this)(RemoveFriendEdge{r.asker, r.target});
    return Done{};
  }

  Result operator()(const AddBan& r) const {
    engine.bans_.change(r.cidr) = {r.cidr, r.reason, r.until};
    return Done{};
  }
  Result operator()(const RemoveBan& r) const {
    engine.bans_.erase(r.cidr);
    return Done{};
  }
  Result operator()(const Expire& r) const {
    engine.keys_.erase_if([&](const auto&, const KnownKey& known) {
      return known.forgotten && is_over(*known.forgotten, engine.limits_.key_memory, r.now);
    });
    engine.registrations_.erase_if(
        [&](const auto&, const Registration& known) { return is_over(known.at, registration_memory, r.now); });
    engine.bans_.erase_if([&](const auto&, const Ban& ban) { return ban.until != WallTime{} && ban.until <= r.now; });
    std::vector<Uin> served;
    for (const auto& [uin, account] : engine.accounts_.all())
      if (account.suspended_until != WallTime{} && !is_suspended(account.suspended_until, r.now)) served.push_back(uin);
    for (const Uin uin : served) (void)(*this)(Suspend{.uin = uin, .until = {}, .reason = {}});
    return Done{};
  }

  Result operator()(const ReadVerifier& r) const {
    const Account* account = engine.accounts_.find(r.uin);
    if (!account) return no_account();
    return Verifier{account->verifier, account->suspended_until != WallTime{}};
  }
  Result operator()(const ReadBasic& r) const {
    const Account* account = engine.accounts_.find(r.uin);
    if (!account) return no_account();
    return model::FoundUser{r.uin, account->profile};
  }
  Result operator()(const ReadExtended& r) const {
    const Account* account = engine.accounts_.find(r.uin);
    if (!account) return no_account();
    return ExtendedRead{account->extended};
  }
  Result operator()(const Search& r) const {
    Found found;
    const std::string nick = text::fold(r.nick), first = text::fold(r.first_name), last = text::fold(r.last_name),
                      email = text::normalise_email(r.email);
    if (nick.empty() && first.empty() && last.empty() && email.empty()) return found;
    const auto fits = [](const std::string& wanted, const std::string& folded) {
      return wanted.empty() || wanted == folded;
    };
    for (const auto& [uin, account] : engine.accounts_.all()) {
      const model::BasicProfile& profile = account.profile;
      if (!fits(nick, text::fold(profile.nick)) || !fits(first, text::fold(profile.first_name)) ||
          !fits(last, text::fold(profile.last_name)) || !fits(email, text::normalise_email(profile.email)))
        continue;
      if ((found.more = found.users.size() == r.limit)) break;
      found.users.push_back({uin, profile});
    }
    return found;
  }
  Result operator()(const ReadMessages& r) const {
    KeptMessages answer;
    const auto& all = engine.messages_.all();
    for (auto it = all.upper_bound({r.to, r.after}); it != all.end() && it->first.first == r.to; ++it) {
      if (answer.messages.size() == r.limit) break;
      answer.messages.push_back(it->second.kept);
    }
    return answer;
  }
  Result operator()(const ReadWatchersAllowed& r) const { return Uins{engine.watchers_allowed(r.uin)}; }
  Result operator()(const ListAccounts& r) const {
    Found found;
    const auto& all = engine.accounts_.all();
    for (auto it = all.upper_bound(r.after); it != all.end(); ++it) {
      if ((found.more = found.users.size() == r.limit)) break;
      found.users.push_back({it->first, it->second.profile});
    }
    return found;
  }
  Result operator()(const ReadAccount& r) const {
    const Account* account = engine.accounts_.find(r.uin);
    if (!account) return no_account();
    return AccountRecord{.user = {r.uin, account->profile},
                         .extended = account->extended,
                         .facts = engine.facts(r.uin, *account, model::DialectId::icq),
                         .created = account->created,
                         .suspended_until = account->suspended_until,
                         .suspended_reason = account->suspended_reason,
                         .kept_messages = account->kept_messages,
                         .kept_bytes = account->kept_bytes};
  }
  Result operator()(const ReadBans&) const {
    Bans answer;
    for (const auto& [cidr, ban] : engine.bans_.all()) answer.bans.push_back(ban);
    return answer;
  }
  Result operator()(const ReadMonitorings&) const {
    Monitorings answer;
    for (const auto& [pair, since] : engine.monitorings_.all()) answer.all.push_back({pair.first, pair.second, since});
    return answer;
  }
};

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
  registrations_.settle();
  bans_.settle();
  monitorings_.settle();
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
  registrations_.take_back();
  bans_.take_back();
  monitorings_.take_back();
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
  std::vector<Uin> owners;
  const auto& all = edges_to_.all();
  for (auto it = all.lower_bound({uin, Uin{0}}); it != all.end() && it->first.first == uin; ++it)
    owners.push_back(it->second);
  return owners;
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
