// A disk that takes its time, for tests alone: LD_PRELOAD puts these calls before the C library's.
// In the ranks that SLOW_DISK_RANKS names ("0", "1,2"), each of them that concerns a file or a
// folder below SLOW_DISK_FOLDER takes SLOW_DISK_S seconds longer: fsync, fdatasync, syncfs, rename,
// write to a regular file, and listing a folder. A line for each goes to the file SLOW_DISK_LOG, if
// it is set.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_slow_rank() {
  const std::string ranks = "," + setting("SLOW_DISK_RANKS") + ",";
  const std::string rank = setting("OMPI_COMM_WORLD_RANK");
  return !rank.empty() && ranks.find("," + rank + ",") != std::string::npos;
}

void log_call(const char* call, const std::string& path) {
  const std::string log = setting("SLOW_DISK_LOG");
  if (const int file = log.empty() ? -1 : ::open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0666);
      file >= 0) {
    const std::string line = std::string(call) + ' ' + path + '\n';
    (void)!next<ssize_t(int, const void*, size_t)>("write")(file, line.data(), line.size());
    ::close(file);
  }
}

// Takes its time if the path is on the slow disk.
void delay(const char* call, const std::string& path) {
  const std::string folder = setting("SLOW_DISK_FOLDER");
  if (folder.empty() || path.compare(0, folder.size() + 1, folder + '/') != 0 || !is_slow_rank()) {
    return;
  }
  log_call(call, path);
  const double seconds = std::atof(setting("SLOW_DISK_S").c_str());
  ::usleep(static_cast<useconds_t>(seconds * 1e6));
}

// The file's or folder's path; empty if it has none.
std::string path_of(int file) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size() - 1);
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : "";
}

// With a slash at its end, so that the slow folder itself counts.
std::string folder_path(const std::string& path) {
  std::array<char, 4096> real{};
  return (::realpath(path.c_str(), real.data()) != nullptr ? real.data() : path) + std::string("/");
}

std::string absolute(const char* path) {
  const std::string text = path;
  const auto slash = text.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : text.substr(0, slash + 1);
  return folder_path(folder) + text.substr(slash + 1);
}

}  // namespace

extern "C" {

int fsync(int file) {
  delay("fsync", path_of(file));
  return next<int(int)>("fsync")(file);
}

int fdatasync(int file) {
  delay("fdatasync", path_of(file));
  return next<int(int)>("fdatasync")(file);
}

int syncfs(int file) noexcept {
  delay("syncfs", path_of(file));
  return next<int(int)>("syncfs")(file);
}

int rename(const char* from, const char* to) noexcept {
  delay("rename", absolute(to));
  return next<int(const char*, const char*)>("rename")(from, to);
}

ssize_t write(int file, const void* bytes, size_t size) {
  struct stat status {};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    delay("write", path_of(file));
  }
  return next<ssize_t(int, const void*, size_t)>("write")(file, bytes, size);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  delay("pwrite", path_of(file));
  return next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(file, bytes, size, offset);
}

DIR* opendir(const char* path) {
  delay("opendir", folder_path(path));
  return next<DIR*(const char*)>("opendir")(path);
}

DIR* fdopendir(int file) {
  delay("opendir", path_of(file) + '/');
  return next<DIR*(int)>("fdopendir")(file);
}

}  // extern "C"
