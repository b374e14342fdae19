// Messages between a rank and its compute process, which a hostile image may have taken over.
// SPDX-License-Identifier: Apache-2.0
#include "machine/process_checks.hpp"
#include "message_checks.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>

using namespace bundle_match;

// Bytes: the message's type, the order's work, the options, then the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const unsigned type = input.take_byte() % 2;
  const Work& work = fuzz::work_of(input.take_byte());
  const MatchOptions options = fuzz::options_of(input.take_byte());
  if (type == 0) {
    (void)fuzz::decoded<ComputeOrder>(input.rest());
  } else if (const auto message = fuzz::decoded<ComputeMessage>(input.rest())) {
    if (const auto* const result = std::get_if<ComputeResult>(&*message)) {
      (void)machine::why_invalid_result(*result, work, options);
    }
  }
  return 0;
}
