#pragma once

#include "storage/room_rules.hpp"
#include "storage/testing/engine_contract.hpp"

/// What every back end must do about rooms: part of EngineContract.
namespace uhoh::storage {

class RoomsContract : public EngineContract {
 protected:
  void SetUp() override {
    use(StoreLimits{.rooms = 3, .room_messages = 4});
    for (const std::uint32_t uin : {10U, 11U, 12U, 13U}) (void)make(uin);
  }
  Uin room(Uin owner, std::vector<Uin> members = {}, model::RoomJoining joining = model::RoomJoining::ask) {
    return get<RoomWritten>(MakeRoom{owner, {.name = "Chess", .joining = joining}, std::move(members)}).room;
  }
  std::vector<std::uint32_t> members(Uin number) {
    std::vector<std::uint32_t> all;
    for (const auto& member : get<model::Room>(ReadRoom{number}).members) all.push_back(member.uin.value);
    return all;
  }
  static KeepRoomMessage says(Uin number, Uin from, const std::string& text, std::uint64_t login = 0) {
    return {.room = number, .from = from, .text = {.utf8 = text, .original = {}},
            .key = {.login = login, .command = 3, .sequence = 4, .content = 5}, .accepted = at(1)};
  }
  std::vector<std::string> texts(Uin number, std::uint64_t after = 0) {
    std::vector<std::string> all;
    for (const auto& message : get<RoomMessages>(ReadRoomMessages{.room = number, .after = after}).messages)
      all.push_back(std::to_string(message.id) + ' ' + message.text.utf8);
    return all;
  }
  static constexpr Uin ann{10}, bob{11}, carol{12}, dave{13};
};

TEST_P(RoomsContract, makes_rooms_above_the_accounts) {
  const Uin first = room(ann, {bob, carol, Uin{4711}, bob, ann});
  EXPECT_EQ(first, Uin{2'000'000'000});
  EXPECT_EQ(room(bob), Uin{2'000'000'001});
  const model::Room expected{.number = first,
                             .profile = {.name = "Chess"},
                             .owner = ann,
                             .version = 1,
                             .members = {{ann, model::RoomRole::owner}, {bob}, {carol}}};
  EXPECT_EQ(get<model::Room>(ReadRoom{first}), expected);
  back_end_->crash();
  EXPECT_EQ(get<model::Room>(ReadRoom{first}), expected);
  EXPECT_EQ(room(carol), Uin{2'000'000'002});
  refused(ReadRoom{Uin{2'000'000'003}}, StoreError::not_found);
  refused(MakeRoom{Uin{4711}, {.name = "x"}, {}}, StoreError::no_account);
  refused(MakeRoom{ann, {.name = ""}, {}}, StoreError::full);
  refused(MakeRoom{ann, {.name = std::string(max_room_name + 1, 'x')}, {}}, StoreError::full);
}

TEST_P(RoomsContract, adds_only_those_who_let_themselves_be_added) {
  for (const auto uin : {bob, carol, dave}) done(UpdateAuthorization{uin, model::Authorization::required});
  (void)get<Befriended>(AddFriendEdge{carol, ann, at(1)});
  (void)get<Consented>(RecordConsent{ann, dave, Consent::granted, at(1)});
  const Uin number = room(ann, {bob, carol, dave, system_uin});
  EXPECT_EQ(members(number), (Numbers{10, 12, 13}));
  EXPECT_EQ(get<RoomWritten>(UpdateRoomMembers{number, {}, {bob}, true}).changed, uins({bob}))
      << "the administrator of the server adds anybody";
  EXPECT_EQ(members(get<RoomWritten>(MakeRoom{ann, {.name = "x"}, {bob}, true}).room), (Numbers{10, 11}));
}

TEST_P(RoomsContract, is_changed_by_those_who_run_it) {
  const Uin number = room(ann, {bob, carol});
  const model::RoomProfile profile{"Go", "notice", "about", 7, model::RoomJoining::closed};
  refused(UpdateRoom{number, bob, profile}, StoreError::forbidden);
  refused(UpdateRoomRole{number, bob, carol, true}, StoreError::forbidden);
  EXPECT_EQ(get<RoomWritten>(UpdateRoomRole{number, ann, bob, true}).changed, uins({bob}));
  refused(UpdateRoomRole{number, bob, carol, true}, StoreError::forbidden);
  refused(UpdateRoomRole{number, ann, dave, true}, StoreError::not_found);
  EXPECT_EQ(get<RoomWritten>(UpdateRoom{number, bob, profile}).name, "Go");
  EXPECT_EQ(get<RoomWritten>(UpdateRoomMembers{number, bob, {carol, ann, dave}, false}).changed, uins({carol}));
  EXPECT_EQ(get<RoomWritten>(UpdateRoomMembers{number, bob, {dave, dave}, true}).changed, uins({dave}));
  const auto now = get<model::Room>(ReadRoom{number});
  EXPECT_EQ(now.profile, profile);
  EXPECT_EQ(now.version, 5U);
  EXPECT_EQ(now.members, (std::vector<model::RoomMember>{
                             {ann, model::RoomRole::owner}, {bob, model::RoomRole::administrator}, {dave}}));
  (void)get<RoomWritten>(UpdateRoomRole{number, ann, bob, false});
  refused(UpdateRoomMembers{number, bob, {dave}, false}, StoreError::forbidden);
  refused(UpdateRoom{Uin{2'000'000'009}, ann, profile}, StoreError::not_found);
  refused(UpdateRoom{number, ann, {}}, StoreError::full);
}

TEST_P(RoomsContract, is_entered_or_asked_for) {
  const Uin open = room(ann, {}, model::RoomJoining::open), ask = room(ann, {bob}), closed = room(ann, {}, model::RoomJoining::closed);
  auto entered = get<RoomEntered>(EnterRoom{open, carol});
  EXPECT_TRUE(entered.result == model::RoomJoinResult::joined && entered.is_new);
  entered = get<RoomEntered>(EnterRoom{open, carol});
  EXPECT_TRUE(entered.result == model::RoomJoinResult::joined && !entered.is_new);
  EXPECT_EQ(get<RoomEntered>(EnterRoom{ask, carol}).result, model::RoomJoinResult::ask);
  EXPECT_EQ(get<RoomEntered>(EnterRoom{closed, carol}).result, model::RoomJoinResult::closed);
  refused(EnterRoom{Uin{2'000'000'009}, carol}, StoreError::not_found);
  refused(EnterRoom{open, Uin{4711}}, StoreError::no_account);

  EXPECT_TRUE(get<RoomWritten>(AnswerRoomEntry{ask, ann, carol, true}).changed.empty()) << "nobody asked";
  done(UpdateBasic{carol, {.nick = "Carol"}});
  (void)get<RoomWritten>(UpdateRoomRole{ask, ann, bob, true});
  const auto asked = get<RoomEntered>(RequestRoom{ask, carol});
  EXPECT_EQ(asked.run_by, uins({ann, bob}));
  EXPECT_EQ(asked.nick, "Carol");
  EXPECT_EQ(asked.name, "Chess");
  EXPECT_EQ(get<RoomEntered>(RequestRoom{closed, carol}).result, model::RoomJoinResult::closed);
  EXPECT_EQ(get<RoomWritten>(AnswerRoomEntry{ask, bob, carol, false}).changed, uins({carol}));
  EXPECT_TRUE(get<RoomWritten>(AnswerRoomEntry{ask, bob, carol, true}).changed.empty()) << "answered already";
  (void)get<RoomEntered>(RequestRoom{ask, carol});
  refused(AnswerRoomEntry{ask, carol, carol, true}, StoreError::forbidden);
  back_end_->crash();
  EXPECT_EQ(get<RoomWritten>(AnswerRoomEntry{ask, bob, carol, true}).changed, uins({carol}));
  EXPECT_EQ(members(ask), (Numbers{10, 11, 12}));
  EXPECT_EQ(get<RoomEntered>(RequestRoom{ask, carol}).result, model::RoomJoinResult::joined);
}

TEST_P(RoomsContract, is_listed_with_the_others) {
  const Uin first = room(ann, {bob, carol}), second = room(bob), third = room(carol, {ann});
  const auto page = get<RoomPage>(ListRooms{.after = {}, .limit = 2});
  EXPECT_EQ(page.rooms, (std::vector<RoomSummary>{{first, "Chess", ann, 3}, {second, "Chess", bob, 1}}));
  EXPECT_TRUE(page.more);
  const auto rest = get<RoomPage>(ListRooms{.after = second, .limit = 2});
  EXPECT_EQ(rest.rooms, (std::vector<RoomSummary>{{third, "Chess", carol, 2}}));
  EXPECT_FALSE(rest.more);
}

TEST_P(RoomsContract, is_left_and_dismissed) {
  const Uin number = room(ann, {bob, carol});
  refused(LeaveRoom{number, ann}, StoreError::forbidden);
  refused(LeaveRoom{number, dave}, StoreError::forbidden);
  (void)get<RoomWritten>(LeaveRoom{number, carol});
  EXPECT_EQ(members(number), (Numbers{10, 11}));
  refused(DeleteRoom{number, bob}, StoreError::forbidden);
  EXPECT_EQ(get<RoomWritten>(DeleteRoom{number, ann}).changed, uins({ann, bob}));
  refused(DeleteRoom{number, ann}, StoreError::not_found);
  EXPECT_TRUE(get<RoomPlaces>(ReadRoomsOf{bob}).rooms.empty());
  EXPECT_NE(room(ann), number) << "numbers are not given out twice";
  EXPECT_EQ(get<RoomWritten>(DeleteRoom{Uin{2'000'000'001}, {}}).room, Uin{2'000'000'001});
}

TEST_P(RoomsContract, has_limits) {
  for (int i = 0; i < 3; ++i) (void)room(ann);
  refused(MakeRoom{ann, {.name = "x"}, {}}, StoreError::full);
  const Uin open = room(bob, {ann}, model::RoomJoining::open);
  EXPECT_EQ(members(open), Numbers{11}) << "Ann is in as many as she may be";
  refused(EnterRoom{open, ann}, StoreError::full);
  std::vector<Uin> crowd;
  for (std::uint32_t i = 0; i < 600; ++i) crowd.push_back(make(20'000 + i));
  EXPECT_EQ(get<RoomWritten>(UpdateRoomMembers{open, bob, crowd, true}).changed.size(), 499U);
  refused(EnterRoom{open, carol}, StoreError::full);
}

TEST_P(RoomsContract, keeps_a_message_once_for_all) {
  const Uin number = room(ann, {bob, carol});
  done(UpdateBasic{ann, {.nick = "Ann"}});
  KeepRoomMessage first = says(number, ann, "hello", 9);
  first.text.original = std::string("\xFF\0", 2);
  first.text.original_charset = Charset::gbk;
  first.text.style = std::string("\x02\0Song", 6);
  auto kept = get<RoomMessageKept>(first);
  EXPECT_EQ(kept.id, 1U);
  EXPECT_EQ(kept.nick, "Ann");
  EXPECT_EQ(kept.members, uins({ann, bob, carol}));
  kept = get<RoomMessageKept>(first);
  EXPECT_TRUE(kept.repeated);
  EXPECT_EQ(kept.id, 1U);
  EXPECT_FALSE(get<RoomMessageKept>(says(number, ann, "no key")).repeated);
  EXPECT_EQ(get<RoomMessageKept>(says(number, ann, "no key")).id, 3U);
  refused(says(number, dave, "not mine"), StoreError::forbidden);
  refused(says(Uin{2'000'000'009}, ann, "nobody's"), StoreError::not_found);
  back_end_->crash();
  EXPECT_EQ(texts(number), (Texts{"1 hello", "2 no key", "3 no key"}));
  EXPECT_EQ(texts(number, 2), Texts{"3 no key"});
  const auto message = get<RoomMessages>(ReadRoomMessages{.room = number, .limit = 1}).messages.at(0);
  EXPECT_EQ(message.text, first.text);
  EXPECT_EQ(message.from, ann);
  EXPECT_EQ(message.nick, "Ann");
  EXPECT_EQ(message.accepted, at(1));
  for (int i = 0; i < 3; ++i) (void)get<RoomMessageKept>(says(number, bob, "more"));
  EXPECT_EQ(texts(number), (Texts{"3 no key", "4 more", "5 more", "6 more"})) << "the oldest goes";
}

TEST_P(RoomsContract, knows_what_each_member_has_got) {
  const Uin number = room(ann, {bob});
  (void)get<RoomMessageKept>(says(number, ann, "a", 1));
  (void)get<RoomMessageKept>(says(number, ann, "b", 2));
  (void)get<RoomWritten>(UpdateRoomMembers{number, ann, {carol}, true});
  const auto place = [&](Uin uin) { return get<RoomPlaces>(ReadRoomsOf{uin}).rooms.at(0); };
  EXPECT_EQ(place(ann).row, (model::RoomRow{number, "Chess", model::RoomRole::owner}));
  EXPECT_EQ(place(bob).seen, 0U);
  EXPECT_EQ(place(bob).newest, 2U);
  EXPECT_EQ(place(carol).seen, 2U) << "begins with what comes after";
  done(SeeRoom{number, bob, 2});
  done(SeeRoom{number, bob, 1});
  done(SeeRoom{number, dave, 1});
  done(SeeRoom{Uin{2'000'000'009}, bob, 1});
  EXPECT_EQ(place(bob).seen, 2U);
  done(SeeRoom{number, ann, 99});
  EXPECT_EQ(place(ann).seen, 2U);
  done(Expire{at(600)});
  EXPECT_EQ(texts(number).size(), 2U) << "the keys are still remembered";
  done(Expire{at(601)});
  EXPECT_TRUE(texts(number).empty());
  EXPECT_EQ(get<RoomMessageKept>(says(number, ann, "c")).id, 3U);
  done(Expire{at(1000)});
  EXPECT_EQ(texts(number), Texts{"3 c"}) << "not everybody has it";
  done(Expire{at(1) + room_message_memory});
  EXPECT_TRUE(texts(number).empty());
}

TEST_P(RoomsContract, goes_with_its_owners_account) {
  const Uin of_ann = room(ann, {bob}), of_bob = room(bob, {ann});
  (void)get<RoomEntered>(RequestRoom{of_bob, carol});
  done(DeleteAccount{ann});
  refused(ReadRoom{of_ann}, StoreError::not_found);
  EXPECT_EQ(members(of_bob), Numbers{11});
  done(DeleteAccount{carol});
  EXPECT_TRUE(get<RoomWritten>(AnswerRoomEntry{of_bob, bob, carol, true}).changed.empty());
}

TEST_P(RoomsContract, takes_changes_back_with_their_group) {
  const Uin number = room(ann, {bob});
  StoreEngine& engine = back_end_->engine();
  engine.begin();
  for (const Request& request : std::vector<Request>{
           says(number, ann, "lost", 5), UpdateRoomMembers{number, ann, {carol}, true}, EnterRoom{number, dave},
           MakeRoom{ann, {.name = "lost"}, {}}, DeleteRoom{number, ann}})
    EXPECT_TRUE(engine.execute(request)) << request.index();
  back_end_->crash();
  EXPECT_EQ(members(number), (Numbers{10, 11}));
  EXPECT_TRUE(texts(number).empty());
  EXPECT_EQ(get<RoomMessageKept>(says(number, ann, "again", 5)).id, 1U);
  EXPECT_EQ(room(bob), Uin{2'000'000'001});
}

}  // namespace uhoh::storage
