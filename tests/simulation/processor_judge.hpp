// Judges how a rank treats its compute process and what it makes of its words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/machine/process_events.hpp"
#include "facts.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bundle_match::simulation {

struct Word;

class ProcessorJudge {
 public:
  explicit ProcessorJudge(const WorldBase& base) : base_(base), last_told_(base.now) {}

  /// The process computes the order from now on.
  void begun(OrderId order);
  /// The rank hears from it, or of it.
  void hears(const Word& word);
  /// The supervisor is about to be told something.
  void told();

  /// The rank is given an order.
  void given(const Order& order);
  /// The rank has the references.
  void references_given() { references_ = true; }

  // What the supervisor wants.
  void wanted(const machine::StartProcess& start);
  void wanted(const machine::EndProcess& end);
  void wanted(const machine::SendOrder& send);
  void wanted(const machine::DeliverReady& ready);
  void wanted(const machine::DeliverResult& deliver);
  void wanted(const machine::DeliverDeath& deliver);
  void wanted(const machine::FailForGood& fail) const;

 private:
  struct Given {
    OrderId order;
    std::uint32_t deaths = 0;       // counted against it
    std::uint32_t loud_deaths = 0;  // of them, those that are to be told
    std::uint32_t told_deaths = 0;
    std::optional<Time> begun;
    Duration paused{};  // since then: the rank's process stood still
    std::optional<OrderResult> reported;
    bool needs_references = false;
    bool prepared = false;
    bool sent = false;  // to the process that there is
    bool ahead = false;
  };

  Given& find(OrderId order, const char* invariant);
  [[nodiscard]] bool is_right(const OrderResult& result, const Given& order) const;

  const WorldBase& base_;
  std::vector<Given> given_;  // and not done yet
  bool references_ = false;
  bool has_process_ = false;
  bool told_ready_ = false;
  Time last_told_;
  int failed_starts_ = 0;
};

}  // namespace bundle_match::simulation
