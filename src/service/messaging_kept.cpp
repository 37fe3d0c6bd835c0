// The part of Messaging that keeps messages in the store, and brings kept ones.

#include "service/messaging.hpp"

#include <utility>

#include "base/check.hpp"
#include "service/asking.hpp"
#include "service/kept_text.hpp"

namespace uhoh::service {
namespace {

using bus::MessageOutcome;
using model::SessionRef;

constexpr std::size_t page_size = 32;
constexpr Duration retry_interval = std::chrono::seconds{1};

}  // namespace

// ---- the store -------------------------------------------------------------------------------------------------

void Messaging::keep_entry(SlabRef ref) {
  auto& entry = *entries_.get(ref);
  if (entry.keeping == Keeping::live) entry.keeping = Keeping::storing;
  storage::KeepMessage request{.from = entry.from,
                               .to = entry.to,
                               .kind = entry.kind,
                               .dialect_type = entry.dialect_type,
                               .text = to_kept({text_of(entry), entry.charset, as_bytes(entry.style)}),
                               .key = entry.key,
                               .accepted = entry.accepted,
                               .ignore_limit = entry.shown};
  const auto to = entry.to;
  store_begins(to);
  const bool taken = shard_.store.call(
      std::move(request), [this, ref, to](storage::Result&& result) { on_entry_kept(ref, to, std::move(result)); });
  if (!taken) on_entry_kept(ref, to, std::unexpected(storage::StoreError::unavailable));
}

void Messaging::on_entry_kept(SlabRef ref, Uin to, storage::Result&& result) {
  auto* entry = entries_.get(ref);
  if (entry == nullptr) return store_ends(to);
  const auto* kept = answer<storage::Kept>(result);
  auto* user = shard_.online(to);
  const auto session = shard_.port.find_session(to);
  if (entry->next == entry_gone) {
    // Acknowledged by the recipient, or its session ended, while it was on its way.
    if (kept != nullptr && entry->confirmed) forget_kept(to, kept->id);
    done(entry->origin, entry->request, to, outcome_of(result));
    release(ref);
    return store_ends(to);
  }
  if (kept == nullptr) {
    const bool unavailable = result.error() == storage::StoreError::unavailable;
    if (unavailable) ++shard_.counters.store_unavailable;
    if (unavailable && entry->in_flight) {
      // The recipient may have seen it: what its sender sends again would be shown twice.
      entry->keeping = Keeping::live;
      unkept_.push_back({shard_.now.steady + retry_interval, ref});
      return store_ends(to);
    }
    // Nothing is lost: the sender was not acknowledged and will send again.
    done(entry->origin, entry->request, to, outcome_of(result));
    if (user != nullptr) unlink(*user, ref);
    release(ref);
    return store_ends(to);
  }
  done(entry->origin, entry->request, to, MessageOutcome::kept);
  entry->request = {};
  if (kept->repeated) {
    ++shard_.counters.messages_repeated;
    if (user != nullptr) unlink(*user, ref);
    release(ref);
  } else {
    ++shard_.counters.messages_kept;
    entry->id = kept->id;
    entry->keeping = Keeping::kept;
  }
  store_ends(to);
  if (user != nullptr) pump(session, *user);
}

void Messaging::keep(const bus::DeliverMessage& mail) {
  storage::KeepMessage request{.from = mail.from,
                               .to = mail.to,
                               .kind = mail.kind,
                               .dialect_type = mail.dialect_type,
                               .text = to_kept({mail.text.view(), mail.charset, mail.style}),
                               .key = mail.key,
                               .accepted = mail.accepted};
  store_begins(mail.to);
  if (auto* user = shard_.online(mail.to)) user->stored_since_read = true;
  const bool taken = shard_.store.call(
      std::move(request),
      [this, origin = mail.origin, waiting = mail.request, to = mail.to](storage::Result&& result) {
        const auto outcome = outcome_of(result);
        if (const auto* kept = answer<storage::Kept>(result))
          ++(kept->repeated ? shard_.counters.messages_repeated : shard_.counters.messages_kept);
        else if (outcome == MessageOutcome::not_taken)
          ++shard_.counters.store_unavailable;
        done(origin, waiting, to, outcome);
        store_ends(to);
      });
  if (taken) return;
  done(mail.origin, mail.request, mail.to, MessageOutcome::not_taken);
  store_ends(mail.to);
}

MessageOutcome Messaging::outcome_of(const storage::Result& result) {
  if (result) return MessageOutcome::kept;
  switch (result.error()) {
    case storage::StoreError::no_account: return MessageOutcome::no_account;
    case storage::StoreError::inbox_full: return MessageOutcome::inbox_full;
    default: return MessageOutcome::not_taken;
  }
}

void Messaging::store_ends(Uin to) {
  if (const auto found = on_their_way_.find(to.value); found != on_their_way_.end() && --found->second == 0)
    on_their_way_.erase(found);
  if (const auto session = shard_.port.find_session(to)) continue_backlog(session, shard_.users.at(session));
}

void Messaging::keep_all_live(User& user) {
  for (auto index = user.inbox_first; index != User::none;) {
    const auto ref = entries_.ref_at(index);
    const auto& entry = *entries_.get(ref);
    index = entry.next;
    if (entry.keeping == Keeping::live) keep_entry(ref);
  }
}

void Messaging::forget_kept(Uin to, std::uint64_t id) {
  store_begins(to);
  const auto again = [this, to, id] {
    ++shard_.counters.store_unavailable;
    retries_.push_back({shard_.now.steady + retry_interval, to, id});
  };
  const bool taken = shard_.store.call(storage::ForgetMessage{.to = to, .id = id, .now = shard_.now.wall},
                                       [this, to, again](storage::Result&& result) {
                                         if (!result && result.error() == storage::StoreError::unavailable)
                                           again();
                                         else
                                           store_ends(to);
                                       });
  if (!taken) again();
}

void Messaging::retry_unkept() {
  std::size_t due = 0;
  while (due < unkept_.size() && unkept_[due].at <= shard_.now.steady) ++due;
  if (due == 0) return;
  const std::vector<Deadline> now{unkept_.begin(), unkept_.begin() + static_cast<std::ptrdiff_t>(due)};
  unkept_.erase(unkept_.begin(), unkept_.begin() + static_cast<std::ptrdiff_t>(due));
  for (const auto& [at, ref] : now)
    if (const auto* entry = entries_.get(ref); entry != nullptr && entry->keeping == Keeping::live) keep_entry(ref);
}

void Messaging::retry_forgets() {
  if (retries_.empty() || retries_.front().at > shard_.now.steady) return;
  for (const auto& retry : std::exchange(retries_, {})) {
    forget_kept(retry.to, retry.id);
    store_ends(retry.to);  // the first attempt was still counted
  }
}

// ---- sessions and their kept messages ------------------------------------------------------------------------

void Messaging::on_login(SessionRef session, User& user) {
  const auto at = shard_.now.steady + shard_.options.unasked_fetch;
  user.fetch_at = shard_.tick_of(at);
  shard_.port.wake_at(session, at);
}

void Messaging::push_stored(SessionRef session, User& user) {
  user.fetch_at = 0;
  if (user.backlog == Backlog::unread) start_fetch(session, user);
}

void Messaging::on_heard_again(SessionRef session, User& user) {
  if (user.backlog == Backlog::unread) start_fetch(session, user);
}

void Messaging::on_timer(SessionRef session, User& user) {
  if (user.fetch_at == 0) return;
  if (shard_.tick_of(shard_.now.steady) < user.fetch_at)
    return shard_.port.wake_at(session, shard_.now.steady + std::chrono::seconds{1});
  user.fetch_at = 0;
  if (user.backlog == Backlog::unread && !shard_.port.facts(session)->restored) start_fetch(session, user);
}

void Messaging::on_session_end(SessionRef, User& user) {
  // Nothing is in the inbox from here on, and nothing more is fetched into it: a store whose queue is full answers at
  // once, in the middle of this.
  user.backlog = Backlog::unread;
  user.fetch_requested = false;
  user.inbox_count = 0;
  user.inbox_last = User::none;
  for (auto index = std::exchange(user.inbox_first, User::none); index != User::none;) {
    const auto ref = entries_.ref_at(index);
    auto& entry = *entries_.get(ref);
    index = entry.next;
    if (entry.in_flight) ++shard_.counters.shown_unconfirmed;
    entry.in_flight = false;
    if (entry.keeping == Keeping::live) keep_entry(ref);
    auto* still = entries_.get(ref);
    if (still == nullptr) continue;
    if (still->keeping == Keeping::kept)
      release(ref);
    else
      still->next = entry_gone;  // the store's answer ends it
  }
}

void Messaging::fetch_stored(const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  auto& user = shard_.users.at(context.session);
  user.fetch_requested = true;
  user.fetch_at = 0;
  if (user.backlog == Backlog::unread)
    start_fetch(context.session, user);
  else
    continue_backlog(context.session, user);
}

void Messaging::start_fetch(SessionRef session, User& user) {
  user.backlog = Backlog::sending;
  continue_backlog(session, user);
}

void Messaging::continue_backlog(SessionRef session, User& user) {
  if (user.backlog == Backlog::drained) {
    if (!user.fetch_requested) return;
    if (shard_.port.emit(session, model::StoredMessagesEnd{}, {})) user.fetch_requested = false;
    return;
  }
  // The next page is read when nothing is in memory and nothing on its way, so that none is missed or doubled.
  if (user.backlog != Backlog::sending || user.inbox_count > 0 || on_their_way_.contains(user.uin.value)) return;
  user.backlog = Backlog::reading;
  user.stored_since_read = false;
  const auto login = shard_.port.facts(session)->login;
  const bool taken = shard_.store.call(
      storage::ReadMessages{.to = user.uin, .limit = page_size},
      [this, session, login](storage::Result&& result) { on_page(session, login, std::move(result)); });
  if (taken) return;
  user.backlog = Backlog::unread;
  on_login(session, user);  // asks again later
}

void Messaging::on_page(SessionRef session, std::uint64_t login, storage::Result&& result) {
  const auto* facts = shard_.port.facts(session);
  if (facts == nullptr || facts->login != login) return;
  auto& user = shard_.users.at(session);
  auto* page = answer<storage::KeptMessages>(result);
  if (page == nullptr) {
    ++shard_.counters.store_unavailable;
    user.backlog = Backlog::unread;
    return on_login(session, user);
  }
  user.backlog = Backlog::sending;
  if (page->messages.empty() && !user.stored_since_read && !on_their_way_.contains(user.uin.value)) {
    user.backlog = Backlog::drained;
    if (shard_.on_drained) shard_.on_drained(session, user);
  }
  for (auto& message : page->messages) {
    const auto text = as_text(message.text);
    Entry entry{.from = message.from,
                .to = user.uin,
                .kind = message.kind,
                .keeping = Keeping::kept,
                .from_backlog = true,
                .charset = text.charset,
                .dialect_type = message.dialect_type,
                .accepted = message.accepted,
                .id = message.id,
                .name = message.name,
                .style = message.text.style};
    if (!append(session, user, std::move(entry), text.bytes)) break;
  }
  pump(session, user);
  continue_backlog(session, user);
}

void Messaging::on_mail(const bus::DeliverKept& mail) {
  // It is in the store already; a session that is drained reads it from there.
  const auto session = shard_.port.find_session(mail.to);
  if (!session) return;
  auto& user = shard_.users.at(session);
  user.stored_since_read = true;
  if (user.backlog != Backlog::drained) return;
  keep_all_live(user);
  user.backlog = Backlog::sending;
  continue_backlog(session, user);
}

}  // namespace uhoh::service
