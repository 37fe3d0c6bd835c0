#include "storage/sqlite/writes.hpp"

#include <algorithm>

#include "storage/sqlite/folded_profile.hpp"
#include "storage/sqlite/pack.hpp"
#include "storage/store_rules.hpp"

namespace uhoh::storage {

namespace {

/// How many message ids are written down as used at once.
constexpr std::int64_t message_id_block = 65'536;
/// How many keys of delivered messages are thrown away at once: the rest goes with the groups that follow.
constexpr std::int64_t expiry_step = 1024;
/// How many inboxes' counts are remembered.
constexpr std::size_t most_inbox_counts = 65'536;

std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }

std::int64_t seconds_in(Duration duration) { return std::chrono::ceil<std::chrono::seconds>(duration).count(); }

}  // namespace

// ---- the group -----------------------------------------------------------------------------------------------

void Writes::recover() {
  std::int64_t merged = 0;
  if (Query rows = db_.query("SELECT name, value FROM meta"); true) {
    while (rows.step()) {
      const std::string_view name = rows.bytes(0);
      if (name == "next_uin") now_.next_uin = rows.number(1);
      if (name == "message_ids") now_.next_message = now_.messages_reserved = rows.integer(1);
      if (name == "inbox_merged") merged = rows.integer(1);
    }
  }
  tail_.start(merged);
  Query rows = db_.query("SELECT id, recipient, key, length(text) + ifnull(length(original), 0) FROM message WHERE id > ?1",
                         merged);
  while (rows.step()) {
    const std::int64_t id = rows.integer(0);
    const std::int64_t hash = rows.is_null(2) ? keyless_hash(id) : rows.integer(2);
    tail_.restore({Uin{rows.number(1)}, hash}, {id, rows.number(3)});
  }
  before_ = now_;
}

void Writes::finish_group() {
  if (expiring_) expire_keys();
  // As many as came, and more while the tail is too long, but never a great many in one group.
  if (tail_.size() > tail_entries_)
    sweep_tail(std::min<std::size_t>(tail_.size() - tail_entries_, 2 * std::size_t{now_.rows} + 64));
}

void Writes::expire_keys() {
  db_.run(
      "DELETE FROM inbox WHERE (recipient, key) IN"
      " (SELECT recipient, key FROM inbox WHERE forgotten <= ?1 ORDER BY forgotten LIMIT ?2)",
      expire_upto_, expiry_step);
  expiring_ = db_.changed() == expiry_step;
}

void Writes::sweep_tail(std::size_t count) {
  swept_.clear();
  const std::optional<std::int64_t> merged = tail_.sweep(count, now_.next_message - 1, swept_);
  for (const auto& [key, entry] : swept_)
    db_.run("INSERT OR REPLACE INTO inbox(recipient, key, id, bytes) VALUES(?1, ?2, ?3, ?4)", key.recipient.value, key.hash,
            entry.id, entry.bytes);
  if (merged) db_.run("UPDATE meta SET value = ?1 WHERE name = 'inbox_merged'", *merged);
}

void Writes::settle() {
  tail_.commit();
  now_.rows = 0;
  before_ = now_;
}

void Writes::take_back() {
  tail_.roll_back();
  now_ = before_;
  inbox_counts_.clear();
}

Result Writes::done_if_changed() const {
  if (db_.changed() == 0) return no_account();
  return Done{};
}

// ---- accounts ------------------------------------------------------------------------------------------------

std::optional<Uin> Writes::next_free_uin() {
  Uin uin{now_.next_uin};
  while (uin.is_account() && reads_.exists(uin)) ++uin.value;
  if (!uin.is_account()) return std::nullopt;
  now_.next_uin = uin.value + 1;
  db_.run("UPDATE meta SET value = ?1 WHERE name = 'next_uin'", now_.next_uin);
  return uin;
}

Result Writes::operator()(const CreateAccount& r) {
  const auto registration = static_cast<std::int64_t>(r.registration);
  if (r.registration != 0) {
    Query known = db_.query("SELECT uin, at FROM registration WHERE key = ?1", registration);
    if (known.step() && !is_over(wall(known.integer(1)), registration_memory, r.now))
      return Created{Uin{known.number(0)}, true};
  }
  Uin uin = r.uin;
  if (uin.value == 0) {
    const std::optional<Uin> next = next_free_uin();
    if (!next) return std::unexpected(StoreError::taken);
    uin = *next;
  } else if (!uin.is_account() || reads_.exists(uin)) {
    return std::unexpected(StoreError::taken);
  }
  insert_account(uin, r);
  if (!r.values.empty()) write_profile(uin, {.basic = r.profile}, r.values);
  if (r.qq) (void)(*this)(SwitchQq{uin, true, r.qq_key});
  if (r.registration != 0)
    db_.run("INSERT OR REPLACE INTO registration(key, uin, at) VALUES(?1, ?2, ?3)", registration, uin.value,
            seconds_of(r.now));
  if (!r.greeting.utf8.empty() || !r.greeting.original.empty())
    insert_message({.from = system_uin, .to = uin, .text = r.greeting, .key = {}, .accepted = r.now}, {});
  return Created{uin, false};
}

void Writes::insert_account(Uin uin, const CreateAccount& r) {
  std::int64_t charsets = 0;
  for (int dialect = 3; dialect >= 0; --dialect)
    charsets = charsets << 8 | static_cast<std::int64_t>(
                                   dialect == 0 ? r.icq_charset : default_charset(static_cast<model::DialectId>(dialect)));
  db_.run("INSERT INTO account(uin, authorization, address_policy, charsets, monitor) VALUES(?1, ?2, ?3, ?4, ?5)",
          uin.value, r.profile.authorization, model::AddressPolicy::mutual, charsets, r.monitor);
  const FoldedProfile folded{r.profile};
  db_.run(
      "INSERT INTO profile(uin, verifier, created, nick, first_name, last_name, email,"
      " folded_nick, folded_first, folded_last, folded_email) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      uin.value, r.password_verifier, seconds_of(r.now), r.profile.nick, r.profile.first_name, r.profile.last_name,
      r.profile.email, folded.nick, folded.first, folded.last, folded.email);
}

Result Writes::operator()(const UpdateAddressPolicy& r) {
  db_.run("UPDATE account SET address_policy = ?2 WHERE uin = ?1", r.uin.value, r.policy);
  return done_if_changed();
}

Result Writes::operator()(const UpdateCharset& r) {
  const int shift = 8 * static_cast<int>(r.dialect);
  db_.run("UPDATE account SET charsets = (charsets & ~?2) | ?3 WHERE uin = ?1", r.uin.value, std::int64_t{0xFF} << shift,
          static_cast<std::int64_t>(r.charset) << shift);
  return done_if_changed();
}

Result Writes::operator()(const UpdateMonitor& r) {
  db_.run("UPDATE account SET monitor = ?2 WHERE uin = ?1", r.uin.value, r.monitor);
  return done_if_changed();
}

Result Writes::operator()(const SaveMonitoring& r) {
  if (!r.active) {
    db_.run("DELETE FROM monitoring WHERE monitor = ?1 AND monitored = ?2", r.monitor.value, r.monitored.value);
    return Done{};
  }
  if (!reads_.exists(r.monitor) || !reads_.exists(r.monitored)) return no_account();
  db_.run("INSERT OR IGNORE INTO monitoring(monitor, monitored, since) VALUES(?1, ?2, ?3)", r.monitor.value,
          r.monitored.value, seconds_of(r.now));
  return Done{};
}

Result Writes::operator()(const Suspend& r) {
  db_.run("UPDATE profile SET suspended_reason = ?2 WHERE uin = ?1", r.uin.value,
          r.until == WallTime{} ? std::string_view{} : std::string_view{r.reason});
  db_.run("UPDATE account SET suspended_until = ?2 WHERE uin = ?1", r.uin.value, seconds_of(r.until));
  return done_if_changed();
}

Result Writes::operator()(const DeleteAccount& r) {
  const std::uint32_t uin = r.uin.value;
  if (r.uin == system_uin || !reads_.exists(r.uin)) return no_account();
  for (const InboxTail::Entry& entry : reads_.inbox(r.uin)) db_.run("DELETE FROM message WHERE id = ?1", entry.id);
  for (const auto& [key, entry] : tail_.entries_of(r.uin)) tail_.remove(key);
  inbox_counts_.erase(uin);
  db_.run("DELETE FROM inbox WHERE recipient = ?1", uin);
  db_.run("DELETE FROM friend WHERE owner = ?1", uin);
  db_.run("DELETE FROM friend WHERE contact = ?1", uin);
  db_.run("DELETE FROM consent WHERE asker = ?1", uin);
  db_.run("DELETE FROM consent WHERE target = ?1", uin);
  db_.run("DELETE FROM monitoring WHERE monitor = ?1", uin);
  db_.run("DELETE FROM monitoring WHERE monitored = ?1", uin);
  leave_all_rooms(r.uin);
  db_.run("DELETE FROM friend_group WHERE owner = ?1", uin);
  db_.run("DELETE FROM further_profile WHERE uin = ?1", uin);
  db_.run("DELETE FROM qq WHERE uin = ?1", uin);
  db_.run("DELETE FROM registration WHERE uin = ?1", uin);
  db_.run("DELETE FROM session WHERE uin = ?1", uin);
  db_.run("DELETE FROM extended_profile WHERE uin = ?1", uin);
  db_.run("DELETE FROM profile WHERE uin = ?1", uin);
  db_.run("DELETE FROM account WHERE uin = ?1", uin);
  return Done{};
}

// ---- sessions ------------------------------------------------------------------------------------------------

Result Writes::operator()(const OpenSession& r) {
  const KeptSession& s = r.session;
  std::optional<Reads::Facts> known = reads_.facts(s.uin, s.dialect);
  if (!known) return no_account();
  if (is_suspended(known->suspended_until, r.now)) return std::unexpected(StoreError::suspended);
  const std::string facts = pack_facts(s);
  db_.run("INSERT OR REPLACE INTO session(uin, login, status, reserved_sequence, facts) VALUES(?1, ?2, ?3, ?4, ?5)",
          s.uin.value, s.login, pack_status(s.status), s.reserved_sequence, blob_of(facts));
  if (s.follows_friends)
    db_.run("UPDATE session SET contacts = ?2 WHERE uin = ?1", s.uin.value, blob_of(reads_.friends_of(s.uin)));
  LoggedIn answer{known->facts, {}};
  answer.account.suspended = false;
  if (known->facts.authorization != model::Authorization::open) answer.watchers_allowed = reads_.watchers_allowed(s.uin);
  return answer;
}

Result Writes::operator()(const CloseSession& r) {
  db_.run("DELETE FROM session WHERE uin = ?1 AND login = ?2", r.uin.value, r.login);
  return Done{};
}

Result Writes::operator()(const SaveStatus& r) {
  db_.run("UPDATE session SET status = ?3 WHERE uin = ?1 AND login = ?2", r.uin.value, r.login, pack_status(r.status));
  return Done{};
}

Result Writes::operator()(const SaveList& r) {
  // || makes text of its operands, octet by octet.
  static constexpr const char* replace[] = {"UPDATE session SET contacts = ?3 WHERE uin = ?1 AND login = ?2",
                                            "UPDATE session SET visible = ?3 WHERE uin = ?1 AND login = ?2",
                                            "UPDATE session SET invisible = ?3 WHERE uin = ?1 AND login = ?2"};
  static constexpr const char* append[] = {
      "UPDATE session SET contacts = CAST(ifnull(contacts, x'') || ?3 AS BLOB) WHERE uin = ?1 AND login = ?2",
      "UPDATE session SET visible = CAST(ifnull(visible, x'') || ?3 AS BLOB) WHERE uin = ?1 AND login = ?2",
      "UPDATE session SET invisible = CAST(ifnull(invisible, x'') || ?3 AS BLOB) WHERE uin = ?1 AND login = ?2"};
  const auto kind = static_cast<std::size_t>(r.kind);
  db_.run(r.append ? append[kind] : replace[kind], r.uin.value, r.login, blob_of(r.members));
  return Done{};
}

Result Writes::operator()(const ReserveSequence& r) {
  db_.run("UPDATE session SET reserved_sequence = ?3 WHERE uin = ?1 AND login = ?2 AND reserved_sequence < ?3",
          r.uin.value, r.login, r.upto);
  return Done{};
}

// ---- messages ------------------------------------------------------------------------------------------------

std::optional<Writes::InboxCount> Writes::inbox_count(Uin uin) {
  if (const auto known = inbox_counts_.find(uin.value); known != inbox_counts_.end()) return known->second;
  if (!reads_.exists(uin)) return std::nullopt;
  InboxCount count;
  for (const InboxTail::Entry& entry : reads_.inbox(uin)) {
    ++count.messages;
    count.bytes += entry.bytes;
  }
  return count;
}

std::optional<std::uint64_t> Writes::known_message(Uin recipient, std::int64_t hash) {
  if (const InboxTail::Entry* entry = tail_.find({recipient, hash})) return static_cast<std::uint64_t>(entry->id);
  Query row = db_.query("SELECT id FROM inbox WHERE recipient = ?1 AND key = ?2", recipient.value, hash);
  if (!row.step()) return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(0));
}

std::int64_t Writes::next_message_id() {
  if (now_.next_message >= now_.messages_reserved) {
    now_.messages_reserved = now_.next_message + message_id_block;
    db_.run("UPDATE meta SET value = ?1 WHERE name = 'message_ids'", now_.messages_reserved);
  }
  return now_.next_message++;
}

std::uint64_t Writes::insert_message(const KeepMessage& r, InboxCount before) {
  const std::int64_t id = next_message_id();
  const bool keyed = r.key.login != 0;
  const std::int64_t hash = keyed ? hash_of(r.key) : keyless_hash(id);
  db_.run(
      "INSERT INTO message(id, recipient, sender, kind, dialect_type, accepted, key, text, original, original_charset, style)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      id, r.to.value, r.from.value, r.kind, r.dialect_type, seconds_of(r.accepted),
      keyed ? std::optional{hash} : std::nullopt, blob_of(r.text.utf8),
      blob_or_null(r.text.original), r.text.original_charset, blob_or_null(r.text.style));
  const std::size_t bytes = counted_bytes(r.text);
  tail_.add({r.to, hash}, {id, static_cast<std::uint32_t>(bytes)});
  ++now_.rows;
  if (inbox_counts_.size() >= most_inbox_counts) inbox_counts_.clear();
  inbox_counts_.insert_or_assign(r.to.value, InboxCount{before.messages + 1, before.bytes + bytes});
  return static_cast<std::uint64_t>(id);
}

Result Writes::operator()(const KeepMessage& r) {
  const std::optional<InboxCount> count = inbox_count(r.to);
  if (!count) return no_account();
  if (r.key.login != 0)
    if (const std::optional<std::uint64_t> known = known_message(r.to, hash_of(r.key))) return Kept{*known, true};
  if (!r.ignore_limit && !inbox_has_room(limits_, count->messages, count->bytes, counted_bytes(r.text)))
    return std::unexpected(StoreError::inbox_full);
  return Kept{insert_message(r, *count), false};
}

Result Writes::operator()(const ForgetMessage& r) {
  const auto id = static_cast<std::int64_t>(r.id);
  std::optional<std::int64_t> key;
  std::uint64_t bytes = 0;
  {
    Query row = db_.query(
        "SELECT key, length(text) + ifnull(length(original), 0) FROM message WHERE id = ?1 AND recipient = ?2", id,
        r.to.value);
    if (!row.step()) return Done{};
    if (!row.is_null(0)) key = row.integer(0);
    bytes = static_cast<std::uint64_t>(row.integer(1));
  }
  db_.run("DELETE FROM message WHERE id = ?1", id);
  const std::int64_t hash = key.value_or(keyless_hash(id));
  tail_.remove({r.to, hash});
  if (key)
    db_.run("INSERT OR REPLACE INTO inbox(recipient, key, id, bytes, forgotten) VALUES(?1, ?2, ?3, 0, ?4)", r.to.value,
            hash, id, seconds_of(r.now));
  else
    db_.run("DELETE FROM inbox WHERE recipient = ?1 AND key = ?2", r.to.value, hash);
  if (const auto count = inbox_counts_.find(r.to.value); count != inbox_counts_.end()) {
    --count->second.messages;
    count->second.bytes -= bytes;
  }
  return Done{};
}

// ---- bans, expiry --------------------------------------------------------------------------------------------

Result Writes::operator()(const AddBan& r) {
  db_.run("INSERT OR REPLACE INTO ban(cidr, reason, until) VALUES(?1, ?2, ?3)", r.cidr, r.reason, seconds_of(r.until));
  return Done{};
}

Result Writes::operator()(const RemoveBan& r) {
  db_.run("DELETE FROM ban WHERE cidr = ?1", r.cidr);
  return Done{};
}

Result Writes::operator()(const Expire& r) {
  const std::int64_t now = seconds_of(r.now);
  expire_upto_ = now - seconds_in(limits_.key_memory);
  expire_keys();
  expire_room_messages(now);
  db_.run("DELETE FROM registration WHERE at <= ?1", now - seconds_in(registration_memory));
  db_.run("DELETE FROM ban WHERE until <> 0 AND until <= ?1", now);
  db_.run(
      "UPDATE profile SET suspended_reason = '' WHERE uin IN"
      " (SELECT uin FROM account WHERE suspended_until <> 0 AND suspended_until <= ?1)",
      now);
  db_.run("UPDATE account SET suspended_until = 0 WHERE suspended_until <> 0 AND suspended_until <= ?1", now);
  return Done{};
}

}  // namespace uhoh::storage
