#include "ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dialect/icq/message_types.hpp"
#include "text/split.hpp"

namespace uhoh::sim {
namespace {

struct Name {
  std::uint32_t id = 0;
  std::uint32_t part = 0;
};

/// Reads "m<id>.<part>/".
std::optional<Name> name_in(std::string_view text) {
  if (text.empty() || text[0] != 'm') return {};
  Name name;
  const auto* end = text.data() + text.size();
  auto read = std::from_chars(text.data() + 1, end, name.id);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != '.') return {};
  read = std::from_chars(read.ptr + 1, end, name.part);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != '/') return {};
  return name;
}

/// Adds bytes that any client may send in CP1252, also those that it has no characters for.
void add_filler(std::string& text, std::size_t upto, Rng& rng) {
  while (text.size() < upto) {
    const auto c = static_cast<unsigned char>(0x21 + rng.below(0xDE));
    if (c != 0x7F && c != 0xFE) text.push_back(static_cast<char>(c));
  }
}

}  // namespace

bool SentMessage::arrived() const {
  return std::ranges::all_of(shown, [](const auto& part) { return !part.empty(); });
}

bool SentMessage::was_forgotten_before(unsigned life) const {
  return !kept.empty() &&
         std::ranges::all_of(kept, [&](const auto& copy) { return copy.second && *copy.second < life; });
}

std::uint64_t SentMessage::first_shown() const {
  std::uint64_t first = 0;
  for (const auto& part : shown)
    if (!part.empty() && (first == 0 || part.front().order < first)) first = part.front().order;
  return first;
}

std::uint64_t SentMessage::last_part_shown() const {
  std::uint64_t last = 0;
  for (const auto& part : shown)
    if (!part.empty()) last = std::max(last, part.front().order);
  return last;
}

std::uint32_t Ledger::compose(Uin from, Uin to, bool to_nobody, unsigned parts, bool is_url, Rng& rng) {
  const auto id = static_cast<std::uint32_t>(messages_.size());
  auto& m = messages_.emplace_back();
  m.from = from;
  m.to = to;
  m.to_nobody = to_nobody;
  if (is_url) {
    m.type = icq::wire_value(icq::MessageType::url);
    m.text = fmt::format("m{}.0/look\xFEhttp://example.org/{}", id, rng.below(1000));
    m.parts = {m.text};
  } else {
    for (unsigned part = 0; part < parts; ++part) {
      m.text += fmt::format("m{}.{}/", id, part);
      const bool last = part + 1 == parts;
      const auto part_end = part * icq::max_text_bytes + (last ? 20 + rng.below(60) : icq::max_text_bytes);
      add_filler(m.text, part_end, rng);
    }
  }
  m.shown.resize(is_url ? 1 : parts);
  return id;
}

std::optional<std::uint32_t> Ledger::find(std::string_view text) const {
  const auto name = name_in(text);
  return name && name->id < messages_.size() ? std::optional{name->id} : std::nullopt;
}

std::string Ledger::show(Uin from, Uin to, std::uint16_t type, std::string_view text, Showing showing) {
  const auto name = name_in(text);
  if (!name || name->id >= messages_.size() || name->part >= messages_[name->id].shown.size())
    return fmt::format("{} was shown a message from {} that nobody sent", to.value, from.value);
  auto& m = messages_[name->id];
  const bool is_text = m.type == icq::wire_value(icq::MessageType::text);
  const auto expected = is_text ? std::string_view{m.text}.substr(name->part * icq::max_text_bytes, icq::max_text_bytes)
                                : std::string_view{m.text};
  if (m.from != from || m.to != to || m.type != type || expected != text)
    return fmt::format("m{}.{} from {} to {} (type {}) was shown to {} as from {} (type {}{})", name->id, name->part,
                       m.from.value, m.to.value, m.type, to.value, from.value, type,
                       expected != text ? ", with another text" : "");
  showing.order = tick();
  m.shown[name->part].push_back(showing);
  return {};
}

unsigned Ledger::acknowledged() const {
  return static_cast<unsigned>(std::ranges::count_if(messages_, [](const auto& m) { return m.acknowledged != 0; }));
}

unsigned Ledger::arrived() const {
  return static_cast<unsigned>(std::ranges::count_if(messages_, [](const auto& m) { return m.arrived(); }));
}

void Ledger::judge(std::vector<std::string>& broken) const {
  for (std::uint32_t id = 0; id < messages_.size(); ++id) {
    const auto& m = messages_[id];
    if (m.acknowledged != 0 && !m.arrived() && !m.to_nobody && m.inbox_full == 0)
      broken.push_back(fmt::format("m{} from {} to {} was acknowledged and never arrived", id, m.from.value, m.to.value));
    if (m.first_shown() != 0 && m.to_nobody) broken.push_back(fmt::format("m{} arrived at nobody", id));
    judge_doubles(id, m, broken);
  }
  judge_order(broken);
}

/// Whether the server heard the acknowledgement of every packet of the message that this one was part of.
bool Ledger::was_heard(const SentMessage& m, std::size_t part, const Showing& showing) const {
  for (std::size_t i = 0; i < m.shown.size(); ++i)
    if (!heard_.contains({showing.login, static_cast<std::uint16_t>(showing.sequence - part + i)})) return false;
  return true;
}

void Ledger::judge_doubles(std::uint32_t id, const SentMessage& m, std::vector<std::string>& broken) const {
  Doubled most;  // a message counts as often as the most repeated of its parts
  for (std::size_t part = 0; part < m.shown.size(); ++part) {
    const auto& shown = m.shown[part];
    Doubled doubled;
    unsigned unexplained = 0;
    for (std::size_t i = 1; i < shown.size(); ++i) {
      const auto& now = shown[i];
      const auto any_earlier = [&](const auto& is) { return std::ranges::any_of(std::span{shown}.first(i), is); };
      if (any_earlier([&](const Showing& s) { return s.login == now.login && s.sequence == now.sequence; })) {
        if (now.filters_repeats)
          broken.push_back(fmt::format("m{}.{}: a client that filters repeats showed one", id, part));
        ++doubled.repeated_packet;
      } else if (any_earlier([&](const Showing& s) {
                   // The network may bring the older of the two packets last.
                   return s.life != now.life && !m.was_forgotten_before(std::max(s.life, now.life));
                 })) {
        ++doubled.crash;
      } else if (any_earlier([&](const Showing& s) {
                   return s.login != now.login && (!was_heard(m, part, s) || !was_heard(m, part, now));
                 })) {
        ++doubled.session_ended;
      } else {
        ++unexplained;
      }
    }
    // What was sent by several sessions was accepted by each at most once.
    const auto again = static_cast<unsigned>(m.sessions.empty() ? 0 : m.sessions.size() - 1);
    doubled.sent_again = std::min(again, unexplained + doubled.session_ended);
    doubled.session_ended = std::min(doubled.session_ended, unexplained + doubled.session_ended - doubled.sent_again);
    if (unexplained > again) {
      std::string all;
      for (const auto& s : shown)
        all += fmt::format(" {}/{} in life {}{}", s.login, s.sequence, s.life, was_heard(m, part, s) ? " heard" : "");
      broken.push_back(fmt::format("m{}.{} from {} to {}, sent by {} sessions, was shown {} times:{}", id, part,
                                   m.from.value, m.to.value, m.sessions.size(), shown.size(), all));
    }
    most.take_greater(doubled);
  }
  doubled_.add(most);
}

/// What was acknowledged before another message to the same user was sent has to be shown before it.
void Ledger::judge_order(std::vector<std::string>& broken) const {
  std::map<std::pair<Uin, Uin>, std::vector<std::uint32_t>> pairs;
  for (std::uint32_t id = 0; id < messages_.size(); ++id)
    if (messages_[id].first_shown() != 0) pairs[{messages_[id].from, messages_[id].to}].push_back(id);
  for (auto& [pair, ids] : pairs) {
    std::ranges::sort(ids, {}, [&](auto id) { return messages_[id].submitted; });
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto& first = messages_[ids[i]];
      if (first.acknowledged == 0) continue;
      for (std::size_t j = i + 1; j < ids.size(); ++j) {
        const auto& later = messages_[ids[j]];
        // A message that was sent by several sessions may have been accepted from the first of them.
        if (later.submissions > 1 || later.sessions.size() > 1 || later.submitted < first.acknowledged) continue;
        if (later.first_shown() < first.last_part_shown())
          broken.push_back(fmt::format("m{} from {} to {} arrived before m{}, which was acknowledged before it was sent",
                                       ids[j], pair.first.value, pair.second.value, ids[i]));
      }
    }
  }
}

}  // namespace uhoh::sim
