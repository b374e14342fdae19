// encode() and decode(), for the files that define what messages consist of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/wire/encoding.hpp"
#include "reader.hpp"
#include "writer.hpp"

#include <string>
#include <string_view>

namespace bundle_match::wire {

template <class Message>
void append(std::string& bytes, const Message& message) {
  Writer writer(bytes);
  writer& message;
}

template <class Message>
std::string encode(const Message& message) {
  std::string bytes;
  append(bytes, message);
  return bytes;
}

template <class Message>
Message take_first(std::string_view& bytes) {
  Message message;
  Reader reader(bytes);
  reader& message;
  bytes = reader.left();
  return message;
}

template <class Message>
Message decode(std::string_view bytes) {
  auto message = take_first<Message>(bytes);
  if (!bytes.empty()) {
    throw DecodeError("bytes behind a message");
  }
  return message;
}

}  // namespace bundle_match::wire

#define BUNDLE_MATCH_INSTANTIATE_CODING(Message)                               \
  template void bundle_match::wire::append(std::string&, const Message&);      \
  template std::string bundle_match::wire::encode(const Message&);             \
  template Message bundle_match::wire::take_first<Message>(std::string_view&); \
  template Message bundle_match::wire::decode<Message>(std::string_view);
