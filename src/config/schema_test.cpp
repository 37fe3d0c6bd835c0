#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>

namespace uhoh::config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

enum class Registration { closed, open, invite };

struct IcqOptions {
  Endpoint udp = *Endpoint::parse("0.0.0.0:4000");
  Duration keepalive = 2min;
  std::uint32_t max_contacts = 1000;
  bool search = true;
  std::string motd = "Say \"uhoh\"";
  std::uint64_t max_bytes = 64 << 20;
  std::vector<std::string> admins = {"joe", "ann"};
  Registration registration = Registration::closed;
  std::uint16_t port_offset = 0;
  std::int64_t offset = -5;
  std::chrono::seconds linger = 5s;
  std::filesystem::path home = "/var/lib/uhoh";

  bool operator==(const IcqOptions&) const = default;
};

// A schema as a module describes itself, over options of its own.
struct Described {
  IcqOptions icq;
  std::string sqlite_file = "uhoh.db";
  Schema schema;

  Described() {
    schema.section("icq", "ICQ dialect")
        .option("udp", icq.udp, "Address for ICQ clients.")
        .option("keepalive", icq.keepalive, {.min = 10s, .max = 1h}, "How often clients are to report.")
        .option("max_contacts", icq.max_contacts, {.min = 1, .max = 5000, .unit = "contacts"},
                "Contacts a user may have.")
        .option("search", icq.search, "Whether people can be searched for.")
        .option("motd", icq.motd, "What new users read.")
        .bytes("max_bytes", icq.max_bytes, "How much may be stored.", {.min = 1024})
        .option("admins", icq.admins, "Who may do everything.")
        .option("registration", icq.registration,
                {{"closed", Registration::closed},
                 {"open", Registration::open},
                 {"invite", Registration::invite}},
                "Who may register.")
        .option("port_offset", icq.port_offset, "Is added to every port.")
        .option("offset", icq.offset, "May lie below zero.")
        .option("linger", icq.linger, "How long a closed session is remembered.")
        .option("home", icq.home, "Where files lie.");
    schema.section("storage.sqlite", "Database")
        .option("file", sqlite_file, "Its name in the data directory.");
  }

  // The first error's text, or nothing.
  std::string error(std::string_view toml) {
    const auto loaded = schema.load_text(toml, "uhoh.toml");
    return loaded ? "" : loaded.error().front().to_string();
  }
  std::string set_error(std::string_view assignment) {
    const auto done = schema.set(assignment);
    return done ? "" : done.error().to_string();
  }
};

TEST(Schema, AnEmptyFileLeavesTheDefaults) {
  Described d;
  EXPECT_EQ(d.error(""), "");
  EXPECT_EQ(d.error("[icq]\n[storage]\n"), "");
  EXPECT_EQ(d.icq, IcqOptions{});
}

TEST(Schema, ReadsEveryType) {
  Described d;
  EXPECT_EQ(d.error(R"([icq]
udp = "127.0.0.1:0"
keepalive = "30s"
max_contacts = 5_000
search = false
motd = "hi"
max_bytes = "1GiB"
admins = ["x"]
registration = "invite"
port_offset = 65535
offset = -7
linger = "1m"
home = "/srv"
[storage.sqlite]
file = "x.db"
)"),
            "");
  const IcqOptions expected{.udp = *Endpoint::parse("127.0.0.1:0"),
                            .keepalive = 30s,
                            .max_contacts = 5000,
                            .search = false,
                            .motd = "hi",
                            .max_bytes = 1ULL << 30,
                            .admins = {"x"},
                            .registration = Registration::invite,
                            .port_offset = 65535,
                            .offset = -7,
                            .linger = 60s,
                            .home = "/srv"};
  EXPECT_EQ(d.icq, expected);
  EXPECT_EQ(d.sqlite_file, "x.db");
}

TEST(Schema, AnEmptyAddressTurnsAListenerOff) {
  Described d;
  EXPECT_EQ(d.error("[icq]\nudp = \"\""), "");
  EXPECT_EQ(d.icq.udp, Endpoint{});
  EXPECT_THAT(d.error("[icq]\nudp = \"[::]:0\""), HasSubstr("[::1]:0"));
}

TEST(Schema, UnknownKeysAreErrorsWithPlaceAndSuggestion) {
  Described d;
  EXPECT_EQ(d.error("[icq]\nsearch = true\nkeepalvie = \"5s\""),
            "uhoh.toml:3:1: there is no key \"keepalvie\" in section [icq]; did you mean \"keepalive\"? "
            "`uhohd --explain-config` lists all");
  EXPECT_THAT(d.error("[icq]\nfile = \"x\""), HasSubstr("section [storage.sqlite] has one"));
  EXPECT_THAT(d.error("\n[icp]\n"), AllOf(StartsWith("uhoh.toml:2:"), HasSubstr("did you mean [icq]?")));
  EXPECT_THAT(d.error("[storage.sqllite]\nfile = \"x\""), HasSubstr("did you mean [storage.sqlite]?"));
  EXPECT_THAT(d.error("[storage]\nfile = \"x\""), HasSubstr("no section [storage]; did you mean"));
  EXPECT_THAT(d.error("[icq.udp.more]\nx = 1"), HasSubstr("not a section"));
  EXPECT_THAT(d.error("udp = 1"), HasSubstr("before the first section"));
  EXPECT_THAT(d.error("[[icq]]\nudp = \"\""), HasSubstr("no section [icq]"));
}

TEST(Schema, WrongTypesAndValuesSayWhatIsRight) {
  Described d;
  EXPECT_EQ(d.error("[icq]\nkeepalive = 30"),
            "uhoh.toml:2:1: icq.keepalive takes a text in quotes, as \"30s\", not the number 30");
  EXPECT_EQ(d.error("[icq]\nkeepalive = \"5s\""), "uhoh.toml:2:1: icq.keepalive must be 10s to 1h, not 5s");
  EXPECT_EQ(d.error("[icq]\nmax_contacts = 0"), "uhoh.toml:2:1: icq.max_contacts must be 1 to 5000, not 0");
  EXPECT_THAT(d.error("[icq]\nmax_contacts = \"5\""),
              HasSubstr("whole number without quotes, not the text \"5\""));
  EXPECT_THAT(d.error("[icq]\nport_offset = 65536"), HasSubstr("must be 0 to 65535"));
  EXPECT_THAT(d.error("[icq]\nsearch = 1"), HasSubstr("takes true or false"));
  EXPECT_THAT(d.error("[icq]\nmax_bytes = \"12B\""), HasSubstr("must be at least 1KiB, not 12B"));
  EXPECT_THAT(d.error("[icq]\nmax_bytes = -1"), HasSubstr("takes a size"));
  EXPECT_THAT(d.error("[icq]\nadmins = [1]"), HasSubstr("takes a list of texts"));
  EXPECT_THAT(d.error("[icq]\nregistration = \"opne\""), HasSubstr("did you mean \"open\"?"));
  EXPECT_THAT(d.error("[icq]\nudp = \"here\""), HasSubstr("is not ADDRESS:PORT"));
  EXPECT_THAT(d.error("[icq]\nudp = 2020-01-01"), HasSubstr("not a date or time"));
  EXPECT_EQ(d.icq, IcqOptions{});
}

TEST(Schema, ReportsEveryErrorInOrderAndWritesNothing) {
  Described d;
  const auto loaded = d.schema.load_text("[icq]\nudp = 1\nsearch = false\nmotd = 2\nnope = 3\n", "f");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 3u);
  EXPECT_EQ(loaded.error()[0].line, 2);
  EXPECT_EQ(loaded.error()[1].line, 4);
  EXPECT_EQ(loaded.error()[2].line, 5);
  EXPECT_EQ(d.icq, IcqOptions{});
}

TEST(Schema, WhatIsNotTomlSaysWhere) {
  Described d;
  EXPECT_THAT(d.error("[icq]\nudp = \n"), StartsWith("uhoh.toml:2:"));
  EXPECT_THAT(d.error("[icq]\nsearch = true\nsearch = false\n"), StartsWith("uhoh.toml:3:"));
}

TEST(Schema, FilesThatCanNotBeReadSayWhy) {
  Described d;
  const auto missing = d.schema.load_file("/no/such/file.toml");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().front().to_string(),
              AllOf(StartsWith("/no/such/file.toml: "), HasSubstr("No such file")));
  EXPECT_FALSE(d.schema.load_file("/"));
  EXPECT_FALSE(d.schema.load_file("/dev/zero"));
}

TEST(Schema, ReadsAFile) {
  Described d;
  const std::filesystem::path path = std::filesystem::path{testing::TempDir()} / "uhoh_schema_test.toml";
  std::ofstream{path} << "[icq]\nmotd = \"from a file\"\nnope = 1\n";
  const auto loaded = d.schema.load_file(path);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().front().to_string(), StartsWith(path.string() + ":3:1: "));
  std::ofstream{path} << "[icq]\nmotd = \"from a file\"\n";
  EXPECT_TRUE(d.schema.load_file(path));
  EXPECT_EQ(d.icq.motd, "from a file");
  std::filesystem::remove(path);
}

TEST(Set, TakesTextsWithoutQuotes) {
  Described d;
  EXPECT_EQ(d.set_error("icq.udp=127.0.0.1:0"), "");
  EXPECT_EQ(d.set_error("icq.keepalive=30s"), "");
  EXPECT_EQ(d.set_error("icq.max_contacts = 7"), "");
  EXPECT_EQ(d.set_error("icq.search=false"), "");
  EXPECT_EQ(d.set_error("icq.motd=\"a=b\""), "");
  EXPECT_EQ(d.set_error("icq.max_bytes=4096"), "");
  EXPECT_EQ(d.set_error("icq.admins=x, y"), "");
  EXPECT_EQ(d.set_error("icq.registration=open"), "");
  EXPECT_EQ(d.set_error("storage.sqlite.file=42"), "");
  EXPECT_EQ(d.icq.udp, *Endpoint::parse("127.0.0.1:0"));
  EXPECT_EQ(d.icq.keepalive, 30s);
  EXPECT_EQ(d.icq.max_contacts, 7u);
  EXPECT_FALSE(d.icq.search);
  EXPECT_EQ(d.icq.motd, "a=b");
  EXPECT_EQ(d.icq.max_bytes, 4096u);
  EXPECT_EQ(d.icq.admins, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(d.icq.registration, Registration::open);
  EXPECT_EQ(d.sqlite_file, "42");
  EXPECT_EQ(d.set_error("icq.admins=[\"a\"]"), "");
  EXPECT_EQ(d.icq.admins, std::vector<std::string>{"a"});
  EXPECT_EQ(d.set_error("icq.udp="), "");
  EXPECT_EQ(d.icq.udp, Endpoint{});
}

TEST(Set, ErrorsSayWhatToWrite) {
  Described d;
  EXPECT_THAT(d.set_error("icq.udp"), StartsWith("--set: \"icq.udp\" has no \"=\""));
  EXPECT_THAT(d.set_error("udp=1"), HasSubstr("names no section"));
  EXPECT_THAT(d.set_error("icp.udp=1"), HasSubstr("did you mean [icq]?"));
  EXPECT_THAT(d.set_error("icq.udq=1"), HasSubstr("did you mean \"udp\"?"));
  EXPECT_THAT(d.set_error("icq.max_contacts=many"), HasSubstr("not the text \"many\""));
  EXPECT_THAT(d.set_error("icq.search=yes"), HasSubstr("takes true or false"));
  EXPECT_THAT(d.set_error("icq.keepalive=5"), HasSubstr("whole number and its unit"));
}

TEST(Explain, IsAFileThatGivesTheDefaults) {
  Described d;
  const std::string toml = d.schema.explain();
  EXPECT_THAT(toml, HasSubstr("# ICQ dialect\n[icq]\n\n# Address for ICQ clients.\n"));
  EXPECT_THAT(toml, HasSubstr("# (duration, 10s to 1h)\nkeepalive = \"2m\"\n"));
  EXPECT_THAT(toml, HasSubstr("# (whole number (contacts), 1 to 5000)\nmax_contacts = 1000\n"));
  EXPECT_THAT(toml, HasSubstr("max_bytes = \"64MiB\"\n"));
  EXPECT_THAT(toml, HasSubstr("motd = \"Say \\\"uhoh\\\"\"\n"));
  d.icq = {.udp = {},
           .keepalive = {},
           .max_contacts = 1,
           .search = false,
           .motd = "",
           .max_bytes = 0,
           .admins = {},
           .registration = Registration::open,
           .port_offset = 9,
           .offset = 9,
           .linger = {},
           .home = ""};
  d.sqlite_file = "";
  EXPECT_EQ(d.error(toml), "");
  EXPECT_EQ(d.icq, IcqOptions{});
  EXPECT_EQ(d.sqlite_file, "uhoh.db");
  EXPECT_EQ(d.schema.explain(), toml);
}

TEST(Explain, BreaksLongSentences) {
  Schema schema;
  bool flag = false;
  std::string meaning;
  for (int i = 0; i < 60; ++i) meaning += "word ";
  schema.section("", "General").option("flag", flag, meaning);
  const std::string toml = schema.explain();
  std::size_t start = 0;
  for (std::size_t end = toml.find('\n'); end != std::string::npos;
       start = end + 1, end = toml.find('\n', start))
    EXPECT_LE(end - start, 110u);
  EXPECT_TRUE(schema.load_text(toml, "f"));
  EXPECT_TRUE(schema.set("flag=true"));
  EXPECT_TRUE(flag);
}

TEST(Parsed, TakesTypesOfOnesOwn) {
  Schema schema;
  IpAddress address = *IpAddress::parse("::1");
  schema.section("net", "Network")
      .parsed<IpAddress>("outer", address, "IP address", IpAddress::parse, &IpAddress::to_string,
                         "Our address as others see it.");
  EXPECT_TRUE(schema.load_text("[net]\nouter = \"10.0.0.1\"", "f"));
  EXPECT_EQ(address, IpAddress::v4(0x0A000001));
  EXPECT_FALSE(schema.load_text("[net]\nouter = \"x\"", "f"));
}

TEST(Schema, LettersBeyondAsciiWhereNoneBelongAreRefused) {
  Described d;
  for (const auto* text : {"é = 1", "\u3001 = 1", "\uFF21 = 1", "[icq]\nж = 1"}) EXPECT_FALSE(d.schema.load_text(text, "f"));
}

RC_GTEST_PROP(Schema, AnyTextIsSurvived, (const std::string& text)) {
  Described d;
  (void)d.schema.load_text(text, "f");
  (void)d.schema.load_text("[icq]\n" + text, "f");
  (void)d.schema.set(text);
  (void)d.schema.set("icq.motd=" + text);
}

RC_GTEST_PROP(Quoted, IsReadAgainByTheParser, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  Described d;
  RC_ASSERT(d.error("[icq]\nmotd = " + toml_text(text)) == "");
  RC_ASSERT(d.icq.motd == text);
}

TEST(Closest, FindsSlipsAndNothingFar) {
  const std::vector<std::string> known{"keepalive", "udp", "registration"};
  EXPECT_EQ(closest("keep_alive", known), "keepalive");
  EXPECT_EQ(closest("upd", known), "udp");
  EXPECT_EQ(closest("udpp", known), "udp");
  EXPECT_EQ(closest("zzz", known), "");
  EXPECT_EQ(closest(std::string(100000, 'x'), known), "");
}

}  // namespace
}  // namespace uhoh::config
