#include <fmt/format.h>

#include <utility>

#include "client/download_folder.hpp"
#include "client/icq_messenger.hpp"
#include "client/icq_text.hpp"
#include "text/convert.hpp"

/// What direct connections bring: messages, chats, files.
namespace uhoh::client {

namespace {
using model::Availability;

std::uint16_t ack_status_of(Availability availability) noexcept {
  switch (availability) {
    case Availability::away:
      return peer::ack::away;
    case Availability::not_available:
      return peer::ack::not_available;
    case Availability::occupied:
      return peer::ack::occupied;
    case Availability::do_not_disturb:
      return peer::ack::do_not_disturb;
    default:
      return peer::ack::accepted;
  }
}

std::uint16_t fetch_type_for(Availability availability) noexcept {
  switch (availability) {
    case Availability::not_available:
      return peer::fetch::not_available;
    case Availability::occupied:
      return peer::fetch::occupied;
    case Availability::do_not_disturb:
      return peer::fetch::do_not_disturb;
    default:
      return peer::fetch::away;
  }
}

bool wants_peace(Availability availability) noexcept {
  return availability == Availability::occupied || availability == Availability::do_not_disturb;
}
}  // namespace

// Messages.

std::optional<model::DirectContact> IcqMessenger::place_of(Uin uin) const {
  const auto at = present_.find(uin);
  if (at == present_.end()) return std::nullopt;
  return at->second.contact;
}

PeerAnswer IcqMessenger::automatic_answer() const {
  return {ack_status_of(status_.availability), to_legacy(away_message_, options_.charset), 0};
}

std::optional<PeerAnswer> IcqMessenger::on_peer_message(Uin from, const PeerRequest& request,
                                                        const PeerMessage& message) {
  if (peer::is_fetch(message.type)) return automatic_answer();
  switch (peer::layout_of(message.type)) {
    case peer::ChatMessage::command:
      return take_invitation(from, request, message);
    case peer::FileMessage::command:
      return take_file_offer(from, request, message);
    default:
      break;
  }
  constexpr std::uint16_t insisting = peer::flag::urgent | peer::flag::to_contact_list;
  // Who wants peace takes only what insists; the sender is told, and sends it again to the contact list.
  if (wants_peace(status_.availability) && (message.flags & insisting) == 0) return automatic_answer();
  const bool kept = listener_->on_message({from, kind_of_icq(message.type),
                                           from_icq_text(message.type, message.text, options_.charset),
                                           std::nullopt, true, (message.flags & peer::flag::urgent) != 0,
                                           (message.flags & peer::flag::to_contact_list) != 0});
  if (!kept) return PeerAnswer{peer::ack::refused, "It could not be kept", 0};
  PeerAnswer answer = automatic_answer();
  if (wants_peace(status_.availability)) answer.status = peer::ack::accepted;
  return answer;
}

void IcqMessenger::on_peer_ack(const PeerAck& ack) {
  if (const auto asked = asked_.extract(ack.token)) return take_answer(ack.token, asked.mapped(), ack);
  const auto at = outbox_.find(ack.token);
  if (at == outbox_.end()) return;
  Outgoing& message = at->second;
  constexpr std::uint16_t insisting = peer::flag::urgent | peer::flag::to_contact_list;
  const bool returned = ack.status == peer::ack::occupied || ack.status == peer::ack::do_not_disturb;
  if (returned && (message.flags & insisting) == 0) {
    message.flags = peer::flag::to_contact_list;
    message.was_returned = true;
    // What he said is told at once: the acknowledgement of the second try need not repeat it.
    listener_->on_away_message(ack.from, to_clean_utf8(ack.text, options_.charset));
    if (!links_.send(message.to, {message.text.type, message.flags, message.text.text, {}}, ack.token,
                     peer_io()))
      message.way = Outgoing::Way::waits;
    return;
  }
  if (ack.status == peer::ack::refused)
    return not_sent(ack.token, fmt::format("It was refused: {}", to_clean_utf8(ack.text, options_.charset)));
  sent(ack.token, true, &ack);
}

void IcqMessenger::on_peer_undelivered(Uin to, std::uint64_t token, bool untouched) {
  // Also one whose address the other does not know is refused there: the next try goes through the server.
  unreachable_[to] = now_;
  if (const auto asked = asked_.extract(token))
    return unanswered(asked.mapped(),
                      untouched ? "The other can't be reached directly" : "There was no answer");
  const auto at = outbox_.find(token);
  if (at == outbox_.end()) return;
  if (!untouched)
    return not_sent(token,
                    "The direct connection broke before the other side acknowledged; it may have arrived");
  at->second.way = Outgoing::Way::waits;
}

void IcqMessenger::on_peer_refused(const std::string& line) { listener_->on_notice(line); }

bool IcqMessenger::ask(std::uint64_t number, const PeerMessage& message, const Asked& asked) {
  asked_[number] = asked;
  if (links_.send(asked.who, message, number, peer_io())) return true;
  asked_.erase(number);
  return false;
}

bool IcqMessenger::fetch_away_message(Uin uin, Instant now) {
  now_ = now;
  const auto at = present_.find(uin);
  const Availability shown = at == present_.end() ? Availability::away : at->second.status.availability;
  return ask(++last_number_, {.type = fetch_type_for(shown)}, {Asked::What::away_message, uin});
}

void IcqMessenger::unanswered(const Asked& asked, const std::string& why) {
  switch (asked.what) {
    case Asked::What::away_message:
      return listener_->on_notice(
          fmt::format("The away message of {} can't be fetched: {}", asked.who.value, why));
    case Asked::What::chat:
      if (chats_.people_in(asked.chat).empty()) chats_.leave(asked.chat, peer_io());
      return listener_->on_chat_left(asked.chat, asked.who, why);
    case Asked::What::files:
      files_.cancel(asked.transfer, peer_io());
      return listener_->on_transfer_end(asked.transfer, false, why);
  }
}

void IcqMessenger::take_answer(std::uint64_t, const Asked& asked, const PeerAck& ack) {
  const std::string text = to_clean_utf8(ack.text, options_.charset);
  if (asked.what == Asked::What::away_message) return listener_->on_away_message(ack.from, text);
  const bool refused = ack.status == peer::ack::refused;
  const auto place = place_of(ack.from);
  if (refused || !place)
    return unanswered(asked, text.empty() ? "It was refused" : fmt::format("It was refused: {}", text));
  const Endpoint to{address_to_reach(*place, links_.self().outer_ip), ack.port};
  if (asked.what == Asked::What::files) {
    if (ack.port == 0) return unanswered(asked, "The other named no port");
    return files_.begin_to_send(asked.transfer, to, peer_io());
  }
  // Who was invited into a running chat comes by himself, and names no port.
  if (ack.port != 0 && chats_.people_in(asked.chat).empty())
    chats_.connect(asked.chat, ack.from, to, links_.self(), peer_io());
}

void IcqMessenger::on_peer_cancel(Uin from, const PeerRequest& request) {
  for (const auto& [id, waiting] : requests_) {
    if (waiting.from != from || waiting.peer.stream != request.stream ||
        waiting.peer.sequence != request.sequence)
      continue;
    const RequestId gone = id;
    requests_.erase(gone);
    return listener_->on_request_withdrawn(gone);
  }
}

std::optional<IcqMessenger::Request> IcqMessenger::take_request(RequestId request) {
  const auto node = requests_.extract(request);
  if (node.empty()) return std::nullopt;
  return node.mapped();
}

void IcqMessenger::refuse(RequestId request, std::string_view reason, Instant now) {
  now_ = now;
  const auto asked = take_request(request);
  if (asked)
    links_.answer(asked->peer, {peer::ack::refused, to_legacy(reason, options_.charset), 0}, peer_io());
}

// Chats.

std::optional<PeerAnswer> IcqMessenger::take_invitation(Uin from, const PeerRequest& request,
                                                        const PeerMessage& message) {
  const auto id = static_cast<RequestId>(numbers_.plain());
  requests_[id] = {request, from, message.extra};
  listener_->on_chat_invitation(id, {from, to_clean_utf8(message.text, options_.charset),
                                     to_clean_utf8(message.extra.name, options_.charset)});
  return std::nullopt;
}

ChatId IcqMessenger::invite(Uin who, std::string_view reason, ChatId chat, Instant now) {
  now_ = now;
  const bool is_new = chat == ChatId::none;
  if (is_new) chat = chats_.create(who, peer_io());
  if (chat == ChatId::none || chats_.port_of(chat) == 0) return ChatId::none;
  const std::string text = to_legacy(reason, options_.charset);
  PeerMessage message{.type = peer::ChatMessage::command, .text = text};
  if (!is_new) message.extra = {chats_.names_in(chat), 0, chats_.port_of(chat)};
  if (ask(++last_number_, message, {Asked::What::chat, who, chat})) return chat;
  if (is_new) chats_.leave(chat, peer_io());
  return ChatId::none;
}

ChatId IcqMessenger::accept_chat(RequestId request, Instant now) {
  now_ = now;
  const auto asked = take_request(request);
  if (!asked) return ChatId::none;
  const ChatId chat = chats_.create(asked->from, peer_io());
  if (chat == ChatId::none) return chat;
  const bool is_running = asked->extra.port != 0;
  const auto place = place_of(asked->from);
  const std::uint16_t port = is_running && place ? std::uint16_t{0} : chats_.port_of(chat);
  if (!links_.answer(asked->peer, {peer::ack::accepted, {}, port}, peer_io())) {
    chats_.leave(chat, peer_io());
    return ChatId::none;
  }
  if (port == 0)
    chats_.connect(chat, asked->from, {address_to_reach(*place, links_.self().outer_ip), asked->extra.port},
                   links_.self(), peer_io());
  return chat;
}

void IcqMessenger::set_chat_line(ChatId chat, std::string_view line, Instant now) {
  now_ = now;
  chats_.set_line(chat, to_legacy(line, options_.charset), peer_io());
}

void IcqMessenger::end_chat_line(ChatId chat, Instant now) {
  now_ = now;
  chats_.end_line(chat, peer_io());
}

void IcqMessenger::leave_chat(ChatId chat, Instant now) {
  now_ = now;
  for (const auto& [number, asked] : asked_)
    if (asked.what == Asked::What::chat && asked.chat == chat) (void)links_.withdraw(number, peer_io());
  std::erase_if(asked_,
                [&](const auto& e) { return e.second.what == Asked::What::chat && e.second.chat == chat; });
  chats_.leave(chat, peer_io());
}

void IcqMessenger::on_chat_joined(ChatId chat, Uin who, std::string_view name) {
  listener_->on_chat_joined(chat, who, to_clean_utf8(name, options_.charset));
}

void IcqMessenger::on_chat_line(ChatId chat, Uin who, std::string_view line, bool is_whole) {
  listener_->on_chat_line(chat, who, to_clean_utf8(line, options_.charset), is_whole);
}

void IcqMessenger::on_chat_beep(ChatId chat, Uin who) { listener_->on_chat_beep(chat, who); }

void IcqMessenger::on_chat_left(ChatId chat, Uin who) { listener_->on_chat_left(chat, who, {}); }

void IcqMessenger::on_chat_refused(ChatId, const std::string& line) { listener_->on_notice(line); }

// Files.

std::optional<PeerAnswer> IcqMessenger::take_file_offer(Uin from, const PeerRequest& request,
                                                        const PeerMessage& message) {
  std::string name;
  text::to_utf8(options_.charset, as_bytes(message.extra.name), name);
  if (const auto safe = safe_file_name(name); !safe) {
    listener_->on_notice(fmt::format("An offer of {} is refused. {}", from.value, safe.error()));
    return PeerAnswer{peer::ack::refused, "This file name is not taken", 0};
  }
  const auto id = static_cast<RequestId>(numbers_.plain());
  requests_[id] = {request, from, message.extra};
  listener_->on_file_offer(id,
                           {from, name, to_clean_utf8(message.text, options_.charset), message.extra.size});
  return std::nullopt;
}

std::expected<TransferId, std::string> IcqMessenger::offer_files(Uin to,
                                                                 const std::vector<std::string>& paths,
                                                                 std::string_view description, Instant now) {
  now_ = now;
  auto transfer = files_.offer(to, paths);
  if (!transfer) return transfer;
  const std::string text = to_legacy(description, options_.charset);
  const PeerMessage message{
      .type = peer::FileMessage::command, .text = text, .extra = files_.description_of(*transfer)};
  if (ask(++last_number_, message, {Asked::What::files, to, ChatId::none, *transfer})) return transfer;
  files_.cancel(*transfer, peer_io());
  return std::unexpected(
      "Files go directly, and it is not known where the other can be reached: he is offline, or "
      "hides his address");
}

std::expected<TransferId, std::string> IcqMessenger::accept_files(RequestId request, Instant now) {
  now_ = now;
  const auto asked = take_request(request);
  if (!asked) return std::unexpected("The offer is gone");
  auto transfer = files_.begin_to_receive(asked->from, asked->extra, peer_io());
  if (!transfer) {
    links_.answer(asked->peer, {peer::ack::refused, {}, 0}, peer_io());
    return transfer;
  }
  if (links_.answer(asked->peer, {peer::ack::accepted, {}, files_.port_of(*transfer)}, peer_io()))
    return transfer;
  files_.cancel(*transfer, peer_io());
  return std::unexpected("The other has gone");
}

void IcqMessenger::cancel_transfer(TransferId transfer, Instant now) {
  now_ = now;
  for (const auto& [number, asked] : asked_)
    if (asked.transfer == transfer) (void)links_.withdraw(number, peer_io());
  std::erase_if(asked_,
                [&](const auto& e) { return e.second.transfer == transfer && transfer != TransferId::none; });
  files_.cancel(transfer, peer_io());
}

bool IcqMessenger::set_speed(TransferId transfer, std::uint32_t percent, Instant now) {
  now_ = now;
  return files_.set_speed(transfer, percent, peer_io());
}

void IcqMessenger::on_transfer_progress(TransferId transfer, const TransferProgress& progress) {
  listener_->on_transfer_progress(transfer, progress);
}

void IcqMessenger::on_transfer_file(TransferId transfer, const std::string& name, const std::string& path) {
  listener_->on_transfer_file(transfer, name, path);
}

void IcqMessenger::on_transfer_done(TransferId transfer) { listener_->on_transfer_end(transfer, true, {}); }

void IcqMessenger::on_transfer_failed(TransferId transfer, const std::string& line) {
  listener_->on_transfer_end(transfer, false, line);
}

std::string IcqMessenger::to_wire(std::string_view utf8) const { return to_legacy(utf8, options_.charset); }

std::string IcqMessenger::from_wire(std::string_view legacy) const {
  // Control characters stay: names are judged, not mended.
  std::string utf8;
  text::to_utf8(options_.charset, as_bytes(legacy), utf8);
  return utf8;
}

}  // namespace uhoh::client
