#pragma once

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "storage/memory/memory_engine.hpp"

namespace uhoh::sim {

/// A store engine that tells what was committed of messages: the simulation's own truth.
class TappedEngine final : public storage::StoreEngine {
 public:
  explicit TappedEngine(storage::StoreLimits limits) : inner_{limits} {}

  /// A message was kept (or known) under an id.
  std::function<void(const storage::KeepMessage&, const storage::Kept&)> on_kept;
  std::function<void(const storage::KeepMessage&)> on_inbox_full;
  std::function<void(Uin to, std::uint64_t id)> on_forgotten;

  [[nodiscard]] storage::MemoryEngine& inner() noexcept { return inner_; }
  [[nodiscard]] unsigned failed_groups() const noexcept { return failed_; }

  void begin() override { inner_.begin(); }
  std::expected<void, std::string> commit() override {
    auto done = inner_.commit();
    if (!done) ++failed_;
    for (auto& tell : std::exchange(told_, {}))
      if (done) tell();
    return done;
  }
  storage::Result execute(const storage::Request& request) override {
    auto result = inner_.execute(request);
    if (const auto* keep = std::get_if<storage::KeepMessage>(&request)) {
      if (result)
        told_.push_back([this, keep = *keep, kept = std::get<storage::Kept>(*result)] { on_kept(keep, kept); });
      else if (result.error() == storage::StoreError::inbox_full)
        told_.push_back([this, keep = *keep] { on_inbox_full(keep); });
    } else if (const auto* forget = std::get_if<storage::ForgetMessage>(&request)) {
      told_.push_back([this, to = forget->to, id = forget->id] { on_forgotten(to, id); });
    }
    return result;
  }
  std::expected<void, std::string> restore_sessions(
      const std::function<bool(RestoredSession&&)>& take) override {
    return inner_.restore_sessions(take);
  }
  /// Asks outside of any group, for the simulation's own use.
  template <class Answer>
  [[nodiscard]] Answer ask(const storage::Request& request) {
    auto result = inner_.execute(request);
    return result ? std::get<Answer>(std::move(*result)) : Answer{};
  }
  void crash() {
    inner_.crash();
    told_.clear();
  }

 private:
  storage::MemoryEngine inner_;
  unsigned failed_ = 0;
  std::vector<std::function<void()>> told_;
};

}  // namespace uhoh::sim
