// The model, and the course of the run in it.
// SPDX-License-Identifier: Apache-2.0
#include "fleet.hpp"

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/locality.hpp"
#include "bundle_match/machine/run_machine.hpp"
#include "bundle_match/machine/worker_machine.hpp"

#include <algorithm>
#include <ctime>
#include <deque>
#include <queue>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace bundle_match::scale {
namespace {

using machine::Duration;
using machine::RunAction;
using machine::RunEvent;
using machine::Time;
using machine::WorkerAction;
using machine::WorkerEvent;

[[noreturn]] void fail(const std::string& why) { throw std::logic_error(why); }

void require(bool it, const char* why) {
  if (!it) {
    fail(why);
  }
}

Time at_s(double seconds) {
  return Time(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
}

double processor_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// What a message takes on the wire: what is large, and about what the rest is.
struct MessageSize {
  std::uint64_t features_bytes;

  std::uint64_t operator()(const Order& order) const {
    return 64 + order.homes.size() * sizeof(FeatureHome);
  }
  std::uint64_t operator()(const FeatureKeepers& keepers) const {
    return keepers.keepers.size() * sizeof(std::int32_t);
  }
  std::uint64_t operator()(const LacksFeatures& lacks) const {
    return lacks.homes.size() * sizeof(FeatureHome);
  }
  std::uint64_t operator()(const OrderResult& result) const {
    const auto* const match = std::get_if<MatchAnswer>(&result.answer);
    return 100 + (match != nullptr ? 12 * match->outcomes.size() : 0);
  }
  std::uint64_t operator()(const WantsFeatures& wants) const {
    return wants.homes.size() * sizeof(FeatureHome);
  }
  std::uint64_t operator()(const FeaturesCopied& copied) const {
    return copied.copies.size() * sizeof(FeatureCopy);
  }
  std::uint64_t operator()(const FeatureBytes& /*bytes*/) const { return features_bytes; }
  std::uint64_t operator()(const KeepFeatures& /*keep*/) const { return features_bytes; }
  template <class Other>
  std::uint64_t operator()(const Other& /*other*/) const {
    return 64;
  }
};

class Fleet {
 public:
  Fleet(const FleetPlan& plan, const WorkPlan& work);

  FleetReport play();

 private:
  struct ToWorker {
    CoordinatorMessage message;
  };
  struct ToPeer {
    Rank from;
    PeerMessage message;
  };
  struct Computed {
    OrderId order;
  };
  struct ToRank0 {
    RunEvent event;
  };
  struct LoseHost {};
  using What = std::variant<ToWorker, ToPeer, Computed, ToRank0, LoseHost>;
  struct Event {
    double at_s = 0;
    std::uint64_t number = 0;
    Rank rank;
    What what;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return std::pair(a.at_s, a.number) > std::pair(b.at_s, b.number);
    }
  };
  struct Submitted {
    Order order;
    std::vector<StoredFeatures> stored;
  };
  struct Worker {
    machine::WorkerMachine machine;
    std::deque<Submitted> orders;  // the first is being worked on
    std::uint64_t store_bytes = 0;
    double busy_s = 0;
    bool gone = false;
  };
  enum class Stage { none, describing, matching, over };

  void add(double at_s, Rank rank, What what);
  double arrival(Rank from, Rank to, std::uint64_t size_bytes);
  void handle(Event& event);
  void tell_worker(Rank rank, WorkerEvent event);
  void tell_rank_0(RunEvent event);
  void lose_host();
  void begin_work(Rank rank);
  void end_work(Rank rank, OrderId order);

  void carry_out(Rank rank, machine::Say& say);
  void carry_out(Rank rank, machine::SayGoodbye& say);
  void carry_out(Rank rank, machine::Submit& submit);
  void carry_out(Rank rank, machine::SendToPeer& send);
  void carry_out(Rank rank, machine::AppendFeatures& append);
  void carry_out(Rank rank, machine::ReadAndSend& read);
  void carry_out(Rank rank, machine::UseStore& use);
  template <class Other>
  void carry_out(Rank /*rank*/, Other& /*other*/) {}

  void carry_out(machine::Send& send);
  void carry_out(machine::HandOut& hand_out);
  void carry_out(machine::Keep& keep);
  void carry_out(machine::OpenStage& open);
  void carry_out(machine::FindLost& find);
  void carry_out(machine::WriteEnding& write);
  void carry_out(machine::Finish& finish);
  template <class Other>
  void carry_out(Other& /*other*/) {}

  [[nodiscard]] machine::StageOpened describing();
  [[nodiscard]] machine::StageOpened matching();
  [[nodiscard]] bool is_describing(TaskId task) const { return task >= first_describing_; }
  [[nodiscard]] ReferenceIndex described_by(TaskId task) const {
    return ReferenceIndex(static_cast<std::uint32_t>(task - first_describing_));
  }
  [[nodiscard]] FeatureHomes homes_of(TaskId task) const;

  const FleetPlan plan_;
  const WorkPlan& work_;
  const TaskId first_describing_;
  HostTable hosts_;
  std::mt19937_64 random_;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::uint64_t next_number_ = 0;
  double now_s_ = 0;
  machine::RunMachine machine_;
  double rank_0_free_s_ = 0;
  ById<Rank, Worker> workers_;
  ById<HostIndex, double> out_free_s_;
  ById<HostIndex, double> in_free_s_;

  Stage stage_ = Stage::none;
  std::vector<bool> done_;  // tasks of matching
  ById<ImageIndex, std::optional<HostIndex>> homes_;
  std::optional<double> first_order_s_;
  double last_result_s_ = 0;
  double describing_end_s_ = 0;
  double rank_0_busy_s_ = 0;
  std::optional<double> host_lost_s_;
  bool finished_ = false;
  FleetReport report_;
};

machine::RunSettings settings_of(const FleetPlan& plan) {
  machine::RunSettings settings;
  for (std::size_t rank = 0; rank < plan.ranks; ++rank) {
    settings.hosts.push_back(std::to_string(rank * plan.hosts / plan.ranks));
  }
  return settings;
}

Fleet::Fleet(const FleetPlan& plan, const WorkPlan& work)
    : plan_(plan),
      work_(work),
      first_describing_(work.task_count()),
      hosts_(settings_of(plan).hosts),
      random_(plan.seed),
      machine_(settings_of(plan), Time()),
      out_free_s_(plan.hosts),
      in_free_s_(plan.hosts),
      done_(work.task_count()),
      homes_(work.images()) {
  for (std::size_t rank = 0; rank < plan.ranks; ++rank) {
    workers_.push_back(
        {machine::WorkerMachine({Duration(), Rank(static_cast<int>(rank)), {}, false}, Time()),
         {},
         0,
         0,
         false});
  }
  report_.hosts.resize(plan.hosts);
}

FleetReport Fleet::play() {
  for (const Rank rank : workers_.ids()) {
    tell_worker(rank, machine::ProcessorReady{});
  }
  if (plan_.host_lost_at_s) {
    add(*plan_.host_lost_at_s, kRank0, LoseHost{});
  }
  while (!finished_) {
    require(!events_.empty(), "nothing happens any more");
    // The queue gives no way to move its first element out.
    Event event = std::move(const_cast<Event&>(events_.top()));
    events_.pop();
    now_s_ = event.at_s;
    ++report_.events;
    handle(event);
  }
  require(std::find(done_.begin(), done_.end(), false) == done_.end(), "a task is not done");
  const double span_s = last_result_s_ - first_order_s_.value_or(0);
  double busy_s = 0;
  double gone_s = 0;
  for (const Worker& it : workers_) {
    busy_s += it.busy_s;
    gone_s += it.gone ? last_result_s_ - host_lost_s_.value_or(0) : 0;
  }
  report_.describing_s = describing_end_s_ - first_order_s_.value_or(0);
  report_.matching_s = last_result_s_ - describing_end_s_;
  report_.busy = busy_s / (span_s * static_cast<double>(plan_.ranks) - gone_s);
  report_.rank_0_busy = rank_0_busy_s_ / span_s;
  return report_;
}

void Fleet::add(double at_s, Rank rank, What what) {
  events_.push({at_s, next_number_++, rank, std::move(what)});
}

// Both ends of the way are taken for as long as the bytes need.
double Fleet::arrival(Rank from, Rank to, std::uint64_t size_bytes) {
  const HostIndex a = hosts_.of(from);
  const HostIndex b = hosts_.of(to);
  const auto size = static_cast<double>(size_bytes);
  if (a == b) {
    return now_s_ + 5e-6 + size / plan_.memory_bytes_per_s;
  }
  report_.hosts[a.value()].bytes_out += size_bytes;
  report_.hosts[b.value()].bytes_in += size_bytes;
  const double takes_s = size / plan_.bytes_per_s;
  out_free_s_[a] = std::max(out_free_s_[a], now_s_) + takes_s;
  in_free_s_[b] = std::max(in_free_s_[b], out_free_s_[a] - takes_s) + takes_s;
  return in_free_s_[b] + plan_.latency_s;
}

void Fleet::handle(Event& event) {
  if (auto* const to_rank_0 = std::get_if<ToRank0>(&event.what)) {
    const auto* const from = std::get_if<machine::FromRank>(&to_rank_0->event);
    if (from == nullptr || !workers_[from->rank].gone) {
      tell_rank_0(std::move(to_rank_0->event));
    }
    return;
  }
  if (std::holds_alternative<LoseHost>(event.what)) {
    lose_host();
    return;
  }
  if (workers_[event.rank].gone) {
    return;
  }
  if (auto* const message = std::get_if<ToWorker>(&event.what)) {
    tell_worker(event.rank, std::move(message->message));
  } else if (auto* const peer = std::get_if<ToPeer>(&event.what)) {
    tell_worker(event.rank, machine::PeerSaid{peer->from, std::move(peer->message)});
  } else {
    end_work(event.rank, std::get<Computed>(event.what).order);
  }
}

void Fleet::tell_worker(Rank rank, WorkerEvent event) {
  std::vector<WorkerAction> actions;
  workers_[rank].machine.handle(at_s(now_s_), std::move(event), actions);
  workers_[rank].machine.handle(at_s(now_s_), machine::WorkerTick{}, actions);
  for (WorkerAction& action : actions) {
    std::visit([&](auto& it) { carry_out(rank, it); }, action);
  }
}

// Rank 0 does one thing after another.
void Fleet::tell_rank_0(RunEvent event) {
  std::vector<RunAction> actions;
  const double begin = processor_s();
  machine_.handle(at_s(now_s_), std::move(event), actions);
  report_.rank_0_real_s += processor_s() - begin;
  const double start_s = std::max(now_s_, rank_0_free_s_);
  rank_0_free_s_ = start_s + plan_.rank_0_message_s * static_cast<double>(1 + actions.size());
  rank_0_busy_s_ += rank_0_free_s_ - start_s;
  for (RunAction& action : actions) {
    std::visit([&](auto& it) { carry_out(it); }, action);
  }
}

void Fleet::lose_host() {
  const HostIndex last(plan_.hosts - 1);
  host_lost_s_ = now_s_;
  for (const Rank rank : hosts_.ranks_of(last)) {
    workers_[rank].gone = true;
    add(now_s_ + 1, kRank0, ToRank0{machine::RankDied{rank}});
  }
}

void Fleet::begin_work(Rank rank) {
  const Submitted& first = workers_[rank].orders.front();
  std::uniform_real_distribution<double> about(0.8, 1.2);
  double takes_s = plan_.describe_s * about(random_);
  if (const auto* const match = std::get_if<MatchDescribedWork>(&first.order.work)) {
    takes_s = plan_.pair_s * static_cast<double>(match->references.size());
  }
  workers_[rank].busy_s += takes_s;
  add(now_s_ + takes_s, rank, Computed{first.order.id});
}

void Fleet::end_work(Rank rank, OrderId order) {
  Worker& it = workers_[rank];
  const Submitted done = std::move(it.orders.front());
  it.orders.pop_front();
  require(done.order.id == order, "another order is being worked on");
  if (!it.orders.empty()) {
    begin_work(rank);
  }
  OrderResult result;
  result.order = order;
  if (const auto* const match = std::get_if<MatchDescribedWork>(&done.order.work)) {
    result.elapsed_ms.match =
        static_cast<float>(1000 * plan_.pair_s * static_cast<double>(match->references.size()));
    MatchAnswer answer;
    answer.outcomes.resize(match->references.size());
    result.answer = std::move(answer);
  } else {
    result.elapsed_ms.sift = static_cast<float>(1000 * plan_.describe_s);
    result.answer = DescribeAnswer{};
  }
  tell_worker(rank, machine::ProcessorSaid{std::move(result)});
}

void Fleet::carry_out(Rank rank, machine::Say& say) {
  const std::uint64_t size = std::visit(MessageSize{plan_.features_bytes}, say.message);
  const double at = arrival(rank, kRank0, size);
  add(at, kRank0, ToRank0{machine::FromRank{rank, std::move(say.message)}});
}

void Fleet::carry_out(Rank rank, machine::SayGoodbye& /*say*/) {
  add(arrival(rank, kRank0, 64), kRank0, ToRank0{machine::FromRank{rank, Goodbye{}}});
}

void Fleet::carry_out(Rank rank, machine::Submit& submit) {
  require(submit.stored.size() == submit.order.homes.size(), "an order lacks features");
  Worker& it = workers_[rank];
  it.orders.push_back({std::move(submit.order), std::move(submit.stored)});
  if (it.orders.size() == 1) {
    begin_work(rank);
  }
}

void Fleet::carry_out(Rank rank, machine::SendToPeer& send) {
  const std::uint64_t size = std::visit(MessageSize{plan_.features_bytes}, send.message);
  const double at = arrival(rank, send.to, size);
  add(at, send.to, ToPeer{rank, std::move(send.message)});
}

void Fleet::carry_out(Rank rank, machine::AppendFeatures& append) {
  const StoredFeatures stored{StoredFeatures::File::memory, workers_[rank].store_bytes,
                              plan_.features_bytes};
  workers_[rank].store_bytes += plan_.features_bytes;
  tell_worker(rank, machine::FeaturesAppended{append.number, stored});
}

void Fleet::carry_out(Rank rank, machine::ReadAndSend& read) {
  require(read.home.stored.offset < workers_[rank].store_bytes, "features that are not there");
  const double at = arrival(rank, read.to, plan_.features_bytes);
  add(at, read.to, ToPeer{rank, FeatureBytes{read.home, ""}});
}

void Fleet::carry_out(Rank rank, machine::UseStore& use) {
  tell_worker(rank, machine::StoreOpened{use.keeper, true});
}

void Fleet::carry_out(machine::Send& send) {
  const std::uint64_t size = std::visit(MessageSize{plan_.features_bytes}, send.message);
  add(std::max(rank_0_free_s_, arrival(kRank0, send.rank, size)), send.rank,
      ToWorker{std::move(send.message)});
}

void Fleet::carry_out(machine::HandOut& hand_out) {
  ++report_.orders;
  first_order_s_ = first_order_s_.value_or(now_s_);
  Order order;
  order.id = hand_out.order;
  order.work = DescribeWork{};
  if (!is_describing(hand_out.task)) {
    const Task task = work_.task(hand_out.task);
    order.work = MatchDescribedWork{reference_of(task.image), task.references};
    order.homes = homes_of(hand_out.task);
  } else if (stage_ == Stage::matching) {
    ++report_.described_again;
  }
  const std::uint64_t size = MessageSize{plan_.features_bytes}(order);
  add(std::max(rank_0_free_s_, arrival(kRank0, hand_out.rank, size)), hand_out.rank,
      ToWorker{std::move(order)});
}

FeatureHomes Fleet::homes_of(TaskId id) const {
  const Task task = work_.task(id);
  FeatureHomes homes;
  const auto add_home = [&](ReferenceIndex image) {
    const auto home = machine_.features()->find(image);
    require(home.has_value(), "an order is handed out before its images are described");
    homes.push_back(*home);
  };
  add_home(reference_of(task.image));
  for (const ReferenceIndex reference : task.references) {
    add_home(reference);
  }
  return homes;
}

void Fleet::carry_out(machine::Keep& keep) {
  last_result_s_ = now_s_;
  if (is_describing(keep.task)) {
    homes_[image_of(described_by(keep.task))] = hosts_.of(keep.rank);
  } else {
    require(!done_[keep.task.value()], "a task is kept twice");
    done_[keep.task.value()] = true;
  }
  add(now_s_ + 0.002, kRank0, ToRank0{machine::Stored{1, size_bytes(keep.result)}});
}

void Fleet::carry_out(machine::OpenStage& /*open*/) {
  RunEvent answer = machine::WorkOver{Finished{}};
  if (stage_ == Stage::none) {
    stage_ = Stage::describing;
    answer = describing();
  } else if (stage_ == Stage::describing) {
    stage_ = Stage::matching;
    describing_end_s_ = now_s_;
    answer = matching();
  } else {
    stage_ = Stage::over;
  }
  add(now_s_ + plan_.opening_s, kRank0, ToRank0{std::move(answer)});
}

machine::StageOpened Fleet::describing() {
  machine::StageOpened stage;
  for (const ImageIndex image : work_.image_ids()) {
    stage.tasks.push_back(first_describing_ + image.value());
  }
  stage.lane_starts = even_lanes(stage.tasks.size(), hosts_);
  stage.needs_references_below = first_describing_;
  stage.kept_images = machine::KeptImages{work_.images(), first_describing_};
  return stage;
}

machine::StageOpened Fleet::matching() {
  const double begin = processor_s();
  LargeVector<TaskId> tasks;
  for (const TaskId task : first_ids<TaskId>(work_.task_count())) {
    tasks.push_back(task);
  }
  LaneOrder lanes = lanes_near_features(work_, tasks, homes_, hosts_);
  report_.planning_real_s += processor_s() - begin;
  machine::StageOpened stage;
  stage.tasks = std::move(lanes.tasks);
  stage.lane_starts = std::move(lanes.starts);
  stage.needs_references_below = first_describing_;
  stage.kept_images = machine::KeptImages{work_.images(), first_describing_};
  return stage;
}

void Fleet::carry_out(machine::FindLost& find) {
  ById<ReferenceIndex, bool> needed(work_.images());
  for (const TaskId id : first_ids<TaskId>(work_.task_count())) {
    if (!done_[id.value()]) {
      const Task task = work_.task(id);
      needed[reference_of(task.image)] = true;
      for (const ReferenceIndex reference : task.references) {
        needed[reference] = true;
      }
    }
  }
  machine::LostFound found;
  for (const ReferenceIndex image : find.images) {
    if (needed[image]) {
      found.tasks.push_back(first_describing_ + image.value());
    }
  }
  add(now_s_ + 0.1, kRank0, ToRank0{std::move(found)});
}

void Fleet::carry_out(machine::WriteEnding& write) {
  add(now_s_, kRank0, ToRank0{machine::EndingWritten{write.outcome}});
}

void Fleet::carry_out(machine::Finish& /*finish*/) { finished_ = true; }

}  // namespace

FleetReport play(const FleetPlan& plan, const WorkPlan& work) { return Fleet(plan, work).play(); }

}  // namespace bundle_match::scale
