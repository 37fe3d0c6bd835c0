#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/uin.hpp"

namespace uhoh::storage {

/// The newest entries of the inbox index, kept in memory so that the table is changed in order of its keys.
///
/// A message for a random recipient dirties a page of the table each; entries that wait here until there are many
/// go to the table in the order of the table, many to a page (the rolling merge of an LSM tree). They are found
/// again after a crash, because their messages are in the table of messages.
///
/// Shape:  a cursor sweeps through the keys; when it comes to the end, every message that existed when the
///         sweep began has its entry in the table.
/// Thread: one writer; any reader may call committed_of() meanwhile.
class InboxTail {
 public:
  struct Key {
    Uin recipient;
    std::int64_t hash = 0;
    friend constexpr auto operator<=>(const Key&, const Key&) = default;
  };
  struct Entry {
    std::int64_t id = 0;
    std::uint32_t bytes = 0;
  };

  /// Adds the entry of a message, until the end of the group only for the writer's eyes.
  void add(const Key& key, const Entry& entry);
  /// Begins with what the table is known to hold: the entries of all messages up to `merged_id`.
  void start(std::int64_t merged_id);
  /// Adds an entry that was found at start-up.
  void restore(const Key& key, const Entry& entry);
  /// Finds an entry that is here and stays.
  [[nodiscard]] const Entry* find(const Key& key) const;
  /// Lets an entry go at the end of the group; false when it is not here.
  bool remove(const Key& key);
  /// Entries that stay, of one recipient, as the writer sees them.
  [[nodiscard]] std::vector<std::pair<Key, Entry>> entries_of(Uin recipient) const;
  /// Entries of one recipient that are committed. Look here first, then begin to read the table: what leaves
  /// between the two is found in both, never in none.
  [[nodiscard]] std::vector<Entry> committed_of(Uin recipient) const;

  /// Takes the next `count` entries for the table, from the cursor on; they leave at the end of the group.
  /// `newest_id`: the newest message. Returns what the sweep has proved when it came to the end: the entries
  /// of all messages up to this id are in the table.
  [[nodiscard]] std::optional<std::int64_t> sweep(std::size_t count, std::int64_t newest_id,
                                                  std::vector<std::pair<Key, Entry>>& taken);

  /// The group is committed.
  void commit();
  /// The group has not happened.
  void roll_back();
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  enum class State : std::uint8_t { staying, added, leaving };
  struct Slot {
    Entry entry;
    State state = State::staying;
  };
  struct Added {
    Key key;
    std::optional<Entry> before;
  };
  struct Sweep {
    Key cursor;
    std::int64_t newest_at_start = 0;
  };

  mutable std::mutex mutex_;
  std::map<Key, Slot> entries_;
  std::vector<Added> added_;
  std::vector<Key> leaving_;
  Sweep sweep_, sweep_before_;
};

}  // namespace uhoh::storage
