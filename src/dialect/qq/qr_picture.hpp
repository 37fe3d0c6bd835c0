#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace uhoh::qq {

/// The longest text that a picture holds: what version 4 of the code has room for at correction level L.
inline constexpr std::size_t max_qr_text = 78;

/// A QR code as a PNG file that goes into a datagram: black and white, two pixels a dot, with its white
/// margin.
///
/// Errors: empty for an empty text and one longer than `max_qr_text`.
/// Source: ISO/IEC 18004.
[[nodiscard]] std::vector<std::uint8_t> qr_png(std::string_view text);

}  // namespace uhoh::qq
