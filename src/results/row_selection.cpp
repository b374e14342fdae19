// Filters, sorts and cuts.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/row_selection.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <vector>

namespace bundle_match::results {
namespace {

using Sort = RowSelection::Sort;
using VisitPair = std::function<void(ReferenceIndex, ImageIndex)>;

struct RankedRow {
  ImageIndex image;
  ReferenceIndex reference;
  PairCounts counts;  // inliers: 0 unless rows are sorted by them
};

bool before(const RankedRow& a, const RankedRow& b) {
  return std::tie(a.reference, a.image) < std::tie(b.reference, b.image);
}

bool better(const RankedRow& a, const RankedRow& b) {
  if (a.counts != b.counts) {
    return std::tie(a.counts.inliers, a.counts.matches) >
           std::tie(b.counts.inliers, b.counts.matches);
  }
  return before(a, b);
}

// The best of the rows it is given.
class BestRows {
 public:
  explicit BestRows(const RowSelection& selection)
      : sort_(selection.sort),
        limit_(selection.top.value_or(std::numeric_limits<std::size_t>::max())) {}

  void add(RankedRow row) {
    if (sort_ != Sort::inliers) {
      row.counts.inliers = 0;
    }
    rows_.push_back(row);
    if (limited()) {
      std::push_heap(rows_.begin(), rows_.end(), better);  // the worst is the first
      if (rows_.size() > limit_) {
        std::pop_heap(rows_.begin(), rows_.end(), better);
        rows_.pop_back();
      }
    }
  }

  void visit(const VisitPair& visit) {
    std::sort(rows_.begin(), rows_.end(), sort_ == Sort::input ? before : better);
    for (const RankedRow& row : rows_) {
      visit(row.reference, row.image);
    }
  }

 private:
  [[nodiscard]] bool limited() const { return limit_ < std::numeric_limits<std::size_t>::max(); }

  Sort sort_;
  std::size_t limit_;
  std::vector<RankedRow> rows_;
};

class Selector {
 public:
  Selector(const ResultTable& results, const RowSelection& selection)
      : results_(results), selection_(selection) {}

  void of_reference(ReferenceIndex reference, const VisitPair& visit) const {
    if (!selection_.top && selection_.sort == Sort::input) {
      return in_input_order(reference, visit);
    }
    BestRows best(selection_);
    add_rows(reference, best);
    best.visit(visit);
    if (!selection_.top) {
      visit_failures(reference, visit);
    }
  }

  void add_rows(ReferenceIndex reference, BestRows& best) const {
    visit_images(reference, [&](ImageIndex image) {
      const auto counts = results_.counts(image, reference);
      if (counts && counts->matches >= selection_.min_matches) {
        best.add({image, reference, *counts});
      }
    });
  }

 private:
  void in_input_order(ReferenceIndex reference, const VisitPair& visit) const {
    visit_images(reference, [&](ImageIndex image) {
      const auto counts = results_.counts(image, reference);
      if (!counts || counts->matches >= selection_.min_matches) {
        visit(reference, image);
      }
    });
  }

  void visit_failures(ReferenceIndex reference, const VisitPair& visit) const {
    visit_images(reference, [&](ImageIndex image) {
      if (!results_.counts(image, reference)) {
        visit(reference, image);
      }
    });
  }

  // Those that are matched with it.
  template <class Visit>
  void visit_images(ReferenceIndex reference, const Visit& visit) const {
    for (const IdRange<ImageIndex>& images : results_.plan().images_of(reference)) {
      for (const ImageIndex image : images) {
        visit(image);
      }
    }
  }

  const ResultTable& results_;
  const RowSelection& selection_;
};

}  // namespace

void for_each_row(const ResultTable& results, const RowSelection& selection,
                  const VisitPair& visit) {
  const Selector selector(results, selection);
  const WorkPlan& plan = results.plan();
  if (!plan.among_images() || !selection.top) {
    for (const ReferenceIndex reference : plan.reference_ids()) {
      selector.of_reference(reference, visit);
    }
    return;
  }
  BestRows best(selection);
  for (const ReferenceIndex reference : plan.reference_ids()) {
    selector.add_rows(reference, best);
  }
  best.visit(visit);
}

}  // namespace bundle_match::results
