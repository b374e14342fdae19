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
  AllPairsRun(std::size_t images, const std::string& folder)
      : plan_(WorkPlan::of_all_pairs(images)) {
    for (std::size_t i = 0; i < images; ++i) {
      paths_.push_back(folder + "/" + std::to_string(i) + ".jpg");
    }
  }

  [[nodiscard]] const WorkPlan& plan() const { return plan_; }

  /// Calls `write` with path, report and references of the task, as Journal::write_pairs takes
  /// them.
  template <class Write>
  void write(TaskId id, Write write) const {
    const Task task = plan_.task(id);
    ImageResult report;
    std::vector<std::string_view> references;
    for (const ReferenceIndex with : task.references) {
      const std::string_view reference = paths_[with.value()];
      references.push_back(reference);
      report.outcomes.push_back(outcome(matches(paths_[task.image.value()], reference)));
    }
    write(paths_[task.image.value()], report, references);
  }

  /// What is true of a pair, whichever run it is in.
  static std::uint32_t matches(std::string_view image, std::string_view reference) {
    return static_cast<std::uint32_t>(
        std::hash<std::string>()(std::string(image) + ' ' + std::string(reference)) % 1000);
  }

 private:
  WorkPlan plan_;
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
