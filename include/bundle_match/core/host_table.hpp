// Which ranks are on which host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bundle_match {

/// Hosts are numbered from 0, in the order of their first ranks.
class HostTable {
 public:
  /// The names of the ranks' hosts: those of one name share memory and files.
  explicit HostTable(const ById<Rank, std::string>& names);

  /// How many ranks, and how many hosts.
  [[nodiscard]] std::size_t ranks() const { return hosts_.size(); }
  [[nodiscard]] std::size_t size() const { return ranks_of_.size(); }
  /// The rank's host.
  [[nodiscard]] HostIndex of(Rank rank) const { return hosts_.at(rank); }
  /// In ascending order.
  [[nodiscard]] const std::vector<Rank>& ranks_of(HostIndex host) const {
    return ranks_of_.at(host);
  }

 private:
  ById<Rank, HostIndex> hosts_;
  ById<HostIndex, std::vector<Rank>> ranks_of_;
};

}  // namespace bundle_match
