// How the set of references reaches every rank: once each host, whose ranks share it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace bundle_match::machine {

/// Pure: events in, messages out. The first rank of a host gets the set piece by piece, each when
/// it has the one before, so that little is under way; the host's others then open its file. One
/// that cannot (in a container of its own) gets pieces, too.
class ReferenceSharing {
 public:
  static constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;

  /// These bytes are to be sent to the rank.
  struct Piece {
    Rank rank;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  /// The rank is to be told that the file is there.
  struct Elsewhere {
    Rank rank;
    SharedFile file;

    friend bool operator==(const Elsewhere&, const Elsewhere&) = default;
  };
  using Message = std::variant<Piece, Elsewhere>;

  /// `set` is rank 0's file, which its host shares from the start.
  ReferenceSharing(SharedFile set, HostTable hosts);

  /// Of the set.
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

  /// The rank needs the set. To be said again does no harm: it is on its way.
  [[nodiscard]] std::vector<Message> rank_ready(Rank rank);
  /// The rank wants the piece that follows those bytes, or pieces at all. It gets each once.
  [[nodiscard]] std::vector<Message> wants_more(Rank rank, std::uint64_t received_bytes);
  /// The rank has all of it.
  [[nodiscard]] std::vector<Message> has_all(Rank rank, const SharedFile& file);
  /// The rank is gone: another one of its host has to take its place.
  [[nodiscard]] std::vector<Message> rank_lost(Rank rank);

 private:
  struct RankEntry {
    bool ready = false;
    std::uint64_t sent_bytes = 0;
  };
  struct Host {
    std::optional<SharedFile> file;
    std::optional<Rank> holder;  // who has the file, or gets it now
    std::vector<Rank> waiting;
  };

  Host& host_of(Rank rank) { return hosts_[table_.of(rank)]; }
  [[nodiscard]] std::vector<Message> serve(Rank rank);
  [[nodiscard]] std::vector<Message> serve_waiting(Host& host);
  Piece next_piece(Rank rank);

  HostTable table_;
  std::uint64_t size_bytes_;
  ById<Rank, RankEntry> ranks_;
  ById<HostIndex, Host> hosts_;
};

}  // namespace bundle_match::machine
