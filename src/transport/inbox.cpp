// MPI's receives, and whether they are done.
// SPDX-License-Identifier: Apache-2.0
#include "inbox.hpp"

#include "mpi_errors.hpp"
#include "mpi_rank.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

namespace bundle_match::transport {
namespace {

using Clock = std::chrono::steady_clock;

// How long most messages take to come in once they have begun to: so long it is waited for the
// rest, as MPI does, for a message moves only while MPI is called. A slower one comes in by and by.
Clock::duration usual_duration(std::size_t bytes) {
  constexpr std::chrono::milliseconds kShortest{20};
  constexpr std::int64_t kBytesPerMicrosecond = 50;
  return kShortest +
         std::chrono::microseconds(static_cast<std::int64_t>(bytes) / kBytesPerMicrosecond);
}

// So long one call waits, however large the message: the caller has others to attend to.
constexpr std::chrono::milliseconds kLongestWait{50};

}  // namespace

std::optional<Inbox::Message> Inbox::try_take(MPI_Comm world) {
  begin_to_receive(world);
  auto message = take_whole();
  const auto until = std::min(patient_until_, Clock::now() + kLongestWait);
  while (!message && is_receiving() && Clock::now() < until) {
    std::this_thread::yield();
    message = take_whole();
  }
  return message;
}

void Inbox::begin_to_receive(MPI_Comm world) {
  int is_there = 0;
  MPI_Status status{};
  const int code =
      MPI_Iprobe(from_ ? mpi_rank(*from_) : MPI_ANY_SOURCE, tag_, world, &is_there, &status);
  const bool looked = from_ ? reached_peer("MPI_Iprobe", code) : succeeded("MPI_Iprobe", code);
  if (!looked && from_) {
    dead_ranks_.add(*from_);
  }
  if (looked && is_there != 0) {
    receive(world, status);
  }
}

void Inbox::receive(MPI_Comm world, const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  Incoming& incoming = incoming_.emplace_back();
  Message& message = incoming.message;
  message.from = rank_of_mpi(status.MPI_SOURCE);
  message.size = static_cast<std::size_t>(size);
  message.bytes = std::make_unique_for_overwrite<char[]>(message.size);
  if (!reached_peer("MPI_Irecv", MPI_Irecv(message.bytes.get(), size, MPI_BYTE, status.MPI_SOURCE,
                                           tag_, world, &incoming.request))) {
    dead_ranks_.add(message.from);
    incoming_.pop_back();
    return;
  }
  if (!is_forgotten(message.from)) {
    patient_until_ = Clock::now() + usual_duration(message.size);
  }
}

std::optional<Inbox::Message> Inbox::take_whole() {
  for (auto it = incoming_.begin(); it != incoming_.end();) {
    if (would_overtake(it)) {
      ++it;
      continue;
    }
    int is_here = 0;
    const int code = MPI_Test(&it->request, &is_here, MPI_STATUS_IGNORE);
    const bool forgotten = is_forgotten(it->message.from);
    if (code != MPI_SUCCESS) {
      if (!forgotten && !reached_peer("MPI_Test of a message that is received", code)) {
        dead_ranks_.add(it->message.from);
      }
      it = incoming_.erase(it);  // the rest will never come
    } else if (is_here == 0) {
      ++it;
    } else {
      Message message = std::move(it->message);
      it = incoming_.erase(it);
      if (!forgotten) {
        return message;
      }
    }
  }
  return std::nullopt;
}

bool Inbox::would_overtake(Position message) {
  return std::any_of(incoming_.begin(), message, [message](const Incoming& earlier) {
    return earlier.message.from == message->message.from;
  });
}

bool Inbox::is_receiving() const {
  return std::any_of(incoming_.begin(), incoming_.end(), [this](const Incoming& incoming) {
    return !is_forgotten(incoming.message.from);
  });
}

}  // namespace bundle_match::transport
