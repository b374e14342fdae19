// Frames and packets over local sockets, also in pieces and from a peer that talks nonsense.
// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

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

TEST(Frames, ArriveWholeAndInOrder) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameReader reader(pair.theirs.get());
  EXPECT_FALSE(reader.try_receive());
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::order, "one\n"));
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::progress, ""));
  const auto first = reader.receive();
  const auto second = reader.try_receive();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->kind, FrameKind::order);
  EXPECT_EQ(first->payload, "one\n");
  EXPECT_EQ(second->kind, FrameKind::progress);
  EXPECT_EQ(second->payload, "");
  EXPECT_FALSE(reader.try_receive());
  EXPECT_FALSE(reader.closed());
}

TEST(Frames, ArriveOnceTheirLastByteDoes) {
  const std::string bytes = frame_bytes(FrameKind::report, "payload");
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  FrameReader reader(pair.theirs.get());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    write_raw(pair.ours, bytes.substr(i, 1));
    EXPECT_FALSE(reader.try_receive()) << i;
  }
  write_raw(pair.ours, bytes.substr(bytes.size() - 1));
  const auto frame = reader.try_receive();
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
      [&] { EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::progress, payload)); });
  FrameReader reader(pair.theirs.get());
  const auto frame = reader.receive();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->payload == payload);
}

TEST(Frames, OfAPeerThatIsGoneAreTakenBeforeItsEnd) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::report, "last words"));
  write_raw(pair.ours, frame_bytes(FrameKind::report, "cut short").substr(0, 10));
  pair.ours.reset();
  FrameReader reader(pair.theirs.get());
  const auto frame = reader.try_receive();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, "last words");
  EXPECT_FALSE(reader.try_receive());
  EXPECT_TRUE(reader.closed());
  EXPECT_FALSE(reader.receive()) << "and does not wait";
}

TEST(Frames, ToAPeerThatIsGoneAreNotSent) {
  SocketPair pair = make_socket_pair(SOCK_STREAM);
  pair.theirs.reset();
  EXPECT_FALSE(send_frame(pair.ours.get(), FrameKind::report, "x")) << "and no SIGPIPE";
}

TEST(Frames, OfNonsenseCloseTheReader) {
  const std::string good = frame_bytes(FrameKind::report, "");
  std::string bad_kind = good;
  bad_kind[0] = '\x7f';
  std::string bad_size = good;
  bad_size[good.size() - 1] = '\x7f';  // its highest byte
  for (const std::string& bytes : {bad_kind, bad_size, std::string(64, '\xff')}) {
    const SocketPair pair = make_socket_pair(SOCK_STREAM);
    write_raw(pair.ours, bytes + good);
    FrameReader reader(pair.theirs.get());
    EXPECT_FALSE(reader.try_receive());
    EXPECT_TRUE(reader.closed());
    EXPECT_FALSE(reader.try_receive()) << "nothing after it is trusted";
  }
}

TEST(Frames, OfReferencesCarryTheirFile) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::order, "before"));
  ASSERT_TRUE(send_references(pair.ours.get(), write_end.get()));
  EXPECT_TRUE(send_frame(pair.ours.get(), FrameKind::order, "after"));
  write_end.reset();
  FrameReader reader(pair.theirs.get(), FrameReader::Files::taken);
  EXPECT_FALSE(reader.receive().value().file.valid());
  const auto references = reader.receive();
  ASSERT_TRUE(references);
  EXPECT_EQ(references->kind, FrameKind::references);
  EXPECT_EQ(::write(references->file.get(), "x", 1), 1);
  EXPECT_EQ(reader.receive().value().payload, "after");
}

TEST(Frames, WithFilesOfAPeerThatIsNotTrustedCloseTheReader) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  ASSERT_TRUE(send_references(pair.ours.get(), pair.ours.get()));
  FrameReader reader(pair.theirs.get());
  EXPECT_FALSE(reader.try_receive());
  EXPECT_TRUE(reader.closed());
}

TEST(Frames, ThatShouldHaveAFileButHaveNoneCloseTheReader) {
  const SocketPair pair = make_socket_pair(SOCK_STREAM);
  write_raw(pair.ours, frame_bytes(FrameKind::references, ""));
  FrameReader reader(pair.theirs.get(), FrameReader::Files::taken);
  EXPECT_FALSE(reader.try_receive());
  EXPECT_TRUE(reader.closed());
}

TEST(Packets, CarryBytesAndDescriptors) {
  const SocketPair pair = make_socket_pair(SOCK_SEQPACKET);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  const std::array<std::byte, 3> sent{std::byte{1}, std::byte{0}, std::byte{255}};
  const std::array<int, 1> fds{write_end.get()};
  ASSERT_TRUE(send_packet(pair.ours.get(), sent, fds));
  std::array<std::byte, 8> received{};
  const Packet packet = receive_packet(pair.theirs.get(), received);
  ASSERT_EQ(packet.size, sent.size());
  EXPECT_TRUE(std::equal(sent.begin(), sent.end(), received.begin()));
  ASSERT_EQ(packet.fds.size(), 1U);
  EXPECT_NE(::fcntl(packet.fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(::write(packet.fds[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(read_end.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(Packets, HaveNoSizeWhenThePeerIsGone) {
  SocketPair pair = make_socket_pair(SOCK_SEQPACKET);
  pair.ours.reset();
  std::array<std::byte, 8> bytes{};
  EXPECT_EQ(receive_packet(pair.theirs.get(), bytes).size, 0U);
  EXPECT_FALSE(send_packet(pair.theirs.get(), bytes));
}

}  // namespace
}  // namespace bundle_match::compute
