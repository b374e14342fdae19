// The rank's side: a queue of orders, a socket, a deadline, and the fork server for new processes.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "compute_process.hpp"
#include "socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bundle_match::compute {
namespace {

using Action = ImageOrder::Action;
using Clock = std::chrono::steady_clock;

constexpr int kMaxFailedStarts = 3;
constexpr int kMaxAttempts = 2;

// A set of references that a compute process surely has addresses for: its limit was made without.
constexpr off_t kMostToHandOver = off_t{256} << 20;

// An anonymous file. Throws std::system_error.
UniqueFd make_memory_file(const char* name) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.valid()) {
    throw std::system_error(errno, std::generic_category(), "cannot share memory");
  }
  return file;
}

// Throws std::system_error.
void fill(const UniqueFd& file, std::string_view bytes) {
  if (const int error = write_all(file.get(), bytes); error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot share memory");
  }
}

// The job in memory, for every compute process of this rank to read.
UniqueFd share_job(const Job& job) {
  UniqueFd file = make_memory_file("job");
  fill(file, wire::encode(job));
  return file;
}

}  // namespace

class ComputeClient::Impl {
 public:
  Impl(ForkServer& fork_server, const Job& job)
      : fork_server_(fork_server),
        timeout_s_(job.options.timeout_s),
        job_(share_job(job)),
        report_features_(job.options.report_features) {
    open_cache(job);
    for (ReceivedFile& file : received_) {
      file.memory = make_memory_file("image");
    }
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

  std::string take_problem() { return std::exchange(cache_problem_, {}); }

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
  // A folder that cannot be written costs time, not results.
  void open_cache(const Job& job) {
    try {
      if (!job.options.cache_dir.empty()) {
        cache_.emplace(job.options.cache_dir, job.options.cache_limit_bytes, job.ranks);
      }
    } catch (const std::system_error& error) {
      cache_problem_ = std::string("--cache: ") + error.what();
    }
  }

  // A file that came with an order, where compute processes find it.
  struct ReceivedFile {
    UniqueFd memory;
    bool in_use = false;
  };

  struct Pending {
    ImageOrder order;
    int attempts = 0;                       // compute processes that died of it
    bool sent = false;                      // to the compute process that lives now
    std::vector<ReceivedFile*> files = {};  // that hold what came with it
  };

  void start_process() {
    SocketPair sockets = make_socket_pair(SOCK_STREAM);
    ComputeProcessFiles files;
    files.socket = sockets.theirs.get();
    files.job = job_.get();
    files.references = references_.get();
    std::transform(received_.begin(), received_.end(), files.received.begin(),
                   [](const ReceivedFile& file) { return file.memory.get(); });
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

  // Moves what the order carries to where the compute process can read it, which then finds it like
  // any file; false if there is no place.
  bool keep_contents(Pending& pending) {
    ImageOrder& order = pending.order;
    const auto free = std::count_if(received_.begin(), received_.end(),
                                    [](const ReceivedFile& file) { return !file.in_use; });
    if (free < (order.mask_contents ? 2 : 1)) {
      return false;
    }
    order.path = keep_file(pending, order.contents);
    order.mask = order.mask_contents ? keep_file(pending, order.mask_contents) : "";
    order.received = true;
    return true;
  }

  // Moves the bytes to a free file, and returns its path.
  std::string keep_file(Pending& pending, std::optional<std::string>& bytes) {
    const auto file = std::find_if(received_.begin(), received_.end(),
                                   [](const ReceivedFile& one) { return !one.in_use; });
    if (::ftruncate(file->memory.get(), 0) != 0 || ::lseek(file->memory.get(), 0, SEEK_SET) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot share memory");
    }
    fill(file->memory, *bytes);
    bytes.reset();
    file->in_use = true;
    pending.files.push_back(&*file);
    return received_file_path(static_cast<int>(file - received_.begin()));
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
    keep_in_cache(outcome, pending_.front().order);
    pop_first();
    return outcome;
  }

  static bool is_of(const ImageReport& report, const ImageOrder& order) {
    const bool matched = report.status == ImageStatus::ok && order.action == Action::match;
    return report.image == order.image && report.first_reference == order.references.first &&
           report.outcomes.size() == (matched ? order.references.count : 0);
  }

  // The compute process may be confined: the rank writes what it has found.
  void keep_in_cache(ImageReport& report, const ImageOrder& order) {
    if (cache_ && report.cache_hit) {
      cache_->touch(report.cache_key);
    } else if (cache_ && !report.cache_key.empty()) {
      const std::string problem = cache_->store(report.cache_key, report.features);
      cache_problem_ =
          cache_problem_.empty() && !problem.empty() ? "--cache: " + problem : cache_problem_;
    }
    report.cache_key.clear();
    if (!report_features_ && order.action != Action::describe) {
      report.features.clear();
    }
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
    for (ReceivedFile* const file : pending_.front().files) {
      file->in_use = false;
    }
    pending_.pop_front();
    deadline_ = Clock::time_point::max();
    send_pending();
  }

  ForkServer& fork_server_;
  double timeout_s_;
  UniqueFd job_;
  UniqueFd references_;
  bool report_features_;
  std::optional<cache::FeatureCache> cache_;
  std::string cache_problem_;
  std::array<ReceivedFile, kReceivedFiles> received_;
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
