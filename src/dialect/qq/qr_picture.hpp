#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace uhoh::qq {

/// The longest text that a picture holds.
inline constexpr std::size_t max_qr_text = 78;
/// How many dots a side of the picture has, without its white margin.
inline constexpr std::size_t qr_side = 33;

/// The dots of a QR code, line by line; true is black.
///
/// Shape:  always version 4 with correction level L and mask 0, which every reader takes.
/// Errors: empty for a longer text than `max_qr_text`.
/// Source: ISO/IEC 18004.
[[nodiscard]] std::vector<bool> qr_dots(std::string_view text);
/// The same as a PNG file, two pixels a dot, about 1,100 bytes: it goes into a datagram.
[[nodiscard]] std::vector<std::uint8_t> qr_png(std::string_view text);

}  // namespace uhoh::qq
