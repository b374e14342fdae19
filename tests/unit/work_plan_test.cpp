// The plan of a run: every pair in exactly one task, in one place of the results.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work_plan.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace bundle_match {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 2, 3, 64, 65, 66, 128, 129, 130, 200};

// How often each pair stands in a task; of every task, that task_of finds it.
std::vector<int> times_in_a_task(const WorkPlan& plan) {
  std::vector<int> times(plan.pairs());
  for (TaskId id; id.value() < plan.task_count(); ++id) {
    const Task task = plan.task(id);
    EXPECT_TRUE(plan.image_ids().contains(task.image));
    EXPECT_EQ(plan.task_of(task.image, task.references.first), id);
    for (const ReferenceIndex reference : task.references) {
      ++times.at(plan.pair(task.image, reference));
    }
  }
  return times;
}

TEST(WorkPlan, OfReferencesHasATaskForEveryImage) {
  for (const std::size_t images : kSizes) {
    for (const std::uint32_t references : {1U, 3U, 1000U}) {
      const WorkPlan plan(images, references);
      EXPECT_FALSE(plan.all_pairs());
      EXPECT_EQ(plan.images(), images);
      EXPECT_EQ(plan.references(), references);
      EXPECT_EQ(plan.task_count(), images);
      EXPECT_EQ(plan.pairs(), images * references);
      EXPECT_EQ(times_in_a_task(plan), std::vector<int>(images * references, 1));
    }
  }
}

TEST(WorkPlan, OfReferencesGivesEveryImageAllOfThem) {
  const WorkPlan plan(3, 5);
  EXPECT_EQ(plan.task(TaskId(2)), (Task{2_image, {0_reference, 5}}));
  EXPECT_EQ(plan.references_of(0_image), (ReferenceRange{0_reference, 5}));
  EXPECT_EQ(plan.references_of(2_image), (ReferenceRange{0_reference, 5}));
  EXPECT_EQ(plan.pair(2_image, 4_reference), 14U);
}

TEST(WorkPlan, OfReferencesCountsBeyond32Bits) {
  const WorkPlan plan(10'000'000, 1000);
  EXPECT_EQ(plan.pairs(), 10'000'000'000U);
  EXPECT_EQ(plan.pair(9'999'999_image, 999_reference), 9'999'999'999U);
}

TEST(WorkPlan, CountsNoFewerPairsThanThereAreBeyond64Bits) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kReferences = std::numeric_limits<std::uint32_t>::max();
  constexpr std::size_t kImages = std::size_t{1} << 32;
  EXPECT_EQ(WorkPlan(kImages, kReferences).pairs(), kImages * kReferences);
  EXPECT_EQ(WorkPlan(kImages + 2, kReferences).pairs(), kMost);
  EXPECT_EQ(WorkPlan(std::numeric_limits<std::size_t>::max(), 2).pairs(), kMost);
  EXPECT_EQ(WorkPlan(std::numeric_limits<std::size_t>::max(), 0).pairs(), 0U);
}

TEST(WorkPlan, OfAllPairsHasEveryPairInOneTask) {
  for (const std::size_t images : kSizes) {
    SCOPED_TRACE(images);
    const WorkPlan plan = WorkPlan::of_all_pairs(images);
    const std::size_t pairs = images == 0 ? 0 : images * (images - 1) / 2;
    EXPECT_TRUE(plan.all_pairs());
    EXPECT_EQ(plan.images(), images);
    EXPECT_EQ(plan.references(), images);
    EXPECT_EQ(plan.pairs(), pairs);
    EXPECT_EQ(times_in_a_task(plan), std::vector<int>(pairs, 1));
  }
}

TEST(WorkPlan, OfAllPairsMatchesAnImageWithThoseBeforeIt) {
  const WorkPlan plan = WorkPlan::of_all_pairs(200);
  for (const ImageIndex image : plan.image_ids()) {
    EXPECT_EQ(plan.references_of(image),
              (ReferenceRange{0_reference, reference_of(image).value()}));
  }
  for (TaskId id; id.value() < plan.task_count(); ++id) {
    const Task task = plan.task(id);
    EXPECT_GT(task.references.count, 0U) << id.value();
    EXPECT_LE(task.references.count, WorkPlan::kPairsOfATask) << id.value();
    EXPECT_LE(task.references.first.value() + task.references.count, task.image.value())
        << id.value();
  }
}

TEST(WorkPlan, OfAllPairsCutsAtTheLargestTask) {
  const WorkPlan plan = WorkPlan::of_all_pairs(130);
  EXPECT_EQ(plan.task(TaskId(0)), (Task{1_image, {0_reference, 1}}));
  EXPECT_EQ(plan.task(TaskId(63)), (Task{64_image, {0_reference, 64}}));
  EXPECT_EQ(plan.task(TaskId(64)), (Task{65_image, {0_reference, 64}}));
  EXPECT_EQ(plan.task(TaskId(65)), (Task{65_image, {64_reference, 1}}));
  EXPECT_EQ(plan.task(TaskId(plan.task_count() - 1)), (Task{129_image, {128_reference, 1}}));
  EXPECT_EQ(plan.task_of(65_image, 64_reference), TaskId(65));
}

TEST(WorkPlan, OfAllPairsKnowsNoOtherImages) {
  const WorkPlan plan = WorkPlan::of_all_pairs(3);
  EXPECT_THROW((void)plan.task_of(18446744073709551615_image, 0_reference), std::out_of_range);
}

}  // namespace
}  // namespace bundle_match
