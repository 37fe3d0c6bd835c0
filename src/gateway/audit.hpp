#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace uhoh::gateway {

/// One thing that somebody with a role did.
struct AuditRow {
  WallTime at;
  std::string who;     ///< "10001", "token prometheus", "local"
  std::string what;    ///< "PUT /api/v1/users/10002/suspension"
  std::string detail;  ///< what may be told of it: never a password, never text of a message
  unsigned status = 0; ///< as it was answered
};

/// What was done by whom, for ever: lines of JSON in one file, and the file before it.
///
/// Shape:  over 16 MiB the file becomes FILE.1 (the one before is dropped), and a new one begins.
/// Thread: any.
class Audit {
 public:
  /// Opens the file, which need not exist. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<Audit>, std::string> open(std::filesystem::path file);
  ~Audit();

  void append(const AuditRow& row);
  /// The newest rows first, at most `limit`.
  [[nodiscard]] std::vector<AuditRow> newest(std::size_t limit) const;

 private:
  struct State;
  explicit Audit(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
