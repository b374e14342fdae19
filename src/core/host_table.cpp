// Numbers hosts by their names.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/host_table.hpp"

#include <unordered_map>

namespace bundle_match {

HostTable::HostTable(const ById<Rank, std::string>& names) {
  std::unordered_map<std::string, HostIndex> numbers;
  for (const Rank rank : names.ids()) {
    const auto [it, is_new] = numbers.emplace(names[rank], HostIndex(ranks_of_.size()));
    if (is_new) {
      ranks_of_.push_back({});
    }
    hosts_.push_back(it->second);
    ranks_of_[it->second].push_back(rank);
  }
}

}  // namespace bundle_match
