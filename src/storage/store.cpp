#include "storage/store.hpp"

namespace uhoh::storage {

bool is_write(const Request& request) noexcept {
  static_assert(std::variant_size_v<Request> == 31, "a new request: decide whether it writes");
  return request.index() < Request{std::in_place_type<ReadVerifier>}.index();
}

}  // namespace uhoh::storage
