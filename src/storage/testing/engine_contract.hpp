#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/text.hpp"
#include "storage/store.hpp"

/// What every back end must do. A back end's test program includes this once and instantiates EngineContract.
namespace uhoh::storage {

/// One back end under test.
class ContractBackEnd {
 public:
  virtual ~ContractBackEnd() = default;
  /// Where writes go.
  virtual StoreEngine& engine() = 0;
  /// Where reads go; may be the same.
  virtual StoreEngine& reader() { return engine(); }
  /// Ends without a commit and comes back with what is on disk.
  virtual void crash() = 0;
};

using MakeBackEnd = std::function<std::unique_ptr<ContractBackEnd>(StoreLimits)>;

class EngineContract : public ::testing::TestWithParam<MakeBackEnd> {
 protected:
  void SetUp() override { use(StoreLimits{.inbox_messages = 5, .inbox_bytes = 1000}); }
  void use(StoreLimits limits) { back_end_ = GetParam()(limits); }

  static WallTime at(long seconds) { return WallTime{std::chrono::seconds{1'000'000'000 + seconds}}; }

  Result run(const Request& request) {
    return is_write(request) ? commit_one(back_end_->engine(), request) : back_end_->reader().execute(request);
  }
  template <typename Wanted>
  Wanted get(const Request& request) {
    const Result result = run(request);
    if (!result) {
      ADD_FAILURE() << "request " << request.index() << " failed with " << static_cast<int>(result.error());
      return {};
    }
    const Wanted* wanted = std::get_if<Wanted>(&*result);
    if (wanted) return *wanted;
    ADD_FAILURE() << "request " << request.index() << " answered " << result->index();
    return {};
  }
  void done(const Request& request) { (void)get<Done>(request); }
  void refused(const Request& request, StoreError why) {
    const Result result = run(request);
    ASSERT_FALSE(result) << "request " << request.index() << " answered " << result->index();
    EXPECT_EQ(result.error(), why) << "request " << request.index();
  }

  Uin make(std::uint32_t uin = 0, model::Authorization authorization = model::Authorization::open) {
    CreateAccount r{.uin = Uin{uin}, .password_verifier = "v", .profile = {}, .now = at(0), .greeting = {}};
    r.profile.authorization = authorization;
    return get<Created>(r).uin;
  }
  static KeepMessage message(Uin from, Uin to, const std::string& text, std::uint64_t login = 0,
                             std::uint32_t sequence = 0) {
    return {.from = from, .to = to, .text = {.utf8 = text, .original = {}},
            .key = {.login = login, .command = 0x010E, .sequence = sequence, .content = 7}, .accepted = at(1)};
  }
  std::vector<std::string> inbox(Uin uin) {
    std::vector<std::string> texts;
    for (const KeptMessage& kept : get<KeptMessages>(ReadMessages{.to = uin}).messages) texts.push_back(kept.text.utf8);
    return texts;
  }
  static KeptSession session(Uin uin, std::uint64_t login) {
    KeptSession s;
    s.uin = uin;
    s.dialect = model::DialectId::icq;
    s.dialect_version = 2;
    s.login = login;
    s.peer = {IpAddress::v4(0x7F000001), 4242};
    s.local = IpAddress::v4(0x7F000002);
    s.status = {model::Availability::away, true, 0x101};
    s.contact = {IpAddress::v4(0x0A000001), IpAddress::v4(0x0A000002), 70'000, 3};
    s.client_tag = 0xDEADBEEF;
    s.login_sequence = 0xFFFE;
    s.login_content = 0xFFFF'FFFF'FFFF'FFF0;
    s.reserved_sequence = 256;
    s.opened = at(3);
    s.over_stream = true;
    s.sealed_key = std::string("\0sealed\xFF", 8);
    return s;
  }
  std::vector<StoreEngine::RestoredSession> restored() {
    std::vector<StoreEngine::RestoredSession> all;
    const auto outcome = back_end_->engine().restore_sessions([&](StoreEngine::RestoredSession&& one) {
      all.push_back(std::move(one));
      return true;
    });
    EXPECT_TRUE(outcome) << outcome.error();
    return all;
  }
  static std::vector<Uin> uins(std::initializer_list<Uin> list) { return list; }

  std::unique_ptr<ContractBackEnd> back_end_;
};

inline std::vector<std::uint32_t> numbers(const Found& found) {
  std::vector<std::uint32_t> all;
  for (const model::FoundUser& user : found.users) all.push_back(user.uin.value);
  return all;
}

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::uint32_t>;

// ---- accounts ------------------------------------------------------------------------------------------------

TEST_P(EngineContract, begins_with_the_system_account) {
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{system_uin}).uin, system_uin);
  EXPECT_EQ(numbers(get<Found>(ListAccounts{})), Numbers{10000});
  EXPECT_EQ(get<Verifier>(ReadVerifier{system_uin}).text, "");
  refused(DeleteAccount{system_uin}, StoreError::no_account);
}

TEST_P(EngineContract, gives_out_numbers_and_skips_those_in_use) {
  EXPECT_EQ(make(), Uin{10001});
  EXPECT_EQ(make(10002), Uin{10002});
  EXPECT_EQ(make(1000), Uin{1000});
  EXPECT_EQ(make(), Uin{10003});
  EXPECT_EQ(make(1'999'999'999), Uin{1'999'999'999});
  EXPECT_EQ(make(), Uin{10004});
  done(DeleteAccount{Uin{10004}});
  EXPECT_EQ(make(), Uin{10005}) << "a number is never given out twice";
  EXPECT_EQ(make(10004), Uin{10004}) << "but can be asked for";
}

TEST_P(EngineContract, refuses_numbers_that_are_taken_or_impossible) {
  for (const std::uint32_t uin : {10000U, 2'000'000'000U, 0xFFFF'FFFFU})
    refused(CreateAccount{.uin = Uin{uin}, .password_verifier = "v", .profile = {}, .now = at(0), .greeting = {}},
            StoreError::taken);
}

TEST_P(EngineContract, recognises_a_repeated_registration_for_ten_minutes) {
  CreateAccount r{.uin = {}, .password_verifier = "v", .profile = {}, .registration = 77, .now = at(0), .greeting = {}};
  EXPECT_EQ(get<Created>(r).uin, Uin{10001});
  r.now = at(599);
  Created again = get<Created>(r);
  EXPECT_EQ(again.uin, Uin{10001});
  EXPECT_TRUE(again.repeated);
  r.now = at(600);
  again = get<Created>(r);
  EXPECT_EQ(again.uin, Uin{10002});
  EXPECT_FALSE(again.repeated);
  done(DeleteAccount{Uin{10002}});
  EXPECT_EQ(get<Created>(r).uin, Uin{10003}) << "the account that was registered is gone";
  r.registration = 0;
  EXPECT_EQ(get<Created>(r).uin, Uin{10004});
  EXPECT_EQ(get<Created>(r).uin, Uin{10005}) << "0 is no key";
  r.registration = 0xFFFF'FFFF'FFFF'FFFF;
  EXPECT_EQ(get<Created>(r).uin, Uin{10006});
  EXPECT_TRUE(get<Created>(r).repeated);
}

TEST_P(EngineContract, greets_a_new_account) {
  CreateAccount r{.uin = {}, .password_verifier = "v", .profile = {}, .now = at(9), .greeting = {}};
  r.greeting.utf8 = "Welcome";
  const Uin uin = get<Created>(r).uin;
  const KeptMessages kept = get<KeptMessages>(ReadMessages{.to = uin});
  ASSERT_EQ(kept.messages.size(), 1U);
  EXPECT_EQ(kept.messages[0].from, system_uin);
  EXPECT_EQ(kept.messages[0].kind, model::MessageKind::text);
  EXPECT_EQ(kept.messages[0].text.utf8, "Welcome");
  EXPECT_EQ(kept.messages[0].accepted, at(9));
  r.greeting.utf8.clear();
  EXPECT_TRUE(inbox(get<Created>(r).uin).empty());
}

TEST_P(EngineContract, keeps_profiles) {
  model::BasicProfile basic{"Ник", "First\xEF\xBF\xBD", "L'ast; DROP TABLE account;--", "a@b.c",
                            model::Authorization::required};
  const Uin uin = make();
  done(UpdateBasic{uin, basic});
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{uin}).profile, basic);
  basic.authorization = model::Authorization::open;
  basic.nick = "";
  done(UpdateBasic{uin, basic, true});
  basic.authorization = model::Authorization::required;
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{uin}).profile, basic);
  done(UpdateAuthorization{uin, model::Authorization::closed});
  EXPECT_EQ(get<model::FoundUser>(ReadBasic{uin}).profile.authorization, model::Authorization::closed);

  EXPECT_FALSE(get<ExtendedRead>(ReadExtended{uin}).profile);
  const model::ExtendedProfile extended{"City", 49, "ST", 33, model::Sex::female, "+49", "http://x", "about"};
  done(UpdateExtended{uin, extended});
  EXPECT_EQ(get<ExtendedRead>(ReadExtended{uin}).profile, extended);
  done(UpdateExtended{uin, model::ExtendedProfile{}});
  EXPECT_EQ(get<ExtendedRead>(ReadExtended{uin}).profile, model::ExtendedProfile{});
}

TEST_P(EngineContract, keeps_settings) {
  const Uin uin = make();
  done(UpdatePassword{uin, "other"});
  EXPECT_EQ(get<Verifier>(ReadVerifier{uin}).text, "other");
  done(UpdateAddressPolicy{uin, model::AddressPolicy::nobody});
  done(UpdateCharset{uin, model::DialectId::icq, Charset::cp1251});
  done(UpdateCharset{uin, model::DialectId::web, Charset::big5});
  AccountRecord record = get<AccountRecord>(ReadAccount{uin});
  EXPECT_EQ(record.facts.uin, uin);
  EXPECT_EQ(record.facts.address_policy, model::AddressPolicy::nobody);
  EXPECT_EQ(record.facts.charset, Charset::cp1251);
  EXPECT_EQ(record.created, at(0));
  EXPECT_FALSE(record.facts.monitor);
  done(UpdateMonitor{uin, true});
  EXPECT_TRUE(get<AccountRecord>(ReadAccount{uin}).facts.monitor);
  KeptSession s = session(uin, 1);
  for (const auto& [dialect, charset] : std::map<model::DialectId, Charset>{{model::DialectId::icq, Charset::cp1251},
                                                                          {model::DialectId::oicq, Charset::gb18030},
                                                                          {model::DialectId::qq, Charset::gb18030},
                                                                          {model::DialectId::web, Charset::big5}}) {
    s.dialect = dialect;
    EXPECT_EQ(get<LoggedIn>(OpenSession{s, at(1)}).account.charset, charset);
  }
}

TEST_P(EngineContract, answers_no_account_for_numbers_that_belong_to_nobody) {
  const Uin nobody{4711}, somebody = make();
  const std::vector<Request> requests{
      UpdateBasic{nobody, {}},
      UpdateExtended{nobody, {}},
      UpdateAuthorization{nobody},
      UpdatePassword{nobody, "x"},
      UpdateAddressPolicy{nobody},
      UpdateCharset{nobody},
      UpdateMonitor{nobody},
      SaveMonitoring{nobody, somebody, true, at(1)},
      SaveMonitoring{somebody, nobody, true, at(1)},
      Suspend{nobody, at(1), ""},
      DeleteAccount{nobody},
      OpenSession{session(nobody, 1), at(1)},
      message(somebody, nobody, "x"),
      AddFriendEdge{somebody, nobody, at(1)},
      AddFriendEdge{nobody, somebody, at(1)},
      RecordConsent{somebody, nobody, Consent::granted, at(1)},
      RecordConsent{nobody, somebody, Consent::granted, at(1)},
      ReadVerifier{nobody},
      ReadBasic{nobody},
      ReadExtended{nobody},
      ReadAccount{nobody}};
  for (const Request& request : requests) refused(request, StoreError::no_account);
  EXPECT_TRUE(get<KeptMessages>(ReadMessages{.to = nobody}).messages.empty());
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{nobody}).members.empty());
  done(CloseSession{nobody, 1});
  done(SaveStatus{nobody, 1, {}});
  done(SaveList{nobody, 1, ListKind::contacts, {somebody}});
  done(ReserveSequence{nobody, 1, 5});
  done(ForgetMessage{nobody, 1, at(1)});
  EXPECT_FALSE(get<Removed>(RemoveFriendEdge{nobody, somebody}).was_there);
  done(SaveMonitoring{nobody, somebody});
  EXPECT_EQ(get<Found>(ListAccounts{}).users.size(), 2U);
}

TEST_P(EngineContract, suspends_until_a_time) {
  const Uin uin = make();
  done(Suspend{uin, at(100), "spam"});
  EXPECT_TRUE(get<Verifier>(ReadVerifier{uin}).suspended);
  AccountRecord record = get<AccountRecord>(ReadAccount{uin});
  EXPECT_TRUE(record.facts.suspended);
  EXPECT_EQ(record.suspended_until, at(100));
  EXPECT_EQ(record.suspended_reason, "spam");
  refused(OpenSession{session(uin, 1), at(99)}, StoreError::suspended);
  EXPECT_TRUE(restored().empty());
  EXPECT_FALSE(get<LoggedIn>(OpenSession{session(uin, 1), at(100)}).account.suspended);
  (void)get<Kept>(message(uin, uin, "kept although suspended"));
  done(Expire{at(99)});
  EXPECT_TRUE(get<Verifier>(ReadVerifier{uin}).suspended);
  done(Expire{at(100)});
  EXPECT_FALSE(get<Verifier>(ReadVerifier{uin}).suspended);
  EXPECT_EQ(get<AccountRecord>(ReadAccount{uin}).suspended_reason, "");
  done(Suspend{uin, at(1000), "again"});
  done(Suspend{uin, WallTime{}, ""});
  EXPECT_FALSE(get<LoggedIn>(OpenSession{session(uin, 2), at(101)}).account.suspended);
}

TEST_P(EngineContract, lists_accounts_in_pages) {
  for (const std::uint32_t uin : {30U, 10U, 20U}) (void)make(uin);
  Found found = get<Found>(ListAccounts{.after = {}, .limit = 2});
  EXPECT_EQ(numbers(found), (Numbers{10, 20}));
  EXPECT_TRUE(found.more);
  found = get<Found>(ListAccounts{.after = Uin{20}, .limit = 2});
  EXPECT_EQ(numbers(found), (Numbers{30, 10000}));
  EXPECT_FALSE(found.more);
}

TEST_P(EngineContract, deletes_everything_of_an_account) {
  const Uin uin = make(0, model::Authorization::required), other = make();
  done(UpdateExtended{uin, {}});
  (void)get<LoggedIn>(OpenSession{session(uin, 1), at(1)});
  done(SaveList{uin, 1, ListKind::contacts, {other}});
  (void)get<Kept>(message(other, uin, "for the one who goes", 5, 1));
  (void)get<Kept>(message(uin, other, "from the one who goes"));
  (void)get<Befriended>(AddFriendEdge{uin, other, at(1)});
  (void)get<Consented>(RecordConsent{other, uin, Consent::granted, at(1)});
  done(DeleteAccount{uin});
  refused(ReadBasic{uin}, StoreError::no_account);
  EXPECT_TRUE(restored().empty());
  EXPECT_TRUE(inbox(uin).empty());
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{other}).members.empty());
  EXPECT_EQ(inbox(other).at(0), "from the one who goes");

  (void)make(uin.value, model::Authorization::required);
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{uin}).members.empty());
  EXPECT_FALSE(get<Befriended>(AddFriendEdge{other, uin, at(2)}).allowed) << "the grant is gone";
  EXPECT_FALSE(get<ExtendedRead>(ReadExtended{uin}).profile);
  EXPECT_FALSE(get<Kept>(message(other, uin, "for the one who goes", 5, 1)).repeated);
  EXPECT_EQ(get<AccountRecord>(ReadAccount{uin}).kept_messages, 1U);
}

// ---- search --------------------------------------------------------------------------------------------------

TEST_P(EngineContract, finds_folded_and_whole) {
  const auto with = [&](model::BasicProfile profile) {
    const Uin uin = make();
    done(UpdateBasic{uin, std::move(profile)});
    return uin.value;
  };
  const auto a = with({"Жук", "Anna", "Strauß", "Anna@Example.ORG", {}});
  const auto b = with({"жук", "Bob", "strauss", "", {}});
  with({"жуки", "Anna", "", "", {}});
  const auto find = [&](Search search) { return numbers(get<Found>(search)); };
  EXPECT_EQ(find({.nick = "ЖУК", .first_name = "", .last_name = "", .email = ""}), (Numbers{a, b}));
  EXPECT_EQ(find({.nick = "жук", .first_name = "ANNA", .last_name = "", .email = ""}), Numbers{a});
  EXPECT_EQ(find({.nick = "", .first_name = "", .last_name = "STRAUSS", .email = ""}), (Numbers{a, b}));
  EXPECT_EQ(find({.nick = "", .first_name = "", .last_name = "", .email = " anna@example.org"}), Numbers{a});
  EXPECT_EQ(find({.nick = "жук", .first_name = "bob", .last_name = "strauss", .email = ""}), Numbers{b});
  EXPECT_EQ(find({.nick = "жук", .first_name = "bob", .last_name = "strauss", .email = "x"}), Numbers{});
  EXPECT_EQ(find({.nick = "жу", .first_name = "", .last_name = "", .email = ""}), Numbers{});
  EXPECT_EQ(find({.nick = "%", .first_name = "", .last_name = "", .email = ""}), Numbers{});
  EXPECT_EQ(find({.nick = "' OR 1=1 --", .first_name = "", .last_name = "", .email = ""}), Numbers{});
  EXPECT_EQ(find({.nick = "", .first_name = "", .last_name = "", .email = ""}), Numbers{});
  done(UpdateBasic{Uin{a}, {"Käfer", "", "", "", {}}});
  EXPECT_EQ(find({.nick = "жук", .first_name = "", .last_name = "", .email = ""}), Numbers{b});
}

TEST_P(EngineContract, limits_what_it_finds) {
  for (int i = 0; i < 5; ++i) done(UpdateBasic{make(), {"Same", "", "", "", {}}});
  Search search{.nick = "same", .first_name = "", .last_name = "", .email = "", .limit = 4};
  Found found = get<Found>(search);
  EXPECT_EQ(numbers(found), (Numbers{10001, 10002, 10003, 10004}));
  EXPECT_TRUE(found.more);
  search.limit = 5;
  found = get<Found>(search);
  EXPECT_EQ(found.users.size(), 5U);
  EXPECT_FALSE(found.more);
}

// ---- sessions ------------------------------------------------------------------------------------------------

TEST_P(EngineContract, restores_sessions_with_their_lists) {
  const Uin a = make(), b = make(0, model::Authorization::required), c = make();
  (void)get<Consented>(RecordConsent{c, b, Consent::granted, at(1)});
  (void)get<Consented>(RecordConsent{a, b, Consent::granted, at(1)});
  const LoggedIn opened = get<LoggedIn>(OpenSession{session(b, 0xFFFF'FFFF'FFFF'FFFF), at(1)});
  EXPECT_EQ(opened.account.uin, b);
  EXPECT_EQ(opened.account.authorization, model::Authorization::required);
  EXPECT_EQ(opened.watchers_allowed, uins({a, c}));
  EXPECT_TRUE(get<LoggedIn>(OpenSession{session(a, 2), at(1)}).watchers_allowed.empty());
  std::vector<Uin> many;
  for (std::uint32_t i = 0; i < 2000; ++i) many.push_back(Uin{0xFFFF'FFFF - i});
  done(SaveList{a, 2, ListKind::contacts, {a, b}});
  done(SaveList{a, 2, ListKind::contacts, many});
  done(SaveList{a, 2, ListKind::contacts, {c}, true});
  done(SaveList{a, 2, ListKind::visible, {b}, true});
  done(SaveList{a, 2, ListKind::invisible, {c, c}});
  done(SaveList{a, 2, ListKind::contacts, {}, true});
  many.push_back(c);
  KeptSession changed = session(a, 2);
  changed.status = {model::Availability::free_for_chat, false, model::Status::no_code};
  changed.reserved_sequence = 70'000;
  done(SaveStatus{a, 2, changed.status});
  done(ReserveSequence{a, 2, 70'000});
  done(ReserveSequence{a, 2, 512});
  done(Suspend{b, at(50), ""});

  back_end_->crash();
  const auto all = restored();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].session, changed);
  EXPECT_EQ(all[0].account.uin, a);
  EXPECT_EQ(all[0].contacts, many);
  EXPECT_EQ(all[0].visible, uins({b}));
  EXPECT_EQ(all[0].invisible, uins({c, c}));
  EXPECT_TRUE(all[0].watchers_allowed.empty());
  EXPECT_EQ(all[1].session, session(b, 0xFFFF'FFFF'FFFF'FFFF));
  EXPECT_EQ(all[1].watchers_allowed, uins({a, c}));
  EXPECT_EQ(all[1].account.authorization, model::Authorization::required);
  EXPECT_TRUE(all[1].account.suspended);
}

TEST_P(EngineContract, restores_until_it_is_told_to_stop) {
  for (int i = 0; i < 3; ++i) (void)get<LoggedIn>(OpenSession{session(make(), 1), at(1)});
  int seen = 0;
  ASSERT_TRUE(back_end_->engine().restore_sessions([&](StoreEngine::RestoredSession&&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(EngineContract, keeps_addresses_of_every_kind) {
  const Uin uin = make();
  KeptSession s = session(uin, 9);
  s.peer = *Endpoint::parse("[2001:db8::1]:65535");
  s.local = IpAddress{};
  s.contact = {*IpAddress::parse("fe80::1"), IpAddress::v4(0), 0xFFFF'FFFF, 0};
  s.dialect = model::DialectId::web;
  s.dialect_version = 255;
  s.opened = WallTime{std::chrono::seconds{-5}};
  s.over_stream = false;
  s.follows_friends = true;
  s.sealed_key.clear();
  (void)get<LoggedIn>(OpenSession{s, at(1)});
  EXPECT_EQ(restored().at(0).session, s);
}

TEST_P(EngineContract, listens_only_to_the_login_that_it_keeps) {
  const Uin uin = make();
  (void)get<LoggedIn>(OpenSession{session(uin, 1), at(1)});
  done(SaveList{uin, 1, ListKind::contacts, {uin}});
  (void)get<LoggedIn>(OpenSession{session(uin, 2), at(2)});
  EXPECT_TRUE(restored().at(0).contacts.empty()) << "a new log-in begins with empty lists";
  done(SaveList{uin, 1, ListKind::contacts, {uin}});
  done(SaveStatus{uin, 1, {}});
  done(ReserveSequence{uin, 1, 99'999});
  done(CloseSession{uin, 1});
  EXPECT_EQ(restored().at(0).session, session(uin, 2));
  EXPECT_TRUE(restored().at(0).contacts.empty());
  done(CloseSession{uin, 2});
  EXPECT_TRUE(restored().empty());
  done(CloseSession{uin, 2});
}

// ---- friends and consent -------------------------------------------------------------------------------------

TEST_P(EngineContract, adds_a_friend_who_lets_anybody) {
  const Uin a = make(), b = make();
  done(UpdateBasic{a, {"Ann", "A", "B", "a@b", model::Authorization::open}});
  const Befriended added = get<Befriended>(AddFriendEdge{a, b, at(7)});
  EXPECT_TRUE(added.allowed);
  EXPECT_TRUE(added.added);
  const KeptMessages kept = get<KeptMessages>(ReadMessages{.to = b});
  ASSERT_EQ(kept.messages.size(), 1U);
  EXPECT_EQ(kept.messages[0].id, added.notice_id);
  EXPECT_EQ(kept.messages[0].kind, model::MessageKind::you_were_added);
  EXPECT_EQ(kept.messages[0].from, a);
  EXPECT_EQ(kept.messages[0].text.utf8, "Ann\x1E" "A\x1E" "B\x1E" "a@b\x1E" "1");
  EXPECT_EQ(kept.messages[0].accepted, at(7));
  const Befriended again = get<Befriended>(AddFriendEdge{a, b, at(8)});
  EXPECT_TRUE(again.allowed);
  EXPECT_FALSE(again.added);
  EXPECT_EQ(again.notice_id, 0U);
  EXPECT_EQ(get<Uins>(ReadWatchersAllowed{b}).members, uins({a}));
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{a}).members.empty()) << "edges are directed";
  EXPECT_TRUE(get<Removed>(RemoveFriendEdge{a, b}).was_there);
  EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{b}).members.empty());
  done(UpdateAuthorization{a, model::Authorization::required});
  EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, b, at(9)}).added);
  EXPECT_EQ(inbox(b).back(), "Ann\x1E" "A\x1E" "B\x1E" "a@b\x1E" "0");
}

TEST_P(EngineContract, tells_neither_the_system_nor_oneself) {
  const Uin a = make();
  const Befriended system = get<Befriended>(AddFriendEdge{a, system_uin, at(1)});
  EXPECT_TRUE(system.added);
  EXPECT_EQ(system.notice_id, 0U);
  EXPECT_EQ(get<Befriended>(AddFriendEdge{a, a, at(1)}).notice_id, 0U);
  EXPECT_TRUE(inbox(system_uin).empty());
  EXPECT_TRUE(inbox(a).empty());
}

TEST_P(EngineContract, asks_before_it_adds_where_the_account_demands_it) {
  for (const model::Authorization demand : {model::Authorization::required, model::Authorization::closed}) {
    const Uin a = make(), b = make(0, demand);
    const Consented asked = get<Consented>(RecordConsent{a, b, Consent::requested, at(1)});
    EXPECT_EQ(asked.closed, demand == model::Authorization::closed);
    Befriended tried = get<Befriended>(AddFriendEdge{a, b, at(1)});
    EXPECT_FALSE(tried.allowed || tried.added || tried.gained);
    EXPECT_EQ(tried.closed, demand == model::Authorization::closed);
    EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{b}).members.empty());

    const Consented granted = get<Consented>(RecordConsent{a, b, Consent::granted, at(2)});
    EXPECT_EQ(granted.gained, !asked.closed) << "a grant makes the edge that was asked for";
    EXPECT_EQ(granted.target.uin, asked.closed ? Uin{} : b);
    EXPECT_EQ(get<Uins>(ReadWatchersAllowed{b}).members, uins({a}));
    EXPECT_TRUE(inbox(b).empty()) << "silently";
    EXPECT_FALSE(get<Consented>(RecordConsent{a, b, Consent::requested, at(3)}).closed) << "granted already";
    tried = get<Befriended>(AddFriendEdge{a, b, at(3)});
    EXPECT_TRUE(tried.allowed && tried.added && tried.notice_id != 0) << "the first adding is told";
    EXPECT_EQ(tried.gained, asked.closed) << "there was no edge before";
    EXPECT_FALSE(get<Befriended>(AddFriendEdge{a, b, at(3)}).added) << "once";
    EXPECT_EQ(inbox(b).size(), 1U);

    EXPECT_TRUE(get<Removed>(RemoveFriendEdge{a, b}).was_there);
    EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, b, at(4)}).allowed) << "a grant outlives the edge";
    (void)get<Consented>(RecordConsent{a, b, Consent::refused, at(5)});
    EXPECT_TRUE(get<Uins>(ReadWatchersAllowed{b}).members.empty()) << "a refusal removes the edge";
    EXPECT_FALSE(get<Befriended>(AddFriendEdge{a, b, at(6)}).allowed);
    EXPECT_FALSE(get<Consented>(RecordConsent{a, b, Consent::granted, at(7)}).gained) << "nobody had asked again";
    EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, b, at(8)}).added);
  }
}

TEST_P(EngineContract, keeps_edges_when_an_account_begins_to_demand_consent) {
  const Uin a = make(), b = make();
  (void)get<Befriended>(AddFriendEdge{a, b, at(1)});
  done(UpdateAuthorization{b, model::Authorization::required});
  EXPECT_EQ(get<LoggedIn>(OpenSession{session(b, 1), at(2)}).watchers_allowed, uins({a}));
  EXPECT_TRUE(get<Befriended>(AddFriendEdge{a, b, at(2)}).allowed);
}

// ---- bans ----------------------------------------------------------------------------------------------------

TEST_P(EngineContract, keeps_who_monitors_whom) {
  const Uin a = make(), b = make(), c = make();
  const auto all = [&] {
    std::vector<std::tuple<Uin, Uin, WallTime>> rows;
    for (const Monitoring& m : get<Monitorings>(ReadMonitorings{}).all) rows.emplace_back(m.monitor, m.monitored, m.since);
    return rows;
  };
  using Rows = std::vector<std::tuple<Uin, Uin, WallTime>>;
  EXPECT_TRUE(all().empty());
  for (const auto& [monitor, monitored] : {std::pair{c, a}, std::pair{a, b}, std::pair{a, c}})
    done(SaveMonitoring{monitor, monitored, true, at(1)});
  done(SaveMonitoring{a, b, true, at(2)});
  EXPECT_EQ(all(), (Rows{{a, b, at(1)}, {a, c, at(1)}, {c, a, at(1)}}));
  done(SaveMonitoring{a, b, false, at(3)});
  EXPECT_EQ(all(), (Rows{{a, c, at(1)}, {c, a, at(1)}}));
  done(DeleteAccount{c});
  EXPECT_TRUE(all().empty());
}

TEST_P(EngineContract, keeps_bans_until_they_end) {
  done(AddBan{"192.0.2.0/24", "flood", at(10)});
  done(AddBan{"10.0.0.0/8", "for good", WallTime{}});
  done(AddBan{"192.0.2.0/24", "flood again", at(20)});
  done(AddBan{"::1/128", "", at(30)});
  done(RemoveBan{"::1/128"});
  done(RemoveBan{"::2/128"});
  std::vector<Ban> bans = get<Bans>(ReadBans{}).bans;
  ASSERT_EQ(bans.size(), 2U);
  EXPECT_EQ(bans[0].cidr, "10.0.0.0/8");
  EXPECT_EQ(bans[1].cidr, "192.0.2.0/24");
  EXPECT_EQ(bans[1].reason, "flood again");
  EXPECT_EQ(bans[1].until, at(20));
  done(Expire{at(19)});
  EXPECT_EQ(get<Bans>(ReadBans{}).bans.size(), 2U);
  done(Expire{at(20)});
  bans = get<Bans>(ReadBans{}).bans;
  ASSERT_EQ(bans.size(), 1U);
  EXPECT_EQ(bans[0].until, WallTime{});
}

}  // namespace uhoh::storage
