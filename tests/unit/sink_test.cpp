// The sink without ranks: what it answers, what it writes, and what it makes of failures.
// SPDX-License-Identifier: Apache-2.0
#include "sink/sink.hpp"

#include "bundle_match/features/feature_codec.hpp"
#include "support/id_literals.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace bundle_match::app {
namespace {

using test::read_file;
using test::write_file;

DescribeAnswer some_features() {
  features::DescribedImage image;
  image.features.keypoints.resize(1);
  image.features.descriptors.resize(features::kSiftDescriptorBytes);
  return {features::encode_features(image)};
}

OrderResult described(std::uint32_t keypoints) {
  OrderResult result;
  result.keypoints = keypoints;
  result.answer = some_features();
  return result;
}

OrderResult matched(std::uint32_t matches) {
  OrderResult result;
  result.keypoints = 100;
  result.answer = MatchAnswer{{{matches, 0, {}, {}, {}}}, "", "", {}};
  return result;
}

class SinkTest : public testing::Test {
 protected:
  SinkTest() {
    write_file(dir_ / "reference.png", "the reference's bytes");
    input_.given_references.add(dir_ / "reference.png");
    for (const char* path : {"a", "b", "c"}) {
      input_.hand_out_order.push_back(ImageIndex(input_.images.size()));
      input_.images.add(path);
    }
    input_.hosts = ById<Rank, std::string>({"here", "there"});
    input_.command.output = dir_ / "out/counts.csv";
    std::filesystem::create_directory(dir_ / "out");
  }

  Sink& sink() {
    return sink_ ? *sink_ : sink_.emplace(input_, console_, std::chrono::steady_clock::now());
  }

  // The next answer but Stored, which is added up.
  SinkEvent answer() {
    sink().flush();
    for (;;) {
      auto event = sink().try_event();
      if (!event) {
        std::this_thread::yield();
      } else if (const auto* const stored = std::get_if<machine::Stored>(&*event)) {
        stored_ += stored->items;
      } else {
        return std::move(*event);
      }
    }
  }

  SinkEvent open_stage() {
    sink().open_stage(0);
    return answer();
  }

  // The tasks of matching are 0 to 2; this one describes the reference.
  static constexpr TaskId kDescribing{3};

  // Opens the stage, and has its reference described.
  void begin_matching() {
    ASSERT_TRUE(std::holds_alternative<OpenedStage>(open_stage()));
    sink().keep({0_rank, kDescribing, described(1), false});
    ASSERT_TRUE(std::holds_alternative<MadeReferences>(answer()));
  }

  void keep(std::uint64_t task, OrderResult result, Rank rank = 0_rank,
            bool rank_0_sees_file = false) {
    sink().begin(TaskId(task), std::nullopt);
    sink().keep({rank, TaskId(task), std::move(result), rank_0_sees_file});
  }

  template <class Expected>
  static Expected outcome_of(SinkEvent event) {
    if (const auto* const over = std::get_if<machine::WorkOver>(&event)) {
      EXPECT_TRUE(std::holds_alternative<Expected>(over->outcome));
      return std::get<Expected>(over->outcome);
    }
    ADD_FAILURE() << "the work is not over";
    return {};
  }

  test::TempDir dir_;
  RunInput input_;
  Console console_{false, true};
  std::optional<Sink> sink_;
  std::size_t stored_ = 0;
};

TEST_F(SinkTest, OpensStageAfterStageAndWritesTheOutput) {
  auto opened = open_stage();
  auto* const stage = std::get_if<OpenedStage>(&opened);
  ASSERT_NE(stage, nullptr);
  EXPECT_EQ(stage->tasks, (LargeVector<TaskId>{kDescribing, TaskId(0), TaskId(1), TaskId(2)}));
  EXPECT_EQ(stage->needs_references_below, kDescribing);
  EXPECT_TRUE(stage->rank_0_alone);
  EXPECT_TRUE(stage->keeps_journal);
  EXPECT_FALSE(stage->references);
  EXPECT_EQ(stage->orders->order(kDescribing, OrderId(5)),
            (Order{OrderId(5), dir_ / "reference.png", 0, std::nullopt, DescribeWork{}}));
  EXPECT_EQ(stage->orders->order(TaskId(1), OrderId(6)),
            (Order{OrderId(6), "b", 0, std::nullopt, MatchWork{{0_reference, 1}}}));
  sink().keep({0_rank, kDescribing, described(1), false});
  auto event = answer();
  const auto* const made = std::get_if<MadeReferences>(&event);
  ASSERT_NE(made, nullptr);
  EXPECT_TRUE(made->references->valid());
  keep(2, matched(30));
  keep(0, matched(10));
  keep(1, matched(20));

  EXPECT_FALSE(outcome_of<Finished>(open_stage()).some_failed);
  EXPECT_EQ(stored_, 4U);
  EXPECT_EQ(read_file(dir_ / "out/counts.csv"),
            "reference,path,status,matches,keypoints,width,height,reason\r\n" +
                (dir_ / "reference.png") + ",a,ok,10,100,,,\r\n" + (dir_ / "reference.png") +
                ",b,ok,20,100,,,\r\n" + (dir_ / "reference.png") + ",c,ok,30,100,,,\r\n");
}

TEST_F(SinkTest, TellsWhenItIsNotedThatATaskIsBegun) {
  begin_matching();
  sink().begin(TaskId(1), OrderId(9));
  auto event = answer();
  const auto* const noted = std::get_if<Noted>(&event);
  ASSERT_NE(noted, nullptr);
  EXPECT_EQ(noted->order, OrderId(9));
  EXPECT_NE(read_file(dir_ / "out/counts.csv.journal").find("\tA\tb\n"), std::string::npos);
}

TEST_F(SinkTest, TellsThatAnotherHostDoesNotSeeAFile) {
  begin_matching();
  OrderResult missing;
  missing.status = ImageStatus::unreadable;
  missing.not_found = true;
  missing.reason = "No such file or directory";
  keep(0, missing, 1_rank, true);
  keep(1, missing, 1_rank, false);
  keep(2, matched(1));
  EXPECT_TRUE(outcome_of<Finished>(open_stage()).some_failed);
  const std::string rows = read_file(dir_ / "out/counts.csv");
  EXPECT_NE(
      rows.find(",a,unreadable,,,,,\"there does not see this file, which rank 0 on here sees"),
      std::string::npos)
      << rows;
  EXPECT_NE(rows.find(",b,unreadable,,,,,No such file or directory"), std::string::npos) << rows;
}

TEST_F(SinkTest, RefusesAnOutputThatCannotBeWritten) {
  input_.command.output = dir_ / "no/such/folder/counts.csv";
  outcome_of<Refused>(open_stage());
}

TEST_F(SinkTest, RefusesMorePairsThanThereIsMemoryFor) {
  input_.command.all_pairs = true;
  for (int image = 0; image < 500000; ++image) {
    input_.images.add("i");
  }
  input_.pairs = std::make_shared<const PairSet>(PairSet::all(input_.images.size()));
  outcome_of<Refused>(open_stage());
}

TEST_F(SinkTest, DoesNotUseAReferenceWithoutFeatures) {
  ASSERT_TRUE(std::holds_alternative<OpenedStage>(open_stage()));
  sink().begin(TaskId(0), std::nullopt);
  sink().keep({0_rank, kDescribing, described(0), false});
  outcome_of<ReferenceUnusable>(answer());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/counts.csv.journal"))
      << "nothing is left behind";
}

TEST_F(SinkTest, KeepsTheJournalOfAnEarlierRunIfTheReferenceIsBadNow) {
  begin_matching();
  keep(1, matched(20));
  sink_.reset();
  ASSERT_TRUE(std::holds_alternative<OpenedStage>(open_stage()));
  sink().keep({0_rank, kDescribing, described(0), false});
  outcome_of<ReferenceUnusable>(answer());
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/counts.csv.journal"));
}

TEST_F(SinkTest, KeepsAnImageThatFailsBeforeTheReferencesAreMade) {
  ASSERT_TRUE(std::holds_alternative<OpenedStage>(open_stage()));
  OrderResult unreadable;
  unreadable.status = ImageStatus::unreadable;
  unreadable.reason = "damaged";
  keep(0, unreadable);
  sink().keep({0_rank, kDescribing, described(1), false});
  ASSERT_TRUE(std::holds_alternative<MadeReferences>(answer()));
  keep(1, matched(1));
  keep(2, matched(2));
  EXPECT_TRUE(outcome_of<Finished>(open_stage()).some_failed);
  EXPECT_NE(read_file(dir_ / "out/counts.csv").find(",a,unreadable,,,,,damaged"),
            std::string::npos);
}

TEST_F(SinkTest, MatchesAReferenceThatIsAnImageWithoutReadingItAgain) {
  input_.images.add(dir_ / "reference.png");
  input_.hand_out_order.push_back(ImageIndex(3));
  auto opened = open_stage();
  auto* const stage = std::get_if<OpenedStage>(&opened);
  ASSERT_NE(stage, nullptr);
  EXPECT_EQ(stage->orders->work(TaskId(3)),
            (Work{MatchDescribedWork{0_reference, {0_reference, 1}}}));
  EXPECT_EQ(stage->orders->work(TaskId(2)), (Work{MatchWork{{0_reference, 1}}}));
  OrderResult reference = described(100);
  reference.width = 640;
  reference.height = 480;
  reference.reason = "decoder: half of it is missing";
  sink().keep({0_rank, TaskId(4), reference, false});
  ASSERT_TRUE(std::holds_alternative<MadeReferences>(answer()));
  for (std::uint64_t task = 0; task < 4; ++task) {
    keep(task, matched(50));
  }
  EXPECT_FALSE(outcome_of<Finished>(open_stage()).some_failed);
  const std::string rows = read_file(dir_ / "out/counts.csv");
  EXPECT_NE(rows.find("reference.png,ok,50,100,640,480,decoder: half of it is missing"),
            std::string::npos)
      << rows;
}

TEST_F(SinkTest, EndsEarlyAndGoesOnFromThere) {
  begin_matching();
  keep(1, matched(20));
  sink().note_end_asked();
  sink().abandon_stage();
  outcome_of<Interrupted>(answer());
  sink_.reset();
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/counts.csv"));

  auto event = open_stage();
  auto* const stage = std::get_if<OpenedStage>(&event);
  ASSERT_NE(stage, nullptr);
  EXPECT_EQ(stage->tasks, (LargeVector<TaskId>{kDescribing, TaskId(0), TaskId(2)}));
}

TEST_F(SinkTest, SaysThatTheOutputIsLostAndKeepsNothingAnyMore) {
  begin_matching();
  for (std::uint64_t task = 0; task < 3; ++task) {
    keep(task, matched(1));
  }
  std::filesystem::rename(dir_ / "out", dir_ / "moved");
  auto event = open_stage();
  const auto* const failed = std::get_if<machine::SinkFailed>(&event);
  ASSERT_NE(failed, nullptr);
  const auto* const lost = std::get_if<OutputLost>(&failed->outcome);
  ASSERT_NE(lost, nullptr);
  EXPECT_NE(lost->error.find("counts.csv"), std::string::npos) << lost->error;

  std::filesystem::rename(dir_ / "moved", dir_ / "out");
  sink().write_ending(Finished{}, {});
  auto ending = answer();
  const auto* const written = std::get_if<machine::EndingWritten>(&ending);
  ASSERT_NE(written, nullptr);
  EXPECT_EQ(written->outcome, Outcome(*lost));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/counts.csv"));
}

TEST_F(SinkTest, TellsADefectFromAnOutputThatIsLost) {
  ASSERT_TRUE(std::holds_alternative<OpenedStage>(open_stage()));
  sink().keep({0_rank, TaskId(7), described(1), false});  // there is no such task
  auto event = answer();
  const auto* const failed = std::get_if<machine::SinkFailed>(&event);
  ASSERT_NE(failed, nullptr);
  EXPECT_TRUE(std::holds_alternative<Defect>(failed->outcome));
}

}  // namespace
}  // namespace bundle_match::app
