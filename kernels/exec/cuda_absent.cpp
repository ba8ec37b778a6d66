// SPDX-License-Identifier: Apache-2.0
//
// The CUDA executor of a build without nvcc: `open` always says why, so no other member can be reached.
#include "kernels/count_points.h"
#include "kernels/device_results.h"
#include "kernels/exec/cuda.h"
#include "kernels/exec/device_points.h"
#include "kernels/interpolate.h"
#include "kernels/voxelize.h"

namespace sweepmark {
namespace {
[[noreturn]] void unreachable() {
  detail::expects_failed("no Cuda can exist in a build without CUDA", __FILE__, __LINE__);
}
}  // namespace

struct Cuda::State {};
Result<Cuda> Cuda::open(int) { return Error{"this build of sweepmark contains no CUDA kernels (nvcc was not found)"}; }
void Cuda::wait() const { unreachable(); }
const std::string& Cuda::device_name() const { unreachable(); }
void* Cuda::native_stream() const { unreachable(); }
bool built_with_cuda() { return false; }

DeviceMemory::~DeviceMemory() = default;
void* DeviceMemory::reserve(std::size_t) { unreachable(); }
void read_device(const Cuda&, void*, const void*, std::size_t) { unreachable(); }

struct CudaGraph::State {};
CudaGraph::CudaGraph(const Cuda&) { unreachable(); }
CudaGraph::~CudaGraph() = default;
CudaGraph::CudaGraph(CudaGraph&&) noexcept = default;
CudaGraph& CudaGraph::operator=(CudaGraph&&) noexcept = default;
void CudaGraph::begin() { unreachable(); }
void CudaGraph::end() { unreachable(); }
void CudaGraph::abandon() noexcept { unreachable(); }
void CudaGraph::launch() const { unreachable(); }

struct DevicePoints::State {};
DevicePoints::DevicePoints(const Cuda&) { unreachable(); }
DevicePoints::~DevicePoints() = default;
DevicePoints::DevicePoints(DevicePoints&&) noexcept = default;
DevicePoints& DevicePoints::operator=(DevicePoints&&) noexcept = default;
void DevicePoints::assign(std::span<const Point>) { unreachable(); }
void DevicePoints::assign(std::span<const std::span<const Point>>) { unreachable(); }
void DevicePoints::borrow(const Point*, std::span<const std::uint64_t>) { unreachable(); }
std::size_t DevicePoints::size() const { unreachable(); }
std::size_t DevicePoints::sweep_count() const { unreachable(); }
std::span<const std::uint64_t> DevicePoints::sweep_begin() const { unreachable(); }
const Point* DevicePoints::device_data() const { unreachable(); }
const std::uint64_t* DevicePoints::device_sweep_begin() const { unreachable(); }

struct Voxelizer<Cuda>::Workspace {};
Voxelizer<Cuda>::Voxelizer(const Cuda&) { unreachable(); }
Voxelizer<Cuda>::~Voxelizer() = default;
Voxelizer<Cuda>::Voxelizer(Voxelizer&&) noexcept = default;
Voxelizer<Cuda>& Voxelizer<Cuda>::operator=(Voxelizer&&) noexcept = default;
Result<Voxels> Voxelizer<Cuda>::run(std::span<const Point>, const VoxelizeOptions&) { unreachable(); }
Result<void> Voxelizer<Cuda>::run_into(std::span<const Point>, const VoxelizeOptions&, Voxels&) { unreachable(); }
Result<void> Voxelizer<Cuda>::run_into(const DevicePoints&, const VoxelizeOptions&, Voxels&) { unreachable(); }
Result<std::vector<Voxels>> Voxelizer<Cuda>::run_batch(std::span<const std::span<const Point>>,
                                                       const VoxelizeOptions&) {
  unreachable();
}
Result<void> Voxelizer<Cuda>::queue(const DevicePoints&, const VoxelizeOptions&, DeviceVoxels&) { unreachable(); }
Result<std::uint32_t> Voxelizer<Cuda>::settle(const DevicePoints&, const VoxelizeOptions&, DeviceVoxels&) {
  unreachable();
}

struct PointCounter<Cuda>::Workspace {};
PointCounter<Cuda>::PointCounter(const Cuda&) { unreachable(); }
PointCounter<Cuda>::~PointCounter() = default;
PointCounter<Cuda>::PointCounter(PointCounter&&) noexcept = default;
PointCounter<Cuda>& PointCounter<Cuda>::operator=(PointCounter&&) noexcept = default;
Result<PointCounts> PointCounter<Cuda>::run(const CountTask&, const CountOptions&) { unreachable(); }
Result<void> PointCounter<Cuda>::run_into(const CountTask&, const CountOptions&, PointCounts&) { unreachable(); }
Result<void> PointCounter<Cuda>::run_into(const DevicePoints&, std::span<const Cuboid>, const Pose&,
                                          const CountOptions&, PointCounts&) {
  unreachable();
}
Result<std::vector<PointCounts>> PointCounter<Cuda>::run_batch(std::span<const CountTask>, const CountOptions&) {
  unreachable();
}
Result<void> PointCounter<Cuda>::set_cuboids(std::span<const SweepCuboids>) { unreachable(); }
void PointCounter<Cuda>::queue(const DevicePoints&, const CountOptions&, DeviceCounts&) { unreachable(); }

struct Interpolator<Cuda>::Workspace {};
Interpolator<Cuda>::Interpolator(const Cuda&) { unreachable(); }
Interpolator<Cuda>::~Interpolator() = default;
Interpolator<Cuda>::Interpolator(Interpolator&&) noexcept = default;
Interpolator<Cuda>& Interpolator<Cuda>::operator=(Interpolator&&) noexcept = default;
void Interpolator<Cuda>::run_into(const PreparedTracks&, std::span<const TimestampNs>, CuboidTable&) { unreachable(); }
void Interpolator<Cuda>::queue(const PreparedTracks&, std::span<const TimestampNs>, DeviceCuboids&) { unreachable(); }

}  // namespace sweepmark
