#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "edge.hpp"
#include "histogram.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "reference.hpp"
#include "report.hpp"
#include "run.hpp"
#include "stream_edge.hpp"
#include "toy_server.hpp"

namespace uhoh::load {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// Options.

TEST(Options, reads_spans_of_time) {
  EXPECT_EQ(parse_duration("300ms"), 300ms);
  EXPECT_EQ(parse_duration("2"), 2s);
  EXPECT_EQ(parse_duration("1.5m"), 90s);
  EXPECT_FALSE(parse_duration("soon"));
  EXPECT_FALSE(parse_duration("3 apples"));
  EXPECT_FALSE(parse_duration("-1s"));
}

TEST(Options, refuses_what_cannot_work) {
  EXPECT_TRUE(check({}));
  EXPECT_FALSE(check({.server = Endpoint{IpAddress::v4(0x08080808), 4000}}));
  EXPECT_FALSE(check({.users = 1}));
  EXPECT_FALSE(check({.first_uin = 1'999'999'999}));
  EXPECT_FALSE(check({.password = "far too long"}));
  EXPECT_TRUE(
      check({.dialect = Dialect::oicq, .transport = Transport::tcp, .password = "far too long for ICQ"}));
  EXPECT_FALSE(check({.transport = Transport::tcp}));
  EXPECT_FALSE(
      check({.dialect = Dialect::oicq, .transport = Transport::tcp, .impairment = {.loss_percent = 1}}));
  EXPECT_FALSE(check({.impairment = {.loss_percent = 100}}));
  EXPECT_TRUE(check({.dialect = Dialect::qq, .transport = Transport::tcp, .password = "secret1 and more"}));
  EXPECT_FALSE(check({.dialect = Dialect::qq, .create = true}));
  EXPECT_FALSE(check({.dialect = Dialect::qq, .text_bytes = 601}));
}

TEST(Options, knows_each_generation_of_qq) {
  EXPECT_EQ(version_of_generation("A"), qq::Version::v0d55);
  EXPECT_EQ(version_of_generation("A'"), qq::Version::v0f5f);
  EXPECT_EQ(version_of_generation("B"), qq::Version::v115b);
  EXPECT_EQ(version_of_generation("C"), qq::Version::v2227);
  EXPECT_EQ(version_of_generation("D"), qq::Version::v3639);
  EXPECT_EQ(version_of_generation("E"), std::nullopt);
}

TEST(Histogram, finds_percentiles_within_a_sixteenth) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.add(Duration{i * 100});
  EXPECT_NEAR(static_cast<double>(histogram.percentile(50).count()), 50'000, 50'000 / 16.0);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(99).count()), 99'000, 99'000 / 16.0);
  EXPECT_EQ(Histogram{}.percentile(50), Duration{0});
}

// The ledger.

class LedgerTest : public ::testing::Test {
 protected:
  std::string text(std::uint32_t message, unsigned attempt = 0) {
    return std::string{ledger.text(message, attempt, 64)};
  }
  void receive(const std::string& message, std::uint32_t session = 1) {
    ledger.received(message, Uin{1}, Uin{2}, session, now += 1ms);
  }
  Ledger ledger{7};
  Instant now{1h};
};

TEST_F(LedgerTest, finds_nothing_wrong_with_what_comes_once_and_in_order) {
  for (int i = 0; i < 3; ++i) {
    const auto message = ledger.open(Uin{1}, Uin{2}, now);
    EXPECT_EQ(text(message).size(), 64U);
    ledger.acknowledged(message);
    receive(text(message));
  }
  const Verdict v = ledger.verdict({});
  EXPECT_TRUE(v.good());
  EXPECT_EQ(v.received, 3U);
  EXPECT_EQ(v.doubled(), 0U);
  EXPECT_EQ(ledger.outstanding(), 0U);
}

TEST_F(LedgerTest, counts_as_lost_only_what_was_acknowledged) {
  const auto promised = ledger.open(Uin{1}, Uin{2}, now);
  (void)ledger.open(Uin{1}, Uin{2}, now);
  ledger.acknowledged(promised);
  const Verdict v = ledger.verdict({});
  EXPECT_EQ(v.lost, 1U);
  EXPECT_EQ(v.unanswered, 2U - 1U);
  EXPECT_FALSE(v.good());
}

TEST_F(LedgerTest, notices_order_per_pair_only) {
  const auto first = ledger.open(Uin{1}, Uin{2}, now);
  const auto second = ledger.open(Uin{1}, Uin{2}, now);
  const auto other = ledger.open(Uin{3}, Uin{2}, now);
  ledger.received(text(other), Uin{3}, Uin{2}, 1, now);
  receive(text(second));
  receive(text(first));
  EXPECT_EQ(ledger.verdict({}).out_of_order, 1U);
}

TEST_F(LedgerTest, says_why_a_message_came_twice) {
  const auto message = ledger.open(Uin{1}, Uin{2}, now);
  receive(text(message), 1);
  receive(text(message), 2);
  EXPECT_EQ(ledger.verdict({}).doubled_session_ended, 1U);
  receive(text(message, 1), 2);
  EXPECT_EQ(ledger.verdict({}).doubled_sent_again, 1U);

  const auto crashed = ledger.open(Uin{1}, Uin{2}, now);
  receive(text(crashed));
  const Instant between = now;
  receive(text(crashed));
  EXPECT_EQ(ledger.verdict({}).doubled_unexplained, 1U);
  EXPECT_FALSE(ledger.verdict({}).good());
  const Verdict v = ledger.verdict({{between, between + 1ms}});
  EXPECT_EQ(v.doubled_crash, 1U);
  EXPECT_TRUE(v.good());
}

TEST_F(LedgerTest, tells_damaged_misdelivered_and_foreign_messages_apart) {
  const auto message = ledger.open(Uin{1}, Uin{2}, now);
  std::string damaged = text(message);
  damaged[30] ^= 1;
  receive(damaged);
  ledger.received(text(message), Uin{1}, Uin{3}, 1, now);
  receive("hello");
  Ledger earlier{6};
  receive(std::string{earlier.text(earlier.open(Uin{1}, Uin{2}, now), 0, 64)});
  const Verdict v = ledger.verdict({});
  EXPECT_EQ(v.damaged, 1U);
  EXPECT_EQ(v.misdelivered, 1U);
  EXPECT_EQ(v.foreign, 2U);
  EXPECT_EQ(v.received, 0U);
}

// The edge, over loopback.

TEST(EdgeTest, gives_each_user_an_endpoint_of_its_own) {
  auto server = net::UdpPort::open({IpAddress::v4(0x7F000001), 0});
  ASSERT_TRUE(server) << server.error();
  auto edge = Edge::open_for(server->local(), 1000, 3, {}, 1);
  ASSERT_TRUE(edge) << edge.error();
  const Instant now = read_clocks().steady;
  const std::vector<std::uint32_t> users{0, 1, 255, 256, 999};
  for (const std::uint32_t user : users)
    edge->send(user, Bytes{reinterpret_cast<const std::uint8_t*>(&user), 4}, now);
  edge->flush();
  std::size_t seen = 0;
  while (seen < users.size() && server->wait_readable(2s)) {
    for (const auto& datagram : server->receive()) {
      std::uint32_t user = 0;
      std::memcpy(&user, datagram.data.data(), 4);
      EXPECT_EQ(datagram.from, edge->endpoint_of(user));
      server->enqueue(datagram.data, datagram.from);
      ++seen;
    }
    server->flush();
  }
  std::vector<std::uint32_t> answered;
  for (int i = 0; i < 40 && answered.size() < users.size(); ++i) {
    edge->wait(read_clocks().steady + 50ms);
    edge->deliver(read_clocks().steady, [&](std::uint32_t user, Bytes bytes) {
      EXPECT_EQ(std::memcmp(bytes.data(), &user, 4), 0);
      answered.push_back(user);
    });
  }
  std::ranges::sort(answered);
  EXPECT_EQ(answered, users);
  EXPECT_EQ(edge->counters().foreign, 0U);
}

TEST(EdgeTest, ignores_datagrams_that_the_server_did_not_send) {
  auto server = net::UdpPort::open({IpAddress::v4(0x7F000001), 0});
  auto stranger = net::UdpPort::open({IpAddress::v4(0x7F000001), 0});
  auto edge = Edge::open_for(server->local(), 10, 1, {}, 1);
  ASSERT_TRUE(server && stranger && edge);
  const std::uint8_t byte = 1;
  stranger->enqueue(Bytes{&byte, 1}, edge->endpoint_of(3));
  server->enqueue(Bytes{&byte, 1}, {IpAddress::v4(Edge::first_address + 10), edge->endpoint_of(0).port});
  stranger->flush();
  server->flush();
  for (int i = 0; i < 40 && edge->counters().foreign < 2; ++i) {
    edge->wait(read_clocks().steady + 50ms);
    edge->deliver(read_clocks().steady, [](std::uint32_t, Bytes) { ADD_FAILURE(); });
  }
  EXPECT_EQ(edge->counters().foreign, 2U);
}

TEST(EdgeTest, loses_doubles_and_delays_by_seed) {
  const auto fates = [](std::uint64_t seed) {
    auto edge = Edge::open_for({IpAddress::v4(0x7F000001), 9}, 1, 1, {30, 10, 10, 20ms}, seed);
    const std::uint8_t byte = 1;
    for (int i = 0; i < 2000; ++i) edge->send(0, Bytes{&byte, 1}, Instant{1h});
    const EdgeCounters c = edge->counters();
    return std::vector{c.lost, c.doubled, c.delayed, c.sent};
  };
  const auto once = fates(5);
  EXPECT_NEAR(static_cast<double>(once[0]), 600, 90);
  EXPECT_NEAR(static_cast<double>(once[1]), 140, 50);
  EXPECT_NEAR(static_cast<double>(once[2]), 140, 50);
  EXPECT_EQ(once, fates(5));
  EXPECT_NE(once, fates(6));
}

// Connections, over loopback.

/// A socket that takes connections on a free port, and the endpoint to reach it.
std::pair<net::UniqueFd, Endpoint> listening() {
  net::UniqueFd socket{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7F000001);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket.get(), 16), 0);
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {std::move(socket), Endpoint{IpAddress::v4(0x7F000001), ntohs(address.sin_port)}};
}

TEST(StreamEdgeTest, carries_bytes_both_ways_and_tells_ends) {
  auto [listener, endpoint] = listening();
  auto edge = StreamEdge::open_for(endpoint, 3);
  ASSERT_TRUE(edge) << edge.error();
  std::vector<std::string> heard;
  std::string came;
  (*edge)->on_open = [&](std::uint32_t user) { heard.push_back("open " + std::to_string(user)); };
  (*edge)->on_closed = [&](std::uint32_t user) { heard.push_back("closed " + std::to_string(user)); };
  const auto pump_until = [&](const std::function<bool()>& done) {
    for (int i = 0; i < 200 && !done(); ++i) {
      (*edge)->deliver({}, [&](std::uint32_t user, Bytes bytes) {
        came += std::to_string(user) + ":" + std::string{as_chars(bytes)};
      });
      (*edge)->wait(read_clocks().steady + 10ms);
    }
    return done();
  };
  EXPECT_FALSE((*edge)->open(2));
  const net::UniqueFd server{::accept(listener.get(), nullptr, nullptr)};
  ASSERT_TRUE(server);
  EXPECT_TRUE(pump_until([&] { return heard == std::vector<std::string>{"open 2"}; }));
  (*edge)->send(2, as_bytes("hello"), {});
  char buffer[16] = {};
  EXPECT_EQ(::recv(server.get(), buffer, sizeof buffer, 0), 5);
  EXPECT_EQ(std::string{buffer}, "hello");
  EXPECT_EQ(::send(server.get(), "yes", 3, 0), 3);
  EXPECT_TRUE(pump_until([&] { return came == "2:yes"; }));
  ::shutdown(server.get(), SHUT_RDWR);
  EXPECT_TRUE(pump_until([&] { return heard.back() == "closed 2"; }));
}

TEST(StreamEdgeTest, tells_that_nobody_listens) {
  Endpoint nobody;
  {
    auto [listener, endpoint] = listening();
    nobody = endpoint;
  }
  auto edge = StreamEdge::open_for(nobody, 1);
  ASSERT_TRUE(edge);
  bool closed = false;
  (*edge)->on_closed = [&](std::uint32_t) { closed = true; };
  EXPECT_FALSE((*edge)->open(0));
  for (int i = 0; i < 200 && !closed; ++i) {
    (*edge)->wait(read_clocks().steady + 10ms);
    (*edge)->deliver({}, [](std::uint32_t, Bytes) {});
  }
  EXPECT_TRUE(closed);
}

TEST(ReferenceTest, measures_the_reflector) {
  const auto reference = measure_reference(10, 2000, 64, 2);
  ASSERT_TRUE(reference) << reference.error();
  EXPECT_EQ(reference->messages, 2000U);
  EXPECT_GT(reference->nanoseconds_per_message, 100);
}

TEST(ReportTest, writes_json) {
  Report report;
  report.add("lost", 0);
  report.add("ratio", 1.5);
  report.add("delivery_p50", Duration{1500});
  report.add_text("why", "a \"b\"\n");
  EXPECT_EQ(report.json(),
            "{\"ok\": true,\n \"lost\": 0,\n \"ratio\": 1.5,\n \"delivery_p50_ms\": 1.5,\n"
            " \"why\": \"a \\\"b\\\"\\u000a\"}\n");
  report.fail("no");
  EXPECT_TRUE(report.failed());
}

// Whole runs against a toy server, right and wrong.

Options small_run(const ToyServer& server, Scenario scenario) {
  return {.scenario = scenario,
          .server = server.endpoint(),
          .users = 20,
          .messages = 400,
          .rate = 200,
          .duration = 300ms,
          .resend = 200ms,
          .settle = 1s,
          .linger = 20ms,
          .reference = false,
          .quiet = true};
}

const std::atomic<bool> never_stop = false;

TEST(LoadRun, passes_a_right_server) {
  const ToyServer server{Mistake::none};
  for (const Scenario scenario : {Scenario::messages, Scenario::offline, Scenario::idle, Scenario::storm}) {
    Options options = small_run(server, scenario);
    options.contacts = scenario == Scenario::storm ? 150 : 0;
    const Report report = run(options, never_stop);
    EXPECT_FALSE(report.failed()) << report.text();
    const bool in_halves = scenario == Scenario::offline;
    EXPECT_EQ(report.number(in_halves ? "recipient_log_ins" : "log_ins"), in_halves ? 10 : 20)
        << report.text();
    if (scenario == Scenario::messages || scenario == Scenario::offline) {
      EXPECT_EQ(report.number("received"), 400) << report.text();
    }
    EXPECT_EQ(report.number("lost"), 0);
  }
}

TEST(LoadRun, registers_accounts) {
  const ToyServer server{Mistake::none};
  Options options = small_run(server, Scenario::messages);
  options.create = true;
  const Report report = run(options, never_stop);
  EXPECT_FALSE(report.failed()) << report.text();
  EXPECT_EQ(report.number("received"), 400) << report.text();
}

TEST(LoadRun, reports_each_mistake_of_a_wrong_server) {
  const std::pair<Mistake, const char*> mistakes[] = {{Mistake::loses, "lost"},
                                                      {Mistake::doubles, "doubled_unexplained"},
                                                      {Mistake::swaps, "out_of_order"},
                                                      {Mistake::damages, "damaged"},
                                                      {Mistake::delivers_to_another, "misdelivered"}};
  for (const auto& [mistake, key] : mistakes) {
    const ToyServer server{mistake};
    Options options = small_run(server, Scenario::messages);
    options.settle = 300ms;
    const Report report = run(options, never_stop);
    EXPECT_TRUE(report.failed()) << key;
    EXPECT_GT(report.number(key), 0) << report.text();
  }
}

TEST(LoadRun, says_at_once_that_there_are_no_accounts) {
  const ToyServer server{Mistake::knows_nobody};
  for (const Scenario scenario : {Scenario::messages, Scenario::offline, Scenario::idle, Scenario::storm}) {
    Options options = small_run(server, scenario);
    options.settle = 1h;
    const Report report = run(options, never_stop);
    EXPECT_TRUE(report.failed());
    EXPECT_NE(report.text().find("user add-range --first 20000 --count 20 --password secret"),
              std::string::npos)
        << report.text();
  }
}

TEST(LoadRun, gives_up_on_a_silent_server) {
  const auto silent = net::UdpPort::open({IpAddress::v4(0x7F000001), 0});
  ASSERT_TRUE(silent);
  const Report report = run({.scenario = Scenario::storm,
                             .server = silent->local(),
                             .users = 2,
                             .resend = 20ms,
                             .settle = 200ms,
                             .linger = 0s,
                             .quiet = true},
                            never_stop);
  EXPECT_TRUE(report.failed());
  EXPECT_EQ(report.number("log_ins"), 0);
}

}  // namespace
}  // namespace uhoh::load
