// /proc/PID/stat and pidfds.
// SPDX-License-Identifier: Apache-2.0
#include "processes.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match::test {
namespace {

struct Stat {
  char state = '-';
  pid_t parent = -1;
};

// "PID (NAME) STATE PPID ...": the name may hold anything, so the last parenthesis counts.
Stat stat_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string line = text.str();
  const auto name_end = line.rfind(')');
  Stat result;
  if (name_end != std::string::npos) {
    std::istringstream rest(line.substr(name_end + 1));
    rest >> result.state >> result.parent;
  }
  return result;
}

}  // namespace

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size() && parent_of(pid) == parent) {
      children.push_back(pid);
    }
  }
  std::sort(children.begin(), children.end());
  return children;
}

pid_t parent_of(pid_t pid) { return stat_of(pid).parent; }

char state_of(pid_t pid) { return stat_of(pid).state; }

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    ::poll(nullptr, 0, 1);
  }
  return true;
}

ProcessHandle::ProcessHandle(pid_t pid) : fd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "pidfd_open");
  }
}

ProcessHandle::~ProcessHandle() { ::close(fd_); }

bool ProcessHandle::wait_for_end() const { return ended_within(kPatience); }

bool ProcessHandle::ended() const { return ended_within(std::chrono::milliseconds(0)); }

bool ProcessHandle::ended_within(std::chrono::milliseconds time) const {
  pollfd wait{fd_, POLLIN, 0};
  return ::poll(&wait, 1, static_cast<int>(time.count())) > 0;
}

int exit_status_of(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(action());
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool stop_process(pid_t pid) {
  return ::kill(pid, SIGSTOP) == 0 && eventually([pid] { return state_of(pid) == 'T'; });
}

}  // namespace bundle_match::test
