#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/uin.hpp"
#include "client/file_port.hpp"
#include "client/network.hpp"
#include "client/peer_links.hpp"
#include "dialect/peer/packet_stream.hpp"

namespace uhoh::client {

/// Names a transfer of one or several files.
enum class TransferId : std::uint32_t { none = 0 };

/// How far a transfer is.
struct TransferProgress {
  std::uint64_t done = 0;     ///< bytes of all files, with what was there before
  std::uint64_t resumed = 0;  ///< of these, what was there before
  std::uint64_t total = 0;
  std::uint32_t files_done = 0;
  std::uint32_t files = 1;
  std::string name;  ///< of the present file, in UTF-8
};

/// What file transfers need of those who own them.
class PeerFilesListener {
 public:
  virtual ~PeerFilesListener() = default;
  virtual void on_transfer_progress(TransferId transfer, const TransferProgress& progress) = 0;
  /// A file is whole; `path`: where it lies, empty for a file that was sent.
  virtual void on_transfer_file(TransferId transfer, const std::string& name, const std::string& path) = 0;
  virtual void on_transfer_done(TransferId transfer) = 0;
  /// It is over before its end; a line for people.
  virtual void on_transfer_failed(TransferId transfer, const std::string& line) = 0;
  /// Between UTF-8 and the account's charset, for names.
  [[nodiscard]] virtual std::string to_wire(std::string_view utf8) const = 0;
  [[nodiscard]] virtual std::string from_wire(std::string_view legacy) const = 0;
};

/// Files that are offered, sent and received, over one connection for each offer.
///
/// Shape:  the recipient takes the connection on a port of its own; the sender announces each file, the
///         recipient says where to begin. What was cut off goes on from there when it is offered again.
/// Errors: whatever is not as offered (another sender, more bytes, a name that is no plain name) ends the
///         transfer with a line for people; nothing is written outside the FilePort.
/// Thread: one owner.
/// Source: spec/icq.md 3.4.
class PeerFiles {
 public:
  static constexpr std::size_t max_files = 1000;
  static constexpr std::uint64_t max_bytes = 0xFFFFFFFF;
  /// The longest silence, and how much may wait to be sent.
  static constexpr Duration silence_timeout = std::chrono::seconds{60};
  static constexpr Duration connect_timeout = std::chrono::seconds{10};
  static constexpr Duration farewell_timeout = std::chrono::seconds{5};
  static constexpr std::size_t max_unsent = 256 * 1024;
  static constexpr std::uint32_t full_speed = 100;

  PeerFiles(Numbers& numbers, FilePort& files, PeerFilesListener& listener) noexcept
      : numbers_{&numbers}, files_{&files}, listener_{&listener} {}

  /// Opens files to offer them; the error names the first that can't be sent.
  [[nodiscard]] std::expected<TransferId, std::string> offer(Uin to, const std::vector<std::string>& paths);
  /// What the offer of a transfer says: a name (or "3 files"), and the bytes of all together.
  [[nodiscard]] PeerExtra description_of(TransferId transfer) const;
  /// The other accepted: connects to him.
  void begin_to_send(TransferId transfer, const Endpoint& to, const ClientIo& io);
  /// Gets ready to receive what was offered; the error is a line for people.
  [[nodiscard]] std::expected<TransferId, std::string> begin_to_receive(Uin from, const PeerExtra& offer,
                                                                        const ClientIo& io);
  /// Where the sender is to connect.
  [[nodiscard]] std::uint16_t port_of(TransferId transfer) const noexcept;
  /// Ends a transfer, begun or not; nothing is heard of it any more.
  void cancel(TransferId transfer, const ClientIo& io);
  void cancel_all(const ClientIo& io);
  /// Changes how fast it goes: 0 stands still, 100 as fast as it goes.
  bool set_speed(TransferId transfer, std::uint32_t speed, const ClientIo& io);
  [[nodiscard]] bool knows(TransferId transfer) const noexcept { return transfers_.contains(transfer); }

  [[nodiscard]] bool owns(ListenerId listener) const noexcept;
  [[nodiscard]] bool owns(StreamId stream) const noexcept;
  [[nodiscard]] StreamId on_accepted(ListenerId listener, const Endpoint& from, const ClientIo& io);
  void on_connected(StreamId stream, const PeerSelf& self, const ClientIo& io);
  void on_received(StreamId stream, Bytes bytes, const PeerSelf& self, const ClientIo& io);
  /// What was queued has gone out for the most part.
  void on_writable(StreamId stream, const ClientIo& io);
  void on_closed(StreamId stream, const ClientIo& io);
  void on_time(const ClientIo& io);
  [[nodiscard]] Instant next_deadline() const noexcept;

 private:
  enum class Stage : std::uint8_t {
    waits,  ///< for the other's answer, or for his connection
    connecting,
    awaits_init,
    awaits_total,  ///< the recipient, for FILE_INIT
    awaits_file,   ///< the recipient, for FILE_NEXT
    awaits_ready,  ///< the sender, for FILE_READY
    awaits_start,  ///< the sender, for FILE_START
    data,
    farewell,  ///< the sender, for the other to close
  };
  struct Outgoing {
    std::string name;
    std::unique_ptr<FileSource> source;
  };
  struct Transfer {
    bool sends = false;
    Stage stage = Stage::waits;
    Uin other;
    StreamId stream = StreamId::none;
    ListenerId listener = ListenerId::none;
    std::uint16_t port = 0;
    Endpoint remote;
    Instant deadline = Instant::max();
    Instant next_piece;
    std::uint32_t speed = full_speed;
    peer::PacketStream in{peer::max_init_packet};
    TransferProgress progress;
    std::vector<Outgoing> outgoing;
    std::uint64_t position = 0;  ///< in the present file
    std::uint64_t file_size = 0;
    std::unique_ptr<FileTarget> target;
  };
  using Problem = std::optional<std::string>;

  [[nodiscard]] std::map<TransferId, Transfer>::iterator find(StreamId stream) noexcept;
  [[nodiscard]] Problem take(TransferId id, Transfer& t, Bytes packet, const PeerSelf& self,
                             const ClientIo& io);
  [[nodiscard]] Problem take_init(Transfer& t, Bytes packet);
  [[nodiscard]] Problem take_from_recipient(TransferId id, Transfer& t, Bytes packet, const ClientIo& io);
  [[nodiscard]] Problem take_from_sender(TransferId id, Transfer& t, Bytes packet, const PeerSelf& self,
                                         const ClientIo& io);
  [[nodiscard]] Problem take_next_file(TransferId id, Transfer& t, Bytes packet, const ClientIo& io);
  [[nodiscard]] Problem take_data(TransferId id, Transfer& t, Bytes bytes, const ClientIo& io);
  [[nodiscard]] Problem finish_file(TransferId id, Transfer& t, const ClientIo& io);
  void announce_file(TransferId id, Transfer& t, const ClientIo& io);
  void pump(TransferId id, Transfer& t, const ClientIo& io);
  void end(TransferId id, const ClientIo& io);
  void fail(TransferId id, const std::string& line, const ClientIo& io);

  Numbers* numbers_;
  FilePort* files_;
  PeerFilesListener* listener_;
  std::map<TransferId, Transfer> transfers_;
};

}  // namespace uhoh::client
