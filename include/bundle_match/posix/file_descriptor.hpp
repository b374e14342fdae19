// Owning file descriptors, reading from and writing to them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bundle_match {

/// Owns a file descriptor; -1 owns nothing.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void reset();
  /// Gives it up: the caller owns it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Writes all of it, over interruptions by signals. Returns 0, or the errno of what failed.
[[nodiscard]] int write_all(int fd, std::string_view bytes);

/// Reads from the file's byte `offset` on until `bytes` is full or the file ends, over
/// interruptions by signals. Returns how many bytes it read, or -1 and leaves errno.
[[nodiscard]] std::int64_t read_at(int fd, std::span<char> bytes, std::uint64_t offset);

/// The file, opened for reading; invalid, with errno, if that fails. Waits for no writer of a FIFO,
/// and makes no terminal the controlling one.
[[nodiscard]] UniqueFd open_for_reading(const std::string& path);

/// A path by which this process opens what the descriptor has open, whatever became of its name.
[[nodiscard]] std::string path_of_descriptor(int fd);

/// The same file, opened once more and for reading alone; invalid, with errno, if that fails.
/// Kernels before 6.7 map a sealed file of memory in no other way.
[[nodiscard]] UniqueFd reopen_for_reading(int fd);

}  // namespace bundle_match
