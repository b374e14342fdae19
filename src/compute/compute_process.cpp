// The compute process's set-up and loop.
// SPDX-License-Identifier: Apache-2.0
#include "compute_process.hpp"

#include "bundle_match/features/sift_extractor.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/posix/cores.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "cores.hpp"
#include "decoder_messages.hpp"
#include "frames.hpp"
#include "image_computation.hpp"
#include "limits.hpp"
#include "order_queue.hpp"
#include "sandbox.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <variant>

namespace bundle_match::compute {
namespace {

Job read_job(int file) {
  struct stat status {};
  ::fstat(file, &status);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  bytes.resize(static_cast<std::size_t>(std::max<std::int64_t>(read_at(file, bytes, 0), 0)));
  return wire::decode<Job>(bytes);
}

// As the rank chose it, so that all compute processes of a rank use the same one.
const matching::Kernel& kernel(const MatchOptions& options) {
  const matching::Kernel* named = matching::find_kernel(options.kernel);
  return named != nullptr ? *named : matching::kernels().back();
}

// What SIFT takes, twice, as blocks are aligned to their own size.
constexpr std::uint64_t kHelperBytes = 2 * features::kSiftBytesOfAThread;

// No more than cores of the machine are ever lent.
int most_helpers() {
  static const int cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_CONF));
  return std::min(cores, features::kMostSiftHelpers);
}

class ComputeProcess {
 public:
  ComputeProcess(int socket, const Job& job, features::FeatureSet references)
      : socket_(socket),
        options_(job.options),
        computation_(job, kernel(job.options), std::move(references),
                     {[this](const std::string& path, OrderResult& result) {
                        add_decoder_message(path, result);
                      },
                      [this] { tell_progress(); }}) {}

  int run() {
    ProcessReady ready;
    ready.warning = why_threads_share_cores(options_.threads);
    if (const std::string unconfined = confine(); !unconfined.empty()) {
      ready.warning += (ready.warning.empty() ? "" : "; ") + unconfined;
    }
    ready.kernel = kernel(options_).name;
    ready.sift = computation_.sift_name();
    if (!send(ready)) {
      return 0;
    }
    OrderQueue orders(socket_, [this](LentCores lent) { use_cores(std::move(lent)); });
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
    while (auto next = orders.next()) {
      if (auto* const references = std::get_if<NewReferences>(&*next)) {
        computation_.use_references(features::FeatureSet(std::move(references->file)));
        continue;
      }
      if (auto* const store = std::get_if<NewStore>(&*next)) {
        computation_.use_store(
            features::MappedFeatures(std::move(store->memory), std::move(store->disk)));
        continue;
      }
      if (!compute(std::get<QueuedOrder>(*next).order)) {
        return;
      }
      fresh_ = false;
    }
  }

  // By the thread that reads: an order may be under way.
  void use_cores(LentCores lent) {
    const int helpers =
        static_cast<int>(std::min(lent.threads, static_cast<std::uint32_t>(most_helpers())));
    helpers_ = helpers;
    allow_cpu_time();
    computation_.set_helpers(
        {helpers, [cores = std::move(lent.cores)] { return run_on_cores(cores); }});
  }

  // Before any thread starts and any image is read; it can load no decoders any more. Why
  // the process is not confined although it should be; empty if all is well.
  std::string confine() {
    if (!options_.sandbox) {
      return {};
    }
    limit_files();
    return confine_process().reason;
  }

  // Sends the order's result; false if this process should end.
  bool compute(const ComputeOrder& order) {
    messages_.forget();
    allow_time();
    ComputeResult result;
    try {
      if (order.ahead) {
        auto failed = computation_.prepare(order);
        if (!failed) {
          return send(ImagePrepared{order.id});
        }
        result = std::move(*failed);
      } else {
        result = computation_.compute(order);
      }
    } catch (const OutOfMemory&) {
      // Only a fresh process knows that it is the image's size, not what earlier images left.
      if (!fresh_) {
        exit_status_ = kNeedsFreshProcess;
        return false;
      }
      result = {};
      result.result.order = order.id;
      report_too_large(result.result, 0, options_.memory_limit_bytes);
    } catch (const DecodersNeeded&) {
      exit_status_ = kNeedsDecoders;
      return false;
    }
    return send_result(std::move(result));
  }

  bool send_result(ComputeResult result) {
    const OrderId order = result.result.order;
    std::string bytes = wire::encode(ComputeMessage(std::move(result)));
    if (bytes.size() > kLongestFrame) {
      ComputeResult failed;
      failed.result.order = order;
      failed.result.status = ImageStatus::failed;
      failed.result.reason = "its result is larger than 1 GiB";
      bytes = wire::encode(ComputeMessage(std::move(failed)));
    }
    return send_frame(socket_, FrameKind::message, bytes);
  }

  bool send(const ComputeMessage& message) {
    return send_frame(socket_, FrameKind::message, wire::encode(message));
  }

  void allow_time() {
    last_progress_ = std::chrono::steady_clock::now();
    allow_cpu_time();
  }

  void allow_cpu_time() const {
    if (options_.timeout_s > 0) {
      limit_cpu(options_.timeout_s, options_.threads + helpers_);
    }
  }

  // The time limit is that of reading an image and of each of its pairs, not of a thousand of them.
  void tell_progress() {
    constexpr std::chrono::milliseconds kTellEvery{500};
    if (std::chrono::steady_clock::now() - last_progress_ >= kTellEvery) {
      allow_time();
      (void)send(StillComputing{});
    }
  }

  void add_decoder_message(const std::string& path, OrderResult& result) {
    if (const std::string message = messages_.take(path); !message.empty()) {
      result.reason += (result.reason.empty() ? "decoder: " : "; decoder: ") + message;
    }
  }

  int socket_;
  MatchOptions options_;
  DecoderMessages messages_;
  ImageComputation computation_;
  std::atomic<int> helpers_ = 0;
  std::chrono::steady_clock::time_point last_progress_;
  bool fresh_ = true;
  int exit_status_ = 0;
};

}  // namespace

int run_compute_process(const ComputeProcessFiles& files) {
  ::prctl(PR_SET_NAME, "bm-compute");
  close_inherited_files();
  disable_core_dumps();
  keep_freed_memory();
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  try {
    const Job job = read_job(files.job);
    ::close(files.job);
    cv::setNumThreads(job.options.threads);
    features::FeatureSet references;
    if (files.references >= 0) {
      references = features::FeatureSet(UniqueFd(files.references));
    }
    ComputeProcess process(files.socket, job, std::move(references));
    limit_memory(job.options.memory_limit_bytes, job.options.threads, most_helpers(), kHelperBytes);
    return process.run();
  } catch (const std::exception&) {
    return 1;  // the rank sees it and says so
  }
}

}  // namespace bundle_match::compute
