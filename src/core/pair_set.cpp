// Ranges of references for each image, and what follows from them for each reference.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/pair_set.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace bundle_match {
namespace {

using Ranges = std::span<const ReferenceRange>;

ReferenceRange range_between(std::uint64_t first, std::uint64_t end) {
  return {ReferenceIndex(static_cast<std::uint32_t>(first)),
          static_cast<std::uint32_t>(end - first)};
}

// Visits what is in `ranges`, but not in `others`, as ranges.
template <class Visit>
void visit_difference(Ranges ranges, Ranges others, const Visit& visit) {
  auto other = others.begin();
  for (const ReferenceRange& range : ranges) {
    std::uint64_t next = range.first.value();
    while (other != others.end() && other->past() <= next) {
      ++other;
    }
    for (auto it = other; it != others.end() && it->first.value() < range.past(); ++it) {
      if (it->first.value() > next) {
        visit(range_between(next, it->first.value()));
      }
      next = it->past();
    }
    if (next < range.past()) {
      visit(range_between(next, range.past()));
    }
  }
}

PairSet::Pair ordered(const PairSet::Pair& pair) {
  return {std::min(pair.a, pair.b), std::max(pair.a, pair.b)};
}

}  // namespace

PairSet::PairSet(std::size_t images) : rows_(images + 1, 0), column_starts_(images + 1, 0) {}

// Ranges that meet become one.
void PairSet::append(ReferenceRange range) {
  const bool goes_on =
      ranges_.size() > rows_.back() && ranges_.back().past() == std::uint64_t{range.first.value()};
  if (goes_on) {
    ranges_.back().count += range.count;
    before_.back() += range.count;
  } else if (range.count > 0) {
    ranges_.push_back(range);
    before_.push_back(before_.back() + range.count);
  }
}

PairSet PairSet::all(std::size_t images, IdRange<ImageIndex> among) {
  return window(images, std::numeric_limits<std::uint64_t>::max(), among);
}

PairSet PairSet::window(std::size_t images, std::uint64_t distance, IdRange<ImageIndex> among) {
  PairSet set;
  set.rows_.clear();
  set.rows_.reserve(images + 1);
  set.ranges_.reserve(images);
  set.before_.reserve(images + 1);
  for (const ImageIndex image : first_ids<ImageIndex>(images)) {
    set.begin_row();
    if (among.contains(image)) {
      const std::uint64_t before = std::min(image.value() - (*among.begin()).value(), distance);
      set.append(range_between(image.value() - before, image.value()));
    }
  }
  set.begin_row();
  set.transpose();
  return set;
}

PairSet PairSet::each_with(std::size_t images, std::vector<ImageIndex> each,
                           IdRange<ImageIndex> others) {
  std::sort(each.begin(), each.end());
  each.erase(std::unique(each.begin(), each.end()), each.end());
  const ImageIndex first = *others.begin();
  const ImageIndex past = *others.end();
  if (past.value() > images || (!each.empty() && each.back().value() >= images)) {
    throw std::invalid_argument("pairs of images that there are not");
  }
  PairSet set;
  set.rows_.clear();
  auto next = each.begin();
  for (const ImageIndex image : first_ids<ImageIndex>(images)) {
    set.begin_row();
    const bool is_one = next != each.end() && *next == image;
    const ImageIndex end = is_one ? first : image;
    if (others.contains(image)) {
      std::for_each(each.begin(), next, [&](ImageIndex one) {
        if (one < end) {
          set.append({reference_of(one), 1});
        }
      });
    }
    if (is_one) {
      if (first < image) {
        set.append(range_between(first.value(), std::min(image, past).value()));
      }
      ++next;
    }
  }
  set.begin_row();
  set.transpose();
  return set;
}

PairSet PairSet::of(std::size_t images, std::vector<Pair> pairs) {
  for (Pair& pair : pairs) {
    pair = ordered(pair);
    if (pair.a == pair.b || pair.b.value() >= images) {
      throw std::invalid_argument("a pair of an image with itself, or with none");
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& one, const Pair& other) {
    return std::tie(one.b, one.a) < std::tie(other.b, other.a);
  });
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  PairSet set;
  set.rows_.clear();
  auto pair = pairs.begin();
  for (const ImageIndex image : first_ids<ImageIndex>(images)) {
    set.begin_row();
    for (; pair != pairs.end() && pair->b == image; ++pair) {
      set.append({reference_of(pair->a), 1});
    }
  }
  set.begin_row();
  set.transpose();
  return set;
}

PairSet PairSet::united(const PairSet& a, const PairSet& b) {
  if (a.images() != b.images()) {
    throw std::invalid_argument("pairs of other images");
  }
  PairSet set;
  set.rows_.clear();
  std::vector<ReferenceRange> ranges;
  for (const ImageIndex image : first_ids<ImageIndex>(a.images())) {
    const Ranges of_a = a.references_of(image).ranges();
    ranges.assign(of_a.begin(), of_a.end());
    visit_difference(b.references_of(image).ranges(), of_a,
                     [&](const ReferenceRange& range) { ranges.push_back(range); });
    std::sort(ranges.begin(), ranges.end(),
              [](const ReferenceRange& one, const ReferenceRange& other) {
                return one.first < other.first;
              });
    set.begin_row();
    for (const ReferenceRange& range : ranges) {
      set.append(range);
    }
  }
  set.begin_row();
  set.transpose();
  return set;
}

// From image to image only the references are looked at that come or go, so that all pairs take as
// many steps as there are images.
void PairSet::transpose() {
  struct Column {
    ReferenceIndex reference;
    IdRange<ImageIndex> images;
  };
  std::vector<Column> columns;
  std::vector<ImageIndex> since(images());
  Ranges last;
  const auto close = [&](const ReferenceRange& range, ImageIndex end) {
    for (const ReferenceIndex reference : range) {
      columns.push_back({reference, {since[reference.value()], end}});
    }
  };
  for (const ImageIndex image : first_ids<ImageIndex>(images())) {
    const Ranges now = references_of(image).ranges();
    visit_difference(last, now, [&](const ReferenceRange& range) { close(range, image); });
    visit_difference(now, last, [&](const ReferenceRange& range) {
      for (const ReferenceIndex reference : range) {
        since[reference.value()] = image;
      }
    });
    last = now;
  }
  for (const ReferenceRange& range : last) {
    close(range, ImageIndex(images()));
  }
  column_starts_.assign(images() + 1, 0);
  for (const Column& column : columns) {
    ++column_starts_[column.reference.value() + std::size_t{1}];
  }
  for (std::size_t i = 1; i < column_starts_.size(); ++i) {
    column_starts_[i] += column_starts_[i - 1];
  }
  // Of each reference, they were closed in the order of images.
  std::vector<std::size_t> next = column_starts_;
  columns_.resize(columns.size());
  for (const Column& column : columns) {
    columns_[next[column.reference.value()]++] = column.images;
  }
}

std::span<const IdRange<ImageIndex>> PairSet::images_of(ReferenceIndex reference) const {
  const std::size_t first = column_starts_[reference.value()];
  return std::span(columns_).subspan(first,
                                     column_starts_[reference.value() + std::size_t{1}] - first);
}

std::optional<std::uint64_t> PairSet::find(ImageIndex image, ReferenceIndex reference) const {
  const auto first = ranges_.begin() + static_cast<std::ptrdiff_t>(row(image));
  const auto end = ranges_.begin() + static_cast<std::ptrdiff_t>(row(image + 1));
  const auto after = std::upper_bound(
      first, end, reference,
      [](ReferenceIndex id, const ReferenceRange& range) { return id < range.first; });
  if (after == first || !(after - 1)->contains(reference)) {
    return std::nullopt;
  }
  const auto range = after - 1;
  return before_[static_cast<std::size_t>(range - ranges_.begin())] + (reference - range->first);
}

}  // namespace bundle_match
