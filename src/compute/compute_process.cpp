// The compute process's set-up and loop.
// SPDX-License-Identifier: Apache-2.0
#include "compute_process.hpp"

#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "decoder_messages.hpp"
#include "image_computation.hpp"
#include "limits.hpp"
#include "order_queue.hpp"
#include "sandbox.hpp"
#include "socket.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <new>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace bundle_match::compute {
namespace {

// Beyond the few descriptors that a process has when it starts, below the limit it is given.
constexpr int kFirstReceivedFile = 40;

Job read_job(int file) {
  struct stat status {};
  ::fstat(file, &status);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got <= 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return wire::decode<Job>(bytes);
}

// As the rank chose it, so that all compute processes of a rank use the same one.
const matching::Kernel& kernel(const MatchOptions& options) {
  const matching::Kernel* named = matching::find_kernel(options.kernel);
  return named != nullptr ? *named : matching::kernels().back();
}

// Set by operator new when it fails, whoever catches the exception.
bool g_allocation_failed = false;

void note_failed_allocation() {
  g_allocation_failed = true;
  throw std::bad_alloc();
}

class ComputeProcess {
 public:
  ComputeProcess(int socket, const Job& job, features::FeatureSet references)
      : socket_(socket),
        options_(job.options),
        computation_(job, kernel(job.options), std::move(references),
                     {[this](const ImageOrder& order, ImageReport& report) {
                        add_decoder_message(order, report);
                      },
                      [this] { tell_progress(); }}) {}

  int run() {
    ImageReport ready;
    ready.kind = ImageReport::Kind::first;
    ready.reason = confine();
    ready.kernel = kernel(options_).name;
    ready.sift = computation_.sift_name();
    if (!send_frame(socket_, FrameKind::report, wire::encode(ready))) {
      return 0;
    }
    OrderQueue orders(socket_);
    try {
      follow(orders);
    } catch (const std::exception&) {
      exit_status_ = 1;
    }
    // Not `return`: the reading thread may be waiting, and there is nothing to clean up.
    ::_exit(exit_status_);
  }

 private:
  // Until the rank closes the socket, or this process should end.
  void follow(OrderQueue& orders) {
    while (const auto frame = orders.next()) {
      if (frame->kind == FrameKind::references) {
        computation_.use_references(features::FeatureSet(frame->file.get()));
        continue;
      }
      if (!compute(wire::decode<ImageOrder>(frame->payload))) {
        return;
      }
      fresh_ = false;
    }
  }

  // Before any thread starts and any image is read; decoders were loaded by the fork server. Why
  // the process is not confined although it should be; empty if all is well.
  std::string confine() {
    if (!options_.sandbox) {
      return {};
    }
    limit_files();
    return confine_process().reason;
  }

  // Sends the order's report; false if this process should end.
  bool compute(const ImageOrder& order) {
    g_allocation_failed = false;
    allow_time();
    ImageReport report;
    try {
      report = computation_.compute(order);
    } catch (const OutOfMemory&) {
      if (!may_give_up(order, report)) {
        return false;
      }
    }
    return send_frame(socket_, FrameKind::report, wire::encode(report));
  }

  void allow_time() {
    last_progress_ = std::chrono::steady_clock::now();
    if (options_.timeout_s > 0) {
      limit_cpu(options_.timeout_s, options_.threads);
    }
  }

  // The time limit is that of reading an image and of each of its pairs, not of a thousand of them.
  void tell_progress() {
    constexpr std::chrono::milliseconds kTellEvery{500};
    if (std::chrono::steady_clock::now() - last_progress_ >= kTellEvery) {
      allow_time();
      (void)send_frame(socket_, FrameKind::progress, "");
    }
  }

  // Only a fresh process knows that it is the image's size, not what earlier images left behind.
  bool may_give_up(const ImageOrder& order, ImageReport& report) {
    report.image = order.image;
    report.first_reference = order.references.first;
    report_too_large(report, 0, options_.memory_limit_bytes);
    exit_status_ = kNeedsFreshProcess;
    return fresh_;
  }

  void add_decoder_message(const ImageOrder& order, ImageReport& report) {
    const std::string message = messages_.take(order.path);
    // Decoders and OpenCV swallow a failed allocation: it looks like a damaged file.
    const bool ran_out = g_allocation_failed || message.find("emory") != std::string::npos;
    if (report.status == ImageStatus::unreadable && ran_out) {
      throw OutOfMemory();
    }
    if (!message.empty()) {
      report.reason += (report.reason.empty() ? "decoder: " : "; decoder: ") + message;
    }
  }

  int socket_;
  MatchOptions options_;
  DecoderMessages messages_;
  ImageComputation computation_;
  std::chrono::steady_clock::time_point last_progress_;
  bool fresh_ = true;
  int exit_status_ = 0;
};

}  // namespace

std::string received_file_path(int number) {
  return "/proc/self/fd/" + std::to_string(kFirstReceivedFile + number);
}

int run_compute_process(const ComputeProcessFiles& files) {
  ::prctl(PR_SET_NAME, "bm-compute");
  close_inherited_files();
  for (int i = 0; i < kReceivedFiles; ++i) {
    ::dup2(files.received.at(static_cast<std::size_t>(i)), kFirstReceivedFile + i);
  }
  disable_core_dumps();
  keep_freed_memory();
  std::set_new_handler(note_failed_allocation);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  try {
    const Job job = read_job(files.job);
    ::close(files.job);
    cv::setNumThreads(job.options.threads);
    features::FeatureSet references;
    if (files.references >= 0) {
      references = features::FeatureSet(files.references);
      ::close(files.references);
    }
    ComputeProcess process(files.socket, job, std::move(references));
    limit_memory(job.options.memory_limit_bytes, job.options.threads);
    return process.run();
  } catch (const std::exception&) {
    return 1;  // the rank sees it and says so
  }
}

}  // namespace bundle_match::compute
