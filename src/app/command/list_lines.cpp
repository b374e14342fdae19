// Reads lists block by block.
// SPDX-License-Identifier: Apache-2.0
#include "command/list_lines.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "command/input_error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace bundle_match::app {

void ListLines::take(std::string_view block) {
  for (auto end = block.find(separator_); end != std::string_view::npos;
       end = block.find(separator_)) {
    if (begun_.empty()) {
      visit_(block.substr(0, end));
    } else {
      visit_(begun_.append(block.substr(0, end)));
      begun_.clear();
    }
    block.remove_prefix(end + 1);
  }
  begun_.append(block);
}

void ListLines::finish() {
  if (!begun_.empty()) {
    visit_(begun_);
    begun_.clear();
  }
}

std::string name_of_list(const std::string& file) { return file == "-" ? "standard input" : file; }

void read_lines(const std::string& option, const std::string& file, char separator,
                ListLines::Visit visit) {
  const auto fail = [&](int error) {
    throw_input_error(fmt::format("{} {}: {}", option, name_of_list(file), std::strerror(error)));
  };
  UniqueFd opened;
  if (file != "-") {
    opened = UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0) {
      fail(errno);
    }
  }
  const int descriptor = file == "-" ? STDIN_FILENO : opened.get();
  ListLines lines(separator, std::move(visit));
  std::vector<char> block(std::size_t{1} << 20);
  for (;;) {
    const ssize_t size = ::read(descriptor, block.data(), block.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      fail(errno);
    }
    if (size == 0) {
      lines.finish();
      return;
    }
    lines.take({block.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace bundle_match::app
