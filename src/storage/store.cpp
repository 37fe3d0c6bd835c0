#include "storage/store.hpp"

namespace uhoh::storage {

bool is_write(const Request& request) noexcept {
  static_assert(std::variant_size_v<Request> == 62, "a new request: decide whether it writes");
  return request.index() < Request{std::in_place_type<ReadVerifier>}.index();
}

Result commit_one(StoreEngine& engine, const Request& request) {
  if (!is_write(request)) return engine.execute(request);
  engine.begin();
  Result result = engine.execute(request);
  if (!engine.commit()) return std::unexpected(StoreError::unavailable);
  return result;
}

}  // namespace uhoh::storage
