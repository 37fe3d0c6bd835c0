#include "node/configuration.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/testing/temporary_directory.hpp"
#include "base/version.hpp"

namespace uhoh::node {
namespace {

const DialectListeners& listeners_of(const Configuration& c, model::DialectId id) {
  return c.server.listen[static_cast<std::size_t>(id)];
}

using namespace std::chrono_literals;

/// A file that goes away with the test.
class File {
 public:
  explicit File(std::string_view content) { std::ofstream{path_} << content; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.file("uhohd.toml");
};

TEST(Configuration, IsTheDefaultsWithoutAFile) {
  const auto loaded = load_configuration({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::icq).udp.to_string(), "0.0.0.0:4000");
  EXPECT_EQ(loaded->server.shard.services.registration, service::RegistrationMode::closed);
  EXPECT_EQ(loaded->server.hashing.memory_kib, 19456U);
  EXPECT_TRUE(loaded->server.shard.services.servers.empty()) << "0.0.0.0 is nothing to tell clients";
}

TEST(Configuration, ReadsTheFileThenTheCommandLine) {
  const File file{"[icq]\nudp = \"127.0.0.1:0\"\nkeepalive = \"30s\"\n[accounts]\nregistration = \"open\"\ncharset = \"cp1251\"\n"};
  const auto loaded = load_configuration({file.path(), {"icq.keepalive=40s", "log.level=error"}});
  ASSERT_TRUE(loaded) << loaded.error().front().to_string();
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::icq).udp.to_string(), "127.0.0.1:0");
  EXPECT_EQ(loaded->server.shard.icq.keepalive, 40s);
  EXPECT_EQ(loaded->server.shard.services.registration, service::RegistrationMode::open);
  EXPECT_EQ(loaded->server.shard.services.registration_charset, Charset::cp1251);
  EXPECT_EQ(loaded->server.shard.icq.default_charset, Charset::cp1251) << "one key for both";
  EXPECT_EQ(loaded->log_level, LogLevel::error);
}

TEST(Configuration, NamesFileLineAndTheLikelyKey) {
  const File file{"[accounts]\nregistration = \"open\"\n\nregistraton = \"open\"\n"};
  const auto loaded = load_configuration({file.path(), {}});
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_EQ(loaded.error().front().file, file.path());
  EXPECT_EQ(loaded.error().front().line, 4);
  EXPECT_NE(loaded.error().front().message.find("did you mean \"registration"), std::string::npos)
      << loaded.error().front().message;
}

TEST(Configuration, RefusesListenersOfDialectsThatAreNotThereYet) {
  const File file{"[klingon]\nudp = \"0.0.0.0:8001\"\n"};
  const auto loaded = load_configuration({file.path(), {}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), 1U);
}

TEST(Configuration, ListensForOicqOverBothTransports) {
  const auto loaded = load_configuration({{}, {"oicq.tcp=127.0.0.1:0", "oicq.udp=", "oicq.max_content=2000"}});
  ASSERT_TRUE(loaded) << loaded.error().front().to_string();
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::oicq).tcp.to_string(), "127.0.0.1:0");
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::oicq).udp, Endpoint{});
  EXPECT_EQ(loaded->server.shard.oicq.max_content, 2000U);
}

TEST(Configuration, ListensForQqOverBothTransports) {
  const auto loaded =
      load_configuration({{}, {"qq.tcp=127.0.0.1:0", "qq.resend=200ms", "qq.agreements_per_second=50"}});
  ASSERT_TRUE(loaded) << loaded.error().front().to_string();
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::qq).udp.to_string(), "0.0.0.0:8000");
  EXPECT_EQ(listeners_of(*loaded, model::DialectId::qq).tcp.to_string(), "127.0.0.1:0");
  EXPECT_EQ(loaded->server.shard.qq.resend, 200ms);
  EXPECT_EQ(loaded->server.shard.qq.agreements_per_second, 50U);
}

TEST(Configuration, RefusesWhatIsOutOfRange) {
  for (const std::string change : {"icq.keepalive=1s", "icq.window=0", "accounts.inbox_messages=0", "server.shards=65",
                                   "accounts.charset=ebcdic", "accounts.registration=perhaps", "icq.udp=everywhere",
                                   "icq.public_address=example.org", "storage.cache=12", "log.level=loud",
                                   "limits.strangers_in_all=0", "qq.qr_page=example.org/qr", "accounts.password_memory_kib=4"}) {
    const auto loaded = load_configuration({{}, {change}});
    ASSERT_FALSE(loaded) << change;
    EXPECT_EQ(loaded.error().front().file, "--set") << change;
  }
}

TEST(Configuration, RefusesToListenNowhere) {
  EXPECT_TRUE(load_configuration({{}, {"icq.udp="}})) << "OICQ is still there";
  EXPECT_TRUE(load_configuration({{}, {"icq.udp=", "oicq.udp=", "oicq.tcp="}})) << "QQ is";
  EXPECT_FALSE(load_configuration({{}, {"icq.udp=", "oicq.udp=", "oicq.tcp=", "qq.udp=", "qq.tcp=", "web.http="}}));
}

TEST(Configuration, RefusesWhatContradictsItself) {
  const auto refused = [](std::vector<std::string> changes, std::string_view why) {
    const auto loaded = load_configuration({{}, std::move(changes)});
    ASSERT_FALSE(loaded) << why;
    EXPECT_NE(loaded.error().front().to_string().find(why), std::string::npos) << loaded.error().front().to_string();
  };
  refused({"icq.udp=", "oicq.udp=", "oicq.tcp=", "qq.udp=", "qq.tcp=", "web.http="}, "every listener is off");
  refused({"icq.udp=127.0.0.1:4000", "oicq.udp=127.0.0.1:4000"}, "icq.udp and oicq.udp are both to listen on UDP port 4000");
  refused({"oicq.tcp=127.0.0.1:8080", "web.http=0.0.0.0:8080"}, "oicq.tcp and web.http are both");
  refused({"relay.first_port=5000", "relay.last_port=4000"}, "relay.last_port is below");
  refused({"accounts.throttle_first=1h", "accounts.throttle_longest=0s"}, "accounts.throttle_longest is below");
  refused({"accounts.greeting=" + std::string(5'701, 'x')}, "accounts.greeting has 5701 bytes");
  refused({"web.certificate=/c.pem"}, "web.certificate and web.key");
  refused({"web.webhooks=nonsense"}, "\"nonsense\" is no URL");
  EXPECT_TRUE(load_configuration({{}, {"icq.udp=127.0.0.1:4000", "oicq.tcp=127.0.0.1:4000", "oicq.udp=127.0.0.2:4000",
                                       "qq.udp=127.0.0.1:0", "web.http=127.0.0.1:0"}}));
}

TEST(Configuration, NamesTheFilesThatAreMissing) {
  const auto loaded = load_configuration({{}, {"web.certificate=/nonexistent/c.pem", "web.key=/etc/passwd"}});
  ASSERT_TRUE(loaded);
  const auto missing = missing_files(*loaded, {});
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing.front().to_string(), "web.certificate: there is no file /nonexistent/c.pem");
}

TEST(Configuration, TellsClientsWhereTheServerIs) {
  const auto named = load_configuration({{}, {"icq.public_address=icq.example.org:4001", "server.name=Home"}});
  ASSERT_TRUE(named);
  ASSERT_EQ(named->server.shard.services.servers.size(), 1U);
  EXPECT_EQ(named->server.shard.services.servers.front().name, "Home");
  EXPECT_EQ(named->server.shard.services.servers.front().address, "icq.example.org");
  EXPECT_EQ(named->server.shard.services.servers.front().port, 4001U);
  const auto bound = load_configuration({{}, {"icq.udp=192.0.2.1:4000"}});
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->server.shard.services.servers.size(), 1U);
  EXPECT_EQ(bound->server.shard.services.servers.front().address, "192.0.2.1");
}

TEST(Configuration, ExplainsItselfInAFormThatItReads) {
  const File file{explain_configuration()};
  const auto loaded = load_configuration({file.path(), {}});
  ASSERT_TRUE(loaded) << loaded.error().front().to_string();
  EXPECT_TRUE(changes_between(Configuration{}, *loaded).empty());
}

TEST(Configuration, SaysWhichKeysDiffer) {
  const auto changed = load_configuration({{}, {"log.level=debug", "icq.window=4"}});
  ASSERT_TRUE(changed);
  const auto list = changes_between(Configuration{}, *changed);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "log.level");
  EXPECT_EQ(list[1].name, "icq.window");
  EXPECT_EQ(list[1].before, "8");
  EXPECT_EQ(list[1].after, "4");
}

TEST(Version, IsTheOneOfTheBuild) {
  std::ifstream in{std::filesystem::path{UHOH_SOURCE_DIR} / "CMakeLists.txt"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_NE(text.find("project(uhoh VERSION " + std::string{version} + " "), std::string::npos);
}

}  // namespace
}  // namespace uhoh::node
