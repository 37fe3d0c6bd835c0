#include "storage/sqlite/sqlite_engine.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "storage/testing/engine_contract.hpp"

namespace uhoh::storage {
namespace {

namespace fs = std::filesystem;

/// A directory of its own that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // In memory where there is such a place: syncing to a real disk proves nothing here, and takes its time.
    const fs::path place = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string name = (place / "uhoh-storage-XXXXXX").string();
    if (!::mkdtemp(name.data())) ADD_FAILURE() << "no directory for the test";
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

class SqliteBackEnd final : public ContractBackEnd {
 public:
  SqliteBackEnd(StoreLimits limits, std::size_t tail_entries) {
    options_.limits = limits;
    options_.tail_entries = tail_entries;
    open();
  }
  StoreEngine& engine() override { return *engine_; }
  StoreEngine& reader() override { return *reader_; }
  void crash() override {
    reader_.reset();
    engine_.reset();
    open();
  }

 private:
  void open() {
    auto engine = SqliteEngine::open(directory_.file("store.db"), options_);
    if (!engine) throw std::runtime_error(engine.error());
    engine_ = std::move(*engine);
    auto reader = engine_->open_reader();
    if (!reader) throw std::runtime_error(reader.error());
    reader_ = std::move(*reader);
  }
  TemporaryDirectory directory_;
  SqliteOptions options_;
  std::unique_ptr<SqliteEngine> engine_;
  std::unique_ptr<SqliteReader> reader_;
};

template <std::size_t tail_entries>
std::unique_ptr<ContractBackEnd> make_back_end(StoreLimits limits) {
  return std::make_unique<SqliteBackEnd>(limits, tail_entries);
}

// The index goes to its table late, at once, or in between: nobody may notice.
INSTANTIATE_TEST_SUITE_P(Sqlite, EngineContract,
                         ::testing::Values(MakeBackEnd{make_back_end<65536>}, MakeBackEnd{make_back_end<0>},
                                           MakeBackEnd{make_back_end<2>}));

}  // namespace
}  // namespace uhoh::storage
