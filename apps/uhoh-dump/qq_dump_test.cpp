#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "dialect/qq/reference.hpp"
#include "input.hpp"
#include "qq_frames.hpp"
#include "render.hpp"

namespace uhoh::dump {
namespace {

const std::filesystem::path source_dir{UHOH_SOURCE_DIR};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>{in}, {}};
}

Rendered render_capture(const char* name, std::initializer_list<const char*> passwords,
                        std::initializer_list<const char*> keys = {}) {
  RenderOptions options;
  for (const char* text : passwords) EXPECT_TRUE(add_password(text, options.qq).has_value());
  for (const char* text : keys) EXPECT_TRUE(add_session_key(text, options.qq).has_value());
  return render(parse_text(read_file(source_dir / "tests/captures/qq" / name)), options);
}

TEST(QqDump, a_password_opens_all_that_its_user_sent_and_got) {
  const Rendered shown = render_capture("openq-qq2005.txt", {"100001:secret1", "100002:secret2"});
  EXPECT_EQ(shown.failures, 0u) << shown.text;
  EXPECT_NE(shown.text.find("TEXT: \"hello from A qq2005\" font"), std::string::npos);
  EXPECT_NE(shown.text.find("SESSION_KEY: ***"), std::string::npos);
  EXPECT_EQ(shown.text.find("secret"), std::string::npos);
}

TEST(QqDump, a_session_key_opens_its_session) {
  const Rendered closed = render_capture("netoicq-0f5f.txt", {});
  EXPECT_GT(closed.failures, 30u);
  EXPECT_NE(closed.text.find("encrypted, and no key fits (command 0016, version 0F5F"), std::string::npos);
  const Rendered open = render_capture(
      "netoicq-0f5f.txt", {}, {"ece959c34a3ebfd52bfa4e1fd9513b6a", "a54944c105f3656cee612083e338ffa4"});
  EXPECT_EQ(open.failures, 2u) << "the answers to the log-ins";
}

TEST(QqDump, segments_of_tcp_are_cut_into_frames) {
  const Rendered shown = render_capture("gopcqq-3639-tcp.txt", {});
  EXPECT_EQ(shown.failures, 0u);
  EXPECT_NE(shown.text.find("  010C SESSION\n    ONE: 1\n    SESSION_KEY: ***\n"), std::string::npos);
  const std::string two = "0.1 C> tcp p1 000f020d5500625674000186a10003000f020d5500625675000186a10003\n";
  EXPECT_EQ(render(parse_text(two), {}).text,
            "0.1 p1 > 0062 TOKEN_REQUEST version=0D55 seq=22132 uin=100001\n  ZERO: 0\n"
            "0.1 p1 > 0062 TOKEN_REQUEST version=0D55 seq=22133 uin=100001\n  ZERO: 0\n");
}

TEST(QqDump, bare_hex_tells_by_itself_who_sent_it) {
  EXPECT_EQ(render(parse_text("020d5500621cf5000186a20003\n"), {}).text,
            "> 0062 TOKEN_REQUEST version=0D55 seq=7413 uin=100002\n  ZERO: 0\n");
  EXPECT_EQ(
      render(parse_text("020d5500621cf5001899c4c227474cd49ceb0033fd963ba46e010203040506070803\n"), {}).text,
      "< 0062 TOKEN_REPLY version=0D55 seq=7413\n  RESULT: 0\n"
      "  TOKEN: 99 c4 c2 27 47 4c d4 9c eb 00 33 fd 96 3b a4 6e 01 02 03 04 05 06 07 08\n");
}

TEST(QqDump, wrong_keys_are_named) {
  QqKeys keys;
  for (const char* text : {"", "100001", ":x", "x:y", "0:x", "4000000000:x", "99999999999:x"})
    EXPECT_EQ(add_password(text, keys).error(), "expected NUMBER:PASSWORD") << text;
  for (const char* text : {"", "00", "zz", "00112233445566778899aabbccddeeff00"})
    EXPECT_EQ(add_session_key(text, keys).error(), "expected 32 hex digits") << text;
  EXPECT_TRUE(add_password("100001:a:b", keys).has_value());
}

TEST(QqProgram, takes_passwords_and_keys_beside_files) {
  const auto run = [](const std::string& arguments) {
    const std::string command = std::string{UHOH_DUMP_PROGRAM} + " " + arguments + " > /dev/null 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  };
  const std::string capture = (source_dir / "tests/captures/qq/openq-qq2005.txt").string();
  EXPECT_EQ(run("--password 100001:secret1 --password 100002:secret2 " + capture), 0);
  EXPECT_EQ(run("--session-key 4009fdf8d8d1df2543e3721b5c0f24e8 " + capture), 1)
      << "only one of two sessions";
  EXPECT_EQ(run("--password secret1 " + capture), 2);
  EXPECT_EQ(run("--session-key 00 " + capture), 2);
}

TEST(QqReference, the_committed_page_is_current) {
  EXPECT_EQ(read_file(source_dir / "docs/protocol/qq.md"), qq::reference({}))
      << "make it again: uhoh-dump --reference qq > docs/protocol/qq.md";
}

}  // namespace
}  // namespace uhoh::dump
