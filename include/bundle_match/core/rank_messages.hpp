// The messages between ranks. How they become bytes is the business of wire/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/core_set.hpp"
#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/core/work.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match {

/// Files that travel with an order, in pieces ahead of it: the rank then does not look for the
/// path.
struct CarriedFiles {
  bool mask = false;  ///< beside the image

  friend bool operator==(const CarriedFiles&, const CarriedFiles&) = default;
};

/// Rank 0 -> worker: bytes of a file that an order carries, which follows. The pieces of a file
/// come one after another, those of an empty one are one that is empty.
struct FilePiece {
  enum class File : std::uint8_t { image = 0, mask = 1 };

  OrderId order;
  File file = File::image;
  std::string bytes;

  friend bool operator==(const FilePiece&, const FilePiece&) = default;
};

[[nodiscard]] constexpr FilePiece::File last_value(FilePiece::File /*any*/) {
  return FilePiece::File::mask;
}

/// Rank 0 -> worker: work on an image.
struct Order {
  OrderId id;
  std::string path;  ///< bytes, as the user gave them
  /// Compute processes that died of this image in earlier runs. If not 0, it is a suspect: it is
  /// computed alone in its process, and one more death is final.
  std::uint32_t deaths = 0;
  std::optional<CarriedFiles> carried;
  Work work;
  /// Where the features of images are that the work takes from the hosts' stores, as
  /// images_needed_by() names them; none: they are in the set of references.
  FeatureHomes homes = {};

  friend bool operator==(const Order&, const Order&) = default;
};

/// A file that a process holds open, of memory or without a name: others of its node can open it by
/// that path. Inode and size tell whether it is the one that is meant: paths are not the same in
/// every container.
struct SharedFile {
  std::string path;  ///< "/proc/PID/fd/N"
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;

  friend bool operator==(const SharedFile&, const SharedFile&) = default;
};

/// Rank 0 -> worker: bytes of the set of references (features/feature_set.hpp).
struct ReferencesPiece {
  std::uint64_t offset = 0;  ///< in the set
  std::string bytes;
  std::uint64_t set_bytes = 0;  ///< of the whole set

  friend bool operator==(const ReferencesPiece&, const ReferencesPiece&) = default;
};

/// Rank 0 -> worker: a process of this node has the set of references.
struct ReferencesElsewhere {
  SharedFile file;

  friend bool operator==(const ReferencesElsewhere&, const ReferencesElsewhere&) = default;
};

/// Both ways: nothing new, but the sender still runs.
struct StillAlive {
  friend bool operator==(const StillAlive&, const StillAlive&) = default;
};

/// Rank 0 -> worker: there is no more work; say goodbye, and wait for one of the two that follow.
struct Stop {
  friend bool operator==(const Stop&, const Stop&) = default;
};

/// Rank 0 -> worker: every rank has said goodbye; finalize MPI.
struct Finalize {
  friend bool operator==(const Finalize&, const Finalize&) = default;
};

/// Rank 0 -> worker: ranks were lost; say goodbye and leave without MPI_Finalize, which would wait
/// for them.
struct Leave {
  friend bool operator==(const Leave&, const Leave&) = default;
};

/// Rank 0 -> worker: from now on it may use so many threads beside its own, on cores of ranks of
/// its host that have nothing to do.
struct LentCores {
  std::uint32_t threads = 0;
  CoreSet cores;

  friend bool operator==(const LentCores&, const LentCores&) = default;
};

/// Rank 0 -> worker: who keeps the features of each rank's host (core/peer_messages.hpp): nobody,
/// if no rank is left there. Who did before and does not any more is lost.
struct FeatureKeepers {
  std::uint32_t number = 0;                  ///< of the changes: one with a smaller is out of date
  std::vector<std::optional<Rank>> keepers;  ///< by rank

  friend bool operator==(const FeatureKeepers&, const FeatureKeepers&) = default;
};

/// Rank 0 -> worker: that rank waits for its Greeting.
struct Greet {
  Rank rank;

  friend bool operator==(const Greet&, const Greet&) = default;
};

/// Rank 0 -> worker.
using CoordinatorMessage =
    std::variant<Order, ReferencesPiece, ReferencesElsewhere, StillAlive, Stop, Finalize, Leave,
                 FilePiece, LentCores, FeatureKeepers, Greet>;

/// Worker -> rank 0: it has started, and asks for work.
struct Hello {
  std::string kernel;   ///< matching kernel that its compute process uses
  std::string sift;     ///< kernels of SIFT, or "opencv"
  std::string place;    ///< the cores it may use, and the CPU's model
  std::string warning;  ///< for the user, about how it computes; empty: none
  CoreSet cores;        ///< that it may use; empty: not known

  friend bool operator==(const Hello&, const Hello&) = default;
};

/// Worker -> rank 0: it wants the piece of the references that follows those bytes; it cannot open
/// those of another process.
struct WantsReferences {
  std::uint64_t received_bytes = 0;

  friend bool operator==(const WantsReferences&, const WantsReferences&) = default;
};

/// Worker -> rank 0: it has all references, in this file.
struct HasReferences {
  SharedFile file;

  friend bool operator==(const HasReferences&, const HasReferences&) = default;
};

/// Worker -> rank 0: of all orders that it has, so many, the images are described; it cannot go on
/// until there are references.
struct WaitsForReferences {
  std::uint32_t orders = 0;

  friend bool operator==(const WaitsForReferences&, const WaitsForReferences&) = default;
};

/// Worker -> rank 0: it waits for a Greeting of that rank.
struct WantsGreeting {
  Rank of;

  friend bool operator==(const WantsGreeting&, const WantsGreeting&) = default;
};

/// Worker -> rank 0: it cannot do the order, as these features are lost.
struct LacksFeatures {
  OrderId order;
  FeatureHomes homes;

  friend bool operator==(const LacksFeatures&, const LacksFeatures&) = default;
};

/// Worker -> rank 0: it cannot open the files of that keeper (it is in a container of its own), and
/// keeps features for itself from now on.
struct CannotShareFeatures {
  Rank keeper;

  friend bool operator==(const CannotShareFeatures&, const CannotShareFeatures&) = default;
};

/// Worker -> rank 0: there is no room for the features of its host.
struct CannotKeepFeatures {
  std::string why;

  friend bool operator==(const CannotKeepFeatures&, const CannotKeepFeatures&) = default;
};

/// Worker -> rank 0: it leaves, as it was told to.
struct Goodbye {
  std::string problem;         ///< not of an image (features that could not be cached); empty: none
  float longest_pause_ms = 0;  ///< that its loop has made

  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

/// Worker -> rank 0.
using WorkerMessage = std::variant<Hello, OrderResult, ProcessDied, StillAlive, WantsReferences,
                                   HasReferences, Goodbye, WaitsForReferences, WantsGreeting,
                                   LacksFeatures, CannotKeepFeatures, CannotShareFeatures>;

/// Version of every message between ranks; ranks of different versions refuse to work together.
inline constexpr std::uint32_t kProtocolVersion = 14;

/// Rank 0 -> every rank, before any other message.
struct Job {
  enum class Stage : std::uint8_t {
    working = 0,  ///< orders follow
    over = 1,     ///< there is nothing to do: the rank ends
  };

  std::uint32_t protocol_version = kProtocolVersion;  ///< first: read before the rest
  Stage stage = Stage::working;
  std::uint32_t ranks = 1;
  double rank_timeout_s = 30;  ///< silence after which a rank is taken for lost; 0: never
  MatchOptions options;
  /// Rank 0 chooses pairs, or exports, by features: it is sent those that hosts keep, too.
  bool rank_0_takes_features = false;

  friend bool operator==(const Job&, const Job&) = default;
};

[[nodiscard]] constexpr Job::Stage last_value(Job::Stage /*any*/) { return Job::Stage::over; }

}  // namespace bundle_match
