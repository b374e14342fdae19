// Rank 0's part of bringing the references to every rank: once to each host, whose ranks share it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// A state machine: events in, messages out. The first rank of a host gets the set piece by piece,
/// each when it has the one before, so that little is under way; the host's others then open its
/// file. One that cannot (in a container of its own) gets pieces, too.
class ReferenceSharing {
 public:
  using Send = std::function<void(Rank, const ReferencesMessage&)>;

  static constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

  /// `set` is this process's file, which rank 0's host shares from the start.
  ReferenceSharing(UniqueFd set, const std::vector<std::string>& hosts, Send send);

  [[nodiscard]] int file() const { return set_.get(); }

  /// The rank has started.
  void rank_ready(Rank rank);
  /// The rank wants the next piece, or pieces at all.
  void wants_more(Rank rank);
  /// The rank has all of it.
  void has_all(Rank rank, const SharedFile& file);
  /// The rank is gone: another one of its host has to take its place.
  void rank_lost(Rank rank);

 private:
  struct Host {
    std::optional<SharedFile> file;
    Rank holder = -1;  // who has the file, or gets it now
    std::vector<Rank> waiting;
  };

  Host& host_of(Rank rank) { return hosts_[host_names_.at(static_cast<std::size_t>(rank))]; }
  void send_piece(Rank rank);

  UniqueFd set_;
  std::uint64_t size_bytes_;
  std::vector<std::string> host_names_;
  std::map<std::string, Host> hosts_;
  std::vector<std::uint64_t> sent_bytes_;  // by rank
  Send send_;
};

/// How others of this node find this process's file. Throws std::system_error.
[[nodiscard]] SharedFile share_file(int file);

}  // namespace bundle_match::app
