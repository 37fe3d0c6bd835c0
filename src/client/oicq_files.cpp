#include "client/oicq_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "client/download_folder.hpp"

namespace uhoh::client {

std::expected<TransferId, std::string> OicqFiles::offer(Uin to, const std::vector<std::string>& paths) {
  if (sending_.contains(to))
    return std::unexpected("Something is on its way to him already: one after the other");
  Sending sending;
  for (const auto& path : paths) {
    auto file = files_->open(path);
    if (!file) return std::unexpected(file.error());
    if ((*file)->size() > max_bytes) return std::unexpected(fmt::format("{} is larger than 4 GB", path));
    sending.progress.total += (*file)->size();
    sending.sources.push_back({std::filesystem::path{path}.filename().string(), std::move(*file)});
  }
  if (sending.sources.empty()) return std::unexpected("There is no file to send");
  sending.id = static_cast<TransferId>(numbers_->plain());
  sending.progress.files = static_cast<std::uint32_t>(sending.sources.size());
  sending.progress.name = sending.sources.front().name;
  if (!offer_present(to, sending)) return std::unexpected("Files are sent while you are online");
  const auto id = sending.id;
  sending_[to] = std::move(sending);
  return id;
}

bool OicqFiles::offer_present(Uin to, const Sending& sending) {
  const auto& source = sending.sources[sending.present];
  return wire_->offer_file(to, source.name, static_cast<std::uint32_t>(source.file->size()));
}

std::expected<TransferId, std::string> OicqFiles::accept(RequestId request) {
  const auto node = offers_.extract(request);
  if (node.empty()) return std::unexpected("The offer is gone");
  const Offer& offer = node.mapped();
  auto target = files_->begin(offer.name, offer.size, offer.from);
  if (!target || !wire_->answer_offer(offer.from, true)) {
    (void)wire_->answer_offer(offer.from, false);
    return std::unexpected(target ? "You are offline" : target.error());
  }
  const auto id = static_cast<TransferId>(numbers_->plain());
  Receiving& receiving = receiving_[offer.from];
  receiving = {.id = id, .target = std::move(*target)};
  receiving.progress = {.resumed = receiving.target->size(), .total = offer.size, .name = offer.name};
  return id;
}

void OicqFiles::refuse(RequestId request) {
  const auto node = offers_.extract(request);
  if (!node.empty()) (void)wire_->answer_offer(node.mapped().from, false);
}

void OicqFiles::cancel(TransferId transfer) {
  const auto is_this = [&](const auto& entry) { return entry.second.id == transfer; };
  if (const auto at = std::ranges::find_if(sending_, is_this); at != sending_.end()) {
    (void)wire_->answer_offer(at->first, false);
    sending_.erase(at);
  }
  if (const auto at = std::ranges::find_if(receiving_, is_this); at != receiving_.end()) {
    (void)wire_->answer_offer(at->first, false);
    receiving_.erase(at);
  }
}

// Sending.

void OicqFiles::on_answered(Uin other, bool allow) {
  // Of two transfers with somebody the answer is to the one that waits for it.
  if (const auto at = sending_.find(other);
      at != sending_.end() && (allow || !at->second.is_accepted || !receiving_.contains(other))) {
    if (!allow) return fail(at, at->second.is_accepted ? "The other side ended it" : "It was declined");
    at->second.is_accepted = true;
    return pump(other);
  }
  if (allow) return;
  if (const auto at = receiving_.find(other); at != receiving_.end())
    return fail(at, "The other side ended it");
  // He has taken his offer back.
  for (auto at = offers_.begin(); at != offers_.end(); ++at) {
    if (at->second.from != other) continue;
    const auto request = at->first;
    offers_.erase(at);
    return listener_->on_request_withdrawn(request);
  }
}

void OicqFiles::on_writable() {
  std::vector<Uin> recipients;
  for (const auto& [to, sending] : sending_)
    if (sending.is_accepted) recipients.push_back(to);
  for (const Uin to : recipients) pump(to);
}

void OicqFiles::pump(Uin to) {
  const auto at = sending_.find(to);
  if (at == sending_.end() || !at->second.is_accepted) return;
  Sending& sending = at->second;
  FileSource& file = *sending.sources[sending.present].file;
  std::array<std::uint8_t, part_bytes> part;
  while (sending.sent < file.size() && wire_->unsent() < max_unsent) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), file.size() - sending.sent));
    const auto got = file.read(sending.sent, MutableBytes{part}.first(wanted));
    if (got == 0) {
      (void)wire_->answer_offer(to, false);
      return fail(at, "The file can't be read any more");
    }
    if (!wire_->send_part(to, Bytes{part}.first(got))) return;
    sending.sent += got;
    sending.progress.done += got;
  }
  listener_->on_transfer_progress(sending.id, sending.progress);
  if (sending.sent == file.size() && wire_->unsent() == 0) finish_present(to);
}

void OicqFiles::finish_present(Uin to) {
  const auto at = sending_.find(to);
  Sending& sending = at->second;
  listener_->on_transfer_file(sending.id, sending.sources[sending.present].name, {});
  ++sending.progress.files_done;
  if (++sending.present == sending.sources.size()) {
    const auto id = sending.id;
    sending_.erase(at);
    return listener_->on_transfer_end(id, true, {});
  }
  sending.sent = 0;
  sending.is_accepted = false;
  sending.progress.name = sending.sources[sending.present].name;
  if (!offer_present(to, sending)) fail(at, "The next file could not be offered");
}

// Receiving.

void OicqFiles::on_offered(Uin from, const std::string& name, std::uint32_t size) {
  if (const auto safe = safe_file_name(name); !safe) {
    (void)wire_->answer_offer(from, false);
    return listener_->on_notice(fmt::format("An offer of {} is refused. {}", from.value, safe.error()));
  }
  const auto request = static_cast<RequestId>(numbers_->plain());
  offers_[request] = {from, name, size};
  listener_->on_file_offer(request, {.from = from, .name = name, .size = size});
}

void OicqFiles::on_part(Uin from, Bytes part) {
  const auto at = receiving_.find(from);
  if (at == receiving_.end()) return;
  Receiving& receiving = at->second;
  if (part.size() > receiving.progress.total - receiving.arrived) {
    (void)wire_->answer_offer(from, false);
    return fail(at, "More came than was offered");
  }
  const std::uint64_t had = receiving.progress.resumed;
  const auto known =
      had > receiving.arrived ? std::min<std::uint64_t>(had - receiving.arrived, part.size()) : 0;
  receiving.arrived += part.size();
  if (known < part.size() && !receiving.target->write(part.subspan(static_cast<std::size_t>(known)))) {
    (void)wire_->answer_offer(from, false);
    return fail(at, "The file can't be written: is the disk full?");
  }
  receiving.progress.done = receiving.arrived;
  listener_->on_transfer_progress(receiving.id, receiving.progress);
  if (receiving.arrived == receiving.progress.total) finish(at);
}

void OicqFiles::finish(Receivings::iterator at) {
  const Receiving receiving = std::move(at->second);
  receiving_.erase(at);
  const auto path = receiving.target->finish();
  if (!path) return listener_->on_transfer_end(receiving.id, false, path.error());
  listener_->on_transfer_file(receiving.id, receiving.progress.name, *path);
  listener_->on_transfer_end(receiving.id, true, {});
}

bool OicqFiles::is_due() const noexcept {
  return std::ranges::any_of(receiving_, [](const auto& entry) { return entry.second.progress.total == 0; });
}

void OicqFiles::on_time() {
  while (is_due())
    finish(
        std::ranges::find_if(receiving_, [](const auto& entry) { return entry.second.progress.total == 0; }));
}

// Ends.

void OicqFiles::fail(Sendings::iterator at, const std::string& why) {
  const auto id = at->second.id;
  sending_.erase(at);
  listener_->on_transfer_end(id, false, why);
}

void OicqFiles::fail(Receivings::iterator at, const std::string& why) {
  const auto id = at->second.id;
  receiving_.erase(at);
  listener_->on_transfer_end(id, false, why);
}

void OicqFiles::on_session_lost() {
  for (const auto& [request, offer] : std::exchange(offers_, {})) listener_->on_request_withdrawn(request);
  while (!sending_.empty()) fail(sending_.begin(), "The session has ended");
  while (!receiving_.empty()) fail(receiving_.begin(), "The session has ended");
}

}  // namespace uhoh::client
