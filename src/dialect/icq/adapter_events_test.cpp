#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dialect/icq/adapter.hpp"
#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/adapter_text.hpp"
#include "dialect/icq/testing/adapter_fixture.hpp"

namespace uhoh::icq {
namespace {

using namespace std::string_view_literals;
using model::Availability;
using model::MessageKind;

TEST_F(Adapter, sends_a_web_pager_message_from_10) {
  const model::Message message{Uin{99}, Uin{17}, MessageKind::web_pager, 0,
                               model::Text::utf8("Bob\x1E"
                                                 "b@x\x1Ehi")};
  EXPECT_EQ(encode_one(model::MessageArrived{message}),
            "020004010700"
            "0a000000"
            "0d00"
            "0f00"
            "426f62fefefe624078fe33fe686900");
}

TEST_F(Adapter, splits_long_text_between_characters) {
  view_.charset = Charset::gb18030;
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\xC4\xE3";
  const model::Message message{Uin{99}, Uin{17}, MessageKind::text, 1, {as_bytes(text), Charset::gb18030}};
  const auto packets = encode(model::MessageArrived{message});
  ASSERT_EQ(packets.size(), 3U);
  std::string together;
  for (const auto& packet : packets) {
    const std::size_t body = 2 * 14;
    EXPECT_LE(packet.size() - body, 2 * 451U);
    together += packet.substr(body, packet.size() - body - 2);
  }
  EXPECT_EQ(together, hex(as_bytes(text)));
  EXPECT_EQ(packets[1].substr(8, 4), "0800");
}

TEST_F(Adapter, sends_an_empty_text_as_one_packet) {
  const model::Message message{Uin{99}, Uin{17}, MessageKind::text, 0, {}};
  EXPECT_EQ(encode_one(model::MessageArrived{message}),
            "020004010700"
            "63000000"
            "0100"
            "0100"
            "00");
}

TEST_F(Adapter, bounds_the_packets_of_one_message) {
  const std::string text(20'000, 'x');
  const model::Message message{Uin{99}, Uin{17}, MessageKind::text, 0, model::Text::utf8(text)};
  EXPECT_EQ(encode(model::MessageArrived{message}).size(), 15U);
}

TEST_F(Adapter, cuts_the_description_and_leaves_the_url) {
  const std::string text = std::string(600, 'd') + "\x1Ehttp://h/" + std::string(100, 'u');
  const model::Message message{Uin{99}, Uin{17}, MessageKind::url, 0, model::Text::utf8(text)};
  const std::string packet = encode_one(model::MessageArrived{message});
  EXPECT_EQ(packet.size(), 2 * (14 + 451U));
  EXPECT_TRUE(packet.ends_with(hex(as_bytes("\xFEhttp://h/" + std::string(100, 'u'))) + "00"));
}

TEST_F(Adapter, leaves_contacts_out_that_do_not_fit) {
  std::string text = "40";
  for (int i = 0; i < 40; ++i)
    text +=
        "\x1E"
        "1234567\x1Enick-of-ten";
  const model::Message message{Uin{99}, Uin{17}, MessageKind::contacts, 0, model::Text::utf8(text)};
  const std::string packet = encode_one(model::MessageArrived{message});
  EXPECT_EQ(packet.substr(28, 6), "3232fe");  // "22": 446 bytes for 22 pairs of 20
  EXPECT_LE(packet.size(), 2 * (14 + 451U));
}

TEST_F(Adapter, dates_stored_messages_in_gmt) {
  using namespace std::chrono;
  const model::Message message{Uin{555}, Uin{17}, MessageKind::text, 1,
                               model::Text::utf8("this is an offline message")};
  const WallTime accepted = sys_days{year{1998} / 4 / 12} + hours{12} + minutes{34} + seconds{56};
  EXPECT_EQ(encode_one(model::StoredMessageArrived{message, accepted}),
            "0200dc000700"
            "2b020000"
            "ce07"
            "04"
            "0c"
            "0c"
            "22"
            "0100"
            "1b00"
            "7468697320697320616e206f66666c696e65206d65737361676500");
  EXPECT_EQ(encode_one(model::StoredMessagesEnd{}),
            "0200e600"
            "0700"
            "11000000");
}

// Other events.

TEST_F(Adapter, confirms_a_log_in_with_its_timers) {
  EXPECT_EQ(encode_one(model::LoggedIn{Uin{0x37}, IpAddress::v4(0x7F000001), 2}),
            "02005a000700"
            "37000000"
            "7f000001"
            "0200"
            "01000100"
            "19001600"
            "8c000000"
            "7800"
            "0a00"
            "0a00"
            "0600"
            "0100");
}

TEST_F(Adapter, shows_contacts) {
  model::ContactPresence contact{Uin{0x2C}, status_from_wire(0x20011), {}};
  contact.contact = {IpAddress::v4(0xC0A80001), IpAddress::v4(0x0A000001), 0x0001EF9A, 3};
  EXPECT_EQ(encode_one(model::ContactOnline{contact}),
            "02006e000700"
            "2c000000"
            "c0a80001"
            "9aef0100"
            "0a000001"
            "04"
            "11000200"
            "03000000");
  EXPECT_EQ(encode_one(model::ContactStatus{Uin{0x2C}, status_from_wire(1)}),
            "0200a4010700"
            "2c000000"
            "01000000");
  EXPECT_EQ(encode_one(model::ContactOffline{Uin{0x2C}}),
            "020078000700"
            "2c000000");
  contact.status = {Availability::offline, false, model::Status::no_code};
  EXPECT_EQ(encode_one(model::ContactOnline{contact}),
            "020078000700"
            "2c000000");
  EXPECT_EQ(encode_one(model::ContactStatus{Uin{0x2C}, contact.status}),
            "020078000700"
            "2c000000");
  EXPECT_EQ(encode_one(model::ContactsProcessed{}),
            "02001c020700"
            "11000000");
}

TEST_F(Adapter, shows_profiles_in_the_sessions_charset) {
  const model::FoundUser user{Uin{555}, {"Nick", "J\xC3\xBCrgen", "", "n@x", model::Authorization::closed}};
  const std::string body =
      "0700"
      "2b020000"
      "05004e69636b00"
      "07004afc7267656e00"
      "010000"
      "04006e407800"
      "00";
  EXPECT_EQ(encode_one(model::UserFound{7, &user}), "02008c000700" + body);
  EXPECT_EQ(encode_one(model::BasicProfileShown{7, &user}), "020018010700" + body);
  EXPECT_EQ(encode_one(model::SearchEnd{7, true}),
            "0200a0000700"
            "0700"
            "01");
  model::ExtendedProfile profile;
  EXPECT_EQ(encode_one(model::ExtendedProfileShown{7, Uin{555}, &profile}),
            "020022010700"
            "0700"
            "2b020000"
            "010000"
            "ffff"
            "9c"
            "010000"
            "ffff"
            "00"
            "010000"
            "010000"
            "010000");
  profile.city = "K\xC3\xB6ln";
  profile.country = 49;
  profile.age = 30;
  profile.sex = model::Sex::female;
  EXPECT_EQ(encode_one(model::ExtendedProfileShown{7, Uin{555}, &profile}),
            "020022010700"
            "0700"
            "2b020000"
            "05004bf66c6e00"
            "3100"
            "fe"
            "010000"
            "1e00"
            "01"
            "010000"
            "010000"
            "010000");
}

TEST_F(Adapter, fits_the_longest_profile_into_a_datagram) {
  model::ExtendedProfile profile;
  for (std::string* text : {&profile.city, &profile.state, &profile.phone, &profile.homepage, &profile.about})
    *text = std::string(5000, 'x');
  encode_one(model::ExtendedProfileShown{7, Uin{555}, &profile});
  const std::string long_text(5000, 'x');
  const model::FoundUser user{Uin{555}, {long_text, long_text, long_text, long_text, {}}};
  encode_one(model::UserFound{7, &user});
}

TEST_F(Adapter, answers_updates_in_the_form_that_was_used) {
  using model::ProfileUpdated;
  using model::UpdateForm;
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::new_user_info, true}),
            "0200b4000700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::new_user_info, false}),
            "0200be000700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::update_info, true}),
            "0200e0010700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::update_info, false}),
            "0200ea010700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::update_extended, true}),
            "0200c8000700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::update_extended, false}),
            "0200d2000700"
            "0100");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::authorization, true}), "0200f4010700");
  EXPECT_EQ(encode_one(ProfileUpdated{1, UpdateForm::authorization, false}), "0200fe010700");
}

TEST_F(Adapter, refuses_and_ends) {
  EXPECT_EQ(encode_one(model::NoSuchUser{3, Uin{5}}),
            "02002c010700"
            "05000000");
  EXPECT_EQ(encode_one(model::NoExtendedProfile{3, Uin{5}}),
            "020036010700"
            "0300"
            "05000000");
  EXPECT_EQ(encode_one(model::Kicked{}), "020028000700");
  EXPECT_EQ(encode_one(model::ServerBusy{}), "0200fa000700");
  EXPECT_EQ(encode_one(model::NotConnected{}), "0200f0000700");
  EXPECT_EQ(encode_one(model::LogInRefused{Uin{5}, 2}),
            "020064000700"
            "0200"
            "05000000");
  EXPECT_EQ(encode_one(model::Registered{2, Uin{10001}}),
            "020046000700"
            "0200"
            "11270000");
}

TEST_F(Adapter, shows_directory_and_random_users) {
  EXPECT_EQ(encode_one(model::DirectoryEntry{false, 1, "uhoh", "h", 4000}),
            "020082000700"
            "01"
            "01000000"
            "050075686f6800"
            "02006800"
            "a00f0000");
  model::ContactPresence contact{Uin{5}, status_from_wire(0x20), {IpAddress::v4(1), IpAddress::v4(2), 3, 4}};
  const std::string packet = encode_one(model::RandomUser{contact});
  EXPECT_EQ(packet,
            "02004e020700"
            "05000000"
            "00000001"
            "03000000"
            "00000002"
            "04"
            "20000000"
            "04000000"
            "00000000"
            "00000000"
            "00000000");
  EXPECT_EQ(packet.size(), 2 * (6 + 37U));
  EXPECT_EQ(encode_one(model::RandomUser{{}}).substr(12, 8), "00000000");
}

TEST_F(Adapter, broadcasts_in_the_form_that_is_configured) {
  EXPECT_EQ(encode_one(model::Broadcast{"h\xC3\xBC"}),
            "020004010700"
            "10270000"
            "0900"
            "0300"
            "68fc00");
  options_.broadcast = BroadcastForm::system_message;
  const IcqDialect with_button{options_};
  Packets sink;
  with_button.encode(model::Broadcast{"see http://x/ now"}, view_, sink);
  ASSERT_EQ(sink.packets.size(), 1U);
  EXPECT_EQ(sink.packets[0],
            "0200c2010700"
            "10270000"
            "0900"
            "120073656520687474703a2f2f782f206e6f7700"
            "0a00687474703a2f2f782f00"
            "03004f4b00");
}

// Frames, strangers, bad input.

TEST_F(Adapter, takes_the_rules_of_a_frame_from_its_row) {
  const auto frame = [&](std::string_view text) {
    datagram_ = unhex(text);
    return dialect_.sniff(datagram_).value();
  };
  const FrameInfo keepalive = frame("02002e041600 11000000");
  EXPECT_EQ(keepalive.uin, Uin{17});
  EXPECT_EQ(keepalive.sequence, Seq16{0x16});
  EXPECT_FALSE(keepalive.checks_duplicates);
  EXPECT_FALSE(keepalive.legal_without_session);
  EXPECT_TRUE(frame("02000a001600 11000000").is_acknowledgement);
  EXPECT_TRUE(frame("02001a041600 11000000").repeats_reply);
  EXPECT_FALSE(frame("02000e011600 11000000").repeats_reply);
  const FrameInfo registration = frame("0200fc030100");
  EXPECT_TRUE(registration.legal_without_session);
  EXPECT_EQ(registration.uin, Uin{});
  EXPECT_EQ(registration.body_offset, 6);
}

TEST_F(Adapter, acknowledges_with_the_clients_number) {
  datagram_ = unhex("02002e041600 11000000");
  std::uint8_t out[16];
  const std::size_t size = dialect_.encode_acknowledgement(dialect_.sniff(datagram_).value(), out);
  EXPECT_EQ(hex(Bytes{out}.first(size)), "02000a001600");
}

TEST_F(Adapter, answers_strangers_with_the_number_of_the_failed_packet) {
  datagram_ = unhex("02000e012a00 11000000");
  const FrameInfo frame = dialect_.sniff(datagram_).value();
  const auto answer = [&](const model::Event& event) {
    std::uint8_t out[64];
    return hex(Bytes{out}.first(dialect_.encode_for_stranger(event, frame, {}, out)));
  };
  EXPECT_EQ(answer(model::NotConnected{}), "0200f0002a00");
  EXPECT_EQ(answer(model::ServerBusy{}), "0200fa002a00");
  EXPECT_EQ(answer(model::Kicked{}), "020028002a00");
  EXPECT_EQ(answer(model::LogInRefused{Uin{17}, 2}),
            "020064000000"
            "0200"
            "11000000");
  EXPECT_EQ(answer(model::Registered{2, Uin{10001}}),
            "020046002a00"
            "0200"
            "11270000");
  EXPECT_EQ(answer(model::ContactsProcessed{}), "");
}

TEST_F(Adapter, says_where_bad_input_is_bad) {
  const auto error = [&](std::string_view text) { return decode(text).error(); };
  EXPECT_EQ(error("0300 2e04 1600 11000000").kind, FrameError::Kind::not_this_dialect);
  EXPECT_EQ(error("0200 2e04").kind, FrameError::Kind::truncated);
  EXPECT_EQ(error("0200 3412 1600 11000000").kind, FrameError::Kind::unknown_command);
  EXPECT_EQ(error("0200 3412 1600 11000000").offset, 2);
  const FrameError truncated = error("0200 0e01 1600 11000000 37000000 0100 0900 6869");
  EXPECT_EQ(truncated.kind, FrameError::Kind::truncated);
  EXPECT_EQ(truncated.offset, 18);
  const FrameError list = error("0200 0604 1600 11000000 0001 37000000 37");
  EXPECT_EQ(list.kind, FrameError::Kind::bad_length);
}

}  // namespace
}  // namespace uhoh::icq
