#include "wire/testing/vectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "wire/dump.hpp"
#include "wire/hex.hpp"

namespace uhoh::wire::testing {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// Reads "10, 12, 20-24".
std::optional<std::vector<std::size_t>> parse_lengths(std::string_view text) {
  std::vector<std::size_t> lengths;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::size_t first = 0;
    auto [next, ec] = std::from_chars(at, end, first);
    if (ec != std::errc{}) return std::nullopt;
    std::size_t last = first;
    if (next != end && *next == '-') {
      const auto [after, ec2] = std::from_chars(next + 1, end, last);
      if (ec2 != std::errc{}) return std::nullopt;
      next = after;
    }
    for (std::size_t n = first; n <= last; ++n) lengths.push_back(n);
    while (next != end && (*next == ' ' || *next == ',')) ++next;
    at = next;
  }
  return lengths;
}

/// Walks the lines of a file and collects its vectors.
class Parser {
 public:
  Parser(const std::filesystem::path& file, std::string_view text) : file_{file}, text_{text} {}

  std::expected<std::vector<Vector>, std::string> run() {
    std::string_view line;
    while (problem_.empty() && next(line)) {
      if (line.starts_with("#"))
        heading_ = trimmed(line.substr(std::min(line.find_first_not_of('#'), line.size())));
      else if (line.starts_with("```"))
        block(trimmed(line.substr(3)));
      else if (line.starts_with("legal prefixes:"))
        prefixes(trimmed(line.substr(15)));
      else if (line.starts_with("encodes as:"))
        expect_reencoding_ = true;
    }
    for (const Vector& v : vectors_)
      if (problem_.empty() && v.dump.empty() == v.error.empty())
        problem_ = fmt::format("{}: needs either a ```dump or an ```error block", v.where());
    if (!problem_.empty()) return std::unexpected(problem_);
    return std::move(vectors_);
  }

 private:
  bool next(std::string_view& line) {
    if (text_.empty()) return false;
    const std::size_t end = text_.find('\n');
    line = text_.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    ++line_;
    return true;
  }

  void fail(std::string_view what) { problem_ = fmt::format("{}:{}: {}", file_.string(), line_, what); }

  Vector* current() {
    if (vectors_.empty()) fail("stands before any ```hex block");
    return vectors_.empty() ? nullptr : &vectors_.back();
  }

  void prefixes(std::string_view list) {
    Vector* v = current();
    if (v == nullptr) return;
    auto lengths = parse_lengths(list);
    if (!lengths) return fail("legal prefixes: expected numbers, as in \"10, 12, 20-24\"");
    v->legal_prefixes = std::move(*lengths);
  }

  void block(std::string_view kind) {
    const int begin = line_;
    std::string content;
    std::string_view line;
    bool closed = false;
    while (!closed && next(line)) {
      closed = line.starts_with("```");
      if (!closed) content.append(line).push_back('\n');
    }
    if (!closed) return fail("the file ends inside a block");
    if (kind == "hex") return hex(content, begin);
    if (kind == "dump" || kind == "error") return expectation(kind, content);
  }

  void hex(std::string_view content, int begin) {
    auto bytes = parse_hex(content);
    if (!bytes) return fail(bytes.error());
    if (expect_reencoding_) {
      expect_reencoding_ = false;
      if (Vector* v = current()) v->encodes_as = std::move(*bytes);
      return;
    }
    Vector v;
    v.file = file_;
    v.line = begin;
    v.heading = heading_;
    v.datagram = std::move(*bytes);
    vectors_.push_back(std::move(v));
  }

  void expectation(std::string_view kind, std::string_view content) {
    Vector* v = current();
    if (v == nullptr) return;
    if (content.empty() || (content[0] != '>' && content[0] != '<')) return fail("must begin with > or <");
    v->direction = content[0] == '>' ? Direction::client_to_server : Direction::server_to_client;
    (kind == "dump" ? v->dump : v->error) = kind == "dump" ? content : trimmed(content.substr(1));
  }

  std::filesystem::path file_;
  std::string_view text_;
  int line_ = 0;
  std::string heading_;
  bool expect_reencoding_ = false;
  std::vector<Vector> vectors_;
  std::string problem_;
};

std::string hex_of(Bytes bytes) {
  std::string text;
  dump_bytes(text, bytes);
  return text;
}

void check_prefixes(const Vector& v, const Codec& codec, std::vector<std::string>& problems) {
  for (std::size_t length = 0; length < v.datagram.size(); ++length) {
    const bool legal = std::ranges::find(v.legal_prefixes, length) != v.legal_prefixes.end();
    const bool decodes = codec.dump(Bytes{v.datagram}.first(length), v.direction).has_value();
    if (decodes && !legal)
      problems.push_back(
          fmt::format("{}: the first {} bytes alone decode, but are not listed as legal", v.where(), length));
    if (!decodes && legal)
      problems.push_back(
          fmt::format("{}: the first {} bytes are listed as legal, but do not decode", v.where(), length));
  }
}

}  // namespace

std::string Vector::where() const { return fmt::format("{}:{} {}", file.filename().string(), line, heading); }

std::string describe(const DecodeError& error) {
  return fmt::format("{} at {}", to_string(error.kind), error.offset);
}

std::expected<std::vector<Vector>, std::string> parse_vectors(const std::filesystem::path& file,
                                                              std::string_view text) {
  return Parser{file, text}.run();
}

std::expected<std::vector<Vector>, std::string> load_vectors(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator{folder, ec})
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  if (ec) return std::unexpected(fmt::format("{}: {}", folder.string(), ec.message()));
  std::ranges::sort(files);
  std::vector<Vector> all;
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto vectors = parse_vectors(file, text);
    if (!vectors) return vectors;
    std::ranges::move(*vectors, std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> check(const Vector& v, const Codec& codec) {
  std::vector<std::string> problems;
  const auto shown = codec.dump(v.datagram, v.direction);
  if (!v.error.empty()) {
    if (shown)
      problems.push_back(
          fmt::format("{}: expected \"{}\", but it decodes as\n{}", v.where(), v.error, *shown));
    else if (describe(shown.error()) != v.error)
      problems.push_back(
          fmt::format("{}: expected \"{}\", found \"{}\"", v.where(), v.error, describe(shown.error())));
    return problems;
  }
  if (!shown)
    problems.push_back(fmt::format("{}: does not decode: {}", v.where(), describe(shown.error())));
  else if (*shown != v.dump)
    problems.push_back(fmt::format("{}: decodes as\n{}instead of\n{}", v.where(), *shown, v.dump));
  const auto& expected = v.encodes_as ? *v.encodes_as : v.datagram;
  const auto written = codec.reencode(v.datagram, v.direction);
  if (!written)
    problems.push_back(fmt::format("{}: does not re-encode: {}", v.where(), describe(written.error())));
  else if (*written != expected)
    problems.push_back(
        fmt::format("{}: encodes as\n{}\ninstead of\n{}", v.where(), hex_of(*written), hex_of(expected)));
  if (v.encodes_as && *v.encodes_as == v.datagram)
    problems.push_back(fmt::format("{}: \"encodes as\" repeats the datagram itself", v.where()));
  check_prefixes(v, codec, problems);
  return problems;
}

}  // namespace uhoh::wire::testing
