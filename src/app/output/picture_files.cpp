// Names of pictures, and how the files come to be.
// SPDX-License-Identifier: Apache-2.0
#include "output/picture_files.hpp"

#include "bundle_match/exports/file_name.hpp"
#include "bundle_match/posix/atomic_file.hpp"
#include "bundle_match/posix/disk.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::app {

namespace fs = std::filesystem;

PictureFiles::PictureFiles(std::string folder, PictureFormat format, bool several_references)
    : folder_(std::move(folder)), format_(format), several_references_(several_references) {
  fs::create_directories(folder_);
  if (::access(folder_.c_str(), W_OK | X_OK) != 0) {
    throw std::system_error(errno, std::generic_category(), folder_ + " cannot be written");
  }
}

std::string PictureFiles::path(std::string_view reference, std::string_view image) const {
  return folder_ + '/' + (several_references_ ? exports::file_name_of(reference) + '/' : "") +
         exports::file_name_of(image) + (format_ == PictureFormat::png ? ".png" : ".jpg");
}

bool PictureFiles::has(std::string_view reference, std::string_view image) const {
  std::error_code error;
  // A machine that went down may leave a name without content.
  const auto size = fs::file_size(path(reference, image), error);
  return !error && size > 0;
}

void PictureFiles::write(std::string_view reference, std::string_view image,
                         std::string_view bytes) const {
  const std::string name = path(reference, image);
  fs::create_directories(folder_of(name));
  AtomicFile file(name, TemporaryName::fixed);
  file.write(bytes);
  file.commit(Durability::none);  // has() knows what a machine that goes down leaves
}

}  // namespace bundle_match::app
