#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <filesystem>
#include <fstream>

#include "config.hpp"
#include "history.hpp"
#include "input_line.hpp"
#include "window.hpp"
#include "words.hpp"

namespace uhoh::term {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A folder that is there while the test runs.
struct Folder : ::testing::Test {
  fs::path path = fs::temp_directory_path() / fmt::format("uhoh-term-{}", ::getpid());
  void SetUp() override { fs::create_directories(path); }
  void TearDown() override { fs::remove_all(path); }

  fs::path write(std::string_view text, mode_t mode = 0600) const {
    const auto file = path / "config.toml";
    std::ofstream{file} << text;
    ::chmod(file.c_str(), mode);
    return file;
  }
};

// Configuration.

using Configuration = Folder;

TEST_F(Configuration, is_read) {
  const auto config = load_config(write(R"(theme = "light"
[accounts.home]
server = "icq.example:4001"
number = 10001
password = "secret"
charset = "koi8-r"
direct_ports = "5000-5010"
reconnect_seconds = 0.5
)"));
  ASSERT_TRUE(config.has_value()) << config.error();
  const auto account = find_account(*config, "", "");
  ASSERT_TRUE(account.has_value()) << account.error();
  EXPECT_EQ(account->number, Uin{10001});
  EXPECT_EQ(account->charset, Charset::koi8_r);
  EXPECT_EQ(account->ports.last, 5010);
  EXPECT_EQ(account->reconnect, 500ms);
  EXPECT_TRUE(find_account(*config, "10001", "").has_value());
  EXPECT_TRUE(find_account(*config, "home", "other:1").value().server == "other:1");
}

TEST_F(Configuration, that_others_may_use_is_refused) {
  for (const mode_t mode : {0644U, 0640U, 0666U, 0604U, 0700U}) {
    const auto config = load_config(write("", mode));
    const bool only_owner = (mode & 077U) == 0 && mode == 0600U;
    EXPECT_EQ(config.has_value(), only_owner) << mode;
    if (!config) {
      EXPECT_NE(config.error().find("chmod 600"), std::string::npos);
    }
  }
}

TEST_F(Configuration, mistakes_are_told_with_their_line) {
  const auto wrong = [&](std::string_view text, std::string_view expected) {
    const auto config = load_config(write(text));
    ASSERT_FALSE(config.has_value()) << text;
    EXPECT_NE(config.error().find(expected), std::string::npos) << config.error();
  };
  wrong("\ntheem = \"x\"", "config.toml:2: unknown key \"theem\"");
  wrong("theme = \"blue\"", ":1: theme must be");
  wrong("[accounts.a]\nnumber = \"x\"", ":2: number must be an account's number");
  wrong("[accounts.a]\ncharset = \"latin77\"", ":2: charset must be");
  wrong("[accounts.a]\ndirect_ports = \"9-1\"", ":2: direct_ports must be");
  wrong("[accounts.a]\nresend_seconds = 0", ":2: resend_seconds must be");
  wrong("[accounts.a\n", ":");
  wrong("accounts = 3", "accounts must be tables");
}

TEST_F(Configuration, is_made_for_its_owner_only) {
  const auto file = path / "new/config.toml";
  Account account;
  account.server = "h:1";
  account.number = Uin{10001};
  account.password = "a\"b\\c";
  ASSERT_TRUE(add_account(file, "10001", account).has_value());
  struct ::stat status {};
  ::stat(file.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto config = load_config(file);
  ASSERT_TRUE(config.has_value()) << config.error();
  EXPECT_EQ(find_account(*config, "", "")->password, "a\"b\\c");
}

TEST_F(Configuration, missing_accounts_and_servers_are_asked_for) {
  const Config empty;
  EXPECT_FALSE(find_account(empty, "", "").has_value());
  EXPECT_FALSE(find_account(empty, "home", "h:1").has_value());
  EXPECT_FALSE(find_account(empty, "10001", "").has_value());
  EXPECT_TRUE(find_account(empty, "10001", "h:1").has_value());
}

// History.

using Histories = Folder;

TEST_F(Histories, keep_lines_in_order_and_find_them) {
  const auto history = History::open(path / "h.sqlite").value();
  const Uin bob{10002};
  std::int64_t last = 0;
  for (const char* text : {"one", "two 100%", "three_"})
    last = history->add({0, bob, WallTime{1s}, LineKind::received, LineState::done, 1, text});
  EXPECT_NE(history->add({0, Uin{10003}, WallTime{2s}, LineKind::sent, LineState::waiting, 1, "to another"}),
            0);
  EXPECT_GT(last, 0);
  const auto lines = history->last(bob, 2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "two 100%");
  EXPECT_EQ(lines[1].text, "three_");
  EXPECT_EQ(history->search("%", Uin{}, 10).size(), 1U);
  EXPECT_EQ(history->search("_", bob, 10).size(), 1U);
  EXPECT_EQ(history->search("t", Uin{}, 10).size(), 3U);
}

TEST_F(Histories, outlive_the_program_and_are_private) {
  const auto file = path / "h.sqlite";
  {
    const auto history = History::open(file).value();
    const auto id = history->add({0, Uin{2}, WallTime{1s}, LineKind::sent, LineState::waiting, 1, "x"});
    history->set_state(id, LineState::done);
    (void)history->add({0, Uin{2}, WallTime{1s}, LineKind::sent, LineState::waiting, 1, "y"});
    history->put_contact({Uin{2}, "Bob", true, false});
    history->put_contact({Uin{3}, "Eve", false, true});
    history->remove_contact(Uin{3});
    for (int i = 0; i < 510; ++i) history->add_typed(fmt::format("{}", i));
  }
  const auto history = History::open(file).value();
  EXPECT_EQ(history->fail_waiting(), 1U);
  ASSERT_EQ(history->failed(Uin{2}).size(), 1U);
  EXPECT_EQ(history->failed(Uin{2})[0].text, "y");
  ASSERT_EQ(history->contacts().size(), 1U);
  EXPECT_TRUE(history->contacts()[0].sees_always);
  EXPECT_EQ(history->typed().size(), 500U);
  EXPECT_EQ(history->typed().back(), "509");
  struct ::stat status {};
  ::stat(file.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Histories, that_can_not_be_opened_say_so) {
  std::ofstream{path / "no"}
      << "this is no database, and it is long enough to be seen as none, surely, by now";
  EXPECT_FALSE(History::open(path / "no").has_value());
  EXPECT_FALSE(History::open(path / "no/below").has_value());
}

// The input line.

InputLine typed(std::string_view text) {
  InputLine line;
  line.set_text(text);
  return line;
}

TEST(InputLine, cuts_words_and_pastes_them) {
  auto line = typed("one two  ");
  line.cut_word();
  EXPECT_EQ(line.text(), "one ");
  line.home();
  line.paste();
  EXPECT_EQ(line.text(), "two  one ");
  line.cut_to_end();
  EXPECT_EQ(line.text(), "two  ");
  line.cut_to_begin();
  EXPECT_EQ(line.text(), "");
}

TEST(InputLine, moves_over_letters_not_bytes) {
  auto line = typed("aß漢");
  line.left();
  EXPECT_EQ(line.before_cursor(), "aß");
  line.erase_before();
  EXPECT_EQ(line.text(), "a漢");
  line.insert(U'x');
  EXPECT_EQ(line.text(), "ax漢");
  line.word_left();
  line.erase_at();
  EXPECT_EQ(line.text(), "x漢");
  line.end();
  line.swap_letters();
  EXPECT_EQ(line.text(), "漢x");
}

TEST(InputLine, goes_through_earlier_lines_and_back_to_the_unfinished_one) {
  InputLine line;
  line.set_earlier({"first"});
  line.set_text("second");
  EXPECT_EQ(line.take(), "second");
  line.set_text("unfinished");
  line.older();
  EXPECT_EQ(line.text(), "second");
  line.older();
  line.older();
  EXPECT_EQ(line.text(), "first");
  line.newer();
  line.newer();
  EXPECT_EQ(line.text(), "unfinished");
}

TEST(InputLine, completes_and_goes_through_the_candidates) {
  const auto candidates = [](std::string_view begin, bool is_first) -> std::vector<std::string> {
    EXPECT_EQ(begin, "al");
    EXPECT_FALSE(is_first);
    return {"Alice ", "Alfred "};
  };
  auto line = typed("/msg al");
  line.complete(candidates);
  EXPECT_EQ(line.text(), "/msg Alice ");
  line.complete(candidates);
  EXPECT_EQ(line.text(), "/msg Alfred ");
  line.complete(candidates);
  EXPECT_EQ(line.text(), "/msg Alice ");
}

// What is shown.

TEST(Wrap, breaks_at_words_or_anywhere) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(wrap("one two three", 7, 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("abcdefgh", 3, 4), (std::vector<std::string>{"abc", "defg", "h"}));
  EXPECT_EQ(wrap("a\n\nb", 9, 9), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(wrap("漢字漢字", 5, 5), (std::vector<std::string>{"漢字", "漢字"}));
  EXPECT_EQ(wrap("", 5, 5), std::vector<std::string>{""});
  EXPECT_EQ(wrap("漢", 1, 1), std::vector<std::string>{"漢"});
  EXPECT_EQ(columns_of("a漢ß"), 4U);
}

TEST(Words, are_read_and_written) {
  EXPECT_EQ(status_named("dnd")->availability, model::Availability::do_not_disturb);
  EXPECT_TRUE(status_named("invisible")->invisible);
  EXPECT_FALSE(status_named("asleep"));
  EXPECT_EQ(readable_size(999), "999 B");
  EXPECT_EQ(readable_size(50'000'000), "50.0 MB");
  EXPECT_EQ(readable_span(65s), "1:05");
  EXPECT_EQ(readable_span(3723s), "1:02:03");
  EXPECT_EQ(JsonObject{}
                .add("a", "x\"\n\x01")
                .add("b", 7U)
                .add("c", true)
                .add("d", std::vector<std::string>{"1", "2"})
                .line(),
            R"({"a": "x\"\n\u0001", "b": 7, "c": true, "d": ["1", "2"]})");
  EXPECT_EQ(readable(model::MessageKind::contacts, {"1", "10002", "Bob"}), "sends contacts: 10002 (Bob)");
  EXPECT_EQ(readable(model::MessageKind::url, {"", "http://a"}), "http://a");
}

TEST(Words, tell_whose_message_the_server_has_refused) {
  EXPECT_EQ(refused_recipient("The inbox of 10002 is full. Your last message to this number was not kept."),
            Uin{10002});
  EXPECT_EQ(refused_recipient("There is no user with the number 777."), Uin{777});
  for (const auto* other : {"", "The inbox of ", "The inbox of nobody is full", "You are sending too fast",
                            "There is no user with the number 2000000000.", "10002"})
    EXPECT_EQ(refused_recipient(other), std::nullopt) << other;
}

TEST(Rate, smoothes_and_tells_the_rest) {
  Rate rate;
  EXPECT_FALSE(rate.remaining(100));
  rate.update(0, Instant{0s});
  rate.update(1000, Instant{1s});
  EXPECT_NEAR(rate.per_second(), 1000, 1);
  EXPECT_NEAR(static_cast<double>(rate.remaining(5000)->count()), 5e6, 1e4);
}

}  // namespace
}  // namespace uhoh::term
