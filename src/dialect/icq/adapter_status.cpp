#include "dialect/icq/adapter_status.hpp"

#include "dialect/icq/message_types.hpp"

namespace uhoh::icq {

namespace {
using model::Availability;

Availability availability_of(std::uint32_t word) noexcept {
  const std::uint32_t low = word & 0xFFFF & ~status::invisible;
  if (low == status::dnd_documents || (low & status::dnd) != 0) return Availability::do_not_disturb;
  if ((low & status::occupied) != 0) return Availability::occupied;
  if ((low & status::not_available) != 0) return Availability::not_available;
  if ((low & status::away) != 0) return Availability::away;
  if ((low & status::free_for_chat) != 0) return Availability::free_for_chat;
  return Availability::online;
}

std::uint32_t word_of(Availability availability) noexcept {
  switch (availability) {
    case Availability::offline:
    case Availability::online:
      return status::online;
    case Availability::away:
      return status::away;
    case Availability::not_available:
      return status::not_available_full;
    case Availability::occupied:
      return status::occupied;
    // 0x13 has all of 0x11, which the documents name, and the bit 0x02, which Licq looks at.
    case Availability::do_not_disturb:
      return status::dnd_full;
    case Availability::free_for_chat:
      return status::free_for_chat;
  }
  return status::online;
}
}  // namespace

model::Status status_from_wire(std::uint32_t word) noexcept {
  return {availability_of(word), (word & status::invisible) != 0, word};
}

std::uint32_t status_to_wire(const model::Status& shown) noexcept {
  if (shown.dialect_code != model::Status::no_code) {
    const model::Status meaning = status_from_wire(shown.dialect_code);
    if (meaning.availability == shown.availability && meaning.invisible == shown.invisible)
      return shown.dialect_code;
  }
  return word_of(shown.availability) | (shown.invisible ? status::invisible : 0);
}

}  // namespace uhoh::icq
