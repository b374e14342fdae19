// What --similar chose, as the records of journals tell it.
// SPDX-License-Identifier: Apache-2.0
#include "resume/choices.hpp"

#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bundle_match::app {

// How GoogleMock compares and shows them.
static bool operator==(const SimilarImage& a, const SimilarImage& b) {
  return a.image == b.image && a.similarity == b.similarity;
}
static void PrintTo(const SimilarImage& it, std::ostream* out) {
  *out << it.image.value() << " (" << it.similarity << ")";
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

results::JournalRecord choice(std::string path, std::uint32_t wanted,
                              std::vector<std::string> references,
                              std::vector<double> similarities) {
  results::JournalRecord record;
  record.kind = results::JournalRecord::Kind::choice;
  record.path = std::move(path);
  record.wanted = wanted;
  record.references = std::move(references);
  record.similarities = std::move(similarities);
  return record;
}

class ChoicesTest : public testing::Test {
 protected:
  ChoicesTest() {
    for (const char* path : {"a", "b", "c", "a", "d"}) {
      images_.add(path);
    }
  }

  PathList images_;
  Choices choices_{images_};
};

TEST_F(ChoicesTest, AreOfTheImagesThatARecordNames) {
  choices_.take(choice("d", 2, {"c", "b"}, {0.5, 0.25}));
  EXPECT_THAT(choices_.of(4_image),
              ElementsAre(SimilarImage{2_image, 0.5}, SimilarImage{1_image, 0.25}));
  EXPECT_THAT(choices_.of(2_image), IsEmpty());
  EXPECT_TRUE(choices_.chose(4_image, 2_image));
  EXPECT_FALSE(choices_.chose(2_image, 4_image));
  EXPECT_TRUE(choices_.has(4_image, 2));
  EXPECT_FALSE(choices_.has(4_image, 3)) << "more are wanted now";
  EXPECT_FALSE(choices_.has(2_image, 1));
}

TEST_F(ChoicesTest, OfNothingAreMadeAllTheSame) {
  choices_.take(choice("b", 5, {}, {}));
  EXPECT_TRUE(choices_.has(1_image, 5));
  EXPECT_THAT(choices_.pairs(), IsEmpty());
}

TEST_F(ChoicesTest, HoldForAllImagesOfAPath) {
  choices_.take(choice("a", 2, {"a", "c"}, {1, 0.5}));
  EXPECT_THAT(choices_.of(0_image),
              ElementsAre(SimilarImage{3_image, 1}, SimilarImage{2_image, 0.5}));
  EXPECT_THAT(choices_.of(3_image),
              ElementsAre(SimilarImage{0_image, 1}, SimilarImage{2_image, 0.5}));
}

TEST_F(ChoicesTest, KeepWhatWasChosenBefore) {
  choices_.take(choice("d", 1, {"b"}, {0.5}));
  choices_.take(choice("d", 2, {"c", "a"}, {0.75, 0.5}));
  choices_.take(choice("d", 2, {"b"}, {0.125}));
  EXPECT_THAT(choices_.of(4_image),
              ElementsAre(SimilarImage{1_image, 0.125}, SimilarImage{2_image, 0.75},
                          SimilarImage{0_image, 0.5}, SimilarImage{3_image, 0.5}));
  EXPECT_TRUE(choices_.has(4_image, 2));
}

TEST_F(ChoicesTest, PassOverImagesThatTheRunDoesNotHave) {
  choices_.take(choice("gone", 2, {"a"}, {1}));
  choices_.take(choice("b", 2, {"gone", "c"}, {1, 0.5}));
  EXPECT_THAT(choices_.pairs(), UnorderedElementsAre(PairSet::Pair{1_image, 2_image}));
  EXPECT_TRUE(choices_.has(1_image, 2));
}

}  // namespace
}  // namespace bundle_match::app
