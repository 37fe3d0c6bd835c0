#include "dialect/qq/qr_desk.hpp"

#include <algorithm>
#include <array>

#include "crypto/sealed.hpp"

namespace uhoh::qq {

namespace {
/// Without those that are taken for each other when they are read from a screen.
constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr std::size_t code_letters = 8;

std::string new_code() {
  std::array<std::uint8_t, code_letters> octets{};
  crypto::random_bytes(octets);
  std::string code;
  for (const std::uint8_t octet : octets) code += letters[octet % letters.size()];
  return code;
}

model::QrLogInRow row_of(const std::string& code, const QrDesk::Asker& asker, WallTime until) {
  return {.code = code, .peer = asker.peer, .client = asker.client, .until = until};
}
}  // namespace

void QrDesk::forget_old(WallTime now) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.until <= now; });
}

QrDesk::Entry* QrDesk::find_entry(std::string_view code) {
  const auto at = std::ranges::find(entries_, code, &Entry::code);
  return at == entries_.end() ? nullptr : &*at;
}

std::optional<std::string> QrDesk::begin(const Asker& asker, WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  const auto again = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.asker.peer == asker.peer && entry.asker.content == asker.content && entry.uin == Uin{};
  });
  if (again != entries_.end()) return again->code;
  const auto from_there = std::ranges::count_if(
      entries_, [&](const Entry& entry) { return entry.asker.peer.address == asker.peer.address; });
  if (entries_.size() >= max_codes || static_cast<std::size_t>(from_there) >= max_per_address)
    return std::nullopt;
  std::string code = new_code();
  while (find_entry(code) != nullptr) code = new_code();
  entries_.push_back({.code = code, .asker = asker, .until = now + code_life});
  return code;
}

QrDesk::Progress QrDesk::poll(std::string_view code, const IpAddress& address, std::uint64_t content,
                              WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  Entry* entry = find_entry(code);
  if (entry == nullptr || entry->asker.peer.address != address) return {};
  if (entry->uin == Uin{}) return {.stage = QrStage::waiting};
  if (entry->scanned_by == 0) entry->scanned_by = content;
  return {.stage = entry->scanned_by == content ? QrStage::scanned : QrStage::confirmed, .uin = entry->uin};
}

bool QrDesk::spend(Uin uin, const IpAddress& address, std::uint64_t content, WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  const auto at = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.uin == uin && entry.asker.peer.address == address && entry.scanned_by != 0 &&
           (entry.spent_by == 0 || entry.spent_by == content);
  });
  if (at == entries_.end()) return false;
  at->spent_by = content;
  return true;
}

std::vector<model::QrLogInRow> QrDesk::waiting(WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  std::vector<model::QrLogInRow> rows;
  for (const Entry& entry : entries_)
    if (entry.uin == Uin{}) rows.push_back(row_of(entry.code, entry.asker, entry.until));
  return rows;
}

std::optional<model::QrLogInRow> QrDesk::find(std::string_view code, WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  const Entry* entry = find_entry(code);
  if (entry == nullptr || entry->uin != Uin{}) return std::nullopt;
  return row_of(entry->code, entry->asker, entry->until);
}

bool QrDesk::confirm(std::string_view code, Uin uin, WallTime now) {
  const std::lock_guard lock{mutex_};
  forget_old(now);
  Entry* entry = find_entry(code);
  if (entry == nullptr || entry->uin != Uin{} || !uin.is_account()) return false;
  entry->uin = uin;
  return true;
}

}  // namespace uhoh::qq
