// Orders to describe, and what is kept of their reports.
// SPDX-License-Identifier: Apache-2.0
#include "describe_phase.hpp"

#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/results/result_writer.hpp"

#include <utility>

namespace bundle_match::app {

DescribePhase::DescribePhase(const RunData& data, std::size_t to_describe)
    : data_(data), described_(data.references.size()), to_describe_(to_describe) {}

ImageOrder DescribePhase::order(TaskId task) const {
  ImageOrder order;
  order.action = ImageOrder::Action::describe;
  order.image = task;
  order.path = data_.references[task];
  if (data_.plan.all_pairs()) {
    order.deaths = data_.resumed.deaths_of(task);
  }
  return order;
}

std::string_view DescribePhase::path(TaskId task) const { return data_.references[task]; }

void DescribePhase::begin(TaskId task) {
  if (data_.plan.all_pairs() && data_.resumed.journal) {
    data_.resumed.journal->write_assigned(data_.images[task]);
  }
}

void DescribePhase::process_died(const ImageReport& report) {
  if (data_.plan.all_pairs() && data_.resumed.journal) {
    data_.resumed.journal->write_died(data_.images[report.image], report.reason);
  }
}

void DescribePhase::take(Rank rank, const ImageReport& report) {
  ++taken_;
  data_.timeline.add(rank, data_.plan.all_pairs() ? report.image : kNoImage, report.elapsed_ms,
                     RunTimeline::Clock::now());
  features_ += report.keypoints;
  data_.exports.add_image(data_.references[report.image], report);
  data_.exports.flush_now_and_then();
  described_.at(report.image) = report.features;
  if (data_.plan.all_pairs()) {
    take_image(rank, report);
  } else {
    take_reference(report);
  }
}

void DescribePhase::take_image(Rank rank, const ImageReport& report) {
  RankRecord& record = data_.ranks.at(static_cast<std::size_t>(rank));
  if (data_.resumed.journal) {
    data_.resumed.journal->write_result(data_.images[report.image], report,
                                        {rank, record.host, record.kernel});
  }
  data_.results.record(record.computer, report);
  ++record.images;
  record.busy_s += static_cast<double>(report.elapsed_ms.total()) / 1000;
  if (report.status != ImageStatus::ok) {
    data_.log.warn("{}: {}: {}", results::escape_path(data_.images[report.image]).path,
                   to_string(report.status), report.reason);
  }
}

void DescribePhase::take_reference(const ImageReport& report) {
  const std::string name = results::escape_path(data_.references[report.image]).path;
  if (report.status != ImageStatus::ok) {
    ++unusable_;
    data_.log.error("reference {}: {}: {}", name, to_string(report.status), report.reason);
  } else if (report.keypoints == 0) {
    ++unusable_;
    data_.log.error("reference {}: no features in it ({} x {} pixels)", name, report.width,
                    report.height);
  } else if (data_.references.size() == 1) {
    data_.log.info("reference {}: {} features", name, report.keypoints);
  }
}

ProgressState DescribePhase::progress() const {
  ProgressState state;
  state.stage = "describing";
  state.unit = data_.plan.all_pairs() ? "images" : "references";
  state.items = to_describe_;
  state.done = taken_;
  state.failed = unusable_;
  return state;
}

UniqueFd DescribePhase::make_set() {
  features::FeatureSetBuilder set;
  for (std::string& features : described_) {
    set.append(features);
    std::string().swap(features);
  }
  return set.finish();
}

}  // namespace bundle_match::app
