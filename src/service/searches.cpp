#include "service/searches.hpp"

#include <algorithm>

#include "service/asking.hpp"

namespace uhoh::service {
namespace {

/// The most people that one page of who is online has.
constexpr std::uint32_t max_page = 255;
/// So many people who are online a search knows of; over that some count as offline for conditions about it.
constexpr std::uint32_t max_online_known = 20'000;

bool asks_who_is_online(const model::SearchCondition& condition) {
  return std::ranges::any_of(condition.nodes, [](const model::SearchNode& node) {
    return node.is_comparison() && node.field == model::SearchField::online;
  });
}

}  // namespace

// ---- browsing --------------------------------------------------------------------------------------------------

void Searches::browse(const model::BrowseOnline& command, const model::RequestContext& context) {
  const auto asker = shard_.users.at(context.session).uin;
  // One more than wanted tells whether there are others.
  const auto wanted = std::min<std::uint32_t>(command.count, max_page);
  sightings_.list_online(asker, command.start, command.upwards, wanted + 1,
                         [this, command, context, asker](std::vector<Uin>&& uins) {
                           show_online(command, context, asker, std::move(uins));
                         });
}

void Searches::show_online(const model::BrowseOnline& command, const model::RequestContext& context, Uin asker,
                           std::vector<Uin>&& uins) {
  std::ranges::sort(uins);
  if (!command.upwards) std::ranges::reverse(uins);
  const auto wanted = std::min<std::size_t>(command.count, max_page);
  const bool more = uins.size() > wanted;
  if (more) uins.resize(wanted);
  storage::ReadCards request{uins};
  ask_store(shard_, context.request, std::move(request),
            [this, command, context, asker, more](storage::Result&& result) {
              auto* cards = answer<storage::Cards>(result);
              if (cards == nullptr) return shard_.port.drop(context.request);
              sightings_.look_at_cards(
                  asker, std::move(cards->users),
                  [this, command, context, more](std::vector<model::UserCard>&& users) {
                    // Who has gone since is not there any more.
                    std::erase_if(users, [](const model::UserCard& card) {
                      return card.status.availability == model::Availability::offline;
                    });
                    if (!command.upwards) std::ranges::reverse(users);
                    shard_.port.acknowledge(context.request);
                    shard_.port.reply(context.request, model::UsersFound{.query = command.query,
                                                                         .browse = true,
                                                                         .users = users,
                                                                         .more = more});
                  });
            });
}

// ---- searching -------------------------------------------------------------------------------------------------

void Searches::search(const model::SearchUsers& command, const model::RequestContext& context) {
  if (command.condition == nullptr) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::UsersFound{.query = command.query, .ok = false});
  }
  if (waiting_.size() >= max_waiting) {
    ++shard_.counters.searches_put_off;
    return shard_.port.drop(context.request);
  }
  const auto& condition = *command.condition;
  const auto limit = std::clamp(condition.limit, 1U, model::SearchCondition::max_results);
  waiting_.push_back({.context = context,
                      .asker = shard_.users.at(context.session).uin,
                      .query = command.query,
                      .request = {.condition = condition, .limit = limit + 1}});
  if (!busy_) start_next();
}

void Searches::start_next() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  ++shard_.counters.searches;
  const auto& search = waiting_.front();
  if (!asks_who_is_online(search.request.condition)) return read_page();
  sightings_.list_online(search.asker, Uin{}, true, std::max(1U, max_online_known / shard_.shards),
                         [this](std::vector<Uin>&& online) {
                           online.push_back(system_uin);
                           std::ranges::sort(online);
                           waiting_.front().request.online = std::move(online);
                           read_page();
                         });
}

void Searches::read_page() {
  auto request = waiting_.front().request;
  if (!shard_.store.call(std::move(request), [this](storage::Result&& result) { on_page(std::move(result)); }))
    finish(false);
}

void Searches::on_page(storage::Result&& result) {
  auto& search = waiting_.front();
  auto* page = answer<storage::SearchPage>(result);
  if (page == nullptr) {
    ++shard_.counters.store_unavailable;
    return finish(false);
  }
  // Whoever left has no use for the rest.
  const bool wanted = shard_.port.facts(search.context.session) != nullptr;
  std::ranges::move(page->users, std::back_inserter(search.found));
  search.request.after = page->last;
  if (!page->over && wanted && search.found.size() < search.request.limit) return read_page();
  finish(wanted);
}

void Searches::finish(bool answered) {
  auto search = std::move(waiting_.front());
  waiting_.pop_front();
  busy_ = false;
  start_next();
  if (!answered) return shard_.port.drop(search.context.request);
  const auto limit = search.request.limit - 1;
  const bool more = search.found.size() > limit;
  if (more) search.found.resize(limit);
  sightings_.look_at_cards(search.asker, std::move(search.found),
                           [this, context = search.context, query = search.query,
                            more](std::vector<model::UserCard>&& users) {
                             shard_.port.acknowledge(context.request);
                             shard_.port.reply(context.request,
                                               model::UsersFound{.query = query, .users = users, .more = more});
                           });
}

}  // namespace uhoh::service
