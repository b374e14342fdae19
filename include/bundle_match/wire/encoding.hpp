// Messages as bytes, for ranks of one build on machines of one byte order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace bundle_match::wire {

/// The bytes are not an encoded message of that type.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Message is ImageOrder, ImageReport, ReferencesMessage or Job.
template <class Message>
[[nodiscard]] std::string encode(const Message& message);

/// Throws DecodeError; never reads beyond `bytes`.
template <class Message>
[[nodiscard]] Message decode(std::string_view bytes);

}  // namespace bundle_match::wire
