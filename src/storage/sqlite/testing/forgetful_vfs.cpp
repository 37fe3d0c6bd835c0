#include "storage/sqlite/testing/forgetful_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <string_view>
#include <vector>

#include "base/rng.hpp"

namespace uhoh::storage {

namespace {

/// A change of a file that was not synced: a write, or (without octets) a new size.
struct Change {
  std::int64_t offset = 0;
  std::string before;           ///< what stood there
  std::string after;            ///< what was written
  std::int64_t size_before = 0;
  std::optional<std::int64_t> new_size;
};

}  // namespace

struct ForgetfulVfs::Disk {
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
  std::string name;
  mutable std::mutex mutex;
  std::map<std::string, std::vector<Change>> unsynced;
  std::map<std::string, std::int64_t> sizes;
  bool power = true;
  bool read_only = false;
  std::uint64_t operations = 0;
  std::uint64_t cut_at = 0;
  std::optional<std::uint64_t> space;

  /// Counts an operation that changes a file; false when there is no power for it (any more).
  bool operate() {
    if (!power) return false;
    ++operations;
    if (cut_at == 0 || operations < cut_at) return true;
    power = false;
    return false;
  }
  [[nodiscard]] std::uint64_t used() const {
    std::int64_t octets = 0;
    for (const auto& [path, size] : sizes) octets += size;
    return static_cast<std::uint64_t>(octets);
  }
};

namespace {

using Disk = ForgetfulVfs::Disk;

/// Our part of an open file; the system's part stands behind it in the same memory.
struct File {
  sqlite3_file base;
  Disk* disk;
  sqlite3_file* real;
  std::string* path;  ///< absent for files without a name, which no crash needs
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

std::int64_t size_of(File& f) {
  sqlite3_int64 size = 0;
  f.real->pMethods->xFileSize(f.real, &size);
  return size;
}

/// Reads what stands in a place, as far as the file goes.
std::string contents(File& f, std::int64_t offset, std::int64_t length) {
  const std::int64_t there = std::clamp<std::int64_t>(size_of(f) - offset, 0, length);
  std::string octets(static_cast<std::size_t>(there), '\0');
  if (there > 0) f.real->pMethods->xRead(f.real, octets.data(), static_cast<int>(there), offset);
  return octets;
}

int close_file(sqlite3_file* file) {
  File& f = file_of(file);
  const int code = f.real->pMethods ? f.real->pMethods->xClose(f.real) : SQLITE_OK;
  delete f.path;
  return code;
}

int read_file(sqlite3_file* file, void* into, int length, sqlite3_int64 offset) {
  File& f = file_of(file);
  {
    const std::lock_guard lock{f.disk->mutex};
    if (!f.disk->power) return SQLITE_IOERR_READ;
  }
  return f.real->pMethods->xRead(f.real, into, length, offset);
}

int write_file(sqlite3_file* file, const void* from, int length, sqlite3_int64 offset) {
  File& f = file_of(file);
  Disk& disk = *f.disk;
  const std::lock_guard lock{disk.mutex};
  if (!f.path) return f.real->pMethods->xWrite(f.real, from, length, offset);
  if (!disk.operate()) return SQLITE_IOERR_WRITE;
  if (disk.read_only) return SQLITE_READONLY;
  const std::int64_t size = size_of(f);
  const std::int64_t growth = std::max<std::int64_t>(offset + length - size, 0);
  if (disk.space && growth > 0 && disk.used() + static_cast<std::uint64_t>(growth) > *disk.space) return SQLITE_FULL;
  Change change{.offset = offset, .before = contents(f, offset, length),
                .after = std::string(static_cast<const char*>(from), static_cast<std::size_t>(length)),
                .size_before = size, .new_size = std::nullopt};
  const int code = f.real->pMethods->xWrite(f.real, from, length, offset);
  if (code == SQLITE_OK) {
    disk.unsynced[*f.path].push_back(std::move(change));
    disk.sizes[*f.path] = size + growth;
  }
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File& f = file_of(file);
  Disk& disk = *f.disk;
  const std::lock_guard lock{disk.mutex};
  if (!f.path) return f.real->pMethods->xTruncate(f.real, size);
  if (!disk.operate()) return SQLITE_IOERR_TRUNCATE;
  if (disk.read_only) return SQLITE_READONLY;
  const std::int64_t before = size_of(f);
  Change change{.offset = size, .before = contents(f, size, std::max<std::int64_t>(before - size, 0)), .after = {},
                .size_before = before, .new_size = size};
  const int code = f.real->pMethods->xTruncate(f.real, size);
  if (code == SQLITE_OK) {
    disk.unsynced[*f.path].push_back(std::move(change));
    disk.sizes[*f.path] = size;
  }
  return code;
}

int sync_file(sqlite3_file* file, int) {
  File& f = file_of(file);
  Disk& disk = *f.disk;
  const std::lock_guard lock{disk.mutex};
  if (!f.path) return SQLITE_OK;
  if (!disk.operate()) return SQLITE_IOERR_FSYNC;
  // The real file need not be synced: the power of this machine stays on.
  disk.unsynced.erase(*f.path);
  return SQLITE_OK;
}

bool has_power(File& f) {
  const std::lock_guard lock{f.disk->mutex};
  return f.disk->power;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  File& f = file_of(file);
  return has_power(f) ? f.real->pMethods->xFileSize(f.real, size) : SQLITE_IOERR_FSTAT;
}
int lock_file(sqlite3_file* file, int level) {
  File& f = file_of(file);
  return has_power(f) ? f.real->pMethods->xLock(f.real, level) : SQLITE_IOERR_LOCK;
}
int unlock_file(sqlite3_file* file, int level) { return file_of(file).real->pMethods->xUnlock(file_of(file).real, level); }
int check_reserved_lock(sqlite3_file* file, int* held) {
  return file_of(file).real->pMethods->xCheckReservedLock(file_of(file).real, held);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return file_of(file).real->pMethods->xFileControl(file_of(file).real, operation, argument);
}
int sector_size(sqlite3_file* file) { return file_of(file).real->pMethods->xSectorSize(file_of(file).real); }
int device_characteristics(sqlite3_file*) { return 0; }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  File& f = file_of(file);
  return has_power(f) ? f.real->pMethods->xShmMap(f.real, page, size, extend, memory) : SQLITE_IOERR_SHMMAP;
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return file_of(file).real->pMethods->xShmLock(file_of(file).real, offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { file_of(file).real->pMethods->xShmBarrier(file_of(file).real); }
int shm_unmap(sqlite3_file* file, int remove) {
  return file_of(file).real->pMethods->xShmUnmap(file_of(file).real, remove);
}

constexpr sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  Disk& disk = disk_of(vfs);
  File& f = file_of(file);
  f = File{.base = {}, .disk = &disk, .real = reinterpret_cast<sqlite3_file*>(&f + 1), .path = nullptr};
  f.real->pMethods = nullptr;
  const std::lock_guard lock{disk.mutex};
  if (!disk.power) return SQLITE_CANTOPEN;
  if (disk.read_only && path) {
    if (!std::filesystem::exists(path)) return SQLITE_CANTOPEN;
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  const int code = disk.system->xOpen(disk.system, path, f.real, flags, flags_out);
  if (code != SQLITE_OK) return code;
  if (path) {
    f.path = new std::string{path};
    disk.sizes[*f.path] = size_of(f);
  }
  f.base.pMethods = &methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Disk& disk = disk_of(vfs);
  const std::lock_guard lock{disk.mutex};
  if (!disk.operate()) return SQLITE_IOERR_DELETE;
  if (disk.read_only) return SQLITE_READONLY;
  disk.unsynced.erase(path);
  disk.sizes.erase(path);
  return disk.system->xDelete(disk.system, path, sync_directory);
}

int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* answer) {
  return disk_of(vfs).system->xAccess(disk_of(vfs).system, path, flags, answer);
}
int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return disk_of(vfs).system->xFullPathname(disk_of(vfs).system, path, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
  return disk_of(vfs).system->xRandomness(disk_of(vfs).system, size, out);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) { return disk_of(vfs).system->xSleep(disk_of(vfs).system, microseconds); }
int current_time(sqlite3_vfs* vfs, double* time) { return disk_of(vfs).system->xCurrentTime(disk_of(vfs).system, time); }
int current_time_64(sqlite3_vfs* vfs, sqlite3_int64* time) {
  return disk_of(vfs).system->xCurrentTimeInt64(disk_of(vfs).system, time);
}
int last_error(sqlite3_vfs*, int, char*) { return 0; }

/// Writes octets into a place of a file that nobody has open.
void patch(const std::string& path, std::int64_t offset, std::string_view octets) {
  if (octets.empty()) return;
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekp(offset);
  file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

void resize(const std::string& path, std::int64_t size) {
  std::error_code ignored;
  std::filesystem::resize_file(path, static_cast<std::uintmax_t>(size), ignored);
}

}  // namespace

ForgetfulVfs::ForgetfulVfs() : disk_{std::make_unique<Disk>()} {
  static std::atomic<unsigned> made = 0;
  Disk& disk = *disk_;
  disk.system = sqlite3_vfs_find(nullptr);
  disk.name = "forgetful" + std::to_string(++made);
  disk.vfs = sqlite3_vfs{.iVersion = 2,
                         .szOsFile = static_cast<int>(sizeof(File)) + disk.system->szOsFile,
                         .mxPathname = disk.system->mxPathname,
                         .pNext = nullptr,
                         .zName = disk.name.c_str(),
                         .pAppData = &disk,
                         .xOpen = open_file,
                         .xDelete = delete_file,
                         .xAccess = access_file,
                         .xFullPathname = full_path,
                         .xDlOpen = nullptr,
                         .xDlError = nullptr,
                         .xDlSym = nullptr,
                         .xDlClose = nullptr,
                         .xRandomness = randomness,
                         .xSleep = sleep_for,
                         .xCurrentTime = current_time,
                         .xGetLastError = last_error,
                         .xCurrentTimeInt64 = current_time_64,
                         .xSetSystemCall = nullptr,
                         .xGetSystemCall = nullptr,
                         .xNextSystemCall = nullptr};
  sqlite3_vfs_register(&disk.vfs, 0);
}

ForgetfulVfs::~ForgetfulVfs() { sqlite3_vfs_unregister(&disk_->vfs); }

const std::string& ForgetfulVfs::name() const noexcept { return disk_->name; }

void ForgetfulVfs::cut_power() {
  const std::lock_guard lock{disk_->mutex};
  disk_->power = false;
}

void ForgetfulVfs::cut_power_at(std::uint64_t operation) {
  const std::lock_guard lock{disk_->mutex};
  disk_->cut_at = disk_->operations + operation;
}

bool ForgetfulVfs::has_power() const {
  const std::lock_guard lock{disk_->mutex};
  return disk_->power;
}

void ForgetfulVfs::restore_power(Survival survival) {
  const std::lock_guard lock{disk_->mutex};
  Rng rng{survival.seed};
  for (const auto& [path, changes] : disk_->unsynced) {
    if (!std::filesystem::exists(path)) continue;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
      resize(path, change->size_before);
      patch(path, change->offset, change->before);
    }
    for (const Change& change : changes) {
      if (!rng.chance(survival.percent)) continue;
      if (change.new_size) resize(path, *change.new_size);
      else patch(path, change.offset, change.after);
    }
  }
  // The shared memory of the log does not outlive the machine.
  for (const auto& [path, size] : disk_->sizes) {
    std::error_code ignored;
    std::filesystem::remove(path + "-shm", ignored);
  }
  disk_->unsynced.clear();
  disk_->sizes.clear();
  disk_->cut_at = 0;
  disk_->power = true;
}

std::uint64_t ForgetfulVfs::operations() const {
  const std::lock_guard lock{disk_->mutex};
  return disk_->operations;
}

void ForgetfulVfs::limit_space(std::optional<std::uint64_t> octets) {
  const std::lock_guard lock{disk_->mutex};
  disk_->space = octets;
}

std::uint64_t ForgetfulVfs::space_used() const {
  const std::lock_guard lock{disk_->mutex};
  return disk_->used();
}

void ForgetfulVfs::set_read_only(bool read_only) {
  const std::lock_guard lock{disk_->mutex};
  disk_->read_only = read_only;
}

}  // namespace uhoh::storage
