// What a rank hands its orders to: something that computes images, one after another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::compute {

/// What comes out of a processor: first, once, that it is ready; then the results of its orders.
using ProcessorEvent = std::variant<ProcessReady, OrderResult, ProcessDied>;

/// Every order gets exactly one OrderResult; before it there may be one ProcessDied of it. One that
/// is to be matched waits for the references, if there are none yet: of its image, all that can be
/// done without them is done, and others go on. Otherwise results come in the order in which the
/// orders were submitted. No call waits for anything. Calls throw std::runtime_error if nothing can
/// be computed any more.
class ImageProcessor {
 public:
  virtual ~ImageProcessor() = default;

  /// The references, for orders that wait for them and all that follow: a set of features
  /// (features/feature_set.hpp) in a file, which is not owned. Others may take its place
  /// while nothing is outstanding.
  virtual void use_references(int file) = 0;

  /// The store of this host (features/feature_store.hpp), for orders that follow: files that are
  /// not owned; `disk` may be -1.
  virtual void use_store(int memory, int disk) = 0;

  /// From now on, also in the middle of an order, the processor may use these cores beside its own.
  virtual void use_cores(const LentCores& lent) = 0;

  /// Takes a piece of a file that an order carries, which is submitted later.
  virtual void receive(const FilePiece& piece) = 0;

  /// Queues an order. `stored`: where in the store the features are that its homes stand for.
  virtual void submit(Order order, std::vector<StoredFeatures> stored) = 0;
  void submit(Order order) { submit(std::move(order), {}); }

  /// Orders submitted whose results were not taken yet, but for those that wait for the references.
  [[nodiscard]] virtual std::size_t outstanding() const = 0;

  /// Orders that wait for the references, of whose images all else is done.
  [[nodiscard]] virtual std::size_t waiting() const = 0;

  /// The next event, if there is one.
  [[nodiscard]] virtual std::optional<ProcessorEvent> try_event() = 0;

  /// Whether something beside the results is still to be done: entries of the cache that are to be
  /// written. A rank waits for that before it leaves.
  [[nodiscard]] virtual bool busy_behind() const = 0;

  /// What went wrong beside the images since the last call (features that could not be kept in the
  /// cache); empty if nothing.
  [[nodiscard]] virtual std::string take_problem() = 0;

  /// Sleeps until try_event is worth a call or the time is over.
  virtual void wait(std::chrono::microseconds at_most) const = 0;

 protected:
  ImageProcessor() = default;
  ImageProcessor(const ImageProcessor&) = default;
  ImageProcessor& operator=(const ImageProcessor&) = default;
};

}  // namespace bundle_match::compute
