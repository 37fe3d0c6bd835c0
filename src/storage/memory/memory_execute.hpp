#pragma once

#include <algorithm>
#include <tuple>

#include "storage/friend_groups.hpp"
#include "storage/memory/memory_engine.hpp"
#include "storage/profile_rules.hpp"
#include "storage/store_rules.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {

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
    change_profile(account, r.values);
    account.monitor = r.monitor;
    account.created = r.now;
    if (r.qq) account.qq_key = r.qq_key;
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
      if (r.keep_authorization || (r.keep_closed && stays_closed(before, r.profile.authorization)))
        account.profile.authorization = before;
    });
  }
  Result operator()(const UpdateExtended& r) const {
    return update(r.uin, [&](Account& account) { account.extended = r.profile; });
  }
  Result operator()(const UpdateAuthorization& r) const {
    return update(r.uin, [&](Account& account) {
      if (!r.keep_closed || !stays_closed(account.profile.authorization, r.authorization))
        account.profile.authorization = r.authorization;
    });
  }
  Result operator()(const UpdatePassword& r) const {
    return update(r.uin, [&](Account& account) {
      account.verifier = r.password_verifier;
      if (account.qq_key) account.qq_key = r.qq_key;
    });
  }
  Result operator()(const UpdateProfile& r) const;
  Result operator()(const SwitchQq& r) const {
    return update(r.uin, [&](Account& account) {
      if (!r.on)
        account.qq_key.reset();
      else if (!account.qq_key || !r.key.empty())
        account.qq_key = r.key;
    });
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
    leave_all_rooms(uin);
    engine.groups_.erase_if([&](const auto& key, const auto&) { return key.first == uin; });
    engine.registrations_.erase_if([&](const auto&, const Registration& known) { return known.uin == uin; });
    return Done{};
  }

  Result operator()(const OpenSession& r) const {
    const Uin uin = r.session.uin;
    const Account* account = engine.accounts_.find(uin);
    if (!account) return no_account();
    if (is_suspended(account->suspended_until, r.now)) return std::unexpected(StoreError::suspended);
    Session& session = engine.sessions_.change(uin) = Session{r.session, {}};
    if (r.session.follows_friends) session.lists[static_cast<std::size_t>(ListKind::contacts)] = friends_of(uin);
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

  Result operator()(const AddFriendEdge& r) const;
  Result operator()(const RemoveFriendEdge& r) const;
  Result operator()(const RecordConsent& r) const;
  Result operator()(const AddGroup& r) const;
  Result operator()(const RenameGroup& r) const;
  Result operator()(const DeleteGroup& r) const;
  Result operator()(const MoveFriends& r) const;
  Result operator()(const SetRemark& r) const;
  Result operator()(const MakeRoom& r) const;
  Result operator()(const UpdateRoom& r) const;
  Result operator()(const UpdateRoomMembers& r) const;
  Result operator()(const UpdateRoomRole& r) const;
  Result operator()(const EnterRoom& r) const;
  Result operator()(const RequestRoom& r) const;
  Result operator()(const AnswerRoomEntry& r) const;
  Result operator()(const LeaveRoom& r) const;
  Result operator()(const DeleteRoom& r) const;
  Result operator()(const KeepRoomMessage& r) const;
  Result operator()(const SeeRoom& r) const;

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
    expire_room_messages(r.now);
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
                         .kept_bytes = account->kept_bytes,
                         .qq = account->qq_key.has_value(),
                         .qq_key = account->qq_key.has_value() && !account->qq_key->empty()};
  }
  Result operator()(const ReadFriends& r) const;
  Result operator()(const ReadFriendNumbers& r) const;
  Result operator()(const ReadProfile& r) const;
  Result operator()(const ReadCards& r) const;
  Result operator()(const SearchAccounts& r) const;
  Result operator()(const ReadRoom& r) const;
  Result operator()(const ReadRoomsOf& r) const;
  Result operator()(const ReadRoomMessages& r) const;
  Result operator()(const ListRooms& r) const;
  Result operator()(const ReadQqKey& r) const {
    const Account* account = engine.accounts_.find(r.uin);
    if (!account) return no_account();
    return QqKey{account->qq_key.has_value(), account->qq_key.value_or(std::string{}),
                 account->suspended_until != WallTime{}};
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

  [[nodiscard]] static std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }
  /// Lays values over an account's profile.
  static void change_profile(Account& account, const std::vector<ProfileValue>& values);
  [[nodiscard]] static ProfileParts parts_of(const Account& account);
  /// The numbers of somebody's friends, in order.
  [[nodiscard]] std::vector<Uin> friends_of(Uin owner) const;
  [[nodiscard]] GroupRooms rooms_of(Uin owner) const;
  /// Makes an edge that is new; false when there is no room.
  bool make_edge(Uin owner, Uin contact, bool told) const;
  /// Whom a change of a room is about.
  using Changed = std::expected<std::vector<Uin>, StoreError>;
  /// Changes a room that `by` runs.
  template <class Change>
  Result change_room(Uin number, Uin by, const Change& change) const;
  /// How many rooms somebody is in.
  [[nodiscard]] std::size_t room_count(Uin uin) const;
  /// Tells whether somebody lets himself be added to a room by another.
  [[nodiscard]] bool lets_add(Uin uin, Uin by) const;
  std::vector<Uin> add_members(Room& room, const std::vector<Uin>& members, Uin by) const;
  [[nodiscard]] RoomEntered entering(const Room& room, Uin who) const;
  void drop_room(Uin number) const;
  void leave_all_rooms(Uin uin) const;
  void expire_room_messages(WallTime now) const;
  /// Puts a friend where there is room.
  bool place(Uin owner, GroupRooms& rooms, Edge& edge) const;
};

}  // namespace uhoh::storage
