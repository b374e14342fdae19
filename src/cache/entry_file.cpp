// Names, the header, and reading an entry.
// SPDX-License-Identifier: Apache-2.0
#include "entry_file.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/posix/atomic_file.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace bundle_match::cache {
namespace {

// Raise the digit whenever the form changes.
constexpr std::array<char, 8> kMagic = {'b', 'm', 'c', 'a', 'c', 'h', 'e', '1'};

constexpr std::string_view kSuffix = ".features";
constexpr std::size_t kSubfolderDigits = 2;

bool are_digits(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool read_exactly(int file, void* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file, static_cast<char*>(bytes) + done, size - done);
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    done += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return true;
}

}  // namespace

EntryHeader header_of(std::string_view key, std::string_view encoded) {
  EntryHeader header;
  header.magic = kMagic;
  std::ranges::copy(key, header.key.begin());
  header.size_bytes = encoded.size();
  header.checksum = XXH3_64bits(encoded.data(), encoded.size());
  return header;
}

bool is_key(std::string_view text) {
  return text.size() == std::tuple_size_v<decltype(EntryHeader::key)> && are_digits(text);
}

std::string subfolder_of(const std::string& folder, std::string_view key) {
  return folder + '/' + std::string(key.substr(0, kSubfolderDigits));
}

std::string entry_path(const std::string& folder, std::string_view key) {
  return subfolder_of(folder, key) + '/' + std::string(key.substr(kSubfolderDigits)) +
         std::string(kSuffix);
}

bool is_subfolder_name(std::string_view name) {
  return name.size() == kSubfolderDigits && are_digits(name);
}

bool is_entry_name(std::string_view name) {
  return name.ends_with(kSuffix) &&
         is_key("00" + std::string(name.substr(0, name.size() - kSuffix.size())));
}

bool is_temporary_name(std::string_view name) {
  return bundle_match::is_temporary_name(name, kTemporaryStem);
}

std::optional<std::string> find(const std::string& folder, const std::string& key) {
  if (!is_key(key)) {
    return std::nullopt;
  }
  // Not through links, and without waiting for a FIFO's writer.
  const UniqueFd file(::open(entry_path(folder, key).c_str(),
                             O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  EntryHeader header;
  // Memory is taken for no more than the header and the file agree on.
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      !read_exactly(file.get(), &header, sizeof header) ||
      header.size_bytes != static_cast<std::uint64_t>(status.st_size) - sizeof header) {
    return std::nullopt;
  }
  std::string encoded(header.size_bytes, '\0');
  if (!read_exactly(file.get(), encoded.data(), encoded.size()) ||
      header != header_of(key, encoded)) {
    return std::nullopt;
  }
  return encoded;
}

}  // namespace bundle_match::cache
