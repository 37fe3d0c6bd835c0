#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/uin.hpp"

/// What file transfers need of a file system.
namespace uhoh::client {

/// A file that is sent.
class FileSource {
 public:
  virtual ~FileSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Reads at a position; less than asked for only at the end, or when the file can't be read any more.
  [[nodiscard]] virtual std::size_t read(std::uint64_t position, MutableBytes out) = 0;
};

/// A file that is received, under a name of its own until it is whole.
class FileTarget {
 public:
  virtual ~FileTarget() = default;
  /// Bytes that are there already: where to go on.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Appends; false when the disk takes no more.
  [[nodiscard]] virtual bool write(Bytes bytes) = 0;
  /// Gives the whole file its name, which nothing has had before; says the path, or what was wrong.
  [[nodiscard]] virtual std::expected<std::string, std::string> finish() = 0;
};

/// Opens files to send, and takes files in.
class FilePort {
 public:
  virtual ~FilePort() = default;
  [[nodiscard]] virtual std::expected<std::unique_ptr<FileSource>, std::string> open(
      const std::string& path) = 0;
  /// Begins, or goes on with, a file that `from` sends; the error is a line for people.
  [[nodiscard]] virtual std::expected<std::unique_ptr<FileTarget>, std::string> begin(std::string_view name,
                                                                                      std::uint64_t size,
                                                                                      Uin from) = 0;
};

}  // namespace uhoh::client
