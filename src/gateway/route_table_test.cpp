#include "gateway/route_table.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "gateway/admin_api.hpp"
#include "gateway/web_services.hpp"
#include "gateway/testing/recording_admin.hpp"
#include "gateway/time_text.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;
using model::AdminError;

struct Api : testing::Test {
  RecordingAdmin admin;
  RouteTable table{admin_routes()};

  ApiResponse ask(Method method, std::string_view target, std::string_view body = {}, Role role = Role::local) {
    return table.dispatch({method, target, body, role}, admin);
  }
  static std::string message(const ApiResponse& response) {
    return std::string{json::parse(response.body).at("error").at("message").as_string()};
  }
};

TEST_F(Api, FindsRoutesWithParametersAndQueries) {
  EXPECT_EQ(ask(Method::get, "/api/v1/users/10001").status, 200U);
  EXPECT_EQ(admin.asked, "read 10001");
  EXPECT_EQ(ask(Method::get, "/api/v1/users?after=5&limit=7").status, 200U);
  EXPECT_EQ(admin.asked, "list 5 7");
  EXPECT_EQ(ask(Method::put, "/api/v1/users/1/friends/2").status, 204U);
  EXPECT_EQ(admin.asked, "friend 1 2");
  EXPECT_EQ(ask(Method::delete_, "/api/v1/bans/192.0.2.0%2F24").status, 204U);
  EXPECT_EQ(admin.asked, "unban 192.0.2.0/24");
  EXPECT_EQ(ask(Method::get, "/api/v1/sessions?after=4294967297").status, 200U);
  EXPECT_EQ(admin.asked, "sessions 4294967297 100");
}

TEST_F(Api, CarriesOutEveryRoute) {
  const struct {
    Method method;
    std::string_view target, body;
    unsigned status;
    std::string_view asked;
  } rows[] = {
      {Method::post, "/api/v1/users", R"({"uin": 5, "password": "p", "nick": "Ann"})", 201, "create 5 p Ann"},
      {Method::post, "/api/v1/user-ranges", R"({"first": 20001, "count": 10, "password": "p"})", 201, "range 20001 10"},
      {Method::patch, "/api/v1/users/7", R"({"nick": "B", "authorization": "required", "address_policy": "nobody", "charset": "koi8-r"})",
       204, "change 7 nick auth policy charset"},
      {Method::delete_, "/api/v1/users/7", "", 204, "delete 7"},
      {Method::put, "/api/v1/users/7/password", R"({"password": "new"})", 204, "password 7 new"},
      {Method::put, "/api/v1/users/7/suspension", R"({"until": "2030-01-02T03:04:05Z", "reason": "spam"})", 204,
       "suspend 7 2030-01-02T03:04:05Z spam"},
      {Method::delete_, "/api/v1/users/7/suspension", "", 204, "resume 7"},
      {Method::delete_, "/api/v1/sessions/7", "", 204, "kick 7"},
      {Method::post, "/api/v1/broadcasts", R"({"text": "hello"})", 200, "broadcast hello"},
      {Method::get, "/api/v1/rooms?after=5&limit=7", "", 200, "rooms 5 7"},
      {Method::get, "/api/v1/rooms/2000000000", "", 200, "room 2000000000"},
      {Method::post, "/api/v1/rooms", R"({"name": "Tea", "owner": 7, "members": [8, 9], "joining": "open"})", 201,
       "make room Tea 7 2"},
      {Method::delete_, "/api/v1/rooms/2000000000", "", 204, "dismiss 2000000000"},
      {Method::get, "/api/v1/qr", "", 200, "qr"},
      {Method::put, "/api/v1/qr/ABCDEFGH/confirmation", R"({"uin": 7})", 204, "qr ABCDEFGH 7"},
      {Method::get, "/api/v1/bans", "", 200, "bans"},
      {Method::post, "/api/v1/bans", R"({"cidr": "192.0.2.1"})", 201, "ban 192.0.2.1"},
      {Method::post, "/api/v1/backups", R"({"file": "/x"})", 201, "backup /x"},
      {Method::get, "/api/v1/store-check", "", 200, "check"},
      {Method::get, "/api/v1/status", "", 200, "status"},
      {Method::get, "/metrics", "", 200, "metrics"},
      {Method::get, "/healthz", "", 200, "status"},
  };
  for (const auto& row : rows) {
    const auto response = ask(row.method, row.target, row.body);
    EXPECT_EQ(response.status, row.status) << row.target << " " << response.body;
    EXPECT_EQ(admin.asked, row.asked) << row.target;
  }
}

TEST_F(Api, FindsAccountsByWords) {
  const auto found = [&](std::string_view words) {
    return json::parse(ask(Method::get, "/api/v1/users?find=" + percent_encode(words)).body).at("users").as_array().size();
  };
  EXPECT_EQ(found("ann"), 1U) << "whatever its case";
  EXPECT_EQ(found("bob"), 0U);
}

TEST_F(Api, SaysWhatThereIsNot) {
  EXPECT_EQ(ask(Method::get, "/api/v1/nothing").status, 404U);
  EXPECT_EQ(ask(Method::get, "/api/v1/users/").status, 404U);
  EXPECT_EQ(ask(Method::get, "api").status, 404U);
  EXPECT_EQ(ask(Method::get, "").status, 404U);
  const auto response = ask(Method::post, "/api/v1/status");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.allow, "GET");
}

TEST_F(Api, RefusesBodiesThatAreWrong) {
  EXPECT_EQ(ask(Method::post, "/api/v1/users", "").status, 400U);
  EXPECT_EQ(ask(Method::post, "/api/v1/users", "[1]").status, 400U);
  EXPECT_EQ(message(ask(Method::post, "/api/v1/users", R"({"uin": 5})")), "\"password\" is missing");
  EXPECT_EQ(message(ask(Method::post, "/api/v1/users", R"({"passwort": "x"})")), "there is no member \"passwort\"");
  EXPECT_EQ(ask(Method::post, "/api/v1/users", R"({"uin": -1, "password": "x"})").status, 400U);
  EXPECT_EQ(ask(Method::post, "/api/v1/users", R"({"uin": 4294967296, "password": "x"})").status, 400U);
  EXPECT_EQ(ask(Method::patch, "/api/v1/users/1", R"({"authorization": "maybe"})").status, 400U);
  EXPECT_EQ(ask(Method::put, "/api/v1/users/1/suspension", R"({"until": "tomorrow"})").status, 400U);
  EXPECT_EQ(ask(Method::get, "/api/v1/users?limit=0").status, 400U);
  EXPECT_EQ(message(ask(Method::post, "/api/v1/rooms", R"({"name": "Tea", "owner": 7, "members": ["x"]})")),
            "\"members\" must be a list of account numbers");
  EXPECT_EQ(ask(Method::post, "/api/v1/rooms", R"({"name": "Tea"})").status, 400U);
  EXPECT_EQ(ask(Method::get, "/api/v1/users?limit=%zz").status, 400U);
  EXPECT_EQ(admin.asked, "") << "nothing of it reached the server";
}

TEST_F(Api, PassesRefusalsOnWithTheirStatus) {
  const std::pair<AdminError::Kind, unsigned> rows[] = {{AdminError::Kind::invalid, 400},
                                                        {AdminError::Kind::not_found, 404},
                                                        {AdminError::Kind::conflict, 409},
                                                        {AdminError::Kind::unavailable, 503},
                                                        {AdminError::Kind::failed, 500}};
  for (const auto& [kind, status] : rows) {
    admin.refusal = AdminError{kind, "because \"it\" is so"};
    const auto response = ask(Method::delete_, "/api/v1/sessions/7");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(message(response), "because \"it\" is so");
  }
}

TEST_F(Api, AnswersWhenSomethingThrows) {
  admin.asked = "throw";
  EXPECT_EQ(ask(Method::get, "/api/v1/status").status, 500U);
}

// Generated from the table: whoever has a lower role gets nowhere, and nothing is carried out.
TEST_F(Api, KeepsEveryRouteToItsRole) {
  for (const Route& route : admin_routes()) {
    std::string target{route.pattern};
    for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
      target.replace(open, target.find('}') - open + 1, "7");
    for (const auto role : {Role::nobody, Role::user, Role::moderator, Role::administrator}) {
      if (role >= route.role) continue;
      admin.asked.clear();
      EXPECT_EQ(ask(route.method, target, "{}", role).status, role == Role::nobody ? 401U : 403U) << target << " as " << to_string(role);
      EXPECT_EQ(admin.asked, "") << target << " as " << to_string(role);
    }
  }
}

TEST_F(Api, ListsItsOwnRoutes) {
  const auto body = json::parse(ask(Method::get, "/api/v1/routes", "", Role::nobody).body);
  EXPECT_EQ(body.at("routes").as_array().size(), all_routes().size());
  for (const Route& route : all_routes()) EXPECT_FALSE(route.meaning.empty()) << route.pattern;
}

TEST_F(Api, EscapesWhatUsersWrote) {
  const auto body = json::parse(ask(Method::get, "/api/v1/users").body);
  EXPECT_EQ(body.at("users").at(0).at("nick").as_string(), "<b>\"Ann\"");
}

TEST(TimeText, ReadsWhatItWrites) {
  for (const std::string text : {"1997-06-01T00:00:00Z", "2026-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}) {
    const auto at = parse_time(text);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(format_time(*at), text);
  }
  EXPECT_EQ(format_time(*parse_time("2026-12-31")), "2026-12-31T00:00:00Z");
  EXPECT_EQ(format_time(*parse_time("2026-12-31T10:20Z")), "2026-12-31T10:20:00Z");
  for (const std::string text : {"", "2026", "2026-02-30", "2026-13-01", "2026-12-31T24:00Z", "2026-12-31T10:20", "tomorrow",
                                 "2026-12-31T10:20:00Z ", "-026-12-31"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(PercentEncoding, ComesBack) {
  const std::string all = "a/b c%d&e=f?\xC3\xA9";
  std::string back;
  ASSERT_TRUE(percent_decode(percent_encode(all), back));
  EXPECT_EQ(back, all);
  for (const std::string broken : {"%", "%4", "%zz", "a%"}) {
    std::string out;
    EXPECT_FALSE(percent_decode(broken, out)) << broken;
  }
}

}  // namespace
}  // namespace uhoh::gateway
