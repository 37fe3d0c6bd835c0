#include "service/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace uhoh::service {
namespace {

using bus::FileEnd;
using model::SessionRef;

constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_part = 65'527;
/// Offers that one shard's users may have open; they hold no content.
constexpr std::size_t most_outgoing = 16'384;
/// Offers that wait for one user's answer.
constexpr std::size_t most_offers_to_one = 16;
/// More is not given to a connection that has so much to write: messages must find their turn.
constexpr std::size_t connection_mark = std::size_t{48} << 10;
/// The sender isn't read while more than this is on its way, and is read again at half of it.
constexpr std::uint32_t window = 64U << 10;
constexpr std::uint32_t resume_mark = window / 2;
/// Credit is given in such pieces; smaller than `resume_mark`, or nobody would be read again.
constexpr std::uint32_t credit_piece = window / 4;
/// What the smallest part counts for, so that mailboxes are not filled with tiny ones.
constexpr std::uint32_t least_weight = 512;
constexpr Duration check_interval = std::chrono::seconds{1};
/// A half that hears nothing from the other gives up so much later than that one would.
constexpr Duration orphan_grace = std::chrono::minutes{1};

std::uint32_t weight_of(Bytes part) noexcept {
  return std::max(static_cast<std::uint32_t>(part.size()), least_weight);
}

/// What the sender is told, with the recipient's number; empty: nothing besides the answer.
std::string_view sender_text(FileEnd why) noexcept {
  switch (why) {
    case FileEnd::declined:
    case FileEnd::withdrawn:
    case FileEnd::sender_left:
      return {};
    case FileEnd::not_online:
      return "{} is not online: files are not kept for later.";
    case FileEnd::incapable:
      return "The client of {} can't take files through the server.";
    case FileEnd::too_many:
      return "{} has too many files on offer: please try again later.";
    case FileEnd::recipient_left:
      return "Your file did not get through: {} has left.";
    case FileEnd::unanswered:
      return "{} did not answer your offer of a file in time.";
    case FileEnd::idle:
      return "Your file to {} was given up: nothing more of it came.";
    case FileEnd::stalled:
      return "Your file to {} was given up: the other side took nothing more of it.";
    case FileEnd::too_long:
      return "Your file to {} was given up: more bytes came than were offered.";
    case FileEnd::lost:
      return "The server could not carry your file to {} on: please try again later.";
  }
  return {};
}

/// What the recipient is told, with the sender's number.
std::string_view recipient_text(FileEnd why) noexcept {
  switch (why) {
    case FileEnd::declined:
    case FileEnd::not_online:
    case FileEnd::incapable:
    case FileEnd::too_many:
      return {};
    case FileEnd::withdrawn:
      return "{} does not send the file after all.";
    case FileEnd::sender_left:
      return "The file did not get through: {} has left.";
    case FileEnd::recipient_left:
      return "The file did not get through: {} can't see you any more.";
    case FileEnd::unanswered:
      return "The offer of a file from {} is over: it was not answered in time.";
    case FileEnd::idle:
      return "The file from {} was given up: nothing more of it came.";
    case FileEnd::stalled:
      return "The file from {} was given up: your side took nothing more of it.";
    case FileEnd::too_long:
      return "The file from {} was given up: more bytes came than were offered.";
    case FileEnd::lost:
      return "The server could not carry the file from {} on.";
  }
  return {};
}

/// The halves of one user in a map that is ordered by him.
template <class Halves>
auto halves_of(Halves& halves, Uin own) {
  using Key = typename std::remove_cvref_t<Halves>::key_type;
  return std::ranges::subrange(halves.lower_bound(Key{own, Uin{0}}),
                               halves.upper_bound(Key{own, Uin{0xFFFFFFFF}}));
}

/// The keys of a user's halves (of which there are few), so that they can be ended in turn.
template <class Halves>
auto keys_of(Halves& halves, Uin own) {
  std::vector<typename Halves::key_type> keys;
  for (const auto& [key, half] : halves_of(halves, own)) keys.push_back(key);
  return keys;
}

}  // namespace

void Files::start_clock() {
  if (empty()) next_check_ = shard_.now.steady + check_interval;
}

bool Files::post(const Key& from, std::uint64_t transfer, bool to_sender, Step&& step) {
  bus::FileMail mail{.from = to_sender ? from.other : from.own,
                     .to = to_sender ? from.own : from.other,
                     .transfer = transfer,
                     .step = std::move(step)};
  const auto shard = shard_of(from.other, shard_.shards);
  if (shard == shard_.self) {
    on_mail(std::move(mail));
    return true;
  }
  if (shard_.bus.send(shard, std::move(mail))) return true;
  ++shard_.counters.mail_lost;
  return false;
}

void Files::tell(SessionRef session, Uin other, FileEnd why, bool is_sender) {
  const auto text = is_sender ? sender_text(why) : recipient_text(why);
  const bool own_wish = is_sender ? why == FileEnd::withdrawn : why == FileEnd::declined;
  if (!own_wish) shard_.port.emit(session, model::FileAnswered{.from = other, .allow = false}, {});
  if (!text.empty())
    shard_.port.emit(session, model::SystemNotice{fmt::format(fmt::runtime(text), other.value)}, {});
}

// ---- the sender
// --------------------------------------------------------------------------------------------------

void Files::refuse(const model::RequestContext& context, Uin to, std::string_view why) {
  ++shard_.counters.files_refused;
  shard_.port.reply(context.request, model::FileAnswered{.from = to, .allow = false});
  shard_.port.reply(context.request, model::SystemNotice{why});
}

void Files::complain(const model::RequestContext& context, std::string_view why) {
  auto& user = shard_.users.at(context.session);
  // What was under way when a transfer ended would otherwise bring a notice for each part.
  if (shard_.tick_of(shard_.now.steady) < user.notice_at) return;
  user.notice_at = shard_.tick_of(shard_.now.steady + std::chrono::seconds{10});
  shard_.port.reply(context.request, model::SystemNotice{why});
}

void Files::offer(const model::OfferFile& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  const auto& options = shard_.options.files;
  const Key key{shard_.users.at(context.session).uin, command.to};
  if (!context.over_stream)
    return refuse(context, key.other, "Files go through the server over TCP only: please connect that way.");
  if (!key.other.is_account() || key.other == key.own || key.other == system_uin)
    return refuse(context, key.other, fmt::format("{} takes no files.", key.other.value));
  if (command.bytes > options.max_bytes || command.name.bytes.size() > longest_name)
    return refuse(context, key.other,
                  fmt::format("This server carries files of up to {} bytes, with names of up to {}.",
                              options.max_bytes, longest_name));
  const Offer offer{.name = std::string{as_chars(command.name.bytes)},
                    .charset = command.name.charset,
                    .bytes = command.bytes};
  if (const auto open = outgoing_.find(key); open != outgoing_.end()) {
    // The next file may be offered as soon as the last byte of this one is sent.
    if (open->second.stage == Stage::sent && !open->second.next) {
      open->second.next = offer;
      return;
    }
    ++shard_.counters.files_refused;
    return shard_.port.reply(
        context.request, model::SystemNotice{fmt::format("You have offered {} a file already: one at a time.",
                                                         key.other.value)});
  }
  if (std::ranges::distance(halves_of(outgoing_, key.own)) >= options.transfers_per_user)
    return refuse(context, key.other, "You have too many files under way: please wait for one to end.");
  if (outgoing_.size() >= most_outgoing)
    return refuse(context, key.other, "The server has too many files under way: please try again later.");
  begin(key, context.session, offer);
}

void Files::begin(const Key& key, SessionRef session, const Offer& offer) {
  start_clock();
  ++shard_.counters.files_offered;
  const auto transfer = ++transfers_begun_;
  const auto [at, is_new] = outgoing_.try_emplace(key);
  if (!UHOH_CHECK(is_new)) return;
  at->second = {.transfer = transfer, .session = session, .bytes = offer.bytes, .since = shard_.now.steady};
  bus::FileOffer step{
      .bytes = offer.bytes, .charset = offer.charset, .name = bus::InlineBytes{as_bytes(offer.name)}};
  if (!post(key, transfer, false, std::move(step))) end(outgoing_.find(key), FileEnd::lost, false);
}

void Files::send_part(const model::SendFilePart& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  if (!context.over_stream) return complain(context, "Files go through the server over TCP only.");
  const Key key{shard_.users.at(context.session).uin, command.to};
  const auto at = outgoing_.find(key);
  if (at == outgoing_.end() || at->second.stage != Stage::flowing)
    return complain(context, fmt::format("{} waits for no part of a file from you.", key.other.value));
  auto& half = at->second;
  if (command.part.size() > half.bytes - half.sent) return end(at, FileEnd::too_long, true);
  shard_.counters.file_bytes += command.part.size();
  for (auto rest = command.part; !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), longest_part));
    rest = rest.subspan(part.size());
    half.sent += static_cast<std::uint32_t>(part.size());
    half.on_its_way += weight_of(part);
    half.since = shard_.now.steady;
    if (half.sent == half.bytes) half.stage = Stage::sent;
    if (half.on_its_way > window && !half.pauses_sender) {
      half.pauses_sender = true;
      ++shard_.counters.file_pauses;
      shard_.port.pause_reading(half.session, true);
    }
    const auto transfer = half.transfer;
    if (shard_.is_mine(key.other)) {
      const auto incoming = incoming_.find({key.other, key.own});
      if (incoming != incoming_.end() && incoming->second.transfer == transfer) take(incoming, part, nullptr);
    } else if (!post(key, transfer, false, bus::FilePart{{part.begin(), part.end()}})) {
      return end(at, FileEnd::lost, true);
    }
    if (const auto still = outgoing_.find(key);
        still == outgoing_.end() || still->second.transfer != transfer)
      return;
  }
}

Files::Outgoings::iterator Files::find_outgoing(const bus::FileMail& mail) {
  const auto at = outgoing_.find({mail.from, mail.to});
  return at != outgoing_.end() && at->second.transfer == mail.transfer ? at : outgoing_.end();
}

void Files::end(Outgoings::iterator at, FileEnd why, bool tell_other) {
  const auto key = at->first;
  const auto half = std::move(at->second);
  outgoing_.erase(at);
  ++(half.stage == Stage::offered ? shard_.counters.files_refused : shard_.counters.files_broken_off);
  if (half.pauses_sender) let_read(key.own, half.session);
  tell(half.session, key.other, why, true);
  if (tell_other) post(key, half.transfer, false, bus::FileEnded{.why = why, .to_sender = false});
  if (half.next && why != FileEnd::sender_left) begin(key, half.session, *half.next);
}

bool Files::is_paused(Uin sender) const {
  return std::ranges::any_of(halves_of(outgoing_, sender),
                             [](const auto& entry) { return entry.second.pauses_sender; });
}

void Files::let_read(Uin sender, SessionRef session) {
  if (is_paused(sender)) return;
  // While he was not read, none of his files could go on.
  for (auto& [key, half] : halves_of(outgoing_, sender))
    if (half.stage == Stage::flowing) half.since = shard_.now.steady;
  shard_.port.pause_reading(session, false);
}

std::optional<FileEnd> Files::overdue(const Key& key, const Outgoing& half) const {
  const auto& options = shard_.options.files;
  const auto waited = shard_.now.steady - half.since;
  switch (half.stage) {
    case Stage::offered:
      if (waited >= options.offer_time) return FileEnd::unanswered;
      break;
    case Stage::flowing:
      if (half.pauses_sender && waited >= options.stall_time) return FileEnd::stalled;
      if (waited >= options.idle_time && !is_paused(key.own)) return FileEnd::idle;
      break;
    case Stage::sent:
      if (waited >= options.stall_time) return FileEnd::stalled;
      break;
  }
  return {};
}

void Files::on_step(const bus::FileMail& mail, bus::FileAccepted&) {
  const auto at = find_outgoing(mail);
  if (at == outgoing_.end() || at->second.stage != Stage::offered) return;
  auto& half = at->second;
  half.stage = half.bytes > 0 ? Stage::flowing : Stage::sent;
  half.since = shard_.now.steady;
  shard_.port.emit(half.session, model::FileAnswered{.from = mail.to, .allow = true}, {});
}

void Files::on_step(const bus::FileMail& mail, bus::FileCredit& step) {
  const auto at = find_outgoing(mail);
  if (at == outgoing_.end()) return;
  auto& half = at->second;
  half.on_its_way -= std::min(half.on_its_way, step.weight);
  if (half.stage == Stage::sent) half.since = shard_.now.steady;
  if (!half.pauses_sender || half.on_its_way > resume_mark) return;
  half.pauses_sender = false;
  let_read(mail.from, half.session);
}

void Files::on_step(const bus::FileMail& mail, bus::FileTaken&) {
  const auto at = find_outgoing(mail);
  if (at == outgoing_.end()) return;
  const auto half = std::move(at->second);
  outgoing_.erase(at);
  if (half.pauses_sender) let_read(mail.from, half.session);
  if (half.next) begin({mail.from, mail.to}, half.session, *half.next);
}

void Files::on_step(const bus::FileMail& mail, bus::FileEnded& step) {
  if (step.to_sender) {
    if (const auto at = find_outgoing(mail); at != outgoing_.end()) end(at, step.why, false);
  } else {
    if (const auto at = find_incoming(mail); at != incoming_.end()) end(at, step.why, false);
  }
}

// ---- the recipient
// -----------------------------------------------------------------------------------------------

std::optional<FileEnd> Files::refusal_of(const Key& key) {
  const auto session = shard_.port.find_session(key.own);
  const auto* facts = shard_.port.facts(session);
  if (facts == nullptr || facts->restored || is_hidden_from(shard_.users.at(session), key.other))
    return FileEnd::not_online;
  const bool can = facts->dialect == model::DialectId::oicq || facts->dialect == model::DialectId::web;
  if (!can || !facts->stream) return FileEnd::incapable;
  const auto offers = std::ranges::count_if(halves_of(incoming_, key.own),
                                            [](const auto& entry) { return !entry.second.accepted; });
  if (std::cmp_greater_equal(offers, most_offers_to_one)) return FileEnd::too_many;
  return {};
}

void Files::on_step(const bus::FileMail& mail, bus::FileOffer& step) {
  const Key key{mail.to, mail.from};
  auto refusal = refusal_of(key);
  const auto session = shard_.port.find_session(key.own);
  if (const auto old = incoming_.find(key); old != incoming_.end()) {
    if (old->second.accepted && old->second.arrived == old->second.bytes)
      refusal = FileEnd::too_many;  // its sender was here before, and it is all but through
    else
      end(old, FileEnd::lost, false);  // its end was lost on the way
  }
  if (!refusal &&
      !shard_.port.emit(session,
                        model::FileOffered{
                            .from = mail.from, .name = {step.name.view(), step.charset}, .bytes = step.bytes},
                        {}))
    refusal = FileEnd::too_many;
  if (refusal) {
    post(key, mail.transfer, true, bus::FileEnded{.why = *refusal, .to_sender = true});
    return;
  }
  start_clock();
  incoming_[key] = {
      .transfer = mail.transfer, .session = session, .bytes = step.bytes, .since = shard_.now.steady};
}

void Files::answer(const model::AnswerFile& command, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  const Key key{shard_.users.at(context.session).uin, command.from};
  if (const auto at = incoming_.find(key); at != incoming_.end()) {
    if (!command.allow) return end(at, FileEnd::declined, true);
    if (!at->second.accepted) accept(at, context);
    return;
  }
  if (!command.allow)
    if (const auto own = outgoing_.find(key); own != outgoing_.end())
      return end(own, FileEnd::withdrawn, true);
  shard_.port.reply(context.request,
                    model::SystemNotice{fmt::format("{} offers you no file.", key.other.value)});
}

void Files::accept(Incomings::iterator at, const model::RequestContext& context) {
  const auto& options = shard_.options.files;
  const auto is_accepted = [](const auto& entry) { return entry.second.accepted; };
  const bool too_many =
      std::ranges::count_if(halves_of(incoming_, at->first.own), is_accepted) >= options.transfers_per_user;
  const bool all_too_many = std::ranges::count_if(incoming_, is_accepted) >=
                            (options.transfers + shard_.shards - 1) / shard_.shards;
  if (too_many || all_too_many) {
    ++shard_.counters.files_put_off;
    return shard_.port.reply(
        context.request,
        model::SystemNotice{too_many
                                ? "You have too many files under way: please wait for one to end."
                                : "The server has too many files under way: please accept again later."});
  }
  const auto key = at->first;
  auto& half = at->second;
  half.accepted = true;
  half.since = shard_.now.steady;
  const auto transfer = half.transfer;
  if (!post(key, transfer, true, bus::FileAccepted{})) return end(at, FileEnd::lost, false);
  if (half.bytes == 0) settle(at);
}

Files::Incomings::iterator Files::find_incoming(const bus::FileMail& mail) {
  const auto at = incoming_.find({mail.to, mail.from});
  return at != incoming_.end() && at->second.transfer == mail.transfer ? at : incoming_.end();
}

void Files::on_step(const bus::FileMail& mail, bus::FilePart& step) {
  if (const auto at = find_incoming(mail); at != incoming_.end()) take(at, step.bytes, &step.bytes);
}

/// Takes a part for the recipient; `owned` holds its bytes where they may be kept without copying them.
void Files::take(Incomings::iterator at, Bytes part, std::vector<std::uint8_t>* owned) {
  auto& [key, half] = *at;
  if (!UHOH_CHECK(half.accepted && part.size() <= half.bytes - half.arrived)) return;
  half.arrived += static_cast<std::uint32_t>(part.size());
  half.since = shard_.now.steady;
  if (!half.held.empty() || !pass_on(key, half, part)) {
    held_bytes_ += part.size();
    if (owned != nullptr)
      half.held.push_back(std::move(*owned));
    else
      half.held.emplace_back(part.begin(), part.end());
  }
  settle(at);
}

bool Files::pass_on(const Key& key, Incoming& half, Bytes part) {
  if (shard_.port.unwritten_bytes(half.session) > connection_mark ||
      !shard_.port.emit(half.session, model::FilePartArrived{.from = key.other, .part = part}, {}))
    return false;
  half.passed_on += weight_of(part);
  return true;
}

void Files::drain(Incomings::iterator at) {
  auto& [key, half] = *at;
  if (half.held.empty()) return;
  while (!half.held.empty() && pass_on(key, half, half.held.front())) {
    held_bytes_ -= half.held.front().size();
    half.held.pop_front();
  }
  settle(at);
}

/// Completes a transfer that has wholly been passed on, or tells the sender's side how far it is.
void Files::settle(Incomings::iterator at) {
  const auto key = at->first;
  auto& half = at->second;
  const auto transfer = half.transfer;
  if (half.arrived == half.bytes && half.held.empty()) {
    ++shard_.counters.files_completed;
    remove(at);
    post(key, transfer, true, bus::FileTaken{});
  } else if (half.passed_on >= credit_piece) {
    const auto weight = std::exchange(half.passed_on, 0);
    post(key, transfer, true, bus::FileCredit{weight});
  }
}

void Files::remove(Incomings::iterator at) {
  for (const auto& part : at->second.held) held_bytes_ -= part.size();
  incoming_.erase(at);
}

void Files::end(Incomings::iterator at, FileEnd why, bool tell_other) {
  const auto key = at->first;
  const auto session = at->second.session;
  const auto transfer = at->second.transfer;
  remove(at);
  tell(session, key.other, why, false);
  if (tell_other) post(key, transfer, true, bus::FileEnded{.why = why, .to_sender = true});
}

std::optional<FileEnd> Files::overdue(const Incoming& half) const {
  const auto& options = shard_.options.files;
  const auto waited = shard_.now.steady - half.since;
  if (!half.accepted) {
    if (waited >= options.offer_time + orphan_grace) return FileEnd::unanswered;
  } else if (waited >= options.idle_time + options.stall_time + orphan_grace) {
    return FileEnd::lost;
  }
  return {};
}

// ---- both
// --------------------------------------------------------------------------------------------------------

void Files::on_mail(bus::FileMail&& mail) {
  std::visit([&](auto& step) { on_step(mail, step); }, mail.step);
}

void Files::on_room(SessionRef session) {
  if (incoming_.empty()) return;
  for (const auto& key : keys_of(incoming_, shard_.users.at(session).uin))
    if (const auto at = incoming_.find(key); at != incoming_.end()) drain(at);
}

void Files::on_session_end(SessionRef session) {
  if (empty()) return;
  const auto own = shard_.users.at(session).uin;
  for (const auto& key : keys_of(outgoing_, own)) {
    const auto at = outgoing_.find(key);
    if (at == outgoing_.end()) continue;
    if (at->second.stage == Stage::sent)
      outgoing_.erase(at);  // all of it is here: the recipient gets it without him
    else
      end(at, FileEnd::sender_left, true);
  }
  for (const auto& key : keys_of(incoming_, own))
    if (const auto at = incoming_.find(key); at != incoming_.end()) end(at, FileEnd::recipient_left, true);
}

void Files::on_sight_changed(const User& user) {
  if (incoming_.empty()) return;
  for (const auto& key : keys_of(incoming_, user.uin))
    if (const auto at = incoming_.find(key); at != incoming_.end() && is_hidden_from(user, key.other))
      end(at, FileEnd::recipient_left, true);
}

void Files::on_time() {
  if (empty() || shard_.now.steady < next_check_) return;
  next_check_ = shard_.now.steady + check_interval;
  std::vector<std::pair<Key, FileEnd>> late;
  for (const auto& [key, half] : outgoing_)
    if (const auto why = overdue(key, half)) late.emplace_back(key, *why);
  for (const auto& [key, why] : late)
    if (const auto at = outgoing_.find(key); at != outgoing_.end()) end(at, why, true);
  late.clear();
  std::vector<Key> waiting;
  for (const auto& [key, half] : incoming_) {
    if (const auto why = overdue(half)) late.emplace_back(key, *why);
    if (!half.held.empty()) waiting.push_back(key);
  }
  for (const auto& [key, why] : late)
    if (const auto at = incoming_.find(key); at != incoming_.end()) end(at, why, true);
  for (const auto& key : waiting)
    if (const auto at = incoming_.find(key); at != incoming_.end()) drain(at);
}

}  // namespace uhoh::service
