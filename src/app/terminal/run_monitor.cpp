// Formats the messages about a run under way, and decides when to print them.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/run_monitor.hpp"

#include "bundle_match/results/result_writer.hpp"
#include "process/signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bundle_match::app {
namespace {

constexpr std::chrono::seconds kWatchEvery{1};
constexpr std::chrono::seconds kDetailEvery{5};

// Some of the pairs done before may have been computed again, with the other pairs of their task.
void count(ProgressState& state, std::size_t weight, ImageStatus status) {
  state.done = std::min(state.done + weight, state.items);
  state.failed += status != ImageStatus::ok ? weight : 0;
}

}  // namespace

std::vector<std::string> host_lines(const RankRecords& ranks, double elapsed_s) {
  struct Host {
    std::size_t ranks = 0;
    std::size_t lost = 0;
    std::size_t images = 0;
    double busy_s = 0;
  };
  std::map<std::string, Host> hosts;
  for (const RankRecord& rank : ranks) {
    Host& host = hosts[rank.host];
    ++host.ranks;
    host.lost += rank.lost ? 1 : 0;
    host.images += rank.images;
    host.busy_s += rank.busy_s;
  }
  std::vector<std::string> lines;
  for (const auto& [name, host] : hosts) {
    const double possible_s = elapsed_s * static_cast<double>(host.ranks);
    lines.push_back(fmt::format(
        "{}: {} rank{}{}, {} images, {:.1f} images/s, busy {:.0f} %", name, host.ranks,
        host.ranks == 1 ? "" : "s", host.lost > 0 ? fmt::format(" ({} lost)", host.lost) : "",
        host.images, elapsed_s > 0 ? static_cast<double>(host.images) / elapsed_s : 0.0,
        possible_s > 0 ? 100 * host.busy_s / possible_s : 0.0));
  }
  return lines;
}

RunMonitor::RunMonitor(const Scheduler& scheduler, const OpenedStage& stage,
                       const RankRecords& ranks, Console& console, Progress& progress, bool detail)
    : scheduler_(scheduler),
      orders_(*stage.orders),
      ranks_(ranks),
      console_(console),
      progress_(progress),
      detail_(detail),
      state_(stage.progress),
      references_(stage.progress_of_references),
      watch_(ranks.size()),
      start_(Clock::now()),
      next_watch_(start_ + kWatchEvery),
      next_detail_(start_ + kDetailEvery) {}

void RunMonitor::assigned(Rank rank, Clock::time_point now) {
  if (scheduler_.held_by(rank).empty()) {
    watch_.rest(rank);
  } else if (watch_.seconds_at_image(rank, now) == 0) {
    watch_.begin(rank, now);
  }
}

void RunMonitor::finished(Rank rank, TaskId task, ImageStatus status, double elapsed_ms,
                          Clock::time_point now) {
  if (!orders_.makes_references(task)) {
    count(state_, orders_.weight(task), status);
  } else if (references_) {
    count(*references_, orders_.weight(task), status);
  }
  watch_.count(elapsed_ms);
  watch_.rest(rank);
  assigned(rank, now);
}

void RunMonitor::look(bool working) {
  const auto now = Clock::now();
  if (state_requested()) {
    tell_state(now);
  }
  if (!working) {
    return;
  }
  progress_.update(state(now));
  if (now >= next_watch_) {
    next_watch_ = now + kWatchEvery;
    name_slow_images(now);
  }
  if (detail_ && now >= next_detail_) {
    next_detail_ = now + kDetailEvery;
    tell_hosts(now);
  }
}

double RunMonitor::elapsed_s(Clock::time_point now) const {
  return std::chrono::duration<double>(now - start_).count();
}

ProgressState RunMonitor::state(Clock::time_point now) const {
  ProgressState state = references_.value_or(state_);
  state.elapsed_s = elapsed_s(now);
  return state;
}

// Whether the rank may have described its images, and wait for the references.
bool RunMonitor::waits(Rank rank) const {
  return scheduler_.waits(scheduler_.held_by(rank).front().task);
}

// The image that the rank is at: it works in the order it was given.
std::string RunMonitor::image_of(Rank rank) const {
  return results::escape_path(orders_.path(scheduler_.held_by(rank).front().task)).path;
}

void RunMonitor::name_slow_images(Clock::time_point now) {
  for (const Rank rank : watch_.newly_slow(now)) {
    if (!scheduler_.held_by(rank).empty() && !waits(rank)) {
      console_.log().warn(
          "rank {} on {} has been at {} for {:.1f} s; half of the images take no more than {:.2f} "
          "s",
          rank.value(), ranks_.at(rank).host, image_of(rank), watch_.seconds_at_image(rank, now),
          watch_.median_ms() / 1000);
    }
  }
}

void RunMonitor::tell_hosts(Clock::time_point now) {
  for (const std::string& line : host_lines(ranks_, elapsed_s(now))) {
    console_.log().info("{}", line);
  }
}

void RunMonitor::tell_state(Clock::time_point now) {
  console_.log().info("{}", progress_text(state(now)));
  tell_hosts(now);
  for (const Rank rank : ranks_.ids()) {
    const std::size_t held = scheduler_.held_by(rank).size();
    std::string at = ranks_[rank].lost ? "lost" : "nothing to do";
    if (held > 0 && waits(rank)) {
      at = fmt::format("describes {} images ahead of the references", held);
    } else if (held > 0) {
      at = fmt::format("at {} for {:.1f} s, {} more in its queue", image_of(rank),
                       watch_.seconds_at_image(rank, now), held - 1);
    }
    console_.log().info("rank {} on {}: {}", rank.value(), ranks_[rank].host, at);
  }
}

}  // namespace bundle_match::app
