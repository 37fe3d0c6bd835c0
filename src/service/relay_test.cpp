#include "service/relay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "service/testing/service_script.hpp"

namespace uhoh::service {
namespace {

using namespace testing;

/// Writes down what it is asked for, and hands out ports in turn.
class ScriptedRelay final : public model::RelayPort {
 public:
  [[nodiscard]] IpAddress address() const override { return IpAddress::v4(0xCB007101); }
  std::uint16_t hand_out(const model::RelayOffer& offer) override {
    if (is_full) return 0;
    const auto [at, is_new] = ports.try_emplace({offer.caller, offer.callee}, next_port);
    if (is_new) ++next_port;
    callers[offer.caller] = offer.caller_address;
    return at->second;
  }
  void take_back(Uin caller, Uin callee) override { ports.erase({caller, callee}); }
  void forget(Uin user) override { done.push_back(fmt::format("forget {}", user.value)); }
  void connect(const model::RelayCall& call, const Endpoint& callee) override {
    done.push_back(
        fmt::format("{}: {} to {}:{}", call.id, call.caller.value, callee.address.to_string(), callee.port));
  }
  void refuse(const model::RelayCall& call) override { done.push_back(fmt::format("{}: refused", call.id)); }

  std::map<std::pair<Uin, Uin>, std::uint16_t> ports;
  std::map<Uin, IpAddress> callers;
  std::vector<std::string> done;
  std::uint16_t next_port = 41'000;
  bool is_full = false;
};

/// Alice, whose address is shown, and Bob, who is relayed; each has the other on the list.
class RelayService : public ::testing::Test {
 protected:
  RelayService() {
    for (auto* who : {&alice, &bob}) who->ignores_what_came();
  }
  Speaker& enters(std::uint32_t number, std::uint32_t address, std::uint32_t contact) {
    auto& speaker = script.logs_in(number, {.dialect = model::DialectId::icq,
                                            .over_stream = false,
                                            .address = IpAddress::v4(address),
                                            .tcp_port = 3000 + number});
    const std::array<std::uint8_t, 4> list{
        static_cast<std::uint8_t>(contact), static_cast<std::uint8_t>(contact >> 8),
        static_cast<std::uint8_t>(contact >> 16), static_cast<std::uint8_t>(contact >> 24)};
    speaker.says(model::WatchContacts{model::UinList{list}});
    return speaker;
  }
  model::RelayCall call(std::uint64_t id) { return {.id = id, .caller = alice, .callee = bob}; }
  void arrives(const model::RelayCall& one) {
    script.services_of(one.callee).on_relay_call(one, script.now());
    script.advance(10ms);
  }

  ScriptedRelay relay;
  ServiceScript script{{.relay = &relay}};
  Speaker& alice = enters(10001, 0x0A000001, 10002);
  Speaker& bob = [this]() -> Speaker& {
    script.knows(10002);
    EXPECT_TRUE(script.store(storage::UpdateAddressPolicy{Uin{10002}, model::AddressPolicy::relay}));
    return enters(10002, 0x0A000002, 10001);
  }();
};

TEST_F(RelayService, ShowsItsOwnAddressToBothSides) {
  EXPECT_EQ(relay.ports.size(), 2U);
  const auto for_alice = relay.ports.at({alice, bob});
  const auto for_bob = relay.ports.at({bob, alice});
  EXPECT_NE(for_alice, for_bob);
  EXPECT_EQ(relay.callers[alice], IpAddress::v4(0x0A000001)) << "nobody else may come";
  script.services_of(bob).on_relay_used({.id = 1, .caller = bob, .callee = alice}, script.now());
  script.advance(10ms);
  bob.hears(fmt::format("10001 is online at 203.0.113.1:{}", for_bob));
}

TEST_F(RelayService, ConnectsToThePortOfTheLogIn) {
  arrives(call(7));
  EXPECT_EQ(relay.done, std::vector<std::string>{"7: 10001 to 10.0.0.2:13002"});
}

TEST_F(RelayService, RefusesWhereTheOtherIsNotSeen) {
  bob.says(model::SetStatus{.status = {.availability = model::Availability::online, .invisible = true}});
  EXPECT_FALSE(relay.ports.contains({alice, bob})) << "the port is taken back when he goes";
  arrives(call(7));
  bob.leaves();
  arrives(call(8));
  EXPECT_EQ(relay.done, (std::vector<std::string>{"7: refused", "forget 10002", "8: refused"}));
}

TEST_F(RelayService, ShowsTheCallerToOneWhoCanOnlyConnectHimself) {
  const auto port = relay.ports.at({bob, alice});
  script.services_of(bob).on_relay_unreachable(call(7), script.now());
  script.advance(10ms);
  bob.hears(fmt::format("10001 is online at 203.0.113.1:{}", port));
}

TEST_F(RelayService, ShowsNoAddressWhenThereIsNoPort) {
  relay.is_full = true;
  script.services_of(alice).on_relay_used(call(7), script.now());
  script.advance(10ms);
  alice.hears("10002 is online");
}

TEST_F(RelayService, FollowsAChangeOfThePolicy) {
  script.services_of(bob).set_address_policy(bob, model::AddressPolicy::mutual);
  script.advance(10ms);
  alice.hears("10002 is online at 10.0.0.2:13002");
  bob.hears("10001 is online at 10.0.0.1:13001");
  script.services_of(bob).set_address_policy(bob, model::AddressPolicy::relay);
  script.advance(10ms);
  alice.hears(fmt::format("10002 is online at 203.0.113.1:{}", relay.ports.at({alice, bob})));
}

}  // namespace
}  // namespace uhoh::service
