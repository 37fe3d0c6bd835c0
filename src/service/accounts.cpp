#include "service/accounts.hpp"

#include <algorithm>
#include <memory>

#include "crypto/sealed.hpp"
#include "service/kept_text.hpp"

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
  attempt.command.password = {};
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
        shard_.store.call(storage::UpdatePassword{kept->command.uin, std::move(outcome.verifier)}, {});
      open(std::move(*kept));
    });
    if (!submitted) put_off(*kept);
  });
  if (!taken) put_off(*kept);
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
                               .opened = shard_.now.wall};
  const auto login = session.login;
  storage::OpenSession request{.session = std::move(session), .now = shard_.now.wall};
  const bool taken = shard_.store.call(std::move(request), [this, command, context, login](storage::Result&& result) {
    const auto* opened = answer<storage::LoggedIn>(result);
    if (opened == nullptr) {
      if (result || result.error() == storage::StoreError::unavailable) return put_off(context);
      ++shard_.counters.logins_refused;
      shard_.verifiers.forget(command.uin);
      shard_.port.acknowledge(context.request);
      return shard_.port.reply(context.request, model::LogInRefused{command.uin, command.login_sequence});
    }
    const auto session_ref =
        shard_.port.open_session(context.request, {.uin = command.uin,
                                                   .login = login,
                                                   .charset = opened->account.charset,
                                                   .client_tag = command.client_tag,
                                                   .login_sequence = command.login_sequence,
                                                   .reserved_sequence = shard_.options.sequence_block});
    if (!session_ref) return put_off(context);
    ++shard_.counters.logins;
    throttles_.erase(throttle_key(command.uin, context.peer.address));
    opened_(session_ref, *opened, command);
    shard_.port.acknowledge(context.request);
    shard_.port.reply(context.request,
                      model::LoggedIn{command.uin, context.peer.address, command.login_sequence});
  });
  if (!taken) put_off(context);
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
  if (!context.newest_plausible) return shard_.port.drop(context.request);
  const auto session = context.session;
  const auto* facts = shard_.port.facts(session);
  const auto request = context.request;
  const bool taken = shard_.store.call(storage::CloseSession{facts->uin, facts->login},
                                       [this, session, request](storage::Result&& result) {
                                         if (!result) return shard_.port.drop(request);
                                         shard_.port.acknowledge(request);
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
  if (shard_.options.registration != RegistrationMode::open) return false;
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

void Accounts::register_account(const model::Register& command, const model::RequestContext& context) {
  if (!may_register() || command.password.empty() || command.password.size() > longest_password) {
    ++shard_.counters.registrations_refused;
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::ServerBusy{});
  }
  crypto::PasswordJob job{.task = crypto::PasswordTask::make,
                          .password = crypto::SecretString{as_chars(command.password)}};
  const auto query = command.query;
  const bool submitted = submit(std::move(job), [this, context, query](crypto::PasswordOutcome&& outcome) {
    if (!outcome.ok) return shard_.port.drop(context.request);
    storage::CreateAccount create{.password_verifier = std::move(outcome.verifier),
                                  .icq_charset = shard_.options.registration_charset,
                                  .registration = mix64(hash_of(context.peer) ^ context.key.content),
                                  .now = shard_.now.wall,
                                  .greeting = {.utf8 = shard_.options.greeting}};
    const bool taken = shard_.store.call(std::move(create), [this, context, query](storage::Result&& result) {
      const auto* created = answer<storage::Created>(result);
      if (created == nullptr) return shard_.port.drop(context.request);
      if (!created->repeated) {
        ++shard_.counters.registrations;
        ++registrations_;
      }
      shard_.port.acknowledge(context.request);
      const model::RegistrationNotice notice{.dialect = context.dialect,
                                             .dialect_version = context.dialect_version,
                                             .peer = context.peer,
                                             .local = context.local,
                                             .sequence = context.key.sequence,
                                             .registered = {query, created->uin}};
      if (shard_.is_mine(created->uin)) return shard_.port.announce_registration(notice);
      shard_.mail(shard_of(created->uin, shard_.shards), bus::AnnounceRegistration{notice});
    });
    if (!taken) shard_.port.drop(context.request);
  });
  if (!submitted) shard_.port.drop(context.request);
}

// ---- passwords -------------------------------------------------------------------------------------------------

void Accounts::change_password(const model::ChangePassword& command, const model::RequestContext& context) {
  auto& user = shard_.users.at(context.session);
  if (!context.newest_plausible && user.password_misses < most_misses) ++user.password_misses;
  if (!context.newest_plausible || user.password_misses >= most_misses || command.password.empty() ||
      command.password.size() > longest_password) {
    ++shard_.counters.password_changes_refused;
    return shard_.port.drop(context.request);
  }
  auto password = std::make_shared<std::string>(as_chars(command.password));
  crypto::PasswordJob job{.task = crypto::PasswordTask::make, .password = crypto::SecretString{*password}};
  const auto uin = user.uin;
  const bool submitted = submit(std::move(job), [this, uin, context, password](crypto::PasswordOutcome&& outcome) {
    if (!outcome.ok) return shard_.port.drop(context.request);
    const bool taken = shard_.store.call(
        storage::UpdatePassword{uin, std::move(outcome.verifier)},
        [this, uin, context, password](storage::Result&& result) {
          if (result) {
            shard_.verifiers.remember(uin, as_bytes(*password));
            shard_.port.acknowledge(context.request);
            messaging_.send_from_system(uin, "Your password was changed. If you did not do that, tell the "
                                             "administrator of this server at once.");
          } else {
            shard_.port.drop(context.request);
          }
          crypto::wipe(*password);
        });
    if (!taken) shard_.port.drop(context.request);
  });
  if (!submitted) shard_.port.drop(context.request);
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
