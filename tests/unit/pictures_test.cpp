// Which pictures are chosen, kept and written, and the phase that has them drawn.
// SPDX-License-Identifier: Apache-2.0
#include "output/pictures.hpp"

#include "output/picture_files.hpp"
#include "sink/draw_stage.hpp"
#include "support/id_literals.hpp"
#include "support/image_results.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

namespace bundle_match::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ImageResult picture_report(const std::vector<std::uint32_t>& matches) {
  ImageResult report;
  for (const std::uint32_t count : matches) {
    report.outcomes.push_back({count, 100 - count, {}, {}, {}});
  }
  return report;
}

class Selection : public testing::Test {
 protected:
  Selection() {
    const std::int32_t computer = results_.add_computer({});
    results_.record(computer, 0_image, picture_report({5, 6}));
    results_.record(computer, 1_image, picture_report({9, 1}));
    results_.record(computer, 2_image, test::failure_of("empty file"));
    results_.record(computer, 3_image, picture_report({5, 5}));
  }

  const WorkPlan plan_{5, 2};  // the last image has no result
  results::ResultTable results_{plan_};
};

TEST_F(Selection, HasEveryPairThatIsOk) {
  EXPECT_THAT(pairs_to_draw(results_, false, {}),
              ElementsAre(PictureTask{0_image, 0_reference}, PictureTask{1_image, 0_reference},
                          PictureTask{3_image, 0_reference}, PictureTask{0_image, 1_reference},
                          PictureTask{1_image, 1_reference}, PictureTask{3_image, 1_reference}));
}

TEST_F(Selection, HasTheBestOfEachReference) {
  EXPECT_THAT(pairs_to_draw(results_, false, 1),
              ElementsAre(PictureTask{1_image, 0_reference}, PictureTask{0_image, 1_reference}));
  EXPECT_THAT(pairs_to_draw(results_, true, 1),
              ElementsAre(PictureTask{0_image, 0_reference}, PictureTask{1_image, 1_reference}));
}

TEST_F(Selection, HasTheBestOfTheRun) {
  EXPECT_THAT(best_pairs(results_, false, 3),
              ElementsAre(PictureTask{1_image, 0_reference}, PictureTask{0_image, 1_reference},
                          PictureTask{0_image, 0_reference}));
  EXPECT_THAT(best_pairs(results_, true, 1), ElementsAre(PictureTask{1_image, 1_reference}));
}

TEST_F(Selection, HasTheBestAndTheWorstImagesOnce) {
  using Images = std::vector<CountedImage>;
  EXPECT_EQ(best_and_worst(results_, false, 1, 1), (Images{{9, 1_image}, {5, 3_image}}));
  EXPECT_EQ(best_and_worst(results_, false, 2, 2),
            (Images{{9, 1_image}, {6, 0_image}, {5, 3_image}}));
  EXPECT_EQ(best_and_worst(results_, false, 0, 2), (Images{{6, 0_image}, {5, 3_image}}));
}

TEST(SelectionOfAllPairs, CountsAnImageAsReferenceToo) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(3));
  results::ResultTable results(plan);
  for (const ImageIndex image : plan.image_ids()) {
    results.record(results.add_computer({}), image, picture_report({}));
  }
  results.record_pairs(1_image, picture_report({7}), {0_reference, 1});
  results.record_pairs(2_image, picture_report({3, 9}), {0_reference, 2});
  EXPECT_THAT(pairs_to_draw(results, false, 2),
              ElementsAre(PictureTask{2_image, 1_reference}, PictureTask{1_image, 0_reference}));
  EXPECT_EQ(best_and_worst(results, false, 3, 0),
            (std::vector<CountedImage>{{9, 1_image}, {9, 2_image}, {7, 0_image}}));
}

struct Offered {
  ImageIndex image;
  ImageResult result;
  MatchAnswer answer;
};

TEST(PictureKeeperTest, KeepsTheBestAndTheWorstInWhateverOrderTheyCome) {
  std::vector<Offered> all;
  for (const ImageIndex image : first_ids<ImageIndex>(50)) {
    // Counts come three times each; the thumbnail tells the image.
    all.push_back({image, picture_report({static_cast<std::uint32_t>(image.value() / 3), 0}), {}});
    all.back().answer.thumbnail = std::to_string(image.value());
  }
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    PictureKeeper keeper(2, 4);
    for (const Offered& it : all) {
      keeper.offer(it.image, it.result, it.answer, false);
    }
    std::vector<std::uint64_t> kept;
    for (const ImageIndex image : first_ids<ImageIndex>(50)) {
      const std::string* const jpeg =
          keeper.find({static_cast<std::uint32_t>(image.value() / 3), image});
      if (jpeg != nullptr) {
        EXPECT_EQ(*jpeg, std::to_string(image.value()));
        kept.push_back(image.value());
      }
    }
    EXPECT_THAT(kept, ElementsAre(0, 1, 2, 5, 48, 49));
  }
}

TEST(PictureKeeperTest, TakesNothingFromAnswersWithoutAny) {
  PictureKeeper keeper(2, 2);
  MatchAnswer answer;
  keeper.offer(1_image, picture_report({5}), answer, false);
  EXPECT_EQ(keeper.find({5, 1_image}), nullptr);
  answer.thumbnail = "jpeg";
  keeper.offer(1_image, picture_report({5}), answer, true);
  EXPECT_NE(keeper.find({95, 1_image}), nullptr) << "by inliers";
}

TEST(PictureKeeperTest, KeepsThePointsOfTheBestPairs) {
  PictureKeeper keeper(0, 0, 2);
  for (const std::uint32_t count : {3U, 9U, 5U, 7U}) {
    MatchAnswer answer;
    answer.drawable = DrawablePair{0_reference, {{1, 2, 3, static_cast<float>(count), true}}};
    keeper.offer(ImageIndex(count), picture_report({count, 1}), answer, false);
  }
  EXPECT_EQ(keeper.points({3_image, 0_reference}), nullptr);
  EXPECT_EQ(keeper.points({5_image, 0_reference}), nullptr);
  ASSERT_NE(keeper.points({7_image, 0_reference}), nullptr);
  EXPECT_EQ(keeper.points({7_image, 0_reference})->front().image_y, 7);
  EXPECT_NE(keeper.points({9_image, 0_reference}), nullptr);
  EXPECT_EQ(keeper.points({9_image, 1_reference}), nullptr) << "of another reference";
}

TEST(PictureFilesTest, AppearsWholeUnderASafeName) {
  const test::TempDir dir;
  const PictureFiles files(dir / "new/folder", PictureFormat::jpeg, false);
  EXPECT_FALSE(files.has("r.png", "../a b.png"));
  files.write("r.png", "../a b.png", "jpeg");
  EXPECT_TRUE(files.has("r.png", "../a b.png"));
  EXPECT_TRUE(std::filesystem::is_regular_file(dir / "new/folder/%2E.%2Fa%20b.png.jpg"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir / "new/folder"), {}), 1);
  files.write("r.png", "empty", "");
  EXPECT_FALSE(files.has("r.png", "empty"));
}

TEST(PictureFilesTest, HasAFolderAReferenceIfThereAreSeveral) {
  const test::TempDir dir;
  const PictureFiles files(dir / "d", PictureFormat::png, true);
  files.write("r/1.png", "a.png", "png");
  EXPECT_TRUE(std::filesystem::is_regular_file(dir / "d/r%2F1.png/a.png.png"));
  EXPECT_FALSE(files.has("r2.png", "a.png"));
}

class DrawStageTest : public testing::Test {
 protected:
  static RunInput input() {
    RunInput input;
    for (const char* path : {"a", "b", "c"}) {
      input.images.add(path);
    }
    input.given_references.add("r");
    input.given_references.add("s");
    return input;
  }

  [[nodiscard]] DrawOrders orders(std::vector<PictureTask> pictures, PictureFormat format) const {
    return {input_, std::move(pictures), format, Deaths(), kept_};
  }

  const RunInput input_ = input();
  spdlog::logger log_{"test"};
  Ledger ledger_{input_, log_};
  PictureKeeper kept_{1, 1, 2};
};

TEST_F(DrawStageTest, SendsThePointsThatAreKnown) {
  MatchAnswer answer;
  answer.drawable = DrawablePair{1_reference, {{1, 2, 3, 4, false}}};
  kept_.offer(1_image, picture_report({4, 8}), answer, false);
  const DrawOrders draw =
      orders({{1_image, 0_reference}, {1_image, 1_reference}, {2_image, 1_reference}},
             PictureFormat::jpeg);
  EXPECT_THAT(std::get<DrawWork>(draw.work(TaskId(0))).points, IsEmpty());
  EXPECT_EQ(std::get<DrawWork>(draw.work(TaskId(1))).points, answer.drawable->points);
  EXPECT_THAT(std::get<DrawWork>(draw.work(TaskId(2))).points, IsEmpty());
}

TEST_F(DrawStageTest, OrdersEachPictureOnceImageByImage) {
  const DrawOrders draw = orders({{2_image, 1_reference},
                                  {1_image, 0_reference},
                                  {2_image, 1_reference},
                                  {1_image, std::nullopt}},
                                 PictureFormat::png);
  ASSERT_EQ(draw.size(), 3U);
  EXPECT_EQ(draw.picture(TaskId(1)), (PictureTask{1_image, 0_reference}));
  const Order thumbnail = draw.order(TaskId(0), OrderId(7));
  EXPECT_EQ(thumbnail.id, OrderId(7));
  EXPECT_EQ(thumbnail.path, "b");
  EXPECT_TRUE(std::holds_alternative<ThumbnailWork>(thumbnail.work));
  const Order pair = draw.order(TaskId(2), OrderId(8));
  EXPECT_EQ(pair.path, "c");
  EXPECT_EQ(pair.work, Work(DrawWork{1_reference, "s", std::nullopt, PictureFormat::png, {}}));
  EXPECT_THROW((void)draw.work(TaskId(3)), std::out_of_range);
}

TEST_F(DrawStageTest, KeepsPicturesAndCountsFailures) {
  std::vector<PictureTask> kept;
  const DrawOrders draw =
      orders({{0_image, 0_reference}, {1_image, 0_reference}, {2_image, 0_reference}},
             PictureFormat::jpeg);
  DrawKeeper keeper(ledger_, draw, [&](const PictureTask& picture, const std::string& bytes) {
    if (bytes == "no room") {
      throw std::system_error(ENOSPC, std::generic_category());
    }
    kept.push_back(picture);
  });
  OrderResult result;
  result.answer = PictureAnswer{"jpeg"};
  keeper.take({0_rank, TaskId(0), result});
  result.answer = PictureAnswer{"no room"};
  keeper.take({0_rank, TaskId(1), result});
  result.answer = {};
  result.status = ImageStatus::unreadable;
  keeper.take({0_rank, TaskId(2), result});
  EXPECT_THAT(kept, ElementsAre(PictureTask{0_image, 0_reference}));
  EXPECT_EQ(keeper.taken(), 3U);
  EXPECT_EQ(keeper.failed(), 2U);
}

}  // namespace
}  // namespace bundle_match::app
