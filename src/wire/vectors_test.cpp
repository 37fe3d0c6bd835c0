#include "wire/testing/vectors.hpp"

#include <gtest/gtest.h>

namespace uhoh::wire::testing {
namespace {

/// A toy dialect: one byte that says how many bytes follow.
Codec counted() {
  return {[](Bytes b, Direction) -> std::expected<std::string, DecodeError> {
            Reader r{b};
            r.bytes(r.u8());
            if (r.failed()) return std::unexpected(r.error());
            return "> " + std::to_string(b[0]) + "\n";
          },
          [](Bytes b, Direction) -> std::expected<std::vector<std::uint8_t>, DecodeError> {
            return std::vector<std::uint8_t>(b.begin(), b.begin() + 1 + b[0]);
          }};
}

std::vector<std::string> problems_of(std::string_view text) {
  const auto vectors = parse_vectors("toy.md", text);
  if (!vectors) return {vectors.error()};
  std::vector<std::string> all;
  for (const Vector& v : *vectors)
    for (std::string& p : check(v, counted())) all.push_back(std::move(p));
  return all;
}

TEST(Vectors, a_good_file_has_no_problems) {
  EXPECT_EQ(problems_of("# Toy\n\n## two\n```hex\n02 0a\n0b\n```\nprose\n```dump\n> 2\n```\n\n"
                        "## more\n```hex\n01 0a 0b\n```\n```dump\n> 1\n```\nlegal prefixes: 2\nencodes "
                        "as:\n```hex\n01 0a\n```\n"
                        "## short\n```hex\n03 00\n```\n```error\n> truncated at 1\n```\n"),
            std::vector<std::string>{});
}

TEST(Vectors, a_wrong_dump_is_found) {
  EXPECT_EQ(problems_of("## two\n```hex\n02 0a 0b\n```\n```dump\n> 3\n```\n").size(), 1u);
}

TEST(Vectors, a_prefix_that_decodes_must_be_listed_and_a_listed_one_must_decode) {
  EXPECT_EQ(problems_of("```hex\n01 0a 0b\n```\n```dump\n> 1\n```\nencodes as:\n```hex\n01 0a\n```\n").size(),
            1u);
  EXPECT_EQ(problems_of("```hex\n01 0a\n```\n```dump\n> 1\n```\nlegal prefixes: 0-1\n").size(), 2u);
}

TEST(Vectors, a_wrong_error_or_none_is_found) {
  EXPECT_EQ(problems_of("```hex\n03 00\n```\n```error\n> truncated at 0\n```\n").size(), 1u);
  EXPECT_EQ(problems_of("```hex\n01 00\n```\n```error\n> truncated at 1\n```\n").size(), 1u);
}

TEST(Vectors, an_encoding_that_differs_must_be_given_and_be_right) {
  EXPECT_EQ(problems_of("```hex\n00 0a\n```\n```dump\n> 0\n```\nlegal prefixes: 1\n").size(), 1u);
  EXPECT_EQ(problems_of("```hex\n00\n```\n```dump\n> 0\n```\nencodes as:\n```hex\n00\n```\n").size(), 1u);
}

TEST(Vectors, a_broken_file_is_named_with_its_line) {
  EXPECT_EQ(problems_of("\n```hex\n0x\n```\n"), std::vector<std::string>{"toy.md:4: 'x' is not a hex digit"});
  EXPECT_EQ(problems_of("```hex\n00\n"), std::vector<std::string>{"toy.md:2: the file ends inside a block"});
  EXPECT_EQ(problems_of("```dump\n> 1\n```\n"),
            std::vector<std::string>{"toy.md:3: stands before any ```hex block"});
  EXPECT_EQ(problems_of("## a\n```hex\n00\n```\n").size(), 1u);
}

}  // namespace
}  // namespace uhoh::wire::testing
