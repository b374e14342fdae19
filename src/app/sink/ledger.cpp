// Who computed what, and how results become those of images.
// SPDX-License-Identifier: Apache-2.0
#include "sink/ledger.hpp"

#include "process/launch.hpp"

#include <utility>

namespace bundle_match::app {

Ledger::Ledger(const RunInput& run_input, spdlog::logger& logger)
    : input(run_input),
      log(logger),
      results(work_plan(run_input), {memory_share_bytes(1), input.best_by_inliers()}),
      work(results.plan()),
      resumed(run_input),
      timeline(RunTimeline::Clock::now()),
      kept_pictures(input.command.report.empty() ? 0 : kThumbnailsKept,
                    input.command.report.empty() ? 0 : kThumbnailsKept,
                    input.command.report.empty() ? 0 : kDrawnInReport) {
  for (const Rank rank : input.hosts.ids()) {
    ranks_.push_back({{rank, input.hosts[rank], ""}, -1});
  }
}

void Ledger::rank_started(Rank rank, const std::string& kernel) {
  ranks_.at(rank).identity.kernel = kernel;
}

std::int32_t Ledger::computer_of(Rank rank) {
  RankEntry& it = ranks_.at(rank);
  if (it.position < 0) {
    it.position = results.add_computer(it.identity);
  }
  return it.position;
}

void Ledger::flush() {
  exports.flush_now_and_then();
  if (resumed.journal) {
    resumed.journal->flush();
  }
}

ImageResult to_image_result(OrderResult& result) {
  ImageResult of_image;
  of_image.status = result.status;
  if (auto* const matched = std::get_if<MatchAnswer>(&result.answer)) {
    of_image.outcomes = std::move(matched->outcomes);
  }
  of_image.keypoints = result.keypoints;
  of_image.width = result.width;
  of_image.height = result.height;
  of_image.elapsed_ms = result.elapsed_ms;
  of_image.reason = std::move(result.reason);
  return of_image;
}

}  // namespace bundle_match::app
