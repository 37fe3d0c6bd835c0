#include "gateway/route_table.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "gateway/admin_api.hpp"
#include "gateway/time_text.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;
using model::AdminError;
using model::AdminResult;

/// Remembers what it was asked, and answers as it is told.
class RecordingAdmin final : public model::AdminPort {
 public:
  std::string asked;
  std::optional<AdminError> refusal;

  AdminResult<Uin> create_account(const model::NewAccount& a) override {
    return answer("create " + std::to_string(a.uin.value) + " " + a.password + " " + a.profile.nick, Uin{10001});
  }
  AdminResult<model::AccountRangeMade> create_range(const model::NewAccountRange& r) override {
    return answer("range " + std::to_string(r.first.value) + " " + std::to_string(r.count),
                  model::AccountRangeMade{r.count, 0});
  }
  AdminResult<model::AccountPage> list_accounts(Uin after, std::size_t limit) override {
    model::AccountPage page;
    page.accounts.push_back({Uin{10002}, {.nick = "<b>\"Ann\""}});
    return answer("list " + std::to_string(after.value) + " " + std::to_string(limit), page);
  }
  AdminResult<model::AccountDetails> read_account(Uin uin) override {
    model::AccountDetails details;
    details.uin = uin;
    return answer("read " + std::to_string(uin.value), details);
  }
  AdminResult<void> change_account(Uin uin, const model::AccountChange& c) override {
    return answer("change " + std::to_string(uin.value) + (c.nick ? " nick" : "") + (c.authorization ? " auth" : "") +
                  (c.address_policy ? " policy" : "") + (c.icq_charset ? " charset" : ""));
  }
  AdminResult<void> set_password(Uin uin, std::string_view p) override {
    return answer("password " + std::to_string(uin.value) + " " + std::string{p});
  }
  AdminResult<void> suspend(Uin uin, WallTime until, std::string_view reason) override {
    return answer("suspend " + std::to_string(uin.value) + " " + format_time(until) + " " + std::string{reason});
  }
  AdminResult<void> resume(Uin uin) override { return answer("resume " + std::to_string(uin.value)); }
  AdminResult<void> delete_account(Uin uin) override { return answer("delete " + std::to_string(uin.value)); }
  AdminResult<void> add_friend(Uin a, Uin b) override {
    return answer("friend " + std::to_string(a.value) + " " + std::to_string(b.value));
  }
  AdminResult<model::SessionPage> list_sessions(std::uint64_t after, std::size_t limit) override {
    model::SessionPage page;
    page.sessions.push_back({.uin = Uin{10001}, .peer = {IpAddress::v4(0x7F000001), 1024}});
    return answer("sessions " + std::to_string(after) + " " + std::to_string(limit), page);
  }
  AdminResult<void> kick(Uin uin) override { return answer("kick " + std::to_string(uin.value)); }
  AdminResult<model::BroadcastDone> broadcast(std::string_view text) override {
    return answer("broadcast " + std::string{text}, model::BroadcastDone{3, 1});
  }
  AdminResult<std::string> add_ban(const model::BanRow& ban) override { return answer("ban " + ban.cidr, ban.cidr); }
  AdminResult<void> remove_ban(std::string_view cidr) override { return answer("unban " + std::string{cidr}); }
  AdminResult<std::vector<model::BanRow>> list_bans() override {
    return answer("bans", std::vector<model::BanRow>{{"192.0.2.0/24", "spam", {}}});
  }
  AdminResult<void> backup(std::string_view file) override { return answer("backup " + std::string{file}); }
  AdminResult<model::StoreCheck> check_store() override { return answer("check", model::StoreCheck{.sound = true}); }
  AdminResult<model::ServerStatus> status() override {
    if (asked == "throw") throw std::runtime_error{"broken"};
    return answer("status", model::ServerStatus{.version = "1"});
  }
  AdminResult<std::vector<MetricValue>> metrics() override {
    return answer("metrics", std::vector<MetricValue>{{.name = "uhoh_x_total", .help = "X", .value = 2}});
  }

 private:
  template <class T>
  AdminResult<T> answer(std::string what, T value) {
    asked = std::move(what);
    if (refusal) return std::unexpected(*refusal);
    return value;
  }
  AdminResult<void> answer(std::string what) {
    asked = std::move(what);
    if (refusal) return std::unexpected(*refusal);
    return {};
  }
};

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
      EXPECT_EQ(ask(route.method, target, "{}", role).status, 403U) << target << " as " << to_string(role);
      EXPECT_EQ(admin.asked, "") << target << " as " << to_string(role);
    }
  }
}

TEST_F(Api, ListsItsOwnRoutes) {
  const auto body = json::parse(ask(Method::get, "/api/v1/routes", "", Role::nobody).body);
  EXPECT_EQ(body.at("routes").as_array().size(), admin_routes().size());
  for (const Route& route : admin_routes()) EXPECT_FALSE(route.meaning.empty()) << route.pattern;
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
