// Lists of pairs, and the mistakes in them.
// SPDX-License-Identifier: Apache-2.0
#include "command/pair_list.hpp"

#include "command/input_error.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::string_view_literals;

class PairListTest : public testing::Test {
 protected:
  // As "path path", after the images that the list has added.
  std::vector<std::string> pairs_in(std::string_view text, PairRequest request = {}) {
    test::write_file(dir_ / "pairs.txt", text);
    request.lists = {dir_ / "pairs.txt"};
    std::vector<std::string> pairs;
    for (const PairSet::Pair& pair : read_pairs(request, images_)) {
      pairs.push_back(std::string(images_[pair.a.value()]) + " " +
                      std::string(images_[pair.b.value()]));
    }
    return pairs;
  }

  // After "--pairs FILE:".
  std::string error_of(std::string_view text, const PairRequest& request = {}) {
    try {
      (void)pairs_in(text, request);
    } catch (const InputError& error) {
      const std::string prefix = "--pairs " + (dir_ / "pairs.txt") + ":";
      EXPECT_THAT(error.what(), testing::StartsWith(prefix));
      return std::string(error.what()).substr(prefix.size());
    }
    ADD_FAILURE() << "no InputError";
    return {};
  }

  [[nodiscard]] std::vector<std::string> images() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      all.emplace_back(images_[i]);
    }
    return all;
  }

  test::TempDir dir_;
  PathList images_;
};

TEST_F(PairListTest, MayHaveANumberBehindThePaths) {
  EXPECT_THAT(pairs_in("a b 0.9231\nb c -1e-3\n"), ElementsAre("a b", "b c"));
}

TEST_F(PairListTest, HasTwoPathsALine) {
  EXPECT_THAT(pairs_in("b.jpg a.jpg\n\n# a comment\n a.jpg\t c.jpg \r\nc.jpg b.jpg"),
              ElementsAre("b.jpg a.jpg", "a.jpg c.jpg", "c.jpg b.jpg"));
  EXPECT_THAT(images(), ElementsAre("b.jpg", "a.jpg", "c.jpg"));
}

TEST_F(PairListTest, KnowsImagesOfTheInput) {
  for (const char* const path : {"x.jpg", "a.jpg", "a.jpg"}) {
    images_.add(path);
  }
  EXPECT_THAT(pairs_in("b.jpg a.jpg\n"), ElementsAre("b.jpg a.jpg"));
  EXPECT_THAT(images(), ElementsAre("x.jpg", "a.jpg", "a.jpg", "b.jpg"));
}

TEST_F(PairListTest, SeparatesPathsWithWhiteSpaceByNul) {
  PairRequest request;
  request.null_separated = true;
  EXPECT_THAT(pairs_in("with space\0new\nline\0#1\0with space\0"sv, request),
              ElementsAre("with space new\nline", "#1 with space"));
}

TEST_F(PairListTest, LooksBelowItsFolder) {
  PairRequest request;
  for (const char* const folder : {"photos", "photos/"}) {
    request.folder = folder;
    EXPECT_THAT(pairs_in("a.jpg /b.jpg\n", request), ElementsAre("photos/a.jpg /b.jpg"));
  }
}

TEST_F(PairListTest, NamesTheLineOfAMistake) {
  EXPECT_EQ(error_of("a b\nc\n"), "2: a pair is two paths, and here is one");
  EXPECT_THAT(error_of("a b\n\na b c\n"), HasSubstr("3: a pair is two paths, and here are 3"));
  EXPECT_THAT(error_of("a b 0.5 c\n"), HasSubstr("1: a pair is two paths, and here are 4"));
  EXPECT_EQ(error_of("a a\n"), "1: a twice: an image is not matched with itself");
  EXPECT_THAT(error_of("# nothing\n"), HasSubstr(" no pair in it"));
}

TEST_F(PairListTest, NamesThePathThatHasNoOther) {
  PairRequest request;
  request.null_separated = true;
  EXPECT_THAT(error_of("a\0b\0c\0"sv, request), HasSubstr("3: the last path"));
}

TEST_F(PairListTest, NamesAListThatCannotBeRead) {
  PairRequest request;
  request.lists = {dir_ / "none.txt"};
  try {
    (void)read_pairs(request, images_);
    FAIL() << "no InputError";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("none.txt: No such file"));
  }
}

}  // namespace
}  // namespace bundle_match::app
