// Image file -> grey image, byte for byte what cv::imread(path, IMREAD_GRAYSCALE) gives.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/geo_position.hpp"
#include "bundle_match/core/image_status.hpp"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace bundle_match::features {

/// Width and height in pixels.
struct ImageSize {
  std::uint64_t width = 0;
  std::uint64_t height = 0;

  /// The largest number there is if the product is beyond it.
  [[nodiscard]] std::uint64_t pixels() const {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    return height > 0 && width > kMost / height ? kMost : width * height;
  }
};

/// A grey image, or why there is none.
struct GreyImage {
  ImageStatus status = ImageStatus::ok;
  std::string reason;  ///< in words, if status is not ok
  cv::Mat pixels;      ///< height x width, CV_8UC1, rotated as EXIF says
};

/// Loads OpenCV's decoders, which read what this program does not read by itself (PNG and JPEG, but
/// for odd ones), with the hundred libraries that they bring along, and makes them load whatever
/// they load at their first images: a confined process could not. Takes a tenth of a second, the
/// first time. If it fails, what needs them is ImageStatus::failed.
void load_decoders();

/// Why a path is not a file that could hold an image.
struct NotAFile {
  std::string reason;      ///< in words: "is a directory", "No such file or directory", ...
  bool not_found = false;  ///< it is not there, or out of reach; on another host it may be there
};

/// Nothing if the path may be an image's. Opens the file without waiting for a FIFO's writer.
[[nodiscard]] std::optional<NotAFile> why_not_a_file(const std::string& path);

/// What is known of an image without decoding any pixel.
struct ImageHeader {
  /// As stated, before EXIF rotation; nothing if the format is not one whose header is understood.
  std::optional<ImageSize> size;
  /// Where it was taken, by the GPS tags of its EXIF data (CIPA DC-008). Not at 0 N, 0 E, which
  /// devices state that do not know.
  std::optional<GeoPosition> position;
};

/// Nothing of a file that is damaged or no image.
[[nodiscard]] ImageHeader read_header(const std::string& path);

/// Reads the image; nothing if that takes decoders that load_decoders() has not loaded. Throws
/// cv::Exception (StsNoMem) or std::bad_alloc if memory does not suffice, also where a decoder
/// takes that for a damaged file.
[[nodiscard]] std::optional<GreyImage> try_read_grey_image(const std::string& path);

/// The same, with OpenCV's decoders if need be.
[[nodiscard]] GreyImage read_grey_image(const std::string& path);

}  // namespace bundle_match::features
