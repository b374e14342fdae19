// MPI's sends, and whether they are done.
// SPDX-License-Identifier: Apache-2.0
#include "outbox.hpp"

#include "mpi_errors.hpp"
#include "mpi_rank.hpp"

#include <utility>

namespace bundle_match::transport {

void Outbox::post(MPI_Comm world, Rank to, int tag, Bytes bytes) {
  const int count = mpi_count(bytes->size(), to);
  MPI_Request request = MPI_REQUEST_NULL;
  if (!reached_peer("MPI_Isend", MPI_Isend(bytes->data(), count, MPI_BYTE, mpi_rank(to), tag, world,
                                           &request))) {
    dead_ranks_.add(to);
    return;
  }
  ++unsent_messages_;
  unsent_bytes_ += bytes->size();
  on_their_way_.push_back({to, std::move(bytes), request});
}

// One look a rank: each gives MPI a turn, and a long file is hundreds of messages. Those behind one
// that has not gone out wait for it.
void Outbox::clear() {
  std::set<Rank> busy;
  std::erase_if(on_their_way_, [&](Sent& sent) {
    if (busy.contains(sent.to)) {
      return false;
    }
    const bool gone = has_gone(sent);
    if (!gone) {
      busy.insert(sent.to);
    }
    return gone;
  });
}

bool Outbox::has_gone(Sent& sent) {
  int gone = 0;
  const int code = MPI_Test(&sent.request, &gone, MPI_STATUS_IGNORE);
  if (has_forgotten(sent.to)) {
    return code != MPI_SUCCESS || gone != 0;
  }
  const bool reached = reached_peer("MPI_Test of a message that is sent", code);
  if (!reached) {
    dead_ranks_.add(sent.to);
  }
  if (!reached || gone != 0) {
    uncount(sent);
    return true;
  }
  return false;
}

void Outbox::forget(Rank rank) {
  if (!forgotten_.insert(rank).second) {
    return;
  }
  for (const Sent& sent : on_their_way_) {
    if (sent.to == rank) {
      uncount(sent);
    }
  }
}

void Outbox::uncount(const Sent& sent) {
  --unsent_messages_;
  unsent_bytes_ -= sent.bytes->size();
}

}  // namespace bundle_match::transport
