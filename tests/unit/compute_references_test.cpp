// What a compute process matches images with: many references, others, large sets, damaged ones.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_store.hpp"
#include "support/compute_fixture.hpp"
#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <sys/mman.h>

namespace bundle_match::compute {
namespace {

using features::FeatureSetBuilder;
using test::children_of;

class ComputeReferencesTest : public test::ComputeFixture {
 protected:
  // The set of these images' features.
  UniqueFd set_of(const std::vector<int>& numbers) const {
    FeatureSetBuilder set(numbers.size());
    ReferenceIndex next;
    for (const int number : numbers) {
      set.add(next, described(image(number)));
      ++next;
    }
    return set.finish();
  }

  // Matches of image 4 with the references.
  std::vector<std::uint32_t> matches(ComputeClient& client, const ReferenceList& range) {
    client.submit(order(4, image(4), MatchWork{range}));
    std::vector<std::uint32_t> counts;
    for (const PairOutcome& outcome : outcomes_of(next_result(client))) {
      counts.push_back(outcome.matches);
    }
    return counts;
  }

  // What OpenCV alone gives.
  std::vector<std::uint32_t> expected(const std::vector<int>& numbers) const {
    std::vector<std::uint32_t> counts;
    counts.reserve(numbers.size());
    for (const int number : numbers) {
      counts.push_back(test::opencv_matches(image(number), image(4)));
    }
    return counts;
  }
};

TEST_F(ComputeReferencesTest, MatchesWithEachOfARange) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  const UniqueFd set = set_of({0, 1, 2, 3});
  client.use_references(set.get());
  EXPECT_EQ(matches(client, {0_reference, 4}), expected({0, 1, 2, 3}));
  EXPECT_EQ(matches(client, {1_reference, 2}), expected({1, 2}));
  EXPECT_EQ(matches(client, {4_reference, 0}), expected({}));
}

TEST_F(ComputeReferencesTest, TakesAnImageFromTheSetInsteadOfReadingIt) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  const UniqueFd set = set_of({0, 4});
  client.use_references(set.get());
  client.submit(
      order(4, dir_ / "there is no such file", MatchDescribedWork{1_reference, {0_reference, 1}}));
  const std::vector<PairOutcome> outcomes = outcomes_of(next_result(client));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].matches, expected({0})[0]);
}

TEST_F(ComputeReferencesTest, TakesImagesFromTheStoreAlsoWhenTheProcessIsAnother) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  features::FeatureStore store({std::uint64_t{1} << 30, dir_.path()});
  client.use_store(store.memory_file(), store.disk_file());
  std::vector<StoredFeatures> stored;
  for (const int number : {4, 0, 2}) {
    stored.push_back(store.append(described(image(number))));
  }
  for (const bool after_a_death : {false, true}) {
    if (after_a_death) {
      client.submit(order(1, trapped_image(), DescribeWork{}));
      EXPECT_EQ(::kill(catch_one(client), SIGKILL), 0);
      EXPECT_EQ(::kill(catch_one(client), SIGKILL), 0);
      EXPECT_EQ(next_result(client).status, ImageStatus::crashed);
    }
    client.submit(order(4, "", MatchDescribedWork{7_reference, {1_reference, 2}}), stored);
    const std::vector<PairOutcome> outcomes = outcomes_of(next_result(client));
    ASSERT_EQ(outcomes.size(), 2U);
    EXPECT_EQ(outcomes[0].matches, expected({0})[0]);
    EXPECT_EQ(outcomes[1].matches, expected({2})[0]);
  }
}

TEST_F(ComputeReferencesTest, DescribesAheadAndMatchesWhenTheyCome) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  const std::vector<std::uint32_t> right = expected({1, 2});
  client.submit(order(4, image(4), MatchWork{{0_reference, 2}}));
  client.submit(order(5, dir_ / "there is no such file", MatchWork{{0_reference, 2}}));
  client.submit(order(6, image(1), DescribeWork{}));
  EXPECT_EQ(next_result(client).order, OrderId(5)) << "it waits for none";
  EXPECT_EQ(next_result(client).order, OrderId(6));
  EXPECT_EQ(client.outstanding(), 0U) << "nothing can be done now";
  ASSERT_TRUE(std::filesystem::remove(image(4))) << "it was read";
  const UniqueFd set = set_of({1, 2});
  client.use_references(set.get());
  EXPECT_EQ(client.outstanding(), 1U);
  const OrderResult result = next_result(client);
  EXPECT_EQ(result.order, OrderId(4));
  EXPECT_GT(result.elapsed_ms.sift, 0);
  EXPECT_GT(result.waited_ms, 0);
  std::vector<std::uint32_t> counts;
  for (const PairOutcome& outcome : outcomes_of(result)) {
    counts.push_back(outcome.matches);
  }
  EXPECT_EQ(counts, right);
}

TEST_F(ComputeReferencesTest, GivesOtherReferencesToTheSameProcess) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  (void)ready(client);  // it runs
  const pid_t server = children_of(::getpid()).at(0);
  const std::vector<pid_t> before = children_of(server);
  for (const std::vector<int>& numbers : {std::vector{0}, std::vector{1, 2}, std::vector{3}}) {
    const UniqueFd set = set_of(numbers);
    client.use_references(set.get());
    EXPECT_EQ(matches(client, {0_reference, static_cast<std::uint32_t>(numbers.size())}),
              expected(numbers));
  }
  EXPECT_EQ(children_of(server), before);
}

TEST_F(ComputeReferencesTest, GivesThemToAProcessThatComesAfterACrash) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  const UniqueFd set = set_of({1, 2});
  client.use_references(set.get());
  const pid_t server = children_of(::getpid()).at(0);
  (void)ready(client);
  const pid_t process = children_of(server).at(0);
  const test::ProcessHandle handle(process);
  ASSERT_EQ(::kill(process, SIGKILL), 0);
  ASSERT_TRUE(handle.wait_for_end());
  EXPECT_EQ(matches(client, {0_reference, 2}), expected({1, 2}));
}

// Larger than what a running process has addresses for.
TEST_F(ComputeReferencesTest, MatchesWithASetOfHundredsOfMegabytes) {
#ifdef BUNDLE_MATCH_SANITIZED
  GTEST_SKIP() << "too slow under a sanitizer";
#endif
  FeatureSetBuilder builder(3);
  builder.add(0_reference, described(image(0)));
  const std::string large(std::size_t{300} << 20, '\0');  // no features, but never looked at
  builder.add(1_reference, large);
  builder.add(2_reference, described(image(1)));
  const UniqueFd set = builder.finish();
  Job job = this->job();
  job.options.memory_limit_bytes = std::uint64_t{256} << 20;
  ForkServer fork_server;
  ComputeClient client(fork_server, job);
  (void)ready(client);
  client.use_references(set.get());
  EXPECT_EQ(matches(client, {0_reference, 1}), expected({0}));
  EXPECT_EQ(matches(client, {2_reference, 1}), expected({1}));
}

TEST_F(ComputeReferencesTest, SaysThatItCannotStartWithADamagedSet) {
  const UniqueFd file(::memfd_create("damaged", MFD_CLOEXEC));
  ASSERT_EQ(write_all(file.get(), "no set of features"), 0);
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(file.get());
  client.submit(order(4, image(4)));
  EXPECT_THROW((void)next_result(client), std::runtime_error);
}

}  // namespace
}  // namespace bundle_match::compute
