// Orders to match, and what is kept of their results.
// SPDX-License-Identifier: Apache-2.0
#include "sink/match_stage.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace bundle_match::app {

ReferencesByPath::ReferencesByPath(const RunInput& input) : input_(input) {
  if (input.command.among_images() || input.command.match.report_pictures) {
    return;
  }
  const PathList& references = input.references();
  by_path_.reserve(references.size());
  for (std::size_t i = 0; i < references.size(); ++i) {
    by_path_.emplace(references[i], ReferenceIndex(static_cast<std::uint32_t>(i)));
  }
}

std::optional<ReferenceIndex> ReferencesByPath::find(ImageIndex image) const {
  const auto it = by_path_.find(input_.path_of(image));
  return it != by_path_.end() ? std::optional(it->second) : std::nullopt;
}

Work MatchOrders::work(TaskId task) const {
  const Task it = plan_.task(task);
  if (plan_.among_images()) {
    return MatchDescribedWork{reference_of(it.image), it.references};
  }
  if (const auto reference = described_.find(it.image)) {
    return MatchDescribedWork{*reference, it.references};
  }
  return MatchWork{it.references};
}

void MatchKeeper::begin(TaskId task) {
  if (ledger_.resumed.journal) {
    ledger_.resumed.journal->write_assigned(ledger_.input.path_of(ledger_.work.task(task).image));
  }
}

void MatchKeeper::process_died(TaskId task, const std::string& reason) {
  if (ledger_.resumed.journal) {
    ledger_.resumed.journal->write_died(ledger_.input.path_of(ledger_.work.task(task).image),
                                        reason);
  }
}

void MatchKeeper::take(machine::Keep it) {
  OrderResult& result = it.result;
  const Task task = ledger_.work.task(it.task);
  const std::string_view path = ledger_.input.path_of(task.image);
  ledger_.timeline.add(it.rank, task.image, result.elapsed_ms, result.waited_ms, it.came);
  const ImageResult image = to_image_result(result);
  // Before the journal: what it holds is not computed again.
  if (const auto* const answer = std::get_if<MatchAnswer>(&result.answer)) {
    ledger_.exports.add_image(path, answer->features);
    ledger_.exports.add_pairs(path, image, task.references, ledger_.input.references());
    ledger_.exports.flush_now_and_then();
    ledger_.kept_pictures.offer(task.image, image, *answer, ledger_.input.best_by_inliers());
  }
  if (ledger_.work.among_images()) {
    keep_pairs(task.image, image, task.references);
  } else {
    keep_image(it.rank, task.image, image);
  }
  if (image.status != ImageStatus::ok) {
    tell_failure(task.image, image, task.references);
  }
}

void MatchKeeper::keep_image(Rank rank, ImageIndex image, const ImageResult& result) {
  if (ledger_.resumed.journal) {
    ledger_.resumed.journal->write_result(ledger_.input.path_of(image), result,
                                          ledger_.identity_of(rank));
  }
  ledger_.results.record(ledger_.computer_of(rank), image, result);
}

void MatchKeeper::keep_pairs(ImageIndex image, const ImageResult& result,
                             const ReferenceList& with) {
  if (ledger_.resumed.journal) {
    std::vector<results::NumberedPath> references;
    references.reserve(with.size());
    for (const ReferenceIndex i : with) {
      references.push_back({i.value(), ledger_.input.path_of(i)});
    }
    ledger_.resumed.journal->write_pairs(
        {reference_of(image).value(), ledger_.input.path_of(image)}, result, references);
  }
  ledger_.results.record_pairs(image, result, with);
}

void MatchKeeper::tell_failure(ImageIndex image, const ImageResult& result,
                               const ReferenceList& with) const {
  const std::string others =
      ledger_.work.among_images() ? fmt::format(" with {} others", with.size()) : "";
  ledger_.log.warn("{}{}: {}: {}", results::escape_path(ledger_.input.path_of(image)).path, others,
                   to_string(result.status), result.reason);
}

}  // namespace bundle_match::app
