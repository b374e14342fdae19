// Positions from features' headers; what is similar has a file of its own.
// SPDX-License-Identifier: Apache-2.0
#include "sink/choosing.hpp"

#include "sink/similar_pairs.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace bundle_match::app {
namespace {

// One that cannot be read is in no pair.
bool may_be_chosen(const Ledger& ledger, ImageIndex image) {
  return !ledger.results.has(image) || ledger.results.status(image) == ImageStatus::ok;
}

bool lacks_position(const Ledger& ledger, ImageIndex image) {
  return ledger.resumed.chosen.positions && !ledger.resumed.chosen.positions->knows(image);
}

void note_positions(Ledger& ledger, const features::FeatureSet& described) {
  for (const ImageIndex image : ledger.work.image_ids()) {
    if (!lacks_position(ledger, image) || !may_be_chosen(ledger, image)) {
      continue;
    }
    const auto position = described[reference_of(image)].view.position;
    ledger.resumed.chosen.positions->set(image, position);
    if (ledger.resumed.journal) {
      ledger.resumed.journal->write_position(ledger.input.path_of(image), position);
    }
  }
}

void tell_positions(const Ledger& ledger) {
  const std::size_t located = ledger.resumed.chosen.positions->located().size();
  if (located == 0) {
    ledger.log.warn("no image has a GPS position in its EXIF data: --within chooses no pairs");
  } else {
    ledger.log.info("{} of {} images have a GPS position", located, ledger.work.images());
  }
}

}  // namespace

bool has_to_choose(const Ledger& ledger) {
  const auto images = ledger.work.image_ids();
  return ledger.resumed.chosen.any() &&
         std::any_of(images.begin(), images.end(), [&](ImageIndex image) {
           return (lacks_choice(ledger, image) || lacks_position(ledger, image)) &&
                  may_be_chosen(ledger, image);
         });
}

bool choose_pairs(Ledger& ledger, const features::FeatureSet& described,
                  const std::function<bool()>& go_on) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (ledger.resumed.chosen.similar && !choose_similar(ledger, described, go_on)) {
    return false;
  }
  if (ledger.resumed.chosen.positions) {
    note_positions(ledger, described);
    tell_positions(ledger);
  }
  const std::uint64_t before = ledger.work.pairs();
  ledger.results.add_pairs(
      work_plan(ledger.input, ledger.resumed.chosen, ledger.results.most_pairs()));
  ledger.log.info("{} pairs chosen among {} images in {:.2f} s", ledger.work.pairs() - before,
                  ledger.work.images(),
                  std::chrono::duration<double>(Clock::now() - begin).count());
  return true;
}

}  // namespace bundle_match::app
