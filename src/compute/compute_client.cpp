// The rank's side: a queue of orders, a socket, a deadline, and the fork server for new processes.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "compute_process.hpp"
#include "rank_cache.hpp"
#include "received_files.hpp"
#include "socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::compute {
namespace {

using Action = ImageOrder::Action;
using Clock = std::chrono::steady_clock;

constexpr int kMaxFailedStarts = 3;
constexpr int kMaxAttempts = 2;

// A set of references that a compute process surely has addresses for: its limit was made without.
constexpr off_t kMostToHandOver = off_t{256} << 20;

}  // namespace

class ComputeClient::Impl {
 public:
  Impl(ForkServer& fork_server, const Job& job)
      : fork_server_(fork_server),
        timeout_s_(job.options.timeout_s),
        job_(make_memory_file("job", wire::encode(job))),  // for every compute process to read
        report_features_(job.options.report_features),
        cache_(job) {
    start_process();
  }

  ~Impl() {
    try {
      fork_server_.end_compute_process();
    } catch (const std::exception&) {
      // The fork server is gone, and the compute process with it.
    }
  }

  const std::string& kernel() {
    for (;;) {
      if (auto outcome = try_outcome()) {
        early_.push_back(std::move(*outcome));
      }
      if (!kernel_.empty()) {
        return kernel_;
      }
      wait(std::chrono::seconds(1));
    }
  }

  const std::string& sift() {
    (void)kernel();
    return sift_;
  }

  std::string sandbox_warning() {
    (void)kernel();
    return sandbox_warning_;
  }

  std::string take_problem() { return cache_.take_problem(); }

  void use_references(int file) {
    // For reading alone: a compute process that an image has taken over changes nothing for others.
    const std::string path = fmt::format("/proc/self/fd/{}", file);
    references_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!references_.valid()) {
      throw std::system_error(errno, std::generic_category(), "cannot share the references");
    }
    struct stat status {};
    if (::fstat(file, &status) == 0 && status.st_size <= kMostToHandOver &&
        send_references(socket_.get(), references_.get())) {
      return;
    }
    fork_server_.end_compute_process();
    start_process();
  }

  void submit(ImageOrder order) {
    const int attempts = static_cast<int>(order.deaths);
    pending_.push_back({std::move(order), attempts});
    send_pending();
  }

  [[nodiscard]] std::size_t outstanding() const { return pending_.size() + early_.size(); }

  std::optional<ImageReport> try_report() {
    if (!early_.empty()) {
      ImageReport report = std::move(early_.front());
      early_.pop_front();
      return report;
    }
    return try_outcome();
  }

  void wait(std::chrono::microseconds at_most) const {
    if (deadline_ != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline_ - Clock::now());
      at_most = std::clamp(left, std::chrono::microseconds(0), at_most);
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
    const timespec time{seconds.count(), std::chrono::nanoseconds(at_most - seconds).count()};
    pollfd socket{socket_.get(), POLLIN, 0};
    ::ppoll(&socket, 1, &time, nullptr);
  }

 private:
  struct Pending {
    ImageOrder order;
    int attempts = 0;                  // compute processes that died of it
    bool sent = false;                 // to the compute process that lives now
    ReceivedFiles::Places files = {};  // that hold what came with it
  };

  void start_process() {
    SocketPair sockets = make_socket_pair(SOCK_STREAM);
    ComputeProcessFiles files;
    files.socket = sockets.theirs.get();
    files.job = job_.get();
    files.references = references_.get();
    files.received = received_.descriptors();
    fork_server_.spawn(files);
    socket_ = std::move(sockets.ours);
    reader_ = FrameReader(socket_.get());
    ready_ = false;
    deadline_ = Clock::time_point::max();
    for (Pending& pending : pending_) {
      pending.sent = false;
    }
    send_pending();
  }

  // A suspect, an image that a compute process died of, is sent alone, so that nothing else can be
  // blamed. A failed send is left to the reading side, which sees the process gone.
  void send_pending() {
    for (Pending& pending : pending_) {
      if (!pending.sent) {
        if (pending.order.contents && !keep_contents(pending)) {
          break;  // until an earlier one is done
        }
        pending.sent = true;
        (void)send_frame(socket_.get(), FrameKind::order, wire::encode(pending.order));
      }
      if (pending.attempts > 0) {
        break;
      }
    }
    if (deadline_ == Clock::time_point::max()) {
      allow_time();
    }
  }

  // From now on the first order may take as long as an order may take.
  void allow_time() {
    if (!pending_.empty() && timeout_s_ > 0) {
      deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(timeout_s_));
    }
  }

  // False if there is no place for what the order carries.
  bool keep_contents(Pending& pending) {
    auto files = received_.take(pending.order);
    pending.files = files ? std::move(*files) : ReceivedFiles::Places{};
    return files.has_value();
  }

  // The first order's outcome, if it is known by now.
  std::optional<ImageReport> try_outcome() {
    while (const auto frame = reader_.try_receive()) {
      try {
        if (auto outcome = accept(*frame)) {
          return outcome;
        }
      } catch (const wire::DecodeError&) {
        return process_died();  // a process that talks nonsense is as good as dead
      }
    }
    if (reader_.closed()) {
      return process_died();
    }
    if (!pending_.empty() && Clock::now() >= deadline_) {
      fork_server_.end_compute_process();
      ImageReport outcome = finish_first(
          ImageStatus::timed_out, fmt::format("no result within {:g} s (--timeout)", timeout_s_));
      start_process();
      return outcome;
    }
    return std::nullopt;
  }

  // A frame of a live process: an outcome, or the word that it has started or goes on.
  std::optional<ImageReport> accept(const Frame& frame) {
    if (frame.kind == FrameKind::progress) {
      allow_time();
      return std::nullopt;
    }
    auto outcome = wire::decode<ImageReport>(frame.payload);
    if (outcome.kind == ImageReport::Kind::first) {
      kernel_ = outcome.kernel;
      sift_ = outcome.sift;
      sandbox_warning_ = outcome.reason;
      ready_ = true;
      failed_starts_ = 0;
      return std::nullopt;
    }
    if (!outcome.has_result() || pending_.empty() || !is_of(outcome, pending_.front().order)) {
      throw wire::DecodeError("a report of another image");
    }
    cache_.take(outcome);
    outcome.cache_key.clear();
    if (!report_features_ && pending_.front().order.action != Action::describe) {
      outcome.features.clear();
    }
    pop_first();
    return outcome;
  }

  static bool is_of(const ImageReport& report, const ImageOrder& order) {
    const bool matched = report.status == ImageStatus::ok && order.action == Action::match;
    return report.image == order.image && report.first_reference == order.references.first &&
           report.outcomes.size() == (matched ? order.references.count : 0);
  }

  std::optional<ImageReport> process_died() {
    const ProcessEnd end = fork_server_.end_compute_process();
    std::optional<ImageReport> outcome;
    if (!ready_) {
      if (++failed_starts_ >= kMaxFailedStarts) {
        throw std::runtime_error("compute processes cannot start: the last one " + end.describe());
      }
    } else if (!pending_.empty()) {
      const std::string reason = "the compute process " + end.describe();
      if (++pending_.front().attempts >= kMaxAttempts) {
        outcome = finish_first(ImageStatus::crashed, reason);
      } else if (end.exit_status != kNeedsFreshProcess) {
        outcome = report_of_first();
        outcome->kind = ImageReport::Kind::process_died;
        outcome->reason = reason;
      }
    }
    start_process();
    return outcome;
  }

  [[nodiscard]] ImageReport report_of_first() const {
    ImageReport report;
    report.image = pending_.front().order.image;
    report.first_reference = pending_.front().order.references.first;
    return report;
  }

  ImageReport finish_first(ImageStatus status, std::string reason) {
    ImageReport outcome = report_of_first();
    outcome.status = status;
    outcome.reason = std::move(reason);
    pop_first();
    return outcome;
  }

  void pop_first() {
    received_.release(pending_.front().files);
    pending_.pop_front();
    deadline_ = Clock::time_point::max();
    send_pending();
  }

  ForkServer& fork_server_;
  double timeout_s_;
  UniqueFd job_;
  UniqueFd references_;
  bool report_features_;
  RankCache cache_;
  ReceivedFiles received_;
  UniqueFd socket_;
  FrameReader reader_{-1};
  std::deque<Pending> pending_;
  std::deque<ImageReport> early_;  // reports that came while waiting for the kernel's name
  std::string kernel_;
  std::string sift_;
  std::string sandbox_warning_;
  Clock::time_point deadline_ = Clock::time_point::max();  // of the first pending image
  bool ready_ = false;  // whether the process has sent its first report
  int failed_starts_ = 0;
};

ComputeClient::ComputeClient(ForkServer& fork_server, const Job& job)
    : impl_(std::make_unique<Impl>(fork_server, job)) {}
ComputeClient::~ComputeClient() = default;

const std::string& ComputeClient::kernel() { return impl_->kernel(); }

const std::string& ComputeClient::sift() { return impl_->sift(); }
std::string ComputeClient::sandbox_warning() { return impl_->sandbox_warning(); }
void ComputeClient::use_references(int file) { impl_->use_references(file); }
void ComputeClient::submit(ImageOrder order) { impl_->submit(std::move(order)); }
std::string ComputeClient::take_problem() { return impl_->take_problem(); }
std::size_t ComputeClient::outstanding() const { return impl_->outstanding(); }
std::optional<ImageReport> ComputeClient::try_report() { return impl_->try_report(); }
void ComputeClient::wait(std::chrono::microseconds at_most) const { impl_->wait(at_most); }

}  // namespace bundle_match::compute
