#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "service/services.hpp"
#include "service/testing/event_words.hpp"
#include "storage/memory/memory_engine.hpp"
#include "storage/simulated_store.hpp"

/// Conversations with the services of a whole server, in the words of the model: sessions are scripted,
/// shards, store and passwords are real.
///
///     ServiceScript s;
///     auto& alice = s.logs_in(10001);
///     alice.says(model::OfferFile{.to = bob, ...});
///     bob.hears("file offered by 10001: a.txt, 3 bytes");
namespace uhoh::service::testing {

using namespace std::chrono_literals;
using Where = std::source_location;

class ServiceScript;

/// The sessions of one shard: they write down what they are told.
class ScriptedSessions final : public model::SessionPort {
 public:
  /// As session::ShardLimits::max_unwritten_bytes.
  static constexpr std::size_t most_unwritten = 128U << 10;

  struct Session {
    model::SessionFacts facts;
    bool open = true;
    bool reads = true;  ///< what is sent to it is written at once
    bool has_room = true;
    bool is_paused = false;
    bool write_wanted = false;
    std::size_t unwritten = 0;
    std::size_t most_unwritten = 0;
    std::string content;  ///< of files
    std::size_t parts = 0;
    std::deque<std::string> heard;
    std::vector<std::uint64_t> unconfirmed;  ///< tags
  };

  explicit ScriptedSessions(ServiceScript& script) : script_{script} {}

  [[nodiscard]] Session* get(model::SessionRef ref) {
    const auto found = sessions_.find(ref.index);
    return found == sessions_.end() || ref.generation != 1 || !found->second.open ? nullptr : &found->second;
  }
  /// What a client over TCP (stream) or UDP logs in as.
  struct Peer {
    model::DialectId dialect = model::DialectId::oicq;
    bool over_stream = true;
    bool follows_friends = false;
    model::Status status;
    IpAddress address;
    std::uint32_t tcp_port = 0;  ///< for direct connections
  };
  Peer next_peer;
  std::vector<model::SessionRestored> restored;
  std::optional<model::LogIn> prepared;     ///< the last, without its key
  std::vector<std::uint8_t> prepared_key;
  std::optional<std::vector<std::uint8_t>> given_password_key;
  std::vector<std::string> stranger_heard;  ///< answers to those without a session
  std::array<std::uint8_t, 16> opened_key{};
  std::uint32_t charges_left = 1'000'000;  ///< what flood control still lets pass
  model::CommandHandler* handler = nullptr;

  // model::SessionPort
  [[nodiscard]] model::SessionRef find_session(Uin uin) const override {
    const auto found = by_uin_.find(uin);
    return found == by_uin_.end() ? model::SessionRef{} : found->second;
  }
  [[nodiscard]] const model::SessionFacts* facts(model::SessionRef session) const override {
    const auto found = sessions_.find(session.index);
    return found == sessions_.end() ? nullptr : &found->second.facts;
  }
  void acknowledge(model::RequestRef) override {}
  void drop(model::RequestRef request) override {
    if (auto* session = of_request(request)) session->heard.emplace_back("dropped");
    else stranger_heard.emplace_back("dropped");
  }
  void reply(model::RequestRef request, const model::Event& event) override {
    emit(model::SessionRef{request.slot, 1}, event, {});
  }
  bool emit(model::SessionRef ref, const model::Event& event, model::Delivery delivery) override;
  [[nodiscard]] bool has_room(model::SessionRef ref) const override {
    const auto found = sessions_.find(ref.index);
    return found != sessions_.end() && found->second.open && found->second.has_room &&
           found->second.unwritten <= most_unwritten / 2;
  }
  void resend_pending(model::SessionRef) override {}
  model::SessionRef open_session(model::RequestRef, const model::SessionOpening& opening) override;
  model::SessionRef restore_session(const model::SessionRestored& kept, Now) override {
    restored.push_back(kept);
    return {};
  }
  void confirm_sequence(model::SessionRef, std::uint32_t) override {}
  void close_session(model::SessionRef ref, model::SessionEnd why) override;
  void set_charset(model::SessionRef, Charset) override {}
  void announce_registration(const model::RegistrationNotice&) override {}
  bool forget_registration(const Endpoint&, std::uint32_t) override { return false; }
  void limit_sequence(model::SessionRef, std::uint32_t) override {}
  void prepare_session(model::RequestRef, const model::LogIn& login) override {
    prepared = login;
    prepared_key.assign(login.session_key.begin(), login.session_key.end());
  }
  void give_password_key(model::RequestRef, Bytes key) override { given_password_key.emplace(key.begin(), key.end()); }
  void pause_reading(model::SessionRef ref, bool pause) override {
    if (auto* session = get(ref)) session->is_paused = pause;
  }
  [[nodiscard]] std::size_t unwritten_bytes(model::SessionRef ref) const override {
    const auto found = sessions_.find(ref.index);
    if (found == sessions_.end() || found->second.unwritten == 0) return 0;
    found->second.write_wanted = true;
    return found->second.unwritten;
  }
  [[nodiscard]] bool charge(model::SessionRef, std::uint16_t) override {
    if (charges_left == 0) return false;
    --charges_left;
    return true;
  }
  void wake_at(model::SessionRef ref, Instant at) override {
    auto& wish = wishes_[ref.index];
    if (wish == Instant{} || at < wish) wish = at;
  }

  /// Calls on_timer where it was wished for.
  void on_time(Now now);
  [[nodiscard]] Instant next_deadline() const;
  /// Clients confirm what they were told.
  void confirm_deliveries(Now now);

 private:
  [[nodiscard]] Session* of_request(model::RequestRef request) { return get({request.slot, 1}); }

  ServiceScript& script_;
  mutable std::map<std::uint32_t, Session> sessions_;
  std::map<Uin, model::SessionRef> by_uin_;
  std::map<std::uint32_t, Instant> wishes_;
};

/// A user and what he says and hears.
class Speaker {
 public:
  Speaker(ServiceScript& script, Uin uin) : script_{script}, uin_{uin} {}
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  operator Uin() const { return uin_; }
  [[nodiscard]] std::uint32_t number() const { return uin_.value; }

  /// Says something, 1 ms after what was before.
  void says(const model::Command& command) { says(command, 0); }
  /// The same under a number, by which it is recognised when it comes again.
  void says(const model::Command& command, std::uint32_t sequence);
  /// Sends the next bytes of a file.
  void sends(Uin to, std::string_view part) { says(model::SendFilePart{.to = to, .part = as_bytes(part)}); }
  void offers(Uin to, std::uint32_t bytes, std::string_view name = "a.txt") {
    says(model::OfferFile{.to = to, .name = model::Text::utf8(name), .bytes = bytes});
  }
  void answers(Uin from, bool allow) { says(model::AnswerFile{.from = from, .allow = allow}); }
  void writes(Uin to, std::string_view text) {
    says(model::SendMessage{{.from = uin_, .to = to, .text = model::Text::utf8(text)}});
  }
  /// What was heard since, in order, is this.
  void hears(std::initializer_list<std::string> all, Where where = Where::current());
  void hears(const std::string& one, Where where = Where::current()) { hears({one}, where); }
  void hears_nothing(Where where = Where::current()) { hears({}, where); }
  void ignores_what_came();
  /// The connection takes everything from now on, what waits included.
  void reads();
  /// The connection takes nothing from now on.
  void stops_reading();
  /// The connection takes so many of the bytes that wait.
  void takes(std::size_t bytes);
  /// The session ends.
  void leaves(model::SessionEnd why = model::SessionEnd::disconnected);
  [[nodiscard]] ScriptedSessions::Session& session();

 private:
  ServiceScript& script_;
  Uin uin_;
};

/// A server without sessions of its own, the users that talk to it, and the clock.
class ServiceScript final : bus::Bus, model::AuditTrail {
 public:
  struct Setup {
    unsigned shards = 2;
    Options options;
    Secrets secrets;
    model::RelayPort* relay = nullptr;
  };
  explicit ServiceScript(const Setup& setup);

  /// Logs a user in (the account is made if there is none), and lets the log-in settle.
  Speaker& logs_in(std::uint32_t uin, ScriptedSessions::Peer peer = {});
  /// A user who does not log in.
  Speaker& knows(std::uint32_t uin);
  void advance(Duration span);
  [[nodiscard]] Now now() const { return now_; }
  [[nodiscard]] Services& services_of(Uin uin) { return *shards_[place_of(uin)].services; }
  [[nodiscard]] ScriptedSessions& sessions_of(Uin uin) { return *shards_[place_of(uin)].sessions; }
  [[nodiscard]] storage::Result store(const storage::Request& request) {
    return commit_one(engine_, request);
  }
  [[nodiscard]] storage::MemoryEngine& engine() { return engine_; }
  /// What the store would bring back with a restart.
  [[nodiscard]] bool restore_sessions(const std::function<bool(storage::StoreEngine::RestoredSession&&)>& take) {
    return engine_.restore_sessions(take).has_value();
  }
  /// Sums a counter of all shards.
  [[nodiscard]] std::uint64_t count(Counter Counters::*counter) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += (shard.services->counters().*counter).value();
    return sum;
  }
  /// Sums a figure of all shards' files.
  template <class Figure>
  [[nodiscard]] std::size_t files(Figure figure) const {
    std::size_t sum = 0;
    for (const auto& shard : shards_) sum += (shard.services->files().*figure)();
    return sum;
  }
  bool full_mailboxes = false;     ///< mail between shards is refused
  std::vector<std::string> audit;  ///< what was written down, as "event who whom"
  /// The process dies and comes back: sessions are gone, what was committed is there.
  void crashes_and_restarts();
  /// Carries mail and store answers until nothing moves.
  void settle();

 private:
  friend class Speaker;
  struct Shard {
    std::unique_ptr<ScriptedSessions> sessions;
    std::unique_ptr<Services> services;
  };
  void start();
  bool send(ShardId to, bus::Mail&& mail) override;
  void note(const model::AuditEntry& entry) override {
    audit.push_back(
        fmt::format("{}{} {} {}", entry.event, entry.done ? "" : "!", entry.who.value, entry.whom.value));
  }
  [[nodiscard]] std::size_t place_of(Uin uin) const { return uin.value % shards_.size(); }

  Setup setup_;
  Now now_{Instant{std::chrono::seconds{1000}}, WallTime{std::chrono::seconds{1'767'355'200}}};
  storage::MemoryEngine engine_;
  storage::SimulatedStore store_;
  crypto::PasswordSteps passwords_;
  std::vector<Shard> shards_;
  std::deque<std::pair<ShardId, bus::Mail>> mail_;
  std::map<Uin, Speaker> speakers_;
  std::uint32_t logins_ = 0;
};

// ---- sessions
// ----------------------------------------------------------------------------------------------------

inline bool ScriptedSessions::emit(model::SessionRef ref, const model::Event& event,
                                   model::Delivery delivery) {
  auto* session = get(ref);
  if (session == nullptr) {
    if (auto words = std::visit(EventWords{}, event); !words.empty()) stranger_heard.push_back(std::move(words));
    return false;
  }
  if (session->unwritten > most_unwritten) return false;
  const auto text_of = [](const model::Message& message) { return as_chars(message.text.bytes); };
  std::size_t size = 64;
  if (const auto* part = std::get_if<model::FilePartArrived>(&event)) {
    session->content += as_chars(part->part);
    ++session->parts;
    size = part->part.size() + 12;
  } else if (const auto* offer = std::get_if<model::FileOffered>(&event)) {
    session->heard.push_back(fmt::format("file offered by {}: {}, {} bytes", offer->from.value,
                                         as_chars(offer->name.bytes), offer->bytes));
  } else if (const auto* answer = std::get_if<model::FileAnswered>(&event)) {
    session->heard.push_back(
        fmt::format("file {} by {}", answer->allow ? "accepted" : "denied", answer->from.value));
  } else if (const auto* notice = std::get_if<model::SystemNotice>(&event)) {
    session->heard.push_back(fmt::format("notice: {}", notice->text));
  } else if (const auto* live = std::get_if<model::MessageArrived>(&event)) {
    session->heard.push_back(fmt::format("{} writes: {}", live->message.from.value, text_of(live->message)));
  } else if (const auto* kept = std::get_if<model::StoredMessageArrived>(&event)) {
    session->heard.push_back(fmt::format("{} wrote: {}", kept->message.from.value, text_of(kept->message)));
  } else if (const auto* copy = std::get_if<model::MessageCopied>(&event)) {
    session->heard.push_back(fmt::format("copy {}>{}: {}", copy->message.from.value, copy->message.to.value,
                                         text_of(copy->message)));
  } else if (auto words = std::visit(EventWords{}, event); !words.empty()) {
    session->heard.push_back(std::move(words));
  }
  if (!session->reads) session->unwritten += size;
  session->most_unwritten = std::max(session->most_unwritten, session->unwritten);
  if (delivery.tag != 0) session->unconfirmed.push_back(delivery.tag);
  return true;
}

inline model::SessionRef ScriptedSessions::open_session(model::RequestRef login,
                                                        const model::SessionOpening& opening) {
  if (const auto old = find_session(opening.uin)) close_session(old, model::SessionEnd::replaced);
  const model::SessionRef ref{login.slot, 1};
  auto& session = sessions_[ref.index];
  session.facts = {.uin = opening.uin,
                   .dialect = next_peer.dialect,
                   .charset = opening.charset,
                   .login = opening.login,
                   .stream = {next_peer.over_stream ? ref.index + 1 : 0}};
  session.facts.peer = {next_peer.address, 4000};
  by_uin_[opening.uin] = ref;
  opened_key = opening.key;
  return ref;
}

inline void ScriptedSessions::close_session(model::SessionRef ref, model::SessionEnd why) {
  auto* session = get(ref);
  if (session == nullptr) return;
  session->open = false;
  handler->on_session_end(ref, why, script_.now());
  by_uin_.erase(session->facts.uin);
  sessions_.erase(ref.index);
  wishes_.erase(ref.index);
}

inline void ScriptedSessions::on_time(Now now) {
  for (const auto& [index, at] : std::map{wishes_})
    if (at <= now.steady) {
      wishes_.erase(index);
      if (get({index, 1}) != nullptr) handler->on_timer({index, 1}, now);
    }
}

inline Instant ScriptedSessions::next_deadline() const {
  auto next = Instant::max();
  for (const auto& [index, at] : wishes_) next = std::min(next, at);
  return next;
}

inline void ScriptedSessions::confirm_deliveries(Now now) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto index = at->first;
    for (const auto tag : std::exchange(at->second.unconfirmed, {}))
      handler->on_delivered({index, 1}, tag, now);
    at = sessions_.upper_bound(index);
  }
}

// ---- users
// -------------------------------------------------------------------------------------------------------

inline ScriptedSessions::Session& Speaker::session() {
  auto& sessions = script_.sessions_of(uin_);
  auto* session = sessions.get(sessions.find_session(uin_));
  if (session == nullptr) throw std::runtime_error{fmt::format("{} is not logged in", uin_.value)};
  return *session;
}

inline void Speaker::says(const model::Command& command, std::uint32_t sequence) {
  const auto ref = script_.sessions_of(uin_).find_session(uin_);
  const auto& facts = session().facts;
  const model::RequestContext context{.request = {ref.index, 1},
                                      .session = ref,
                                      .over_stream = static_cast<bool>(facts.stream),
                                      .dialect = facts.dialect,
                                      .key = {.login = sequence == 0 ? 0 : facts.login, .sequence = sequence}};
  script_.services_of(uin_).handle(command, context, script_.now());
  script_.advance(10ms);
}

inline void Speaker::hears(std::initializer_list<std::string> all, Where where) {
  const auto& heard = session().heard;
  const std::deque<std::string> expected{all};
  if (heard != expected)
    ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line()))
        << uin_.value << " heard\n  " << fmt::format("{}", fmt::join(heard, "\n  "))
        << "\nand was expected to hear\n  " << fmt::format("{}", fmt::join(expected, "\n  "));
  session().heard.clear();
}

inline void Speaker::ignores_what_came() { session().heard.clear(); }

inline void Speaker::reads() {
  session().reads = true;
  takes(session().unwritten);
}

inline void Speaker::stops_reading() { session().reads = false; }

inline void Speaker::takes(std::size_t bytes) {
  auto& to = session();
  to.unwritten -= std::min(bytes, to.unwritten);
  if (to.unwritten == 0 && std::exchange(to.write_wanted, false))
    script_.services_of(uin_).on_written(script_.sessions_of(uin_).find_session(uin_), script_.now());
  script_.settle();
}

inline void Speaker::leaves(model::SessionEnd why) {
  auto& sessions = script_.sessions_of(uin_);
  sessions.close_session(sessions.find_session(uin_), why);
  script_.advance(10ms);
}

// ---- the server
// --------------------------------------------------------------------------------------------------

inline ServiceScript::ServiceScript(const Setup& setup)
    : setup_{setup},
      store_{engine_,
             {},
             [this] { return now_.steady; },
             [this](storage::Ticket ticket, storage::Result&& result) {
               shards_[ticket.shard].services->on_store(ticket, std::move(result), now_);
             }},
      passwords_{crypto::PasswordSteps::simulated(1024, [this](crypto::PasswordOutcome&& outcome) {
        shards_[outcome.ticket >> 48].services->on_password(std::move(outcome), now_);
      })} {
  start();
}

inline void ServiceScript::start() {
  for (unsigned i = 0; i < setup_.shards; ++i) {
    auto sessions = std::make_unique<ScriptedSessions>(*this);
    auto services =
        std::make_unique<Services>(static_cast<ShardId>(i), setup_.shards, setup_.options,
                                   Ports{*sessions, store_, *this, passwords_, this, &setup_.secrets, setup_.relay},
                                   i + 1, now_);
    sessions->handler = services.get();
    shards_.push_back({std::move(sessions), std::move(services)});
  }
}

inline void ServiceScript::crashes_and_restarts() {
  store_.crash();
  engine_.crash();
  mail_.clear();
  shards_.clear();
  start();
  advance(1ms);
  advance(20ms);
}

inline Speaker& ServiceScript::knows(std::uint32_t number) {
  const Uin uin{number};
  constexpr std::string_view password = "secret12";
  const storage::CreateAccount create{
      .uin = uin,
      .password_verifier = fmt::format("simulated${:016x}", content_hash(as_bytes(password))),
      .now = now_.wall};
  static_cast<void>(store(create));  // it may be there already
  return speakers_.try_emplace(uin, *this, uin).first->second;
}

inline Speaker& ServiceScript::logs_in(std::uint32_t number, ScriptedSessions::Peer peer) {
  auto& speaker = knows(number);
  auto& sessions = sessions_of(speaker);
  sessions.next_peer = peer;
  const model::RequestContext context{
      .request = {++logins_, 1}, .over_stream = peer.over_stream, .dialect = peer.dialect};
  services_of(speaker).handle(
      model::LogIn{.uin = speaker,
                   .password = as_bytes(std::string_view{"secret12"}),
                   .status = peer.status,
                   .tcp_port = peer.tcp_port,
                   .wants_friends = peer.follows_friends},
      context, now_);
  advance(20ms);
  if (!sessions.find_session(speaker)) throw std::runtime_error{fmt::format("{} could not log in", number)};
  speaker.says(model::FetchStored{});
  return speaker;
}

inline bool ServiceScript::send(ShardId to, bus::Mail&& mail) {
  if (full_mailboxes) return false;
  mail_.emplace_back(to, std::move(mail));
  return true;
}

inline void ServiceScript::settle() {
  bool busy = true;
  while (busy) {
    busy = passwords_.run_all() > 0;
    for (; !mail_.empty(); busy = true) {
      auto [to, mail] = std::move(mail_.front());
      mail_.pop_front();
      shards_[static_cast<std::size_t>(to)].services->on_mail(std::move(mail), now_);
    }
    for (auto& shard : shards_) shard.sessions->confirm_deliveries(now_);
  }
}

inline void ServiceScript::advance(Duration span) {
  const auto target = now_.steady + span;
  settle();
  while (now_.steady < target) {
    auto next = store_.next_due().value_or(Instant::max());
    for (const auto& shard : shards_)
      next = std::min({next, shard.sessions->next_deadline(), shard.services->next_deadline()});
    const auto step = std::min(target, std::max(next, now_.steady + Duration{1ms}));
    now_ = {step, now_.wall + (std::chrono::floor<std::chrono::seconds>(step.time_since_epoch()) -
                               std::chrono::floor<std::chrono::seconds>(now_.steady.time_since_epoch()))};
    store_.run(now_.steady);
    for (auto& shard : shards_) {
      shard.sessions->on_time(now_);
      shard.services->on_time(now_);
    }
    settle();
  }
}

}  // namespace uhoh::service::testing
