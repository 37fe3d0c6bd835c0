#include "node/secret_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/testing/temporary_directory.hpp"

namespace uhoh::node {
namespace {

namespace fs = std::filesystem;

class SecretFilesTest : public ::testing::Test {
 protected:
  SecretFilesTest() { fs::create_directory(data_); }
  [[nodiscard]] std::string refusal(const SecretFiles& files) const {
    const auto opened = open_secrets(files);
    return opened ? opened->qq_problem : opened.error();
  }
  TemporaryDirectory directory_;
  fs::path data_ = directory_.file("data");
};

TEST_F(SecretFilesTest, LieInAndBesideTheDataDirectory) {
  const auto files = SecretFiles::of(data_, {});
  EXPECT_EQ(files.sessions, data_ / "server.key");
  EXPECT_EQ(files.qq.filename(), "data.qq.key");
  EXPECT_EQ(fs::weakly_canonical(files.qq.parent_path()), fs::weakly_canonical(data_.parent_path()));
  EXPECT_EQ(SecretFiles::of(data_ / "", {}).qq, files.qq);
  EXPECT_EQ(SecretFiles::of(data_, "/etc/uhoh/qq.key").qq, "/etc/uhoh/qq.key");
}

TEST_F(SecretFilesTest, AreMadeOnceForTheirOwnerAlone) {
  const auto files = SecretFiles::of(data_, {});
  const auto made = open_secrets(files);
  ASSERT_TRUE(made) << made.error();
  const auto again = open_secrets(files);
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(crypto::constant_time_equal(made->secrets.qq->bytes(), again->secrets.qq->bytes()));
  EXPECT_TRUE(crypto::constant_time_equal(made->secrets.sessions->bytes(), again->secrets.sessions->bytes()));
  EXPECT_FALSE(open_secrets(SecretFiles::of(data_, data_ / "other.key"), MissingQqKey::leave)->secrets.qq);
  EXPECT_FALSE(fs::exists(data_ / "other.key"));
  EXPECT_FALSE(crypto::constant_time_equal(made->secrets.sessions->bytes(), made->secrets.qq->bytes()));
  for (const auto& file : {files.sessions, files.qq})
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(SecretFilesTest, AreRefusedWhenTheyAreNoKeysOrNoSecrets) {
  const auto files = SecretFiles::of(data_, {});
  ASSERT_TRUE(open_secrets(files));
  fs::permissions(files.qq, fs::perms::group_read, fs::perm_options::add);
  EXPECT_NE(refusal(files).find("chmod 600"), std::string::npos);
  fs::permissions(files.qq, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream{files.sessions, std::ios::app} << "x";
  EXPECT_NE(refusal(files).find("has not the 32 bytes"), std::string::npos);
  EXPECT_NE(refusal(SecretFiles::of(data_, data_ / "missing" / "qq.key")).find("can't be used"), std::string::npos);
}

}  // namespace
}  // namespace uhoh::node
