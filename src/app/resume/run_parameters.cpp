// From options and the references' content to named values, and what differs between two runs.
// SPDX-License-Identifier: Apache-2.0
#include "resume/run_parameters.hpp"

#include "bundle_match/posix/content_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace bundle_match::app {
namespace {

using results::RunParameters;

// Raised whenever the same images and options would give other counts than before.
constexpr int kResultsVersion = 1;

std::string hash_of_reference(const std::string& path) {
  try {
    return content_hash_of_file(path);
  } catch (const std::system_error& error) {
    throw ResumeError(fmt::format("reference {}: {}", path, error.code().message()));
  }
}

// Of one reference the hash of its content, of more that of their hashes.
std::string hash_of_references(const PathList& references) {
  std::string hashes;
  for (std::size_t i = 0; i < references.size(); ++i) {
    hashes += hash_of_reference(std::string(references[i]));
  }
  if (references.size() == 1) {
    return hashes;
  }
  return content_hash(hashes);
}

std::string value_of(const RunParameters& parameters, const std::string& name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [&](const results::RunParameter& parameter) { return parameter.name == name; });
  return found != parameters.end() ? found->value : "not given";
}

}  // namespace

RunParameters run_parameters(const CommandLine& command, const PathList& references) {
  const MatchOptions& match = command.match;
  // Ours and OpenCV's agree on CPUs with AVX-512; on others OpenCV rounds in other ways.
  const bool opencv = match.sift == SiftImplementation::opencv;
  RunParameters parameters{{"results-version", std::to_string(kResultsVersion)}};
  // A pair's result is the same however the pair was chosen: more can be chosen later.
  if (command.among_images()) {
    parameters.push_back({"all-pairs", "yes"});
  } else {
    parameters.push_back({references.size() == 1 ? "reference-hash" : "references-hash",
                          hash_of_references(references)});
  }
  parameters.push_back({"nfeatures", std::to_string(match.nfeatures)});
  parameters.push_back({"sift", opencv ? "opencv" : "fast"});
  parameters.push_back({"first-octave", std::to_string(match.first_octave)});
  parameters.push_back({"cross-check", std::string(to_string(match.cross_check))});
  // Younger options are named if they are used: journals of before stay good.
  const auto add_if = [&](bool used, const char* name, const auto& value) {
    if (used) {
      parameters.push_back({name, fmt::format("{}", value)});
    }
  };
  const bool verified = match.verification != Verification::none;
  add_if(match.max_size > 0, "max-size", match.max_size);
  add_if(!match.mask_dir.empty(), "mask-dir", match.mask_dir);
  add_if(match.max_ratio > 0, "ratio", match.max_ratio);
  add_if(match.max_distance > 0, "max-distance", match.max_distance);
  add_if(verified, "verify", to_string(match.verification));
  add_if(verified, "max-error", match.max_error_px);
  add_if(verified, "min-inliers", match.min_inliers);
  return parameters;
}

std::string difference(const RunParameters& before, const RunParameters& now) {
  std::string text;
  std::set<std::string> told;
  for (const RunParameters* const parameters : {&now, &before}) {
    for (const auto& [name, value] : *parameters) {
      const std::string old = value_of(before, name);
      const std::string current = value_of(now, name);
      if (old != current && told.insert(name).second) {
        text +=
            fmt::format("{}{} was {} and is now {}", text.empty() ? "" : ", ", name, old, current);
      }
    }
  }
  return text.empty() ? "its parameters are others" : text;
}

}  // namespace bundle_match::app
