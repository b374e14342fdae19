// The cache of a rank: written by a thread, within bounds, never waited for.
// SPDX-License-Identifier: Apache-2.0
#include "rank_cache.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "support/cache_fixture.hpp"
#include "support/held_files.hpp"
#include "support/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace bundle_match::compute {
namespace {

using testing::HasSubstr;

class RankCacheTest : public test::CacheFixture {
 protected:
  [[nodiscard]] Job job() const {
    Job job;
    job.options.cache_dir = folder_;
    return job;
  }

  static ComputeResult entry(unsigned number, std::string features) {
    ComputeResult result;
    result.cache = CacheEntry{key(number), std::move(features)};
    return result;
  }

  static void take(RankCache& cache, ComputeResult result) { cache.take(result); }

  static void expect_rests(const RankCache& cache) {
    EXPECT_TRUE(test::eventually([&] { return !cache.busy(); }));
  }
};

TEST_F(RankCacheTest, WritesEntriesAndMarksThemAsUsed) {
  RankCache cache(job());
  take(cache, entry(1, "one"));
  take(cache, entry(2, "two"));
  expect_rests(cache);
  EXPECT_EQ(cache::find(folder_, key(1)), "one");
  EXPECT_EQ(cache::find(folder_, key(2)), "two");
  set_age(path_of(key(1)), 1000);
  ComputeResult hit;
  hit.cache = CacheHit{key(1)};
  take(cache, hit);
  expect_rests(cache);
  struct stat status {};
  ASSERT_EQ(::stat(path_of(key(1)).c_str(), &status), 0);
  EXPECT_GT(status.st_mtime, std::time(nullptr) - 500);
  EXPECT_EQ(cache.take_problem(), "");
}

TEST_F(RankCacheTest, LeavesFeaturesThatAreTheAnswerToo) {
  RankCache cache(job());
  ComputeResult described = entry(1, "");
  described.result.answer = DescribeAnswer{"described"};
  ComputeResult matched = entry(2, "");
  matched.result.answer = MatchAnswer{{}, "matched", "", {}};
  cache.take(described);
  cache.take(matched);
  expect_rests(cache);
  EXPECT_EQ(cache::find(folder_, key(1)), "described");
  EXPECT_EQ(cache::find(folder_, key(2)), "matched");
  EXPECT_EQ(std::get<DescribeAnswer>(described.result.answer).features, "described");
  EXPECT_EQ(std::get<MatchAnswer>(matched.result.answer).features, "matched");
}

TEST_F(RankCacheTest, IsNothingWithoutAFolder) {
  RankCache cache{Job()};
  EXPECT_FALSE(cache.busy());
  take(cache, entry(1, "one"));
  EXPECT_FALSE(cache.busy());
  EXPECT_EQ(cache.take_problem(), "");
}

// Neither opening the folder nor writing to it is waited for.
TEST_F(RankCacheTest, WaitsForNoFolderThatStandsStill) {
  std::optional<test::HeldFiles> held(std::in_place);
  RankCache cache(job());
  held->wait_until_someone_waits();
  EXPECT_TRUE(cache.busy()) << "is it a folder?";
  take(cache, entry(1, "one"));
  held.reset();
  expect_rests(cache);
  held.emplace();
  take(cache, entry(2, "two"));
  held->wait_until_someone_waits();
  EXPECT_TRUE(cache.busy());
  EXPECT_EQ(cache::find(folder_, key(2)), std::nullopt);
  held.reset();
  expect_rests(cache);
  EXPECT_EQ(cache::find(folder_, key(2)), "two");
  EXPECT_EQ(cache.take_problem(), "");
}

TEST_F(RankCacheTest, KeepsNoMoreThanItsBoundAndSaysSo) {
  constexpr std::size_t kBound = 10000;
  const std::string features(3000, 'f');
  std::optional<test::HeldFiles> held(std::in_place);
  RankCache cache(job(), kBound);
  held->wait_until_someone_waits();
  for (unsigned number = 1; number <= 10; ++number) {
    take(cache, entry(number, features));
  }
  ComputeResult hit;
  hit.cache = CacheHit{key(1)};
  for (int i = 0; i < 1000; ++i) {
    take(cache, hit);
  }
  EXPECT_THAT(cache.take_problem(),
              testing::AllOf(HasSubstr("7 images"), HasSubstr(folder_), HasSubstr("too slow")));
  EXPECT_EQ(cache.take_problem(), "") << "it is told once";
  held.reset();
  expect_rests(cache);
  for (unsigned number = 1; number <= 10; ++number) {
    EXPECT_EQ(cache::find(folder_, key(number)).has_value(), number <= 3) << number;
  }
  take(cache, entry(11, features));
  expect_rests(cache);
  EXPECT_TRUE(cache::find(folder_, key(11))) << "there is room again";
}

TEST_F(RankCacheTest, KeepsAnEntryThatIsLargerThanItsBound) {
  RankCache cache(job(), 100);
  expect_rests(cache);
  take(cache, entry(1, std::string(1000, 'f')));
  expect_rests(cache);
  EXPECT_TRUE(cache::find(folder_, key(1)));
}

TEST_F(RankCacheTest, GivesUpOnAFolderThatCannotBe) {
  Job job = this->job();
  test::write_file(dir_ / "file", "");
  job.options.cache_dir = dir_ / "file/cache";
  RankCache cache(job);
  take(cache, entry(1, "one"));
  expect_rests(cache);
  EXPECT_THAT(cache.take_problem(), testing::AllOf(testing::StartsWith("--cache: "),
                                                   HasSubstr("file/cache cannot be made")));
  take(cache, entry(2, "two"));
  EXPECT_FALSE(cache.busy());
  EXPECT_EQ(cache.take_problem(), "");
}

TEST_F(RankCacheTest, DropsWhatWaitsWhenItEnds) {
  std::optional<test::HeldFiles> held(std::in_place);
  {
    std::optional<RankCache> cache(std::in_place, job());
    held.reset();
    expect_rests(*cache);
    held.emplace();
    for (unsigned number = 1; number <= 10; ++number) {
      take(*cache, entry(number, "features"));
    }
    held->wait_until_someone_waits();
    std::jthread opener([&] { held.reset(); });
    cache.reset();
  }
  EXPECT_LE(files().size(), 10U);
}

}  // namespace
}  // namespace bundle_match::compute
