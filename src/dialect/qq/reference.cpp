#include "dialect/qq/reference.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "dialect/qq/catalogue.hpp"
#include "dialect/qq/tagged_values.hpp"

namespace uhoh::qq {

namespace {
constexpr std::string_view introduction =
    R"(<!-- Made by `uhoh-dump --reference qq`. Change the tables in src/dialect/qq, then make this page again. -->

Every message of QQ, generations A to D, as this project reads and writes it. Numbers are big endian, offsets count
from the start of the plaintext.

A client's frame is `02`, its version word (2 bytes), the command (2), a sequence number (2), its number (4), in C and
D an extension, the body, `03`. The extension has 11, 15 or 19 bytes, as its first byte is 02, 03 or 04. The server's
frame is `02`, a version word that clients ignore, command and sequence number; in C and D then the number (4) and
three zeros; the body, `03`. Over TCP a length of two bytes comes before it that counts itself. An answer has the
command and the sequence number of its question.

How a body is protected:

| envelope | body |
|---|---|
| clear | the plaintext |
| sealed | ciphertext under the session's key, or the key of a log-in step |
| random key | a key (16 bytes), then ciphertext under it |
| sized token | length (2), a token of an earlier step, then ciphertext under a key that belongs to it |
| ticket | `0030 003A 0038`, a token (56 bytes), then ciphertext under a key that belongs to it |
| agreement | `0001`, scheme (2), length (2), public key, `0000`, length (2), 16 bytes, then ciphertext under the key agreed on |

The cipher is TEA with 16 rounds, chained and padded in QQ's own way. K1 is the MD5 of the password, K2 the MD5 of K1,
KQ the MD5 of K1, four zeros and the number.

The forms of fields:

| form | on the wire |
|---|---|
| byte, u16, u32 | 1, 2, 4 bytes |
| uin | an account number, or that of a Qun: 4 bytes |
| ip4 | an IPv4 address, 4 bytes |
| length (1), (2), (4) | that many bytes of length, then bytes or text |
| text, then 1F or 1E | text up to that byte, which must be there |
| text, font | text; behind it, if the last byte is a length that fits: 00, attributes, red, green, blue, 00, charset (2), name, the length of all this |
| list to the end | as many records as there are |
| tagged values | tag (2), length (2), value, up to the end |
| bytes, text | everything up to the end, where no size is given |

A field that "may be missing" is there if bytes remain. Bytes after the last field are ignored.
)";

constexpr std::string_view envelope_text(Envelope envelope) {
  switch (envelope) {
    case Envelope::clear:
      return "clear";
    case Envelope::sealed:
      return "sealed";
    case Envelope::random_key:
      return "random key";
    case Envelope::sized_token:
      return "sized token";
    case Envelope::ticket:
      return "ticket";
    case Envelope::agreement:
      return "agreement";
  }
  return "?";
}

constexpr std::string_view keepalive_text(KeepaliveForm form) {
  switch (form) {
    case KeepaliveForm::ascii:
      return "text";
    case KeepaliveForm::count:
      return "11 bytes";
    case KeepaliveForm::extended:
      return "22 bytes";
  }
  return "?";
}

/// "A, A', B"; single words where not all versions of a generation are meant.
std::string versions_text(Versions versions) {
  struct Named {
    const char* name;
    Versions all;
  };
  std::string text;
  const auto add = [&](const auto& name) {
    if (!text.empty()) text += ", ";
    text += name;
  };
  for (const Named& named :
       {Named{"A", gen_a}, Named{"A'", gen_a2}, Named{"B", gen_b}, Named{"C", gen_c}, Named{"D", gen_d}}) {
    if ((versions | named.all) == versions) {
      add(named.name);
      continue;
    }
    for (const VersionRow& row : all_versions())
      if (named.all.has(row.version) && versions.has(row.version)) add(fmt::format("{:04X}", row.word));
  }
  return text;
}

void add_versions(std::string& out) {
  out +=
      "## Generations\n\n| generation | version word | real clients | answer to a keep-alive | fields of a "
      "profile "
      "| flags of a friend | tail of a status record | version id of a Qun | behind a friend of 0126 "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const VersionRow& row : all_versions())
    fmt::format_to(std::back_inserter(out), "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                   name_of(row.generation), row.word == 0 ? "unlisted" : fmt::format("{:04X}", row.word),
                   *row.programs == '\0' ? "unverified" : row.programs, keepalive_text(row.keepalive),
                   row.profile_fields, row.friend_flag_bytes, row.online_tail_bytes, row.group_version_bytes,
                   gen_c.has(row.version) ? fmt::format("{}", row.nick_tail_bytes) : "");
  out +=
      "\nWidths are in bytes. A word that no list has counts as D when the command is 08xx, or when the "
      "frame has an "
      "extension.\n\n";
}

void add_fields(std::string& out, const std::vector<wire::FieldRow>& fields, const std::string& prefix,
                std::optional<std::size_t> offset) {
  for (const wire::FieldRow& f : fields) {
    fmt::format_to(std::back_inserter(out), "| {} | {} | {}{} | {}{} | {}{} |\n",
                   offset ? fmt::format("{}", *offset) : "",
                   f.fixed_size != 0 ? fmt::format("{}", f.fixed_size) : "varies", prefix, f.name, f.kind,
                   f.optional ? ", may be missing" : "", f.meaning, f.secret ? " (secret)" : "");
    if (f.record != nullptr)
      add_fields(out, f.record(), fmt::format("{}{}[].", prefix, f.name), std::nullopt);
    if (offset) *offset += f.fixed_size;
    if (f.fixed_size == 0) offset.reset();
  }
}

void add_field_table(std::string& out, const wire::MessageRow& row) {
  const auto fields = row.fields();
  out += "| offset | size | name | form | meaning |\n|---|---|---|---|---|\n";
  add_fields(out, fields, "", 0);
  out += '\n';
}

void add_places(std::string& out, const wire::MessageRow& row, const wire::TestPlaces& tests) {
  const auto at = tests.find({row.direction, row.command});
  if (at != tests.end())
    fmt::format_to(std::back_inserter(out), "- tested in: {}\n", fmt::join(at->second, ", "));
}

std::string_view arrival_text(wire::Acknowledgement acknowledgement) {
  switch (acknowledgement) {
    case wire::Acknowledgement::none:
      return "none";
    case wire::Acknowledgement::at_once:
      return "the reply, at once";
    case wire::Acknowledgement::after_commit:
      return "the reply, when it is committed";
    case wire::Acknowledgement::after_delivery:
      return "the reply, when it is stored, confirmed by the recipient, or refused";
    case wire::Acknowledgement::resend_until_acked:
      return "by the client; sent again until then";
    case wire::Acknowledgement::send_once:
      return "none; sent once";
  }
  return "?";
}

void add_message(std::string& out, const Message& message, const wire::TestPlaces& tests) {
  const auto& row = message.row;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "### {:04X} {}\n\n{}.\n\n", row.command, row.name, row.title);
  fmt::format_to(to, "- generations: {}\n- envelope: {}\n", versions_text(message.key.versions),
                 envelope_text(message.key.envelope));
  if (row.direction == Direction::client_to_server)
    fmt::format_to(
        to, "- allowed: {}\n- cost: {}\n",
        wire::contains(row.rules.allowed, wire::States::stranger) ? "before the log-in" : "logged in",
        row.rules.cost);
  if (row.direction == Direction::client_to_server ||
      row.rules.acknowledgement != wire::Acknowledgement::none)
    fmt::format_to(to, "- acknowledged: {}\n", arrival_text(row.rules.acknowledgement));
  fmt::format_to(to, "- source: {}\n", row.source);
  add_places(out, row, tests);
  out += '\n';
  add_field_table(out, row);
}

void add_subject(std::string& out, const Subject& subject, const wire::TestPlaces& tests) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "## {}\n\n| command | name | generations | what it is for |\n|---|---|---|---|\n",
                 subject.title);
  for (const Message& message : subject.messages)
    fmt::format_to(to, "| {:04X} | {} | {} | {} |\n", message.row.command, message.row.name,
                   versions_text(message.key.versions), message.row.title);
  out += '\n';
  for (const Message& message : subject.messages) add_message(out, message, tests);
}

void add_tagged_values(std::string& out) {
  out += "## Tagged values of D\n\n";
  for (const wire::MessageRow& row : tagged::values()) {
    fmt::format_to(std::back_inserter(out), "### {:04X} {}\n\n{}; from the {}.\n\n", row.command, row.name,
                   row.title, row.direction == Direction::client_to_server ? "client" : "server");
    add_field_table(out, row);
  }
}
}  // namespace

std::string reference(const wire::TestPlaces& tests) {
  std::string out = fmt::format("# QQ\n\n{}\n", introduction);
  add_versions(out);
  for (const Subject& subject : subjects()) add_subject(out, subject, tests);
  add_tagged_values(out);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace uhoh::qq
