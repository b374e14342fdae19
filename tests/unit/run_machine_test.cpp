// Rank 0's machine: from stage to stage, and to the end of a run, early or not.
// SPDX-License-Identifier: Apache-2.0
#include "run_story.hpp"
#include "support/id_literals.hpp"

namespace bundle_match::machine::test {
namespace {

using Assignments = std::vector<Assignment>;
using Ranks = std::vector<Rank>;

TEST(RunMachine, GoesFromStageToStageAndSaysGoodbye) {
  RunStory run({"a", "a"});
  EXPECT_EQ(count<OpenStage>(run.tell(Tick{})), 1U);
  EXPECT_EQ(count<TellStarted>(run.all_say({0_rank, 1_rank}, Hello{})), 2U);
  EXPECT_EQ(handed_out(run.tell(stage_of(2))),
            (Assignments{handed(0_rank, 0, 0), handed(1_rank, 1, 1)}));
  EXPECT_TRUE(run.machine().working());
  EXPECT_EQ(count<Keep>(run.say(0_rank, result_of(0))), 1U);
  const Actions last = run.say(1_rank, result_of(1));
  EXPECT_EQ(count<Keep>(last), 1U);
  EXPECT_EQ(count<OpenStage>(last), 1U);

  EXPECT_EQ(handed_out(run.tell(stage_of(1))), (Assignments{handed(0_rank, 2, 0)}));
  EXPECT_EQ(count<OpenStage>(run.say(0_rank, result_of(2))), 1U);

  EXPECT_EQ(told<Stop>(run.tell(WorkOver{Finished{}})), (Ranks{0_rank, 1_rank}));
  EXPECT_EQ(count<WriteEnding>(run.say(0_rank, Goodbye{})), 0U);
  const Actions goodbye = run.say(1_rank, Goodbye{"the cache is full", 0});
  ASSERT_EQ(count<TellProblem>(goodbye), 1U);
  EXPECT_EQ(all<TellProblem>(goodbye)[0].problem, "the cache is full");
  ASSERT_EQ(count<WriteEnding>(goodbye), 1U);
  EXPECT_EQ(all<WriteEnding>(goodbye)[0].outcome, Outcome(Finished{}));

  const Actions end = run.tell(EndingWritten{Finished{true}});
  EXPECT_EQ(told<Finalize>(end), (Ranks{0_rank, 1_rank}));
  ASSERT_EQ(count<Finish>(end), 1U);
  EXPECT_EQ(all<Finish>(end)[0].outcome, Outcome(Finished{true}));
  EXPECT_TRUE(all<Finish>(end)[0].finalize);
  EXPECT_TRUE(run.machine().over());
  EXPECT_TRUE(run.tell(Tick{}).empty());
}

TEST(RunMachine, GoesOnAtOnceAfterAStageWithoutTasks) {
  RunStory run({"a"});
  EXPECT_EQ(count<OpenStage>(run.open({0_rank}, stage_of(0))), 2U);
}

TEST(RunMachine, GivesWorkToARankThatStartsLate) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank}, stage_of(6));
  EXPECT_EQ(handed_out(run.say(1_rank, Hello{})),
            (Assignments{handed(1_rank, 2, 2), handed(1_rank, 3, 3)}));
  EXPECT_TRUE(run.say(1_rank, Hello{}).empty()) << "it says so again";
}

TEST(RunMachine, LeavesAStageToRank0Alone) {
  RunStory run({"a", "a"});
  StageOpened stage = stage_of(5);
  stage.rank_0_alone = true;
  EXPECT_EQ(handed_out(run.open({0_rank, 1_rank}, stage)),
            (Assignments{handed(0_rank, 0, 0), handed(0_rank, 1, 1)}));
}

// Task 9 makes the reference that tasks 0 to 8 need.
StageOpened stage_with_reference() {
  StageOpened stage = stage_of(9);
  stage.tasks.insert(stage.tasks.begin(), TaskId(9));
  stage.needs_references_below = TaskId(9);
  stage.rank_0_alone = true;
  return stage;
}

TEST(RunMachine, GivesImagesAheadWhileRank0DescribesTheReference) {
  RunStory run({"a", "a"});
  EXPECT_EQ(handed_out(run.open({0_rank, 1_rank}, stage_with_reference())),
            (Assignments{handed(0_rank, 0, 9), handed(0_rank, 1, 0), handed(1_rank, 2, 1),
                         handed(1_rank, 3, 2)}));
  EXPECT_EQ(count<Keep>(run.say(0_rank, result_of(0))), 1U);
  const Actions made = run.tell(ReferencesMade{{"/proc/1/fd/5", 9, 100}});
  EXPECT_EQ(told<ReferencesElsewhere>(made), (std::vector<Rank>{0_rank, 1_rank}));
  EXPECT_EQ(handed_out(run.say(1_rank, result_of(2))), (Assignments{handed(1_rank, 5, 4)}))
      << "it has them, and has matched the first";
}

TEST(RunMachine, SendsReferencesThatAreMadeToARankThatStartsLater) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank}, stage_with_reference());
  (void)run.say(0_rank, result_of(0));
  (void)run.tell(ReferencesMade{{"/proc/1/fd/5", 9, 100}});
  const Actions started = run.say(1_rank, Hello{});
  EXPECT_EQ(told<ReferencesElsewhere>(started), std::vector<Rank>{1_rank});
  EXPECT_EQ(handed_out(started).size(), 2U);
}

TEST(RunMachine, EndsWhenTheReferencesCannotBeUsed) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_with_reference());
  (void)run.say(0_rank, result_of(0));
  const Actions over = run.tell(WorkOver{ReferenceUnusable{}});
  EXPECT_EQ(told<Stop>(over), (std::vector<Rank>{0_rank, 1_rank}));
  EXPECT_EQ(count<Keep>(run.say(1_rank, result_of(2))), 0U) << "too late";
  (void)run.say(0_rank, Goodbye{});
  const Actions goodbyes = run.say(1_rank, Goodbye{});
  ASSERT_EQ(count<WriteEnding>(goodbyes), 1U);
  EXPECT_EQ(all<WriteEnding>(goodbyes)[0].outcome, Outcome(ReferenceUnusable{}));
}

// The references may take long.
TEST(RunMachine, WaitsForNothingThatWaitsForReferencesWhenAskedToEnd) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_with_reference());
  (void)run.tell(EndAsked{});
  EXPECT_EQ(count<AbandonStage>(run.say(0_rank, result_of(0))), 1U);
}

TEST(RunMachine, KeepsAResultOnce) {
  RunStory run({"a"});
  (void)run.open({0_rank}, stage_of(3));
  EXPECT_EQ(count<Keep>(run.say(0_rank, result_of(0))), 1U);
  EXPECT_TRUE(run.say(0_rank, result_of(0)).empty());
  EXPECT_TRUE(run.say(0_rank, result_of(77)).empty()) << "nobody has ordered that";
}

// An image that took too long, or that processes died of, does not tell how long it took.
TEST(RunMachine, MeasuresNoTaskThatHasNoTime) {
  RunStory run({"a"});
  (void)run.open({0_rank}, stage_of(100));
  OrderResult timed_out = result_of(0);
  timed_out.status = ImageStatus::timed_out;
  timed_out.elapsed_ms = {};
  EXPECT_EQ(handed_out(run.say(0_rank, timed_out)).size(), 1U);
}

TEST(RunMachine, NotesThatAProcessDiedOfATask) {
  RunStory run({"a"});
  (void)run.open({0_rank}, stage_of(3));
  const Actions died = run.say(0_rank, ProcessDied{OrderId(1), "signal 11"});
  ASSERT_EQ(count<KeepDeath>(died), 1U);
  EXPECT_EQ(all<KeepDeath>(died)[0].task, TaskId(1));
  EXPECT_TRUE(run.say(0_rank, ProcessDied{OrderId(7), "signal 11"}).empty());
}

TEST(RunMachine, HandsNothingOutWhileTheSinkHasTooMuch) {
  RunStory run({"a"}, seconds(30), {2, 1 << 20});
  (void)run.open({0_rank}, stage_of(6));
  EXPECT_EQ(handed_out(run.say(0_rank, result_of(0))).size(), 1U);
  EXPECT_TRUE(handed_out(run.say(0_rank, result_of(1))).empty()) << "two are not stored yet";
  EXPECT_TRUE(handed_out(run.say(0_rank, result_of(2))).empty());
  EXPECT_TRUE(handed_out(run.tell(Stored{1, size_bytes(result_of(0))})).empty());
  EXPECT_EQ(handed_out(run.tell(Stored{1, size_bytes(result_of(1))})).size(), 2U);
}

TEST(RunMachine, EndsEarlyWhenItIsAskedTo) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_of(9));
  const Actions asked = run.tell(EndAsked{});
  EXPECT_EQ(count<TellEndAsked>(asked), 1U);
  EXPECT_EQ(count<NoteEndAsked>(asked), 1U);
  EXPECT_TRUE(run.tell(EndAsked{}).empty()) << "once is enough";
  for (const std::uint64_t order : {0, 1}) {
    const Actions done = run.say(0_rank, result_of(order));
    EXPECT_EQ(count<Keep>(done), 1U) << "it was under way";
    EXPECT_TRUE(handed_out(done).empty());
  }
  EXPECT_EQ(count<AbandonStage>(run.say(1_rank, result_of(2))), 0U);
  EXPECT_EQ(count<AbandonStage>(run.say(1_rank, result_of(3))), 1U);
  EXPECT_EQ(told<Stop>(run.tell(WorkOver{Interrupted{}})), (Ranks{0_rank, 1_rank}));
}

TEST(RunMachine, WaitsForImagesUnderWayNoLongerThanItsGrace) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_of(9));
  (void)run.tell(EndAsked{});
  EXPECT_EQ(count<AbandonStage>(run.pass_looking(kGrace - milliseconds(10), milliseconds(10))), 0U);
  EXPECT_EQ(count<AbandonStage>(run.pass_looking(milliseconds(10), milliseconds(10))), 1U);
  EXPECT_TRUE(run.say(0_rank, result_of(0)).empty()) << "it comes too late";
}

TEST(RunMachine, RemembersThatItWasAskedToEndWhileAStageOpens) {
  RunStory run({"a"});
  (void)run.all_say({0_rank}, Hello{});
  EXPECT_EQ(count<NoteEndAsked>(run.tell(EndAsked{})), 1U);
  const Actions opened = run.tell(stage_of(3));
  EXPECT_TRUE(handed_out(opened).empty());
  EXPECT_EQ(count<AbandonStage>(opened), 1U);
}

// A next run does what this one leaves: nothing new is begun, not even for a rank that is lost.
TEST(RunMachine, HandsNothingOutForALostRankOnceItWasAskedToEnd) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_of(9));
  (void)run.tell(EndAsked{});
  EXPECT_TRUE(handed_out(run.tell(RankDied{1_rank})).empty());
  (void)run.say(0_rank, result_of(0));
  EXPECT_EQ(count<AbandonStage>(run.say(0_rank, result_of(1))), 1U)
      << "nothing is left to wait for";
}

TEST(RunMachine, EndsWithTheSinksOutcomeWhenThatFails) {
  RunStory run({"a", "a"});
  (void)run.open({0_rank, 1_rank}, stage_of(9));
  const Outcome lost = OutputLost{"no space left on device"};
  EXPECT_EQ(told<Stop>(run.tell(SinkFailed{lost})), (Ranks{0_rank, 1_rank}));
  EXPECT_TRUE(run.say(0_rank, result_of(0)).empty()) << "nobody could keep it";
  EXPECT_TRUE(run.tell(EndAsked{}).empty()) << "it ends already";
  const Actions goodbyes = run.all_say({0_rank, 1_rank}, Goodbye{});
  ASSERT_EQ(count<WriteEnding>(goodbyes), 1U);
  EXPECT_EQ(all<WriteEnding>(goodbyes)[0].outcome, lost);
}

TEST(RunMachine, TakesASinkThatFailsDuringTheGoodbyesForTheOutcome) {
  RunStory run({"a"});
  (void)run.open({0_rank}, stage_of(0));
  (void)run.tell(WorkOver{Finished{}});
  (void)run.tell(SinkFailed{OutputLost{"input/output error"}});
  EXPECT_EQ(all<WriteEnding>(run.say(0_rank, Goodbye{})).at(0).outcome,
            Outcome(OutputLost{"input/output error"}));
}

TEST(RunMachine, SaysThatItIsAliveWhileTheSinkStalls) {
  RunStory run({"a", "a"}, seconds(0));
  (void)run.tell(Tick{});
  const Ranks ranks = told<StillAlive>(run.pass_looking(seconds(60), milliseconds(10)));
  EXPECT_EQ(ranks.size(), 2U * 30U);
}

}  // namespace
}  // namespace bundle_match::machine::test
