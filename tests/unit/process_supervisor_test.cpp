// What happens to a compute process, and what its supervisor has done about it.
// SPDX-License-Identifier: Apache-2.0
#include "support/id_literals.hpp"
#include "support/process_story.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bundle_match::machine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Story;

using OrdinaryLife = Story;

TEST_F(OrdinaryLife, SendsOrdersAsTheyComeAndDeliversResults) {
  EXPECT_EQ(begin(), "start");
  EXPECT_EQ(give(1), "send 1") << "the process reads it when it is ready";
  EXPECT_EQ(tell(ProcessStarted{}), "");
  EXPECT_EQ(say(kReady), "ready avx2");
  EXPECT_EQ(give(2), "send 2");
  EXPECT_EQ(say(result(1)), "1 ok");
  EXPECT_EQ(say(result(2, ImageStatus::unreadable)), "2 unreadable");
}

TEST_F(OrdinaryLife, KeepsTwoOrdersWithFilesAtTheProcess) {
  begin_ready();
  const auto give_with_files = [this](std::uint64_t order) {
    return tell(OrderGiven{OrderId(order), MatchWork{{0_reference, 3}}, 0, true});
  };
  EXPECT_EQ(give_with_files(1), "send 1");
  EXPECT_EQ(give(2), "send 2");
  EXPECT_EQ(give_with_files(3), "send 3");
  EXPECT_EQ(give_with_files(4), "");
  EXPECT_EQ(give(5), "") << "orders keep their order";
  EXPECT_EQ(say(result(1)), "1 ok; send 4; send 5");
  EXPECT_EQ(say(result(2)), "2 ok");
  closed();
  EXPECT_EQ(ended("exited with status 3"),
            "died of 3 (the compute process exited with status 3); start; send 3");
  say(kReady);
  EXPECT_EQ(say(result(3)), "3 ok; send 4; send 5");
  EXPECT_EQ(give_with_files(6), "send 6");
}

TEST_F(OrdinaryLife, RestartsAProcessThatDiesIdle) {
  begin_ready();
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(give(1), "") << "which is not to blame, as it was never sent";
  EXPECT_EQ(ended("exited with status 1"), "start; send 1");
  say(kReady);
  EXPECT_EQ(say(result(1)), "1 ok");
}

using AheadOfReferences = Story;

TEST_F(AheadOfReferences, DescribesImagesAndMatchesThemOnceTheReferencesAreThere) {
  begin_without_references();
  get_ready();
  EXPECT_EQ(give(1), "prepare 1");
  EXPECT_EQ(give(2), "prepare 2");
  EXPECT_EQ(supervisor_->waiting(), 0U);
  EXPECT_EQ(say(ImagePrepared{OrderId(1)}), "");
  EXPECT_EQ(supervisor_->waiting(), 1U);
  EXPECT_EQ(tell(ReferencesGiven{}), "send 1");
  EXPECT_EQ(supervisor_->waiting(), 0U);
  EXPECT_EQ(say(ImagePrepared{OrderId(2)}), "send 2") << "it was being described";
  EXPECT_EQ(say(result(1)), "1 ok");
  EXPECT_EQ(say(result(2)), "2 ok");
  EXPECT_EQ(give(3), "send 3");
}

TEST_F(AheadOfReferences, GoesOnWithWhatNeedsNone) {
  begin_without_references();
  get_ready();
  EXPECT_EQ(give(1), "prepare 1");
  say(ImagePrepared{OrderId(1)});
  EXPECT_EQ(tell(OrderGiven{OrderId(2), DescribeWork{}, 0}), "send 2");
  ComputeResult described;
  described.result.order = OrderId(2);
  described.result.answer = DescribeAnswer{"features"};
  EXPECT_EQ(say(described), "2 ok");
}

TEST_F(AheadOfReferences, SendsNothingThatReadsNoFile) {
  begin_without_references();
  get_ready();
  EXPECT_EQ(tell(OrderGiven{OrderId(1), MatchDescribedWork{0_reference, {0_reference, 3}}, 0}), "");
  EXPECT_EQ(supervisor_->waiting(), 1U);
  EXPECT_EQ(tell(ReferencesGiven{}), "send 1");
}

TEST_F(AheadOfReferences, AnImageThatFailsHasItsResultAtOnce) {
  begin_without_references();
  get_ready();
  give(1);
  EXPECT_EQ(say(result(1, ImageStatus::unreadable)), "1 unreadable");
  EXPECT_EQ(tell(ReferencesGiven{}), "");
}

TEST_F(AheadOfReferences, WhatWaitsSurvivesTheProcess) {
  begin_without_references();
  get_ready();
  give(1);
  say(ImagePrepared{OrderId(1)});
  EXPECT_EQ(give(2), "prepare 2");
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(ended("exited with status 3"),
            "died of 2 (the compute process exited with status 3); start; prepare 2");
  say(kReady);
  EXPECT_EQ(tell(ReferencesGiven{}), "") << "a suspect is alone";
  EXPECT_EQ(say(ImagePrepared{OrderId(2)}), "send 2");
  EXPECT_EQ(say(result(2)), "2 ok; send 1");
  EXPECT_EQ(say(result(1)), "1 ok");
}

TEST_F(AheadOfReferences, NoTimeRunsForWhatWaits) {
  options_.timeout_s = 5;
  begin_without_references();
  get_ready();
  give(1);
  EXPECT_EQ(after(seconds(4)), "");
  say(ImagePrepared{OrderId(1)});
  EXPECT_EQ(after(seconds(100)), "");
  EXPECT_EQ(tell(ReferencesGiven{}), "send 1");
  EXPECT_EQ(after(seconds(4)), "");
  EXPECT_EQ(after(seconds(1)), "end; 1 timed-out (no result within 5 s (--timeout))");
}

using Deaths = Story;

TEST_F(Deaths, TheFirstIsToldAndTheOrderTriedAloneInAFreshProcess) {
  begin_ready();
  EXPECT_EQ(give(1), "send 1");
  EXPECT_EQ(give(2), "send 2");
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(closed(), "") << "it is known";
  EXPECT_EQ(ended("was killed by signal 11 (Segmentation fault)"),
            "died of 1 (the compute process was killed by signal 11 (Segmentation fault)); "
            "start; send 1");
  EXPECT_EQ(say(kReady), "");
  EXPECT_EQ(give(3), "") << "a suspect is alone";
  EXPECT_EQ(say(result(1)), "1 ok; send 2; send 3");
}

TEST_F(Deaths, TheSecondIsFinal) {
  begin_ready();
  give(1);
  give(2);
  closed();
  EXPECT_EQ(ended("exited with status 3"),
            "died of 1 (the compute process exited with status 3); start; send 1");
  say(kReady);
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(ended("exited with status 4"),
            "1 crashed (the compute process exited with status 4); start; send 2");
  say(kReady);
  EXPECT_EQ(say(result(2)), "2 ok");
}

TEST_F(Deaths, ASuspectOfEarlierRunsHasOneTry) {
  begin_ready();
  EXPECT_EQ(give(1), "send 1");
  EXPECT_EQ(give(2, 1), "") << "not before 1 is done";
  EXPECT_EQ(give(3), "");
  EXPECT_EQ(say(result(1)), "1 ok; send 2");
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(ended("exited with status 3"),
            "2 crashed (the compute process exited with status 3); start; send 3");
}

TEST_F(Deaths, BlameTheFirstOrderAlone) {
  begin_ready();
  give(1);
  give(2);
  EXPECT_EQ(say(result(1)), "1 ok");
  closed();
  EXPECT_EQ(ended("exited with status 3"),
            "died of 2 (the compute process exited with status 3); start; send 2");
  say(kReady);
  EXPECT_EQ(say(result(2)), "2 ok") << "2 has paid for nothing of 1";
}

TEST_F(Deaths, ToHaveAFreshProcessAreNotToldButCount) {
  begin_ready();
  give(1);
  closed();
  EXPECT_EQ(ended("exited with status 77", ProcessNeeds::fresh_memory), "start; send 1");
  say(kReady);
  closed();
  EXPECT_EQ(ended("exited with status 77", ProcessNeeds::fresh_memory),
            "1 crashed (the compute process exited with status 77); start");
}

TEST_F(Deaths, ForWantOfDecodersBlameNobodyOnce) {
  begin_ready();
  give(1);
  give(2);
  closed();
  EXPECT_EQ(ended("exited with status 78", ProcessNeeds::decoders),
            "start with decoders; send 1; send 2");
  say(kReady);
  closed();
  EXPECT_EQ(ended("exited with status 78", ProcessNeeds::decoders),
            "died of 1 (the compute process exited with status 78); start with decoders; send 1");
  say(kReady);
  EXPECT_EQ(say(result(1)), "1 ok; send 2");
}

TEST_F(Deaths, LetThePairsOfTheOrderBeginAgain) {
  begin_ready();
  give(1);
  EXPECT_EQ(say(StillComputing{}), "");
  EXPECT_EQ(say(StillComputing{}), "");
  closed();
  ended("exited with status 3");
  say(kReady);
  for (int pair = 0; pair < 3; ++pair) {
    EXPECT_EQ(say(StillComputing{}), "");
  }
  EXPECT_EQ(say(result(1)), "1 ok");
}

TEST_F(Deaths, LateWordsOfADeadProcessAreNotHeard) {
  begin_ready();
  give(1);
  EXPECT_EQ(closed(), "end");
  EXPECT_EQ(say(result(1)), "");
  EXPECT_EQ(say(kReady), "");
  EXPECT_EQ(tell(ProcessSaidNonsense{"x"}), "");
  EXPECT_EQ(ended("exited with status 3"),
            "died of 1 (the compute process exited with status 3); start; send 1");
}

using Starts = Story;

TEST_F(Starts, MayFailTwiceInARow) {
  begin();
  for (int round = 0; round < 3; ++round) {
    give(1);
    EXPECT_EQ(closed(), "end");
    EXPECT_EQ(ended("exited with status 5"), "start; send 1") << "1 is not to blame";
    EXPECT_EQ(tell(ProcessNotStarted{"could not be forked"}), "start; send 1");
    say(kReady);
    EXPECT_EQ(say(result(1)), "1 ok");
    EXPECT_EQ(closed(), "end");
    EXPECT_EQ(ended("was killed"), "start");
  }
}

TEST_F(Starts, FailForGoodTheThirdTime) {
  begin();
  give(1);
  closed();
  ended("exited with status 4");
  EXPECT_EQ(tell(ProcessNotStarted{"could not be forked: Cannot allocate memory"}),
            "start; send 1");
  closed();
  EXPECT_EQ(ended("exited with status 5"),
            "fail (compute processes cannot start: the last one exited with status 5)");
  EXPECT_EQ(give(2), "");
  EXPECT_EQ(after(seconds(1000)), "");
}

TEST_F(Starts, HaveTwoMinutes) {
  begin();
  EXPECT_EQ(after(seconds(1000)), "") << "the fork server loads decoders";
  tell(ProcessStarted{});
  EXPECT_EQ(after(kStartLimit - milliseconds(1)), "");
  EXPECT_EQ(after(milliseconds(1)), "end");
  EXPECT_EQ(ended("was killed by signal 9 (Killed)"), "start");
  closed();
  ended("");
  tell(ProcessStarted{});
  after(kStartLimit);
  EXPECT_EQ(ended("was killed by signal 9 (Killed)"),
            "fail (compute processes cannot start: the last one did not get ready)");
}

class Timeouts : public Story {
 protected:
  Timeouts() { options_.timeout_s = 2.5; }
};

TEST_F(Timeouts, EndTheFirstOrderAndNotTheNext) {
  begin_ready();
  give(1);
  give(2);
  EXPECT_EQ(after(milliseconds(2499)), "");
  EXPECT_EQ(after(milliseconds(1)), "end; 1 timed-out (no result within 2.5 s (--timeout))");
  EXPECT_EQ(say(result(1)), "") << "too late";
  EXPECT_EQ(ended("was killed by signal 9 (Killed)"), "start; send 2");
  EXPECT_EQ(after(seconds(100)), "") << "2 has its time from when a process is ready";
  say(kReady);
  EXPECT_EQ(after(milliseconds(2499)), "");
  EXPECT_EQ(say(result(2)), "2 ok");
  EXPECT_EQ(supervisor_->deadline(), std::nullopt);
}

TEST_F(Timeouts, BeginWhenAnOrderIsTheFirst) {
  begin_ready();
  EXPECT_EQ(after(seconds(100)), "") << "nothing is under way";
  give(1);
  EXPECT_EQ(after(seconds(2)), "");
  give(2);
  EXPECT_EQ(say(result(1)), "1 ok");
  EXPECT_EQ(after(seconds(2)), "");
  EXPECT_EQ(after(seconds(1)), "end; 2 timed-out (no result within 2.5 s (--timeout))");
}

TEST_F(Timeouts, BeginAgainWithEachPairThatIsDone) {
  begin_ready();
  give(1);
  for (int pair = 0; pair < 3; ++pair) {
    EXPECT_EQ(after(seconds(2)), "");
    EXPECT_EQ(say(StillComputing{}), "");
  }
  EXPECT_EQ(after(seconds(2)), "");
  EXPECT_EQ(after(seconds(1)), "end; 1 timed-out (no result within 2.5 s (--timeout))");
}

TEST_F(Timeouts, CountForASuspectToo) {
  begin_ready();
  give(1);
  closed();
  ended("exited with status 3");
  say(kReady);
  EXPECT_EQ(after(seconds(3)), "end; 1 timed-out (no result within 2.5 s (--timeout))");
}

// A suspended job: the process stood still as well.
TEST_F(Timeouts, DoNotCountTheTimeInWhichTheRankStoodStill) {
  begin_ready();
  give(1);
  EXPECT_EQ(after(seconds(2)), "");
  EXPECT_EQ(after_a_stop(std::chrono::hours(12)), "");
  EXPECT_EQ(after(milliseconds(499)), "");
  EXPECT_EQ(after(milliseconds(1)), "end; 1 timed-out (no result within 2.5 s (--timeout))");
}

TEST_F(Timeouts, OfNothingMeanNoLimit) {
  for (const double none : {0.0, 1e300}) {
    options_.timeout_s = none;
    begin_ready();
    give(1);
    EXPECT_EQ(after(std::chrono::hours(100)), "");
  }
}

}  // namespace
}  // namespace bundle_match::machine
