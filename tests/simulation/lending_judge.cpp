// What is right for each host after each event.
// SPDX-License-Identifier: Apache-2.0
#include "lending_judge.hpp"

#include <algorithm>
#include <variant>

namespace bundle_match::simulation {
namespace {

constexpr const char* kNoneUnused = "idle ranks' cores are used while others of the host compute";
constexpr const char* kNoneTwice = "no more threads compute on a host than it has cores";
constexpr const char* kOnlyIdle = "only cores of idle ranks of the host are lent";
constexpr const char* kNoted = "whose cores are used is noted, when it changes";
constexpr const char* kEvenly = "borrowers get the same, but for one thread";

}  // namespace

void LendingJudge::wanted(const machine::Send& send) {
  if (const auto* const lent = std::get_if<LentCores>(&send.message)) {
    require(*lent != lent_.at(send.rank), kNoneUnused, "a rank is told what it was told before");
    lent_.at(send.rank) = *lent;
  }
}

void LendingJudge::wanted(const machine::NoteLending& note) {
  require((lends_.at(note.rank) != 0) != note.lends, kNoted, "it has not changed");
  require(note.at == base_.now, kNoted, "at another time");
  lends_.at(note.rank) = note.lends ? 1 : 0;
}

LendingJudge::Host LendingJudge::look_at(unsigned number) const {
  Host host;
  for (const Rank rank : facts_.ranks.ids()) {
    const RankPlan& plan = base_.run.of(rank);
    const RankFacts& facts = facts_.of(rank);
    if (plan.host != number) {
      continue;
    }
    const bool lends = lends_.at(rank) != 0;
    if (!facts.started || facts.lost) {
      require(!lends, kNoted, "of a rank that is not there");
      continue;
    }
    host.cores = united(host.cores, plan.cores);
    if (work_.held(rank) > facts.waiting) {
      require(!lends, kNoted, "of a rank that computes");
      host.computing.push_back(rank);
    } else if (!plan.cores.empty()) {
      host.lenders += lends ? 1 : 0;
      ++host.idle;
      host.idle_cores = united(host.idle_cores, plan.cores);
    }
  }
  return host;
}

void LendingJudge::check(const Host& host) const {
  const auto threads = static_cast<std::size_t>(base_.run.threads);
  const std::size_t own = host.computing.size() * threads;
  std::size_t all_lent = 0;
  std::size_t least = ~std::size_t{0};
  std::size_t most = 0;
  for (const Rank rank : host.computing) {
    const LentCores& lent = lent_.at(rank);
    require(std::ranges::includes(host.idle_cores, lent.cores) &&
                lent.cores.empty() == (lent.threads == 0),
            kOnlyIdle, "others are");
    all_lent += lent.threads;
    least = std::min<std::size_t>(least, lent.threads);
    most = std::max<std::size_t>(most, lent.threads);
  }
  require(host.lenders == (all_lent + threads - 1) / threads, kNoted, "of more or fewer ranks");
  require(all_lent == 0 || own + all_lent <= host.cores.size(), kNoneTwice, "there are");
  require(all_lent <= host.idle * threads, kOnlyIdle, "more threads than idle ranks have");
  require(host.computing.empty() || all_lent == host.idle * threads ||
              own + all_lent >= host.cores.size(),
          kNoneUnused, "some are not");
  require(host.computing.empty() || most <= least + 1, kEvenly, "they do not");
}

void LendingJudge::settled() const {
  if (!facts_.stage_is_open || facts_.end_asked_at) {
    return;
  }
  for (unsigned host = 0; host < kHosts; ++host) {
    check(look_at(host));
  }
}

}  // namespace bundle_match::simulation
