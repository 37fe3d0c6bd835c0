#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace uhoh {

/// The tables of a dialect's quirks.md, which must say what the adapter does.
class Quirks {
 public:
  explicit Quirks(const std::filesystem::path& file) {
    std::ifstream in{file};
    text_.assign(std::istreambuf_iterator<char>{in}, {});
    EXPECT_FALSE(text_.empty()) << file;
  }
  /// Expects a whole line.
  void expect_line(std::string_view line) const { expect_beginning(std::string{line} + '\n'); }
  /// Expects a line that begins so.
  void expect_beginning(std::string_view beginning) const {
    EXPECT_NE(text_.find('\n' + std::string{beginning}), std::string::npos) << "quirks.md must say: " << beginning;
  }

 private:
  std::string text_;
};

}  // namespace uhoh
