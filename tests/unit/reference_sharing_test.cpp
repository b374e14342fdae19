// How the set of references reaches every rank: one file a host, in pieces where it must be.
// SPDX-License-Identifier: Apache-2.0
#include "reference_sharing.hpp"

#include "reference_receiver.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::app {
namespace {

std::string content_of(int file) {
  struct stat status {};
  ::fstat(file, &status);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  EXPECT_EQ(::pread(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  return bytes;
}

UniqueFd file_with(const std::string& bytes) {
  UniqueFd file(::memfd_create("set", MFD_CLOEXEC));
  EXPECT_EQ(write_all(file.get(), bytes), 0);
  return file;
}

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i * 7 >> 3);
  }
  return bytes;
}

// A rank 0 that shares a set, and receivers, with messages that go to and fro at once.
class Ranks {
 public:
  Ranks(std::string bytes, const std::vector<std::string>& hosts)
      : bytes_(std::move(bytes)),
        sharing_(file_with(bytes_), hosts, [this](Rank rank, const ReferencesMessage& message) {
          on_the_way_.emplace_back(rank, message);
        }) {}

  // The next message arrives, and what its rank answers is taken.
  bool deliver() {
    if (on_the_way_.empty()) {
      return false;
    }
    const auto [rank, message] = on_the_way_.front();
    on_the_way_.pop_front();
    pieces_[rank] += message.shared ? 0 : 1;
    const ImageReport report = receivers_[rank].take(message);
    if (report.kind == ImageReport::Kind::has_references) {
      EXPECT_EQ(content_of(receivers_[rank].file()), bytes_) << "rank " << rank;
      ++complete_;
      sharing_.has_all(rank, report.shared);
    } else {
      EXPECT_EQ(report.kind, ImageReport::Kind::wants_references);
      sharing_.wants_more(rank);
    }
    return true;
  }

  void deliver_all() {
    while (deliver()) {
    }
  }

  // Whatever is on the way to it is lost, too.
  void lose(Rank rank) {
    std::erase_if(on_the_way_, [rank](const auto& message) { return message.first == rank; });
    sharing_.rank_lost(rank);
  }

  ReferenceSharing& sharing() { return sharing_; }
  [[nodiscard]] int complete() const { return complete_; }
  [[nodiscard]] int pieces(Rank rank) const { return pieces_.count(rank) ? pieces_.at(rank) : 0; }

 private:
  std::string bytes_;
  std::deque<std::pair<Rank, ReferencesMessage>> on_the_way_;
  std::map<Rank, ReferenceReceiver> receivers_;
  std::map<Rank, int> pieces_;
  int complete_ = 0;
  ReferenceSharing sharing_;
};

constexpr std::size_t kPiece = ReferenceSharing::kPieceBytes;

TEST(ReferenceSharing, SharesOneFileOnRank0sHost) {
  Ranks ranks(some_bytes(100), {"a", "a", "a"});
  ranks.sharing().rank_ready(1);
  ranks.sharing().rank_ready(2);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 2);
  EXPECT_EQ(ranks.pieces(1) + ranks.pieces(2), 0);
}

TEST(ReferenceSharing, SendsPiecesToOneRankOfEveryOtherHost) {
  for (const std::size_t size : {std::size_t{1}, kPiece - 1, kPiece, kPiece + 1, 2 * kPiece}) {
    Ranks ranks(some_bytes(size), {"a", "b", "b", "c", "b"});
    for (const Rank rank : {1, 2, 3, 4}) {
      ranks.sharing().rank_ready(rank);
    }
    ranks.deliver_all();
    EXPECT_EQ(ranks.complete(), 4) << size;
    const int pieces = static_cast<int>((size + kPiece - 1) / kPiece);
    EXPECT_EQ(ranks.pieces(1), pieces) << size;
    EXPECT_EQ(ranks.pieces(2) + ranks.pieces(4), 0) << size;
    EXPECT_EQ(ranks.pieces(3), pieces) << size;
  }
}

TEST(ReferenceSharing, GivesAHostsPlaceToAnotherRankWhenTheFirstIsLost) {
  Ranks ranks(some_bytes(3 * kPiece), {"a", "b", "b", "b"});
  for (const Rank rank : {1, 2, 3}) {
    ranks.sharing().rank_ready(rank);
  }
  EXPECT_TRUE(ranks.deliver());  // the first piece
  ranks.lose(1);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 2);
  EXPECT_EQ(ranks.pieces(2), 3);
  EXPECT_EQ(ranks.pieces(3), 0);
}

TEST(ReferenceSharing, ForgetsALostRankThatWaits) {
  Ranks ranks(some_bytes(2 * kPiece), {"a", "b", "b"});
  ranks.sharing().rank_ready(1);
  ranks.sharing().rank_ready(2);
  ranks.lose(2);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 1);
}

TEST(ReferenceSharing, HasAnotherRankStartWhenTheHolderIsLostLater) {
  Ranks ranks(some_bytes(10), {"a", "b", "b"});
  ranks.sharing().rank_ready(1);
  ranks.deliver_all();
  ranks.lose(1);
  ranks.sharing().rank_ready(2);
  ranks.deliver_all();
  EXPECT_EQ(ranks.complete(), 2);
  EXPECT_EQ(ranks.pieces(2), 1);
}

TEST(ReferenceReceiver, WantsPiecesWhenTheSharedFileIsNotTheOneThatIsMeant) {
  const UniqueFd file = file_with("the references");
  const SharedFile right = share_file(file.get());
  ReferencesMessage message;
  message.shared = right;
  EXPECT_EQ(ReferenceReceiver().take(message).kind, ImageReport::Kind::has_references);
  // In another container the same path is another process's file, or none.
  for (const SharedFile& wrong : {SharedFile{right.path, right.inode + 1, right.size_bytes},
                                  SharedFile{right.path, right.inode, right.size_bytes + 1},
                                  SharedFile{"/proc/self/no such file", 0, 0},
                                  SharedFile{"/dev/null", 0, 0}, SharedFile{"/", 0, 0}}) {
    message.shared = wrong;
    EXPECT_EQ(ReferenceReceiver().take(message).kind, ImageReport::Kind::wants_references)
        << wrong.path;
  }
}

TEST(ShareFile, SaysWhyThereIsNone) { EXPECT_THROW((void)share_file(-1), std::system_error); }

}  // namespace
}  // namespace bundle_match::app
