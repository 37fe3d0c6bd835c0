#include "service/accounts.hpp"

#include <algorithm>
#include <memory>

#include "crypto/sealed.hpp"
#include "service/profile_values.hpp"

namespace uhoh::service {
namespace {

constexpr std::size_t longest_password = 128;
constexpr std::uint32_t free_attempts = 3;
constexpr std::size_t most_throttles = 65536;
constexpr std::uint8_t most_misses = 3;

}  // namespace

// ---- log-in ----------------------------------------------------------------------------------------------------

void Accounts::log_in(const model::LogIn& command, const model::RequestContext& context) {
  if (!shard_.options.accept_logins) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::ServerBusy{});
  }
  // Under overload log-ins wait first: messages of those who are in come before them.
  if (shard_.store.waiting() > shard_.options.busy_store) return put_off(context);
  LogInAttempt attempt{.command = command, .context = context, .password = std::string{as_chars(command.password)}};
  attempt.command.password = attempt.command.session_key = {};
  if (command.proven) return open_proven(std::move(attempt), command.session_key);
  if (is_throttled(command.uin, context.peer.address)) {
    ++shard_.counters.logins_throttled;
    return put_off(attempt);
  }
  if (!command.uin.is_account() || command.uin == system_uin || command.password.empty() ||
      command.password.size() > longest_password)
    return refuse(attempt);
  switch (shard_.verifiers.lookup(command.uin, command.password)) {
    case crypto::VerifierCache::Lookup::hit: return open(std::move(attempt));
    case crypto::VerifierCache::Lookup::mismatch: return refuse(attempt);
    case crypto::VerifierCache::Lookup::unknown: return verify(std::move(attempt));
  }
}

/// The proof was checked before: by an earlier step, or by whoever gave out what was proven with.
void Accounts::open_proven(LogInAttempt&& attempt, Bytes session_key) {
  if (!attempt.command.uin.is_account() || attempt.command.uin == system_uin) return refuse(attempt);
  if (session_key.size() == attempt.key.size()) std::ranges::copy(session_key, attempt.key.begin());
  open(std::move(attempt));
}

void Accounts::verify(LogInAttempt&& attempt) {
  auto kept = std::make_shared<LogInAttempt>(std::move(attempt));
  const bool taken = shard_.store.call(storage::ReadVerifier{kept->command.uin}, [this, kept](storage::Result&& result) {
    auto* verifier = answer<storage::Verifier>(result);
    if (verifier == nullptr) {
      if (result || result.error() == storage::StoreError::unavailable) return put_off(*kept);
      return refuse(*kept);
    }
    crypto::PasswordJob job{.task = crypto::PasswordTask::verify,
                            .verifier = std::move(verifier->text),
                            .password = crypto::SecretString{kept->password}};
    const bool submitted = submit(std::move(job), [this, kept](crypto::PasswordOutcome&& outcome) {
      if (!outcome.ok) return refuse(*kept);
      shard_.verifiers.remember(kept->command.uin, as_bytes(kept->password));
      if (!outcome.verifier.empty())
        shard_.store.call(storage::UpdatePassword{kept->command.uin, std::move(outcome.verifier),
                                                  sealed_qq_key(shard_.secrets, kept->password)},
                          {});
      open(std::move(*kept));
    });
    if (!submitted) put_off(*kept);
  });
  if (!taken) put_off(*kept);
}

void Accounts::check_password(Uin uin, std::string password, const IpAddress& from, PasswordChecked then) {
  struct Check {
    std::string password;
    PasswordChecked then;
  };
  auto check = std::make_shared<Check>(std::move(password), std::move(then));
  const auto end = [this, uin, from, check](PasswordVerdict verdict) {
    crypto::wipe(check->password);
    if (verdict == PasswordVerdict::wrong) {
      ++shard_.counters.logins_refused;
      note_failure(uin, from);
    } else if (verdict == PasswordVerdict::right) {
      throttles_.erase(throttle_key(uin, from));
    }
    check->then(verdict);
  };
  if (!shard_.options.accept_logins || shard_.store.waiting() > shard_.options.busy_store)
    return end(PasswordVerdict::put_off);
  if (is_throttled(uin, from)) {
    ++shard_.counters.logins_throttled;
    return end(PasswordVerdict::put_off);
  }
  if (!uin.is_account() || uin == system_uin || check->password.empty() || check->password.size() > longest_password)
    return end(PasswordVerdict::wrong);
  switch (shard_.verifiers.lookup(uin, as_bytes(check->password))) {
    case crypto::VerifierCache::Lookup::hit: return end(PasswordVerdict::right);
    case crypto::VerifierCache::Lookup::mismatch: return end(PasswordVerdict::wrong);
    case crypto::VerifierCache::Lookup::unknown: break;
  }
  const bool taken = shard_.store.call(storage::ReadVerifier{uin}, [this, uin, check, end](storage::Result&& result) {
    auto* verifier = answer<storage::Verifier>(result);
    if (verifier == nullptr)
      return end(result || result.error() == storage::StoreError::unavailable ? PasswordVerdict::put_off
                                                                              : PasswordVerdict::wrong);
    crypto::PasswordJob job{.task = crypto::PasswordTask::verify,
                            .verifier = std::move(verifier->text),
                            .password = crypto::SecretString{check->password}};
    const bool submitted = submit(std::move(job), [this, uin, check, end](crypto::PasswordOutcome&& outcome) {
      if (!outcome.ok) return end(PasswordVerdict::wrong);
      shard_.verifiers.remember(uin, as_bytes(check->password));
      if (!outcome.verifier.empty())
        shard_.store.call(storage::UpdatePassword{uin, std::move(outcome.verifier),
                                                  sealed_qq_key(shard_.secrets, check->password)},
                          {});
      end(PasswordVerdict::right);
    });
    if (!submitted) end(PasswordVerdict::put_off);
  });
  if (!taken) end(PasswordVerdict::put_off);
}

void Accounts::open(LogInAttempt&& attempt) {
  crypto::wipe(attempt.password);
  const auto& command = attempt.command;
  const auto& context = attempt.context;
  storage::KeptSession session{.uin = command.uin,
                               .dialect = context.dialect,
                               .dialect_version = context.dialect_version,
                               .login = crypto::random_u64(),
                               .peer = context.peer,
                               .local = context.local,
                               .status = command.status,
                               .contact = {.inner = command.inner_address,
                                           .tcp_port = command.tcp_port,
                                           .tcp_version = command.tcp_version},
                               .client_tag = command.client_tag,
                               .login_sequence = command.login_sequence,
                               .login_content = context.key.content,
                               .reserved_sequence = shard_.options.sequence_block,
                               .opened = shard_.now.wall,
                               .over_stream = context.over_stream,
                               .follows_friends = command.wants_friends};
  constexpr std::array<std::uint8_t, 16> no_key{};
  if (attempt.key != no_key && shard_.secrets.sessions)
    crypto::seal(*shard_.secrets.sessions, attempt.key, session.sealed_key);
  auto admission = std::make_shared<Admission>(Admission{command, context, session.login, attempt.key, {}});
  storage::OpenSession request{.session = std::move(session), .now = shard_.now.wall};
  const bool taken = shard_.store.call(std::move(request), [this, admission](storage::Result&& result) {
    const auto& wanted = admission->command;
    const auto& from = admission->context;
    auto* opened = answer<storage::LoggedIn>(result);
    if (opened == nullptr) {
      if (result || result.error() == storage::StoreError::unavailable) return put_off(from);
      ++shard_.counters.logins_refused;
      shard_.verifiers.forget(wanted.uin);
      shard_.port.acknowledge(from.request);
      return shard_.port.reply(from.request, model::LogInRefused{wanted.uin, wanted.login_sequence});
    }
    admission->opened = std::move(*opened);
    if (wanted.wants_friends) return read_friends(std::move(*admission));
    admit(std::move(*admission), {});
  });
  if (!taken) put_off(context);
}

void Accounts::read_friends(Admission&& admission) {
  auto kept = std::make_shared<Admission>(std::move(admission));
  const bool taken =
      shard_.store.call(storage::ReadFriends{kept->command.uin}, [this, kept](storage::Result&& result) {
        auto* friends = answer<model::FriendList>(result);
        if (friends == nullptr) return put_off(kept->context);
        admit(std::move(*kept), std::move(*friends));
      });
  if (!taken) put_off(kept->context);
}

/// Opens the session, and answers as soon as everything that the answer tells is known.
void Accounts::admit(Admission&& admission, std::optional<model::FriendList>&& friends) {
  const auto& command = admission.command;
  const auto session =
      shard_.port.open_session(admission.context.request, {.uin = command.uin,
                                                           .login = admission.login,
                                                           .charset = admission.opened.account.charset,
                                                           .client_tag = command.client_tag,
                                                           .login_sequence = command.login_sequence,
                                                           .reserved_sequence = shard_.options.sequence_block,
                                                           .key = admission.key});
  if (!session) return put_off(admission.context);
  ++shard_.counters.logins;
  throttles_.erase(throttle_key(command.uin, admission.context.peer.address));
  opened_(session, admission.opened, command);
  if (!friends) return welcome(admission, session, nullptr);
  contacts_.follow_friends(session, std::move(*friends),
                           [this, session, admission = std::move(admission)](model::FriendList&& list) {
                             welcome(admission, session, &list);
                             if (shard_.port.facts(session) == nullptr) return;
                             auto& user = shard_.users.at(session);
                             presence_.list_arrived(session, user);
                             if (admission.command.pushes_stored) messaging_.push_stored(session, user);
                           });
}

void Accounts::welcome(const Admission& admission, model::SessionRef session, const model::FriendList* friends) {
  const auto& command = admission.command;
  const auto& context = admission.context;
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request,
                    model::LoggedIn{command.uin, context.peer.address, command.login_sequence, friends});
  if (friends == nullptr && command.pushes_stored && shard_.port.facts(session) != nullptr)
    messaging_.push_stored(session, shard_.users.at(session));
}

void Accounts::refuse(LogInAttempt& attempt) {
  crypto::wipe(attempt.password);
  ++shard_.counters.logins_refused;
  note_failure(attempt.command.uin, attempt.context.peer.address);
  shard_.port.acknowledge(attempt.context.request);
  shard_.port.reply(attempt.context.request,
                    model::LogInRefused{attempt.command.uin, attempt.command.login_sequence});
}

void Accounts::put_off(LogInAttempt& attempt) {
  crypto::wipe(attempt.password);
  put_off(attempt.context);
}

void Accounts::put_off(const model::RequestContext& context) {
  ++shard_.counters.logins_put_off;
  shard_.port.drop(context.request);
}

// ---- log-ins in several steps ----------------------------------------------------------------------------------

void Accounts::fetch_qq_key(model::RequestRef request, Uin uin) {
  const bool taken = shard_.store.call(storage::ReadQqKey{uin}, [this, request](storage::Result&& result) {
    if (!result && result.error() == storage::StoreError::unavailable) return shard_.port.drop(request);
    const auto* kept = answer<storage::QqKey>(result);
    // Who may not log in proves nothing: suspended, not allowed to use QQ, or no such number.
    std::optional<crypto::SecretString> key;
    if (kept != nullptr && kept->on && !kept->suspended && shard_.secrets.qq)
      key = crypto::open_sealed(*shard_.secrets.qq, as_bytes(kept->sealed));
    shard_.port.give_password_key(request, key ? key->bytes() : Bytes{});
  });
  if (!taken) shard_.port.drop(request);
}

bool Accounts::open_session_key(std::string_view sealed, std::array<std::uint8_t, 16>& key) const {
  if (!shard_.secrets.sessions) return false;
  const auto opened = crypto::open_sealed(*shard_.secrets.sessions, as_bytes(sealed));
  if (!opened || opened->bytes().size() != key.size()) return false;
  std::ranges::copy(opened->bytes(), key.begin());
  return true;
}

void Accounts::prepare_log_in(const model::PrepareLogIn& command, const model::RequestContext& context) {
  if (!shard_.options.accept_logins) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::ServerBusy{});
  }
  if (shard_.store.waiting() > shard_.options.busy_store) return put_off(context);
  LogInAttempt attempt{.command = command.login, .context = context};
  attempt.command.password = attempt.command.session_key = {};
  const auto uin = command.login.uin;
  if (is_throttled(uin, context.peer.address)) {
    ++shard_.counters.logins_throttled;
    return put_off(attempt);
  }
  if (command.proof != model::LogInProof::right || !uin.is_account() || uin == system_uin) return refuse(attempt);
  const bool taken = shard_.store.call(
      storage::ReadCards{{uin}}, [this, login = attempt.command, opens = command.opens, context](storage::Result&& result) {
        auto* cards = answer<storage::Cards>(result);
        if (cards == nullptr || cards->users.empty()) return put_off(context);
        go_on(login, opens, context, std::move(cards->users.front()));
      });
  if (!taken) put_off(context);
}

void Accounts::go_on(const model::LogIn& login, bool opens, const model::RequestContext& context,
                     model::UserCard&& self) {
  if (!opens) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::LogInProven{login.uin, &self});
  }
  std::array<std::uint8_t, 16> key{};
  crypto::random_bytes(key);
  auto prepared = login;
  prepared.proven = true;
  prepared.session_key = key;
  shard_.port.prepare_session(context.request, prepared);
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::LogInPrepared{.uin = login.uin,
                                                          .session_key = key,
                                                          .now = shard_.now.wall,
                                                          .seen = context.peer,
                                                          .local = {context.local, 0},
                                                          .self = &self});
  crypto::wipe(key);
}

std::uint64_t Accounts::throttle_key(Uin uin, const IpAddress& address) const {
  return mix64(hash_of(Endpoint{address, 0}) ^ uin.value);
}

bool Accounts::is_throttled(Uin uin, const IpAddress& address) const {
  const auto found = throttles_.find(throttle_key(uin, address));
  return found != throttles_.end() && found->second.open_again > shard_.now.steady;
}

void Accounts::note_failure(Uin uin, const IpAddress& address) {
  if (throttles_.size() >= most_throttles)
    boost::unordered::erase_if(throttles_, [&](const auto& t) { return t.second.open_again <= shard_.now.steady; });
  if (throttles_.size() >= most_throttles) throttles_.clear();
  auto& throttle = throttles_[throttle_key(uin, address)];
  if (++throttle.failures <= free_attempts) return;
  const auto doublings = std::min<std::uint32_t>(throttle.failures - free_attempts - 1, 16);
  throttle.open_again = shard_.now.steady + std::min(shard_.options.throttle_first * (1U << doublings),
                                                     shard_.options.throttle_longest);
}

void Accounts::log_off(const model::RequestContext& context) {
  // Clients say it once and go: after a restart the number of the first packet can't be compared with any.
  if (!context.newest_plausible && !context.newest_unknown) return shard_.port.drop(context.request);
  const auto session = context.session;
  const auto* facts = shard_.port.facts(session);
  const auto request = context.request;
  const bool taken = shard_.store.call(storage::CloseSession{facts->uin, facts->login},
                                       [this, session, request](storage::Result&& result) {
                                         if (!result) return shard_.port.drop(request);
                                         shard_.port.acknowledge(request);
                                         if (const auto* leaving = shard_.port.facts(session)) {
                                           constexpr model::Status gone{.availability = model::Availability::offline};
                                           shard_.port.reply(request, model::OwnStatus{leaving->uin, gone});
                                         }
                                         shard_.port.close_session(session, model::SessionEnd::logged_off);
                                       });
  if (!taken) shard_.port.drop(request);
}

void Accounts::ask_log_in(const model::AskLogIn& command, const model::RequestContext& context) {
  // The same for every number and password: only the log-in itself, which is throttled, tells them apart.
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::LogInInvited{command.query, command.uin});
}

// ---- registration ----------------------------------------------------------------------------------------------

bool Accounts::may_register() {
  return shard_.options.registration == RegistrationMode::open && registrations_have_room();
}

bool Accounts::admit_registration() {
  if (shard_.options.registration == RegistrationMode::closed || !registrations_have_room()) return false;
  ++registrations_;
  return true;
}

bool Accounts::registrations_have_room() {
  if (shard_.now.steady - registrations_since_ >= std::chrono::minutes{1}) {
    registrations_since_ = shard_.now.steady;
    registrations_ = 0;
  }
  return registrations_ < std::max(1U, shard_.options.registrations_per_minute / shard_.shards);
}

void Accounts::ask_registration(const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  if (shard_.options.registration != RegistrationMode::open)
    shard_.port.reply(context.request, model::ServerBusy{});
}

void Accounts::refuse_registration(const model::RequestContext& context, std::uint16_t query) {
  ++shard_.counters.registrations_refused;
  shard_.port.acknowledge(context.request);
  // ICQ has no word for it; its clients know this one.
  if (context.dialect == model::DialectId::icq) return shard_.port.reply(context.request, model::ServerBusy{});
  shard_.port.reply(context.request, model::RegistrationRefused{query});
}

void Accounts::register_account(const model::Register& command, const model::RequestContext& context) {
  auto values = profile_values(command.profile);
  if (!may_register() || !values || command.password.empty() || command.password.size() > longest_password)
    return refuse_registration(context, command.query);
  storage::CreateAccount create{.values = std::move(*values),
                                .icq_charset = shard_.options.registration_charset,
                                .registration = mix64(hash_of(context.peer) ^ context.key.content),
                                .greeting = {.utf8 = shard_.options.greeting}};
  create.qq = shard_.options.qq_for_new_accounts;
  if (create.qq) create.qq_key = sealed_qq_key(shard_.secrets, as_chars(command.password));
  const auto query = command.query;
  const bool submitted = make_verifier(
      as_chars(command.password), [this, context, query, create = std::move(create)](std::string&& verifier) mutable {
        if (verifier.empty()) return shard_.port.drop(context.request);
        create.password_verifier = std::move(verifier);
        create.now = shard_.now.wall;
        const bool taken = shard_.store.call(std::move(create), [this, context, query](storage::Result&& result) {
          const auto* created = answer<storage::Created>(result);
          if (created == nullptr) return shard_.port.drop(context.request);
          if (!created->repeated) {
            ++shard_.counters.registrations;
            ++registrations_;
          }
          shard_.port.acknowledge(context.request);
          tell_number(context, {query, created->uin});
        });
        if (!taken) shard_.port.drop(context.request);
      });
  if (!submitted) shard_.port.drop(context.request);
}

/// Over UDP, ICQ's answer is lost for good when it is lost: the shard that owns the number repeats it.
void Accounts::tell_number(const model::RequestContext& context, const model::Registered& registered) {
  if (context.over_stream || context.dialect != model::DialectId::icq)
    return shard_.port.reply(context.request, registered);
  const model::RegistrationNotice notice{.dialect = context.dialect,
                                         .dialect_version = context.dialect_version,
                                         .peer = context.peer,
                                         .local = context.local,
                                         .sequence = context.key.sequence,
                                         .registered = registered};
  if (shard_.is_mine(registered.uin)) return shard_.port.announce_registration(notice);
  shard_.mail(shard_of(registered.uin, shard_.shards), bus::AnnounceRegistration{notice});
}

// ---- passwords -------------------------------------------------------------------------------------------------

bool Accounts::may_set_password(Bytes password, const model::RequestContext& context) {
  auto& user = shard_.users.at(context.session);
  if (!context.newest_plausible && user.password_misses < most_misses) ++user.password_misses;
  const bool allowed = context.newest_plausible && user.password_misses < most_misses && !password.empty() &&
                       password.size() <= longest_password;
  if (!allowed) ++shard_.counters.password_changes_refused;
  return allowed;
}

void Accounts::password_was_changed(Uin uin, std::string_view password) {
  shard_.verifiers.remember(uin, as_bytes(password));
  messaging_.send_from_system(uin, "Your password was changed. If you did not do that, tell the "
                                   "administrator of this server at once.");
}

void Accounts::change_password(const model::ChangePassword& command, const model::RequestContext& context) {
  if (!may_set_password(command.password, context)) return shard_.port.drop(context.request);
  auto password = std::make_shared<std::string>(as_chars(command.password));
  const auto uin = shard_.users.at(context.session).uin;
  const bool submitted = make_verifier(*password, [this, uin, context, password](std::string&& verifier) {
    if (verifier.empty()) return shard_.port.drop(context.request);
    storage::UpdatePassword update{uin, std::move(verifier), sealed_qq_key(shard_.secrets, *password)};
    const bool taken = shard_.store.call(std::move(update),
                                         [this, uin, context, password](storage::Result&& result) {
                                           if (result) {
                                             shard_.port.acknowledge(context.request);
                                             password_was_changed(uin, *password);
                                           } else {
                                             shard_.port.drop(context.request);
                                           }
                                           crypto::wipe(*password);
                                         });
    if (!taken) shard_.port.drop(context.request);
  });
  if (!submitted) shard_.port.drop(context.request);
}

bool Accounts::make_verifier(std::string_view password, std::move_only_function<void(std::string&&)> then) {
  crypto::PasswordJob job{.task = crypto::PasswordTask::make, .password = crypto::SecretString{password}};
  return submit(std::move(job), [then = std::move(then)](crypto::PasswordOutcome&& outcome) mutable {
    then(outcome.ok ? std::move(outcome.verifier) : std::string{});
  });
}

bool Accounts::submit(crypto::PasswordJob&& job, PasswordContinuation then) {
  const auto ref = passwords_waiting_.insert(std::move(then));
  if (!ref) return false;
  // The node finds the shard in the upper bits: see PasswordTicket.
  job.ticket = std::uint64_t{static_cast<std::uint16_t>(shard_.self)} << 48 |
               std::uint64_t{ref.generation & 0xFFFFFFU} << 24 | (ref.index & 0xFFFFFFU);
  if (shard_.passwords.submit(std::move(job))) return true;
  passwords_waiting_.erase(ref);
  return false;
}

void Accounts::on_password(crypto::PasswordOutcome&& outcome) {
  const auto ref = passwords_waiting_.ref_at(static_cast<std::uint32_t>(outcome.ticket & 0xFFFFFF));
  auto* found = passwords_waiting_.get(ref);
  if (found == nullptr || (ref.generation & 0xFFFFFFU) != (outcome.ticket >> 24 & 0xFFFFFF)) return;
  auto then = std::move(*found);
  passwords_waiting_.erase(ref);
  then(std::move(outcome));
}

}  // namespace uhoh::service
