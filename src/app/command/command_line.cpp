// Parses the arguments into CommandLine, and explains wrong ones.
// SPDX-License-Identifier: Apache-2.0
#include "command/command_line.hpp"

#include "bundle_match/matching/kernel.hpp"
#include "command/option_checks.hpp"
#include "command/options.hpp"
#include "command/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace bundle_match::app {
namespace {

// The default of --draw-best among images: a folder cannot hold a picture of every pair.
constexpr std::uint32_t kBestPairsDrawn = 20;

constexpr const char* kFooter =
    "\nExamples:\n"
    "  mpirun -n 8 bundle_match --reference ref.jpg photos/ > counts.txt\n"
    "  mpirun -n 8 bundle_match -r ref.jpg -o counts.csv 'photos/*.png'\n"
    "  mpirun -n 8 bundle_match --all-pairs --ratio 0.8 --verify fundamental -o pairs.csv photos/\n"
    "  find photos -name '*.jpg' -print0 | mpirun -n 8 bundle_match -r ref.jpg -0 --list -\n"
    "\n"
    "With --output FILE every result is kept in FILE.journal at once. After an interruption the "
    "same\n"
    "command goes on from there, with any number of ranks.\n"
    "\n"
    "Exit status: 0 every image was matched; 1 some were not (each is named with the reason);\n"
    "2 wrong usage, or the output cannot be written; 3 the reference cannot be used; 75 "
    "interrupted,\n"
    "the same command goes on from there.\n"
    "Every option can also stand in a file (--config) or in the environment, as\n"
    "BUNDLE_MATCH_NFEATURES for --nfeatures.";

// What --kernel list prints.
std::string kernel_list() {
  std::string text;
  for (const matching::Kernel& kernel : matching::kernels()) {
    text += fmt::format("{:<16}{:<15}{}\n", kernel.name,
                        kernel.supported() ? "supported" : "not supported", kernel.description);
  }
  return text;
}

// Newer versions of CLI11 ignore a bad value in the environment. It is added here, so that it is
// refused like a bad value on the command line.
void refuse_bad_environment(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    const char* value =
        option->get_envname().empty() ? nullptr : std::getenv(option->get_envname().c_str());
    if (value != nullptr && *value != '\0' && option->count() == 0) {
      option->add_result(value);
      option->run_callback();
    }
  }
}

// The option that an argument names, whose value may follow it: "--output", "--output=", "-vo".
const CLI::Option* option_named_by(const CLI::App& app, std::string_view argument) {
  if (argument.starts_with("--")) {
    return app.get_option_no_throw(std::string(argument.substr(0, argument.find('='))));
  }
  return argument.starts_with('-') ? app.get_option_no_throw({'-', argument.back()}) : nullptr;
}

// Describes what is wrong with the arguments, of which `last` is the last one.
std::string explain(const CLI::App& app, const CLI::ParseError& error, std::string_view last) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return fmt::format("unknown option {} (a path that begins with a dash goes after --)",
                       fmt::join(app.remaining(), " "));
  }
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) {
    return fmt::format("--config {} was not readable (missing?)",
                       fmt::join(app.get_config_ptr()->results(), " "));
  }
  // CLI11 takes whatever follows an option as its value, so only the last one can lack it.
  const CLI::Option* option = option_named_by(app, last);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && option != nullptr &&
      option->get_expected_max() > 0) {
    return fmt::format("{} takes one value: {}", option->get_name(), option->get_type_name());
  }
  return error.what();
}

// CLI11 splits an argument like [1,2] into two values, but it may be a path: it gets a character
// before it that is removed afterwards.
constexpr char kShield = '\x1f';

void shield_brackets(std::string& argument) {
  if (argument.starts_with('[') && argument.ends_with(']')) {
    argument.insert(argument.begin(), kShield);
  }
}

void unshield_brackets(CommandLine& line) {
  const auto unshield = [](std::string& path) {
    if (path.starts_with(std::string{kShield, '['})) {
      path.erase(0, 1);
    }
  };
  for (std::string* const path :
       {&line.output, &line.report, &line.draw.folder, &line.export_colmap, &line.save_matches,
        &line.match.cache_dir, &line.match.scratch_dir, &line.match.mask_dir, &line.pairs_folder,
        &line.save_similar}) {
    unshield(*path);
  }
  std::for_each(line.references.begin(), line.references.end(), unshield);
  std::for_each(line.reference_lists.begin(), line.reference_lists.end(), unshield);
  std::for_each(line.inputs.begin(), line.inputs.end(), unshield);
  std::for_each(line.lists.begin(), line.lists.end(), unshield);
  std::for_each(line.pair_lists.begin(), line.pair_lists.end(), unshield);
}

// One line, although the message may quote what the user gave.
ExitNow wrong_usage(std::string message) {
  for (auto at = message.find('\n'); at != std::string::npos; at = message.find('\n', at)) {
    message.replace(at, 1, "\\n");
  }
  return {ExitCode::wrong_usage, "", message + "; see bundle_match --help"};
}

bool several_references(const CommandLine& line) {
  return line.among_images() || !line.reference_lists.empty() || line.references.size() > 1;
}

// Describes options that contradict each other; empty if none do.
std::string contradiction(const CommandLine& line) {
  const MatchOptions& match = line.match;
  const bool any_reference = !line.references.empty() || !line.reference_lists.empty();
  const auto text = results::Format::text;
  if (match.sift == SiftImplementation::opencv && match.first_octave != -1) {
    return "--first-octave 0 takes --sift fast: OpenCV always doubles the image";
  }
  const bool empty_path =
      std::count(line.references.begin(), line.references.end(), std::string()) > 0;
  if (empty_path || (!line.among_images() && !any_reference)) {
    return "--reference is missing: it takes the path of the reference image";
  }
  const bool any_input = !line.inputs.empty() || !line.lists.empty();
  const bool pairs_of_input = line.all_pairs || line.window > 0 || any_reference;
  if (!any_input && (line.pair_lists.empty() || pairs_of_input)) {
    return "no input: name images, directories or globs after the options, or a list of paths with "
           "--list FILE";
  }
  if (line.pair_lists.empty() && !line.pairs_folder.empty()) {
    return "--pairs-dir takes --pairs FILE";
  }
  if (line.similar == 0 && !line.save_similar.empty()) {
    return "--save-similar takes --similar K";
  }
  if (several_references(line) && write_options(line).format == text) {
    return "--format text has no place for several references: it takes csv, jsonl or matrix (or "
           "an "
           "--output with such an extension)";
  }
  if (line.format == results::Format::matrix && line.selection != results::RowSelection{}) {
    return "--format matrix has all references and images: it takes no --sort, --top, "
           "--min-matches";
  }
  if (line.selection.sort == results::RowSelection::Sort::inliers &&
      match.verification == Verification::none) {
    return "--sort inliers takes --verify homography or --verify fundamental";
  }
  if (line.draw.folder.empty() && line.draw != DrawOptions{}) {
    return "--draw-best and --draw-format take --draw DIR";
  }
  for (const auto& [option, file] :
       {std::pair("--report", &line.report), std::pair("--save-similar", &line.save_similar)}) {
    if (*file == "-" || (!file->empty() && *file == line.output)) {
      return fmt::format("{} takes a file of its own", option);
    }
  }
  return "";
}

}  // namespace

results::WriteOptions write_options(const CommandLine& command) {
  const auto other = several_references(command) ? results::Format::csv : results::Format::text;
  const auto by_name = results::format_from_file_name(command.output);
  return {command.format.value_or(by_name.value_or(other)), command.null_separated,
          command.match.verification != Verification::none,
          command.match.cross_check == CrossCheck::one_way};
}

std::variant<CommandLine, ExitNow> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app(
      "Matches reference images against a bundle of images, in parallel, and gives for each image\n"
      "the number of its matches:\n\n"
      "  mpirun -n N bundle_match [options] --reference REF INPUT...",
      "bundle_match");
  app.footer(kFooter);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.allow_config_extras(CLI::config_extras_mode::error);
  add_options(app, line);
  std::vector<std::string> arguments(argv, argv + argc);
  for (std::string& argument : arguments) {
    shield_brackets(argument);
  }
  std::vector<const char*> shielded;
  shielded.reserve(arguments.size());
  for (const std::string& argument : arguments) {
    shielded.push_back(argument.c_str());
  }
  try {
    app.parse(argc, shielded.data());
    refuse_bad_environment(app);
  } catch (const CLI::CallForHelp&) {
    return ExitNow{ExitCode::all_matched, app.help(), ""};
  } catch (const CLI::CallForVersion&) {
    return ExitNow{ExitCode::all_matched, version_text(), ""};
  } catch (const CLI::ParseError& error) {
    return wrong_usage(explain(app, error, shielded.back()));
  } catch (const BadOption& error) {
    return wrong_usage(error.what());
  }
  line.match.sandbox = !line.no_sandbox;
  unshield_brackets(line);
  if (line.match.kernel == "list") {
    return ExitNow{ExitCode::all_matched, kernel_list(), ""};
  }
  if (const std::string problem = contradiction(line); !problem.empty()) {
    return wrong_usage(problem);
  }
  const bool exports = !line.export_colmap.empty() || !line.save_matches.empty();
  if (line.among_images() && !line.draw.folder.empty() && !line.draw.best) {
    line.draw.best = kBestPairsDrawn;
  }
  line.match.report_features = exports;
  // Among images, these are described before it is known which pairs are the best.
  line.match.report_pictures = !line.report.empty() && !line.among_images();
  line.match.report_matches = exports;
  return line;
}

}  // namespace bundle_match::app
