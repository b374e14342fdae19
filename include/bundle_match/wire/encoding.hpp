// Messages as bytes, for processes of one build on machines of one byte order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bundle_match::wire {

/// The longest texts of a message, in bytes. A longer one is cut when it is encoded: no such path
/// can be opened, and the others are read by people.
inline constexpr std::size_t kLongestPath = std::size_t{4} << 20;
inline constexpr std::size_t kLongestReason = std::size_t{64} << 10;
inline constexpr std::size_t kLongestName = std::size_t{4} << 10;  ///< of a kernel, of a CPU

/// The bytes are not an encoded message of that type, or one with a value that none has.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Message is CoordinatorMessage, WorkerMessage, PeerMessage, Job, ComputeOrder or ComputeMessage.
template <class Message>
[[nodiscard]] std::string encode(const Message& message);

/// Every value is in its range: flags are 0 or 1, enums have one of their values, texts are not
/// longer than above, keys of the cache are 32 hexadecimal digits. Floating-point numbers may be
/// anything. Throws DecodeError; never reads beyond `bytes`, and leaves none of them over.
template <class Message>
[[nodiscard]] Message decode(std::string_view bytes);

/// Messages that travel together stand one after another.
template <class Message>
void append(std::string& bytes, const Message& message);

/// The message that `bytes` begin with, which then begin behind it. Throws DecodeError, as
/// decode() does.
template <class Message>
[[nodiscard]] Message take_first(std::string_view& bytes);

}  // namespace bundle_match::wire
