// What /proc tells of processes, and waiting for what they do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <sys/types.h>
#include <vector>

namespace bundle_match::test {

/// Far more than anything takes, on a machine that is busy with other things.
inline constexpr std::chrono::seconds kPatience{120};

/// Processes whose parent is this one, by ascending pid.
[[nodiscard]] std::vector<pid_t> children_of(pid_t parent);

/// The process's parent; -1 if there is no such process.
[[nodiscard]] pid_t parent_of(pid_t pid);

/// The state letter of proc(5): R, S, T (stopped), Z (zombie); '-' if there is no such process.
[[nodiscard]] char state_of(pid_t pid);

/// Looks again and again whether `holds`; false if it did not in kPatience.
[[nodiscard]] bool eventually(const std::function<bool()>& holds);

/// Refers to one process, also after its end, when its number may be another's.
class ProcessHandle {
 public:
  explicit ProcessHandle(pid_t pid);
  ~ProcessHandle();
  ProcessHandle(const ProcessHandle&) = delete;
  ProcessHandle& operator=(const ProcessHandle&) = delete;

  /// Waits for the process's end; false if it still runs after kPatience.
  [[nodiscard]] bool wait_for_end() const;
  [[nodiscard]] bool ended() const;

 private:
  [[nodiscard]] bool ended_within(std::chrono::milliseconds time) const;

  int fd_;
};

/// The exit status of a forked child that leaves with what `action` returns; -1 if it did not.
[[nodiscard]] int exit_status_of(const std::function<int()>& action);

/// Stops the process and waits until it is.
[[nodiscard]] bool stop_process(pid_t pid);

}  // namespace bundle_match::test
