// Groups of friends, messages to them, profiles, and monitoring. Source: spec/oicq.md, types 01, 02, 04 to
// 09, 11, 12.

#include <gtest/gtest.h>

#include <map>

#include "model/audit.hpp"
#include "support/oicq_conversation.hpp"

namespace uhoh::testing {
namespace {

using namespace oicq;

std::string way_name(const ::testing::TestParamInfo<OicqWay>& info) { return name_of(info.param); }

/// What the list of a log-in says: who lies in which groups.
struct Listing {
  std::map<std::uint8_t, std::string> names;
  std::multimap<std::uint32_t, std::uint8_t> places;
};

Listing listing_of(const OicqUser& user) {
  Listing all;
  const auto reply = user.last<LoggedIn>();
  if (!reply.groups) return all;
  reply.groups->for_each([&](const FriendGroup& group) {
    all.names.emplace(group.number, from_gb18030(group.name));
    EXPECT_LE(group.friends.size(), 255U);
    group.friends.for_each(
        [&](const ListedFriend& entry) { all.places.emplace(entry.number.value, group.number); });
  });
  return all;
}

class OicqGroups : public ::testing::TestWithParam<OicqWay> {
 protected:
  explicit OicqGroups(const Scene& scene = {}) : c{scene} {}
  void befriends(Uin owner, std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t uin = first; uin < first + count; ++uin) {
      static_cast<void>(c.store(storage::CreateAccount{
          .uin = Uin{uin}, .password_verifier = verifier_of(usual_password), .now = c.now().wall}));
      ASSERT_TRUE(c.store(storage::AddFriendEdge{owner, Uin{uin}, c.now().wall}).has_value());
    }
  }
  void moves(const std::vector<Move>& all, std::uint8_t success, Where where = Where::current()) {
    ann.sends(MoveFriends{ann, wire::RecordList<Move>::of(all)}, where);
    ann.expects(FriendsMoved{success}, where);
  }
  void comes_back() {
    ann.logs_off();
    ann.logs_in();
  }

  Conversation c;
  OicqSide oicq{c};
  OicqUser& ann = oicq.client(10001, GetParam(), {.profile = {.nick = "Ann"}});
};
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqGroups, ::testing::ValuesIn(every_way), way_name);

// ---- groups
// -----------------------------------------------------------------------------------------------------

TEST_P(OicqGroups, HoldEachFriendOnce) {
  befriends(ann, 20'001, 4);
  ann.logs_in();
  EXPECT_EQ(listing_of(ann).names, (std::map<std::uint8_t, std::string>{{1, "friends"}}));
  ann.sends(AddGroup{ann, gb18030("同学")});
  ann.expects(GroupAdded{1, 2, gb18030("同学")});
  ann.sends(AddGroup{ann, "work"});
  ann.expects(GroupAdded{1, 3, "work"});
  moves({{Uin{20'001}, 2}, {Uin{20'002}, 3}}, 1);
  moves({{Uin{20'002}, 2}}, 1);
  // Named twice, he ends in one place all the same.
  moves({{Uin{20'003}, 2}, {Uin{20'003}, 3}}, 1);
  ann.sends(RenameGroup{ann, 3, gb18030("同事")});
  ann.expects(GroupRenamed{1, 3, gb18030("同事")});
  c.crashes_and_restarts();
  ann.logs_in();
  const auto listing = listing_of(ann);
  EXPECT_EQ(listing.names, (std::map<std::uint8_t, std::string>{{1, "friends"}, {2, "同学"}, {3, "同事"}}));
  EXPECT_EQ(listing.places,
            (std::multimap<std::uint32_t, std::uint8_t>{{20'001, 2}, {20'002, 2}, {20'003, 3}, {20'004, 1}}));
}

TEST_P(OicqGroups, AreMovedAllOrNothing) {
  befriends(ann, 20'001, 2);
  ann.logs_in();
  ann.sends(AddGroup{ann, "work"});
  ann.expects(GroupAdded{1, 2, "work"});
  moves({{Uin{20'001}, 2}, {Uin{20'002}, 9}}, 0);  // no such group
  moves({{Uin{20'001}, 2}, {Uin{20'003}, 2}}, 0);  // no such friend
  moves({{Uin{20'001}, 2}, {Uin{20'002}, 0}}, 0);  // groups are 1 to 255
  moves({}, 1);
  comes_back();
  EXPECT_EQ(listing_of(ann).places, (std::multimap<std::uint32_t, std::uint8_t>{{20'001, 1}, {20'002, 1}}));
}

TEST_P(OicqGroups, LeaveTheirFriendsToTheFirstOneWhichStays) {
  befriends(ann, 20'001, 2);
  ann.logs_in();
  ann.sends(AddGroup{ann, "work"});
  ann.expects(GroupAdded{1, 2, "work"});
  moves({{Uin{20'001}, 2}}, 1);
  ann.sends(DeleteGroup{ann, 2});
  ann.expects(GroupDeleted{1, 2});
  ann.sends(DeleteGroup{ann, 2});
  ann.expects(GroupDeleted{0, 2});
  ann.sends(DeleteGroup{ann, 1});
  ann.expects(GroupDeleted{0, 1});
  ann.sends(DeleteGroup{ann, 0});
  ann.expects(GroupDeleted{0, 0});
  ann.sends(RenameGroup{ann, 2, "gone"});
  ann.expects(GroupRenamed{0, 2, "gone"});
  ann.sends(RenameGroup{ann, 1, "all"});
  ann.expects(GroupRenamed{1, 1, "all"});
  comes_back();
  EXPECT_EQ(listing_of(ann).names, (std::map<std::uint8_t, std::string>{{1, "all"}}));
  EXPECT_EQ(listing_of(ann).places, (std::multimap<std::uint32_t, std::uint8_t>{{20'001, 1}, {20'002, 1}}));
}

TEST_P(OicqGroups, AreAtMost255) {
  ann.logs_in();
  for (unsigned group = 2; group <= 255; ++group) {
    if (group % 50 == 0) c.advance(30s);  // what a client may do in a second is limited
    ann.sends(AddGroup{ann, "g"});
    ann.expects(GroupAdded{1, static_cast<std::uint8_t>(group), "g"});
  }
  c.advance(30s);
  ann.sends(AddGroup{ann, "one too many"});
  ann.expects(GroupAdded{0, 0, "one too many"});
  ann.sends(DeleteGroup{ann, 77});
  ann.expects(GroupDeleted{1, 77});
  ann.sends(AddGroup{ann, "another"});
  ann.expects(GroupAdded{1, 77, "another"});
}

TEST_P(OicqGroups, OfManyFriendsAreShownInPiecesOrOneByOne) {
  befriends(ann, 20'001, 300);
  ann.logs_in();
  const auto listing = listing_of(ann);
  if (GetParam().over_tcp && !GetParam().within_0f) {
    EXPECT_EQ(listing.places.size(), 300U);
    EXPECT_EQ(listing.names, (std::map<std::uint8_t, std::string>{{1, "friends"}, {2, "friends"}}))
        << "255, and a further group for the rest";
    ann.expects_nothing();
    return;
  }
  // What a datagram does not hold goes on as 0C.
  c.advance(5s);
  auto places = listing.places;
  EXPECT_GT(places.size(), 100U);
  while (ann.waiting() > 0) {
    ann.expects(any_oicq<FriendAdded>());
    EXPECT_EQ(ann.last<FriendAdded>().state, 4);
    places.emplace(ann.last<FriendAdded>().added.value, std::uint8_t{1});
  }
  EXPECT_EQ(places.size(), 300U);
  std::set<std::uint32_t> once;
  for (const auto& [number, group] : places) once.insert(number);
  EXPECT_EQ(once.size(), 300U);
}

TEST_P(OicqGroups, AreFullWith255Friends) {
  befriends(ann, 20'001, 256);
  ann.logs_in();
  c.advance(5s);
  ann.ignores_what_came();
  moves({{Uin{20'256}, 1}}, 0);
  moves({{Uin{20'256}, 1}, {Uin{20'001}, 2}}, 1);
  moves({{Uin{20'002}, 2}, {Uin{20'003}, 2}}, 1);
  moves({{Uin{20'001}, 1}}, 1);
}

// ---- messages to groups
// ----------------------------------------------------------------------------------------

class OicqPace : public OicqGroups {
 protected:
  OicqPace() : OicqGroups{slow()} {}
  static Scene slow() {
    Scene scene;
    scene.server.settings.limits.session_flood = {.capacity = 60, .per_second = 30};
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqPace, ::testing::ValuesIn(every_way), way_name);

TEST_P(OicqPace, AMessageToManyCountsAsMany) {
  befriends(ann, 20'001, 100);
  ann.logs_in();
  c.advance(10s);
  ann.ignores_what_came();
  const auto kept = [&] {
    std::size_t all = 0;
    for (std::uint32_t uin = 20'001; uin <= 20'100; ++uin) {
      for (const auto& message : c.kept(Uin{uin}))
        if (message.text.utf8 == "to all of you") ++all;
    }
    return all;
  };
  const auto number = ann.sends(Broadcast{ann, 0, "to all of you"});
  c.advance(1s);
  // A message costs 3: 20 at once, and 10 a second from then on.
  EXPECT_GE(kept(), 20U);
  EXPECT_LE(kept(), 35U);
  ann.expects_no_ack(number);
  c.advance(2s);
  EXPECT_LE(kept(), 55U);
  c.advance(10s);
  EXPECT_EQ(kept(), 100U) << "each of them, once";
  ann.expects_ack(number);
  // The pace is that of everything else he does.
  ann.sends(Broadcast{ann, 0, "again"});
  c.advance(1s);
  ann.sends(Search{ann, "number = 10001"});
  if (!GetParam().within_0f) ann.expects_notice("could not do that just now");
  ann.expects_nothing();
  c.advance(30s);
  ann.ignores_what_came();
}

TEST_P(OicqGroups, ThatDoNotExistGetNothing) {
  befriends(ann, 20'001, 1);
  ann.logs_in();
  for (const std::uint32_t group : {2U, 255U, 256U, 257U, 0xFFFF'FFFFU}) {
    const auto number = ann.sends(Broadcast{ann, group, "anybody?"});
    c.advance(100ms);
    ann.expects_ack(number);
    ann.expects(notice("You have no such group: nothing was sent."));
  }
  for (const auto& message : c.kept(Uin{20'001})) EXPECT_NE(message.text.utf8, "anybody?");
}

// ---- profiles
// --------------------------------------------------------------------------------------------------

OwnProfile whole_profile() {
  OwnProfile p;
  p.face = {"Nick", 40'000};
  p.password = "first";
  p.details = {.sex = 1,
               .age = 19,
               .real_name = "Real Name",
               .country = 86,
               .province = 19,
               .city = "City",
               .address = "Address 5",
               .postcode = "510000",
               .education = 6,
               .school = "School",
               .occupation = 3,
               .phone = "020-123",
               .pager = "127-456",
               .email = "nick@example.org",
               .hobbies = "Hobbies",
               .description = "Description"};
  p.authentication = 1;
  return p;
}

TEST_P(OicqGroups, ProfilesHaveTwentyFieldsOfWhichEighteenAreShown) {
  auto& bob = c.client(10'003);
  ann.logs_in();
  const auto changed = [&] {
    ann.sends(ChangeProfile{ann, whole_profile()});
    c.advance(100ms);
    ann.expects_in_any_order({ProfileChanged{1}, any_oicq<Message>()});  // that the password was changed
  };
  changed();
  const auto shown = [&](OicqUser& reader, const OwnProfile& expected, Where where = Where::current()) {
    reader.sends(ViewProfile{reader, ann}, where);
    reader.expects(Profile{1, ann, PublicProfile{expected.face, expected.details}}, where);
  };
  shown(ann, whole_profile());
  // The last two: the password is the new one, and who adds must ask.
  auto& carol = oicq.client(10'002);
  carol.logs_in();
  shown(carol, whole_profile());
  carol.sends(AddFriend{carol, ann});
  carol.expects(AddResult{2, ann});
  ann.logs_off();
  ann.sends(LogIn{ann, usual_password, 0});
  ann.expects(LoggedIn{.success = 0});
  ann.password = "first";
  ann.logs_in();
  // An empty password keeps the old one; every other empty field is emptied.
  OwnProfile emptied;
  emptied.details.sex = 255;
  ann.sends(ChangeProfile{ann, emptied});
  ann.expects(ProfileChanged{1});
  shown(carol, emptied);
  ann.logs_off();
  ann.logs_in();
  carol.sends(AddFriend{carol, ann});
  c.advance(1s);
  carol.expects(AddResult{1, ann});
  carol.ignores_what_came();
  ann.ignores_what_came();
  // A portrait has two bytes, but one in the list of a log-in.
  changed();
  carol.ignores_what_came();
  carol.logs_off();
  carol.logs_in();
  carol.last<LoggedIn>().groups->for_each([](const FriendGroup& group) {
    group.friends.for_each([](const ListedFriend& entry) { EXPECT_EQ(entry.portrait, 40'000 % 256); });
  });
  // ICQ sees what it has a place for.
  changed();
  bob.comes_online();
  auto number = bob.sends(icq::InfoRequest{1, ann});
  bob.expects(
      {ack(number),
       icq::InfoReply{1, ann, {"Nick", "Real Name", "", "nick@example.org"}, icq::authorize_required}});
  number = bob.sends(icq::ExtInfoRequest{2, ann});
  bob.expects({ack(number), any<icq::ExtInfoReply>()});
  const auto extended = bob.last<icq::ExtInfoReply>();
  EXPECT_EQ(extended.info.city, "City");
  EXPECT_EQ(extended.info.age, 19);
  EXPECT_EQ(extended.info.phone, "020-123");
  EXPECT_EQ(extended.info.about, "Description");
  ann.ignores_what_came();
  carol.ignores_what_came();
}

TEST_P(OicqGroups, ProfilesOfIcqUsersAndOfNobody) {
  auto& bob = c.client(10'003, {.profile = {"bob", "Robert", "Brown", "bob@example.org"}});
  ann.logs_in();
  ann.sends(ViewProfile{ann, bob});
  ann.expects(any_oicq<Profile>());
  const auto profile = ann.last<Profile>();
  ASSERT_TRUE(profile.profile.has_value());
  EXPECT_EQ(profile.profile->face.nickname, "bob");
  EXPECT_EQ(profile.profile->face.portrait, 0);
  EXPECT_EQ(profile.profile->details.real_name, "Robert Brown");
  EXPECT_EQ(profile.profile->details.email, "bob@example.org");
  ann.sends(ViewProfile{ann, Uin{4711}});
  ann.expects(Profile{.success = 0, .number = Uin{4711}});
}

// ---- monitoring
// ------------------------------------------------------------------------------------------------

/// Keeps what was written down.
class Trail final : public model::AuditTrail {
 public:
  void note(const model::AuditEntry& entry) override {
    entries.push_back(fmt::format("{} {} {}{}", entry.event, entry.who.value, entry.whom.value,
                                  entry.done ? "" : " refused"));
  }
  std::vector<std::string> entries;
};

class OicqMonitors : public ::testing::TestWithParam<OicqWay> {
 protected:
  OicqMonitors() {
    EXPECT_TRUE(c.store(storage::UpdateMonitor{mona, true}).has_value());
    alice.logs_in();
    bob.comes_online();
    mona.logs_in();
  }
  Scene scene() {
    Scene scene;
    scene.server.audit = &trail;
    return scene;
  }
  static constexpr const char* begun =
      "From now on, messages that you send and receive are copied to a supervisor of this server.";
  static constexpr const char* ended = "Your messages are no longer copied to a supervisor of this server.";
  void begins() {
    mona.sends(Monitor{mona, alice});
    c.advance(100ms);
    mona.expects_notice("Messages of 10001 are copied to you, until you ask again or your session ends.");
    alice.expects(notice(begun));
  }

  Trail trail;
  Conversation c{scene()};
  OicqSide oicq{c};
  OicqUser& alice = oicq.client(10001, tcp_0f);
  Client& bob = c.client(10002);
  OicqUser& mona = oicq.client(10003, GetParam());
};
INSTANTIATE_TEST_SUITE_P(EveryWay, OicqMonitors, ::testing::ValuesIn(every_way), way_name);

TEST_P(OicqMonitors, GetCopiesWithBothNumbersFromBothDialects) {
  begins();
  alice.sends(SendMessage{alice, bob, "hello"});
  c.advance(200ms);
  bob.expects(arrives(alice, "hello"));
  mona.expects(about(alice, 0, "10001 -> 10002: hello"));
  const auto number = bob.sends(message(alice, "hi"));
  c.advance(200ms);
  bob.expects(ack(number));
  alice.expects(from_user(bob, "hi"));
  mona.expects(about(bob, 0, "10002 -> 10001: hi"));
  // The second asking ends it.
  mona.sends(Monitor{mona, alice});
  c.advance(100ms);
  mona.expects(notice("Messages of 10001 are no longer copied to you."));
  alice.expects(notice(ended));
  alice.sends(SendMessage{alice, bob, "and now?"});
  c.advance(200ms);
  bob.expects(arrives(alice, "and now?"));
  mona.expects_nothing();
  EXPECT_EQ(trail.entries,
            (std::vector<std::string>{"monitor_begun 10003 10001", "monitor_ended 10003 10001"}));
}

TEST_P(OicqMonitors, AreToldOfAtEachLogInAndEndWithTheMonitorsSession) {
  begins();
  alice.logs_off();
  alice.logs_in();
  c.advance(200ms);
  alice.expects(
      notice("Messages that you send and receive are being copied to a supervisor of this server."));
  mona.logs_off();
  c.advance(200ms);
  alice.expects(notice(ended));
  mona.logs_in();
  alice.sends(SendMessage{alice, bob, "unheard"});
  c.advance(200ms);
  bob.expects(arrives(alice, "unheard"));
  mona.expects_nothing();
  EXPECT_EQ(trail.entries.back(), "monitor_ended 10003 10001");
}

TEST_P(OicqMonitors, WithoutTheRoleAreRefusedAndNoted) {
  auto& nosy = oicq.client(10004, GetParam());
  nosy.logs_in();
  nosy.sends(Monitor{nosy, alice});
  c.advance(100ms);
  nosy.expects(notice("Refused: your account may not read the messages of others. This was noted."));
  alice.sends(SendMessage{alice, bob, "unheard"});
  c.advance(200ms);
  bob.expects(arrives(alice, "unheard"));
  nosy.expects_nothing();
  alice.expects_nothing();
  ASSERT_EQ(trail.entries.size(), 1U);
  EXPECT_TRUE(trail.entries[0].ends_with("10004 10001 refused")) << trail.entries[0];
}

}  // namespace
}  // namespace uhoh::testing
