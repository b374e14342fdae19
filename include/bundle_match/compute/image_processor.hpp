// What a rank hands its orders to: something that computes images, one after another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace bundle_match::compute {

/// Every order gets exactly one report with a result, in order; before it there may be one that
/// says that a process died of the image. Calls throw std::runtime_error if nothing can be computed
/// any more.
class ImageProcessor {
 public:
  virtual ~ImageProcessor() = default;

  /// The matching kernel in use; waits until it is known.
  [[nodiscard]] virtual const std::string& kernel() = 0;

  /// The kernels of SIFT in use, or "opencv". Waits likewise.
  [[nodiscard]] virtual const std::string& sift() = 0;

  /// What the user should know of how images are computed here; empty if nothing. Waits likewise.
  [[nodiscard]] virtual std::string sandbox_warning() = 0;

  /// What went wrong beside the images since the last call (features that could not be kept in the
  /// cache); empty if nothing.
  [[nodiscard]] virtual std::string take_problem() = 0;

  /// What images are matched with from now on: a set of features (features/feature_set.hpp) in a
  /// file of memory, which is not owned. Only while nothing is outstanding.
  virtual void use_references(int file) = 0;

  /// Queues an image; returns at once.
  virtual void submit(ImageOrder order) = 0;

  /// Images submitted and not reported yet.
  [[nodiscard]] virtual std::size_t outstanding() const = 0;

  /// The next report, if there is one; never waits.
  [[nodiscard]] virtual std::optional<ImageReport> try_report() = 0;

  /// Sleeps until try_report is worth a call or the time is over.
  virtual void wait(std::chrono::microseconds at_most) const = 0;

 protected:
  ImageProcessor() = default;
  ImageProcessor(const ImageProcessor&) = default;
  ImageProcessor& operator=(const ImageProcessor&) = default;
};

}  // namespace bundle_match::compute
