// The fork server and its protocol: for each request packet, but those to load decoders, a reply.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/fork_server.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "compute_process.hpp"
#include "socket.hpp"

#include <opencv2/core/utils/logger.hpp>

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
#include <utility>
#include <vector>

namespace bundle_match::compute {
namespace {

enum class Request : std::int32_t { load_decoders, spawn, end };

// The answer to a request other than to load decoders.
struct Reply {
  Request to = Request::spawn;
  std::int32_t error = 0;  // errno of a failed fork
  std::int32_t known = 0;  // whether wait_status is
  std::int32_t wait_status = 0;
};

constexpr const char* kServerIsGone = "this rank's fork server is gone";

// Longer than killing any process takes that is not stuck inside the kernel (a dead file server).
constexpr int kEndWaitMs = 5000;

// Dies with its parent: the kernel sends SIGKILL, also when the parent itself is killed.
void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(1);  // it died before prctl
  }
}

// The same file under a number that is no standard stream's.
UniqueFd above_standard_streams(UniqueFd file) {
  return file.get() > STDERR_FILENO
             ? std::move(file)
             : UniqueFd(::fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// Signals that end or interrupt the job are the rank's affair: it lets the image under way finish.
void ignore_job_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP}) {
    ::signal(signal, SIG_IGN);
  }
}

// The server keeps no stream of the launcher open but standard error, so that a launcher that waits
// for the end of the rank's output does not wait for the server. It has all three, as their numbers
// would otherwise go to other files.
void drop_standard_streams() {
  const UniqueFd null = above_standard_streams(UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC)));
  if (null.valid()) {
    ::dup2(null.get(), STDIN_FILENO);
    ::dup2(null.get(), STDOUT_FILENO);
    if (::fcntl(STDERR_FILENO, F_GETFD) < 0) {
      ::dup2(null.get(), STDERR_FILENO);
    }
  }
}

// What they say of it is nobody's concern.
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
  explicit Server(UniqueFd control) : control_(std::move(control)) {}

  [[noreturn]] void serve() {
    for (;;) {
      Request request{};
      Packet packet =
          receive_packet(control_.get(), std::as_writable_bytes(std::span(&request, 1)));
      if (packet.size != sizeof request) {
        end();
        ::_exit(0);  // the rank is gone
      }
      if (request == Request::load_decoders) {
        load_decoders();
        continue;
      }
      const Reply reply = request == Request::spawn ? spawn(packet) : end();
      if (!send_packet(control_.get(), std::as_bytes(std::span(&reply, 1)))) {
        end();
        ::_exit(0);
      }
    }
  }

 private:
  Reply spawn(const Packet& packet) {
    Reply reply;
    if (child_ > 0 || packet.fds.size() < kFixedFiles || packet.fds.size() > kFixedFiles + 1) {
      reply.error = EINVAL;
      return reply;
    }
    const pid_t server = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      die_with_parent(server);
      control_.reset();
      ComputeProcessFiles files;
      files.socket = packet.fds[0].get();
      files.job = packet.fds[1].get();
      files.references = packet.fds.size() > kFixedFiles ? packet.fds.back().get() : -1;
      ::_exit(run_compute_process(files));
    }
    if (child_ < 0) {
      reply.error = errno;
    }
    return reply;
  }

  Reply end() {
    Reply reply;
    reply.to = Request::end;
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

  // Beside a spawn request: socket and job, then the references if there are any.
  static constexpr std::size_t kFixedFiles = 2;

  UniqueFd control_;
  pid_t child_ = -1;
};

void send_request(int control, Request request, std::span<const int> fds = {}) {
  // There are never so many that the socket is full.
  if (!send_packet(control, std::as_bytes(std::span(&request, 1)), fds, MSG_DONTWAIT)) {
    throw std::runtime_error(kServerIsGone);
  }
}

ProcessEnd end_of(const Reply& reply) {
  ProcessEnd end;
  end.known = reply.known != 0;
  if (WIFSIGNALED(reply.wait_status)) {
    end.signal = WTERMSIG(reply.wait_status);
  } else if (WIFEXITED(reply.wait_status)) {
    end.exit_status = WEXITSTATUS(reply.wait_status);
  }
  return end;
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
  control_ = above_standard_streams(std::move(sockets.ours));
  UniqueFd theirs = above_standard_streams(std::move(sockets.theirs));
  const pid_t rank = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  if (pid_ == 0) {
    die_with_parent(rank);
    ::prctl(PR_SET_NAME, "bm-forkserver");
    control_.reset();
    ignore_job_signals();
    drop_standard_streams();
    Server(std::move(theirs)).serve();
  }
}

ForkServer::~ForkServer() {
  control_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ForkServer::load_decoders() { send_request(control_.get(), Request::load_decoders); }

void ForkServer::request_spawn(const ComputeProcessFiles& files) {
  std::vector<int> fds{files.socket, files.job};
  if (files.references >= 0) {
    fds.push_back(files.references);
  }
  send_request(control_.get(), Request::spawn, fds);
  ++unanswered_;
}

void ForkServer::request_end() {
  send_request(control_.get(), Request::end);
  ++unanswered_;
}

std::optional<ForkServerReply> ForkServer::try_reply() {
  Reply reply;
  while (const auto packet =
             try_receive_packet(control_.get(), std::as_writable_bytes(std::span(&reply, 1)))) {
    if (packet->size != sizeof reply || unanswered_ == 0) {
      throw std::runtime_error(kServerIsGone);
    }
    --unanswered_;
    if (forgotten_ > 0) {
      --forgotten_;
    } else if (reply.to == Request::spawn) {
      return SpawnReply{reply.error};
    } else {
      return end_of(reply);
    }
  }
  return std::nullopt;
}

}  // namespace bundle_match::compute
