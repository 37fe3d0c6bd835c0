#include "run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "base/rng.hpp"
#include "crowd.hpp"
#include "edge.hpp"
#include "ledger.hpp"
#include "process.hpp"
#include "reference.hpp"
#include "stream_edge.hpp"

namespace uhoh::load {

namespace {

constexpr Duration tick = std::chrono::milliseconds{50};

double seconds_of(Duration span) { return static_cast<double>(span.count()) / 1e6; }

/// One run of one scenario.
class Run {
 public:
  Run(const Options& options, Network& network, const std::atomic<bool>& stop, Report& report)
      : options_{options},
        network_{network},
        stop_{stop},
        report_{report},
        ledger_{static_cast<std::uint32_t>(read_clocks().wall.time_since_epoch().count())},
        watch_{options.server_pid, options.data_dir},
        crowd_{options, network, ledger_, watch_},
        begun_{read_clocks().steady} {}

  void execute() {
    if (options_.create && !register_all()) return conclude();
    switch (options_.scenario) {
      case Scenario::idle:
        idle();
        break;
      case Scenario::messages:
        messages();
        break;
      case Scenario::storm:
        (void)log_in(0, crowd_.size(), "");
        break;
      case Scenario::offline:
        offline();
        break;
    }
    conclude();
    if (options_.log_off && !stop_) crowd_.log_everybody_off();
  }

 private:
  /// Works until `done`, a signal or the time-out; `patience` without progress ends it too. True when done.
  bool work_until(const std::function<bool()>& done, Duration patience,
                  const std::function<std::uint64_t()>& progress) {
    Instant last_progress = crowd_.now();
    std::uint64_t before = progress();
    while (!stop_ && !out_of_time()) {
      if (done()) return true;
      crowd_.pump(crowd_.now() + tick);
      if (const std::uint64_t now = progress(); now != before) {
        before = now;
        last_progress = crowd_.now();
      }
      if (crowd_.now() - last_progress > patience) return false;
      tell_progress();
    }
    return done();
  }

  [[nodiscard]] bool out_of_time() const {
    return options_.timeout > Duration{0} && crowd_.now() - begun_ > options_.timeout;
  }

  void tell_progress() {
    if (options_.quiet || crowd_.now() < next_progress_) return;
    next_progress_ = crowd_.now() + std::chrono::seconds{5};
    fmt::print(stderr, "uhoh-load: {:.0f} s: {} online, {} messages sent, {} acknowledged, {} received\n",
               seconds_of(crowd_.now() - begun_), crowd_.online(), ledger_.sent(),
               ledger_.acknowledged_count(), ledger_.received_count());
  }

  bool register_all() {
    const Instant begin = crowd_.now();
    crowd_.register_users(0, crowd_.size());
    const bool done = work_until([&] { return crowd_.registered() == crowd_.size(); }, options_.settle,
                                 [&] { return std::uint64_t{crowd_.registered()}; });
    report_.add("registered", crowd_.registered());
    report_.add("registrations_per_second",
                crowd_.registered() / std::max(1e-3, seconds_of(crowd_.now() - begin)));
    if (!done) report_.fail("the server did not register all users (is its registration open?)");
    return done;
  }

  /// Tells whether the accounts are not there, or have another password: the first log-ins are all refused.
  [[nodiscard]] bool are_refused() const {
    constexpr std::uint64_t enough = 8;
    return crowd_.online() == 0 && crowd_.counters().log_ins == 0 &&
           crowd_.counters().refused_password >= std::min<std::uint64_t>(enough, crowd_.size());
  }

  /// Brings users online; `who` stands before the figures' names. False: nothing can be done without them.
  bool log_in(std::uint32_t first, std::uint32_t last, std::string_view who) {
    const Instant begin = read_clocks().steady;
    const auto use = watch_.use();
    const std::uint64_t log_ins_before = crowd_.counters().log_ins;
    const std::uint32_t wanted = last - first;
    const std::uint32_t online_before = crowd_.online();
    const std::uint64_t lists = options_.contacts == 0 ? 0 : (options_.contacts + 99) / 100;
    const std::uint64_t lists_before = crowd_.counters().contact_lists_done;
    const auto online_now = [&] { return crowd_.online() - online_before; };
    const auto lists_now = [&] { return crowd_.counters().contact_lists_done - lists_before; };
    std::optional<Instant> most_online;
    crowd_.bring_online(first, last);
    const bool done = work_until(
        [&] {
          if (are_refused()) return true;
          // The last few may wait for a repetition; what the server can do shows in the first of them.
          if (!most_online && online_now() >= wanted - wanted / 20 &&
              lists_now() >= lists * (wanted - wanted / 20))
            most_online = crowd_.now();
          return online_now() + crowd_.given_up() >= wanted &&
                 lists_now() + crowd_.given_up() * lists >= wanted * lists;
        },
        options_.settle, [&] { return crowd_.counters().log_ins + crowd_.counters().contact_lists_done; });
    if (are_refused()) {
      report_.fail(
          fmt::format("nobody can log in: the accounts are not there, or have another password. This makes "
                      "them: uhohctl --data-dir DIR user add-range --first {} --count {} --password {}",
                      options_.first_uin, crowd_.size(), options_.password));
      return false;
    }
    const auto log_ins = static_cast<double>(crowd_.counters().log_ins - log_ins_before);
    const auto rate = [&](double count, Instant end) {
      return count / std::max(1e-3, seconds_of(end - begin));
    };
    report_.add(fmt::format("{}log_ins", who), log_ins);
    report_.add(fmt::format("{}log_ins_per_second", who), rate(log_ins, crowd_.now()));
    if (most_online)
      report_.add(fmt::format("{}log_ins_per_second_first_95_percent", who),
                  rate(0.95 * wanted, *most_online));
    report_spans(fmt::format("{}log_in", who), crowd_.log_in_time());
    if (options_.contacts > 0)
      report_.add("contacts_shown_online", static_cast<double>(crowd_.counters().contacts_online));
    report_cost(fmt::format("{}log_in", who), use, log_ins);
    if (crowd_.counters().refused_password > 0)
      report_.fail(fmt::format("{} users were refused: does each account exist, with this password?",
                               crowd_.counters().refused_password));
    if (!done)
      report_.fail(fmt::format("of {} users {} got online, with {} of {} contact lists", wanted, online_now(),
                               lists_now(), wanted * lists));
    return true;
  }

  void idle() {
    const auto before = watch_.use();
    if (!log_in(0, crowd_.size(), "")) return;
    const auto use = watch_.use();
    if (use) report_.add("server_resident_mib_after_log_in", mib(*use), "MiB");
    if (use && before && crowd_.online() > 0)
      report_.add("server_bytes_per_session",
                  (static_cast<double>(use->resident_bytes) - static_cast<double>(before->resident_bytes)) /
                      crowd_.online());
    const Instant begin = crowd_.now();
    const Instant end = begin + options_.duration;
    Rng rng{options_.seed};
    double credit = 0;
    Instant last = begin;
    while (!stop_ && !out_of_time() && crowd_.now() < end && crowd_.online() > 0) {
      credit = std::min(credit + seconds_of(crowd_.now() - last) * options_.rate, options_.rate + 1);
      last = crowd_.now();
      for (; credit >= 1 && ledger_.sent() < 50'000'000; credit -= 1) {
        const auto from = static_cast<std::uint32_t>(rng.below(crowd_.size()));
        const auto to = static_cast<std::uint32_t>((from + 1 + rng.below(crowd_.size() - 1)) % crowd_.size());
        crowd_.send_message(from, to);
      }
      crowd_.pump(std::min(end, crowd_.now() + std::chrono::milliseconds{options_.rate > 100 ? 5 : 50}));
      tell_progress();
    }
    const double held = seconds_of(crowd_.now() - begin);
    report_.add("held", Duration{crowd_.now() - begin});
    report_.add("online_at_end", crowd_.online());
    if (const auto now = watch_.use(); use && now && watch_.outages().empty())
      report_.add("server_cpu_percent_of_a_core",
                  static_cast<double>((now->cpu - use->cpu).count()) / 1e7 / std::max(held, 1e-3), "%");
    settle();
  }

  void messages() {
    if (!log_in(0, crowd_.size(), "")) return;
    const auto use = watch_.use();
    const ProcessUse own = read_own_use();
    const Instant begin = crowd_.now();
    std::uint64_t opened = 0;
    crowd_.on_ready = [&](std::uint32_t user) {
      const std::uint32_t other = user ^ 1;
      if (opened < options_.messages && other < crowd_.size() && crowd_.send_message(user, other)) ++opened;
    };
    for (std::uint32_t user = 0; user < crowd_.size(); ++user)
      if (crowd_.is_free(user)) crowd_.on_ready(user);
    work_until(
        [&] { return opened >= options_.messages && crowd_.in_flight() == 0; }, options_.settle,
        [&] { return ledger_.acknowledged_count() + ledger_.received_count() + crowd_.counters().log_ins; });
    const double seconds = std::max(1e-3, seconds_of(crowd_.now() - begin));
    const bool tells = !(is_bare(options_) && options_.transport == Transport::udp);
    const auto moved = static_cast<double>(tells ? ledger_.acknowledged_count() : ledger_.received_count());
    report_.add("messages_per_second", moved / seconds);
    const auto server_ns = report_cost("message", use, moved);
    report_.add("load_cpu_us_per_message",
                static_cast<double>((read_own_use().cpu - own.cpu).count()) / 1e3 / std::max(1.0, moved),
                "us");
    settle();
    compare_with_reference(server_ns);
  }

  void offline() {
    const std::uint32_t half = crowd_.size() / 2;
    if (!log_in(0, half, "sender_")) return;
    const auto use = watch_.use();
    const Instant begin = crowd_.now();
    std::vector<std::uint32_t> rounds(half);
    std::uint64_t opened = 0;
    crowd_.on_ready = [&](std::uint32_t user) {
      if (user >= half || opened >= options_.messages) return;
      const std::uint32_t to = half + (user + rounds[user]) % half;
      if (!crowd_.send_message(user, to)) return;
      ++rounds[user];
      ++opened;
    };
    for (std::uint32_t user = 0; user < half; ++user)
      if (crowd_.is_free(user)) crowd_.on_ready(user);
    work_until([&] { return opened >= options_.messages && crowd_.in_flight() == 0; }, options_.settle,
               [&] { return ledger_.acknowledged_count() + crowd_.counters().log_ins; });
    const auto stored = static_cast<double>(ledger_.acknowledged_count());
    report_.add("stored_per_second", stored / std::max(1e-3, seconds_of(crowd_.now() - begin)));
    report_cost("stored_message", use, stored);
    crowd_.on_ready = nullptr;
    const Instant fetch_begin = crowd_.now();
    const auto fetch_use = watch_.use();
    (void)log_in(half, 2 * half, "recipient_");
    settle();
    const double fetch_seconds = std::max(1e-3, seconds_of(last_arrival_ - fetch_begin));
    report_.add("fetched_per_second", static_cast<double>(ledger_.received_count()) / fetch_seconds);
    report_cost("fetched_message", fetch_use, static_cast<double>(ledger_.received_count()));
  }

  /// Waits for what is still to come, then a little for what may come twice.
  void settle() {
    crowd_.on_ready = nullptr;
    last_arrival_ = crowd_.now();
    std::uint64_t received = ledger_.received_count();
    Instant next_nudge = crowd_.now() + std::chrono::seconds{1};
    const auto progress = [&] {
      if (std::exchange(received, ledger_.received_count()) != ledger_.received_count())
        last_arrival_ = crowd_.now();
      if (crowd_.now() >= next_nudge) {
        next_nudge = crowd_.now() + std::chrono::seconds{1};
        crowd_.nudge_outstanding();
      }
      return ledger_.received_count() + ledger_.acknowledged_count() + crowd_.counters().log_ins;
    };
    // Without confirmations nobody knows what is still to come: all of it, or two quiet seconds.
    const Duration patience =
        is_bare(options_) ? std::min<Duration>(options_.settle, std::chrono::seconds{2}) : options_.settle;
    work_until(
        [&] {
          const bool all_came = !is_bare(options_) || ledger_.received_count() >= ledger_.sent();
          return ledger_.outstanding() == 0 && crowd_.in_flight() == 0 && all_came;
        },
        patience, progress);
    const Instant end = crowd_.now() + options_.linger;
    while (!stop_ && crowd_.now() < end) crowd_.pump(end);
  }

  static double mib(const ProcessUse& use) {
    return static_cast<double>(use.resident_bytes) / (1024.0 * 1024.0);
  }

  /// Adds the server's processor time for each of `count`; gives it in nanoseconds when it is known.
  std::optional<double> report_cost(std::string_view what, const std::optional<ProcessUse>& before,
                                    double count) {
    const auto now = watch_.use();
    if (!before || !now || !watch_.outages().empty() || count < 1) return std::nullopt;
    const double nanoseconds = static_cast<double>((now->cpu - before->cpu).count()) / count;
    report_.add(fmt::format("server_cpu_us_per_{}", what), nanoseconds / 1e3, "us");
    return nanoseconds;
  }

  void compare_with_reference(const std::optional<double>& server_ns) {
    if (!options_.reference || stop_ || options_.transport == Transport::tcp) return;
    const std::uint64_t most = 200'000;
    const auto reference = measure_reference(
        std::max(1U, crowd_.size() / 2), std::min<std::uint64_t>(most, std::max(20'000U, options_.messages)),
        options_.text_bytes, options_.sockets);
    if (!reference) return report_.remark(fmt::format("no reference: {}", reference.error()));
    report_.add("reflector_cpu_us_per_message", reference->nanoseconds_per_message / 1e3, "us");
    if (!server_ns)
      return report_.remark("no ratio: the server's process is unknown (--server-pid, --data-dir)");
    report_.add("ratio_to_reflector", *server_ns / reference->nanoseconds_per_message);
    if (options_.impairment.any()) report_.remark("the ratio includes repetitions: the network was impaired");
  }

  void conclude() {
    const Verdict v = ledger_.verdict(watch_.outages());
    const CrowdCounters& c = crowd_.counters();
    const auto count = [&](std::string_view key, std::uint64_t value) {
      report_.add(key, static_cast<double>(value));
    };
    count("sent", v.sent);
    count("acknowledged", v.acknowledged);
    count("received", v.received);
    count("unanswered", v.unanswered);
    count("lost", v.lost);
    if (is_bare(options_)) {
      // Acknowledged by nobody: what the documents' protocol can't tell.
      count("unconfirmed", v.unanswered);
      count("unconfirmed_lost", v.lost + v.unanswered_lost);
    }
    count("out_of_order", v.out_of_order);
    count("doubled", v.doubled());
    count("doubled_b_session_ended", v.doubled_session_ended);
    count("doubled_c_sent_again_after_log_in", v.doubled_sent_again);
    count("doubled_d_crash", v.doubled_crash);
    count("doubled_unexplained", v.doubled_unexplained);
    count("damaged", v.damaged);
    count("misdelivered", v.misdelivered);
    count("foreign_messages", v.foreign);
    for (const auto& example : v.examples) report_.remark(example);
    report_spans("delivery", ledger_.delivery());
    count("keepalives", crowd_.keepalive().count());
    report_spans("keepalive", crowd_.keepalive());
    count("sessions_lost", c.sessions_lost);
    count("sessions_lost_no_answer", c.lost_no_answer);
    count("sessions_lost_not_connected", c.lost_not_connected);
    count("sessions_lost_kicked", c.lost_kicked);
    count("sessions_lost_busy", c.lost_busy);
    count("sessions_lost_replaced", c.lost_replaced);
    count("sessions_lost_disconnected", c.lost_disconnected);
    count("log_ins_busy", c.refused_busy);
    count("log_ins_unanswered", c.log_ins_unanswered);
    count("stored_messages_received", c.stored_messages);
    count("system_messages", c.system_messages);
    count("unknown_numbers", c.unknown_numbers);
    count("outages", watch_.outages().size());
    report_edge();
    if (const auto use = watch_.use()) report_.add("server_resident_mib", mib(*use), "MiB");
    report_.add("load_resident_mib", mib(read_own_use()), "MiB");
    if (!crowd_.first_notice().empty()) report_.add_text("first_system_message", crowd_.first_notice());
    judge(v);
  }

  void report_spans(std::string_view what, const Histogram& histogram) {
    if (histogram.count() == 0) return;
    report_.add(fmt::format("{}_p50", what), histogram.percentile(50));
    report_.add(fmt::format("{}_p99", what), histogram.percentile(99));
  }

  void report_edge() {
    const EdgeCounters& e = network_.counters();
    const auto count = [&](std::string_view key, std::uint64_t value) {
      report_.add(key, static_cast<double>(value));
    };
    count("datagrams_sent", e.sent);
    count("datagrams_received", e.received);
    count("network_lost", e.lost);
    count("network_doubled", e.doubled);
    count("network_delayed", e.delayed);
    count("kernel_drops", network_.kernel_drops());
  }

  void judge(const Verdict& v) {
    if (stop_) report_.fail("stopped before the end");
    if (out_of_time()) report_.fail("ran into --timeout");
    const bool bare = is_bare(options_);
    const bool keeps_order = !(bare && options_.transport == Transport::udp);
    if (v.lost > 0 && !bare) report_.fail(fmt::format("{} messages were acknowledged and lost", v.lost));
    if (v.out_of_order > 0 && keeps_order)
      report_.fail(fmt::format("{} messages came out of order", v.out_of_order));
    if (v.damaged + v.misdelivered > 0)
      report_.fail(fmt::format("{} messages were damaged, {} misdelivered", v.damaged, v.misdelivered));
    if (v.doubled_unexplained > 0 && keeps_order)
      report_.fail(fmt::format("{} messages came twice without a reason", v.doubled_unexplained));
    if (v.unanswered > 0 && !bare)
      report_.fail(fmt::format("{} messages were never acknowledged", v.unanswered));
    if (crowd_.given_up() > crowd_.counters().refused_password)
      report_.fail(
          fmt::format("{} users lost their session", crowd_.given_up() - crowd_.counters().refused_password));
  }

  const Options& options_;
  Network& network_;
  const std::atomic<bool>& stop_;
  Report& report_;
  Ledger ledger_;
  ServerWatch watch_;
  Crowd crowd_;
  Instant begun_;
  Instant next_progress_{};
  Instant last_arrival_{};
};

void describe(const Options& options, Report& report) {
  report.add_text("scenario", to_string(options.scenario));
  if (options.dialect == Dialect::oicq)
    report.add_text("dialect",
                    fmt::format("oicq over {}, {}", options.transport == Transport::tcp ? "TCP" : "UDP",
                                options.acknowledged ? "within 0F" : "as in the documents"));
  if (options.dialect == Dialect::qq)
    report.add_text("dialect", fmt::format("qq {} over {}", qq::name_of(qq::generation_of(options.version)),
                                           options.transport == Transport::tcp ? "TCP" : "UDP"));
  report.add("users", options.users);
  report.add("seed", static_cast<double>(options.seed));
  report.add("loss_percent", options.impairment.loss_percent);
  report.add("duplicate_percent", options.impairment.duplicate_percent);
  report.add("reorder_percent", options.impairment.reorder_percent);
  report.add("client_resend", options.resend);
  report.add("client_transmissions", options.transmissions);
  report.add("client_rounds", options.rounds);
  if (options.keepalive > Duration{0}) report.add("client_keepalive", options.keepalive);
  if (options.contacts > 0) report.add("contacts", options.contacts);
  if (options.contacts > 0) report.add("contacts_online", options.contacts_online ? 1 : 0);
}

}  // namespace

Report run(const Options& options, const std::atomic<bool>& stop) {
  Report report;
  describe(options, report);
  if (options.transport == Transport::tcp) {
    auto edge = StreamEdge::open_for(options.server, options.users);
    if (!edge) {
      report.fail(edge.error());
      return report;
    }
    Run{options, **edge, stop, report}.execute();
    return report;
  }
  auto edge =
      Edge::open_for(options.server, options.users, options.sockets, options.impairment, options.seed);
  if (!edge) {
    report.fail(edge.error());
    return report;
  }
  Run{options, *edge, stop, report}.execute();
  return report;
}

}  // namespace uhoh::load
