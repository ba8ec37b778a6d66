// SPDX-License-Identifier: Apache-2.0
//
// What moves, thins, suggests and joins tracks. The typed functions with their documentation are in
// sweepmark/_tracking.py.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/detections/detection_file.h"
#include "data/frame_labels.h"
#include "kernels/exec/backend.h"
#include "python/bindings/arrays.h"
#include "python/bindings/interruption.h"
#include "python/bindings/module.h"
#include "python/bindings/scene_state.h"
#include "quality/dense_labels.h"
#include "quality/sweep_points.h"
#include "tracking/associate.h"
#include "tracking/class_at.h"
#include "tracking/propagate.h"
#include "tracking/provenance.h"
#include "tracking/review.h"
#include "tracking/suggest.h"
#include "tracking/thin.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

/// Points by place, at whose every question Ctrl-C is asked for.
PointsNear interruptible(SweepPoints& sweeps, const Track& track, Interruption& interruption) {
  return [&interruption, near = sweeps.callback(track)](TimestampNs time, const Cuboid& region) {
    interruption();
    return near(time, region);
  };
}

void expect_track(const LabelSet& labels, const std::optional<std::string>& id) {
  if (id && std::ranges::find(labels.tracks, *id, &Track::id) == labels.tracks.end())
    throw nb::key_error(fmt::format("there is no track {}", *id).c_str());
}

Labels refine_scene(const OpenScene& scene, const std::optional<std::string>& id, double min_confidence,
                    nb::handle progress) {
  if (!(min_confidence >= 0 && min_confidence <= 1))
    throw ArgumentError{fmt::format("min_confidence: expected 0 to 1, got {}", min_confidence)};
  expect_track(scene.get().labels, id);
  const Reading reading(scene.labels.state);
  const std::size_t total = id ? 1 : scene.get().labels.tracks.size();
  Interruption steps;  // asked at every look at points
  std::size_t done = 0;
  LabelSet labels;
  {
    const nb::gil_scoped_release unlocked;
    SweepPoints sweeps(scene.get());
    if (sweeps.times().empty())
      throw DataError{fmt::format("no sweep of the scene is there: {}", scene.get().root.string())};
    labels = scene.get().labels;
    for (Track& track : labels.tracks) {
      if ((id && track.id != *id) || track.keyframes.empty()) continue;
      auto refined = refined_track(track, sweeps.times(), interruptible(sweeps, track, steps), {min_confidence});
      if (!refined) throw DataError{fmt::format("{}: {}", refined.error().message, scene.get().root.string())};
      track = *std::move(refined);
      ++done;
      const nb::gil_scoped_acquire lock;
      if (!progress.is_none()) progress(done, total);
    }
    expect_done(sweeps.problem());
  }
  return labels_of(std::move(labels));
}

nb::object propagate_track(const OpenScene& scene, const std::string& id, std::optional<TimestampNs> start,
                           const std::string& direction, double min_confidence, double patience_s) {
  if (direction != "forwards" && direction != "backwards" && direction != "both")
    throw ArgumentError{fmt::format("direction: expected 'forwards', 'backwards' or 'both', got '{}'", direction)};
  expect_track(scene.get().labels, id);
  const Reading reading(scene.labels.state);
  Interruption steps;
  LabelSet labels;
  struct Stop {
    std::string direction;
    std::size_t frames;
    TimestampNs at;
    std::string reason;
  };
  std::vector<Stop> stops;
  {
    const nb::gil_scoped_release unlocked;
    labels = scene.get().labels;
    Track& track = *std::ranges::find(labels.tracks, id, &Track::id);
    if (track.keyframes.empty()) throw ArgumentError{fmt::format("track {} has no keyframes", id)};
    const TimestampNs from = start.value_or(track.keyframes.front().timestamp);
    SweepPoints sweeps(scene.get());
    for (const Direction way : {Direction::forwards, Direction::backwards}) {
      const std::string name = way == Direction::forwards ? "forwards" : "backwards";
      if (direction != "both" && direction != name) continue;
      const auto found =
          value_of_argument(propagate(track, from, way, sweeps.times(), interruptible(sweeps, track, steps),
                                      {.min_confidence = min_confidence, .patience_s = patience_s}));
      set_computed(track, found.frames, provenance::propagated);
      stops.push_back({name, found.frames.size(), found.stopped_at, std::string(stop_reason_name(found.reason))});
    }
    expect_done(sweeps.problem());
  }
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Stop");
  nb::list out;
  for (const Stop& stop : stops) out.append(make(stop.direction, stop.frames, stop.at, stop.reason));
  return nb::make_tuple(labels_of(std::move(labels)), out);
}

nb::list suggest_frames(const OpenScene& scene, double min_iou, const std::optional<std::string>& id) {
  if (!(min_iou > 0 && min_iou < 1))
    throw ArgumentError{fmt::format("min_iou: expected a number between 0 and 1, got {}", min_iou)};
  expect_track(scene.get().labels, id);
  struct Suggested {
    std::string track, class_name;
    KeyframeSuggestion what;
  };
  std::vector<Suggested> found;
  {
    const Reading reading(scene.labels.state);
    const nb::gil_scoped_release unlocked;
    const std::vector<TimestampNs> frames = frame_times_of(scene.get()).cuboids;
    for (const Track& track : scene.get().labels.tracks) {
      if ((id && track.id != *id) || track.keyframes.empty()) continue;
      if (const auto asked = value_of(suggest_keyframe(track, frames, min_iou)))
        found.push_back({track.id, class_at(track, asked->timestamp), *asked});
    }
    std::ranges::stable_sort(found, {}, [](const Suggested& s) { return s.what.expected_iou; });
  }
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Suggestion");
  nb::list out;
  for (const Suggested& s : found) out.append(make(s.track, s.class_name, s.what.timestamp, s.what.expected_iou));
  return out;
}

/// Not the source's rows any more: they are keyframes now.
template <class AnyTrack>
void forget_rows(AnyTrack& track) {
  for (auto& keyframe : track.keyframes) keyframe.source_row = Keyframe::no_source_row;
}

Labels thin_scene(const OpenScene& scene, double min_iou, double max_center_error_m, double max_yaw_error_rad) {
  const ThinTolerance tolerance{min_iou, max_center_error_m, max_yaw_error_rad};
  const Reading reading(scene.labels.state);
  Interruption interruption;
  LabelSet labels;
  {
    const nb::gil_scoped_release unlocked;
    labels = scene.get().labels;
    // What follows from keyframes is a label like those of datasets that have one in each frame.
    if (has_keyframes(scene.get())) fill_frames(scene.get(), labels);
    const DenseTimes times = frame_times_of(scene.get());
    for (Track& track : labels.tracks) {
      track = value_of_argument(thin(track, times.cuboids, tolerance));
      forget_rows(track);
      interruption();
    }
    for (ImageTrack& track : labels.image_tracks) {
      track = value_of_argument(thin(track, times.images.at(track.camera), tolerance));
      forget_rows(track);
      interruption();
    }
  }
  return labels_of(std::move(labels));
}

/// \param times  None for the scene's frames
Labels densify_scene(const OpenScene& scene, nb::handle timestamps, std::size_t every,
                     const std::optional<std::string>& mode, const std::string& size, bool extrapolate, bool count,
                     int threads) {
  if (every < 1) throw ArgumentError{"every: expected 1 or more"};
  const auto how = mode_of_name(mode);
  const InterpolateOptions options = options_of(size, extrapolate);
  std::optional<std::vector<TimestampNs>> asked;
  if (!timestamps.is_none()) {
    const auto times = times_of(timestamps);
    const std::set<TimestampNs> ascending(times.values().begin(), times.values().end());
    asked.emplace(ascending.begin(), ascending.end());
  }
  const Reading reading(scene.labels.state);
  LabelSet dense;
  {
    const nb::gil_scoped_release unlocked;
    const LabelSet& labels = scene.get().labels;
    const LabelSet kept = value_of(keep_chosen(labels, {.every = every}));
    DenseTimes times = frame_times_of(scene.get());
    if (asked) {
      times.cuboids = *asked;
      for (auto& [camera, of_camera] : times.images) of_camera = *asked;
    }
    const Backend backend = value_of_argument(open_backend("cpu", threads, BatchWork::interpolate));
    dense = value_of(make_dense(labels, kept, times, options, backend, how));
    if (count) expect_done(count_points_of(scene.get(), dense, backend));
  }
  return labels_of(std::move(dense));
}

/// Frames in the order given: times, and for each the cuboids, class names and scores found there.
std::vector<DetectionFrame> frames_of(const nb::sequence& frames) {
  std::vector<DetectionFrame> out;
  for (const nb::handle frame : frames) {
    DetectionFrame made{nb::cast<TimestampNs>(frame[0]), {}};
    const auto cuboids = cuboids_of(frame[1]);
    const auto classes = nb::cast<std::vector<std::string>>(frame[2]);
    const auto scores = nb::cast<std::vector<double>>(frame[3]);
    if (classes.size() != cuboids.values().size() || scores.size() != classes.size())
      throw ArgumentError{
          fmt::format("detections at {}: expected as many classes and scores as cuboids, got {}, {} and {}",
                      made.timestamp, classes.size(), scores.size(), cuboids.values().size())};
    for (std::size_t i = 0; i < classes.size(); ++i)
      made.detections.push_back({cuboids.values()[i], classes[i], scores[i]});
    out.push_back(std::move(made));
  }
  return out;
}

nb::object associate_frames(const std::vector<DetectionFrame>& frames, const AssociateOptions& options,
                            const RouteOptions& routes) {
  std::vector<AssociatedTrack> tracks;
  {
    const nb::gil_scoped_release unlocked;
    tracks = value_of_argument(associate(frames, options));
  }
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Found");
  nb::list found;
  LabelSet labels;
  for (AssociatedTrack& t : tracks) {
    const Routing to = route(t, routes);
    nb::list gaps;
    for (const DetectionGap& gap : t.gaps) gaps.append(nb::make_tuple(gap.begin, gap.end));
    found.append(make(t.track.id, t.track.class_name, t.score, std::string(route_name(to.to)), to.is_sample,
                      std::string(track_end_name(t.begins)), std::string(track_end_name(t.ends)), gaps));
    t.track.attributes["route"] = std::string(route_name(to.to));
    labels.tracks.push_back(std::move(t.track));
  }
  return nb::make_tuple(labels_of(std::move(labels)), found);
}

AssociateOptions options_from(double gate, double patience_s, std::size_t least_detections, double least_share,
                              double least_score) {
  return {.gate = gate,
          .patience_s = patience_s,
          .least_detections = least_detections,
          .least_share = least_share,
          .least_score = least_score};
}

RouteOptions routes_from(double accept, double review, double sample, std::uint64_t seed, const std::string& scene) {
  if (!(review <= accept))
    throw ArgumentError{fmt::format("review: expected a score not above accept ({}), got {}", accept, review)};
  return {.usual = {accept, review}, .sample = sample, .seed = seed, .scene = scene};
}

/// Of a detector's file, for the frames of a scene: (timestamp, cuboids, classes, scores) each.
nb::list read_detections(const OpenScene& scene, const std::filesystem::path& path) {
  std::vector<DetectionFrame> frames;
  {
    const Reading reading(scene.labels.state);
    const nb::gil_scoped_release unlocked;
    frames = value_of(value_of(DetectionFile::read(path)).frames_of(scene.get()));
  }
  nb::list out;
  for (const DetectionFrame& frame : frames) {
    std::vector<Cuboid> cuboids;
    std::vector<std::string> classes;
    std::vector<double> scores;
    for (const Detection& d : frame.detections) {
      cuboids.push_back(d.cuboid);
      classes.push_back(d.class_name);
      scores.push_back(d.score);
    }
    out.append(nb::make_tuple(frame.timestamp, records(std::move(cuboids), "cuboid_dtype"), classes,
                              array1(std::move(scores))));
  }
  return out;
}

}  // namespace

void bind_tracking(nb::module_& m) {
  m.def("refine", &refine_scene, "scene"_a, "track"_a.none(), "min_confidence"_a, "progress"_a.none(),
        nb::sig("def refine(scene: Scene, track: str | None, min_confidence: float, progress: "
                "collections.abc.Callable[[int, int], object] | None) -> Labels"));
  m.def("propagate", &propagate_track, "scene"_a, "track"_a, "start"_a.none(), "direction"_a, "min_confidence"_a,
        "patience_s"_a,
        nb::sig("def propagate(scene: Scene, track: str, start: int | None, direction: str, min_confidence: float, "
                "patience_s: float) -> tuple[Labels, list[sweepmark._records.Stop]]"));
  m.def("suggest", &suggest_frames, "scene"_a, "min_iou"_a, "track"_a.none(),
        nb::sig("def suggest(scene: Scene, min_iou: float, track: str | None) -> list[sweepmark._records.Suggestion]"));
  m.def("thin", &thin_scene, "scene"_a, "min_iou"_a, "max_center_error_m"_a, "max_yaw_error_rad"_a);
  m.def("densify", &densify_scene, "scene"_a, "timestamps"_a.none(), "every"_a, "mode"_a.none(), "size"_a,
        "extrapolate"_a, "count_points"_a, "threads"_a,
        nb::sig("def densify(scene: Scene, timestamps: object, every: int, mode: str | None, size: str, extrapolate: "
                "bool, count_points: bool, threads: int) -> Labels"));
  m.def(
      "associate",
      [](const nb::sequence& frames, double gate, double patience_s, std::size_t least_detections, double least_share,
         double least_score, double accept, double review, double sample, std::uint64_t seed,
         const std::string& scene) {
        return associate_frames(frames_of(frames),
                                options_from(gate, patience_s, least_detections, least_share, least_score),
                                routes_from(accept, review, sample, seed, scene));
      },
      "frames"_a, "gate"_a, "patience_s"_a, "least_detections"_a, "least_share"_a, "least_score"_a, "accept"_a,
      "review"_a, "sample"_a, "seed"_a, "scene"_a,
      nb::sig("def associate(frames: collections.abc.Sequence[object], gate: float, patience_s: float, "
              "least_detections: int, least_share: float, least_score: float, accept: float, review: float, sample: "
              "float, seed: int, scene: str) -> tuple[Labels, list[sweepmark._records.Found]]"));
  m.def("read_detections", &read_detections, "scene"_a, "path"_a,
        nb::sig("def read_detections(scene: Scene, path: str | os.PathLike[str]) -> list[tuple[int, "
                "numpy.typing.NDArray[numpy.void], list[str], numpy.typing.NDArray[numpy.float64]]]"),
        "What a detector found, in a file that detectors write (nuScenes' results, KITTI, our JSON): one entry for "
        "each frame of the scene, as `associate` takes them; cuboids in the world frame.");
}

}  // namespace sweepmark::python
