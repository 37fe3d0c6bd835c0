#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace uhoh::gateway {

/// One file of the web pages, as it was built into the program.
struct Page {
  std::string_view path;          ///< "/assets/main-1a2b.js"
  std::string_view content_type;
  Bytes content;
  Bytes gzipped;                  ///< empty: not worth it
  std::string_view tag;           ///< changes with the content
};

/// The pages that were built into uhohd, in the order of their paths; none when it was built without Node.js. Only
/// programs that are linked with uhoh_pages have it.
[[nodiscard]] std::span<const Page> built_in_pages() noexcept;

}  // namespace uhoh::gateway
