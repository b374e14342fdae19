// Groups ranks by rank, by host, or by host with the rest in one lane.
// SPDX-License-Identifier: Apache-2.0
#include "grouping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bundle_match::report {
namespace {

struct HostRanks {
  std::string name;
  std::vector<const RankTimeline*> ranks;
};

// In the order of their first rank.
std::vector<HostRanks> hosts_of(const Timeline& timeline) {
  std::vector<HostRanks> hosts;
  std::map<std::string, std::size_t> positions;
  for (const RankTimeline& rank : timeline.ranks) {
    const auto [position, is_new] = positions.try_emplace(rank.host, hosts.size());
    if (is_new) {
      hosts.push_back({rank.host, {}});
    }
    hosts[position->second].ranks.push_back(&rank);
  }
  return hosts;
}

void add(TimelineLane& lane, const RankTimeline& rank) {
  lane.kernel = lane.ranks == 0 || lane.kernel == rank.kernel ? rank.kernel : "several";
  ++lane.ranks;
  lane.images += rank.images;
  lane.busy_s += rank.busy_s;
  lane.lent_s += rank.lent_s;
  lane.lost = lane.lost || rank.lost;
  lane.bins.resize(std::max(lane.bins.size(), rank.bins.size()));
  for (std::size_t i = 0; i < rank.bins.size(); ++i) {
    lane.bins[i] += rank.bins[i];
  }
}

TimelineLane lane_of_rank(const RankTimeline& rank) {
  TimelineLane lane;
  lane.host = rank.host;
  lane.label = fmt::format("rank {}", rank.rank.value());
  lane.intervals = rank.intervals;
  add(lane, rank);
  return lane;
}

TimelineLane lane_of_host(const HostRanks& host) {
  TimelineLane lane;
  lane.host = host.name;
  for (const RankTimeline* rank : host.ranks) {
    add(lane, *rank);
  }
  lane.label = fmt::format("{} rank{}", lane.ranks, lane.ranks == 1 ? "" : "s");
  return lane;
}

}  // namespace

std::vector<TimelineLane> lanes_of(const Timeline& timeline) {
  const std::vector<HostRanks> hosts = hosts_of(timeline);
  std::vector<TimelineLane> lanes;
  if (timeline.ranks.size() <= kMostRanksShown) {
    for (const HostRanks& host : hosts) {
      for (const RankTimeline* rank : host.ranks) {
        lanes.push_back(lane_of_rank(*rank));
      }
    }
    return lanes;
  }
  const std::size_t shown = hosts.size() <= kMostRanksShown ? hosts.size() : kMostRanksShown - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    lanes.push_back(lane_of_host(hosts[i]));
  }
  if (shown < hosts.size()) {
    TimelineLane& rest = lanes.emplace_back();
    for (std::size_t i = shown; i < hosts.size(); ++i) {
      for (const RankTimeline* rank : hosts[i].ranks) {
        add(rest, *rank);
      }
    }
    rest.label = fmt::format("{} more hosts, {} ranks", hosts.size() - shown, rest.ranks);
  }
  return lanes;
}

}  // namespace bundle_match::report
