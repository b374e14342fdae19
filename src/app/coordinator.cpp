// The coordinator's loop.
// SPDX-License-Identifier: Apache-2.0
#include "coordinator.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "launch.hpp"
#include "signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>

namespace bundle_match::app {
namespace {

using Kind = ImageReport::Kind;

// How long images under way may still take once the job is asked to end.
constexpr std::chrono::seconds kGrace{3};

// A rank holds work for so long, so that it does not wait for the next orders.
constexpr double kWorkAhead_ms = 50;
constexpr std::size_t kMostImagesAhead = 512;

// How long to wait for the goodbye of workers once ranks were lost.
constexpr std::chrono::seconds kFarewell{3};

std::chrono::steady_clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds));
}

bool looks_missing(const std::string& reason) {
  return reason == std::strerror(ENOENT) || reason == std::strerror(ENOTDIR) ||
         reason == std::strerror(EACCES);
}

}  // namespace

Coordinator::Coordinator(const Parts& parts, double rank_timeout_s)
    : parts_(parts),
      scheduler_({}, parts.link.size()),
      sender_(parts.link, parts.own_compute, parts.send_images, parts.mask_dir),
      silence_(parts.link.size(), from_seconds(rank_timeout_s), Clock::now()) {}

void Coordinator::run(Phase& phase, LargeVector<TaskId> tasks, bool rank_0_alone) {
  rank_0_alone_ = rank_0_alone;
  begin(phase, std::move(tasks));
  while ((!scheduler_.finished() || !left_to_rank_0_.empty()) && !end_if_asked()) {
    if (take_reports()) {
      backoff_.reset();
    } else {
      parts_.own_compute.wait(sender_.next_sleep(backoff_));
    }
    send_read_files();
    if (parts_.resumed.journal) {
      parts_.resumed.journal->flush();
    }
    find_lost_ranks();
    say_alive();
    if (!interrupted_) {
      monitor_->look();
    }
  }
  parts_.progress.finish();
  phase_ = nullptr;
}

void Coordinator::begin(Phase& phase, LargeVector<TaskId> tasks) {
  phase_ = &phase;
  Scheduler next(std::move(tasks), parts_.link.size());
  for (Rank rank = 0; rank < parts_.link.size(); ++rank) {
    if (scheduler_.is_lost(rank)) {
      (void)next.rank_lost(rank);
    }
  }
  scheduler_ = std::move(next);
  monitor_.emplace(RunMonitor::Parts{scheduler_, phase, parts_.ranks, parts_.console,
                                     parts_.progress, parts_.progress_detail});
  timed_images_ = 0;
  timed_ms_ = 0;
  start_ = Clock::now();
  last_report_ = start_;
  if (!record(0).started) {
    ImageReport own;
    own.kind = Kind::first;
    own.place = processor_text();
    own.kernel = parts_.own_compute.kernel();
    own.sift = parts_.own_compute.sift();
    own.reason = parts_.own_compute.sandbox_warning();
    take_first(0, own);
    return;
  }
  for (Rank rank = 0; rank < parts_.link.size(); ++rank) {
    if (record(rank).started && !scheduler_.is_lost(rank)) {
      rank_started(rank);
    }
  }
}

void Coordinator::share_references(UniqueFd set) {
  parts_.own_compute.use_references(set.get());
  std::vector<std::string> hosts;
  for (const RankRecord& rank : parts_.ranks) {
    hosts.push_back(rank.host);
  }
  sharing_.emplace(std::move(set), hosts, [this](Rank rank, const ReferencesMessage& message) {
    parts_.link.send(rank, message);
  });
}

// A rank that has started gets work at once, or first what its work needs.
void Coordinator::rank_started(Rank rank) {
  if (rank != 0 && rank_0_alone_) {
    return;
  }
  if (rank == 0 || !sharing_ || record(rank).has_references) {
    hand_out(scheduler_.rank_ready(rank));
  } else {
    sharing_->rank_ready(rank);
  }
}

// What a rank says of the references; of anything else it is no report.
void Coordinator::share_more(Rank rank, const ImageReport& report) {
  if (report.kind == Kind::wants_references) {
    sharing_->wants_more(rank);
  } else if (report.kind == Kind::has_references) {
    sharing_->has_all(rank, report.shared);
    record(rank).has_references = true;
  }
}

void Coordinator::keep_in_touch(const std::function<void()>& work) {
  auto result = std::async(std::launch::async, work);
  Backoff backoff;
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    wait_for_report(backoff);
    find_lost_ranks();
    say_alive();
  }
  result.get();
}

void Coordinator::stop_workers() {
  // MPI_Finalize waits for every rank: one that was lost while it had no images would not be missed
  // before.
  if (!ranks_were_lost()) {
    send_to_workers(ImageOrder::Action::stop);
    Backoff backoff;
    while (!ranks_were_lost() && goodbye_is_missing()) {
      wait_for_report(backoff);
      find_lost_ranks();
      say_alive();
    }
  }
  if (!ranks_were_lost()) {
    send_to_workers(ImageOrder::Action::finalize);
    return;
  }
  for (RankRecord& rank : parts_.ranks) {
    rank.said_goodbye = false;
  }
  send_to_workers(ImageOrder::Action::leave);
  const auto until = Clock::now() + kFarewell;
  Backoff backoff;
  while (goodbye_is_missing() && Clock::now() < until) {
    wait_for_report(backoff);
  }
}

void Coordinator::send_to_workers(ImageOrder::Action action) {
  ImageOrder order;
  order.action = action;
  for (Rank rank = 1; rank < parts_.link.size(); ++rank) {
    if (!scheduler_.is_lost(rank)) {
      parts_.link.send(rank, order);
    }
  }
  parts_.link.flush();
}

bool Coordinator::goodbye_is_missing() const {
  return std::any_of(parts_.ranks.begin() + 1, parts_.ranks.end(),
                     [](const RankRecord& rank) { return !rank.lost && !rank.said_goodbye; });
}

// Between phases: results that come now are of an interrupted one, and come too late.
void Coordinator::wait_for_report(Backoff& backoff) {
  if (const auto from = parts_.link.try_receive_report()) {
    silence_.heard(from->rank, Clock::now());
    if (from->report.kind == Kind::goodbye) {
      record(from->rank).said_goodbye = true;
      tell_warning(from->rank, from->report);
    } else if (from->report.kind == Kind::first && !record(from->rank).started) {
      take_first(from->rank, from->report);
    } else if (sharing_) {
      share_more(from->rank, from->report);
    }
    backoff.reset();
  } else {
    parts_.own_compute.wait(backoff.next());
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
    case Kind::first:
      take_first(rank, report);
      break;
    case Kind::result:
      take_result(rank, report);
      break;
    case Kind::process_died:
      phase_->process_died(report);
      if (parts_.resumed.journal) {
        parts_.resumed.journal->flush();
      }
      break;
    case Kind::wants_references:
      share_more(rank, report);
      break;
    case Kind::has_references:
      share_more(rank, report);
      rank_started(rank);
      break;
    case Kind::alive:
    case Kind::goodbye:
      break;
  }
}

void Coordinator::take_first(Rank rank, const ImageReport& report) {
  RankRecord& of_rank = record(rank);
  of_rank.started = true;
  of_rank.kernel = report.kernel;
  of_rank.computer = parts_.results.add_computer({rank, of_rank.host, of_rank.kernel});
  parts_.console.log().info("rank {} on {}: kernel {}, SIFT {}{}{}", rank, of_rank.host,
                            of_rank.kernel, report.sift, report.place.empty() ? "" : ", ",
                            report.place);
  tell_warning(rank, report);
  if (phase_ != nullptr) {
    rank_started(rank);
  }
}

void Coordinator::tell_warning(Rank rank, const ImageReport& report) {
  if (!report.reason.empty()) {
    parts_.console.log().warn("rank {} on {}: {}", rank, record(rank).host, report.reason);
  }
}

void Coordinator::take_result(Rank rank, ImageReport report) {
  const TaskId task = phase_->task_of(report);
  if (rank == 0 && left_to_rank_0_.erase(task) > 0) {
    phase_->take(rank, report);
    return;
  }
  if (leave_to_rank_0(rank, report)) {
    hand_out(scheduler_.image_done(rank, task));
    return;
  }
  if (sees_what_the_rank_does_not(rank, report)) {
    report.reason = fmt::format(
        "{} does not see this file, which rank 0 on {} sees; share its folder among the nodes, or "
        "use --send-images",
        record(rank).host, record(0).host);
  }
  adapt_credit(report);
  phase_->take(rank, report);
  hand_out(scheduler_.image_done(rank, task));
  last_report_ = Clock::now();
  monitor_->finished(rank, static_cast<double>(report.elapsed_ms.total()));
}

// A file that is missing on a worker's host only is the cluster's fault, not the image's.
bool Coordinator::sees_what_the_rank_does_not(Rank rank, const ImageReport& report) const {
  const auto number = static_cast<std::size_t>(rank);
  return report.status == ImageStatus::unreadable && looks_missing(report.reason) &&
         parts_.ranks.at(number).host != parts_.ranks.front().host &&
         !features::why_not_a_file(std::string(phase_->path(phase_->task_of(report))));
}

// References need to be there on rank 0's host alone.
bool Coordinator::leave_to_rank_0(Rank rank, const ImageReport& report) {
  const TaskId task = phase_->task_of(report);
  if (!phase_->rank_0_may_help() || !sees_what_the_rank_does_not(rank, report)) {
    return false;
  }
  left_to_rank_0_.insert(task);
  parts_.own_compute.submit(phase_->order(task));
  return true;
}

void Coordinator::adapt_credit(const ImageReport& report) {
  if (sender_.sends_files()) {
    return;  // files are not sent far ahead
  }
  ++timed_images_;
  timed_ms_ += static_cast<double>(report.elapsed_ms.total());
  const double ahead = kWorkAhead_ms * static_cast<double>(timed_images_) / timed_ms_;
  scheduler_.set_credit(1 +
                        static_cast<std::size_t>(std::clamp(ahead, 1.0, double{kMostImagesAhead})));
}

void Coordinator::hand_out(const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments) {
    phase_->begin(assignment.image);
  }
  if (parts_.resumed.journal && !assignments.empty()) {
    parts_.resumed.journal->flush();  // known before it starts
  }
  for (const Assignment& assignment : assignments) {
    sender_.send(assignment.rank, phase_->order(assignment.image));
    monitor_->assigned(assignment.rank);
  }
}

void Coordinator::send_read_files() {
  const auto is_lost = [this](Rank rank) { return scheduler_.is_lost(rank); };
  for (const ReadOrder& unreadable : sender_.send_read_files(is_lost)) {
    take_result(unreadable.rank, *unreadable.failure);
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
    kill_rank_on_this_node(rank);
  }
}

void Coordinator::lose(Rank rank, const char* how) {
  if (rank == 0 || scheduler_.is_lost(rank)) {
    return;
  }
  record(rank).lost = true;
  parts_.console.log().warn("rank {} on {} {}; its {} images are handed to others", rank,
                            record(rank).host, how, scheduler_.held_by(rank).size());
  const std::vector<Assignment> assignments = scheduler_.rank_lost(rank);
  if (sharing_) {
    sharing_->rank_lost(rank);
  }
  if (phase_ != nullptr) {
    hand_out(assignments);
    monitor_->assigned(rank);
  }
}

void Coordinator::say_alive() {
  if (Clock::now() < next_alive_) {
    return;
  }
  next_alive_ = Clock::now() + kAliveEvery;
  send_to_workers(ImageOrder::Action::alive);
}

bool Coordinator::end_if_asked() {
  if (!end_requested()) {
    return false;
  }
  if (!interrupted_) {
    interrupted_ = true;
    give_up_at_ = Clock::now() + kGrace;
    scheduler_.stop_handing_out();
    left_to_rank_0_.clear();
    parts_.progress.finish();
    // Told now: a launcher that tears the job down may not leave the time to do so later.
    parts_.console.log().warn(
        "asked to end: images under way are finished{}",
        parts_.resumed.journal ? "; the same command goes on from there: " + parts_.command : "");
    if (parts_.resumed.journal) {
      parts_.resumed.journal->write_end();
      parts_.resumed.journal->flush();
    }
  }
  return Clock::now() >= give_up_at_;
}

}  // namespace bundle_match::app
