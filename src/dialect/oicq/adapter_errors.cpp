#include "dialect/oicq/adapter_errors.hpp"

#include <fmt/format.h>

namespace uhoh::oicq {

namespace {
constexpr const char* sentence(Refusal why) noexcept {
  switch (why) {
    case Refusal::none:
      return "a field has a value that means nothing";
    case Refusal::authentication:
      return "AUTHENTICATION must be 0, 1 or 2";
    case Refusal::log_in_mode:
      return "MODE must be 0 (normal) or 1 (invisible)";
    case Refusal::text_too_long:
      return "the text is too long; send it in several messages";
    case Refusal::direction:
      return "DIRECTION must be 1 (smaller) or 2 (larger)";
    case Refusal::state:
      return "STATE must be 1 (online), 2 (hidden), 3 (do not disturb) or 4 (offline)";
    case Refusal::envelope_kind:
      return "KIND must be 1, 2 or 3, and the frame within must not be 0F itself";
    case Refusal::files_over_tcp:
      return "files go over TCP only; log in over TCP";
    case Refusal::inner_number:
      return "the frame within 0F names another number than 0F does";
  }
  return "a field has a value that means nothing";
}
}  // namespace

std::string describe(const FrameInfo& info, const FrameError& error, const SessionView& session) {
  if (is_search_refusal(error.detail))
    return describe(static_cast<SearchTextError::Kind>(error.detail - search_refusal({})), error.offset);
  const std::string type = fmt::format("Type {:02X}", info.command);
  switch (error.kind) {
    case FrameError::Kind::not_this_dialect:
      return fmt::format("{}: this server takes frames that begin with 81 0A 01 only.", type);
    case FrameError::Kind::truncated:
      return fmt::format("{}: the frame ends inside a field, at byte {}.", type, error.offset);
    case FrameError::Kind::bad_length:
      return fmt::format("{}: the frame goes on behind its last field, at byte {}.", type, error.offset);
    case FrameError::Kind::unknown_command:
      return fmt::format("{}: there is no such type.", type);
    case FrameError::Kind::bad_value:
      return fmt::format("{}: {}.", type, sentence(static_cast<Refusal>(error.detail)));
    case FrameError::Kind::foreign_number:
      return session.uin == info.uin
                 ? fmt::format("{}: {}.", type, sentence(Refusal::inner_number))
                 : fmt::format("{}: the frame names {} as its sender, but here {} is logged in.", type,
                               info.uin.value, session.uin.value);
    case FrameError::Kind::not_logged_in:
      return fmt::format("{}: log in first.", type);
    case FrameError::Kind::not_taken:
      return fmt::format("{}: the server could not do that just now; try again later.", type);
  }
  return type;
}

}  // namespace uhoh::oicq
