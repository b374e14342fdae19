// The order of hand-out: every image once, the largest first.
// SPDX-License-Identifier: Apache-2.0
#include "command/hand_out_order.hpp"

#include "support/id_literals.hpp"
#include "support/raw_images.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sys/stat.h>

namespace bundle_match::app {
namespace {

using test::TempDir;
using test::write_file;
using testing::ElementsAre;

class HandOutOrderTest : public testing::Test {
 protected:
  void add_file(const std::string& name, std::string_view bytes) {
    write_file(dir_ / name, bytes);
    paths_.add(dir_ / name);
  }

  TempDir dir_;
  PathList paths_;
};

TEST_F(HandOutOrderTest, IsEmptyForNoImages) { EXPECT_TRUE(hand_out_order(paths_).empty()); }

TEST_F(HandOutOrderTest, PutsLargeFilesFirst) {
  add_file("small.jpg", std::string(10, 'x'));
  add_file("large.jpg", std::string(1000, 'x'));
  add_file("empty.jpg", "");
  add_file("middle.jpg", std::string(100, 'x'));
  EXPECT_THAT(hand_out_order(paths_), ElementsAre(1_image, 3_image, 0_image, 2_image));
}

TEST_F(HandOutOrderTest, KeepsTheOrderOfEquals) {
  for (const char* name : {"d", "b", "c", "a"}) {
    add_file(name, "same");
  }
  EXPECT_THAT(hand_out_order(paths_), ElementsAre(0_image, 1_image, 2_image, 3_image));
}

TEST_F(HandOutOrderTest, GoesByThePixelsThatAPngStates) {
  add_file("photo.jpg", std::string(10000, 'x'));
  add_file("chessboard.png", test::png_without_pixels(4000, 3000));
  add_file("icon.png", test::png_without_pixels(16, 16) + std::string(20000, '\0'));
  EXPECT_THAT(hand_out_order(paths_), ElementsAre(1_image, 0_image, 2_image));
}

TEST_F(HandOutOrderTest, PutsLastWhatCannotBeLookedAt) {
  ASSERT_EQ(::mkfifo((dir_ / "fifo.png").c_str(), 0600), 0);
  paths_.add(dir_ / "missing.png");
  paths_.add(dir_ / "fifo.png");  // must not be waited for either
  paths_.add(dir_.path().string());
  paths_.add("");
  add_file("a.png", "some bytes");
  EXPECT_THAT(hand_out_order(paths_), ElementsAre(4_image, 0_image, 1_image, 2_image, 3_image));
}

TEST_F(HandOutOrderTest, HoldsEveryImageOnceWhenPatienceEnds) {
  for (int i = 0; i < 200; ++i) {
    add_file(std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
  }
  LargeVector<ImageIndex> order = hand_out_order(paths_, std::chrono::milliseconds(-1));
  ASSERT_EQ(order.size(), 200U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << "none was looked at";
  order = hand_out_order(paths_, std::chrono::hours(1));
  EXPECT_EQ(order.front(), 199_image);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(std::unique(order.begin(), order.end()), order.end());
  EXPECT_EQ(order.size(), 200U);
}

}  // namespace
}  // namespace bundle_match::app
