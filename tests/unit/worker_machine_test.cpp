// A worker's machine: what it does with the messages of rank 0, and when it says what.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/worker_machine.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::machine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Actions = std::vector<WorkerAction>;

template <class Action>
std::size_t count(const Actions& actions) {
  std::size_t found = 0;
  for (const WorkerAction& action : actions) {
    found += std::holds_alternative<Action>(action) ? 1 : 0;
  }
  return found;
}

// What it says first.
template <class Message>
bool says(const Actions& actions) {
  for (const WorkerAction& action : actions) {
    if (const auto* const say = std::get_if<Say>(&action)) {
      return std::holds_alternative<Message>(say->message);
    }
  }
  return false;
}

class WorkerStory {
 public:
  explicit WorkerStory(Duration rank_0_timeout = seconds(60))
      : machine_({rank_0_timeout, 1_rank, {}, false}, now_) {}

  Actions tell(WorkerEvent event) {
    Actions actions;
    machine_.handle(now_, std::move(event), actions);
    return actions;
  }
  Actions pass_looking(Duration time, Duration every, bool busy_behind = false) {
    Actions actions;
    for (const Time until = now_ + time; now_ < until;) {
      now_ += every;
      machine_.handle(now_, WorkerTick{busy_behind}, actions);
    }
    return actions;
  }
  [[nodiscard]] bool stopping() const { return machine_.stopping(); }
  [[nodiscard]] bool waits_for_features() const { return machine_.waits_for_features(); }

 private:
  Time now_;
  WorkerMachine machine_;
};

TEST(WorkerMachine, PassesOrdersInAndResultsOut) {
  WorkerStory worker;
  EXPECT_TRUE(says<Hello>(worker.tell(ProcessorReady{})));
  EXPECT_EQ(count<Submit>(worker.tell(CoordinatorMessage(Order{}))), 1U);
  EXPECT_TRUE(says<ProcessDied>(worker.tell(ProcessorSaid{ProcessDied{}})));
  EXPECT_TRUE(says<OrderResult>(worker.tell(ProcessorSaid{OrderResult{}})));
}

// One whose image is a suspect, or travels with it, is sent later than it was handed out.
TEST(WorkerMachine, TakesOrdersThatOvertakeOthers) {
  WorkerStory worker;
  Order order;
  order.id = OrderId(9);
  EXPECT_EQ(count<Submit>(worker.tell(CoordinatorMessage(order))), 1U);
  order.id = OrderId(7);
  EXPECT_EQ(count<Submit>(worker.tell(CoordinatorMessage(order))), 1U);
}

TEST(WorkerMachine, PassesFilesOnAheadOfTheirOrder) {
  WorkerStory worker;
  EXPECT_EQ(count<TakeFilePiece>(worker.tell(CoordinatorMessage(FilePiece{}))), 1U);
}

TEST(WorkerMachine, PassesLentCoresOnWhileItWorks) {
  WorkerStory worker;
  EXPECT_EQ(count<UseCores>(worker.tell(CoordinatorMessage(LentCores{}))), 1U);
  (void)worker.tell(CoordinatorMessage(Stop{}));
  EXPECT_TRUE(worker.tell(CoordinatorMessage(LentCores{})).empty());
}

TEST(WorkerMachine, SaysOnceThatAllItsOrdersWaitForReferences) {
  WorkerStory worker;
  EXPECT_TRUE(worker.tell(WorkerTick{false, 0}).empty());
  EXPECT_TRUE(says<WaitsForReferences>(worker.tell(WorkerTick{false, 2})));
  EXPECT_TRUE(worker.tell(WorkerTick{false, 2}).empty());
  EXPECT_TRUE(worker.tell(WorkerTick{false, 0}).empty()) << "it goes on";
  EXPECT_TRUE(says<WaitsForReferences>(worker.tell(WorkerTick{false, 2}))) << "again";
  EXPECT_TRUE(says<WaitsForReferences>(worker.tell(WorkerTick{false, 3})));
}

OrderResult described(std::uint64_t order) {
  OrderResult result;
  result.order = OrderId(order);
  result.answer = DescribeAnswer{"features"};
  return result;
}

template <class Action>
Action only(const Actions& actions) {
  EXPECT_EQ(count<Action>(actions), 1U);
  for (const WorkerAction& action : actions) {
    if (const auto* const it = std::get_if<Action>(&action)) {
      return *it;
    }
  }
  return {};
}

TEST(WorkerMachine, SaysWhereFeaturesAreOnceTheyAreKept) {
  WorkerStory worker;
  EXPECT_EQ(count<UseStore>(worker.tell(CoordinatorMessage(FeatureKeepers{0, {0_rank, 1_rank}}))),
            1U);
  (void)worker.tell(StoreOpened{1_rank, true});
  const Actions computed = worker.tell(ProcessorSaid{described(3)});
  EXPECT_EQ(count<Say>(computed), 0U);
  const auto append = only<AppendFeatures>(computed);
  EXPECT_EQ(append.features, "features");
  const StoredFeatures stored{StoredFeatures::File::disk, 64, 8};
  const Actions kept = worker.tell(FeaturesAppended{append.number, stored});
  const auto answer =
      std::get<DescribeAnswer>(std::get<OrderResult>(only<Say>(kept).message).answer);
  EXPECT_EQ(answer.home, (FeatureHome{1_rank, stored}));
  EXPECT_EQ(answer.features, "") << "they stay here";
}

TEST(WorkerMachine, SaysFeaturesToRank0IfHostsKeepNone) {
  WorkerStory worker;
  const auto said = only<Say>(worker.tell(ProcessorSaid{described(3)}));
  EXPECT_EQ(std::get<DescribeAnswer>(std::get<OrderResult>(said.message).answer).features,
            "features");
}

TEST(WorkerMachine, BeginsAnOrderOnceItsFeaturesAreThere) {
  WorkerStory worker;
  (void)worker.tell(CoordinatorMessage(FeatureKeepers{0, {0_rank, 1_rank, 2_rank}}));
  (void)worker.tell(StoreOpened{1_rank, true});
  const StoredFeatures own{StoredFeatures::File::memory, 0, 8};
  Order order;
  order.id = OrderId(5);
  order.homes = {{1_rank, own}, {2_rank, own}};
  const Actions wants = worker.tell(CoordinatorMessage(order));
  EXPECT_EQ(count<Submit>(wants), 0U);
  EXPECT_EQ(only<SendToPeer>(wants).to, 2_rank);
  EXPECT_TRUE(worker.waits_for_features());
  const auto append =
      only<AppendFeatures>(worker.tell(PeerSaid{2_rank, FeatureBytes{order.homes[1], "features"}}));
  const StoredFeatures copy{StoredFeatures::File::memory, 64, 8};
  const auto submit = only<Submit>(worker.tell(FeaturesAppended{append.number, copy}));
  EXPECT_EQ(submit.order.id, OrderId(5));
  EXPECT_EQ(submit.stored, (std::vector<StoredFeatures>{own, copy}));
  EXPECT_FALSE(worker.waits_for_features());
}

TEST(WorkerMachine, GivesAnOrderBackThatLacksFeatures) {
  WorkerStory worker;
  (void)worker.tell(CoordinatorMessage(FeatureKeepers{0, {0_rank, 1_rank, std::nullopt}}));
  (void)worker.tell(StoreOpened{1_rank, true});
  Order order;
  order.id = OrderId(5);
  order.homes = {{2_rank, {StoredFeatures::File::memory, 0, 8}}};
  const auto lacks =
      std::get<LacksFeatures>(only<Say>(worker.tell(CoordinatorMessage(order))).message);
  EXPECT_EQ(lacks.order, OrderId(5));
  EXPECT_EQ(lacks.homes, order.homes);
}

TEST(WorkerMachine, SaysThatItCannotOpenTheStoreOfItsHost) {
  WorkerStory worker;
  (void)worker.tell(CoordinatorMessage(FeatureKeepers{0, {0_rank, 1_rank}}));
  EXPECT_TRUE(says<CannotShareFeatures>(worker.tell(StoreOpened{1_rank, false})));
  EXPECT_TRUE(worker.tell(StoreOpened{0_rank, false}).empty()) << "of another keeper";
}

TEST(WorkerMachine, SaysThatThereIsNoRoomForFeatures) {
  WorkerStory worker;
  EXPECT_TRUE(says<CannotKeepFeatures>(worker.tell(FeaturesNotAppended{"the disk is full"})));
}

TEST(WorkerMachine, AsksForPiecesUntilItHasAllReferences) {
  WorkerStory worker;
  EXPECT_EQ(count<OpenElsewhere>(worker.tell(CoordinatorMessage(ReferencesElsewhere{}))), 1U);
  EXPECT_TRUE(says<WantsReferences>(worker.tell(ReferencesTaken{0, {}}))) << "it is not there";
  EXPECT_EQ(count<TakePiece>(worker.tell(CoordinatorMessage(ReferencesPiece{}))), 1U);
  EXPECT_TRUE(says<HasReferences>(worker.tell(ReferencesTaken{100, SharedFile{}})));
}

TEST(WorkerMachine, SaysGoodbyeOnceItsProcessorRestsAndWaitsToBeToldHowToLeave) {
  WorkerStory worker;
  EXPECT_TRUE(worker.tell(CoordinatorMessage(Stop{})).empty());
  EXPECT_TRUE(worker.stopping());
  EXPECT_EQ(count<SayGoodbye>(worker.pass_looking(seconds(1), milliseconds(10), true)), 0U);
  EXPECT_EQ(count<SayGoodbye>(worker.pass_looking(seconds(1), milliseconds(10))), 1U);
  EXPECT_EQ(count<EndLoop>(worker.tell(CoordinatorMessage(Finalize{}))), 1U);
  EXPECT_TRUE(worker.pass_looking(seconds(300), seconds(1)).empty()) << "it has ended";
}

TEST(WorkerMachine, SaysNothingNewAfterItsGoodbye) {
  WorkerStory worker;
  worker.tell(CoordinatorMessage(Stop{}));
  EXPECT_EQ(count<SayGoodbye>(worker.tell(WorkerTick{})), 1U);
  EXPECT_EQ(count<Say>(worker.tell(ProcessorReady{})), 0U) << "its process started too late";
  EXPECT_EQ(count<Say>(worker.tell(ProcessorSaid{OrderResult{}})), 0U);
  EXPECT_EQ(count<Say>(worker.tell(ReferencesTaken{})), 0U);
  EXPECT_EQ(count<Say>(worker.tell(WorkerTick{false, 1})), 0U);
  EXPECT_TRUE(says<StillAlive>(worker.pass_looking(seconds(30), seconds(1))));
}

TEST(WorkerMachine, TakesNothingUpOnceItIsToldToStop) {
  WorkerStory worker;
  (void)worker.tell(CoordinatorMessage(Stop{}));
  EXPECT_TRUE(worker.tell(CoordinatorMessage(Order{})).empty());
  EXPECT_TRUE(worker.tell(CoordinatorMessage(FilePiece{})).empty());
  EXPECT_TRUE(worker.tell(CoordinatorMessage(ReferencesPiece{})).empty());
  EXPECT_TRUE(worker.tell(CoordinatorMessage(ReferencesElsewhere{})).empty());
}

TEST(WorkerMachine, LeavesAtOnceWhenItIsToldTo) {
  WorkerStory worker;
  const Actions leaves = worker.tell(CoordinatorMessage(Leave{}));
  EXPECT_EQ(count<SayGoodbye>(leaves), 1U);
  EXPECT_EQ(count<LeaveNow>(leaves), 1U);
  EXPECT_TRUE(worker.tell(CoordinatorMessage(Leave{})).empty());
}

TEST(WorkerMachine, GivesUpASilentRank0) {
  WorkerStory worker(seconds(32));
  EXPECT_EQ(count<GiveUp>(worker.pass_looking(seconds(32), seconds(1))), 0U);
  EXPECT_EQ(count<GiveUp>(worker.pass_looking(seconds(1), seconds(1))), 1U);
}

TEST(WorkerMachine, DoesNotGiveUpWhileRank0Speaks) {
  WorkerStory worker(seconds(32));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(count<GiveUp>(worker.pass_looking(seconds(31), seconds(1))), 0U);
    (void)worker.tell(CoordinatorMessage(StillAlive{}));
  }
}

TEST(WorkerMachine, NeverGivesUpWithoutATimeOut) {
  WorkerStory worker(seconds(0));
  EXPECT_EQ(count<GiveUp>(worker.pass_looking(seconds(100'000), seconds(1))), 0U);
}

TEST(WorkerMachine, SaysThatItIsAliveWhenItHasNothingElseToSay) {
  WorkerStory worker;
  EXPECT_EQ(count<Say>(worker.pass_looking(seconds(20), milliseconds(100))), 10U);
  (void)worker.pass_looking(milliseconds(1900), milliseconds(100));
  (void)worker.tell(ProcessorSaid{OrderResult{}});
  EXPECT_EQ(count<Say>(worker.pass_looking(milliseconds(1900), milliseconds(100))), 0U);
}

// Rank 0 waits half as long for it as it for rank 0.
TEST(WorkerMachine, SaysSoOftenEnoughWhateverTheTimeOut) {
  WorkerStory worker(2 * milliseconds(400));
  for (int i = 0; i < 20; ++i) {
    ASSERT_GE(count<Say>(worker.pass_looking(milliseconds(200), milliseconds(10))), 1U);
    (void)worker.tell(CoordinatorMessage(StillAlive{}));
  }
}

}  // namespace
}  // namespace bundle_match::machine
