#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "base/log.hpp"
#include "crypto/password_hash.hpp"
#include "model/admin.hpp"
#include "model/qr_log_in.hpp"
#include "net/stream_port.hpp"
#include "node/dialect_table.hpp"
#include "node/relay_options.hpp"
#include "node/secret_files.hpp"
#include "node/shard.hpp"
#include "node/web_wire.hpp"
#include "storage/store.hpp"

namespace uhoh::node {

/// Everything that a server is told when it starts.
struct ServerOptions {
  std::filesystem::path data_dir;
  std::filesystem::path qq_key_file;   ///< empty: beside the data directory
  ListenerTable listen;                ///< where clients reach the server; all off unless told
  unsigned shards = 0;                 ///< 0: one for each core but one
  ShardSettings shard;
  storage::StoreLimits inbox;
  crypto::PasswordHashing hashing;
  unsigned hash_threads = 1;
  std::size_t hash_waiting = 256;      ///< log-ins that wait for argon2id
  std::size_t mailbox_letters = 65'536;
  net::StreamLimits streams;           ///< of each shard
  net::StreamCensusLimits connections;
  RelayOptions relay;                  ///< of direct connections
  std::size_t store_requests = 65'536; ///< requests that wait for the store
  std::size_t store_cache_bytes = 16 << 20;
};

/// A running server: its shards on their threads, the store, the pool for passwords.
///
/// Thread: start() and stop() from the one that owns it, the rest from any but the shards' own.
class Server {
 public:
  /// Opens the store, restores the sessions, binds the ports and starts the threads. The error is a sentence
  /// for people.
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, std::string> start(ServerOptions options, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Finishes what is in progress, commits, and ends the threads. The sessions stay in the store.
  void stop();

  /// What the server listens on: "icq.udp" and its bound address, and so on.
  [[nodiscard]] const std::vector<model::ListenerRow>& listeners() const;
  [[nodiscard]] unsigned shards() const;
  [[nodiscard]] const ServerOptions& options() const;
  /// The keys under which secrets are stored.
  [[nodiscard]] const OpenedSecrets& secrets() const;
  /// Log-ins to QQ by picture, for those who allow them.
  [[nodiscard]] model::QrLogIns& qr_log_ins();
  /// How many sessions came back with the start.
  [[nodiscard]] std::size_t restored_sessions() const;

  /// Asks the store and waits for its answer.
  storage::Result store(storage::Request request);
  /// Asks the store many things at once and waits for all answers, which come in the order of the requests.
  std::vector<storage::Result> store_all(std::vector<storage::Request> requests);
  /// Gives the services of every shard other options; what was fixed at the start (tables, blocks of numbers)
  /// stays.
  void set_service_options(const service::Options& options);
  /// Runs something on a shard's thread, between two inputs, and waits until it is done. False when the server
  /// is stopping: it was not run.
  bool on_shard(ShardId shard, std::move_only_function<void(Shard&, Now)> work);
  /// The same without waiting; `work` may also use the shard's way to web clients. False when the server is stopping or
  /// the shard's mailbox is full: it will not be run.
  bool post(ShardId shard, std::move_only_function<void(Shard&, WebWire&, Now)> work);
  /// Tells whether nothing from this address is looked at. Thread: any.
  [[nodiscard]] bool is_banned(const IpAddress& address) const;
  /// Uses of roles over the wire are written here too, from now on; the trail must outlive the shards.
  void keep_audit(model::AuditTrail& trail);
  /// Reads the bans from the store and applies them on every shard.
  void reload_bans();
  /// Writes a copy of the store into a new file.
  [[nodiscard]] std::expected<void, std::string> backup_to(const std::filesystem::path& file);
  /// The figures of all shards, the ports and the store, summed.
  [[nodiscard]] std::vector<MetricValue> metrics();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  /// Gives the shards the contact lists from before the restart, batch by batch, while they serve.
  void restore_lists(storage::StoreEngine& reader);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::node
