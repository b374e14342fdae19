// The file of --config: a command line comes of it, or a message.
// SPDX-License-Identifier: Apache-2.0
#include "command/command_line.hpp"
#include "fuzz_support.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace {

using namespace bundle_match;

void check(const app::CommandLine& line) {
  const MatchOptions& match = line.match;
  fuzz::require(match.nfeatures >= 0 && match.max_size >= 0, "numbers of features and pixels");
  fuzz::require(match.threads >= 1 && match.threads <= 1024, "threads");
  fuzz::require(match.max_ratio >= 0 && match.max_ratio <= 1, "a ratio");
  fuzz::require(std::isfinite(match.max_distance) && match.max_distance >= 0, "a distance");
  fuzz::require(std::isfinite(match.max_error_px) && match.max_error_px > 0, "an error");
  fuzz::require(std::isfinite(match.timeout_s) && match.timeout_s >= 0, "a timeout");
  fuzz::require(std::isfinite(line.rank_timeout_s) && line.rank_timeout_s >= 0, "a rank's timeout");
  fuzz::require(match.min_inliers >= 1, "a number of inliers");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(fuzz::Input(data, size).rest());
  const std::array<const char*, 6> arguments = {"bundle_match", "--config", file.path().c_str(),
                                                "-r",           "ref.png",  "photos"};
  const auto parsed = app::parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  if (const auto* const line = std::get_if<app::CommandLine>(&parsed)) {
    check(*line);
  } else {
    const auto& exit_now = std::get<app::ExitNow>(parsed);
    fuzz::require(!exit_now.text.empty() || !exit_now.message.empty(), "a refusal says why");
    fuzz::require(exit_now.message.find('\n') == std::string::npos, "a message is one line");
  }
  return 0;
}
