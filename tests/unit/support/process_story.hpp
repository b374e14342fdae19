// Stories of a compute process, told to a supervisor that has none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/process_supervisor.hpp"
#include "id_literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::test {

/// An action in words.
struct InWords {
  std::string operator()(const machine::StartProcess& it) const {
    return it.with_decoders ? "start with decoders" : "start";
  }
  std::string operator()(const machine::EndProcess& /*it*/) const { return "end"; }
  std::string operator()(const machine::SendOrder& it) const {
    return (it.ahead ? "prepare " : "send ") + number(it.order);
  }
  std::string operator()(const machine::DeliverReady& it) const {
    return "ready " + it.ready.kernel;
  }
  std::string operator()(const machine::DeliverResult& it) const {
    const OrderResult& result = it.result.result;
    return number(result.order) + " " + std::string(to_string(result.status)) +
           (result.reason.empty() ? "" : " (" + result.reason + ")");
  }
  std::string operator()(const machine::DeliverDeath& it) const {
    return "died of " + number(it.death.order) + " (" + it.death.reason + ")";
  }
  std::string operator()(const machine::FailForGood& it) const { return "fail (" + it.why + ")"; }

  static std::string number(OrderId order) { return std::to_string(order.value()); }
};

/// What is told to a supervisor, and in words what it wants done: "send 1; 1 ok".
class Story : public testing::Test {
 protected:
  static inline const ProcessReady kReady{"avx2", "avx2", ""};

  /// With references.
  std::string begin() {
    std::string words = begin_without_references();
    EXPECT_EQ(tell(machine::ReferencesGiven{}), "");
    return words;
  }
  std::string begin_without_references() {
    supervisor_.emplace(options_);
    std::vector<machine::ProcessAction> actions;
    supervisor_->start(actions);
    return in_words(actions);
  }
  /// Up to a process that takes orders, with references.
  void begin_ready() {
    EXPECT_EQ(begin(), "start");
    get_ready();
  }
  void get_ready() {
    EXPECT_EQ(tell(machine::ProcessStarted{}), "");
    EXPECT_EQ(say(kReady), "ready avx2");
  }
  std::string tell(machine::ProcessEvent&& event) {
    std::vector<machine::ProcessAction> actions;
    supervisor_->handle(now_, std::move(event), actions);
    return in_words(actions);
  }
  std::string say(const ComputeMessage& message) { return tell(machine::ProcessSaid{message}); }
  std::string give(std::uint64_t order, std::uint32_t deaths = 0) {
    return tell(machine::OrderGiven{OrderId(order), MatchWork{{0_reference, 3}}, deaths});
  }
  std::string closed() { return tell(machine::ProcessClosed{}); }
  std::string ended(std::string how, machine::ProcessNeeds needs = {}) {
    return tell(machine::ProcessEnded{needs, std::move(how)});
  }
  /// Looks often, as a rank does.
  std::string after(machine::Duration time) {
    constexpr machine::Duration kStep = std::chrono::seconds(1);
    std::string words;
    for (const machine::Time until = now_ + time; now_ < until;) {
      now_ = std::min(until, now_ + kStep);
      const std::string more = tell(machine::TimePassed{});
      words += (words.empty() || more.empty() ? "" : "; ") + more;
    }
    return words;
  }
  /// The rank's process stood still.
  std::string after_a_stop(machine::Duration time) {
    now_ += time;
    return tell(machine::TimePassed{});
  }

  /// A result of a give()n order that can be believed.
  static ComputeResult result(std::uint64_t order, ImageStatus status = ImageStatus::ok) {
    ComputeResult result;
    result.result.order = OrderId(order);
    result.result.status = status;
    if (status == ImageStatus::ok) {
      MatchAnswer answer;
      answer.outcomes.resize(3);
      result.result.answer = answer;
    }
    return result;
  }

  MatchOptions options_;
  std::optional<machine::ProcessSupervisor> supervisor_;

 private:
  static std::string in_words(const std::vector<machine::ProcessAction>& actions) {
    std::string words;
    for (const machine::ProcessAction& action : actions) {
      words += (words.empty() ? "" : "; ") + std::visit(InWords{}, action);
    }
    return words;
  }

  machine::Time now_{std::chrono::seconds(1000)};
};

}  // namespace bundle_match::test
