// Going on with an earlier run: what counts as done, as suspect, as another run.
// SPDX-License-Identifier: Apache-2.0
#include "resume/resume.hpp"

#include "support/id_literals.hpp"
#include "support/resume_fixture.hpp"

#include <gmock/gmock.h>

#include <cstdint>

namespace bundle_match::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ResumeTest : public test::ResumeFixture {
 protected:
  // A run that ended without a word while `image` was under way.
  void interrupted_run(std::size_t image) {
    const Resumed run = resume();
    run.journal->write_assigned(paths_[image]);
    run.journal->flush();
  }

  // The same, after a compute process had died of it.
  void run_with_a_death(std::size_t image) {
    const Resumed run = resume();
    run.journal->write_assigned(paths_[image]);
    run.journal->write_died(paths_[image], "signal 11");
    run.journal->flush();
  }

  void failed_run(std::size_t image) {
    const Resumed run = resume();
    ImageResult report;
    report.status = ImageStatus::unreadable;
    report.reason = "damaged";
    run.journal->write_assigned(paths_[image]);
    run.journal->write_result(paths_[image], report, {0_rank, "node", "plain"});
    run.journal->write_end();
    run.journal->flush();
  }
};

TEST_F(ResumeTest, BeginsWhereThereIsNothing) {
  const Resumed run = resume();
  ASSERT_TRUE(run.journal);
  EXPECT_EQ(results_.done(), 0U);
  EXPECT_EQ(said_, "");
  EXPECT_THAT(test::read_file(journal_path()), AllOf(HasSubstr("\tP\t"), HasSubstr("\tS\n")));
}

TEST_F(ResumeTest, HasNoJournalWithoutAFile) {
  command_.output = "-";
  EXPECT_FALSE(resume().journal);
  command_.output = "/dev/null";
  EXPECT_FALSE(resume().journal);
}

TEST_F(ResumeTest, FindsWhatWasDoneAndSaysSo) {
  {
    const Resumed run = resume();
    compute(*run.journal, 3);
    compute(*run.journal, 1);
    run.journal->flush();
  }
  const Resumed run = resume();
  EXPECT_EQ(results_.done(), 2U);
  EXPECT_TRUE(results_.has(1_image) && results_.has(3_image));
  EXPECT_TRUE(results_are_true());
  EXPECT_EQ(results_.computer(3_image), (results::Computer{1_rank, "node", "plain"}));
  EXPECT_THAT(said_, HasSubstr("2 of 5 images are done"));
  EXPECT_TRUE(run.deaths.size() == 0) << "a run that was killed is no image's fault";
}

TEST_F(ResumeTest, GivesTheResultToEveryPlaceOfThePath) {
  paths_.add(path(2));
  {
    const Resumed run = resume();
    compute(*run.journal, 2);
    run.journal->flush();
  }
  (void)resume();
  EXPECT_TRUE(results_.has(2_image) && results_.has(ImageIndex(kImages)));
}

TEST_F(ResumeTest, LeavesOutWhatIsNoLongerListed) {
  {
    Resumed run = resume();
    finish(run);
  }
  paths_ = PathList();
  paths_.add(path(4));
  paths_.add("new.png");
  (void)resume();
  EXPECT_EQ(results_.done(), 1U);
  EXPECT_EQ(found(0).outcomes, truth(4).outcomes);
}

TEST_F(ResumeTest, KeepsFailuresUnlessTheyAreToBeTriedAgain) {
  failed_run(2);
  (void)resume();
  EXPECT_EQ(results_.status(2_image), ImageStatus::unreadable);
  EXPECT_EQ(results_.report(2_image).reason, "damaged");
  command_.retry_failed = true;
  (void)resume();
  EXPECT_FALSE(results_.has(2_image));
}

TEST_F(ResumeTest, TakesTheLastResultOfAPath) {
  failed_run(2);
  command_.retry_failed = true;
  {
    Resumed run = resume();
    finish(run);
  }
  command_.retry_failed = false;
  (void)resume();
  EXPECT_EQ(results_.done(), kImages);
  EXPECT_TRUE(results_are_true());
}

TEST_F(ResumeTest, ForgetsAFailureThatWasBeingTriedAgain) {
  failed_run(2);
  command_.retry_failed = true;
  interrupted_run(2);
  command_.retry_failed = false;
  (void)resume();
  EXPECT_FALSE(results_.has(2_image));
}

TEST_F(ResumeTest, KeepsACountThatIsComputedForAnotherPlaceOfThePath) {
  paths_.add(path(2));
  {
    const Resumed run = resume();
    compute(*run.journal, 2);
    run.journal->write_assigned(path(2));
    run.journal->flush();
  }
  (void)resume();
  EXPECT_TRUE(results_.has(2_image) && results_.has(ImageIndex(kImages)));
  EXPECT_TRUE(found(kImages).outcomes == truth(2).outcomes);
}

TEST_F(ResumeTest, KnowsWhatAProcessHasDiedOf) {
  run_with_a_death(3);
  const Resumed run = resume();
  EXPECT_EQ(run.deaths.size(), 1U);
  EXPECT_EQ(run.deaths.of(3_image), 1U);
  EXPECT_FALSE(results_.has(3_image));
}

TEST_F(ResumeTest, ReportsWhatTwoProcessesHaveDiedOf) {
  run_with_a_death(3);
  run_with_a_death(3);
  const Resumed run = resume();
  EXPECT_TRUE(run.deaths.size() == 0);
  EXPECT_EQ(results_.status(3_image), ImageStatus::crashed);
  EXPECT_EQ(results_.report(3_image).reason, "signal 11");
}

TEST_F(ResumeTest, ReportsASuspectThatEndedTwoMoreRuns) {
  run_with_a_death(3);
  EXPECT_EQ(resume().deaths.size(), 1U);
  interrupted_run(3);
  EXPECT_EQ(resume().deaths.size(), 0U) << "the run of the death, and the one after it";
  EXPECT_EQ(results_.status(3_image), ImageStatus::crashed);
  // And for good.
  (void)resume();
  EXPECT_EQ(results_.status(3_image), ImageStatus::crashed);
}

TEST_F(ResumeTest, BlamesNothingForRunsThatWereAskedToEnd) {
  {
    const Resumed run = resume();
    run.journal->write_assigned(paths_[3]);
    run.journal->write_died(paths_[3], "killed");
    run.journal->write_end();
    run.journal->flush();
  }
  for (int i = 0; i < 3; ++i) {
    const Resumed run = resume();
    EXPECT_EQ(run.deaths.size(), 1U) << i;
    run.journal->write_assigned(paths_[3]);
    run.journal->write_end();
    run.journal->flush();
  }
}

TEST_F(ResumeTest, TriesACrashAgainOnlyIfAsked) {
  run_with_a_death(3);
  run_with_a_death(3);
  (void)resume();
  command_.retry_failed = true;
  const Resumed run = resume();
  EXPECT_FALSE(results_.has(3_image));
  EXPECT_TRUE(run.deaths.size() == 0) << "with a clean record";
}

TEST_F(ResumeTest, RefusesOtherParametersAndNamesThem) {
  (void)resume();
  command_.match.nfeatures = 2000;
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr(journal_path()), HasSubstr("nfeatures was 5000 and is now 2000"),
                    HasSubstr("--overwrite"), Not(HasSubstr("cross-check"))));
  command_.match.cross_check = CrossCheck::one_way;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("nfeatures was 5000 and is now 2000"),
                               HasSubstr("cross-check was mutual and is now one-way")));
}

TEST_F(ResumeTest, KnowsTheReferenceByItsContent) {
  (void)resume();
  use_reference(dir_ / "same.png");
  test::write_file(dir_ / "same.png", "the reference's bytes");
  (void)resume();
  test::write_file(dir_ / "same.png", "other bytes");
  EXPECT_THAT(refusal(), HasSubstr("reference-hash was"));
  use_reference(dir_ / "missing.png");
  EXPECT_THAT(refusal(), HasSubstr("missing.png"));
}

TEST_F(ResumeTest, GoesOnUnderOptionsThatDoNotChangeCounts) {
  {
    Resumed run = resume();
    finish(run);
  }
  command_.match.timeout_s = 1;
  command_.match.memory_limit_bytes = 1 << 30;
  command_.match.kernel = "plain";
  command_.match.sandbox = false;
  command_.format = results::Format::jsonl;
  (void)resume();
  EXPECT_EQ(results_.done(), kImages);
}

TEST_F(ResumeTest, DiscardsWithOverwrite) {
  {
    Resumed run = resume();
    finish(run);
  }
  command_.match.nfeatures = 2000;
  command_.overwrite = true;
  (void)resume();
  EXPECT_EQ(results_.done(), 0U);
  command_.overwrite = false;
  (void)resume();
}

TEST_F(ResumeTest, RefusesAFileThatNoJournalVouchesFor) {
  test::write_file(command_.output, "somebody's work");
  EXPECT_THAT(refusal(), AllOf(HasSubstr(command_.output), HasSubstr("--overwrite")));
  EXPECT_THAT(refusal(), HasSubstr("--overwrite")) << "the first refusal left a journal";
  command_.overwrite = true;
  EXPECT_TRUE(resume().journal);
}

TEST_F(ResumeTest, RefusesAJournalThatAnotherRunHolds) {
  const Resumed first = resume();
  EXPECT_THAT(refusal(), AllOf(HasSubstr(journal_path()), HasSubstr("another run")));
}

}  // namespace
}  // namespace bundle_match::app
