// The journal's file: what is written is read back, and only one run has it.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/journal.hpp"

#include "support/id_literals.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;
using test::read_file;
using test::write_file;

class JournalTest : public testing::Test {
 protected:
  // Six records after the parameters: S, A, D, R, M, E; two lines N before M.
  void write_a_run() const {
    Journal journal(path_);
    journal.write_parameters(parameters_);
    journal.write_start();
    journal.write_assigned("a.png");
    journal.write_died("a.png", "signal 11");
    ImageResult report;
    report.outcomes = {{12, 3, {}, {}, {}}};
    journal.write_result("a.png", report, {1_rank, "node", "plain"});
    journal.write_pairs({1, "a.png"}, report, {{0, "b.png"}});
    journal.write_end();
    journal.flush();
  }

  // Opens the journal and reads it; the kinds go to kinds_.
  JournalCondition read() {
    kinds_.clear();
    return Journal(path_).read([this](const JournalRecord& record) {
      kinds_.push_back(record.kind);
      if (record.kind == Kind::result) {
        EXPECT_EQ(record.computer, (Computer{1_rank, "node", "plain"}));
      }
      if (record.kind == Kind::pairs) {
        EXPECT_EQ(record.references, std::vector<std::string>{"b.png"});
      }
      if (record.kind == Kind::result || record.kind == Kind::pairs) {
        EXPECT_EQ(record.report.outcomes, (std::vector<PairOutcome>{{12, 3, {}, {}, {}}}));
      }
    });
  }

  test::TempDir dir_;
  const std::string path_ = dir_ / "counts.csv.journal";
  const RunParameters parameters_{{"nfeatures", "5000"}};
  const std::vector<Kind> all_ = {Kind::start,  Kind::assigned, Kind::died,
                                  Kind::result, Kind::pairs,    Kind::end};
  std::vector<Kind> kinds_;
};

TEST_F(JournalTest, IsMadeEmpty) {
  const auto found = read();
  EXPECT_FALSE(found.parameters);
  EXPECT_FALSE(found.whole_lines);
  EXPECT_EQ(found.bytes, 0U);
  EXPECT_EQ(found.damaged_lines, 0U);
}

TEST_F(JournalTest, GivesBackWhatWasWritten) {
  write_a_run();
  const auto found = read();
  EXPECT_EQ(found.parameters, parameters_);
  EXPECT_EQ(kinds_, all_);
  EXPECT_EQ(found.records, 6U);
  EXPECT_EQ(found.damaged_lines, 0U);
  EXPECT_EQ(found.good_bytes, found.bytes);
  EXPECT_EQ(found.bytes, read_file(path_).size());
}

TEST_F(JournalTest, IsAppendedTo) {
  write_a_run();
  {
    Journal journal(path_);
    journal.write_start();
    journal.sync();
  }
  EXPECT_EQ(read().records, 7U);
  EXPECT_EQ(kinds_.back(), Kind::start);
}

TEST_F(JournalTest, KeepsNothingThatWasNotFlushed) {
  {
    Journal journal(path_);
    journal.write_start();
  }
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(JournalTest, IsInTheKernelsHandsOnceFlushed) {
  Journal journal(path_);
  journal.write_start();
  journal.flush();
  EXPECT_EQ(read_file(path_), "9a02c3d901b79e61\tS\n");
}

TEST_F(JournalTest, KeepsLinesLongerThanItsBuffer) {
  const std::string name(200000, 'x');
  {
    Journal journal(path_);
    journal.write_parameters(parameters_);
    for (int i = 0; i < 3; ++i) {
      journal.write_assigned(name + std::to_string(i));
    }
    journal.flush();
  }
  int next = 0;
  const auto found = Journal(path_).read(
      [&](const JournalRecord& record) { EXPECT_EQ(record.path, name + std::to_string(next++)); });
  EXPECT_EQ(found.records, 3U);
  EXPECT_EQ(found.damaged_lines, 0U);
}

TEST_F(JournalTest, TellsATornLastLine) {
  write_a_run();
  const std::string whole = read_file(path_);
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = last + 1; size < whole.size(); ++size) {
    write_file(path_, whole.substr(0, size));
    const auto found = read();
    EXPECT_EQ(found.records, 5U);
    EXPECT_EQ(found.damaged_lines, 1U);
    EXPECT_EQ(found.good_bytes, last);
    EXPECT_EQ(found.bytes, size);
  }
}

TEST_F(JournalTest, SkipsDamageInTheMiddle) {
  write_a_run();
  std::string bytes = read_file(path_);
  const std::size_t died = bytes.find("\tD\t");
  bytes[died + 3] = 'X';
  write_file(path_, bytes);
  const auto found = read();
  EXPECT_EQ(kinds_,
            (std::vector<Kind>{Kind::start, Kind::assigned, Kind::result, Kind::pairs, Kind::end}));
  EXPECT_EQ(found.damaged_lines, 1U);
  EXPECT_EQ(found.good_bytes, found.bytes) << "what comes after the damage is good";
}

TEST_F(JournalTest, HasNoParametersIfItsFirstLineIsDamaged) {
  write_a_run();
  std::string bytes = read_file(path_);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  write_file(path_, bytes);
  const auto found = read();
  EXPECT_FALSE(found.parameters);
  EXPECT_TRUE(found.whole_lines);
  EXPECT_EQ(found.records, 6U);
}

TEST_F(JournalTest, IsCutWhereItIsGood) {
  write_a_run();
  const std::string whole = read_file(path_);
  write_file(path_, whole + "torn");
  {
    Journal journal(path_);
    journal.truncate(journal.read([](const JournalRecord&) {}).good_bytes);
    journal.write_start();
    journal.flush();
  }
  EXPECT_EQ(read().damaged_lines, 0U);
  EXPECT_EQ(read_file(path_), whole + "9a02c3d901b79e61\tS\n");
}

TEST_F(JournalTest, HasOneRunAtATime) {
  {
    const Journal first(path_);
    try {
      const Journal second(path_);
      ADD_FAILURE() << "both have it";
    } catch (const JournalError& error) {
      EXPECT_TRUE(error.in_use());
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
  }
  EXPECT_NO_THROW(Journal{path_});
}

TEST_F(JournalTest, CannotBeInAFolderThatIsNotThere) {
  const std::string nowhere = dir_ / "no/such/folder.journal";
  try {
    const Journal journal(nowhere);
    ADD_FAILURE() << "it can";
  } catch (const JournalError& error) {
    EXPECT_FALSE(error.in_use());
    EXPECT_NE(std::string(error.what()).find(nowhere), std::string::npos) << error.what();
  }
}

TEST_F(JournalTest, SaysThatTheDiskIsFull) {
  if (::access("/dev/full", W_OK) != 0) {
    GTEST_SKIP() << "no /dev/full";
  }
  ::symlink("/dev/full", path_.c_str());
  Journal journal(path_);
  journal.write_start();
  try {
    journal.flush();
    ADD_FAILURE() << "it is not";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOSPC);
    EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
  }
  EXPECT_NO_THROW(journal.flush()) << "what could not be written is not tried again";
}

}  // namespace
}  // namespace bundle_match::results
