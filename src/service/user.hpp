#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "bus/bus.hpp"
#include "model/presence.hpp"
#include "model/session_port.hpp"

namespace uhoh::service {

/// A sorted list of numbers, for the few users who have one.
class UinSet {
 public:
  [[nodiscard]] bool contains(Uin uin) const noexcept { return std::ranges::binary_search(members_, uin); }
  void insert(Uin uin) {
    const auto at = std::ranges::lower_bound(members_, uin);
    if (at == members_.end() || *at != uin) members_.insert(at, uin);
  }
  void erase(Uin uin) {
    const auto at = std::ranges::lower_bound(members_, uin);
    if (at != members_.end() && *at == uin) members_.erase(at);
  }
  void assign(std::vector<Uin> members) {
    members_ = std::move(members);
    std::ranges::sort(members_);
    const auto rest = std::ranges::unique(members_);
    members_.erase(rest.begin(), rest.end());
  }
  void clear() noexcept { members_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }
  [[nodiscard]] const std::vector<Uin>& members() const noexcept { return members_; }

 private:
  std::vector<Uin> members_;
};

/// What a session is to be told about its contacts, in order; a newer state of a contact takes the place of an
/// older one that was not sent yet.
///
/// Shape:  one unacknowledged piece of news per contact, or a lost "online" that is sent again would arrive after
///         the "offline" that followed it; the end of a list waits for all that stands before it.
class PresenceQueue {
 public:
  enum class Kind : std::uint8_t { online, status, offline, list_processed };
  struct Item {
    Kind kind = Kind::offline;
    model::ContactPresence contact;
  };

  /// Adds an item; true when it was merged into one that waits.
  bool push(const Item& item) {
    if (item.kind != Kind::list_processed)
      for (auto i = next_; i < items_.size(); ++i)
        if (auto& waiting = items_[i];
            waiting.kind != Kind::list_processed && waiting.contact.uin == item.contact.uin) {
          merge(waiting, item);
          return true;
        }
    items_.push_back(item);
    return false;
  }
  [[nodiscard]] bool empty() const noexcept { return next_ == items_.size(); }
  /// The next item that may be sent; nullptr when there is none. Valid until the queue changes.
  [[nodiscard]] const Item* next() const noexcept {
    for (auto i = next_; i < items_.size(); ++i) {
      if (items_[i].kind == Kind::list_processed) return i == next_ ? &items_[i] : nullptr;
      if (!is_unacknowledged(items_[i].contact.uin)) return &items_[i];
    }
    return nullptr;
  }
  /// The item that next() gave was sent.
  void sent(const Item* item) {
    const auto at = items_.begin() + (item - items_.data());
    if (item->kind != Kind::list_processed) unacknowledged_.push_back(item->contact.uin);
    if (at == items_.begin() + static_cast<std::ptrdiff_t>(next_))
      ++next_;
    else
      items_.erase(at);
    if (!empty()) return;
    items_.clear();
    next_ = 0;
  }
  /// The session acknowledged what it was told about a contact.
  void acknowledged(Uin contact) noexcept { std::erase(unacknowledged_, contact); }
  /// Nothing waits, neither for its turn nor for its acknowledgement.
  [[nodiscard]] bool at_rest() const noexcept { return empty() && unacknowledged_.empty(); }

 private:
  static void merge(Item& waiting, const Item& item) {
    // A mere change of status after an unsent "online" is still news that he is online at all.
    if (item.kind == Kind::status && waiting.kind == Kind::online)
      waiting.contact.status = item.contact.status;
    else
      waiting = item;
  }

  [[nodiscard]] bool is_unacknowledged(Uin contact) const noexcept {
    return std::ranges::find(unacknowledged_, contact) != unacknowledged_.end();
  }

  std::vector<Item> items_;
  std::size_t next_ = 0;
  std::vector<Uin> unacknowledged_;  // no more than the session's window
};

/// What few users have.
struct UserExtras {
  /// How the session that this one replaced could be seen, until watchers are told of this one.
  struct Replaced {
    bool invisible = false;
    model::Authorization authorization = model::Authorization::open;
    std::unique_ptr<UserExtras> extras;
    std::optional<model::ContactPresence> believed;  ///< what watchers have been told, of a session from before a restart
  };

  UinSet visible;
  UinSet invisible;
  UinSet allowed;                        ///< who may see an account that demands authorisation
  std::vector<Uin> late_watchers;        ///< asked while the restored session had not been heard
  std::unique_ptr<Replaced> replaced;    ///< watchers believe the user online
  Instant list_part[2] = {};             ///< when the last part of the visible, invisible list came
  PresenceQueue presence;
  [[nodiscard]] bool needed() const noexcept {
    return visible.size() + invisible.size() + allowed.size() + late_watchers.size() > 0 || !presence.at_rest() ||
           replaced != nullptr;
  }
};

/// How far a user's kept messages have been sent to his session.
enum class Backlog : std::uint8_t {
  unread,    ///< nobody has asked for them yet: new messages join them in the store
  reading,   ///< a page is being read
  sending,   ///< a page is in the inbox
  drained,   ///< none are left: messages are delivered live
};

/// What services know of an online user; one for each session, at the same index.
struct User {
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  Uin uin;                               ///< 0: nobody here
  model::Status status;
  std::uint32_t inner_address = 0;       ///< IPv4; 0 when unknown
  std::uint32_t tcp_port = 0;
  std::uint16_t tcp_version = 0;
  model::Authorization authorization = model::Authorization::open;
  model::AddressPolicy address_policy = model::AddressPolicy::mutual;
  bool announced = false;                ///< watchers know of this log-in
  bool is_restored = false;              ///< the session is older than the server's process
  bool fetch_requested = false;          ///< the client waits for the end of its kept messages
  bool stored_since_read = false;
  Backlog backlog = Backlog::unread;
  std::uint8_t authorization_changes = 0; ///< counted, so that a late answer is not taken for the newest
  std::uint8_t password_misses = 0;
  std::uint8_t random_group = 0;
  std::uint16_t inbox_count = 0;
  bool follows_friends = false;          ///< the friends are the contacts: who is gained is watched
  bool list_awaited = false;             ///< the log-in is not answered yet: no news before that
  std::uint32_t inbox_first = none;      ///< list of messages in memory, in order of acceptance
  std::uint32_t inbox_last = none;
  std::uint32_t announce_at = 0;         ///< 100 ms ticks of the services' clock; 0: not waiting
  std::uint32_t fetch_at = 0;
  std::uint32_t notice_at = 0;           ///< no flood notice before this
  std::unique_ptr<UserExtras> extras;

  [[nodiscard]] UserExtras& more() {
    if (!extras) extras = std::make_unique<UserExtras>();
    return *extras;
  }
  /// Gives back what is no longer needed.
  void tidy() {
    if (extras && !extras->needed()) extras.reset();
  }
};

/// Tells whether somebody sees a user as offline who is not.
[[nodiscard]] inline bool is_hidden_from(const User& user, Uin other) noexcept {
  const auto* extras = user.extras.get();
  if (user.status.invisible && (extras == nullptr || !extras->visible.contains(other))) return true;
  if (user.authorization != model::Authorization::open && (extras == nullptr || !extras->allowed.contains(other)))
    return true;
  return extras != nullptr && extras->invisible.contains(other);
}

/// The users of a shard's sessions, at the sessions' indices.
class Users {
 public:
  [[nodiscard]] User& at(model::SessionRef session) {
    while (session.index / chunk >= chunks_.size()) chunks_.push_back(std::make_unique<User[]>(chunk));
    return chunks_[session.index / chunk][session.index % chunk];
  }
  /// Visits everybody who is there.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& users : chunks_)
      for (std::uint32_t i = 0; i < chunk; ++i)
        if (users[i].uin != Uin{}) visit(users[i]);
  }

 private:
  static constexpr std::uint32_t chunk = 4096;
  std::vector<std::unique_ptr<User[]>> chunks_;
};

}  // namespace uhoh::service
