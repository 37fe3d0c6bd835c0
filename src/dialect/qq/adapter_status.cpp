#include "dialect/qq/adapter_status.hpp"

namespace uhoh::qq {

using model::Availability;

model::Status status_from_wire(std::uint8_t word) noexcept {
  switch (word) {
    case status::away:
      return {.availability = Availability::away};
    case status::invisible:
    case status::offline:
      return {.availability = Availability::online, .invisible = true};
    case status::busy:
      return {.availability = Availability::occupied};
    case status::free_for_chat:
      return {.availability = Availability::free_for_chat};
    case status::do_not_disturb:
      return {.availability = Availability::do_not_disturb};
    default:
      return {};
  }
}

std::uint8_t status_to_wire(const model::Status& shown, Version version) noexcept {
  if (shown.invisible) return status::offline;
  // Source: spec/qq.md 7: the words above 28 came with QQ2007.
  const bool knows_few = (gen_a | gen_a2).has(version);
  switch (shown.availability) {
    case Availability::offline:
      return status::offline;
    case Availability::online:
      return status::online;
    case Availability::away:
    case Availability::not_available:
      return status::away;
    case Availability::occupied:
      return knows_few ? status::away : status::busy;
    case Availability::do_not_disturb:
      return knows_few ? status::away : status::do_not_disturb;
    case Availability::free_for_chat:
      return knows_few ? status::online : status::free_for_chat;
  }
  return status::online;
}

}  // namespace uhoh::qq
