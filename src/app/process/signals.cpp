// Signal handlers that count, or end the process.
// SPDX-License-Identifier: Apache-2.0
#include "process/signals.hpp"

#include "process/exit_code.hpp"

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <sys/time.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

constexpr int kEndSignals[] = {SIGTERM, SIGINT, SIGUSR1};

// A signal handler has nothing else to reach.
std::array<char, 256> g_no_answer{};
volatile std::sig_atomic_t g_end_signals = 0;
volatile std::sig_atomic_t g_state_requested = 0;

extern "C" void count_end_signal(int /*signal*/) {
  if (g_end_signals > 0) {
    ::_exit(to_int(ExitCode::interrupted));
  }
  g_end_signals = 1;
}

extern "C" void end_at_once(int /*signal*/) {
  constexpr std::string_view kMessage = "bundle_match: warning: interrupted before the matching\n";
  (void)!::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(to_int(ExitCode::interrupted));
}

extern "C" void end_without_answer(int /*signal*/) {
  (void)!::write(STDERR_FILENO, g_no_answer.data(), std::strlen(g_no_answer.data()));
  ::_exit(to_int(ExitCode::internal_error));
}

extern "C" void note_state_request(int /*signal*/) { g_state_requested = 1; }

void set_alarm(double seconds) {
  double whole = 0;
  const double fraction = std::modf(seconds, &whole);
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(whole);
  timer.it_value.tv_usec = static_cast<suseconds_t>(fraction * 1e6);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

void handle(void (*end_handler)(int), void (*state_handler)(int)) {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = state_handler;
  ::sigaction(SIGUSR2, &action, nullptr);
  action.sa_handler = end_handler;
  for (const int signal : kEndSignals) {
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

void end_at_once_on_signals() { handle(end_at_once, SIG_IGN); }
void count_end_signals() { handle(count_end_signal, note_state_request); }
void ignore_end_signals() { handle(SIG_IGN, SIG_IGN); }
void end_unless_ranks_answer(double seconds) {
  (void)std::snprintf(
      g_no_answer.data(), g_no_answer.size(),
      "bundle_match: error: not all ranks have answered within %.0f s of their start "
      "(--rank-timeout); one of them has ended, or cannot be reached\n",
      seconds);
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = end_without_answer;
  ::sigaction(SIGALRM, &action, nullptr);
  set_alarm(seconds);
}

void ranks_have_answered() { set_alarm(0); }

bool end_requested() { return g_end_signals > 0; }

bool state_requested() {
  const bool requested = g_state_requested != 0;
  g_state_requested = 0;
  return requested;
}

}  // namespace bundle_match::app
