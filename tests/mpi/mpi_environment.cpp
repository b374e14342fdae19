// GoogleTest on several ranks.
// SPDX-License-Identifier: Apache-2.0
#include "mpi_environment.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace bundle_match::test {
namespace {

transport::Link* link_of_tests = nullptr;

// The others may wait for a message that a failed rank will never send, so a failure ends the job.
// Rank 0 prints as ever; the others print their failures.
class AllFailTogether : public testing::EmptyTestEventListener {
 public:
  explicit AllFailTogether(transport::Link& link) : link_(link) {}

 private:
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed() && link_.rank() != kRank0) {
      std::fprintf(stderr, "rank %d: %s:%d: Failure\n%s\n", link_.rank().value(),
                   result.file_name() != nullptr ? result.file_name() : "?", result.line_number(),
                   result.message());
    }
  }

  void OnTestEnd(const testing::TestInfo& info) override {
    if (info.result()->Failed()) {
      std::fprintf(stderr, "rank %d of %zu: %s.%s failed\n", link_.rank().value(), link_.size(),
                   info.test_suite_name(), info.name());
      std::fflush(nullptr);
      link_.abort(EXIT_FAILURE);
    }
    barrier();
  }

  transport::Link& link_;
};

int run_tests() {
  // A program linked or launched wrongly runs N worlds of one rank, in which much cannot fail.
  const char* expected = std::getenv("BUNDLE_MATCH_TEST_RANKS");
  if (expected != nullptr && std::strtoul(expected, nullptr, 10) != link().size()) {
    std::fprintf(stderr, "%zu ranks instead of %s\n", link().size(), expected);
    return EXIT_FAILURE;
  }
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (link().rank() != kRank0) {
    delete listeners.Release(listeners.default_result_printer());
  }
  listeners.Append(new AllFailTogether(link()));
  return RUN_ALL_TESTS();
}

}  // namespace

int run_mpi_tests(int argc, char** argv) {
  try {
    testing::InitGoogleTest(&argc, argv);
    transport::Link link(argc, argv);
    link_of_tests = &link;
    return run_tests();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}

transport::Link& link() { return *link_of_tests; }

void barrier() { MPI_Barrier(MPI_COMM_WORLD); }

std::string shared(const std::string& of_rank_0) {
  std::string text = of_rank_0;
  auto size = static_cast<unsigned long>(text.size());
  MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG, 0, MPI_COMM_WORLD);
  text.resize(size);
  MPI_Bcast(text.data(), static_cast<int>(size), MPI_CHAR, 0, MPI_COMM_WORLD);
  return text;
}

}  // namespace bundle_match::test
