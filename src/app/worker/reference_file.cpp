// Pieces into a file of its own, or somebody else's file opened.
// SPDX-License-Identifier: Apache-2.0
#include "worker/reference_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace bundle_match::app {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

SharedFile share_file(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    fail(errno, "cannot share the references");
  }
  return {fmt::format("/proc/{}/fd/{}", ::getpid(), file), status.st_ino,
          static_cast<std::uint64_t>(status.st_size)};
}

UniqueFd open_shared_file(const SharedFile& shared) {
  UniqueFd file = open_for_reading(shared.path);
  struct stat status {};
  const bool is_it = file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
                     status.st_ino == shared.inode;
  return is_it ? std::move(file) : UniqueFd();
}

machine::ReferencesTaken ReferenceFile::append(const ReferencesPiece& piece) {
  if (piece.offset != received_bytes_) {
    return {received_bytes_, {}};
  }
  if (!file_.valid()) {
    file_ = features::make_set_file(place_, piece.set_bytes);
  }
  if (const int error = write_all(file_.get(), piece.bytes); error != 0) {
    fail(error, "no room for the references");
  }
  received_bytes_ += piece.bytes.size();
  if (received_bytes_ < piece.set_bytes) {
    return {received_bytes_, {}};
  }
  file_ = features::share_set_file(std::move(file_));  // others of the node read it
  return {received_bytes_, share_file(file_.get())};
}

machine::ReferencesTaken ReferenceFile::open(const SharedFile& shared) {
  UniqueFd file = open_shared_file(shared);
  if (!file.valid() || share_file(file.get()).size_bytes != shared.size_bytes) {
    return {received_bytes_, {}};
  }
  file_ = std::move(file);
  received_bytes_ = shared.size_bytes;
  return {received_bytes_, share_file(file_.get())};
}

}  // namespace bundle_match::app
