// What a confined process must still be able to do, how it may end, and what is said where the
// kernel does not take the filter.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift_extractor.hpp"
#include "bundle_match/posix/cores.hpp"
#include "forked_child.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <seccomp.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace bundle_match::compute {
namespace {

using test::ChildEnd;
using test::in_child;
using test::in_confined_child;

class SandboxAllowedTest : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_SECCOMP();
    std::string name = (std::filesystem::temp_directory_path() / "sandbox-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

// "ok" or the words.
std::string ok_if(bool good, const char* otherwise) { return good ? "ok" : otherwise; }

void expect_ok(const ChildEnd& end) {
  EXPECT_EQ(end.said, "ok");
  EXPECT_TRUE(end.exited_well()) << "signal " << end.signal();
}

TEST_F(SandboxAllowedTest, HasNoNewPrivilegesAndAFilter) {
  expect_ok(in_confined_child([] {
    return ok_if(
        ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2,
        "not so");
  }));
}

TEST_F(SandboxAllowedTest, ReadsFilesAndFolders) {
  const std::string path = folder_ / "file";
  std::ofstream(path) << "words";
  expect_ok(in_confined_child([&] {
    std::ifstream file(path);
    std::string word;
    file >> word;
    const bool listed =
        std::filesystem::directory_iterator(folder_) != std::filesystem::directory_iterator();
    return ok_if(word == "words" && std::filesystem::file_size(path) == 5 && listed, "cannot read");
  }));
}

TEST_F(SandboxAllowedTest, AllocatesAndStartsThreads) {
  expect_ok(in_confined_child([] {
    std::vector<char> memory(100U << 20, 1);
    std::atomic<int> sum = 0;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { sum += memory[memory.size() - 1]; });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return ok_if(sum == 4, "threads did not run");
  }));
}

TEST_F(SandboxAllowedTest, ConfinesThreadsThatRunAlready) {
  expect_ok(in_child([]() -> std::string {
    std::atomic<int> step = 0;
    int error = 0;
    std::thread early([&] {
      step = 1;
      while (step != 2) {
        std::this_thread::yield();
      }
      error = ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
    });
    while (step != 1) {
      std::this_thread::yield();
    }
    const bool confined = confine_process().confined;
    step = 2;
    early.join();
    return ok_if(confined && error == EPERM, "the early thread is free");
  }));
}

TEST_F(SandboxAllowedTest, SetsItsCpuLimitAndReadsTheOthers) {
  expect_ok(in_confined_child([] {
    rlimit limit{};
    const bool read =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && ::getrlimit(RLIMIT_CPU, &limit) == 0;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 1000);
    return ok_if(read && ::setrlimit(RLIMIT_CPU, &limit) == 0, "cannot");
  }));
}

TEST_F(SandboxAllowedTest, BindsItsThreads) {
  expect_ok(in_confined_child([] {
    bool bound = false;
    std::thread([&bound] { bound = run_on_cores({allowed_cores().back()}); }).join();
    return ok_if(bound, "cannot");
  }));
}

// The way it dies is what the rank reports.
TEST_F(SandboxAllowedTest, DiesOfItsOwnSignals) {
  EXPECT_EQ(in_confined_child([]() -> std::string { std::abort(); }).signal(), SIGABRT);
  const auto segfault = []() -> std::string {
    ::signal(SIGSEGV, SIG_DFL);  // a sanitizer has its own handler
    ::raise(SIGSEGV);
    return "survived";
  };
  EXPECT_EQ(in_confined_child(segfault).signal(), SIGSEGV);
  const auto wild_read = []() -> std::string {
    ::signal(SIGSEGV, SIG_DFL);
    void* page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return std::string(1, *static_cast<volatile char*>(page));
  };
  EXPECT_EQ(in_confined_child(wild_read).signal(), SIGSEGV);
}

#if defined(__x86_64__) && !defined(__ILP32__)
// The numbers of another architecture's calls mean other things.
TEST_F(SandboxAllowedTest, DiesOf32BitCalls) {
  const auto getpid_of_x32 = [] { return std::to_string(::syscall(0x40000000 + 39)); };
  EXPECT_EQ(in_confined_child(getpid_of_x32).signal(), SIGSYS);
  const auto getpid_of_i386 = [] {
    long result = 20;
    asm volatile("int $0x80" : "+a"(result) : : "memory");
    return std::to_string(result);
  };
  const int signal = in_confined_child(getpid_of_i386).signal();
  EXPECT_TRUE(signal == SIGSYS || signal == SIGSEGV) << signal;  // the latter: kernel without them
}
#endif

// Blobs on a gradient: SIFT finds something.
cv::Mat test_image() {
  cv::Mat image(240, 320, CV_8UC1);
  for (int y = 0; y < image.rows; ++y) {
    for (int x = 0; x < image.cols; ++x) {
      const bool blob = (x / 16 * 7 + y / 16 * 13) % 5 == 0;
      image.at<unsigned char>(y, x) = static_cast<unsigned char>(blob ? 255 - x / 4 : y / 2);
    }
  }
  return image;
}

std::string digest(const std::string& path, SiftImplementation sift) {
  const auto image = features::read_grey_image(path);
  if (image.status != ImageStatus::ok) {
    return image.reason;
  }
  const auto size = features::read_header(path).size;
  MatchOptions options;
  options.sift = sift;
  const auto found = features::SiftExtractor(options).extract(image.pixels);
  const double sum = cv::sum(found.descriptors)[0] + cv::sum(image.pixels)[0];
  std::ostringstream words;
  words << found.keypoints.size() << " keypoints, sum " << std::fixed << sum << ", header "
        << (size ? size->pixels() : 0);
  return words.str();
}

// In a child as well, so that neither sees what the other has initialised.
TEST_F(SandboxAllowedTest, ReadsEveryFormatAndExtractsTheSameFeatures) {
  features::load_decoders();  // as the fork server does: a confined process cannot
  int tried = 0;
  for (const char* const format : {"png", "jpg", "tiff", "webp", "bmp", "jp2", "pgm"}) {
    SCOPED_TRACE(format);
    const std::string path = folder_ / (std::string("image.") + format);
    if (!cv::haveImageWriter(path)) {
      continue;
    }
    ASSERT_TRUE(cv::imwrite(path, test_image()));
    for (const auto sift : {SiftImplementation::fast, SiftImplementation::opencv}) {
      const ChildEnd free = in_child([&] { return digest(path, sift); });
      const ChildEnd confined = in_confined_child([&] { return digest(path, sift); });
      EXPECT_NE(free.said.find("keypoints"), std::string::npos) << free.said;
      EXPECT_NE(free.said.substr(0, 2), "0 ");
      EXPECT_EQ(confined.said, free.said);
      EXPECT_TRUE(confined.exited_well());
    }
    ++tried;
  }
  EXPECT_GE(tried, 5);
}

// A kernel or container that does not take the filter.
TEST_F(SandboxAllowedTest, SaysWhyItIsNotAvailable) {
  const ChildEnd end = in_child([]() -> std::string {
    const bool ready = test::refuse_seccomp_filters();
    const SandboxOutcome outcome = confine_process();
    const bool runs_on = ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    return ready && !outcome.confined && runs_on ? outcome.reason : "not as prepared";
  });
  EXPECT_TRUE(end.exited_well());
  EXPECT_EQ(end.said, "the kernel takes no seccomp filter: Function not implemented");
}

}  // namespace
}  // namespace bundle_match::compute
