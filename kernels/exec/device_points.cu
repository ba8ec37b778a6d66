// SPDX-License-Identifier: Apache-2.0
#include "kernels/exec/cuda_memory.cuh"
#include "kernels/exec/device_points.h"

namespace sweepmark {

struct DevicePoints::State {
  explicit State(const Cuda& cuda) : exec(cuda) {}

  Cuda exec;
  DeviceArray<Point> buffer;
  const Point* data = nullptr;
  std::vector<std::uint64_t> begin{0, 0};
  cuda::StagedUpload<std::uint64_t> device_begin;

  /// No points: what a call that fails half way leaves.
  void clear() {
    data = nullptr;
    begin.assign(2, 0);
  }
  void set(const Point* points, std::span<const std::uint64_t> positions) {
    device_begin.send(positions, exec.state().stream);
    begin.assign(positions.begin(), positions.end());
    data = points;
  }
};

DevicePoints::DevicePoints(const Cuda& exec) : state_(std::make_unique<State>(exec)) {}
DevicePoints::~DevicePoints() = default;
DevicePoints::DevicePoints(DevicePoints&&) noexcept = default;
DevicePoints& DevicePoints::operator=(DevicePoints&&) noexcept = default;

void DevicePoints::assign(std::span<const Point> points) { assign(std::span(&points, 1)); }

void DevicePoints::assign(std::span<const std::span<const Point>> sweeps) {
  const cuda::DeviceScope scope(state_->exec);
  std::vector<std::uint64_t> begin{0};
  for (const auto& sweep : sweeps) begin.push_back(begin.back() + sweep.size());
  state_->clear();
  Point* to = state_->buffer.reserve(begin.back());
  for (std::size_t s = 0; s < sweeps.size(); ++s) cuda::upload(to + begin[s], sweeps[s], state_->exec.state().stream);
  state_->set(to, begin);
}

void DevicePoints::borrow(const Point* device_data, std::span<const std::uint64_t> sweep_begin) {
  SWEEPMARK_EXPECTS(!sweep_begin.empty() && sweep_begin.front() == 0);
  SWEEPMARK_EXPECTS(reinterpret_cast<std::uintptr_t>(device_data) % alignof(Point) == 0);
  const cuda::DeviceScope scope(state_->exec);
  state_->clear();
  state_->set(device_data, sweep_begin);
}

std::size_t DevicePoints::size() const { return state_->begin.back(); }
std::size_t DevicePoints::sweep_count() const { return state_->begin.size() - 1; }
std::span<const std::uint64_t> DevicePoints::sweep_begin() const { return state_->begin; }
const Point* DevicePoints::device_data() const { return state_->data; }
const std::uint64_t* DevicePoints::device_sweep_begin() const { return state_->device_begin.data(); }

}  // namespace sweepmark
