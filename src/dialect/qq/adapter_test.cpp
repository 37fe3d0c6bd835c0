#include "dialect/qq/adapter.hpp"

#include "dialect/qq/adapter_status.hpp"
#include "dialect/qq/adapter_text.hpp"
#include "dialect/qq/packet.hpp"
#include "dialect/qq/testing/adapter_fixture.hpp"
#include "wire/testing/vectors.hpp"

namespace uhoh::qq {
namespace {

using namespace std::string_literals;
using model::Availability;
using model::MessageKind;
using testing::Answer;
using testing::gb;
using testing::me;
using testing::Octets;
using testing::other;
using testing::Sent;
using testing::utf8_of;

constexpr std::array a_version_of_each{Version::v0d55, Version::v0f5f, Version::v111d, Version::v2227,
                                       Version::v3639};

class QqAdapter : public testing::Adapter {
 protected:
  /// The texts that a client of this version reads from an event's packets, joined, without the blank at the
  /// end.
  std::string text_read_by(Version version, const model::Event& event, std::size_t* parts = nullptr) {
    std::string all;
    const auto sent = packets(version, event);
    for (const Sent& one : sent) {
      EXPECT_LE(one.packet.size(), 1472U);
      EXPECT_EQ(one.confirmation, Confirmation::peer);
      const Answer answer = open(one, version);
      if (gen_cd.has(version)) {
        answer.as<ElementsArrived>().text.elements.for_each([&](const Element& element) {
          if (element.type != Element::text) return;
          all += as_chars(element.content.subspan(3));
        });
        continue;
      }
      const auto [fragment, text] = gen_a2.has(version)
                                        ? std::pair{answer.as<SpacedTextArrived>().fragment, answer.as<SpacedTextArrived>().text}
                                        : std::pair{answer.as<TextArrived>().fragment, answer.as<TextArrived>().text};
      EXPECT_EQ(fragment.count, sent.size());
      EXPECT_EQ(std::size_t{fragment.index}, static_cast<std::size_t>(&one - sent.data()));
      all += text.text;
    }
    if (gen_ab.has(version)) {
      EXPECT_TRUE(all.ends_with(' '));
      all.pop_back();
    }
    if (parts != nullptr) *parts = sent.size();
    return all;
  }
  static model::Event arrived(MessageKind kind, model::Text text) {
    return model::MessageArrived{{.from = other, .to = me, .kind = kind, .text = text}};
  }
};

// ---- messages from clients ----

TEST_F(QqAdapter, takes_texts_of_a_and_b_in_the_accounts_charset) {
  for (const Version version : {Version::v0d55, Version::v0f5f, Version::v111d}) {
    const std::string text = gb("\xE4\xBD\xA0 \x14\x4F ");
    const auto got = command<model::SendMessage>(
        version, SendText{.from = me, .to = other, .peer = {.from = me, .to = other}, .text = {text, {}}});
    EXPECT_EQ(got.message.from, me);
    EXPECT_EQ(got.message.to, other);
    EXPECT_EQ(got.message.kind, MessageKind::text);
    EXPECT_EQ(got.message.text.charset, Charset::gb18030);
    EXPECT_EQ(utf8_of(got.message.text), "\xE4\xBD\xA0 /wx");
    EXPECT_EQ(short_reply(version).as<TextTaken>().result, 0);
  }
}

TEST_F(QqAdapter, takes_elements_of_c_and_d_as_utf8) {
  for (const Version version : {Version::v2227, Version::v3639}) {
    const std::string content = "\x01\x00\x05hello"s;
    const std::array all{Element{Element::text, as_bytes(content)}};
    RichText text{.font = "Tahoma"};
    text.elements = wire::RecordList<Element>::of(all);
    const auto got = command<model::SendMessage>(
        version, SendElements{.from = me, .to = other, .peer = {.from = me, .to = other}, .text = text});
    EXPECT_EQ(got.message.to, other);
    EXPECT_EQ(utf8_of(got.message.text), "hello");
    EXPECT_EQ(short_reply(version).as<ElementsTaken>().result, 0);
  }
}

TEST_F(QqAdapter, the_sender_is_who_has_the_session) {
  const auto got = command<model::SendMessage>(
      Version::v0d55,
      SendText{.from = other, .to = other, .peer = {.from = other, .to = other}, .text = {"x", {}}});
  EXPECT_EQ(got.message.from, me);
}

TEST_F(QqAdapter, a_text_beyond_the_limit_is_refused) {
  const std::string text(5'701, 'x');
  EXPECT_FALSE(meaning(Version::v0d55, SendText{.from = me, .to = other, .text = {text, {}}}).has_value());
}

TEST_F(QqAdapter, what_clients_negotiate_goes_through_as_it_is) {
  const Octets file(40, 0x77), digest(16, 0x11);
  const PeerHeader peer{
      .version = 0x0D55, .from = me, .to = other, .session_digest = digest, .subtype = 0x0035};
  const auto a = command<model::PassToPeer>(
      Version::v0d55, SendToPeer{.from = me, .to = other, .peer = peer, .content = file});
  EXPECT_EQ(a.to, other);
  EXPECT_EQ(short_reply(Version::v0d55).as<TextTaken>().result, 0);
  const Octets data_a{a.data.begin(), a.data.end()};
  const auto d = command<model::PassToPeer>(
      Version::v3639, SendOther{.from = me, .to = other, .peer = peer, .content = file});
  EXPECT_EQ(short_reply(Version::v3639).as<ElementsTaken>().result, 0);
  const Octets data_d{d.data.begin(), d.data.end()};

  for (const Version version : a_version_of_each) {
    const bool late = gen_cd.has(version);
    const auto sent =
        packets(version, model::PeerPassed{other, late ? d.kind : a.kind, late ? data_d : data_a});
    const Answer answer = only(sent, version);
    EXPECT_EQ(sent.front().confirmation, Confirmation::hoped);
    const auto check = [&](const auto& arrived) {
      EXPECT_EQ(arrived.push.from, other);
      EXPECT_EQ(arrived.push.to, me);
      EXPECT_EQ(arrived.peer.subtype, 0x0035);
      EXPECT_TRUE(std::ranges::equal(arrived.peer.session_digest, digest));
      EXPECT_TRUE(std::ranges::equal(arrived.content, file));
    };
    if (late)
      check(answer.as<OtherArrived>());
    else
      check(answer.as<FromPeerArrived>());
    EXPECT_TRUE(packets(version, model::PeerPassed{other, late ? a.kind : d.kind, file}).empty())
        << "the other family's";
  }
}

TEST_F(QqAdapter, nobody_negotiates_in_anothers_name) {
  const Octets file(40);
  for (const PeerHeader& peer : {PeerHeader{.from = other, .to = other, .subtype = 0x0035},
                                 PeerHeader{.from = me, .to = me, .subtype = 0x0035}}) {
    EXPECT_FALSE(meaning(Version::v0d55, SendToPeer{.from = me, .to = other, .peer = peer, .content = file}));
    EXPECT_FALSE(meaning(Version::v3639, SendOther{.from = me, .to = other, .peer = peer, .content = file}));
  }
}

// ---- messages to clients ----

TEST_F(QqAdapter, shows_texts_in_each_generations_form) {
  const auto event = arrived(MessageKind::text, model::Text::utf8("\xE4\xBD\xA0 /wx"));
  for (const Version version : {Version::v0d55, Version::v111d}) {
    const Answer answer = only(packets(version, event), version);
    const auto got = answer.as<TextArrived>();
    EXPECT_EQ(got.push.from, other);
    EXPECT_EQ(got.push.to, me);
    EXPECT_EQ(got.peer.from, other);
    EXPECT_EQ(got.kind.type, 0x0009);
    EXPECT_EQ(got.header.time, 1'800'000'000U);
    EXPECT_EQ(got.text.text, gb("\xE4\xBD\xA0 \x14\x4F "));
    EXPECT_EQ(got.text.tail.size(), 13U);
  }
  const Answer spaced = only(packets(Version::v0f5f, event), Version::v0f5f);
  EXPECT_EQ(spaced.as<SpacedTextArrived>().kind.type, 0x0084);
  EXPECT_EQ(spaced.as<SpacedTextArrived>().text.text, gb("\xE4\xBD\xA0 \x14\x4F "));
  for (const Version version : {Version::v2227, Version::v3639}) {
    const Answer answer = only(packets(version, event), version);
    const auto got = answer.as<ElementsArrived>();
    EXPECT_EQ(got.push.from, other);
    std::vector<std::uint8_t> types;
    got.text.elements.for_each([&](const Element& one) { types.push_back(one.type); });
    EXPECT_EQ(types, (std::vector{Element::text, Element::face, Element::filler}));
  }
}

TEST_F(QqAdapter, kept_messages_bring_their_own_time) {
  const model::StoredMessageArrived event{{.from = other, .to = me, .text = model::Text::utf8("old")},
                                          WallTime{std::chrono::seconds{1'700'000'000}}};
  EXPECT_EQ(only(packets(Version::v0d55, event), Version::v0d55).as<TextArrived>().header.time,
            1'700'000'000U);
  EXPECT_EQ(only(packets(Version::v3639, event), Version::v3639).as<ElementsArrived>().text.time,
            1'700'000'000U);
}

TEST_F(QqAdapter, an_automatic_answer_stays_one) {
  const auto meant = command<model::SendMessage>(
      Version::v0d55, SendText{.from = me, .to = other, .fragment = {.kind = automatic_text}, .text = {"away ", {}}});
  model::Message message = meant.message;
  message.from = other, message.to = me;
  EXPECT_EQ(only(packets(Version::v0d55, model::MessageArrived{message}), Version::v0d55).as<TextArrived>().fragment.kind, 2);
  EXPECT_EQ(only(packets(Version::v2227, model::MessageArrived{message}), Version::v2227).as<ElementsArrived>().fragment.kind, 2);
  message.dialect_type = 0;
  EXPECT_EQ(only(packets(Version::v0d55, model::MessageArrived{message}), Version::v0d55).as<TextArrived>().fragment.kind, 1);
}

TEST_F(QqAdapter, long_texts_go_in_parts_that_fit_and_lose_nothing) {
  std::string text;
  for (int i = 0; text.size() < 5'000; ++i) text += i % 3 == 0 ? "\xE4\xBD\xA0" : "word ";
  for (const Version version : a_version_of_each) {
    const std::string wanted = gen_cd.has(version) ? text : gb(text);
    std::size_t parts = 0;
    EXPECT_EQ(text_read_by(version, arrived(MessageKind::text, model::Text::utf8(text)), &parts), wanted);
    EXPECT_EQ(parts, (wanted.size() + 699) / 700);
  }
}

TEST_F(QqAdapter, parts_have_numbers_of_their_own) {
  const std::string text(1'500, 'x');
  std::vector<std::uint16_t> sequences;
  std::vector<std::uint32_t> ids;
  for (const Sent& one : packets(Version::v0d55, arrived(MessageKind::text, model::Text::utf8(text)))) {
    const Answer answer = open(one, Version::v0d55);
    sequences.push_back(read_frame(answer.packet, Direction::server_to_client)->header.seq.value);
    ids.push_back(answer.as<TextArrived>().push.message_id);
  }
  EXPECT_EQ(sequences, (std::vector<std::uint16_t>{7, 8, 9}));
  EXPECT_EQ(ids, (std::vector<std::uint32_t>{8, 9, 10}));
}

TEST_F(QqAdapter, fields_of_other_kinds_stand_on_lines) {
  const auto event = arrived(MessageKind::url, model::Text::utf8("a page\x1Ehttp://example.org/wx"));
  EXPECT_EQ(text_read_by(Version::v0d55, event), "a page\nhttp://example.org/wx");
}

TEST_F(QqAdapter, requests_and_answers_to_them_are_system_messages) {
  const std::array<std::tuple<MessageKind, std::string_view, std::string_view, std::string_view>, 4> kinds{
      std::tuple{MessageKind::you_were_added,
                 "Bob\x1E\x1E\x1E\x1E"
                 "1",
                 "01", ""},
      std::tuple{MessageKind::auth_request,
                 "Bob\x1E\x1E\x1E\x1E"
                 "0\x1Eplease",
                 "02", "please"},
      std::tuple{MessageKind::auth_granted, "", "03", ""},
      std::tuple{MessageKind::auth_refused, "no", "04", "no"}};
  for (const Version version : a_version_of_each) {
    for (const auto& [kind, text, function, content] : kinds) {
      const auto sent = packets(version, arrived(kind, model::Text::utf8(text)));
      const Answer answer = only(sent, version);
      const auto got = answer.as<SystemMessage>();
      EXPECT_EQ(got.function, function);
      EXPECT_EQ(got.from, "10002");
      EXPECT_EQ(got.to, "10001");
      const bool with_id = gen_a2.has(version) && (function == "03" || function == "04");
      EXPECT_EQ(got.content, with_id ? std::string{content.empty() ? "0" : content} + "\x1F\0\0"s : std::string{content});
      EXPECT_EQ(sent.front().confirmation, Confirmation::hoped);
    }
  }
}

TEST_F(QqAdapter, an_acknowledgement_names_its_push) {
  for (const Version version : a_version_of_each) {
    client_.next_sequence = 7;
    const PushHeader push{other, me, 8, 0};
    const auto got = gen_cd.has(version) ? command<model::AcknowledgePacket>(version, PushAck<0x00CE>{push})
                                         : command<model::AcknowledgePacket>(version, PushAck<0x0017>{push});
    EXPECT_EQ(got.sequence, 7U);
    EXPECT_FALSE(info_.has_sequence);
    EXPECT_TRUE(short_reply(version).packet.empty());
  }
  EXPECT_FALSE(meaning(Version::v0d55, PushAck<0x0017>{{me, other, 8, 0}}).has_value()) << "somebody else's";
  for (const Version version : {Version::v0d55, Version::v115b, Version::v2227}) {
    EXPECT_EQ(command<model::AcknowledgePacket>(version, SystemMessageAck{"02", "10002", 9}).sequence, 9U);
    EXPECT_FALSE(info_.has_sequence);
  }
}

TEST_F(QqAdapter, the_end_of_a_session_is_told_in_each_clients_form) {
  for (const Version version : {Version::v0d55, Version::v0f5f, Version::v115b}) {
    const Answer answer = only(packets(version, model::Kicked{}), version);
    const auto got = answer.as<ServerNotice>();
    EXPECT_EQ(got.code, ServerNotice::session_over);
    EXPECT_EQ(got.notice.size(), ServerNotice::text_size);
    EXPECT_EQ(answer.plaintext.size(), 22 + ServerNotice::text_size);
    EXPECT_EQ(got.notice.find('/'), std::string_view::npos) << "openq takes the text between two of them";
  }
  for (const Version version : {Version::v2227, Version::v3639})
    EXPECT_EQ(only(packets(version, model::Kicked{}), version).as<ServerNoticeC>().code, ServerNotice::session_over);
}

TEST_F(QqAdapter, what_was_opened_and_is_refused_is_answered) {
  const auto refusal = [&](Version version, std::uint16_t command, const Octets& plain) {
    client_.version = version;
    client_.uin = me;
    const Octets packet = client_.frame(command, testing::sealed(key_, plain));
    const auto meant = meaning_of(version, packet);
    EXPECT_FALSE(meant.has_value());
    testing::Packets sink;
    if (!meant) dialect_.encode_error(info_, meant.error(), session(version), sink);
    return sink.sent.empty() ? Octets{} : open(sink.sent.front(), version).plaintext;
  };
  EXPECT_EQ(refusal(Version::v0d55, 0x0016, {1, 2, 3}), (Octets{1}));
  EXPECT_EQ(refusal(Version::v0f5f, 0x0005, {'0'}), (Octets{0, 0, 0, 0, 0, 0x1F, 0x1F}));
  EXPECT_EQ(refusal(Version::v115b, 0x00A8, {2, 0, 0}), (Octets{2, 0, 0, 0, 0, 1}));
  EXPECT_EQ(refusal(Version::v0d55, 0x003E, {4}), (Octets{4, 1}));
  EXPECT_EQ(refusal(Version::v2227, 0x00CD, Octets(20)).front(), 1);
  EXPECT_EQ(refusal(Version::v2227, 0x0004, {1}), (Octets{0})) << "one byte, of which clients make nothing";
  EXPECT_TRUE(refusal(Version::v0d55, 0x0017, {1, 2}).empty());
  EXPECT_TRUE(refusal(Version::v0d55, 0x03AA, {1, 2}).empty()) << "has had the short answer";
}

TEST_F(QqAdapter, what_nobody_serves_ends_what_a_client_waits_for) {
  const auto answer = [&]<std::uint16_t Command>(const Octets& content) {
    static_cast<void>(command<model::Acknowledged>(
        Version::v0f5f, UnservedRequest<Command, Generation::a>{.content = content}));
    return short_reply(Version::v0f5f).plaintext;
  };
  EXPECT_EQ(answer.operator()<0x0065>({1, 0, 0}), (Octets{1, 0xFF, 0xFF, 4})) << "the end of the list";
  EXPECT_EQ(answer.operator()<0x0067>({3, 0, 0}), (Octets{3, 0, 0, 0, 0, 0}));
  EXPECT_EQ(answer.operator()<0x0067>({1, 1, 2, 'h', 'i'}), (Octets{1, 0}));
  EXPECT_EQ(answer.operator()<0x005E>({3, 1}), (Octets{3, 1, 0}));
  EXPECT_EQ(answer.operator()<0x00A6>({1}), (Octets{0}));
}

TEST_F(QqAdapter, each_domain_gets_a_key) {
  const Octets two{0, 2, 0, 1, 'a', 0, 1, 'b'};
  static_cast<void>(command<model::Acknowledged>(Version::v3639, KeyRequest{.kind = 0x33, .more = two}));
  EXPECT_EQ(short_reply(Version::v3639).plaintext.size(), 2U + 2 * 12);
}

// ---- presence ----

TEST_F(QqAdapter, shows_states_in_words_that_the_version_knows) {
  struct Row {
    Availability availability;
    std::uint8_t early, late;
  };
  constexpr std::array rows{
      Row{Availability::offline, 0x14, 0x14},      Row{Availability::online, 0x0A, 0x0A},
      Row{Availability::away, 0x1E, 0x1E},         Row{Availability::not_available, 0x1E, 0x1E},
      Row{Availability::occupied, 0x1E, 0x32},     Row{Availability::do_not_disturb, 0x1E, 0x46},
      Row{Availability::free_for_chat, 0x0A, 0x3C}};
  for (const Version version : a_version_of_each) {
    for (const Row& row : rows) {
      const auto sent = packets(version, model::ContactStatus{other, {.availability = row.availability}});
      const auto got = only(sent, version).as<StatusPush>();
      EXPECT_EQ(got.record.uin, other);
      EXPECT_EQ(got.receiver, me);
      EXPECT_EQ(got.record.status, (gen_a | gen_a2).has(version) ? row.early : row.late);
      EXPECT_EQ(sent.front().confirmation, Confirmation::transport);
    }
    EXPECT_EQ(status_to_wire({.availability = Availability::online, .invisible = true}, version), 0x14);
    EXPECT_EQ(only(packets(version, model::ContactOffline{other}), version).as<StatusPush>().record.status,
              0x14);
  }
}

TEST_F(QqAdapter, states_differ_in_their_numbers_so_that_none_is_dropped) {
  const model::ContactStatus event{other, {}};
  const auto first = packets(Version::v0d55, event);
  const auto second = packets(Version::v0d55, event);
  const auto number = [](const Sent& one) {
    return read_frame(one.packet, Direction::server_to_client)->header.seq.value;
  };
  EXPECT_NE(number(first.front()), number(second.front()));
  EXPECT_GE(number(first.front()), 0x8000);
}

TEST_F(QqAdapter, sets_the_own_status) {
  const auto a = command<model::SetStatus>(Version::v0d55, SetStatusA{.status = 0x1E});
  EXPECT_EQ(a.status.availability, Availability::away);
  EXPECT_EQ(short_reply(Version::v0d55).as<StatusSet>().result, "0");
  EXPECT_TRUE(command<model::SetStatus>(Version::v111d, SetStatusB{.status = 0x28}).status.invisible);
  EXPECT_EQ(short_reply(Version::v111d).as<StatusSet>().result, "0");
  const auto d = command<model::SetStatus>(Version::v3639, GoOnline{.status = 0x32});
  EXPECT_EQ(d.status.availability, Availability::occupied);
  const auto reply = short_reply(Version::v3639).as<WentOnline>();
  EXPECT_EQ(reply.status, 0x32);
  EXPECT_EQ(reply.time, 1'800'000'000U);
  static_cast<void>(command<model::SetStatus>(Version::v2227, GoOnline{}));
  EXPECT_EQ(short_reply(Version::v2227).plaintext.size(), 2U);
}

TEST_F(QqAdapter, keep_alives_are_answered_in_each_versions_form) {
  const Octets number{'1'};
  const auto ask = [&](Version version) {
    if (gen_cd.has(version))
      static_cast<void>(command<model::KeepAlive>(version, KeepAlive<0x0058>{number}));
    else
      static_cast<void>(command<model::KeepAlive>(version, KeepAlive<0x0002>{number}));
    EXPECT_FALSE(info_.checks_duplicates);
    return short_reply(version);
  };
  EXPECT_EQ(ask(Version::v0d55).as<KeepAliveReplyText>().fields_text,
            "0\x1F"
            "0\x1F"
            "1\x1F"
            "10.0.0.5\x1F"
            "4000\x1F"
            "60");
  EXPECT_EQ(ask(Version::v0f5f).as<KeepAliveReplyText>().fields_text.substr(0, 4),
            "0\x1F"
            "0\x1F");
  EXPECT_EQ(ask(Version::v111d).as<KeepAliveReplyShort>().client_port, 4000);
  EXPECT_EQ(ask(Version::v115b).as<KeepAliveReply<0x0002>>().time, 1'800'000'000U);
  EXPECT_EQ(ask(Version::v2227).as<KeepAliveReply<0x0058>>().client_address, 0x0A000005U);
  EXPECT_EQ(ask(Version::v3639).as<KeepAliveReply<0x0058>>().time, 1'800'000'000U);
}

TEST_F(QqAdapter, a_log_out_is_answered_by_nobody) {
  for (const Version version : a_version_of_each) {
    if (gen_cd.has(version))
      static_cast<void>(command<model::LogOff>(version, LogOut<0x0062>{}));
    else
      static_cast<void>(command<model::LogOff>(version, LogOut<0x0001>{}));
    EXPECT_TRUE(short_reply(version).packet.empty());
  }
}

// ---- every command ----

/// Every message of a client that is within a session is understood, and answered: at once, with an event, or
/// not at all where nothing is to be answered.
TEST_F(QqAdapter, no_command_is_left_without_an_answer) {
  const auto folder = std::filesystem::path{UHOH_SOURCE_DIR} / "tests/vectors/qq";
  const auto vectors = wire::testing::load_vectors(folder);
  ASSERT_TRUE(vectors.has_value());
  std::size_t count = 0;
  for (const auto& vector : *vectors) {
    if (!vector.error.empty() || vector.direction != Direction::client_to_server) continue;
    const auto read = read_opened(vector.datagram, vector.direction);
    ASSERT_TRUE(read.has_value()) << vector.where();
    if (read->envelope != Envelope::sealed) continue;
    SCOPED_TRACE(vector.where());
    ++count;
    client_.version = read->header.version;
    const Octets& packet =
        packets_.emplace_back(client_.frame(read->header.command, testing::sealed(key_, read->plaintext)));
    const auto command = meaning_of(client_.version, packet);
    Octets out(2000);
    out.resize(dialect_.encode_session_acknowledgement(info_, session(client_.version), out));
    if (!command || std::holds_alternative<model::AcknowledgePacket>(*command) ||
        std::holds_alternative<model::LogOff>(*command)) {
      EXPECT_TRUE(!command || out.empty());
      continue;
    }
    if (out.empty()) {
      // Then an event answers it, which services send for every command but these.
      EXPECT_FALSE(std::holds_alternative<model::Acknowledged>(*command));
      EXPECT_FALSE(std::holds_alternative<model::KeepAlive>(*command));
      EXPECT_FALSE(std::holds_alternative<model::SetStatus>(*command));
      EXPECT_FALSE(std::holds_alternative<model::SendMessage>(*command));
      continue;
    }
    const Answer answer = testing::opened(out, key_, client_.version);
    EXPECT_NE(find_message(Direction::server_to_client, client_.version, info_.command, answer.plaintext),
              nullptr);
  }
  EXPECT_GT(count, 80U);
}

}  // namespace
}  // namespace uhoh::qq
