#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api.hpp"

namespace uhoh::ctl {

/// Ends of the program, as DESIGN.md names them.
inline constexpr int exit_well = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// What a new or changed account is given on the command line; what is absent is left alone.
struct AccountArguments {
  std::optional<std::uint32_t> uin;
  std::optional<std::string> password, nick, first_name, last_name, email, authorization, address_policy, charset;
  std::optional<bool> qq, monitor;
};

/// Prints "uhohctl: ..." and gives the exit code.
int fail(int code, std::string_view what);

/// The password of the command line ("-": a line of standard input), of UHOH_PASSWORD, or asked for.
///
/// Errors: a sentence, when there is no terminal to ask at.
[[nodiscard]] Expected<std::string> find_password(const std::optional<std::string>& given);

/// Reads "7d" (from now), "2026-12-31", "2026-12-31T23:59:59Z" or "forever" as the API writes it.
[[nodiscard]] Expected<std::string> read_until(const std::string& text);

int add_user(Api& api, const AccountArguments& arguments, const std::string& password);
int add_user_range(Api& api, std::uint32_t first, std::uint32_t count, const AccountArguments& arguments,
                   const std::string& password);
int list_users(Api& api, bool as_json);
int show_user(Api& api, std::uint32_t uin, bool as_json);
int set_user(Api& api, std::uint32_t uin, const AccountArguments& arguments);
int set_password(Api& api, std::uint32_t uin, const std::string& password);
int suspend_user(Api& api, std::uint32_t uin, const std::string& until, const std::string& reason);
int resume_user(Api& api, std::uint32_t uin);
int delete_user(Api& api, std::uint32_t uin);
int add_friend(Api& api, std::uint32_t owner, std::uint32_t contact, bool both);
/// What a new group is given on the command line.
struct GroupArguments {
  std::string name, notice, description, joining = "ask";
  std::uint32_t owner = 0;
  std::vector<std::uint32_t> members;
};
int list_groups(Api& api, bool as_json);
int show_group(Api& api, std::uint32_t group, bool as_json);
int create_group(Api& api, const GroupArguments& arguments);
int dismiss_group(Api& api, std::uint32_t group);
int list_sessions(Api& api, bool as_json);
int kick(Api& api, std::uint32_t uin);
int broadcast(Api& api, const std::string& text);
int list_qr(Api& api, bool as_json);
int confirm_qr(Api& api, const std::string& code, std::uint32_t uin);
int add_ban(Api& api, const std::string& cidr, const std::optional<std::string>& until, const std::string& reason);
int list_bans(Api& api, bool as_json);
int remove_ban(Api& api, const std::string& cidr);
int set_role(Api& api, std::uint32_t uin, const std::string& role);
int add_token(Api& api, const std::string& name, const std::string& role, std::uint32_t uin);
int list_tokens(Api& api, bool as_json);
int revoke_token(Api& api, const std::string& id);
int set_registration(Api& api, const std::string& mode);
int invite(Api& api);
int backup(Api& api, const std::string& file);
int show_status(Api& api, bool as_json);
int show_metrics(Api& api);

}  // namespace uhoh::ctl
