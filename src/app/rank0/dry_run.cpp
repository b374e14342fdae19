// The images to standard output, the ranks to standard error.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/dry_run.hpp"

#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "process/launch.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <set>

namespace bundle_match::app {

std::string hosts_text(const ById<Rank, std::string>& hosts) {
  const std::set<std::string> different(hosts.begin(), hosts.end());
  return fmt::format("{} rank{} on {} host{}", hosts.size(), hosts.size() == 1 ? "" : "s",
                     different.size(), different.size() == 1 ? "" : "s");
}

void print_dry_run(const PreparedCommand& prepared, const ById<Rank, std::string>& hosts) {
  results::OutputFile out("-");
  std::string lines;
  for (std::size_t i = 0; i < prepared.images.size(); ++i) {
    if (prepared.command->null_separated) {
      lines.append(prepared.images[i]).push_back('\0');
    } else {
      const auto path = results::escape_path(prepared.images[i]);
      lines.append(path.escaped ? "\\" : "").append(path.path).push_back('\n');
    }
  }
  out.write(lines);
  let_launcher_read_output();
  const CommandLine& command = *prepared.command;
  std::string what = fmt::format("{} images", prepared.images.size());
  if (command.among_images()) {
    const bool chosen_later = command.similar > 0 || command.within_m > 0;
    what = fmt::format("{} pairs of {}{}", prepared.pairs->size(), what,
                       chosen_later ? ", and those that are chosen once they are described" : "");
  }
  prepared.console->log().info("would match {} on {}", what, hosts_text(hosts));
  for (const Rank rank : hosts.ids()) {
    prepared.console->log().info("rank {} on {}", rank.value(), hosts[rank]);
  }
}

}  // namespace bundle_match::app
