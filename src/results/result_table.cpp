// Packing and unpacking of reports.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace bundle_match::results {
namespace {

// Also those, among images, in which it is the reference.
template <class Visit>
void visit_pairs_with(const WorkPlan& plan, ImageIndex image, const Visit& visit) {
  for (const ReferenceIndex reference : plan.references_of(image)) {
    visit(image, reference);
  }
  if (!plan.among_images()) {
    return;
  }
  for (const IdRange<ImageIndex>& others : plan.images_of(reference_of(image))) {
    for (const ImageIndex other : others) {
      visit(other, reference_of(image));
    }
  }
}

}  // namespace

ResultTable::ResultTable(const WorkPlan& plan, const TableMemory& memory)
    : plan_(plan), memory_(memory) {
  fit_into_memory(plan, [&] {
    matches_.resize(plan.pairs(), kNotKnown);
    entries_.resize(plan.images());
  });
}

void ResultTable::add_pairs(const WorkPlan& larger) {
  LargeVector<std::uint32_t> matches;
  LargeVector<std::uint32_t> inliers;
  fit_into_memory(larger, [&] {
    matches.resize(larger.pairs(), kNotKnown);
    inliers.resize(inliers_.empty() ? 0 : larger.pairs());
  });
  std::unordered_map<std::uint64_t, Model> models;
  std::unordered_map<std::uint64_t, Failure> failures;
  for (const ImageIndex image : plan_.image_ids()) {
    for (const ReferenceIndex reference : plan_.references_of(image)) {
      const std::uint64_t from = plan_.pair(image, reference);
      const std::uint64_t to = larger.pair(image, reference);
      matches[to] = matches_[from];
      if (!inliers.empty()) {
        inliers[to] = inliers_[from];
      }
      if (const auto model = models_.find(from); model != models_.end()) {
        models.emplace(to, model->second);
      }
      if (auto failure = failures_.extract(from)) {
        failures.emplace(to, std::move(failure.mapped()));
      }
    }
  }
  plan_ = larger;
  matches_ = std::move(matches);
  inliers_ = std::move(inliers);
  models_ = std::move(models);
  failures_ = std::move(failures);
  pairs_of_failed_images_ = count_pairs_of_failed_images();
}

std::int32_t ResultTable::add_computer(const Computer& computer) {
  const auto known = std::find(computers_.begin(), computers_.end(), computer);
  if (known != computers_.end()) {
    return static_cast<std::int32_t>(known - computers_.begin());
  }
  computers_.push_back(computer);
  return static_cast<std::int32_t>(computers_.size() - 1);
}

void ResultTable::record(std::int32_t computer, ImageIndex image, const ImageResult& report) {
  if (!entries_.contains(image)) {
    throw std::out_of_range("an image that is not in the run");
  }
  if (!plan_.among_images() && report.outcomes.size() > plan_.references()) {
    throw std::out_of_range("outcomes of pairs that are not in the run");
  }
  const bool failed = report.status != ImageStatus::ok;
  forget_image(image);
  if (failed || !plan_.among_images()) {
    forget_pairs_with(image);
  }
  ++images_done_;
  if (failed) {
    ++images_failed_;
    pairs_of_failed_images_ += pairs_that_fail_with(image);
  }
  entries_[image] = {computer,      report.keypoints,  report.width,
                     report.height, report.elapsed_ms, report.status};
  if (!report.reason.empty()) {
    reasons_[image] = report.reason;
  }
  if (!plan_.among_images() && !failed && !report.outcomes.empty()) {
    std::uint64_t pair = plan_.pair(image, ReferenceIndex());
    for (const PairOutcome& outcome : report.outcomes) {
      record_outcome(pair++, outcome);
    }
  }
}

void ResultTable::record_pairs(ImageIndex image, const ImageResult& report,
                               const ReferenceList& with) {
  if (!entries_.contains(image)) {
    throw std::out_of_range("an image that is not in the run");
  }
  const bool ok = report.status == ImageStatus::ok;
  if (ok && report.outcomes.size() != with.size()) {
    throw std::out_of_range("another number of outcomes than of pairs");
  }
  std::vector<std::uint64_t> pairs;  // all are looked up before any is changed
  for (const ReferenceIndex reference : with) {
    pairs.push_back(plan_.pair(image, reference));
  }
  entries_[image].elapsed_ms.match += report.elapsed_ms.match;
  std::size_t position = 0;
  for (const ReferenceIndex reference : with) {
    const std::size_t i = position++;
    if (either_failed(image, reference)) {
      continue;
    }
    if (ok) {
      record_outcome(pairs[i], report.outcomes[i]);
    } else {
      forget_pair(pairs[i]);
      failures_[pairs[i]] = {report.status, report.reason};
    }
  }
}

void ResultTable::record_outcome(std::uint64_t pair, const PairOutcome& outcome) {
  forget_pair(pair);
  ++pairs_known_;
  matches_[pair] = std::min(outcome.matches, kNotKnown - 1);
  if (inliers_.empty() && outcome.inliers > 0) {
    inliers_.resize(matches_.size());
  }
  if (!inliers_.empty()) {
    inliers_[pair] = outcome.inliers;
  }
  if (Model model; outcome.model.size() == model.size()) {
    std::copy(outcome.model.begin(), outcome.model.end(), model.begin());
    models_[pair] = model;
  }
}

void ResultTable::forget(ImageIndex image) {
  forget_image(image);
  if (!plan_.among_images()) {
    forget_pairs_with(image);
    return;
  }
  for (const ReferenceIndex reference : plan_.references_of(image)) {
    failures_.erase(plan_.pair(image, reference));
  }
}

void ResultTable::forget_with_pairs(ImageIndex image) {
  forget_image(image);
  forget_pairs_with(image);
}

void ResultTable::forget_failed() {
  for (const ImageIndex image : entries_.ids()) {
    if (image_failed(image)) {
      forget(image);
    }
  }
  failures_.clear();
}

void ResultTable::forget_image(ImageIndex image) {
  if (has(image)) {
    --images_done_;
    if (image_failed(image)) {
      --images_failed_;
      pairs_of_failed_images_ -= pairs_that_fail_with(image);
    }
    entries_[image] = {};
    reasons_.erase(image);
  }
}

void ResultTable::forget_pair(std::uint64_t pair) {
  failures_.erase(pair);
  if (matches_[pair] != kNotKnown) {
    --pairs_known_;
    matches_[pair] = kNotKnown;
    models_.erase(pair);
  }
}

void ResultTable::forget_pairs_with(ImageIndex image) {
  visit_pairs_with(plan_, image, [this](ImageIndex one, ReferenceIndex reference) {
    forget_pair(plan_.pair(one, reference));
  });
}

std::size_t ResultTable::count_pairs_of_failed_images() const {
  std::size_t pairs = 0;
  for (const ImageIndex image : plan_.image_ids()) {
    for (const ReferenceIndex reference : plan_.references_of(image)) {
      pairs += either_failed(image, reference) ? 1 : 0;
    }
  }
  return pairs;
}

// Of an image that has failed: its pairs with images that have not.
std::size_t ResultTable::pairs_that_fail_with(ImageIndex image) const {
  if (!plan_.among_images()) {
    return 0;
  }
  std::size_t pairs = 0;
  visit_pairs_with(plan_, image, [&](ImageIndex one, ReferenceIndex reference) {
    pairs += image_failed(one == image ? image_of(reference) : one) ? 0 : 1;
  });
  return pairs;
}

std::size_t ResultTable::size() const {
  return plan_.among_images() ? plan_.pairs() : entries_.size();
}

std::size_t ResultTable::done() const {
  return plan_.among_images() ? pairs_known_ + failed() : images_done_;
}

std::size_t ResultTable::failed() const {
  return plan_.among_images() ? pairs_of_failed_images_ + failures_.size() : images_failed_;
}

bool ResultTable::has_pair(ImageIndex image, ReferenceIndex reference) const {
  const std::uint64_t pair = plan_.pair(image, reference);
  return either_failed(image, reference) || matches_[pair] != kNotKnown ||
         failures_.count(pair) > 0;
}

ImageResult ResultTable::report(ImageIndex image) const {
  const Entry& entry = entries_.at(image);
  ImageResult report;
  report.status = entry.status;
  report.keypoints = entry.keypoints;
  report.width = entry.width;
  report.height = entry.height;
  report.elapsed_ms = entry.elapsed_ms;
  report.reason = reason_of(image);
  return report;
}

PairResult ResultTable::pair(ImageIndex image, ReferenceIndex reference) const {
  const std::uint64_t pair = plan_.pair(image, reference);
  PairResult result{status(image), reason_of(image)};
  if (result.status == ImageStatus::ok && plan_.among_images() &&
      image_failed(image_of(reference))) {
    result.status = status(image_of(reference));
    result.reason = "the reference: " + reason_of(image_of(reference));
  } else if (const auto failure = failures_.find(pair); failure != failures_.end()) {
    result.status = failure->second.status;
    result.reason = failure->second.reason;
  }
  const auto known = counts(image, reference);
  if (!known) {
    return result;
  }
  result.matches = known->matches;
  result.inliers = known->inliers;
  if (const auto model = models_.find(pair); model != models_.end()) {
    result.model.assign(model->second.begin(), model->second.end());
  }
  return result;
}

std::optional<PairCounts> ResultTable::counts(ImageIndex image, ReferenceIndex reference) const {
  const auto pair = plan_.find_pair(image, reference);
  if (!pair || matches_[*pair] == kNotKnown) {
    return std::nullopt;
  }
  return PairCounts{matches_[*pair], inliers_.empty() ? 0 : inliers_[*pair]};
}

std::string ResultTable::reason_of(ImageIndex image) const {
  const auto reason = reasons_.find(image);
  return reason != reasons_.end() ? reason->second : "";
}

}  // namespace bundle_match::results
