// Judges who uses the cores of ranks that have nothing to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/core_set.hpp"
#include "facts.hpp"
#include "work_judge.hpp"

#include <cstddef>
#include <vector>

namespace bundle_match::simulation {

class LendingJudge {
 public:
  LendingJudge(const WorldBase& base, const RunFacts& facts, const WorkJudge& work)
      : base_(base),
        facts_(facts),
        work_(work),
        lent_(base.run.ranks.size()),
        lends_(base.run.ranks.size()) {}

  void wanted(const machine::Send& send);
  void wanted(const machine::NoteLending& note);

  /// All actions of an event were seen.
  void settled() const;

 private:
  // The ranks of a host that are there.
  struct Host {
    CoreSet cores;
    CoreSet idle_cores;
    std::size_t lenders = 0;
    std::size_t idle = 0;  // whose cores are known
    std::vector<Rank> computing;
  };

  [[nodiscard]] Host look_at(unsigned number) const;
  void check(const Host& host) const;

  const WorldBase& base_;
  const RunFacts& facts_;
  const WorkJudge& work_;
  ById<Rank, LentCores> lent_;  // as ranks were told
  ById<Rank, char> lends_;      // as was noted
};

}  // namespace bundle_match::simulation
