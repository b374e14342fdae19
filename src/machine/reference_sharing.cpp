// Who gets which part of the references next.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/reference_sharing.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bundle_match::machine {

ReferenceSharing::ReferenceSharing(SharedFile set, HostTable hosts)
    : table_(std::move(hosts)),
      size_bytes_(set.size_bytes),
      ranks_(table_.ranks()),
      hosts_(table_.size()) {
  host_of(kRank0) = {std::move(set), kRank0, {}};
}

std::vector<ReferenceSharing::Message> ReferenceSharing::rank_ready(Rank rank) {
  return std::exchange(ranks_.at(rank).ready, true) ? std::vector<Message>{} : serve(rank);
}

std::vector<ReferenceSharing::Message> ReferenceSharing::serve(Rank rank) {
  Host& host = host_of(rank);
  if (host.file) {
    return {Elsewhere{rank, *host.file}};
  }
  if (!host.holder) {
    host.holder = rank;
    return {next_piece(rank)};
  }
  host.waiting.push_back(rank);
  return {};
}

std::vector<ReferenceSharing::Message> ReferenceSharing::wants_more(Rank rank,
                                                                    std::uint64_t received_bytes) {
  if (received_bytes != ranks_.at(rank).sent_bytes) {
    return {};  // said a second time: the piece is under way
  }
  return {next_piece(rank)};
}

std::vector<ReferenceSharing::Message> ReferenceSharing::has_all(Rank rank,
                                                                 const SharedFile& file) {
  Host& host = host_of(rank);
  if (host.holder != rank || host.file) {
    return {};
  }
  host.file = file;
  return serve_waiting(host);
}

std::vector<ReferenceSharing::Message> ReferenceSharing::rank_lost(Rank rank) {
  Host& host = host_of(rank);
  std::erase(host.waiting, rank);
  if (host.holder != rank) {
    return {};
  }
  host.holder.reset();
  host.file.reset();
  return serve_waiting(host);
}

std::vector<ReferenceSharing::Message> ReferenceSharing::serve_waiting(Host& host) {
  std::vector<Message> messages;
  for (const Rank waiting : std::exchange(host.waiting, {})) {
    auto more = serve(waiting);
    std::move(more.begin(), more.end(), std::back_inserter(messages));
  }
  return messages;
}

ReferenceSharing::Piece ReferenceSharing::next_piece(Rank rank) {
  std::uint64_t& sent = ranks_.at(rank).sent_bytes;
  const std::uint64_t offset = sent;
  sent = std::min(offset + kPieceBytes, size_bytes_);
  return {rank, offset, sent - offset};
}

}  // namespace bundle_match::machine
