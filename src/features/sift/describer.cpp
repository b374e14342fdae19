// Descriptors from kept layers and from streams.
// SPDX-License-Identifier: Apache-2.0
#include "describer.hpp"

#include <algorithm>
#include <cmath>

namespace bundle_match::features::sift {
namespace {

int row_of(const DescriptorJob& job) { return static_cast<int>(std::nearbyint(job.site.y)); }

}  // namespace

Describer::Describer(const Plan& plan, const KernelTable& kernels)
    : plan_(plan), kernels_(kernels), stream_(plan, kernels) {}

void Describer::describe_kept(const OctaveTask& task, std::span<const DescriptorJob> jobs) {
  const Size& size = task.source.size;
  for (const DescriptorJob& job : jobs) {
    const int centre = row_of(job);
    const int first = std::max(centre - plan_.descriptor_reach(), 0);
    const int last = std::min(centre + plan_.descriptor_reach(), size.height - 1);
    window_rows_.clear();
    for (int y = first; y <= last; ++y) {
      window_rows_.push_back(task.kept.row(job.layer, y));
    }
    kernels_.describe({window_rows_.data(), first, 0, size.width, size.height}, job.site, job.out);
  }
}

void Describer::describe_strip(const OctaveTask& task, const Area& area, std::span<const DescriptorJob* const> jobs) {
  const Size& size = task.source.size;
  const int reach = plan_.descriptor_reach();
  StreamRequest request;
  request.area = {std::max(area.x0 - reach, 0), std::min(area.x1 + reach, size.width),
                  std::max(row_of(*jobs.front()) - reach, 0), std::min(row_of(*jobs.back()) + reach + 1, size.height)};
  request.top = plan_.layers();
  request.kept_rows = 2 * reach + 1;
  arena_.reset();
  stream_.start(task.source, request, nullptr, arena_);
  for (const DescriptorJob* job : jobs) {
    const int centre = row_of(*job);
    stream_.advance(centre + reach + 1);
    const int first = std::max(centre - reach, request.area.y0);
    const int last = std::min(centre + reach, request.area.y1 - 1);
    window_rows_.clear();
    stream_.append_rows(job->layer, first, last, stream_.area(job->layer).x0, window_rows_);
    kernels_.describe({window_rows_.data(), first, stream_.area(job->layer).x0, size.width, size.height}, job->site,
                      job->out);
  }
}

}  // namespace bundle_match::features::sift
