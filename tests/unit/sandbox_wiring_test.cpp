// That compute processes are confined when asked for, and that the rank learns when they are not.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"
#include "forked_child.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <variant>

namespace bundle_match::compute {
namespace {

Job job(bool sandbox) {
  Job result;
  result.options.memory_limit_bytes = std::uint64_t{1} << 30;
  result.options.sandbox = sandbox;
  return result;
}

// A line's value in proc(5)'s status of a process.
std::string status_of(const std::string& process, const std::string& wanted) {
  std::ifstream status("/proc/" + process + "/status");
  std::string key;
  std::string value;
  while (status >> key && std::getline(status >> std::ws, value)) {
    if (key == wanted + ":") {
      return value;
    }
  }
  return "unknown";
}

std::string only_child_of(const std::string& process) {
  std::string child;
  std::ifstream("/proc/" + process + "/task/" + process + "/children") >> child;
  return child;
}

std::string compute_process() { return only_child_of(only_child_of(std::to_string(::getpid()))); }

ProcessorEvent next_event(ComputeClient& client) {
  for (;;) {
    if (auto event = client.try_event()) {
      return std::move(*event);
    }
    client.wait(std::chrono::seconds(1));
  }
}

std::string warning_of(ComputeClient& client) {
  return std::get<ProcessReady>(next_event(client)).warning;
}

TEST(SandboxWiringTest, ConfinesComputeProcesses) {
  SKIP_WITHOUT_SECCOMP();
  ForkServer fork_server;
  ComputeClient client(fork_server, job(true));
  EXPECT_EQ(warning_of(client), "");
  const std::string process = compute_process();
  EXPECT_EQ(status_of(process, "Name"), "bm-compute");
  EXPECT_EQ(status_of(process, "Seccomp"), "2");
  EXPECT_EQ(status_of(process, "NoNewPrivs"), "1");
}

TEST(SandboxWiringTest, LeavesThemFreeWhenAsked) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job(false));
  EXPECT_EQ(warning_of(client), "");
  for (const char* const key : {"Seccomp", "NoNewPrivs"}) {
    EXPECT_EQ(status_of(compute_process(), key), status_of("self", key));
  }
}

// A kernel or container that does not take the filter: the rank can warn, and the work goes on.
TEST(SandboxWiringTest, TellsTheRankWhenItIsNotAvailable) {
  SKIP_WITHOUT_SECCOMP();
  std::string path = (std::filesystem::temp_directory_path() / "sandbox-XXXXXX.png").string();
  ::close(::mkstemps(path.data(), 4));
  ASSERT_TRUE(cv::imwrite(path, cv::Mat(64, 64, CV_8UC1, cv::Scalar(9))));
  const test::ChildEnd end = test::in_child([&]() -> std::string {
    if (!test::refuse_seccomp_filters()) {
      return "";
    }
    ForkServer fork_server;
    ComputeClient client(fork_server, job(true));
    const std::string warning = warning_of(client);
    Order order;
    order.path = path;
    order.work = DescribeWork{};
    client.submit(order);
    const auto result = std::get<OrderResult>(next_event(client));
    return result.status == ImageStatus::ok ? warning : "failed: " + result.reason;
  });
  std::filesystem::remove(path);
  EXPECT_EQ(end.said, "the kernel takes no seccomp filter: Function not implemented");
}

}  // namespace
}  // namespace bundle_match::compute
