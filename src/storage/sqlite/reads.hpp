#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "storage/profile_rules.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/inbox_tail.hpp"
#include "storage/store.hpp"

namespace uhoh::storage {

/// The SQL of a search that narrows by some fields: 1 e-mail, 2 last name, 4 first name, 8 nick, or together.
[[nodiscard]] std::string search_sql(unsigned fields);

/// Answers the requests that only read, over one connection.
///
/// Errors: a failure of the database sticks to the connection; the answers mean nothing then.
class Reads {
 public:
  /// Who asks: the writer sees what its group has changed, a reader sees what is committed.
  enum class View { writer, reader };

  Reads(Connection& db, const InboxTail& tail, View view) : db_{db}, tail_{tail}, view_{view} {}
  Reads(const Reads&) = delete;
  Reads& operator=(const Reads&) = delete;

  Result operator()(const ReadVerifier& request);
  Result operator()(const ReadBasic& request);
  Result operator()(const ReadExtended& request);
  Result operator()(const Search& request);
  Result operator()(const ReadMessages& request);
  Result operator()(const ReadWatchersAllowed& request);
  Result operator()(const ListAccounts& request);
  Result operator()(const ReadAccount& request);
  Result operator()(const ReadBans& request);
  Result operator()(const ReadMonitorings& request);
  Result operator()(const ReadFriends& request);
  Result operator()(const ReadFriendNumbers& request);
  Result operator()(const ReadProfile& request);
  Result operator()(const ReadCards& request);
  Result operator()(const SearchAccounts& request);
  Result operator()(const ReadRoom& request);
  Result operator()(const ReadRoomsOf& request);
  Result operator()(const ReadRoomMessages& request);
  Result operator()(const ListRooms& request);
  Result operator()(const ReadQqKey& request);

  struct Facts {
    AccountFacts facts;
    WallTime suspended_until;
  };
  /// The narrow row of an account, its charset for a dialect.
  [[nodiscard]] std::optional<Facts> facts(Uin uin, model::DialectId dialect);
  [[nodiscard]] bool exists(Uin uin);
  [[nodiscard]] std::optional<model::BasicProfile> profile(Uin uin);
  [[nodiscard]] std::vector<Uin> watchers_allowed(Uin uin);
  /// The numbers of a room's members, in order.
  [[nodiscard]] std::vector<Uin> room_members(Uin room);
  /// The numbers of somebody's friends, in order.
  [[nodiscard]] std::vector<Uin> friends_of(Uin owner);
  /// A whole profile; nothing when there is no such account.
  [[nodiscard]] std::optional<ProfileParts> parts(Uin uin);
  /// The messages that an account has, in order of their ids.
  [[nodiscard]] std::vector<InboxTail::Entry> inbox(Uin uin);
  /// Reads facts from columns as account's are: authorization, address_policy, charsets, suspended_until, monitor.
  [[nodiscard]] static AccountFacts facts_in(const Query& row, int column, Uin uin, model::DialectId dialect);

 private:
  Connection& db_;
  const InboxTail& tail_;
  View view_;
  std::array<std::string, 16> search_sql_;  ///< by the set of fields that narrow
};

}  // namespace uhoh::storage
