// Computes descriptors from kept layers and from streams.
// SPDX-License-Identifier: Apache-2.0
#include "describer.hpp"

#include <algorithm>
#include <cassert>

namespace bundle_match::features::sift {
void want_jobs(const PyramidPlan& plan, std::span<const DescriptorJob> jobs, const Size& size,
               WantedTiles& wanted) {
  wanted.reset(size, 0);
  for (const DescriptorJob& job : jobs) {
    const int reach = plan.descriptor_reach(job.site.scale);
    const int x = job.column(), y = job.row();
    wanted.add(job.layer, {x - reach, x + reach + 1, y - reach, y + reach + 1});
  }
}

Describer::Describer(const PyramidPlan& plan, const KernelTable& kernels)
    : plan_(plan), kernels_(kernels), stream_(plan, kernels) {}

void Describer::add(const DescriptorJob& job, const Window& window) {
  windows_[waiting_] = window;
  sites_[waiting_] = job.site;
  outs_[waiting_] = job.out;
  if (++waiting_ == kSites) {
    flush();
  }
}

void Describer::flush() {
  if (waiting_ > 0) {
    kernels_.describe(windows_, sites_, outs_, waiting_);
    waiting_ = 0;
  }
}

bool Describer::holds_waiting(int first, int last) const {
  for (int layer = 1; layer <= plan_.layers(); ++layer) {
    if (!stream_.holds(layer, first, last)) {
      return false;
    }
  }
  return true;
}

void Describer::describe_kept(const OctaveTask& task, std::span<const float* const> rows,
                              std::span<const DescriptorJob> jobs) {
  const Size& size = task.source.size;
  for (const DescriptorJob& job : jobs) {
    const auto first =
        static_cast<std::size_t>(job.layer - 1) * static_cast<std::size_t>(size.height);
    add(job, {rows.data() + first, 0, 0, size.width, size.height});
  }
  flush();
}

void Describer::describe_strip(const OctaveTask& task, const WantedTiles& wanted, const Area& area,
                               std::span<const DescriptorJob* const> jobs) {
  const Size& size = task.source.size;
  const int reach = plan_.descriptor_reach();
  StreamRequest request =
      description_request(plan_, area, jobs.front()->row(), jobs.back()->row(), size);
  request.wanted = &wanted;
  arena_.reset();
  stream_.start(task.source, request, nullptr, arena_);
  int oldest = 0;  // row of the first job that waits
  for (const DescriptorJob* job : jobs) {
    const int centre = job->row();
    if (waiting_ > 0 && centre - oldest > kWaitingRows) {
      flush();
    }
    oldest = waiting_ > 0 ? oldest : centre;
    stream_.advance(centre + reach + 1);
    const int own_reach = plan_.descriptor_reach(job->site.scale);
    const int first = std::max(centre - own_reach, request.area.y0);
    const int last = std::min(centre + own_reach, request.area.y1 - 1);
    assert(holds_waiting(std::max(oldest - reach, request.area.y0), last));
    add(*job, {stream_.rows(job->layer, first, last), first, stream_.area(job->layer).x0,
               size.width, size.height});
  }
  flush();
}

}  // namespace bundle_match::features::sift
