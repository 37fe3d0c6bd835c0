#include "crowd.hpp"

#include <algorithm>

namespace uhoh::load {

/// The way out and the ears of one user, for the length of one call.
class Crowd::Voice final : public ClientEvents {
 public:
  Voice(Crowd& crowd, std::uint32_t user) noexcept : crowd_{crowd}, user_{user} {}
  [[nodiscard]] ClientCall call() { return {crowd_.now_, *this}; }

  void send(Bytes bytes) override {
    ++crowd_.counters_.datagrams_sent;
    crowd_.network_.send(user_, bytes, crowd_.now_);
  }
  void on_online() override { crowd_.online_now(user_, *this); }
  void on_refused(Refused why) override { crowd_.refused(user_, why); }
  void on_lost(Lost why) override { crowd_.lost(user_, why); }
  void on_registered(Uin uin) override { crowd_.numbered(user_, uin); }
  void on_contact_online() override { ++crowd_.counters_.contacts_online; }
  void on_contacts_done() override { ++crowd_.counters_.contact_lists_done; }
  void on_message(Uin from, std::string_view text, bool stored) override {
    crowd_.message_in(user_, from, text, stored);
  }
  void on_stored_end() override { ++crowd_.counters_.stored_ends; }
  void on_unknown_number() override { ++crowd_.counters_.unknown_numbers; }
  void on_confirmed(std::uint32_t message) override { crowd_.confirmed(user_, message); }
  void on_keepalive(Duration after) override { crowd_.keepalive_.add(after); }

 private:
  Crowd& crowd_;
  std::uint32_t user_;
};

Crowd::Crowd(const Options& options, Network& network, Ledger& ledger, ServerWatch& watch)
    : options_{options},
      network_{network},
      ledger_{ledger},
      watch_{watch},
      factory_{options},
      wheel_{read_clocks().steady},
      now_{read_clocks().steady} {
  users_.reserve(options.users);
  for (std::uint32_t i = 0; i < options.users; ++i) users_.emplace_back(factory_.make(i));
  network_.on_open = [this](std::uint32_t user) { ask(user); };
  network_.on_closed = [this](std::uint32_t user) { disconnected(user); };
}

Crowd::~Crowd() {
  network_.on_open = nullptr;
  network_.on_closed = nullptr;
}

void Crowd::register_users(std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t i = first; i < last; ++i) {
    users_[i].wish = Wish::number;
    waiting_.push_back(i);
  }
}

void Crowd::bring_online(std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t i = first; i < last; ++i) {
    users_[i].wish = Wish::session;
    waiting_.push_back(i);
  }
}

bool Crowd::is_free(std::uint32_t user) const noexcept {
  return users_[user].client->is_online() && users_[user].message == none;
}

std::uint32_t Crowd::user_of(Uin uin) const {
  if (!options_.create) return uin.value - options_.first_uin;
  const auto at = users_by_uin_.find(uin.value);
  return at == users_by_uin_.end() ? none : at->second;
}

void Crowd::pump(Instant deadline) {
  now_ = read_clocks().steady;
  watch_.look(now_);
  network_.deliver(now_, [this](std::uint32_t user, Bytes bytes) { receive(user, bytes); });
  now_ = read_clocks().steady;
  wheel_.advance(now_, [this](std::uint32_t user) {
    Voice voice{*this, user};
    users_[user].client->on_time(voice.call());
    rearm(user);
  });
  begin_waiting();
  while (!paced_.empty() && paced_.top().first <= now_) {
    ready_.push_back(paced_.top().second);
    paced_.pop();
  }
  for (std::size_t left = ready_.size(); left > 0; --left) {
    const std::uint32_t user = ready_.front();
    ready_.pop_front();
    if (on_ready && is_free(user)) on_ready(user);
  }
  network_.flush();
  Instant next = std::min(deadline, network_.next_due());
  if (const auto due = wheel_.next_deadline()) next = std::min(next, *due);
  if (!retries_.empty()) next = std::min(next, retries_.top().first);
  if (!paced_.empty()) next = std::min(next, paced_.top().first);
  if (!ready_.empty()) next = now_;
  network_.wait(next);
}

void Crowd::receive(std::uint32_t user, Bytes bytes) {
  now_ = read_clocks().steady;
  ++counters_.datagrams_received;
  Voice voice{*this, user};
  users_[user].client->receive(bytes, voice.call());
  rearm(user);
}

void Crowd::disconnected(std::uint32_t user) {
  Voice voice{*this, user};
  User& u = users_[user];
  // A connection that could not even be made: its client has not asked for anything yet.
  if (u.client->is_offline() && u.begun) return refused(user, Refused::no_answer);
  u.client->disconnected(voice.call());
  rearm(user);
}

void Crowd::rearm(std::uint32_t user) {
  const Instant at = users_[user].client->next_deadline();
  if (at == Instant::max()) {
    wheel_.cancel(user);
    return;
  }
  const auto set = wheel_.deadline(user);
  if (!set || at < *set) wheel_.schedule(user, at);
}

void Crowd::begin_waiting() {
  while (!retries_.empty() && retries_.top().first <= now_) {
    waiting_.push_back(retries_.top().second);
    retries_.pop();
  }
  const std::uint32_t default_concurrency = options_.scenario == Scenario::storm ? 2048 : 256;
  const std::uint32_t limit = options_.concurrency != 0 ? options_.concurrency : default_concurrency;
  while (beginning_ < limit && !waiting_.empty()) {
    const std::uint32_t user = waiting_.front();
    waiting_.pop_front();
    if (!users_[user].given_up && users_[user].client->is_offline()) begin(user);
  }
}

void Crowd::begin(std::uint32_t user) {
  User& u = users_[user];
  u.log_in_begun = now_;
  u.begun = true;
  ++beginning_;
  if (network_.open(user)) ask(user);
}

/// The server can be reached: asks for a number, or for a session.
void Crowd::ask(std::uint32_t user) {
  User& u = users_[user];
  Voice voice{*this, user};
  if (u.wish == Wish::number)
    u.client->register_account(options_.password, voice.call());
  else
    u.client->log_in(options_.create ? u.client->uin() : Uin{options_.first_uin + user}, options_.password,
                     voice.call());
  rearm(user);
}

void Crowd::numbered(std::uint32_t user, Uin uin) {
  --beginning_;
  ++registered_;
  users_[user].begun = false;
  users_[user].wish = Wish::nothing;
  users_by_uin_[uin.value] = user;
  network_.close(user);
}

void Crowd::online_now(std::uint32_t user, Voice& voice) {
  --beginning_;
  ++online_;
  ++counters_.log_ins;
  User& u = users_[user];
  u.begun = false;
  log_in_time_.add(now_ - u.log_in_begun);
  if (options_.contacts > 0) add_contacts(user, voice);
  if (u.message != none && factory_.habits().repeats_over_sessions) return;
  if (u.message != none) {
    u.attempt = static_cast<std::uint8_t>(std::min(u.attempt + 1, 255));
    ++counters_.sent_again_after_log_in;
    transmit_message(user, voice);
  } else {
    ready_.push_back(user);
  }
}

/// Neighbours on a ring, so that being a contact is mutual; offline ones have numbers behind the crowd's.
void Crowd::add_contacts(std::uint32_t user, Voice& voice) {
  contacts_.clear();
  for (std::uint32_t i = 0; i < options_.contacts; ++i) {
    const std::uint32_t distance = i / 2 + 1;
    const std::uint32_t other = (user + (i % 2 == 0 ? distance : size() - distance % size())) % size();
    if (!options_.contacts_online)
      contacts_.push_back(Uin{options_.first_uin + size() + other});
    else
      contacts_.push_back(options_.create ? users_[other].client->uin() : Uin{options_.first_uin + other});
  }
  users_[user].client->add_contacts(contacts_, voice.call());
}

void Crowd::give_up(std::uint32_t user) {
  User& u = users_[user];
  if (u.given_up) return;
  u.given_up = true;
  ++given_up_;
  if (u.message != none) --in_flight_;
  u.message = none;
}

void Crowd::refused(std::uint32_t user, Refused why) {
  --beginning_;
  users_[user].begun = false;
  network_.close(user);
  constexpr Duration patience = std::chrono::milliseconds{500};
  switch (why) {
    case Refused::password:
      ++counters_.refused_password;
      return give_up(user);
    case Refused::busy:
      ++counters_.refused_busy;
      break;
    case Refused::no_answer:
      ++counters_.log_ins_unanswered;
      break;
  }
  retries_.push({now_ + patience, user});
}

void Crowd::lost(std::uint32_t user, Lost why) {
  --online_;
  network_.close(user);
  if (why == Lost::logged_off) return;
  ++counters_.sessions_lost;
  switch (why) {
    case Lost::logged_off:
      break;
    case Lost::no_answer:
      ++counters_.lost_no_answer;
      break;
    case Lost::not_connected:
      ++counters_.lost_not_connected;
      break;
    case Lost::kicked:
      ++counters_.lost_kicked;
      break;
    case Lost::busy:
      ++counters_.lost_busy;
      break;
    case Lost::replaced:
      ++counters_.lost_replaced;
      break;
    case Lost::disconnected:
      ++counters_.lost_disconnected;
      break;
  }
  if (users_[user].wish != Wish::session) return;
  if (!options_.reconnect) return give_up(user);
  waiting_.push_back(user);
}

bool Crowd::send_message(std::uint32_t from, std::uint32_t to) {
  if (!is_free(from)) return false;
  User& u = users_[from];
  const Uin recipient = options_.create ? users_[to].client->uin() : Uin{options_.first_uin + to};
  u.message = ledger_.open(u.client->uin(), recipient, now_);
  u.attempt = 0;
  ++in_flight_;
  Voice voice{*this, from};
  transmit_message(from, voice);
  rearm(from);
  return true;
}

void Crowd::transmit_message(std::uint32_t user, Voice& voice) {
  User& u = users_[user];
  const std::string_view text = ledger_.text(u.message, u.attempt, options_.text_bytes);
  const Uin to = ledger_.recipient(u.message);
  u.client->send_message(to, text, u.message, voice.call());
  if (factory_.habits().confirms_messages) return;
  // Nothing will tell: the next one goes after a while.
  u.message = none;
  --in_flight_;
  next_message_later(user);
}

void Crowd::message_in(std::uint32_t user, Uin from, std::string_view text, bool stored) {
  if (stored) ++counters_.stored_messages;
  if (from == system_uin) {
    ++counters_.system_messages;
    if (first_notice_.empty()) first_notice_ = text;
    return;
  }
  const LoadClient& c = *users_[user].client;
  ledger_.received(text, from, c.uin(), c.session(), now_);
}

void Crowd::confirmed(std::uint32_t user, std::uint32_t message) {
  User& u = users_[user];
  ledger_.acknowledged(message);
  if (u.message != message) return;
  u.message = none;
  --in_flight_;
  next_message_later(user);
}

void Crowd::next_message_later(std::uint32_t user) {
  constexpr Duration least_when_unconfirmed = std::chrono::milliseconds{5};
  const Duration least = factory_.habits().confirms_messages ? Duration{0} : least_when_unconfirmed;
  const Duration pace = std::max(options_.pace, least);
  if (pace > Duration{0})
    paced_.push({now_ + pace, user});
  else
    ready_.push_back(user);
}

void Crowd::nudge_outstanding() {
  constexpr unsigned most_at_once = 2000;
  unsigned nudged = 0;
  std::uint32_t last = none;
  ledger_.for_each_outstanding([&](Uin to) {
    const std::uint32_t user = user_of(to);
    if (user >= users_.size() || user == last || nudged >= most_at_once) return;
    last = user;
    ++nudged;
    if (!users_[user].client->is_online() || users_[user].client->has_unconfirmed()) return;
    Voice voice{*this, user};
    users_[user].client->send_keepalive(voice.call());
    rearm(user);
  });
}

void Crowd::log_everybody_off() {
  constexpr Duration most = std::chrono::seconds{10};
  constexpr std::uint32_t at_once = 1024;
  on_ready = nullptr;
  waiting_.clear();
  retries_ = {};
  const Instant end = now_ + most;
  std::uint32_t next = 0;
  const std::uint32_t online_before = online_;
  std::uint32_t asked = 0;
  while (online_ > 0 && now_ < end) {
    for (; next < size() && asked < online_before - online_ + at_once; ++next) {
      users_[next].wish = Wish::nothing;
      Voice voice{*this, next};
      if (users_[next].client->log_off(voice.call())) ++asked;
      rearm(next);
    }
    pump(now_ + std::chrono::milliseconds{20});
  }
}

}  // namespace uhoh::load
