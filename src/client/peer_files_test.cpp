#include "client/peer_files.hpp"

#include <gtest/gtest.h>

#include "client/messenger_world_testing.hpp"

namespace uhoh::client {
namespace {

using testing::Host;
using testing::Stranger;
using testing::World;
namespace fs = std::filesystem;

std::string content(std::size_t size, unsigned seed = 1) {
  Rng rng{seed};
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Two who are online and know each other, and files to send.
struct Files : ::testing::Test {
  World world;
  Host& a = world.add(10001);
  Host& b = world.add(10002);
  void SetUp() override { world.log_in({&a, &b}); }

  std::string make(const std::string& name, const std::string& bytes) {
    const auto path = world.root() / name;
    std::ofstream{path, std::ios::binary} << bytes;
    return path.string();
  }
  TransferId offer(const std::vector<std::string>& paths) {
    const auto transfer = a.messenger.offer_files(b.uin, paths, "some files", world.now);
    EXPECT_TRUE(transfer.has_value()) << transfer.error();
    world.run();
    return transfer.value_or(TransferId::none);
  }
  void accept() {
    const auto taken = b.messenger.accept_files(b.take_request(), world.now);
    EXPECT_TRUE(taken.has_value()) << taken.error();
  }
  /// What lies in b's folder, by name.
  std::vector<std::string> received() {
    std::vector<std::string> names;
    if (!fs::exists(b.folder)) return names;
    for (const auto& entry : fs::recursive_directory_iterator{b.folder})
      names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  }

  /// b has accepted an offer of a file; a connection to his file port, from a's address.
  Stranger& sender(std::uint32_t size) {
    const std::string path = make("bait", content(size));
    offer({path});
    accept();
    // a's own attempt is in the queue: a stranger at his address is quicker.
    return world.stranger(b, b.ports.rbegin()->first, a.address);
  }
  void greet(Stranger& s, Uin uin, std::uint32_t total, std::uint32_t files = 1) {
    s.write(peer::encode(peer::ChannelInit{.uin = uin}));
    s.write(peer::encode_file_packet(peer::FileInit{.files = files, .total = total, .name = "x"}));
  }
};

TEST_F(Files, go_whole) {
  const std::string bytes = content(100'001);
  offer({make("one.bin", bytes)});
  EXPECT_TRUE(b.has("offer 10001 one.bin 100001")) << b.all();
  accept();
  world.run();
  EXPECT_TRUE(a.has("transfer done")) << a.all();
  EXPECT_TRUE(b.has("transfer done")) << b.all();
  EXPECT_EQ(read_file(b.folder / "one.bin"), bytes);
  EXPECT_EQ(b.progress.done, bytes.size());
}

TEST_F(Files, several_and_an_empty_one) {
  offer({make("a.txt", "first"), make("empty", ""), make("c.txt", content(5000))});
  EXPECT_TRUE(b.has("offer 10001 3 files 5005")) << b.all();
  accept();
  world.run();
  EXPECT_TRUE(b.has("transfer done")) << b.all() << a.all();
  EXPECT_EQ(received(), (std::vector<std::string>{"a.txt", "c.txt", "empty"}));
}

TEST_F(Files, never_replace_what_is_there) {
  fs::create_directories(b.folder);
  std::ofstream{b.folder / "x.txt"} << "mine";
  for (int i = 0; i < 2; ++i) {
    offer({make("x.txt", "his")});
    accept();
    world.run();
  }
  EXPECT_EQ(read_file(b.folder / "x.txt"), "mine");
  EXPECT_EQ(read_file(b.folder / "x (2).txt"), "his");
  EXPECT_EQ(read_file(b.folder / "x (3).txt"), "his");
}

TEST_F(Files, do_not_follow_a_link_out_of_the_folder) {
  fs::create_directories(b.folder);
  const auto outside = world.root() / "outside";
  fs::create_symlink(outside, b.folder / "evil.10001-3.part");
  fs::create_symlink(outside, b.folder / "good.txt");
  offer({make("evil", "abc")});
  accept();
  world.run();
  EXPECT_TRUE(b.has("transfer failed")) << b.all();
  offer({make("good.txt", "abc")});
  accept();
  world.run();
  EXPECT_TRUE(b.has("transfer done")) << b.all();
  EXPECT_FALSE(fs::exists(outside));
}

TEST_F(Files, resume_where_they_were_cut_off) {
  const std::string bytes = content(300'000);
  const std::string path = make("big", bytes);
  fs::create_directories(b.folder);
  std::ofstream{b.folder / "big.10001-300000.part", std::ios::binary} << bytes.substr(0, 200'000);
  offer({path});
  accept();
  world.run();
  EXPECT_EQ(read_file(b.folder / "big"), bytes);
  EXPECT_EQ(a.progress.resumed, 200'000U);
  EXPECT_EQ(received(), std::vector<std::string>{"big"});
}

TEST_F(Files, go_on_after_the_connection_broke) {
  const std::string bytes = content(2'000'000);
  const std::string path = make("big", bytes);
  offer({path});
  accept();
  ASSERT_TRUE(world.run_until([&] { return b.progress.done > 500'000; }));
  world.cut_all();
  world.run();
  EXPECT_TRUE(a.has("transfer failed: The connection was cut off")) << a.all();
  EXPECT_TRUE(b.has("transfer failed: The connection was cut off")) << b.all();
  EXPECT_EQ(received(), std::vector<std::string>{"big.10001-2000000.part"});
  offer({path});
  accept();
  world.run();
  EXPECT_GT(b.progress.resumed, 500'000U);
  EXPECT_EQ(read_file(b.folder / "big"), bytes);
}

TEST_F(Files, stand_still_at_speed_0_and_go_on) {
  const TransferId transfer = offer({make("big", content(2'000'000))});
  accept();
  ASSERT_TRUE(world.run_until([&] { return b.progress.done > 100'000; }));
  EXPECT_TRUE(a.messenger.set_speed(transfer, 0, world.now));
  world.advance(std::chrono::seconds{30});
  const auto before = b.progress.done;
  EXPECT_LT(before, 2'000'000U);
  world.advance(std::chrono::seconds{10});
  EXPECT_EQ(b.progress.done, before);
  EXPECT_TRUE(a.messenger.set_speed(transfer, 50, world.now));
  world.advance(std::chrono::seconds{1});
  EXPECT_GT(b.progress.done, before);
  EXPECT_LT(b.progress.done, before + 100'000);
  EXPECT_TRUE(a.messenger.set_speed(transfer, 100, world.now));
  world.run();
  EXPECT_TRUE(b.has("transfer done")) << b.all();
}

TEST_F(Files, end_when_one_side_cancels) {
  const TransferId transfer = offer({make("big", content(2'000'000))});
  accept();
  ASSERT_TRUE(world.run_until([&] { return b.progress.done > 100'000; }));
  a.messenger.cancel_transfer(transfer, world.now);
  world.run();
  EXPECT_TRUE(b.has("transfer failed: The connection was cut off")) << b.all();
}

TEST_F(Files, are_refused_and_withdrawn) {
  const TransferId first = offer({make("x", "abc")});
  b.messenger.refuse(b.take_request(), "no thanks", world.now);
  world.run();
  EXPECT_TRUE(a.has("transfer failed: It was refused: no thanks")) << a.all();
  const TransferId second = offer({make("x", "abc")});
  EXPECT_NE(first, second);
  a.messenger.cancel_transfer(second, world.now);
  world.run();
  EXPECT_TRUE(b.has("withdrawn")) << b.all();
}

TEST_F(Files, that_can_not_be_read_are_not_offered) {
  EXPECT_FALSE(a.messenger.offer_files(b.uin, {"/nowhere/file"}, {}, world.now));
  EXPECT_FALSE(a.messenger.offer_files(b.uin, {"/tmp"}, {}, world.now));
  EXPECT_FALSE(a.messenger.offer_files(b.uin, {}, {}, world.now));
}

// Senders who don't follow the rules.

TEST_F(Files, from_another_number_are_refused) {
  Stranger& s = sender(100);
  greet(s, Uin{666}, 100);
  EXPECT_TRUE(b.has(
      "transfer failed: Refused what came from 10.0.39.17: it said to be number 666, but 10001 is expected"))
      << b.all();
  EXPECT_TRUE(s.is_closed);
}

TEST_F(Files, with_more_bytes_than_offered_are_refused) {
  Stranger& s = sender(10);
  greet(s, a.uin, 10);
  s.write(peer::encode_file_packet(peer::FileNext{.file_name = "x", .size = 10}));
  const std::string eleven(11, 'x');
  s.write(peer::encode_file_packet(peer::FileData{as_bytes(eleven)}));
  EXPECT_TRUE(b.has("transfer failed: Refused what came from 10.0.39.17: it sent more bytes than it offered"))
      << b.all();
  EXPECT_TRUE(s.is_closed);
  EXPECT_FALSE(fs::exists(b.folder / "x"));
}

TEST_F(Files, announced_larger_than_offered_are_refused) {
  Stranger& s = sender(10);
  greet(s, a.uin, 11);
  EXPECT_TRUE(
      b.has("transfer failed: Refused what came from 10.0.39.17: it announced 11 bytes, but offered 10"))
      << b.all();
}

TEST_F(Files, with_names_that_leave_the_folder_are_refused) {
  for (const std::string& name : {std::string{"../evil"}, std::string{"a/b"}, std::string{"/etc/passwd"},
                                  std::string{"..\\evil"}, std::string{".."}, std::string("a\0b", 3),
                                  std::string(4000, 'x'), std::string{}, std::string{"a\nb"}}) {
    b.heard.clear();
    Stranger& s = sender(10);
    greet(s, a.uin, 10);
    s.write(peer::encode_file_packet(peer::FileNext{.file_name = name, .size = 10}));
    EXPECT_TRUE(b.has("transfer failed: The file name")) << name << "\n" << b.all();
    EXPECT_TRUE(s.is_closed) << name;
  }
  EXPECT_TRUE(received().empty());
}

TEST_F(Files, with_impossible_lengths_are_refused) {
  Stranger& s = sender(10);
  s.write(peer::encode(peer::ChannelInit{.uin = a.uin}));
  s.write(std::vector<std::uint8_t>{0xFF, 0xFF});
  EXPECT_TRUE(
      b.has("transfer failed: Refused what came from 10.0.39.17: it announced a packet of 65535 bytes"))
      << b.all();
  Stranger& t = sender(10);
  t.write(std::vector<std::uint8_t>{0, 0});
  EXPECT_TRUE(b.has("transfer failed: Refused what came from 10.0.39.17: it announced a packet of 0 bytes"))
      << b.all();
}

TEST_F(Files, that_never_come_are_given_up) {
  offer({make("x", "abc")});
  accept();
  world.has_tcp = false;
  world.advance(std::chrono::minutes{2});
  EXPECT_TRUE(a.has("transfer failed: The other can't be reached directly")) << a.all();
  EXPECT_TRUE(b.has("transfer failed: Nothing came from the other side any more")) << b.all();
}

TEST(SafeFileName, takes_plain_names_only) {
  EXPECT_EQ(safe_file_name("a.txt").value(), "a.txt");
  EXPECT_EQ(safe_file_name("Grüße 1.txt").value(), "Grüße 1.txt");
  EXPECT_EQ(safe_file_name(".bashrc").value(), "_bashrc");
  EXPECT_EQ(safe_file_name("-rf").value(), "_rf");
  EXPECT_EQ(safe_file_name("a.10001-3.part").value(), "a.10001-3.part_");
  EXPECT_FALSE(safe_file_name("a\xff"));
  EXPECT_FALSE(safe_file_name(std::string(256, 'a')));
  EXPECT_FALSE(safe_file_name("\xe2\x80\xaegpj.exe"));
  EXPECT_LT(safe_file_name(std::string(4000, 'a')).error().size(), 150U);
}

}  // namespace
}  // namespace uhoh::client
