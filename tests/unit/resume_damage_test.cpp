// Going on with a damaged journal: the same results in the end, or a clear error; never a wrong
// count.
// SPDX-License-Identifier: Apache-2.0
#include "resume/resume.hpp"
#include "support/id_literals.hpp"
#include "support/resume_fixture.hpp"

#include <algorithm>
#include <iostream>
#include <random>

namespace bundle_match::app {
namespace {

class ResumeDamageTest : public test::ResumeFixture {
 protected:
  // Three runs: one killed, one with a death and a failure, one that ended in order.
  ResumeDamageTest() {
    {
      const Resumed run = resume();
      compute(*run.journal, 0);
      run.journal->write_assigned(paths_[1]);
      run.journal->flush();
    }
    {
      const Resumed run = resume();
      run.journal->write_assigned(paths_[3]);
      run.journal->write_died(paths_[3], "signal 11");
      run.journal->write_result(paths_[3], truth(3), {2_rank, "other", "avx2"});
      run.journal->write_end();
      run.journal->flush();
    }
    Resumed run = resume();
    finish(run);
    run.journal.reset();
    whole_ = test::read_file(journal_path());
  }

  // Goes on with these bytes as journal; then with what that run left.
  void goes_on_with(const std::string& bytes) {
    test::write_file(journal_path(), bytes);
    try {
      Resumed run = resume();
      ASSERT_TRUE(results_are_true());
      const std::size_t done = results_.done();
      finish(run);
      run.journal.reset();
      (void)resume();
      ASSERT_EQ(results_.done(), kImages) << "the run after a damage is not whole";
      ASSERT_TRUE(results_are_true());
      kept_ += done;
      ++gone_on_;
    } catch (const ResumeError& error) {
      ASSERT_NE(std::string(error.what()).find("--overwrite"), std::string::npos) << error.what();
      ++refused_;
    }
  }

  std::string whole_;
  std::size_t kept_ = 0;  // results, over all journals
  int gone_on_ = 0;
  int refused_ = 0;
};

TEST_F(ResumeDamageTest, GoesOnFromEveryCut) {
  for (std::size_t size = 0; size <= whole_.size(); ++size) {
    goes_on_with(whole_.substr(0, size));
    ASSERT_FALSE(HasFatalFailure()) << "cut after " << size << " bytes";
  }
  EXPECT_EQ(refused_, 0);
  std::cout << gone_on_ << " cuts\n";
}

TEST_F(ResumeDamageTest, SaysOnceThatTheLastRecordIsTorn) {
  test::write_file(journal_path(), whole_.substr(0, whole_.size() - 1));
  (void)resume();
  EXPECT_NE(said_.find("1 damaged record dropped"), std::string::npos) << said_;
  (void)resume();
  EXPECT_EQ(said_.find("damaged"), std::string::npos) << said_;
}

TEST_F(ResumeDamageTest, RefusesAJournalOfWhichTheFirstLineIsDamaged) {
  std::string bytes = whole_;
  bytes[30] = static_cast<char>(bytes[30] ^ 1);
  test::write_file(journal_path(), bytes);
  EXPECT_NE(refusal().find("damaged at its beginning"), std::string::npos);
  EXPECT_EQ(test::read_file(journal_path()), bytes) << "it may still be of use to somebody";
}

// Their lines are sound, so that nothing but the numbers tells.
TEST_F(ResumeDamageTest, ComputesAgainWhatRecordsOfOtherRunsHold) {
  {
    results::Journal journal(journal_path());
    ImageResult two = truth(0);
    two.outcomes.resize(2);
    journal.write_result(paths_[0], two, {1_rank, "node", "plain"});
    ImageResult none = truth(1);
    none.outcomes.clear();
    journal.write_result(paths_[1], none, {1_rank, "node", "plain"});
    journal.write_pairs({2, paths_[2]}, truth(2), {{1, paths_[1]}});
    journal.flush();
  }
  goes_on_with(test::read_file(journal_path()));
  EXPECT_EQ(gone_on_, 1);
}

TEST_F(ResumeDamageTest, NeverGivesAWrongCountAfterDamage) {
  constexpr int kDamages = 1000;
  constexpr unsigned kSeed = 4711;
  std::mt19937 random(kSeed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int i = 0; i < kDamages; ++i) {
    std::string bytes = whole_;
    for (std::size_t damages = 1 + below(3); damages > 0 && !bytes.empty(); --damages) {
      const std::size_t at = below(bytes.size());
      const std::size_t size = 1 + below(200);
      switch (below(6)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 1:
          for (std::size_t j = at; j < std::min(at + size, bytes.size()); ++j) {
            bytes[j] = static_cast<char>(random());
          }
          break;
        case 2:
          bytes.erase(at, size);
          break;
        case 3:
          bytes.insert(at, bytes.substr(below(bytes.size()), size));
          break;
        case 4:
          bytes[at] = '\n';
          break;
        default:
          bytes.replace(at, bytes.size(), bytes.size() - at, '\0');
      }
    }
    goes_on_with(bytes);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << kSeed << ", damage " << i;
  }
  std::cout << "seed " << kSeed << ": " << gone_on_ << " gone on with, " << refused_ << " refused; "
            << kept_ << " results kept\n";
  EXPECT_GT(gone_on_, kDamages / 2);
  EXPECT_GT(refused_, 0);
  EXPECT_GT(kept_, static_cast<std::size_t>(kDamages));
}

}  // namespace
}  // namespace bundle_match::app
