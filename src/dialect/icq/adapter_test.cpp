#include "dialect/icq/adapter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/icq/adapter_status.hpp"
#include "dialect/icq/adapter_text.hpp"
#include "dialect/icq/icq_dialect.hpp"

namespace uhoh::icq {
namespace {

using namespace std::string_view_literals;
using model::Availability;
using model::MessageKind;

std::vector<std::uint8_t> unhex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) bytes.push_back(static_cast<std::uint8_t>(value));
    if (digits % 2 == 0) value = 0;
  }
  return bytes;
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t b : bytes) {
    text += "0123456789abcdef"[b / 16];
    text += "0123456789abcdef"[b % 16];
  }
  return text;
}

/// Keeps what an event became.
class Packets final : public PacketSink {
 public:
  [[nodiscard]] Seq16 sequence() const override {
    return {static_cast<std::uint16_t>(first_ + packets.size())};
  }
  [[nodiscard]] MutableBytes room(std::size_t size) override {
    EXPECT_LE(size, 1472U);
    room_.assign(size, 0xEE);
    return room_;
  }
  void push(std::size_t size, Confirmation) override { packets.push_back(hex(Bytes{room_}.first(size))); }

  std::vector<std::string> packets;

 private:
  std::size_t first_ = 7;
  std::vector<std::uint8_t> room_;
};

class Adapter : public ::testing::Test {
 protected:
  /// Decodes a datagram of user 0x11 (17); the command looks into members of this fixture.
  std::expected<model::Command, FrameError> decode(std::string_view datagram_hex) {
    datagram_ = unhex(datagram_hex);
    const auto frame = dialect_.sniff(datagram_);
    if (!frame) return std::unexpected(frame.error());
    return dialect_.decode(*frame, datagram_, &view_, {}, scratch_);
  }
  template <class C>
  C command(std::string_view datagram_hex) {
    const auto decoded = decode(datagram_hex);
    if (!decoded || !std::holds_alternative<C>(*decoded)) {
      ADD_FAILURE() << datagram_hex << " does not become the command";
      return {};
    }
    return std::get<C>(*decoded);
  }
  std::vector<std::string> encode(const model::Event& event) {
    Packets sink;
    dialect_.encode(event, view_, sink);
    return sink.packets;
  }
  std::string encode_one(const model::Event& event) {
    const auto packets = encode(event);
    EXPECT_EQ(packets.size(), 1U);
    return packets.empty() ? "" : packets.front();
  }
  /// What a message of this type and text, sent by a client, becomes at another client in `to`.
  std::string relayed(std::string_view datagram_hex, Charset to) {
    const model::Message message = command<model::SendMessage>(datagram_hex).message;
    const Charset from = std::exchange(view_.charset, to);
    const std::string packet = encode_one(model::MessageArrived{message});
    view_.charset = from;
    return packet;
  }

  IcqOptions options_;
  IcqDialect dialect_{options_};
  SessionView view_{.uin = Uin{17}, .version = 2};
  DecodeScratch scratch_;
  std::vector<std::uint8_t> datagram_;
};

std::string chars(const model::Text& text) { return std::string{as_chars(text.bytes)}; }

// Commands.

TEST_F(Adapter, reads_a_log_in_as_captured) {
  const auto c = command<model::LogIn>(
      "0200e803010037000000956000000900736563726574353500720004007f000001060000000003000000020000000000040072"
      "00");
  EXPECT_EQ(c.uin, view_.uin);
  EXPECT_EQ(as_chars(c.password), "secret55");
  EXPECT_EQ(c.inner_address, IpAddress::v4(0x7F000001));
  EXPECT_EQ(c.tcp_port, 0x6095U);
  EXPECT_EQ(c.tcp_version, 3U);
  EXPECT_EQ(c.client_tag, 6U);
  EXPECT_EQ(c.login_sequence, 2);
  EXPECT_EQ(c.status.availability, Availability::online);
}

TEST_F(Adapter, takes_the_number_of_a_stranger_from_the_header) {
  datagram_ = unhex(
      "0200e803010037000000956000000900736563726574353500720004007f000001060000000003000000020000000000040072"
      "00");
  const auto frame = dialect_.sniff(datagram_);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->is_login);
  EXPECT_TRUE(frame->legal_without_session);
  const auto c = dialect_.decode(*frame, datagram_, nullptr, {}, scratch_);
  ASSERT_TRUE(c);
  EXPECT_EQ(std::get<model::LogIn>(*c).uin, Uin{0x37});
}

TEST_F(Adapter, reads_commands_without_parameters) {
  command<model::KeepAlive>("02002e041600 11000000");
  command<model::KeepAlive>("02001e051600 11000000");
  command<model::FetchStored>("02004c041600 11000000");
  command<model::ConfirmStored>("020042041600 11000000");
  command<model::AskRegistration>("0200ec040100");
  command<model::AskLogIn>("0200f2030100 0600 11000000 0400 61626300 00000000");
  command<model::Acknowledged>("020028051600 11000000 00");
}

TEST_F(Adapter, reads_both_text_codes) {
  command<model::LogOff>("0200380417005d0000001400425f555345525f444953434f4e4e4543544544000500");
  command<model::ResendPending>("0200380417005d0000000e00425f4d4553534147455f41434b000400");
}

TEST_F(Adapter, reads_lists_with_either_count) {
  const auto one_byte = command<model::WatchContacts>("02000604 0400 11000000 02 2c000000 2d000000");
  ASSERT_EQ(one_byte.contacts.size(), 2U);
  EXPECT_EQ(one_byte.contacts[1], Uin{0x2D});
  const auto two_bytes = command<model::WatchContacts>("02000604 0400 11000000 0002 2c000000 2d000000");
  ASSERT_EQ(two_bytes.contacts.size(), 2U);
  EXPECT_EQ(two_bytes.contacts[0], Uin{0x2C});
  EXPECT_EQ(command<model::SetPrivacyList>("0200ae06 1400 11000000 01 5e000000").list,
            model::PrivacyList::visible);
  EXPECT_EQ(command<model::SetPrivacyList>("0200a406 1400 11000000 01 5e000000").list,
            model::PrivacyList::invisible);
}

TEST_F(Adapter, knows_the_client_that_counts_to_1023) {
  view_.client_tag = 6;
  EXPECT_TRUE(command<model::WatchContacts>("02000604 0500 11000000 01 2c000000").client_counts_to_1023);
  EXPECT_FALSE(command<model::WatchContacts>("02000604 0400 11000000 01 2c000000").client_counts_to_1023);
  view_.client_tag = 4;
  EXPECT_FALSE(command<model::WatchContacts>("02000604 0500 11000000 01 2c000000").client_counts_to_1023);
}

TEST_F(Adapter, reads_searches_and_questions) {
  const auto by_number = command<model::FindByNumber>("02001a04 0500 11000000 0900 2c000000");
  EXPECT_EQ(by_number.query, 9);
  EXPECT_EQ(by_number.uin, Uin{0x2C});
  const auto by_name =
      command<model::FindByDetails>("020024040c00 11000000 0c00 0400666f6f00 0100 00 0100 00 0100 00");
  EXPECT_EQ(by_name.query, 12);
  EXPECT_EQ(chars(by_name.nick), "foo");
  EXPECT_TRUE(by_name.email.empty());
  EXPECT_EQ(command<model::GetBasicProfile>("02006004 0700 11000000 0700 2b020000").uin, Uin{555});
  EXPECT_EQ(command<model::GetExtendedProfile>("02006a04 0700 11000000 0700 2b020000").query, 7);
}

TEST_F(Adapter, reads_profiles_as_captured) {
  const auto new_user = command<model::UpdateBasicProfile>(
      "0200a6040d00 11000000 0d00 05006e69636b00 060066697273740005006c61737400 0400654078 00 00");
  EXPECT_EQ(new_user.form, model::UpdateForm::new_user_info);
  EXPECT_EQ(chars(new_user.nick), "nick");
  EXPECT_EQ(chars(new_user.email), "e@x");
  EXPECT_EQ(new_user.authorization, model::Authorization::required);
  EXPECT_FALSE(new_user.keep_authorization);
  const auto update = command<model::UpdateBasicProfile>(
      "02000a050d00 11000000 0900 03006e6e00 0300666600 03006c6c00 050065654078 00 01");
  EXPECT_EQ(update.form, model::UpdateForm::update_info);
  EXPECT_EQ(update.authorization, model::Authorization::open);
  EXPECT_TRUE(command<model::UpdateBasicProfile>(
                  "02000a050d00 11000000 0900 03006e6e00 0300666600 03006c6c00 050065654078 00")
                  .keep_authorization);
  const auto extended = command<model::UpdateExtendedProfile>(
      "0200b0040e00 11000000 0e00 05004369747900 2e00 00 0300535400 2100 02 040031323300 "
      "0900687474703a2f2f6800 060061626f757400");
  EXPECT_EQ(chars(extended.city), "City");
  EXPECT_EQ(extended.country, 46);
  EXPECT_EQ(extended.age, 33);
  EXPECT_EQ(extended.sex, model::Sex::male);
  EXPECT_EQ(chars(extended.about), "about");
  EXPECT_EQ(command<model::UpdateExtendedProfile>(
                "0200b0040e00 11000000 0e00 010000 2e00 9c 010000 ffff 07 010000 010000 010000")
                .country,
            model::ExtendedProfile::not_entered);
}

TEST_F(Adapter, reads_what_changes_an_account) {
  EXPECT_EQ(command<model::SetAuthorization>("02001405 0d00 11000000 01").authorization,
            model::Authorization::open);
  EXPECT_EQ(command<model::SetAuthorization>("02001405 0d00 11000000 24110000 00").authorization,
            model::Authorization::required);
  EXPECT_EQ(as_chars(command<model::ChangePassword>("02009c04 0d00 11000000 0100 0500 70617373 00").password),
            "pass");
  EXPECT_EQ(command<model::AddFriend>("02003c05 0600 11000000 8f762000").uin, Uin{2127503});
  const auto with_nul = command<model::Register>("0200fc030100 0200 0400 65666700 72000000 00000000");
  EXPECT_EQ(as_chars(with_nul.password), "efg");
  EXPECT_EQ(with_nul.query, 2);
  EXPECT_EQ(as_chars(command<model::Register>("0200fc030100 0200 0300 65666700 72000000 00000000").password),
            "efg");
}

TEST_F(Adapter, reads_directory_and_random_chat) {
  EXPECT_FALSE(command<model::QueryDirectory>("0200ba04 0600 11000000").add_ons);
  EXPECT_TRUE(command<model::QueryDirectory>("0200c404 0600 11000000 00000000").add_ons);
  EXPECT_EQ(command<model::SetRandomGroup>("02006405 0600 11000000 04000000").group, 4U);
  EXPECT_EQ(command<model::FindRandom>("02006e05 0600 11000000 0b00").group, 11U);
}

// Status.

TEST(AdapterStatus, knows_do_not_disturb_in_both_codings) {
  for (const std::uint32_t word : {0x11U, 0x02U, 0x13U, 0x12U, 0x0001'0011U, 0x111U})
    EXPECT_EQ(status_from_wire(word).availability, Availability::do_not_disturb) << word;
  EXPECT_TRUE(status_from_wire(0x111).invisible);
}

TEST(AdapterStatus, reads_and_keeps_every_other_word) {
  const std::pair<std::uint32_t, Availability> words[] = {
      {0x00, Availability::online},        {0x01, Availability::away},
      {0x04, Availability::not_available}, {0x05, Availability::not_available},
      {0x10, Availability::occupied},      {0x20, Availability::free_for_chat},
      {0x100, Availability::online},       {0x80000, Availability::online}};
  for (const auto& [word, availability] : words) {
    const model::Status status = status_from_wire(word);
    EXPECT_EQ(status.availability, availability) << word;
    EXPECT_EQ(status.invisible, (word & 0x100) != 0) << word;
    EXPECT_EQ(status_to_wire(status), word);
  }
}

TEST(AdapterStatus, derives_a_word_for_what_came_from_elsewhere) {
  EXPECT_EQ(status_to_wire({Availability::do_not_disturb, false, model::Status::no_code}), 0x13U);
  EXPECT_EQ(status_to_wire({Availability::not_available, false, model::Status::no_code}), 0x05U);
  EXPECT_EQ(status_to_wire({Availability::online, true, model::Status::no_code}), 0x100U);
  // QQ's codes: 0A online, 1E away.
  EXPECT_EQ(status_to_wire({Availability::online, false, 0x0A}), 0x00U);
  EXPECT_EQ(status_to_wire({Availability::away, false, 0x1E}), 0x01U);
}

// Messages.

TEST_F(Adapter, relays_text_byte_for_byte_within_a_charset) {
  // FE is a letter in a text.
  EXPECT_EQ(relayed("02000e010700 11000000 37000000 0100 0400 e4fe1b 00", Charset::cp1252),
            "020004010700"
            "11000000"
            "0100"
            "0400"
            "e4fe1b00");
}

TEST_F(Adapter, converts_text_between_charsets) {
  view_.charset = Charset::cp1251;
  EXPECT_EQ(relayed("02000e010700 11000000 37000000 0100 0400 eef2fe 00", Charset::koi8_r),
            "020004010700"
            "11000000"
            "0100"
            "0400"
            "cfd4c000");
}

TEST_F(Adapter, keeps_the_flag_of_a_message_to_several) {
  const auto message =
      command<model::SendMessage>("02000e010700 11000000 37000000 0180 0300 6869 00").message;
  EXPECT_EQ(message.kind, MessageKind::text);
  EXPECT_EQ(message.from, Uin{17});
  EXPECT_EQ(message.to, Uin{0x37});
  EXPECT_EQ(encode_one(model::MessageArrived{message}),
            "020004010700"
            "11000000"
            "0180"
            "0300"
            "686900");
}

TEST_F(Adapter, separates_a_url_at_the_last_separator) {
  const auto message =
      command<model::SendMessage>("02000e010900 11000000 5e000000 0400 0800 61fe62fe 682f2f 00").message;
  EXPECT_EQ(message.kind, MessageKind::url);
  EXPECT_EQ(chars(message.text),
            "a\xFE"
            "b\x1Eh//");
  EXPECT_EQ(encode_one(model::MessageArrived{message}),
            "020004010700"
            "11000000"
            "0400"
            "0800"
            "61fe62fe682f2f00");
}

TEST_F(Adapter, tells_a_separator_from_half_of_a_chinese_character) {
  view_.charset = Charset::gb18030;
  // B0 FE is a character, the FE after it separates.
  const auto message =
      command<model::SendMessage>("02000e010900 11000000 5e000000 0600 0600 b0fefec4e3 00").message;
  EXPECT_EQ(message.kind, MessageKind::auth_request);
  EXPECT_EQ(chars(message.text), "\xB0\xFE\x1E\xC4\xE3");
}

TEST_F(Adapter, reads_authorisation_by_either_command) {
  for (const auto header : {"02000e010900 11000000 5e000000"sv, "020056040900 11000000 5e000000"sv}) {
    const std::string h{header};
    const auto request = command<model::SendMessage>(h + "0600 0d00 6efe66fe6cfe65fe31fe7768 00").message;
    EXPECT_EQ(request.kind, MessageKind::auth_request);
    EXPECT_EQ(chars(request.text),
              "n\x1E"
              "f\x1El\x1E"
              "e\x1E"
              "1\x1Ewh");
    const auto reason_alone = command<model::SendMessage>(h + "0600 0300 7768 00").message;
    EXPECT_EQ(chars(reason_alone.text),
              "\x1E\x1E\x1E\x1E"
              "1\x1Ewh");
    const auto refused = command<model::SendMessage>(h + "0700 0300 6e6f 00").message;
    EXPECT_EQ(refused.kind, MessageKind::auth_refused);
    EXPECT_EQ(chars(refused.text), "no");
    const auto granted = command<model::SendMessage>(h + "0800 0100 00").message;
    EXPECT_EQ(granted.kind, MessageKind::auth_granted);
    EXPECT_TRUE(granted.text.empty());
    EXPECT_TRUE(command<model::SendMessage>(h + "0800 0200 0300").message.text.empty());
  }
}

TEST_F(Adapter, relays_contacts_and_you_were_added) {
  const auto contacts =
      command<model::SendMessage>("02000e010900 11000000 5e000000 1300 0a00 31fe3137fe6e696bfe 00").message;
  EXPECT_EQ(contacts.kind, MessageKind::contacts);
  EXPECT_EQ(chars(contacts.text),
            "1\x1E"
            "17\x1Enik");
  EXPECT_EQ(encode_one(model::MessageArrived{contacts}),
            "020004010700"
            "11000000"
            "1300"
            "0a00"
            "31fe3137fe6e696bfe00");
  EXPECT_EQ(relayed("02000e010900 11000000 5e000000 0c00 0a00 6efe66fe6cfe65fe31 00", Charset::cp1252),
            "020004010700"
            "11000000"
            "0c00"
            "0a00"
            "6efe66fe6cfe65fe3100");
}

TEST_F(Adapter, lets_no_client_speak_as_the_server) {
  for (const auto type : {"0900"sv, "0d00"sv, "0e00"sv}) {
    const auto message =
        command<model::SendMessage>("02000e010900 11000000 5e000000" + std::string{type} + "0200 61 00")
            .message;
    EXPECT_EQ(message.kind, MessageKind::other);
    EXPECT_EQ(encode_one(model::MessageArrived{message}).substr(12, 8), "11000000");
  }
}

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
