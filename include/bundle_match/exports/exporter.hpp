// The interface of exports: files for other programs, which rank 0 writes during the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/feature_codec.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace bundle_match::exports {

/// The matches of one image with one reference.
struct PairMatches {
  std::string_view reference;  ///< path
  std::string_view image;      ///< path
  std::span<const MatchedRows> matches;
  Verification verification = Verification::none;  ///< the geometry that was asked for
  std::span<const std::uint32_t> inliers;          ///< positions in `matches`
  /// 3 x 3, row-major, in pixels whose centres are whole numbers, as in geometry/verification.hpp;
  /// empty: no geometry was found.
  std::span<const double> model;
};

/// Errors throw std::system_error or std::runtime_error that names the file. Not to be used by two
/// threads at once.
class Exporter {
 public:
  virtual ~Exporter() = default;
  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  /// The paths of all images, references too, before anything is added: with it, what is written
  /// does not depend on the order in which images are done. A path may be listed twice.
  virtual void set_order(std::span<const std::string_view> paths) = 0;

  /// Whether an earlier run, or this one, has exported it already.
  [[nodiscard]] virtual bool has_image(std::string_view path) const = 0;
  [[nodiscard]] virtual bool has_pair(std::string_view reference, std::string_view image) const = 0;

  /// An image (references too) with its features. A second time: replaced.
  virtual void add_image(std::string_view path, const features::DescribedView& image) = 0;
  /// Both images are added, too, before or after. Throws std::invalid_argument for a model that
  /// has not 9 values, or inliers that are no positions in `matches`.
  virtual void add_pair(const PairMatches& pair) = 0;

  /// Writes to disk what was added: after a crash, has_image and has_pair still return true for it.
  virtual void flush() = 0;
  /// Ends the export and gives the file its final name.
  virtual void finish() = 0;
};

}  // namespace bundle_match::exports
