// Breadth first along the pairs; blocks of images to hosts.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/locality.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

namespace bundle_match {
namespace {

// So many blocks a host at least, so that hosts get even shares, and so many images a block at
// most: more than one rank works on at a time, few enough to be fetched in seconds.
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

// Gives blocks to hosts, none of which gets much more than its share.
class BlockPlacement {
 public:
  BlockPlacement(std::uint64_t pairs, const HostTable& hosts) {
    for (const HostIndex host : first_ids<HostIndex>(hosts.size())) {
      room_.push_back(static_cast<double>(pairs) *
                      static_cast<double>(hosts.ranks_of(host).size()) /
                      static_cast<double>(hosts.ranks()));
    }
  }

  // The host of a block of so many pairs. `features`: of how many of its images each host has them.
  HostIndex place(const ById<HostIndex, std::size_t>& features, std::uint64_t pairs) {
    const auto worth = [&](HostIndex host) {
      const bool has_room = room_[host] > 0;
      return std::tuple(has_room, has_room ? features[host] : 0, has_room && host == before_,
                        room_[host]);
    };
    const auto hosts = room_.ids();
    before_ = *std::max_element(hosts.begin(), hosts.end(),
                                [&](HostIndex a, HostIndex b) { return worth(a) < worth(b); });
    room_[before_] -= static_cast<double>(pairs);
    return before_;
  }

 private:
  ById<HostIndex, double> room_;  // pairs
  HostIndex before_;              // of the block before, which is its neighbour
};

// A task, and where its image stands in the order.
struct PlacedTask {
  std::size_t position = 0;
  TaskId task;

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
  std::uint64_t pairs = 0;
  for (const TaskId task : tasks) {
    pairs += plan.pairs_of(task);
  }
  const std::size_t images_of_a_block = std::clamp(plan.images() / (kBlocksOfAHost * hosts.size()),
                                                   std::size_t{1}, kMostImagesOfABlock);
  BlockPlacement placement(pairs, hosts);
  ById<HostIndex, std::vector<TaskId>> lanes(hosts.size());
  for (auto block = placed.begin(); block != placed.end();) {
    const std::size_t end_of_block = (block->position / images_of_a_block + 1) * images_of_a_block;
    ById<HostIndex, std::size_t> features(hosts.size());
    std::uint64_t pairs_of_block = 0;
    std::optional<std::size_t> before;  // an image may have many tasks
    auto end = block;
    for (; end != placed.end() && end->position < end_of_block; ++end) {
      pairs_of_block += plan.pairs_of(end->task);
      const auto& home = homes.at(plan.image_of(end->task));
      if (home && before != end->position) {
        ++features[*home];
      }
      before = end->position;
    }
    std::vector<TaskId>& lane = lanes[placement.place(features, pairs_of_block)];
    for (; block != end; ++block) {
      lane.push_back(block->task);
    }
  }
  LaneOrder order;
  order.tasks.reserve(tasks.size());
  for (const std::vector<TaskId>& lane : lanes) {
    order.starts.push_back(order.tasks.size());
    order.tasks.insert(order.tasks.end(), lane.begin(), lane.end());
  }
  return order;
}

}  // namespace bundle_match
