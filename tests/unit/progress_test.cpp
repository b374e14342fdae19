// Progress in words, and when it is shown.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace bundle_match::app {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DurationText, HasMinutesAndHours) {
  struct Example {
    double seconds;
    const char* text;
  };
  for (const Example& example : {Example{0, "0:00"},
                                 {0.4, "0:00"},
                                 {7, "0:07"},
                                 {59.4, "0:59"},
                                 {59.6, "1:00"},
                                 {754, "12:34"},
                                 {3599, "59:59"},
                                 {3599.5, "1:00:00"},
                                 {10800, "3:00:00"},
                                 {360061, "100:01:01"},
                                 {-5, "0:00"}}) {
    EXPECT_EQ(duration_text(example.seconds), example.text) << example.seconds;
  }
}

TEST(DurationText, SurvivesWhatIsNoTime) {
  EXPECT_EQ(duration_text(std::numeric_limits<double>::infinity()), duration_text(1e300));
  EXPECT_FALSE(duration_text(1e300).empty());
}

TEST(ProgressText, CountsWithoutARateAtFirst) {
  EXPECT_EQ(progress_text({.items = 47}), "0/47 images");
  EXPECT_EQ(progress_text({.items = 47, .elapsed_s = 3}), "0/47 images");
  EXPECT_EQ(progress_text({.items = 47, .done = 1}), "1/47 images") << "no time has passed";
}

TEST(ProgressText, HasRateAndTimeLeft) {
  EXPECT_EQ(progress_text({.items = 47, .done = 12, .elapsed_s = 4}),
            "12/47 images, 3.0 images/s, 0:12 left");
  EXPECT_EQ(progress_text({.items = 7300, .done = 100, .elapsed_s = 50}),
            "100/7300 images, 2.0 images/s, 1:00:00 left");
  EXPECT_EQ(progress_text({.items = 2, .done = 2, .elapsed_s = 1}),
            "2/2 images, 2.0 images/s, 0:00 left");
}

TEST(ProgressLine, HasABarIfThereIsRoom) {
  const ProgressState half{.items = 10, .done = 5};
  EXPECT_EQ(progress_line(half, 79), "[###############...............] 5/10 images");
  EXPECT_EQ(progress_line(half, 22), "[####....] 5/10 images");
  EXPECT_EQ(progress_line(half, 21), "5/10 images");
  EXPECT_EQ(progress_line(half, 4), "5/10");
  EXPECT_EQ(progress_line({.items = 10}, 22), "[........] 0/10 images");
  EXPECT_EQ(progress_line({.items = 9, .done = 9}, 22), "[#########] 9/9 images");
  EXPECT_EQ(progress_line({}, 22), "[.........] 0/0 images");
}

TEST(ProgressText, NamesFailures) {
  EXPECT_EQ(progress_text({.items = 10, .done = 5, .failed = 2, .elapsed_s = 5}),
            "5/10 images, 2 failed, 1.0 images/s, 0:05 left");
}

// What is written to standard error, from making the Progress to its end.
std::string shown(ProgressMode mode, bool quiet, const std::function<void(Progress&)>& use) {
  testing::internal::CaptureStderr();
  {
    Console console(false, quiet);
    Progress progress(console, mode, quiet);
    use(progress);
    progress.finish();
  }
  return testing::internal::GetCapturedStderr();
}

void update_once(Progress& progress) { progress.update({.items = 3, .done = 1, .elapsed_s = 1}); }

TEST(Progress, DrawsAndRemovesItsLineWhenAskedTo) {
  for (const bool quiet : {false, true}) {
    const std::string text = shown(ProgressMode::always, quiet, update_once);
    EXPECT_THAT(text, HasSubstr("1/3 images"));
    EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
    EXPECT_THAT(text, Not(HasSubstr("\n"))) << "it redraws in place";
  }
}

TEST(Progress, KeepsStillWhenNotWanted) {
  EXPECT_EQ(shown(ProgressMode::never, false, update_once), "");
  EXPECT_EQ(shown(ProgressMode::automatic, true, update_once), "");
}

TEST(Progress, NeverDrawsWiderThanATerminal) {
  const std::string text = shown(ProgressMode::always, false, [](Progress& progress) {
    progress.update({.items = std::numeric_limits<std::size_t>::max(),
                     .done = std::numeric_limits<std::size_t>::max() / 3,
                     .failed = std::numeric_limits<std::size_t>::max() / 3,
                     .elapsed_s = 1e-3});
  });
  const std::size_t columns = find_terminal().columns;
  EXPECT_LT(text.find('\r'), columns) << text;
}

TEST(Console, PutsMessagesAboveTheStatusLine) {
  testing::internal::CaptureStderr();
  {
    Console console(false, false);
    console.set_status("busy");
    console.log().warn("{}: odd", "a.png");
    console.log().info("said");
    console.log().error("wrong");
    console.log().debug("unsaid");
    console.set_status("");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "busy\r\x1b[Kbundle_match: warning: a.png: odd\nbusy"
            "\r\x1b[Kbundle_match: said\nbusy"
            "\r\x1b[Kbundle_match: error: wrong\nbusy"
            "\r\x1b[K");
}

TEST(Console, SaysWhatWentWrongAloneWhenQuiet) {
  testing::internal::CaptureStderr();
  {
    Console console(false, true);
    console.log().info("said");
    console.log().warn("warned");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "bundle_match: warning: warned\n");
}

}  // namespace
}  // namespace bundle_match::app
