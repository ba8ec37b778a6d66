// SPDX-License-Identifier: Apache-2.0
#include "data/scene.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/image_file.h"
#include "data/missing_files.h"
#include "data/open_scene.h"
#include "data/point_cloud.h"
#include "data/raw_points.h"
#include "geometry/pose_track.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "python/bindings/scene_state.h"

namespace sweepmark::python {

using namespace nb::literals;

OpenScene open_of(Scene&& opened) {
  auto scene = std::make_shared<Scene>(std::move(opened));
  // One owner for both: the labels keep their scene alive.
  auto labels = std::shared_ptr<LabelSet>(scene, &scene->labels);
  return {std::move(scene), {std::make_shared<LabelsState>(LabelsState{std::move(labels)})}};
}

namespace {

struct SweepHandle {
  std::shared_ptr<Scene> scene;
  std::uint32_t index = 0;
  const SweepRef& get() const { return scene->sweeps[index]; }
  const std::string& sensor() const { return scene->sensors[get().sensor].name; }
};
struct ImageHandle {
  std::shared_ptr<Scene> scene;
  std::uint32_t index = 0;
  const ImageRef& get() const { return scene->images[index]; }
  const std::string& sensor() const { return scene->sensors[get().sensor].name; }
};
struct FrameHandle {
  std::shared_ptr<Scene> scene;
  std::size_t index = 0;
  const Frame& get() const { return scene->frames[index]; }
};

std::string_view kind_name(SensorKind kind) {
  return kind == SensorKind::lidar ? "lidar" : kind == SensorKind::camera ? "camera" : "radar";
}

template <class Handle>
std::vector<Handle> handles(const std::shared_ptr<Scene>& scene, const std::vector<std::uint32_t>& indices) {
  std::vector<Handle> out;
  for (const std::uint32_t index : indices) out.push_back({scene, index});
  return out;
}

template <class Handle, class Index>
std::vector<Handle> all_handles(const std::shared_ptr<Scene>& scene, std::size_t count) {
  std::vector<Handle> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({scene, static_cast<Index>(i)});
  return out;
}

/// The points of a sweep with what takes them to the world.
nb::object read_sweep(const SweepHandle& self) {
  const nb::object make = nb::module_::import_("sweepmark._scene").attr("PointCloud");
  PointCloud cloud;
  {
    const nb::gil_scoped_release unlocked;
    cloud = value_of(read_points(self.get()));
  }
  const Pose world_from_points = world_from_local(self.get(), cloud);
  nb::object ring = cloud.ring.empty() ? nb::none() : nb::cast(array1(std::move(cloud.ring)));
  nb::object offset = cloud.offset_ns.empty() ? nb::none() : nb::cast(array1(std::move(cloud.offset_ns)));
  return make(array2<float>(std::move(cloud.points)), ring, offset, vector_array(cloud.origin), world_from_points);
}

Array3<std::uint8_t> read_picture(const ImageHandle& self) {
  const ImageRef& image = self.get();
  if (image.video_frame)
    throw DataError{
        fmt::format("picture {} of a video: videos are not decoded here: {}", *image.video_frame, image.file.string())};
  Picture picture;
  {
    const nb::gil_scoped_release unlocked;
    picture = value_of(read_image(image.file, {image.width, image.height}));
  }
  const auto height = static_cast<std::size_t>(picture.height), width = static_cast<std::size_t>(picture.width);
  auto [data, owner] = on_heap(std::move(picture.rgba));
  return Array3<std::uint8_t>(data, {height, width, 4}, owner);
}

void bind_parts(nb::module_& m) {
  nb::class_<Sensor>(m, "Sensor", "A LiDAR, camera or radar and where it sits on the vehicle.")
      .def_ro("name", &Sensor::name)
      .def_prop_ro(
          "kind", [](const Sensor& s) { return kind_name(s.kind); }, "'lidar', 'camera' or 'radar'.")
      .def_ro("ego_from_sensor", &Sensor::ego_from_sensor)
      .def_ro("camera", &Sensor::camera, "Intrinsics, or None.")
      .def("__repr__", [](const Sensor& s) { return fmt::format("Sensor('{}', {})", s.name, kind_name(s.kind)); });
  nb::class_<SweepHandle>(m, "Sweep", "One LiDAR revolution, on disk until it is read.")
      .def_ro("index", &SweepHandle::index, "Place among `Scene.sweeps`.")
      .def_prop_ro(
          "sensor", [](const SweepHandle& s) { return s.sensor(); }, "The LiDAR's name.")
      .def_prop_ro(
          "timestamp", [](const SweepHandle& s) { return s.get().timestamp; }, "Nanoseconds since the dataset's epoch.")
      .def_prop_ro("path", [](const SweepHandle& s) { return s.get().file; })
      .def_prop_ro(
          "world_from_points", [](const SweepHandle& s) { return s.get().world_from_points; },
          "Takes the file's coordinates to the world; for those of `read` see `PointCloud.world_from_points`.")
      .def(
          "is_there", [](const SweepHandle& s) { return is_there(s.get()); }, "Whether its file is.")
      .def("read", &read_sweep, nb::sig("def read(self) -> sweepmark._scene.PointCloud"),
           "Reads the file. Error: unreadable, truncated, or another layout; the message names file and place.")
      .def("__repr__", [](const SweepHandle& s) {
        return fmt::format("Sweep('{}' at {}: {})", s.sensor(), s.get().timestamp, s.get().file.string());
      });
  nb::class_<ImageHandle>(m, "Image", "One picture of a camera, on disk until it is read.")
      .def_ro("index", &ImageHandle::index, "Place among `Scene.images`.")
      .def_prop_ro(
          "sensor", [](const ImageHandle& i) { return i.sensor(); }, "The camera's name.")
      .def_prop_ro(
          "timestamp", [](const ImageHandle& i) { return i.get().timestamp; }, "Nanoseconds since the dataset's epoch.")
      .def_prop_ro("path", [](const ImageHandle& i) { return i.get().file; })
      .def_prop_ro("world_from_sensor", [](const ImageHandle& i) { return i.get().world_from_sensor; })
      .def_prop_ro(
          "camera", [](const ImageHandle& i) { return i.scene->sensors[i.get().sensor].camera; },
          "Intrinsics, or None.")
      .def_prop_ro(
          "width", [](const ImageHandle& i) { return i.get().width; }, "Pixels; 0 where the dataset does not say.")
      .def_prop_ro("height", [](const ImageHandle& i) { return i.get().height; })
      .def("read", &read_picture,
           "Reads PNG or JPEG: height x width x 4, uint8, red, green, blue, alpha. Error: unreadable, another kind of "
           "file, a video.")
      .def("__repr__", [](const ImageHandle& i) {
        return fmt::format("Image('{}' at {}: {})", i.sensor(), i.get().timestamp, i.get().file.string());
      });
  nb::class_<FrameHandle>(m, "Frame", "One annotation instant.")
      .def_ro("index", &FrameHandle::index)
      .def_prop_ro(
          "timestamp", [](const FrameHandle& f) { return f.get().timestamp; }, "Nanoseconds since the dataset's epoch.")
      .def_prop_ro("world_from_ego", [](const FrameHandle& f) { return f.get().world_from_ego; })
      .def_prop_ro("sweeps", [](const FrameHandle& f) { return handles<SweepHandle>(f.scene, f.get().sweeps); })
      .def_prop_ro("images", [](const FrameHandle& f) { return handles<ImageHandle>(f.scene, f.get().images); })
      .def("__repr__", [](const FrameHandle& f) {
        return fmt::format("Frame({} at {}, {} sweeps, {} images)", f.index, f.get().timestamp, f.get().sweeps.size(),
                           f.get().images.size());
      });
}

/// \param name  where the path holds several scenes
SceneHandle found_scene(const std::filesystem::path& path, const std::optional<std::string>& name,
                        const std::optional<std::string>& format) {
  std::optional<Format> forced;
  if (format) {
    forced = format_from_name(*format);
    if (!forced)
      throw ArgumentError{fmt::format("format: there is none called '{}'; sweepmark.formats() lists them", *format)};
  }
  std::vector<SceneHandle> found = value_of(find_scenes(path, forced));
  std::vector<std::string> names;
  for (const SceneHandle& handle : found) names.push_back(handle.name);
  if (name) std::erase_if(found, [&](const SceneHandle& handle) { return handle.name != *name; });
  if (found.size() == 1) return std::move(found.front());
  const std::size_t shown = std::min<std::size_t>(names.size(), 10);
  const std::string list =
      fmt::format("{}{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                  names.size() > shown ? ", ..." : "");
  if (name) throw DataError{fmt::format("no scene is called {}, there is {}: {}", *name, list, path.string())};
  throw DataError{fmt::format("expected one scene, found {}: name one of {}: {}", names.size(), list, path.string())};
}

OpenScene open(const std::filesystem::path& path, const std::optional<std::string>& name,
               const std::optional<std::string>& format, const std::optional<std::filesystem::path>& labels,
               const std::string& point_fields, double frame_rate) {
  const nb::gil_scoped_release unlocked;
  if (!point_fields.empty()) (void)value_of_argument(RawLayout::parse(point_fields));
  SceneHandle handle = found_scene(path, name, format);
  handle.label_store = labels.value_or("");
  handle.point_fields = point_fields;
  handle.frame_rate = frame_rate;
  return open_of(value_of(open_scene(handle)));
}

std::vector<std::string> scene_names(const std::filesystem::path& path, const std::optional<std::string>& format) {
  const nb::gil_scoped_release unlocked;
  const auto forced = format ? format_from_name(*format) : std::nullopt;
  if (format && !forced) throw ArgumentError{fmt::format("format: there is none called '{}'", *format)};
  std::vector<std::string> names;
  for (const SceneHandle& handle : value_of(find_scenes(path, forced))) names.push_back(handle.name);
  return names;
}

std::vector<std::tuple<TimestampNs, Pose>> ego_poses(const OpenScene& self) {
  std::vector<std::tuple<TimestampNs, Pose>> poses;
  for (const TimedPose& pose : self.get().ego_poses) poses.emplace_back(pose.timestamp, pose.world_from_ego);
  return poses;
}

void bind_whole(nb::module_& m) {
  nb::class_<OpenScene>(m, "Scene",
                        "A drive: sensors, poses, frames that name sweeps and images, and labels. Opening it reads "
                        "tables; sweeps and images stay on disk. Nothing of it changes but its labels.")
      .def_prop_ro(
          "name", [](const OpenScene& s) { return s.get().name; }, "Unique among the scenes of `root`.")
      .def_prop_ro("format", [](const OpenScene& s) { return format_name(s.get().format); })
      .def_prop_ro(
          "root", [](const OpenScene& s) { return s.get().root; }, "The dataset's folder or file.")
      .def_prop_ro(
          "notes", [](const OpenScene& s) { return s.get().notes; },
          "What one should know: missing poses, skipped rows, assumed times.")
      .def_prop_ro("sensors", [](const OpenScene& s) { return s.get().sensors; })
      .def_prop_ro(
          "frames",
          [](const OpenScene& s) { return all_handles<FrameHandle, std::size_t>(s.scene, s.get().frames.size()); },
          nb::sig("def frames(self) -> list[Frame]"), "Annotation instants, ascending.")
      .def_prop_ro(
          "sweeps",
          [](const OpenScene& s) { return all_handles<SweepHandle, std::uint32_t>(s.scene, s.get().sweeps.size()); },
          nb::sig("def sweeps(self) -> list[Sweep]"), "All sweeps, those between frames too, ascending in time.")
      .def_prop_ro(
          "images",
          [](const OpenScene& s) { return all_handles<ImageHandle, std::uint32_t>(s.scene, s.get().images.size()); },
          nb::sig("def images(self) -> list[Image]"), "All images, ascending in time.")
      .def_prop_ro(
          "timestamps",
          [](const OpenScene& s) {
            std::vector<TimestampNs> times;
            for (const Frame& frame : s.get().frames) times.push_back(frame.timestamp);
            return array1(std::move(times));
          },
          nb::rv_policy::move, "Times of the frames, int64 nanoseconds.")
      .def_prop_ro("ego_poses", &ego_poses,
                   "Pairs of time and world_from_ego, at the dataset's own rate; none where it has none.")
      .def(
          "world_from_ego", [](const OpenScene& s, TimestampNs time) { return pose_at(s.get().ego_poses, time); },
          "timestamp"_a,
          "The pose at any time between known ones (position linear, rotation by slerp); None outside them.")
      .def_prop_rw(
          "labels", [](const OpenScene& s) { return s.labels; },
          [](const OpenScene& s, const Labels& other) {
            if (other.state == s.labels.state) return;
            LabelSet copy = other.get();
            s.labels.change() = std::move(copy);
          },
          nb::for_getter(nb::sig("def labels(self) -> Labels")),
          "Cuboids in the world frame and all else. Edits change the scene in memory; `write` and `Store` bring them "
          "to disk. Setting it takes a copy.")
      .def("__repr__", [](const OpenScene& s) {
        const Scene& scene = s.get();
        const double seconds =
            scene.frames.empty()
                ? 0
                : 1e-9 * static_cast<double>(scene.frames.back().timestamp - scene.frames.front().timestamp);
        return fmt::format("Scene('{}', {}, {} frames over {:.1f} s, {} sweeps, {} images, {} tracks)", scene.name,
                           format_name(scene.format), scene.frames.size(), seconds, scene.sweeps.size(),
                           scene.images.size(), scene.labels.tracks.size() + scene.labels.image_tracks.size());
      });
}

}  // namespace

void bind_scene(nb::module_& m) {
  bind_parts(m);
  bind_whole(m);
  m.def(
      "open", &open, "path"_a, "scene"_a = nb::none(), "format"_a = nb::none(), nb::kw_only(), "labels"_a = nb::none(),
      "point_fields"_a = "", "frame_rate"_a = 0.0,
      nb::sig("def open(path: str | os.PathLike[str], scene: str | None = None, format: str | None = None, *, labels: "
              "str | os.PathLike[str] | None = None, point_fields: str = '', frame_rate: float = 0.0) -> Scene"),
      "Opens a scene of any format, recognised by its layout.\n\n"
      ":param path: a dataset, a log, a file, or a folder of them\n:param scene: its name, where the path holds "
      "several\n:param format: one of `formats()`, instead of recognising it\n"
      ":param labels: a label store whose labels take the place of the dataset's\n:param point_fields: what makes a "
      "point in .bin files, 'x,y,z,intensity,ring'\n"
      ":param frame_rate: frames a second where frames are numbers without times\n:raises Error: nothing recognised, "
      "several scenes and no name, what the reader finds wrong. Cost: no sweep and no image is read.");
  m.def("scene_names", &scene_names, "path"_a, "format"_a = nb::none(),
        nb::sig("def scene_names(path: str | os.PathLike[str], format: str | None = None) -> list[str]"),
        "The scenes at a path, in the order of their names.");
}

}  // namespace sweepmark::python
