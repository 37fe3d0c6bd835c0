#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/endpoint.hpp"
#include "dialect/dialect.hpp"
#include "dialect/qq/qr_desk.hpp"
#include "net/steering.hpp"
#include "service/secrets.hpp"

namespace uhoh::node {

struct ShardSettings;

/// What the dialects of one shard are made with.
struct DialectGround {
  const ShardSettings& settings;
  unsigned shards = 1;                        ///< what is limited for all together is divided among so many
  const service::Secrets* secrets = nullptr;  ///< nullptr: there are none
  qq::QrDesk* qr = nullptr;                   ///< nullptr: nobody logs in to QQ by picture
};

/// How many dialects there can be: model::DialectId is an index below this.
inline constexpr std::size_t dialect_places = 4;

/// One family of wire formats that this server speaks.
struct DialectRow {
  model::DialectId id;
  std::string_view name;   ///< of its section in the configuration, and of its listeners: "oicq", "oicq.tcp"
  std::string_view title;  ///< of that section
  std::uint16_t udp_port;  ///< where it listens unless told otherwise; 0: it is not spoken over UDP
  std::uint16_t tcp_port;  ///< 0: it is not spoken over TCP
  net::SteeringRule (*steering)();  ///< where its datagrams keep the number
  std::unique_ptr<const Dialect> (*make)(const DialectGround& ground);
};

/// All dialects of this server: one more is one row more.
[[nodiscard]] std::span<const DialectRow> dialect_rows() noexcept;

/// The row of a dialect that this server speaks.
[[nodiscard]] const DialectRow& row_of(model::DialectId id) noexcept;

/// Where clients of one dialect reach the server; an address of Endpoint{} is off.
struct DialectListeners {
  Endpoint udp;
  Endpoint tcp;
  int receive_buffer_bytes = 8 << 20;  ///< asked of the kernel for each UDP socket
};
/// The listeners of all dialects, by model::DialectId.
using ListenerTable = std::array<DialectListeners, dialect_places>;

/// Every dialect on its usual port, on all addresses.
[[nodiscard]] ListenerTable usual_listeners() noexcept;

}  // namespace uhoh::node
