// Descriptors of the keypoints of one octave, from its kept layers or from layers blurred anew,
// tile by tile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arena.hpp"
#include "bundle_match/features/sift.hpp"
#include "detector.hpp"
#include "kernels.hpp"
#include "layer_stream.hpp"
#include "pyramid_plan.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bundle_match::features::sift {

/// A keypoint in pixels of its octave's layer, and where its descriptor goes.
struct DescriptorJob {
  DescriptorSite site;
  int layer;
  std::uint8_t* out;
  [[nodiscard]] int column() const { return static_cast<int>(std::nearbyint(site.x)); }
  [[nodiscard]] int row() const { return static_cast<int>(std::nearbyint(site.y)); }
};

/// What the jobs want of their octave's layers.
void want_jobs(const PyramidPlan& plan, std::span<const DescriptorJob> jobs, const Size& size,
               WantedTiles& wanted);

/// One per thread.
class Describer {
 public:
  Describer(const PyramidPlan& plan, const KernelTable& kernels);

  /// Jobs of an octave whose layers are kept; `rows` are all of layer 1, then of the next.
  void describe_kept(const OctaveTask& task, std::span<const float* const> rows,
                     std::span<const DescriptorJob> jobs);
  /// Jobs whose pixels round to columns of `area`, by rows, of an octave whose layers aren't kept.
  void describe_strip(const OctaveTask& task, const WantedTiles& wanted, const Area& area,
                      std::span<const DescriptorJob* const> jobs);

  /// Forgets jobs that an exception has left.
  void clear() { waiting_ = 0; }
  [[nodiscard]] std::size_t arena_bytes() const { return arena_.size_bytes(); }

 private:
  /// Puts a job, whose pixels are rows y of `rows_of`, in the next place; describes all places once
  /// full.
  void add(const DescriptorJob& job, const Window& window);
  void flush();
  /// Whether the stream holds the rows of all jobs that wait: `first` to `last`.
  [[nodiscard]] bool holds_waiting(int first, int last) const;

  const PyramidPlan& plan_;
  const KernelTable& kernels_;
  LayerStream stream_;
  Arena arena_;
  Window windows_[kSites];
  DescriptorSite sites_[kSites];
  std::uint8_t* outs_[kSites];
  int waiting_ = 0;  ///< jobs that will be described together
};

}  // namespace bundle_match::features::sift
