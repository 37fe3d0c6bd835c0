#include "node/dialect_table.hpp"

#include <algorithm>

#include "dialect/web/web_dialect.hpp"
#include "node/shard.hpp"

namespace uhoh::node {
namespace {

/// Where ICQ v2 keeps the number: spec/icq.md 3, header. Registration has none; 03F2 has it two bytes later.
net::SteeringRule icq_steering() {
  const net::WordTest version{.offset = 0, .value = 2};
  return {{{.min_length = 12,
            .number_offset = 8,
            .order = net::ByteOrder::little,
            .required = {version, {.offset = 2, .value = 0x03F2}}},
           {.min_length = 10,
            .number_offset = 6,
            .order = net::ByteOrder::little,
            .required = {version},
            .excluded = {{.offset = 2, .value = 0x03FC}, {.offset = 2, .value = 0x04EC}, {.offset = 2, .value = 0x03F2}}}}};
}

/// Where OICQ keeps the number: it is the first of every content but that of 01, the registration; of 0F too.
net::SteeringRule oicq_steering() {
  return {{{.min_length = 12,
            .number_offset = 8,
            .order = net::ByteOrder::big,
            .required = {{.offset = 0, .value = 0x810A}},
            .excluded = {{.offset = 2, .value = 0x0101}}}}};
}

/// Where QQ keeps the number: behind version, command and sequence, in every frame of a client.
net::SteeringRule qq_steering() {
  return {{{.min_length = 12, .number_offset = 7, .order = net::ByteOrder::big}}};
}

/// QQ's log-ins are made with the server's own key; without one, with one that lives as long as the process.
std::unique_ptr<const Dialect> make_qq(const DialectGround& ground) {
  auto options = ground.settings.qq;
  options.agreements_per_second = std::max(1U, options.agreements_per_second / ground.shards);
  const bool has_key = ground.secrets != nullptr && ground.secrets->sessions.has_value();
  return std::make_unique<qq::QqDialect>(options,
                                         has_key ? *ground.secrets->sessions : crypto::SecretKey::random(),
                                         ground.qr);
}

constexpr std::array rows{
    DialectRow{.id = model::DialectId::icq,
               .name = "icq",
               .title = "ICQ over UDP, as the clients of 1997 to 1999 speak it.",
               .udp_port = 4000,
               .tcp_port = 0,
               .steering = icq_steering,
               .make = [](const DialectGround& ground) -> std::unique_ptr<const Dialect> {
                 return std::make_unique<icq::IcqDialect>(ground.settings.icq);
               }},
    DialectRow{.id = model::DialectId::oicq,
               .name = "oicq",
               .title = "Classic OICQ over UDP and TCP, with and without acknowledgements (docs/protocol/oicq.md).",
               .udp_port = 8001,
               .tcp_port = 8001,
               .steering = oicq_steering,
               .make = [](const DialectGround& ground) -> std::unique_ptr<const Dialect> {
                 return std::make_unique<oicq::OicqDialect>(ground.settings.oicq);
               }},
    DialectRow{.id = model::DialectId::qq,
               .name = "qq",
               .title = "QQ of 2005 to 2015 over UDP and TCP (docs/protocol/qq.md), for accounts with QQ switched on.",
               .udp_port = 8000,
               .tcp_port = 8000,
               .steering = qq_steering,
               .make = make_qq},
    DialectRow{.id = model::DialectId::web,
               .name = "web",
               .title = "Browsers and programs: HTTP, WebSocket, the pages (docs/web.md).",
               .udp_port = 0,
               .tcp_port = 0,
               .steering = [] { return net::SteeringRule{}; },
               .make = [](const DialectGround&) -> std::unique_ptr<const Dialect> {
                 return std::make_unique<web::WebDialect>();
               }},
};

}  // namespace

std::span<const DialectRow> dialect_rows() noexcept { return rows; }

const DialectRow& row_of(model::DialectId id) noexcept { return *std::ranges::find(rows, id, &DialectRow::id); }

ListenerTable usual_listeners() noexcept {
  ListenerTable table;
  for (const auto& row : rows) {
    auto& listeners = table[static_cast<std::size_t>(row.id)];
    if (row.udp_port != 0) listeners.udp = {IpAddress::v4(0), row.udp_port};
    if (row.tcp_port != 0) listeners.tcp = {IpAddress::v4(0), row.tcp_port};
  }
  return table;
}

}  // namespace uhoh::node
