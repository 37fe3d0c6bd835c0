#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "service/secrets.hpp"

namespace uhoh::node {

/// Where a data directory's secrets are sealed from.
struct SecretFiles {
  std::filesystem::path sessions;  ///< in the data directory
  std::filesystem::path qq;        ///< beside it, so that no copy of the directory opens what QQ's log-ins need

  /// The usual places; `qq_key_file` names another one for the second.
  [[nodiscard]] static SecretFiles of(const std::filesystem::path& data_dir, const std::filesystem::path& qq_key_file);
};

/// The keys, and why there is none for QQ, when that is so: a sentence for people.
struct OpenedSecrets {
  service::Secrets secrets;
  std::string qq_problem;
};
/// What to do when there is no key for QQ yet.
enum class MissingQqKey : std::uint8_t { make, leave };
/// Reads the keys; makes those that are missing, readable for their owner alone. Without the key for QQ everything
/// but QQ works. The error is a sentence for people.
[[nodiscard]] std::expected<OpenedSecrets, std::string> open_secrets(const SecretFiles& files,
                                                                     MissingQqKey missing = MissingQqKey::make);

}  // namespace uhoh::node
