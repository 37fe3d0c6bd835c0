// Whatever a web client sends must be survived; and what is written must be read again.

#include <cstdint>
#include <cstdlib>

#include "dialect/web/json_reader.hpp"
#include "dialect/web/json_writer.hpp"
#include "dialect/web/web_dialect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace uhoh;
  static const web::WebDialect dialect;
  static DecodeScratch scratch;
  const Bytes bytes{data, size};
  const SessionView session{.uin = Uin{10001}, .over_stream = true};
  if (const auto frame = dialect.sniff(bytes)) {
    static_cast<void>(dialect.decode(*frame, bytes, &session, {}, scratch));
    static_cast<void>(dialect.decode(*frame, bytes, nullptr, {}, scratch));
  }
  std::vector<std::uint8_t> out(size * 6 + 64), room;
  room.reserve(size + 64);
  web::JsonWriter writer{out};
  writer.begin('{');
  writer.member("text", as_chars(bytes));
  writer.end('}');
  const web::JsonObject object{as_chars(Bytes{out}.first(writer.size()))};
  if (writer.overflowed() || !object.valid()) std::abort();
  if (const auto text = web::text_of(object["text"], room); text && *text != as_chars(bytes)) std::abort();
  return 0;
}
