// The input of a run: its command, and the paths that it names. Made once, never changed: any
// thread may read it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "command/command_line.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

struct RunInput {
  CommandLine command;
  std::string launch;  ///< what to type to start it again
  PathList images;
  PathList given_references;                 ///< empty if images are matched with each other
  std::shared_ptr<const PairSet> pairs;      ///< if images are matched with each other
  std::vector<ImageIndex> reference_images;  ///< likewise: those of --reference
  LargeVector<ImageIndex> hand_out_order;    ///< every image once
  ById<Rank, std::string> hosts;

  [[nodiscard]] const PathList& references() const {
    return command.among_images() ? images : given_references;
  }
  [[nodiscard]] std::string_view path_of(ImageIndex image) const { return images[image.value()]; }
  [[nodiscard]] std::string_view path_of(ReferenceIndex reference) const {
    return references()[reference.value()];
  }
  /// Whether the best pairs are those with the most inliers, not matches.
  [[nodiscard]] bool best_by_inliers() const {
    return command.match.verification != Verification::none;
  }
  /// What rows are counted in.
  [[nodiscard]] const char* unit() const { return command.among_images() ? "pairs" : "images"; }
};

/// The tasks of matching, as far as they are known before images are described.
[[nodiscard]] inline WorkPlan work_plan(const RunInput& input) {
  return input.command.among_images()
             ? WorkPlan::among(input.pairs)
             : WorkPlan(input.images.size(),
                        static_cast<std::uint32_t>(input.given_references.size()));
}

}  // namespace bundle_match::app
