// Options from the environment and from a config file, and which source wins.
// SPDX-License-Identifier: Apache-2.0
#include "support/command_lines.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace bundle_match::app {
namespace {

using results::Format;
using test::accepted;
using test::accepted_with;
using test::refusal_with;
using test::TempDir;
using test::write_file;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class OptionSourcesTest : public test::CommandLineTest {
 protected:
  // Sets BUNDLE_MATCH_<name> for this test.
  void set(const std::string& name, const std::string& value) {
    environment_.set("BUNDLE_MATCH_" + name, value);
  }

  // The path of a config file with this text.
  std::string config(std::string_view text) {
    write_file(dir_ / "config.ini", text);
    return dir_ / "config.ini";
  }

  TempDir dir_;
};

// As the help says: "Every option can also stand in a file (--config) or in the environment".
TEST_F(OptionSourcesTest, EveryOptionCanStandInTheEnvironment) {
  set("REFERENCE", "env ref.png");
  set("LIST", "env.lst");
  set("NULL", "true");
  set("RECURSIVE", "1");
  set("NFEATURES", "77");
  set("CROSS_CHECK", "one-way");
  set("TIMEOUT", "2.5");
  set("MEMORY_LIMIT", "1G");
  set("RANK_TIMEOUT", "7");
  set("KERNEL", "plain");
  set("SIFT", "fast");
  set("FIRST_OCTAVE", "0");
  set("OUTPUT", "env.out");
  set("FORMAT", "jsonl");
  set("PROGRESS", "never");
  const CommandLine line = accepted({});
  EXPECT_EQ(line.references.at(0), "env ref.png");
  EXPECT_THAT(line.lists, ElementsAre("env.lst"));
  EXPECT_TRUE(line.null_separated);
  EXPECT_TRUE(line.recursive);
  EXPECT_EQ(line.match.nfeatures, 77);
  EXPECT_EQ(line.match.sift, SiftImplementation::fast);
  EXPECT_EQ(line.match.first_octave, 0);
  EXPECT_EQ(line.match.cross_check, CrossCheck::one_way);
  EXPECT_EQ(line.match.timeout_s, 2.5);
  EXPECT_EQ(line.match.memory_limit_bytes, std::uint64_t{1} << 30);
  EXPECT_EQ(line.rank_timeout_s, 7);
  EXPECT_EQ(line.match.kernel, "plain");
  EXPECT_EQ(line.output, "env.out");
  EXPECT_EQ(line.format, Format::jsonl);
  EXPECT_EQ(line.progress, ProgressMode::never);
}

TEST_F(OptionSourcesTest, SwitchesCanStandInTheEnvironmentToo) {
  set("DRY_RUN", "1");
  set("VERBOSE", "1");
  set("QUIET", "1");
  set("RETRY_FAILED", "1");
  set("OVERWRITE", "1");
  set("NO_SANDBOX", "1");
  const CommandLine line = accepted_with({});
  EXPECT_TRUE(line.dry_run);
  EXPECT_TRUE(line.verbose);
  EXPECT_TRUE(line.quiet);
  EXPECT_TRUE(line.retry_failed);
  EXPECT_TRUE(line.overwrite);
  EXPECT_FALSE(line.match.sandbox) << "switched off by BUNDLE_MATCH_NO_SANDBOX=1";
}

TEST_F(OptionSourcesTest, SwitchesCanBeOffInTheEnvironment) {
  for (const char* name : {"NULL", "RECURSIVE", "RETRY_FAILED", "OVERWRITE", "NO_SANDBOX"}) {
    set(name, "0");
  }
  const CommandLine line = accepted_with({});
  EXPECT_FALSE(line.null_separated || line.recursive || line.retry_failed || line.overwrite);
  EXPECT_TRUE(line.match.sandbox);
}

TEST_F(OptionSourcesTest, EveryOptionCanStandInAConfigFile) {
  const CommandLine line = accepted({"--config",
                                     config("reference = \"conf ref.png\"\n"
                                            "# a comment\n"
                                            "list = [\"a.lst\", \"b.lst\"]\n"
                                            "null = true\n"
                                            "recursive = true\n"
                                            "nfeatures = 78\n"
                                            "sift = fast\n"
                                            "first-octave = 0\n"
                                            "cross-check = \"one-way\"\n"
                                            "timeout = 3.5\n"
                                            "memory-limit = \"2G\"\n"
                                            "rank-timeout = 8\n"
                                            "kernel = plain\n"
                                            "no-sandbox = true\n"
                                            "overwrite = true\n"
                                            "retry-failed = true\n"
                                            "output = conf.out\n"
                                            "format = csv\n"
                                            "progress = always\n"
                                            "verbose = true\n"
                                            "quiet = true\n"
                                            "dry-run = true\n"),
                                     "in.png"});
  EXPECT_EQ(line.references.at(0), "conf ref.png");
  EXPECT_THAT(line.lists, ElementsAre("a.lst", "b.lst"));
  EXPECT_THAT(line.inputs, ElementsAre("in.png"));
  EXPECT_TRUE(line.null_separated && line.recursive);
  EXPECT_EQ(line.match.nfeatures, 78);
  EXPECT_EQ(line.match.sift, SiftImplementation::fast);
  EXPECT_EQ(line.match.first_octave, 0);
  EXPECT_EQ(line.match.cross_check, CrossCheck::one_way);
  EXPECT_EQ(line.match.timeout_s, 3.5);
  EXPECT_EQ(line.match.memory_limit_bytes, std::uint64_t{2} << 30);
  EXPECT_EQ(line.rank_timeout_s, 8);
  EXPECT_EQ(line.match.kernel, "plain");
  EXPECT_FALSE(line.match.sandbox);
  EXPECT_TRUE(line.overwrite && line.retry_failed);
  EXPECT_EQ(line.output, "conf.out");
  EXPECT_EQ(line.format, Format::csv);
  EXPECT_EQ(line.progress, ProgressMode::always);
  EXPECT_TRUE(line.verbose && line.quiet && line.dry_run);
}

TEST_F(OptionSourcesTest, TheCommandLineWins) {
  set("NFEATURES", "1");
  set("FORMAT", "csv");
  const std::string file = config("nfeatures = 2\noutput = conf.out\nformat = jsonl\n");
  const CommandLine line =
      accepted_with({"--config", file, "--nfeatures", "3", "--format", "text", "-o", "x"});
  EXPECT_EQ(line.match.nfeatures, 3);
  EXPECT_EQ(line.format, Format::text);
  EXPECT_EQ(line.output, "x");
}

TEST_F(OptionSourcesTest, BadValuesInTheEnvironmentAreRefusedInTheOptionsName) {
  struct Example {
    const char* variable;
    const char* option;
  };
  for (const Example& example : {Example{"NFEATURES", "--nfeatures"},
                                 {"TIMEOUT", "--timeout"},
                                 {"MEMORY_LIMIT", "--memory-limit"},
                                 {"CROSS_CHECK", "--cross-check"},
                                 {"FORMAT", "--format"},
                                 {"PROGRESS", "--progress"},
                                 {"RANK_TIMEOUT", "--rank-timeout"},
                                 {"KERNEL", "--kernel"},
                                 {"SIFT", "--sift"},
                                 {"FIRST_OCTAVE", "--first-octave"},
                                 {"RECURSIVE", "--recursive"},
                                 {"NULL", "--null"}}) {
    SCOPED_TRACE(example.variable);
    set(example.variable, "nonsense");
    EXPECT_THAT(refusal_with({}), AllOf(HasSubstr(example.option), HasSubstr("nonsense")));
    environment_.unset(std::string("BUNDLE_MATCH_") + example.variable);
  }
}

TEST_F(OptionSourcesTest, BadValuesInAConfigFileAreRefused) {
  EXPECT_THAT(refusal_with({"--config", config("nfeatures = many\n")}),
              AllOf(StartsWith("--nfeatures"), HasSubstr("'many'")));
  EXPECT_THAT(refusal_with({"--config", config("format = xml\n")}), StartsWith("--format"));
}

TEST_F(OptionSourcesTest, ListsWithoutValuesInAConfigFileAreRefused) {
  for (const char* name : {"nfeatures", "format", "output", "list", "memory-limit"}) {
    EXPECT_THAT(refusal_with({"--config", config(std::string(name) + " = []\n")}),
                AllOf(StartsWith(std::string("--") + name), HasSubstr("no value")));
  }
}

// A mistyped name must not silently mean the default: the counts would be others.
TEST_F(OptionSourcesTest, UnknownNamesInAConfigFileAreRefused) {
  EXPECT_THAT(refusal_with({"--config", config("nfeature = 3\n")}), HasSubstr("nfeature"));
}

TEST_F(OptionSourcesTest, AConfigFileThatIsNotThereIsRefused) {
  const std::string path = dir_ / "none.ini";
  EXPECT_THAT(refusal_with({"--config", path}), AllOf(HasSubstr("--config"), HasSubstr(path)));
}

TEST_F(OptionSourcesTest, AFolderAsConfigFileIsRefused) {
  EXPECT_THAT(refusal_with({"--config", dir_.path().string()}), HasSubstr("--config"));
}

TEST_F(OptionSourcesTest, NothingIsReadFromAFileThatWasNotNamed) {
  const auto before = std::filesystem::current_path();
  write_file(dir_ / "config.ini", "nfeatures = 5\n");
  write_file(dir_ / ".bundle_match", "nfeatures = 5\n");
  std::filesystem::current_path(dir_.path());
  EXPECT_EQ(accepted_with({}).match.nfeatures, 5000);
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace bundle_match::app
