#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"

/// The seam between clients that log in by showing a picture and the people who allow it: at a web page where
/// they are logged in, or with uhohctl.
namespace uhoh::model {

/// A log-in by picture that nobody has allowed yet.
struct QrLogInRow {
  std::string code;    ///< stands in the picture; is typed by whoever allows the log-in
  Endpoint peer;       ///< where the client asks from
  std::string client;  ///< what it says that it is
  WallTime until;      ///< when the code ends
};

/// Log-ins by picture that wait.
///
/// Thread: any.
class QrLogIns {
 public:
  virtual ~QrLogIns() = default;
  /// All that wait, the oldest first.
  [[nodiscard]] virtual std::vector<QrLogInRow> waiting(WallTime now) = 0;
  /// What a person is shown before he allows it; nullopt when no such code waits.
  [[nodiscard]] virtual std::optional<QrLogInRow> find(std::string_view code, WallTime now) = 0;
  /// Lets the client that shows the code log in with this number, once; false when no such code waits.
  [[nodiscard]] virtual bool confirm(std::string_view code, Uin uin, WallTime now) = 0;
};

}  // namespace uhoh::model
