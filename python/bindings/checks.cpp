// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with labels, and the points in them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kernels/exec/backend.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "python/bindings/scene_state.h"
#include "quality/count_report.h"
#include "quality/image_checks.h"
#include "quality/label_checks.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

nb::list check_scene(const OpenScene& scene, bool points, const std::optional<std::filesystem::path>& limits_file,
                     bool every_place) {
  const Reading reading(scene.labels.state);
  std::vector<Finding> findings;
  {
    const nb::gil_scoped_release unlocked;
    const CheckLimits limits = limits_file ? value_of(read_check_limits(*limits_file)) : CheckLimits{};
    const Places places = every_place ? Places::every : Places::worst;
    findings = check_labels(scene.get(), limits, places);
    std::ranges::move(check_image_labels(scene.get(), limits, places), std::back_inserter(findings));
    if (points) std::ranges::move(value_of(check_points(scene.get(), limits, places)), std::back_inserter(findings));
    sort_findings(findings);
  }
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Finding");
  nb::list out;
  for (const Finding& f : findings)
    out.append(make(std::string(name_of(f.severity)), f.rule, f.track, f.class_name, f.timestamp, f.message, f.places,
                    f.camera, f.image));
  return out;
}

/// A row of `count_dtype` (sweepmark/_arrays.py).
struct CountedRow {
  TimestampNs timestamp = 0;
  std::int64_t track = -1, points = 0, stored = -1;
};

nb::object count_labels(const OpenScene& scene, const std::string& sensor, const std::string& device, int threads) {
  const Reading reading(scene.labels.state);
  std::vector<CountedRow> rows;
  CountReport report;
  {
    const nb::gil_scoped_release unlocked;
    const Backend backend = value_of_argument(open_backend(device, threads, BatchWork::count_points));
    report = value_of(count_report(scene.get(), {.sensor = sensor, .frame = {}}, backend));
    std::map<std::string, std::int64_t> position;
    for (const Track& track : scene.get().labels.tracks)
      position.emplace(track.id, static_cast<std::int64_t>(position.size()));
    for (const CountRow& row : report.rows)
      rows.push_back({row.timestamp, position.at(row.track), static_cast<std::int64_t>(row.points_inside),
                      row.stored_count.value_or(-1)});
  }
  return nb::make_tuple(records(std::move(rows), "count_dtype"), report.frames_without_sweep);
}

}  // namespace

void bind_checks(nb::module_& m) {
  m.def("check", &check_scene, "scene"_a, "points"_a, "limits"_a.none(), "every_place"_a,
        nb::sig("def check(scene: Scene, points: bool, limits: str | os.PathLike[str] | None, every_place: bool) -> "
                "list[sweepmark._records.Finding]"));
  m.def("count_labels", &count_labels, "scene"_a, "sensor"_a, "device"_a, "threads"_a,
        nb::sig("def count_labels(scene: Scene, sensor: str, device: str, threads: int) -> "
                "tuple[numpy.typing.NDArray[numpy.void], int]"));
}

}  // namespace sweepmark::python
