// memfd_create(2), and which of them are in use.
// SPDX-License-Identifier: Apache-2.0
#include "received_files.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match::compute {
namespace {

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category(), "cannot share memory");
}

void write_to(const UniqueFd& file, std::string_view bytes) {
  if (const int error = write_all(file.get(), bytes); error != 0) {
    fail(error);
  }
}

}  // namespace

UniqueFd make_memory_file(const char* name, std::string_view bytes) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.valid()) {
    fail(errno);
  }
  write_to(file, bytes);
  return file;
}

ReceivedFiles::ReceivedFiles() {
  for (File& file : files_) {
    file.memory = make_memory_file("image");
  }
}

std::array<int, kReceivedFiles> ReceivedFiles::descriptors() const {
  std::array<int, kReceivedFiles> descriptors{};
  std::transform(files_.begin(), files_.end(), descriptors.begin(),
                 [](const File& file) { return file.memory.get(); });
  return descriptors;
}

std::optional<ReceivedFiles::Places> ReceivedFiles::take(ImageOrder& order) {
  const auto free =
      std::count_if(files_.begin(), files_.end(), [](const File& file) { return !file.in_use; });
  if (free < (order.mask_contents ? 2 : 1)) {
    return std::nullopt;
  }
  Places places;
  order.path = fill_one(order.contents, places);
  order.mask = order.mask_contents ? fill_one(order.mask_contents, places) : "";
  order.received = true;
  return places;
}

void ReceivedFiles::release(const Places& places) {
  for (const std::size_t place : places) {
    files_.at(place).in_use = false;
  }
}

// Moves the bytes to a free file, and returns its path.
std::string ReceivedFiles::fill_one(std::optional<std::string>& bytes, Places& places) {
  const auto file =
      std::find_if(files_.begin(), files_.end(), [](const File& one) { return !one.in_use; });
  if (::ftruncate(file->memory.get(), 0) != 0 || ::lseek(file->memory.get(), 0, SEEK_SET) != 0) {
    fail(errno);
  }
  write_to(file->memory, *bytes);
  bytes.reset();
  file->in_use = true;
  places.push_back(static_cast<std::size_t>(file - files_.begin()));
  return received_file_path(static_cast<int>(places.back()));
}

}  // namespace bundle_match::compute
