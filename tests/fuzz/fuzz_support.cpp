// Memory files, scratch folders and checks.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz_support.hpp"

#include "bundle_match/posix/memory_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace bundle_match::fuzz {
namespace {

void write_or_throw(int file, std::string_view bytes) {
  if (const int error = write_all(file, bytes); error != 0) {
    throw std::system_error(error, std::generic_category(), "an input cannot be written");
  }
}

}  // namespace

void require(bool holds, std::string_view what) {
  if (!holds) {
    ::dprintf(STDERR_FILENO, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
  }
}

std::uint8_t Input::take_byte() {
  if (left_.empty()) {
    return 0;
  }
  const auto byte = static_cast<std::uint8_t>(left_.front());
  left_.remove_prefix(1);
  return byte;
}

MemoryFile::MemoryFile(std::string_view bytes)
    : file_(make_memory_file("input")), path_("/proc/self/fd/" + std::to_string(file_.get())) {
  write_or_throw(file_.get(), bytes);
}

ScratchFolder::ScratchFolder()
    : path_((std::filesystem::temp_directory_path() / "fuzz.XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), path_);
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, std::string_view bytes) const {
  std::string path = path_ + '/' + name;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  write_or_throw(file.get(), bytes);
  return path;
}

}  // namespace bundle_match::fuzz
