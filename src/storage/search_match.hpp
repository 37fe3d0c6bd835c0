#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/search.hpp"
#include "storage/profile_rules.hpp"

/// How a search condition is held against an account; the same code for every back end.
namespace uhoh::storage {

/// What of an account a condition can be about. Texts look into whoever made the row; empty: not entered.
struct SearchRow {
  Uin uin;
  std::optional<std::uint32_t> sex, age, country, education, occupation;
  std::string_view nickname, province, city, school, hobbies;

  /// The row of a profile, which must outlive it.
  [[nodiscard]] static SearchRow of(Uin uin, const ProfileParts& parts) noexcept;
};

/// A condition made ready to be held against many rows.
///
/// Thread: one at a time. The condition and the numbers must outlive it.
class SearchMatcher {
 public:
  /// Folds a text as search compares it (text::fold, which this module may not know).
  using Fold = std::string (*)(std::string_view);

  SearchMatcher(const model::SearchCondition& condition, std::span<const Uin> online, Fold fold);

  /// Tells whether the condition holds for a row.
  [[nodiscard]] bool holds(const SearchRow& row);
  /// Steps of comparing so far.
  [[nodiscard]] std::uint64_t work() const noexcept { return work_; }

  /// The only accounts that can be found, in order, where the condition names them (number = ..., or online = 1).
  [[nodiscard]] const std::optional<std::vector<Uin>>& only() const noexcept { return only_; }
  /// The folded nickname that all found accounts have, where the condition demands one.
  [[nodiscard]] const std::optional<std::string>& nickname() const noexcept { return nickname_; }

 private:
  struct Value {
    std::uint32_t number = 0;
    std::string text;  // folded
  };

  void find_narrowing(std::size_t node);
  void narrow_to(std::vector<Uin> uins);
  [[nodiscard]] bool holds(std::size_t node);
  [[nodiscard]] bool compare(const model::SearchNode& node);
  [[nodiscard]] std::optional<std::uint32_t> number_of(model::SearchField field) const;
  [[nodiscard]] std::string_view text_of(model::SearchField field);

  const model::SearchCondition& condition_;
  std::span<const Uin> online_;
  Fold fold_;
  std::vector<Value> values_;
  std::optional<std::vector<Uin>> only_;
  std::optional<std::string> nickname_;
  const SearchRow* row_ = nullptr;
  std::array<std::optional<std::string>, 5> folded_;  // texts of the row that were needed
  std::uint64_t work_ = 0;
};

/// Tells whether a text fits a pattern, in which `%` stands for any characters and `_` for one; adds the steps that
/// it took to `work`. Both are well-formed UTF-8.
[[nodiscard]] bool is_like(std::string_view text, std::string_view pattern, std::uint64_t& work) noexcept;

}  // namespace uhoh::storage
