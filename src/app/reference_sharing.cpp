// Who gets what next.
// SPDX-License-Identifier: Apache-2.0
#include "reference_sharing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::app {

SharedFile share_file(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot share the references");
  }
  return {fmt::format("/proc/{}/fd/{}", ::getpid(), file), status.st_ino,
          static_cast<std::uint64_t>(status.st_size)};
}

ReferenceSharing::ReferenceSharing(UniqueFd set, const std::vector<std::string>& hosts, Send send)
    : set_(std::move(set)),
      host_names_(hosts),
      sent_bytes_(hosts.size(), 0),
      send_(std::move(send)) {
  const SharedFile own = share_file(set_.get());
  size_bytes_ = own.size_bytes;
  host_of(0) = {own, 0, {}};
}

void ReferenceSharing::rank_ready(Rank rank) {
  Host& host = host_of(rank);
  if (host.file) {
    ReferencesMessage message;
    message.shared = host.file;
    send_(rank, message);
  } else if (host.holder < 0) {
    host.holder = rank;
    send_piece(rank);
  } else {
    host.waiting.push_back(rank);
  }
}

void ReferenceSharing::wants_more(Rank rank) { send_piece(rank); }

void ReferenceSharing::has_all(Rank rank, const SharedFile& file) {
  Host& host = host_of(rank);
  if (host.holder != rank || host.file) {
    return;
  }
  host.file = file;
  for (const Rank waiting : std::exchange(host.waiting, {})) {
    rank_ready(waiting);
  }
}

void ReferenceSharing::rank_lost(Rank rank) {
  Host& host = host_of(rank);
  std::erase(host.waiting, rank);
  if (host.holder == rank) {
    host.holder = -1;
    host.file.reset();
    for (const Rank waiting : std::exchange(host.waiting, {})) {
      rank_ready(waiting);
    }
  }
}

void ReferenceSharing::send_piece(Rank rank) {
  std::uint64_t& sent = sent_bytes_.at(static_cast<std::size_t>(rank));
  ReferencesMessage message;
  message.piece.resize(std::min<std::uint64_t>(kPieceBytes, size_bytes_ - sent));
  std::size_t done = 0;
  while (done < message.piece.size()) {
    const ssize_t got = ::pread(set_.get(), message.piece.data() + done,
                                message.piece.size() - done, static_cast<off_t>(sent + done));
    if (got <= 0) {
      throw std::system_error(errno, std::generic_category(), "cannot read the references");
    }
    done += static_cast<std::size_t>(got);
  }
  sent += done;
  message.last = sent == size_bytes_;
  send_(rank, message);
}

}  // namespace bundle_match::app
