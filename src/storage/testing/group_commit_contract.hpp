#pragma once

#include "storage/testing/engine_contract.hpp"

/// What every back end must do about requests that are committed together: part of EngineContract.
namespace uhoh::storage {

TEST_P(EngineContract, loses_a_whole_group_or_nothing) {
  use(StoreLimits{.inbox_messages = 3});
  const Uin a = make(), b = make(0, model::Authorization::required);
  (void)get<LoggedIn>(OpenSession{session(a, 1), at(1)});
  const Kept kept = get<Kept>(message(a, b, "kept", 5, 1));
  const auto before = restored();

  StoreEngine& engine = back_end_->engine();
  engine.begin();
  std::vector<Request> group{
      CreateAccount{.uin = {}, .password_verifier = "v", .profile = {}, .registration = 9, .now = at(1), .greeting = {}},
      message(a, b, "uncommitted", 5, 2),
      message(a, b, "uncommitted too", 5, 3),
      ForgetMessage{b, kept.id, at(2)},
      UpdateBasic{a, {"nick", "", "", "", {}}},
      UpdateExtended{a, {}},
      Suspend{a, at(100), "x"},
      SaveList{a, 1, ListKind::contacts, {b}},
      SaveStatus{a, 1, {model::Availability::occupied, false, 0}},
      RecordConsent{a, b, Consent::granted, at(1)},
      AddBan{"10.0.0.0/8", "", at(9)},
      DeleteAccount{b}};
  for (const Request& request : group) EXPECT_TRUE(engine.execute(request)) << request.index();
  back_end_->crash();

  EXPECT_EQ(numbers(get<Found>(ListAccounts{})), (Numbers{10000, 10001, 10002}));
  EXPECT_EQ(inbox(b), Texts{"kept"});
  EXPECT_EQ(get<AccountRecord>(ReadAccount{b}).kept_messages, 1U);
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{a}).profile.nick, "");
  EXPECT_FALSE(get<ExtendedRead>(ReadExtended{a}).profile);
  EXPECT_FALSE(get<Verifier>(ReadVerifier{a}).suspended);
  EXPECT_EQ(restored().at(0).session, before.at(0).session);
  EXPECT_TRUE(restored().at(0).contacts.empty());
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{b}).members.empty());
  EXPECT_TRUE(get<Bans>(ReadBans{}).bans.empty());
  EXPECT_FALSE(get<Kept>(message(a, b, "uncommitted", 5, 2)).repeated);
  EXPECT_FALSE(get<Kept>(message(a, b, "uncommitted too", 5, 3)).repeated) << "the limit counts what was committed";
  refused(message(a, b, "full"), StoreError::inbox_full);
  EXPECT_FALSE(get<Created>(std::get<CreateAccount>(group[0])).repeated);
}

TEST_P(EngineContract, sees_its_own_group_while_it_is_open) {
  const Uin a = make(), b = make();
  StoreEngine& engine = back_end_->engine();
  engine.begin();
  const Result first = engine.execute(message(a, b, "x", 5, 1));
  const Result again = engine.execute(message(a, b, "x", 5, 1));
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(std::get<Kept>(*again).repeated);
  EXPECT_EQ(std::get<Kept>(*first).id, std::get<Kept>(*again).id);
  EXPECT_TRUE(engine.execute(ForgetMessage{b, std::get<Kept>(*first).id, at(1)}));
  const Result still = engine.execute(message(a, b, "x", 5, 1));
  EXPECT_TRUE(std::get<Kept>(*still).repeated);
  ASSERT_TRUE(engine.commit());
  EXPECT_TRUE(inbox(b).empty());
  EXPECT_EQ(get<AccountRecord>(ReadAccount{b}).kept_messages, 0U);
}

TEST_P(EngineContract, commits_an_empty_group) {
  back_end_->engine().begin();
  EXPECT_TRUE(back_end_->engine().commit());
  EXPECT_EQ(make(), Uin{10001});
}

}  // namespace uhoh::storage
