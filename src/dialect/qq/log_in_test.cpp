#include "dialect/qq/log_in.hpp"

#include <gtest/gtest.h>

#include <set>

#include "dialect/qq/testing/log_in_chains.hpp"

namespace uhoh::qq {
namespace {

using std::chrono::seconds;
using testing::ClientSide;
using testing::encoded;
using testing::key_of;
using testing::LogInChain;
using testing::moment_at;
using testing::Octets;
using testing::opened;
using testing::PlayedServer;

constexpr std::array<Version, 12> listed{Version::v0d55, Version::v0e1b, Version::v0f15, Version::v0f5f,
                                         Version::v111d, Version::v115b, Version::v1e0d, Version::v2227,
                                         Version::v3639, Version::v3709, Version::v3713, Version::v3b41};

Octets bytes_of(const crypto::TeaKey& key) { return {key.bytes().begin(), key.bytes().end()}; }

class EachVersion : public ::testing::TestWithParam<Version> {
 protected:
  PlayedServer server_;
  LogInChain chain(std::string password = "secret1") {
    return {.server = server_, .client = {.version = GetParam()}, .password = std::move(password)};
  }
};

TEST_P(EachVersion, logs_in_with_the_right_password) {
  LogInChain it = chain();
  EXPECT_EQ(it.run(), bytes_of(server_.session_key));
  ASSERT_TRUE(server_.step.has_value());
  EXPECT_TRUE(server_.step->opens);
  EXPECT_EQ(server_.step->login.uin, Uin{10001});
  EXPECT_TRUE(server_.step->login.status.invisible) << "until its first status";
  EXPECT_TRUE(server_.step->login.wants_friends && server_.step->login.pushes_stored);
  if (gen_cd.has(GetParam())) {
    EXPECT_EQ(it.own_nick, "Ann");
  }
}

TEST_P(EachVersion, logs_in_over_tcp) {
  server_.moment.over_stream = true;
  LogInChain it = chain();
  it.client.over_stream = true;
  EXPECT_EQ(it.run(), bytes_of(server_.session_key));
}

TEST_P(EachVersion, opens_its_sessions_packets_with_that_key_only) {
  ClientSide client{.version = GetParam()};
  const Octets packet = client.sealed_frame(OnlineRequest{}, key_of(5));
  const auto info = server_.dialect.sniff(packet);
  ASSERT_TRUE(info.has_value());
  EXPECT_FALSE(info->before_session);
  EXPECT_TRUE(server_.dialect.opens(*info, packet, key_of(5).bytes()));
  EXPECT_FALSE(server_.dialect.opens(*info, packet, key_of(6).bytes()));
  EXPECT_FALSE(server_.dialect.opens(*info, packet, {}));
}

TEST_P(EachVersion, repeats_a_steps_answer_byte_for_byte) {
  LogInChain it = chain();
  ASSERT_FALSE(it.run().empty());
  const Octets packet = it.last_packet;
  const Octets first = server_.answer_to(packet);
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, server_.answer_to(packet));
}

INSTANTIATE_TEST_SUITE_P(QqLogIn, EachVersion, ::testing::ValuesIn(listed),
                         [](const auto& test) { return fmt::format("{:04X}", row_of(test.param).word); });

class QqLogIn : public ::testing::Test {
 protected:
  LogInChain chain(Version version, std::string password = "secret1") {
    return {.server = server_, .client = {.version = version}, .password = std::move(password)};
  }
  std::string expect_refused(model::LogInProof proof) const {
    EXPECT_TRUE(server_.step && server_.step->proof == proof);
    return {};
  }
  PlayedServer server_;
};

// ---- refusals ----

TEST_F(QqLogIn, refuses_a_wrong_password_in_each_generations_words) {
  for (const bool no_account : {false, true}) {
    if (no_account) server_.password.clear();
    const std::string_view text = no_account ? "No such number." : "Wrong password.";
    const auto proof = no_account ? model::LogInProof::no_account : model::LogInProof::wrong;

    for (const Version version : {Version::v0d55, Version::v0f5f}) {
      LogInChain a = chain(version, "other");
      const Octets packet = version == Version::v0d55 ? a.log_in_packet<LogInA>(a.clear_token())
                                                      : a.log_in_packet<LogInA2>(a.keyed_token_a2());
      const auto answer = a.exchange<LogInRefused>(packet, a.random_key);
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(answer->as<LogInRefused>().code, version == Version::v0d55 ? 0x05 : 0x09);
      EXPECT_EQ(answer->as<LogInRefused>().text, text);
      EXPECT_EQ(server_.step->proof, proof);
    }

    LogInChain b = chain(Version::v111d, "other");
    const auto answer_b =
        b.exchange<PasswordRefusedB>(b.proof_packet_b(b.second_token_b(b.clear_token())), b.random_key);
    ASSERT_TRUE(answer_b.has_value());
    EXPECT_EQ(answer_b->as<PasswordRefusedB>().code, no_account ? 0xBF : 0x34);
    EXPECT_EQ(answer_b->as<PasswordRefusedB>().text, text);
    EXPECT_EQ(server_.step->proof, proof);

    LogInChain c = chain(Version::v2227, "other");
    const auto answer_c =
        c.exchange<PasswordRefusedC>(c.proof_packet_c(c.second_token_c(c.first_token_c())), c.random_key);
    ASSERT_TRUE(answer_c.has_value());
    EXPECT_EQ(answer_c->as<PasswordRefusedC>().code, 0x34);
    EXPECT_EQ(answer_c->as<PasswordRefusedC>().text, text);

    LogInChain d = chain(Version::v3639, "other");
    const auto answer_d = d.exchange<PasswordOutcome>(d.proof_packet_d(d.touch()), d.agreed_key());
    ASSERT_TRUE(answer_d.has_value());
    EXPECT_EQ(answer_d->as<PasswordOutcome>().result, 0x34);
    const auto refusal = tagged::find<tagged::Refusal>(answer_d->as<PasswordOutcome>().values);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->code, 0x34U);
    EXPECT_EQ(refusal->text, text);
    EXPECT_EQ(server_.step->proof, proof);
  }
}

TEST_F(QqLogIn, tells_b_that_the_server_is_busy_and_nobody_else) {
  for (const Version version : {Version::v0d55, Version::v111d, Version::v2227, Version::v3639}) {
    LogInChain it = chain(version);
    ASSERT_FALSE(it.run().empty());
    Octets out(2000);
    const std::size_t size = server_.dialect.encode_for_stranger(
        model::ServerBusy{}, server_.info, {it.last_packet, server_.password_key(), server_.moment}, out);
    EXPECT_EQ(size != 0, version == Version::v111d);
  }
}

TEST_F(QqLogIn, says_nothing_without_the_packet_or_for_other_events) {
  LogInChain it = chain(Version::v0d55);
  ASSERT_FALSE(it.run().empty());
  Octets out(2000);
  const auto told = [&](const model::Event& event, Bytes packet) {
    return server_.dialect.encode_for_stranger(event, server_.info,
                                               {packet, server_.password_key(), server_.moment}, out);
  };
  EXPECT_EQ(told(server_.outcome(), {}), 0U);
  EXPECT_EQ(told(model::NotConnected{}, it.last_packet), 0U);
}

// ---- tokens ----

TEST_F(QqLogIn, tokens_are_worth_nothing_to_others_later_or_in_another_place) {
  for (const Version version : {Version::v0d55, Version::v0f5f}) {
    LogInChain it = chain(version);
    const Octets token = version == Version::v0d55 ? it.clear_token() : it.keyed_token_a2();
    const auto logs_in = [&](const Octets& with) {
      return !(version == Version::v0d55 ? it.finish(it.log_in_packet<LogInA>(with))
                                         : it.finish(it.log_in_packet<LogInA2>(with)))
                  .empty();
    };
    EXPECT_TRUE(logs_in(token));
    Octets damaged = token;
    damaged.back() ^= 1;
    EXPECT_FALSE(logs_in(damaged));
    EXPECT_FALSE(logs_in({}));
    server_.moment.peer.address = IpAddress::v4(0x0A000006);
    EXPECT_FALSE(logs_in(token)) << "from another address";
    server_.moment = moment_at();
    server_.moment.peer.port = 4001;
    EXPECT_TRUE(logs_in(token)) << "from another port";
    server_.moment = moment_at(seconds{601});
    EXPECT_FALSE(logs_in(token)) << "too late";
    server_.moment = moment_at();
    it.client.uin = Uin{10002};
    EXPECT_FALSE(logs_in(token)) << "for another number";
  }
}

TEST_F(QqLogIn, the_first_token_of_b_and_c_proves_no_password) {
  LogInChain b = chain(Version::v111d);
  EXPECT_FALSE(b.exchange<PasswordProvenB>(b.proof_packet_b(b.clear_token()), b.random_key).has_value());
  LogInChain c = chain(Version::v2227);
  EXPECT_FALSE(c.exchange<PasswordProvenC>(c.proof_packet_c(c.first_token_c()), c.random_key).has_value());
}

TEST_F(QqLogIn, a_ticket_of_d_is_bound_to_number_address_and_time) {
  LogInChain it = chain(Version::v3639);
  const auto proven = it.exchange<PasswordOutcome>(it.proof_packet_d(it.touch()), it.agreed_key());
  ASSERT_TRUE(proven.has_value());
  const Octets plain = it.outcome_d(*proven);
  const auto outcome = wire::decode<PasswordOutcome>(plain);
  ASSERT_TRUE(outcome.has_value());
  const Octets packet = it.session_packet_d(*outcome);
  EXPECT_FALSE(server_.answer_to(packet).empty());
  server_.moment = moment_at(seconds{601});
  EXPECT_TRUE(server_.answer_to(packet).empty());
  server_.moment = moment_at();
  server_.moment.peer.address = IpAddress::v4(0x0A000006);
  EXPECT_TRUE(server_.answer_to(packet).empty());
  server_.moment = moment_at();
  it.client.uin = Uin{10002};
  EXPECT_TRUE(server_.answer_to(it.session_packet_d(*outcome)).empty());
}

TEST_F(QqLogIn, another_servers_tokens_are_worth_nothing) {
  LogInChain it = chain(Version::v0d55);
  const Octets token = it.clear_token();
  PlayedServer other;
  LogInChain there{.server = other, .client = {.version = Version::v0d55}};
  EXPECT_TRUE(there.finish(there.log_in_packet<LogInA>(token)).empty());
}

// ---- 0836 ----

TEST_F(QqLogIn, agrees_with_an_unknown_key_and_brings_one_of_its_own) {
  for (const std::uint16_t scheme : {std::uint16_t{0x0102}, std::uint16_t{0x0103}}) {
    LogInChain it = chain(Version::v3b41);
    it.own_key = crypto::AgreementKey::random();
    it.scheme = scheme;
    EXPECT_EQ(it.run(), bytes_of(server_.session_key));
    EXPECT_EQ(it.own_nick, "Ann");
  }
}

TEST_F(QqLogIn, answers_to_0836_never_look_like_a_code) {
  const std::set<std::uint8_t> codes{0x00, 0x01, 0x33, 0x34, 0x3F, 0xF8, 0xF9, 0xFA, 0xFB, 0xFD, 0xFE, 0xFF};
  LogInChain it = chain(Version::v3639);
  for (int i = 0; i < 300; ++i) {
    const auto proven = it.exchange<PasswordOutcome>(it.proof_packet_d(it.touch()), it.agreed_key());
    ASSERT_TRUE(proven.has_value());
    ASSERT_FALSE(codes.contains(proven->plaintext.front()));
    ASSERT_NE(proven->plaintext.back(), 0x00);
    ASSERT_NE(proven->plaintext.back(), 0x03);
    it.ticket_key = key_of(static_cast<std::uint8_t>(i));
  }
}

TEST_F(QqLogIn, a_long_nick_is_cut_between_characters) {
  server_.self.nick.clear();
  for (int i = 0; i < 40; ++i) server_.self.nick += "\xE5\xBC\xA0";
  for (const Version version : {Version::v2227, Version::v3639}) {
    LogInChain it = chain(version);
    ASSERT_FALSE(it.run().empty());
    EXPECT_EQ(it.own_nick, server_.self.nick.substr(0, 60));
  }
  server_.self.nick = "a" + server_.self.nick;
  LogInChain it = chain(Version::v2227);
  ASSERT_FALSE(it.run().empty());
  EXPECT_EQ(it.own_nick, server_.self.nick.substr(0, 58));
}

// ---- what else may come ----

TEST_F(QqLogIn, a_session_command_from_a_stranger_means_nothing) {
  ClientSide client{.version = Version::v0d55};
  const Octets packet = client.sealed_frame(FriendsRequest{}, key_of(5));
  const auto info = server_.dialect.sniff(packet);
  ASSERT_TRUE(info.has_value());
  EXPECT_FALSE(info->legal_without_session);
  DecodeScratch scratch;
  const auto command = server_.dialect.decode(*info, packet, nullptr, server_.moment, scratch);
  ASSERT_FALSE(command.has_value());
  EXPECT_EQ(command.error().kind, FrameError::Kind::not_logged_in);
}

TEST_F(QqLogIn, an_unknown_version_is_not_understood) {
  ClientSide client{.version = Version::v0d55};
  Octets packet = client.frame(TokenRequest::command, encoded(TokenRequest{}));
  packet[1] = 0x12, packet[2] = 0x34;
  const auto info = server_.dialect.sniff(packet);
  ASSERT_FALSE(info.has_value());
  EXPECT_EQ(info.error().kind, FrameError::Kind::not_this_dialect);
}

TEST_F(QqLogIn, every_damaged_step_is_silence_or_a_refusal) {
  for (const Version version : {Version::v0f5f, Version::v111d, Version::v2227, Version::v3639}) {
    LogInChain it = chain(version);
    ASSERT_FALSE(it.run().empty());
    const Octets packet = it.last_packet;
    for (std::size_t cut = 12; cut + 1 < packet.size(); cut += 7) {
      Octets shorter(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(cut));
      shorter.push_back(last_octet);
      static_cast<void>(server_.answer_to(shorter));
      EXPECT_FALSE(server_.step && server_.step->opens && server_.step->proof == model::LogInProof::right);
    }
  }
}

}  // namespace
}  // namespace uhoh::qq
