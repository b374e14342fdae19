// What the end signals do, each in a process of its own.
// SPDX-License-Identifier: Apache-2.0
#include "process/signals.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

// How a child that does this ends, as waitpid() tells it.
int end_of(const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(what());
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

constexpr int kEndSignals[] = {SIGTERM, SIGINT, SIGUSR1};

TEST(Signals, TheFirstIsCounted) {
  for (const int signal : kEndSignals) {
    const int status = end_of([signal] {
      count_end_signals();
      const bool before = end_requested();
      std::raise(signal);
      return !before && end_requested() ? 7 : 1;
    });
    ASSERT_TRUE(WIFEXITED(status)) << signal;
    EXPECT_EQ(WEXITSTATUS(status), 7) << signal;
  }
}

TEST(Signals, TheSecondEndsTheProcessWhicheverTheyAre) {
  for (const int first : kEndSignals) {
    for (const int second : kEndSignals) {
      const int status = end_of([=] {
        count_end_signals();
        std::raise(first);
        std::raise(second);
        return 1;
      });
      ASSERT_TRUE(WIFEXITED(status));
      EXPECT_EQ(WEXITSTATUS(status), 75);
    }
  }
}

TEST(Signals, TheFirstEndsTheProcessWhileThereIsNothingToKeep) {
  for (const int signal : kEndSignals) {
    const int status = end_of([signal] {
      end_at_once_on_signals();
      std::raise(signal);
      return 1;
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 75);
  }
}

TEST(Signals, OtherRanksTakeNoNotice) {
  const int status = end_of([] {
    ignore_end_signals();
    for (const int signal : kEndSignals) {
      std::raise(signal);
      std::raise(signal);
    }
    return end_requested() ? 1 : 7;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(Signals, OthersKeepTheirMeaning) {
  const int status = end_of([] {
    count_end_signals();
    std::signal(SIGHUP, SIG_DFL);  // under nohup it is ignored
    std::raise(SIGHUP);
    return 1;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGHUP);
}

}  // namespace
}  // namespace bundle_match::app
