// Messages on their way out. Never waited for: two ranks that wait for each other to take a long
// message would wait for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"
#include "dead_ranks.hpp"

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/packed_oarchive.hpp>
#include <boost/mpi/request.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace bundle_match::transport {

class Outbox {
 public:
  /// `world` must outlive it.
  explicit Outbox(const boost::mpi::communicator& world) : world_(world) {}

  /// Begins to send; `bytes` is what the message counts for in unsent_bytes(). One to a rank that
  /// has died is dropped.
  template <class Message>
  void post(Rank to, int tag, const Message& message, std::uint64_t bytes) {
    (void)tolerating_dead_ranks([&] {
      auto packed = std::make_unique<boost::mpi::packed_oarchive>(world_);
      *packed << message;
      auto request = world_.isend(to, tag, static_cast<const char*>(packed->address()),
                                  static_cast<int>(packed->size()));
      on_their_way_.push_back({std::move(packed), std::move(request), bytes});
    });
  }

  /// Forgets the messages that have gone out.
  void clear();

  [[nodiscard]] bool empty() const { return on_their_way_.empty(); }
  [[nodiscard]] std::uint64_t unsent_bytes() const;

 private:
  struct Sent {
    std::unique_ptr<boost::mpi::packed_oarchive> packed;
    boost::mpi::request request;
    std::uint64_t bytes = 0;
  };

  const boost::mpi::communicator& world_;
  std::vector<Sent> on_their_way_;
};

}  // namespace bundle_match::transport
