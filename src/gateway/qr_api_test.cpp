#include "gateway/qr_api.hpp"

#include <boost/json.hpp>

#include "gateway/testing/web_fixture.hpp"

namespace uhoh::gateway {
namespace {

constexpr std::string_view look = "/api/v1/me/qr/ABCDEFGH";
constexpr std::string_view confirmation = "/api/v1/me/qr/ABCDEFGH/confirmation";

using QrApi = WebFixture;

TEST_F(QrApi, ShowsWhoAsksAndLetsHimInWithTheOwnNumberOnly) {
  const auto ann = in_browser(10001);
  const auto shown = ask(ann, Method::get, look);
  ASSERT_EQ(shown.status, 200U) << shown.body;
  const auto body = boost::json::parse(shown.body);
  EXPECT_EQ(body.at("address").as_string(), "127.0.0.1");
  EXPECT_EQ(body.at("client").as_string(), "QQ");
  EXPECT_TRUE(body.at("same_address").as_bool());
  EXPECT_EQ(ask(ann, Method::post, confirmation, R"({"uin": 10002})").status, 204U);
  EXPECT_EQ(admin.asked, "qr ABCDEFGH 10001") << "no body names another number";
  EXPECT_TRUE(is_noted("POST /api/v1/me/qr/ABCDEFGH/confirmation"));
  EXPECT_EQ(audit->newest(1).at(0).who, "10001");
  peer.address = IpAddress::v4(0x0A000001);
  EXPECT_FALSE(boost::json::parse(ask(ann, Method::get, look).body).at("same_address").as_bool());
}

TEST_F(QrApi, IsForThoseWhoAreLoggedInWithABrowser) {
  EXPECT_EQ(ask({}, Method::post, confirmation).status, 401U);
  EXPECT_EQ(ask({.uin = Uin{10001}, .role = Role::user, .id = "bot"}, Method::post, confirmation).status,
            403U);
  EXPECT_EQ(ask({.role = Role::administrator, .id = "token"}, Method::post, confirmation).status, 403U);
  EXPECT_EQ(ask({.role = Role::local}, Method::post, confirmation).status, 403U);
  EXPECT_EQ(admin.asked, "");
}

TEST_F(QrApi, EndsTheGuessing) {
  const auto eve = in_browser(10002), ann = in_browser(10001);
  for (const std::string_view wrong : {"AAAAAAAA", "abcdefgh", "ABCDEFG"})
    EXPECT_EQ(ask(eve, Method::post, "/api/v1/me/qr/" + std::string{wrong} + "/confirmation").status, 404U);
  EXPECT_EQ(ask(eve, Method::post, confirmation).status, 429U) << "also the right one";
  EXPECT_EQ(ask(eve, Method::get, look).status, 429U);
  EXPECT_EQ(ask(ann, Method::post, confirmation).status, 204U) << "nobody else waits for that";
}

TEST_F(QrApi, SaysWhenTheCodeIsGoneOrTheNumberMayNot) {
  const auto ann = in_browser(10001);
  admin.confirmation_refusal = AdminError{AdminError::Kind::not_found, "no log-in with this code waits"};
  EXPECT_EQ(ask(ann, Method::post, confirmation).status, 404U) << "its time ended while somebody typed";
  admin.confirmation_refusal = AdminError{AdminError::Kind::conflict, "`uhohctl user set 10001 --qq`"};
  const auto refused = ask(ann, Method::post, confirmation);
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(refused.body.find("uhohctl"), std::string::npos) << "what administrators read";
}

}  // namespace
}  // namespace uhoh::gateway
