// Which ranks use the cores of ranks that have nothing to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/core_set.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bundle_match::machine {

/// Pure: what ranks do in, loans out. On each host, the threads of its idle ranks are shared evenly
/// among those that compute, but no more than leave each of the host's cores one thread: ranks may
/// be more than cores.
class CoreLending {
 public:
  /// What a rank has from now on.
  struct Loan {
    Rank rank;
    LentCores lent;

    friend bool operator==(const Loan&, const Loan&) = default;
  };
  /// Whether others use what a rank leaves unused, from now on.
  struct Lender {
    Rank rank;
    bool lends = false;

    friend bool operator==(const Lender&, const Lender&) = default;
  };
  struct Changes {
    std::vector<Loan> loans;
    std::vector<Lender> lenders;

    friend bool operator==(const Changes&, const Changes&) = default;
  };

  enum class Activity : std::uint8_t {
    away,  ///< it has not started, or is lost: its cores are not known, or may be gone
    idle,
    computing,
  };

  /// `threads`, at least 1: of each rank.
  CoreLending(HostTable hosts, int threads);

  /// The rank may use these cores.
  void set_cores(Rank rank, CoreSet cores);
  void set_activity(Rank rank, Activity activity);

  /// What changes by what was set since the last call. Where fewer threads are lent than ranks have
  /// nothing to do, the first of these lend them.
  [[nodiscard]] Changes take_changes();

 private:
  struct RankEntry {
    CoreSet cores;
    Activity activity = Activity::away;
    LentCores lent;  // as it was told
    bool lends = false;
  };
  // Of a host: what is to be lent, and to how many.
  struct Offer {
    std::size_t threads = 0;
    CoreSet cores;
    std::size_t borrowers = 0;
  };

  [[nodiscard]] Offer offer_of(HostIndex host) const;
  void take_loans(HostIndex host, const Offer& offer, std::vector<Loan>& loans);
  void take_lenders(HostIndex host, std::size_t threads, std::vector<Lender>& lenders);

  HostTable hosts_;
  std::size_t threads_;
  ById<Rank, RankEntry> ranks_;
  ById<HostIndex, bool> changed_;
  bool any_changed_ = false;
};

}  // namespace bundle_match::machine
