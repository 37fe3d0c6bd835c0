#include "service/watch_graph.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

namespace uhoh::service {
namespace {

/// Capacity for so many members: steps of four when small, of sixteenths when large. Always two over a multiple of
/// four, because then malloc adds only its own eight bytes.
std::uint32_t capacity_for(std::uint32_t size) noexcept {
  const auto step = std::max(4U, std::bit_floor(size) / 16);
  return (std::max(size, 2U) - 2 + step - 1) / step * step + 2;
}

}  // namespace

WatchGraph::~WatchGraph() {
  nodes_.for_each([](SlabRef, Node& node) { std::free(node.members); });
}

const WatchGraph::Node* WatchGraph::find(Uin user) const noexcept {
  const auto found = index_.find(user.value, key_of());
  return found == HandleIndex::none ? nullptr : nodes_.get(nodes_.ref_at(found));
}

WatchGraph::Node* WatchGraph::find(Uin user) noexcept {
  return const_cast<Node*>(std::as_const(*this).find(user));
}

WatchGraph::Node& WatchGraph::find_or_make(Uin user) {
  if (auto* node = find(user)) return *node;
  const auto ref = nodes_.insert(Node{.uin = user.value});
  index_.insert(user.value, ref.index, key_of());
  return *nodes_.get(ref);
}

std::uint32_t WatchGraph::place(const Node& node, std::uint32_t from, std::uint32_t to, std::uint32_t uin) noexcept {
  const std::uint32_t* end = node.members + to;
  const std::uint32_t* found = std::find<const std::uint32_t*>(node.members + from, end, uin);
  return found == end ? nowhere : static_cast<std::uint32_t>(found - node.members);
}

void WatchGraph::grow(Node& node) {
  const auto size = node.size();
  if (size != 0 && capacity_for(size) > size) return;
  auto* grown = static_cast<std::uint32_t*>(std::realloc(node.members, capacity_for(size + 1) * sizeof(std::uint32_t)));
  if (grown == nullptr) throw std::bad_alloc{};
  node.members = grown;
}

void WatchGraph::shrink(Uin user, Node& node) {
  if (node.size() == 0) {
    std::free(node.members);
    const auto found = index_.find(user.value, key_of());
    index_.erase(user.value, key_of());
    nodes_.erase(nodes_.ref_at(found));
    return;
  }
  const auto capacity = capacity_for(node.size());
  if (capacity_for(node.size() + 1) == capacity) return;
  if (auto* smaller = static_cast<std::uint32_t*>(std::realloc(node.members, capacity * sizeof(std::uint32_t))))
    node.members = smaller;
}

bool WatchGraph::add_watched(Uin user, Uin contact) {
  auto& node = find_or_make(user);
  if (place(node, 0, node.watched_end(), contact.value) != nowhere) return false;
  ++edges_;
  auto* m = node.members;
  if (const auto at = place(node, node.watched_end(), node.size(), contact.value); at != nowhere) {
    // Watched us already: moves to the front part; the first of each later part makes room.
    std::swap(m[at], m[node.watched_end()]);
    std::swap(m[node.watched_end()], m[node.mutual]);
    ++node.mutual;
    --node.watching;
    return true;
  }
  grow(node);
  m = node.members;
  m[node.size()] = m[node.watched_end()];
  m[node.watched_end()] = contact.value;
  ++node.watched;
  return true;
}

void WatchGraph::remove_watched(Uin user, Uin contact) {
  auto* node = find(user);
  if (node == nullptr) return;
  const auto at = place(*node, 0, node->watched_end(), contact.value);
  if (at == nowhere) return;
  --edges_;
  auto* m = node->members;
  if (at < node->mutual) {
    --node->mutual;
    std::swap(m[at], m[node->mutual]);
    std::swap(m[node->mutual], m[std::uint32_t{node->mutual} + node->watched]);
    ++node->watching;
    return;
  }
  m[at] = m[node->watched_end() - 1];
  m[node->watched_end() - 1] = m[node->size() - 1];
  --node->watched;
  shrink(user, *node);
}

void WatchGraph::add_watcher(Uin user, Uin watcher) {
  auto& node = find_or_make(user);
  auto* m = node.members;
  if (const auto at = place(node, 0, node.watched_end(), watcher.value); at != nowhere) {
    if (at < node.mutual) return;
    std::swap(m[at], m[node.mutual]);
    ++node.mutual;
    --node.watched;
    ++edges_;
    return;
  }
  // A session announces each contact once, so a long list need not be searched for repeats.
  constexpr std::uint32_t searched = 4096;
  if (node.watching <= searched && place(node, node.watched_end(), node.size(), watcher.value) != nowhere) return;
  grow(node);
  node.members[node.size()] = watcher.value;
  ++node.watching;
  ++edges_;
}

void WatchGraph::remove_watcher(Uin user, Uin watcher) {
  auto* node = find(user);
  if (node == nullptr) return;
  auto* m = node->members;
  if (const auto at = place(*node, 0, node->mutual, watcher.value); at != nowhere) {
    --node->mutual;
    std::swap(m[at], m[node->mutual]);
    ++node->watched;
    --edges_;
    return;
  }
  const auto at = place(*node, node->watched_end(), node->size(), watcher.value);
  if (at == nowhere) return;
  m[at] = m[node->size() - 1];
  --node->watching;
  --edges_;
  shrink(user, *node);
}

std::size_t WatchGraph::watched_count(Uin user) const noexcept {
  const auto* node = find(user);
  return node == nullptr ? 0 : node->watched_end();
}

bool WatchGraph::is_mutual(Uin user, Uin other) const noexcept {
  const auto* node = find(user);
  return node != nullptr && place(*node, 0, node->mutual, other.value) != nowhere;
}

std::span<const std::uint32_t> WatchGraph::watched(Uin user) const noexcept {
  const auto* node = find(user);
  if (node == nullptr) return {};
  return {node->members, node->watched_end()};
}

WatchGraph::Watchers WatchGraph::watchers(Uin user) const noexcept {
  const auto* node = find(user);
  if (node == nullptr) return {};
  return {{node->members, node->mutual}, {node->members + node->watched_end(), node->watching}};
}

}  // namespace uhoh::service
