// A link that forgets ranks. They are forgotten for good, so each test has a rank of its own: rank
// 1, rank 2; the last one is never forgotten.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "mpi_environment.hpp"
#include "support/id_literals.hpp"
#include "tags.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace bundle_match::transport {
namespace {

constexpr std::size_t kLong_bytes = std::size_t{4} << 20;
constexpr int kTagOfTest = 1000;

class ForgetTest : public testing::Test {
 protected:
  [[nodiscard]] bool is_last() const { return rank_ == last_; }

  [[nodiscard]] bool receives_a_piece() {
    const auto message = test::receive_soon([this] { return link_.try_receive(); });
    return message && std::holds_alternative<ReferencesPiece>(*message);
  }

  [[nodiscard]] bool all_has_gone_out() {
    return test::eventually([this] {
      link_.flush();
      return link_.unsent_bytes() == 0;
    });
  }

  // Tells rank 0 that this rank is done, past the link.
  static void say_done() { MPI_Send(nullptr, 0, MPI_BYTE, 0, kTagOfTest, MPI_COMM_WORLD); }

  // On rank 0: calls `look` until that many have said so.
  static void until_done(int ranks, auto look) {
    ASSERT_TRUE(test::eventually([&] {
      look();
      int said = 0;
      MPI_Iprobe(MPI_ANY_SOURCE, kTagOfTest, MPI_COMM_WORLD, &said, MPI_STATUS_IGNORE);
      if (said != 0) {
        MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, kTagOfTest, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        --ranks;
      }
      return ranks == 0;
    }));
  }

  Link& link_ = test::link();
  const Rank rank_ = link_.rank();
  const Rank last_{static_cast<int>(link_.size()) - 1};
};

TEST_F(ForgetTest, WhatHasNotGoneOutCountsNoMore) {
  if (rank_ == kRank0) {
    const CoordinatorMessage piece =
        ReferencesPiece{0, std::string(kLong_bytes, 'x'), kLong_bytes + 1};
    const std::size_t piece_bytes = wire::encode(piece).size();
    link_.send(1_rank, piece);
    link_.send(1_rank, piece);
    link_.send(last_, piece);
    link_.flush();
    link_.send(1_rank, Stop{});
    ASSERT_GT(link_.unsent_bytes(), 3 * piece_bytes);
    link_.forget(1_rank);
    EXPECT_EQ(link_.unsent_bytes(), piece_bytes) << "what the other one is to get";
    link_.forget(1_rank);
    EXPECT_EQ(link_.unsent_bytes(), piece_bytes);
    link_.send(1_rank, Stop{});
    EXPECT_EQ(link_.unsent_bytes(), piece_bytes);
    link_.send(1_rank, piece);
    link_.flush();
    EXPECT_EQ(link_.unsent_bytes(), piece_bytes);
  }
  test::barrier();
  if (rank_ == 1_rank) {
    // MPI had begun to send these: their bytes are still there.
    EXPECT_TRUE(receives_a_piece());
    EXPECT_TRUE(receives_a_piece());
    EXPECT_FALSE(link_.try_receive());
    say_done();
  }
  if (is_last()) {
    EXPECT_TRUE(receives_a_piece());
    say_done();
  }
  if (rank_ == kRank0) {
    until_done(2, [this] { link_.flush(); });
    EXPECT_EQ(link_.unsent_bytes(), 0U);
    EXPECT_TRUE(link_.take_failed_ranks().empty());
  }
}

// Rank 2's three messages arrive together; it is forgotten when the first one is taken. What it
// sends after that is not seen, long or short or no message at all, but that of others is.
TEST_F(ForgetTest, WhatItSendsIsNotReceived) {
  if (rank_ == kRank0) {
    const auto first = test::receive_soon([this] { return link_.try_receive_from_worker(); });
    ASSERT_TRUE(first);
    EXPECT_EQ(first->rank, 2_rank);
    link_.forget(2_rank);
    EXPECT_FALSE(link_.try_receive_from_worker()) << "one that arrived with it";
    test::barrier();
    int of_last = 0;
    until_done(2, [&] {
      while (const auto message = link_.try_receive_from_worker()) {
        EXPECT_EQ(message->rank, last_);
        ++of_last;
      }
    });
    EXPECT_EQ(of_last, 1);
    return;
  }
  OrderResult described;
  described.answer = DescribeAnswer{std::string(kLong_bytes, 'x')};
  if (rank_ == 2_rank) {
    for (int i = 0; i < 3; ++i) {
      link_.send(StillAlive{});
    }
    link_.flush();
  }
  test::barrier();
  if (rank_ == 2_rank) {
    link_.send(StillAlive{});
    link_.flush();
    link_.send(described);
    link_.flush();
    MPI_Send("\xff", 1, MPI_BYTE, 0, kTagToRank0, MPI_COMM_WORLD);
    EXPECT_TRUE(all_has_gone_out()) << "or it could never finalize MPI";
    say_done();
  }
  if (is_last()) {
    link_.send(described);
    EXPECT_TRUE(all_has_gone_out());
    say_done();
  }
}

}  // namespace
}  // namespace bundle_match::transport
