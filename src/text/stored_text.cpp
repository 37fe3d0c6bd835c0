#include "text/stored_text.hpp"

namespace uhoh::text {

StoredText to_stored(Charset charset, Bytes bytes) {
  StoredText stored;
  stored.original_charset = charset;
  stored.utf8.reserve(bytes.size());
  const ConvertResult result = to_utf8(charset, bytes, stored.utf8);
  bool exact = result.lossless();
  // Only the tables of GB18030, GBK and Big5 give one character to two codes.
  if (exact && charset >= Charset::gb18030) {
    std::string back;
    back.reserve(bytes.size());
    exact = from_utf8(charset, stored.utf8, back).lossless() && back == as_chars(bytes);
  }
  if (!exact) stored.original = as_chars(bytes);
  return stored;
}

ConvertResult render(const StoredText& text, Charset target, std::string& out) {
  if (!text.original.empty() && target == text.original_charset) {
    out += text.original;
    return {};
  }
  return from_utf8(target, text.utf8, out);
}

}  // namespace uhoh::text
