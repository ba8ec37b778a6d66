// SPDX-License-Identifier: Apache-2.0
//
// How cuboids overlap, and cuboids of points.
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "geometry/cuboid_fit.h"
#include "kernels/box_iou.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "tracking/assignment.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

Array1<double> iou_of_pairs(nb::handle a, nb::handle b) {
  const auto first = cuboids_of(a), second = cuboids_of(b);
  const auto n = first.values().size();
  if (second.values().size() != n)
    throw ArgumentError{
        fmt::format("box_iou: expected as many cuboids on both sides, got {} and {}", n, second.values().size())};
  std::vector<double> values(n);
  {
    const nb::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < n; ++i) values[i] = box_iou(first.values()[i], second.values()[i]);
  }
  return array1(std::move(values));
}

std::vector<OverlapPair> overlaps(const Input<Cuboid>& a, const Input<Cuboid>& b, int threads) {
  const nb::gil_scoped_release unlocked;
  std::vector<OverlapPair> pairs;
  upright_box_iou(Cpu{threads}, a.values(), b.values(), pairs);
  return pairs;
}

using Pairs = std::tuple<Array1<std::uint32_t>, Array1<std::uint32_t>, Array1<float>>;

Pairs columns_of(const std::vector<OverlapPair>& pairs) {
  std::vector<std::uint32_t> in_a, in_b;
  std::vector<float> values;
  for (const OverlapPair& pair : pairs) {
    in_a.push_back(pair.a);
    in_b.push_back(pair.b);
    values.push_back(pair.iou);
  }
  return {array1(std::move(in_a)), array1(std::move(in_b)), array1(std::move(values))};
}

Pairs all_overlaps(nb::handle a, nb::handle b, int threads) {
  return columns_of(overlaps(cuboids_of(a), cuboids_of(b), threads));
}

/// The pairs with the largest sum of overlaps, each cuboid at most once.
Pairs best_matches(nb::handle a, nb::handle b, double min_iou, int threads) {
  if (!(min_iou >= 0 && min_iou <= 1))
    throw ArgumentError{fmt::format("match_boxes: expected min_iou from 0 to 1, got {}", min_iou)};
  const auto first = cuboids_of(a), second = cuboids_of(b);
  std::vector<OverlapPair> pairs = overlaps(first, second, threads), matched;
  {
    const nb::gil_scoped_release unlocked;
    std::erase_if(pairs, [&](const OverlapPair& pair) { return static_cast<double>(pair.iou) < min_iou; });
    std::vector<PairCost> costs;
    for (const OverlapPair& pair : pairs) costs.push_back({pair.a, pair.b, 1 - static_cast<double>(pair.iou)});
    const auto column_of = assign(first.values().size(), second.values().size(), costs, 1);
    for (const OverlapPair& pair : pairs)
      if (column_of[pair.a] == pair.b) matched.push_back(pair);
  }
  return columns_of(matched);
}

nb::object cuboid_or_none(const std::optional<Cuboid>& cuboid) {
  if (!cuboid) return nb::none();
  return records(std::vector<Cuboid>{*cuboid}, "cuboid_dtype")[nb::int_(0)];
}

nb::object fit(nb::handle points, std::optional<double> yaw) {
  std::vector<Vec3d> finite;
  for (const Vec3d& p : positions_of(points).values())
    if (std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z)) finite.push_back(p);
  std::optional<Cuboid> cuboid;
  {
    const nb::gil_scoped_release unlocked;
    cuboid = fit_upright_cuboid(finite, yaw);
  }
  return cuboid_or_none(cuboid);
}

nb::object fit_at(nb::handle points, std::int64_t seed, std::optional<double> yaw, nb::handle sensor,
                  nb::handle usual_size) {
  const auto in = points_of(points);
  if (seed < 0 || static_cast<std::size_t>(seed) >= in.values().size() || in.values().size() >= 0xFFFFFFFFULL)
    throw ArgumentError{
        fmt::format("fit_object: expected a seed from 0 to {}, the number of the point that was clicked; got {}",
                    static_cast<std::int64_t>(in.values().size()) - 1, seed)};
  const std::optional<Vec3d> from = sensor.is_none() ? std::nullopt : std::optional(vector_of(sensor));
  const std::optional<Vec3d> usual = usual_size.is_none() ? std::nullopt : std::optional(vector_of(usual_size));
  std::optional<Cuboid> cuboid;
  std::vector<std::uint32_t> object;
  {
    const nb::gil_scoped_release unlocked;
    const GroundGrid ground(in.values());
    object = object_points(in.values(), ground, static_cast<std::uint32_t>(seed));
    if (from && usual && !object.empty())
      object = with_parts_on_same_rays(in.values(), ground, std::move(object), *from, *usual);
    if (!object.empty()) cuboid = fit_object(in.values(), object, ground, yaw);
    if (cuboid && from && usual) cuboid = complete_to_size(*cuboid, *from, *usual, yaw.has_value());
  }
  return nb::make_tuple(cuboid_or_none(cuboid), array1(std::move(object)));
}

}  // namespace

void bind_boxes(nb::module_& m) {
  m.def("box_iou", &iou_of_pairs, "a"_a, "b"_a,
        nb::sig("def box_iou(a: object, b: object) -> numpy.typing.NDArray[numpy.float64]"));
  constexpr const char* pairs =
      "tuple[numpy.typing.NDArray[numpy.uint32], numpy.typing.NDArray[numpy.uint32], "
      "numpy.typing.NDArray[numpy.float32]]";
  static const std::string all = fmt::format("def box_iou_pairs(a: object, b: object, threads: int) -> {}", pairs);
  static const std::string best =
      fmt::format("def match_boxes(a: object, b: object, min_iou: float, threads: int) -> {}", pairs);
  m.def("box_iou_pairs", &all_overlaps, "a"_a, "b"_a, "threads"_a, nb::sig(all.c_str()));
  m.def("match_boxes", &best_matches, "a"_a, "b"_a, "min_iou"_a, "threads"_a, nb::sig(best.c_str()));
  m.def("fit_cuboid", &fit, "points"_a, "yaw"_a.none(),
        nb::sig("def fit_cuboid(points: object, yaw: float | None) -> numpy.void | None"));
  m.def("fit_object", &fit_at, "points"_a, "seed"_a, "yaw"_a.none(), "sensor"_a.none(), "usual_size"_a.none(),
        nb::sig("def fit_object(points: object, seed: int, yaw: float | None, sensor: object, usual_size: object) -> "
                "tuple[numpy.void | None, numpy.typing.NDArray[numpy.uint32]]"));
}

}  // namespace sweepmark::python
