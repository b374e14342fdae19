// Orders to match, and where their results go: journal, table, log.
// SPDX-License-Identifier: Apache-2.0
#include "match_phase.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace bundle_match::app {

ImageOrder MatchPhase::order(TaskId id) const {
  const Task task = data_.plan.task(id);
  ImageOrder order;
  order.image = task.image;
  order.path = data_.images[task.image];
  order.deaths = data_.resumed.deaths_of(task.image);
  order.references = task.references;
  if (data_.plan.all_pairs()) {
    order.described = static_cast<ReferenceIndex>(task.image);
  }
  return order;
}

std::string_view MatchPhase::path(TaskId task) const {
  return data_.images[data_.plan.task(task).image];
}

TaskId MatchPhase::task_of(const ImageReport& report) const {
  return data_.plan.task_of(report.image, report.first_reference);
}

void MatchPhase::begin(TaskId task) {
  if (data_.resumed.journal) {
    data_.resumed.journal->write_assigned(path(task));
  }
}

void MatchPhase::process_died(const ImageReport& report) {
  if (data_.resumed.journal) {
    data_.resumed.journal->write_died(data_.images[report.image], report.reason);
  }
}

void MatchPhase::take(Rank rank, const ImageReport& report) {
  RankRecord& record = data_.ranks.at(static_cast<std::size_t>(rank));
  data_.timeline.add(rank, report.image, report.elapsed_ms, RunTimeline::Clock::now());
  // Before the journal: what it holds is not computed again.
  data_.exports.add_image(data_.images[report.image], report);
  data_.exports.add_pairs(data_.images[report.image], report, data_.references);
  data_.exports.flush_now_and_then();
  data_.kept_pictures.offer(report, data_.by_inliers);
  if (data_.plan.all_pairs()) {
    keep_pairs(report);
  } else {
    keep_image(record, rank, report);
    ++record.images;
  }
  record.busy_s += static_cast<double>(report.elapsed_ms.total()) / 1000;
  if (report.status != ImageStatus::ok) {
    tell_failure(report);
  }
}

void MatchPhase::keep_image(RankRecord& record, Rank rank, const ImageReport& report) {
  if (data_.resumed.journal) {
    data_.resumed.journal->write_result(data_.images[report.image], report,
                                        {rank, record.host, record.kernel});
  }
  data_.results.record(record.computer, report);
}

void MatchPhase::keep_pairs(const ImageReport& report) {
  const ReferenceRange range = data_.plan.task(task_of(report)).references;
  if (data_.resumed.journal) {
    std::vector<std::string_view> references;
    for (ReferenceIndex i = range.first; i < range.first + range.count; ++i) {
      references.push_back(data_.references[i]);
    }
    data_.resumed.journal->write_pairs(data_.images[report.image], report, references);
  }
  data_.results.record_pairs(report, range);
}

void MatchPhase::tell_failure(const ImageReport& report) const {
  const ReferenceRange range = data_.plan.task(task_of(report)).references;
  const std::string with =
      data_.plan.all_pairs() ? fmt::format(" with {} others", range.count) : "";
  data_.log.warn("{}{}: {}: {}", results::escape_path(data_.images[report.image]).path, with,
                 to_string(report.status), report.reason);
}

ProgressState MatchPhase::progress() const {
  ProgressState state;
  state.unit = data_.plan.all_pairs() ? "pairs" : "images";
  state.items = data_.results.size();
  state.done = data_.results.done();
  state.failed = data_.results.failed();
  state.done_before = done_before_;
  return state;
}

}  // namespace bundle_match::app
