#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/network.hpp"
#include "dialect/peer/messages.hpp"
#include "dialect/peer/packet_stream.hpp"
#include "model/presence.hpp"

namespace uhoh::client {

/// Who this client is towards others.
struct PeerSelf {
  Uin uin;
  std::uint32_t outer_ip = 0;  ///< IPv4 in host order, as the server sees it
  std::uint32_t inner_ip = 0;
  std::uint16_t port = 0;  ///< where it takes connections
  std::uint32_t version = 3;
  std::string name;  ///< for chats and files, in the account's charset
};

/// What stands in a chat request or an offer of files besides its text.
struct PeerExtra {
  std::string name;        ///< file's name, or who is in the chat
  std::uint32_t size = 0;  ///< of files
  std::uint16_t port = 0;  ///< where to connect; 0: nowhere
};

/// A message to another client. Text is in the account's charset.
struct PeerMessage {
  std::uint16_t type = 1;
  std::uint16_t flags = peer::flag::normal;
  std::string_view text;
  PeerExtra extra;
};

/// Names a message that came in, to answer it later.
struct PeerRequest {
  StreamId stream = StreamId::none;
  std::uint32_t sequence = 0;
  std::uint16_t type = 0;
};

/// How a message is answered.
struct PeerAnswer {
  std::uint16_t status = peer::ack::accepted;
  std::string text;  ///< the away message, or why it is refused
  std::uint16_t port = 0;
};

/// An acknowledgement of a message that went out.
struct PeerAck {
  Uin from;
  std::uint64_t token = 0;
  std::uint16_t type = 0;
  std::uint16_t status = peer::ack::accepted;
  std::string_view text;
  std::uint16_t port = 0;
};

/// Hears what happens on connections for messages.
class PeerLinksListener {
 public:
  virtual ~PeerLinksListener() = default;
  /// Where a number can be reached as far as the server has told; nothing when it has not.
  [[nodiscard]] virtual std::optional<model::DirectContact> place_of(Uin uin) const = 0;
  /// Tells whether the user has put a number on his list: then only its own address speaks for it.
  [[nodiscard]] virtual bool is_contact(Uin uin) const = 0;
  /// A message came. With an answer it is acknowledged at once; without one answer() does it later.
  virtual std::optional<PeerAnswer> on_peer_message(Uin from, const PeerRequest& request,
                                                    const PeerMessage& message) = 0;
  virtual void on_peer_ack(const PeerAck& acknowledgement) = 0;
  /// The other withdrew a request.
  virtual void on_peer_cancel(Uin from, const PeerRequest& request) = 0;
  /// A message will not be acknowledged. `untouched`: none of its bytes went out, the server may take it.
  virtual void on_peer_undelivered(Uin to, std::uint64_t token, bool untouched) = 0;
  /// A connection was refused; a line for people.
  virtual void on_peer_refused(const std::string& line) = 0;
};

/// The connections over which clients exchange messages directly: at most one is used for each contact.
///
/// Shape:  who opens a connection sends CHANNEL_INIT and what waits; who takes one waits for it. A connection
///         that does not come up within `connect_timeout` gives its messages back untouched.
/// Errors: whatever is not as the documents say closes the connection, with a line for people.
/// Thread: one owner.
/// Source: Ihse 0.91, "Peer to peer mode"; spec/icq.md 3.4.
class PeerLinks {
 public:
  /// How long a connection may take to come up, to introduce itself, to acknowledge.
  static constexpr Duration connect_timeout = std::chrono::seconds{5};
  static constexpr Duration init_timeout = std::chrono::seconds{15};
  static constexpr Duration ack_timeout = std::chrono::seconds{30};
  /// How long a person may take to answer a request.
  static constexpr Duration answer_timeout = std::chrono::minutes{10};
  /// Connections at a time that others have opened.
  static constexpr std::size_t max_incoming = 64;

  PeerLinks(Numbers& numbers, PeerLinksListener& listener) noexcept
      : numbers_{&numbers}, listener_{&listener} {}

  /// Who this client is; told anew at each log-in.
  void set_self(const PeerSelf& self) { self_ = self; }
  [[nodiscard]] const PeerSelf& self() const noexcept { return self_; }

  /// Sends a message over the connection to `to`, opening one when there is none.
  ///
  /// Errors: false when nothing is known of where `to` takes connections.
  bool send(Uin to, const PeerMessage& message, std::uint64_t token, const ClientIo& io);
  /// Answers a message that came in; false when its connection is gone.
  bool answer(const PeerRequest& request, const PeerAnswer& answer, const ClientIo& io);
  /// Withdraws a request that was sent; false when it was answered already or is not known.
  bool withdraw(std::uint64_t token, const ClientIo& io);
  /// Tells whether there is a connection to somebody.
  [[nodiscard]] bool is_connected(Uin uin) const noexcept;
  /// Closes everything, as at log-off; what is unacknowledged is given back.
  void close_all(const ClientIo& io);

  /// Takes a connection that somebody opened; `none` when there are too many.
  [[nodiscard]] StreamId on_accepted(const Endpoint& from, const ClientIo& io);
  void on_connected(StreamId stream, const ClientIo& io);
  void on_received(StreamId stream, Bytes bytes, const ClientIo& io);
  void on_closed(StreamId stream, const ClientIo& io);
  void on_time(const ClientIo& io);
  [[nodiscard]] Instant next_deadline() const noexcept;
  [[nodiscard]] bool owns(StreamId stream) const noexcept { return links_.contains(stream); }

 private:
  struct Outgoing {
    std::uint64_t token = 0;
    std::uint16_t type = 1;
    std::uint16_t flags = 0;
    std::string text;
    PeerExtra extra;
  };
  struct Awaiting {
    std::uint32_t sequence = 0;
    std::uint64_t token = 0;
    std::uint16_t type = 0;
    Instant deadline;
  };
  struct Link {
    Uin uin;  ///< 0 until CHANNEL_INIT has come
    Endpoint remote;
    bool is_outgoing = false;
    bool is_open = false;
    std::uint32_t version = 3;  ///< what both sides know
    std::uint32_t next_sequence = 1;
    Instant deadline = Instant::max();
    peer::PacketStream in{peer::max_init_packet};
    std::vector<Outgoing> queue;
    std::vector<Awaiting> awaiting;
  };

  [[nodiscard]] Link* link_to(Uin uin, StreamId* stream);
  [[nodiscard]] std::optional<Endpoint> endpoint_of(Uin uin) const;
  [[nodiscard]] std::uint32_t common_version(std::uint32_t theirs) const noexcept;
  void transmit(StreamId stream, Link& link, const Outgoing& message, const ClientIo& io);
  void write(StreamId stream, std::uint16_t command, std::uint32_t sequence, std::uint16_t status,
             const Outgoing& message, const ClientIo& io);
  [[nodiscard]] std::optional<std::string> take_init(Link& link, Bytes packet);
  [[nodiscard]] std::optional<std::string> take_packet(StreamId stream, Bytes packet, const ClientIo& io);
  template <class M>
  [[nodiscard]] std::optional<std::string> take(StreamId stream, Bytes packet, const ClientIo& io);
  void take_ack(Link& link, const peer::MessageBody& body, std::uint32_t sequence, std::uint16_t port);
  void refuse(StreamId stream, const std::string& why, const ClientIo& io);
  void forget(StreamId stream);

  Numbers* numbers_;
  PeerLinksListener* listener_;
  PeerSelf self_;
  std::map<StreamId, Link> links_;
};

/// The address at which to reach a contact: the inner one for those behind the same outer address.
[[nodiscard]] IpAddress address_to_reach(const model::DirectContact& contact,
                                         std::uint32_t own_outer_ip) noexcept;

/// Tells whether a connection from `address` can be the contact's own.
[[nodiscard]] bool may_come_from(const model::DirectContact& contact, const IpAddress& address) noexcept;

}  // namespace uhoh::client
