// The files of --draw.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"

#include <string>
#include <string_view>

namespace bundle_match::app {

/// FOLDER/IMAGE.jpg or, of several references, FOLDER/REFERENCE/IMAGE.jpg, with the names of
/// exports/file_name.hpp; or .png.
class PictureFiles {
 public:
  /// Makes the folder. Throws std::system_error if that cannot be written.
  PictureFiles(std::string folder, PictureFormat format, bool several_references);

  [[nodiscard]] PictureFormat format() const { return format_; }
  [[nodiscard]] std::string path(std::string_view reference, std::string_view image) const;
  /// Whether the picture is there already.
  [[nodiscard]] bool has(std::string_view reference, std::string_view image) const;
  /// The file appears complete or not at all. Throws std::system_error.
  void write(std::string_view reference, std::string_view image, std::string_view bytes) const;

 private:
  std::string folder_;
  PictureFormat format_;
  bool several_references_;
};

}  // namespace bundle_match::app
