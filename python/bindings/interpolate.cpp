// SPDX-License-Identifier: Apache-2.0
#include "kernels/interpolate.h"

#include <fmt/format.h>

#include <variant>

#include "kernels/exec/backend.h"
#include "python/bindings/arrays.h"
#include "python/bindings/labels_state.h"
#include "python/bindings/module.h"
#include "tracking/evaluate.h"
#include "tracking/interpolation_mode.h"

namespace sweepmark::python {

std::optional<InterpolationMode> mode_of_name(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  const auto mode = mode_from_name(*name);
  if (!mode)
    throw ArgumentError{fmt::format("mode: expected 'linear', 'smooth', 'motion' or 'static', got '{}'", *name)};
  return mode;
}

InterpolateOptions options_of(const std::string& size, bool extrapolate) {
  if (size != "linear" && size != "constant")
    throw ArgumentError{fmt::format("size: expected 'linear' or 'constant', got '{}'", size)};
  return {.size = size == "constant" ? SizeMode::constant : SizeMode::linear, .extrapolate = extrapolate};
}

namespace {

using namespace nb::literals;

/// Tracks made ready once and asked at many times.
struct Prepared {
  PreparedTracks tracks;
};

nb::object evaluate_at(const PreparedTracks& tracks, nb::handle timestamps, const std::string& device, int threads) {
  const auto times = times_of(timestamps);
  CuboidTable table;
  {
    const nb::gil_scoped_release unlocked;
    const Backend backend = value_of_argument(open_backend(device, threads, BatchWork::interpolate));
    std::visit([&]<class Exec>(const Exec& exec) { Interpolator<Exec>(exec).run_into(tracks, times.values(), table); },
               backend);
  }
  const std::size_t rows = tracks.size(), columns = times.values().size();
  nb::object cuboids = records(std::move(table.cuboids), "cuboid_dtype").attr("reshape")(rows, columns);
  static_assert(sizeof(Presence) == 1);
  auto [presence, owner] = on_heap(std::move(table.presence));
  return nb::make_tuple(cuboids,
                        Array2<std::uint8_t>(reinterpret_cast<std::uint8_t*>(presence), {rows, columns}, owner));
}

Prepared prepare_keyframes(const nb::sequence& tracks, nb::handle absences, const std::string& mode,
                           const std::string& size, bool extrapolate) {
  const InterpolationMode how = *mode_of_name(mode);
  // One array is a sequence too, of rows: each would become a track of its own.
  if (nb::hasattr(tracks, "dtype") && !nb::cast<nb::object>(tracks.attr("dtype").attr("names")).is_none())
    throw ArgumentError{"tracks: expected a list of arrays of keyframes, got one array: write [keyframes]"};
  std::vector<Input<CuboidKeyframe>> keyframes;
  std::vector<std::vector<AbsenceSpan>> spans;
  for (const nb::handle track : tracks) keyframes.push_back(keyframes_of(track));
  if (!absences.is_none()) {
    if (nb::len(absences) != keyframes.size())
      throw ArgumentError{fmt::format("absences: expected an entry for each of {} tracks, got {}", keyframes.size(),
                                      nb::len(absences))};
    for (const nb::handle of_track : absences) {
      const Buffer buffer = converted(of_track, "as_spans");
      const auto* rows = static_cast<const AbsenceSpan*>(buffer.view().buf);
      spans.emplace_back(rows, rows + buffer.view().shape[0]);
    }
  }
  std::vector<TrackView> views;
  for (std::size_t i = 0; i < keyframes.size(); ++i)
    views.push_back({keyframes[i].values(), spans.empty() ? std::span<const AbsenceSpan>() : spans[i], how});
  return {value_of_argument(PreparedTracks::make(views, options_of(size, extrapolate)))};
}

Prepared prepare_labels(const Labels& labels, const std::optional<std::string>& mode, const std::string& size,
                        bool extrapolate) {
  const auto how = mode_of_name(mode);
  const auto options = options_of(size, extrapolate);
  const Reading reading(labels.state);
  const nb::gil_scoped_release unlocked;
  return {value_of(prepare(labels.get().tracks, options, how))};
}

}  // namespace

void bind_interpolate(nb::module_& m) {
  nb::class_<Prepared>(
      m, "PreparedTracks",
      "Tracks made ready for being asked at many times. A copy: later edits of the labels do not change it.")
      .def(
          "at",
          [](const Prepared& self, nb::handle timestamps, const std::string& device, int threads) {
            return evaluate_at(self.tracks, timestamps, device, threads);
          },
          "timestamps"_a, "device"_a = "cpu", "threads"_a = 0,
          nb::sig("def at(self, timestamps: numpy.typing.ArrayLike, device: str = 'cpu', threads: int = 0) -> "
                  "tuple[numpy.typing.NDArray[numpy.void], numpy.typing.NDArray[numpy.uint8]]"),
          "Cuboids (tracks x times, `cuboid_dtype`; what is there where the object is absent means nothing) and "
          "presence (tracks x times): 0 absent, "
          "1 a keyframe as it was set, bit for bit, 2 interpolated. Times in nanoseconds, int64; ascending ones are "
          "fastest. Cost: about 5 ns a cuboid.")
      .def("__len__", [](const Prepared& self) { return self.tracks.size(); })
      .def("__repr__",
           [](const Prepared& self) { return fmt::format("PreparedTracks({} tracks)", self.tracks.size()); });
  m.def("prepare_keyframes", &prepare_keyframes, "tracks"_a, "absences"_a.none(), "mode"_a, "size"_a, "extrapolate"_a,
        nb::sig("def prepare_keyframes(tracks: collections.abc.Sequence[object], absences: object, mode: str, size: "
                "str, extrapolate: bool) -> PreparedTracks"));
  m.def(
      "prepare_labels", &prepare_labels, "labels"_a, "mode"_a.none(), "size"_a, "extrapolate"_a,
      nb::sig("def prepare_labels(labels: Labels, mode: str | None, size: str, extrapolate: bool) -> PreparedTracks"));
}

}  // namespace sweepmark::python
