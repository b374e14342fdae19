// That a compute process uses cores it is lent, and that this changes no result.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/cores.hpp"
#include "support/compute_fixture.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace bundle_match::compute {
namespace {

using test::children_of;
using test::eventually;

// The lists of cores that the threads of a process may use, sorted.
std::vector<std::string> cores_of_threads(pid_t pid) {
  constexpr std::string_view kKey = "Cpus_allowed_list:\t";
  std::vector<std::string> lists;
  std::error_code error;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(kKey)) {
        lists.push_back(line.substr(kKey.size()));
      }
    }
  }
  std::ranges::sort(lists);
  return lists;
}

class ComputeHelpersTest : public test::ComputeFixture {
 protected:
  // Two strips of an image that is doubled, so that there is something to share.
  [[nodiscard]] std::string wide_image() const {
    std::vector<cv::Mat> views;
    for (int number = 1; number <= 6; ++number) {
      views.push_back(test::scene_view(number));
    }
    cv::Mat wide;
    cv::hconcat(views, wide);
    return test::write_image(dir_ / "wide.png", wide);
  }

  static pid_t process() { return children_of(children_of(::getpid()).at(0)).at(0); }

  static std::size_t threads() { return cores_of_threads(process()).size(); }
};

TEST_F(ComputeHelpersTest, ChangeNoResult) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  client.use_cores({3, allowed_cores()});
  client.submit(order(0, wide_image()));
  client.submit(order(1, image(1)));
  expect_matched(next_result(client), 0, wide_image());
  client.use_cores({});
  expect_matched(next_result(client), 1, image(1));
}

TEST_F(ComputeHelpersTest, RunOnTheCoresThatAreLent) {
  const std::vector<std::uint16_t> own = allowed_cores();
  if (own.size() < 2) {
    GTEST_SKIP() << "there is one core";
  }
  const std::string lent = std::to_string(own.back());
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  (void)ready(client);
  const std::size_t before = threads();
  EXPECT_EQ(std::ranges::count(cores_of_threads(process()), lent), 0);
  client.use_cores({1, {own.back()}});
  EXPECT_TRUE(
      eventually([&] { return std::ranges::count(cores_of_threads(process()), lent) == 1; }));
  EXPECT_EQ(threads(), before + 1) << "the others stay as they are";
}

// One that an image has killed, say.
TEST_F(ComputeHelpersTest, AreTakenOverByTheNextProcess) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  (void)ready(client);
  const std::size_t before = threads();
  client.use_cores({1, allowed_cores()});
  EXPECT_TRUE(eventually([&] { return threads() == before + 1; }));
  const pid_t first = process();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  client.submit(order(0, image(1)));
  expect_matched(next_result(client), 0, image(1));
  EXPECT_NE(process(), first);
  EXPECT_TRUE(eventually([&] { return threads() == before + 1; }));
}

// Whether an image is too large does not depend on who helps.
TEST_F(ComputeHelpersTest, HaveMemoryOfTheirOwn) {
  Job limited = job();
  constexpr std::uint64_t kForMatching = std::uint64_t{8} << 20;
  limited.options.memory_limit_bytes =
      features::sift_memory_bytes(features::ImageSize{960, 120}, limited.options) + kForMatching;
  ForkServer fork_server;
  ComputeClient client(fork_server, limited);
  client.use_references(references());
  client.use_cores({static_cast<std::uint32_t>(features::kMostSiftHelpers), allowed_cores()});
  client.submit(order(0, wide_image()));
  expect_matched(next_result(client), 0, wide_image());
}

TEST_F(ComputeHelpersTest, AreDoneWithoutWhereTheirCoresAreNotToBeHad) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  client.use_cores({2, {0xffff}});
  client.submit(order(0, wide_image()));
  expect_matched(next_result(client), 0, wide_image());
}

}  // namespace
}  // namespace bundle_match::compute
