#include "client/seen_numbers.hpp"

#include <algorithm>

namespace uhoh::client {

void SeenNumbers::start(Seq16 first) noexcept {
  newest_ = first;
  gaps_.reset();
}

bool SeenNumbers::contains(Seq16 seq) const noexcept {
  if (seq.is_newer(newest_)) return false;
  if (gaps_ == nullptr) return true;
  const auto end = gaps_->list.begin() + static_cast<std::ptrdiff_t>(gaps_->count);
  return std::none_of(gaps_->list.begin(), end, [&](const Gap& gap) { return gap.contains(seq); });
}

void SeenNumbers::insert(Seq16 seq) {
  if (seq.is_newer(newest_)) {
    const Seq16 expected = newest_.next();
    newest_ = seq;
    forget_old_gaps();
    if (seq != expected) add_gap({expected, {static_cast<std::uint16_t>(seq.value - 1)}});
    return;
  }
  if (gaps_ == nullptr) return;
  for (std::size_t i = 0; i < gaps_->count; ++i) {
    const Gap gap = gaps_->list[i];
    if (!gap.contains(seq)) continue;
    remove_gap(i);
    if (seq != gap.first) add_gap({gap.first, {static_cast<std::uint16_t>(seq.value - 1)}});
    if (seq != gap.last) add_gap({seq.next(), gap.last});
    if (gaps_->count == 0) gaps_.reset();
    return;
  }
}

void SeenNumbers::add_gap(Gap gap) {
  if (gaps_ == nullptr) gaps_ = std::make_unique<Gaps>();
  if (gaps_->count == max_gaps) {
    const auto* oldest = std::ranges::max_element(
        gaps_->list, {}, [&](const Gap& g) { return newest_.distance_from(g.last); });
    remove_gap(static_cast<std::size_t>(oldest - gaps_->list.begin()));
  }
  gaps_->list[gaps_->count++] = gap;
}

void SeenNumbers::remove_gap(std::size_t i) noexcept { gaps_->list[i] = gaps_->list[--gaps_->count]; }

void SeenNumbers::forget_old_gaps() noexcept {
  if (gaps_ == nullptr) return;
  for (std::size_t i = gaps_->count; i-- > 0;) {
    Gap& gap = gaps_->list[i];
    if (!newest_.is_newer(gap.last))
      remove_gap(i);
    else if (!newest_.is_newer(gap.first))
      gap.first = {static_cast<std::uint16_t>(newest_.value - 0x7FFF)};
  }
  if (gaps_->count == 0) gaps_.reset();
}

}  // namespace uhoh::client
