// How the set of references reaches every rank: one file a host, in pieces where it must be.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/reference_sharing.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::machine {
namespace {

using Messages = std::vector<ReferenceSharing::Message>;

constexpr std::uint64_t kPiece = ReferenceSharing::kPieceBytes;

// A rank 0 that shares a set, and receivers, with messages that go to and fro.
class Ranks {
 public:
  Ranks(std::uint64_t size_bytes, const std::vector<std::string>& hosts)
      : size_bytes_(size_bytes),
        sharing_({"/proc/1/fd/5", 9, size_bytes}, HostTable(ById<Rank, std::string>(hosts))) {}

  /// It sees no file of another process.
  void put_into_container(Rank rank) { in_container_.insert(rank); }

  void ready(Rank rank) { send(sharing_.rank_ready(rank)); }

  // The next message arrives, and what its rank answers is taken.
  bool deliver() {
    if (on_the_way_.empty()) {
      return false;
    }
    const ReferenceSharing::Message message = on_the_way_.front();
    on_the_way_.pop_front();
    if (const auto* const piece = std::get_if<ReferenceSharing::Piece>(&message)) {
      take(*piece);
    } else {
      take(std::get<ReferenceSharing::Elsewhere>(message));
    }
    return true;
  }

  void deliver_all() {
    while (deliver()) {
    }
  }

  // Whatever is on the way to it is lost, too.
  void lose(Rank rank) {
    std::erase_if(on_the_way_, [rank](const auto& message) {
      return std::visit([](const auto& it) { return it.rank; }, message) == rank;
    });
    send(sharing_.rank_lost(rank));
  }

  void send(const Messages& messages) {
    on_the_way_.insert(on_the_way_.end(), messages.begin(), messages.end());
  }

  ReferenceSharing& sharing() { return sharing_; }
  [[nodiscard]] std::size_t complete() const { return complete_.size(); }
  [[nodiscard]] std::size_t under_way() const { return on_the_way_.size(); }
  [[nodiscard]] int pieces(Rank rank) const { return pieces_.count(rank) ? pieces_.at(rank) : 0; }

 private:
  void take(const ReferenceSharing::Piece& piece) {
    ++pieces_[piece.rank];
    std::uint64_t& received = received_[piece.rank];
    EXPECT_EQ(piece.offset, received) << "rank " << piece.rank.value();
    received += piece.size_bytes;
    if (received == size_bytes_) {
      has_all(piece.rank);
    } else {
      send(sharing_.wants_more(piece.rank, received));
    }
  }

  void take(const ReferenceSharing::Elsewhere& elsewhere) {
    EXPECT_EQ(elsewhere.file.size_bytes, size_bytes_);
    if (in_container_.count(elsewhere.rank) > 0) {
      send(sharing_.wants_more(elsewhere.rank, 0));
    } else {
      has_all(elsewhere.rank);
    }
  }

  void has_all(Rank rank) {
    EXPECT_TRUE(complete_.insert(rank).second)
        << "rank " << rank.value() << " gets it a second time";
    send(sharing_.has_all(rank, {"fd", static_cast<std::uint64_t>(rank.value()), size_bytes_}));
  }

  std::uint64_t size_bytes_;
  std::deque<ReferenceSharing::Message> on_the_way_;
  std::map<Rank, std::uint64_t> received_;
  std::map<Rank, int> pieces_;
  std::set<Rank> in_container_;
  std::set<Rank> complete_;
  ReferenceSharing sharing_;
};

TEST(ReferenceSharing, SharesOneFileOnRank0sHost) {
  Ranks ranks(100, {"a", "a", "a"});
  for (const Rank rank : {0_rank, 1_rank, 2_rank}) {
    ranks.ready(rank);
  }
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 3U);
  EXPECT_EQ(ranks.pieces(0_rank) + ranks.pieces(1_rank) + ranks.pieces(2_rank), 0);
}

TEST(ReferenceSharing, SendsPiecesToOneRankOfEveryOtherHost) {
  for (const std::uint64_t size : {std::uint64_t{1}, kPiece - 1, kPiece, kPiece + 1, 2 * kPiece}) {
    Ranks ranks(size, {"a", "b", "b", "c", "b"});
    for (const Rank rank : {1_rank, 2_rank, 3_rank, 4_rank}) {
      ranks.ready(rank);
    }
    ranks.deliver_all();
    EXPECT_EQ(ranks.complete(), 4U) << size;
    const int pieces = static_cast<int>((size + kPiece - 1) / kPiece);
    EXPECT_EQ(ranks.pieces(1_rank), pieces) << size;
    EXPECT_EQ(ranks.pieces(2_rank) + ranks.pieces(4_rank), 0) << size;
    EXPECT_EQ(ranks.pieces(3_rank), pieces) << size;
  }
}

TEST(ReferenceSharing, SendsAnEmptySetAsOnePiece) {
  Ranks ranks(0, {"a", "b"});
  ranks.ready(1_rank);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 1U);
  EXPECT_EQ(ranks.pieces(1_rank), 1);
}

TEST(ReferenceSharing, SendsPiecesToARankThatSeesNoOthersFile) {
  Ranks ranks(2 * kPiece + 1, {"a", "a", "b", "b"});
  ranks.put_into_container(1_rank);
  ranks.put_into_container(3_rank);
  for (const Rank rank : {1_rank, 2_rank, 3_rank}) {
    ranks.ready(rank);
  }
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 3U);
  for (const Rank rank : {1_rank, 2_rank, 3_rank}) {
    EXPECT_EQ(ranks.pieces(rank), 3) << rank.value();
  }
}

TEST(ReferenceSharing, HasOneMessageUnderWayToARank) {
  Ranks ranks(9 * kPiece, {"a", "a", "b", "b"});
  for (int stages = 0; stages < 3; ++stages) {  // each asks for it again
    for (const Rank rank : {1_rank, 2_rank, 3_rank}) {
      ranks.ready(rank);
    }
  }
  EXPECT_EQ(ranks.under_way(), 2U) << "rank 3 waits for rank 2";
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 3U);
}

TEST(ReferenceSharing, SendsNoPieceTwice) {
  Ranks ranks(3 * kPiece, {"a", "b"});
  ranks.ready(1_rank);
  EXPECT_TRUE(ranks.deliver());
  EXPECT_TRUE(ranks.sharing().wants_more(1_rank, kPiece).empty()) << "it is under way";
  EXPECT_TRUE(ranks.sharing().wants_more(1_rank, 0).empty());
  EXPECT_TRUE(ranks.sharing().wants_more(1_rank, 77 * kPiece).empty()) << "there is no such piece";
  ranks.deliver_all();
  EXPECT_EQ(ranks.pieces(1_rank), 3);
}

TEST(ReferenceSharing, GivesAHostsPlaceToAnotherRankWhenTheFirstIsLost) {
  Ranks ranks(3 * kPiece, {"a", "b", "b", "b"});
  for (const Rank rank : {1_rank, 2_rank, 3_rank}) {
    ranks.ready(rank);
  }
  EXPECT_TRUE(ranks.deliver());  // the first piece
  ranks.lose(1_rank);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 2U);
  EXPECT_EQ(ranks.pieces(2_rank), 3);
  EXPECT_EQ(ranks.pieces(3_rank), 0);
}

TEST(ReferenceSharing, ForgetsALostRankThatWaits) {
  Ranks ranks(2 * kPiece, {"a", "b", "b"});
  ranks.ready(1_rank);
  ranks.ready(2_rank);
  ranks.lose(2_rank);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 1U);
}

TEST(ReferenceSharing, HasAnotherRankStartWhenTheHolderIsLostLater) {
  Ranks ranks(10, {"a", "b", "b"});
  ranks.ready(1_rank);
  ranks.deliver_all();
  ranks.lose(1_rank);
  ranks.ready(2_rank);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 2U);
  EXPECT_EQ(ranks.pieces(2_rank), 1);
}

}  // namespace
}  // namespace bundle_match::machine
