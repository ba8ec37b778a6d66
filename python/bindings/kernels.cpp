// SPDX-License-Identifier: Apache-2.0
//
// Voxels and points in cuboids. The typed functions with their documentation are in sweepmark/_kernels.py.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <tuple>
#include <variant>

#include "kernels/count_points.h"
#include "kernels/exec/backend.h"
#include "kernels/point_index.h"
#include "kernels/voxelize.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

/// An operation that keeps its buffers from call to call, one for each thread, device and number of threads.
template <template <class> class Operation, BatchWork work>
auto& warm(const std::string& device, int threads) {
  using AnyOperation = std::variant<Operation<Cpu>, Operation<Cuda>>;
  thread_local std::map<std::pair<std::string, int>, AnyOperation> operations;
  auto found = operations.find({device, threads});
  if (found == operations.end()) {
    const Backend backend = value_of_argument(open_backend(device, threads, work));
    found = operations
                .emplace(std::pair(device, threads),
                         std::visit([]<class Exec>(const Exec& exec) { return AnyOperation(Operation<Exec>(exec)); },
                                    backend))
                .first;
  }
  return found->second;
}

nb::object voxels_of(Voxels&& voxels) {
  nb::dict fields;
  fields["size"] = voxels.size_m;
  fields["coords"] = array2<std::int32_t>(std::move(voxels.coords));
  fields["counts"] = array1(std::move(voxels.counts));
  fields["means"] = array2<float>(std::move(voxels.means));
  fields["dropped"] = voxels.dropped;
  fields["voxel_of_point"] =
      voxels.voxel_of_point.empty() ? nb::none() : nb::cast(array1(std::move(voxels.voxel_of_point)));
  return fields;
}

nb::object voxelize(nb::handle points, float size, bool index, const std::string& device, int threads) {
  const auto in = points_of(points);
  Voxels voxels;
  {
    const nb::gil_scoped_release unlocked;
    auto& operation = warm<Voxelizer, BatchWork::voxelize>(device, threads);
    voxels = std::visit(
        [&](auto& o) { return value_of_argument(o.run(in.values(), {.size_m = size, .index_of_points = index})); },
        operation);
  }
  return voxels_of(std::move(voxels));
}

nb::object voxelize_batch(const nb::sequence& sweeps, float size, bool index, const std::string& device, int threads) {
  std::vector<Input<Point>> inputs;
  std::vector<std::span<const Point>> spans;
  for (const nb::handle sweep : sweeps) inputs.push_back(points_of(sweep));
  for (const auto& input : inputs) spans.push_back(input.values());
  std::vector<Voxels> voxels;
  {
    const nb::gil_scoped_release unlocked;
    auto& operation = warm<Voxelizer, BatchWork::voxelize>(device, threads);
    voxels = std::visit(
        [&](auto& o) { return value_of_argument(o.run_batch(spans, {.size_m = size, .index_of_points = index})); },
        operation);
  }
  nb::list out;
  for (Voxels& one : voxels) out.append(voxels_of(std::move(one)));
  return out;
}

nb::object counts_of(PointCounts&& counts, bool containing) {
  auto inside = array1(std::move(counts.inside));
  if (!containing) return nb::cast(std::move(inside));
  return nb::make_tuple(std::move(inside), array1(std::move(counts.containing_cuboid)));
}

nb::object count_points(nb::handle points, nb::handle cuboids, nb::handle cuboids_from_points, bool containing,
                        const std::string& device, int threads) {
  const auto in = points_of(points);
  const auto boxes = cuboids_of(cuboids);
  const CountTask task{in.values(), boxes.values(), pose_of(cuboids_from_points)};
  PointCounts counts;
  {
    const nb::gil_scoped_release unlocked;
    auto& operation = warm<PointCounter, BatchWork::count_points>(device, threads);
    counts = std::visit([&](auto& o) { return value_of_argument(o.run(task, {.containing_cuboid = containing})); },
                        operation);
  }
  return counts_of(std::move(counts), containing);
}

nb::object count_points_batch(const nb::sequence& points, const nb::sequence& cuboids, nb::handle poses,
                              bool containing, const std::string& device, int threads) {
  const std::size_t size = nb::len(points);
  if (nb::len(cuboids) != size || (!poses.is_none() && nb::len(poses) != size))
    throw ArgumentError{fmt::format(
        "a batch: expected as many sets of cuboids, and of poses where they are given, as sweeps ({})", size)};
  std::vector<Input<Point>> inputs;
  std::vector<Input<Cuboid>> boxes;
  std::vector<CountTask> tasks;
  for (std::size_t i = 0; i < size; ++i) {
    inputs.push_back(points_of(points[i]));
    boxes.push_back(cuboids_of(cuboids[i]));
  }
  for (std::size_t i = 0; i < size; ++i)
    tasks.push_back({inputs[i].values(), boxes[i].values(), poses.is_none() ? Pose{} : pose_of(poses[i])});
  std::vector<PointCounts> counts;
  {
    const nb::gil_scoped_release unlocked;
    auto& operation = warm<PointCounter, BatchWork::count_points>(device, threads);
    counts = std::visit(
        [&](auto& o) { return value_of_argument(o.run_batch(tasks, {.containing_cuboid = containing})); }, operation);
  }
  nb::list out;
  for (PointCounts& one : counts) out.append(counts_of(std::move(one), containing));
  return out;
}

/// A sweep that is asked again and again.
struct IndexedPoints {
  PointIndex index;
  std::size_t size = 0;
};

void bind_index(nb::module_& m) {
  nb::class_<IndexedPoints>(
      m, "PointIndex",
      "A sweep kept sorted by place, for cuboids that are counted or looked into again and again. The answers are "
      "those of "
      "`count_points` and `select_points`. Memory: 20 bytes a point and 4 a cell. For one thread at a time.")
      .def(
          "__init__",
          [](IndexedPoints* self, nb::handle points) {
            const auto in = points_of(points);
            new (self) IndexedPoints();
            self->size = in.values().size();
            expect_argument(self->index.assign(in.values()));
          },
          "points"_a, nb::sig("def __init__(self, points: numpy.typing.ArrayLike) -> None"),
          "Points: n x 3 or more, float32. Cost: about 10 ns a point.")
      .def(
          "count",
          [](IndexedPoints& self, nb::handle cuboids, nb::handle cuboids_from_points) {
            return array1(
                value_of_argument(self.index.count(cuboids_of(cuboids).values(), pose_of(cuboids_from_points))));
          },
          "cuboids"_a, "cuboids_from_points"_a = nb::none(),
          nb::sig("def count(self, cuboids: numpy.typing.ArrayLike, cuboids_from_points: Pose | numpy.typing.ArrayLike "
                  "| None = None) -> numpy.typing.NDArray[numpy.uint32]"),
          "Points inside each cuboid, uint32. Cost: O(points near the cuboids).")
      .def(
          "find",
          [](IndexedPoints& self, nb::handle cuboid, nb::handle cuboids_from_points) {
            return array1(value_of_argument(self.index.find(cuboid_of(cuboid), pose_of(cuboids_from_points))));
          },
          "cuboid"_a, "cuboids_from_points"_a = nb::none(),
          nb::sig("def find(self, cuboid: numpy.typing.ArrayLike, cuboids_from_points: Pose | numpy.typing.ArrayLike | "
                  "None = None) -> numpy.typing.NDArray[numpy.uint32]"),
          "Indices of the points inside one cuboid, ascending.")
      .def("__len__", [](const IndexedPoints& self) { return self.size; })
      .def("__repr__", [](const IndexedPoints& self) { return fmt::format("PointIndex({} points)", self.size); });
}

}  // namespace

void bind_kernels(nb::module_& m) {
  m.def("voxelize", &voxelize, "points"_a, "size"_a, "index"_a, "device"_a, "threads"_a,
        nb::sig("def voxelize(points: object, size: float, index: bool, device: str, threads: int) -> dict[str, "
                "typing.Any]"));
  m.def("voxelize_batch", &voxelize_batch, "sweeps"_a, "size"_a, "index"_a, "device"_a, "threads"_a,
        nb::sig("def voxelize_batch(sweeps: collections.abc.Sequence[object], size: float, index: bool, device: str, "
                "threads: int) -> list[dict[str, typing.Any]]"));
  m.def("count_points", &count_points, "points"_a, "cuboids"_a, "cuboids_from_points"_a.none(), "containing"_a,
        "device"_a, "threads"_a,
        nb::sig("def count_points(points: object, cuboids: object, cuboids_from_points: object, containing: bool, "
                "device: str, threads: int) -> typing.Any"));
  m.def(
      "count_points_batch", &count_points_batch, "points"_a, "cuboids"_a, "cuboids_from_points"_a.none(),
      "containing"_a, "device"_a, "threads"_a,
      nb::sig(
          "def count_points_batch(points: collections.abc.Sequence[object], cuboids: collections.abc.Sequence[object], "
          "cuboids_from_points: object, containing: bool, device: str, threads: int) -> list[typing.Any]"));
  bind_index(m);
}

}  // namespace sweepmark::python
