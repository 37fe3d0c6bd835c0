#include "node/shard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace uhoh::node {
namespace {

constexpr std::size_t versions = 256;

/// "dialect="icq",version="2"", made once for all that there can be.
std::string_view session_label(model::DialectId dialect, std::uint8_t version) {
  static const auto labels = [] {
    std::array<std::array<std::string, versions>, dialect_places> made;
    for (const auto& row : dialect_rows())
      for (std::size_t i = 0; i < versions; ++i)
        made[static_cast<std::size_t>(row.id)][i] = fmt::format("dialect=\"{}\",version=\"{}\"", row.name, i);
    return made;
  }();
  return labels[static_cast<std::size_t>(dialect)][version];
}

void append_session_counts(const session::ShardCore& core, std::vector<MetricValue>& out) {
  std::array<std::array<std::uint32_t, versions>, dialect_places> counts{};
  const auto& table = core.sessions();
  for (std::uint32_t i = 0; i < table.index_end(); ++i)
    if (const auto* facts = core.facts(table.at(i)))
      ++counts[static_cast<std::size_t>(facts->dialect)][facts->dialect_version];
  for (std::size_t dialect = 0; dialect < counts.size(); ++dialect)
    for (std::size_t version = 0; version < versions; ++version)
      if (const auto count = counts[dialect][version]; count > 0)
        out.push_back({.name = "uhoh_node_sessions_by_dialect",
                       .help = "Sessions now, by dialect and its version",
                       .value = static_cast<double>(count),
                       .kind = MetricKind::gauge,
                       .labels = session_label(static_cast<model::DialectId>(dialect), static_cast<std::uint8_t>(version))});
}

}  // namespace

Shard::Shard(ShardId self, unsigned shards, const ShardSettings& settings, const ShardPorts& ports,
             std::uint64_t seed, Now start)
    : self_{self},
      shards_{shards},
      core_{settings.limits, shards, ports.wire, *this, start.steady},
      services_{self, shards, settings.services,
                {core_, ports.store, ports.bus, ports.passwords, ports.audit, ports.secrets, ports.relay}, seed, start} {
  core_.set_handler(services_);
  for (const auto& row : dialect_rows()) {
    auto& place = dialects_[static_cast<std::size_t>(row.id)];
    place = row.make({settings, shards, ports.secrets, ports.qr});
    core_.add_dialect(*place);
  }
}

ShardId Shard::owner_of(model::DialectId dialect, Bytes frame, StreamId stream) const {
  if (shards_ == 1) return self_;
  const auto info = dialects_[static_cast<std::size_t>(dialect)]->sniff(frame);
  if (!info || !info->uin.is_account() || (core_.has_session(stream) && !info->is_login)) return self_;
  return shard_of(info->uin, shards_);
}

void Shard::on_mail(bus::Mail&& mail, Now now) {
  const session::ShardCore::Step step{core_, now};
  services_.on_mail(std::move(mail), now);
}

void Shard::on_store(storage::Ticket ticket, storage::Result&& result, Now now) {
  const session::ShardCore::Step step{core_, now};
  services_.on_store(ticket, std::move(result), now);
}

void Shard::on_password(crypto::PasswordOutcome&& outcome, Now now) {
  const session::ShardCore::Step step{core_, now};
  services_.on_password(std::move(outcome), now);
}

void Shard::on_time(Now now) {
  core_.on_time(now);
  const session::ShardCore::Step step{core_, now};
  services_.on_time(now);
}

std::optional<Instant> Shard::next_deadline() const {
  auto next = core_.next_deadline();
  if (const auto services = services_.next_deadline(); services != Instant::max())
    next = std::min(next.value_or(services), services);
  return next;
}

void Shard::append_metrics(std::vector<MetricValue>& out) const {
  const auto& s = core_.counters();
  out.insert(out.end(), {
      metric_of("uhoh_session_datagrams_received_total", "Datagrams that came in", s.datagrams_received),
      metric_of("uhoh_session_datagrams_not_understood_total", "Datagrams with no dialect's header", s.datagrams_not_understood),
      metric_of("uhoh_session_bodies_not_understood_total", "Packets cut short or with a wrong length or value", s.bodies_not_understood),
      metric_of("uhoh_session_commands_unknown_total", "Packets with a command that has no name", s.commands_unknown),
      metric_of("uhoh_session_duplicates_dropped_total", "Repeats of a request in progress", s.duplicates_dropped),
      metric_of("uhoh_session_duplicates_answered_total", "Repeats of a finished request, answered again", s.duplicates_answered),
      metric_of("uhoh_session_flood_refused_total", "Requests over the sender's flood limit", s.flood_refused),
      metric_of("uhoh_session_strangers_told_total", "Strangers told that they are not connected", s.strangers_told),
      metric_of("uhoh_session_strangers_ignored_total", "Strangers over the limits or silenced", s.strangers_ignored),
      metric_of("uhoh_session_banned_dropped_total", "Datagrams from banned addresses", s.banned_dropped),
      metric_of("uhoh_session_acknowledgements_sent_total", "Acknowledgements sent", s.acknowledgements_sent),
      metric_of("uhoh_session_sessions_opened_total", "Sessions opened", s.sessions_opened),
      metric_of("uhoh_session_messages_joined_total", "Messages that came whole in parts", s.messages_joined),
      metric_of("uhoh_session_parts_apart_total", "Parts taken as messages of their own: the others did not come",
                s.parts_apart),
      metric_of("uhoh_session_replies_lost_total", "Replies lost to a full queue", s.replies_lost),
      metric_of("uhoh_session_packets_sent_total", "Packets sent for the first time", core_.outbox().packets_sent),
      metric_of("uhoh_session_packets_resent_total", "Packets sent again", core_.outbox().packets_resent),
      metric_of("uhoh_session_packets_refused_total", "Packets refused because memory for them ran out", core_.outbox().packets_refused),
      metric_of("uhoh_session_packets_given_up_total", "Packets that not every client acknowledges, and nobody did", core_.outbox().packets_given_up),
      metric_of("uhoh_session_hoped_left_out_total", "Packets left out because too many of that kind waited", s.hoped_left_out),
  });
  out.push_back(metric_of("uhoh_session_acknowledgements_timed_total", "Acknowledgements of packets that were sent once",
                          core_.outbox().acknowledgements_timed));
  out.push_back({.name = "uhoh_session_acknowledgement_seconds_total", .help = "How long these took",
                 .value = static_cast<double>(core_.outbox().acknowledgement_micros.value()) / 1e6});
  if (const auto* qq = dynamic_cast<const qq::QqDialect*>(&dialect(model::DialectId::qq)))
    out.push_back({.name = "uhoh_qq_agreements_total",
                   .help = "Public-key operations for log-ins of QQ with keys that no table has",
                   .value = static_cast<double>(qq->agreements().operations())});
  constexpr std::array ends{"why=\"logged_off\"", "why=\"replaced\"", "why=\"silent\"", "why=\"unacknowledged\"", "why=\"kicked\"", "why=\"shutdown\"", "why=\"disconnected\""};
  for (std::size_t i = 0; i < ends.size(); ++i)
    out.push_back(metric_of("uhoh_session_sessions_ended_total", "Sessions ended", s.sessions_ended[i], ends[i]));
  const auto& c = services_.counters();
  out.insert(out.end(), {
      metric_of("uhoh_service_logins_total", "Log-ins", c.logins),
      metric_of("uhoh_service_logins_refused_total", "Log-ins with a wrong number or password", c.logins_refused),
      metric_of("uhoh_service_logins_throttled_total", "Log-ins ignored after too many wrong passwords", c.logins_throttled),
      metric_of("uhoh_service_logins_put_off_total", "Log-ins put off because a queue was full", c.logins_put_off),
      metric_of("uhoh_service_registrations_total", "New accounts", c.registrations),
      metric_of("uhoh_service_registrations_refused_total", "Registrations refused", c.registrations_refused),
      metric_of("uhoh_service_messages_live_total", "Messages that their recipient acknowledged before they were kept", c.messages_live),
      metric_of("uhoh_service_messages_kept_total", "Messages committed to the store", c.messages_kept),
      metric_of("uhoh_service_messages_repeated_total", "Repeated messages that the store recognised", c.messages_repeated),
      metric_of("uhoh_service_messages_refused_total", "Messages refused (no such number, inbox full, flood)", c.messages_refused),
      metric_of("uhoh_service_messages_put_off_total", "Messages left unacknowledged because a queue was full", c.messages_put_off),
      metric_of("uhoh_service_messages_delivered_kept_total", "Kept messages that were delivered", c.messages_delivered_kept),
      metric_of("uhoh_service_shown_unconfirmed_total", "Messages shown to a session that ended without acknowledging them", c.shown_unconfirmed),
      metric_of("uhoh_service_presence_sent_total", "News of contacts sent", c.presence_sent),
      metric_of("uhoh_service_presence_merged_total", "News of contacts merged into newer ones", c.presence_merged),
      metric_of("uhoh_service_contacts_refused_total", "Contacts over the limit of a list", c.contacts_refused),
      metric_of("uhoh_service_store_unavailable_total", "Answers that the store could not commit", c.store_unavailable),
      metric_of("uhoh_service_password_changes_refused_total", "Changes of password refused", c.password_changes_refused),
      metric_of("uhoh_service_mail_lost_total", "Mail between shards refused by a full mailbox", c.mail_lost),
      metric_of("uhoh_service_monitorings_begun_total", "Times that somebody began to be monitored", c.monitorings_begun),
      metric_of("uhoh_service_monitorings_refused_total", "Wishes to monitor somebody that were refused", c.monitorings_refused),
      metric_of("uhoh_service_messages_copied_total", "Messages copied to those who monitor", c.messages_copied),
      metric_of("uhoh_service_copies_dropped_total", "Copies dropped because a monitor's queue was full", c.copies_dropped),
      metric_of("uhoh_service_peer_packets_total", "Packets handed from client to client of QQ", c.peer_packets_passed),
      metric_of("uhoh_service_files_offered_total", "Files offered through the server", c.files_offered),
      metric_of("uhoh_service_files_refused_total", "Files of which nothing went through", c.files_refused),
      metric_of("uhoh_service_files_put_off_total", "Files accepted while too many were under way", c.files_put_off),
      metric_of("uhoh_service_files_completed_total", "Files that went through whole", c.files_completed),
      metric_of("uhoh_service_files_broken_off_total", "Files that broke off", c.files_broken_off),
      metric_of("uhoh_service_file_bytes_total", "Bytes of files that came in", c.file_bytes),
      metric_of("uhoh_service_file_pauses_total", "Times that a sender was not read for his recipient's sake", c.file_pauses),
  });
  append_session_counts(core_, out);
  const auto gauge = [&](std::string_view name, std::string_view help, std::size_t value) {
    out.push_back({.name = name, .help = help, .value = static_cast<double>(value), .kind = MetricKind::gauge});
  };
  gauge("uhoh_session_sessions", "Sessions now", core_.session_count());
  gauge("uhoh_session_duplicates_remembered", "Requests remembered now", core_.duplicates().size());
  gauge("uhoh_session_packet_bytes", "Bytes of packets that wait", core_.outbox().bytes_in_use());
  gauge("uhoh_service_watch_edges", "Directions of watching remembered now", services_.graph().edge_count());
  gauge("uhoh_service_live_messages", "Messages in memory", services_.live_messages());
  gauge("uhoh_service_file_halves", "Halves of file transfers, each in its user's shard", services_.files().open_count());
  gauge("uhoh_service_file_held_bytes", "Bytes of files that wait for their recipients", services_.files().held_bytes());
  gauge("uhoh_service_store_requests_waiting", "Requests that wait for the store", services_.store_requests_waiting());
}

}  // namespace uhoh::node
