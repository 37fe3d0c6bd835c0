#include "gateway/audit.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <deque>
#include <fstream>
#include <mutex>
#include <system_error>

#include "gateway/time_text.hpp"

namespace uhoh::gateway {
namespace {

namespace json = boost::json;

constexpr off_t largest_file = 16 << 20;
constexpr std::size_t remembered = 2000;

std::string text_in(const json::object& row, json::string_view name) {
  const auto* value = row.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string().c_str()} : std::string{};
}

}  // namespace

struct Audit::State {
  std::filesystem::path path;
  int file = -1;
  mutable std::mutex mutex;
  std::deque<AuditRow> rows;  // the newest at the end

  bool reopen() {
    if (file >= 0) ::close(file);
    file = ::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    return file >= 0;
  }
};

Audit::Audit(std::unique_ptr<State> state) : state_{std::move(state)} {}

Audit::~Audit() {
  if (state_->file >= 0) ::close(state_->file);
}

std::expected<std::unique_ptr<Audit>, std::string> Audit::open(std::filesystem::path file) {
  auto state = std::make_unique<State>();
  state->path = std::move(file);
  std::ifstream in{state->path};
  for (std::string line; std::getline(in, line);) {
    json::error_code error;
    const auto value = json::parse(line, error);
    if (error || !value.is_object()) continue;
    const auto& row = value.get_object();
    const auto* status = row.if_contains("status");
    state->rows.push_back({.at = parse_time(text_in(row, "at")).value_or(WallTime{}),
                           .who = text_in(row, "who"),
                           .what = text_in(row, "what"),
                           .detail = text_in(row, "detail"),
                           .status = status != nullptr && status->is_int64() ? static_cast<unsigned>(status->get_int64()) : 0});
    if (state->rows.size() > remembered) state->rows.pop_front();
  }
  if (!state->reopen())
    return std::unexpected("the audit log " + state->path.string() + " can't be written: " +
                           std::error_code{errno, std::system_category()}.message());
  return std::unique_ptr<Audit>{new Audit{std::move(state)}};
}

void Audit::append(const AuditRow& row) {
  auto& s = *state_;
  auto line = json::serialize(json::object{{"at", format_time(row.at)},
                                           {"who", row.who},
                                           {"what", row.what},
                                           {"detail", row.detail},
                                           {"status", row.status}});
  line += '\n';
  const std::lock_guard lock{s.mutex};
  if (::lseek(s.file, 0, SEEK_END) > largest_file) {
    std::error_code ignored;
    std::filesystem::rename(s.path, s.path.string() + ".1", ignored);
    s.reopen();
  }
  static_cast<void>(::write(s.file, line.data(), line.size()));
  s.rows.push_back(row);
  if (s.rows.size() > remembered) s.rows.pop_front();
}

std::vector<AuditRow> Audit::newest(std::size_t limit) const {
  const auto& s = *state_;
  const std::lock_guard lock{s.mutex};
  std::vector<AuditRow> rows;
  for (auto row = s.rows.rbegin(); row != s.rows.rend() && rows.size() < limit; ++row) rows.push_back(*row);
  return rows;
}

}  // namespace uhoh::gateway
