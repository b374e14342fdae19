// Options, their defaults, what is said about wrong ones, and the help.
// SPDX-License-Identifier: Apache-2.0
#include "command/command_line.hpp"

#include "support/command_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace bundle_match::app {
namespace {

using results::Format;
using test::accepted;
using test::accepted_with;
using test::parse;
using test::refusal;
using test::refusal_with;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

using CommandLineTest = test::CommandLineTest;

TEST_F(CommandLineTest, HasTheDefaultsOfTheContract) {
  const CommandLine line = accepted({"-r", "ref.png", "in.png"});
  EXPECT_EQ(line.references.at(0), "ref.png");
  EXPECT_THAT(line.inputs, ElementsAre("in.png"));
  EXPECT_TRUE(line.lists.empty());
  EXPECT_FALSE(line.null_separated);
  EXPECT_FALSE(line.recursive);
  EXPECT_EQ(line.match.nfeatures, 5000);
  EXPECT_EQ(line.match.sift, SiftImplementation::automatic);
  EXPECT_EQ(line.match.first_octave, -1);
  EXPECT_EQ(line.match.cross_check, CrossCheck::mutual);
  EXPECT_EQ(line.match.timeout_s, 120);
  EXPECT_EQ(line.match.memory_limit_bytes, 0U);
  EXPECT_EQ(line.output, "-");
  EXPECT_EQ(line.format, std::nullopt);
  EXPECT_EQ(line.progress, ProgressMode::automatic);
  EXPECT_EQ(line.rank_timeout_s, 30);
  EXPECT_EQ(line.match.kernel, "");
  EXPECT_TRUE(line.match.sandbox);
  EXPECT_FALSE(line.retry_failed || line.overwrite);
  EXPECT_FALSE(line.dry_run || line.verbose || line.quiet);
}

TEST_F(CommandLineTest, TakesAFileOfItsOwnForTheReport) {
  EXPECT_EQ(accepted({"-r", "ref.png", "in.png"}).report, "");
  EXPECT_EQ(accepted({"-r", "ref.png", "--report", "[1,2]", "in.png"}).report, "[1,2]");
  EXPECT_THAT(refusal({"-r", "ref.png", "--report", "-", "in.png"}), HasSubstr("--report"));
  EXPECT_THAT(refusal({"-r", "ref.png", "--report", "x", "-o", "x", "in.png"}),
              HasSubstr("--report"));
}

TEST_F(CommandLineTest, TakesInputBeforeBetweenAndAfterOptions) {
  const CommandLine line = accepted({"a", "-r", "ref.png", "b", "--recursive", "c", "d"});
  EXPECT_THAT(line.inputs, ElementsAre("a", "b", "c", "d"));
  EXPECT_TRUE(line.recursive);
}

TEST_F(CommandLineTest, TakesBothSpellingsOfOptions) {
  EXPECT_EQ(accepted({"--reference", "x", "a"}).references.at(0), "x");
  EXPECT_EQ(accepted({"--reference=x", "a"}).references.at(0), "x");
  EXPECT_EQ(accepted({"-r", "x", "a"}).references.at(0), "x");
  EXPECT_EQ(accepted({"-rx", "a"}).references.at(0), "x");
  EXPECT_EQ(accepted_with({"--output", "o.csv"}).output, "o.csv");
  EXPECT_EQ(accepted_with({"-o", "o.csv"}).output, "o.csv");
  for (const char* flag : {"-0", "--null"}) {
    EXPECT_TRUE(accepted_with({flag}).null_separated) << flag;
  }
  for (const char* flag : {"-v", "--verbose"}) {
    EXPECT_TRUE(accepted_with({flag}).verbose) << flag;
  }
  for (const char* flag : {"-q", "--quiet"}) {
    EXPECT_TRUE(accepted_with({flag}).quiet) << flag;
  }
  EXPECT_TRUE(accepted_with({"--dry-run"}).dry_run);
  EXPECT_TRUE(accepted_with({"--recursive"}).recursive);
  EXPECT_TRUE(accepted_with({"--retry-failed"}).retry_failed);
  EXPECT_TRUE(accepted_with({"--overwrite"}).overwrite);
  EXPECT_FALSE(accepted_with({"--no-sandbox"}).match.sandbox);
}

TEST_F(CommandLineTest, TakesListsWithoutInput) {
  const CommandLine line = accepted({"-r", "x", "--list", "-", "--list", "b.txt", "a.png"});
  EXPECT_THAT(line.lists, ElementsAre("-", "b.txt"));
  EXPECT_THAT(line.inputs, ElementsAre("a.png")) << "a list is one file";
  EXPECT_TRUE(accepted({"-r", "x", "--list", "l"}).inputs.empty());
}

TEST_F(CommandLineTest, TakesNumbers) {
  EXPECT_EQ(accepted_with({"--nfeatures", "0"}).match.nfeatures, 0);
  EXPECT_EQ(accepted_with({"--nfeatures", "2147483647"}).match.nfeatures, 2147483647);
  EXPECT_EQ(accepted_with({"--timeout", "0"}).match.timeout_s, 0);
  EXPECT_EQ(accepted_with({"--timeout", "0.25"}).match.timeout_s, 0.25);
  EXPECT_EQ(accepted_with({"--timeout", "1e3"}).match.timeout_s, 1000);
  EXPECT_EQ(accepted_with({"--rank-timeout", "1.5"}).rank_timeout_s, 1.5);
}

TEST_F(CommandLineTest, TakesSizesWithBinaryUnits) {
  struct Example {
    const char* text;
    std::uint64_t bytes;
  };
  constexpr std::uint64_t kMiB = 1 << 20;
  for (const Example& example : {Example{"67108864", 64 * kMiB},
                                 {"64M", 64 * kMiB},
                                 {"512MB", 512 * kMiB},
                                 {"512mib", 512 * kMiB},
                                 {"4G", 4096 * kMiB},
                                 {"1T", kMiB * kMiB},
                                 {"1048576k", 1024 * kMiB}}) {
    EXPECT_EQ(accepted_with({"--memory-limit", example.text}).match.memory_limit_bytes,
              example.bytes)
        << example.text;
  }
}

TEST_F(CommandLineTest, TakesWords) {
  EXPECT_EQ(accepted_with({"--cross-check", "one-way"}).match.cross_check, CrossCheck::one_way);
  EXPECT_EQ(accepted_with({"--cross-check", "mutual"}).match.cross_check, CrossCheck::mutual);
  EXPECT_EQ(accepted_with({"--format", "text"}).format, Format::text);
  EXPECT_EQ(accepted_with({"--format", "csv"}).format, Format::csv);
  EXPECT_EQ(accepted_with({"--format", "jsonl"}).format, Format::jsonl);
  EXPECT_EQ(accepted_with({"--progress", "auto"}).progress, ProgressMode::automatic);
  EXPECT_EQ(accepted_with({"--progress", "always"}).progress, ProgressMode::always);
  EXPECT_EQ(accepted_with({"--progress", "never"}).progress, ProgressMode::never);
}

TEST_F(CommandLineTest, TakesKernelsAndListsThem) {
  EXPECT_EQ(accepted_with({"--kernel", "plain"}).match.kernel, "plain");
  const auto result = parse({"--kernel", "list"});
  const auto* list = std::get_if<ExitNow>(&result);
  ASSERT_NE(list, nullptr) << "neither reference nor input is needed";
  EXPECT_EQ(list->code, ExitCode::all_matched);
  EXPECT_THAT(list->text, HasSubstr("plain"));
}

TEST_F(CommandLineTest, TakesTheLastOfRepeatedOptions) {
  EXPECT_EQ(accepted_with({"--nfeatures", "3", "--nfeatures", "4"}).match.nfeatures, 4);
  EXPECT_THAT(accepted({"-r", "x", "-r", "y", "a"}).references, testing::ElementsAre("x", "y"));
  EXPECT_EQ(accepted_with({"--format", "csv", "--format", "text"}).format, Format::text);
}

TEST_F(CommandLineTest, TakesPathsThatBeginWithADash) {
  const CommandLine line = accepted({"--reference=-r.png", "--output=-o", "--", "-a", "--help"});
  EXPECT_EQ(line.references.at(0), "-r.png");
  EXPECT_EQ(line.output, "-o");
  EXPECT_THAT(line.inputs, ElementsAre("-a", "--help"));
}

TEST_F(CommandLineTest, TakesPathsAsTheyAre) {
  const Words paths = {"with space", "new\nline", "\xff\xfe", "'quoted'", "\"quoted\"", "a=b",
                       "[2019]",     "[1,2]",     "{}",       "a,b",      "%%",         "#x",
                       "++",         "*.png",     "a\\n",     "~"};
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const CommandLine line = accepted({"-r", path, "-o", path, "--list", path, "--", path, path});
    EXPECT_EQ(line.references.at(0), path);
    EXPECT_EQ(line.output, path);
    EXPECT_THAT(line.lists, ElementsAre(path));
    EXPECT_THAT(line.inputs, ElementsAre(path, path));
  }
}

TEST_F(CommandLineTest, RefusesBadValuesNamingTheOptionAndWhatItTakes) {
  struct Example {
    std::string option;
    Words bad_values;
    std::string takes;
  };
  const Example examples[] = {
      {"--nfeatures", {"x", "-1", "1.5", "5k", "2147483648", "", " 1", "--null"}, "whole number"},
      {"--timeout", {"x", "-1", "-0.5", "1s", "inf", "nan", "2e9", "", "--null"}, "seconds"},
      {"--memory-limit",
       {"x", "0", "1M", "67108863", "-4G", "4X", "1e9", "99999999999T", ""},
       "512M"},
      {"--cross-check", {"x", "Mutual", "one_way", ""}, "mutual|one-way"},
      {"--format", {"x", "CSV", "json", ""}, "csv|jsonl|matrix|text"},
      {"--progress", {"x", "yes", ""}, "always|auto|never"},
  };
  for (const Example& example : examples) {
    for (const std::string& value : example.bad_values) {
      SCOPED_TRACE(example.option + " '" + value + "'");
      EXPECT_THAT(refusal_with({example.option, value}),
                  AllOf(StartsWith(example.option), HasSubstr(example.takes)));
    }
    SCOPED_TRACE(example.option + " without a value");
    EXPECT_THAT(refusal({"-r", "x", "a", example.option}), StartsWith(example.option));
  }
}

TEST_F(CommandLineTest, SaysWhatWasGivenInstead) {
  EXPECT_THAT(refusal_with({"--nfeatures", "many"}), HasSubstr("'many'"));
  EXPECT_THAT(refusal_with({"--memory-limit=tiny"}), HasSubstr("'tiny'"));
}

TEST_F(CommandLineTest, StaysOneLineWhateverTheValue) {
  EXPECT_THAT(refusal_with({"--nfeatures", "a\nb"}),
              AllOf(StartsWith("--nfeatures takes"), HasSubstr("'a\\nb'")));
  EXPECT_THAT(refusal_with({"--format", "\n"}), StartsWith("--format takes"));
  EXPECT_THAT(refusal_with({"--no-such\noption"}), HasSubstr("--no-such"));
}

TEST_F(CommandLineTest, RefusesAValueForAFlag) {
  for (const char* flag : {"--null", "--recursive", "--dry-run", "--quiet", "--verbose",
                           "--overwrite", "--retry-failed", "--no-sandbox"}) {
    EXPECT_THAT(refusal_with({std::string(flag) + "=perhaps"}),
                AllOf(StartsWith(flag), HasSubstr("takes")));
  }
}

TEST_F(CommandLineTest, RefusesOptionsWithoutTheirPath) {
  EXPECT_THAT(refusal({"-r", "x", "a", "-o"}), AllOf(HasSubstr("--output"), HasSubstr("FILE")));
  EXPECT_THAT(refusal({"-r", "x", "a", "--list"}), AllOf(HasSubstr("--list"), HasSubstr("FILE")));
  EXPECT_THAT(refusal({"a", "-r"}), AllOf(HasSubstr("--reference"), HasSubstr("PATH")));
  EXPECT_THAT(refusal({"-r", "x", "a", "-vo"}), StartsWith("--output takes one value: FILE"));
  EXPECT_THAT(refusal({"-r", "x", "a", "--output="}), StartsWith("--output takes one value: FILE"));
}

TEST_F(CommandLineTest, RefusesUnknownOptions) {
  EXPECT_THAT(refusal_with({"--no-such-option"}), HasSubstr("--no-such-option"));
  EXPECT_THAT(refusal_with({"--nfeature", "3"}), HasSubstr("--nfeature"));
  EXPECT_THAT(refusal_with({"-Z"}), HasSubstr("-Z"));
  EXPECT_THAT(refusal_with({"--no: such"}), StartsWith("unknown option --no: such "));
  EXPECT_THAT(refusal_with({"--one", "--two"}), StartsWith("unknown option --one --two "));
  EXPECT_THAT(refusal({"-r", "x", "-photo.png"}), HasSubstr("--")) << "the way out is named";
}

TEST_F(CommandLineTest, RefusesMissingInput) {
  EXPECT_THAT(refusal({}), HasSubstr("--reference"));
  EXPECT_THAT(refusal({"a.png"}), HasSubstr("--reference"));
  EXPECT_THAT(refusal({"-r", "", "a.png"}), HasSubstr("--reference"));
  EXPECT_THAT(refusal({"-r", "x"}), HasSubstr("--list"));
  EXPECT_THAT(refusal({"-r", "x", "--"}), HasSubstr("--list"));
}

TEST_F(CommandLineTest, TakesAnImplementationOfSift) {
  EXPECT_EQ(accepted_with({"--sift", "auto"}).match.sift, SiftImplementation::automatic);
  EXPECT_EQ(accepted_with({"--sift", "fast"}).match.sift, SiftImplementation::fast);
  EXPECT_EQ(accepted_with({"--sift", "opencv"}).match.sift, SiftImplementation::opencv);
  EXPECT_THAT(refusal_with({"--sift", "slow"}), HasSubstr("--sift takes auto|fast|opencv"));
}

TEST_F(CommandLineTest, TakesAFirstOctaveThatTheImplementationHas) {
  EXPECT_EQ(accepted_with({"--first-octave", "-1"}).match.first_octave, -1);
  EXPECT_EQ(accepted_with({"--first-octave=0"}).match.first_octave, 0);
  EXPECT_EQ(accepted_with({"--first-octave", "0", "--sift", "fast"}).match.first_octave, 0);
  EXPECT_EQ(accepted_with({"--first-octave", "-1", "--sift", "opencv"}).match.first_octave, -1);
  EXPECT_THAT(refusal_with({"--first-octave", "1"}), HasSubstr("--first-octave takes -1|0"));
  EXPECT_THAT(refusal_with({"--first-octave", "0", "--sift", "opencv"}),
              AllOf(HasSubstr("--first-octave 0"), HasSubstr("--sift fast")));
}

TEST_F(CommandLineTest, HasHelpInGroupsWithEveryOption) {
  for (const Words& arguments : {Words{"--help"}, Words{"-h"}, Words{"--help", "--no-such"}}) {
    const auto result = parse(arguments);
    const auto* help = std::get_if<ExitNow>(&result);
    ASSERT_NE(help, nullptr);
    EXPECT_EQ(help->code, ExitCode::all_matched);
    EXPECT_EQ(help->message, "");
    for (const char* words : {"INPUT",          "\nInput:",      "\nMatching:",
                              "\nLimits:",      "\nOutput:",     "\nInformation:",
                              "-r,--reference", "--list",        "-0,--null",
                              "--recursive",    "--nfeatures",   "--sift",
                              "--first-octave", "--cross-check", "--timeout",
                              "--memory-limit", "-o,--output",   "--format",
                              "--progress",     "-v,--verbose",  "-q,--quiet",
                              "--dry-run",      "-h,--help",     "--version",
                              "--config",       "5000",          "120",
                              "Exit status"}) {
      EXPECT_THAT(help->text, HasSubstr(words));
    }
  }
}

TEST_F(CommandLineTest, HasTheVersionsOfWhatDecidesResults) {
  const auto result = parse({"--version"});
  const auto* version = std::get_if<ExitNow>(&result);
  ASSERT_NE(version, nullptr);
  EXPECT_EQ(version->code, ExitCode::all_matched);
  EXPECT_EQ(version->message, "");
  EXPECT_THAT(version->text, AllOf(StartsWith("bundle_match "), HasSubstr("OpenCV 4."),
                                   HasSubstr("Boost 1."), HasSubstr("MPI ")));
}

}  // namespace
}  // namespace bundle_match::app
