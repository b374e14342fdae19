// The link over Boost.MPI.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "bundle_match/wire/serialization.hpp"

#include <boost/mpi/collectives/gather.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <mpi.h>

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace bundle_match::transport {
namespace {

namespace mpi = boost::mpi;

constexpr int to_int(Tag tag) { return static_cast<int>(tag); }

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// MPI_Bcast, but waiting asleep: MPI's own wait would burn a core while rank 0 prepares.
void sleeping_broadcast(void* data, int count, MPI_Comm communicator) {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibcast(data, count, MPI_BYTE, 0, communicator, &request);
  Backoff backoff;
  for (int done = 0;;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) {
      return;
    }
    std::this_thread::sleep_for(backoff.next());
  }
}

}  // namespace

class Link::Impl {
 public:
  Impl(int& argc, char**& argv) : environment(argc, argv, mpi::threading::funneled) {}

  mpi::environment environment;
  mpi::communicator world;
};

Link::Link(int& argc, char**& argv) : impl_(std::make_unique<Impl>(argc, argv)) {}
Link::~Link() = default;

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

void Link::broadcast(Job& job) const {
  std::string bytes = rank() == 0 ? wire::encode(job) : std::string();
  if (bytes.size() > std::numeric_limits<int>::max()) {
    throw std::runtime_error("the reference has too many descriptors to broadcast");
  }
  std::uint64_t size = bytes.size();
  sleeping_broadcast(&size, sizeof size, impl_->world);
  bytes.resize(size);
  sleeping_broadcast(bytes.data(), static_cast<int>(size), impl_->world);
  if (rank() != 0) {
    // The version stands first, in every version: it can be read when nothing else can.
    std::uint32_t version = 0;
    bytes.copy(reinterpret_cast<char*>(&version), sizeof version);
    if (version != kProtocolVersion) {
      throw std::runtime_error("rank 0 runs another version of bundle_match than this rank on " +
                               host_name());
    }
    job = wire::decode<Job>(bytes);
  }
}

void Link::send(Rank worker, const ImageOrder& order) const {
  impl_->world.send(worker, to_int(Tag::order), order);
}

void Link::send(const ImageReport& report) const {
  impl_->world.send(0, to_int(Tag::report), report);
}

std::optional<ImageOrder> Link::try_receive_order() const {
  if (!impl_->world.iprobe(0, to_int(Tag::order))) {
    return std::nullopt;
  }
  ImageOrder order;
  impl_->world.recv(0, to_int(Tag::order), order);
  return order;
}

std::optional<ReportFrom> Link::try_receive_report() const {
  const auto status = impl_->world.iprobe(mpi::any_source, to_int(Tag::report));
  if (!status) {
    return std::nullopt;
  }
  ReportFrom from;
  from.rank = status->source();
  impl_->world.recv(from.rank, to_int(Tag::report), from.report);
  return from;
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
