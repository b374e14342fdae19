// What a compute process that was taken over may say, and that its supervisor believes none of it.
// SPDX-License-Identifier: Apache-2.0
#include "support/id_literals.hpp"
#include "support/process_story.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bundle_match::machine {
namespace {

using test::Story;

// Each is answered as a death: the process is replaced, and the order tried again.
class Lies : public Story {
 protected:
  // `lie` instead of a result of order 1, when 2 is under way as well.
  void expect_replaced(const std::string& answer, const std::string& why) {
    EXPECT_EQ(answer, "end") << why;
    const std::string how = "the compute process sent an invalid message: " + why;
    EXPECT_EQ(ended("was killed by signal 9 (Killed)"), "died of 1 (" + how + "); start; send 1");
    say(kReady);
    EXPECT_EQ(say(result(1)), "1 ok; send 2");
  }
  void expect_not_believed(const ComputeMessage& lie, const std::string& why) {
    begin_ready();
    give(1);
    give(2);
    expect_replaced(say(lie), why);
  }
  // A believable result, but for what `change` does to it.
  template <class Change>
  static ComputeResult but(Change change) {
    ComputeResult lie = result(1);
    change(lie, std::get<MatchAnswer>(lie.result.answer));
    return lie;
  }
};

TEST_F(Lies, ThatAreNoMessages) {
  begin_ready();
  give(1);
  give(2);
  expect_replaced(tell(ProcessSaidNonsense{"undecodable"}), "undecodable");
}

TEST_F(Lies, AreFinalTheSecondTime) {
  begin_ready();
  give(1);
  say(result(7));
  EXPECT_EQ(ended("exited with status 77", ProcessNeeds::fresh_memory),
            "died of 1 (the compute process sent an invalid message: a result of another order); "
            "start; send 1");
  say(kReady);
  EXPECT_EQ(say(result(7)), "end");
  EXPECT_EQ(ended("exited with status 77", ProcessNeeds::fresh_memory),
            "1 crashed (the compute process sent an invalid message: a result of another order); "
            "start");
}

TEST_F(Lies, OfOtherOrders) {
  expect_not_believed(result(2), "a result of another order");
  expect_not_believed(result(3), "a result of another order");
}

TEST_F(Lies, OfBeingReadyTwice) { expect_not_believed(kReady, "it was ready already"); }

TEST_F(Lies, OfMorePairsThanOrdered) {
  begin_ready();
  give(1);
  give(2);
  for (int pair = 0; pair < 3; ++pair) {
    EXPECT_EQ(say(StillComputing{}), "");
  }
  expect_replaced(say(StillComputing{}), "more pairs than were ordered");
  EXPECT_EQ(say(result(2)), "2 ok");
  EXPECT_EQ(say(StillComputing{}), "end") << "of nothing at all";
}

TEST_F(Lies, WithStatusesThatAreTheRanksToGive) {
  for (const ImageStatus status : {ImageStatus::timed_out, ImageStatus::crashed}) {
    expect_not_believed(result(1, status), "a status that is the rank's to give");
  }
}

TEST_F(Lies, ThatContradictTheOrder) {
  expect_not_believed(but([](auto& /*lie*/, auto& answer) { answer.outcomes.resize(2); }),
                      "another number of pairs than was ordered");
  expect_not_believed(
      but([](auto& lie, auto& /*answer*/) { lie.result.answer = PictureAnswer{"picture"}; }),
      "the answer to another kind of work");
  options_.report_matches = true;
  options_.verification = Verification::homography;
  expect_not_believed(but([](auto& lie, auto& answer) {
                        lie.result.keypoints = 5;
                        answer.outcomes[0].matches = 1;
                        answer.outcomes[0].matched = {{0, 0}};
                        answer.outcomes[0].inliers = 1;
                        answer.outcomes[0].inlier_positions = {1};
                      }),
                      "inlier positions that are none");
}

TEST_F(Lies, AboutTheCache) {
  const std::string key(32, 'a');
  expect_not_believed(but([&](auto& lie, auto& /*answer*/) { lie.cache = CacheHit{key}; }),
                      "features for a cache that there is not");
  options_.cache_dir = "/cache";
  expect_not_believed(but([&](auto& lie, auto& /*answer*/) {
                        lie.cache = CacheEntry{key, ""};
                      }),
                      "an entry of the cache without features");
  ComputeResult failed = result(1, ImageStatus::failed);
  failed.cache = CacheEntry{key, "features"};
  expect_not_believed(failed, "features for a cache that there is not");
  begin_ready();
  give(1);
  EXPECT_EQ(say(but([&](auto& lie, auto& /*answer*/) {
              lie.cache = CacheEntry{key, "features"};
            })),
            "1 ok");
}

TEST_F(Lies, AboutFeatures) {
  expect_not_believed(but([](auto& /*lie*/, auto& answer) { answer.features = "f"; }),
                      "no features, or some that were not asked for");
  options_.report_features = true;
  begin_ready();
  give(1);
  EXPECT_EQ(say(result(1)), "end");
  ended("");
  say(kReady);
  EXPECT_EQ(say(but([](auto& /*lie*/, auto& answer) { answer.features = "f"; })), "1 ok");
  tell(OrderGiven{OrderId(2), MatchDescribedWork{0_reference, {0_reference, 3}}});
  ComputeResult described = result(2);
  std::get<MatchAnswer>(described.result.answer).features = "f";
  EXPECT_EQ(say(described), "end") << "the image was not read";
}

TEST_F(Lies, BeforeItIsReadyAreFailedStarts) {
  for (const ComputeMessage& lie : {ComputeMessage(result(1)), ComputeMessage(StillComputing{})}) {
    begin();
    give(1);
    EXPECT_EQ(say(lie), "end");
    EXPECT_EQ(ended(""), "start; send 1");
  }
}

// An order ahead of its references has no result but a failure.
TEST_F(Lies, ThatAnImageWasMatchedWithoutReferences) {
  begin_without_references();
  get_ready();
  give(1);
  EXPECT_EQ(say(result(1)), "end");
  EXPECT_EQ(ended("was killed"),
            "died of 1 (the compute process sent an invalid message: a result without the "
            "references); start; prepare 1");
  say(kReady);
  EXPECT_EQ(say(StillComputing{}), "end") << "no pair is matched";
}

TEST_F(Lies, ThatAnImageIsPrepared) {
  expect_not_believed(ImagePrepared{OrderId(1)}, "an image that was not to be prepared");
  begin_without_references();
  get_ready();
  give(1);
  EXPECT_EQ(say(ImagePrepared{OrderId(2)}), "end");
}

}  // namespace
}  // namespace bundle_match::machine
