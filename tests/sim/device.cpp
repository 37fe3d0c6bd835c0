#include "device.hpp"

#include "base/hash.hpp"
#include "dialect/icq/frame.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::sim {

void Device::begin_session(unsigned name) {
  session = name;
  login = 0;
  stored_end = false;
  lists_sent = lists_processed = 0;
  online.clear();
  pending.clear();
  shown_packets_.clear();
  sent_packets_.clear();
}

void Device::send(Bytes datagram) {
  const auto header = icq::sniff_client(datagram);
  if (!header || header->command == icq::ClientAck::command) return owner_.transmit(*this, datagram);
  const bool is_new = sent_packets_.emplace(header->seq.value, content_hash(datagram)).second;
  if (is_new) ++pending[header->command];
  // Somebody whose log-in is not answered presses the button again.
  if (!is_new && program_ == Program::never_resends && header->command != icq::Login::command) return;
  const unsigned copies = program_ == Program::six_copies ? 6 : 1;
  for (unsigned i = 0; i < copies; ++i) owner_.transmit(*this, datagram);
}

void Device::receive(const Transit& transit) {
  if (is_dead) return;
  const auto header = icq::sniff_server(transit.datagram.bytes);
  transit_ = &transit;
  const bool is_message =
      header && (header->command == icq::OnlineMessage::command || header->command == icq::StoredMessage::command);
  if (is_message && program_ == Program::shows_repeats &&
      shown_packets_.contains({transit.login, header->seq.value})) {
    const Bytes payload = Bytes{transit.datagram.bytes}.subspan(header->header_size);
    if (header->command == icq::OnlineMessage::command) {
      if (const auto m = icq::decode_server<icq::OnlineMessage>(payload))
        owner_.shown(*this, m->sender, m->message.type, m->message.text, transit);
    } else if (const auto m = icq::decode_server<icq::StoredMessage>(payload)) {
      owner_.shown(*this, m->sender, m->message.type, m->message.text, transit);
    }
  }
  client_.on_datagram(transit.datagram.bytes, io(transit.at));
  transit_ = nullptr;
}

void Device::on_online(const IpAddress&) {
  login = transit_->login;
  life = transit_->life;
  owner_.came_online(*this);
}

void Device::on_contact_online(const model::ContactPresence& contact) {
  online[contact.uin] = contact.status.dialect_code;
}

void Device::on_contact_status(Uin uin, const model::Status& status) {
  // A change of status of somebody who was not announced tells nothing to most clients.
  if (const auto known = online.find(uin); known != online.end()) known->second = status.dialect_code;
}

bool Device::on_message(const client::IncomingMessage& message) {
  shown_packets_.emplace(transit_->login, message.sequence.value);
  owner_.shown(*this, message.from, message.type, message.text, *transit_);
  return true;
}

void Device::on_acknowledged(const client::Acknowledgement& what) {
  if (auto& count = pending[what.command]; count > 0) --count;
  if (what.command == icq::ContactList::command) ++lists_sent;
  owner_.acknowledged(*this, what);
}

}  // namespace uhoh::sim
