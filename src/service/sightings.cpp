#include "service/sightings.hpp"

#include <algorithm>

namespace uhoh::service {
namespace {

/// Numbers that are tried one by one before all sessions are gone through.
constexpr std::uint32_t most_probes = 4096;
constexpr std::uint32_t past_last_account = 2'000'000'000;

}  // namespace

void enter_statuses(std::vector<model::UserCard>& cards, const std::vector<model::ContactPresence>& seen) {
  for (auto& card : cards) {
    const auto found = std::ranges::find(seen, card.uin, &model::ContactPresence::uin);
    card.status = found == seen.end() ? model::Status{.availability = model::Availability::offline} : found->status;
  }
}

// ---- looking at some -------------------------------------------------------------------------------------------

void Sightings::look(Uin asker, const std::vector<Uin>& uins, bool before_grant, Then then) {
  std::vector<bus::LookAt> remote(shard_.shards);
  std::vector<Uin> here;
  for (const auto uin : uins) {
    if (uin == system_uin || shard_.is_mine(uin))
      here.push_back(uin);
    else
      remote[static_cast<std::size_t>(shard_of(uin, shard_.shards))].uins.push_back(uin);
  }
  auto seen = seen_here(asker, here, before_grant);
  const auto missing = std::ranges::count_if(remote, [](const bus::LookAt& mail) { return !mail.uins.empty(); });
  if (missing == 0) return then(std::move(seen));
  const auto ref = looks_.insert({static_cast<std::uint32_t>(missing), std::move(seen), std::move(then)});
  for (std::size_t i = 0; i < remote.size(); ++i) {
    if (remote[i].uins.empty()) continue;
    remote[i].query = {shard_.self, ref.index, ref.generation};
    remote[i].asker = asker;
    remote[i].before_grant = before_grant;
    shard_.mail(static_cast<ShardId>(i), std::move(remote[i]));
  }
}

std::vector<model::ContactPresence> Sightings::seen_here(Uin asker, const std::vector<Uin>& uins, bool before_grant) {
  std::vector<model::ContactPresence> seen;
  for (const auto uin : uins) {
    auto contact = before_grant ? presence_.seen_before_grant(asker, uin) : presence_.seen_by(asker, uin);
    if (contact.status.availability != model::Availability::offline) seen.push_back(contact);
  }
  return seen;
}

void Sightings::look_at_cards(Uin asker, std::vector<model::UserCard>&& cards,
                              std::move_only_function<void(std::vector<model::UserCard>&&)> then) {
  std::vector<Uin> uins;
  for (const auto& card : cards) uins.push_back(card.uin);
  look(asker, uins, false,
       [cards = std::move(cards), then = std::move(then)](std::vector<model::ContactPresence>&& seen) mutable {
         enter_statuses(cards, seen);
         then(std::move(cards));
       });
}

void Sightings::look_at_friends(Uin asker, model::FriendList&& list,
                                std::move_only_function<void(model::FriendList&&)> then) {
  std::vector<Uin> uins;
  for (const auto& group : list.groups)
    for (const auto& card : group.friends) uins.push_back(card.uin);
  look(asker, uins, false,
       [list = std::move(list), then = std::move(then)](std::vector<model::ContactPresence>&& seen) mutable {
         for (auto& group : list.groups) enter_statuses(group.friends, seen);
         then(std::move(list));
       });
}

void Sightings::on_mail(const bus::LookAt& mail) {
  shard_.mail(mail.query.origin,
              bus::Seen{.query = mail.query, .contacts = seen_here(mail.asker, mail.uins, mail.before_grant)});
}

void Sightings::on_mail(bus::Seen&& mail) {
  take_answer(looks_, {mail.query.index, mail.query.generation}, std::move(mail.contacts));
}

template <class Item>
void Sightings::take_answer(Slab<Query<Item>, queries_a_chunk>& queries, SlabRef ref, std::vector<Item>&& found) {
  auto* query = queries.get(ref);
  if (query == nullptr) return;
  query->found.insert(query->found.end(), found.begin(), found.end());
  if (--query->answers_missing > 0) return;
  auto done = std::move(*query);
  queries.erase(ref);
  done.then(std::move(done.found));
}

// ---- finding who is there --------------------------------------------------------------------------------------

void Sightings::list_online(Uin asker, Uin start, bool upwards, std::uint32_t count, ThenNumbers then) {
  const auto ref = lists_.insert({shard_.shards, {}, std::move(then)});
  for (unsigned i = 0; i < shard_.shards; ++i) {
    bus::ListOnline mail{{shard_.self, ref.index, ref.generation}, asker, start, upwards, count};
    if (static_cast<ShardId>(i) == shard_.self)
      take_answer(lists_, ref, online_here(mail));
    else
      shard_.mail(static_cast<ShardId>(i), std::move(mail));
  }
}

/// Where nearly every number is taken and online, those that follow are tried; otherwise all sessions are gone through.
std::vector<Uin> Sightings::online_here(const bus::ListOnline& mail) {
  std::vector<Uin> found;
  if (mail.count == 0) return found;
  std::uint32_t number = std::min(mail.start.value, past_last_account);
  for (std::uint32_t probe = 0; probe < most_probes && found.size() < mail.count; ++probe) {
    number += mail.upwards ? 1U : ~0U;
    const Uin uin{number};
    if (!uin.is_account()) return found;
    if (shard_.is_mine(uin) && presence_.appears_to(mail.asker, uin)) found.push_back(uin);
  }
  if (found.size() == mail.count) return found;
  const auto nearer = [&](Uin a, Uin b) { return mail.upwards ? a < b : a > b; };
  // The nearest so far, the farthest of them on top.
  std::vector<Uin> nearest;
  const auto wanted = mail.count - found.size();
  shard_.users.for_each([&](const User& user) {
    if (!nearer(Uin{number}, user.uin)) return;
    if (nearest.size() == wanted && !nearer(user.uin, nearest.front())) return;
    if (!presence_.appears_to(mail.asker, user.uin)) return;
    if (nearest.size() == wanted) {
      std::ranges::pop_heap(nearest, nearer);
      nearest.pop_back();
    }
    nearest.push_back(user.uin);
    std::ranges::push_heap(nearest, nearer);
  });
  found.insert(found.end(), nearest.begin(), nearest.end());
  return found;
}

void Sightings::on_mail(const bus::ListOnline& mail) {
  shard_.mail(mail.query.origin, bus::OnlineListed{.query = mail.query, .uins = online_here(mail)});
}

void Sightings::on_mail(bus::OnlineListed&& mail) {
  take_answer(lists_, {mail.query.index, mail.query.generation}, std::move(mail.uins));
}

}  // namespace uhoh::service
