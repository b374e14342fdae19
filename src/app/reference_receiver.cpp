// Pieces into a memory file, or somebody else's file opened.
// SPDX-License-Identifier: Apache-2.0
#include "reference_receiver.hpp"

#include "reference_sharing.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace bundle_match::app {

ImageReport ReferenceReceiver::take(const ReferencesMessage& message) {
  ImageReport report;
  report.kind = ImageReport::Kind::wants_references;
  bool complete = message.last;
  if (message.shared) {
    complete = open_shared(*message.shared);
  } else {
    append(message.piece);
  }
  if (complete) {
    report.kind = ImageReport::Kind::has_references;
    report.shared = share_file(file_.get());
  }
  return report;
}

bool ReferenceReceiver::open_shared(const SharedFile& shared) {
  UniqueFd file(::open(shared.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  // The same process number may be another process in another container.
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_ino != shared.inode ||
      static_cast<std::uint64_t>(status.st_size) != shared.size_bytes) {
    return false;
  }
  file_ = std::move(file);
  return true;
}

void ReferenceReceiver::append(const std::string& piece) {
  if (!file_.valid()) {
    file_ = UniqueFd(::memfd_create("references", MFD_CLOEXEC));
  }
  const int error = file_.valid() ? write_all(file_.get(), piece) : errno;
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "no memory for the references");
  }
}

}  // namespace bundle_match::app
