// Rank 0's machine and the other ranks: who is lost, who gets which work, what rank 0 does for
// others.
// SPDX-License-Identifier: Apache-2.0
#include "run_story.hpp"
#include "support/id_literals.hpp"

#include <stdexcept>

namespace bundle_match::machine::test {
namespace {

using Assignments = std::vector<Assignment>;
using Ranks = std::vector<Rank>;

StageOpened stage_with_help(std::uint64_t tasks) {
  StageOpened stage = stage_of(tasks);
  stage.rank_0_helps = true;
  return stage;
}

TEST(RunMachineRanks, HandsTheTasksOfALostRankToOthersAndTakesNoLateResult) {
  RunStory run({"a", "a"});
  EXPECT_EQ(handed_out(run.open({0_rank, 1_rank}, stage_of(4))),
            (Assignments{handed(0_rank, 0, 0), handed(0_rank, 1, 1), handed(1_rank, 2, 2)}));
  const Actions lost = run.tell(RankDied{1_rank});
  ASSERT_EQ(count<DropRank>(lost), 1U);
  EXPECT_EQ(all<DropRank>(lost)[0].tasks, 1U);
  EXPECT_TRUE(run.say(1_rank, result_of(2)).empty()) << "it is late";
  EXPECT_TRUE(run.tell(RankDied{1_rank}).empty()) << "that is known";
  EXPECT_EQ(handed_out(run.say(0_rank, result_of(0))), (Assignments{handed(0_rank, 3, 2)}));
}

TEST(RunMachineRanks, LeavesWithoutFinalizingMpiWhenARankWasLost) {
  RunStory run({"a", "a", "a"});
  (void)run.open({0_rank, 1_rank, 2_rank}, stage_of(0));
  (void)run.tell(RankDied{1_rank});
  EXPECT_EQ(told<Stop>(run.tell(WorkOver{Finished{}})), (Ranks{0_rank, 2_rank}));
  EXPECT_EQ(count<WriteEnding>(run.all_say({0_rank, 2_rank}, Goodbye{})), 1U);
  const Actions written = run.tell(EndingWritten{Finished{}});
  EXPECT_EQ(told<Leave>(written), (Ranks{0_rank, 2_rank}));
  EXPECT_EQ(count<Finish>(written), 0U);
  const Actions end = run.all_say({0_rank, 2_rank}, Goodbye{});
  ASSERT_EQ(count<Finish>(end), 1U);
  EXPECT_FALSE(all<Finish>(end)[0].finalize);
}

TEST(RunMachineRanks, DoesNotWaitForTheGoodbyeOfARankThatDies) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_of(0));
  (void)run.tell(WorkOver{Finished{}});
  (void)run.say(0_rank, Goodbye{});
  EXPECT_EQ(count<WriteEnding>(run.tell(RankDied{1_rank})), 1U);
}

// Their ways out differ in length; the user was not told of them as lost.
TEST(RunMachineRanks, LosesNobodyWhoWasToldToLeave) {
  RunStory run({"a", "a", "a", "a"}, seconds(1));
  (void)run.open({0_rank, 1_rank, 2_rank, 3_rank}, stage_of(0));
  (void)run.tell(RankDied{1_rank});
  (void)run.tell(WorkOver{Finished{}});
  (void)run.all_say({0_rank, 2_rank, 3_rank}, Goodbye{});
  (void)run.tell(EndingWritten{Finished{}});
  EXPECT_TRUE(run.say(2_rank, Goodbye{}).empty());
  EXPECT_TRUE(run.tell(RankDied{2_rank}).empty()) << "it has left";
  const Actions waiting = run.pass_looking(kFarewell - milliseconds(100), milliseconds(50));
  EXPECT_EQ(count<DropRank>(waiting) + count<Kill>(waiting) + count<Finish>(waiting), 0U);
  // Rank 3 is stuck: the launcher would wait for it.
  const Actions end = run.pass_looking(milliseconds(200), milliseconds(50));
  EXPECT_EQ(count<Finish>(end), 1U);
  ASSERT_EQ(count<Kill>(end), 1U);
  EXPECT_EQ(all<Kill>(end)[0].rank, 3_rank);
}

TEST(RunMachineRanks, TakesASilentRankForLostAndEndsIt) {
  RunStory run({"a", "a"}, seconds(16));
  (void)run.tell(Tick{});
  EXPECT_EQ(count<DropRank>(run.pass_looking(seconds(16), seconds(1))), 0U);
  const Actions silent = run.pass_looking(seconds(1), seconds(1));
  EXPECT_EQ(count<DropRank>(silent), 1U);
  ASSERT_EQ(count<Kill>(silent), 1U);
  EXPECT_EQ(all<Kill>(silent)[0].rank, 1_rank);
}

TEST(RunMachineRanks, WaitsForNoLastWordOfARankThatHasLeft) {
  RunStory run({"a", "a", "a"});
  (void)run.open({0_rank, 1_rank, 2_rank}, stage_of(0));
  (void)run.tell(RankDied{1_rank});
  (void)run.tell(WorkOver{Finished{}});
  (void)run.all_say({0_rank, 2_rank}, Goodbye{});
  (void)run.tell(EndingWritten{Finished{}});
  (void)run.say(0_rank, Goodbye{});
  EXPECT_EQ(count<Finish>(run.tell(RankDied{2_rank})), 1U);
}

// A worker that computes has nothing to say but that it is alive.
TEST(RunMachineRanks, HearsOftenEnoughOfAWorkerWhateverTheTimeOut) {
  for (const Duration timeout :
       {Duration(milliseconds(400)), Duration(seconds(1)), Duration(seconds(30))}) {
    RunStory run({"a", "a"}, timeout);
    (void)run.tell(Tick{});
    for (Duration time{}; time < 4 * timeout; time += timeout / 40) {
      const bool speaks = time % alive_every(2 * timeout) < timeout / 40;
      if (speaks) {
        (void)run.say(1_rank, StillAlive{});
      }
      EXPECT_EQ(count<DropRank>(run.pass_looking(timeout / 40, timeout / 40)), 0U);
    }
  }
}

TEST(RunMachineRanks, SaysThatItIsAliveOftenEnoughWhateverTheTimeOut) {
  RunStory run({"a", "a"}, milliseconds(400));
  (void)run.tell(Tick{});
  EXPECT_GE(told<StillAlive>(run.pass_looking(seconds(2), milliseconds(10))).size(), 2U * 20U);
}

// It would go on, and wait for rank 0 without end if there is no time-out.
TEST(RunMachineRanks, EndsARankThatTalksNonsense) {
  RunStory run({"a", "a"}, seconds(0));
  const Actions mad = run.tell(RankTalksNonsense{1_rank, "a message of no kind"});
  ASSERT_EQ(count<DropRank>(mad), 1U);
  EXPECT_EQ(all<DropRank>(mad)[0].how, "sent what no rank sends: a message of no kind");
  EXPECT_EQ(count<Kill>(mad), 1U);
  EXPECT_EQ(count<Kill>(run.tell(RankTalksNonsense{1_rank, "again"})), 0U);
}

TEST(RunMachineRanks, FindsARankThatFellSilentBeforeRank0WasSuspended) {
  RunStory run({"a", "a"}, seconds(16));
  (void)run.tell(Tick{});
  run.pass(seconds(3600));
  (void)run.say(1_rank, StillAlive{});  // its last word, which has waited
  (void)run.tell(Tick{});
  EXPECT_EQ(count<DropRank>(run.pass_looking(seconds(16), seconds(1))), 0U);
  EXPECT_EQ(count<DropRank>(run.pass_looking(seconds(1), seconds(1))), 1U);
}

TEST(RunMachineRanks, SendsReferencesBeforeWork) {
  RunStory run({"a", "a", "b"});
  StageOpened stage = stage_of(9);
  stage.references = SharedFile{"/proc/1/fd/5", 9, 100};
  const Actions opened = run.open({0_rank, 1_rank, 2_rank}, stage);
  EXPECT_TRUE(handed_out(opened).empty());
  EXPECT_EQ(told<ReferencesElsewhere>(opened), (Ranks{0_rank, 1_rank}));
  ASSERT_EQ(count<SendReferences>(opened), 1U);
  EXPECT_EQ(all<SendReferences>(opened)[0].rank, 2_rank);
  EXPECT_EQ(handed_out(run.say(2_rank, HasReferences{})).size(), 2U);
  EXPECT_TRUE(run.say(2_rank, HasReferences{}).empty()) << "it says so again";
  EXPECT_EQ(handed_out(run.say(0_rank, HasReferences{})).size(), 2U);
}

// Stages may be short: the rank is on its way already.
TEST(RunMachineRanks, SendsReferencesOnceWhenTheNextStageOpensMeanwhile) {
  RunStory run({"a", "b"});
  StageOpened stage = stage_of(0);
  stage.references = SharedFile{"/proc/1/fd/5", 9, 100};
  EXPECT_EQ(count<SendReferences>(run.open({0_rank, 1_rank}, stage)), 1U);
  const Actions next = run.tell(stage_of(3));
  EXPECT_EQ(count<SendReferences>(next) + count<Send>(next), 0U);
  EXPECT_EQ(handed_out(run.say(1_rank, HasReferences{})).size(), 1U);
}

TEST(RunMachineRanks, RefusesASecondSetOfReferences) {
  RunStory run({"a"});
  StageOpened stage = stage_of(0);
  stage.references = SharedFile{"/proc/1/fd/5", 9, 100};
  (void)run.open({0_rank}, stage);
  EXPECT_THROW(run.tell(stage), std::logic_error);
}

TEST(RunMachineRanks, KeepsAFileAsMissingThatRank0DoesNotSeeEither) {
  RunStory run({"a", "b"});
  (void)run.open({0_rank, 1_rank}, stage_with_help(4));
  const Actions missing = run.say(1_rank, not_found(2));
  EXPECT_EQ(count<Keep>(missing), 0U);
  EXPECT_EQ(count<LookForFile>(missing), 1U);
  const Actions looked = run.tell(FileLookedFor{OrderId(2), false});
  ASSERT_EQ(count<Keep>(looked), 1U);
  EXPECT_FALSE(all<Keep>(looked)[0].rank_0_sees_file);
  EXPECT_TRUE(run.tell(FileLookedFor{OrderId(2), false}).empty());
}

TEST(RunMachineRanks, SaysOfAMissingFileThatRank0SeesIt) {
  RunStory run({"a", "b"});
  (void)run.open({0_rank, 1_rank}, stage_of(4));
  (void)run.say(1_rank, not_found(2));
  const Actions looked = run.tell(FileLookedFor{OrderId(2), true});
  ASSERT_EQ(count<Keep>(looked), 1U);
  EXPECT_TRUE(all<Keep>(looked)[0].rank_0_sees_file);
}

TEST(RunMachineRanks, DoesOnRank0WhatAnotherRankDoesNotSee) {
  RunStory run({"a", "b"});
  EXPECT_EQ(handed_out(run.open({0_rank, 1_rank}, stage_with_help(4))),
            (Assignments{handed(0_rank, 0, 0), handed(0_rank, 1, 1), handed(1_rank, 2, 2)}));
  (void)run.say(1_rank, not_found(2));
  EXPECT_TRUE(run.tell(FileLookedFor{OrderId(2), true}).empty()) << "rank 0 holds two already";
  EXPECT_EQ(handed_out(run.say(0_rank, result_of(0))), (Assignments{handed(0_rank, 4, 2)}));
  (void)run.say(0_rank, result_of(1));
  (void)run.say(1_rank, result_of(3));
  const Actions last = run.say(0_rank, result_of(4));
  EXPECT_EQ(count<Keep>(last), 1U);
  EXPECT_EQ(count<OpenStage>(last), 1U);
}

TEST(RunMachineRanks, WaitsWithItsHelpUntilRank0HasStarted) {
  RunStory run({"a", "b"});
  (void)run.open({1_rank}, stage_with_help(1));
  (void)run.say(1_rank, not_found(0));
  EXPECT_TRUE(run.tell(FileLookedFor{OrderId(0), true}).empty());
  EXPECT_EQ(handed_out(run.say(0_rank, Hello{})), (Assignments{handed(0_rank, 1, 0)}));
}

// Kept as missing, it would never be computed: the next run can do better.
TEST(RunMachineRanks, LeavesToTheNextRunWhatRank0WouldHaveHelpedWith) {
  RunStory run({"a", "b"});
  (void)run.open({1_rank}, stage_with_help(1));
  (void)run.say(1_rank, not_found(0));
  (void)run.tell(EndAsked{});
  const Actions looked = run.tell(FileLookedFor{OrderId(0), true});
  EXPECT_EQ(count<Keep>(looked), 0U);
  EXPECT_EQ(count<AbandonStage>(looked), 1U);
}

Hello hello_of(std::uint16_t core) {
  Hello hello;
  hello.cores = {core};
  return hello;
}

// What a run's machine makes of it: the last task of two.
TEST(RunMachine, LendsCoresOfIdleRanksUntilTheyHaveWorkAgain) {
  RunStory run({"host", "host"});
  (void)run.tell(Tick{});
  (void)run.say(0_rank, hello_of(0));
  (void)run.say(1_rank, hello_of(1));
  EXPECT_EQ(told<LentCores>(run.tell(stage_of(2))), std::vector<Rank>{});
  const Actions first_done = run.say(0_rank, result_of(0));
  EXPECT_EQ(told<LentCores>(first_done), std::vector<Rank>{1_rank});
  ASSERT_EQ(count<NoteLending>(first_done), 1U);
  EXPECT_EQ(all<NoteLending>(first_done)[0].rank, 0_rank);
  EXPECT_TRUE(all<NoteLending>(first_done)[0].lends);
  const Actions died = run.tell(RankDied{1_rank});
  EXPECT_EQ(told<LentCores>(died), std::vector<Rank>{})
      << "rank 0 gets its task, and there is nobody else";
  ASSERT_EQ(count<NoteLending>(died), 1U);
  EXPECT_EQ(all<NoteLending>(died)[0].rank, 0_rank);
  EXPECT_FALSE(all<NoteLending>(died)[0].lends);
}

// Rank 0 describes the reference, task 1; the image, task 0, is described ahead of it.
TEST(RunMachine, LendsCoresOfRanksThatWaitForReferences) {
  RunStory run({"host", "host"});
  (void)run.tell(Tick{});
  (void)run.say(0_rank, hello_of(0));
  (void)run.say(1_rank, hello_of(1));
  StageOpened stage;
  stage.tasks = {TaskId(1), TaskId(0)};
  stage.needs_references_below = TaskId(1);
  stage.rank_0_alone = true;
  EXPECT_EQ(told<LentCores>(run.tell(std::move(stage))), Ranks{});
  EXPECT_EQ(told<LentCores>(run.say(1_rank, WaitsForReferences{1})), Ranks{0_rank});
  EXPECT_EQ(told<LentCores>(run.say(0_rank, result_of(0))), Ranks{});
  EXPECT_EQ(told<LentCores>(run.tell(ReferencesMade{})), Ranks{1_rank}) << "rank 0 is idle";
  EXPECT_EQ(told<LentCores>(run.say(1_rank, WaitsForReferences{1})), Ranks{}) << "it is late";
}

TEST(RunMachine, LendsNothingWhileEveryRankGetsTheNextTaskAtOnce) {
  RunStory run({"host", "host"});
  (void)run.tell(Tick{});
  (void)run.say(0_rank, hello_of(0));
  (void)run.say(1_rank, hello_of(1));
  std::size_t loans = told<LentCores>(run.tell(stage_of(50))).size();
  for (std::uint64_t order = 0; order < 40; ++order) {
    for (const Rank rank : {0_rank, 1_rank}) {
      loans += told<LentCores>(run.say(rank, result_of(order))).size();
    }
  }
  EXPECT_EQ(loans, 0U);
}

}  // namespace
}  // namespace bundle_match::machine::test
