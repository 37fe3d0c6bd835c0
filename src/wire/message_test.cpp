#include "wire/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <string>

#include "wire/message_set.hpp"

namespace uhoh::wire {

/// Counted in allocation_count_test.cpp.
unsigned long allocations_so_far() noexcept;

namespace {

struct Pair {
  std::uint8_t left = 0;
  std::string_view right;
  static constexpr auto fields() {
    return std::tuple{field<U8>(&Pair::left, "LEFT", "a byte"), field<Str>(&Pair::right, "RIGHT", "a text")};
  }
};

struct Sample {
  static constexpr std::uint16_t command = 0x1234;
  std::uint32_t number = 7;
  Pair pair;
  std::uint32_t address = 0;
  std::string_view key;
  std::optional<std::uint16_t> extra;
  Bytes rest;
  static constexpr auto fields() {
    return std::tuple{field<U32>(&Sample::number, "NUMBER", "a number").hex(),
                      group(&Sample::pair),
                      field<Ip4>(&Sample::address, "ADDRESS", "an address"),
                      field<Str>(&Sample::key, "KEY", "a key").secret(),
                      field<U16>(&Sample::extra, "EXTRA", "may be missing"),
                      field<Rest>(&Sample::rest, "REST", "what is left")};
  }
};

struct Numbers {
  static constexpr std::uint16_t command = 0x0001;
  U32List list;
  static constexpr auto fields() {
    return std::tuple{field<CountedU32List>(&Numbers::list, "LIST", "numbers")};
  }
};

struct LooseText {
  static constexpr std::uint16_t command = 0x0002;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{field<OverlongStr>(&LooseText::text, "TEXT", "a text")};
  }
};

struct Key {
  static constexpr std::uint16_t command = 0x0003;
  std::string_view key;
  static constexpr auto fields() { return std::tuple{field<Str>(&Key::key, "KEY", "a key").secret()}; }
};

template <class M>
std::vector<std::uint8_t> encoded(const M& message) {
  std::vector<std::uint8_t> out(encoded_size(message));
  Writer w{out};
  encode(message, w);
  EXPECT_FALSE(w.overflowed());
  EXPECT_EQ(w.size(), out.size());
  return out;
}

TEST(Message, goes_through_the_wire_and_back) {
  EXPECT_TRUE(
      rc::check([](std::uint32_t number, std::uint8_t left, const std::string& text, const std::string& key,
                   bool has_extra, std::uint16_t extra, std::vector<std::uint8_t> rest) {
        Sample m{number, {left, text}, 0x7F000001, key, {}, {}};
        if (has_extra) {
          m.extra = extra;
          m.rest = rest;
        }
        const auto bytes = encoded(m);
        const auto back = decode<Sample>(bytes);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->number == number && back->pair.left == left && back->pair.right == text);
        RC_ASSERT(back->address == 0x7F000001u && back->key == key && back->extra == m.extra);
        RC_ASSERT(std::ranges::equal(back->rest, m.rest));
      }));
}

TEST(Message, survives_any_bytes_and_re_encodes_what_it_accepts_to_the_same_message) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
    const auto message = decode<Sample>(bytes);
    if (!message) {
      RC_ASSERT(message.error().offset <= bytes.size());
      return;
    }
    const auto again = encoded(*message);
    RC_ASSERT(encoded(decode<Sample>(again).value()) == again);
  }));
}

TEST(Message, every_strict_prefix_of_the_fields_that_must_be_there_fails) {
  EXPECT_TRUE(rc::check([](std::uint32_t number, const std::string& text, const std::string& key) {
    const auto bytes = encoded(Sample{number, {1, text}, 0, key, {}, {}});
    for (std::size_t n = 0; n < bytes.size(); ++n) RC_ASSERT(!decode<Sample>(Bytes{bytes}.first(n)));
  }));
}

TEST(Message, writes_addresses_in_network_order) {
  const auto bytes = encoded(Sample{0, {}, 0x7F000001, {}, {}, {}});
  EXPECT_EQ(bytes[8], 0x7F);
  EXPECT_EQ(bytes[11], 0x01);
}

TEST(Message, a_missing_field_replaces_its_default) {
  struct Defaulted {
    std::optional<std::uint8_t> x = std::uint8_t{5};
    static constexpr auto fields() { return std::tuple{field<U8>(&Defaulted::x, "X", "5")}; }
  };
  EXPECT_EQ(encoded(Defaulted{}).size(), 1u);
  EXPECT_FALSE(decode<Defaulted>({}).value().x.has_value());
}

TEST(Message, a_text_may_leave_its_NUL_out_but_not_pass_the_end) {
  constexpr std::array<std::uint8_t, 5> without_nul{9, 2, 0, 'h', 'i'};
  EXPECT_EQ(decode<Pair>(without_nul).value().right, "hi");
  constexpr std::array<std::uint8_t, 5> too_long{9, 3, 0, 'h', 'i'};
  EXPECT_EQ(decode<Pair>(too_long).error(), (DecodeError{DecodeErrorKind::truncated, 3}));
}

TEST(Message, a_text_longer_than_LEN_can_say_does_not_fit) {
  const std::string long_text(0xFFFF, 'x');
  std::vector<std::uint8_t> out(70'000);
  Writer w{out};
  encode(Pair{1, long_text}, w);
  EXPECT_TRUE(w.overflowed());
}

TEST(Message, an_overlong_text_ends_at_its_NUL) {
  constexpr std::array<std::uint8_t, 5> bytes{0x20, 0, 'h', 'i', 0};
  EXPECT_EQ(decode<LooseText>(bytes).value().text, "hi");
  EXPECT_EQ(decode<LooseText>(Bytes{bytes}.first(4)).error().kind, DecodeErrorKind::unterminated_text);
}

TEST(Message, a_list_goes_by_its_length_alone) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& numbers, bool wide, std::uint8_t count) {
    std::vector<std::uint8_t> bytes(wide ? 2 : 1, count);
    const Bytes entries = U32List::of(numbers).bytes();
    bytes.insert(bytes.end(), entries.begin(), entries.end());
    const auto list = decode<Numbers>(bytes).value().list;
    RC_ASSERT(std::ranges::equal(list, numbers));
  }));
  constexpr std::array<std::uint8_t, 8> eight{};
  EXPECT_EQ(decode<Numbers>({}).error().kind, DecodeErrorKind::truncated);
  EXPECT_EQ(decode<Numbers>(Bytes{eight}.first(3)).error().kind, DecodeErrorKind::bad_list_length);
  EXPECT_EQ(decode<Numbers>(Bytes{eight}.first(4)).error().kind, DecodeErrorKind::bad_list_length);
}

TEST(Message, a_list_of_256_does_not_fit_its_count) {
  const std::vector<std::uint32_t> numbers(256, 1);
  std::vector<std::uint8_t> out(2000);
  Writer w{out};
  encode(Numbers{U32List::of(numbers)}, w);
  EXPECT_TRUE(w.overflowed());
}

TEST(Message, a_dump_masks_secrets_and_skips_what_is_missing) {
  std::string text;
  const Sample m{0x2A, {1, "a\"\n\xFE"}, 0x7F000001, "hunter2", {}, {}};
  dump_fields(text, m, Secrets::masked);
  EXPECT_EQ(text,
            "  NUMBER: 0x0000002a\n  LEFT: 1\n  RIGHT: \"a\\\"\\n\\xfe\"\n  ADDRESS: 127.0.0.1\n  KEY: ***\n"
            "  REST: (none)\n");
  text.clear();
  dump_fields(text, m, Secrets::shown);
  EXPECT_NE(text.find("KEY: \"hunter2\""), std::string::npos);
}

TEST(Message, what_follows_a_message_with_secrets_is_masked_too) {
  constexpr MessageRow key_row = row<Key>("KEY", "", Direction::client_to_server, {}, "");
  constexpr std::array<std::uint8_t, 4> bytes{1, 0, 'p', 'w'};
  std::string text;
  ASSERT_TRUE(key_row.dump(bytes, Secrets::masked, text).has_value());
  EXPECT_EQ(text, "  KEY: ***\n  (more): ***\n");
}

TEST(Message, decoding_and_encoding_allocate_nothing) {
  const auto bytes = encoded(Sample{1, {2, "some text"}, 3, "some key", 4, {}});
  std::array<std::uint8_t, 100> out{};
  const unsigned long before = allocations_so_far();
  const auto message = decode<Sample>(bytes);
  Writer w{out};
  encode(message.value(), w);
  const unsigned long after = allocations_so_far();
  EXPECT_EQ(w.size(), bytes.size());
  EXPECT_EQ(after, before);
}

TEST(Message, describes_its_fields_with_those_of_its_groups) {
  const auto rows = describe_fields<Sample>();
  ASSERT_EQ(rows.size(), 7u);
  EXPECT_EQ(rows[2].name, "RIGHT");
  EXPECT_EQ(rows[2].fixed_size, 0u);
  EXPECT_TRUE(rows[4].secret);
  EXPECT_TRUE(rows[5].optional);
}

using Listed = MessageList<Sample, Numbers, LooseText>;

TEST(MessageList, dispatches_to_the_type_that_the_command_names) {
  struct Seen {
    int samples = 0, numbers = 0, texts = 0;
    void operator()(const Sample&) { ++samples; }
    void operator()(const Numbers&) { ++numbers; }
    void operator()(const LooseText&) { ++texts; }
  } seen;
  constexpr std::array<std::uint8_t, 1> empty_list{0};
  EXPECT_TRUE(Listed::dispatch(0x0001, empty_list, seen).has_value());
  EXPECT_EQ(seen.numbers, 1);
  EXPECT_EQ(Listed::dispatch(0x1234, empty_list, seen).error().kind, DecodeErrorKind::truncated);
  EXPECT_EQ(Listed::dispatch(0x0003, empty_list, seen).error().kind, DecodeErrorKind::unknown_command);
  EXPECT_EQ(seen.samples + seen.texts, 0);
}

TEST(MessageSet, finds_rows_and_knows_whether_it_is_sorted) {
  static constexpr std::array rows{row<Numbers>("A", "", Direction::client_to_server, {}, ""),
                                   row<LooseText>("B", "", Direction::client_to_server, {}, ""),
                                   row<Sample>("C", "", Direction::client_to_server, {}, "")};
  constexpr MessageSet set{rows};
  static_assert(set.is_sorted());
  ASSERT_NE(set.find(0x0002), nullptr);
  EXPECT_STREQ(set.find(0x0002)->name, "B");
  EXPECT_EQ(set.find(0x0003), nullptr);
  static constexpr std::array doubled{rows[0], rows[0]};
  static_assert(!MessageSet{doubled}.is_sorted());
}

}  // namespace
}  // namespace uhoh::wire
