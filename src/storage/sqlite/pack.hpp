#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/store.hpp"

/// How values are laid into columns.
namespace uhoh::storage {

/// A list of numbers as a BLOB that looks into the list.
[[nodiscard]] Blob blob_of(const std::vector<Uin>& list) noexcept;
/// Characters as a BLOB that looks into them.
[[nodiscard]] Blob blob_of(std::string_view bytes) noexcept;
/// The same; NULL when there are none.
[[nodiscard]] std::optional<Blob> blob_or_null(std::string_view bytes) noexcept;
/// The list in a BLOB.
[[nodiscard]] std::vector<Uin> unpack_list(std::string_view bytes);

/// A status in one number, and back.
[[nodiscard]] std::int64_t pack_status(const model::Status& status) noexcept;
[[nodiscard]] model::Status unpack_status(std::int64_t packed) noexcept;

/// What a session keeps for its whole life: all but number, log-in, status and reserved sequence numbers.
[[nodiscard]] std::string pack_facts(const KeptSession& session);
/// Fills in what pack_facts() packed; false when the bytes are not of that form.
[[nodiscard]] bool unpack_facts(std::string_view bytes, KeptSession& session) noexcept;

[[nodiscard]] constexpr WallTime wall(std::int64_t seconds) noexcept { return WallTime{std::chrono::seconds{seconds}}; }
[[nodiscard]] constexpr std::int64_t seconds_of(WallTime time) noexcept { return time.time_since_epoch().count(); }

/// The hash under which a message key is kept, one for each recipient's list of keys.
[[nodiscard]] std::int64_t hash_of(const model::MessageKey& key) noexcept;
/// What stands in the place of the hash for a message without a key.
[[nodiscard]] std::int64_t keyless_hash(std::int64_t id) noexcept;

}  // namespace uhoh::storage
