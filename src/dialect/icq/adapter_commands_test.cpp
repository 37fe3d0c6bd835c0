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

TEST_F(Adapter, reads_a_login_in_the_order_of_net_icq) {
  // PORT, password, USER_IP, STATUS, LOGIN_SEQ_NUM, X1, X2, X3, X4, X5.
  const auto login = command<model::LogIn>(
      "0200e803 0100 11000000 00001000 0700 73656372657400 00000000 01000000 0001 78000000 04 02000000 00000000 08007800");
  EXPECT_EQ(as_chars(login.password), "secret");
  EXPECT_EQ(login.status.availability, model::Availability::away);
  EXPECT_EQ(login.tcp_version, 2U);
  EXPECT_EQ(login.client_tag, 4U);
  EXPECT_EQ(login.login_sequence, 1U);
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

}  // namespace
}  // namespace uhoh::icq
