// Signal handlers that count, or end the process.
// SPDX-License-Identifier: Apache-2.0
#include "process/signals.hpp"

#include "process/exit_code.hpp"

#include <csignal>
#include <string_view>
#include <unistd.h>

namespace bundle_match::app {
namespace {

constexpr int kEndSignals[] = {SIGTERM, SIGINT, SIGUSR1};

// A signal handler has nothing else to reach.
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

extern "C" void note_state_request(int /*signal*/) { g_state_requested = 1; }

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
bool end_requested() { return g_end_signals > 0; }

bool state_requested() {
  const bool requested = g_state_requested != 0;
  g_state_requested = 0;
  return requested;
}

}  // namespace bundle_match::app
