// Standard error as an anonymous file.
// SPDX-License-Identifier: Apache-2.0
#include "decoder_messages.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace bundle_match::compute {

DecoderMessages::DecoderMessages() : memory_(::memfd_create("stderr", MFD_CLOEXEC)) {
  if (memory_.valid()) {
    ::dup2(memory_.get(), STDERR_FILENO);
  }
}

std::string DecoderMessages::take(const std::string& path) {
  constexpr std::size_t kLongest = 256;
  std::array<char, 16384> start;
  const ssize_t size = ::pread(memory_.get(), start.data(), start.size(), 0);
  if (size <= 0) {
    return {};
  }
  forget();
  std::string line(start.data(), static_cast<std::size_t>(size));
  // By whatever name the file was opened: the report itself names the image.
  if (const std::string prefix = "imread_('" + path + "'): "; line.starts_with(prefix)) {
    line.erase(0, prefix.size());
  }
  constexpr std::string_view kAnyName = "the image";
  for (auto at = line.find(path); at != std::string::npos; at = line.find(path, at)) {
    line.replace(at, path.size(), kAnyName);
    at += kAnyName.size();
  }
  line.resize(std::min({line.find('\n'), line.size(), kLongest}));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return line;
}

void DecoderMessages::forget() {
  if (::ftruncate(memory_.get(), 0) == 0) {
    // The offset is shared with standard error, so that the next message starts at 0 again.
    ::lseek(memory_.get(), 0, SEEK_SET);
  }
}

}  // namespace bundle_match::compute
