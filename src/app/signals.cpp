// Handlers that count, or end the process.
// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include "exit_code.hpp"

#include <csignal>
#include <string_view>
#include <unistd.h>

namespace bundle_match::app {
namespace {

constexpr int kEndSignals[] = {SIGTERM, SIGINT, SIGUSR1};

// A signal handler has nothing else to reach.
volatile std::sig_atomic_t g_end_signals = 0;

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

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : kEndSignals) {
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

void end_at_once_on_signals() { handle(end_at_once); }
void count_end_signals() { handle(count_end_signal); }
void ignore_end_signals() { handle(SIG_IGN); }
bool end_requested() { return g_end_signals > 0; }

}  // namespace bundle_match::app
