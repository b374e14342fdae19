// Whole journals, as a run goes on with them: with results or a message; and what is known then is
// known when the next run goes on.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/posix/content_hash.hpp"
#include "bundle_match/results/result_table.hpp"
#include "fuzz_support.hpp"
#include "results/journal_line.hpp"
#include "resume/resume.hpp"

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace bundle_match;

namespace {

// Four images, of which one is listed twice; one reference, two, all pairs, or those that journals
// know of.
app::RunInput input_of(unsigned choice, const fuzz::ScratchFolder& folder) {
  static const std::string reference = folder.write("reference", "bytes");
  app::RunInput input;
  input.command.output = folder.path() + "/counts.csv";
  const bool chosen = choice % 12 == 9;
  input.command.all_pairs = choice % 3 == 0 && !chosen;
  input.command.similar = chosen ? 2 : 0;
  input.command.within_m = chosen ? 1000 : 0;
  for (unsigned i = 0; i < choice % 3; ++i) {
    input.given_references.add(reference);
  }
  for (const char* const path : {"a", "b", "a", "c"}) {
    input.images.add(path);
  }
  input.pairs = std::make_shared<const PairSet>(chosen ? PairSet(input.images.size())
                                                       : PairSet::all(input.images.size()));
  return input;
}

// A run that goes on with the journal.
struct Run {
  Run(const app::RunInput& input, spdlog::logger& log) : plan(work_plan(input)), table(plan) {
    (void)app::resume(input, table, log);
  }

  WorkPlan plan;
  results::ResultTable table;
};

// A line that begins with a tab gets its checksum.
std::string with_checksums(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    lines += (line.starts_with('\t') ? results::checksum(line) : "");
    lines += line;
    lines += end == std::string_view::npos ? "" : "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool same(const results::PairResult& a, const results::PairResult& b) {
  return a.status == b.status && a.matches == b.matches && a.inliers == b.inliers;
}

void require_still_known(const results::ResultTable& before, const results::ResultTable& after) {
  fuzz::require(after.done() >= before.done(), "what was known is known to the next run");
  for (const ImageIndex image : before.plan().image_ids()) {
    for (const ReferenceIndex i : before.plan().references_of(image)) {
      if (before.has_pair(image, i)) {
        fuzz::require(after.has_pair(image, i) && same(before.pair(image, i), after.pair(image, i)),
                      "a result is the same for the next run");
      }
    }
  }
}

}  // namespace

// Bytes: references, options, then the journal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFolder folder;
  static spdlog::logger log("");
  fuzz::Input bytes(data, size);
  app::RunInput input = input_of(bytes.take_byte(), folder);
  const unsigned options = bytes.take_byte();
  std::string journal = with_checksums(bytes.rest());
  if (options % 4 != 0) {
    std::vector<std::string_view> fields{"P"};
    const results::RunParameters parameters =
        app::run_parameters(input.command, input.references());
    for (const auto& [name, value] : parameters) {
      fields.push_back(name);
      fields.push_back(value);
    }
    journal.insert(0, results::journal_line(fields));
  }
  (void)folder.write("counts.csv.journal", journal);
  try {
    const Run first(input, log);
    const Run second(input, log);
    require_still_known(first.table, second.table);
    input.command.retry_failed = true;
    const Run third(input, log);
    fuzz::require(third.table.failed() == 0, "what failed is tried again");
  } catch (const app::ResumeError&) {
    // It says what to do.
  }
  return 0;
}
