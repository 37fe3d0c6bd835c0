#include "service/monitoring.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace uhoh::service {
namespace {

using model::SessionRef;

constexpr std::size_t most_monitored = 16;
constexpr std::size_t most_waiting = 64;
constexpr std::size_t most_waiting_bytes = std::size_t{64} << 10;
constexpr Duration retry_interval = std::chrono::seconds{1};

constexpr std::string_view begun_text =
    "From now on, messages that you send and receive are copied to a supervisor of this server.";
constexpr std::string_view login_text =
    "Messages that you send and receive are being copied to a supervisor of this server.";
constexpr std::string_view ended_text = "Your messages are no longer copied to a supervisor of this server.";
constexpr std::string_view one_ended_text =
    "One supervisor of this server no longer gets copies of your messages; another one still does.";

}  // namespace

// ---- the monitor's shard
// -----------------------------------------------------------------------------------------

void Monitoring::toggle(const model::ToggleMonitor& command, const model::RequestContext& context) {
  const auto monitor = shard_.users.at(context.session).uin;
  const auto target = command.uin;
  if (const auto known = monitors_.find(monitor); known != monitors_.end()) {
    if (known->second.is_asking) return shard_.port.drop(context.request);
    if (std::ranges::find(known->second.monitored, target) != known->second.monitored.end()) {
      end(monitor, target);
      forget_idle(monitor);
      shard_.port.acknowledge(context.request);
      return shard_.port.reply(
          context.request,
          model::SystemNotice{fmt::format("Messages of {} are no longer copied to you.", target.value)});
    }
  }
  const bool taken = shard_.store.call(storage::ReadAccount{monitor},
                                       [this, context, monitor, target](storage::Result&& result) {
                                         if (shard_.port.facts(context.session) != nullptr)
                                           on_role(context, monitor, target, std::move(result));
                                       });
  if (!taken) return shard_.port.drop(context.request);
  auto& state = monitors_[monitor];
  state.session = context.session;
  state.is_asking = true;
}

void Monitoring::on_role(const model::RequestContext& context, Uin monitor, Uin target,
                         storage::Result&& result) {
  auto& state = monitors_[monitor];
  const auto* account = answer<storage::AccountRecord>(result);
  const auto stop = [&] {
    state.is_asking = false;
    forget_idle(monitor);
  };
  if (account == nullptr) {
    stop();
    return shard_.port.drop(context.request);
  }
  std::string why;
  if (!account->facts.monitor)
    why = "Refused: your account may not read the messages of others. This was noted.";
  else if (!target.is_account() || target == monitor || target == system_uin)
    why = fmt::format("Refused: {} can't be monitored.", target.value);
  else if (state.monitored.size() >= most_monitored)
    why = fmt::format("Refused: you monitor {} users already.", most_monitored);
  if (why.empty()) return begin(context, monitor, target);
  stop();
  refuse(context, target, why);
}

void Monitoring::refuse(const model::RequestContext& context, Uin target, std::string_view why) {
  ++shard_.counters.monitorings_refused;
  note({"monitor_refused", shard_.users.at(context.session).uin, target, false});
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::SystemNotice{why});
}

void Monitoring::begin(const model::RequestContext& context, Uin monitor, Uin target) {
  const storage::SaveMonitoring save{
      .monitor = monitor, .monitored = target, .active = true, .now = shard_.now.wall};
  const bool taken = shard_.store.call(save, [this, context, monitor, target](storage::Result&& result) {
    if (shard_.port.facts(context.session) != nullptr)
      on_begun(context, monitor, target, std::move(result));
    else if (result)
      shard_.store.call(storage::SaveMonitoring{.monitor = monitor, .monitored = target}, {});
  });
  if (taken) return;
  monitors_[monitor].is_asking = false;
  forget_idle(monitor);
  shard_.port.drop(context.request);
}

void Monitoring::on_begun(const model::RequestContext& context, Uin monitor, Uin target,
                          storage::Result&& result) {
  auto& state = monitors_[monitor];
  state.is_asking = false;
  if (!result) {
    forget_idle(monitor);
    if (result.error() == storage::StoreError::unavailable) return shard_.port.drop(context.request);
    return refuse(context, target, fmt::format("Refused: {} belongs to nobody.", target.value));
  }
  ++shard_.counters.monitorings_begun;
  note({"monitor_begun", monitor, target});
  state.monitored.push_back(target);
  publish({.monitor = monitor, .monitored = target, .begins = true});
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::SystemNotice{fmt::format(
                                         "Messages of {} are copied to you, until you ask again or your "
                                         "session ends. The user is told, and this was noted.",
                                         target.value)});
}

void Monitoring::end(Uin monitor, Uin target) {
  std::erase(monitors_[monitor].monitored, target);
  note({"monitor_ended", monitor, target});
  shard_.store.call(storage::SaveMonitoring{.monitor = monitor, .monitored = target}, {});
  publish({.monitor = monitor, .monitored = target, .begins = false});
}

void Monitoring::withdraw(Uin monitor) {
  const auto known = monitors_.find(monitor);
  if (known == monitors_.end()) return;
  const auto session = known->second.session;
  for (const auto target : std::vector{known->second.monitored}) end(monitor, target);
  forget_idle(monitor);
  shard_.port.emit(session, model::SystemNotice{"Your account may no longer read the messages of others."},
                   {});
}

void Monitoring::on_session_end(Uin user) {
  const auto known = monitors_.find(user);
  if (known == monitors_.end()) return;
  for (const auto target : std::vector{known->second.monitored}) end(user, target);
  monitors_.erase(user);
}

void Monitoring::forget_idle(Uin monitor) {
  const auto known = monitors_.find(monitor);
  if (known != monitors_.end() && known->second.monitored.empty() && !known->second.is_asking)
    monitors_.erase(known);
}

void Monitoring::on_mail(const bus::CopiedMessage& mail) {
  const auto known = monitors_.find(mail.monitor);
  if (known == monitors_.end()) return;
  auto& monitor = known->second;
  const auto is_monitored = [&](Uin uin) {
    return std::ranges::find(monitor.monitored, uin) != monitor.monitored.end();
  };
  if (!is_monitored(mail.from) && !is_monitored(mail.to)) return;
  Copy copy{.from = mail.from,
            .to = mail.to,
            .kind = mail.kind,
            .dialect_type = mail.dialect_type,
            .charset = mail.charset,
            .text = std::string{as_chars(mail.text.view())}};
  if (monitor.waiting.empty() && shard_.port.has_room(monitor.session) && emit(monitor.session, copy)) return;
  if (monitor.waiting.size() >= most_waiting ||
      monitor.waiting_bytes + copy.text.size() > most_waiting_bytes) {
    ++shard_.counters.copies_dropped;
    return;
  }
  monitor.waiting_bytes += copy.text.size();
  monitor.waiting.push_back(std::move(copy));
}

bool Monitoring::emit(SessionRef session, const Copy& copy) {
  const model::Message message{.from = copy.from,
                               .to = copy.to,
                               .kind = copy.kind,
                               .dialect_type = copy.dialect_type,
                               .text = {as_bytes(copy.text), copy.charset}};
  if (!shard_.port.emit(session, model::MessageCopied{message}, {})) return false;
  ++shard_.counters.messages_copied;
  return true;
}

void Monitoring::on_room(SessionRef session) {
  if (monitors_.empty()) return;
  const auto known = monitors_.find(shard_.users.at(session).uin);
  if (known == monitors_.end()) return;
  auto& monitor = known->second;
  while (!monitor.waiting.empty() && shard_.port.has_room(session) &&
         emit(session, monitor.waiting.front())) {
    monitor.waiting_bytes -= monitor.waiting.front().text.size();
    monitor.waiting.pop_front();
  }
}

// ---- every shard
// -------------------------------------------------------------------------------------------------

void Monitoring::publish(const bus::MonitoringChanged& change) {
  for (unsigned i = 0; i < shard_.shards; ++i) {
    const auto to = static_cast<ShardId>(i);
    if (to == shard_.self)
      on_mail(change);
    else if (!unsent_.empty() || !shard_.bus.send(to, bus::MonitoringChanged{change})) {
      // All must hear of it, in order.
      if (unsent_.empty()) next_retry_ = shard_.now.steady + retry_interval;
      unsent_.emplace_back(to, change);
    }
  }
}

void Monitoring::on_mail(const bus::MonitoringChanged& mail) {
  auto& monitors = monitored_[mail.monitored.value];
  std::erase(monitors, mail.monitor);
  if (mail.begins) monitors.push_back(mail.monitor);
  const bool still = !monitors.empty();
  if (!still) monitored_.erase(mail.monitored.value);
  if (shard_.is_mine(mail.monitored))
    tell(mail.monitored, mail.begins ? begun_text : still ? one_ended_text : ended_text);
}

void Monitoring::tell(Uin user, std::string_view text) {
  const auto session = shard_.port.find_session(user);
  if (!session || !shard_.port.emit(session, model::SystemNotice{text}, {}))
    messaging_.send_from_system(user, text);
}

void Monitoring::on_message(const bus::DeliverMessage& mail) {
  // What rooms tell their users has no words yet.
  if (monitored_.empty() || mail.from == system_uin || model::is_room(mail.from)) return;
  std::vector<Uin> monitors;
  for (const auto side : {mail.from, mail.to})
    if (const auto found = monitored_.find(side.value); found != monitored_.end())
      for (const auto monitor : found->second)
        if (monitor != mail.from && monitor != mail.to &&
            std::ranges::find(monitors, monitor) == monitors.end())
          monitors.push_back(monitor);
  for (const auto monitor : monitors) {
    bus::CopiedMessage copy{.monitor = monitor,
                            .from = mail.from,
                            .to = mail.to,
                            .kind = mail.kind,
                            .dialect_type = mail.dialect_type,
                            .charset = mail.charset,
                            .text = mail.text};
    if (shard_.is_mine(monitor))
      on_mail(copy);
    else if (!shard_.bus.send(shard_of(monitor, shard_.shards), std::move(copy)))
      ++shard_.counters.copies_dropped;
  }
}

void Monitoring::on_login(SessionRef session, Uin user) {
  if (monitored_.contains(user.value)) greetings_.push_back(session);
}

void Monitoring::on_time() {
  for (const auto session : std::exchange(greetings_, {}))
    if (const auto* facts = shard_.port.facts(session)) tell(facts->uin, login_text);
  if (unsent_.empty() || shard_.now.steady < next_retry_) return;
  next_retry_ = shard_.now.steady + retry_interval;
  while (!unsent_.empty() &&
         shard_.bus.send(unsent_.front().first, bus::MonitoringChanged{unsent_.front().second}))
    unsent_.pop_front();
}

void Monitoring::end_leftovers() {
  shard_.store.call(storage::ReadMonitorings{}, [this](storage::Result&& result) {
    const auto* known = answer<storage::Monitorings>(result);
    if (known == nullptr) return;
    for (const auto& left : known->all) {
      if (left.since >= started_) continue;  // begun meanwhile
      note({"monitor_ended", left.monitor, left.monitored});
      shard_.store.call(storage::SaveMonitoring{.monitor = left.monitor, .monitored = left.monitored}, {});
      messaging_.send_from_system(left.monitored, ended_text);
    }
  });
}

}  // namespace uhoh::service
