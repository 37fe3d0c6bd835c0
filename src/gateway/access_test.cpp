#include "gateway/access.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/testing/temporary_directory.hpp"
#include "gateway/audit.hpp"
#include "gateway/time_text.hpp"

namespace uhoh::gateway {
namespace {

struct AccessTest : testing::Test {
  TemporaryDirectory directory;
  WallTime now = *parse_time("2026-11-20");
  unsigned made = 0;

  std::unique_ptr<Access> open() {
    auto access = Access::open(directory.file("web.jsonl"),
                               {.make = [this] { return "secret-" + std::to_string(++made) + std::string(30, 'x'); },
                                .digest =
                                    [](std::string_view secret) {
                                      std::string digest{secret};
                                      std::reverse(digest.begin(), digest.end());
                                      digest += std::string(64, '0');
                                      std::size_t sum = 0;
                                      for (const char c : secret) sum = sum * 31 + static_cast<unsigned char>(c);
                                      return std::to_string(sum % 1'000'000'000'000 + 1'000'000'000'000) + digest;
                                    },
                                .now = [this] { return now; }});
    EXPECT_TRUE(access) << access.error();
    return std::move(*access);
  }
};

TEST_F(AccessTest, finds_a_session_again_after_a_restart) {
  std::string secret, csrf;
  {
    const auto access = open();
    const auto issued = access->begin_session(Uin{10001});
    ASSERT_TRUE(issued);
    secret = issued->secret;
    csrf = issued->caller.csrf;
  }
  const auto access = open();
  const auto caller = access->find(secret, true);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->uin, Uin{10001});
  EXPECT_EQ(caller->csrf, csrf);
  EXPECT_FALSE(access->find(secret, false)) << "a cookie is no token";
  EXPECT_FALSE(access->find("another", true));
  now += std::chrono::days{31};
  EXPECT_FALSE(access->find(secret, true)) << "for ever";
}

TEST_F(AccessTest, keeps_no_secret) {
  const auto access = open();
  const auto issued = access->make_token(Uin{10001}, Role::user, "bot", {});
  std::ifstream in{directory.file("web.jsonl")};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_NE(text.find("bot"), std::string::npos);
  EXPECT_EQ(text.find(issued->secret), std::string::npos);
}

TEST_F(AccessTest, gives_a_token_no_more_than_its_account_has_now) {
  const auto access = open();
  ASSERT_TRUE(access->set_role(Uin{10001}, Role::administrator));
  const auto token = access->make_token(Uin{10001}, Role::moderator, "bot", {});
  const auto session = access->begin_session(Uin{10001});
  EXPECT_EQ(access->find(token->secret, false)->role, Role::moderator);
  EXPECT_EQ(access->find(session->secret, true)->role, Role::administrator);
  ASSERT_TRUE(access->set_role(Uin{10001}, Role::user));
  EXPECT_EQ(access->find(token->secret, false)->role, Role::user);
  EXPECT_EQ(access->find(session->secret, true)->role, Role::user);
  EXPECT_TRUE(open()->roles().empty());
}

TEST_F(AccessTest, revokes_one_or_all) {
  const auto access = open();
  const auto first = access->begin_session(Uin{1}), second = access->begin_session(Uin{1}), other = access->begin_session(Uin{2});
  EXPECT_FALSE(access->revoke(other->caller.id, Uin{1})) << "somebody else's";
  EXPECT_TRUE(access->revoke(first->caller.id, Uin{1}));
  EXPECT_FALSE(access->find(first->secret, true));
  access->revoke_all(Uin{1});
  EXPECT_FALSE(access->find(second->secret, true));
  EXPECT_TRUE(access->find(other->secret, true));
  EXPECT_EQ(access->list(Uin{}).size(), 1U);
}

TEST_F(AccessTest, uses_an_invitation_once) {
  std::string code;
  {
    const auto access = open();
    code = *access->invite();
  }
  const auto access = open();
  EXPECT_FALSE(access->use_invitation("guess"));
  EXPECT_TRUE(access->use_invitation(code));
  EXPECT_FALSE(access->use_invitation(code));
}

TEST_F(AccessTest, survives_a_half_written_line) {
  std::string secret = open()->begin_session(Uin{7})->secret;
  std::ofstream{directory.file("web.jsonl"), std::ios::app} << R"({"token":"half)";
  EXPECT_TRUE(open()->find(secret, true));
}

TEST_F(AccessTest, lets_an_account_have_a_bounded_number) {
  const auto access = open();
  const auto first = access->begin_session(Uin{7});
  for (unsigned i = 0; i < 40; ++i) {
    now += std::chrono::seconds{1};
    ASSERT_TRUE(access->begin_session(Uin{7}));
  }
  EXPECT_LE(access->list(Uin{7}).size(), 32U);
  EXPECT_FALSE(access->find(first->secret, true)) << "the oldest goes";
}

TEST_F(AccessTest, writes_down_what_was_done) {
  {
    const auto audit = Audit::open(directory.file("audit.jsonl"));
    ASSERT_TRUE(audit);
    (*audit)->append({now, "10001", "DELETE /api/v1/sessions/10002", "Ends a session.", 204});
  }
  const auto audit = Audit::open(directory.file("audit.jsonl"));
  const auto rows = (*audit)->newest(10);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].who, "10001");
  EXPECT_EQ(rows[0].at, now);
  EXPECT_EQ(rows[0].status, 204U);
}

}  // namespace
}  // namespace uhoh::gateway
