#include "dialect/oicq/adapter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <vector>

#include "dialect/oicq/adapter_errors.hpp"
#include "dialect/oicq/adapter_tables.hpp"
#include "dialect/oicq/datagram.hpp"
#include "dialect/oicq/frame_writer.hpp"
#include "dialect/oicq/profile_fields.hpp"
#include "dialect/oicq/profile_numbers.hpp"
#include "text/convert.hpp"

namespace uhoh::oicq {
namespace {

using model::Availability;
using model::ProfileField;

constexpr Uin me{10001};
constexpr Uin other{10002};
constexpr std::uint32_t client_id = 0x1D2C3B4A;

std::string gb(std::string_view utf8) {
  std::string out;
  text::from_utf8(Charset::gb18030, utf8, out);
  return out;
}

/// Collects what the adapter sends, as dumps.
class Packets final : public PacketSink {
 public:
  [[nodiscard]] Seq16 sequence() const override { return Seq16{static_cast<std::uint16_t>(next_)}; }
  [[nodiscard]] std::uint32_t wide_sequence() const override { return next_; }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    room_.assign(size, 0xEE);
    return room_;
  }
  void push(std::size_t size, Confirmation confirmation) override {
    const Bytes frame = Bytes{room_}.first(size);
    const auto text = dump_frame(frame, wire::Direction::server_to_client);
    EXPECT_TRUE(text.has_value());
    dumps.push_back(text.value_or("?"));
    frames.emplace_back(frame.begin(), frame.end());
    confirmations.push_back(confirmation);
    if (confirmation == Confirmation::peer) ++next_;
  }
  std::vector<std::string> dumps;
  std::vector<std::vector<std::uint8_t>> frames;
  std::vector<Confirmation> confirmations;

 private:
  std::uint32_t next_ = 0;
  std::vector<std::uint8_t> room_;
};

class Adapter : public testing::Test {
 protected:
  static SessionView plain(bool over_stream = true) {
    return {.uin = me,
            .version = static_cast<std::uint8_t>(Mode::plain),
            .charset = Charset::gb18030,
            .policy = &policy(),
            .over_stream = over_stream};
  }
  static SessionView wrapped() {
    SessionView view = plain();
    view.version = static_cast<std::uint8_t>(Mode::acknowledged);
    view.client_tag = client_id;
    view.number_base = 1000;
    return view;
  }
  static const ReliabilityPolicy& policy() {
    static const ReliabilityPolicy it;
    return it;
  }

  Packets encode(const model::Event& event, const SessionView& session = plain()) const {
    Packets sink;
    dialect_.encode(event, session, sink);
    return sink;
  }
  std::string dump(const model::Event& event, const SessionView& session = plain()) const {
    const auto sink = encode(event, session);
    return fmt::format("{}", fmt::join(sink.dumps, ""));
  }

  template <class M>
  static std::vector<std::uint8_t> frame(const M& message) {
    std::vector<std::uint8_t> out(max_frame);
    out.resize(encode_frame(message, out));
    return out;
  }
  template <class M>
  static std::vector<std::uint8_t> within(const M& message, std::uint32_t sequence = 7, Uin number = me) {
    const auto inner = frame(message);
    return frame(ClientEnvelope{{number, 1, client_id, sequence, inner}});
  }
  std::expected<model::Command, FrameError> decode(const std::vector<std::uint8_t>& bytes,
                                                   const SessionView& session = plain(),
                                                   bool over_stream = true) {
    const auto info = dialect_.sniff(bytes);
    if (!info) return std::unexpected(info.error());
    return dialect_.decode(*info, bytes, &session, {.over_stream = over_stream}, scratch_);
  }
  template <class Wanted, class M>
  Wanted command(const M& message) {
    const auto got = decode(kept_.emplace_back(frame(message)));
    EXPECT_TRUE(got.has_value() && std::holds_alternative<Wanted>(*got));
    return got && std::holds_alternative<Wanted>(*got) ? std::get<Wanted>(*got) : Wanted{};
  }
  template <class M>
  std::string refusal(const M& message, bool over_stream = true) {
    const auto bytes = frame(message);
    const auto info = dialect_.sniff(bytes);
    const auto got = decode(bytes, plain(), over_stream);
    return got ? "taken" : describe(*info, got.error(), plain());
  }

  OicqDialect dialect_{OicqOptions{}};
  DecodeScratch scratch_;
  std::deque<std::vector<std::uint8_t>> kept_;
};

// ---- from the client
// -------------------------------------------------------------------------------------------

OwnProfile full_profile(const std::string& name, const std::string& city) {
  OwnProfile p;
  p.face = {name, 300};
  p.password = "secret";
  p.details = {.sex = 1,
               .age = 19,
               .real_name = "R",
               .country = 86,
               .province = 19,
               .city = city,
               .address = "A",
               .postcode = "P",
               .education = 6,
               .school = "S",
               .occupation = 2,
               .phone = "T",
               .pager = "G",
               .email = "E",
               .hobbies = "H",
               .description = "D"};
  p.authentication = 2;
  return p;
}

model::Profile applied(std::span<const model::ProfileChange> changes) {
  model::Profile profile;
  for (auto& field : profile.fields) field = "old";
  for (const auto& change : changes) {
    std::string& value = profile[change.field];
    value.clear();
    text::to_utf8(change.value.charset, change.value.bytes, value);
  }
  return profile;
}

TEST_F(Adapter, ARegistrationBringsTheWholeProfile) {
  const std::string name = gb("小红");
  const std::string city = gb("广州");
  const auto registration = command<model::Register>(Register{full_profile(name, city)});
  EXPECT_EQ(as_chars(registration.password), "secret");
  const auto profile = applied(registration.profile);
  EXPECT_EQ(profile[ProfileField::nick], "小红");
  EXPECT_EQ(profile[ProfileField::portrait], "300");
  EXPECT_EQ(profile[ProfileField::sex], "1") << "female in the model";
  EXPECT_EQ(profile[ProfileField::age], "19");
  EXPECT_EQ(profile[ProfileField::first_name], "R");
  EXPECT_EQ(profile[ProfileField::last_name], "");
  EXPECT_EQ(profile[ProfileField::country], "86");
  EXPECT_EQ(profile[ProfileField::province], "广东");
  EXPECT_EQ(profile[ProfileField::province_code], "");
  EXPECT_EQ(profile[ProfileField::city], "广州");
  EXPECT_EQ(profile[ProfileField::education_code], "6");
  EXPECT_EQ(profile[ProfileField::occupation_code], "2");
  EXPECT_EQ(profile[ProfileField::authorization], "2");
  EXPECT_EQ(profile[ProfileField::mobile], "old") << "what OICQ does not know stays";
}

TEST_F(Adapter, EveryFieldThatHasAPlaceComesBackFromAProfileThatWasChanged) {
  const std::string name = gb("小红");
  const std::string city = gb("广州");
  for (unsigned number = 0; number < 256; ++number) {
    OwnProfile own = full_profile(name, city);
    auto& d = own.details;
    d.age = d.country = d.province = d.education = d.occupation = static_cast<std::uint8_t>(number);
    const auto change = command<model::UpdateProfile>(ChangeProfile{me, own});
    const auto profile = applied(change.changes);
    const auto shown = public_profile(profile, TextStore::fresh(Charset::gb18030), 60'000);
    EXPECT_EQ(shown.face.nickname, name);
    EXPECT_EQ(shown.face.portrait, 300);
    EXPECT_EQ(shown.details.age, number);
    EXPECT_EQ(shown.details.country, number);
    EXPECT_EQ(shown.details.province, number);
    EXPECT_EQ(shown.details.education, number);
    EXPECT_EQ(shown.details.occupation, number);
    EXPECT_EQ(shown.details.real_name, "R");
    EXPECT_EQ(shown.details.city, city);
    EXPECT_EQ(shown.details.description, "D");
  }
}

TEST_F(Adapter, MessagesKeepTheirCharset) {
  const std::string said = gb("你好");
  const auto sent = command<model::SendMessage>(SendMessage{me, other, said});
  EXPECT_EQ(sent.message.from, me);
  EXPECT_EQ(sent.message.to, other);
  EXPECT_EQ(sent.message.kind, model::MessageKind::text);
  EXPECT_EQ(sent.message.text.charset, Charset::gb18030);
  EXPECT_EQ(as_chars(sent.message.text.bytes), said);
}

TEST_F(Adapter, TheOtherCommandsCarryTheirFields) {
  EXPECT_EQ(command<model::SendToGroup>(Broadcast{me, 3, "x"}).group, 3u);
  EXPECT_EQ(command<model::GetProfile>(ViewProfile{me, other}).uin, other);
  EXPECT_EQ(as_chars(command<model::AddGroup>(AddGroup{me, "work"}).name.bytes), "work");
  EXPECT_EQ(command<model::RenameGroup>(RenameGroup{me, 2, "work"}).group, 2);
  EXPECT_FALSE(command<model::RenameGroup>(RenameGroup{me, 2, "work"}).creates);
  EXPECT_EQ(command<model::DeleteGroup>(DeleteGroup{me, 2}).group, 2);
  const std::vector<Move> moves{{other, 2}, {Uin{10003}, 1}};
  const auto moved = command<model::MoveFriends>(MoveFriends{me, wire::RecordList<Move>::of(moves)});
  ASSERT_EQ(moved.places.size(), 2u);
  EXPECT_EQ(moved.places[1].uin, Uin{10003});
  EXPECT_EQ(moved.places[0].group, 2);
  const auto browse = command<model::BrowseOnline>(WhoIsOnline{me, other, 20, 1});
  EXPECT_EQ(browse.start, other);
  EXPECT_EQ(browse.count, 20);
  EXPECT_FALSE(browse.upwards);
  const auto search = command<model::SearchUsers>(Search{me, "age > 20 LIMIT 3"});
  ASSERT_NE(search.condition, nullptr);
  EXPECT_EQ(search.condition->limit, 3u);
  EXPECT_TRUE(command<model::AddFriend>(AddFriend{me, other}).answer);
  EXPECT_EQ(as_chars(command<model::AskToAdd>(AskToAdd{me, other, "please"}).reason.bytes), "please");
  EXPECT_EQ(command<model::RemoveFriend>(DeleteFriend{me, other}).uin, other);
  EXPECT_EQ(command<model::ToggleMonitor>(Monitor{me, other}).uin, other);
  EXPECT_EQ(command<model::OfferFile>(OfferFile{me, other, "a.txt", 5}).bytes, 5u);
  EXPECT_TRUE(command<model::AnswerFile>(AnswerOffer{me, other, 1}).allow);
  EXPECT_FALSE(command<model::AnswerFile>(AnswerOffer{me, other, 2}).allow) << "only 1 allows";
  const std::vector<std::uint8_t> part{1, 2, 3};
  EXPECT_EQ(command<model::SendFilePart>(FileContent{me, other, part}).part.size(), 3u);
  static_cast<void>(command<model::Ping>(ConnectionTest{me}));
  EXPECT_EQ(command<model::SendMessage>(AnswerRequest{me, other, 1}).message.kind,
            model::MessageKind::auth_granted);
  EXPECT_EQ(command<model::SendMessage>(AnswerRequest{me, other, 0}).message.kind,
            model::MessageKind::auth_refused);
}

TEST_F(Adapter, ALogInWantsFriendsAndMessages) {
  auto login = command<model::LogIn>(LogIn{me, "secret", 0});
  EXPECT_EQ(login.uin, me);
  EXPECT_TRUE(login.wants_friends && login.pushes_stored);
  EXPECT_FALSE(login.status.invisible);
  EXPECT_TRUE(command<model::LogIn>(LogIn{me, "secret", 1}).status.invisible);
}

TEST_F(Adapter, StatesOfAClientAreThoseOfTheTable) {
  EXPECT_EQ(command<model::SetStatus>(ChangeState{me, 1}).status, model::Status{});
  EXPECT_TRUE(command<model::SetStatus>(ChangeState{me, 2}).status.invisible);
  EXPECT_EQ(command<model::SetStatus>(ChangeState{me, 3}).status.availability, Availability::do_not_disturb);
  static_cast<void>(command<model::LogOff>(ChangeState{me, 4}));
}

TEST_F(Adapter, WhatMeansNothingIsRefusedInWords) {
  EXPECT_EQ(refusal(ChangeState{me, 5}),
            "Type 10: STATE must be 1 (online), 2 (hidden), 3 (do not disturb) or 4 (offline).");
  EXPECT_EQ(refusal(LogIn{me, "x", 2}), "Type 02: MODE must be 0 (normal) or 1 (invisible).");
  EXPECT_EQ(refusal(WhoIsOnline{me, other, 1, 0}), "Type 0A: DIRECTION must be 1 (smaller) or 2 (larger).");
  OwnProfile odd;
  odd.authentication = 3;
  EXPECT_EQ(refusal(ChangeProfile{me, odd}), "Type 12: AUTHENTICATION must be 0, 1 or 2.");
  EXPECT_EQ(refusal(FileContent{me, other, {}}, false), "Type 15: files go over TCP only; log in over TCP.");
  EXPECT_EQ(refusal(Search{me, gb("年龄 > 且")}),
            "The search was not understood at character 6: expected a number, or a text in single quotes.");
  const std::string long_text(5'701, 'x');
  EXPECT_EQ(refusal(SendMessage{me, other, long_text}),
            "Type 03: the text is too long; send it in several messages.");
  EXPECT_EQ(refusal(SendMessage{me, other, long_text.substr(1)}), "taken");
}

TEST_F(Adapter, BrokenFramesAreRefusedInWords) {
  const auto words = [&](const std::vector<std::uint8_t>& bytes) {
    const auto info = dialect_.sniff(bytes);
    const auto got = decode(bytes);
    return got || !info ? "?" : describe(*info, got.error(), plain());
  };
  EXPECT_EQ(words({0x81, 0x0A, 0x01, 0x16, 0, 0, 0, 2, 0, 0}),
            "Type 16: the frame ends inside a field, at byte 8.");
  EXPECT_EQ(words({0x81, 0x0A, 0x01, 0x16, 0, 0, 0, 5, 0, 0, 0x27, 0x11, 0}),
            "Type 16: the frame goes on behind its last field, at byte 12.");
  EXPECT_EQ(words({0x81, 0x0A, 0x01, 0x18, 0, 0, 0, 0}), "Type 18: there is no such type.");
  EXPECT_EQ(words({0x81, 0x0A, 0x02, 0x16, 0, 0, 0, 4, 0, 0, 0x27, 0x11}),
            "Type 16: this server takes frames that begin with 81 0A 01 only.");
}

// ---- frames
// ----------------------------------------------------------------------------------------------------

TEST_F(Adapter, AFrameSaysWhoseItIs) {
  const auto info = dialect_.sniff(frame(SendMessage{me, other, "hi"})).value();
  EXPECT_EQ(info.uin, me);
  EXPECT_TRUE(info.own_number);
  EXPECT_FALSE(info.has_sequence);
  EXPECT_FALSE(info.legal_without_session);
  EXPECT_EQ(info.version, 1);
  const auto registration = dialect_.sniff(frame(Register{})).value();
  EXPECT_EQ(registration.uin, Uin{});
  EXPECT_FALSE(registration.own_number);
  EXPECT_TRUE(registration.legal_without_session);
  EXPECT_TRUE(dialect_.sniff(frame(LogIn{me, "x", 0})).value().is_login);
  const auto test = dialect_.sniff(frame(ConnectionTest{me})).value();
  EXPECT_TRUE(test.legal_without_session && test.answered_by_dialect && test.waits_for_earlier);
  EXPECT_TRUE(test.checks_duplicates) << "in a session it is a request";
}

TEST_F(Adapter, AFrameWithin0FHasASequenceAndAnOrigin) {
  const auto bytes = within(SendMessage{me, other, "hi"}, 0x00020003);
  const auto info = dialect_.sniff(bytes).value();
  EXPECT_EQ(info.uin, me);
  EXPECT_EQ(info.command, 0x03);
  EXPECT_EQ(info.wide_sequence, 0x00020003u);
  EXPECT_EQ(info.sequence, Seq16{3});
  EXPECT_TRUE(info.wide && info.has_sequence);
  EXPECT_EQ(info.origin, std::uint64_t{me.value} << 32 | client_id);
  EXPECT_FALSE(info.legal_without_session);
  const auto got = decode(bytes);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(std::get<model::SendMessage>(*got).message.to, other);
  std::array<std::uint8_t, 64> out{};
  const auto size = dialect_.encode_acknowledgement(info, out);
  EXPECT_EQ(dump_frame(Bytes{out}.first(size), wire::Direction::server_to_client).value(),
            "< 0F ACKNOWLEDGED\n  NUMBER: 10001\n  KIND: 2\n  CLIENT_ID: 0x1d2c3b4a\n  SEQUENCE: 131075\n"
            "  INNER: (none)\n");
}

TEST_F(Adapter, ALogInWithin0FNamesItsClient) {
  const auto bytes = within(LogIn{me, "secret", 0});
  const auto info = dialect_.sniff(bytes).value();
  EXPECT_TRUE(info.is_login);
  EXPECT_EQ(info.version, 2);
  const auto got = dialect_.decode(info, bytes, nullptr, {.over_stream = false}, scratch_);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(std::get<model::LogIn>(*got).client_tag, client_id);
}

TEST_F(Adapter, BothNumbersOfA0FMustBeTheSame) {
  const auto got = decode(within(SendMessage{other, me, "hi"}));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().kind, FrameError::Kind::foreign_number);
  EXPECT_FALSE(decode(within(LogIn{me, "x", 0}, 7, Uin{})).has_value());
  EXPECT_TRUE(decode(within(Register{full_profile("x", "y")}, 7, Uin{})).has_value());
}

TEST_F(Adapter, AcknowledgementsAndHellosNeedNoService) {
  const auto ack = dialect_.sniff(frame(ClientEnvelope{{me, 2, client_id, 9, {}}})).value();
  EXPECT_TRUE(ack.is_acknowledgement && ack.wide);
  EXPECT_EQ(ack.wide_sequence, 9u);
  const auto hello = dialect_.sniff(frame(ClientEnvelope{{Uin{}, 3, client_id, 0, {}}})).value();
  EXPECT_TRUE(hello.answered_by_dialect && hello.legal_without_session);
  EXPECT_FALSE(hello.checks_duplicates);
  std::array<std::uint8_t, 64> out{};
  const auto size = dialect_.answer(hello, {}, {}, out);
  EXPECT_EQ(
      dump_frame(Bytes{out}.first(size), wire::Direction::server_to_client).value(),
      "< 0F ACKNOWLEDGED\n  NUMBER: 0\n  KIND: 3\n  CLIENT_ID: 0x1d2c3b4a\n  SEQUENCE: 0\n  INNER: (none)\n");
}

TEST_F(Adapter, OddEnvelopesAreRefused) {
  const std::vector<std::uint8_t> junk{1, 2, 3};
  for (const auto& bytes :
       {frame(ClientEnvelope{{me, 4, client_id, 9, {}}}), frame(ClientEnvelope{{me, 2, client_id, 9, junk}}),
        frame(ClientEnvelope{{me, 3, client_id, 9, junk}}),
        frame(ClientEnvelope{{me, 1, client_id, 9, junk}}), frame(ClientEnvelope{{me, 1, client_id, 9, {}}}),
        within(ClientEnvelope{{me, 2, client_id, 9, {}}})}) {
    const auto info = dialect_.sniff(bytes).value();
    EXPECT_FALSE(info.is_acknowledgement);
    EXPECT_FALSE(decode(bytes).has_value());
  }
}

TEST_F(Adapter, NoPrefixOfAFrameDecodes) {
  const auto bytes = within(SendMessage{me, other, "hi"});
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(dialect_.sniff(Bytes{bytes}.first(n)).has_value()) << n;
}

TEST_F(Adapter, ALongerContentThanConfiguredIsNoFrame) {
  const OicqDialect strict{OicqOptions{.max_content = 20}};
  EXPECT_TRUE(strict.sniff(frame(SendMessage{me, other, std::string_view{"0123456789"}})).has_value());
  EXPECT_FALSE(strict.sniff(frame(SendMessage{me, other, std::string_view{"0123456789a"}})).has_value());
  EXPECT_FALSE(strict.frame_size(frame(SendMessage{me, other, std::string_view{"0123456789a"}})).has_value());
}

// ---- to the client
// ---------------------------------------------------------------------------------------------

model::Message message_to_me(std::string_view utf8) {
  return {.from = other, .to = me, .text = model::Text::utf8(utf8)};
}

TEST_F(Adapter, MessagesAreConfirmedByTheirTransportOrByThePeer) {
  const auto bare = encode(model::MessageArrived{message_to_me("hi")});
  EXPECT_EQ(bare.dumps, std::vector<std::string>{
                            "< 03 MESSAGE\n  FLAG: 2\n  NUMBER: 10002\n  TEXT: \"hi\"\n  INFO_TYPE: 0\n"});
  EXPECT_EQ(bare.confirmations, std::vector{Confirmation::transport});
  const auto in_0f = encode(model::MessageArrived{message_to_me("hi")}, wrapped());
  EXPECT_EQ(in_0f.dumps.at(0),
            "< 0F ACKNOWLEDGED\n  NUMBER: 10001\n  KIND: 1\n  CLIENT_ID: 0x1d2c3b4a\n  SEQUENCE: 1000\n"
            "    < 03 MESSAGE\n      FLAG: 2\n      NUMBER: 10002\n      TEXT: \"hi\"\n      INFO_TYPE: 0\n");
  EXPECT_EQ(in_0f.confirmations, std::vector{Confirmation::peer});
}

TEST_F(Adapter, LongTextsAreSplitAtCharacterBoundariesAndJoinAgain) {
  std::string text;
  for (int i = 0; i < 1'900; ++i) text += "汉";
  for (const auto& [session, limit] :
       {std::pair{plain(false), max_datagram}, std::pair{wrapped(), max_datagram}}) {
    const auto sink = encode(model::MessageArrived{message_to_me(text)}, session);
    EXPECT_EQ(sink.frames.size(), 3u);
    std::string joined;
    for (const auto& sent : sink.frames) {
      EXPECT_LE(sent.size(), limit);
      Bytes inner = sent;
      if (sent[3] == 0x0F) inner = inner.subspan(envelope_size);
      const auto part = wire::decode<Message>(inner.subspan(header_size)).value();
      std::string utf8;
      EXPECT_TRUE(text::to_utf8(Charset::gb18030, as_bytes(part.text), utf8).lossless());
      joined += utf8;
    }
    EXPECT_EQ(joined, text);
  }
  EXPECT_EQ(encode(model::MessageArrived{message_to_me(text)}, plain(true)).frames.size(), 1u);
}

TEST_F(Adapter, WhatACharsetLacksIsAQuestionMarkThere) {
  SessionView session = plain();
  session.charset = Charset::cp1252;
  EXPECT_NE(dump(model::MessageArrived{message_to_me("a汉b")}, session).find("\"a?b\""), std::string::npos);
}

TEST_F(Adapter, TheListOfALogInHoldsGroupsAndFriends) {
  const model::FriendList list{{{.number = 1,
                                 .name = "friends",
                                 .friends = {{.uin = other, .nick = "Bob", .portrait = 300, .status = {}}}},
                                {.number = 2, .name = "work", .friends = {}}}};
  EXPECT_EQ(dump(model::LoggedIn{.uin = me, .friends = &list}),
            "< 02 LOGGED_IN\n  SUCCESS: 1\n  GROUPS: [{NAME: \"friends\", GROUP: 1, FRIENDS: [{FRIEND: "
            "10002, PORTRAIT: 44, "
            "STATE: 1, NICKNAME: \"Bob\"}]}, {NAME: \"work\", GROUP: 2, FRIENDS: []}]\n");
}

TEST_F(Adapter, AListThatPassesADatagramGoesOnAsSingleFriends) {
  model::FriendList list{
      {{.number = 1, .name = "friends", .friends = {}}, {.number = 7, .name = "last", .friends = {}}}};
  for (std::uint32_t i = 0; i < 300; ++i)
    list.groups[0].friends.push_back({.uin = Uin{20'000 + i}, .nick = "somebody", .status = {}});
  const auto sink = encode(model::LoggedIn{.uin = me, .friends = &list}, plain(false));
  EXPECT_LE(sink.frames.at(0).size(), max_datagram);
  std::size_t listed = 0;
  const auto first = wire::decode<LoggedIn>(Bytes{sink.frames[0]}.subspan(header_size)).value();
  EXPECT_EQ(first.groups->size(), 2u) << "every group has its name";
  first.groups->for_each([&](const FriendGroup& group) { listed += group.friends.size(); });
  EXPECT_GT(listed, 70u);
  EXPECT_EQ(listed + sink.frames.size() - 1, 300u);
  for (std::size_t i = 1; i < sink.frames.size(); ++i) EXPECT_EQ(sink.frames[i][3], FriendAdded::command);
  const auto over_tcp = encode(model::LoggedIn{.uin = me, .friends = &list}, plain(true));
  EXPECT_EQ(over_tcp.frames.size(), 1u);
  const auto whole = wire::decode<LoggedIn>(Bytes{over_tcp.frames[0]}.subspan(header_size)).value();
  EXPECT_EQ(whole.groups->size(), 3u) << "255 friends in a group at most, the others in a further one";
}

TEST_F(Adapter, PeopleWhoWereFoundFillFrames) {
  std::vector<model::UserCard> cards(
      60, {.uin = other, .nick = std::string(50, 'n'), .city = std::string(50, 'c')});
  const auto page = encode(model::UsersFound{.browse = true, .users = cards}, plain(false));
  EXPECT_EQ(page.frames.size(), 1u);
  EXPECT_LE(page.frames[0].size(), max_datagram);
  const auto found = encode(model::UsersFound{.users = std::span{cards}.first(50)}, plain(false));
  std::size_t users = 0;
  for (const auto& sent : found.frames) {
    EXPECT_LE(sent.size(), max_datagram);
    users += wire::decode<SearchResult>(Bytes{sent}.subspan(header_size)).value().users.size();
  }
  EXPECT_EQ(users, 50u);
  EXPECT_EQ(dump(model::UsersFound{.ok = false}), "< 0A SEARCH_RESULT\n  SUCCESS: 0\n  USERS: []\n");
}

TEST_F(Adapter, AProfileFitsADatagramHoweverLongItsTextsAre) {
  model::Profile profile;
  for (auto& field : profile.fields) field = std::string(3'000, 'x');
  for (const auto field : {ProfileField::sex, ProfileField::age, ProfileField::portrait})
    profile[field] = "2";
  for (const auto& session : {plain(false), wrapped()}) {
    const auto sink = encode(model::ProfileShown{.uin = other, .profile = &profile}, session);
    ASSERT_EQ(sink.frames.size(), 1u);
    EXPECT_LE(sink.frames[0].size(), max_datagram);
  }
  EXPECT_EQ(dump(model::ProfileShown{.uin = other}), "< 04 PROFILE\n  SUCCESS: 0\n  NUMBER: 10002\n");
}

TEST_F(Adapter, TheOtherEventsCarryTheirFields) {
  EXPECT_EQ(dump(model::LogInRefused{me}), "< 02 LOGGED_IN\n  SUCCESS: 0\n");
  EXPECT_EQ(dump(model::Registered{.uin = me}), "< 01 REGISTERED\n  SUCCESS: 1\n  NUMBER: 10001\n");
  EXPECT_EQ(dump(model::RegistrationRefused{}), "< 01 REGISTERED\n  SUCCESS: 0\n  NUMBER: 0\n");
  EXPECT_EQ(dump(model::ContactOffline{other}), "< 15 FRIEND_STATE\n  FRIEND: 10002\n  STATE: 4\n");
  EXPECT_EQ(dump(model::ContactStatus{other, {.availability = Availability::occupied}}),
            "< 15 FRIEND_STATE\n  FRIEND: 10002\n  STATE: 3\n");
  EXPECT_EQ(dump(model::OwnStatus{me, {.invisible = true}}),
            "< 10 STATE_CHANGED\n  NUMBER: 10001\n  STATE: 2\n");
  EXPECT_EQ(dump(model::FriendAddAnswered{other, model::FriendAddResult::ask_offline}),
            "< 0B ADD_RESULT\n  FLAG: 4\n  FRIEND: 10002\n");
  const model::UserCard card{.uin = other, .nick = "Bob", .portrait = 300, .status = {}};
  EXPECT_EQ(dump(model::FriendAdded{&card}),
            "< 0C FRIEND_ADDED\n  FRIEND: 10002\n  NICKNAME: \"Bob\"\n  PORTRAIT: 300\n  STATE: 1\n");
  EXPECT_EQ(dump(model::FriendRemoved{other, true}), "< 0E FRIEND_DELETED\n  SUCCESS: 1\n  FRIEND: 10002\n");
  EXPECT_EQ(dump(model::GroupChanged{model::GroupChanged::What::added, true, 2, "work"}),
            "< 05 GROUP_ADDED\n  SUCCESS: 1\n  GROUP: 2\n  NAME: \"work\"\n");
  EXPECT_EQ(dump(model::GroupChanged{model::GroupChanged::What::renamed, false, 2, "work"}),
            "< 06 GROUP_RENAMED\n  SUCCESS: 0\n  GROUP: 2\n  NAME: \"work\"\n");
  EXPECT_EQ(dump(model::GroupChanged{model::GroupChanged::What::deleted, true, 2, ""}),
            "< 07 GROUP_DELETED\n  SUCCESS: 1\n  GROUP: 2\n");
  EXPECT_EQ(dump(model::FriendsMoved{false}), "< 08 FRIENDS_MOVED\n  SUCCESS: 0\n");
  EXPECT_EQ(dump(model::ProfileUpdated{.form = model::UpdateForm::whole_profile}),
            "< 11 PROFILE_CHANGED\n  SUCCESS: 1\n");
  EXPECT_EQ(dump(model::ProfileUpdated{.form = model::UpdateForm::update_info}), "");
  EXPECT_EQ(dump(model::FileOffered{other, model::Text::utf8("a.txt"), 5}),
            "< 12 FILE_OFFERED\n  FRIEND: 10002\n  NAME: \"a.txt\"\n  FILE_LENGTH: 5\n");
  EXPECT_EQ(dump(model::FileAnswered{other, true}), "< 13 OFFER_ANSWERED\n  FRIEND: 10002\n  ALLOW: 1\n");
  const std::vector<std::uint8_t> part{1, 2};
  EXPECT_EQ(dump(model::FilePartArrived{other, part}, wrapped()),
            "< 14 FILE_PART\n  FRIEND: 10002\n  PART: 01 02\n")
      << "never within 0F";
  EXPECT_EQ(dump(model::FilePartArrived{other, part}, plain(false)), "") << "never over UDP";
  EXPECT_EQ(dump(model::Pong{me}), "< 16 CONNECTION_TEST\n  NUMBER: 10001\n");
  EXPECT_EQ(dump(model::SystemNotice{"no"}),
            "< 03 MESSAGE\n  FLAG: 1\n  NUMBER: 0\n  TEXT: \"no\"\n  INFO_TYPE: 0\n");
  EXPECT_EQ(dump(model::Broadcast{"noon"}),
            "< 03 MESSAGE\n  FLAG: 1\n  NUMBER: 0\n  TEXT: \"noon\"\n  INFO_TYPE: 0\n");
  EXPECT_EQ(dump(model::MessageCopied{message_to_me("hi")}),
            "< 03 MESSAGE\n  FLAG: 1\n  NUMBER: 10002\n  TEXT: \"10002 -> 10001: hi\"\n  INFO_TYPE: 0\n");
  EXPECT_NE(dump(model::NoSuchUser{.uin = other}).find("number 10002"), std::string::npos);
  EXPECT_EQ(dump(model::ContactsProcessed{}), "");
}

TEST_F(Adapter, StrangersGetNoTextsOverUdp) {
  const auto answer = [&](const model::Event& event, bool over_stream) {
    std::array<std::uint8_t, 1472> out{};
    const StrangerRequest request{.moment = {.over_stream = over_stream}};
    const auto info = dialect_.sniff(within(LogIn{me, "x", 0})).value();
    const auto size = dialect_.encode_for_stranger(event, info, request, out);
    return size == 0 ? "" : dump_frame(Bytes{out}.first(size), wire::Direction::server_to_client).value();
  };
  EXPECT_EQ(answer(model::LogInRefused{me}, false), "< 02 LOGGED_IN\n  SUCCESS: 0\n");
  EXPECT_EQ(answer(model::NotConnected{}, false), "< 10 STATE_CHANGED\n  NUMBER: 10001\n  STATE: 4\n");
  EXPECT_EQ(answer(model::ServerBusy{}, false), "");
  EXPECT_NE(answer(model::ServerBusy{}, true), "");
  EXPECT_EQ(answer(model::Kicked{}, true), "");
}

TEST_F(Adapter, ATestIsAnsweredAlsoWithoutASession) {
  const auto answer = [&](const std::vector<std::uint8_t>& bytes) {
    std::array<std::uint8_t, 64> out{};
    const auto info = dialect_.sniff(bytes).value();
    EXPECT_TRUE(info.answered_by_dialect);
    const auto size = dialect_.answer(info, bytes, {}, out);
    EXPECT_LE(size, bytes.size());
    return dump_frame(Bytes{out}.first(size), wire::Direction::server_to_client).value();
  };
  EXPECT_EQ(answer(frame(ConnectionTest{me})), "< 16 CONNECTION_TEST\n  NUMBER: 10001\n");
  EXPECT_EQ(answer(within(ConnectionTest{me})), "< 10 STATE_CHANGED\n  NUMBER: 10001\n  STATE: 4\n")
      << "whoever wraps it believes that he has a session";
}

TEST_F(Adapter, WhoIsReplacedIsToldInWordsAndByHisState) {
  const auto sink = encode(model::Kicked{});
  ASSERT_EQ(sink.dumps.size(), 2u);
  EXPECT_NE(sink.dumps[0].find("logged in elsewhere"), std::string::npos);
  EXPECT_EQ(sink.dumps[1], "< 10 STATE_CHANGED\n  NUMBER: 10001\n  STATE: 4\n");
}

TEST_F(Adapter, ARefusalWithin0FIsAcknowledgedSoThatItDoesNotComeAgain) {
  const auto bytes = within(Search{me, "?"});
  const auto info = dialect_.sniff(bytes).value();
  const auto got = decode(bytes, wrapped());
  ASSERT_FALSE(got.has_value());
  Packets sink;
  dialect_.encode_error(info, got.error(), wrapped(), sink);
  ASSERT_EQ(sink.dumps.size(), 3u);
  EXPECT_NE(sink.dumps[0].find("KIND: 2"), std::string::npos);
  EXPECT_EQ(sink.confirmations[0], Confirmation::none);
  EXPECT_NE(sink.dumps[1].find("< 0A SEARCH_RESULT\n      SUCCESS: 0"), std::string::npos);
  EXPECT_NE(sink.dumps[2].find("at character 1"), std::string::npos);
}

}  // namespace
}  // namespace uhoh::oicq
