// The link over Boost.MPI.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "bundle_match/wire/serialization.hpp"
#include "dead_ranks.hpp"
#include "inbox.hpp"
#include "outbox.hpp"

#include <boost/mpi/collectives/gather.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/mpi/packed_iarchive.hpp>
#include <boost/serialization/vector.hpp>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <list>
#include <malloc.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bundle_match::transport {
namespace {

namespace mpi = boost::mpi;

constexpr int to_int(Tag tag) { return static_cast<int>(tag); }

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

// Rank 0's job on its way to the workers; MPI reads the bytes until all requests are done.
struct JobOnItsWay {
  std::string bytes;
  std::vector<MPI_Request> requests;

  [[nodiscard]] bool arrived() {
    std::erase_if(requests, [](MPI_Request& request) {
      int done = 0;
      return MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || done != 0;
    });
    return requests.empty();
  }
};

// Messages with files come and go all the time. What is given back, the kernel has to zero again
// page by page; in a virtual machine that takes longer than sending the file.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

template <class Message>
std::optional<Message> take_last(std::vector<Message>& messages) {
  if (messages.empty()) {
    return std::nullopt;
  }
  std::optional<Message> last(std::move(messages.back()));
  messages.pop_back();
  return last;
}

}  // namespace

class Link::Impl {
 public:
  Impl(int& argc, char**& argv) : environment(argc, argv, mpi::threading::funneled) {
    MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN);  // Boost.MPI then throws mpi::exception
    keep_freed_memory();
  }

  // Collected messages go out as one.
  void flush() {
    for (std::size_t rank = 0; rank < orders_out.size(); ++rank) {
      post_all(static_cast<Rank>(rank), Tag::order, orders_out[rank]);
    }
    post_all(0, Tag::report, reports_out);
    clear_outbox();
  }

  // MPI_Finalize goes on sending messages, whose bytes would be gone by then.
  void finish() {
    Backoff backoff;
    for (flush(); !outbox_.empty(); clear_outbox()) {
      std::this_thread::sleep_for(backoff.next());
    }
  }

  template <class Message>
  void post(Rank to, Tag tag, const Message& message) {
    outbox_.post(to, to_int(tag), message, size_of(message));
  }

  template <class Message>
  void post_all(Rank to, Tag tag, std::vector<Message>& messages) {
    if (!messages.empty()) {
      post(to, tag, messages);
      messages.clear();
    }
  }

  // Forgets the messages that have gone out.
  void clear_outbox() {
    (void)jobs_arrived();
    outbox_.clear();
  }

  [[nodiscard]] std::uint64_t unsent_bytes() const { return outbox_.unsent_bytes(); }

  // One message each, not a broadcast of MPI's, which a rank that is gone would keep from others.
  void post_job(std::string bytes) {
    JobOnItsWay& job = jobs_.emplace_back();
    job.bytes = std::move(bytes);
    for (Rank worker = 1; worker < world.size(); ++worker) {
      MPI_Request request = MPI_REQUEST_NULL;
      if (MPI_Isend(job.bytes.data(), static_cast<int>(job.bytes.size()), MPI_BYTE, worker,
                    to_int(Tag::job), world, &request) == MPI_SUCCESS) {
        job.requests.push_back(request);
      }
    }
  }

  [[nodiscard]] bool jobs_arrived() {
    std::erase_if(jobs_, [](JobOnItsWay& job) { return job.arrived(); });
    return jobs_.empty();
  }

  // Waits asleep: MPI's own wait would burn a core while rank 0 prepares. Throws
  // std::runtime_error after so many seconds; 0: never.
  [[nodiscard]] Job receive_job(double timeout_s) {
    Backoff backoff;
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
      if (const auto arrived = take_message(jobs_in_)) {
        return decode_job({arrived->bytes.data(), arrived->bytes.size()});
      }
      if (timeout_s > 0 && seconds_since(start) > timeout_s) {
        throw std::runtime_error("rank 0 is silent; this rank ends");
      }
      std::this_thread::sleep_for(backoff.next());
    }
  }

  // Who sent it; nobody if nothing has come.
  template <class Message>
  std::optional<Rank> receive(Inbox& inbox, Message& message) {
    auto arrived = take_message(inbox);
    if (!arrived) {
      return std::nullopt;
    }
    mpi::packed_iarchive packed(world, arrived->bytes);
    packed >> message;
    return arrived->from;
  }

 private:
  std::list<JobOnItsWay> jobs_;  // outlives MPI, which may be sending them still

 public:
  mpi::environment environment;
  mpi::communicator world;
  Inbox orders_inbox{world, 0, to_int(Tag::order)};
  Inbox references_inbox{world, 0, to_int(Tag::references)};
  Inbox reports_inbox{world, mpi::any_source, to_int(Tag::report)};
  std::vector<std::vector<ImageOrder>> orders_out{static_cast<std::size_t>(world.size())};
  std::vector<ImageReport> reports_out;
  // A message's contents, the next one last.
  std::vector<ImageOrder> orders_in;
  std::vector<ImageReport> reports_in;
  Rank reporter = 0;
  DeadRanks dead_ranks{world};

 private:
  Outbox outbox_{world};
  Inbox jobs_in_{world, 0, to_int(Tag::job)};

  std::optional<Inbox::Message> take_message(Inbox& inbox) {
    std::optional<Inbox::Message> message;
    (void)tolerating_dead_ranks([&] { message = inbox.try_take(); });
    return message;
  }

  static std::uint64_t size_of(const std::vector<ImageOrder>& orders) {
    std::uint64_t bytes = 0;
    for (const ImageOrder& order : orders) {
      bytes += sizeof order + order.path.size() + order.carried_bytes();
    }
    return bytes;
  }
  static std::uint64_t size_of(const std::vector<ImageReport>& reports) {
    return reports.size() * sizeof(ImageReport);
  }
  static std::uint64_t size_of(const ReferencesMessage& references) {
    return references.piece.size();
  }
};

Link::Link(int& argc, char**& argv) : impl_(std::make_unique<Impl>(argc, argv)) {}
Link::~Link() { impl_->finish(); }

Rank Link::rank() const { return impl_->world.rank(); }
int Link::size() const { return impl_->world.size(); }

int Link::ranks_on_this_node() const {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(impl_->world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  int ranks = 1;
  MPI_Comm_size(node, &ranks);
  MPI_Comm_free(&node);
  return ranks;
}

std::vector<std::string> Link::gather_hosts() const {
  std::vector<std::string> hosts;
  mpi::gather(impl_->world, host_name(), hosts, 0);
  return hosts;
}

void Link::broadcast(Job& job) {
  if (rank() != 0) {
    job = impl_->receive_job(job.rank_timeout_s * kPatienceWithRank0);
    return;
  }
  impl_->post_job(wire::encode(job));
  Backoff backoff;
  const auto start = std::chrono::steady_clock::now();
  while (job.stage == Job::Stage::over && !impl_->jobs_arrived()) {
    if (job.rank_timeout_s > 0 && seconds_since(start) > job.rank_timeout_s) {
      throw std::runtime_error("a rank was lost before the work began");
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

void Link::send(Rank worker, ImageOrder order) {
  impl_->orders_out.at(static_cast<std::size_t>(worker)).push_back(std::move(order));
}

void Link::send(Rank worker, const ReferencesMessage& references) {
  impl_->post(worker, Tag::references, references);
}

void Link::send(ImageReport report) { impl_->reports_out.push_back(std::move(report)); }

void Link::flush() { impl_->flush(); }

std::uint64_t Link::unsent_bytes() const { return impl_->unsent_bytes(); }

std::optional<ImageOrder> Link::try_receive_order() {
  std::vector<ImageOrder>& orders = impl_->orders_in;
  if (orders.empty()) {
    impl_->flush();
    (void)impl_->receive(impl_->orders_inbox, orders);
    std::reverse(orders.begin(), orders.end());
  }
  return take_last(orders);
}

std::optional<ReferencesMessage> Link::try_receive_references() {
  ReferencesMessage message;
  if (!impl_->receive(impl_->references_inbox, message)) {
    return std::nullopt;
  }
  return message;
}

bool Link::receiving_references() const { return impl_->references_inbox.receiving(); }

std::optional<ReportFrom> Link::try_receive_report() {
  std::vector<ImageReport>& reports = impl_->reports_in;
  if (reports.empty()) {
    impl_->flush();
    impl_->reporter = impl_->receive(impl_->reports_inbox, reports).value_or(impl_->reporter);
    std::reverse(reports.begin(), reports.end());
  }
  auto report = take_last(reports);
  if (!report) {
    return std::nullopt;
  }
  return ReportFrom{impl_->reporter, std::move(*report)};
}

std::vector<Rank> Link::take_failed_ranks() { return impl_->dead_ranks.take(); }

void Link::leave(int exit_code) {
  std::fflush(nullptr);
  ::_exit(exit_code);
}

void Link::abort(int exit_code) const {
  MPI_Abort(impl_->world, exit_code);
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
