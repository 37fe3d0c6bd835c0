#include "client/unacknowledged.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace uhoh::client {

UnacknowledgedList& UnacknowledgedList::operator=(UnacknowledgedList&& other) noexcept {
  std::swap(head_, other.head_);
  return *this;
}

Unacknowledged& UnacknowledgedList::append(Bytes packet) {
  auto* memory = static_cast<std::uint8_t*>(::operator new(sizeof(Unacknowledged) + packet.size()));
  auto* added = new (memory) Unacknowledged{};
  std::copy(packet.begin(), packet.end(), memory + sizeof(Unacknowledged));
  added->size = static_cast<std::uint16_t>(packet.size());
  Unacknowledged** end = &head_;
  while (*end != nullptr) end = &(*end)->next;
  *end = added;
  return *added;
}

void UnacknowledgedList::erase(const Unacknowledged& packet) noexcept {
  for (Unacknowledged** at = &head_; *at != nullptr; at = &(*at)->next) {
    if (*at != &packet) continue;
    Unacknowledged* found = *at;
    *at = found->next;
    free(found);
    return;
  }
}

void UnacknowledgedList::clear() noexcept {
  while (head_ != nullptr) free(std::exchange(head_, head_->next));
}

Unacknowledged* UnacknowledgedList::find(Seq16 sequence) const noexcept {
  Unacknowledged* at = head_;
  while (at != nullptr && at->sequence != sequence) at = at->next;
  return at;
}

std::size_t UnacknowledgedList::size() const noexcept {
  std::size_t n = 0;
  for (const Unacknowledged* at = head_; at != nullptr; at = at->next) ++n;
  return n;
}

void UnacknowledgedList::free(Unacknowledged* packet) noexcept {
  packet->~Unacknowledged();
  ::operator delete(packet);
}

}  // namespace uhoh::client
