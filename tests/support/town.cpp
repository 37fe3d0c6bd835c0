#include "support/town.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/icq_client.hpp"
#include "client/oicq_client.hpp"
#include "client/qq_client.hpp"
#include "service/secrets.hpp"
#include "support/conversation.hpp"
#include "text/convert.hpp"

namespace uhoh::testing {
namespace {

const client::IcqClientOptions icq_options;
const client::OicqClientOptions oicq_options{.over_stream = false};

/// ICQ v2 over UDP.
class IcqPerson final : public Person, client::IcqListener, client::DatagramOut {
 public:
  static constexpr model::DialectId dialect_id = model::DialectId::icq;
  using Person::Person;

  void begins_to_write(Uin to, std::string_view text) override {
    EXPECT_TRUE(client_.send_message(to, 1, text, 0, io()));
  }

 private:
  [[nodiscard]] client::Io io() { return {now(), *this, *this}; }
  void begin_session() override { EXPECT_TRUE(client_.log_in({.uin = uin(), .password = usual_password}, io())); }
  void end_session() override { EXPECT_TRUE(client_.log_off(io())); }
  void on_datagram(Bytes datagram) override { client_.on_datagram(datagram, io()); }
  void on_time() override { client_.on_time(io()); }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }
  [[nodiscard]] bool is_online() const override { return client_.is_online(); }
  [[nodiscard]] model::DialectId dialect() const override { return dialect_id; }
  void send(Bytes datagram) override { transmit(datagram); }
  bool on_message(const client::IncomingMessage& message) override { return read(message.from, message.text); }
  void on_system_message(std::string_view text, std::string_view) override { read(system_uin, text); }

  client::IcqClient client_{icq_options, 1};
};

/// OICQ over UDP, within 0F.
class OicqPerson final : public Person, client::OicqListener, client::FrameOut {
 public:
  static constexpr model::DialectId dialect_id = model::DialectId::oicq;
  using Person::Person;

  void begins_to_write(Uin to, std::string_view text) override {
    EXPECT_TRUE(client_.send_message(to, text, 0, io()));
  }

 private:
  [[nodiscard]] client::OicqIo io() { return {now(), *this, *this}; }
  void begin_session() override { EXPECT_TRUE(client_.log_in(uin(), usual_password, false, io())); }
  void end_session() override { EXPECT_TRUE(client_.log_off(io())); }
  void on_datagram(Bytes datagram) override { EXPECT_TRUE(client_.on_bytes(datagram, io())); }
  void on_time() override { client_.on_time(io()); }
  [[nodiscard]] Instant next_deadline() const override { return client_.next_deadline(); }
  [[nodiscard]] bool is_online() const override { return client_.is_online(); }
  [[nodiscard]] model::DialectId dialect() const override { return dialect_id; }
  void send(Bytes frame) override { transmit(frame); }
  bool on_message(const oicq::Message& message) override { return read(message.from, message.text); }

  client::OicqClient client_{oicq_options, 1};
};

/// Chance that is the same in every run.
class SteadyChance final : public client::QqChance {
 public:
  [[nodiscard]] crypto::TeaKey key() override {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(number());
    return *crypto::TeaKey::from_bytes(bytes);
  }
  [[nodiscard]] crypto::TeaFill fill() override {
    crypto::TeaFill fill{};
    for (auto& byte : fill.octets) byte = static_cast<std::uint8_t>(number());
    return fill;
  }
  [[nodiscard]] std::uint32_t number() override { return static_cast<std::uint32_t>(mix64(++count_) >> 8); }

 private:
  std::uint64_t count_ = 0;
};

}  // namespace

// ---- QQ over UDP -----------------------------------------------------------------------------------------------

struct QqPerson::Client final : client::QqListener, client::QqFrameOut {
  explicit Client(QqPerson& owner) : self{owner}, client{options} { options.version = owner.version_; }

  [[nodiscard]] client::QqIo io() { return {self.moment(), *this, *this, chance}; }
  void send(Bytes frame) override { self.transmit(frame); }
  bool on_message(const client::QqMessage& message) override {
    const auto charset = client.is_utf8() ? Charset::utf8 : Charset::gb18030;
    std::string text;
    text::to_utf8(charset, as_bytes(message.text), text);
    // Texts of A and B end with a blank.
    if (!client.is_utf8() && text.ends_with(' ')) text.pop_back();
    if (message.qun == Uin{}) return self.read(message.from, text);
    return self.read(message.qun, fmt::format("{}: {}", message.from.value, text));
  }
  void on_qun(const client::QqQun& qun) override {
    std::string text = fmt::format("Qun {} of {}:", qun.name, qun.creator.value);
    qun.members.for_each([&](const qq::QunMember& member) { text += fmt::format(" {}", member.uin.value); });
    self.learn(text);
  }
  void on_qun_created(Uin qun) override { self.learn(fmt::format("made {}", qun.value)); }
  void on_qun_found(const qq::QunFound& found) override {
    self.learn(fmt::format("found {} {}", found.qun.value, found.name));
  }
  void on_qun_joined(Uin qun, std::uint8_t outcome) override {
    constexpr const char* outcomes[] = {"", "joined", "must ask for", "may not join"};
    self.learn(fmt::format("{} {}", outcomes[std::min<std::size_t>(outcome, 3)], qun.value));
  }
  void on_qun_member_online(Uin, Uin member) override { self.learn(fmt::format("{} is online", member.value)); }
  void on_qun_card(Uin, const client::QqFriend& member) override {
    self.learn(fmt::format("{} is {}", member.uin.value, member.nick));
  }
  void on_qun_event(const qq::QunEvent& event) override {
    self.learn(fmt::format("event {:x} {}", event.kind.type, event.external.value));
  }
  void on_placed(const qq::PlacedEntry& entry) override {
    if (entry.type == 4) self.learn(fmt::format("listed {}", entry.id.value));
  }
  void on_not_done(const client::Acknowledgement& what, std::uint8_t code) override {
    self.learn(fmt::format("{:04x} not done: {:x}", what.command, code));
  }

  QqPerson& self;
  client::QqClientOptions options;
  client::QqClient client;
  SteadyChance chance;
};

QqPerson::QqPerson(Town& town, Uin uin, Endpoint endpoint, qq::Version version)
    : Person{town, uin, endpoint}, version_{version}, client_{std::make_unique<Client>(*this)} {}

QqPerson::~QqPerson() = default;

void QqPerson::begins_to_write(Uin to, std::string_view utf8) {
  std::string text;
  text::from_utf8(client_->client.is_utf8() ? Charset::utf8 : Charset::gb18030, utf8, text);
  EXPECT_TRUE(model::is_room(to) ? client_->client.send_to_qun(to, text, 0, client_->io())
                                 : client_->client.send_text(to, text, 0, client_->io()));
}

void QqPerson::does(const std::function<bool(client::QqClient&, const client::QqIo&)>& wish) {
  EXPECT_TRUE(wish(client_->client, client_->io()));
  pass(200ms);
}

void QqPerson::learn(std::string what) { learnt_.push_back(std::move(what)); }
std::vector<std::string> QqPerson::takes_what_it_learnt() { return std::exchange(learnt_, {}); }

void QqPerson::begin_session() {
  constexpr std::uint8_t online = 0x0A;
  EXPECT_TRUE(client_->client.log_in(uin(), usual_password, online, client_->io()));
}
void QqPerson::end_session() { EXPECT_TRUE(client_->client.log_out(client_->io())); }
void QqPerson::on_datagram(Bytes datagram) { client_->client.on_frame(datagram, client_->io()); }
void QqPerson::on_time() { client_->client.on_time(client_->io()); }
Instant QqPerson::next_deadline() const { return client_->client.next_deadline(); }
bool QqPerson::is_online() const { return client_->client.is_online(); }

// ---- people --------------------------------------------------------------------------------------------------

Instant Person::now() const { return town_.now().steady; }
Now Person::moment() const { return town_.now(); }
void Person::pass(Duration span) { town_.advance(span); }

void Person::transmit(Bytes datagram) {
  const auto& server = *town_.server_;
  town_.on_their_way_.push_back({{{datagram.begin(), datagram.end()},
                                  endpoint_,
                                  {server.options().address.address, server.port_of(dialect())}},
                                 true});
}

bool Person::read(Uin from, std::string_view text) {
  if (is_away_from_the_screen) return false;
  read_.push_back(fmt::format("{}: {}", from.value, text));
  return true;
}

void Person::writes(Uin to, std::string_view text) {
  begins_to_write(to, text);
  town_.advance(100ms);
}

void Person::reads(std::initializer_list<std::string> in_order, std::source_location where) {
  const std::vector<std::string> expected{in_order};
  if (read_ != expected)
    ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line()))
        << uin_.value << " read\n  " << fmt::format("{}", fmt::join(read_, "\n  ")) << "\nand was expected to read\n  "
        << fmt::format("{}", fmt::join(expected, "\n  "));
  read_.clear();
}

std::vector<std::string> Person::takes_what_came() { return std::exchange(read_, {}); }

void Person::comes() {
  begin_session();
  for (int i = 0; i < 60 && !is_online(); ++i) town_.advance(1s);
  EXPECT_TRUE(is_online()) << uin_.value;
  town_.advance(1s);
}

void Person::goes() {
  end_session();
  town_.advance(100ms);
}

// ---- the town --------------------------------------------------------------------------------------------------

Town::Town(VirtualServer::Options options, const storage::StoreLimits& limits)
    : options_{std::move(options)},
      now_{Instant{} + 1h, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}} + 12h},
      engine_{limits} {
  options_.secrets = {crypto::SecretKey::random(), crypto::SecretKey::random()};
  start();
}

Town::~Town() = default;

void Town::start() {
  server_ = std::make_unique<VirtualServer>(
      options_, engine_, now_, [this](Datagram&& datagram) { on_their_way_.push_back({std::move(datagram), false}); });
}

void Town::make_account(Uin uin, std::string_view nick) {
  static_cast<void>(store(storage::CreateAccount{.uin = uin,
                                                 .password_verifier = verifier_of(usual_password),
                                                 .profile = {.nick = std::string{nick}},
                                                 .now = now_.wall}));
  static_cast<void>(store(storage::SwitchQq{uin, true, service::sealed_qq_key(options_.secrets, usual_password)}));
}

template <class Client, class... With>
Client& Town::settles(std::uint32_t uin, std::string_view nick, With... with) {
  make_account(Uin{uin}, nick);
  // Each in a network of its own: the limits for strangers count by network.
  const auto place = static_cast<std::uint32_t>(people_.size());
  const Endpoint endpoint{IpAddress::v4(0xC6120001 + (place << 8)), static_cast<std::uint16_t>(1100 + place)};
  auto made = std::make_unique<Client>(*this, Uin{uin}, endpoint, with...);
  auto& person = *made;
  people_.push_back(std::move(made));
  static_cast<Person&>(person).comes();
  return person;
}

Person& Town::icq(std::uint32_t uin, std::string_view nick) { return settles<IcqPerson>(uin, nick); }
Person& Town::oicq(std::uint32_t uin, std::string_view nick) { return settles<OicqPerson>(uin, nick); }
QqPerson& Town::qq(std::uint32_t uin, std::string_view nick, qq::Version version) {
  return settles<QqPerson>(uin, nick, version);
}

void Town::advance(Duration span) {
  const auto target = now_.steady + span;
  deliver();
  while (now_.steady < target) {
    auto next = server_->next_deadline();
    for (const auto& person : people_) next = std::min(next, person->next_deadline());
    const auto step = std::clamp(next, now_.steady + Duration{1ms}, target);
    now_ = {step, now_.wall + (std::chrono::floor<std::chrono::seconds>(step.time_since_epoch()) -
                               std::chrono::floor<std::chrono::seconds>(now_.steady.time_since_epoch()))};
    server_->advance(now_);
    for (const auto& person : people_)
      if (person->next_deadline() <= now_.steady) person->on_time();
    deliver();
  }
}

void Town::deliver() {
  while (!on_their_way_.empty()) {
    const auto next = std::move(on_their_way_.front());
    on_their_way_.pop_front();
    if (loses_every != 0 && ++datagrams_ % loses_every == 0) continue;
    if (next.to_server) {
      server_->receive(next.datagram);
      continue;
    }
    const auto whose = std::ranges::find(people_, next.datagram.to, [](const auto& p) { return p->endpoint(); });
    if (whose != people_.end()) (*whose)->on_datagram(next.datagram.bytes);
  }
}

storage::Result Town::store(const storage::Request& request) { return storage::commit_one(engine_, request); }

Uin Town::makes_room(std::string_view name, Uin owner, std::vector<Uin> members, model::RoomJoining joining) {
  auto made = store(storage::MakeRoom{.owner = owner,
                                      .profile = {.name = std::string{name}, .joining = joining},
                                      .members = std::move(members),
                                      .any_member = true});
  const auto& room = std::get<storage::RoomWritten>(made.value());
  auto all = room.changed;
  all.push_back(owner);
  server_->shard_of_user(owner).between_inputs(now_, [&](node::Shard& shard) {
    shard.services().tell_room_changed(room.room, name, all, model::RoomNotice::added, now_);
  });
  advance(1s);
  return room.room;
}

void Town::crashes_and_restarts() {
  server_->crash();
  server_.reset();
  on_their_way_.clear();
  engine_.crash();
  ++options_.seed;
  start();
}

void Town::restarts() {
  for (unsigned i = 0; i < server_->shard_count(); ++i)
    server_->shard(i).between_inputs(now_, [&](node::Shard& shard) { shard.services().save_positions(now_); });
  advance(20ms);
  crashes_and_restarts();
}

std::uint64_t Town::count(Counter service::Counters::*counter) {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < server_->shard_count(); ++i)
    sum += (server_->shard(i).services().counters().*counter).value();
  return sum;
}

}  // namespace uhoh::testing
