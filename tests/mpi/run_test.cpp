// A coordinator and its workers on real images, on every rank their own compute process.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "coordinator.hpp"
#include "describe_phase.hpp"
#include "match_phase.hpp"
#include "mpi_environment.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"
#include "worker.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace bundle_match::app {
namespace {

class RunTest : public testing::Test {
 protected:
  // Rank 0's folder, on every rank.
  [[nodiscard]] std::string folder() {
    if (link_.rank() == 0) {
      dir_.emplace();
    }
    return test::shared(dir_ ? dir_->path().string() : "");
  }

  // Runs the images through every rank, as job_run does, and on rank 0 lets `check` look at what
  // came of them. The job's reference is view 0.
  void run(const PathList& paths, const LargeVector<ImageIndex>& order,
           const std::function<void(const results::ResultTable&, const std::vector<RankRecord>&)>&
               check) {
    auto& fork_server = test::mpi_environment().fork_server;
    Job job;
    job.rank_timeout_s = 0;  // a busy machine is no lost rank
    link_.broadcast(job);
    compute::ComputeClient compute(fork_server, job);
    if (link_.rank() != 0) {
      run_worker(link_, compute, job.rank_timeout_s);
      EXPECT_EQ(compute.outstanding(), 0U);
      EXPECT_EQ(link_.try_receive_order(), std::nullopt);
      ImageReport goodbye;
      goodbye.kind = ImageReport::Kind::goodbye;
      link_.send(goodbye);
      link_.flush();
      return;
    }
    Console console(false, true);
    Progress progress(console, ProgressMode::never, true);
    PathList references;
    references.add(reference_);
    const WorkPlan plan(paths.size(), 1);
    results::ResultTable results(plan);
    std::vector<RankRecord> ranks(static_cast<std::size_t>(link_.size()));
    Resumed resumed;
    Exports exports;
    Coordinator coordinator(
        {link_, compute, ranks, results, resumed, console, progress, "", false, false},
        job.rank_timeout_s);
    RunTimeline timeline(RunTimeline::Clock::now());
    PictureKeeper kept_pictures(0, 0);
    const RunData data{plan,    references, paths,    results,       ranks,
                       resumed, exports,    timeline, console.log(), kept_pictures};
    DescribePhase describing(data, 1);
    coordinator.run(describing, {0}, true);
    coordinator.share_references(describing.make_set());
    MatchPhase matching(data);
    coordinator.run(matching, order);
    coordinator.stop_workers();
    EXPECT_GE(coordinator.elapsed_s(), 0);
    check(results, ranks);
    take_late_reports();
  }

  // What workers had to say when the run was over already is not the next run's: their last word is
  // a goodbye.
  void take_late_reports() {
    for (int workers = link_.size() - 1; workers > 0;) {
      const auto from = test::receive_soon([this] { return link_.try_receive_report(); });
      ASSERT_TRUE(from);
      workers -= from->report.kind == ImageReport::Kind::goodbye ? 1 : 0;
    }
  }

  // Views of the scene; every third one does not exist.
  [[nodiscard]] PathList some_paths(std::size_t count) const {
    PathList paths;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = folder_ + "/image " + std::to_string(i) + ".png";
      paths.add(name);
      if (i % 3 != 2 && link_.rank() == 0) {
        test::write_image(name, test::scene_view(static_cast<int>(i)));
      }
    }
    return paths;
  }

  static LargeVector<ImageIndex> backwards(std::size_t count) {
    LargeVector<ImageIndex> order(count);
    for (std::size_t i = 0; i < count; ++i) {
      order[i] = count - 1 - i;
    }
    return order;
  }

  // Every image reported once, with OpenCV's own count.
  void expect_all_done(const PathList& paths, const results::ResultTable& results,
                       const std::vector<RankRecord>& ranks) const {
    EXPECT_EQ(results.done(), paths.size());
    EXPECT_EQ(results.failed(), paths.size() / 3);
    std::size_t images = 0;
    for (const RankRecord& rank : ranks) {
      EXPECT_TRUE(rank.images == 0 || !rank.kernel.empty());
      images += rank.images;
    }
    EXPECT_EQ(images, paths.size());
    for (ImageIndex i = 0; i < paths.size(); ++i) {
      const ImageReport report = results.report(i);
      EXPECT_EQ(report.status, i % 3 == 2 ? ImageStatus::unreadable : ImageStatus::ok) << paths[i];
      if (report.status == ImageStatus::ok) {
        const std::uint32_t matches = results.pair(i, 0).matches;
        EXPECT_EQ(matches, test::opencv_matches(reference_, std::string(paths[i])));
        EXPECT_GT(matches, 0U);
      }
    }
  }

  transport::Link& link_ = test::mpi_environment().link;
  std::optional<test::TempDir> dir_;
  const std::string folder_ = folder();
  const std::string reference_ =
      link_.rank() == 0 ? test::write_image(folder_ + "/reference.png", test::scene_view(0)) : "";
};

TEST_F(RunTest, MatchesEveryImageOnce) {
  const PathList paths = some_paths(14);
  run(paths, backwards(paths.size()),
      [&](const auto& results, const auto& ranks) { expect_all_done(paths, results, ranks); });
}

// A worker on a host of its own may still be sent the references when the others have done all.
TEST_F(RunTest, ReceivesReferencesThatComeTooLateBeforeItEnds) {
  Job job;
  job.rank_timeout_s = 0;
  link_.broadcast(job);
  if (link_.rank() != 0) {
    compute::ComputeClient compute(test::mpi_environment().fork_server, job);
    run_worker(link_, compute, job.rank_timeout_s);
    return;
  }
  ReferencesMessage references;
  references.piece.resize(std::size_t{32} << 20);
  ImageOrder order;
  for (Rank worker = 1; worker < link_.size(); ++worker) {
    link_.send(worker, references);
    link_.send(worker, references);
    order.action = ImageOrder::Action::stop;
    link_.send(worker, order);
  }
  take_late_reports();
  order.action = ImageOrder::Action::finalize;
  for (Rank worker = 1; worker < link_.size(); ++worker) {
    link_.send(worker, order);
  }
  EXPECT_TRUE(test::eventually([this] {
    link_.flush();
    return link_.unsent_bytes() == 0;
  })) << "what they were sent is still on its way";
}

TEST_F(RunTest, EndsWithFewerImagesThanRanks) {
  const PathList paths = some_paths(2);
  run(paths, backwards(paths.size()), [](const auto& results, const auto&) {
    EXPECT_EQ(results.done(), 2U);
    EXPECT_EQ(results.failed(), 0U);
  });
}

TEST_F(RunTest, EndsWithoutImages) {
  run(PathList(), {}, [](const auto& results, const auto&) { EXPECT_EQ(results.done(), 0U); });
}

}  // namespace
}  // namespace bundle_match::app
