// The end of a simulation: the network heals, everybody comes back, and the promises are looked at.

#include <algorithm>

#include "simulation.hpp"

namespace uhoh::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

void Simulation::heal() {
  say("the network heals");
  healed_ = true;
  auto weather = plan_.weather;
  weather.loss_percent = weather.duplicate_percent = weather.reorder_percent = 0;
  network_.set_weather(weather);
  engine_.inner().fail_commits(0);
  next_world_act_ = Instant::max();
  store_well_at_ = now_;
  server_up_at_ = now_;
  for (auto& user : users_) {
    user.next_act = Instant::max();
    if (user.device == nullptr || user.device->client().phase() == client::IcqClient::Phase::offline)
      user.log_in_at = now_ + random_up_to(seconds{3});
  }
  come_to_rest();
  // What was to be told when the server crashed is lost, so watchers that lived through it log in anew.
  for (auto& user : users_)
    if (user.device->life != life_ && user.device->client().log_off(user.device->io(now_)))
      say("{}: logs off to see its contacts anew", user.uin.value);
  come_to_rest();
}

void Simulation::come_to_rest() {
  const auto longest = now_ + std::chrono::minutes{25};
  std::string unrest_now = "not looked at";
  auto rests_since = Instant::max();
  while (now_ < longest && broken_.empty()) {
    const auto look = now_ + seconds{1};
    while (now_ < look) step(look);
    for (auto& user : users_) catch_up(user);
    unrest_now = unrest();
    if (!unrest_now.empty()) {
      rests_since = Instant::max();
      continue;
    }
    rests_since = std::min(rests_since, now_);
    if (now_ - rests_since >= seconds{8}) return;
  }
  if (!unrest_now.empty()) broke("25 minutes after the network healed: " + unrest_now);
}

/// What is still going on; empty when everything rests.
std::string Simulation::unrest() {
  if (!server_) return "the server is down";
  for (auto& user : users_) {
    auto& device = *user.device;
    const auto who = user.uin.value;
    if (!device.client().is_online()) return fmt::format("{} is not online", who);
    if (device.client().unacknowledged() > 0)
      return fmt::format("{} waits for {} acknowledgements", who, device.client().unacknowledged());
    if (!user.unsent.empty()) return fmt::format("{} has {} messages to send", who, user.unsent.size());
    if (!user.status_sent || !user.visible_sent || !user.invisible_sent) return fmt::format("{} has changes to send", who);
    if (device.life == life_ && !device.stored_end) return fmt::format("{} has not heard the end of its stored messages", who);
    if (device.life == life_ && device.lists_processed < device.lists_sent)
      return fmt::format("{} has not heard the end of its contacts", who);
    const auto left = engine_.ask<storage::KeptMessages>(storage::ReadMessages{.to = user.uin, .limit = 100});
    if (!left.messages.empty()) return fmt::format("{} messages are left in the store for {}", left.messages.size(), who);
    const auto* online = server_->shard_of_user(user.uin).services().user(user.uin);
    if (online == nullptr) return fmt::format("the server has no session of {}", who);
    if (!online->announced) return fmt::format("{} is not announced", who);
    if (online->extras && !online->extras->presence.empty()) return fmt::format("news wait for {}", who);
  }
  for (unsigned i = 0; i < server_->shard_count(); ++i) {
    auto& shard = server_->shard(i);
    if (shard.core().outbox().bytes_in_use() > 0) return "packets wait for acknowledgements";
    if (shard.services().live_messages() > 0) return "messages are in the server's memory";
    if (shard.services().store_requests_waiting() > 0) return "the store is asked something";
  }
  return network_.empty() ? "" : "datagrams are under way";
}

void Simulation::judge() {
  ledger_.judge(broken_);
  for (const auto& what : broken_) say("BROKEN: {}", what);
  for (auto& user : users_) {
    const auto* online = server_ ? server_->shard_of_user(user.uin).services().user(user.uin) : nullptr;
    if (online == nullptr || !user.device->client().is_online()) continue;
    if (online->status.dialect_code != user.status)
      broke(fmt::format("{}: the server believes in status {:x} instead of {:x}", user.uin.value,
                        online->status.dialect_code, user.status));
    const auto& extras = online->extras;
    if (user.visible != (extras ? extras->visible.members() : std::vector<Uin>{}))
      broke(fmt::format("{}: the server has another visible list", user.uin.value));
    if (user.invisible != (extras ? extras->invisible.members() : std::vector<Uin>{}))
      broke(fmt::format("{}: the server has another invisible list", user.uin.value));
    judge_presence(user);
  }
}

bool Simulation::sees(const User& watcher, const User& contact) {
  if (std::ranges::binary_search(contact.invisible, watcher.uin)) return false;
  if ((contact.status & icq::status::invisible) != 0 && !std::ranges::binary_search(contact.visible, watcher.uin))
    return false;
  const auto account = engine_.ask<model::FoundUser>(storage::ReadBasic{contact.uin});
  if (account.profile.authorization == model::Authorization::open) return true;
  const auto allowed = engine_.ask<storage::Uins>(storage::ReadWatchersAllowed{contact.uin});
  return std::ranges::find(allowed.members, watcher.uin) != allowed.members.end();
}

void Simulation::judge_presence(User& watcher) {
  const auto& news = watcher.device->online;
  for (const auto uin : watcher.contacts) {
    const auto& contact = user_of(uin);
    if (!contact.device->client().is_online()) continue;
    const auto found = news.find(uin);
    const bool online = found != news.end();
    if (online != sees(watcher, contact))
      broke(fmt::format("{} believes that {} (status {:x}) is {}line", watcher.uin.value, uin.value, contact.status,
                        online ? "on" : "off"));
    else if (online && found->second != contact.status)
      broke(fmt::format("{} believes that {} has status {:x} instead of {:x}", watcher.uin.value, uin.value,
                        found->second, contact.status));
  }
}

}  // namespace uhoh::sim
