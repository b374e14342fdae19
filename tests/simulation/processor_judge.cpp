// The rules for a rank and its compute process.
// SPDX-License-Identifier: Apache-2.0
#include "processor_judge.hpp"

#include "bundle_match/core/silence_monitor.hpp"
#include "compute_process.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace bundle_match::simulation {
namespace {

constexpr const char* kOneResult = "every order gets one result, sent in order";
constexpr const char* kReferences = "an image is matched when its references are there";
constexpr const char* kNoLie = "what a process cannot have computed is not delivered";
constexpr const char* kTwoDeaths = "an order is crashed after two deaths, and not before";
constexpr const char* kLimit = "an order is given up after the limit of time, and not before";
constexpr const char* kSuspect = "a suspect is alone in its process";
constexpr const char* kOneProcess = "there is one process at a time";
constexpr const char* kStarts = "three failed starts in a row are too many, and fewer are not";

constexpr std::uint32_t kFinalDeaths = 2;
constexpr int kMostFailedStarts = 3;

}  // namespace

ProcessorJudge::Given& ProcessorJudge::find(OrderId order, const char* invariant) {
  const auto it = std::find_if(given_.begin(), given_.end(),
                               [order](const Given& given) { return given.order == order; });
  require(it != given_.end(), invariant, "there is no such order");
  return *it;
}

void ProcessorJudge::given(const Order& order) {
  Given given;
  given.order = order.id;
  given.deaths = order.deaths;
  given.needs_references = pairs_of(order.work) > 0 && order.homes.empty();
  given_.push_back(given);
}

void ProcessorJudge::begun(OrderId order) {
  Given& it = find(order, kOneResult);
  it.begun = base_.now;
  it.paused = {};
}

void ProcessorJudge::hears(const Word& word) {
  if (word.failed_start && has_process_) {
    ++failed_starts_;
    has_process_ = !std::holds_alternative<machine::ProcessNotStarted>(word.event);
  }
  if (word.blamed) {
    Given& it = find(*word.blamed, kOneResult);
    ++it.deaths;
    it.loud_deaths += word.loud && it.deaths < kFinalDeaths ? 1 : 0;
  } else if (const auto* const said = std::get_if<machine::ProcessSaid>(&word.event)) {
    if (const auto* const computed = std::get_if<ComputeResult>(&said->message)) {
      find(computed->result.order, kOneResult).reported = computed->result;
    } else if (std::holds_alternative<ProcessReady>(said->message)) {
      failed_starts_ = 0;
    } else if (const auto* const prepared = std::get_if<ImagePrepared>(&said->message)) {
      Given& order = find(prepared->order, kOneResult);
      order.prepared = order.ahead;
      order.sent = false;
      order.begun.reset();
    } else if (word.at) {
      begun(*word.at);  // it has all the time again
    }
  }
}

// Nobody looked at the time for so long: the rank's process was stopped, perhaps the whole job.
void ProcessorJudge::told() {
  const Duration gap = base_.now - std::exchange(last_told_, base_.now);
  for (Given& order : given_) {
    if (gap > kAliveEvery && order.begun) {
      order.paused += std::min(gap, base_.now - *order.begun);
    }
  }
}

void ProcessorJudge::wanted(const machine::StartProcess& /*start*/) {
  require(!has_process_, kOneProcess, "another one is started");
  require(failed_starts_ < kMostFailedStarts, kStarts, "another one is started");
  has_process_ = true;
  for (Given& order : given_) {
    order.sent = false;
    order.begun.reset();
  }
}

void ProcessorJudge::wanted(const machine::EndProcess& /*end*/) {
  require(has_process_, kOneProcess, "one is ended that is not there");
  has_process_ = false;
}

void ProcessorJudge::wanted(const machine::SendOrder& send) {
  require(has_process_, kOneProcess, "an order is sent to none");
  Given& order = find(send.order, kOneResult);
  require(!order.sent, kOneResult, "it is sent a second time");
  require(send.ahead == (order.needs_references && !references_), kReferences,
          "it is sent before, or ahead although they are there");
  bool before = true;
  for (const Given& other : given_) {
    before = before && &other != &order;
    if (other.sent) {
      require(other.deaths == 0 && order.deaths == 0, kSuspect, "another one is sent");
    } else if (before) {
      require(other.prepared, kOneResult, "one before it was not sent");
    }
  }
  order.sent = true;
  order.ahead = send.ahead;
}

void ProcessorJudge::wanted(const machine::DeliverReady& /*ready*/) {
  require(!told_ready_, kOneResult, "it is ready a second time");
  told_ready_ = true;
}

void ProcessorJudge::wanted(const machine::DeliverResult& deliver) {
  const OrderResult& result = deliver.result.result;
  const Given& order = find(result.order, kOneResult);
  if (result.status == ImageStatus::crashed) {
    require(order.deaths >= kFinalDeaths, kTwoDeaths, "it is too early");
  } else if (result.status == ImageStatus::timed_out) {
    require(base_.run.task_limit > Duration::zero() && order.begun &&
                base_.now - *order.begun - order.paused >= base_.run.task_limit,
            kLimit, "it is too early");
  } else {
    require(order.reported == result && deliver.result.cache.index() == 0, kNoLie, "it is");
  }
  require(order.told_deaths == order.loud_deaths, kTwoDeaths, "a death was not told, or invented");
  require(!order.ahead || result.status != ImageStatus::ok, kReferences, "it was not");
  std::erase_if(given_, [&](const Given& it) { return it.order == result.order; });
}

void ProcessorJudge::wanted(const machine::DeliverDeath& deliver) {
  Given& order = find(deliver.death.order, kTwoDeaths);
  require(++order.told_deaths <= order.loud_deaths, kTwoDeaths, "no process has died of it");
}

void ProcessorJudge::wanted(const machine::FailForGood& /*fail*/) const {
  require(failed_starts_ >= kMostFailedStarts, kStarts, "it is given up too early");
}

}  // namespace bundle_match::simulation
