// Orders to describe, and what is kept of their results.
// SPDX-License-Identifier: Apache-2.0
#include "sink/describe_stage.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <fmt/format.h>

namespace bundle_match::app {

std::optional<std::string> why_no_reference(const ImageResult& described) {
  if (described.status != ImageStatus::ok) {
    return fmt::format("{}: {}", to_string(described.status), described.reason);
  }
  if (described.keypoints == 0) {
    return fmt::format("no features in it ({} x {} pixels)", described.width, described.height);
  }
  return std::nullopt;
}

void DescribeKeeper::begin(TaskId task) {
  if (ledger_.work.among_images() && ledger_.resumed.journal) {
    ledger_.resumed.journal->write_assigned(ledger_.input.path_of(described_by(task)));
  }
}

void DescribeKeeper::process_died(TaskId task, const std::string& reason) {
  if (ledger_.work.among_images() && ledger_.resumed.journal) {
    ledger_.resumed.journal->write_died(ledger_.input.path_of(described_by(task)), reason);
  }
}

void DescribeKeeper::take(machine::Keep it) {
  OrderResult& result = it.result;
  const bool among_images = ledger_.work.among_images();
  const ReferenceIndex reference = described_by(it.task);
  ledger_.timeline.add(
      it.rank, among_images ? report::WorkedAt(image_of(reference)) : report::WorkedAt(reference),
      result.elapsed_ms, result.waited_ms, it.came);
  features_ += result.keypoints;
  if (auto* const answer = std::get_if<DescribeAnswer>(&result.answer)) {
    ledger_.exports.add_image(ledger_.input.path_of(reference), answer->features);
    if (makes_set_) {
      set_.add(reference, answer->features);
    }
    if (among_images) {
      described_on_.at(image_of(reference)) = hosts_.of(it.rank);
    }
  }
  const ImageResult image = to_image_result(result);
  if (among_images) {
    take_image(it.rank, image_of(reference), image);
  } else {
    take_reference(reference, image);
  }
}

void DescribeKeeper::take_image(Rank rank, ImageIndex image, const ImageResult& result) {
  if (ledger_.resumed.journal) {
    ledger_.resumed.journal->write_result(ledger_.input.path_of(image), result,
                                          ledger_.identity_of(rank));
  }
  ledger_.results.record(ledger_.computer_of(rank), image, result);
  if (result.status != ImageStatus::ok) {
    ledger_.log.warn("{}: {}: {}", results::escape_path(ledger_.input.path_of(image)).path,
                     to_string(result.status), result.reason);
  }
}

void DescribeKeeper::take_reference(ReferenceIndex reference, const ImageResult& result) {
  const std::string name = results::escape_path(ledger_.input.path_of(reference)).path;
  if (const auto why = why_no_reference(result)) {
    ++unusable_;
    ledger_.log.error("reference {}: {}", name, *why);
  } else if (ledger_.work.references() == 1) {
    ledger_.log.info("reference {}: {} features", name, result.keypoints);
  }
}

}  // namespace bundle_match::app
