// The link between ranks: the job, messages both ways, hosts, and bytes that are no message.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"

#include "bundle_match/wire/encoding.hpp"
#include "dead_ranks.hpp"
#include "mpi_environment.hpp"
#include "mpi_errors.hpp"
#include "outbox.hpp"
#include "support/id_literals.hpp"
#include "support/odd_messages.hpp"
#include "tags.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::transport {
namespace {

using test::receive_soon;

// Beyond every eager limit of MPI.
constexpr std::size_t kLong_bytes = std::size_t{4} << 20;

class LinkTest : public testing::Test {
 protected:
  // The next message on a worker; fails the test if none comes.
  CoordinatorMessage next_message() {
    const auto message = receive_soon([this] { return link_.try_receive(); });
    EXPECT_TRUE(message) << "no message came";
    return message.value_or(Stop{});
  }
  // On rank 0.
  FromWorker next_from_worker() {
    const auto message = receive_soon([this] { return link_.try_receive_from_worker(); });
    EXPECT_TRUE(message) << "no message came";
    return message.value_or(FromWorker{});
  }
  [[nodiscard]] bool all_has_gone_out() {
    return test::eventually([this] {
      link_.flush();
      return link_.unsent_bytes() == 0;
    });
  }

  Link& link_ = test::link();
  const Rank rank_ = link_.rank();
  const std::size_t size_ = link_.size();
};

TEST_F(LinkTest, KnowsRankAndSize) { EXPECT_TRUE(first_ids<Rank>(size_).contains(rank_)); }

TEST_F(LinkTest, GathersEveryHostOnRank0AndTellsEachWhoIsThere) {
  std::array<char, 256> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size() - 1), 0);
  const Hosts hosts = link_.gather_hosts(0);
  if (rank_ == kRank0) {
    EXPECT_EQ(hosts.names, (ById<Rank, std::string>(size_, name.data())));
  } else {
    EXPECT_TRUE(hosts.names.empty());
  }
  EXPECT_EQ(hosts.ranks_here, static_cast<int>(size_)) << "these tests run on one host";
}

TEST_F(LinkTest, BroadcastsTheJob) {
  Job sent;
  sent.options = test::odd_options();
  sent.options.cache_dir = std::string(1000000, 'x');
  sent.rank_timeout_s = 7;
  Job job = rank_ == kRank0 ? sent : Job{};
  link_.broadcast(job);
  EXPECT_EQ(job.protocol_version, kProtocolVersion);
  EXPECT_TRUE(job == sent);
}

TEST_F(LinkTest, BroadcastsThatThereIsNothingToDo) {
  for (const auto stage : {Job::Stage::over, Job::Stage::working, Job::Stage::over}) {
    Job job;
    if (rank_ == kRank0) {
      job.stage = stage;
    }
    link_.broadcast(job);
    EXPECT_EQ(job.stage, stage);
  }
}

TEST_F(LinkTest, DoesNotWaitForAJobFromASilentRank0) {
  Job job;
  job.rank_timeout_s = 0.05;
  if (rank_ != kRank0) {
    EXPECT_THROW(link_.broadcast(job), std::runtime_error);
  }
  test::barrier();
}

TEST_F(LinkTest, TellsRanksOfAnotherVersion) {
  Job job;
  if (rank_ == kRank0) {
    job.protocol_version = kProtocolVersion + 1;
    link_.broadcast(job);
  } else {
    EXPECT_THROW(link_.broadcast(job), std::runtime_error);
  }
}

TEST_F(LinkTest, ReceivesNothingWhenNothingIsThere) {
  test::barrier();
  if (rank_ == kRank0) {
    EXPECT_FALSE(link_.try_receive_from_worker());
    EXPECT_TRUE(link_.take_failed_ranks().empty());
  } else {
    EXPECT_FALSE(link_.try_receive());
  }
  test::barrier();
}

// Orders, pieces of references and the rest share one way: what is behind a long message does not
// overtake it.
TEST_F(LinkTest, CarriesMessagesOfRank0InOrder) {
  std::vector<CoordinatorMessage> messages = test::odd_messages<CoordinatorMessage>();
  messages.insert(messages.begin() + 3,
                  ReferencesPiece{0, std::string(kLong_bytes, '\x80'), kLong_bytes + 1});
  messages.emplace_back(ReferencesPiece{0, std::string(kLong_bytes, '\x81'), kLong_bytes});
  messages.emplace_back(Stop{});
  if (rank_ == kRank0) {
    for (const CoordinatorMessage& message : messages) {
      for (const Rank worker : worker_ranks(size_)) {
        link_.send(worker, message);
      }
    }
    EXPECT_TRUE(all_has_gone_out());
    return;
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_TRUE(next_message() == messages[i]) << "message " << i;
  }
  EXPECT_FALSE(link_.try_receive());
}

TEST_F(LinkTest, CarriesMessagesOfEachWorkerInOrder) {
  std::vector<WorkerMessage> messages = test::odd_messages<WorkerMessage>();
  OrderResult described;
  described.answer = DescribeAnswer{std::string(kLong_bytes, '\x80')};
  messages.insert(messages.begin() + 3, described);
  if (rank_ != kRank0) {
    for (const WorkerMessage& message : messages) {
      link_.send(message);
    }
    EXPECT_TRUE(all_has_gone_out());
    return;
  }
  ById<Rank, std::size_t> received(size_);
  for (std::size_t i = 0; i < messages.size() * (received.size() - 1); ++i) {
    const FromWorker from = next_from_worker();
    ASSERT_TRUE(worker_ranks(size_).contains(from.rank));
    const std::size_t number = received[from.rank]++;
    ASSERT_LT(number, messages.size());
    const auto* const message = std::get_if<WorkerMessage>(&from.message);
    ASSERT_NE(message, nullptr);
    EXPECT_TRUE(*message == messages[number])
        << "message " << number << " of rank " << from.rank.value();
  }
  EXPECT_FALSE(link_.try_receive_from_worker());
}

OrderResult result_of(OrderId order, std::size_t reason_bytes) {
  OrderResult result;
  result.order = order;
  result.status = ImageStatus::failed;
  result.reason = std::string(reason_bytes, 'r');
  return result;
}

// Each worker answers each order; rank 0 keeps two orders under way, as the coordinator does. The
// messages grow beyond what MPI sends without waiting for the receiver: if both sides waited for
// the other to receive, neither would.
TEST_F(LinkTest, CarriesOrdersAndResultsBothWaysAtOnce) {
  constexpr std::uint64_t kOrders = 200;
  const auto order_of = [](std::uint64_t number) {
    return Order{OrderId(number), std::string(number * 50, 'p'), 0, {}, {}};
  };
  const auto answer_to = [](OrderId order) { return result_of(order, order.value() * 40); };
  if (rank_ != kRank0) {
    for (CoordinatorMessage message = next_message(); message != CoordinatorMessage(Stop{});
         message = next_message()) {
      const Order order = std::get<Order>(message);
      ASSERT_TRUE(order == order_of(order.id.value()));
      link_.send(answer_to(order.id));
    }
    return;
  }
  for (const Rank worker : worker_ranks(size_)) {
    link_.send(worker, order_of(0));
    link_.send(worker, order_of(1));
  }
  for (std::size_t running = size_ - 1; running > 0;) {
    const FromWorker from = next_from_worker();
    const OrderResult result = std::get<OrderResult>(std::get<WorkerMessage>(from.message));
    ASSERT_TRUE(result == answer_to(result.order));
    const std::uint64_t next = result.order.value() + 2;
    if (next < kOrders) {
      link_.send(from.rank, order_of(next));
    } else if (next == kOrders + 1) {
      link_.send(from.rank, Stop{});
      --running;
    }
  }
  link_.flush();
}

TEST_F(LinkTest, CountsWhatHasNotGoneOut) {
  if (rank_ == kRank0 && size_ > 1) {
    EXPECT_EQ(link_.unsent_bytes(), 0U);
    link_.send(1_rank, StillAlive{});
    EXPECT_GT(link_.unsent_bytes(), 0U) << "before it is flushed, too";
    link_.send(1_rank, ReferencesPiece{0, std::string(kLong_bytes, 'x'), kLong_bytes});
    link_.flush();
    EXPECT_GE(link_.unsent_bytes(), kLong_bytes);
  }
  test::barrier();
  if (rank_ == 1_rank) {
    EXPECT_TRUE(std::holds_alternative<StillAlive>(next_message()));
    EXPECT_TRUE(std::holds_alternative<ReferencesPiece>(next_message()));
  }
  if (rank_ == kRank0) {
    EXPECT_TRUE(all_has_gone_out());
  }
}

void send_bytes(Rank to, int tag, const std::string& bytes) {
  MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to.value(), tag, MPI_COMM_WORLD);
}

TEST_F(LinkTest, NamesAWorkerThatSendsNoMessage) {
  const std::string alive = wire::encode<WorkerMessage>(StillAlive{});
  if (rank_ == 1_rank) {
    send_bytes(kRank0, kTagToRank0, "\xff");
    send_bytes(kRank0, kTagToRank0, "");
    send_bytes(kRank0, kTagToRank0, alive + '\x01' + "junk");
    send_bytes(kRank0, kTagToRank0, alive);
  }
  if (rank_ == kRank0 && size_ > 1) {
    for (const bool malformed : {true, true, false, true, false}) {
      const FromWorker from = next_from_worker();
      EXPECT_EQ(from.rank, 1_rank);
      EXPECT_EQ(std::holds_alternative<Malformed>(from.message), malformed);
      if (malformed) {
        EXPECT_NE(std::get<Malformed>(from.message).why, "");
      }
    }
    EXPECT_FALSE(link_.try_receive_from_worker());
  }
}

TEST_F(LinkTest, ThrowsOnAWorkerIfRank0SendsNoMessage) {
  if (rank_ == kRank0) {
    for (const Rank worker : worker_ranks(size_)) {
      send_bytes(worker, kTagToWorker, "\xff");
      link_.send(worker, StillAlive{});
    }
    link_.flush();
    return;
  }
  EXPECT_THROW((void)receive_soon([this] { return link_.try_receive(); }), std::runtime_error);
  EXPECT_TRUE(std::holds_alternative<StillAlive>(next_message()));
}

TEST_F(LinkTest, ThrowsIfMpiFailsAndNoRankIsGone) {
  DeadRanks dead_ranks;
  Outbox outbox(dead_ranks);
  const auto bytes = std::make_shared<const std::string>("bytes");
  EXPECT_THROW(outbox.post(MPI_COMM_WORLD, Rank(static_cast<int>(size_)), kTagToWorker, bytes),
               LinkError)
      << "no such rank";
  EXPECT_THROW(outbox.post(MPI_COMM_WORLD, kRank0, -5, bytes), LinkError) << "no such tag";
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(dead_ranks.take(MPI_COMM_WORLD), std::vector<Rank>());
}

TEST_F(LinkTest, SaysWhatMpiSaysOfAnError) {
  EXPECT_TRUE(succeeded("MPI_Call", MPI_SUCCESS));
  EXPECT_TRUE(reached_peer("MPI_Call", MPI_SUCCESS));
  EXPECT_FALSE(reached_peer("MPI_Call", MPI_ERR_INTERN));
  EXPECT_THROW((void)succeeded("MPI_Call", MPI_ERR_INTERN), LinkError);
  try {
    (void)reached_peer("MPI_Call", MPI_ERR_TAG);
    ADD_FAILURE() << "not thrown";
  } catch (const LinkError& error) {
    EXPECT_NE(std::string(error.what()).find("MPI_Call"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("tag"), std::string::npos) << error.what();
  }
}

TEST_F(LinkTest, TellsOfEachRankThatIsGoneOnce) {
  DeadRanks dead_ranks;
  dead_ranks.add(3_rank);
  dead_ranks.add(1_rank);
  dead_ranks.add(3_rank);
  EXPECT_EQ(dead_ranks.take(MPI_COMM_WORLD), (std::vector<Rank>{1_rank, 3_rank}));
  dead_ranks.add(3_rank);
  EXPECT_EQ(dead_ranks.take(MPI_COMM_WORLD), std::vector<Rank>());
}

TEST(MpiVersion, NamesTheLibraryInOneLine) {
  EXPECT_NE(mpi_version().find("MPI"), std::string::npos);
  EXPECT_EQ(mpi_version().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace bundle_match::transport
