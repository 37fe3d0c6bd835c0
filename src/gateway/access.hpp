#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uin.hpp"
#include "gateway/route_table.hpp"

namespace uhoh::gateway {

/// Where secrets come from and what is kept of them.
struct TokenTools {
  std::function<std::string()> make;                            ///< a new secret
  std::function<std::string(std::string_view)> digest;          ///< what is kept of one
  std::function<WallTime()> now;
};

/// Who speaks: what a token or a cookie stands for.
struct Caller {
  Uin uin;                ///< 0: a token that belongs to no account
  Role role = Role::nobody;
  std::string id;         ///< the beginning of the digest: names it in lists
  std::string csrf;       ///< what a page must send along with every change; empty for tokens
  bool cookie = false;
};

/// A token as a list shows it.
struct TokenRow {
  std::string id;
  std::string name;
  Uin uin;
  Role role = Role::user;
  WallTime created;
  WallTime expires;  ///< 0: never
  bool cookie = false;
};

/// Who may come in without a password: sessions of browsers, tokens of programs, roles of accounts, invitations.
///
/// Shape:  in memory, and in one file to which every change is appended before it counts; written anew when it is
///         opened. Of secrets only digests are kept.
/// Errors: a change that can't be written is not made.
/// Thread: any.
class Access {
 public:
  /// Opens the file, which need not exist. The error is a sentence for people.
  [[nodiscard]] static std::expected<std::unique_ptr<Access>, std::string> open(std::filesystem::path file,
                                                                               TokenTools tools);
  ~Access();

  /// What a new secret is and what belongs to it.
  struct Issued {
    std::string secret;
    Caller caller;
  };
  /// Begins a browser's session.
  [[nodiscard]] std::optional<Issued> begin_session(Uin uin);
  /// Makes a token for programs. `role`: no higher than its maker's, which the caller has checked.
  [[nodiscard]] std::optional<Issued> make_token(Uin uin, Role role, std::string name, WallTime expires);
  /// Finds who a secret stands for; the role is the account's of this moment, or lower.
  [[nodiscard]] std::optional<Caller> find(std::string_view secret, bool cookie);
  /// Ends what a list or a caller names; false when there is none. `uin` other than 0: only when it is this account's.
  bool revoke(std::string_view id, Uin uin);
  /// Ends everything of an account, but for one.
  void revoke_all(Uin uin, std::string_view but = {});
  /// Sessions and tokens: of one account, or all for 0.
  [[nodiscard]] std::vector<TokenRow> list(Uin uin) const;

  [[nodiscard]] Role role_of(Uin uin) const;
  /// Gives an account a role: user, moderator, administrator.
  bool set_role(Uin uin, Role role);
  /// Accounts with more than the usual role.
  [[nodiscard]] std::vector<std::pair<Uin, Role>> roles() const;

  /// Makes an invitation for one account.
  [[nodiscard]] std::optional<std::string> invite();
  /// Uses one up; false when it is unknown or was used.
  bool use_invitation(std::string_view code);

 private:
  struct Entry;
  struct State;
  explicit Access(std::unique_ptr<State> state);
  std::optional<Issued> issue(Uin uin, Role role, std::string name, WallTime expires, bool cookie);
  std::unique_ptr<State> state_;
};

}  // namespace uhoh::gateway
