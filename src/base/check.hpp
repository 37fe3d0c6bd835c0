#pragma once

#include <expected>
#include <utility>

namespace uhoh {

/// Counts a broken invariant; aborts in debug builds. Release builds go on and show `uhoh_bug_total{site}`.
void report_bug(const char* site) noexcept;

/// How many broken invariants were seen since start.
[[nodiscard]] unsigned long bugs_seen() noexcept;

}  // namespace uhoh

#define UHOH_STRINGIFY_(x) #x
#define UHOH_STRINGIFY(x) UHOH_STRINGIFY_(x)

/// True when the invariant holds; otherwise counts (release) or aborts (debug). Use: `if (!UHOH_CHECK(x)) return;`
#define UHOH_CHECK(condition) \
  ((condition) ? true : (::uhoh::report_bug(__FILE__ ":" UHOH_STRINGIFY(__LINE__)), false))

/// Declares `name` as the value of `expression`, a std::expected, or returns its error.
#define UHOH_TRY(name, expression)                                              \
  auto name##_or_error = (expression);                                          \
  if (!name##_or_error) return std::unexpected(std::move(name##_or_error).error()); \
  auto& name = *name##_or_error
