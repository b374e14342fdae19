// The coordinator's loop.
// SPDX-License-Identifier: Apache-2.0
#include "coordinator.hpp"

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "signals.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::app {
namespace {

using Kind = ImageReport::Kind;

// How long images under way may still take once the job is asked to end.
constexpr std::chrono::seconds kGrace{3};

// How long to wait for the goodbye of workers.
constexpr std::chrono::seconds kFarewell{3};

std::chrono::steady_clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

Coordinator::Coordinator(const Parts& parts, std::vector<ImageIndex> hand_out_order,
                         double rank_timeout_s)
    : parts_(parts),
      scheduler_(std::move(hand_out_order), parts.link.size()),
      silence_(parts.link.size(), from_seconds(rank_timeout_s), Clock::now()),
      computers_(parts.ranks.size(), -1),
      done_before_(parts.results.done()),
      start_(Clock::now()),
      last_report_(start_),
      next_alive_(start_) {}

void Coordinator::run() {
  ImageReport own_first_report;
  own_first_report.kind = Kind::first;
  own_first_report.kernel = parts_.own_compute.kernel();
  own_first_report.sift = parts_.own_compute.sift();
  own_first_report.reason = parts_.own_compute.sandbox_warning();
  take(0, own_first_report);
  Backoff backoff;
  while (!scheduler_.finished() && !end_if_asked()) {
    if (take_reports()) {
      backoff.reset();
    } else {
      parts_.own_compute.wait(backoff.next());
    }
    if (parts_.resumed.journal) {
      parts_.resumed.journal->flush();
    }
    find_lost_ranks();
    say_alive();
    show_progress();
  }
  parts_.progress.finish();
}

void Coordinator::stop_workers() {
  ImageOrder order;
  order.action = ranks_were_lost() ? ImageOrder::Action::leave : ImageOrder::Action::stop;
  for (Rank rank = 1; rank < parts_.link.size(); ++rank) {
    if (!scheduler_.is_lost(rank)) {
      parts_.link.send(rank, order);
    }
  }
  if (!ranks_were_lost()) {
    return;
  }
  const auto missing = [this] {
    return std::any_of(parts_.ranks.begin() + 1, parts_.ranks.end(),
                       [](const RankRecord& rank) { return !rank.lost && !rank.said_goodbye; });
  };
  const auto until = Clock::now() + kFarewell;
  Backoff backoff;
  while (missing() && Clock::now() < until) {
    if (const auto from = parts_.link.try_receive_report()) {
      parts_.ranks.at(static_cast<std::size_t>(from->rank)).said_goodbye =
          from->report.kind == Kind::goodbye;
    } else {
      parts_.own_compute.wait(backoff.next());
    }
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
  if (scheduler_.is_lost(rank)) {
    return;  // late: its images were handed to others
  }
  silence_.heard(rank, Clock::now());
  switch (report.kind) {
    case Kind::first: {
      RankRecord& record = parts_.ranks.at(static_cast<std::size_t>(rank));
      record.kernel = report.kernel;
      computers_.at(static_cast<std::size_t>(rank)) =
          parts_.results.add_computer({rank, record.host, record.kernel});
      parts_.console.log().info("rank {} on {}: kernel {}, SIFT {}", rank, record.host,
                                record.kernel, report.sift);
      if (!report.reason.empty()) {
        parts_.console.log().warn("rank {} on {}: {}", rank, record.host, report.reason);
      }
      hand_out(scheduler_.rank_ready(rank));
      break;
    }
    case Kind::result:
      take_result(rank, report);
      break;
    case Kind::process_died:
      if (parts_.resumed.journal) {
        parts_.resumed.journal->write_died(parts_.paths[report.image], report.reason);
        parts_.resumed.journal->flush();
      }
      break;
    case Kind::alive:
    case Kind::goodbye:
      break;
  }
}

void Coordinator::take_result(Rank rank, const ImageReport& report) {
  const auto number = static_cast<std::size_t>(rank);
  if (parts_.resumed.journal) {
    const RankRecord& record = parts_.ranks.at(number);
    parts_.resumed.journal->write_result(parts_.paths[report.image], report,
                                         {rank, record.host, record.kernel});
  }
  // The next order first: the rank may be waiting for it.
  hand_out(scheduler_.image_done(rank, report.image));
  last_report_ = Clock::now();
  parts_.results.record(computers_.at(number), report);
  ++parts_.ranks.at(number).images;
  parts_.ranks.at(number).busy_s += static_cast<double>(report.elapsed_ms.total()) / 1000;
  if (report.status != ImageStatus::ok) {
    parts_.console.log().warn("{}: {}: {}", results::escape_path(parts_.paths[report.image]).path,
                              to_string(report.status), report.reason);
  }
}

void Coordinator::hand_out(const std::vector<Assignment>& assignments) {
  if (parts_.resumed.journal && !assignments.empty()) {
    for (const Assignment& assignment : assignments) {
      parts_.resumed.journal->write_assigned(parts_.paths[assignment.image]);
    }
    parts_.resumed.journal->flush();  // known before it starts
  }
  for (const Assignment& assignment : assignments) {
    ImageOrder order{ImageOrder::Action::match, assignment.image,
                     std::string(parts_.paths[assignment.image]), 0};
    if (const auto suspect = parts_.resumed.deaths.find(assignment.image);
        suspect != parts_.resumed.deaths.end()) {
      order.deaths = suspect->second;
    }
    if (assignment.rank == 0) {
      parts_.own_compute.submit(std::move(order));
    } else {
      parts_.link.send(assignment.rank, order);
    }
  }
}

void Coordinator::find_lost_ranks() {
  const auto now = Clock::now();
  silence_.heard(0, now);
  for (const Rank rank : parts_.link.take_failed_ranks()) {
    lose(rank, "died");
  }
  for (const Rank rank : silence_.silent(now)) {
    lose(rank, "is silent (--rank-timeout)");
  }
}

void Coordinator::lose(Rank rank, const char* how) {
  if (rank == 0 || scheduler_.is_lost(rank)) {
    return;
  }
  RankRecord& record = parts_.ranks.at(static_cast<std::size_t>(rank));
  record.lost = true;
  parts_.console.log().warn("rank {} on {} {}; its {} images are handed to others", rank,
                            record.host, how, scheduler_.held_by(rank).size());
  hand_out(scheduler_.rank_lost(rank));
}

void Coordinator::say_alive() {
  if (Clock::now() < next_alive_) {
    return;
  }
  next_alive_ = Clock::now() + kAliveEvery;
  ImageOrder order;
  order.action = ImageOrder::Action::alive;
  for (Rank rank = 1; rank < parts_.link.size(); ++rank) {
    if (!scheduler_.is_lost(rank)) {
      parts_.link.send(rank, order);
    }
  }
}

bool Coordinator::end_if_asked() {
  if (!end_requested()) {
    return false;
  }
  if (!interrupted_) {
    interrupted_ = true;
    give_up_at_ = Clock::now() + kGrace;
    scheduler_.stop_handing_out();
    parts_.progress.finish();
    // Told now: a launcher that tears the job down may not leave the time to do so later.
    parts_.console.log().warn(
        "asked to end: images under way are finished{}",
        parts_.resumed.journal ? "; the same command goes on from there: " + parts_.command : "");
  }
  return Clock::now() >= give_up_at_;
}

void Coordinator::show_progress() {
  if (!interrupted_) {
    parts_.progress.update({parts_.results.size(), parts_.results.done(), parts_.results.failed(),
                            done_before_,
                            std::chrono::duration<double>(Clock::now() - start_).count()});
  }
}

}  // namespace bundle_match::app
