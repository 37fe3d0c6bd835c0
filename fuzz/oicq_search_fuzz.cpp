// Any text is survived as a search; what is understood keeps to the bounds of a condition.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/bytes.hpp"
#include "dialect/oicq/search_text.hpp"

namespace {

using namespace uhoh;
using model::SearchCondition;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Walks the tree; gives the first node behind it.
std::size_t walk(const SearchCondition& condition, std::size_t at, std::size_t depth) {
  require(at < condition.nodes.size() && depth <= SearchCondition::max_depth);
  const auto& node = condition.nodes[at];
  require(std::size_t{node.first_value} + node.value_count <= condition.values.size());
  require(node.is_comparison() == (node.value_count > 0));
  std::size_t child = at + 1;
  std::size_t children = 0;
  for (; child < at + node.subtree; ++children) child = walk(condition, child, depth + 1);
  require(child == at + node.subtree);
  if (node.is_comparison()) require(children == 0);
  if (node.operation == model::SearchOperator::negation) require(children == 1);
  if (!node.is_comparison() && node.operation != model::SearchOperator::negation) require(children >= 2);
  return child;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_chars(Bytes{data, size});
  SearchCondition condition;
  if (const auto done = oicq::parse_search(text, condition); !done) {
    require(done.error().offset <= text.size());
    static_cast<void>(oicq::describe(done.error().kind, oicq::character_at(done.error().offset, text)));
    return 0;
  }
  require(condition.nodes.size() <= SearchCondition::max_nodes &&
          condition.values.size() <= SearchCondition::max_values);
  require(condition.limit >= 1 && condition.limit <= SearchCondition::max_results);
  require(walk(condition, 0, 1) == condition.nodes.size());
  return 0;
}
