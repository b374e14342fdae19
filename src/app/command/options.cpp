// Declares the options in groups, with their help.
// SPDX-License-Identifier: Apache-2.0
#include "command/options.hpp"

#include "command/option_checks.hpp"
#include "command/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bundle_match::app {
namespace {

constexpr std::uint64_t kSmallestMemoryLimit = std::uint64_t{64} << 20;

// An option that takes values that pass a check; `type_name` stands for one in the help.
template <class Target>
void add_checked(CLI::App& app, const std::string& name, Target& target,
                 const std::string& type_name, const Check& check, const std::string& help) {
  check_values(app.add_option(name, target, help)->type_name(type_name), check);
}

// An option that takes one of a few words.
template <class Target, class Value>
void add_choice(CLI::App& app, const std::string& name, Target& target,
                const std::map<std::string, Value>& words, const std::string& help) {
  std::string list;
  for (const auto& [word, value] : words) {
    list += (list.empty() ? "" : "|") + word;
  }
  CLI::Option* option = app.add_option_function<std::string>(
      name, [&target, words](const std::string& word) { target = words.at(word); }, help);
  check_values(option->type_name(list), [words, list](std::string& word) {
    return words.count(word) > 0 ? "" : fmt::format("takes {}, not '{}'", list, word);
  });
}

void add_input_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Input");
  app.add_option("-r,--reference", line.references,
                 "The reference image; may be given several times")
      ->type_name("PATH")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app.add_option("--reference-list", line.reference_lists,
                 "Read paths of references from FILE, one a line")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app.add_flag(
      "--all-pairs", line.all_pairs,
      "Match every image with every other, a row a pair. This option and the next ones can\n"
      "be combined, also with references; each pair is matched once");
  add_checked(app, "--window", line.window, "N", whole_number(1),
              "Match every image with the N after it in the input, a row a pair, as for frames of\n"
              "a video");
  app.add_option(
         "--pairs", line.pair_lists,
         "Match the pairs of FILE, the paths of two images a line (as lists of COLMAP and hloc);\n"
         "- is standard input; INPUT is not needed; may be repeated")
      ->type_name("FILE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app.add_option("--pairs-dir", line.pairs_folder,
                 "Folder that paths of --pairs are relative to (default: the working directory)")
      ->type_name("DIR");
  add_checked(
      app, "--similar", line.similar, "K", whole_number(1),
      "Match every image with the K most like it, chosen by a descriptor of the whole image\n"
      "(VLAD)");
  app.add_option("--save-similar", line.save_similar,
                 "Write the pairs of --similar to FILE, two paths and how alike they are (0 to 1)\n"
                 "a line, nearest first; --pairs takes it as it is")
      ->type_name("FILE");
  add_checked(app, "--within", line.within_m, "METRES", positive_number(),
              "Match every two images that were taken at most so far apart, by the GPS positions\n"
              "of their EXIF data; those without one are in no such pair");
  app.add_option("INPUT", line.inputs,
                 "Image files, directories (every image in them, sorted) or quoted globs")
      ->type_name("");
  app.add_option("--list", line.lists,
                 "Read paths from FILE, one a line; - is standard input; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("-0,--null", line.null_separated,
               "Paths in lists and rows of text output end in NUL, not in a newline");
  app.add_option("--mask-dir", line.match.mask_dir,
                 "Folder with masks: features where PATH.png below it is black do not count; of\n"
                 "a/b/c.jpg the mask is a/b/c.jpg.png, else b/c.jpg.png, else c.jpg.png")
      ->type_name("DIR");
  app.add_flag("--recursive", line.recursive, "Descend into directories");
  app.add_flag("--send-images", line.send_images,
               "Rank 0 reads the images and sends them to the others, which then need not see\n"
               "them: for nodes without a shared file system");
}

void add_matching_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Matching");
  add_checked(app, "--nfeatures", line.match.nfeatures, "N", whole_number(0),
              "Strongest features kept per image (default 5000); 0 keeps all");
  add_choice<SiftImplementation, SiftImplementation>(
      app, "--sift", line.match.sift,
      {{"auto", SiftImplementation::automatic},
       {"fast", SiftImplementation::fast},
       {"opencv", SiftImplementation::opencv}},
      "auto (default), fast: built in, the same features as OpenCV's in a fraction of\n"
      "the time and memory; opencv: OpenCV's, to compare");
  add_choice<std::int32_t, std::int32_t>(
      app, "--first-octave", line.match.first_octave, {{"-1", -1}, {"0", 0}},
      "-1 (default): features are looked for in the image doubled first; 0: it is not\n"
      "doubled, which is faster and finds fewer (other counts)");
  add_checked(app, "--max-size", line.match.max_size, "PX", whole_number(0),
              "Shrink images whose longest side is longer than so many pixels (default 0: none)");
  add_checked(app, "--threads", line.match.threads, "N", whole_number(1, 1024),
              "Threads for the SIFT of one image (default 1: as many ranks as cores are faster,\n"
              "if the memory suffices, and at the end those that are idle lend theirs); the\n"
              "counts do not depend on it");
  add_choice<CrossCheck, CrossCheck>(
      app, "--cross-check", line.match.cross_check,
      {{"mutual", CrossCheck::mutual}, {"one-way", CrossCheck::one_way}},
      "mutual (default): pairs that are each other's nearest; one-way: reference\n"
      "features that are the nearest one of some feature of the image");
  add_checked(app, "--ratio", line.match.max_ratio, "R", ratio(),
              "Lowe's ratio test: a nearest neighbour counts if it is closer than R times the\n"
              "second nearest, in both directions, before the cross check (default: no test)");
  add_checked(app, "--max-distance", line.match.max_distance, "D", positive_number(),
              "Largest Euclidean distance of a match (default: any)");
  add_checked(app, "--kernel", line.match.kernel, "NAME", kernel_name(),
              "Matching kernel (default: the fastest of each rank's CPU; all give the same\n"
              "counts); list prints them with what this CPU supports");
}

void add_geometry_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Geometric verification");
  add_choice<Verification, Verification>(
      app, "--verify", line.match.verification,
      {{"none", Verification::none},
       {"homography", Verification::homography},
       {"fundamental", Verification::fundamental}},
      "Find the geometry that most matches of a pair agree on: homography for flat\n"
      "scenes, fundamental for others; adds the columns inliers and model");
  add_checked(app, "--min-inliers", line.match.min_inliers, "N", whole_number(1),
              "A pair with fewer inliers has no model (default 15)");
  add_checked(app, "--max-error", line.match.max_error_px, "PX", positive_number(),
              "Largest error of an inlier, in pixels (default 4)");
}

void add_cache_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Cache");
  app.add_option("--cache", line.match.cache_dir,
                 "Keep features in DIR, and take them from there the next time, by the content\n"
                 "of the image and the options that change them; ranks and runs may share it")
      ->type_name("DIR");
  add_checked(app, "--cache-limit", line.match.cache_limit_bytes, "SIZE",
              size("1M", std::uint64_t{1} << 20),
              "What the cache may hold, e.g. 100G (default: no limit); what was used longest\n"
              "ago goes first");
}

void add_feature_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Features of many images");
  add_checked(app, "--feature-memory", line.match.feature_memory_bytes, "SIZE",
              size("64K", std::uint64_t{64} << 10),
              "Memory on each host for the features that images are matched with, e.g. 4G\n"
              "(default: a quarter of the host's); more than that goes on disk");
  app.add_option("--scratch", line.match.scratch_dir,
                 "Folder on each host for features that are more than that (default: $TMPDIR, or\n"
                 "/var/tmp); files there have no names, and leave nothing behind")
      ->type_name("DIR");
}

void add_limit_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Limits");
  add_checked(app, "--timeout", line.match.timeout_s, "SECONDS", seconds(),
              "Time one image may take (default 120); 0 for no limit");
  add_checked(app, "--memory-limit", line.match.memory_limit_bytes, "SIZE",
              size("64M", kSmallestMemoryLimit),
              "Memory one rank's computation may take, e.g. 4G (default: the node's memory\n"
              "shared among its ranks)");
  add_checked(app, "--rank-timeout", line.rank_timeout_s, "SECONDS", seconds(),
              "Silence after which a rank is taken for lost and its images are handed to\n"
              "others (default 30); 0 for never. While the ranks connect, ten times as long is\n"
              "waited, and then the job ends");
  app.add_flag("--no-sandbox", line.no_sandbox, "Do not confine the processes that decode images");
}

void add_selection_options(CLI::App& app, CommandLine& line) {
  using Sort = results::RowSelection::Sort;
  add_choice<Sort, Sort>(
      app, "--sort", line.selection.sort,
      {{"input", Sort::input}, {"matches", Sort::matches}, {"inliers", Sort::inliers}},
      "Order of the rows of a reference: that of the input (default), or best first");
  add_checked(app, "--top", line.selection.top, "K", whole_number(1),
              "Write only the K best rows of each reference");
  add_checked(app, "--min-matches", line.selection.min_matches, "N", whole_number(0),
              "Write only rows with at least so many matches");
}

void add_export_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Exports");
  app.add_option("--export-colmap", line.export_colmap,
                 "Write a database of COLMAP's: cameras, images, keypoints, descriptors, matches\n"
                 "and, with --verify, geometries, so that colmap mapper goes on from there")
      ->type_name("DB");
  app.add_option("--save-matches", line.save_matches,
                 "Write the features of every image and the matches of every pair to DIR, as\n"
                 "npz files of numpy's")
      ->type_name("DIR");
}

void add_draw_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Pictures");
  app.add_option("--draw", line.draw.folder,
                 "Write a picture of every matched pair to DIR: reference and image side by side,\n"
                 "matches as blue lines, inliers (--verify) as orange ones")
      ->type_name("DIR");
  add_checked(app, "--draw-best", line.draw.best, "K", whole_number(1),
              "Draw only the K best images of each reference, by inliers or matches; of all\n"
              "pairs, the K best pairs (default 20)");
  add_choice<PictureFormat, PictureFormat>(
      app, "--draw-format", line.draw.format,
      {{"jpg", PictureFormat::jpeg}, {"png", PictureFormat::png}},
      "jpg (default): small; png: without loss");
}

void add_output_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Output");
  app.add_option("-o,--output", line.output,
                 "Write the results to FILE, complete or not at all (default: standard output)")
      ->type_name("FILE");
  app.add_flag("--retry-failed", line.retry_failed,
               "Going on with an earlier run: try images again that could not be matched");
  app.add_flag("--overwrite", line.overwrite,
               "Begin anew: discard FILE and the journal of an earlier run beside it");
  using results::Format;
  add_choice<std::optional<Format>, Format>(
      app, "--format", line.format,
      {{"text", Format::text},
       {"csv", Format::csv},
       {"jsonl", Format::jsonl},
       {"matrix", Format::matrix}},
      "Format of the results (default: by FILE's extension, else text or, of several\n"
      "references, csv); matrix: a table of references x images, as csv");
  add_selection_options(app, line);
  app.add_option("--report", line.report,
                 "Write a page of HTML about the run to FILE: images, counts, failures, ranks")
      ->type_name("FILE");
  add_choice<ProgressMode, ProgressMode>(
      app, "--progress", line.progress,
      {{"auto", ProgressMode::automatic},
       {"always", ProgressMode::always},
       {"never", ProgressMode::never}},
      "auto (default): a line that redraws on a terminal, else a line every few\n"
      "seconds; always: a line that redraws; never");
  app.add_flag("--progress-detail", line.progress_detail,
               "Every few seconds a line a host: images, rate, how busy its ranks are");
  app.add_flag("-v,--verbose", line.verbose, "Say more on standard error");
  app.add_flag("-q,--quiet", line.quiet, "Say nothing on standard error but what went wrong");
}

// BUNDLE_MATCH_NFEATURES for --nfeatures, and so on.
void name_environment_variables(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option != app.get_help_ptr() && !option->get_lnames().empty()) {
      std::string name = "BUNDLE_MATCH_" + option->get_lnames().front();
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return c == '-' ? '_' : static_cast<char>(std::toupper(c));
      });
      option->envname(name);
    }
  }
}

void check_flags(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option != app.get_help_ptr() && option->get_expected_max() == 0) {
      check_values(option, on_or_off());
    }
  }
}

// Refuses lists without values, which CLI11 2.1 does not survive.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> read = CLI::ConfigTOML::from_config(input);
    for (const CLI::ConfigItem& item : read) {
      const bool is_section = item.name == "++" || item.name == "--";
      if (!is_section && item.inputs.empty()) {
        throw BadOption(fmt::format("--{} has no value in the file of --config", item.fullname()));
      }
    }
    return read;
  }
};

void add_other_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Information");
  app.add_flag("--dry-run", line.dry_run,
               "List the images that would be matched, and the ranks with their hosts");
  name_environment_variables(app);
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", version_text, "Print the versions of program and libraries");
  app.set_config("--config", "", "Read options from FILE (TOML or INI, long names as keys)")
      ->type_name("FILE");
  app.config_formatter(std::make_shared<ConfigFile>());
  check_flags(app);
}

}  // namespace

void add_options(CLI::App& app, CommandLine& line) {
  add_input_options(app, line);
  add_matching_options(app, line);
  add_geometry_options(app, line);
  add_limit_options(app, line);
  add_cache_options(app, line);
  add_feature_options(app, line);
  add_output_options(app, line);
  add_export_options(app, line);
  add_draw_options(app, line);
  add_other_options(app, line);
}

}  // namespace bundle_match::app
