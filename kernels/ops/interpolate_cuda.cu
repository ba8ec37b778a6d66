// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "kernels/exec/cuda_memory.cuh"
#include "kernels/interpolate.h"
#include "kernels/ops/prepared_tracks.h"

namespace sweepmark {
namespace {

constexpr unsigned block_size = 128;
static_assert(sizeof(Cuboid) % sizeof(double) == 0);

/// One thread for each output. A cuboid is 80 bytes: threads of a block hand theirs over through shared memory, so that
/// the block writes one contiguous piece instead of 80-byte strides.
__global__ void interpolate_each(core::TracksView tracks, const TimestampNs* queries, std::size_t query_count,
                                 std::size_t total, double* cuboids, Presence* presence) {
  __shared__ double staged[block_size * core::cuboid_values];
  for (std::size_t base = std::size_t{blockIdx.x} * block_size; base < total;
       base += std::size_t{gridDim.x} * block_size) {
    const std::size_t i = base + threadIdx.x;
    if (i < total) {
      Cuboid out{};
      presence[i] = core::evaluate(tracks, i / query_count, queries[i % query_count], out);
      const double* values = &out.center.x;
      for (int k = 0; k < core::cuboid_values; ++k) staged[threadIdx.x * core::cuboid_values + k] = values[k];
    }
    __syncthreads();
    const std::size_t count = (total - base < block_size ? total - base : block_size) * core::cuboid_values;
    for (std::size_t k = threadIdx.x; k < count; k += block_size) cuboids[base * core::cuboid_values + k] = staged[k];
    __syncthreads();  // the next round writes to `staged` again
  }
}

}  // namespace

struct Interpolator<Cuda>::Workspace {
  explicit Workspace(const Cuda& cuda) : exec(cuda) {}

  Cuda exec;
  // The tracks that are on the device now; holding them makes the comparison by identity safe.
  std::shared_ptr<const PreparedTracks::Data> resident;
  cuda::DeviceBuffer<std::uint32_t> key_begin, span_begin;
  cuda::DeviceBuffer<TimestampNs> times, queries;
  cuda::DeviceBuffer<Cuboid> keys;
  cuda::DeviceBuffer<core::Segment> segments;
  cuda::DeviceBuffer<AbsenceSpan> spans;
  cuda::DeviceBuffer<double> cuboids;
  cuda::DeviceBuffer<Presence> presence;

  template <class T>
  void send(cuda::DeviceBuffer<T>& to, const std::vector<T>& from) {
    cuda::upload(to.reserve(from.size()), std::span<const T>(from), exec.state().stream);
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

void Interpolator<Cuda>::run_into(const PreparedTracks& tracks, std::span<const TimestampNs> queries,
                                  CuboidTable& out) {
  const std::size_t total = tracks.size() * queries.size();
  out.query_count = queries.size();
  out.cuboids.resize(total);
  out.presence.resize(total);
  if (total == 0) return;
  Workspace& w = *workspace_;
  const cudaStream_t stream = w.exec.state().stream;
  const core::TracksView view = w.resident_view(tracks);
  cuda::upload(w.queries.reserve(queries.size()), queries, stream);
  double* cuboids = w.cuboids.reserve(total * core::cuboid_values);
  Presence* presence = w.presence.reserve(total);
  const auto blocks = static_cast<unsigned>(std::min<std::size_t>((total + block_size - 1) / block_size, 65'535));
  interpolate_each<<<blocks, block_size, 0, stream>>>(view, w.queries.data(), queries.size(), total, cuboids, presence);
  cuda::check(cudaGetLastError(), "interpolate");
  cuda::download(&out.cuboids.data()->center.x, static_cast<const double*>(cuboids), total * core::cuboid_values,
                 stream);
  cuda::download(out.presence.data(), static_cast<const Presence*>(presence), total, stream);
  w.exec.wait();
}

}  // namespace sweepmark
