// Which of the two a task belongs to.
// SPDX-License-Identifier: Apache-2.0
#include "sink/reference_stage.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <utility>

namespace bundle_match::app {

ReferenceStageOrders::ReferenceStageOrders(const Ledger& ledger)
    : matching_(ledger.input, ledger.work, ledger.resumed.deaths),
      describing_(ledger.input, ledger.resumed.deaths, first_describing_task(ledger.work)) {}

ReferenceStageKeeper::ReferenceStageKeeper(Ledger& ledger)
    : references_(ledger.input),
      first_describing_(first_describing_task(ledger.work)),
      describing_(ledger),
      matching_(ledger),
      ledger_(ledger),
      about_(ledger.input.references().size()),
      left_(about_.size()) {}

void ReferenceStageKeeper::take(machine::Keep it) {
  OrderResult& result = it.result;
  if (makes_references(it.task)) {
    --left_;
    about_.at(describing_.described_by(it.task)) = {result.width, result.height, result.reason};
  } else if (const auto reference = references_.find(ledger_.work.task(it.task).image);
             reference && result.status == ImageStatus::ok) {
    const Described& described = about_.at(*reference);
    result.width = described.width;
    result.height = described.height;
    result.reason = described.reason;
  }
  StageKeeper& keeper = of(it.task);
  keeper.take(std::move(it));
}

void DescribedStageKeeper::take(machine::Keep it) {
  if (!describes(it.task)) {
    matching_.take(std::move(it));
    return;
  }
  const ReferenceIndex reference = described_by(first_describing_, it.task);
  ledger_.timeline.add(it.rank, image_of(reference), it.result.elapsed_ms, it.result.waited_ms,
                       it.came);
  if (it.result.status != ImageStatus::ok) {
    ledger_.log.warn("{}: its features were lost with a rank, and it cannot be described again: {}",
                     results::escape_path(ledger_.input.path_of(reference)).path, it.result.reason);
  }
}

}  // namespace bundle_match::app
