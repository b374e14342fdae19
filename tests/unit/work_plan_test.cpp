// The plan of a run: every pair in exactly one task, in one place of the results.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work_plan.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

namespace bundle_match {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 2, 3, 64, 65, 66, 128, 129, 130, 200};

// How often each pair stands in a task.
std::vector<int> times_in_a_task(const WorkPlan& plan) {
  std::vector<int> times(plan.pairs());
  for (TaskId id; id.value() < plan.task_count(); ++id) {
    const Task task = plan.task(id);
    EXPECT_TRUE(plan.image_ids().contains(task.image));
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
      EXPECT_FALSE(plan.among_images());
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
  EXPECT_EQ(plan.task_of(2_image), TaskId(2));
  for (const ImageIndex image : plan.image_ids()) {
    EXPECT_EQ(plan.references_of(image).part(0, 9), (ReferenceList{0_reference, 5}));
  }
  ASSERT_EQ(plan.images_of(4_reference).size(), 1U);
  EXPECT_TRUE(plan.images_of(4_reference)[0].contains(2_image));
  EXPECT_FALSE(plan.images_of(4_reference)[0].contains(3_image));
  EXPECT_EQ(plan.pair(2_image, 4_reference), 14U);
  EXPECT_EQ(plan.find_pair(2_image, 5_reference), std::nullopt);
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

TEST(WorkPlan, AmongImagesHasEveryPairInOneTask) {
  for (const std::size_t images : kSizes) {
    SCOPED_TRACE(images);
    for (const PairSet& set :
         {PairSet::all(images), PairSet::window(images, 70), PairSet(images)}) {
      const WorkPlan plan = WorkPlan::among(set);
      EXPECT_TRUE(plan.among_images());
      EXPECT_EQ(plan.images(), images);
      EXPECT_EQ(plan.references(), images);
      EXPECT_EQ(plan.pairs(), set.size());
      EXPECT_EQ(times_in_a_task(plan), std::vector<int>(set.size(), 1));
    }
  }
}

TEST(WorkPlan, AmongImagesHasNoTaskThatIsEmptyOrTooLarge) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(200));
  for (TaskId id; id.value() < plan.task_count(); ++id) {
    const Task task = plan.task(id);
    EXPECT_FALSE(task.references.empty()) << id.value();
    EXPECT_LE(task.references.size(), WorkPlan::kPairsOfATask) << id.value();
  }
}

TEST(WorkPlan, AmongImagesCutsAtTheLargestTask) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(130));
  EXPECT_EQ(plan.task(TaskId(0)), (Task{1_image, {0_reference, 1}}));
  EXPECT_EQ(plan.task(TaskId(63)), (Task{64_image, {0_reference, 64}}));
  EXPECT_EQ(plan.task(TaskId(64)), (Task{65_image, {0_reference, 64}}));
  EXPECT_EQ(plan.task(TaskId(65)), (Task{65_image, {64_reference, 1}}));
  EXPECT_EQ(plan.task(TaskId(plan.task_count() - 1)), (Task{129_image, {128_reference, 1}}));
}

TEST(WorkPlan, AmongImagesCutsWhereverItsReferencesStand) {
  std::vector<PairSet::Pair> pairs;
  for (std::uint64_t i = 0; i < 100; ++i) {
    pairs.push_back({ImageIndex(2 * i), 300_image});
  }
  const WorkPlan plan = WorkPlan::among(PairSet::of(301, pairs));
  ASSERT_EQ(plan.task_count(), 2U);
  EXPECT_EQ(plan.task(TaskId(0)).references.size(), 64U);
  EXPECT_EQ(plan.task(TaskId(0)).references.at(63), 126_reference);
  EXPECT_EQ(plan.task(TaskId(1)).references.size(), 36U);
  EXPECT_EQ(plan.task(TaskId(1)).references.at(0), 128_reference);
}

TEST(WorkPlan, KnowsNoOtherPairs) {
  EXPECT_THROW((void)WorkPlan::among(PairSet::all(3)).pair(1_image, 1_reference),
               std::out_of_range);
  EXPECT_THROW((void)WorkPlan(3, 2).pair(1_image, 2_reference), std::out_of_range);
}

}  // namespace
}  // namespace bundle_match
