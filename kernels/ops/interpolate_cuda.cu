// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/device_results.h"
#include "kernels/exec/cuda_memory.cuh"
#include "kernels/interpolate.h"
#include "kernels/ops/prepared_tracks.h"

namespace sweepmark {
namespace {

constexpr unsigned block_size = 128;
static_assert(sizeof(Cuboid) % sizeof(double) == 0);

/// A cuboid is five pieces of 16 bytes, which is what a thread moves at once; 80 bytes from one thread's cuboid to the
/// next touch every bank of shared memory once.
constexpr unsigned pieces = sizeof(Cuboid) / sizeof(double2);
static_assert(pieces * sizeof(double2) == sizeof(Cuboid));

/// One thread for each output. A cuboid is 80 bytes: threads of a block hand theirs over through shared memory, so that
/// the block writes one contiguous piece instead of 80-byte strides.
__global__ void __launch_bounds__(block_size)
    interpolate_each(core::TracksView tracks, const TimestampNs* queries, std::size_t query_count, std::size_t total,
                     double2* cuboids, Presence* presence) {
  __shared__ double2 staged[block_size * pieces];
  for (std::size_t base = std::size_t{blockIdx.x} * block_size; base < total;
       base += std::size_t{gridDim.x} * block_size) {
    const std::size_t i = base + threadIdx.x;
    if (i < total) {
      // One long division for the block; what is left is short.
      std::size_t track = base / query_count, query = base % query_count + threadIdx.x;
      if (query >= query_count) {
        if (query < 0xFFFFFFFFU) {
          const auto short_query = static_cast<std::uint32_t>(query), count = static_cast<std::uint32_t>(query_count);
          track += short_query / count;
          query = short_query % count;
        } else {
          track += query / query_count;
          query %= query_count;
        }
      }
      Cuboid out{};
      presence[i] = core::evaluate(tracks, track, queries[query], out);
      const double* values = &out.center.x;
      for (unsigned k = 0; k < pieces; ++k)
        staged[threadIdx.x * pieces + k] = double2{values[2 * k], values[2 * k + 1]};
    }
    __syncthreads();
    const std::size_t count = (total - base < block_size ? total - base : block_size) * pieces;
    for (unsigned k = threadIdx.x; k < count; k += block_size) __stcs(&cuboids[base * pieces + k], staged[k]);
    __syncthreads();  // the next round writes to `staged` again
  }
}

}  // namespace

struct Interpolator<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda) {}

  Cuda exec;
  // The tracks that are on the device now; holding them makes the comparison by identity safe.
  std::shared_ptr<const PreparedTracks::Data> resident;
  DeviceArray<std::uint32_t> key_begin, span_begin;
  DeviceArray<TimestampNs> times;
  cuda::StagedUpload<TimestampNs> queries;
  std::vector<TimestampNs> resident_queries;  // that are on the device now
  DeviceArray<Cuboid> keys;
  DeviceArray<core::Segment> segments;
  DeviceArray<AbsenceSpan> spans;
  DeviceCuboids result;

  template <class T>
  void send(DeviceArray<T>& to, const std::vector<T>& from) {
    cuda::upload(to.reserve(from.size()), std::span<const T>(from), exec.state().stream);
  }

  const TimestampNs* resident_times(std::span<const TimestampNs> times) {
    if (!std::ranges::equal(times, resident_queries)) {
      resident_queries.clear();  // should the upload fail
      queries.send(times, exec.state().stream);
      resident_queries.assign(times.begin(), times.end());
    }
    return queries.data();
  }

  core::TracksView resident_view(const PreparedTracks& tracks) {
    if (resident != tracks.shared_data()) {
      resident.reset();
      const PreparedTracks::Data& data = tracks.data();
      send(key_begin, data.key_begin);
      send(span_begin, data.span_begin);
      send(times, data.times);
      send(keys, data.keys);
      send(segments, data.segments);
      send(spans, data.spans);
      exec.wait();  // the copies read the caller's memory
      resident = tracks.shared_data();
    }
    return {key_begin.data(), span_begin.data(), times.data(),         keys.data(),
            segments.data(),  spans.data(),      resident->extrapolate};
  }
};

Interpolator<Cuda>::Interpolator(const Cuda& exec) : workspace_(std::make_unique<Workspace>(exec)) {}
Interpolator<Cuda>::~Interpolator() = default;
Interpolator<Cuda>::Interpolator(Interpolator&&) noexcept = default;
Interpolator<Cuda>& Interpolator<Cuda>::operator=(Interpolator&&) noexcept = default;

void Interpolator<Cuda>::queue(const PreparedTracks& tracks, std::span<const TimestampNs> queries, DeviceCuboids& out) {
  const std::size_t total = tracks.size() * queries.size();
  if (total == 0) return;
  Workspace& w = *workspace_;
  const cuda::DeviceScope scope(w.exec);
  const cudaStream_t stream = w.exec.state().stream;
  const core::TracksView view = w.resident_view(tracks);
  const TimestampNs* times = w.resident_times(queries);
  Cuboid* cuboids = out.cuboids.reserve(total);
  Presence* presence = out.presence.reserve(total);
  const unsigned blocks = cuda::grid_of(total, block_size, std::uint64_t{64} * w.exec.state().multiprocessors);
  interpolate_each<<<blocks, block_size, 0, stream>>>(view, times, queries.size(), total,
                                                      reinterpret_cast<double2*>(cuboids), presence);
  cuda::check(cudaGetLastError(), "interpolate");
}

void Interpolator<Cuda>::run_into(const PreparedTracks& tracks, std::span<const TimestampNs> queries,
                                  CuboidTable& out) {
  const std::size_t total = tracks.size() * queries.size();
  out.query_count = queries.size();
  out.cuboids.resize(total);
  out.presence.resize(total);
  if (total == 0) return;
  Workspace& w = *workspace_;
  queue(tracks, queries, w.result);
  const cudaStream_t stream = w.exec.state().stream;
  cuda::download(out.cuboids.data(), static_cast<const Cuboid*>(w.result.cuboids.data()), total, stream);
  cuda::download(out.presence.data(), static_cast<const Presence*>(w.result.presence.data()), total, stream);
  w.exec.wait();
}

}  // namespace sweepmark
