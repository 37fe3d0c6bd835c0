#include "dialect/oicq/adapter.hpp"
#include "dialect/oicq/adapter_errors.hpp"
#include "dialect/oicq/adapter_tables.hpp"
#include "dialect/oicq/profile_fields.hpp"
#include "dialect/oicq/search_text.hpp"
#include "text/convert.hpp"

namespace uhoh::oicq {

namespace {
model::Text text_of(std::string_view chars, const CommandSource& source) noexcept {
  return {as_bytes(chars), source.session.charset};
}

std::unexpected<FrameError> refused(Refusal why, std::uint16_t offset = 0) noexcept {
  return std::unexpected(FrameError{
      .kind = FrameError::Kind::bad_value, .offset = offset, .detail = static_cast<std::uint16_t>(why)});
}

/// A message of a kind that also acts, without a text.
model::Command answer_to(Uin asker, model::MessageKind kind, const CommandSource& source) {
  return model::SendMessage{
      {.from = source.session.uin, .to = asker, .kind = kind, .text = text_of({}, source)}};
}
}  // namespace

Meaning to_command(const Register& m, const CommandSource& source) {
  if (const auto read = read_profile(m.profile, source.session.charset, source.scratch); !read)
    return refused(Refusal::authentication);
  return model::Register{
      .query = 0, .password = as_bytes(m.profile.password), .profile = source.scratch.changes};
}

Meaning to_command(const LogIn& m, const CommandSource& source) {
  if (m.mode > 1) return refused(Refusal::log_in_mode);
  return model::LogIn{.uin = m.number,
                      .password = as_bytes(m.password),
                      .status = status_of(m.mode == 1 ? State::hidden : State::online),
                      .client_tag = source.session.client_tag,
                      .wants_friends = true,
                      .pushes_stored = true};
}

Meaning to_command(const SendMessage& m, const CommandSource& source) {
  if (m.text.size() > source.options.max_text_bytes) return refused(Refusal::text_too_long);
  return model::SendMessage{{.from = source.session.uin, .to = m.to, .text = text_of(m.text, source)}};
}

Meaning to_command(const Broadcast& m, const CommandSource& source) {
  if (m.text.size() > source.options.max_text_bytes) return refused(Refusal::text_too_long);
  return model::SendToGroup{m.to_group, text_of(m.text, source)};
}

Meaning to_command(const ViewProfile& m, const CommandSource&) { return model::GetProfile{.uin = m.shown}; }

Meaning to_command(const AddGroup& m, const CommandSource& source) {
  return model::AddGroup{text_of(m.name, source)};
}

Meaning to_command(const RenameGroup& m, const CommandSource& source) {
  return model::RenameGroup{m.number, text_of(m.name, source)};
}

Meaning to_command(const DeleteGroup& m, const CommandSource&) { return model::DeleteGroup{m.number}; }

Meaning to_command(const MoveFriends& m, const CommandSource& source) {
  auto& places = source.scratch.places;
  places.clear();
  m.moves.for_each([&](const Move& move) { places.push_back({move.moved, move.to_group}); });
  return model::MoveFriends{places};
}

Meaning to_command(const WhoIsOnline& m, const CommandSource&) {
  if (m.direction != 1 && m.direction != 2) return refused(Refusal::direction);
  return model::BrowseOnline{.start = m.start, .upwards = m.direction == 2, .count = m.count};
}

Meaning to_command(const Search& m, const CommandSource& source) {
  thread_local std::string utf8;
  utf8.clear();
  text::to_utf8(source.session.charset, as_bytes(m.text), utf8);
  const auto parsed = parse_search(utf8, source.scratch.search);
  if (parsed) return model::SearchUsers{.condition = &source.scratch.search};
  const auto character = static_cast<std::uint16_t>(character_at(parsed.error().offset, utf8));
  return std::unexpected(FrameError{.kind = FrameError::Kind::bad_value,
                                    .offset = character,
                                    .detail = search_refusal(parsed.error().kind)});
}

Meaning to_command(const AddFriend& m, const CommandSource&) {
  return model::AddFriend{.uin = m.added, .answer = true};
}

Meaning to_command(const AskToAdd& m, const CommandSource& source) {
  if (m.reason.size() > source.options.max_text_bytes) return refused(Refusal::text_too_long);
  return model::AskToAdd{m.asked, text_of(m.reason, source)};
}

Meaning to_command(const DeleteFriend& m, const CommandSource&) { return model::RemoveFriend{m.removed}; }

Meaning to_command(const ClientEnvelope&, const CommandSource&) { return refused(Refusal::envelope_kind); }

Meaning to_command(const ChangeState& m, const CommandSource&) {
  if (m.state < static_cast<std::uint8_t>(State::online) ||
      m.state > static_cast<std::uint8_t>(State::offline))
    return refused(Refusal::state);
  const auto state = static_cast<State>(m.state);
  if (state == State::offline) return model::LogOff{};
  return model::SetStatus{status_of(state)};
}

Meaning to_command(const Monitor& m, const CommandSource&) { return model::ToggleMonitor{m.monitored}; }

Meaning to_command(const ChangeProfile& m, const CommandSource& source) {
  if (const auto read = read_profile(m.profile, source.session.charset, source.scratch); !read)
    return refused(Refusal::authentication);
  return model::UpdateProfile{.changes = source.scratch.changes, .password = as_bytes(m.profile.password)};
}

Meaning to_command(const OfferFile& m, const CommandSource& source) {
  return model::OfferFile{m.to, text_of(m.name, source), m.length};
}

Meaning to_command(const AnswerOffer& m, const CommandSource&) {
  return model::AnswerFile{m.offerer, m.allow == 1};
}

Meaning to_command(const FileContent& m, const CommandSource& source) {
  if (!source.over_stream) return refused(Refusal::files_over_tcp);
  return model::SendFilePart{m.to, m.part};
}

Meaning to_command(const ConnectionTest&, const CommandSource&) { return model::Ping{}; }

Meaning to_command(const AnswerRequest& m, const CommandSource& source) {
  const auto kind = m.agree == 1 ? model::MessageKind::auth_granted : model::MessageKind::auth_refused;
  return answer_to(m.asker, kind, source);
}

}  // namespace uhoh::oicq
