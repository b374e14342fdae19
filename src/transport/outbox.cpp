// Which of them have gone out.
// SPDX-License-Identifier: Apache-2.0
#include "outbox.hpp"

#include <numeric>

namespace bundle_match::transport {

void Outbox::clear() {
  std::erase_if(on_their_way_, [](Sent& sent) {
    bool gone = true;
    return !tolerating_dead_ranks([&] { gone = sent.request.test().has_value(); }) || gone;
  });
}

std::uint64_t Outbox::unsent_bytes() const {
  return std::accumulate(on_their_way_.begin(), on_their_way_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Sent& sent) { return sum + sent.bytes; });
}

}  // namespace bundle_match::transport
