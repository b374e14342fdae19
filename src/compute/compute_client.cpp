// Does what the supervisor wants done, and tells it what happens.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/compute_client.hpp"

#include "bundle_match/machine/process_supervisor.hpp"
#include "bundle_match/posix/memory_file.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "compute_process.hpp"
#include "process_channel.hpp"
#include "rank_cache.hpp"
#include "received_files.hpp"
#include "socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::compute {
namespace {

using Clock = std::chrono::steady_clock;

machine::ProcessNeeds needs_of(int exit_status) {
  switch (exit_status) {
    case kNeedsFreshProcess:
      return machine::ProcessNeeds::fresh_memory;
    case kNeedsDecoders:
      return machine::ProcessNeeds::decoders;
    default:
      return machine::ProcessNeeds::nothing;
  }
}

machine::ProcessEvent event_of(const ForkServerReply& reply) {
  if (const auto* const spawned = std::get_if<SpawnReply>(&reply)) {
    return spawned->error == 0 ? machine::ProcessEvent(machine::ProcessStarted{})
                               : machine::ProcessNotStarted{std::string("could not be forked: ") +
                                                            std::strerror(spawned->error)};
  }
  const ProcessEnd& end = std::get<ProcessEnd>(reply);
  return machine::ProcessEnded{needs_of(end.exit_status), end.describe()};
}

}  // namespace

class ComputeClient::Impl {
 public:
  Impl(ForkServer& fork_server, const Job& job)
      : fork_server_(fork_server),
        supervisor_(job.options),
        job_(make_sealed_file("job", wire::encode(job))),  // for every compute process to read
        cache_(job) {
    std::vector<machine::ProcessAction> actions;
    supervisor_.start(actions);
    perform_all(actions);
  }

  ~Impl() {
    try {
      if (channel_) {
        fork_server_.request_end();
      }
      fork_server_.forget_requests();
    } catch (const std::exception&) {
      // The fork server is gone, and the compute process with it.
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void use_references(int file) {
    references_ = reopen_for_reading(file);
    if (!references_.valid()) {
      throw std::system_error(errno, std::generic_category(), "cannot share the references");
    }
    if (channel_) {
      channel_->send_references(references_.get());
    }
    handle(machine::ReferencesGiven{});
  }

  void use_store(int memory, int disk) {
    store_.clear();
    for (const int file : {memory, disk}) {
      if (file >= 0) {
        store_.push_back(reopen_for_reading(file));
        if (!store_.back().valid()) {
          throw std::system_error(errno, std::generic_category(), "cannot share features");
        }
      }
    }
    send_store();
  }

  void use_cores(const LentCores& lent) {
    lent_ = lent;
    if (channel_) {
      channel_->send_cores(lent_);
    }
  }

  void receive(const FilePiece& piece) { files_.append(piece); }

  void submit(Order order, std::vector<StoredFeatures> stored) {
    ReceivedFiles files = order.carried ? files_.take(order.id, *order.carried) : ReceivedFiles();
    ++outstanding_;
    machine::OrderGiven event{order.id, order.work, order.deaths, order.carried.has_value(),
                              !stored.empty()};
    orders_.push_back({std::move(order), std::move(stored), std::move(files)});
    handle(std::move(event));
  }

  [[nodiscard]] std::size_t outstanding() const { return outstanding_ - waiting(); }
  [[nodiscard]] std::size_t waiting() const { return supervisor_.waiting(); }

  std::optional<ProcessorEvent> try_event() {
    if (events_.empty()) {
      look_around();
    }
    if (events_.empty()) {
      return std::nullopt;
    }
    ProcessorEvent event = std::move(events_.front());
    events_.pop_front();
    outstanding_ -= std::holds_alternative<OrderResult>(event) ? 1 : 0;
    return event;
  }

  [[nodiscard]] bool busy_behind() const { return cache_.busy(); }
  std::string take_problem() { return cache_.take_problem(); }

  void wait(std::chrono::microseconds at_most) const {
    if (!events_.empty()) {
      return;
    }
    if (const auto deadline = supervisor_.deadline()) {
      const auto left = std::chrono::ceil<std::chrono::microseconds>(*deadline - Clock::now());
      at_most = std::clamp(left, std::chrono::microseconds(0), at_most);
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
    const timespec time{seconds.count(), std::chrono::nanoseconds(at_most - seconds).count()};
    std::array<pollfd, 2> sockets{pollfd{fork_server_.socket(), POLLIN, 0}, pollfd{-1, POLLIN, 0}};
    if (channel_) {
      sockets[1].fd = channel_->socket();
      sockets[1].events = channel_->is_sending() ? POLLIN | POLLOUT : POLLIN;
    }
    ::ppoll(sockets.data(), sockets.size(), &time, nullptr);
  }

 private:
  struct Submitted {
    Order order;
    std::vector<StoredFeatures> stored;
    ReceivedFiles files;  // that it carries
  };

  [[nodiscard]] std::deque<Submitted>::iterator position_of(OrderId order) {
    const auto it =
        std::find_if(orders_.begin(), orders_.end(),
                     [order](const Submitted& submitted) { return submitted.order.id == order; });
    if (it == orders_.end()) {
      throw std::logic_error("the supervisor names an order that was not given");
    }
    return it;
  }

  void send_store() {
    if (channel_ && !store_.empty()) {
      std::vector<int> files;
      for (const UniqueFd& file : store_) {
        files.push_back(file.get());
      }
      channel_->send_store(files);
    }
  }

  void look_around() {
    if (!failure_.empty()) {
      throw std::runtime_error(failure_);
    }
    while (const auto reply = fork_server_.try_reply()) {
      handle(event_of(*reply));
    }
    if (channel_) {
      channel_->work();
    }
    while (channel_) {
      auto event = channel_->next();
      if (!event) {
        break;
      }
      handle(std::move(*event));
    }
    handle(machine::TimePassed{});
  }

  void handle(machine::ProcessEvent&& event) {
    std::vector<machine::ProcessAction> actions;
    supervisor_.handle(Clock::now(), std::move(event), actions);
    perform_all(actions);
  }

  void perform_all(std::vector<machine::ProcessAction>& actions) {
    for (machine::ProcessAction& action : actions) {
      std::visit([this](auto& it) { perform(it); }, action);
    }
    if (!failure_.empty()) {
      throw std::runtime_error(failure_);
    }
  }

  void perform(const machine::StartProcess& action) {
    if (action.with_decoders) {
      fork_server_.load_decoders();
    }
    SocketPair sockets = make_socket_pair(SOCK_STREAM);
    fork_server_.request_spawn({sockets.theirs.get(), job_.get(), references_.get()});
    channel_.emplace(std::move(sockets.ours));
    send_store();
    if (lent_.threads > 0) {
      channel_->send_cores(lent_);
    }
  }

  void perform(const machine::EndProcess& /*action*/) {
    fork_server_.request_end();
    channel_.reset();
  }

  void perform(const machine::SendOrder& action) {
    const auto submitted = position_of(action.order);
    if (!channel_) {
      throw std::logic_error("an order is to be sent to no process");
    }
    std::vector<int> files;
    for (const UniqueFd* const file : {&submitted->files.image, &submitted->files.mask}) {
      if (file->valid()) {
        files.push_back(file->get());
      }
    }
    const Order& order = submitted->order;
    channel_->send(
        {order.id, order.path, std::nullopt, order.work, action.ahead, submitted->stored}, files);
  }

  void perform(machine::DeliverReady& action) { events_.emplace_back(std::move(action.ready)); }

  void perform(machine::DeliverResult& action) {
    const auto submitted = position_of(action.result.result.order);
    cache_.take(action.result);
    closer_.close(std::move(submitted->files));
    orders_.erase(submitted);
    events_.emplace_back(std::move(action.result.result));
  }

  void perform(machine::DeliverDeath& action) { events_.emplace_back(std::move(action.death)); }

  void perform(machine::FailForGood& action) { failure_ = std::move(action.why); }

  ForkServer& fork_server_;
  machine::ProcessSupervisor supervisor_;
  UniqueFd job_;
  UniqueFd references_;
  std::vector<UniqueFd> store_;  // the file of memory, and that on disk
  LentCores lent_;
  RankCache cache_;
  FileCollector files_;
  FileCloser closer_;
  std::optional<ProcessChannel> channel_;  // to the process that there is
  std::deque<Submitted> orders_;           // without a result
  std::deque<ProcessorEvent> events_;      // to be taken
  std::size_t outstanding_ = 0;
  std::string failure_;  // why nothing can be computed any more
};

ComputeClient::ComputeClient(ForkServer& fork_server, const Job& job)
    : impl_(std::make_unique<Impl>(fork_server, job)) {}
ComputeClient::~ComputeClient() = default;

void ComputeClient::use_references(int file) { impl_->use_references(file); }
void ComputeClient::use_store(int memory, int disk) { impl_->use_store(memory, disk); }
void ComputeClient::use_cores(const LentCores& lent) { impl_->use_cores(lent); }
void ComputeClient::receive(const FilePiece& piece) { impl_->receive(piece); }
void ComputeClient::submit(Order order, std::vector<StoredFeatures> stored) {
  impl_->submit(std::move(order), std::move(stored));
}
std::size_t ComputeClient::outstanding() const { return impl_->outstanding(); }
std::size_t ComputeClient::waiting() const { return impl_->waiting(); }
std::optional<ProcessorEvent> ComputeClient::try_event() { return impl_->try_event(); }
bool ComputeClient::busy_behind() const { return impl_->busy_behind(); }
std::string ComputeClient::take_problem() { return impl_->take_problem(); }
void ComputeClient::wait(std::chrono::microseconds at_most) const { impl_->wait(at_most); }

}  // namespace bundle_match::compute
