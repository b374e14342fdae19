// The stream of a compute process, in pieces of any length.
// SPDX-License-Identifier: Apache-2.0
#include "compute/frames.hpp"
#include "compute/socket.hpp"
#include "fuzz_support.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>

using namespace bundle_match;

// Bytes: the length of the pieces, then the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHeaderBytes = 8;
  static const auto sockets = compute::make_socket_pair(SOCK_STREAM);
  fuzz::Input input(data, size);
  const std::size_t piece = std::max<std::size_t>(input.take_byte(), 1);
  const std::string_view stream = input.rest();

  compute::FrameReader reader(sockets.ours.get());
  std::size_t taken = 0;
  for (std::size_t at = 0; at < stream.size() && !reader.closed(); at += piece) {
    const std::string_view bytes = stream.substr(at, piece);
    const ssize_t sent = compute::send_bytes(sockets.theirs.get(), std::as_bytes(std::span(bytes)),
                                             {}, MSG_DONTWAIT);
    fuzz::require(sent == static_cast<ssize_t>(bytes.size()), "the socket takes a piece");
    reader.fill();
    while (const auto frame = reader.next()) {
      taken += kHeaderBytes;
      fuzz::require(stream.substr(taken, frame->payload.size()) == frame->payload,
                    "a payload is what stands behind its header");
      fuzz::require(frame->files.empty(), "no file comes from a compute process");
      taken += frame->payload.size();
      fuzz::require(taken <= at + bytes.size(), "a frame is taken when it is whole");
    }
    fuzz::require(!reader.closed() || reader.nonsense(), "the stream is closed for nonsense alone");
  }
  return 0;
}
