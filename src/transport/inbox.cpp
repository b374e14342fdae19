// Messages on their way in.
// SPDX-License-Identifier: Apache-2.0
#include "inbox.hpp"

#include <boost/mpi/exception.hpp>

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

}  // namespace

std::optional<Inbox::Message> Inbox::try_take() {
  begin_to_receive();
  auto message = take_whole();
  while (!message && !incoming_.empty() && Clock::now() < patient_until_) {
    std::this_thread::yield();
    message = take_whole();
  }
  return message;
}

void Inbox::begin_to_receive() {
  const auto status = world_.iprobe(from_, tag_);
  if (!status) {
    return;
  }
  Incoming& incoming = incoming_.emplace_back();
  incoming.message.from = status->source();
  incoming.message.bytes.resize(static_cast<std::size_t>(status->count<char>().value_or(0)));
  incoming.request = world_.irecv(incoming.message.from, tag_, incoming.message.bytes.data(),
                                  static_cast<int>(incoming.message.bytes.size()));
  patient_until_ = Clock::now() + usual_duration(incoming.message.bytes.size());
}

std::optional<Inbox::Message> Inbox::take_whole() {
  for (auto it = incoming_.begin(); it != incoming_.end();) {
    const bool would_overtake = std::any_of(incoming_.begin(), it, [it](const Incoming& earlier) {
      return earlier.message.from == it->message.from;
    });
    try {
      if (!would_overtake && it->request.test()) {
        Message message = std::move(it->message);
        incoming_.erase(it);
        return message;
      }
      ++it;
    } catch (const boost::mpi::exception&) {
      it = incoming_.erase(it);  // the rest will never come
    }
  }
  return std::nullopt;
}

}  // namespace bundle_match::transport
