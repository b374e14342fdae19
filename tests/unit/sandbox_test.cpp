// What a confined process must not be able to do. Each attempt is made twice: confined, where it
// must fail as designed, and free, where it must not fail that way (else the test shows nothing).
// SPDX-License-Identifier: Apache-2.0
#include "forked_child.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sched.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace bundle_match::compute {
namespace {

// What an attempt may touch, fresh for each. The current folder holds "file" and "folder".
struct Scene {
  pid_t victim = -1;  // another process of this user
  int stream = -1;    // sockets that are not connected
  int datagram = -1;
  int readable = -1;  // "file", open for reading
};

// How much freedom is enough to see that the attempt could work.
enum class Free { shows_it, may_fail_too };

struct Attempt {
  const char* name;
  long (*call)(const Scene&);  // below 0 if it failed, with errno
  int denied = EPERM;
  Free free = Free::shows_it;  // the other: needs privileges, or kernels and containers differ
};

void PrintTo(const Attempt& attempt, std::ostream* out) { *out << attempt.name; }

sockaddr_un nowhere() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  address.sun_path[0] = 'n';
  return address;
}

using S = const Scene&;

long open_file(int flags) { return ::open("file", flags, 0600); }

// Not waited for: to wait is denied too, and would hide that this is not.
long spawn_program() {
  pid_t child = -1;
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  errno = ::posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, nullptr);
  return errno == 0 ? 0 : -1;
}

long fork_once() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(0);
  }
  return child;
}

long send_to_address(S scene) {
  const sockaddr_un to = nowhere();
  return ::sendto(scene.datagram, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

long pass_message(S scene) {
  msghdr message{};
  return ::sendmsg(scene.stream, &message, MSG_NOSIGNAL);
}

long map(int protection, int flags, int file) {
  return ::mmap(nullptr, 4096, protection, flags, file, 0) == MAP_FAILED ? -1 : 0;
}

long make_executable() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

long read_memory_of(pid_t process) {
  char byte = 0;
  iovec here{&byte, 1};
  iovec there{&byte, 1};  // the same address: the victim is a copy of this process
  return ::process_vm_readv(process, &here, 1, &there, 1, 0);
}

long limit_of(pid_t process, decltype(RLIMIT_CPU) resource) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  return ::prlimit(process, resource, &limit, nullptr);
}

constexpr auto kMayFail = Free::may_fail_too;

const Attempt kAttempts[] = {
    {"SocketInet", [](S) -> long { return ::socket(AF_INET, SOCK_STREAM, 0); }},
    {"SocketUnix", [](S) -> long { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
    {"Connect",
     [](S scene) -> long {
       const sockaddr_un to = nowhere();
       return ::connect(scene.stream, reinterpret_cast<const sockaddr*>(&to), sizeof to);
     }},
    {"Bind",
     [](S scene) -> long {
       const sockaddr_un to = nowhere();
       return ::bind(scene.stream, reinterpret_cast<const sockaddr*>(&to), sizeof to);
     }},
    {"SendToAddress", send_to_address},
    {"SendMessage", pass_message},
    {"Exec", [](S) -> long { return ::execl("no such program", "x", nullptr); }},
    {"PosixSpawn", [](S) { return spawn_program(); }},
    {"Fork", [](S) { return fork_once(); }},
    {"Clone3", [](S) { return ::syscall(SYS_clone3, nullptr, 0); }, ENOSYS, kMayFail},
    {"OpenForWriting", [](S) { return open_file(O_WRONLY); }},
    {"OpenForBoth", [](S) { return open_file(O_RDWR); }},
    {"OpenToCreate", [](S) -> long { return ::open("new", O_RDONLY | O_CREAT, 0600); }},
    {"OpenToTruncate", [](S) { return open_file(O_RDONLY | O_TRUNC); }},
    {"OpenToAppend", [](S) { return open_file(O_WRONLY | O_APPEND); }},
    {"OpenTemporary", [](S) -> long { return ::open(".", O_RDWR | O_TMPFILE, 0600); }},
    {"OpenAt2", [](S) { return ::syscall(SYS_openat2, AT_FDCWD, "file", nullptr, 0); }, ENOSYS},
    {"Creat", [](S) -> long { return ::creat("new", 0600); }},
    {"Unlink", [](S) -> long { return ::unlink("file"); }},
    {"Rmdir", [](S) -> long { return ::rmdir("folder"); }},
    {"Rename", [](S) -> long { return ::rename("file", "new"); }},
    {"Mkdir", [](S) -> long { return ::mkdir("new", 0700); }},
    {"Mkfifo", [](S) -> long { return ::mkfifo("new", 0600); }},
    {"Link", [](S) -> long { return ::link("file", "new"); }},
    {"Symlink", [](S) -> long { return ::symlink("file", "new"); }},
    {"Chmod", [](S) -> long { return ::chmod("file", 0600); }},
    {"Chown", [](S) -> long { return ::chown("file", ::getuid(), ::getgid()); }},
    {"Truncate", [](S) -> long { return ::truncate("file", 0); }},
    {"SetTimes", [](S) -> long { return ::utimensat(AT_FDCWD, "file", nullptr, 0); }},
    {"SetAttribute", [](S) -> long { return ::setxattr("file", "user.x", "y", 1, 0); }},
    {"LockFile", [](S scene) -> long { return ::flock(scene.readable, LOCK_EX | LOCK_NB); }},
    {"Chdir", [](S) -> long { return ::chdir("folder"); }},
    {"PtraceTraceme", [](S) { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
    {"PtraceAttach",
     [](S scene) { return ::ptrace(PTRACE_ATTACH, scene.victim, nullptr, nullptr); }, EPERM,
     kMayFail},
    {"ProcessVmReadv", [](S scene) { return read_memory_of(scene.victim); }, EPERM, kMayFail},
    {"KillWithSigterm", [](S scene) -> long { return ::kill(scene.victim, SIGTERM); }},
    {"KillWith0", [](S scene) -> long { return ::kill(scene.victim, 0); }},
    {"KillParent", [](S) -> long { return ::kill(::getppid(), 0); }},
    {"KillAll", [](S) -> long { return ::kill(-1, 0); }, EPERM, kMayFail},
    {"Tgkill", [](S scene) { return ::syscall(SYS_tgkill, scene.victim, scene.victim, 0); }},
    {"Tkill", [](S scene) { return ::syscall(SYS_tkill, scene.victim, 0); }},
    {"PidfdOpen", [](S scene) { return ::syscall(SYS_pidfd_open, scene.victim, 0); }},
    {"SignalByOwner",
     [](S scene) -> long { return ::fcntl(scene.stream, F_SETOWN, scene.victim); }},
    {"LimitOfOther", [](S scene) { return limit_of(scene.victim, RLIMIT_CPU); }},
    {"SetFileLimit", [](S) { return limit_of(0, RLIMIT_NOFILE); }},
    {"BindOther",
     [](S scene) -> long {
       cpu_set_t cores;
       ::sched_getaffinity(0, sizeof cores, &cores);
       return ::sched_setaffinity(scene.victim, sizeof cores, &cores);
     }},
    {"SetMemoryLimit", [](S) { return limit_of(0, RLIMIT_DATA); }},
    {"MemfdCreate", [](S) -> long { return ::memfd_create("x", 0); }},
    {"MapExecutable",
     [](S) { return map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1); }},
    {"MapFileExecutable",
     [](S scene) { return map(PROT_READ | PROT_EXEC, MAP_PRIVATE, scene.readable); }},
    {"MakeExecutable", [](S) { return make_executable(); }},
    {"Personality", [](S) -> long { return ::personality(READ_IMPLIES_EXEC); }, EPERM, kMayFail},
    {"OutliveParent", [](S) -> long { return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); }},
    {"SetUid", [](S) -> long { return ::setuid(::getuid()); }},
    {"Ioctl", [](S scene) -> long { return ::ioctl(scene.readable, FIOCLEX); }},
    {"Mount", [](S) -> long { return ::mount("none", "folder", "tmpfs", 0, nullptr); }, EPERM,
     kMayFail},
    {"Unshare", [](S) -> long { return ::unshare(CLONE_NEWUSER); }, EPERM, kMayFail},
    {"NetworkOfThread",
     [](S) { return ::syscall(SYS_clone, CLONE_THREAD | CLONE_NEWNET, nullptr); }, EPERM, kMayFail},
    {"Chroot", [](S) -> long { return ::chroot("folder"); }, EPERM, kMayFail},
    {"Setns", [](S scene) -> long { return ::setns(scene.readable, 0); }, EPERM, kMayFail},
    {"Bpf", [](S) { return ::syscall(SYS_bpf, 0, nullptr, 0); }, EPERM, kMayFail},
    {"Keyctl", [](S) { return ::syscall(SYS_keyctl, 0, -3, 1); }, EPERM, kMayFail},
    {"IoUring", [](S) { return ::syscall(SYS_io_uring_setup, 1, nullptr); }, ENOSYS, kMayFail},
    {"Userfaultfd", [](S) { return ::syscall(SYS_userfaultfd, 0); }, EPERM, kMayFail},
    {"PerfEventOpen", [](S) { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0); },
     EPERM, kMayFail},
};

class SandboxTest : public testing::TestWithParam<Attempt> {
 protected:
  SandboxTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sandbox-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SandboxTest() override { std::filesystem::remove_all(folder_); }

  // errno of the attempt, 0 if it went through, in a fresh scene.
  int error_of_attempt(bool confined) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "folder");
    std::ofstream(folder_ / "file") << std::string(4096, 'x');
    const pid_t victim = ::fork();
    if (victim == 0) {
      for (;;) {
        ::pause();
      }
    }
    const auto attempt = [&]() -> std::string {
      if (::chdir(folder_.c_str()) != 0) {
        return "no folder";
      }
      const Scene scene{victim, ::socket(AF_UNIX, SOCK_STREAM, 0), ::socket(AF_UNIX, SOCK_DGRAM, 0),
                        ::open("file", O_RDONLY)};
      if (confined && !confine_process().confined) {
        return "not confined";
      }
      errno = 0;
      return std::to_string(GetParam().call(scene) < 0 ? errno : 0);
    };
    const test::ChildEnd end = test::in_child(attempt);
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
    EXPECT_TRUE(end.exited_well()) << "signal " << end.signal();
    EXPECT_EQ(end.said.find_first_not_of("0123456789"), std::string::npos) << end.said;
    return std::atoi(end.said.c_str());
  }

  std::filesystem::path folder_;
};

TEST_P(SandboxTest, Denies) {
  SKIP_WITHOUT_SECCOMP();
  EXPECT_EQ(error_of_attempt(true), GetParam().denied);
  if (GetParam().free == Free::shows_it) {
    EXPECT_NE(error_of_attempt(false), GetParam().denied) << "not the sandbox's doing";
  }
}

INSTANTIATE_TEST_SUITE_P(Attempts, SandboxTest, testing::ValuesIn(kAttempts),
                         [](const auto& attempt) { return std::string(attempt.param.name); });

// What a filter of system calls cannot see: that a file is somebody's memory.
TEST(SandboxMemoryTest, DeniesTheMemoryOfOthers) {
  SKIP_WITHOUT_SECCOMP();
#ifdef SYS_landlock_create_ruleset
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 0) {  // 1: asks for the version
    GTEST_SKIP() << "this kernel has no Landlock";
  }
  const std::string path = "/proc/" + std::to_string(::getpid()) + "/mem";
  const auto open_memory = [&] {
    return std::to_string(::open(path.c_str(), O_RDONLY) < 0 ? errno : 0);
  };
  EXPECT_EQ(test::in_confined_child(open_memory).said, std::to_string(EACCES));
#else
  GTEST_SKIP() << "built without Landlock";
#endif
}

}  // namespace
}  // namespace bundle_match::compute
