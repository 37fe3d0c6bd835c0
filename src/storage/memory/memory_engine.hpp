#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/profile_rules.hpp"
#include "storage/store.hpp"

namespace uhoh::storage {

/// A map that can take back what was changed since the last settle().
template <typename Key, typename Value>
class JournaledMap {
 public:
  using Map = std::map<Key, Value>;

  [[nodiscard]] const Map& all() const noexcept { return now_; }
  [[nodiscard]] const Value* find(const Key& key) const {
    const auto it = now_.find(key);
    return it == now_.end() ? nullptr : &it->second;
  }
  /// The value for changing; made when it is not there.
  [[nodiscard]] Value& change(const Key& key) {
    remember(key);
    return now_[key];
  }
  void erase(const Key& key) {
    if (!now_.contains(key)) return;
    remember(key);
    now_.erase(key);
  }
  /// Erases every entry that `unwanted(key, value)` picks.
  template <typename Predicate>
  void erase_if(const Predicate& unwanted) {
    for (auto it = now_.begin(); it != now_.end();) {
      if (!unwanted(it->first, it->second)) {
        ++it;
        continue;
      }
      remember(it->first);
      it = now_.erase(it);
    }
  }
  void settle() { before_.clear(); }
  void take_back() {
    for (auto& [key, value] : before_) {
      if (value) now_.insert_or_assign(key, std::move(*value));
      else now_.erase(key);
    }
    before_.clear();
  }

 private:
  void remember(const Key& key) {
    if (before_.contains(key)) return;
    const Value* value = find(key);
    before_.emplace(key, value ? std::optional<Value>{*value} : std::nullopt);
  }

  Map now_;
  std::map<Key, std::optional<Value>> before_;
};

/// Keeps everything in memory, for tests and simulation; groups are rolled back for real.
///
/// Thread: one at a time.
class MemoryEngine final : public StoreEngine {
 public:
  explicit MemoryEngine(StoreLimits limits = {});

  void begin() override;
  std::expected<void, std::string> commit() override;
  Result execute(const Request& request) override;
  std::expected<void, std::string> restore_sessions(
      const std::function<bool(RestoredSession&&)>& take) override;

  /// Forgets everything that was not committed, as a crash does.
  void crash();
  /// Makes the next `groups` commits fail, as a full disk does.
  void fail_commits(unsigned groups) noexcept { failing_commits_ = groups; }

 private:
  struct Account {
    std::string verifier;
    model::BasicProfile profile;
    std::optional<model::ExtendedProfile> extended;
    FurtherProfile further;
    std::optional<std::string> qq_key;  ///< absent: may not use QQ; empty: there is none yet
    bool monitor = false;
    model::AddressPolicy address_policy = model::AddressPolicy::mutual;
    Charset charsets[4] = {};
    WallTime suspended_until;
    std::string suspended_reason;
    WallTime created;
    std::size_t kept_messages = 0;
    std::size_t kept_bytes = 0;
  };
  struct Session {
    KeptSession kept;
    std::vector<Uin> lists[3];
  };
  struct Message {
    KeptMessage kept;
    model::MessageKey key;
  };
  struct KnownKey {
    std::uint64_t id = 0;
    std::optional<WallTime> forgotten;  ///< absent while the message is kept
  };
  struct Edge {
    bool told = false;  ///< the contact knows
    std::uint8_t group = 1;
    std::string remark;
  };
  struct Room {
    struct Member {
      model::RoomRole role = model::RoomRole::member;
      std::uint64_t seen = 0;
    };
    model::RoomProfile profile;
    Uin owner;
    std::uint32_t version = 1;
    std::uint64_t newest = 0;
    std::map<Uin, Member> members;
    std::set<Uin> requests;

    [[nodiscard]] std::optional<model::RoomRole> role_of(Uin uin) const;
    /// Number 0 is the administrator of the server.
    [[nodiscard]] bool is_run_by(Uin uin) const;
  };
  struct RoomMessageKeptHere {
    Uin from;
    KeptText text;
    model::MessageKey key;
    WallTime accepted;
  };
  struct Registration {
    Uin uin;
    WallTime at;
  };
  struct Counters {
    std::uint32_t next_uin = first_assigned_uin.value;
    std::uint64_t next_message = 1;
    std::uint32_t next_room = model::first_room.value;
  };
  using KeyOfMessage = std::tuple<Uin, std::uint64_t, std::uint32_t, std::uint32_t, std::uint64_t>;
  using Pair = std::pair<Uin, Uin>;
  struct Execute;

  [[nodiscard]] AccountFacts facts(Uin uin, const Account& account, model::DialectId dialect) const;
  [[nodiscard]] std::vector<Uin> watchers_allowed(Uin uin) const;
  std::uint64_t keep(const KeepMessage& message);
  void take_back();

  StoreLimits limits_;
  unsigned failing_commits_ = 0;
  JournaledMap<Uin, Account> accounts_;
  JournaledMap<Uin, Session> sessions_;
  JournaledMap<std::pair<Uin, std::uint64_t>, Message> messages_;
  JournaledMap<KeyOfMessage, KnownKey> keys_;
  JournaledMap<Pair, Edge> edges_;         ///< owner, contact
  JournaledMap<Pair, Uin> edges_to_;       ///< contact, owner: the same edges, found from the other end
  JournaledMap<Pair, Consent> consents_;   ///< asker, target
  JournaledMap<std::pair<Uin, std::uint8_t>, std::string> groups_;  ///< owner, number -> name
  JournaledMap<std::uint64_t, Registration> registrations_;
  JournaledMap<std::string, Ban> bans_;
  JournaledMap<Pair, WallTime> monitorings_;  ///< monitor, monitored -> since
  JournaledMap<Uin, Room> rooms_;
  JournaledMap<std::pair<Uin, std::uint64_t>, RoomMessageKeptHere> room_messages_;
  JournaledMap<int, Counters> counters_;
};

}  // namespace uhoh::storage
