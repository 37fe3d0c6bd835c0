#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/testing/temporary_directory.hpp"
#include "gateway/testing/recording_admin.hpp"
#include "gateway/web_services.hpp"

namespace uhoh::gateway {

/// Shards that nobody needs: every password is right.
class NoShards final : public ShardLink {
 public:
  bool qq = false;  ///< whether those who register may log in with QQ
  bool frame(const std::shared_ptr<WebStream>&, std::string) override { return false; }
  void closed(const std::shared_ptr<WebStream>&) override {}
  void written(const std::shared_ptr<WebStream>&) override {}
  PasswordAnswer check_password(Uin, std::string, const Endpoint&) override { return PasswordAnswer::right; }
  bool admit_registration() override { return true; }
  bool qq_for_new_accounts() override { return qq; }
  bool is_banned(const IpAddress&) override { return false; }
};

/// The whole API in front of a recording server, asked by callers of every kind.
struct WebFixture : testing::Test {
  TemporaryDirectory directory;
  RecordingAdmin admin;
  NoShards shards;
  struct Silence final : LogSink {
    void write(const LogLine&) noexcept override {}
  } silence;
  Log log{silence};
  EventFeed feed{{}, "", log};
  std::unique_ptr<Access> access = std::move(*Access::open(
      directory.file("web.jsonl"), {.make = [] { return std::string(43, 's'); },
                                    .digest = [](std::string_view secret) { return std::string{secret}; },
                                    .now = [] { return WallTime{}; }}));
  std::unique_ptr<Audit> audit = std::move(*Audit::open(directory.file("audit.jsonl")));
  WebServices web{
      *access, *audit, feed, shards, {}, [](Uin) {}, Attempts{{.most = 3}}, Attempts{{.most = 100}}};
  RouteTable table{all_routes()};
  Endpoint peer{IpAddress::v4(0x7F000001), 40000};

  /// Somebody with a cookie.
  static Caller in_browser(std::uint32_t uin, Role role = Role::user) {
    return {.uin = Uin{uin}, .role = role, .id = "id", .csrf = "csrf", .cookie = true};
  }
  ApiResponse ask(const Caller& caller, Method method, std::string_view target, std::string_view body = {}) {
    return table.dispatch(
        {.method = method,
         .target = target,
         .body = body,
         .role = caller.role,
         .caller = caller.role == Role::nobody || caller.role == Role::local ? nullptr : &caller,
         .peer = peer,
         .web = &web},
        admin);
  }
  /// Whether the audit log says that this was done.
  [[nodiscard]] bool is_noted(std::string_view what) const {
    return std::ranges::any_of(audit->newest(1000), [&](const AuditRow& row) { return row.what == what; });
  }
};

}  // namespace uhoh::gateway
