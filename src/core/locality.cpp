// Breadth first along the pairs; blocks of images to hosts.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/locality.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

namespace bundle_match {
namespace {

// So many blocks a host at least, so that features are found near where they are, and so many
// images a block at most: what belongs together is on one host.
constexpr std::size_t kBlocksOfAHost = 8;
constexpr std::size_t kMostImagesOfABlock = 256;

// The images that were not reached yet, passed over in about constant time each: a disjoint-set
// forest whose roots are not reached (Tarjan 1975).
class NotReached {
 public:
  explicit NotReached(std::size_t images) : next_(images + 1) {
    std::iota(next_.begin(), next_.end(), std::size_t{0});
  }

  // The first of them from there on; the number of images if there is none.
  std::size_t first_from(std::size_t image) {
    while (next_[image] != image) {
      next_[image] = next_[next_[image]];
      image = next_[image];
    }
    return image;
  }
  void reach(std::size_t image) { next_[image] = image + 1; }

 private:
  std::vector<std::size_t> next_;
};

class BreadthFirst {
 public:
  explicit BreadthFirst(const WorkPlan& plan) : plan_(plan), not_reached_(plan.images()) {
    order_.reserve(plan.images());
  }

  std::vector<ImageIndex> order() && {
    std::size_t looked_at = 0;
    for (std::size_t start = 0; (start = not_reached_.first_from(start)) < plan_.images();) {
      reach_all(start, start + 1);
      for (; looked_at < order_.size(); ++looked_at) {
        look_at(order_[looked_at]);
      }
    }
    return std::move(order_);
  }

 private:
  void look_at(ImageIndex image) {
    for (const ReferenceRange& range : plan_.references_of(image).ranges()) {
      reach_all(range.first.value(), range.past());
    }
    for (const IdRange<ImageIndex>& range : plan_.images_of(reference_of(image))) {
      reach_all((*range.begin()).value(), (*range.end()).value());
    }
  }
  void reach_all(std::size_t first, std::size_t end) {
    for (std::size_t i = first; (i = not_reached_.first_from(i)) < end;) {
      order_.emplace_back(i);
      not_reached_.reach(i);
    }
  }

  const WorkPlan& plan_;
  NotReached not_reached_;
  std::vector<ImageIndex> order_;
};

// What each host may still get, so that each gets its share.
class Shares {
 public:
  Shares(std::uint64_t pairs, const HostTable& hosts) {
    for (const HostIndex host : first_ids<HostIndex>(hosts.size())) {
      room_.push_back(static_cast<double>(pairs) *
                      static_cast<double>(hosts.ranks_of(host).size()) /
                      static_cast<double>(hosts.ranks()));
    }
  }

  // The host that gets the next tasks. `features`: of how many of their images each host has them.
  HostIndex best_host(const ById<HostIndex, std::size_t>& features) {
    const auto worth = [&](HostIndex host) {
      const bool has_room = room_[host] > 0;
      return std::tuple(has_room, has_room ? features[host] : 0, has_room && host == before_,
                        room_[host]);
    };
    const auto hosts = room_.ids();
    before_ = *std::max_element(hosts.begin(), hosts.end(),
                                [&](HostIndex a, HostIndex b) { return worth(a) < worth(b); });
    return before_;
  }

  // It gets so many pairs. Returns whether it has room for more.
  bool take(HostIndex host, std::uint64_t pairs) {
    room_[host] -= static_cast<double>(pairs);
    return room_[host] > 0;
  }

 private:
  ById<HostIndex, double> room_;  // pairs
  HostIndex before_;              // of the tasks before, which are neighbours
};

// A task, and where its image stands in the order.
struct PlacedTask {
  std::size_t position = 0;
  TaskId task;

  // clang-tidy takes the 0 in what the compiler makes of a < b for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const PlacedTask&, const PlacedTask&) = default;
};

std::vector<PlacedTask> in_locality_order(const WorkPlan& plan, const LargeVector<TaskId>& tasks) {
  ById<ImageIndex, std::size_t> positions(plan.images());
  for (std::size_t position = 0; const ImageIndex image : locality_order(plan)) {
    positions[image] = position++;
  }
  std::vector<PlacedTask> placed;
  placed.reserve(tasks.size());
  for (const TaskId task : tasks) {
    placed.push_back({positions.at(plan.image_of(task)), task});
  }
  std::sort(placed.begin(), placed.end());
  return placed;
}

std::uint64_t pairs_of(const WorkPlan& plan, const LargeVector<TaskId>& tasks) {
  std::uint64_t pairs = 0;
  for (const TaskId task : tasks) {
    pairs += plan.pairs_of(task);
  }
  return pairs;
}

// Of how many images of the tasks each host has the features. An image's tasks stand together.
ById<HostIndex, std::size_t> features_by_host(
    const WorkPlan& plan, std::span<const PlacedTask> tasks,
    const ById<ImageIndex, std::optional<HostIndex>>& homes, std::size_t hosts) {
  ById<HostIndex, std::size_t> features(hosts);
  std::optional<std::size_t> before;
  for (const PlacedTask& it : tasks) {
    if (const auto& home = homes.at(plan.image_of(it.task)); home && before != it.position) {
      ++features[*home];
    }
    before = it.position;
  }
  return features;
}

// Whether the host has the features of all images of the task.
bool has_all(const WorkPlan& plan, TaskId id,
             const ById<ImageIndex, std::optional<HostIndex>>& homes, HostIndex host) {
  const Task task = plan.task(id);
  return homes.at(task.image) == host &&
         std::all_of(task.references.begin(), task.references.end(),
                     [&](ReferenceIndex it) { return homes.at(image_of(it)) == host; });
}

}  // namespace

std::vector<ImageIndex> locality_order(const WorkPlan& plan) { return BreadthFirst(plan).order(); }

std::vector<std::size_t> even_lanes(std::size_t tasks, const HostTable& hosts) {
  std::vector<std::size_t> starts;
  starts.reserve(hosts.size());
  std::size_t ranks = 0;  // of hosts before
  for (const HostIndex host : first_ids<HostIndex>(hosts.size())) {
    starts.push_back(tasks / hosts.ranks() * ranks + tasks % hosts.ranks() * ranks / hosts.ranks());
    ranks += hosts.ranks_of(host).size();
  }
  return starts;
}

LaneOrder lanes_near_features(const WorkPlan& plan, const LargeVector<TaskId>& tasks,
                              const ById<ImageIndex, std::optional<HostIndex>>& homes,
                              const HostTable& hosts) {
  const std::vector<PlacedTask> placed = in_locality_order(plan, tasks);
  const std::size_t images_of_a_block = std::clamp(plan.images() / (kBlocksOfAHost * hosts.size()),
                                                   std::size_t{1}, kMostImagesOfABlock);
  Shares shares(pairs_of(plan, tasks), hosts);
  ById<HostIndex, std::vector<TaskId>> lanes(hosts.size());
  for (auto it = placed.begin(); it != placed.end();) {
    const std::size_t end_of_block = (it->position / images_of_a_block + 1) * images_of_a_block;
    const auto end = std::find_if(
        it, placed.end(), [&](const PlacedTask& task) { return task.position >= end_of_block; });
    const auto features = features_by_host(plan, std::span(it, end), homes, hosts.size());
    HostIndex host = shares.best_host(features);
    for (; it != end; ++it) {
      lanes[host].push_back(it->task);
      if (!shares.take(host, plan.pairs_of(it->task))) {
        host = shares.best_host(features);
      }
    }
  }
  LaneOrder order;
  order.tasks.reserve(tasks.size());
  for (const HostIndex host : lanes.ids()) {
    std::vector<TaskId>& lane = lanes[host];
    std::stable_partition(lane.begin(), lane.end(),
                          [&](TaskId task) { return has_all(plan, task, homes, host); });
    order.starts.push_back(order.tasks.size());
    order.tasks.insert(order.tasks.end(), lane.begin(), lane.end());
  }
  return order;
}

}  // namespace bundle_match
