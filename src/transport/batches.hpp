// Messages that wait for others to the same rank, and go out with them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "outbox.hpp"

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace bundle_match::transport {

class Batches {
 public:
  /// Batches are posted there with that tag; it must outlive them.
  Batches(Outbox& outbox, MPI_Comm world, std::size_t ranks, int tag)
      : outbox_(outbox), world_(world), tag_(tag), batches_(ranks) {}

  /// A batch that gets long is posted at once. Throws what Outbox::post() does.
  template <class Message>
  void add(Rank to, const Message& message) {
    std::string& batch = batches_.at(to);
    if (outbox_.has_forgotten(to)) {
      return;
    }
    const std::size_t before = batch.size();
    wire::append(batch, message);
    bytes_ += batch.size() - before;
    if (batch.size() >= kLong_bytes) {
      post(to);
    }
  }

  void post_all() {
    for (const Rank to : batches_.ids()) {
      if (!batches_[to].empty()) {
        post(to);
      }
    }
  }

  void drop(Rank to) {
    std::string& batch = batches_.at(to);
    bytes_ -= batch.size();
    batch = {};
  }

  /// Of all that is not posted.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kLong_bytes = std::size_t{1} << 20;

  void post(Rank to) {
    std::string& batch = batches_[to];
    bytes_ -= batch.size();
    outbox_.post(world_, to, tag_, std::make_shared<const std::string>(std::exchange(batch, {})));
  }

  Outbox& outbox_;
  MPI_Comm world_;
  int tag_;
  ById<Rank, std::string> batches_;
  std::uint64_t bytes_ = 0;
};

}  // namespace bundle_match::transport
