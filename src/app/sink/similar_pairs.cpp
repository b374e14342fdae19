// From features to choices, and from choices to pairs.
// SPDX-License-Identifier: Apache-2.0
#include "sink/similar_pairs.hpp"

#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "bundle_match/similarity/codebook.hpp"
#include "bundle_match/similarity/image_descriptor.hpp"
#include "bundle_match/similarity/most_similar.hpp"
#include "command/pair_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

using similarity::Similar;

// With 24 or 32 words, 1 % more of the pairs that belong together were chosen among 5000 images
// (tests/bench/similar_bench.py), in 1.6 and 2 times the time.
constexpr std::size_t kWords = 16;
constexpr std::size_t kSampleRows = 1 << 15;

// In the order of the input, so that words and vectors do not depend on what was chosen before.
struct Candidates {
  std::vector<ImageIndex> images;            // with features
  std::vector<std::uint32_t> choosing;       // positions of those that a choice is to be made for
  std::vector<ImageIndex> without_features;  // that one would be made for
};

Candidates find_candidates(const Ledger& ledger) {
  Candidates found;
  for (const ImageIndex image : ledger.work.image_ids()) {
    if (!ledger.results.has(image) || ledger.results.status(image) != ImageStatus::ok) {
      continue;
    }
    const bool chooses = lacks_choice(ledger, image);
    if (ledger.results.report(image).keypoints > 0) {
      if (chooses) {
        found.choosing.push_back(static_cast<std::uint32_t>(found.images.size()));
      }
      found.images.push_back(image);
    } else if (chooses) {
      found.without_features.push_back(image);
    }
  }
  return found;
}

matching::DescriptorView descriptors(const features::MappedImage& image) {
  return {image.view.descriptors, image.view.keypoints.size()};
}

// Some of every image or, if there are more images than that, of every so many: the same ones for
// any number of ranks.
std::vector<std::uint8_t> sample_of(const std::vector<ImageIndex>& images,
                                    const features::FeatureSet& described) {
  std::vector<std::uint8_t> sample;
  if (images.empty()) {
    return sample;
  }
  const std::size_t step = std::max<std::size_t>(1, images.size() / kSampleRows);
  const std::size_t of_each = std::max<std::size_t>(1, kSampleRows * step / images.size());
  for (std::size_t i = 0; i < images.size(); i += step) {
    const features::MappedImage image = described[reference_of(images[i])];
    const matching::DescriptorView from = descriptors(image);
    const std::size_t rows = std::min(of_each, from.rows);
    for (std::size_t k = 0; k < rows; ++k) {
      const std::uint8_t* const row = from.row(k * from.rows / rows);
      sample.insert(sample.end(), row, row + matching::kDescriptorSize);
    }
  }
  return sample;
}

void take_choice(Ledger& ledger, ImageIndex image, const std::vector<ImageIndex>& images,
                 const std::vector<Similar>& similar, const similarity::ImageDescriber& describer) {
  const auto numbered = [&](ImageIndex it) {
    return results::NumberedPath{reference_of(it).value(), ledger.input.path_of(it)};
  };
  std::vector<results::ChosenPath> chosen;
  chosen.reserve(similar.size());
  results::JournalRecord record;
  record.path = ledger.input.path_of(image);
  record.wanted = ledger.input.command.similar;
  for (const Similar& it : similar) {
    chosen.push_back({numbered(images[it.row]), describer.similarity(it.distance)});
    record.references.emplace_back(chosen.back().image.path);
    record.similarities.push_back(chosen.back().similarity);
  }
  if (ledger.resumed.journal) {
    ledger.resumed.journal->write_choice(numbered(image), record.wanted, chosen);
  }
  ledger.resumed.chosen.similar->take(record);
}

}  // namespace

bool lacks_choice(const Ledger& ledger, ImageIndex image) {
  const auto& choices = ledger.resumed.chosen.similar;
  return choices && !choices->has(image, ledger.input.command.similar);
}

bool choose_similar(Ledger& ledger, const features::FeatureSet& described,
                    const std::function<bool()>& go_on) {
  const matching::Kernel& kernel = matching::fastest_kernel();
  const Candidates candidates = find_candidates(ledger);
  const std::vector<ImageIndex>& images = candidates.images;
  const std::vector<std::uint8_t> sample = sample_of(images, described);
  similarity::ImageDescriber describer(
      similarity::train_codebook({sample.data(), sample.size() / matching::kDescriptorSize}, kWords,
                                 kernel),
      kernel);
  std::vector<std::uint8_t> vectors;
  vectors.reserve(images.size() * describer.size());
  for (const ImageIndex image : images) {
    describer.append(descriptors(described[reference_of(image)]), vectors);
  }
  std::vector<std::vector<Similar>> similar;
  if (!candidates.choosing.empty()) {
    similar =
        similarity::most_similar({vectors.data(), images.size(), describer.size()},
                                 candidates.choosing, ledger.input.command.similar, kernel, go_on);
    if (similar.empty()) {
      return false;
    }
  }
  for (std::size_t i = 0; i < similar.size(); ++i) {
    take_choice(ledger, images[candidates.choosing[i]], images, similar[i], describer);
  }
  for (const ImageIndex image : candidates.without_features) {
    take_choice(ledger, image, images, {}, describer);
  }
  return true;
}

std::optional<std::string> why_not_in_pair_list(const RunInput& input) {
  if (input.command.null_separated) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < input.images.size(); ++i) {
    const std::string_view path = input.images[i];
    if (!fits_pair_line(path)) {
      return fmt::format(
          "{} has white space or begins with #, which a line of two paths has no way to write; "
          "--null separates paths by NUL",
          results::escape_path(path).path);
    }
  }
  return std::nullopt;
}

void write_similar(Ledger& ledger) {
  if (!ledger.similar_file) {
    return;
  }
  const Choices& choices = *ledger.resumed.chosen.similar;
  std::string lines;
  for (const ImageIndex image : ledger.work.image_ids()) {
    for (const SimilarImage& other : choices.of(image)) {
      if (other.image < image && choices.chose(other.image, image)) {
        continue;  // written with the other one
      }
      const std::string_view a = ledger.input.path_of(image);
      const std::string_view b = ledger.input.path_of(other.image);
      if (ledger.input.command.null_separated) {
        lines.append(a).append(1, '\0').append(b).append(1, '\0');
      } else {
        lines += fmt::format("{} {} {:.4f}\n", a, b, other.similarity);
      }
    }
  }
  ledger.similar_file->write(lines);
  ledger.similar_file->commit();
}

}  // namespace bundle_match::app
