// Frames over local sockets, also in pieces and from a peer that talks nonsense.
// SPDX-License-Identifier: Apache-2.0
#include "frames.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "socket.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bundle_match::compute {
namespace {

void write_raw(const UniqueFd& socket, std::string_view bytes) {
  ASSERT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

// A frame's bytes, as they travel.
std::string frame_bytes(FrameKind kind, std::string_view payload) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  EXPECT_TRUE(send_frame(pair.ours.get(), kind, payload));
  std::string bytes(payload.size() + 64, '\0');
  const ssize_t size = ::recv(pair.theirs.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

std::optional<Frame> try_receive(FrameReader& reader) {
  reader.fill();
  return reader.next();
}

// A file's first byte.
char byte_of(const UniqueFd& file) {
  char byte = 0;
  EXPECT_EQ(::pread(file.get(), &byte, 1, 0), 1);
  return byte;
}

TEST(Frames, ArriveWholeAndInOrder) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameReader reader(pair.theirs.get());
  EXPECT_FALSE(try_receive(reader));
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::order, "one\n"));
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::references, ""));
  const auto first = reader.receive();
  const auto second = try_receive(reader);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->kind, FrameKind::order);
  EXPECT_EQ(first->payload, "one\n");
  EXPECT_EQ(second->kind, FrameKind::references);
  EXPECT_EQ(second->payload, "");
  EXPECT_FALSE(try_receive(reader));
  EXPECT_FALSE(reader.closed());
}

TEST(Frames, ArriveOnceTheirLastByteDoes) {
  const std::string bytes = frame_bytes(FrameKind::message, "payload");
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameReader reader(pair.theirs.get());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    write_raw(pair.ours, bytes.substr(i, 1));
    EXPECT_FALSE(try_receive(reader)) << i;
  }
  write_raw(pair.ours, bytes.substr(bytes.size() - 1));
  const auto frame = try_receive(reader);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, "payload");
}

TEST(Frames, MayBeLargerThanTheSocket) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  std::string payload(std::size_t{20} << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(i >> 7);
  }
  const std::jthread sender(
      [&] { EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::references, payload)); });
  FrameReader reader(pair.theirs.get());
  const auto frame = reader.receive();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->payload == payload);
}

TEST(Frames, OfAPeerThatIsGoneAreTakenBeforeItsEnd) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::message, "last words"));
  write_raw(pair.ours, frame_bytes(FrameKind::message, "cut short").substr(0, 10));
  pair.ours.reset();
  FrameReader reader(pair.theirs.get());
  const auto frame = try_receive(reader);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, "last words");
  EXPECT_FALSE(try_receive(reader));
  EXPECT_TRUE(reader.closed());
  EXPECT_FALSE(reader.nonsense());
  EXPECT_FALSE(reader.receive()) << "and does not wait";
}

TEST(Frames, ToAPeerThatIsGoneAreNotSent) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  pair.theirs.reset();
  EXPECT_FALSE(send_frame(pair.ours.get(), FrameKind::message, "x")) << "and no SIGPIPE";
}

TEST(Frames, OfNonsenseCloseTheReader) {
  const std::string good = frame_bytes(FrameKind::message, "");
  std::string bad_kind = good;
  bad_kind[0] = '\x7f';
  std::string bad_size = good;
  bad_size[good.size() - 1] = '\x7f';  // its highest byte
  for (const std::string& bytes : {bad_kind, bad_size, std::string(64, '\xff')}) {
    const SocketPair pair = make_socket_pair(SOCK_STREAM);
    write_raw(pair.ours, bytes + good);
    FrameReader reader(pair.theirs.get());
    EXPECT_FALSE(try_receive(reader));
    EXPECT_TRUE(reader.closed());
    EXPECT_TRUE(reader.nonsense());
    EXPECT_FALSE(try_receive(reader)) << "nothing after it is trusted";
  }
}

TEST(Frames, ThatAreTooLongAreNotSent) {
  // Never touched, so that it takes no memory.
  constexpr std::size_t kTooLong = kLongestFrame + 1;
  void* const mapped =
      ::mmap(nullptr, kTooLong, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const std::string_view payload(static_cast<const char*>(mapped), kTooLong);
  SocketPair gone = make_socket_pair(SOCK_STREAM);
  gone.theirs.reset();  // what is sent all the same is not waited for
  EXPECT_THROW((void)send_frame(gone.ours.get(), FrameKind::message, payload), std::length_error);
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameWriter writer(pair.ours.get());
  EXPECT_THROW(writer.write(FrameKind::order, payload), std::length_error);
  EXPECT_FALSE(writer.waiting());
  char byte = 0;
  EXPECT_EQ(::recv(pair.theirs.get(), &byte, 1, MSG_DONTWAIT), -1) << "not even a part of it";
  ::munmap(mapped, kTooLong);
}

TEST(Frames, CarryTheirFiles) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameWriter writer(pair.ours.get());
  UniqueFd a = make_sealed_file("a", "a");
  UniqueFd b = make_sealed_file("b", "b");
  writer.write(FrameKind::order, "none");
  writer.write(FrameKind::references, "", std::array{a.get()});
  writer.write(FrameKind::order, "two", std::array{b.get(), a.get()});
  writer.write(FrameKind::order, "none again");
  a.reset();
  b.reset();
  FrameReader reader(pair.theirs.get(), FrameReader::Files::taken);
  EXPECT_TRUE(reader.receive().value().files.empty());
  const Frame references = reader.receive().value();
  EXPECT_EQ(references.kind, FrameKind::references);
  ASSERT_EQ(references.files.size(), 1U);
  EXPECT_EQ(byte_of(references.files[0]), 'a');
  const Frame two = reader.receive().value();
  ASSERT_EQ(two.files.size(), 2U);
  EXPECT_EQ(byte_of(two.files[0]), 'b');
  EXPECT_EQ(byte_of(two.files[1]), 'a');
  EXPECT_EQ(reader.receive().value().payload, "none again");
}

TEST(Frames, WithTooManyFilesAreNotSent) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameWriter writer(pair.ours.get());
  const std::vector<int> files(kMostFds + 1, pair.ours.get());
  EXPECT_THROW(writer.write(FrameKind::order, "", files), std::length_error);
  EXPECT_FALSE(writer.waiting());
}

TEST(Frames, WithFilesOfAPeerThatIsNotTrustedCloseTheReader) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameWriter(pair.ours.get()).write(FrameKind::message, "", std::array{pair.ours.get()});
  FrameReader reader(pair.theirs.get());
  EXPECT_FALSE(try_receive(reader));
  EXPECT_TRUE(reader.nonsense());
}

TEST(Frames, ThatShouldHaveAFileButHaveNoneCloseTheReader) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  std::string bytes = frame_bytes(FrameKind::references, "");
  bytes[1] = 1;  // so many files
  write_raw(pair.ours, bytes);
  FrameReader reader(pair.theirs.get(), FrameReader::Files::taken);
  EXPECT_FALSE(try_receive(reader));
  EXPECT_TRUE(reader.nonsense());
}

// A peer that does not read.
TEST(Frames, ThatASocketDoesNotTakeAreKeptForLater) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameWriter writer(pair.ours.get());
  constexpr std::size_t kFrames = 20;
  const std::string payload(std::size_t{1} << 20, 'x');
  const UniqueFd file = make_sealed_file("f", "f");
  for (std::size_t i = 0; i < kFrames; ++i) {
    writer.write(FrameKind::order, payload + std::to_string(i), std::array{file.get()});
  }
  EXPECT_TRUE(writer.waiting());
  FrameReader reader(pair.theirs.get(), FrameReader::Files::taken);
  for (std::size_t i = 0; i < kFrames; ++i) {
    std::optional<Frame> frame;
    while (!(frame = try_receive(reader))) {
      ASSERT_FALSE(reader.closed());
      writer.flush();
    }
    EXPECT_EQ(frame->payload.substr(payload.size()), std::to_string(i));
    ASSERT_EQ(frame->files.size(), 1U);
    EXPECT_EQ(byte_of(frame->files[0]), 'f');
  }
  EXPECT_FALSE(writer.waiting());
}

TEST(Frames, ForAPeerThatIsGoneAreDropped) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  pair.theirs.reset();
  FrameWriter writer(pair.ours.get());
  writer.write(FrameKind::order, "x");
  EXPECT_FALSE(writer.waiting());
}

// A peer that never stops sending.
TEST(Frames, AreReadSomeMegabytesAtATime) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  std::jthread sender([socket = pair.ours.get()] {
    const std::string payload(std::size_t{1} << 16, 'x');
    while (send_frame(socket, FrameKind::message, payload)) {
    }
  });
  FrameReader reader(pair.theirs.get());
  for (int turn = 0; turn < 20; ++turn) {
    reader.fill();  // comes back
    while (reader.next()) {
    }
  }
  pair.theirs.reset();
}

}  // namespace
}  // namespace bundle_match::compute
