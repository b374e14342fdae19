// Which pictures are chosen, kept and written, and the phase that has them drawn.
// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include "draw_phase.hpp"
#include "picture_files.hpp"
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

ImageReport report_of(ImageIndex image, const std::vector<std::uint32_t>& matches) {
  ImageReport report;
  report.image = image;
  for (const std::uint32_t count : matches) {
    report.outcomes.push_back({count, 100 - count, {}, {}, {}});
  }
  return report;
}

ImageReport failed_report(ImageIndex image) {
  ImageReport report = report_of(image, {});
  report.status = ImageStatus::unreadable;
  report.reason = "empty file";
  return report;
}

class Selection : public testing::Test {
 protected:
  Selection() {
    const std::int32_t computer = results_.add_computer({});
    results_.record(computer, report_of(0, {5, 6}));
    results_.record(computer, report_of(1, {9, 1}));
    results_.record(computer, failed_report(2));
    results_.record(computer, report_of(3, {5, 5}));
  }

  const WorkPlan plan_{5, 2};  // the last image has no result
  results::ResultTable results_{plan_};
};

TEST_F(Selection, HasEveryPairThatIsOk) {
  EXPECT_THAT(pairs_to_draw(results_, false, {}),
              ElementsAre(PictureTask{0, 0}, PictureTask{1, 0}, PictureTask{3, 0},
                          PictureTask{0, 1}, PictureTask{1, 1}, PictureTask{3, 1}));
}

TEST_F(Selection, HasTheBestOfEachReference) {
  EXPECT_THAT(pairs_to_draw(results_, false, 1), ElementsAre(PictureTask{1, 0}, PictureTask{0, 1}));
  EXPECT_THAT(pairs_to_draw(results_, true, 1), ElementsAre(PictureTask{0, 0}, PictureTask{1, 1}));
}

TEST_F(Selection, HasTheBestOfTheRun) {
  EXPECT_THAT(best_pairs(results_, false, 3),
              ElementsAre(PictureTask{1, 0}, PictureTask{0, 1}, PictureTask{0, 0}));
  EXPECT_THAT(best_pairs(results_, true, 1), ElementsAre(PictureTask{1, 1}));
}

TEST_F(Selection, HasTheBestAndTheWorstImagesOnce) {
  using Images = std::vector<CountedImage>;
  EXPECT_EQ(best_and_worst(results_, false, 1, 1), (Images{{9, 1}, {5, 3}}));
  EXPECT_EQ(best_and_worst(results_, false, 2, 2), (Images{{9, 1}, {6, 0}, {5, 3}}));
  EXPECT_EQ(best_and_worst(results_, false, 0, 2), (Images{{6, 0}, {5, 3}}));
}

TEST(SelectionOfAllPairs, CountsAnImageAsReferenceToo) {
  const WorkPlan plan = WorkPlan::of_all_pairs(3);
  results::ResultTable results(plan);
  for (ImageIndex image = 0; image < 3; ++image) {
    results.record(results.add_computer({}), report_of(image, {}));
  }
  results.record_pairs(report_of(1, {7}), {0, 1});
  results.record_pairs(report_of(2, {3, 9}), {0, 2});
  EXPECT_THAT(pairs_to_draw(results, false, 2), ElementsAre(PictureTask{2, 1}, PictureTask{1, 0}));
  EXPECT_EQ(best_and_worst(results, false, 3, 0),
            (std::vector<CountedImage>{{9, 1}, {9, 2}, {7, 0}}));
}

TEST(PictureKeeperTest, KeepsTheBestAndTheWorstInWhateverOrderTheyCome) {
  std::vector<ImageReport> reports;
  for (ImageIndex image = 0; image < 50; ++image) {
    // Counts come three times each; the thumbnail tells the image.
    reports.push_back(report_of(image, {static_cast<std::uint32_t>(image / 3), 0}));
    reports.back().thumbnail = std::to_string(image);
  }
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    std::shuffle(reports.begin(), reports.end(), random);
    PictureKeeper keeper(2, 4);
    for (const ImageReport& report : reports) {
      keeper.offer(report, false);
    }
    std::vector<ImageIndex> kept;
    for (ImageIndex image = 0; image < 50; ++image) {
      const std::string* const jpeg = keeper.find({static_cast<std::uint32_t>(image / 3), image});
      if (jpeg != nullptr) {
        EXPECT_EQ(*jpeg, std::to_string(image));
        kept.push_back(image);
      }
    }
    EXPECT_THAT(kept, ElementsAre(0, 1, 2, 5, 48, 49));
  }
}

TEST(PictureKeeperTest, TakesNothingFromReportsWithoutAny) {
  PictureKeeper keeper(2, 2);
  keeper.offer(report_of(1, {5}), false);
  EXPECT_EQ(keeper.find({5, 1}), nullptr);
  ImageReport report = report_of(1, {5});
  report.thumbnail = "jpeg";
  keeper.offer(report, true);
  EXPECT_NE(keeper.find({95, 1}), nullptr) << "by inliers";
}

TEST(PictureKeeperTest, KeepsThePointsOfTheBestPairs) {
  PictureKeeper keeper(0, 0, 2);
  for (const std::uint32_t count : {3U, 9U, 5U, 7U}) {
    ImageReport report = report_of(count, {count, 1});
    report.drawable = {0, {{1, 2, 3, static_cast<float>(count), true}}};
    keeper.offer(report, false);
  }
  EXPECT_EQ(keeper.points({3, 0}), nullptr);
  EXPECT_EQ(keeper.points({5, 0}), nullptr);
  ASSERT_NE(keeper.points({7, 0}), nullptr);
  EXPECT_EQ(keeper.points({7, 0})->front().image_y, 7);
  EXPECT_NE(keeper.points({9, 0}), nullptr);
  EXPECT_EQ(keeper.points({9, 1}), nullptr) << "of another reference";
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

class DrawPhaseTest : public testing::Test {
 protected:
  DrawPhaseTest() {
    for (const char* path : {"a", "b", "c"}) {
      images_.add(path);
    }
    references_.add("r");
    references_.add("s");
  }
  [[nodiscard]] RunData data() {
    return {plan_,    references_, images_,   results_, ranks_,
            resumed_, exports_,    timeline_, log_,     kept_};
  }

  const WorkPlan plan_{3, 2};
  results::ResultTable results_{plan_};
  PathList references_;
  PathList images_;
  std::vector<RankRecord> ranks_;
  Resumed resumed_;
  Exports exports_;
  spdlog::logger log_{"test"};
  RunTimeline timeline_{RunTimeline::Clock::now()};
  PictureKeeper kept_{1, 1, 2};
};

TEST_F(DrawPhaseTest, SendsThePointsThatAreKnown) {
  ImageReport report = report_of(1, {4, 8});
  report.drawable = {1, {{1, 2, 3, 4, false}}};
  kept_.offer(report, false);
  const DrawPhase phase(data(), {{1, 0}, {1, 1}, {2, 1}}, PictureFormat::jpeg, {});
  EXPECT_THAT(phase.order(0).points, IsEmpty());
  EXPECT_EQ(phase.order(1).points, report.drawable.points);
  EXPECT_THAT(phase.order(2).points, IsEmpty());
}

TEST_F(DrawPhaseTest, OrdersEachPictureOnce) {
  DrawPhase phase(data(), {{2, 1}, {1, 0}, {2, 1}, {1, kNoReference}}, PictureFormat::png, {});
  ASSERT_THAT(phase.tasks(), ElementsAre(0, 1, 2));
  for (const TaskId task : phase.tasks()) {
    const ImageOrder order = phase.order(task);
    EXPECT_EQ(order.path, phase.path(task));
    ImageReport report;
    report.image = order.image;
    report.first_reference = order.references.first;
    EXPECT_EQ(phase.task_of(report), task);
  }
  const ImageOrder pair = phase.order(2);
  EXPECT_EQ(pair.action, ImageOrder::Action::draw);
  EXPECT_EQ(pair.path, "c");
  EXPECT_EQ(pair.reference_path, "s");
  EXPECT_EQ(pair.references, (ReferenceRange{1, 1}));
  EXPECT_EQ(pair.picture_format, PictureFormat::png);
  EXPECT_EQ(phase.order(1).action, ImageOrder::Action::thumbnail);
  EXPECT_THROW((void)phase.task_of(report_of(0, {})), std::out_of_range);
}

TEST_F(DrawPhaseTest, KeepsPicturesAndCountsFailures) {
  std::vector<PictureTask> kept;
  DrawPhase phase(data(), {{0, 0}, {1, 0}, {2, 0}}, PictureFormat::jpeg,
                  [&](const PictureTask& picture, const ImageReport& report) {
                    if (report.picture.empty()) {
                      throw std::system_error(ENOSPC, std::generic_category());
                    }
                    kept.push_back(picture);
                  });
  ImageReport good = report_of(0, {});
  good.picture = "jpeg";
  phase.take(0, good);
  phase.take(0, failed_report(1));
  phase.take(0, report_of(2, {}));
  EXPECT_THAT(kept, ElementsAre(PictureTask{0, 0}));
  EXPECT_EQ(phase.taken(), 3U);
  EXPECT_EQ(phase.failed(), 2U);
  EXPECT_EQ(phase.progress().done, 3U);
  EXPECT_EQ(phase.progress().items, 3U);
}

}  // namespace
}  // namespace bundle_match::app
