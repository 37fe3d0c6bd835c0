#include "client/oicq_files.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "client/download_folder.hpp"

namespace uhoh::client {
namespace {

constexpr Uin alice{10001};
constexpr Uin bob{10002};

/// One side: its files, its folder, and a log of what it was told.
class Side final : public OicqFileWire, public MessengerListener {
 public:
  Side(Uin uin, const std::filesystem::path& folder)
      : own{uin}, downloads{folder / fmt::format("{}", uin.value)} {}

  bool offer_file(Uin, std::string_view name, std::uint32_t size) override {
    if (!is_online) return false;
    said.push_back({fmt::format("offer {} {}", name, size),
                    [this, n = std::string{name}, size] { other->files.on_offered(own, n, size); }});
    return true;
  }
  bool answer_offer(Uin, bool allow) override {
    if (!is_online) return false;
    said.push_back({allow ? "accept" : "decline", [this, allow] { other->files.on_answered(own, allow); }});
    return true;
  }
  bool send_part(Uin, Bytes part) override {
    waiting += part.size();
    said.push_back({{}, [this, bytes = std::vector<std::uint8_t>{part.begin(), part.end()}] {
                      waiting -= bytes.size();
                      other->files.on_part(own, bytes);
                    }});
    return is_online;
  }
  [[nodiscard]] std::size_t unsent() const override { return waiting; }

  void on_file_offer(RequestId request, const FileOffer& offer) override {
    requests.push_back(request);
    told.push_back(fmt::format("offered {} {}", offer.name, offer.size));
  }
  void on_transfer_file(TransferId, const std::string& name, const std::string& path) override {
    told.push_back(fmt::format("{} {}", path.empty() ? "sent" : "received", name));
  }
  void on_transfer_end(TransferId, bool whole, const std::string& why) override {
    told.push_back(whole ? "whole" : "failed: " + why);
  }
  void on_request_withdrawn(RequestId) override { told.emplace_back("withdrawn"); }
  void on_notice(const std::string& line) override { told.push_back(line); }
  void on_transfer_progress(TransferId, const TransferProgress& progress) override { done = progress.done; }

  /// Carries the next thing that it said to the other side; false when there is none.
  bool carry() {
    if (said.empty()) {
      if (waiting == 0) files.on_writable();
      if (said.empty()) return false;
    }
    const auto next = std::move(said.front().second);
    said.pop_front();
    next();
    return true;
  }
  void expect_told(const std::vector<std::string>& lines) {
    EXPECT_EQ(told, lines);
    told.clear();
  }

  Uin own;
  Numbers numbers;
  DownloadFolder downloads;
  OicqFiles files{numbers, downloads, *this, *this};
  Side* other = nullptr;
  std::deque<std::pair<std::string, std::function<void()>>> said;
  std::size_t waiting = 0;
  std::vector<RequestId> requests;
  std::vector<std::string> told;
  std::uint64_t done = 0;
  bool is_online = true;
};

class OicqFilesTest : public ::testing::Test {
 protected:
  OicqFilesTest() {
    std::filesystem::create_directories(folder_);
    sender.other = &recipient;
    recipient.other = &sender;
  }
  ~OicqFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string writes(const std::string& name, std::size_t size) {
    const auto path = folder_ / name;
    std::ofstream{path, std::ios::binary} << std::string(size, 'x') << (size == 0 ? "" : "end");
    return path.string();
  }
  [[nodiscard]] std::string received(const std::string& name) const {
    std::ifstream in{recipient.downloads.path() / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  void carry_all() {
    while (sender.carry() || recipient.carry()) {
    }
    recipient.files.on_time();
  }
  TransferId accepts() {
    const auto transfer = recipient.files.accept(recipient.requests.back());
    EXPECT_TRUE(transfer.has_value()) << transfer.error();
    return transfer.value_or(TransferId::none);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("uhoh-oicq-files-{}", ::getpid());
  Side sender{alice, folder_}, recipient{bob, folder_};
};

TEST_F(OicqFilesTest, GoWhole) {
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 300'000)}));
  carry_all();
  recipient.expect_told({"offered a.bin 300003"});
  sender.expect_told({});
  (void)accepts();
  carry_all();
  EXPECT_EQ(sender.done, 300'003U);
  sender.expect_told({"sent a.bin", "whole"});
  recipient.expect_told({"received a.bin", "whole"});
  EXPECT_EQ(received("a.bin"), std::string(300'000, 'x') + "end");
}

TEST_F(OicqFilesTest, GoOneAfterTheOtherAlsoWhenEmpty) {
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 10), writes("empty", 0)}));
  EXPECT_FALSE(sender.files.offer(bob, {writes("c.bin", 1)})) << "one at a time";
  carry_all();
  (void)accepts();
  carry_all();
  sender.expect_told({"sent a.bin"});
  recipient.expect_told({"offered a.bin 13", "received a.bin", "whole", "offered empty 0"});
  (void)accepts();
  EXPECT_TRUE(recipient.files.is_due());
  carry_all();
  sender.expect_told({"sent empty", "whole"});
  recipient.expect_told({"received empty", "whole"});
}

TEST_F(OicqFilesTest, HoldBackWhatTheConnectionDoesNotTake) {
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 10'000'000)}));
  carry_all();
  (void)accepts();
  while (recipient.carry()) {
  }
  EXPECT_LE(sender.waiting, OicqFiles::max_unsent + OicqFiles::part_bytes);
}

TEST_F(OicqFilesTest, AreDeclinedWithdrawnAndBrokenOff) {
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 10)}));
  carry_all();
  recipient.files.refuse(recipient.requests.back());
  carry_all();
  sender.expect_told({"failed: It was declined"});
  recipient.told.clear();
  const auto second = sender.files.offer(bob, {writes("a.bin", 10)});
  carry_all();
  sender.files.cancel(*second);
  carry_all();
  recipient.expect_told({"offered a.bin 13", "withdrawn"});
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 1'000'000)}));
  carry_all();
  const auto third = accepts();
  for (int i = 0; i < 5; ++i) (void)(recipient.carry() || sender.carry());
  recipient.files.cancel(third);
  while (recipient.carry()) {
  }
  sender.expect_told({"failed: The other side ended it"});
}

TEST_F(OicqFilesTest, PassOverWhatACutOffFileHasAlready) {
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 200'000)}));
  carry_all();
  (void)accepts();
  for (int i = 0; i < 4; ++i) (void)(recipient.carry() || sender.carry());
  sender.files.on_session_lost();
  recipient.files.on_session_lost();
  sender.expect_told({"failed: The session has ended"});
  recipient.expect_told({"offered a.bin 200003", "failed: The session has ended"});
  sender.said.clear();
  sender.waiting = 0;
  ASSERT_TRUE(sender.files.offer(bob, {writes("a.bin", 200'000)}));
  carry_all();
  (void)accepts();
  carry_all();
  EXPECT_EQ(received("a.bin"), std::string(200'000, 'x') + "end");
}

TEST_F(OicqFilesTest, NeverTakeMoreThanWasOffered) {
  recipient.files.on_offered(alice, "a.bin", 3);
  (void)accepts();
  recipient.said.clear();
  const std::vector<std::uint8_t> bytes(4, 'x');
  recipient.files.on_part(alice, bytes);
  recipient.expect_told({"offered a.bin 3", "failed: More came than was offered"});
  ASSERT_EQ(recipient.said.size(), 1U);
  EXPECT_EQ(recipient.said.front().first, "decline");
  recipient.files.on_part(alice, bytes);  // of a transfer that is over
  EXPECT_FALSE(std::filesystem::exists(recipient.downloads.path() / "a.bin"));
}

TEST_F(OicqFilesTest, RefuseNamesThatLeaveTheFolder) {
  for (const std::string& name : {std::string{"../evil"}, std::string("a\0b", 3), std::string(4000, 'x')}) {
    recipient.files.on_offered(alice, name, 3);
    ASSERT_EQ(recipient.said.size(), 1U);
    EXPECT_EQ(recipient.said.front().first, "decline");
    recipient.said.clear();
  }
  EXPECT_TRUE(recipient.requests.empty());
}

TEST_F(OicqFilesTest, NeedASession) {
  sender.is_online = false;
  EXPECT_EQ(sender.files.offer(bob, {writes("a.bin", 1)}).error(), "Files are sent while you are online");
  EXPECT_FALSE(sender.files.offer(bob, {folder_ / "none"}));
}

}  // namespace
}  // namespace uhoh::client
