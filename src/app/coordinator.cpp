// The coordinator's loop.
// SPDX-License-Identifier: Apache-2.0
#include "coordinator.hpp"

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/results/result_writer.hpp"

#include <utility>

namespace bundle_match::app {

Coordinator::Coordinator(Parts parts, std::vector<ImageIndex> hand_out_order)
    : parts_(parts),
      scheduler_(std::move(hand_out_order), parts.link.size()),
      start_(std::chrono::steady_clock::now()),
      last_report_(start_) {}

void Coordinator::run() {
  ImageReport own_first_report;
  own_first_report.kernel = parts_.own_compute.kernel();
  take(0, own_first_report);
  Backoff backoff;
  while (!scheduler_.finished()) {
    if (take_reports()) {
      backoff.reset();
    } else {
      parts_.own_compute.wait(backoff.next());
    }
    show_progress();
  }
  parts_.progress.finish();
  const ImageOrder stop{ImageOrder::Action::stop, kNoImage, ""};
  for (Rank rank = 1; rank < parts_.link.size(); ++rank) {
    parts_.link.send(rank, stop);
  }
}

double Coordinator::elapsed_s() const {
  return std::chrono::duration<double>(last_report_ - start_).count();
}

bool Coordinator::take_reports() {
  bool any = false;
  while (const auto from = parts_.link.try_receive_report()) {
    take(from->rank, from->report);
    any = true;
  }
  while (const auto report = parts_.own_compute.try_report()) {
    take(0, *report);
    any = true;
  }
  return any;
}

void Coordinator::take(Rank rank, const ImageReport& report) {
  RankRecord& record = parts_.ranks.at(static_cast<std::size_t>(rank));
  if (!report.has_result()) {
    record.kernel = report.kernel;
    hand_out(scheduler_.rank_ready(rank));
    return;
  }
  // The next order first: the rank may be waiting for it.
  hand_out(scheduler_.image_done(rank, report.image));
  last_report_ = std::chrono::steady_clock::now();
  parts_.results.record(rank, report);
  ++record.images;
  record.busy_s += static_cast<double>(report.elapsed_ms.total()) / 1000;
  if (report.status != ImageStatus::ok) {
    parts_.console.log().warn("{}: {}: {}", results::escape_path(parts_.paths[report.image]).path,
                              to_string(report.status), report.reason);
  }
}

void Coordinator::hand_out(const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments) {
    ImageOrder order{ImageOrder::Action::match, assignment.image,
                     std::string(parts_.paths[assignment.image])};
    if (assignment.rank == 0) {
      parts_.own_compute.submit(std::move(order));
    } else {
      parts_.link.send(assignment.rank, order);
    }
  }
}

void Coordinator::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  parts_.progress.update({parts_.results.size(), parts_.results.done(), parts_.results.failed(),
                          std::chrono::duration<double>(now - start_).count()});
}

}  // namespace bundle_match::app
