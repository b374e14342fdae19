// The list of allowed system calls, loaded with libseccomp; Landlock beside it.
// SPDX-License-Identifier: Apache-2.0
#include "sandbox.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <initializer_list>
#include <sched.h>
#include <seccomp.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

namespace bundle_match::compute {
namespace {

// Allowed whatever the arguments. Calls that a CPU or a libseccomp does not know are left out, so
// one list serves all.
constexpr const char* kAllowed[] = {
    // Looking at files.
    "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd",
    // Descriptors it has. Every new one is read-only (see add_file_rules): what can be written to
    // or truncated is its socket to the rank and the memory that stands for standard error.
    "read", "pread64", "readv", "preadv", "write", "pwrite64", "writev", "lseek", "fadvise64",
    "ftruncate", "close", "poll", "ppoll", "recvfrom", "recvmsg",
    // Memory; what can make it executable is below.
    "munmap", "mremap", "brk", "madvise",
    // Threads, signals to itself, its end.
    "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "getcpu",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit",
    "exit_group",
    // Clocks, and what it is and runs on.
    "clock_gettime", "clock_getres", "gettimeofday", "time", "clock_nanosleep", "nanosleep",
    "getrusage", "times", "getrandom", "uname", "sysinfo", "getrlimit", "getpid", "gettid",
    "getppid", "getuid", "geteuid", "getgid", "getegid"};

// Denied in the way of a kernel that lacks them: the C library falls back to clone and openat,
// whose flags a filter can see; others fall back from io_uring.
constexpr const char* kUnknown[] = {"clone3", "openat2", "io_uring_setup"};

// O_TMPFILE contains O_DIRECTORY, which is also for reading.
constexpr unsigned kTemporaryFile = O_TMPFILE & ~O_DIRECTORY;
constexpr unsigned kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | kTemporaryFile;

constexpr unsigned kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// Argument `number` under `mask` has this value. The upper half of an int's register is not
// defined, so that an int is never compared whole.
scmp_arg_cmp argument(unsigned number, unsigned mask, unsigned value) {
  return {number, SCMP_CMP_MASKED_EQ, mask, value};
}

scmp_arg_cmp equals(unsigned number, unsigned value) { return argument(number, ~0U, value); }

scmp_arg_cmp null_pointer(unsigned number) { return {number, SCMP_CMP_EQ, 0, 0}; }

void check(int result, const char* what) {
  if (result < 0) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(-result));
  }
}

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
    if (context_ == nullptr) {
      throw std::runtime_error("libseccomp cannot make a filter");
    }
  }
  ~Filter() { ::seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void set(scmp_filter_attr attribute, std::uint32_t value) {
    check(::seccomp_attr_set(context_, attribute, value), "libseccomp");
  }

  void allow(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    add(SCMP_ACT_ALLOW, name, arguments);
  }

  void add(std::uint32_t action, const char* name,
           std::initializer_list<scmp_arg_cmp> arguments = {}) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number >= 0) {
      check(::seccomp_rule_add_array(context_, action, number,
                                     static_cast<unsigned>(arguments.size()), arguments.begin()),
            name);
    }
  }

  void load() {
    errno = 0;
    const int result = ::seccomp_load(context_);
    // errno is the kernel's word; the result may be no more than "did not work".
    check(result < 0 && errno > 0 ? -errno : result, "the kernel takes no seccomp filter");
  }

 private:
  scmp_filter_ctx context_;
};

void add_file_rules(Filter& filter) {
  filter.allow("open", {argument(1, kWriting, 0)});
  filter.allow("openat", {argument(2, kWriting, 0)});
  // Not F_SETOWN (signals to others), F_SETFL (O_ASYNC: the same), locks and leases.
  for (const unsigned command : {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC}) {
    filter.allow("fcntl", {equals(1, command)});
  }
  // Without an address: over a connected socket.
  filter.allow("sendto", {null_pointer(4)});
}

// Nothing is loaded or compiled once images are decoded, so no new page needs to be executable.
void add_memory_rules(Filter& filter) {
  for (const char* const name : {"mmap", "mprotect"}) {
    filter.allow(name, {argument(2, PROT_EXEC, 0)});
  }
}

void add_process_rules(Filter& filter) {
  const auto self = static_cast<unsigned>(::getpid());
  filter.allow("clone", {argument(0, CLONE_THREAD | kNamespaces, CLONE_THREAD)});
  filter.allow("kill", {equals(0, self)});
  filter.allow("tgkill", {equals(0, self)});
  filter.allow("sched_setaffinity", {equals(0, 0)});  // of the calling thread
  // Reads any limit of its own; sets the CPU time of the next image (the hard limit holds).
  filter.allow("prlimit64", {equals(0, 0), null_pointer(2)});
  filter.allow("prlimit64", {equals(0, 0), equals(1, RLIMIT_CPU)});
  // Names of threads and memory. Not PR_SET_PDEATHSIG: it dies with its parent.
  for (const unsigned option : {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_NO_NEW_PRIVS,
                                PR_GET_SECCOMP, PR_GET_DUMPABLE, PR_GET_PDEATHSIG}) {
    filter.allow("prctl", {equals(0, option)});
  }
}

void load_filter() {
  Filter filter;
  filter.set(SCMP_FLTATR_CTL_TSYNC, 1);
  filter.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);  // 32-bit calls: nobody's fallback
  // Kernels before 5.16 otherwise slow a filtered process down (no speculation past stores), which
  // protects interpreters of foreign code within one process; there is none here.
  filter.set(SCMP_FLTATR_CTL_SSB, 1);
  for (const char* const name : kAllowed) {
    filter.allow(name);
  }
  for (const char* const name : kUnknown) {
    filter.add(SCMP_ACT_ERRNO(ENOSYS), name);
  }
#ifdef BUNDLE_MATCH_SANITIZED
  // The sanitizers write memory into a pipe to learn whether it is accessible.
  filter.allow("pipe");
  filter.allow("pipe2");
#endif
  add_file_rules(filter);
  add_memory_rules(filter);
  add_process_rules(filter);
  filter.load();
}

// Landlock, where the kernel has it, as a second wall. A filter of calls cannot see that a file is
// the memory of another process (/proc/PID/mem, environ); Landlock counts that as tracing. It also
// judges writes by the file, not by the call. Reading is not among what it handles here.
void add_landlock() {
#if defined(SYS_landlock_create_ruleset) && defined(LANDLOCK_ACCESS_FS_MAKE_SYM)
  landlock_ruleset_attr denied{};
  denied.handled_access_fs =
      LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
      LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
      LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  const long rules =
      ::syscall(SYS_landlock_create_ruleset, &denied, sizeof denied.handled_access_fs, 0);
  if (rules >= 0) {
    (void)::syscall(SYS_landlock_restrict_self, rules, 0);
    ::close(static_cast<int>(rules));
  }
#endif
}

}  // namespace

SandboxOutcome confine_process() noexcept {
  SandboxOutcome outcome;
  try {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
      throw std::runtime_error(std::string("no_new_privs: ") + std::strerror(errno));
    }
    add_landlock();
    load_filter();
    outcome.confined = true;
  } catch (const std::exception& error) {
    outcome.reason = error.what();
  }
  return outcome;
}

}  // namespace bundle_match::compute
