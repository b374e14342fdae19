// The worker's loop.
// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "exit_code.hpp"
#include "launch.hpp"
#include "reference_receiver.hpp"

#include <cstdio>
#include <utility>

namespace bundle_match::app {
namespace {

using Clock = std::chrono::steady_clock;

// With another image at hand, nothing that rank 0 may say is urgent.
constexpr std::chrono::milliseconds kPatienceWithWork{20};

class Worker {
 public:
  Worker(transport::Link& link, compute::ImageProcessor& compute, double rank_timeout_s)
      : link_(link),
        compute_(compute),
        rank_0_(1,
                std::chrono::duration_cast<Clock::duration>(
                    std::chrono::duration<double>(rank_timeout_s * transport::kPatienceWithRank0)),
                Clock::now()) {}

  void run() {
    ImageReport first;
    first.kind = ImageReport::Kind::first;
    first.place = processor_text();
    first.kernel = compute_.kernel();
    first.sift = compute_.sift();
    first.reason = compute_.sandbox_warning();
    send(first);
    Backoff backoff;
    while (!stopped_) {
      const bool reported = pass_on_reports();
      const bool received = take_references();
      if (received || take_orders() || reported) {
        backoff.reset();
      } else if (stopping_ && !link_.receiving_references()) {
        stopping_ = false;
        say_goodbye();
      } else if (!stopped_) {
        // Wakes at once when the compute process reports; MPI has no such bell.
        compute_.wait(compute_.outstanding() > 1 ? backoff.next(kPatienceWithWork)
                                                 : backoff.next());
      }
      stay_in_touch();
    }
  }

 private:
  bool pass_on_reports() {
    bool any = false;
    while (const auto report = compute_.try_report()) {
      send(*report);
      any = true;
    }
    return any;
  }

  bool take_orders() {
    bool any = false;
    while (auto order = link_.try_receive_order()) {
      rank_0_.heard(0, Clock::now());
      switch (order->action) {
        case ImageOrder::Action::match:
        case ImageOrder::Action::describe:
        case ImageOrder::Action::draw:
        case ImageOrder::Action::thumbnail:
          compute_.submit(std::move(*order));
          any = true;
          break;
        case ImageOrder::Action::stop:
          stopping_ = true;  // with a goodbye once nothing that was sent before is on its way
          any = true;
          break;
        case ImageOrder::Action::finalize:
          stopped_ = true;
          break;
        case ImageOrder::Action::leave:
          say_goodbye();
          leave();
        case ImageOrder::Action::alive:
          break;
      }
    }
    return any;
  }

  bool take_references() {
    const auto message = link_.try_receive_references();
    if (!message) {
      return false;
    }
    rank_0_.heard(0, Clock::now());
    if (stopping_) {
      return true;  // the others were faster
    }
    const ImageReport report = references_.take(*message);
    if (report.kind == ImageReport::Kind::has_references) {
      compute_.use_references(references_.file());
    }
    send(report);
    return true;
  }

  void say_goodbye() {
    ImageReport goodbye;
    goodbye.kind = ImageReport::Kind::goodbye;
    goodbye.reason = compute_.take_problem();
    send(goodbye);
  }

  [[noreturn]] void leave() {
    // The goodbye's last bytes may still be on the way out: let MPI work a little.
    for (int i = 0; i < 20; ++i) {
      (void)link_.try_receive_order();
      compute_.wait(std::chrono::milliseconds(5));
    }
    transport::Link::leave(to_int(ExitCode::all_matched));
  }

  void send(const ImageReport& report) {
    link_.send(report);
    next_alive_ = Clock::now() + kAliveEvery;
  }

  void stay_in_touch() {
    const auto now = Clock::now();
    if (now >= next_alive_) {
      ImageReport alive;
      alive.kind = ImageReport::Kind::alive;
      send(alive);
    }
    if (!rank_0_.silent(now).empty()) {
      std::fprintf(stderr, "bundle_match: error: rank %d: rank 0 is silent; this rank ends\n",
                   link_.rank());
      transport::Link::leave(to_int(ExitCode::internal_error));
    }
  }

  transport::Link& link_;
  compute::ImageProcessor& compute_;
  SilenceMonitor rank_0_;
  ReferenceReceiver references_;
  Clock::time_point next_alive_;
  bool stopping_ = false;
  bool stopped_ = false;
};

}  // namespace

void run_worker(transport::Link& link, compute::ImageProcessor& compute, double rank_timeout_s) {
  Worker(link, compute, rank_timeout_s).run();
}

}  // namespace bundle_match::app
