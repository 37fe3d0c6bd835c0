#include "node/audit_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uhoh::node {
namespace {

/// Keeps the event word, and the numbers behind its keys.
class KeptLines final : public LogSink {
 public:
  std::vector<std::string> lines;
  void write(const LogLine& line) noexcept override {
    std::string text{line.event};
    for (const auto& value : line.values)
      if (const auto* number = std::get_if<std::uint64_t>(&value.value))
        text += " " + std::string{value.key} + "=" + std::to_string(*number);
    lines.push_back(text);
  }
};

TEST(AuditLog, WritesEachUseAndFewRefusals) {
  KeptLines kept;
  const Log log{kept};
  AuditLog audit{log};
  struct Counted final : model::AuditTrail {
    int done = 0, refused = 0;
    void note(const model::AuditEntry& entry) override { ++(entry.done ? done : refused); }
  } file;
  audit.also_into(file);
  for (int i = 0; i < 2; ++i) audit.note({"monitor_begun", Uin{10001}, Uin{10002}});
  for (int i = 0; i < 5; ++i) audit.note({"monitor_refused", Uin{10003}, Uin{10002}, false});
  EXPECT_EQ(kept.lines,
            (std::vector<std::string>{"monitor_begun who=10001 whom=10002", "monitor_begun who=10001 whom=10002",
                                      "monitor_refused who=10003 whom=10002"}));
  EXPECT_EQ(file.done, 2);
  EXPECT_EQ(file.refused, 1);
}

}  // namespace
}  // namespace uhoh::node
