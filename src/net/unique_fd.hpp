#pragma once

#include <unistd.h>

#include <utility>

namespace uhoh::net {

/// Owns a file descriptor and closes it.
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  /// Takes over `descriptor`; -1 for none.
  explicit UniqueFd(int descriptor) noexcept : descriptor_{descriptor} {}
  UniqueFd(UniqueFd&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~UniqueFd() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// The descriptor, still owned; -1 for none.
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  /// True when there is one.
  [[nodiscard]] explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace uhoh::net
