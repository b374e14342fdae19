// Outputs that `bundle_match summarize` reads: a summary and a page come of them, or a message.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/report.hpp"
#include "bundle_match/results/result_reader.hpp"
#include "fuzz_support.hpp"
#include "summarize/summarize.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

using namespace bundle_match;

// Bytes: the file's name, then the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<const char*, 4> kNames = {"counts", "a/counts.txt", "counts.csv",
                                                 "counts.jsonl"};
  fuzz::Input input(data, size);
  const char* const name = kNames.at(input.take_byte() % kNames.size());
  try {
    const report::ReportData read = app::read_report(input.rest(), name);
    fuzz::require(!app::summary_text(read).empty(), "a summary has a text");
    fuzz::require(!report::write_report(read).empty(), "a page has a text");
  } catch (const results::ReadError&) {
    // Damaged.
  }
  return 0;
}
