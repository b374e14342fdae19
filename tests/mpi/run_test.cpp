// A coordinator and its workers on real images, on every rank their own compute process.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/results/result_reader.hpp"
#include "fork_server.hpp"
#include "mpi_environment.hpp"
#include "rank0/coordinator.hpp"
#include "rank0/order_sender.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"
#include "worker/worker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::app {
namespace {

using Rows = std::vector<results::ReadRow>;

class RunTest : public testing::Test {
 protected:
  // Rank 0's folder, on every rank.
  [[nodiscard]] std::string folder() {
    if (link_.rank() == kRank0) {
      dir_.emplace();
    }
    return test::shared(dir_ ? dir_->path().string() : "");
  }

  // Runs the images through every rank, as job_run does, and on rank 0 lets `check` look at what is
  // in the output. The job's reference is view 0.
  void run(PathList paths, LargeVector<ImageIndex> order,
           const std::function<void(const Rows&, const RankRecords&)>& check) {
    Job job;
    job.rank_timeout_s = 0;  // a busy machine is no lost rank
    job.options.kernel = matching::fastest_kernel().name;
    link_.broadcast(job);
    compute::ComputeClient compute(test::fork_server(), job);
    if (link_.rank() != kRank0) {
      run_worker(link_, compute, job);
      EXPECT_EQ(compute.outstanding(), 0U);
      EXPECT_FALSE(link_.try_receive());
      return;
    }
    RunInput input;
    input.images = std::move(paths);
    input.hand_out_order = std::move(order);
    input.given_references.add(reference_);
    input.hosts = ById<Rank, std::string>(link_.size(), "host");
    input.command.output = folder_ + "/counts.csv";
    input.command.progress = ProgressMode::never;
    Console console(false, true);
    Coordinator coordinator(link_, compute, input, console, job.rank_timeout_s,
                            std::chrono::steady_clock::now());
    const machine::Finish finish = coordinator.run();
    EXPECT_TRUE(finish.finalize);
    EXPECT_TRUE(std::holds_alternative<Finished>(finish.outcome));
    const std::string bytes = test::read_file(input.command.output);
    Rows rows;
    results::read_rows(bytes, results::Format::csv,
                       [&](const results::ReadRow& row) { rows.push_back(row); });
    check(rows, coordinator.ranks());
  }

  void take_goodbyes() {
    std::size_t goodbyes = 0;
    EXPECT_TRUE(test::eventually([&] {
      goodbyes += takes_goodbye() ? 1 : 0;
      return goodbyes == link_.size() - 1;
    }));
  }

  // Whether the next message is one. On a busy machine workers have also sent that they are alive,
  // some of it in the test before.
  [[nodiscard]] bool takes_goodbye() {
    const auto from = link_.try_receive_from_worker();
    const auto* const message = from ? std::get_if<WorkerMessage>(&from->message) : nullptr;
    EXPECT_TRUE(!from || message != nullptr) << "nothing that a worker sends";
    return message != nullptr && std::holds_alternative<Goodbye>(*message);
  }

  // Views of the scene; every third one does not exist.
  [[nodiscard]] PathList some_paths(std::size_t count) const {
    PathList paths;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = folder_ + "/image " + std::to_string(i) + ".png";
      paths.add(name);
      if (i % 3 != 2 && link_.rank() == kRank0) {
        test::write_image(name, test::scene_view(static_cast<int>(i)));
      }
    }
    return paths;
  }

  static LargeVector<ImageIndex> backwards(std::size_t count) {
    LargeVector<ImageIndex> order(count);
    for (std::size_t i = 0; i < count; ++i) {
      order[i] = ImageIndex(count - 1 - i);
    }
    return order;
  }

  // A row for every image in order, with OpenCV's own count.
  void expect_all_done(const PathList& paths, const Rows& rows, const RankRecords& ranks) const {
    ASSERT_EQ(rows.size(), paths.size());
    std::size_t images = 0;
    for (const RankRecord& rank : ranks) {
      EXPECT_TRUE(rank.images == 0 || !rank.kernel.empty());
      images += rank.images;
    }
    EXPECT_EQ(images, paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
      EXPECT_EQ(rows[i].path, paths[i]);
      EXPECT_EQ(rows[i].pair.status, i % 3 == 2 ? ImageStatus::unreadable : ImageStatus::ok)
          << paths[i];
      if (rows[i].pair.status == ImageStatus::ok) {
        const std::uint32_t matches = rows[i].pair.matches;
        EXPECT_EQ(matches, test::opencv_matches(reference_, std::string(paths[i])));
        EXPECT_GT(matches, 0U);
      }
    }
  }

  transport::Link& link_ = test::link();
  std::optional<test::TempDir> dir_;
  const std::string folder_ = folder();
  const std::string reference_ =
      link_.rank() == kRank0 ? test::write_image(folder_ + "/reference.png", test::scene_view(0))
                             : "";
};

TEST_F(RunTest, MatchesEveryImageOnce) {
  const PathList expected = some_paths(14);
  run(some_paths(14), backwards(14),
      [&](const Rows& rows, const auto& ranks) { expect_all_done(expected, rows, ranks); });
}

// A worker on a host of its own may still be sent the references when the others have done all.
TEST_F(RunTest, ReceivesReferencesThatComeTooLateBeforeItEnds) {
  Job job;
  job.rank_timeout_s = 0;
  job.options.kernel = matching::fastest_kernel().name;
  link_.broadcast(job);
  if (link_.rank() != kRank0) {
    compute::ComputeClient compute(test::fork_server(), job);
    run_worker(link_, compute, job);
    return;
  }
  constexpr std::size_t kPieceBytes = std::size_t{32} << 20;
  const ReferencesPiece piece{0, std::string(kPieceBytes, '\0'), 10 * kPieceBytes};
  for (const Rank worker : worker_ranks(link_.size())) {
    link_.send(worker, piece);
    link_.send(worker, piece);
    link_.send(worker, Stop{});
  }
  take_goodbyes();
  for (const Rank worker : worker_ranks(link_.size())) {
    link_.send(worker, Finalize{});
  }
  EXPECT_TRUE(test::eventually([this] {
    link_.flush();
    return link_.unsent_bytes() == 0;
  })) << "what they were sent is still on its way";
}

// What is passed on in one go keeps rank 0 and the worker from hearing anybody.
TEST_F(RunTest, SendsALongFileBitByBit) {
  constexpr std::size_t kFileBytes = std::size_t{20} << 20;
  constexpr std::size_t kMostAtOnce = std::size_t{10} << 20;
  if (link_.rank() != kRank0) {
    std::size_t received_bytes = 0;
    for (bool any = false; !any;) {
      const auto message = test::receive_soon([this] { return link_.try_receive(); });
      ASSERT_TRUE(message);
      if (const auto* const piece = std::get_if<FilePiece>(&*message)) {
        received_bytes += piece->bytes.size();
        EXPECT_LE(piece->bytes.size(), kFilePieceBytes);
      }
      any = std::holds_alternative<Order>(*message);
    }
    EXPECT_EQ(received_bytes, kFileBytes);
    link_.send(Goodbye{});
    link_.flush();
    return;
  }
  const std::string path = folder_ + "/long.png";
  test::write_file(path, std::string(kFileBytes, 'x'));
  OrderSender sender(link_, true, "");
  for (const Rank worker : worker_ranks(link_.size())) {
    sender.send(worker, {OrderId(1), path, 0, {}, MatchWork{}});
  }
  std::size_t goodbyes = 0;
  EXPECT_TRUE(test::eventually([&] {
    const std::uint64_t before = link_.unsent_bytes();
    EXPECT_FALSE(sender.send_read_files([](Rank /*rank*/) { return false; }));
    EXPECT_LE(link_.unsent_bytes(), before + kMostAtOnce);
    goodbyes += takes_goodbye() ? 1 : 0;
    return goodbyes == link_.size() - 1;
  }));
}

TEST_F(RunTest, EndsWithFewerImagesThanRanks) {
  run(some_paths(2), backwards(2), [](const Rows& rows, const auto&) {
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].pair.status, ImageStatus::ok);
    EXPECT_EQ(rows[1].pair.status, ImageStatus::ok);
  });
}

TEST_F(RunTest, EndsWithoutImages) {
  run(PathList(), {}, [](const Rows& rows, const auto&) { EXPECT_TRUE(rows.empty()); });
}

}  // namespace
}  // namespace bundle_match::app
