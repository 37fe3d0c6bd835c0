#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/uin.hpp"
#include "crypto/qq_tea.hpp"
#include "crypto/sealed.hpp"
#include "wire/dump.hpp"
#include "wire/message_set.hpp"

/// QQ in uhoh-dump: its frames are encrypted, so that a dump needs keys.
namespace uhoh::dump {

/// What opens recorded frames of QQ.
struct QqKeys {
  struct Password {
    Uin uin;
    crypto::SecretString text;
  };
  std::vector<Password> passwords;
  std::vector<crypto::TeaKey> keys;
};

/// Reads "100001:secret1" into `keys`; the error is a sentence.
[[nodiscard]] std::expected<void, std::string> add_password(std::string_view text, QqKeys& keys);
/// Reads 32 hex digits into `keys`; the error is a sentence.
[[nodiscard]] std::expected<void, std::string> add_session_key(std::string_view text, QqKeys& keys);

/// Tells whether bytes are a frame of QQ, in a datagram or with the length that it has over TCP.
[[nodiscard]] bool is_qq_frame(Bytes bytes) noexcept;

/// Shows the frames of one conversation after the other; each may hand out the keys of those that follow.
class QqFrames {
 public:
  explicit QqFrames(const QqKeys& keys);
  QqFrames(QqFrames&&) noexcept;
  QqFrames& operator=(QqFrames&&) noexcept;
  ~QqFrames();

  /// A frame as text; the error is a text too, without the bytes.
  [[nodiscard]] std::expected<std::string, std::string> show(Bytes frame,
                                                             std::optional<wire::Direction> direction,
                                                             wire::Secrets secrets);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace uhoh::dump
