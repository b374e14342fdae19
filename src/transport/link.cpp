// The link over MPI: batches of messages, the job, and what the ranks know of each other.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"

#include "batches.hpp"
#include "bundle_match/core/backoff.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "dead_ranks.hpp"
#include "inbox.hpp"
#include "mpi_rank.hpp"
#include "outbox.hpp"
#include "tags.hpp"

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <mpi.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <malloc.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bundle_match::transport {
namespace {

namespace mpi = boost::mpi;

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Job decode_job(std::string_view bytes) {
  // The version stands first, in every version: it can be read when nothing else can.
  std::uint32_t version = 0;
  bytes.copy(reinterpret_cast<char*>(&version), sizeof version);
  if (version != kProtocolVersion) {
    throw std::runtime_error("rank 0 runs another version of bundle_match than this rank on " +
                             host_name());
  }
  return wire::decode<Job>(bytes);
}

// Messages with files come and go all the time. What is given back, the kernel has to zero again
// page by page; in a virtual machine that takes longer than sending the file.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

}  // namespace

class Link::Impl {
 public:
  Impl(int& argc, char**& argv) : environment_(argc, argv, mpi::threading::funneled) {
    MPI_Comm_set_errhandler(world_, MPI_ERRORS_RETURN);
    keep_freed_memory();
  }

  template <class Message>
  void send(Rank to, const Message& message) {
    batches_.add(to, message);
  }

  void send_to_peer(Rank to, const PeerMessage& message) { to_peers_.add(to, message); }

  void flush() {
    batches_.post_all();
    to_peers_.post_all();
    outbox_.clear();
  }

  // Not a collective of MPI's, in which ranks connect to each other at the same time: over TCP,
  // Open MPI 4 then now and then drops both connections, or crashes. Here rank 0 answers on those
  // of the others.
  [[nodiscard]] Hosts gather_hosts(double timeout_s) {
    Hosts hosts;
    const std::string own = host_name();
    if (rank() != kRank0) {
      outbox_.post(world_, kRank0, kTagOfHosts, std::make_shared<const std::string>(own));
      hosts.ranks_here = std::stoi(std::string(wait_for(hosts_, timeout_s, kRank0IsSilent).view()));
      return hosts;
    }
    const std::string missing =
        "not all ranks have answered within " + std::to_string(std::lround(timeout_s)) +
        " s of their start (--rank-timeout); one of them has ended, or cannot be reached";
    std::map<std::string, int> ranks_of{{own, 1}};
    hosts.names = ById<Rank, std::string>(size(), own);
    for (std::size_t answers = 1; answers < size(); ++answers) {
      const Inbox::Message name = wait_for(hosts_, timeout_s, missing);
      hosts.names.at(name.from) = name.view();
      ++ranks_of[hosts.names.at(name.from)];
    }
    for (const Rank worker : worker_ranks(size())) {
      outbox_.post(
          world_, worker, kTagOfHosts,
          std::make_shared<const std::string>(std::to_string(ranks_of.at(hosts.names.at(worker)))));
    }
    hosts.ranks_here = ranks_of.at(own);
    return hosts;
  }

  // One message each, not a broadcast of MPI's, which a rank that is gone would keep from others.
  void post_job(const Job& job) {
    const auto bytes = std::make_shared<const std::string>(wire::encode(job));
    for (const Rank worker : worker_ranks(size())) {
      outbox_.post(world_, worker, kTagOfJob, bytes);
    }
  }

  // Throws std::runtime_error after so many seconds; 0: never.
  [[nodiscard]] Job receive_job(double timeout_s) {
    return decode_job(wait_for(jobs_, timeout_s, kRank0IsSilent).view());
  }

  // MPI_Finalize goes on sending messages, but a rank that waits in it receives none. Of a worker,
  // all that matters has arrived, or rank 0 would not have told it to finalize; and rank 0 may be
  // gone: with some launchers MPI_Finalize waits for nobody.
  void finish() {
    constexpr double kMostOfWorker_s = 1;
    Backoff backoff;
    const auto start = std::chrono::steady_clock::now();
    for (flush(); !all_gone();) {
      if (rank() != kRank0 && seconds_since(start) > kMostOfWorker_s) {
        return;
      }
      std::this_thread::sleep_for(backoff.next());
    }
  }

  [[nodiscard]] bool all_gone() {
    outbox_.clear();
    return outbox_.empty();
  }

  void forget(Rank worker) {
    batches_.drop(worker);
    to_peers_.drop(worker);
    outbox_.forget(worker);
    from_workers_.forget(worker);
    from_peers_.forget(worker);
    if (arrived_ && arrived_->from == worker) {
      arrived_.reset();
    }
  }

  [[nodiscard]] std::uint64_t unsent_bytes() const {
    return batches_.bytes() + to_peers_.bytes() + outbox_.unsent_bytes();
  }

  [[nodiscard]] std::optional<FromPeer> try_receive_from_peer() {
    if (peer_left_.empty()) {
      flush();
      peer_arrived_ = from_peers_.try_take(world_);
      peer_left_ = peer_arrived_ ? peer_arrived_->view() : std::string_view();
    }
    if (peer_left_.empty()) {
      return std::nullopt;
    }
    try {
      return FromPeer{peer_arrived_->from, wire::take_first<PeerMessage>(peer_left_)};
    } catch (const wire::DecodeError&) {
      peer_left_ = {};
      return std::nullopt;
    }
  }

  // Whether a message is here, and who sent it. Sends what is collected first.
  [[nodiscard]] std::optional<Rank> look() {
    if (!arrived_) {
      flush();
      arrived_ = (rank() == kRank0 ? from_workers_ : from_rank0_).try_take(world_);
      left_ = arrived_ ? arrived_->view() : std::string_view();
    }
    return arrived_ ? std::optional(arrived_->from) : std::nullopt;
  }

  // The message that is here. Throws wire::DecodeError if it is none; what came with it is then
  // lost, too.
  template <class Message>
  [[nodiscard]] Message take() {
    try {
      auto message = wire::take_first<Message>(left_);
      if (left_.empty()) {
        arrived_.reset();
      }
      return message;
    } catch (const wire::DecodeError&) {
      arrived_.reset();
      throw;
    }
  }

  [[nodiscard]] std::vector<Rank> take_failed_ranks() { return dead_ranks_.take(world_); }
  [[nodiscard]] const mpi::communicator& world() const { return world_; }
  [[nodiscard]] Rank rank() const { return rank_of_mpi(world_.rank()); }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(world_.size()); }

 private:
  static constexpr const char* kRank0IsSilent = "rank 0 is silent; this rank ends";

  // Waits asleep: MPI's own wait would burn a core while rank 0 prepares, and never ends if a rank
  // is gone. Throws std::runtime_error with `otherwise` after so many seconds; 0: never.
  [[nodiscard]] Inbox::Message wait_for(Inbox& inbox, double timeout_s,
                                        const std::string& otherwise) {
    Backoff backoff;
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
      if (auto arrived = inbox.try_take(world_)) {
        return std::move(*arrived);
      }
      if (timeout_s > 0 && seconds_since(start) > timeout_s) {
        throw std::runtime_error(otherwise);
      }
      std::this_thread::sleep_for(backoff.next());
    }
  }

  // What MPI reads and writes until it is finalized, which the environment does: it comes first.
  DeadRanks dead_ranks_;
  Outbox outbox_{dead_ranks_};
  Inbox from_workers_{std::nullopt, kTagToRank0, dead_ranks_};
  Inbox from_rank0_{kRank0, kTagToWorker, dead_ranks_};
  Inbox jobs_{kRank0, kTagOfJob, dead_ranks_};
  Inbox hosts_{std::nullopt, kTagOfHosts, dead_ranks_};
  Inbox from_peers_{std::nullopt, kTagOfPeers, dead_ranks_};
  mpi::environment environment_;
  mpi::communicator world_;

  Batches batches_{outbox_, world_, size(), rank() == kRank0 ? kTagToWorker : kTagToRank0};
  Batches to_peers_{outbox_, world_, size(), kTagOfPeers};
  std::optional<Inbox::Message> arrived_;
  std::string_view left_;  // of it
  std::optional<Inbox::Message> peer_arrived_;
  std::string_view peer_left_;
};

Link::Link(int& argc, char**& argv) : impl_(std::make_unique<Impl>(argc, argv)) {}

Link::~Link() {
  try {
    impl_->finish();
  } catch (const LinkError&) {
    // Who would have received it misses it.
  }
}

Rank Link::rank() const { return impl_->rank(); }
std::size_t Link::size() const { return impl_->size(); }

Hosts Link::gather_hosts(double timeout_s) { return impl_->gather_hosts(timeout_s); }

void Link::broadcast(Job& job) {
  if (rank() != kRank0) {
    job = impl_->receive_job(job.rank_timeout_s * kPatienceWithRank0);
    return;
  }
  impl_->post_job(job);
  Backoff backoff;
  const auto start = std::chrono::steady_clock::now();
  while (job.stage == Job::Stage::over && !impl_->all_gone()) {
    if (job.rank_timeout_s > 0 && seconds_since(start) > job.rank_timeout_s) {
      throw std::runtime_error("a rank was lost before the work began");
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

void Link::send(Rank worker, const CoordinatorMessage& message) { impl_->send(worker, message); }
void Link::send(const WorkerMessage& message) { impl_->send(kRank0, message); }

void Link::send_to_peer(Rank peer, const PeerMessage& message) {
  impl_->send_to_peer(peer, message);
}

void Link::flush() { impl_->flush(); }

std::uint64_t Link::unsent_bytes() const { return impl_->unsent_bytes(); }

std::optional<CoordinatorMessage> Link::try_receive() {
  if (!impl_->look()) {
    return std::nullopt;
  }
  try {
    return impl_->take<CoordinatorMessage>();
  } catch (const wire::DecodeError& error) {
    throw std::runtime_error(std::string("rank 0 sent what is no message: ") + error.what());
  }
}

std::optional<FromWorker> Link::try_receive_from_worker() {
  const std::optional<Rank> worker = impl_->look();
  if (!worker) {
    return std::nullopt;
  }
  try {
    return FromWorker{*worker, impl_->take<WorkerMessage>()};
  } catch (const wire::DecodeError& error) {
    return FromWorker{*worker, Malformed{error.what()}};
  }
}

std::optional<FromPeer> Link::try_receive_from_peer() { return impl_->try_receive_from_peer(); }

void Link::forget(Rank worker) { impl_->forget(worker); }

std::vector<Rank> Link::take_failed_ranks() { return impl_->take_failed_ranks(); }

void Link::leave(int exit_code) {
  std::fflush(nullptr);
  ::_exit(exit_code);
}

void Link::abort(int exit_code) const {
  MPI_Abort(impl_->world(), exit_code);
  ::_exit(exit_code);
}

std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int size = 0;
  MPI_Get_library_version(text.data(), &size);
  const std::string version(text.data(), static_cast<std::size_t>(size));
  return version.substr(0, version.find_first_of(",\n"));
}

}  // namespace bundle_match::transport
