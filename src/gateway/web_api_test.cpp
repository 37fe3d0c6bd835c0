#include <boost/json.hpp>

#include "gateway/testing/web_fixture.hpp"

namespace uhoh::gateway {
namespace {

using WebApi = WebFixture;

std::string filled(std::string_view pattern) {
  std::string target{pattern};
  for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
    target.replace(open, target.find('}') - open + 1, "7");
  return target;
}

// Generated from the table: what changes something leaves a trace, unless its row says why it is nobody's
// business.
TEST_F(WebApi, NotesEveryChange) {
  std::vector<std::string> untraced;
  for (const Route& route : all_routes()) {
    if (route.method == Method::get) continue;
    const auto target = filled(route.pattern);
    const auto what = std::string{to_string(route.method)} + " " + target;
    ask(route.role == Role::local ? Caller{.role = Role::local} : in_browser(10001, Role::administrator),
        route.method, target, "{}");
    if (!is_noted(what)) untraced.emplace_back(what);
  }
  EXPECT_EQ(untraced,
            (std::vector<std::string>{"POST /api/v1/login", "POST /api/v1/logout", "POST /api/v1/messages"}));
}

TEST_F(WebApi, NotesWhatUsersHaveDoneAndNotWhatTheyTried) {
  const auto ann = in_browser(10001);
  const auto made = ask(ann, Method::post, "/api/v1/tokens", R"({"name": "bot"})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto row = audit->newest(1).at(0);
  EXPECT_EQ(row.who, "10001");
  EXPECT_EQ(row.what, "POST /api/v1/tokens");
  EXPECT_NE(row.detail.find("role user"), std::string::npos) << row.detail;
  const auto secret = std::string{boost::json::parse(made.body).at("token").as_string()};
  EXPECT_EQ(row.detail.find(secret), std::string::npos) << "never a secret";
  EXPECT_EQ(ask(ann, Method::delete_, "/api/v1/tokens/nothing").status, 404U);
  EXPECT_EQ(audit->newest(10).size(), 1U);
  const auto id = std::string{boost::json::parse(made.body).at("id").as_string()};
  EXPECT_EQ(ask(ann, Method::delete_, "/api/v1/tokens/" + id).status, 204U);
  EXPECT_TRUE(is_noted("DELETE /api/v1/tokens/" + id));
}

TEST_F(WebApi, LetsNobodyFillTheAuditLog) {
  const auto ann = in_browser(10001);
  unsigned done = 0;
  while (done < 1000 && ask(ann, Method::patch, "/api/v1/me", R"({"charset": "koi8-r"})").status == 204)
    ++done;
  EXPECT_EQ(done, 100U);
  EXPECT_EQ(ask(in_browser(10002), Method::patch, "/api/v1/me", R"({"charset": "koi8-r"})").status, 204U);
  EXPECT_EQ(
      ask(in_browser(10001, Role::moderator), Method::patch, "/api/v1/me", R"({"charset": "koi8-r"})").status,
      204U);
}

TEST_F(WebApi, RegistersForQqWhereTheConfigurationSaysSo) {
  constexpr std::string_view body = R"({"password": "secret", "nick": "Ann"})";
  EXPECT_EQ(ask({}, Method::post, "/api/v1/accounts", body).status, 201U);
  EXPECT_FALSE(admin.created.qq);
  EXPECT_EQ(audit->newest(1).at(0).who, "127.0.0.1");
  shards.qq = true;
  EXPECT_EQ(ask({}, Method::post, "/api/v1/accounts", body).status, 201U);
  EXPECT_TRUE(admin.created.qq);
}

}  // namespace
}  // namespace uhoh::gateway
