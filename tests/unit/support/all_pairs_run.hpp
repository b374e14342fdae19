// A run of all pairs as the journal is told of it, each pair with matches of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/results/journal.hpp"
#include "support/image_results.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::test {

class AllPairsRun {
 public:
  /// Numbers of its images begin with the first one.
  AllPairsRun(std::size_t images, const std::string& folder, std::uint32_t first_number = 0)
      : plan_(WorkPlan::among(PairSet::all(images))), first_number_(first_number) {
    for (std::size_t i = 0; i < images; ++i) {
      paths_.push_back(folder + "/" + std::to_string(i) + ".jpg");
    }
  }

  [[nodiscard]] const WorkPlan& plan() const { return plan_; }

  /// Calls `write` with image, report and references of the task, as Journal::write_pairs takes
  /// them.
  template <class Write>
  void write(TaskId id, Write write) const {
    const Task task = plan_.task(id);
    ImageResult report;
    const results::NumberedPath image = numbered(reference_of(task.image));
    std::vector<results::NumberedPath> references;
    for (const ReferenceIndex with : task.references) {
      references.push_back(numbered(with));
      report.outcomes.push_back(outcome(matches(image.path, references.back().path)));
    }
    write(image, report, references);
  }

  /// What is true of a pair, whichever run it is in.
  static std::uint32_t matches(std::string_view image, std::string_view reference) {
    return static_cast<std::uint32_t>(
        std::hash<std::string>()(std::string(image) + ' ' + std::string(reference)) % 1000);
  }

 private:
  [[nodiscard]] results::NumberedPath numbered(ReferenceIndex image) const {
    return {first_number_ + image.value(), paths_[image.value()]};
  }

  WorkPlan plan_;
  std::uint32_t first_number_;
  std::vector<std::string> paths_;
};

/// Fails if a pair has another pair's matches; returns how many pairs there are.
inline std::size_t check_pairs(const results::JournalRecord& record) {
  EXPECT_EQ(record.report.outcomes.size(), record.references.size());
  for (std::size_t i = 0; i < record.references.size(); ++i) {
    EXPECT_EQ(record.report.outcomes[i].matches,
              AllPairsRun::matches(record.path, record.references[i]))
        << record.path << " and " << record.references[i];
  }
  return record.references.size();
}

}  // namespace bundle_match::test
