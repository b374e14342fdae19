// A child process, confined or not, that tries something and says what came of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <seccomp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bundle_match::test {

struct ChildEnd {
  std::string said;     ///< what the action returned
  int wait_status = 0;  ///< as waitpid(2) gives it

  [[nodiscard]] int signal() const { return WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0; }
  [[nodiscard]] bool exited_well() const {
    return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  }
};

/// Runs `action` (returns a std::string) in a forked child.
template <class Action>
ChildEnd in_child(Action action) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {"no pipe", -1};
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    const std::string said = action();
    const bool written = ::write(ends[1], said.data(), said.size()) == ssize_t(said.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  ChildEnd end;
  std::array<char, 4096> chunk;
  for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;) {
    end.said.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  ::waitpid(child, &end.wait_status, 0);
  return end;
}

/// The same in a child that has confined itself.
template <class Action>
ChildEnd in_confined_child(Action action) {
  return in_child([&]() -> std::string {
    const compute::SandboxOutcome outcome = compute::confine_process();
    return outcome.confined ? action() : "not confined: " + outcome.reason;
  });
}

/// Whether the kernel can filter system calls at all.
inline bool kernel_has_seccomp() {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 || errno != EINVAL;
}

/// From here on this process' kernel takes no filter, as an old kernel or a container would; false
/// where that cannot be arranged.
inline bool refuse_seccomp_filters() {
  const scmp_arg_cmp sets_a_filter{0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  return ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) == 0 &&
         ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                  &sets_a_filter) == 0 &&
         ::seccomp_load(filter) == 0;
}

}  // namespace bundle_match::test

#define SKIP_WITHOUT_SECCOMP()                     \
  if (!bundle_match::test::kernel_has_seccomp()) { \
    GTEST_SKIP() << "this kernel has no seccomp";  \
  }                                                \
  static_assert(true)
