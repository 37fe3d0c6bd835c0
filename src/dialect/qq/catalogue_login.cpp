#include <array>

#include "dialect/qq/catalogue_rows.hpp"

namespace uhoh::qq::catalogue {

namespace {
constexpr const char* login_source =
    "spec/qq.md 6; captures/qq/openq-qq2005.txt, netoicq-0f5f.txt, openq-qq2008.txt";
constexpr const char* exchange_source = "spec/qq.md 9; captures/qq/libqq-2227.txt";
constexpr const char* touch_source = "spec/qq.md 10; captures/qq/gopcqq-3639-tcp.txt";

constexpr std::array login_client{
    row<LogInA>("LOG_IN_A", "Logs in", step(10), login_source),
    row<LogInA2>("LOG_IN_A2", "Logs in", step(10), login_source),
    row<LogInB>("LOG_IN_B", "Logs in", step(5), login_source),
    row<LogInC>("LOG_IN_C", "Logs in", step(5), exchange_source),
    row<TokenRequest>("TOKEN_REQUEST", "Asks for a token", step(2), login_source),
    row<TouchB>("TOUCH_B", "Asks which server to use", step(1), login_source),
    row<TouchC>("TOUCH_C", "Asks for the first token", step(1), exchange_source),
    row<CaptchaRequestA>("CAPTCHA_REQUEST_A", "Asks for a token", step(1), login_source),
    row<CaptchaCodeA>("CAPTCHA_CODE_A", "The code that was read off a picture", step(1), login_source),
    row<CaptchaRequestB>("CAPTCHA_REQUEST_B", "Asks for the second token", step(1), login_source),
    row<CaptchaCodeB>("CAPTCHA_CODE_B", "The code that was read off a picture", step(1), login_source),
    row<CaptchaRequestC>("CAPTCHA_REQUEST_C", "Asks for the second token", step(1), exchange_source),
    row<ProvePasswordB>("PROVE_PASSWORD_B", "Proves the password", step(10), login_source),
    row<ProvePasswordC>("PROVE_PASSWORD_C", "Proves the password", step(10), exchange_source),
    row<AskOwnNick>("ASK_OWN_NICK", "Asks for the own nick", step(2), exchange_source),
    row<ExchangeTokens>("EXCHANGE_TOKENS", "Asks for the tokens of the log-in", step(2), exchange_source),
    row<QrRequest>("QR_REQUEST", "Asks for a picture to log in with", step(5), touch_source),
    row<QrPoll>("QR_POLL", "Asks what became of the picture", step(1), touch_source),
    row<Touch>("TOUCH", "Asks which server to use", step(1), touch_source),
    row<OpenSession>("OPEN_SESSION", "Asks for a session", step(5), touch_source),
    row<ProvePassword>("PROVE_PASSWORD", "Logs in", step(10), touch_source),
};

constexpr std::array login_server{
    row<LoggedInA>("LOGGED_IN_A", "Logged in", reply, login_source),
    row<LoggedInB>("LOGGED_IN_B", "Logged in", reply, login_source),
    row<LogInElsewhere>("LOG_IN_ELSEWHERE", "Go to another server", reply, login_source),
    row<LogInRefused>("LOG_IN_REFUSED", "Refused", reply, login_source),
    row<LoggedInC>("LOGGED_IN_C", "Logged in", reply, exchange_source),
    row<LogInRefusedC>("LOG_IN_REFUSED_C", "Refused", reply, exchange_source),
    row<TokenReply>("TOKEN_REPLY", "The token", reply, login_source),
    row<TouchReplyB>("TOUCH_REPLY_B", "Stay here, or go elsewhere", reply, login_source),
    row<TouchReplyC>("TOUCH_REPLY_C", "The first token", reply, exchange_source),
    row<CaptchaPassed>("CAPTCHA_PASSED", "The token, when no picture is asked for", reply, login_source),
    row<CaptchaPictureA>("CAPTCHA_PICTURE_A", "A picture whose code the user is to type", reply,
                         login_source),
    row<CaptchaPictureB>("CAPTCHA_PICTURE_B", "A part of a picture", reply, login_source),
    row<CaptchaPassedC>("CAPTCHA_PASSED_C", "The second token", reply, exchange_source),
    row<CaptchaPictureC>("CAPTCHA_PICTURE_C", "A picture whose code the user is to type", reply,
                         exchange_source),
    row<PasswordProvenB>("PASSWORD_PROVEN_B", "The password was right", reply, login_source),
    row<PasswordRefusedB>("PASSWORD_REFUSED_B", "The password was wrong, or another refusal", reply,
                          login_source),
    row<PasswordProvenC>("PASSWORD_PROVEN_C", "The password was right", reply, exchange_source),
    row<PasswordRefusedC>("PASSWORD_REFUSED_C", "The password was wrong, or another refusal", reply,
                          exchange_source),
    row<OwnNick>("OWN_NICK", "The own nick", reply, exchange_source),
    row<TokensExchanged>("TOKENS_EXCHANGED", "The tokens of the log-in", reply, exchange_source),
    row<QrPicture>("QR_PICTURE", "The picture", reply, touch_source),
    row<QrState>("QR_STATE", "02 not yet scanned, 01 scanned, 00 confirmed", reply, touch_source),
    row<TouchReply>("TOUCH_REPLY", "Stay here and take this token; FE: go elsewhere", reply, touch_source),
    row<SessionOpened>("SESSION_OPENED", "The session", reply, touch_source),
    row<PasswordOutcome>("PASSWORD_OUTCOME", "The password was right, or why not", reply, touch_source),
};
}  // namespace

std::span<const Message> login_client_rows() noexcept { return login_client; }
std::span<const Message> login_server_rows() noexcept { return login_server; }

}  // namespace uhoh::qq::catalogue
