// The worker's loop.
// SPDX-License-Identifier: Apache-2.0
#include "worker/worker.hpp"

#include "bundle_match/core/backoff.hpp"
#include "process/exit_code.hpp"
#include "process/feature_place.hpp"
#include "worker/computing_part.hpp"
#include "worker/pause_meter.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

namespace bundle_match::app {
namespace {

using Clock = std::chrono::steady_clock;

// While a long file comes in, there is always a next message.
constexpr std::chrono::milliseconds kMostReceiving{20};

// With another image at hand, nothing that rank 0 may say is urgent.
constexpr std::chrono::milliseconds kPatienceWithWork{20};

constexpr std::chrono::microseconds kLongestMovingSleep{500};

// The goodbye's last bytes may still be on the way out: lets MPI work a little.
[[noreturn]] void leave(transport::Link& link, const compute::ImageProcessor& processor) {
  link.flush();
  for (int i = 0; i < 20 && link.unsent_bytes() > 0; ++i) {
    link.flush();
    processor.wait(std::chrono::milliseconds(5));
  }
  transport::Link::leave(to_int(ExitCode::all_matched));
}

[[noreturn]] void give_up(const transport::Link& link) {
  std::fprintf(stderr, "bundle_match: error: rank %d: rank 0 is silent; this rank ends\n",
               link.rank().value());
  transport::Link::leave(to_int(ExitCode::internal_error));
}

}  // namespace

void run_worker(transport::Link& link, compute::ImageProcessor& processor, const Job& job) {
  ComputingPart part(
      processor,
      {machine::from_seconds(job.rank_timeout_s * transport::kPatienceWithRank0), link.rank(),
       job.rank_0_takes_features, feature_place(job.options)},
      [&link](const WorkerMessage& message) { link.send(message); },
      [&link](Rank to, const PeerMessage& message) { link.send_to_peer(to, message); });
  Backoff backoff;
  PauseMeter pauses;
  while (!part.end()) {
    const Clock::time_point awake = Clock::now();
    pauses.begin(awake);
    bool any = false;
    while (!part.end() && Clock::now() - awake < kMostReceiving) {
      auto message = link.try_receive();
      if (!message) {
        break;
      }
      part.deliver(std::move(*message));
      any = true;
    }
    while (Clock::now() - awake < kMostReceiving) {
      auto from = link.try_receive_from_peer();
      if (!from) {
        break;
      }
      part.deliver(from->rank, std::move(from->message));
      any = true;
    }
    any = part.step() || any;
    link.flush();
    pauses.end(Clock::now());
    part.set_longest_pause_ms(pauses.longest_ms());
    if (any) {
      backoff.reset();
    } else if (!part.end()) {
      // Wakes at once when the compute process answers; MPI has no such bell, and a long message
      // only moves while it is called.
      const bool moves_features = link.unsent_bytes() > 0 || part.waits_for_features();
      processor.wait(moves_features                ? backoff.next(kLongestMovingSleep)
                     : processor.outstanding() > 1 ? backoff.next(kPatienceWithWork)
                                                   : backoff.next());
    }
  }
  if (part.end() == ComputingPart::End::leave) {
    leave(link, processor);
  }
  if (part.end() == ComputingPart::End::rank_0_silent) {
    give_up(link);
  }
}

}  // namespace bundle_match::app
