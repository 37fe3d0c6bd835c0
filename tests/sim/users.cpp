// What the users of a simulation do.

#include <algorithm>
#include <array>

#include "dialect/icq/message_types.hpp"
#include "dialect/icq/v2_client_messages.hpp"
#include "simulation.hpp"

namespace uhoh::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view password = "secret";
constexpr Uin nobody{999'999};
/// A list that comes sooner after another one adds to it; a bit more than the server's five seconds.
constexpr Duration list_pause = milliseconds{5200};
/// No datagram is older than this: after a log-off an address may then be used for a new session. ICQ v2 names no
/// session in its packets, so what is still under way between the two ends would be taken for the new one's.
constexpr Duration address_pause = seconds{5};

}  // namespace

void Simulation::make_users() {
  std::string verifier;
  crypto::PasswordSteps maker =
      crypto::PasswordSteps::simulated(1, [&](crypto::PasswordOutcome&& made) { verifier = made.verifier; });
  (void)maker.make(1, as_bytes(password));
  maker.run_all();
  users_.resize(plan_.users);
  for (std::size_t i = 0; i < users_.size(); ++i) {
    auto& user = users_[i];
    user.uin = Uin{first_uin + static_cast<std::uint32_t>(i)};
    const storage::CreateAccount account{.uin = user.uin,
                                         .password_verifier = verifier,
                                         .profile = {.nick = fmt::format("u{}", i)},
                                         .now = clock().wall};
    if (!storage::commit_one(engine_, account)) broke("an account could not be made");
    if (rng_.chance(plan_.odd_programs_percent)) user.program = static_cast<Program>(1 + rng_.below(3));
    user.next_act = now_ + random_up_to(2 * plan_.between_acts);
    user.log_in_at = now_ + random_up_to(seconds{20});
  }
  for (auto& user : users_) {
    user.friends = random_users(3);
    std::erase(user.friends, user.uin);
    user.contacts = random_users(8);
    user.contacts.insert(user.contacts.end(), user.friends.begin(), user.friends.end());
    std::ranges::sort(user.contacts);
    user.contacts.erase(std::ranges::unique(user.contacts).begin(), user.contacts.end());
    std::erase(user.contacts, user.uin);
    if (plan_.presence > 0) {
      if (rng_.chance(20)) user.status = icq::status::invisible;
      if (rng_.chance(30)) user.visible = random_users(4);
      if (rng_.chance(20)) user.invisible = random_users(3);
    }
  }
}

std::vector<Uin> Simulation::random_users(std::size_t most) {
  std::vector<Uin> some(rng_.below(most + 1));
  for (auto& uin : some) uin = users_[rng_.below(users_.size())].uin;
  std::ranges::sort(some);
  some.erase(std::ranges::unique(some).begin(), some.end());
  return some;
}

Device& Simulation::new_device(User& user) {
  const auto index = static_cast<std::uint32_t>(user.uin.value - first_uin);
  const Endpoint endpoint{IpAddress::v4(0x0A000000 | index << 8 | (++ports_ & 0xFF)), static_cast<std::uint16_t>(1024 + ports_)};
  if (user.device != nullptr) user.device->is_current = false;
  devices_.push_back(std::make_unique<Device>(owner(), index, user.uin, endpoint, user.program, client_options_,
                                              static_cast<std::uint16_t>(rng_.next())));
  user.device = devices_.back().get();
  by_endpoint_[std::uint64_t{endpoint.address.to_v4()} << 16 | endpoint.port] = user.device;
  return *user.device;
}

// ---- coming and going -------------------------------------------------------------------------------------------

void Simulation::log_in(User& user) {
  user.log_in_at = Instant::max();
  const bool has_session = user.device != nullptr && user.device->client().phase() != client::IcqClient::Phase::offline;
  if (has_session) return;
  // Most clients open a new port; those that keep theirs are slow enough for server and network to forget them.
  if (user.device == nullptr || user.device->address_free_at > now_ || rng_.chance(50)) {
    if (user.device != nullptr) user.device->is_dead = true;
    new_device(user);
  }
  auto& device = *user.device;
  device.begin_session(++sessions_);
  user.status_sent = true;
  user.lists_quiet_at = now_;
  say("{}: logs in from {} with status {:x}", user.uin.value, device.endpoint.to_string(), user.status);
  (void)device.client().log_in({.uin = user.uin, .password = password, .status = user.status, .tcp_port = 5000}, device.io(now_));
}

void Simulation::came_online(Device& device) {
  auto& user = users_[device.user()];
  say("{}: is online in session {}", user.uin.value, device.login);
  if (!device.is_current) return;
  const auto io = device.io(now_);
  if (!user.contacts.empty()) device.client().add_contacts(user.contacts, io);
  if (!user.visible.empty()) device.client().set_visible_list(user.visible, io);
  if (!user.invisible.empty()) device.client().set_invisible_list(user.invisible, io);
  user.visible_sent = user.invisible_sent = true;
  send_unsent(user);
}

void Simulation::lost_session(Device& device, client::SessionLoss why) {
  auto& user = users_[device.user()];
  say("{}: session {} is lost ({})", user.uin.value, device.login, static_cast<int>(why));
  device.address_free_at = why == client::SessionLoss::logged_off ? now_ + address_pause : Instant::max();
  if (!device.is_current) {
    device.is_dead = true;
    return;
  }
  const auto pause = why == client::SessionLoss::logged_off ? seconds{60} : seconds{10};
  user.log_in_at = now_ + milliseconds{500} + random_up_to(healed_ ? seconds{3} : pause);
}

void Simulation::was_refused(Device& device, client::Refusal why) {
  auto& user = users_[device.user()];
  say("{}: log-in failed ({})", user.uin.value, static_cast<int>(why));
  if (why == client::Refusal::bad_password) broke(fmt::format("{}: a right password was refused", user.uin.value));
  device.address_free_at = Instant::max();
  if (device.is_current) user.log_in_at = now_ + milliseconds{500} + random_up_to(seconds{5});
}

void Simulation::take_over(User& user) {
  if (user.device == nullptr) return;
  auto& old = *user.device;
  const bool left_running = rng_.chance(50);
  say("{}: moves to another address{}", user.uin.value, left_running ? "" : ", and switches the old one off");
  if (!left_running) {
    old.is_dead = true;
    old.client().drop();
  }
  new_device(user);
  user.log_in_at = now_;
}

void Simulation::crash_client(User& user) {
  if (user.device == nullptr || !user.device->client().is_online()) return;
  say("{}: client crashes", user.uin.value);
  user.device->client().drop();
  user.device->address_free_at = Instant::max();
  // Its user remembers what he had written, or does not.
  for (const auto& [id, device] : std::exchange(user.in_flight, {}))
    if (rng_.chance(50)) write_again(user, id);
  user.log_in_at = now_ + random_up_to(seconds{10});
}

// ---- messages ---------------------------------------------------------------------------------------------------

void Simulation::send_message(User& user) {
  const bool to_nobody = rng_.chance(1);
  Uin to = !user.friends.empty() && rng_.chance(80) ? user.friends[rng_.below(user.friends.size())]
                                                     : users_[rng_.below(users_.size())].uin;
  if (to_nobody) to = nobody;
  if (to == user.uin) return;
  const auto parts = rng_.chance(4) ? static_cast<unsigned>(2 + rng_.below(2)) : 1U;
  const auto id = ledger_.compose(user.uin, to, to_nobody, parts, parts == 1 && rng_.chance(10), rng_);
  say("{}: writes m{} to {}", user.uin.value, id, to.value);
  user.unsent.push_back(id);
  send_unsent(user);
}

void Simulation::send_unsent(User& user) {
  while (!user.unsent.empty() && submit(user, user.unsent.front())) user.unsent.pop_front();
}

bool Simulation::submit(User& user, std::uint32_t id) {
  auto& device = *user.device;
  if (!device.client().is_online() || device.client().unacknowledged() > 40) return false;
  auto& m = ledger_.at(id);
  m.submitted = ledger_.tick();
  if (!device.client().send_message(m.to, m.type, m.text, id + 1, device.io(now_))) return false;
  ++m.submissions;
  user.in_flight[id] = &device;
  say("{}: submits m{}", user.uin.value, id);
  return true;
}

void Simulation::acknowledged(Device& device, const client::Acknowledgement& what) {
  auto& user = users_[device.user()];
  if (what.token != 0) {
    const auto id = static_cast<std::uint32_t>(what.token - 1);
    auto& m = ledger_.at(id);
    if (m.acknowledged == 0) m.acknowledged = ledger_.tick();
    user.in_flight.erase(id);
    say("{}: m{} is acknowledged", user.uin.value, id);
  }
  if (what.command == icq::VisibleList::command || what.command == icq::InvisibleList::command)
    user.lists_quiet_at = now_ + list_pause;
  if (device.is_current) catch_up(user);
}

void Simulation::given_up(Device& device, const client::GivenUp& what) {
  if (what.token == 0) return;
  auto& user = users_[device.user()];
  const auto id = static_cast<std::uint32_t>(what.token - 1);
  // It may have been sent again from another place meanwhile.
  const auto found = user.in_flight.find(id);
  if (found == user.in_flight.end() || found->second != &device) return;
  user.in_flight.erase(found);
  if (device.program() != Program::never_resends) write_again(user, id);
}

/// Puts a message back among those to be sent, in the order in which they were written.
void Simulation::write_again(User& user, std::uint32_t id) {
  const auto at = std::ranges::lower_bound(user.unsent, id);
  if (ledger_.at(id).acknowledged != 0) return;
  if (at == user.unsent.end() || *at != id) user.unsent.insert(at, id);
}

void Simulation::shown(Device& device, Uin from, std::uint16_t type, std::string_view text, const Transit& by) {
  if (!is_user(from) || type >= icq::wire_value(icq::MessageType::authorization_request)) return;
  const auto header_sequence = static_cast<std::uint16_t>(by.datagram.bytes[4] | by.datagram.bytes[5] << 8);
  const auto wrong = ledger_.show(from, device.uin(), type, text,
                                  {.login = by.login,
                                   .sequence = header_sequence,
                                   .life = by.life,
                                   .filters_repeats = device.program() != Program::shows_repeats});
  if (!wrong.empty()) broke(wrong);
  if (log_.on()) say("{}: is shown {}", device.uin().value, text.substr(0, text.find('/')));
}

// ---- acts -------------------------------------------------------------------------------------------------------

void Simulation::act(User& user) {
  user.next_act = now_ + milliseconds{1} + random_up_to(2 * plan_.between_acts);
  if (user.device == nullptr) return;
  auto& client = user.device->client();
  if (!client.is_online()) {
    // Somebody writes while he is not connected: it goes out when he is.
    if (rng_.chance(20) && user.unsent.size() < 20) send_message(user);
    return;
  }
  catch_up(user);
  auto pick = static_cast<unsigned>(rng_.below(1000));
  const auto is = [&](unsigned weight) { return pick < weight ? true : (pick -= weight, false); };
  if (is(plan_.log_offs)) {
    say("{}: logs off", user.uin.value);
    client.log_off(user.device->io(now_));
  } else if (is(plan_.takeovers)) {
    take_over(user);
  } else if (is(plan_.client_crashes)) {
    crash_client(user);
  } else if (is(plan_.presence)) {
    change_presence(user);
  } else if (is(plan_.authorisation)) {
    change_authorisation(user);
  } else if (user.unsent.size() < 20) {
    send_message(user);
  }
}

void Simulation::change_presence(User& user) {
  namespace status = icq::status;
  constexpr std::array<std::uint32_t, 6> statuses{status::online,   status::away,     status::dnd_full,
                                                  status::occupied, status::invisible, status::invisible | status::away};
  switch (rng_.below(5)) {
    case 0:
    case 1:
      user.status = statuses[rng_.below(statuses.size())];
      user.status_sent = false;
      break;
    case 2: {
      auto more = random_users(2);
      std::erase_if(more, [&](Uin uin) { return uin == user.uin || std::ranges::binary_search(user.contacts, uin); });
      auto& device = *user.device;
      if (more.empty() || !device.client().add_contacts(more, device.io(now_))) return;
      user.contacts.insert(user.contacts.end(), more.begin(), more.end());
      std::ranges::sort(user.contacts);
      break;
    }
    case 3:
      user.visible = random_users(4);
      user.visible_sent = false;
      break;
    default:
      user.invisible = random_users(3);
      user.invisible_sent = false;
  }
  catch_up(user);
}

void Simulation::change_authorisation(User& user) {
  auto& device = *user.device;
  const auto io = device.io(now_);
  const auto other = users_[rng_.below(users_.size())].uin;
  if (other == user.uin || device.client().unacknowledged() > 40) return;
  switch (rng_.below(5)) {
    case 0:
      if (device.pending[icq::AuthUpdate::command] > 0) return;
      user.anyone_may_add = !user.anyone_may_add;
      device.client().set_anyone_may_add(user.anyone_may_add, io);
      return;
    case 1: device.client().request_authorization(other, icq::compose_authorization_request({.nick = "u"}), io); return;
    case 2: device.client().answer_authorization(other, true, {}, io); return;
    case 3: device.client().answer_authorization(other, false, "no", io); return;
    default:
      if (std::ranges::binary_search(user.contacts, other)) device.client().add_friend(other, io);
  }
}

/// Sends what the user wants and could not be sent yet: one change of a kind at a time, or a lost packet that is
/// sent again would undo a newer one.
void Simulation::catch_up(User& user) {
  auto& device = *user.device;
  if (!device.client().is_online() || device.client().unacknowledged() > 50) return;
  const auto io = device.io(now_);
  if (!user.status_sent && device.pending[icq::StatusChange::command] == 0)
    user.status_sent = device.client().set_status(user.status, io);
  const bool lists_rest = user.lists_quiet_at <= now_ && device.pending[icq::VisibleList::command] == 0 &&
                          device.pending[icq::InvisibleList::command] == 0;
  if (!user.visible_sent && lists_rest)
    user.visible_sent = device.client().set_visible_list(user.visible, io);
  else if (!user.invisible_sent && lists_rest)
    user.invisible_sent = device.client().set_invisible_list(user.invisible, io);
  send_unsent(user);
}

}  // namespace uhoh::sim
