// Messages between ranks: bytes of any kind decode to a message or are refused; what decodes is
// checked against an order, as rank 0 does it.
// SPDX-License-Identifier: Apache-2.0
#include "message_checks.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>

using namespace bundle_match;

// Bytes: the message's type, the order's work, the options, then the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const unsigned type = input.take_byte() % 4;
  const Work& work = fuzz::work_of(input.take_byte());
  const MatchOptions options = fuzz::options_of(input.take_byte());
  if (type == 0) {
    (void)fuzz::decoded<CoordinatorMessage>(input.rest());
  } else if (type == 1) {
    (void)fuzz::decoded<Job>(input.rest());
  } else if (type == 3) {
    (void)fuzz::decoded<PeerMessage>(input.rest());
  } else if (const auto message = fuzz::decoded<WorkerMessage>(input.rest())) {
    if (const auto* const result = std::get_if<OrderResult>(&*message)) {
      (void)why_invalid(*result, work, options);
      fuzz::require(size_bytes(*result) >= sizeof(OrderResult), "a result has a size");
    }
  }
  return 0;
}
