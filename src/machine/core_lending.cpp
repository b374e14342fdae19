// Idle ranks' threads, shared evenly.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/core_lending.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::machine {

CoreLending::CoreLending(HostTable hosts, int threads)
    : hosts_(std::move(hosts)),
      threads_(static_cast<std::size_t>(std::max(threads, 1))),
      ranks_(hosts_.ranks()),
      changed_(hosts_.size()) {}

void CoreLending::set_cores(Rank rank, CoreSet cores) {
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  ranks_.at(rank).cores = std::move(cores);
}

void CoreLending::set_activity(Rank rank, Activity activity) {
  RankEntry& it = ranks_.at(rank);
  if (it.activity != activity) {
    it.activity = activity;
    changed_[hosts_.of(rank)] = true;
    any_changed_ = true;
  }
}

CoreLending::Changes CoreLending::take_changes() {
  Changes changes;
  if (std::exchange(any_changed_, false)) {
    for (const HostIndex host : changed_.ids()) {
      if (changed_[host]) {
        changed_[host] = false;
        const Offer offer = offer_of(host);
        take_loans(host, offer, changes.loans);
        take_lenders(host, offer.borrowers > 0 ? offer.threads : 0, changes.lenders);
      }
    }
  }
  return changes;
}

CoreLending::Offer CoreLending::offer_of(HostIndex host) const {
  Offer offer;
  CoreSet all;
  std::size_t idle = 0;
  for (const Rank rank : hosts_.ranks_of(host)) {
    const RankEntry& it = ranks_.at(rank);
    if (it.activity == Activity::away || it.cores.empty()) {
      offer.borrowers += it.activity == Activity::computing ? 1 : 0;
      continue;
    }
    all = united(all, it.cores);
    if (it.activity == Activity::idle) {
      ++idle;
      offer.cores = united(offer.cores, it.cores);
    } else {
      ++offer.borrowers;
    }
  }
  const std::size_t used = offer.borrowers * threads_;
  offer.threads = std::min(idle * threads_, all.size() - std::min(used, all.size()));
  return offer;
}

void CoreLending::take_loans(HostIndex host, const Offer& offer, std::vector<Loan>& loans) {
  std::size_t number = 0;  // of the borrower
  for (const Rank rank : hosts_.ranks_of(host)) {
    RankEntry& it = ranks_.at(rank);
    if (it.activity != Activity::computing) {
      continue;  // what it has does not matter until it computes
    }
    const bool gets_one_more = number++ < offer.threads % offer.borrowers;
    LentCores lent;
    lent.threads =
        static_cast<std::uint32_t>(offer.threads / offer.borrowers) + (gets_one_more ? 1U : 0U);
    if (lent.threads > 0) {
      lent.cores = offer.cores;
    }
    if (it.lent != lent) {
      it.lent = lent;
      loans.push_back({rank, std::move(lent)});
    }
  }
}

void CoreLending::take_lenders(HostIndex host, std::size_t threads, std::vector<Lender>& lenders) {
  for (const Rank rank : hosts_.ranks_of(host)) {
    RankEntry& it = ranks_.at(rank);
    const bool lends = threads > 0 && it.activity == Activity::idle && !it.cores.empty();
    threads -= lends ? std::min(threads, threads_) : 0;
    if (it.lends != lends) {
      it.lends = lends;
      lenders.push_back({rank, lends});
    }
  }
}

}  // namespace bundle_match::machine
