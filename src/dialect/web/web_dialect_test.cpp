#include "dialect/web/web_dialect.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dialect/web/json_reader.hpp"
#include "dialect/web/operations.hpp"

namespace uhoh::web {
namespace {

/// Keeps the packets of an event as texts.
class Packets final : public PacketSink {
 public:
  Seq16 sequence() const override { return Seq16{static_cast<std::uint16_t>(number_)}; }
  std::uint32_t wide_sequence() const override { return number_; }
  const FrameInfo* request() const override { return request_; }
  MutableBytes room(std::size_t size) override {
    room_.resize(size);
    return room_;
  }
  void push(std::size_t size, Confirmation confirmation) override {
    texts.emplace_back(as_chars(Bytes{room_}.first(size)));
    confirmed.push_back(confirmation == Confirmation::peer);
    if (confirmation == Confirmation::peer) ++number_;
  }
  void answer(const FrameInfo& frame) { request_ = &frame; }

  std::vector<std::string> texts;
  std::vector<bool> confirmed;

 private:
  std::uint32_t number_ = 0;
  const FrameInfo* request_ = nullptr;
  std::vector<std::uint8_t> room_;
};

struct Web : testing::Test {
  WebDialect dialect;
  DecodeScratch scratch;
  SessionView session{.uin = Uin{10001}, .version = 0, .charset = Charset::utf8, .over_stream = true};

  std::expected<model::Command, FrameError> read(std::string_view text, bool stranger = false) {
    const auto frame = dialect.sniff(as_bytes(text));
    if (!frame) return std::unexpected(frame.error());
    return dialect.decode(*frame, as_bytes(text), stranger ? nullptr : &session, {}, scratch);
  }
  std::vector<std::string> write(const model::Event& event) {
    Packets packets;
    dialect.encode(event, session, packets);
    return packets.texts;
  }
};

std::vector<std::string> examples(std::string_view who) {
  std::ifstream in{std::filesystem::path{UHOH_SOURCE_DIR} / "docs/protocol/web.md"};
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```" + std::string{who})
      inside = true;
    else if (line == "```")
      inside = false;
    else if (inside)
      found.push_back(line);
  }
  return found;
}

TEST_F(Web, reads_the_examples_of_its_page_and_no_beginning_of_them) {
  const auto all = examples("client");
  ASSERT_GE(all.size(), 6u);
  for (const auto& text : all) {
    const auto frame = dialect.sniff(as_bytes(text));
    ASSERT_TRUE(frame) << text;
    if (frame->is_acknowledgement) continue;
    EXPECT_TRUE(read(text)) << text;
    for (std::size_t size = 0; size < text.size(); ++size)
      EXPECT_FALSE(dialect.sniff(as_bytes(std::string_view{text}.substr(0, size)))) << text.substr(0, size);
  }
}

TEST_F(Web, writes_the_examples_of_its_page) {
  const model::Message message{.from = Uin{10001}, .text = model::Text::utf8("hello"), .name = 255};
  const model::RoomMessageArrived room_message{.room = Uin{2'000'000'000},
                                               .id = 7,
                                               .from = Uin{10002},
                                               .nick = "Bob",
                                               .text = model::Text::utf8("hello"),
                                               .accepted = WallTime{std::chrono::seconds{900'000'000}}};
  const std::vector<std::string> written{
      write(model::MessageArrived{message}).at(0),
      write(model::RoomEvent{room_message}).at(0),
      write(model::ContactStatus{Uin{10002}, {.availability = model::Availability::do_not_disturb}}).at(0)};
  EXPECT_EQ(written, examples("server"));
}

TEST_F(Web, tells_messages_apart_by_client_and_number) {
  const auto frame = dialect.sniff(as_bytes(R"({"op":"send","client":"abcdefgh","seq":70000,"to":5,"text":"x"})"));
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->has_sequence);
  EXPECT_EQ(frame->wide_sequence, 70000u);
  EXPECT_NE(frame->origin, 0u);
  const auto other = dialect.sniff(as_bytes(R"({"op":"send","client":"abcdefgi","seq":70000,"to":5,"text":"x"})"));
  EXPECT_NE(frame->origin, other->origin);
  EXPECT_FALSE(read(R"({"op":"send","seq":1,"to":5,"text":"x"})")) << "without a name of the client";
  EXPECT_FALSE(read(R"({"op":"send","client":"abcdefgh","to":5,"text":"x"})")) << "without a number";
}

TEST_F(Web, takes_a_log_in_from_the_gateway_alone) {
  constexpr std::string_view login = "{\"op\":\"login\",\"uin\":10001,\"invisible\":true}";
  EXPECT_FALSE(dialect.sniff(as_bytes(login)));
  const auto marked = std::string{gateway_mark} + std::string{login};
  const auto command = read(marked, true);
  ASSERT_TRUE(command);
  const auto& log_in = std::get<model::LogIn>(*command);
  EXPECT_TRUE(log_in.proven && log_in.status.invisible && log_in.password.empty());
  EXPECT_EQ(log_in.uin, Uin{10001});
  EXPECT_FALSE(dialect.sniff(as_bytes(std::string{gateway_mark} + R"({"op":"ping"})")));
}

TEST_F(Web, undoes_escapes_and_refuses_what_is_no_text) {
  const auto text_in = [&](std::string_view json) -> std::string {
    const auto text = R"({"op":"send","client":"abcdefgh","seq":1,"to":5,"text":")" + std::string{json} + "\"}";
    const auto command = read(text);
    return command ? std::string{as_chars(std::get<model::SendMessage>(*command).message.text.bytes)} : "refused";
  };
  EXPECT_EQ(text_in(R"(a\"\\\/\n\t\u00e4\u4f60\ud83d\ude00)"), "a\"\\/\n\tä你😀");
  EXPECT_EQ(text_in(R"(\ud83d alone)"), "\xEF\xBF\xBD alone");
  EXPECT_EQ(text_in(R"(\u0000)"), "refused");
  EXPECT_EQ(text_in(R"(\u001e)"), "refused") << "it divides the fields of a message";
  EXPECT_EQ(text_in("\xC3"), "refused");
  EXPECT_EQ(text_in("a\nb"), "refused") << "a line end must be written as an escape";
  EXPECT_EQ(text_in(std::string(4001, 'x')), "refused");
}

TEST_F(Web, survives_json_of_every_depth_and_breadth) {
  EXPECT_FALSE(dialect.sniff(as_bytes(R"({"op":"ping","x":)" + std::string(10'000, '[') + std::string(10'000, ']') + "}")));
  std::string wide = R"({"op":"ping")";
  for (unsigned i = 0; i < 40; ++i) wide += ",\"m" + std::to_string(i) + "\":0";
  EXPECT_FALSE(dialect.sniff(as_bytes(wide + "}")));
  for (const auto* bad : {"", "{}", "[]", "null", R"({"op":1})", R"({"op":"ping"} x)", R"({"op":"ping",})", R"({"op":"ping","a":01})",
                          R"({"op":"ping","a":+1})", R"({"op":"ping","a":1.})", R"({"op":"ping","a":"\x"})", R"({"op":"ping","seq":-1})"})
    EXPECT_FALSE(dialect.sniff(as_bytes(bad))) << bad;
}

TEST_F(Web, sends_long_texts_in_parts_that_fit_their_packets) {
  std::string text;
  for (unsigned i = 0; i < 1500; ++i) text += i % 3 == 0 ? "\"" : "你";
  Packets packets;
  dialect.encode(model::MessageArrived{{.from = Uin{5}, .text = model::Text::utf8(text)}}, session, packets);
  ASSERT_GT(packets.texts.size(), 2u);
  std::string joined;
  for (std::size_t i = 0; i < packets.texts.size(); ++i) {
    EXPECT_TRUE(packets.confirmed[i]);
    EXPECT_LE(packets.texts[i].size(), 1472u);
    const JsonObject packet{packets.texts[i]};
    ASSERT_TRUE(packet.valid());
    EXPECT_EQ(packet["more"].boolean().value_or(false), i + 1 < packets.texts.size());
    std::vector<std::uint8_t> room;
    room.reserve(4000);
    joined += text_of(packet["text"], room).value();
  }
  EXPECT_EQ(joined, text);
}

TEST_F(Web, shows_texts_of_every_charset) {
  const std::array<std::uint8_t, 4> gb{0xC4, 0xE3, 0xBA, 0xC3};
  const auto packets = write(model::MessageArrived{{.from = Uin{5}, .text = {gb, Charset::gb18030}}});
  EXPECT_NE(packets.at(0).find("你好"), std::string::npos);
}

TEST_F(Web, names_the_question_in_its_answer) {
  const auto frame = dialect.sniff(as_bytes(R"({"op":"ping","seq":77})"));
  Packets packets;
  packets.answer(*frame);
  dialect.encode(model::Pong{}, session, packets);
  EXPECT_EQ(packets.texts.at(0), R"({"op":"pong","re":77})");
  dialect.encode_error(*frame, {.kind = FrameError::Kind::not_taken}, session, packets);
  EXPECT_EQ(packets.texts.at(1), R"({"op":"error","kind":"not_taken","re":77})");
}

TEST_F(Web, acknowledges_messages_alone) {
  std::array<std::uint8_t, 64> room{};
  const auto acknowledgement = [&](std::string_view words) {
    return std::string{as_chars(Bytes{room}.first(dialect.encode_acknowledgement(*dialect.sniff(as_bytes(words)), room)))};
  };
  EXPECT_EQ(acknowledgement(R"({"op":"send","client":"abcdefgh","seq":77,"to":5,"text":"x"})"), R"({"op":"ack","seq":77})");
  EXPECT_EQ(acknowledgement(R"({"op":"ping","seq":77})"), "") << "its answer names it";
  EXPECT_EQ(acknowledgement(std::string{gateway_mark} + R"({"op":"login","uin":10001,"seq":77})"), "")
      << "77 is the newest message, which may not have come";
}

TEST_F(Web, writes_lists_of_any_length) {
  model::FriendList list;
  list.groups.push_back({.number = 1, .name = "friends"});
  for (std::uint32_t i = 0; i < 500; ++i)
    list.groups[0].friends.push_back({.uin = Uin{10'000 + i}, .nick = std::string(300, '"')});
  list.groups.push_back({.number = 2, .name = "empty"});
  std::size_t friends = 0;
  const auto packets = write(model::FriendsShown{.list = &list});
  for (const auto& text : packets) {
    const JsonObject packet{text};
    ASSERT_TRUE(packet.valid());
    for (JsonElements each{packet["friends"]}; each.next();) ++friends;
    EXPECT_EQ(packet["more"].boolean().value_or(false), &text != &packets.back());
  }
  EXPECT_EQ(friends, 500u);
}

TEST_F(Web, carries_pieces_of_files) {
  std::string command = R"({"op":"file_part","to":5,"part":"AAECAwQ="})";
  const auto part = read(command);
  ASSERT_TRUE(part);
  const std::vector<std::uint8_t> expected{0, 1, 2, 3, 4};
  const auto bytes = std::get<model::SendFilePart>(*part).part;
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end()));
  EXPECT_EQ(write(model::FilePartArrived{Uin{5}, expected}).at(0), R"({"op":"file_part","from":5,"part":"AAECAwQ="})");
  EXPECT_FALSE(read(R"({"op":"file_part","to":5,"part":"A*=="})"));
}

TEST_F(Web, speaks_of_rooms) {
  const auto about = [&](std::string_view text) {
    const auto command = read(text);
    EXPECT_TRUE(command) << text;
    return command ? std::get<model::RoomCommand>(*command) : model::RoomCommand{};
  };
  const auto made = std::get<model::CreateRoom>(
      about(R"({"op":"create_room","name":"Tea","joining":"open","members":[10002,10003]})"));
  EXPECT_EQ(made.joining, model::RoomJoining::open);
  EXPECT_EQ(made.members.size(), 2U);
  EXPECT_EQ(std::get<model::JoinRoom>(about(R"({"op":"join_room","room":2000000000})")).room, Uin{2'000'000'000});
  EXPECT_TRUE(std::get<model::AnswerRoomRequest>(
                  about(R"({"op":"answer_room","room":2000000000,"uin":5,"grant":true})")).grant);
  EXPECT_FALSE(read(R"({"op":"join_room","room":10001})")) << "no number of a room";
  EXPECT_FALSE(read(R"({"op":"create_room","name":"Tea","members":[2000000000]})"));
  const auto sent = read(R"({"op":"send","client":"abcdefgh","seq":1,"to":2000000000,"text":"hello"})");
  ASSERT_TRUE(sent);
  const auto& written = std::get<model::SendToRoom>(std::get<model::RoomCommand>(*sent));
  EXPECT_EQ(written.room, Uin{2'000'000'000});
  EXPECT_EQ(as_chars(written.text.bytes), "hello");
  EXPECT_FALSE(read(R"({"op":"send","client":"abcdefgh","seq":1,"to":2000000000,"kind":"auth_granted"})"));
  EXPECT_FALSE(read(R"({"op":"send","client":"abcdefgh","seq":1,"to":2000000000})")) << "nothing to read";

  const Uin number{2'000'000'000};
  const model::Room room{.number = number,
                         .profile = {.name = "Tea"},
                         .owner = Uin{10001},
                         .members = {{Uin{10001}, model::RoomRole::owner}, {Uin{10002}}}};
  EXPECT_EQ(write(model::RoomEvent{model::RoomShown{0, number, &room, true}}).at(0),
            R"({"op":"room","room":2000000000,"found":true,"name":"Tea","notice":"","description":"","joining":"ask",)"
            R"("owner":10001,"member":true,"members":[{"uin":10001,"role":"owner"},{"uin":10002,"role":"member"}]})");
  EXPECT_EQ(write(model::RoomEvent{model::RoomJoinAnswered{number, model::RoomJoinResult::ask}}).at(0),
            R"({"op":"room_joined","room":2000000000,"result":"ask"})");
  const std::vector<model::RoomRow> rows{{number, "Tea", model::RoomRole::member}};
  EXPECT_EQ(write(model::RoomEvent{model::RoomsShown{0, rows}}).at(0),
            R"({"op":"rooms","rooms":[{"room":2000000000,"name":"Tea","role":"member"}]})");
  const std::vector<model::UserCard> cards(100, model::UserCard{.uin = Uin{10002}, .nick = "Bob"});
  EXPECT_EQ(write(model::RoomEvent{model::RoomMembersShown{0, number, {}, cards}}).size(), 3U);
}

TEST_F(Web, says_who_wrote_in_a_room) {
  const Uin number{2'000'000'000};
  model::RoomMessageArrived message{.room = number,
                                    .id = 7,
                                    .from = Uin{10002},
                                    .nick = "Bob",
                                    .text = model::Text::utf8("hello"),
                                    .accepted = WallTime{std::chrono::seconds{900'000'000}}};
  Packets packets;
  dialect.encode(model::RoomEvent{message}, session, packets);
  ASSERT_EQ(packets.texts.size(), 1U);
  EXPECT_TRUE(packets.confirmed.at(0)) << "the client acknowledges it";
  EXPECT_TRUE(packets.texts[0].starts_with(R"({"op":"room_message","seq":0,"room":2000000000,"from":10002,"nick":"Bob","id":")"))
      << packets.texts[0];
  EXPECT_TRUE(packets.texts[0].ends_with(R"("at":900000000,"text":"hello"})")) << packets.texts[0];
  const std::string nick(500, 'n'), text(4000, 't');
  message.nick = nick;
  message.text = model::Text::utf8(text);
  const auto parts = write(model::RoomEvent{message});
  EXPECT_EQ(parts.size(), 4U);
  for (const auto& part : parts) EXPECT_LE(part.size(), 1472U);

  const std::string reason(3000, '"');
  EXPECT_EQ(write(model::RoomEvent{model::RoomNoticed{.room = number,
                                                      .notice = model::RoomNotice::requested,
                                                      .who = Uin{10003},
                                                      .nick = "Eve",
                                                      .reason = "please",
                                                      .name = "Tea"}})
                .at(0),
            R"({"op":"room_notice","seq":0,"room":2000000000,"notice":"requested","uin":10003,"nick":"Eve",)"
            R"("name":"Tea","reason":"please"})");
  EXPECT_LE(write(model::RoomEvent{model::RoomNoticed{.room = number, .nick = reason, .reason = reason, .name = reason}})
                .at(0).size(), 1472U);
}

TEST_F(Web, tells_only_of_a_message_to_a_room_that_was_refused) {
  const Uin number{2'000'000'000};
  const auto answers = [&](std::string_view asked, model::RoomResult result) {
    const auto frame = dialect.sniff(as_bytes(asked));
    Packets packets;
    packets.answer(*frame);
    dialect.encode(model::RoomEvent{model::RoomChanged{number, result}}, session, packets);
    return packets.texts;
  };
  constexpr std::string_view message = R"({"op":"send","client":"abcdefgh","seq":9,"to":2000000000,"text":"hello"})";
  EXPECT_TRUE(answers(message, model::RoomResult::ok).empty());
  EXPECT_EQ(answers(message, model::RoomResult::not_allowed).at(0),
            R"({"op":"room_changed","re":9,"room":2000000000,"result":"not_allowed"})");
  EXPECT_EQ(answers(R"({"op":"leave_room","seq":9,"room":2000000000})", model::RoomResult::ok).size(), 1U);
}

TEST_F(Web, gives_every_operation_its_number_for_ever) {
  std::uint16_t last = 0;
  for (const auto& operation : operations()) {
    EXPECT_EQ(operation.number, last + 1) << operation.name;
    last = operation.number;
    EXPECT_FALSE(operation.meaning.empty());
  }
}

}  // namespace
}  // namespace uhoh::web
