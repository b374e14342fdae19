// The link between ranks: typed messages over MPI. All calls come from the main thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/scheduler.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::transport {

/// One per kind of message; only the link turns it into MPI's int.
enum class Tag : int { order = 1, report = 2, job = 3, references = 4 };

/// Rank 0 may be busy at its journal when a worker is not: it is given more time.
inline constexpr int kPatienceWithRank0 = 2;

struct ReportFrom {
  Rank rank = 0;
  ImageReport report;
};

/// Initializes MPI and finalizes it, when all that was sent has been received. One per process. A
/// message to or from a rank that is gone does not end the job: where MPI can tell (ULFM),
/// take_failed_ranks() does.
class Link {
 public:
  Link(int& argc, char**& argv);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] Rank rank() const;
  [[nodiscard]] int size() const;
  /// Ranks of this job that share this rank's memory, itself included.
  [[nodiscard]] int ranks_on_this_node() const;

  /// Collective: every rank's host name, by rank, on rank 0; empty elsewhere.
  [[nodiscard]] std::vector<std::string> gather_hosts() const;

  /// Rank 0's job reaches all. The others sleep until it comes. If it is over, rank 0 returns when
  /// all have it, for they may finalize MPI then; else at once, and a rank that is gone by now is
  /// missed later. Throws std::runtime_error on rank 0 if one does not take it within the job's
  /// rank time-out, and on the others if rank 0 runs another version or was not heard of for
  /// kPatienceWithRank0 times that.
  void broadcast(Job& job);

  /// Both return at once. What is sent between two looks for messages goes out together, with the
  /// next look or flush(), by and by, while the link is used.
  /// Rank 0 -> worker. To a worker that is gone it does nothing.
  void send(Rank worker, ImageOrder order);
  void send(Rank worker, const ReferencesMessage& references);
  /// Worker -> rank 0.
  void send(ImageReport report);
  void flush();
  /// Bytes of messages that have not wholly gone out yet.
  [[nodiscard]] std::uint64_t unsent_bytes() const;

  /// On a worker: the next order, if one has come; never waits.
  [[nodiscard]] std::optional<ImageOrder> try_receive_order();
  /// On a worker: the next piece of the references, if one has come; never waits.
  [[nodiscard]] std::optional<ReferencesMessage> try_receive_references();
  /// Whether a piece has begun to come in: the worker must not end before it is whole.
  [[nodiscard]] bool receiving_references() const;
  /// On rank 0: the next report, if one has come; never waits.
  [[nodiscard]] std::optional<ReportFrom> try_receive_report();

  /// On rank 0: ranks that MPI reported dead since the last call; only an MPI with ULFM can tell.
  [[nodiscard]] std::vector<Rank> take_failed_ranks();

  /// Ends this process without MPI_Finalize, which would wait for ranks that are gone.
  [[noreturn]] static void leave(int exit_code);

  /// Ends all ranks at once with this exit code; for broken invariants.
  [[noreturn]] void abort(int exit_code) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The MPI library's name and version, e.g. "Open MPI v4.1.4"; may be called without a Link.
[[nodiscard]] std::string mpi_version();

}  // namespace bundle_match::transport
