// Pairs by what is known of images: records of journals, positions, and the memory there is.
// SPDX-License-Identifier: Apache-2.0
#include "resume/chosen_pairs.hpp"

#include "bundle_match/results/result_table.hpp"
#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

using results::JournalRecord;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();

JournalRecord position(std::string path, const std::optional<GeoPosition>& position) {
  JournalRecord record;
  record.kind = JournalRecord::Kind::position;
  record.path = std::move(path);
  record.position = position;
  return record;
}

JournalRecord choice(std::string path, std::vector<std::string> references) {
  JournalRecord record;
  record.kind = JournalRecord::Kind::choice;
  record.path = std::move(path);
  record.wanted = static_cast<std::uint32_t>(references.size());
  record.similarities.assign(references.size(), 0.5);
  record.references = std::move(references);
  return record;
}

class ChosenPairsTest : public testing::Test {
 protected:
  ChosenPairsTest() {
    for (const char* const path : {"a", "b", "c", "d", "b"}) {
      input_.images.add(path);
    }
    input_.pairs = std::make_shared<const PairSet>(PairSet::of(5, {{0_image, 3_image}}));
  }

  // What is matched with each image, by its references.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> references(
      const ChosenPairs& chosen) const {
    const WorkPlan plan = work_plan(input_, chosen, kAny);
    std::vector<std::vector<std::uint32_t>> all;
    for (const ImageIndex image : plan.image_ids()) {
      all.emplace_back();
      for (const ReferenceIndex reference : plan.references_of(image)) {
        all.back().push_back(reference.value());
      }
    }
    return all;
  }

  RunInput input_;
};

TEST_F(ChosenPairsTest, AreThoseThatAreGivenIfNothingIsAsked) {
  ChosenPairs chosen(input_);
  EXPECT_FALSE(chosen.any());
  chosen.take(position("a", GeoPosition{1, 1}));
  chosen.take(position("b", GeoPosition{1, 1}));
  chosen.take(choice("a", {"c"}));
  EXPECT_THAT(references(chosen),
              ElementsAre(IsEmpty(), IsEmpty(), IsEmpty(), ElementsAre(0), IsEmpty()));
}

TEST_F(ChosenPairsTest, AreOfImagesThatAreNear) {
  input_.command.within_m = 20;
  ChosenPairs chosen(input_);
  EXPECT_TRUE(chosen.any());
  chosen.take(position("a", GeoPosition{48, 11}));
  chosen.take(position("b", GeoPosition{48.0001, 11}));  // 11 m; two images have this path
  chosen.take(position("c", std::nullopt));
  chosen.take(position("no image of the run", GeoPosition{48, 11}));
  EXPECT_TRUE(chosen.positions->knows(2_image));
  EXPECT_FALSE(chosen.positions->knows(3_image));
  EXPECT_THAT(references(chosen),
              ElementsAre(IsEmpty(), ElementsAre(0), IsEmpty(), ElementsAre(0), ElementsAre(0, 1)));
  // What is found later counts.
  chosen.take(position("b", std::nullopt));
  EXPECT_THAT(references(chosen),
              ElementsAre(IsEmpty(), IsEmpty(), IsEmpty(), ElementsAre(0), IsEmpty()));
}

TEST_F(ChosenPairsTest, AreUnited) {
  input_.command.within_m = 20;
  input_.command.similar = 1;
  ChosenPairs chosen(input_);
  chosen.take(position("c", GeoPosition{48, 11}));
  chosen.take(position("d", GeoPosition{48, 11}));
  chosen.take(choice("d", {"c"}));
  chosen.take(choice("a", {"d"}));
  chosen.take(choice("c", {"a"}));
  EXPECT_THAT(references(chosen),
              ElementsAre(IsEmpty(), IsEmpty(), ElementsAre(0), ElementsAre(0, 2), IsEmpty()));
}

TEST_F(ChosenPairsTest, AreNotMoreThanThereIsMemoryFor) {
  input_.command.within_m = 20;
  ChosenPairs chosen(input_);
  for (const char* const path : {"a", "b", "c", "d"}) {
    chosen.take(position(path, GeoPosition{48, 11}));
  }
  EXPECT_EQ(work_plan(input_, chosen, 10).pairs(), 10U);
  EXPECT_THROW((void)work_plan(input_, chosen, 9), results::TableTooLarge);
}

}  // namespace
}  // namespace bundle_match::app
