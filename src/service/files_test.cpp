#include "service/files.hpp"

#include <gtest/gtest.h>

#include "service/testing/service_script.hpp"

namespace uhoh::service::testing {
namespace {

constexpr std::string_view content = "the bytes of a file";
constexpr auto size = static_cast<std::uint32_t>(content.size());

/// Alice offers, Bob takes; on one shard and on two.
class FileRelay : public ::testing::TestWithParam<unsigned> {
 protected:
  FileRelay() : FileRelay{{}} {}
  explicit FileRelay(const Options& options) : s{{.shards = GetParam(), .options = options}} {}

  /// Everything is as if no file had ever been offered.
  void expect_nothing_left(Where where = Where::current()) {
    EXPECT_EQ(s.files(&Files::open_count), 0U) << where.line();
    EXPECT_EQ(s.files(&Files::held_bytes), 0U) << where.line();
    const auto* sender = s.sessions_of(alice).get(s.sessions_of(alice).find_session(alice));
    EXPECT_FALSE(sender != nullptr && sender->is_paused) << where.line();
  }
  void offered(std::uint32_t bytes = size) {
    alice.offers(bob, bytes);
    bob.hears(fmt::format("file offered by 10001: a.txt, {} bytes", bytes));
    alice.hears_nothing();
  }
  void accepted(std::uint32_t bytes = size) {
    offered(bytes);
    bob.answers(alice, true);
    alice.hears("file accepted by 10002");
  }
  /// Sends parts until nothing more is read; gives how many bytes that were.
  std::uint32_t sends_until_paused(std::uint32_t part_size, std::uint32_t most) {
    const std::string part(part_size, 'x');
    std::uint32_t sent = 0;
    while (!alice.session().is_paused && sent + part_size <= most) {
      alice.sends(bob, part);
      sent += part_size;
    }
    return sent;
  }

  ServiceScript s;
  Speaker& alice = s.logs_in(10001);
  Speaker& bob = s.logs_in(10002);
};
INSTANTIATE_TEST_SUITE_P(Shards, FileRelay, ::testing::Values(1U, 2U));

// ---- offers
// ------------------------------------------------------------------------------------------------------

TEST_P(FileRelay, CarriesAFileFromOneToTheOther) {
  accepted();
  alice.sends(bob, content.substr(0, 7));
  alice.sends(bob, content.substr(7));
  EXPECT_EQ(bob.session().content, content);
  EXPECT_EQ(bob.session().parts, 2U);
  alice.hears_nothing();
  bob.hears_nothing();
  expect_nothing_left();
  EXPECT_EQ(s.count(&Counters::files_offered), 1U);
  EXPECT_EQ(s.count(&Counters::files_completed), 1U);
  EXPECT_EQ(s.count(&Counters::file_bytes), size);
  EXPECT_EQ(s.count(&Counters::files_broken_off) + s.count(&Counters::files_refused), 0U);
}

TEST_P(FileRelay, CarriesAnEmptyFile) {
  accepted(0);
  expect_nothing_left();
  EXPECT_EQ(s.count(&Counters::files_completed), 1U);
}

TEST_P(FileRelay, DeclinesWithoutMoreWords) {
  offered();
  bob.answers(alice, false);
  alice.hears("file denied by 10002");
  bob.hears_nothing();
  expect_nothing_left();
}

TEST_P(FileRelay, TakesOneOfferForEachOrderedPair) {
  offered();
  alice.offers(bob, 5);
  alice.hears("notice: You have offered 10002 a file already: one at a time.");
  bob.hears_nothing();
  bob.offers(alice, 6, "b.txt");
  alice.hears("file offered by 10002: b.txt, 6 bytes");
  alice.answers(bob, true);
  bob.hears("file accepted by 10001");
  bob.answers(alice, true);
  alice.hears("file accepted by 10002");
  alice.sends(bob, content);
  bob.sends(alice, "123456");
  EXPECT_EQ(bob.session().content, content);
  EXPECT_EQ(alice.session().content, "123456");
  expect_nothing_left();
}

TEST_P(FileRelay, OffersTheNextFileOnceTheLastIsWithItsRecipient) {
  accepted(60'000 * 3);
  bob.stops_reading();
  for (int i = 0; i < 3; ++i) alice.sends(bob, std::string(60'000, 'a'));
  alice.offers(bob, 4, "next.txt");
  alice.hears_nothing();
  bob.hears_nothing();
  alice.offers(bob, 4, "third.txt");
  alice.hears("notice: You have offered 10002 a file already: one at a time.");
  while (bob.session().content.size() < 180'000) bob.takes(1'000'000);
  bob.reads();
  bob.hears("file offered by 10001: next.txt, 4 bytes");
  bob.answers(alice, true);
  alice.hears("file accepted by 10002");
  alice.sends(bob, "next");
  EXPECT_TRUE(bob.session().content.ends_with("anext"));
  expect_nothing_left();
}

TEST_P(FileRelay, AnswersForTheHiddenAsForThoseWhoAreOffline) {
  const auto answer_for = [&](Uin uin) {
    alice.offers(uin, 10);
    const auto heard = alice.session().heard;
    alice.ignores_what_came();
    std::string said;
    for (const auto& line : heard) said += line + "|";
    const auto number = std::to_string(uin.value);
    for (auto at = said.find(number); at != std::string::npos; at = said.find(number))
      said.replace(at, 5, "N");
    return said;
  };
  const auto offline = answer_for(s.knows(10004));
  EXPECT_EQ(offline, "file denied by N|notice: N is not online: files are not kept for later.|");
  EXPECT_EQ(answer_for(Uin{20002}), offline) << "nobody has this number";
  auto& carol = s.logs_in(10006);
  carol.says(model::SetStatus{{.invisible = true}});
  EXPECT_EQ(answer_for(carol), offline);
  auto& dave = s.logs_in(10008);
  dave.says(model::SetAuthorization{.authorization = model::Authorization::required});
  EXPECT_EQ(answer_for(dave), offline) << "never granted";
  carol.hears_nothing();
  expect_nothing_left();
}

TEST_P(FileRelay, EndsAsALogOffDoesWhenTheRecipientHides) {
  accepted(100);
  alice.sends(bob, "part");
  bob.says(model::SetStatus{{.invisible = true}});
  alice.hears({"file denied by 10002", "notice: Your file did not get through: 10002 has left."});
  bob.hears({"file denied by 10001", "notice: The file did not get through: 10001 can't see you any more."});
  expect_nothing_left();
}

TEST_P(FileRelay, LetsTheHiddenSend) {
  alice.says(model::SetStatus{{.invisible = true}});
  accepted();
  alice.sends(bob, content);
  EXPECT_EQ(bob.session().content, content);
}

TEST_P(FileRelay, RefusesWithoutAConnection) {
  auto& carol = s.logs_in(10004, {.over_stream = false});
  carol.offers(bob, 10);
  carol.hears({"file denied by 10002",
               "notice: Files go through the server over TCP only: please connect that way."});
  carol.sends(bob, "abc");
  carol.hears("notice: Files go through the server over TCP only.");
  alice.offers(carol, 10);
  alice.hears({"file denied by 10004", "notice: The client of 10004 can't take files through the server."});
  auto& dave = s.logs_in(10006, {.dialect = model::DialectId::icq, .over_stream = false});
  alice.offers(dave, 10);
  alice.hears({"file denied by 10006", "notice: The client of 10006 can't take files through the server."});
  expect_nothing_left();
}

TEST_P(FileRelay, RefusesWhatCanBeNobodysFile) {
  for (const Uin to : {Uin{10001}, Uin{10000}, Uin{0}, Uin{2'000'000'001}}) {
    alice.offers(to, 10);
    alice.hears(
        {fmt::format("file denied by {}", to.value), fmt::format("notice: {} takes no files.", to.value)});
  }
  alice.offers(bob, 10, std::string(1025, 'n'));
  EXPECT_EQ(alice.session().heard.size(), 2U);
  bob.hears_nothing();
  expect_nothing_left();
}

TEST_P(FileRelay, IsForgottenWhenNobodyAnswers) {
  offered();
  s.advance(4min + 58s);
  alice.hears_nothing();
  s.advance(4s);
  alice.hears({"file denied by 10002", "notice: 10002 did not answer your offer of a file in time."});
  bob.hears({"file denied by 10001",
             "notice: The offer of a file from 10001 is over: it was not answered in time."});
  bob.answers(alice, true);
  bob.hears("notice: 10001 offers you no file.");
  expect_nothing_left();
}

// ---- content
// -----------------------------------------------------------------------------------------------------

TEST_P(FileRelay, TakesPartsOnlyWithinAnAcceptedOffer) {
  alice.sends(bob, "abc");
  alice.hears("notice: 10002 waits for no part of a file from you.");
  s.advance(10s);
  offered();
  alice.sends(bob, "abc");
  alice.hears("notice: 10002 waits for no part of a file from you.");
  alice.sends(bob, "abc");
  alice.hears_nothing();  // said once in ten seconds
  EXPECT_EQ(bob.session().content, "");
  bob.answers(alice, true);
  alice.hears("file accepted by 10002");
  alice.sends(bob, "");
  alice.sends(bob, content);
  EXPECT_EQ(bob.session().content, content);
  s.advance(10s);
  alice.sends(bob, "more");
  alice.hears("notice: 10002 waits for no part of a file from you.");
}

TEST_P(FileRelay, NeverCarriesMoreThanWasOffered) {
  accepted();
  alice.sends(bob, content.substr(0, 10));
  alice.sends(bob, content);
  EXPECT_EQ(bob.session().content, content.substr(0, 10));
  alice.hears({"file denied by 10002",
               "notice: Your file to 10002 was given up: more bytes came than were offered."});
  bob.hears({"file denied by 10001",
             "notice: The file from 10001 was given up: more bytes came than were offered."});
  expect_nothing_left();
  EXPECT_EQ(s.count(&Counters::files_broken_off), 1U);
}

TEST_P(FileRelay, StopsReadingTheSenderOfASlowRecipient) {
  constexpr std::uint32_t all = 8U << 20;
  for (const std::uint32_t part : {1U, 1'000U, 65'527U}) {
    accepted(all);
    bob.session().content.clear();
    bob.session().most_unwritten = 0;
    bob.stops_reading();
    const auto sent = sends_until_paused(part, all);
    EXPECT_TRUE(alice.session().is_paused) << part;
    EXPECT_LE(bob.session().unwritten + s.files(&Files::held_bytes), 256U << 10) << part;
    // What messages need stays free.
    EXPECT_LE(bob.session().most_unwritten, ScriptedSessions::most_unwritten) << part;
    EXPECT_LE(sent, 256U << 10);
    bob.reads();
    EXPECT_FALSE(alice.session().is_paused) << part;
    s.advance(2s);
    EXPECT_EQ(bob.session().content.size(), sent);
    alice.answers(bob, false);
    bob.ignores_what_came();
    expect_nothing_left();
  }
  EXPECT_EQ(s.count(&Counters::file_pauses), 3U);
}

TEST_P(FileRelay, KeepsEveryByteInOrderThroughAllPauses) {
  std::string file;
  for (std::uint32_t i = 0; file.size() < 3'000'000; ++i) file += fmt::format("{} ", i);
  accepted(static_cast<std::uint32_t>(file.size()));
  bob.stops_reading();
  std::size_t most = 0;
  Rng rng{1};
  for (std::size_t at = 0; at < file.size();) {
    if (alice.session().is_paused) {
      s.advance(Duration{rng.below(2'000'000)});
      bob.takes(rng.below(200'000));
      continue;
    }
    const auto part =
        std::min<std::size_t>(rng.chance(50) ? rng.below(200) : rng.below(65'528), file.size() - at);
    alice.sends(bob, std::string_view{file}.substr(at, part));
    at += part;
    most = std::max(most, bob.session().unwritten + s.files(&Files::held_bytes));
  }
  for (int i = 0; i < 10 && bob.session().content.size() < file.size(); ++i) {
    bob.takes(1'000'000);
    s.advance(1s);
  }
  bob.reads();
  EXPECT_TRUE(bob.session().content == file);
  EXPECT_LE(most, 256U << 10);
  alice.hears_nothing();
  bob.hears_nothing();
  expect_nothing_left();
}

TEST_P(FileRelay, GivesUpWhenTheRecipientTakesNothingForThirtySeconds) {
  accepted(1'000'000);
  bob.stops_reading();
  sends_until_paused(50'000, 1'000'000);
  s.advance(28s);
  alice.hears_nothing();
  s.advance(3s);
  alice.hears({"file denied by 10002",
               "notice: Your file to 10002 was given up: the other side took nothing more of it."});
  bob.reads();
  bob.hears({"file denied by 10001",
             "notice: The file from 10001 was given up: your side took nothing more of it."});
  expect_nothing_left();
}

TEST_P(FileRelay, BearsWithASlowRecipient) {
  accepted(1'000'000);
  bob.stops_reading();
  std::uint32_t sent = 0;
  for (int second = 0; second < 400 && sent < 1'000'000; ++second) {
    if (!alice.session().is_paused) {
      alice.sends(bob, std::string(50'000, 'x'));
      sent += 50'000;
    }
    s.advance(990ms);
    bob.takes(3'500);
  }
  EXPECT_EQ(sent, 1'000'000U);
  alice.hears_nothing();
}

TEST_P(FileRelay, GivesUpWhenTheSenderSendsNothingMore) {
  accepted();
  alice.sends(bob, "abc");
  s.advance(1min + 58s);
  alice.hears_nothing();
  s.advance(4s);
  alice.hears({"file denied by 10002", "notice: Your file to 10002 was given up: nothing more of it came."});
  bob.hears({"file denied by 10001", "notice: The file from 10001 was given up: nothing more of it came."});
  expect_nothing_left();
}

TEST_P(FileRelay, BlocksNobodyElse) {
  auto& carol = s.logs_in(10003);
  auto& dave = s.logs_in(10004);
  accepted(1'000'000);
  bob.stops_reading();
  sends_until_paused(60'000, 1'000'000);
  carol.offers(dave, 3);
  dave.answers(carol, true);
  carol.sends(dave, "abc");
  EXPECT_EQ(dave.session().content, "abc");
  dave.writes(bob, "are you there?");
  bob.takes(200'000);
  EXPECT_EQ(bob.session().heard.back(), "10004 writes: are you there?");
}

// ---- ends
// --------------------------------------------------------------------------------------------------------

TEST_P(FileRelay, EndsWhenEitherSideLeaves) {
  for (const bool flows : {false, true})
    for (const bool sender_leaves : {false, true}) {
      auto& carol = s.logs_in(10003);
      auto& dave = s.logs_in(10004);
      carol.offers(dave, 1'000'000);
      if (flows) {
        dave.answers(carol, true);
        dave.stops_reading();
        while (!carol.session().is_paused) carol.sends(dave, std::string(50'000, 'x'));
      }
      carol.ignores_what_came();
      dave.ignores_what_came();
      (sender_leaves ? carol : dave).leaves();
      if (sender_leaves)
        dave.session().reads = true;
      else
        carol.hears({"file denied by 10004", "notice: Your file did not get through: 10004 has left."});
      if (sender_leaves)
        dave.hears({"file denied by 10003", "notice: The file did not get through: 10003 has left."});
      else
        EXPECT_FALSE(carol.session().is_paused);
      expect_nothing_left();
    }
}

TEST_P(FileRelay, EndsWhenARecipientLogsInAnew) {
  accepted(100);
  s.logs_in(10002);
  alice.hears({"file denied by 10002", "notice: Your file did not get through: 10002 has left."});
  expect_nothing_left();
}

TEST_P(FileRelay, EndsAtTheWishOfEitherSide) {
  accepted(100);
  bob.answers(alice, false);
  alice.hears("file denied by 10002");
  bob.hears_nothing();
  expect_nothing_left();
  accepted(100);
  alice.answers(bob, false);
  alice.hears_nothing();
  bob.hears({"file denied by 10001", "notice: 10001 does not send the file after all."});
  expect_nothing_left();
}

TEST_P(FileRelay, FinishesWhatIsWhollyHereWithoutItsSender) {
  const std::string file(100'000, 'f');
  accepted(100'000);
  bob.stops_reading();
  alice.sends(bob, std::string_view{file}.substr(0, 60'000));
  alice.sends(bob, std::string_view{file}.substr(60'000));
  alice.leaves();
  EXPECT_LT(bob.session().content.size(), file.size());
  bob.reads();
  EXPECT_TRUE(bob.session().content == file);
  bob.hears_nothing();
  expect_nothing_left();
}

// ---- quotas
// ------------------------------------------------------------------------------------------------------

class SmallQuotas : public FileRelay {
 protected:
  SmallQuotas() : FileRelay{options()} {}
  static Options options() {
    Options options;
    options.files = {.max_bytes = 1000, .transfers_per_user = 2, .transfers = 3 * GetParam()};
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Shards, SmallQuotas, ::testing::Values(1U, 2U));

TEST_P(SmallQuotas, BoundTheSizeOfAFile) {
  alice.offers(bob, 1001);
  alice.hears({"file denied by 10002",
               "notice: This server carries files of up to 1000 bytes, with names of up to 1024."});
  offered(1000);
}

TEST_P(SmallQuotas, BoundTheFilesOfOneUser) {
  auto& carol = s.logs_in(10003);
  auto& dave = s.logs_in(10004);
  offered();
  alice.offers(carol, 10);
  alice.offers(dave, 10);
  alice.hears(
      {"file denied by 10004", "notice: You have too many files under way: please wait for one to end."});
  dave.hears_nothing();
  // And those that he takes.
  carol.ignores_what_came();
  dave.offers(bob, 10);
  carol.offers(bob, 10);
  bob.ignores_what_came();
  bob.answers(alice, true);
  bob.answers(dave, true);
  bob.answers(carol, true);
  bob.hears("notice: You have too many files under way: please wait for one to end.");
  carol.hears_nothing();
  bob.answers(dave, false);
  bob.answers(carol, true);
  carol.hears("file accepted by 10002");
}

TEST_P(SmallQuotas, BoundTheFilesOfAll) {
  std::vector<Speaker*> users;
  const auto step = GetParam();
  for (unsigned i = 0; i < 8; ++i) users.push_back(&s.logs_in(20'000 + i * step));
  for (unsigned i = 0; i < 4; ++i) {
    users[i]->offers(*users[i + 4], 10);
    users[i + 4]->ignores_what_came();
    users[i + 4]->answers(*users[i], true);
    if (i < 3)
      users[i + 4]->hears_nothing();
    else
      users[i + 4]->hears("notice: The server has too many files under way: please accept again later.");
  }
  users[0]->sends(*users[4], "0123456789");
  users[7]->answers(*users[3], true);
  users[3]->hears(fmt::format("file accepted by {}", users[7]->number()));
}

TEST_P(FileRelay, BoundsTheOffersThatWaitForOne) {
  std::vector<Speaker*> users;
  for (unsigned i = 0; i < 17; ++i) users.push_back(&s.logs_in(20'000 + i));
  for (auto* user : users) user->offers(bob, 10);
  EXPECT_EQ(bob.session().heard.size(), 16U);
  users.back()->hears(
      {"file denied by 10002", "notice: 10002 has too many files on offer: please try again later."});
}

// ---- mail that is lost
// -------------------------------------------------------------------------------------------

class FileRelayBetweenShards : public FileRelay {};
INSTANTIATE_TEST_SUITE_P(Shards, FileRelayBetweenShards, ::testing::Values(2U));

TEST_P(FileRelayBetweenShards, EndsWhenAMailboxIsFull) {
  s.full_mailboxes = true;
  alice.offers(bob, 10);
  alice.hears({"file denied by 10002",
               "notice: The server could not carry your file to 10002 on: please try again later."});
  s.full_mailboxes = false;
  accepted(1'000);
  s.full_mailboxes = true;
  alice.sends(bob, "abc");
  alice.hears({"file denied by 10002",
               "notice: The server could not carry your file to 10002 on: please try again later."});
  EXPECT_EQ(s.files(&Files::open_count), 1U) << "the recipient's half knows nothing yet";
  s.full_mailboxes = false;
  s.advance(4min);
  bob.hears({"file denied by 10001", "notice: The server could not carry the file from 10001 on."});
  expect_nothing_left();
}

TEST_P(FileRelayBetweenShards, IsOfferedAnewWhenTheEndOfTheLastWasLost) {
  accepted(1'000);
  s.full_mailboxes = true;
  alice.leaves();
  s.full_mailboxes = false;
  s.logs_in(10001);
  alice.offers(bob, 5, "b.txt");
  bob.hears({"file denied by 10001", "notice: The server could not carry the file from 10001 on.",
             "file offered by 10001: b.txt, 5 bytes"});
  bob.answers(alice, true);
  alice.sends(bob, "12345");
  EXPECT_EQ(bob.session().content, "12345");
  expect_nothing_left();
}

}  // namespace
}  // namespace uhoh::service::testing
