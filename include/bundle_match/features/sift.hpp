// SIFT keypoints and descriptors of a grey image: the same as cv::SIFT of OpenCV 4.6, in less time
// and memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace bundle_match::features {

/// Parameters of SIFT. The defaults are those of cv::SIFT, except `nfeatures`.
struct SiftOptions {
  int nfeatures =
      5000;  ///< at most so many, those of the highest response (ties are all kept); 0: all
  int first_octave =
      -1;  ///< -1 starts from the image doubled, as cv::SIFT does; 0 from the image as it is
  int threads = 1;  ///< threads within one image, at least 1; the result does not depend on it
  int octave_layers = 3;  ///< layers per octave in which keypoints are looked for, 1 to 8
  double contrast_threshold = 0.04;
  double edge_threshold = 10;
  double sigma = 1.6;  ///< blur of an octave's first layer, 0.8 to 3
  /// Name of the instruction set's kernels ("plain", "neon", "avx2", "avx512"); empty: the best for
  /// this CPU.
  std::string_view kernels;
  /// Octaves whose kept layers would take more bytes are blurred a second time for the descriptors
  /// instead of being kept.
  std::size_t kept_octave_bytes = std::size_t{24} << 20;
};

/// At most so many helpers of a Sift work.
inline constexpr int kMostSiftHelpers = 16;

/// Threads that join those of SiftOptions while there is nothing else to do on their cores.
struct SiftHelpers {
  int threads = 0;
  /// Each of them calls it first, to bind itself to its cores; false: this one does not help. May
  /// be empty.
  std::function<bool()> prepare;
};

/// Grey pixels, row by row; not owned.
struct GreyView {
  const std::uint8_t* pixels = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride = 0;  ///< bytes from one row to the next
};

/// The fields of cv::KeyPoint that SIFT fills, in the units of cv::KeyPoint.
struct SiftKeypoint {
  float x = 0;
  float y = 0;
  float size = 0;
  float angle = 0;  ///< degrees, 0 <= angle < 360
  float response = 0;
  /// Octave in bits 0-7 (signed; -1 is the doubled image), layer in bits 8-15, the offset within
  /// the layer above.
  std::int32_t octave = 0;

  bool operator==(const SiftKeypoint&) const = default;
};

/// Bytes per descriptor: 4 x 4 cells of 8 directions.
inline constexpr int kSiftDescriptorBytes = 128;

/// Keypoints and their descriptors: n x kSiftDescriptorBytes, row-major.
struct Features {
  std::vector<SiftKeypoint> keypoints;
  std::vector<std::uint8_t> descriptors;

  bool operator==(const Features&) const = default;
};

/// Wall-clock spent in the stages of the last image, and what the arena holds.
struct SiftStatistics {
  double detect_ms = 0;        ///< blurs, extrema, refinement, orientation
  double select_ms = 0;        ///< duplicates out, the best kept
  double describe_ms = 0;      ///< second blurs where layers were not kept, descriptors
  std::size_t candidates = 0;  ///< extrema before refinement
  std::size_t detected = 0;    ///< keypoints before the selection
  std::size_t far_steps = 0;  ///< refinements that left their window and were finished on their own
  std::size_t arena_bytes = 0;
};

/// Detector and descriptor: the same keypoints, in the same order, with the same bytes as cv::SIFT
/// gives on a CPU with AVX-512 (OpenCV 4.6 of Debian 12), whatever the CPU, the kernels and the
/// threads here. OpenCV's own AVX2 code rounds the last samples of a patch in another way, which
/// shows in about one keypoint in 36,000. The order follows std::nth_element, and so the standard
/// library: that of GCC is OpenCV's. Reuse one object for many images: its memory is kept from one
/// to the next. Not to be used by two threads at once, but for set_helpers().
class Sift {
 public:
  /// Throws std::invalid_argument for options out of their range or kernels this CPU lacks.
  explicit Sift(const SiftOptions& options);
  ~Sift();
  Sift(Sift&&) noexcept;
  Sift& operator=(Sift&&) noexcept;

  /// Replaces what `features` holds. An image too small to hold a keypoint gives none. Throws
  /// std::bad_alloc if memory does not suffice; the next image is then as good as the first.
  void detect_and_compute(const GreyView& image, Features& features);

  /// Replaces the helpers of before, none at first. Any thread may call it at any time: they join
  /// and leave in the middle of an image, too. Each needs memory as each of SiftOptions::threads
  /// does; one that cannot start is done without.
  void set_helpers(SiftHelpers helpers);

  [[nodiscard]] const SiftStatistics& statistics() const;
  /// Name of the kernels in use.
  [[nodiscard]] std::string_view kernels() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Names of the kernels that this CPU can run, best first; the last is "plain".
[[nodiscard]] std::vector<std::string_view> sift_kernels();

}  // namespace bundle_match::features
