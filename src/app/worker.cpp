// The worker's loop.
// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include "bundle_match/core/backoff.hpp"

#include <utility>

namespace bundle_match::app {

void run_worker(const transport::Link& link, compute::ComputeClient& compute) {
  ImageReport first;
  first.kernel = compute.kernel();
  link.send(first);
  Backoff backoff;
  for (;;) {
    bool any = false;
    while (const auto report = compute.try_report()) {
      link.send(*report);
      any = true;
    }
    while (auto order = link.try_receive_order()) {
      if (order->action == ImageOrder::Action::stop) {
        return;
      }
      compute.submit(std::move(*order));
      any = true;
    }
    if (any) {
      backoff.reset();
    } else {
      // Wakes at once when the compute process reports; MPI has no such bell.
      compute.wait(backoff.next());
    }
  }
}

}  // namespace bundle_match::app
