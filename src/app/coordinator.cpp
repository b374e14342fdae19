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
#include <utility>

namespace bundle_match::app {
namespace {

using Kind = ImageReport::Kind;

// How long images under way may still take once the job is asked to end.
constexpr std::chrono::seconds kGrace{3};

// A rank holds work for so long, so that it does not wait for the next orders.
constexpr double kWorkAhead_ms = 50;
constexpr std::size_t kMostImagesAhead = 512;

// With --send-images: what rank 0 keeps of files at most, and how often it looks after them.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} << 20;
constexpr std::chrono::microseconds kLongestSendingSleep{500};

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

Coordinator::Coordinator(const Parts& parts, std::vector<ImageIndex> hand_out_order,
                         double rank_timeout_s)
    : parts_(parts),
      scheduler_(std::move(hand_out_order), parts.link.size()),
      silence_(parts.link.size(), from_seconds(rank_timeout_s), Clock::now()),
      monitor_({scheduler_, parts.paths, parts.results, parts.ranks, parts.console, parts.progress,
                parts.progress_detail}),
      computers_(parts.ranks.size(), -1),
      start_(Clock::now()),
      last_report_(start_),
      next_alive_(start_) {
  if (parts_.send_images && parts_.link.size() > 1) {
    file_reader_.emplace(kMostFileBytes);
  }
}

void Coordinator::run() {
  ImageReport own_first_report;
  own_first_report.kind = Kind::first;
  own_first_report.place = processor_text();
  own_first_report.kernel = parts_.own_compute.kernel();
  own_first_report.sift = parts_.own_compute.sift();
  own_first_report.reason = parts_.own_compute.sandbox_warning();
  take(0, own_first_report);
  while (!scheduler_.finished() && !end_if_asked()) {
    if (take_reports()) {
      backoff_.reset();
    } else {
      parts_.own_compute.wait(next_sleep());
    }
    send_read_files();
    if (parts_.resumed.journal) {
      parts_.resumed.journal->flush();
    }
    find_lost_ranks();
    say_alive();
    if (!interrupted_) {
      monitor_.look();
    }
  }
  parts_.progress.finish();
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

// The run is over: results that come now are of an interrupted one, and come too late.
void Coordinator::wait_for_report(Backoff& backoff) {
  if (const auto from = parts_.link.try_receive_report()) {
    silence_.heard(from->rank, Clock::now());
    if (from->report.kind == Kind::goodbye) {
      parts_.ranks.at(static_cast<std::size_t>(from->rank)).said_goodbye = true;
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
    case Kind::first: {
      RankRecord& record = parts_.ranks.at(static_cast<std::size_t>(rank));
      record.kernel = report.kernel;
      computers_.at(static_cast<std::size_t>(rank)) =
          parts_.results.add_computer({rank, record.host, record.kernel});
      parts_.console.log().info("rank {} on {}: kernel {}, SIFT {}{}{}", rank, record.host,
                                record.kernel, report.sift, report.place.empty() ? "" : ", ",
                                report.place);
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

void Coordinator::take_result(Rank rank, ImageReport report) {
  const auto number = static_cast<std::size_t>(rank);
  explain_missing_file(number, report);
  if (parts_.resumed.journal) {
    const RankRecord& record = parts_.ranks.at(number);
    parts_.resumed.journal->write_result(parts_.paths[report.image], report,
                                         {rank, record.host, record.kernel});
  }
  adapt_credit(report);
  // The next order first: the rank may be waiting for it.
  hand_out(scheduler_.image_done(rank, report.image));
  monitor_.finished(rank, static_cast<double>(report.elapsed_ms.total()));
  last_report_ = Clock::now();
  parts_.results.record(computers_.at(number), report);
  ++parts_.ranks.at(number).images;
  parts_.ranks.at(number).busy_s += static_cast<double>(report.elapsed_ms.total()) / 1000;
  if (report.status != ImageStatus::ok) {
    parts_.console.log().warn("{}: {}: {}", results::escape_path(parts_.paths[report.image]).path,
                              to_string(report.status), report.reason);
  }
}

// A file that is missing on a worker's host only is the cluster's fault, not the image's.
void Coordinator::explain_missing_file(std::size_t rank, ImageReport& report) const {
  const std::string& host = parts_.ranks[rank].host;
  if (report.status == ImageStatus::unreadable && host != parts_.ranks[0].host &&
      looks_missing(report.reason) &&
      !features::why_not_a_file(std::string(parts_.paths[report.image]))) {
    report.reason = fmt::format(
        "{} does not see this file, which rank 0 on {} sees; share its folder among the nodes, or "
        "use --send-images",
        host, parts_.ranks[0].host);
  }
}

void Coordinator::adapt_credit(const ImageReport& report) {
  if (file_reader_) {
    return;  // files are not sent far ahead
  }
  ++timed_images_;
  timed_ms_ += static_cast<double>(report.elapsed_ms.total());
  const double ahead = kWorkAhead_ms * static_cast<double>(timed_images_) / timed_ms_;
  scheduler_.set_credit(1 +
                        static_cast<std::size_t>(std::clamp(ahead, 1.0, double{kMostImagesAhead})));
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
    } else if (file_reader_) {
      file_reader_->submit(assignment.rank, std::move(order));
    } else {
      parts_.link.send(assignment.rank, std::move(order));
    }
    monitor_.assigned(assignment.rank);
  }
}

void Coordinator::send_read_files() {
  if (!file_reader_) {
    return;
  }
  while (auto it = file_reader_->try_take(parts_.link.unsent_bytes())) {
    if (scheduler_.is_lost(it->rank)) {
      continue;  // others were given the image
    }
    if (it->failure) {
      take_result(it->rank, *it->failure);
    } else {
      parts_.link.send(it->rank, std::move(it->order));
      parts_.link.flush();
    }
  }
}

std::chrono::microseconds Coordinator::next_sleep() {
  // A long message only moves while MPI is called.
  const bool sending =
      file_reader_ && (parts_.link.unsent_bytes() > 0 || file_reader_->outstanding() > 0);
  return sending ? backoff_.next(kLongestSendingSleep) : backoff_.next();
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
  RankRecord& record = parts_.ranks.at(static_cast<std::size_t>(rank));
  record.lost = true;
  parts_.console.log().warn("rank {} on {} {}; its {} images are handed to others", rank,
                            record.host, how, scheduler_.held_by(rank).size());
  hand_out(scheduler_.rank_lost(rank));
  monitor_.assigned(rank);
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
