#include "base/check.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace uhoh {
namespace {
std::atomic<unsigned long> bug_count{0};
}

void report_bug(const char* site) noexcept {
  if (bug_count.fetch_add(1, std::memory_order_relaxed) == 0)
    std::fprintf(stderr, "uhoh: broken invariant at %s (further ones are only counted)\n", site);
#ifndef NDEBUG
  std::abort();
#endif
}

unsigned long bugs_seen() noexcept { return bug_count.load(std::memory_order_relaxed); }

}  // namespace uhoh
