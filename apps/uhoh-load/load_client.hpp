#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/icq_client.hpp"
#include "client/oicq_client.hpp"
#include "client/qq_client.hpp"
#include "client/qq_packet.hpp"
#include "options.hpp"

/// One client of the crowd, in words that every dialect shares.
namespace uhoh::load {

/// Why a log-in or a registration failed.
enum class Refused : std::uint8_t { password, busy, no_answer };
/// Why a session is over.
enum class Lost : std::uint8_t { logged_off, no_answer, not_connected, kicked, busy, replaced, disconnected };

/// Takes what a client sends, and hears what happens to it. All calls come from within a call of the client.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  virtual void send(Bytes bytes) = 0;
  virtual void on_online() = 0;
  virtual void on_refused(Refused why) = 0;
  virtual void on_lost(Lost why) = 0;
  virtual void on_registered(Uin uin) = 0;
  virtual void on_message(Uin from, std::string_view text, bool stored) = 0;
  /// A message is known to be safe.
  virtual void on_confirmed(std::uint32_t message) = 0;
  virtual void on_keepalive(Duration after) = 0;
  virtual void on_contact_online() = 0;
  virtual void on_contacts_done() = 0;
  virtual void on_stored_end() = 0;
  virtual void on_unknown_number() = 0;
};

/// The time, and where effects go.
struct ClientCall {
  Instant now;
  ClientEvents& events;
};

/// One client of some dialect, without input and output. Thread: one owner.
class LoadClient {
 public:
  virtual ~LoadClient() = default;

  virtual void receive(Bytes bytes, const ClientCall& call) = 0;
  /// The connection was lost.
  virtual void disconnected(const ClientCall& call) = 0;
  virtual void on_time(const ClientCall& call) = 0;
  [[nodiscard]] virtual Instant next_deadline() const = 0;

  virtual void register_account(std::string_view password, const ClientCall& call) = 0;
  virtual void log_in(Uin uin, std::string_view password, const ClientCall& call) = 0;
  virtual bool log_off(const ClientCall& call) = 0;
  virtual bool send_message(Uin to, std::string_view text, std::uint32_t message, const ClientCall& call) = 0;
  virtual void send_keepalive(const ClientCall& call) = 0;
  /// Adds to those whose presence is watched; on_contacts_done() follows for each packet.
  virtual void add_contacts(std::span<const Uin> contacts, const ClientCall& call) = 0;

  [[nodiscard]] virtual bool is_online() const = 0;
  [[nodiscard]] virtual bool is_offline() const = 0;
  [[nodiscard]] virtual bool has_unconfirmed() const = 0;
  [[nodiscard]] virtual Uin uin() const = 0;
  /// Another one after each log-in.
  [[nodiscard]] virtual std::uint32_t session() const = 0;
};

/// What a dialect's clients do about messages.
struct ClientHabits {
  bool confirms_messages = true;  ///< on_confirmed() comes at all
  bool repeats_over_sessions =
      false;  ///< what was not confirmed goes out again by itself in the next session
};

/// Makes the clients of a run. Outlives them.
class ClientFactory {
 public:
  explicit ClientFactory(const Options& options);

  /// The client of user number `user`.
  [[nodiscard]] std::unique_ptr<LoadClient> make(std::uint32_t user) const;
  [[nodiscard]] const ClientHabits& habits() const noexcept { return habits_; }

 private:
  const Options& options_;
  client::IcqClientOptions icq_;
  client::QqClientOptions qq_;
  client::OicqClientOptions oicq_;
  ClientHabits habits_;
  std::uint32_t run_;  ///< tells the clients of this run from those of an earlier one
};

}  // namespace uhoh::load
