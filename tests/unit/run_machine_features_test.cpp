// Rank 0's machine and features that hosts keep: who is told what, and what is lost with a rank.
// SPDX-License-Identifier: Apache-2.0
#include "run_story.hpp"
#include "support/id_literals.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bundle_match::machine::test {
namespace {

using Assignments = std::vector<Assignment>;
using Keepers = std::vector<std::optional<Rank>>;
using Ranks = std::vector<Rank>;
using References = std::vector<ReferenceIndex>;

constexpr std::uint64_t kFirst = 100;  // the task that describes the first image

// Three images are described.
StageOpened describing() {
  StageOpened stage;
  stage.tasks = {TaskId(kFirst), TaskId(kFirst + 1), TaskId(kFirst + 2)};
  stage.needs_references_below = TaskId(kFirst);
  stage.kept_images = KeptImages{3, TaskId(kFirst)};
  return stage;
}

// They are matched.
StageOpened matching(std::uint64_t tasks) {
  StageOpened stage = stage_of(tasks);
  stage.needs_references_below = TaskId(kFirst);
  stage.kept_images = KeptImages{3, TaskId(kFirst)};
  return stage;
}

FeatureHome home(Rank keeper, std::uint64_t number) {
  return {keeper, {StoredFeatures::File::memory, number * 64, 10}};
}

OrderResult described(std::uint64_t order, const FeatureHome& home) {
  OrderResult result = result_of(order);
  result.answer = DescribeAnswer{"", home};
  return result;
}

// Ranks 0, 1 and 2 on a host each have described an image each; the stage of matching is opened
// with so many tasks. Orders 0 to 2 are done.
class Matching : public RunStory {
 public:
  explicit Matching(std::uint64_t tasks) : RunStory({"a", "b", "c"}) {
    (void)open({0_rank, 1_rank, 2_rank}, describing());
    for (const int rank : {0, 1, 2}) {
      const auto order = static_cast<std::uint64_t>(rank);
      (void)say(Rank(rank), described(order, home(Rank(rank), 0)));
    }
    first = tell(matching(tasks));
  }

  Actions first;
};

TEST(RunMachineFeatures, RanksAreToldOnceWhoKeepsThem) {
  RunStory run({"a", "b", "a"});
  const Actions opened = run.open({0_rank, 1_rank}, describing());
  EXPECT_EQ(told<FeatureKeepers>(opened), (Ranks{0_rank, 1_rank, 2_rank}))
      << "also one that has not started";
  for (const Send& send : all<Send>(opened)) {
    if (const auto* const keepers = std::get_if<FeatureKeepers>(&send.message)) {
      EXPECT_EQ(keepers->keepers, (Keepers{2_rank, 1_rank, 2_rank}));
    }
  }
  EXPECT_TRUE(told<FeatureKeepers>(run.say(2_rank, Hello{})).empty());
}

TEST(RunMachineFeatures, ItKnowsWhereTheyAre) {
  const Matching run(4);
  EXPECT_EQ(run.machine().features()->find(1_reference), home(1_rank, 0));
  EXPECT_TRUE(told<FeatureKeepers>(run.first).empty());
  EXPECT_EQ(count<FindLost>(run.first), 0U);
  EXPECT_EQ(handed_out(run.first).size(), 3U);
}

TEST(RunMachineFeatures, WhatALostHostHadIsDescribedAgainBeforeAllElse) {
  Matching run(9);
  const Actions lost = run.tell(RankDied{1_rank});
  ASSERT_EQ(count<FindLost>(lost), 1U);
  EXPECT_EQ(all<FindLost>(lost)[0].images, References{1_reference});
  EXPECT_EQ(told<FeatureKeepers>(lost), (Ranks{0_rank, 2_rank}));
  EXPECT_TRUE(handed_out(lost).empty());
  EXPECT_TRUE(handed_out(run.say(0_rank, result_of(3))).empty()) << "it may need what is lost";
  const Assignments again = handed_out(run.tell(LostFound{{TaskId(kFirst + 1)}}));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].task, TaskId(kFirst + 1));
  EXPECT_TRUE(handed_out(run.say(0_rank, result_of(4))).empty()) << "it is not there yet";
  const Actions there =
      run.say(again[0].rank, described(again[0].order.value(), home(again[0].rank, 7)));
  EXPECT_FALSE(handed_out(there).empty());
  EXPECT_EQ(run.machine().features()->find(1_reference), home(again[0].rank, 7));
}

TEST(RunMachineFeatures, WhatNobodyNeedsAnyMoreStaysLost) {
  Matching run(9);
  (void)run.tell(RankDied{1_rank});
  EXPECT_TRUE(handed_out(run.say(0_rank, result_of(3))).empty());
  EXPECT_FALSE(handed_out(run.tell(LostFound{})).empty()) << "it goes on";
  const Actions again = run.tell(RankDied{2_rank});
  ASSERT_EQ(count<FindLost>(again), 1U);
  EXPECT_EQ(all<FindLost>(again)[0].images, (References{1_reference, 2_reference}));
}

TEST(RunMachineFeatures, WhatIsLostBetweenStagesIsFoundWithTheNext) {
  RunStory run({"a", "b"});
  (void)run.open({0_rank, 1_rank}, describing());
  (void)run.say(0_rank, described(0, home(0_rank, 0)));
  (void)run.say(1_rank, described(1, home(1_rank, 0)));
  EXPECT_EQ(count<OpenStage>(run.say(0_rank, described(2, home(0_rank, 1)))), 1U);
  EXPECT_EQ(count<FindLost>(run.tell(RankDied{1_rank})), 0U);
  const Actions opened = run.tell(matching(3));
  ASSERT_EQ(count<FindLost>(opened), 1U);
  EXPECT_EQ(all<FindLost>(opened)[0].images, References{1_reference});
  EXPECT_TRUE(handed_out(opened).empty());
}

TEST(RunMachineFeatures, AnOrderThatLacksThemIsGivenToSomebodyOnceTheyAreThere) {
  Matching run(3);
  const Assignments orders = handed_out(run.first);
  const Actions lacks = run.say(orders[0].rank, LacksFeatures{orders[0].order, {home(2_rank, 0)}});
  ASSERT_EQ(count<FindLost>(lacks), 1U);
  EXPECT_EQ(all<FindLost>(lacks)[0].images, References{2_reference});
  EXPECT_TRUE(handed_out(lacks).empty());
  const Assignments again = handed_out(run.tell(LostFound{{TaskId(kFirst + 2)}}));
  ASSERT_EQ(again.size(), 1U);
  const Assignments more =
      handed_out(run.say(again[0].rank, described(again[0].order.value(), home(again[0].rank, 9))));
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].task, orders[0].task);
}

TEST(RunMachineFeatures, AnOrderThatLacksWhatIsElsewhereByNowIsGivenAgainAtOnce) {
  Matching run(3);
  const Assignments orders = handed_out(run.first);
  const Actions lacks = run.say(orders[0].rank, LacksFeatures{orders[0].order, {home(2_rank, 55)}});
  EXPECT_EQ(count<FindLost>(lacks), 0U);
  ASSERT_EQ(handed_out(lacks).size(), 1U);
  EXPECT_EQ(handed_out(lacks)[0].task, orders[0].task);
}

TEST(RunMachineFeatures, TheStageIsNotDoneBeforeItIsKnownWhatIsLost) {
  Matching run(1);
  (void)run.tell(RankDied{1_rank});
  EXPECT_EQ(count<OpenStage>(run.say(0_rank, result_of(3))), 0U);
  EXPECT_EQ(count<OpenStage>(run.tell(LostFound{})), 1U);
}

TEST(RunMachineFeatures, AGreetingIsAskedForWhereTheRankIs) {
  Matching run(1);
  EXPECT_EQ(told<Greet>(run.say(2_rank, WantsGreeting{1_rank})), Ranks{1_rank});
  (void)run.tell(RankDied{1_rank});
  EXPECT_TRUE(told<Greet>(run.say(2_rank, WantsGreeting{1_rank})).empty());
}

TEST(RunMachineFeatures, WithoutRoomForThemTheRunEnds) {
  RunStory run({"a", "b"});
  (void)run.open({0_rank, 1_rank}, describing());
  const Actions full = run.say(1_rank, CannotKeepFeatures{"no room"});
  EXPECT_EQ(count<TellProblem>(full), 1U);
  EXPECT_EQ(told<Stop>(full), (Ranks{0_rank, 1_rank}));
  const Actions over = run.all_say({0_rank, 1_rank}, Goodbye{});
  ASSERT_EQ(count<WriteEnding>(over), 1U);
  EXPECT_TRUE(std::holds_alternative<OutputLost>(all<WriteEnding>(over)[0].outcome));
}

TEST(RunMachineFeatures, WhoNamesARankThatThereIsNotIsLost) {
  RunStory run({"a", "b", "c"});
  (void)run.open({0_rank, 1_rank, 2_rank}, describing());
  EXPECT_EQ(count<Kill>(run.say(1_rank, WantsGreeting{7_rank})), 1U);
  EXPECT_EQ(count<Kill>(run.say(2_rank, described(2, home(Rank(-1), 0)))), 1U);
}

}  // namespace
}  // namespace bundle_match::machine::test
