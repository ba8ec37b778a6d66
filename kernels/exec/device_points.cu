// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"

namespace sweepmark {

struct DevicePoints::State {
  Cuda exec;
  cuda::DeviceBuffer<Point> buffer;
  std::size_t size = 0;
};

DevicePoints::DevicePoints(const Cuda& exec) : state_(std::make_unique<State>(State{exec, {}, 0})) {}
DevicePoints::~DevicePoints() = default;
DevicePoints::DevicePoints(DevicePoints&&) noexcept = default;
DevicePoints& DevicePoints::operator=(DevicePoints&&) noexcept = default;

void DevicePoints::assign(std::span<const Point> points) {
  cuda::upload(state_->buffer.reserve(points.size()), points, state_->exec.state().stream);
  state_->size = points.size();
}

std::size_t DevicePoints::size() const { return state_->size; }
const Point* DevicePoints::device_data() const { return state_->buffer.data(); }

}  // namespace sweepmark
