#include "ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/hash.hpp"

namespace uhoh::load {

namespace {
constexpr std::string_view mark = "uhoh-load";
constexpr std::size_t checksum_digits = 16;
constexpr std::size_t max_examples = 10;

std::uint64_t pair_key(Uin from, Uin to) noexcept { return std::uint64_t{from.value} << 32 | to.value; }

/// Takes a number and the blank behind it off the front; false when there is none.
template <class Number>
bool take_number(std::string_view& text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

bool is_intact(std::string_view text) {
  if (text.size() < mark.size() + 1 + checksum_digits) return false;
  const std::string_view body = text.substr(0, text.size() - checksum_digits);
  std::string_view checksum = text.substr(body.size());
  std::uint64_t expected = 0;
  return take_number(checksum, expected, 16) && checksum.empty() && expected == content_hash(as_bytes(body));
}
}  // namespace

std::uint32_t Ledger::open(Uin from, Uin to, Instant now) {
  records_.push_back({.from = from, .to = to, .sent = now});
  return static_cast<std::uint32_t>(records_.size() - 1);
}

std::string_view Ledger::text(std::uint32_t message, unsigned attempt, std::size_t bytes) {
  const Record& r = records_[message];
  text_.clear();
  fmt::format_to(std::back_inserter(text_), "{} {} {} {} {} {} ", mark, run_, r.from.value, r.to.value,
                 message, attempt);
  while (text_.size() + checksum_digits < bytes)
    text_ += static_cast<char>('a' + (text_.size() + message) % 26);
  fmt::format_to(std::back_inserter(text_), "{:016x}", content_hash(as_bytes(text_)));
  return text_;
}

std::optional<Ledger::Fields> Ledger::parse(std::string_view body) {
  Fields f;
  std::string_view rest = body.substr(mark.size() + 1);
  const bool complete = take_number(rest, f.run) && take_number(rest, f.from) && take_number(rest, f.to) &&
                        take_number(rest, f.message) && take_number(rest, f.attempt);
  return complete ? std::optional{f} : std::nullopt;
}

void Ledger::acknowledged(std::uint32_t message) noexcept {
  Record& r = records_[message];
  if (std::exchange(r.acknowledged, true)) return;
  ++acknowledged_;
  if (r.received) ++acknowledged_and_received_;
}

void Ledger::note(std::string example) {
  if (counts_.examples.size() < max_examples) counts_.examples.push_back(std::move(example));
}

void Ledger::received(std::string_view text, Uin from, Uin to, std::uint32_t session, Instant now) {
  if (!text.starts_with(mark)) {
    ++counts_.foreign;
    return;
  }
  if (!is_intact(text)) {
    ++counts_.damaged;
    return note(fmt::format("damaged: {} to {}: {}", from.value, to.value, text.substr(0, 120)));
  }
  const auto parsed = parse(text.substr(0, text.size() - checksum_digits));
  if (!parsed || parsed->run != run_ || parsed->message >= records_.size()) {
    ++counts_.foreign;
    return;
  }
  const Fields& fields = *parsed;
  Record& r = records_[fields.message];
  if (r.from != from || r.to != to || fields.from != from.value || fields.to != to.value) {
    ++counts_.misdelivered;
    return note(fmt::format("misdelivered: message {} of {} to {} came to {} as of {}", fields.message,
                            r.from.value, r.to.value, to.value, from.value));
  }
  const auto attempt_bit = static_cast<std::uint8_t>(1U << std::min(fields.attempt, 7U));
  if (r.received) {
    doubles_.push_back(
        {fields.message, r.session == session, (r.attempts & attempt_bit) != 0, r.received_at, now});
    r.session = session;
    r.attempts |= attempt_bit;
    return;
  }
  r.received = true;
  r.received_at = now;
  r.session = session;
  r.attempts = attempt_bit;
  ++received_;
  if (r.acknowledged) ++acknowledged_and_received_;
  delivery_.add(now - r.sent);
  auto& newest = newest_of_pair_[pair_key(from, to)];
  if (newest > fields.message + 1) {
    ++counts_.out_of_order;
    note(fmt::format("out of order: {} to {}: message {} after {}", from.value, to.value, fields.message,
                     newest - 1));
  }
  newest = std::max(newest, fields.message + 1);
}

Verdict Ledger::verdict(const std::vector<Outage>& outages) const {
  Verdict v = counts_;
  v.sent = records_.size();
  v.acknowledged = acknowledged_;
  v.received = received_;
  const auto add_example = [&](std::string example) {
    if (v.examples.size() < 2 * max_examples) v.examples.push_back(std::move(example));
  };
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& r = records_[i];
    if (!r.acknowledged) ++v.unanswered;
    if (!r.acknowledged && !r.received) ++v.unanswered_lost;
    if (!r.acknowledged || r.received) continue;
    ++v.lost;
    add_example(fmt::format("lost: message {} of {} to {}", i, r.from.value, r.to.value));
  }
  for (const Double& d : doubles_) {
    const auto spans = [&](const Outage& o) { return d.first <= o.end && d.again >= o.begin; };
    if (!d.same_attempt) {
      ++v.doubled_sent_again;
    } else if (!d.same_session) {
      ++v.doubled_session_ended;
    } else if (std::ranges::any_of(outages, spans)) {
      ++v.doubled_crash;
    } else {
      ++v.doubled_unexplained;
      const Record& r = records_[d.message];
      add_example(fmt::format("doubled without a reason: message {} of {} to {}, {} ms apart", d.message,
                              r.from.value, r.to.value, (d.again - d.first).count() / 1000));
    }
  }
  return v;
}

}  // namespace uhoh::load
