// Maps what is looked at, and forgets the oldest.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/mapped_features.hpp"

#include <cerrno>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace bundle_match::features {
namespace {

[[noreturn]] void fail_as_damaged_image() {
  throw std::runtime_error("the features of an image are damaged");
}

// To look at what lies behind the end would be the process's death.
bool has(int file, const StoredFeatures& stored) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || status.st_size < 0) {
    return false;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return stored.offset <= size && stored.size_bytes <= size - stored.offset;
}

// The file's bytes, for as long as the pointer or a copy of it is there.
std::pair<std::string_view, std::shared_ptr<const void>> map_part(int file,
                                                                  const StoredFeatures& stored) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t before = stored.offset % page;
  const std::size_t size = before + stored.size_bytes;
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file,
                              static_cast<off_t>(stored.offset - before));
  if (mapped == MAP_FAILED) {
    throw std::system_error(errno, std::generic_category(), "features cannot be mapped");
  }
  std::shared_ptr<const void> mapping(mapped, [size](void* at) { ::munmap(at, size); });
  return std::pair(std::string_view(static_cast<const char*>(mapped) + before, stored.size_bytes),
                   std::move(mapping));
}

}  // namespace

MappedFeatures::MappedFeatures(UniqueFd memory, UniqueFd disk, std::uint64_t most_mapped_bytes)
    : memory_(std::move(memory)), disk_(std::move(disk)), most_mapped_bytes_(most_mapped_bytes) {}

MappedImage MappedFeatures::operator[](const StoredFeatures& stored) const {
  if (stored.size_bytes == 0) {
    return {};
  }
  if (const auto found = positions_.find(stored); found != positions_.end()) {
    mapped_.splice(mapped_.begin(), mapped_, found->second);
    return found->second->second;
  }
  mapped_.emplace_front(stored, map(stored));
  positions_.emplace(stored, mapped_.begin());
  mapped_bytes_ += stored.size_bytes;
  while (mapped_.size() > 1 &&
         (mapped_bytes_ > most_mapped_bytes_ || mapped_.size() > kMostMapped)) {
    forget_oldest();
  }
  return mapped_.front().second;
}

MappedImage MappedFeatures::map(const StoredFeatures& stored) const {
  const int file = stored.file == StoredFeatures::File::disk ? disk_.get() : memory_.get();
  if (!has(file, stored)) {
    fail_as_damaged_image();
  }
  MappedImage image;
  std::tie(image.encoded, image.mapping) = map_part(file, stored);
  const auto view = view_features(
      image.encoded, checked_.contains(stored) ? Checksum::trusted : Checksum::compared);
  if (!view) {
    fail_as_damaged_image();
  }
  checked_.insert(stored);
  image.view = *view;
  return image;
}

void MappedFeatures::forget_oldest() const {
  const StoredFeatures oldest = mapped_.back().first;
  mapped_bytes_ -= oldest.size_bytes;
  positions_.erase(oldest);
  mapped_.pop_back();
}

}  // namespace bundle_match::features
