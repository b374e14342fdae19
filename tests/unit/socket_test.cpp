// Packets over local sockets, with descriptors beside them.
// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bundle_match::compute {
namespace {

// As a peer may that keeps to no rule.
void send_with_descriptors(int socket, std::size_t count) {
  char byte = 0;
  iovec vector{&byte, 1};
  std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  const std::vector<int> fds(count, socket);
  std::memcpy(CMSG_DATA(header), fds.data(), count * sizeof(int));
  ASSERT_EQ(::sendmsg(socket, &message, 0), 1);
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

TEST(Packets, CarryNoMoreDescriptorsThanAreTaken) {
  const SocketPair pair = make_socket_pair(SOCK_SEQPACKET);
  const std::array<std::byte, 1> sent{};
  const std::vector<int> too_many(kMostFds + 1, pair.ours.get());
  EXPECT_THROW((void)send_packet(pair.ours.get(), sent, too_many), std::length_error);
  EXPECT_TRUE(send_packet(pair.ours.get(), sent, std::span(too_many).first(kMostFds)));
  std::array<std::byte, 8> bytes{};
  EXPECT_EQ(receive_packet(pair.theirs.get(), bytes).fds.size(), kMostFds);
}

TEST(Packets, WithMoreDescriptorsThanAreTakenAreRefused) {
  const SocketPair pair = make_socket_pair(SOCK_SEQPACKET);
  for (const std::size_t more : {1U, 2U, 50U}) {
    send_with_descriptors(pair.ours.get(), kMostFds + more);
    std::array<std::byte, 8> bytes{};
    EXPECT_EQ(receive_packet(pair.theirs.get(), bytes).size, 0U);
  }
}

TEST(Packets, AreTakenWithoutWaiting) {
  SocketPair pair = make_socket_pair(SOCK_SEQPACKET);
  std::array<std::byte, 8> bytes{};
  EXPECT_FALSE(try_receive_packet(pair.theirs.get(), bytes));
  ASSERT_TRUE(send_packet(pair.ours.get(), std::span(bytes).first(3)));
  EXPECT_EQ(try_receive_packet(pair.theirs.get(), bytes).value().size, 3U);
  pair.ours.reset();
  EXPECT_EQ(try_receive_packet(pair.theirs.get(), bytes).value().size, 0U);
}

}  // namespace
}  // namespace bundle_match::compute
