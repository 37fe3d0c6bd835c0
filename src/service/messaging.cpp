#include "service/messaging.hpp"

#include <utility>

#include "base/check.hpp"
#include "service/asking.hpp"
#include "service/group_message_name.hpp"
#include "service/kept_text.hpp"
#include "service/room_text.hpp"
#include "service/system_account.hpp"
#include "text/charset.hpp"

namespace uhoh::service {
namespace {

using bus::MessageOutcome;
using model::SessionRef;

std::uint64_t tag_of(SlabRef entry) noexcept { return std::uint64_t{entry.generation} << 32 | entry.index; }
SlabRef entry_of(std::uint64_t tag) noexcept {
  return {static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32)};
}

bool concerns_consent(model::MessageKind kind) noexcept {
  return kind == model::MessageKind::auth_request || kind == model::MessageKind::auth_refused ||
         kind == model::MessageKind::auth_granted;
}

}  // namespace

// ---- from the sender -------------------------------------------------------------------------------------------

void Messaging::send(const model::Message& message, const model::RequestContext& context) {
  if (!message.to.is_account()) {
    ++shard_.counters.messages_refused;
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::NoSuchUser{.uin = message.to});
  }
  if (!concerns_consent(message.kind) || message.to == system_uin) return deliver(message, context);
  // A request is the sender's wish to see the other; a grant or refusal answers the other's.
  const bool asks = message.kind == model::MessageKind::auth_request;
  const storage::RecordConsent record{.asker = asks ? message.from : message.to,
                                      .target = asks ? message.to : message.from,
                                      .consent = asks ? storage::Consent::requested
                                                 : message.kind == model::MessageKind::auth_granted
                                                     ? storage::Consent::granted
                                                     : storage::Consent::refused,
                                      .now = shard_.now.wall};
  ask_store(shard_, context.request, record,
            [this, record, context, mail = mail_of(message, context)](storage::Result&& result) mutable {
              if (const auto* recorded = answer<storage::Consented>(result)) {
                if (recorded->closed) return refuse_request(mail.to, context);
                tell_consent(record, *recorded);
              }
              route(std::move(mail));
            });
}

void Messaging::refuse_request(Uin to, const model::RequestContext& context) {
  ++shard_.counters.messages_refused;
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request,
                    model::SystemNotice{std::to_string(to.value) + " does not want to be added by anybody."});
}

void Messaging::tell_consent(const storage::RecordConsent& record, const storage::Consented& recorded) {
  if (record.consent == storage::Consent::requested) return;
  const bool granted = record.consent == storage::Consent::granted;
  shard_.mail(shard_of(record.target, shard_.shards),
              bus::ConsentChanged{.target = record.target, .asker = record.asker, .granted = granted});
  const auto asker = shard_of(record.asker, shard_.shards);
  if (recorded.gained) shard_.mail(asker, bus::FriendGained{record.asker, recorded.target});
  if (!granted) shard_.mail(asker, bus::FriendLost{record.asker, record.target});
}

/// Whether the store may know a message that this process has not seen: its sender's session, or his client's count of
/// messages, which outlives sessions in some dialects, is older than the process.
bool Messaging::may_be_known(const model::RequestContext& context) const {
  if (shard_.now.steady - shard_.start >= shard_.options.restart_caution) return false;
  if (shard_.users.at(context.session).is_restored) return true;
  return context.key.login != 0 && context.key.login != shard_.port.facts(context.session)->login;
}

bus::DeliverMessage Messaging::mail_of(const model::Message& message, const model::RequestContext& context) {
  return {.from = message.from,
          .to = message.to,
          .kind = message.kind,
          .dialect_type = message.dialect_type,
          .charset = message.text.charset,
          .key = context.key,
          .accepted = shard_.now.wall,
          .origin = shard_.self,
          .request = context.request,
          .check_store = may_be_known(context),
          .text = bus::InlineBytes{message.text.bytes},
          .style = {message.text.style.begin(), message.text.style.end()}};
}

void Messaging::deliver(const model::Message& message, const model::RequestContext& context) {
  if (message.to == system_uin) return answer_system(message, context);
  route(mail_of(message, context));
}

void Messaging::route(bus::DeliverMessage&& mail) {
  const auto to = shard_of(mail.to, shard_.shards);
  if (to == shard_.self) return accept(mail);
  const bus::MessageDone refused{.request = mail.request, .to = mail.to, .outcome = MessageOutcome::not_taken};
  if (shard_.bus.send(to, std::move(mail))) return;
  ++shard_.counters.mail_lost;
  shard_.mail(shard_.self, refused);
}

void Messaging::on_mail(const bus::MessageDone& mail) {
  switch (mail.outcome) {
    case MessageOutcome::delivered:
    case MessageOutcome::kept: return shard_.port.acknowledge(mail.request);
    case MessageOutcome::no_account:
      ++shard_.counters.messages_refused;
      shard_.port.acknowledge(mail.request);
      return shard_.port.reply(mail.request, model::NoSuchUser{.uin = mail.to});
    case MessageOutcome::inbox_full: {
      ++shard_.counters.messages_refused;
      shard_.port.acknowledge(mail.request);
      const auto text = "The inbox of " + std::to_string(mail.to.value) +
                        " is full. Your last message to this number was not kept; please send it again later.";
      model::Message message{.from = system_uin, .text = model::Text::utf8(text)};
      return shard_.port.reply(mail.request, model::MessageArrived{message});
    }
    case MessageOutcome::not_taken:
      ++shard_.counters.messages_put_off;
      return shard_.port.drop(mail.request);
  }
}

void Messaging::done(ShardId origin, model::RequestRef request, Uin to, MessageOutcome outcome) {
  if (!request) return;
  const bus::MessageDone mail{.request = request, .to = to, .outcome = outcome};
  if (origin == shard_.self && !is_group_message(request))
    on_mail(mail);
  else
    shard_.mail(origin, mail);
}

void Messaging::on_flood(const model::RequestContext& context) {
  const bool comes_again = context.key.login != 0;
  ++(comes_again ? shard_.counters.messages_put_off : shard_.counters.messages_refused);
  if (comes_again)
    shard_.port.drop(context.request);
  else
    shard_.port.acknowledge(context.request);
  auto& user = shard_.users.at(context.session);
  const auto tick = shard_.tick_of(shard_.now.steady);
  if (tick < user.notice_at) return;
  user.notice_at = shard_.tick_of(shard_.now.steady + std::chrono::seconds{10});
  notice(context.session, comes_again ? "You are sending too fast: the server takes your messages more slowly, when your program "
                                        "sends them again."
                                      : "You are sending too fast: messages are refused until you slow down. Please send again "
                                        "what you sent in the last seconds.");
}

void Messaging::notice(SessionRef session, std::string_view text) {
  const auto* facts = shard_.port.facts(session);
  if (facts == nullptr) return;
  const model::Message message{.from = system_uin, .to = facts->uin, .text = model::Text::utf8(text)};
  shard_.port.emit(session, model::MessageArrived{message}, {});
}

void Messaging::send_from_system(Uin to, std::string_view text) {
  bus::DeliverMessage mail{.from = system_uin,
                           .to = to,
                           .charset = Charset::utf8,
                           .accepted = shard_.now.wall,
                           .origin = shard_.self,
                           .text = bus::InlineBytes{as_bytes(text)}};
  const auto shard = shard_of(to, shard_.shards);
  if (shard == shard_.self)
    accept(mail);
  else
    shard_.mail(shard, std::move(mail));
}

void Messaging::answer_system(const model::Message& message, const model::RequestContext& context) {
  const auto text = to_utf8(message.text);
  const bool is_text = message.kind == model::MessageKind::text;
  if (const auto name = wanted_charset(text); name && is_text) return answer_charset(*name, context);
  shard_.port.acknowledge(context.request);
  if (is_text) send_from_system(message.from, system_answer(text, shard_.now.wall));
}

/// The answer is a reply: a program that asks while it leaves kept messages alone hears it too.
void Messaging::answer_charset(std::string_view name, const model::RequestContext& context) {
  const auto reply = [this, context](const std::string& text) {
    shard_.port.acknowledge(context.request);
    const model::Message message{.from = system_uin, .text = model::Text::utf8(text)};
    shard_.port.reply(context.request, model::MessageArrived{message});
  };
  const auto& facts = *shard_.port.facts(context.session);
  const auto charset = text::charset_named(name);
  // Programs in a browser have but one.
  if (name.empty() || facts.dialect == model::DialectId::web) return reply(charset_answer(facts.charset, false));
  if (!charset) return reply(no_such_charset(name));
  ask_store(shard_, context.request, storage::UpdateCharset{facts.uin, facts.dialect, *charset},
            [this, context, charset = *charset, reply](storage::Result&& result) {
              if (answer<storage::Done>(result) == nullptr) return shard_.port.acknowledge(context.request);
              shard_.port.set_charset(context.session, charset);
              reply(charset_answer(charset, true));
            });
}

// ---- in the recipient's shard ----------------------------------------------------------------------------------

void Messaging::on_mail(const bus::DeliverMessage& mail) { accept(mail); }

void Messaging::accept(const bus::DeliverMessage& mail) {
  if (shard_.on_message) shard_.on_message(mail);
  const auto session = shard_.port.find_session(mail.to);
  if (!session) return keep(mail);
  auto& user = shard_.users.at(session);
  if (user.backlog != Backlog::drained) return keep(mail);
  Entry entry{.from = mail.from,
              .to = mail.to,
              .kind = mail.kind,
              .charset = mail.charset,
              .dialect_type = mail.dialect_type,
              .origin = mail.origin,
              .request = mail.request,
              .key = mail.key,
              .accepted = mail.accepted,
              .style = std::string{as_chars(mail.style)}};
  // Who is hidden from the sender must not show by the time that the acknowledgement takes.
  const bool stores_first =
      mail.check_store || (mail.from != mail.to && mail.from != system_uin && is_hidden_from(user, mail.from));
  if (stores_first) entry.keeping = Keeping::checking;
  SlabRef ref;
  if (user.inbox_count < shard_.options.inbox_live) ref = append(session, user, std::move(entry), mail.text.view());
  if (!ref) {
    // Too many for memory: this one and those after it take the way of kept messages.
    keep_all_live(user);
    user.backlog = Backlog::sending;
    return keep(mail);
  }
  if (stores_first) return keep_entry(ref);
  if (overdue_ > 64 && overdue_ * 2 > deadlines_.size()) {
    deadlines_.erase(deadlines_.begin(), deadlines_.begin() + static_cast<std::ptrdiff_t>(overdue_));
    overdue_ = 0;
  }
  deadlines_.push_back({shard_.now.steady + shard_.options.live_delivery, ref});
  pump(session, user);
}

SlabRef Messaging::append(SessionRef, User& user, Entry&& entry, Bytes text) {
  if (text.size() <= BufferPool::max_size) {
    entry.text = texts_.store(text);
    if (!entry.text) return {};
  } else {
    entry.long_text.assign(as_chars(text));
  }
  const auto ref = entries_.insert(std::move(entry));
  if (user.inbox_last == User::none)
    user.inbox_first = ref.index;
  else
    entries_.get(entries_.ref_at(user.inbox_last))->next = ref.index;
  user.inbox_last = ref.index;
  ++user.inbox_count;
  return ref;
}

Bytes Messaging::text_of(const Entry& entry) const {
  return entry.long_text.empty() ? texts_.view(entry.text) : as_bytes(entry.long_text);
}

void Messaging::unlink(User& user, SlabRef ref) {
  auto before = User::none;
  for (auto index = user.inbox_first; index != User::none;
       before = index, index = entries_.get(entries_.ref_at(index))->next) {
    if (index != ref.index) continue;
    const auto next = entries_.get(ref)->next;
    if (before == User::none)
      user.inbox_first = next;
    else
      entries_.get(entries_.ref_at(before))->next = next;
    if (user.inbox_last == index) user.inbox_last = before;
    --user.inbox_count;
    return;
  }
}

void Messaging::release(SlabRef ref) {
  texts_.release(entries_.get(ref)->text);
  entries_.erase(ref);
}

bool Messaging::is_blocked(const User& user, const Entry& entry) const {
  for (auto index = user.inbox_first; index != User::none;) {
    const auto& earlier = *entries_.get(entries_.ref_at(index));
    if (&earlier == &entry) return false;
    if (earlier.from == entry.from) return true;
    index = earlier.next;
  }
  return false;
}

void Messaging::pump(SessionRef session, User& user) {
  for (auto index = user.inbox_first; index != User::none && shard_.port.has_room(session);) {
    const auto ref = entries_.ref_at(index);
    auto& entry = *entries_.get(ref);
    if (!entry.in_flight && entry.keeping != Keeping::checking && !is_blocked(user, entry) &&
        !emit_entry(session, ref, entry))
      return;
    index = entry.next;
  }
}

/// Shows what a room told its user: as an event where the dialect knows rooms, else as a sentence.
bool Messaging::emit_room_notice(SessionRef session, SlabRef ref, const Entry& entry) {
  const model::Delivery delivery{tag_of(ref)};
  const auto fields = RoomNoticeText::split(as_chars(text_of(entry)));
  const auto notice = static_cast<model::RoomNotice>(entry.dialect_type);
  const auto sentence = room_notice_sentence(notice, fields);
  if (knows_rooms(shard_.port.facts(session)->dialect))
    return shard_.port.emit(session,
                            model::RoomEvent{model::RoomNoticed{entry.from, notice, fields.who, fields.nick,
                                                                fields.reason, fields.room, sentence}},
                            delivery);
  const model::Message message{.from = entry.from, .to = entry.to, .text = model::Text::utf8(sentence)};
  return entry.from_backlog
             ? shard_.port.emit(session, model::StoredMessageArrived{message, entry.accepted}, delivery)
             : shard_.port.emit(session, model::MessageArrived{message}, delivery);
}

bool Messaging::emit_entry(SessionRef session, SlabRef ref, Entry& entry) {
  if (model::is_room(entry.from)) {
    entry.in_flight = emit_room_notice(session, ref, entry);
    entry.shown |= entry.in_flight;
    return entry.in_flight;
  }
  const model::Message message{.from = entry.from,
                               .to = entry.to,
                               .kind = entry.kind,
                               .dialect_type = entry.dialect_type,
                               .text = {text_of(entry), entry.charset, as_bytes(entry.style)},
                               .name = entry.from_backlog ? entry.name : model::name_of(entry.key)};
  const model::Delivery delivery{tag_of(ref)};
  entry.in_flight = entry.from_backlog
                        ? shard_.port.emit(session, model::StoredMessageArrived{message, entry.accepted}, delivery)
                        : shard_.port.emit(session, model::MessageArrived{message}, delivery);
  entry.shown |= entry.in_flight;
  return entry.in_flight;
}

void Messaging::on_delivered(SessionRef session, User& user, std::uint64_t tag) {
  const auto ref = entry_of(tag);
  auto* entry = entries_.get(ref);
  if (entry == nullptr || entry->to != user.uin) return;
  unlink(user, ref);
  switch (entry->keeping) {
    case Keeping::live:
      ++shard_.counters.messages_live;
      done(entry->origin, entry->request, entry->to, MessageOutcome::delivered);
      release(ref);
      break;
    case Keeping::storing:
      // The store's answer finds the entry outside the inbox, and forgets the message there.
      done(entry->origin, entry->request, entry->to, MessageOutcome::delivered);
      entry->request = {};
      entry->confirmed = true;
      entry->next = entry_gone;
      break;
    case Keeping::checking: break;  // was never sent
    case Keeping::kept:
      ++shard_.counters.messages_delivered_kept;
      forget_kept(entry->to, entry->id);
      release(ref);
      break;
  }
  pump(session, user);
  continue_backlog(session, user);
}

void Messaging::on_time() {
  while (overdue_ < deadlines_.size() && deadlines_[overdue_].at <= shard_.now.steady) {
    const auto ref = deadlines_[overdue_++].entry;
    if (const auto* entry = entries_.get(ref); entry != nullptr && entry->keeping == Keeping::live) keep_entry(ref);
  }
  if (overdue_ == deadlines_.size()) {
    deadlines_.clear();
    overdue_ = 0;
  }
  retry_forgets();
  retry_unkept();
}

}  // namespace uhoh::service
