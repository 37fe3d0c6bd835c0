#include <gtest/gtest.h>

#include "dialect/qq/qr_desk.hpp"
#include "dialect/qq/testing/log_in_chains.hpp"

namespace uhoh::qq {
namespace {

using std::chrono::seconds;
using testing::Answer;
using testing::ClientSide;
using testing::LogInChain;
using testing::moment_at;
using testing::Octets;
using testing::PlayedServer;
using testing::TaggedValues;

/// A client that logs in by picture: it has no number yet.
struct PictureLogIn {
  PlayedServer& server;
  LogInChain chain{.server = server, .client = {.version = Version::v3639, .uin = Uin{}}};
  Octets ticket, code;
  crypto::TeaKey poll_key = testing::key_of(0);

  [[nodiscard]] Octets request() {
    const TaggedValues values = TaggedValues{}
                                    .add(tagged::AnonymousPing{})
                                    .add(tagged::PublicKey{.public_key = chain.public_key()})
                                    .add(tagged::Unread<0x0305>{Octets(30)});
    return chain.client.keyed_step(QrRequest{values.list()}, chain.random_key);
  }
  /// Asks for a picture; false when there is none.
  bool asks() {
    const auto answer = chain.exchange<QrPicture>(request(), chain.agreed_key());
    if (!answer) return false;
    const auto picture = answer->as<QrPicture>();
    EXPECT_EQ(picture.result, 0);
    // Where go-pcqq looks for them.
    poll_key = *crypto::TeaKey::from_bytes(Bytes{answer->plaintext}.subspan(7, 16));
    ticket = LogInChain::copy(tagged::find<tagged::QrTicket>(picture.values)->ticket);
    EXPECT_TRUE(std::ranges::equal(Bytes{answer->plaintext}.subspan(29, 56), ticket));
    code = LogInChain::copy(tagged::find<tagged::QrCode>(picture.values)->code);
    EXPECT_FALSE(tagged::find<tagged::QrImage>(picture.values)->image.empty());
    return true;
  }
  [[nodiscard]] Octets poll() {
    const Octets ping(14);
    return chain.client.step(Ticket{.ticket_token = ticket}, QrPoll{.ping = ping, .code = code}, poll_key);
  }
  /// What the server says of the picture; nothing for silence.
  std::optional<Answer> polls() { return chain.exchange<QrState>(poll(), poll_key); }
  std::optional<std::uint8_t> state() {
    const auto answer = polls();
    if (!answer) return std::nullopt;
    return answer->as<QrState>().result;
  }
  [[nodiscard]] std::string code_text() const { return {code.begin(), code.end()}; }
  /// 0836 with what 0819 has brought.
  [[nodiscard]] Octets log_in_packet(const Answer& confirmed) {
    const auto state = confirmed.as<QrState>();
    const auto header = read_frame(confirmed.packet, Direction::server_to_client, Version::v3639)->header;
    chain.client.uin = header.uin;
    chain.ticket_key = *crypto::TeaKey::from_bytes(tagged::find<tagged::TicketKey>(state.values)->ticket_key);
    const Octets rest(320), token = chain.touch();
    const TaggedValues values = TaggedValues{}
                                    .add(tagged::Token{token})
                                    .add(tagged::OwnNumber{.uin = header.uin})
                                    .add(*tagged::find<tagged::QrProof>(state.values))
                                    .add(tagged::Unread<0x0015>{rest});
    return chain.client.step(
        AgreementHello{.public_key = chain.public_key(), .random_key = chain.random_key.bytes()},
        ProvePassword{values.list()}, chain.agreed_key());
  }
};

class QqPictures : public ::testing::Test {
 protected:
  [[nodiscard]] WallTime now() const { return server_.moment.now.wall; }
  PlayedServer server_;
  PictureLogIn it_{server_};
};

TEST_F(QqPictures, log_in_when_somebody_has_allowed_it) {
  ASSERT_TRUE(it_.asks());
  EXPECT_EQ(it_.state(), 0x02);
  const auto waiting = server_.desk.waiting(now());
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().code, it_.code_text());
  EXPECT_EQ(waiting.front().peer, server_.moment.peer);
  EXPECT_NE(waiting.front().client.find("3639"), std::string::npos);
  ASSERT_TRUE(server_.desk.confirm(it_.code_text(), Uin{10001}, now()));
  EXPECT_EQ(it_.state(), 0x01) << "go-pcqq wants to hear this first";
  const auto confirmed = it_.polls();
  ASSERT_TRUE(confirmed.has_value());
  EXPECT_EQ(confirmed->as<QrState>().result, 0x00);
  const Octets packet = it_.log_in_packet(*confirmed);
  const auto proven = it_.chain.exchange<PasswordOutcome>(packet, it_.chain.agreed_key());
  ASSERT_TRUE(proven.has_value());
  EXPECT_EQ(server_.step->proof, model::LogInProof::right);
  EXPECT_EQ(server_.step->login.uin, Uin{10001});
  EXPECT_FALSE(it_.chain.outcome_d(*proven).empty());
  EXPECT_FALSE(server_.answer_to(packet).empty()) << "the very same packet";
  static_cast<void>(server_.answer_to(it_.log_in_packet(*confirmed)));
  EXPECT_EQ(server_.step->proof, model::LogInProof::wrong) << "a code serves once";
}

TEST_F(QqPictures, live_for_two_minutes) {
  ASSERT_TRUE(it_.asks());
  server_.moment = moment_at(seconds{119});
  EXPECT_EQ(it_.state(), 0x02);
  server_.moment = moment_at(seconds{121});
  EXPECT_EQ(it_.state(), std::nullopt);
  EXPECT_FALSE(server_.desk.confirm(it_.code_text(), Uin{10001}, now()));
  EXPECT_TRUE(server_.desk.waiting(now()).empty());
}

TEST_F(QqPictures, belong_to_the_address_that_asked) {
  ASSERT_TRUE(it_.asks());
  server_.moment.peer.address = IpAddress::v4(0x0A000006);
  EXPECT_EQ(it_.state(), std::nullopt);
}

TEST_F(QqPictures, are_told_by_their_codes) {
  ASSERT_TRUE(it_.asks());
  PictureLogIn other{server_};
  other.chain.random_key = testing::key_of(0x33);
  ASSERT_TRUE(other.asks());
  EXPECT_NE(it_.code, other.code);
  ASSERT_TRUE(server_.desk.confirm(other.code_text(), Uin{10002}, now()));
  EXPECT_EQ(it_.state(), 0x02);
  EXPECT_EQ(other.state(), 0x01);
  std::swap(it_.code, other.code);
  EXPECT_EQ(it_.state(), std::nullopt) << "a ticket with another one's code";
}

TEST_F(QqPictures, are_allowed_once_and_by_a_code_that_exists) {
  ASSERT_TRUE(it_.asks());
  EXPECT_FALSE(server_.desk.confirm("AAAAAAAA", Uin{10001}, now()));
  EXPECT_FALSE(server_.desk.confirm(it_.code_text(), Uin{}, now()));
  EXPECT_TRUE(server_.desk.find(it_.code_text(), now()).has_value());
  EXPECT_TRUE(server_.desk.confirm(it_.code_text(), Uin{10001}, now()));
  EXPECT_FALSE(server_.desk.confirm(it_.code_text(), Uin{10002}, now()));
  EXPECT_FALSE(server_.desk.find(it_.code_text(), now()).has_value());
}

TEST_F(QqPictures, are_not_made_without_end) {
  for (std::size_t i = 0; i < 2 * QrDesk::max_per_address; ++i) EXPECT_TRUE(PictureLogIn{server_}.asks());
  EXPECT_EQ(server_.desk.waiting(now()).size(), 1U) << "the same packet asks for the same picture";
  for (std::size_t i = 1; i < 2 * QrDesk::max_per_address; ++i) {
    PictureLogIn another{server_};
    another.chain.random_key = testing::key_of(static_cast<std::uint8_t>(100 + i));
    EXPECT_EQ(another.asks(), i < QrDesk::max_per_address);
  }
  EXPECT_EQ(server_.desk.waiting(now()).size(), QrDesk::max_per_address);
}

TEST_F(QqPictures, are_off_without_a_page_or_a_desk) {
  for (const bool has_page : {false, true}) {
    QrDesk desk;
    QqOptions options;
    if (has_page) options.qr_page = "https://uhoh.example.org/qr";
    const QqDialect dialect{options, crypto::SecretKey::random(), has_page ? nullptr : &desk};
    const Octets packet = it_.request();
    const auto info = dialect.sniff(packet);
    ASSERT_TRUE(info.has_value());
    Octets out(2000);
    EXPECT_EQ(dialect.answer(*info, packet, server_.moment, out), 0U);
  }
}

TEST_F(QqPictures, need_no_more_than_a_ticket_of_this_server) {
  ASSERT_TRUE(it_.asks());
  ASSERT_TRUE(server_.desk.confirm(it_.code_text(), Uin{10001}, now()));
  static_cast<void>(it_.state());
  auto confirmed = it_.polls();
  ASSERT_TRUE(confirmed.has_value());
  // Damaged, the ticket proves nothing.
  confirmed->plaintext[1 + 4 + 50] ^= 1;
  static_cast<void>(server_.answer_to(it_.log_in_packet(*confirmed)));
  ASSERT_TRUE(server_.step.has_value());
  EXPECT_EQ(server_.step->proof, model::LogInProof::wrong);
}

}  // namespace
}  // namespace uhoh::qq
