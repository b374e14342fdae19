// Two pipes: who is caught, and what becomes of it.
// SPDX-License-Identifier: Apache-2.0
#include "decoder_trap.hpp"

#include "file_changes.hpp"
#include "processes.hpp"

#include <opencv2/core.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::test {
namespace {

bool readable_within(int fd, std::chrono::milliseconds time) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, static_cast<int>(time.count())) > 0;
}

// Entries of a folder with a process's descriptors; none if it may not be read.
std::vector<std::filesystem::path> descriptors_in(const std::string& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    found.push_back(entry.path());
  }
  return found;
}

void talk_nonsense() {
  constexpr std::string_view kNonsense = "this is no frame";
  for (const std::filesystem::path& path : descriptors_in("/proc/self/fd")) {
    (void)::send(std::stoi(path.filename()), kNonsense.data(), kNonsense.size(), MSG_NOSIGNAL);
  }
}

// But for standard error, which is the process's own to write to.
bool can_change_memory_files(const std::string& folder) {
  for (const std::filesystem::path& path : descriptors_in(folder)) {
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(path, error);
    if (!target.starts_with("/memfd:") || target.starts_with("/memfd:stderr")) {
      continue;
    }
    const bool own = folder == "/proc/self/fd";
    const int file = own ? std::stoi(path.filename()) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0 && !why_changeable(file).empty()) {
      return true;
    }
  }
  return false;
}

}  // namespace

DecoderTrap::Pipe DecoderTrap::make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return {ends[0], ends[1]};
}

DecoderTrap::DecoderTrap() : owner_(::getpid()), arrivals_(make_pipe()), fates_(make_pipe()) {
  cv::Mat::setDefaultAllocator(this);
}

DecoderTrap::~DecoderTrap() {
  cv::Mat::setDefaultAllocator(cv::Mat::getStdAllocator());
  for (const int fd :
       {arrivals_.read_end, arrivals_.write_end, fates_.read_end, fates_.write_end}) {
    ::close(fd);
  }
}

pid_t DecoderTrap::caught() const {
  pid_t pid = -1;
  if (readable_within(arrivals_.read_end, kPatience) &&
      ::read(arrivals_.read_end, &pid, sizeof pid) != sizeof pid) {
    return -1;
  }
  return pid;
}

bool DecoderTrap::has_caught() const {
  return readable_within(arrivals_.read_end, std::chrono::milliseconds(0));
}

void DecoderTrap::release(Fate fate) const {
  if (::write(fates_.write_end, &fate, sizeof fate) != sizeof fate) {
    throw std::system_error(errno, std::generic_category(), "write");
  }
}

// Runs in the compute process.
void DecoderTrap::spring() const {
  const pid_t pid = ::getpid();
  Fate fate = Fate::go_on;
  if (::write(arrivals_.write_end, &pid, sizeof pid) != sizeof pid) {
    ::_exit(1);
  }
  while (::read(fates_.read_end, &fate, sizeof fate) != sizeof fate) {
    if (errno != EINTR) {
      ::_exit(1);
    }
  }
  switch (fate) {
    case Fate::go_on:
      return;
    case Fate::segfault:
      ::raise(SIGSEGV);
      return;
    case Fate::exit_3:
      ::_exit(3);
    case Fate::out_of_memory:
      throw std::bad_alloc();
    case Fate::opencv_out_of_memory:
      CV_Error(cv::Error::StsNoMem, "no memory");
    case Fate::opencv_error:
      CV_Error(cv::Error::StsAssert, "a decoder's complaint");
    case Fate::complain:
      std::fputs("premature end\nof file\n", stderr);
      return;
    case Fate::talk_nonsense:
      talk_nonsense();
      return;
    case Fate::change_files:
      if (can_change_memory_files("/proc/self/fd") ||
          can_change_memory_files("/proc/" + std::to_string(owner_) + "/fd")) {
        ::_exit(3);
      }
      return;
  }
}

cv::UMatData* DecoderTrap::allocate(int dims, const int* sizes, int type, void* data,
                                    std::size_t* step, cv::AccessFlag flags,
                                    cv::UMatUsageFlags usage) const {
  if (dims == 2 && sizes[1] == kWidth && type == CV_8UC1 && ::getpid() != owner_) {
    spring();
  }
  return cv::Mat::getStdAllocator()->allocate(dims, sizes, type, data, step, flags, usage);
}

bool DecoderTrap::allocate(cv::UMatData* memory, cv::AccessFlag flags,
                           cv::UMatUsageFlags usage) const {
  return cv::Mat::getStdAllocator()->allocate(memory, flags, usage);
}

void DecoderTrap::deallocate(cv::UMatData* memory) const {
  cv::Mat::getStdAllocator()->deallocate(memory);
}

}  // namespace bundle_match::test
