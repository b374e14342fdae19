// Command lines as a shell would pass them on, parsed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command/command_line.hpp"
#include "support/scoped_environment.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace bundle_match::test {

/// What the parser makes of `bundle_match ARGUMENTS...`.
inline std::variant<app::CommandLine, app::ExitNow> parse(
    const std::vector<std::string>& arguments) {
  std::vector<const char*> argv{"bundle_match"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  argv.push_back(nullptr);
  return app::parse_command_line(static_cast<int>(argv.size()) - 1, argv.data());
}

/// Parses a command line that is right; fails the test and gives defaults if it is refused.
inline app::CommandLine accepted(const std::vector<std::string>& arguments) {
  auto result = parse(arguments);
  if (const auto* refused = std::get_if<app::ExitNow>(&result)) {
    ADD_FAILURE() << "refused: " << refused->message << refused->text;
    return {};
  }
  return std::get<app::CommandLine>(std::move(result));
}

/// `accepted` with a reference and an input, which every run needs.
inline app::CommandLine accepted_with(std::vector<std::string> options) {
  options.insert(options.begin(), {"--reference", "ref.png"});
  options.insert(options.end(), {"--", "in.png"});
  return accepted(options);
}

/// Parses a command line that is wrong, and checks what every message about one must be: one line
/// for standard error, with exit code 2. Returns the message.
inline std::string refusal(const std::vector<std::string>& arguments) {
  const auto result = parse(arguments);
  const auto* refused = std::get_if<app::ExitNow>(&result);
  if (refused == nullptr) {
    ADD_FAILURE() << "accepted";
    return {};
  }
  EXPECT_EQ(refused->code, app::ExitCode::wrong_usage);
  EXPECT_EQ(refused->text, "") << "standard output is for results";
  EXPECT_FALSE(refused->message.empty());
  EXPECT_EQ(refused->message.find('\n'), std::string::npos) << refused->message;
  return refused->message;
}

/// `refusal` with a reference and an input, so that the options are what is wrong.
inline std::string refusal_with(std::vector<std::string> options) {
  options.insert(options.begin(), {"--reference", "ref.png"});
  options.insert(options.end(), {"--", "in.png"});
  return refusal(options);
}

/// Tests whose outcome does not depend on the environment that they are started in.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    for (const char* option :
         {"REFERENCE", "LIST", "NULL", "RECURSIVE", "NFEATURES", "CROSS_CHECK", "TIMEOUT",
          "MEMORY_LIMIT", "RANK_TIMEOUT", "KERNEL", "NO_SANDBOX", "OUTPUT", "RETRY_FAILED",
          "OVERWRITE", "FORMAT", "PROGRESS", "VERBOSE", "QUIET", "DRY_RUN"}) {
      environment_.unset(std::string("BUNDLE_MATCH_") + option);
    }
  }

  ScopedEnvironment environment_;
};

}  // namespace bundle_match::test
