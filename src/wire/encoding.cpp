// Encoding through Boost.Serialization's binary archive.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/wire/encoding.hpp"

#include "bundle_match/wire/serialization.hpp"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/stream.hpp>

namespace bundle_match::wire {
namespace {

constexpr unsigned kArchiveFlags = boost::archive::no_header | boost::archive::no_codecvt;

}  // namespace

template <class Message>
std::string encode(const Message& message) {
  std::string bytes;
  {
    boost::iostreams::stream<boost::iostreams::back_insert_device<std::string>> stream(
        boost::iostreams::back_inserter(bytes));
    boost::archive::binary_oarchive archive(stream, kArchiveFlags);
    archive << message;
  }
  return bytes;
}

template <class Message>
Message decode(std::string_view bytes) {
  try {
    boost::iostreams::stream<boost::iostreams::array_source> stream(bytes.data(), bytes.size());
    boost::archive::binary_iarchive archive(stream, kArchiveFlags);
    Message message;
    archive >> message;
    return message;
  } catch (const std::exception& error) {  // archive_exception, length_error, bad_alloc
    throw DecodeError(std::string("damaged message: ").append(error.what()));
  }
}

#define BUNDLE_MATCH_INSTANTIATE(Message)      \
  template std::string encode(const Message&); \
  template Message decode<Message>(std::string_view);
BUNDLE_MATCH_INSTANTIATE(ImageOrder)
BUNDLE_MATCH_INSTANTIATE(ImageReport)
BUNDLE_MATCH_INSTANTIATE(ReferencesMessage)
BUNDLE_MATCH_INSTANTIATE(Job)
#undef BUNDLE_MATCH_INSTANTIATE

}  // namespace bundle_match::wire
