#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

#include "base/buffer_pool.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Messages between users: live delivery, the store behind it, and what was kept while somebody was away.
///
/// A message is decided on in its recipient's shard. An online recipient whose kept messages are drained gets
/// it live and has 50 ms to acknowledge before it is committed; everybody else's messages go to the store.
/// Per pair of users one message is unacknowledged at a time, in the order of acceptance.
/// Source: DESIGN.md, promises 1 and 2; spec/icq.md 1.2 items 4 to 6.
class Messaging {
 public:
  explicit Messaging(ShardContext& shard) : shard_{shard}, texts_{shard.options.max_live_bytes} {}

  // From the user's own session.
  void send(const model::Message& message, const model::RequestContext& context);
  /// Tells whom it concerns that a grant or refusal was recorded.
  void tell_consent(const storage::RecordConsent& record, const storage::Consented& recorded);
  void fetch_stored(const model::RequestContext& context);
  /// Takes no message of somebody who sends too fast, and says so now and then. His client sends it again, where the
  /// dialect has clients do that.
  void on_flood(const model::RequestContext& context);

  /// Sends a message as it is, without looking whether it asks or grants something.
  void deliver(const model::Message& message, const model::RequestContext& context);
  /// Brings a message to its recipient's shard; MessageDone tells its `origin` what became of it.
  void route(bus::DeliverMessage&& mail);
  /// Sends a message that nobody waits for (from the system's own account).
  void send_from_system(Uin to, std::string_view text);
  /// Tells the user of a session something at once, without keeping it.
  void notice(model::SessionRef session, std::string_view text);

  void on_login(model::SessionRef session, User& user);
  /// Sends the kept messages without being asked for them.
  void push_stored(model::SessionRef session, User& user);
  /// The session ends: what was not acknowledged goes to the store.
  void on_session_end(model::SessionRef session, User& user);
  void on_delivered(model::SessionRef session, User& user, std::uint64_t tag);
  void on_timer(model::SessionRef session, User& user);
  /// A restored session was heard: its kept messages follow.
  void on_heard_again(model::SessionRef session, User& user);
  /// Sends what waits while the session has room.
  void pump(model::SessionRef session, User& user);

  void on_mail(const bus::DeliverMessage& mail);
  void on_mail(const bus::MessageDone& mail);
  void on_mail(const bus::DeliverKept& mail);

  /// Lets time pass: live messages that were not acknowledged in time go to the store.
  void on_time();
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept {
    const auto live = overdue_ == deadlines_.size() ? Instant::max() : deadlines_[overdue_].at;
    const auto unkept = unkept_.empty() ? live : std::min(live, unkept_.front().at);
    return retries_.empty() ? unkept : std::min(unkept, retries_.front().at);
  }
  [[nodiscard]] std::uint32_t live_count() const noexcept { return entries_.size(); }

 private:
  /// Where a message in memory stands towards the store.
  enum class Keeping : std::uint8_t {
    live,      ///< not in the store; its sender waits
    storing,   ///< on its way to the store
    checking,  ///< on its way to the store, and not shown before it is known to be new
    kept,      ///< in the store under `id`; its sender has been answered
  };
  struct Entry {
    std::uint32_t next = User::none;
    Uin from;
    Uin to;
    model::MessageKind kind = model::MessageKind::text;
    Keeping keeping = Keeping::live;
    bool in_flight = false;
    bool shown = false;
    bool from_backlog = false;
    bool confirmed = false;  ///< the recipient acknowledged it while it was on its way to the store
    Charset charset = Charset::utf8;
    std::uint16_t dialect_type = 0;
    ShardId origin{};
    model::RequestRef request;
    model::MessageKey key;
    WallTime accepted;
    std::uint64_t id = 0;
    std::uint64_t name = 0;  ///< of a kept message; a live one's comes from `key`
    PooledBuffer text;
    std::string long_text;  ///< instead of `text` when it is longer than the pool takes
    std::string style;      ///< model::Text::style
  };
  /// `next` of an entry that has left the inbox while the store works on it.
  static constexpr std::uint32_t entry_gone = 0xFFFFFFFE;
  struct Deadline {
    Instant at;
    SlabRef entry;
  };

  [[nodiscard]] bool may_be_known(const model::RequestContext& context) const;
  [[nodiscard]] bus::DeliverMessage mail_of(const model::Message& message, const model::RequestContext& context);
  void refuse_request(Uin to, const model::RequestContext& context);
  [[nodiscard]] static bus::MessageOutcome outcome_of(const storage::Result& result);
  void accept(const bus::DeliverMessage& mail);
  [[nodiscard]] SlabRef append(model::SessionRef session, User& user, Entry&& entry, Bytes text);
  void unlink(User& user, SlabRef entry);
  void release(SlabRef entry);
  [[nodiscard]] Bytes text_of(const Entry& entry) const;
  bool emit_room_notice(model::SessionRef session, SlabRef ref, const Entry& entry);
  bool emit_entry(model::SessionRef session, SlabRef ref, Entry& entry);
  [[nodiscard]] bool is_blocked(const User& user, const Entry& entry) const;

  /// Brings a message to the store and answers its sender; `ref`: the same message in the inbox, if it is there.
  void keep(const bus::DeliverMessage& mail);
  void keep_entry(SlabRef ref);
  void on_entry_kept(SlabRef ref, Uin to, storage::Result&& result);
  void keep_all_live(User& user);
  void done(ShardId origin, model::RequestRef request, Uin to, bus::MessageOutcome outcome);
  void forget_kept(Uin to, std::uint64_t id);
  void retry_forgets();
  void retry_unkept();
  /// Counts what is on its way to the store for somebody: his kept messages are not read meanwhile.
  void store_begins(Uin to) { ++on_their_way_[to.value]; }
  void store_ends(Uin to);

  void start_fetch(model::SessionRef session, User& user);
  void on_page(model::SessionRef session, std::uint64_t login, storage::Result&& result);
  void continue_backlog(model::SessionRef session, User& user);
  void answer_system(const model::Message& message, const model::RequestContext& context);
  void answer_charset(std::string_view name, const model::RequestContext& context);

  ShardContext& shard_;
  Slab<Entry> entries_;
  BufferPool texts_;
  std::vector<Deadline> deadlines_;  // all the same span ahead, so in order; the first `overdue_` are done
  std::size_t overdue_ = 0;
  struct Retry {
    Instant at;
    Uin to;
    std::uint64_t id;
  };
  std::vector<Retry> retries_;       // deliveries that the store could not note
  std::vector<Deadline> unkept_;     // shown messages that the store did not take
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> on_their_way_;
};

}  // namespace uhoh::service
