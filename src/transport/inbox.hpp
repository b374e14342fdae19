// Messages on their way in, of one kind: taken once they are here whole, and never waited for, as
// MPI's own receive would, for ever, if the sender dies when half of one is here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/packed_iarchive.hpp>
#include <boost/mpi/request.hpp>

#include <chrono>
#include <list>
#include <optional>

namespace bundle_match::transport {

class Inbox {
 public:
  struct Message {
    Rank from = 0;
    boost::mpi::packed_iarchive::buffer_type bytes;
  };

  /// `from` may be boost::mpi::any_source. `world` must outlive the inbox.
  Inbox(const boost::mpi::communicator& world, Rank from, int tag)
      : world_(world), from_(from), tag_(tag) {}

  /// The next message that is here; those of one rank in the order in which it sent them. Returns
  /// at once, but for a message that is just coming in. Throws boost::mpi::exception where MPI can
  /// tell that `from` has died.
  [[nodiscard]] std::optional<Message> try_take();

  /// Whether a message has begun to come in.
  [[nodiscard]] bool receiving() const { return !incoming_.empty(); }

 private:
  struct Incoming {
    Message message;
    boost::mpi::request request;
  };

  void begin_to_receive();
  [[nodiscard]] std::optional<Message> take_whole();

  const boost::mpi::communicator& world_;
  Rank from_;
  int tag_;
  std::list<Incoming> incoming_;
  std::chrono::steady_clock::time_point patient_until_;
};

}  // namespace bundle_match::transport
