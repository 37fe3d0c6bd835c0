#include <gtest/gtest.h>

#include "dialect/qq/adapter.hpp"
#include "dialect/qq/testing/adapter_fixture.hpp"

namespace uhoh::qq {
namespace {

using model::RoomCommand;
using model::RoomEvent;
using model::RoomResult;
using testing::gb;
using testing::me;
using testing::other;
using testing::utf8_of;

constexpr Uin qun{2'000'000'007};
constexpr Version early = Version::v0d55, late = Version::v3639;

/// Qun groups between the commands of QQ and the model.
class QqRooms : public testing::Adapter {
 protected:
  /// What a message wants of a room.
  template <class Wanted, class M>
  [[nodiscard]] Wanted wish(Version version, const M& message) {
    const auto about = command<RoomCommand>(version, message);
    EXPECT_TRUE(std::holds_alternative<Wanted>(about)) << about.index();
    return std::holds_alternative<Wanted>(about) ? std::get<Wanted>(about) : Wanted{};
  }
  /// The answer to the last message.
  template <class M, class Event>
  [[nodiscard]] M reply(Version version, const Event& event) {
    answer_ = only(replies(version, RoomEvent{event}), version);
    return answer_.as<M>();
  }
  /// A Qun with so many members.
  static model::Room room_of(std::uint32_t members) {
    model::Room room{.number = qun, .profile = {.name = "茶", .notice = "hot", .description = "green", .category = 3},
                     .owner = me, .version = 0x0102};
    for (std::uint32_t i = 0; i < members; ++i) room.members.push_back({Uin{10001 + i}});
    room.members.front().role = model::RoomRole::owner;
    return room;
  }
  testing::Answer answer_;
};

TEST_F(QqRooms, wishes_name_the_qun) {
  const std::array<NumberEntry, 2> numbers{{{me}, {other}}};
  const auto members = wire::RecordList<NumberEntry>::of(numbers);
  QunCreate create{.authorization = 3, .category_2 = 9, .name = "tea", .notice = "n", .description = "d"};
  create.members = members;
  const auto made = wish<model::CreateRoom>(early, create);
  EXPECT_EQ(utf8_of(made.name), "tea");
  EXPECT_EQ(made.joining, model::RoomJoining::closed);
  EXPECT_EQ(made.category, 9U);
  EXPECT_EQ(std::vector(made.members.begin(), made.members.end()), (std::vector{me, other}));

  QunMembersChange change{.qun = qun, .change = 2};
  change.members = members;
  const auto changed = wish<model::ChangeRoomMembers>(early, change);
  EXPECT_TRUE(changed.room == qun && !changed.add && changed.members.size() == 2);

  const auto told = wish<model::ChangeRoom>(
      early, QunChange{.qun = qun, .authorization = 1, .category_2 = 4, .name = "coffee", .notice = "n", .description = "d"});
  EXPECT_EQ(told.room, qun);
  EXPECT_EQ(utf8_of(told.name), "coffee");
  EXPECT_EQ(utf8_of(told.notice), "n");
  EXPECT_EQ(utf8_of(told.description), "d");
  EXPECT_EQ(told.category, 4U);
  EXPECT_EQ(told.joining, model::RoomJoining::open);

  EXPECT_EQ(wish<model::GetRoom>(early, QunRequest<0x04>{.qun = qun}).room, qun);
  EXPECT_EQ(wish<model::JoinRoom>(early, QunRequest<0x07>{.qun = qun}).room, qun);
  EXPECT_EQ(wish<model::LeaveRoom>(early, QunRequest<0x09>{.qun = qun}).room, qun);
  EXPECT_EQ(wish<model::GetRoomMembers>(early, QunRequest<0x0B>{.qun = qun}).room, qun);
  EXPECT_EQ(wish<model::DismissRoom>(early, QunRequest<0x1D>{.qun = qun}).room, qun);
  EXPECT_EQ(wish<model::GetRoom>(early, QunSearch{.external = qun}).room, qun);
  EXPECT_EQ(utf8_of(wish<model::AskToJoinRoom>(early, QunAuthorize{.qun = qun, .kind = 1, .text = "please"}).reason),
            "please");
  EXPECT_TRUE(wish<model::AnswerRoomRequest>(early, QunAuthorize{.qun = qun, .kind = 2, .who = other}).grant);
  const auto no = wish<model::AnswerRoomRequest>(early, QunAuthorize{.qun = qun, .kind = 3, .who = other});
  EXPECT_TRUE(!no.grant && no.asker == other);

  const std::string text = gb("茶 ");
  EXPECT_EQ(utf8_of(wish<model::SendToRoom>(early, QunSend{.qun = qun, .text = {text, {}}}).text), "茶");
  EXPECT_EQ(utf8_of(wish<model::SendToRoom>(early, QunSendPart{.qun = qun, .text = {text, {}}}).text), "茶");
}

TEST_F(QqRooms, what_needs_no_service_is_answered_at_once) {
  static_cast<void>(command<model::Acknowledged>(early, QunRequest<0x05>{.qun = qun}));
  EXPECT_EQ(short_reply(early).as<QunDone<0x05>>().qun, qun);
  static_cast<void>(command<model::Acknowledged>(early, QunUnserved{.sub = 0x33}));
  EXPECT_EQ(short_reply(early).as<QunRefused>().result, 2);
  const auto refused = short_reply(early);
  EXPECT_TRUE(as_chars(refused.as<QunRefused>().more).starts_with("There is no"));
  const std::array<std::uint8_t, 8> numbers{0, 0, 1, 2, 0, 0, 3, 4};
  static_cast<void>(command<model::Acknowledged>(early, QunUnserved{.sub = 0x1C, .content = numbers}));
  const auto role = short_reply(early);
  EXPECT_TRUE(std::ranges::equal(role.as<QunRefused>().more.first(8),
                                 std::array<std::uint8_t, 8>{0, 0, 1, 2, 0, 0, 0, 0}))
      << "LumaQQ reads a Qun and a number before the text";
  static_cast<void>(command<RoomCommand>(early, QunRequest<0x04>{.qun = qun}));
  EXPECT_TRUE(short_reply(early).packet.empty()) << "comes with an event";
}

TEST_F(QqRooms, outcomes_answer_their_sub_command) {
  const model::RoomChanged done{qun};
  static_cast<void>(command<RoomCommand>(early, QunCreate{.name = "x"}));
  EXPECT_EQ(reply<QunCreated>(early, done).external, qun);
  static_cast<void>(command<RoomCommand>(early, QunMembersChange{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x02>>(early, done).qun, qun);
  static_cast<void>(command<RoomCommand>(early, QunChange{.qun = qun, .name = "x"}));
  EXPECT_EQ(reply<QunDone<0x03>>(early, done).qun, qun);
  EXPECT_EQ(reply<QunRefused>(early, model::RoomChanged{qun, RoomResult::not_allowed}).result, 0x0A);
  static_cast<void>(command<RoomCommand>(early, QunAuthorize{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x08>>(early, done).qun, qun);
  static_cast<void>(command<RoomCommand>(early, QunRequest<0x09>{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x09>>(early, done).qun, qun);
  static_cast<void>(command<RoomCommand>(early, QunSend{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x0A>>(early, done).qun, qun);
  EXPECT_EQ(reply<QunRefused>(early, model::RoomChanged{qun, RoomResult::not_allowed}).result, 0x0A);
  EXPECT_EQ(reply<QunRefused>(early, model::RoomChanged{qun, RoomResult::no_room}).result, 0x02);
  static_cast<void>(command<RoomCommand>(early, QunSendPart{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x1A>>(early, done).qun, qun);
  static_cast<void>(command<RoomCommand>(early, QunRequest<0x1D>{.qun = qun}));
  EXPECT_EQ(reply<QunDone<0x1D>>(early, done).qun, qun);
  static_cast<void>(command<RoomCommand>(early, QunRequest<0x07>{.qun = qun}));
  EXPECT_EQ(reply<QunJoined>(early, model::RoomJoinAnswered{qun, model::RoomJoinResult::ask}).outcome, 2);
  EXPECT_EQ(reply<QunJoined>(early, model::RoomJoinAnswered{qun, model::RoomJoinResult::full}).outcome, 3);
  static_cast<void>(command<RoomCommand>(late, SendToQun{.qun = qun}));
  EXPECT_TRUE(short_reply(late).packet.empty());
  EXPECT_EQ(reply<QunTaken>(late, done).result, 0);
  EXPECT_NE(reply<QunTaken>(late, model::RoomChanged{qun, RoomResult::no_room}).result, 0);
}

TEST_F(QqRooms, information_has_the_version_in_the_length_of_the_client) {
  const auto room = room_of(3);
  const model::RoomShown shown{0, qun, &room, true};
  const auto check = [&]<std::size_t VersionBytes>(Version version) {
    static_cast<void>(command<RoomCommand>(version, QunRequest<0x04>{.qun = qun}));
    const auto info = reply<QunInfo<VersionBytes>>(version, shown);
    EXPECT_EQ(info.qun, qun);
    EXPECT_EQ(info.external, qun);
    EXPECT_EQ(info.creator, me);
    EXPECT_EQ(info.name, gb("茶"));
    EXPECT_EQ(info.authorization, 2);
    EXPECT_EQ(info.members.size(), 3U);
  };
  check.operator()<1>(Version::v0d55);
  check.operator()<4>(Version::v0f15);
  check.operator()<8>(Version::v0f5f);
  EXPECT_EQ(answer_.plaintext[40], 2) << "LumaQQ 2006 reads the last four bytes";
  check.operator()<8>(Version::v111d);
  EXPECT_EQ(reply<QunRefused>(early, model::RoomShown{0, qun, &room, false}).result, 0x0A);
  EXPECT_EQ(reply<QunRefused>(early, model::RoomShown{0, qun, nullptr, false}).result, 0x02);
  static_cast<void>(command<RoomCommand>(early, QunSearch{.external = qun}));
  EXPECT_EQ(reply<QunSearchReply>(early, model::RoomShown{0, qun, &room, false}).found.size(), 1U);
  static_cast<void>(command<RoomCommand>(Version::v0f5f, QunSearch{.external = qun}));
  EXPECT_EQ(reply<QunSearchReplyA2>(Version::v0f5f, model::RoomShown{0, qun, &room, false}).found.size(), 1U);
}

TEST_F(QqRooms, five_hundred_members_fit_into_a_connection_and_many_into_a_datagram) {
  const auto room = room_of(500);
  static_cast<void>(command<RoomCommand>(Version::v0f15, QunRequest<0x04>{.qun = qun}));
  const auto few = reply<QunInfo<4>>(Version::v0f15, model::RoomShown{0, qun, &room, true});
  EXPECT_LE(answer_.packet.size(), 1472U);
  EXPECT_GE(few.members.size(), 180U);
  over_stream_ = true;
  static_cast<void>(command<RoomCommand>(Version::v0f15, QunRequest<0x04>{.qun = qun}));
  EXPECT_EQ(reply<QunInfo<4>>(Version::v0f15, model::RoomShown{0, qun, &room, true}).members.size(), 500U);
}

TEST_F(QqRooms, members_are_listed_by_card_and_by_presence) {
  const std::array<model::UserCard, 2> cards{
      {{.uin = me, .nick = "我", .status = {}}, {.uin = other, .status = {.availability = model::Availability::offline}}}};
  const model::RoomMembersShown shown{0, qun, {}, cards};
  static_cast<void>(command<RoomCommand>(early, QunRequest<0x0B>{.qun = qun}));
  EXPECT_EQ(reply<QunOnline>(early, shown).members.size(), 1U);
  static_cast<void>(command<RoomCommand>(early, QunCardsRequest{.qun = qun}));
  EXPECT_EQ(reply<QunCards>(early, shown).cards.size(), 2U);
}

TEST_F(QqRooms, messages_and_notices_are_acknowledged_by_their_reader) {
  const model::RoomMessageArrived message{.room = qun, .id = 5, .from = other, .nick = "Ann",
                                          .text = model::Text::utf8("茶")};
  const auto early_packets = packets(early, RoomEvent{message});
  const auto text = only(early_packets, early).as<QunText>();
  EXPECT_EQ(early_packets.front().confirmation, Confirmation::peer);
  EXPECT_TRUE(text.push.from == qun && text.sender == other && text.external == qun);
  const auto late_packets = packets(late, RoomEvent{message});
  const auto arrived = only(late_packets, late).as<QunArrived>();
  EXPECT_EQ(late_packets.front().confirmation, Confirmation::peer);
  EXPECT_TRUE(arrived.qun == qun && arrived.sender == other);

  const model::RoomNoticed notice{.room = qun, .notice = model::RoomNotice::requested, .who = other,
                                  .reason = "please", .words = "somebody wants to join"};
  const auto event = only(packets(early, RoomEvent{notice}), early).as<QunEvent>();
  EXPECT_EQ(event.kind.type, 0x23);
  EXPECT_EQ(event.more.size(), 4U + 1 + 6);
  EXPECT_EQ(packets(early, RoomEvent{notice}).front().confirmation, Confirmation::hoped);
  EXPECT_EQ(only(packets(late, RoomEvent{notice}), late).as<ElementsArrived>().push.from, system_uin);
}

TEST_F(QqRooms, a_message_in_c_is_read_at_the_offsets_of_its_clients) {
  const model::RoomMessageArrived message{.room = qun, .id = 5, .from = other, .nick = "Ann",
                                          .text = model::Text::utf8("hi /wx there")};
  for (const Version version : {Version::v1e0d, Version::v2227}) {
    const auto sent = packets(version, RoomEvent{message});
    EXPECT_EQ(sent.front().confirmation, Confirmation::peer);
    const testing::Answer answer = only(sent, version);
    const auto& plain = answer.plaintext;
    const auto number = [&](std::size_t at, std::size_t size) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < size; ++i) value = value << 8 | plain.at(at + i);
      return value;
    };
    // Four bytes more than 002B has, before the external number; the text is in the elements at the end.
    EXPECT_EQ(number(20, 4), 0U);
    EXPECT_EQ(Uin{number(24, 4)}, qun);
    EXPECT_EQ(Uin{number(29, 4)}, other);
    EXPECT_EQ(number(35, 2), 5U);
    EXPECT_EQ(number(45, 2), plain.size() - 47);
    EXPECT_EQ(number(47, 4), 0x00010100U) << "has a font, the only part";
    EXPECT_EQ(number(57, 4), 0x4D534700U);
    const std::size_t font = number(81, 2);
    const std::size_t elements = 83 + font + 2;
    const testing::Octets face{0x02, 0x00, 0x09, 0x01, 0x00, 0x01, 0x00, 0xFF, 0x00, 0x02, 0x14, 0x4F};
    EXPECT_EQ(plain.at(elements), Element::text);
    const std::size_t face_at = elements + 3 + number(elements + 1, 2);
    ASSERT_GE(plain.size(), face_at + face.size());
    testing::Octets found{plain.begin() + static_cast<std::ptrdiff_t>(face_at),
                          plain.begin() + static_cast<std::ptrdiff_t>(face_at + face.size())};
    found[6] = 0;
    EXPECT_EQ(found, face);
    EXPECT_EQ(answer.as<LateQunArrived>().push.from, qun);
  }
}

TEST_F(QqRooms, c_asks_for_its_groups_under_0002) {
  constexpr Version libqq = Version::v2227, myqq = Version::v1e0d;
  static_cast<void>(wish<model::GetRooms>(libqq, LateQunListRequest{}));
  EXPECT_TRUE(short_reply(libqq).packet.empty()) << "comes with an event";
  const std::array rows{model::RoomRow{.number = qun}};
  EXPECT_EQ(reply<LateQunList>(libqq, model::RoomsShown{0, rows}).quns.size(), 1U);

  const auto room = room_of(3);
  const model::RoomShown shown{0, qun, &room, true};
  const auto check = [&]<Version Of>() {
    EXPECT_EQ(wish<model::GetRoom>(Of, LateQunInfoRequest{.qun = qun}).room, qun);
    const auto info = reply<LateQunInfo<Of>>(Of, shown);
    EXPECT_TRUE(info.qun == qun && info.external == qun && info.creator == me);
    EXPECT_EQ(info.name, "茶") << "in UTF-8";
    EXPECT_EQ(info.members.size(), 3U);
    EXPECT_EQ(info.more, 0);
  };
  check.operator()<Version::v1e0d>();
  check.operator()<Version::v2227>();
  EXPECT_EQ(reply<LateQunRefused>(libqq, model::RoomShown{0, qun, &room, false}).result, 0x0A);
  EXPECT_FALSE(reply<LateQunRefused>(libqq, model::RoomShown{0, qun, nullptr, false}).text.empty());

  EXPECT_EQ(wish<model::GetRoom>(libqq, Late<QunSearch>{{.external = qun}}).room, qun);
  EXPECT_EQ(reply<Late<QunSearchReply>>(libqq, model::RoomShown{0, qun, &room, false}).found.size(), 1U);
  EXPECT_EQ(wish<model::GetRoomMembers>(myqq, Late<QunRequest<0x0B>>{{.qun = qun}}).room, qun);
  const std::array<model::UserCard, 2> cards{
      {{.uin = me, .nick = "我", .status = {}}, {.uin = other, .status = {.availability = model::Availability::offline}}}};
  const model::RoomMembersShown members{0, qun, {}, cards};
  EXPECT_EQ(reply<Late<QunOnline>>(myqq, members).members.size(), 1U);
  EXPECT_EQ(wish<model::GetRoomMembers>(myqq, Late<QunCardsRequest>{{.qun = qun}}).room, qun);
  std::vector<std::string> nicks;
  reply<Late<QunCards>>(myqq, members).cards.for_each([&](const auto& card) { nicks.emplace_back(card.nick); });
  EXPECT_EQ(nicks, (std::vector<std::string>{gb("我"), ""})) << "both programs convert them";
  static_cast<void>(command<model::Acknowledged>(myqq, LateQunNamesRequest{.qun = qun}));
  EXPECT_EQ(short_reply(myqq).as<LateQunNames>().names.size(), 0U);
}

TEST_F(QqRooms, c_joins_quits_and_hears_why_not) {
  constexpr Version libqq = Version::v2227;
  EXPECT_EQ(wish<model::JoinRoom>(libqq, Late<QunRequest<0x19>>{{.qun = qun}}).room, qun);
  using model::RoomJoinResult;
  EXPECT_EQ(reply<Late<QunDone<0x19>>>(libqq, model::RoomJoinAnswered{qun, RoomJoinResult::joined}).qun, qun);
  for (const auto why : {RoomJoinResult::ask, RoomJoinResult::closed, RoomJoinResult::no_room, RoomJoinResult::full})
    EXPECT_FALSE(reply<LateQunRefused>(libqq, model::RoomJoinAnswered{qun, why}).text.empty());
  EXPECT_EQ(wish<model::LeaveRoom>(libqq, Late<QunRequest<0x09>>{{.qun = qun}}).room, qun);
  EXPECT_EQ(reply<Late<QunDone<0x09>>>(libqq, model::RoomChanged{qun}).qun, qun);
  EXPECT_EQ(reply<LateQunRefused>(libqq, model::RoomChanged{qun, RoomResult::not_allowed}).result, 0x0A);
  const std::string words = gb("请");
  const auto asks = wish<model::AskToJoinRoom>(libqq, Late<QunAuthorize>{{.qun = qun, .kind = 1, .text = words}});
  EXPECT_EQ(utf8_of(asks.reason), "请");
  EXPECT_EQ(reply<Late<QunDone<0x08>>>(libqq, model::RoomChanged{qun}).qun, qun);
  static_cast<void>(command<RoomCommand>(libqq, SendToQun{.qun = qun}));
  EXPECT_EQ(reply<QunTaken>(libqq, model::RoomChanged{qun}).result, 0);
}

TEST_F(QqRooms, members_come_page_by_page_in_c) {
  const auto room = room_of(500);
  const model::RoomShown shown{0, qun, &room, true};
  static_cast<void>(command<RoomCommand>(Version::v1e0d, LateQunInfoRequest{.qun = qun}));
  const auto info = reply<LateQunInfo<Version::v1e0d>>(Version::v1e0d, shown);
  EXPECT_LE(answer_.packet.size(), 1472U);
  std::size_t count = info.members.size();
  Uin last = info.last;
  for (bool more = info.more != 0; more && count < 1000;) {
    static_cast<void>(command<RoomCommand>(Version::v1e0d, LateQunInfoRequest{.qun = qun, .last = last}));
    const auto page = reply<LateQunMembers<Version::v1e0d>>(Version::v1e0d, shown);
    EXPECT_LE(answer_.packet.size(), 1472U);
    count += page.members.size();
    last = page.last;
    more = page.more != 0;
  }
  EXPECT_EQ(count, 500U);
  static_cast<void>(command<RoomCommand>(Version::v2227, LateQunInfoRequest{.qun = qun, .last = Uin{10200}}));
  EXPECT_GT(reply<LateQunMembers<Version::v2227>>(Version::v2227, shown).members.size(), 200U) << "the last that libqq asks for";
}

TEST_F(QqRooms, long_messages_come_in_parts) {
  const std::string text(2000, 'x');
  const model::RoomMessageArrived message{.room = qun, .id = 5, .from = other, .text = model::Text::utf8(text)};
  EXPECT_EQ(packets(early, RoomEvent{message}).size(), 3U);
  EXPECT_EQ(packets(late, RoomEvent{message}).size(), 3U);
}

}  // namespace
}  // namespace uhoh::qq
