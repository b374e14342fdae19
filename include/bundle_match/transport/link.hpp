// The link between ranks: typed messages over MPI. All calls come from the main thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::transport {

/// Rank 0 may be busy at its journal when a worker is not: it is given more time.
inline constexpr int kPatienceWithRank0 = 2;

/// MPI failed, and not because a rank is gone.
class LinkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Bytes from a rank that are none of the messages it may send, or one with values that none has.
struct Malformed {
  std::string why;
};

struct FromWorker {
  Rank rank;
  std::variant<WorkerMessage, Malformed> message;
};

struct FromPeer {
  Rank rank;
  PeerMessage message;
};

struct Hosts {
  ById<Rank, std::string> names;  ///< of all ranks on rank 0; empty elsewhere
  int ranks_here = 1;             ///< ranks on this rank's host, itself included
};

/// Initializes MPI and finalizes it, when all that was sent has been received. One per process. A
/// message to or from a rank that is gone does not end the job: where MPI can tell,
/// take_failed_ranks() does. Whatever sends or receives throws LinkError if MPI fails for another
/// reason, or a message is longer than it takes (2 GiB).
class Link {
 public:
  Link(int& argc, char**& argv);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] Rank rank() const;
  /// How many ranks there are.
  [[nodiscard]] std::size_t size() const;

  /// Who is where, once all ranks have called this; before anything else is sent. Throws
  /// std::runtime_error if nothing is heard for so many seconds; 0: waits for ever.
  [[nodiscard]] Hosts gather_hosts(double timeout_s);

  /// Rank 0's job reaches all. The others sleep until it comes. If it is over, rank 0 returns when
  /// all have it, for they may finalize MPI then; else at once, and a rank that is gone by now is
  /// missed later. Throws std::runtime_error on rank 0 if one does not take it within the job's
  /// rank time-out, and on the others if rank 0 runs another version or was not heard of for
  /// kPatienceWithRank0 times that.
  void broadcast(Job& job);

  /// Both return at once. What is sent between two looks for messages goes out together, with the
  /// next look or flush(), by and by, while the link is used; messages to a rank arrive in the
  /// order in which they were sent. Rank 0 -> worker. To a worker that is gone it does nothing.
  void send(Rank worker, const CoordinatorMessage& message);
  /// Worker -> rank 0.
  void send(const WorkerMessage& message);
  /// From any rank to any other, likewise; the smaller one of two speaks first (Greeting).
  void send_to_peer(Rank peer, const PeerMessage& message);
  void flush();
  /// Bytes of messages that have not wholly gone out yet.
  [[nodiscard]] std::uint64_t unsent_bytes() const;

  /// On a worker: the next message of rank 0, if one has come; never waits. Throws
  /// std::runtime_error if rank 0 sends what is no message.
  [[nodiscard]] std::optional<CoordinatorMessage> try_receive();
  /// On rank 0: the next message of a worker, if one has come; never waits.
  [[nodiscard]] std::optional<FromWorker> try_receive_from_worker();

  /// The next message of another rank about features, if one has come; never waits. What is none is
  /// left out, with what came with it: its sender may have gone mad, which rank 0 finds out.
  [[nodiscard]] std::optional<FromPeer> try_receive_from_peer();

  /// On rank 0: the worker is lost. What has not gone out to it is dropped and counts no more, and
  /// so is what is sent to it from now on; what it has sent is not received any more.
  void forget(Rank worker);

  /// On rank 0: ranks that are gone, each once: what an MPI with ULFM says, and those a message to
  /// or from which failed. Without ULFM, messages of a rank that is gone mostly do not fail, but
  /// stay under way.
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
