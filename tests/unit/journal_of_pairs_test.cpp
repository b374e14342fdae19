// Journals of all pairs, of several runs: numbers of paths, and damage.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/journal.hpp"
#include "support/all_pairs_run.hpp"
#include "support/image_results.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;
using test::AllPairsRun;
using test::check_pairs;
using test::outcome;
using test::report_of;

class JournalOfPairs : public testing::Test {
 protected:
  // Every third task by the first run, the rest by the next one. It gives other numbers, as the
  // first one had another image before.
  void write_two_runs(std::size_t images) const {
    for (const bool first : {true, false}) {
      const AllPairsRun run(images, "photos", first ? 2 : 0);
      Journal journal(path_);
      if (first) {
        journal.write_parameters({{"nfeatures", "5000"}});
      }
      journal.write_start();
      if (first) {
        const ImageResult report = report_of({outcome(AllPairsRun::matches("a", "b"))});
        journal.write_pairs({1, "a"}, report, {{0, "b"}});
      }
      for (TaskId id; id.value() < run.plan().task_count(); ++id) {
        if ((id.value() % 3 == 0) == first) {
          run.write(id, [&](const auto&... arguments) { journal.write_pairs(arguments...); });
        }
      }
      journal.write_end();
      journal.flush();
    }
  }

  [[nodiscard]] std::size_t pairs_of() const {
    std::size_t pairs = 0;
    Journal(path_).read([&](const JournalRecord& record) {
      pairs += record.kind == Kind::pairs ? check_pairs(record) : 0;
    });
    return pairs;
  }

  test::TempDir dir_;
  const std::string path_ = dir_ / "pairs.csv.journal";
};

TEST_F(JournalOfPairs, HasThePairsOfAllRuns) {
  const AllPairsRun run(150, "photos");
  write_two_runs(150);
  EXPECT_EQ(pairs_of(), run.plan().pairs() + 1);
  const auto found = Journal(path_).read([](const JournalRecord&) {});
  EXPECT_EQ(found.damaged_lines, 0U);
  EXPECT_EQ(found.good_bytes, found.bytes);
  EXPECT_EQ(found.records, run.plan().task_count() + 5)
      << "S and E; numbers are no records of their own";
}

TEST_F(JournalOfPairs, HasNothingOfNoPairs) {
  Journal journal(path_);
  journal.write_pairs({0, "a"}, {}, {});
  journal.flush();
  EXPECT_EQ(test::read_file(path_), "");
}

TEST_F(JournalOfPairs, NumbersPathsAnewWhenItWasCut) {
  const AllPairsRun run(3, "photos");
  const auto write = [&](Journal& journal) {
    run.write(TaskId(0), [&](const auto&... arguments) { journal.write_pairs(arguments...); });
    journal.flush();
  };
  {
    Journal journal(path_);
    journal.write_parameters({{"nfeatures", "5000"}});
    journal.flush();
    const auto good_bytes = journal.read([](const JournalRecord&) {}).good_bytes;
    write(journal);
    journal.truncate(good_bytes);
    write(journal);
  }
  EXPECT_EQ(pairs_of(), 1U);
}

TEST_F(JournalOfPairs, HasTheImagesThatWereChosen) {
  {
    Journal journal(path_);
    journal.write_parameters({{"nfeatures", "5000"}});
    journal.write_choice({7, "d"}, 3, {{{5, "b"}, 1}, {{6, "c"}, 0.12345}, {{1, "a"}, 0}});
    journal.write_choice({1, "a"}, 3, {});
    journal.flush();
  }
  std::vector<JournalRecord> records;
  const auto found = Journal(path_).read([&](const JournalRecord& it) { records.push_back(it); });
  EXPECT_EQ(found.damaged_lines, 0U);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].kind, Kind::choice);
  EXPECT_EQ(records[0].path, "d");
  EXPECT_EQ(records[0].wanted, 3U);
  EXPECT_EQ(records[0].references, (std::vector<std::string>{"b", "c", "a"}));
  EXPECT_EQ(records[0].similarities, (std::vector<double>{1, 0.1235, 0}));
  EXPECT_EQ(records[1].path, "a");
  EXPECT_TRUE(records[1].references.empty());
}

TEST_F(JournalOfPairs, HasNoChoiceOfAnImageThatIsNotKnown) {
  {
    Journal journal(path_);
    journal.write_parameters({{"nfeatures", "5000"}});
    journal.write_choice({0, "a"}, 1, {{{1, "b"}, 1}});
    journal.flush();
  }
  std::string bytes = test::read_file(path_);
  bytes.erase(bytes.find('\n') + 1, bytes.find('\n', bytes.find('\n') + 1) - bytes.find('\n'));
  test::write_file(path_, bytes);
  const auto found = Journal(path_).read([](const JournalRecord&) { ADD_FAILURE(); });
  EXPECT_EQ(found.damaged_lines, 1U);
}

TEST_F(JournalOfPairs, NeverHasAWrongPairAfterDamage) {
  const AllPairsRun run(40, "photos");
  write_two_runs(40);
  const std::string whole = test::read_file(path_);
  std::mt19937 random(4711);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  std::size_t kept = 0;
  constexpr int kDamages = 300;
  for (int i = 0; i < kDamages; ++i) {
    std::string bytes = whole;
    for (std::size_t damages = 1 + below(3); damages > 0; --damages) {
      // Whole lines are moved, too: each of them is good.
      const auto line_at = [&] { return bytes.find('\n', below(bytes.size() / 2)) + 1; };
      const std::size_t at = line_at();
      const std::size_t size = bytes.find('\n', at) + 1 - at;
      switch (below(4)) {
        case 0:
          bytes[below(bytes.size())] ^= 4;
          break;
        case 1:
          bytes.erase(at, size);
          break;
        case 2:
          bytes.insert(line_at(), bytes.substr(at, size));
          break;
        default:
          bytes.erase(below(bytes.size()), below(300));
      }
    }
    test::write_file(path_, bytes);
    kept += pairs_of();
    ASSERT_FALSE(HasFailure()) << "damage " << i;
  }
  std::cout << kept / kDamages << " of " << run.plan().pairs() << " pairs are kept\n";
  EXPECT_GT(kept, kDamages * run.plan().pairs() / 2);
}

}  // namespace
}  // namespace bundle_match::results
