// The fork server and its protocol: one request packet, one reply packet.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/fork_server.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "compute_process.hpp"
#include "socket.hpp"

#include <opencv2/core/utils/logger.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::compute {
namespace {

enum class Request : std::uint8_t { prepare, spawn, end };

// The answer to a request other than to prepare.
struct Reply {
  std::int32_t error = 0;  // errno of a failed fork
  std::int32_t known = 0;  // whether wait_status is
  std::int32_t wait_status = 0;
};

// Longer than killing any process takes that is not stuck inside the kernel (a dead file server).
constexpr int kEndWaitMs = 5000;

// Dies with its parent: the kernel sends SIGKILL, also when the parent itself is killed.
void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(1);  // it died before prctl
  }
}

// Signals that end or interrupt the job are the rank's affair: it lets the image under way finish.
void ignore_job_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP}) {
    ::signal(signal, SIG_IGN);
  }
}

// The server keeps no stream of the launcher open but standard error, so that a launcher that waits
// for the end of the rank's output does not wait for the server.
void drop_standard_streams() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::close(null);
  }
}

// Loads what decoders load when they are first used, so that every compute process has it and a
// confined one needs nothing more. What they say of it is nobody's concern.
void load_decoders() {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const int standard_error = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  ::dup2(STDOUT_FILENO, STDERR_FILENO);  // /dev/null
  features::load_decoders();
  ::dup2(standard_error, STDERR_FILENO);
  ::close(standard_error);
}

class Server {
 public:
  explicit Server(int control) : control_(control) {}

  [[noreturn]] void serve() {
    for (;;) {
      Request request{};
      Packet packet = receive_packet(control_, std::as_writable_bytes(std::span(&request, 1)));
      if (packet.size != sizeof request) {
        end();
        ::_exit(0);  // the rank is gone
      }
      if (request == Request::prepare) {
        prepare();
        continue;
      }
      const Reply reply = request == Request::spawn ? spawn(packet) : end();
      if (!send_packet(control_, std::as_bytes(std::span(&reply, 1)))) {
        end();
        ::_exit(0);
      }
    }
  }

 private:
  void prepare() {
    if (!prepared_) {
      load_decoders();
      prepared_ = true;
    }
  }

  Reply spawn(Packet& packet) {
    prepare();
    Reply reply;
    ComputeProcessFiles files;
    const std::size_t fixed = 2 + files.received.size();
    if (child_ > 0 || packet.fds.size() < fixed || packet.fds.size() > fixed + 1) {
      reply.error = EINVAL;
      return reply;
    }
    const pid_t server = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      die_with_parent(server);
      ::close(control_);
      files.socket = packet.fds[0].get();
      files.job = packet.fds[1].get();
      std::transform(packet.fds.begin() + 2, packet.fds.begin() + static_cast<long>(fixed),
                     files.received.begin(), [](const UniqueFd& fd) { return fd.get(); });
      files.references = packet.fds.size() > fixed ? packet.fds.back().get() : -1;
      ::_exit(run_compute_process(files));
    }
    if (child_ < 0) {
      reply.error = errno;
    }
    return reply;
  }

  Reply end() {
    Reply reply;
    if (child_ <= 0) {
      return reply;
    }
    // A pid file descriptor is readable when the process has ended. No SIGKILL changes the status
    // of a process that is already ending.
    const int pid_fd = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
    ::kill(child_, SIGKILL);
    pollfd wait{pid_fd, POLLIN, 0};
    const bool ended = pid_fd < 0 || ::poll(&wait, 1, kEndWaitMs) > 0;
    if (ended && ::waitpid(child_, &reply.wait_status, 0) == child_) {
      reply.known = 1;
    }
    if (pid_fd >= 0) {
      ::close(pid_fd);
    }
    child_ = -1;
    return reply;
  }

  int control_;
  pid_t child_ = -1;
  bool prepared_ = false;
};

Reply ask(int control, Request request, std::span<const int> fds) {
  Reply reply;
  if (!send_packet(control, std::as_bytes(std::span(&request, 1)), fds) ||
      receive_packet(control, std::as_writable_bytes(std::span(&reply, 1))).size != sizeof reply) {
    throw std::runtime_error("this rank's fork server is gone");
  }
  return reply;
}

}  // namespace

std::string ProcessEnd::describe() const {
  if (!known) {
    return "could not be ended (stuck in the kernel)";
  }
  if (signal != 0) {
    return "was killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "exited with status " + std::to_string(exit_status);
}

ForkServer::ForkServer() {
  SocketPair sockets = make_socket_pair(SOCK_SEQPACKET);
  const pid_t rank = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  if (pid == 0) {
    die_with_parent(rank);
    ::prctl(PR_SET_NAME, "bm-forkserver");
    sockets.ours.reset();
    ignore_job_signals();
    drop_standard_streams();
    Server(sockets.theirs.get()).serve();
  }
  pid_ = pid;
  control_ = ::fcntl(sockets.ours.get(), F_DUPFD_CLOEXEC, 0);
}

ForkServer::~ForkServer() {
  ::close(control_);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ForkServer::prepare() {
  const Request request = Request::prepare;
  (void)send_packet(control_, std::as_bytes(std::span(&request, 1)));  // spawn() misses a dead one
}

void ForkServer::spawn(const ComputeProcessFiles& files) {
  std::vector<int> fds{files.socket, files.job};
  fds.insert(fds.end(), files.received.begin(), files.received.end());
  if (files.references >= 0) {
    fds.push_back(files.references);
  }
  const Reply reply = ask(control_, Request::spawn, fds);
  if (reply.error != 0) {
    throw std::runtime_error(std::string("cannot start a compute process: ") +
                             std::strerror(reply.error));
  }
}

ProcessEnd ForkServer::end_compute_process() {
  const Reply reply = ask(control_, Request::end, {});
  ProcessEnd end;
  end.known = reply.known != 0;
  if (WIFSIGNALED(reply.wait_status)) {
    end.signal = WTERMSIG(reply.wait_status);
  } else if (WIFEXITED(reply.wait_status)) {
    end.exit_status = WEXITSTATUS(reply.wait_status);
  }
  return end;
}

}  // namespace bundle_match::compute
