#include "service/services.hpp"

#include <algorithm>

namespace uhoh::service {

using model::SessionRef;

namespace {
constexpr Duration expiry_interval = std::chrono::minutes{1};

bool is_room_message(const model::Command& command) noexcept {
  const auto* about_rooms = std::get_if<model::RoomCommand>(&command);
  return about_rooms != nullptr && std::holds_alternative<model::SendToRoom>(*about_rooms);
}
}  // namespace

Services::Services(ShardId self, unsigned shards, const Options& options, const Ports& ports, std::uint64_t seed,
                   Now start)
    : options_{options},
      shard_{.self = self,
             .shards = shards,
             .options = options_,
             .port = ports.sessions,
             .store = StoreCalls{ports.store, static_cast<std::uint32_t>(self)},
             .bus = ports.bus,
             .passwords = ports.passwords,
             .secrets = ports.secrets != nullptr ? *ports.secrets : Secrets{},
             .verifiers = crypto::VerifierCache{options.verifier_cache / shards},
             .rng = Rng{seed},
             .start = start.steady,
             .now = start,
             .relay = ports.relay},
      presence_{shard_},
      sightings_{shard_, presence_},
      messaging_{shard_},
      contacts_{shard_, presence_, sightings_, messaging_},
      directory_{shard_, presence_},
      accounts_{shard_, presence_, messaging_, contacts_,
                [this](SessionRef session, const storage::LoggedIn& opened, const model::LogIn& command) {
                  on_opened(session, opened, command);
                }},
      profiles_{shard_, accounts_, directory_},
      searches_{shard_, sightings_},
      group_sending_{shard_, messaging_},
      room_delivery_{shard_},
      rooms_{shard_, sightings_, messaging_, room_delivery_},
      files_{shard_},
      monitoring_{shard_, messaging_, ports.audit},
      relay_{shard_, presence_},
      peer_passing_{shard_} {
  shard_.on_sight_changed = [this](const User& user) { files_.on_sight_changed(user); };
  shard_.on_drained = [this](SessionRef session, User& user) { room_delivery_.begin(session, user); };
  shard_.on_message = [this](const bus::DeliverMessage& mail) { monitoring_.on_message(mail); };
}

/// One overload for each command: a command that is forgotten does not compile.
struct Services::CommandVisitor {
  Services& s;
  const model::RequestContext& context;

  void operator()(const model::LogIn& c) const { s.accounts_.log_in(c, context); }
  void operator()(const model::PrepareLogIn& c) const { s.accounts_.prepare_log_in(c, context); }
  void operator()(const model::LogOff&) const { s.accounts_.log_off(context); }
  void operator()(const model::KeepAlive&) const { s.shard_.port.acknowledge(context.request); }
  void operator()(const model::ResendPending&) const {
    s.shard_.port.acknowledge(context.request);
    s.shard_.port.resend_pending(context.session);
  }
  void operator()(const model::SetStatus& c) const { s.presence_.set_status(c, context); }
  void operator()(const model::WatchContacts& c) const { s.presence_.watch(c, context); }
  void operator()(const model::SetPrivacyList& c) const { s.presence_.set_privacy_list(c, context); }
  void operator()(const model::ChangePrivacyList& c) const { s.presence_.change_privacy_list(c, context); }
  void operator()(const model::SendMessage& c) const {
    if (model::is_room(c.message.to)) return s.rooms_.write(c.message, context);
    s.messaging_.send(c.message, context);
  }
  void operator()(const model::RoomCommand& c) const { s.rooms_.carry_out(c, context); }
  void operator()(const model::FetchStored&) const { s.messaging_.fetch_stored(context); }
  void operator()(const model::ConfirmStored&) const { s.shard_.port.acknowledge(context.request); }
  void operator()(const model::FindByNumber& c) const { s.directory_.find_by_number(c, context); }
  void operator()(const model::FindByDetails& c) const { s.directory_.find_by_details(c, context); }
  void operator()(const model::GetBasicProfile& c) const { s.directory_.show_basic(c, context); }
  void operator()(const model::GetExtendedProfile& c) const { s.directory_.show_extended(c, context); }
  void operator()(const model::UpdateBasicProfile& c) const { s.directory_.update_basic(c, context); }
  void operator()(const model::UpdateExtendedProfile& c) const { s.directory_.update_extended(c, context); }
  void operator()(const model::SetAuthorization& c) const { s.directory_.set_authorization(c, context); }
  void operator()(const model::ChangePassword& c) const { s.accounts_.change_password(c, context); }
  void operator()(const model::AddFriend& c) const { s.contacts_.add_friend(c, context); }
  void operator()(const model::AskLogIn& c) const { s.accounts_.ask_log_in(c, context); }
  void operator()(const model::AskRegistration&) const { s.accounts_.ask_registration(context); }
  void operator()(const model::Register& c) const { s.accounts_.register_account(c, context); }
  void operator()(const model::SetRandomGroup& c) const { s.directory_.set_random_group(c, context); }
  void operator()(const model::FindRandom& c) const { s.directory_.find_random(c, context); }
  void operator()(const model::QueryDirectory& c) const { s.directory_.query(c, context); }
  void operator()(const model::Acknowledged&) const { s.shard_.port.acknowledge(context.request); }
  void operator()(const model::OfferFile& c) const { s.files_.offer(c, context); }
  void operator()(const model::AnswerFile& c) const { s.files_.answer(c, context); }
  void operator()(const model::SendFilePart& c) const { s.files_.send_part(c, context); }
  void operator()(const model::PassToPeer& c) const { s.peer_passing_.pass(c, context); }
  void operator()(const model::ToggleMonitor& c) const { s.monitoring_.toggle(c, context); }
  void operator()(const model::AskToAdd& c) const { s.contacts_.ask_to_add(c, context); }
  void operator()(const model::GrantAndAdd& c) const { s.contacts_.grant_and_add(c, context); }
  void operator()(const model::RemoveMyself& c) const { s.contacts_.remove_myself(c, context); }
  void operator()(const model::RemoveFriend& c) const { s.contacts_.remove_friend(c, context); }
  void operator()(const model::GetFriends& c) const { s.contacts_.show_friends(c, context); }
  void operator()(const model::AddGroup& c) const { s.contacts_.add_group(c, context); }
  void operator()(const model::RenameGroup& c) const { s.contacts_.rename_group(c, context); }
  void operator()(const model::NameGroups& c) const { s.contacts_.name_groups(c, context); }
  void operator()(const model::DeleteGroup& c) const { s.contacts_.delete_group(c, context); }
  void operator()(const model::MoveFriends& c) const { s.contacts_.move_friends(c, context); }
  void operator()(const model::SetRemark& c) const { s.contacts_.set_remark(c, context); }
  void operator()(const model::SendToGroup& c) const { s.group_sending_.send(c, context); }
  void operator()(const model::BrowseOnline& c) const { s.searches_.browse(c, context); }
  void operator()(const model::SearchUsers& c) const { s.searches_.search(c, context); }
  void operator()(const model::GetProfile& c) const { s.profiles_.show(c, context); }
  void operator()(const model::UpdateProfile& c) const { s.profiles_.update(c, context); }
  void operator()(const model::Ping&) const {
    s.shard_.port.acknowledge(context.request);
    const auto uin = context.session ? s.shard_.users.at(context.session).uin : Uin{};
    s.shard_.port.reply(context.request, model::Pong{uin});
  }
  /// Acknowledged packets are the sessions' own affair.
  void operator()(const model::AcknowledgePacket&) const { s.shard_.port.drop(context.request); }
};

void Services::handle(const model::Command& command, const model::RequestContext& context, Now now) {
  shard_.now = now;
  std::visit(CommandVisitor{*this, context}, command);
}

void Services::on_flood(const model::Command& command, const model::RequestContext& context, Now now) {
  shard_.now = now;
  const bool sends = std::holds_alternative<model::SendMessage>(command) ||
                     std::holds_alternative<model::SendToGroup>(command) || is_room_message(command);
  if (sends && context.session)
    return messaging_.on_flood(context);
  // Parts of files are held back by other means; one left out would spoil the rest.
  if (std::holds_alternative<model::SendFilePart>(command)) return handle(command, context, now);
  shard_.port.drop(context.request);
}

void Services::on_opened(SessionRef session, const storage::LoggedIn& opened, const model::LogIn& command) {
  auto& user = shard_.users.at(session);
  auto replaced = std::exchange(replaced_, {});
  user = User{.uin = command.uin,
              .status = command.status,
              .inner_address = command.inner_address.to_v4(),
              .tcp_port = command.tcp_port,
              .tcp_version = static_cast<std::uint16_t>(command.tcp_version),
              .authorization = opened.account.authorization,
              .address_policy = opened.account.address_policy,
              .follows_friends = command.wants_friends};
  if (replaced != nullptr && std::exchange(replaced_uin_, {}) == command.uin)
    user.more().replaced = std::move(replaced);
  if (!opened.watchers_allowed.empty()) user.more().allowed.assign(opened.watchers_allowed);
  presence_.on_login(session, user);
  messaging_.on_login(session, user);
  monitoring_.on_login(session, user.uin);
}

void Services::on_session_end(SessionRef session, model::SessionEnd why, Now now) {
  shard_.now = now;
  auto& user = shard_.users.at(session);
  const auto* facts = shard_.port.facts(session);
  if (why == model::SessionEnd::shutdown) return;
  files_.on_session_end(session);
  monitoring_.on_session_end(user.uin);
  messaging_.on_session_end(session, user);
  room_delivery_.on_session_end(user);
  directory_.on_session_end(user);
  presence_.forget_list(user);
  // A successor goes on with the connections that there are.
  if (why != model::SessionEnd::replaced) relay_.on_session_end(user.uin);
  if (why == model::SessionEnd::replaced) {
    replaced_uin_ = user.uin;
    replaced_ = presence_.leave_to_successor(user);
  } else {
    presence_.on_logout(user);
  }
  // A log-off was committed before it was acknowledged, a successor's log-in has replaced the row.
  if (why != model::SessionEnd::logged_off && why != model::SessionEnd::replaced)
    shard_.store.call(storage::CloseSession{user.uin, facts->login}, {});
  user = User{};
}

void Services::on_delivered(SessionRef session, std::uint64_t tag, Now now) {
  shard_.now = now;
  auto& user = shard_.users.at(session);
  // The tag of a message has a generation above; that of news is the contact's number alone, that of a room's message
  // the room's.
  if (tag >> 32 == 0 && model::is_room(Uin{static_cast<std::uint32_t>(tag)}))
    return room_delivery_.on_delivered(session, user, Uin{static_cast<std::uint32_t>(tag)});
  if (tag >> 32 == 0) return presence_.on_delivered(session, user, Uin{static_cast<std::uint32_t>(tag)});
  messaging_.on_delivered(session, user, tag);
}

void Services::on_written(SessionRef session, Now now) {
  shard_.now = now;
  // Messages first: a file takes whatever room there is.
  auto& user = shard_.users.at(session);
  messaging_.pump(session, user);
  presence_.pump(session, user);
  room_delivery_.pump(session, user);
  monitoring_.on_room(session);
  files_.on_room(session);
}

void Services::fetch_password_key(model::RequestRef request, Uin uin, model::DialectId, Now now) {
  shard_.now = now;
  accounts_.fetch_qq_key(request, uin);
}

void Services::on_room(SessionRef session, Now now) {
  shard_.now = now;
  auto& user = shard_.users.at(session);
  messaging_.pump(session, user);
  presence_.pump(session, user);
  room_delivery_.pump(session, user);
  monitoring_.on_room(session);
  files_.on_room(session);
}

void Services::on_heard_again(SessionRef session, Now now) {
  shard_.now = now;
  auto& user = shard_.users.at(session);
  presence_.on_heard_again(user);
  messaging_.on_heard_again(session, user);
  on_room(session, now);
}

void Services::on_stray_acknowledgement(const Endpoint& peer, std::uint32_t sequence, Now now) {
  shard_.now = now;
  if (shard_.options.registration != RegistrationMode::open) return;
  for (unsigned i = 0; i < shard_.shards; ++i)
    if (const auto other = static_cast<ShardId>(i); other != shard_.self)
      shard_.mail(other, bus::RegistrationHeard{peer, sequence});
}

void Services::on_timer(SessionRef session, Now now) {
  shard_.now = now;
  auto& user = shard_.users.at(session);
  presence_.on_timer(session, user);
  messaging_.on_timer(session, user);
}

void Services::reserve_sequence(SessionRef session, std::uint32_t upto, Now now) {
  shard_.now = now;
  const auto* facts = shard_.port.facts(session);
  const bool taken = shard_.store.call(storage::ReserveSequence{facts->uin, facts->login, upto},
                                       [this, session, upto](storage::Result&& result) {
                                         shard_.port.confirm_sequence(session, result ? upto : 0);
                                       });
  if (!taken) shard_.port.confirm_sequence(session, 0);
}

void Services::on_mail(bus::Mail&& mail, Now now) {
  shard_.now = now;
  struct Visitor {
    Services& s;
    void operator()(bus::DeliverMessage&& m) const { s.messaging_.on_mail(m); }
    void operator()(bus::MessageDone&& m) const {
      if (!s.group_sending_.take(m)) s.messaging_.on_mail(m);
    }
    void operator()(bus::DeliverKept&& m) const { s.messaging_.on_mail(m); }
    void operator()(bus::Watch&& m) const { s.presence_.on_mail(std::move(m)); }
    void operator()(bus::Unwatch&& m) const { s.presence_.on_mail(m); }
    void operator()(bus::PresenceAnswer&& m) const { s.presence_.on_mail(std::move(m)); }
    void operator()(bus::Presence&& m) const { s.presence_.on_mail(m); }
    void operator()(bus::ConsentChanged&& m) const { s.presence_.on_mail(m); }
    void operator()(bus::RestoreWatchers&& m) const {
      for (const auto& edge : m.edges) s.shard_.graph.add_watcher(edge.contact, edge.watcher);
    }
    void operator()(bus::LookAt&& m) const { s.sightings_.on_mail(m); }
    void operator()(bus::Seen&& m) const { s.sightings_.on_mail(std::move(m)); }
    void operator()(bus::ListOnline&& m) const { s.sightings_.on_mail(m); }
    void operator()(bus::OnlineListed&& m) const { s.sightings_.on_mail(std::move(m)); }
    void operator()(bus::FriendGained&& m) const { s.contacts_.on_mail(std::move(m)); }
    void operator()(bus::FriendLost&& m) const { s.contacts_.on_mail(m); }
    void operator()(bus::RoomSpread&& m) const { s.room_delivery_.on_mail(m); }
    void operator()(bus::RoomsChanged&& m) const { s.room_delivery_.on_mail(m); }
    void operator()(bus::FindRandom&& m) const { s.directory_.on_mail(m); }
    void operator()(bus::RandomFound&& m) const { s.directory_.on_mail(m); }
    void operator()(bus::AnnounceRegistration&& m) const { s.shard_.port.announce_registration(m.notice); }
    void operator()(bus::FileMail&& m) const { s.files_.on_mail(std::move(m)); }
    void operator()(bus::PassedToPeer&& m) const { s.peer_passing_.on_mail(m); }
    void operator()(bus::MonitoringChanged&& m) const { s.monitoring_.on_mail(m); }
    void operator()(bus::CopiedMessage&& m) const { s.monitoring_.on_mail(m); }
    void operator()(bus::RegistrationHeard&& m) const { s.shard_.port.forget_registration(m.peer, m.sequence); }
  };
  std::visit(Visitor{*this}, std::move(mail));
}

void Services::on_store(storage::Ticket ticket, storage::Result&& result, Now now) {
  shard_.now = now;
  shard_.store.on_result(ticket, std::move(result));
}

void Services::on_password(crypto::PasswordOutcome&& outcome, Now now) {
  shard_.now = now;
  accounts_.on_password(std::move(outcome));
}

void Services::on_relay_call(const model::RelayCall& call, Now now) {
  shard_.now = now;
  relay_.on_call(call);
}

void Services::on_relay_unreachable(const model::RelayCall& call, Now now) {
  shard_.now = now;
  relay_.on_unreachable(call);
}

void Services::on_relay_used(const model::RelayCall& call, Now now) {
  shard_.now = now;
  relay_.on_used(call);
}

void Services::on_time(Now now) {
  shard_.now = now;
  messaging_.on_time();
  files_.on_time();
  monitoring_.on_time();
  group_sending_.on_time();
  room_delivery_.on_time();
  if (shard_.self == ShardId{} && now.steady >= next_expiry_) {
    if (next_expiry_ == Instant{}) monitoring_.end_leftovers();
    next_expiry_ = now.steady + expiry_interval;
    shard_.store.call(storage::Expire{now.wall}, {});
  }
}

bool Services::restore(const storage::StoreEngine::RestoredSession& kept, Now now) {
  shard_.now = now;
  const auto& session = kept.session;
  std::array<std::uint8_t, 16> key{};
  if (!session.sealed_key.empty() && !accounts_.open_session_key(session.sealed_key, key)) {
    // Sealed under a key that is gone: its client has to log in again.
    shard_.store.call(storage::CloseSession{session.uin, session.login}, {});
    return false;
  }
  const auto ref = shard_.port.restore_session({.opening = {.uin = session.uin,
                                                            .login = session.login,
                                                            .charset = kept.account.charset,
                                                            .client_tag = session.client_tag,
                                                            .login_sequence = session.login_sequence,
                                                            .reserved_sequence = session.reserved_sequence,
                                                            .key = key},
                                                .dialect = session.dialect,
                                                .dialect_version = session.dialect_version,
                                                .peer = session.peer,
                                                .local = session.local,
                                                .login_content = session.login_content,
                                                .over_stream = session.over_stream},
                                               now);
  if (!ref) {
    // No place for it, or its client is at the end of its numbers.
    shard_.store.call(storage::CloseSession{session.uin, session.login}, {});
    return false;
  }
  auto& user = shard_.users.at(ref);
  user = User{.uin = session.uin,
              .status = session.status,
              .inner_address = session.contact.inner.to_v4(),
              .tcp_port = session.contact.tcp_port,
              .tcp_version = static_cast<std::uint16_t>(session.contact.tcp_version),
              .authorization = kept.account.authorization,
              .address_policy = kept.account.address_policy,
              .is_restored = true,
              .follows_friends = session.follows_friends};
  presence_.restore_lists(user, kept.visible, kept.invisible, kept.watchers_allowed);
  return true;
}

void Services::restore_lists(const std::vector<RestoredList>& lists, Now now) {
  shard_.now = now;
  std::vector<bus::RestoreWatchers> remote(shard_.shards);
  for (const auto& list : lists) {
    // The session may have ended or logged in anew since its list was read.
    const auto* facts = shard_.port.facts(shard_.port.find_session(list.uin));
    if (facts == nullptr || facts->login != list.login) continue;
    for (const auto contact : list.contacts) {
      shard_.graph.add_watched(list.uin, contact);
      if (shard_.is_mine(contact))
        shard_.graph.add_watcher(contact, list.uin);
      else
        remote[static_cast<std::size_t>(shard_of(contact, shard_.shards))].edges.push_back({contact, list.uin});
    }
  }
  for (std::size_t i = 0; i < remote.size(); ++i)
    if (!remote[i].edges.empty()) shard_.mail(static_cast<ShardId>(i), std::move(remote[i]));
}

void Services::end_restoring_lists(Now now) {
  shard_.now = now;
  presence_.end_restoring();
}

void Services::check_password(Uin uin, std::string password, const IpAddress& from, Accounts::PasswordChecked then,
                              Now now) {
  shard_.now = now;
  accounts_.check_password(uin, std::move(password), from, std::move(then));
}

bool Services::admit_registration(Now now) {
  shard_.now = now;
  return accounts_.admit_registration();
}

bool Services::kick(Uin uin, Now now) {
  shard_.now = now;
  const auto session = shard_.port.find_session(uin);
  if (!session) return false;
  shard_.port.close_session(session, model::SessionEnd::kicked);
  return true;
}

bool Services::broadcast(Uin uin, std::string_view text, Now now) {
  shard_.now = now;
  return shard_.port.emit(shard_.port.find_session(uin), model::Broadcast{text}, {});
}

void Services::set_charset(Uin uin, Charset charset) { shard_.port.set_charset(shard_.port.find_session(uin), charset); }

void Services::set_authorization(Uin uin, model::Authorization authorization, std::vector<Uin> allowed, Now now) {
  shard_.now = now;
  if (auto* user = shard_.online(uin)) presence_.set_authorization(*user, authorization, std::move(allowed));
}

void Services::tell_room_changed(Uin room, std::string_view name, const std::vector<Uin>& members,
                                 model::RoomNotice notice, Now now) {
  shard_.now = now;
  rooms_.tell_changed(room, name, members, notice, {});
}

void Services::save_positions(Now now) {
  shard_.now = now;
  room_delivery_.save_positions();
}

void Services::withdraw_monitor(Uin uin, Now now) {
  shard_.now = now;
  monitoring_.withdraw(uin);
}

void Services::set_address_policy(Uin uin, model::AddressPolicy policy) {
  if (auto* user = shard_.online(uin)) presence_.set_address_policy(*user, policy);
}

}  // namespace uhoh::service
