// Features of one image as bytes, for the cache, for the set of references and for exports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/geo_position.hpp"
#include "bundle_match/features/sift.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bundle_match::features {

/// An image that was read, as rows, matching and exports need it.
struct DescribedImage {
  Features features;
  std::uint32_t width = 0;   ///< pixels, after EXIF rotation, before --max-size
  std::uint32_t height = 0;  ///< pixels
  std::optional<GeoPosition> position;
  std::string reason;  ///< the decoder's warning; mostly empty
};

/// The same, borrowed from encoded bytes.
struct DescribedView {
  std::span<const SiftKeypoint> keypoints;    ///< n
  const std::uint8_t* descriptors = nullptr;  ///< n x kSiftDescriptorBytes, row-major
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::optional<GeoPosition> position;  ///< valid
  std::string_view reason;
};

/// Borrowed from the image, which must outlive it.
[[nodiscard]] DescribedView view(const DescribedImage& image);

/// A header with a version and the XXH3-64 of what follows it, descriptors (at byte 64), keypoints,
/// reason; native byte order. The same image gives the same bytes. Throws std::invalid_argument if
/// there is not one descriptor a keypoint.
[[nodiscard]] std::string encode_features(const DescribedImage& image);
[[nodiscard]] std::string encode_features(const DescribedView& image);

/// Whether it is compared with the bytes; those that were looked at before may be trusted.
enum class Checksum : bool { compared, trusted };

/// Nothing if the bytes are not what encode_features returned: damaged, cut, of another version.
/// `bytes` outlives the view; it begins at a multiple of 8, as all that was allocated does (else
/// std::invalid_argument is thrown).
[[nodiscard]] std::optional<DescribedView> view_features(std::string_view bytes,
                                                         Checksum checksum = Checksum::compared);

}  // namespace bundle_match::features
