// Files from one connection to another: offered, answered, carried, and every way in which they end.
// Source: spec/oicq.md, types 13 to 15; service/files.hpp.

#include <gtest/gtest.h>

#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

OicqExpected denied(Uin by) { return OfferAnswered{by, 0}; }
OicqExpected accepted_by(Uin by) { return OfferAnswered{by, 1}; }

/// Numbers in a row: a piece that is missing or doubled shows.
std::string file_of(std::size_t size) {
  std::string file;
  for (unsigned i = 0; file.size() < size; ++i) file += std::to_string(i) + " ";
  file.resize(size);
  return file;
}

/// Alice and Bob, each with a connection; bare and within 0F.
class OicqFiles : public ::testing::TestWithParam<OicqWay> {
 protected:
  explicit OicqFiles(const Scene& scene = {}) : c{scene} {
    alice.logs_in();
    bob.logs_in();
  }
  void offers(OicqUser& from, Uin to, std::uint32_t length) {
    from.sends(OfferFile{from, to, "a.txt", length});
  }
  void answers(OicqUser& who, Uin offerer, bool allow) {
    who.sends(AnswerOffer{who, offerer, static_cast<std::uint8_t>(allow)});
  }
  void sends_part(OicqUser& from, Uin to, std::string_view part) {
    from.sends_bare(FileContent{from, to, as_bytes(part)});
    c.advance(10ms);
  }
  /// The content of the 14 frames that have come next.
  static std::string content(OicqUser& who, Uin from) {
    std::string bytes;
    for (auto parts = who.waiting(FilePart::command); parts > 0; --parts) {
      who.expects(any_oicq<FilePart>());
      EXPECT_EQ(who.last<FilePart>().sender, from);
      bytes += as_chars(who.last<FilePart>().part);
    }
    return bytes;
  }
  void accepted(OicqUser& from, OicqUser& to, std::uint32_t length) {
    offers(from, to, length);
    to.expects(FileOffered{from, "a.txt", length});
    answers(to, from, true);
    from.expects(accepted_by(to));
  }
  void stops_reading(OicqUser& who) { c.server().set_reading(who.stream(), false); }
  void reads(OicqUser& who) {
    c.server().set_reading(who.stream(), true);
    c.advance(10ms);
  }
  [[nodiscard]] bool is_read(const OicqUser& who) { return c.server().is_read(who.stream()); }
  void expect_nothing_left() {
    for (unsigned i = 0; i < c.server().shard_count(); ++i) {
      EXPECT_EQ(c.server().shard(i).services().files().open_count(), 0U);
      EXPECT_EQ(c.server().shard(i).services().files().held_bytes(), 0U);
    }
  }

  Conversation c;
  OicqSide oicq{c};
  OicqUser& alice = oicq.client(10001, GetParam());
  OicqUser& bob = oicq.client(10002, GetParam());
};

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }
INSTANTIATE_TEST_SUITE_P(OverTcp, OicqFiles, ::testing::Values(tcp_0f, tcp_bare), way_name);

TEST_P(OicqFiles, GoThroughByteForByte) {
  const auto file = file_of(400'000);
  accepted(alice, bob, static_cast<std::uint32_t>(file.size()));
  std::string arrived;
  for (std::size_t at = 0, size = 1; at < file.size();
       at += size, size = std::min<std::size_t>(size * 7, 65'527)) {
    sends_part(alice, bob, std::string_view{file}.substr(at, size));
    arrived += content(bob, alice);
  }
  EXPECT_TRUE(arrived == file);
  expect_nothing_left();
  oicq_covers_reply(FileOffered::command, Case::normal);
  oicq_covers_reply(OfferAnswered::command, Case::normal);
  oicq_covers_reply(FilePart::command, Case::normal);
}

TEST_P(OicqFiles, GoBothWaysAtOnce) {
  accepted(alice, bob, 6);
  accepted(bob, alice, 6);
  sends_part(alice, bob, "abc");
  sends_part(bob, alice, "123");
  sends_part(bob, alice, "456");
  sends_part(alice, bob, "def");
  EXPECT_EQ(content(bob, alice), "abcdef");
  EXPECT_EQ(content(alice, bob), "123456");
  expect_nothing_left();
}

TEST_P(OicqFiles, AreDeclined) {
  offers(alice, bob, 10);
  bob.expects(FileOffered{alice, "a.txt", 10});
  answers(bob, alice, false);
  alice.expects(denied(bob));
  expect_nothing_left();
}

TEST_P(OicqFiles, AreOfferedOneAtATime) {
  offers(alice, bob, 10);
  bob.expects(FileOffered{alice, "a.txt", 10});
  offers(alice, bob, 20);
  alice.expects(notice("You have offered 10002 a file already: one at a time."));
  bob.expects_nothing();
}

TEST_P(OicqFiles, ToTheHiddenEndAsToThoseWhoAreOffline) {
  auto& carol = oicq.client(10003);
  static_cast<void>(oicq.client(10004));
  carol.logs_in(1);
  offers(alice, Uin{10004}, 10);
  alice.expects({denied(Uin{10004}), notice("10004 is not online: files are not kept for later.")});
  offers(alice, carol, 10);
  alice.expects({denied(carol), notice("10003 is not online: files are not kept for later.")});
  carol.expects_nothing();
  expect_nothing_left();
}

TEST_P(OicqFiles, AreNotForIcqUsers) {
  auto& dave = c.client(10005);
  dave.comes_online();
  offers(alice, dave, 10);
  alice.expects({denied(dave), notice("The client of 10005 can't take files through the server.")});
  dave.expects_nothing();
}

TEST_P(OicqFiles, OverUdpAreRefused) {
  for (const auto& way : {udp_bare, udp_0f}) {
    auto& carol = oicq.client(way.within_0f ? 10003U : 10004U, way);
    carol.logs_in();
    offers(carol, bob, 10);
    carol.expects(
        {denied(bob), notice("Files go through the server over TCP only: please connect that way.")});
    sends_part(carol, bob, "x");
    carol.expects_notice("over TCP");
    offers(alice, carol, 10);
    alice.expects(denied(carol));
    alice.expects_notice("can't take files");
  }
  bob.expects_nothing();
}

TEST_P(OicqFiles, NeedAnAcceptedOffer) {
  sends_part(alice, bob, "abc");
  alice.expects(notice("10002 waits for no part of a file from you."));
  c.advance(10s);
  offers(alice, bob, 3);
  bob.expects(FileOffered{alice, "a.txt", 3});
  sends_part(alice, bob, "abc");
  alice.expects(notice("10002 waits for no part of a file from you."));
  answers(bob, Uin{10009}, true);
  bob.expects(notice("10009 offers you no file."));
}

TEST_P(OicqFiles, EndWhenMoreComesThanWasOffered) {
  accepted(alice, bob, 5);
  sends_part(alice, bob, "abc");
  sends_part(alice, bob, "def");
  EXPECT_EQ(content(bob, alice), "abc");
  alice.expects({denied(bob), notice("Your file to 10002 was given up: more bytes came than were offered.")});
  bob.expects(
      {denied(alice), notice("The file from 10001 was given up: more bytes came than were offered.")});
  expect_nothing_left();
}

TEST_P(OicqFiles, StopTheSenderOfASlowReceiverAndAreGivenUpAfterThirtySeconds) {
  accepted(alice, bob, 1'000'000);
  stops_reading(bob);
  const std::string part(60'000, 'x');
  std::size_t sent = 0;
  while (is_read(alice) && sent < 1'000'000) {
    sends_part(alice, bob, part);
    sent += part.size();
  }
  EXPECT_LT(sent, 256U << 10);
  EXPECT_FALSE(is_read(alice));
  // Others are served meanwhile.
  auto& carol = oicq.client(10003);
  carol.logs_in();
  carol.sends(ConnectionTest{carol});
  carol.expects(TestAnswer{carol});
  c.advance(28s);
  alice.expects_nothing();
  c.advance(3s);
  EXPECT_TRUE(is_read(alice));
  alice.expects(
      {denied(bob), notice("Your file to 10002 was given up: the other side took nothing more of it.")});
  expect_nothing_left();
  reads(bob);
  static_cast<void>(content(bob, alice));
  bob.ignores_what_came();
}

TEST_P(OicqFiles, LoseNothingInAPause) {
  const auto file = file_of(500'000);
  accepted(alice, bob, static_cast<std::uint32_t>(file.size()));
  stops_reading(bob);
  // All at once: what is not read waits in the client's TCP.
  for (std::size_t at = 0; at < file.size(); at += 65'527)
    sends_part(alice, bob, std::string_view{file}.substr(at, 65'527));
  EXPECT_FALSE(is_read(alice));
  reads(bob);
  c.advance(1s);
  EXPECT_TRUE(is_read(alice));
  EXPECT_TRUE(content(bob, alice) == file);
  expect_nothing_left();
}

TEST_P(OicqFiles, EndWhenEitherSideLeaves) {
  accepted(alice, bob, 1000);
  sends_part(alice, bob, "abc");
  EXPECT_EQ(content(bob, alice), "abc");
  bob.disconnects();
  alice.expects({denied(bob), notice("Your file did not get through: 10002 has left.")});
  expect_nothing_left();
  auto& carol = oicq.client(10003);
  carol.logs_in();
  accepted(alice, carol, 100);
  sends_part(alice, carol, "abc");
  alice.disconnects();
  EXPECT_EQ(content(carol, alice), "abc");
  carol.expects({denied(alice), notice("The file did not get through: 10001 has left.")});
  expect_nothing_left();
}

TEST_P(OicqFiles, EndAtTheWishOfEitherSide) {
  accepted(alice, bob, 100);
  sends_part(alice, bob, "abc");
  EXPECT_EQ(content(bob, alice), "abc");
  answers(bob, alice, false);
  alice.expects(denied(bob));
  expect_nothing_left();
  accepted(alice, bob, 100);
  answers(alice, bob, false);
  bob.expects({denied(alice), notice("10001 does not send the file after all.")});
  expect_nothing_left();
}

TEST_P(OicqFiles, AreForgottenWhenNobodyAnswersOrNothingMoreComes) {
  offers(alice, bob, 10);
  bob.expects(FileOffered{alice, "a.txt", 10});
  for (int minute = 0; minute < 4; ++minute) {
    c.advance(1min);
    for (auto* user : {&alice, &bob}) {
      user->sends(ConnectionTest{*user});
      user->expects(TestAnswer{*user});
    }
  }
  c.advance(62s);
  alice.expects({denied(bob), notice("10002 did not answer your offer of a file in time.")});
  bob.expects(
      {denied(alice), notice("The offer of a file from 10001 is over: it was not answered in time.")});
  accepted(alice, bob, 10);
  sends_part(alice, bob, "abc");
  EXPECT_EQ(content(bob, alice), "abc");
  c.advance(2min + 2s);
  alice.expects({denied(bob), notice("Your file to 10002 was given up: nothing more of it came.")});
  bob.expects({denied(alice), notice("The file from 10001 was given up: nothing more of it came.")});
  expect_nothing_left();
}

TEST_P(OicqFiles, OutliveNoCrash) {
  accepted(alice, bob, 10);
  c.crashes_and_restarts();
  alice.logs_in();
  bob.logs_in();
  sends_part(alice, bob, "abc");
  alice.expects(notice("10002 waits for no part of a file from you."));
  bob.expects_nothing();
  expect_nothing_left();
}

class OicqFileQuotas : public OicqFiles {
 protected:
  OicqFileQuotas() : OicqFiles{small()} {}
  static Scene small() {
    Scene scene;
    scene.server.settings.services.files.max_bytes = 1000;
    scene.server.settings.services.files.transfers_per_user = 2;
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(OverTcp, OicqFileQuotas, ::testing::Values(tcp_0f, tcp_bare), way_name);

TEST_P(OicqFileQuotas, BoundTheSizeOfAFile) {
  offers(alice, bob, 1001);
  alice.expects(
      {denied(bob), notice("This server carries files of up to 1000 bytes, with names of up to 1024.")});
  accepted(alice, bob, 1000);
}

TEST_P(OicqFileQuotas, BoundTheFilesOfOneUser) {
  auto& carol = oicq.client(10003);
  auto& dave = oicq.client(10004);
  carol.logs_in();
  dave.logs_in();
  accepted(alice, bob, 10);
  accepted(alice, carol, 10);
  offers(alice, dave, 10);
  alice.expects({denied(dave), notice("You have too many files under way: please wait for one to end.")});
  dave.expects_nothing();
  // The end of one makes room for another.
  sends_part(alice, bob, "0123456789");
  EXPECT_EQ(content(bob, alice), "0123456789");
  accepted(alice, dave, 10);
}

}  // namespace
}  // namespace uhoh::testing
