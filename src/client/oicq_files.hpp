#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "client/file_port.hpp"
#include "client/messenger.hpp"
#include "client/network.hpp"

namespace uhoh::client {

/// What files need of the session that they go over. Names are UTF-8.
class OicqFileWire {
 public:
  virtual ~OicqFileWire() = default;
  /// False when there is no session, or it takes no more now.
  virtual bool offer_file(Uin to, std::string_view name, std::uint32_t size) = 0;
  /// Accepts or declines an offer, or ends a transfer with somebody.
  virtual bool answer_offer(Uin other, bool allow) = 0;
  virtual bool send_part(Uin to, Bytes part) = 0;
  /// Bytes that the connection has not taken yet.
  [[nodiscard]] virtual std::size_t unsent() const = 0;
};

/// Files that go through the OICQ server: offered, sent and received, one at a time for each two people.
///
/// Shape:  several files are offered in turn. OICQ always sends from the beginning: what a cut-off file has
///         already is passed over.
/// Errors: whatever is not as offered ends the transfer with a line for people; nothing is written outside
///         the FilePort.
/// Thread: one owner.
class OicqFiles {
 public:
  static constexpr std::size_t part_bytes = 16 * 1024;
  /// What may wait for the connection, so that messages find their turn.
  static constexpr std::size_t max_unsent = 128 * 1024;
  static constexpr std::uint64_t max_bytes = 0xFFFFFFFF;

  OicqFiles(Numbers& numbers, FilePort& files, OicqFileWire& wire, MessengerListener& listener) noexcept
      : numbers_{&numbers}, files_{&files}, wire_{&wire}, listener_{&listener} {}

  /// Opens files and offers the first; the error is a line for people.
  [[nodiscard]] std::expected<TransferId, std::string> offer(Uin to, const std::vector<std::string>& paths);
  [[nodiscard]] std::expected<TransferId, std::string> accept(RequestId request);
  void refuse(RequestId request);
  void cancel(TransferId transfer);

  // What the server brings.
  void on_offered(Uin from, const std::string& name, std::uint32_t size);
  void on_answered(Uin other, bool allow);
  void on_part(Uin from, Bytes part);
  /// The connection takes more.
  void on_writable();
  /// The session is over, and with it every transfer.
  void on_session_lost();
  /// Finishes files that have no bytes: nothing more comes of them.
  void on_time();
  [[nodiscard]] bool is_due() const noexcept;

 private:
  struct Source {
    std::string name;
    std::unique_ptr<FileSource> file;
  };
  struct Sending {
    TransferId id = TransferId::none;
    std::vector<Source> sources;
    std::size_t present = 0;  ///< which of them
    std::uint64_t sent = 0;   ///< of the present one
    TransferProgress progress;
    bool is_accepted = false;
  };
  struct Offer {
    Uin from;
    std::string name;
    std::uint32_t size = 0;
  };
  struct Receiving {
    TransferId id = TransferId::none;
    std::unique_ptr<FileTarget> target;
    std::uint64_t arrived = 0;
    TransferProgress progress;
  };
  using Sendings = std::map<Uin, Sending>;
  using Receivings = std::map<Uin, Receiving>;

  [[nodiscard]] bool offer_present(Uin to, const Sending& sending);
  void pump(Uin to);
  void finish_present(Uin to);
  void finish(Receivings::iterator at);
  void fail(Sendings::iterator at, const std::string& why);
  void fail(Receivings::iterator at, const std::string& why);

  Numbers* numbers_;
  FilePort* files_;
  OicqFileWire* wire_;
  MessengerListener* listener_;
  Sendings sending_;      // by recipient
  Receivings receiving_;  // by sender
  std::map<RequestId, Offer> offers_;
};

}  // namespace uhoh::client
