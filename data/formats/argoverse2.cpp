// SPDX-License-Identifier: Apache-2.0
#include "data/formats/argoverse2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "data/formats/bad_rows.h"
#include "data/formats/feather.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::argoverse2 {
namespace fs = std::filesystem;
namespace {

constexpr const char* pose_file = "city_SE3_egovehicle.feather";

struct Source : LabelSource {
  FeatherTable table;
  std::optional<FeatherTable> poses;  ///< as they are in their file: rotations are normalized when they are read
  struct Row {
    TimestampNs timestamp = 0;
    std::string track, category;
    Cuboid in_world;
    std::optional<std::int64_t> stored_count;
    bool is_bad = false;       ///< no label: written back as it is in the table
    bool has_no_pose = false;  ///< no frame can be there
  };
  std::vector<Row> rows;  ///< those of the table
  bool has_poses = false;
};

/// Columns of a table, each read once; the first problem is kept.
class Columns {
 public:
  explicit Columns(const FeatherTable& table) : table_(table) {}
  std::vector<double> numbers(const char* name) { return keep(table_.numbers(name)); }
  std::vector<std::int64_t> integers(const char* name) { return keep(table_.integers(name)); }
  std::vector<std::string> texts(const char* name) { return keep(table_.texts(name)); }
  std::vector<std::optional<std::int64_t>> optional_integers(const char* name) {
    return keep(table_.optional_integers(name));
  }
  const std::optional<Error>& problem() const { return problem_; }

 private:
  template <class Values>
  Values keep(Result<Values> column) {
    if (column) return *std::move(column);
    if (!problem_) problem_ = column.error();
    return Values(table_.rows());
  }
  const FeatherTable& table_;
  std::optional<Error> problem_;
};

/// Whatever the numbers are.
Result<std::vector<Pose>> read_pose_columns(const FeatherTable& table) {
  Columns columns(table);
  const auto qw = columns.numbers("qw"), qx = columns.numbers("qx"), qy = columns.numbers("qy"),
             qz = columns.numbers("qz");
  const auto x = columns.numbers("tx_m"), y = columns.numbers("ty_m"), z = columns.numbers("tz_m");
  if (columns.problem()) return *columns.problem();
  std::vector<Pose> poses;
  for (std::size_t i = 0; i < table.rows(); ++i) poses.push_back({{qw[i], qx[i], qy[i], qz[i]}, {x[i], y[i], z[i]}});
  return poses;
}

Result<std::vector<Pose>> read_poses(const FeatherTable& table, const fs::path& file) {
  auto poses = read_pose_columns(table);
  if (!poses) return poses;
  for (std::size_t i = 0; i < poses->size(); ++i) {
    Pose& pose = (*poses)[i];
    if (!is_finite(pose.translation) || rotation_fault(pose.rotation)) {
      return Error{fmt::format("row {}: expected a finite translation and a unit quaternion: {}", i, file.string())};
    }
    pose.rotation = normalized(pose.rotation);
  }
  return poses;
}

Result<std::vector<TimedPose>> read_ego_poses(const fs::path& file) {
  auto table = FeatherTable::read(file);
  if (!table) return table.error();
  auto times = table->integers("timestamp_ns");
  if (!times) return times.error();
  auto poses = read_poses(*table, file);
  if (!poses) return poses.error();
  std::vector<TimedPose> timed;
  for (std::size_t i = 0; i < poses->size(); ++i) timed.push_back({(*times)[i], (*poses)[i]});
  std::ranges::sort(timed, {}, &TimedPose::timestamp);
  const auto twice = std::ranges::adjacent_find(timed, {}, &TimedPose::timestamp);
  if (twice != timed.end()) return Error{fmt::format("two poses at {} ns: {}", twice->timestamp, file.string())};
  return timed;
}

/// Files named by a timestamp, in its order.
std::map<TimestampNs, fs::path> files_by_time(const fs::path& folder, std::string_view extension) {
  std::map<TimestampNs, fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    TimestampNs time = 0;
    if (entry.path().extension() == extension && parse_number(entry.path().stem().string(), time))
      files[time] = entry.path();
  }
  return files;
}

/// Poses at any time of the log; identity when the log has none.
struct EgoPath {
  const std::vector<TimedPose>& poses;
  Result<Pose> at(TimestampNs time, const std::string& what) const {
    if (poses.empty()) return Pose{};
    if (auto pose = pose_at(poses, time)) return *pose;
    return Error{fmt::format("{} at {} ns: expected a time between the first and last ego pose, {} and {} ns", what,
                             time, poses.front().timestamp, poses.back().timestamp)};
  }
};

Result<std::shared_ptr<Source>> read_annotations(const fs::path& file, const EgoPath& ego,
                                                 std::vector<BadRow>& bad_rows) {
  auto table = FeatherTable::read(file);
  if (!table) return table.error();
  Columns columns(*table);
  const auto time = columns.integers("timestamp_ns");
  const auto track = columns.texts("track_uuid"), category = columns.texts("category");
  const auto length = columns.numbers("length_m"), width = columns.numbers("width_m"),
             height = columns.numbers("height_m");
  const auto counts = table->has("num_interior_pts") ? columns.optional_integers("num_interior_pts")
                                                     : std::vector<std::optional<std::int64_t>>(table->rows());
  if (columns.problem()) return *columns.problem();
  auto poses = read_pose_columns(*table);
  if (!poses) return poses.error();
  auto source = std::make_shared<Source>();
  std::set<std::pair<std::string, TimestampNs>> seen;
  for (std::size_t i = 0; i < table->rows(); ++i) {
    Cuboid in_ego{(*poses)[i].translation, {length[i], width[i], height[i]}, (*poses)[i].rotation};
    const auto world_from_ego = ego.at(time[i], "row");
    auto fault = cuboid_fault(in_ego);
    if (!fault && !world_from_ego) {
      fault = RowFault{BadRow::Kind::other, fmt::format("a label at {} ns", time[i]),
                       fmt::format("a time between the first and last ego pose, {} and {} ns",
                                   ego.poses.front().timestamp, ego.poses.back().timestamp)};
    }
    if (!fault && !seen.emplace(track[i], time[i]).second) fault = second_row_fault(track[i]);
    source->rows.push_back({time[i], track[i], category[i], {}, counts[i], fault.has_value(), !world_from_ego});
    if (fault) {
      add_bad_row(bad_rows, bad_row_at(file, fmt::format("row {}", i), track[i], time[i]), *std::move(fault));
      continue;
    }
    in_ego.rotation = normalized(in_ego.rotation);
    source->rows.back().in_world = *world_from_ego * in_ego;
  }
  source->table = *std::move(table);
  return source;
}

std::vector<Track> make_tracks(const Source& source) {
  std::map<std::string, std::size_t> track_of_id;
  std::vector<Track> tracks;
  for (std::uint32_t i = 0; i < source.rows.size(); ++i) {
    const Source::Row& row = source.rows[i];
    if (row.is_bad) continue;
    const auto [at, is_new] = track_of_id.try_emplace(row.track, tracks.size());
    if (is_new)
      tracks.push_back(
          {.id = row.track, .class_name = row.category, .attributes = {}, .keyframes = {}, .absences = {}});
    tracks[at->second].keyframes.push_back({.timestamp = row.timestamp,
                                            .cuboid = row.in_world,
                                            .stored_count = row.stored_count,
                                            .attributes = {},
                                            .source_row = i});
  }
  for (Track& track : tracks) {
    std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
    set_classes_of_rows(track, source.rows, &Source::Row::category);
  }
  return tracks;
}

Result<void> read_calibration(const fs::path& log, Scene& scene) {
  std::error_code failure;
  const fs::path extrinsics = log / "calibration" / "egovehicle_SE3_sensor.feather",
                 intrinsics = log / "calibration" / "intrinsics.feather";
  if (fs::exists(extrinsics, failure)) {
    auto table = FeatherTable::read(extrinsics);
    if (!table) return table.error();
    auto names = table->texts("sensor_name");
    if (!names) return names.error();
    auto poses = read_poses(*table, extrinsics);
    if (!poses) return poses.error();
    for (std::size_t i = 0; i < names->size(); ++i) {
      const bool lidar = (*names)[i].find("lidar") != std::string::npos;
      scene.sensors.push_back({.name = (*names)[i],
                               .kind = lidar ? SensorKind::lidar : SensorKind::camera,
                               .ego_from_sensor = (*poses)[i],
                               .camera = {}});
    }
  }
  if (!fs::exists(intrinsics, failure)) return {};
  auto table = FeatherTable::read(intrinsics);
  if (!table) return table.error();
  Columns columns(*table);
  const auto names = columns.texts("sensor_name");
  const auto fx = columns.numbers("fx_px"), fy = columns.numbers("fy_px"), cx = columns.numbers("cx_px"),
             cy = columns.numbers("cy_px");
  // The images are undistorted: k1 to k3 say what the lens was, and the development kit's PinholeCamera leaves them
  // out.
  const auto height = columns.integers("height_px"), width = columns.integers("width_px");
  if (columns.problem()) return *columns.problem();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto sensor = std::ranges::find(scene.sensors, names[i], &Sensor::name);
    if (sensor == scene.sensors.end()) continue;
    sensor->camera = CameraIntrinsics{
        fx[i], fy[i], cx[i], cy[i], static_cast<int>(width[i]), static_cast<int>(height[i]), "pinhole", {}};
  }
  return {};
}

std::uint32_t sensor_number(Scene& scene, const std::string& name, SensorKind kind) {
  const auto found = std::ranges::find(scene.sensors, name, &Sensor::name);
  if (found != scene.sensors.end()) return static_cast<std::uint32_t>(found - scene.sensors.begin());
  scene.sensors.push_back({.name = name, .kind = kind, .ego_from_sensor = {}, .camera = {}});
  return static_cast<std::uint32_t>(scene.sensors.size() - 1);
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path / "annotations.feather", failure) || fs::exists(path / pose_file, failure);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{
        fmt::format("expected a log with annotations.feather or city_SE3_egovehicle.feather: {}", path.string())};
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return std::vector<SceneHandle>{{Format::argoverse2, clean, clean.filename().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene;
  scene.format = Format::argoverse2;
  scene.root = handle.root;
  scene.name = handle.name;
  std::error_code failure;
  if (const fs::path file = handle.root / pose_file; fs::exists(file, failure)) {
    auto poses = read_ego_poses(file);
    if (!poses) return poses.error();
    scene.ego_poses = *std::move(poses);
  } else {
    scene.notes.push_back(
        "no city_SE3_egovehicle.feather: the world frame is the ego frame, so the ego vehicle's motion stays in the "
        "tracks");
  }
  if (auto calibration = read_calibration(handle.root, scene); !calibration) return calibration.error();
  const EgoPath ego{scene.ego_poses};
  std::set<TimestampNs> times;

  // Sweeps of both LiDARs are stored together, in the ego frame at the sweep's time.
  const auto sweeps = files_by_time(handle.root / "sensors" / "lidar", ".feather");
  const std::uint32_t lidar = sweeps.empty() ? 0 : sensor_number(scene, "lidar", SensorKind::lidar);
  for (const auto& [time, file] : sweeps) {
    auto pose = ego.at(time, file.string());
    if (!pose) return pose.error();
    scene.sweeps.push_back({lidar, time, file, PointFileKind::av2_feather, *pose});
    times.insert(time);
  }
  if (const fs::path file = handle.root / "annotations.feather"; fs::exists(file, failure)) {
    auto source = read_annotations(file, ego, scene.labels.bad_rows);
    if (!source) return source.error();
    (*source)->has_poses = scene.has_poses();
    if (scene.has_poses()) {
      auto poses = FeatherTable::read(handle.root / pose_file);
      if (!poses) return poses.error();
      (*source)->poses = *std::move(poses);
    }
    for (const Source::Row& row : (*source)->rows) {
      if (!row.has_no_pose) times.insert(row.timestamp);
    }
    scene.labels.tracks = make_tracks(**source);
    scene.labels.source = *source;
  }
  for (const TimestampNs time : times) {
    auto pose = ego.at(time, handle.name);
    if (!pose) return pose.error();
    Frame frame{time, *pose, {}, {}};
    const auto sweep = std::ranges::lower_bound(scene.sweeps, time, {}, &SweepRef::timestamp);
    if (sweep != scene.sweeps.end() && sweep->timestamp == time)
      frame.sweeps.push_back(static_cast<std::uint32_t>(sweep - scene.sweeps.begin()));
    scene.frames.push_back(std::move(frame));
  }
  const fs::path cameras = handle.root / "sensors" / "cameras";
  for (const auto& folder : fs::directory_iterator(cameras, failure)) {
    const std::uint32_t sensor = sensor_number(scene, folder.path().filename().string(), SensorKind::camera);
    for (const auto& [time, file] : files_by_time(folder.path(), ".jpg")) {
      auto pose = ego.at(time, file.string());
      if (!pose) continue;  // images before the first pose show nothing labelled
      scene.images.push_back({sensor, time, file, *pose * scene.sensors[sensor].ego_from_sensor});
    }
  }
  std::ranges::stable_sort(scene.images, {}, &ImageRef::timestamp);
  for (std::uint32_t i = 0; i < scene.images.size() && !scene.frames.empty(); ++i) {
    const auto frame = std::ranges::min_element(
        scene.frames, {}, [&](const Frame& f) { return std::abs(f.timestamp - scene.images[i].timestamp); });
    frame->images.push_back(i);
  }
  return scene;
}

Result<PointCloud> read_sweep(const fs::path& file) {
  auto table = FeatherTable::read(file);
  if (!table) return table.error();
  Columns columns(*table);
  const auto x = columns.numbers("x"), y = columns.numbers("y"), z = columns.numbers("z"),
             intensity = columns.numbers("intensity");
  const auto ring = table->has("laser_number") ? columns.integers("laser_number") : std::vector<std::int64_t>{};
  const auto offset = table->has("offset_ns") ? columns.integers("offset_ns") : std::vector<std::int64_t>{};
  if (columns.problem()) return *columns.problem();
  PointCloud cloud;
  cloud.points.resize(table->rows());
  for (std::size_t i = 0; i < cloud.points.size(); ++i) {
    cloud.points[i] = {static_cast<float>(x[i]), static_cast<float>(y[i]), static_cast<float>(z[i]),
                       static_cast<float>(intensity[i])};
  }
  for (const std::int64_t number : ring) cloud.ring.push_back(static_cast<std::uint16_t>(number));
  for (const std::int64_t time : offset) cloud.offset_ns.push_back(static_cast<std::int32_t>(time));
  return cloud;
}

namespace {

std::vector<std::pair<std::string, std::string>> row_values(const Track& track, const Keyframe& keyframe,
                                                            const Cuboid& in_ego) {
  const auto text = [](double value) { return fmt::format("{}", value); };
  std::vector<std::pair<std::string, std::string>> values = {{"timestamp_ns", fmt::format("{}", keyframe.timestamp)},
                                                             {"track_uuid", track.id},
                                                             {"category", class_at(track, keyframe.timestamp)},
                                                             {"length_m", text(in_ego.size.x)},
                                                             {"width_m", text(in_ego.size.y)},
                                                             {"height_m", text(in_ego.size.z)},
                                                             {"qw", text(in_ego.rotation.w)},
                                                             {"qx", text(in_ego.rotation.x)},
                                                             {"qy", text(in_ego.rotation.y)},
                                                             {"qz", text(in_ego.rotation.z)},
                                                             {"tx_m", text(in_ego.center.x)},
                                                             {"ty_m", text(in_ego.center.y)},
                                                             {"tz_m", text(in_ego.center.z)}};
  if (keyframe.stored_count) values.emplace_back("num_interior_pts", fmt::format("{}", *keyframe.stored_count));
  return values;
}

bool is_unchanged(const Source::Row& row, const Track& track, const Keyframe& keyframe) {
  return row.timestamp == keyframe.timestamp && row.in_world == keyframe.cuboid && row.track == track.id &&
         row.category == class_at(track, keyframe.timestamp) && row.stored_count == keyframe.stored_count;
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const FeatherTable table = source != nullptr ? source->table
                                               : FeatherTable::empty({{"timestamp_ns", "int64"},
                                                                      {"track_uuid", "string"},
                                                                      {"category", "string"},
                                                                      {"length_m", "double"},
                                                                      {"width_m", "double"},
                                                                      {"height_m", "double"},
                                                                      {"qw", "double"},
                                                                      {"qx", "double"},
                                                                      {"qy", "double"},
                                                                      {"qz", "double"},
                                                                      {"tx_m", "double"},
                                                                      {"ty_m", "double"},
                                                                      {"tz_m", "double"},
                                                                      {"num_interior_pts", "int64"}});
  struct Row {
    std::size_t order;
    TimestampNs time;
    FeatherTable::NewRow row;
  };
  std::vector<Row> rows;
  const std::size_t source_rows = source != nullptr ? source->rows.size() : 0;
  bool changed = false;
  for (std::size_t i = 0; i < source_rows; ++i) {
    if (source->rows[i].is_bad) rows.push_back({i, source->rows[i].timestamp, {i, {}}});
  }
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      const bool known = keyframe.source_row < source_rows;
      if (known && is_unchanged(source->rows[keyframe.source_row], track, keyframe)) {
        rows.push_back({keyframe.source_row, keyframe.timestamp, {keyframe.source_row, {}}});
        continue;
      }
      changed = true;
      auto world_from_ego = world_from_ego_at(scene, keyframe.timestamp);
      if (!world_from_ego) return world_from_ego.error();
      FeatherTable::NewRow row{known ? keyframe.source_row : FeatherTable::NewRow::none,
                               row_values(track, keyframe, inverse(*world_from_ego) * keyframe.cuboid)};
      rows.push_back({known ? keyframe.source_row : source_rows, keyframe.timestamp, std::move(row)});
    }
  }
  if (!changed && rows.size() == source_rows && source != nullptr) return table.write(out);  // the very same table
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return a.order != b.order ? a.order < b.order : a.time < b.time; });
  std::vector<FeatherTable::NewRow> new_rows;
  for (Row& row : rows) new_rows.push_back(std::move(row.row));
  auto result = table.with_rows(new_rows);
  if (!result) return result.error();
  return result->write(out);
}

namespace {

Result<FeatherTable> pose_table(const Scene& scene) {
  std::vector<FeatherTable::NewRow> rows;
  for (const TimedPose& pose : known_poses(scene)) {
    const Quat& q = pose.world_from_ego.rotation;
    const Vec3d& t = pose.world_from_ego.translation;
    rows.push_back({FeatherTable::NewRow::none,
                    {{"timestamp_ns", fmt::format("{}", pose.timestamp)},
                     {"qw", shortest(q.w)},
                     {"qx", shortest(q.x)},
                     {"qy", shortest(q.y)},
                     {"qz", shortest(q.z)},
                     {"tx_m", shortest(t.x)},
                     {"ty_m", shortest(t.y)},
                     {"tz_m", shortest(t.z)}}});
  }
  return FeatherTable::empty({{"timestamp_ns", "int64"},
                              {"qw", "double"},
                              {"qx", "double"},
                              {"qy", "double"},
                              {"qz", "double"},
                              {"tx_m", "double"},
                              {"ty_m", "double"},
                              {"tz_m", "double"}})
      .with_rows(rows);
}

}  // namespace

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const auto poses = source != nullptr && source->poses ? Result<FeatherTable>(*source->poses) : pose_table(scene);
  if (!poses) return poses.error();
  if (auto written = poses->write(folder / pose_file); !written) return written;
  return write_labels(scene, labels, folder / "annotations.feather");
}

}  // namespace sweepmark::argoverse2
