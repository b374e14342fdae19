// What --dry-run prints, and how many ranks there are in words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "command/prepared_command.hpp"

#include <string>

namespace bundle_match::app {

/// "8 ranks on 2 hosts"
[[nodiscard]] std::string hosts_text(const ById<Rank, std::string>& hosts);

/// The images as they would be named in the results, then the ranks.
void print_dry_run(const PreparedCommand& prepared, const ById<Rank, std::string>& hosts);

}  // namespace bundle_match::app
