// SPDX-License-Identifier: Apache-2.0
//
// PandaSet: one folder a sequence; points, cuboids and poses in the world frame (z up). A cuboid's dimensions are
// width, length and height along its own x, y and z, and its front is its +y face: our heading is its yaw plus a
// quarter turn. Cuboids are rows of annotations/cuboids.csv, sweeps float32 x y z intensity; the pickled tables of the
// original distribution hold the same columns. Source: Xiao et al., PandaSet: Advanced Sensor Suite Dataset for
// Autonomous Driving (2021), and its development kit.
#include "data/formats/pandaset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/json_reader.h"
#include "data/formats/numbered_names.h"
#include "data/formats/pandaset_points.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"

namespace sweepmark::pandaset {
namespace fs = std::filesystem;
namespace {

constexpr double quarter_turn = std::numbers::pi / 2;
/// All cameras of the dataset.
constexpr int image_width = 1920, image_height = 1080;
constexpr int angle_decimals = 12;

constexpr std::array<std::string_view, 10> own_columns = {"frame",        "uuid",        "label",      "yaw",
                                                          "position.x",   "position.y",  "position.z", "dimensions.x",
                                                          "dimensions.y", "dimensions.z"};

struct Source : LabelSource {
  struct Row {
    std::string text;
    std::vector<std::string> cells;
    std::size_t frame = 0;
    TimestampNs timestamp = 0;
    std::string track, class_name;
    Cuboid in_world;
    Attributes attributes;
    std::optional<RowFault> fault;  ///< no label where there is one: the row goes back as it is
  };
  std::string header;
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::map<TimestampNs, std::size_t> frame_at;
};

/// Times and poses of one sensor, by frame.
struct SensorPath {
  std::vector<TimestampNs> times;
  std::vector<Pose> world_from_sensor;
};

Result<std::vector<TimestampNs>> read_times(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  const std::size_t begin = content->find_first_not_of(" \t\r\n"), end = content->find_last_not_of(" \t\r\n");
  if (begin == std::string::npos || (*content)[begin] != '[' || (*content)[end] != ']')
    return Error{fmt::format("expected an array of times in seconds: {}", file.string())};
  std::vector<TimestampNs> times;
  std::string_view rest = std::string_view(*content).substr(begin + 1, end - begin - 1);
  while (!words_of(rest).empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const auto words = words_of(rest.substr(0, comma));
    TimestampNs time = 0;
    if (words.size() != 1 || !parse_time(words[0], time)) {
      return Error{fmt::format("time {}: expected a time in seconds, got \"{}\": {}", times.size(),
                               rest.substr(0, std::min<std::size_t>(comma, 40)), file.string())};
    }
    if (!times.empty() && time <= times.back())
      return Error{fmt::format("time {}: expected times in ascending order, got {} ns after {} ns: {}", times.size(),
                               time, times.back(), file.string())};
    times.push_back(time);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return times;
}

Result<SensorPath> read_path(const fs::path& folder) {
  auto times = read_times(folder / "timestamps.json");
  if (!times) return times.error();
  const fs::path file = folder / "poses.json";
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  SensorPath path{*std::move(times), {}};
  const auto read = json::guard(file, [&] {
    json::array(*root, "");
    for (std::size_t i = 0; i < root->size(); ++i) {
      const std::string at = fmt::format("/{}", i);
      const json::Json& pose = (*root)[i];
      path.world_from_sensor.push_back(
          {normalized(json::quaternion_of_members(json::member(pose, "heading", at), at + "/heading")),
           json::vector_of_members(json::member(pose, "position", at), at + "/position")});
    }
  });
  if (!read) return read.error();
  if (path.times.size() != path.world_from_sensor.size()) {
    return Error{fmt::format("expected as many poses as there are times, {}, got {}: {}", path.times.size(),
                             path.world_from_sensor.size(), file.string())};
  }
  return path;
}

Result<CameraIntrinsics> read_intrinsics(const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  const auto root = json::parse(*content, file);
  if (!root) return root.error();
  CameraIntrinsics camera;
  const auto read = json::guard(file, [&] {
    camera = {json::number_of(*root, "fx", ""),
              json::number_of(*root, "fy", ""),
              json::number_of(*root, "cx", ""),
              json::number_of(*root, "cy", ""),
              image_width,
              image_height,
              "pinhole",
              {}};
  });
  if (!read) return read.error();
  return camera;
}

/// Columns of a row by name.
class Columns {
 public:
  static Result<Columns> of(const CsvRow& header, const fs::path& file) {
    Columns columns;
    for (std::size_t i = 0; i < header.cells.size(); ++i) columns.position_[header.cells[i]] = i;
    if (columns.position_.size() != header.cells.size())
      return Error{fmt::format("{}: expected each column once, got \"{}\"", at_line(file, header.line), header.text)};
    for (const std::string_view name : own_columns) {
      if (!columns.position_.contains(name))
        return Error{fmt::format("{}: expected a column \"{}\", got \"{}\"", at_line(file, header.line), name,
                                 header.text.substr(0, 200))};
    }
    return columns;
  }
  std::size_t operator[](std::string_view name) const { return position_.find(name)->second; }
  std::size_t size() const { return position_.size(); }

 private:
  std::map<std::string, std::size_t, std::less<>> position_;
};

Result<Source::Row> read_row(const CsvRow& csv, const Columns& columns, const Source& source, std::size_t frames,
                             const fs::path& file) {
  const std::string place = at_line(file, csv.line);
  if (csv.cells.size() != columns.size())
    return Error{fmt::format("{}: expected {} cells, got {}", place, columns.size(), csv.cells.size())};
  const auto cell = [&](std::string_view name) -> const std::string& { return csv.cells[columns[name]]; };
  Source::Row row;
  row.text = csv.text;
  row.cells = csv.cells;
  std::int64_t frame = 0;
  if (!parse_number(cell("frame"), frame) || frame < 0 || static_cast<std::size_t>(frame) >= frames) {
    return Error{fmt::format("{}: expected a frame below {}, the number of lidar/timestamps.json, got \"{}\"", place,
                             frames, cell("frame"))};
  }
  row.frame = static_cast<std::size_t>(frame);
  row.track = cell("uuid");
  row.class_name = cell("label");
  if (row.track.empty()) return Error{fmt::format("{}: expected an uuid, got an empty cell", place)};
  std::array<double, 7> v{};
  constexpr std::array<std::string_view, 7> names = {"yaw",          "position.x",   "position.y",  "position.z",
                                                     "dimensions.x", "dimensions.y", "dimensions.z"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (parse_number(cell(names[i]), v[i])) continue;
    if (!is_no_finite_number(cell(names[i])))
      return Error{fmt::format("{}, column {}: expected a number, got \"{}\"", place, names[i], cell(names[i]))};
    row.fault = not_finite_fault(cell(names[i]));
    v[i] = 0;
  }
  row.in_world = {{v[1], v[2], v[3]}, {v[5], v[4], v[6]}, quat_from_yaw(v[0] + quarter_turn)};
  if (!row.fault) row.fault = cuboid_fault(row.in_world);
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    if (std::ranges::find(own_columns, source.columns[i]) == own_columns.end() && !csv.cells[i].empty())
      row.attributes[source.columns[i]] = csv.cells[i];
  }
  return row;
}

Result<std::shared_ptr<Source>> read_cuboids(const fs::path& file, const std::vector<TimestampNs>& times,
                                             std::vector<BadRow>& bad_rows) {
  auto source = std::make_shared<Source>();
  for (std::size_t i = 0; i < times.size(); ++i) source->frame_at[times[i]] = i;
  auto content = read_file(file);
  if (!content) return content.error();
  auto rows = parse_csv(*content, file);
  if (!rows) return rows.error();
  if (rows->empty()) return Error{fmt::format("expected a header and rows, got an empty file: {}", file.string())};
  source->header = rows->front().text;
  source->columns = rows->front().cells;
  auto columns = Columns::of(rows->front(), file);
  if (!columns) return columns.error();
  std::set<std::pair<std::size_t, std::string>> seen;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    auto row = read_row((*rows)[i], *columns, *source, times.size(), file);
    if (!row) return row.error();
    row->timestamp = times[row->frame];
    if (!row->fault && !seen.emplace(row->frame, row->track).second)
      row->fault = second_row_fault("cuboid " + row->track);
    if (row->fault) {
      add_bad_row(bad_rows, bad_row_at(file, fmt::format("line {}", (*rows)[i].line), row->track, row->timestamp),
                  *row->fault);
    }
    source->rows.push_back(*std::move(row));
  }
  return source;
}

std::vector<Track> make_tracks(const Source& source) {
  std::map<std::string, std::size_t> track_of_id;
  std::vector<Track> tracks;
  for (std::uint32_t i = 0; i < source.rows.size(); ++i) {
    const Source::Row& row = source.rows[i];
    if (row.fault) continue;
    const auto [at, is_new] = track_of_id.try_emplace(row.track, tracks.size());
    if (is_new)
      tracks.push_back(
          {.id = row.track, .class_name = row.class_name, .attributes = {}, .keyframes = {}, .absences = {}});
    Track& track = tracks[at->second];
    track.keyframes.push_back({.timestamp = row.timestamp,
                               .cuboid = row.in_world,
                               .stored_count = {},
                               .attributes = row.attributes,
                               .source_row = i});
  }
  for (Track& track : tracks) {
    std::ranges::sort(track.keyframes, {}, &Keyframe::timestamp);
    set_classes_of_rows(track, source.rows, &Source::Row::class_name);
  }
  return tracks;
}

/// The vehicle drives along the LiDAR's +y axis; our ego frame has x forward.
Pose ego_from_lidar() { return {quat_from_yaw(-quarter_turn), {}}; }

class Reader {
 public:
  explicit Reader(const SceneHandle& handle) : root_(handle.root) {
    scene_.format = Format::pandaset;
    scene_.root = handle.root;
    scene_.name = handle.name;
  }

  Result<Scene> read() {
    auto lidar = read_path(root_ / "lidar");
    if (!lidar) return lidar.error();
    times_ = lidar->times;
    for (std::size_t i = 0; i < times_.size(); ++i)
      scene_.ego_poses.push_back({times_[i], lidar->world_from_sensor[i] * inverse(ego_from_lidar())});
    scene_.sensors.push_back(
        {.name = "lidar", .kind = SensorKind::lidar, .ego_from_sensor = ego_from_lidar(), .camera = {}});
    if (auto read = read_sweeps(); !read) return read.error();
    if (auto read = read_cameras(); !read) return read.error();
    if (auto read = read_labels(); !read) return read.error();
    make_frames();
    return std::move(scene_);
  }

 private:
  Result<void> check_frame(std::size_t frame, std::size_t count, const fs::path& file) const {
    if (frame < count) return {};
    return Error{fmt::format("frame {} has no time: expected a number below {}, the times of timestamps.json: {}",
                             frame, count, file.string())};
  }

  Result<void> read_sweeps() {
    for (const auto& [number, file] : numbered_files(root_ / "lidar", {".bin"})) {
      if (auto known = check_frame(number, times_.size(), file); !known) return known;
      frames_[number];
      sweep_of_frame_[number] = static_cast<std::uint32_t>(scene_.sweeps.size());
      scene_.sweeps.push_back({0, times_[number], file, PointFileKind::kitti_bin, {}});
    }
    if (scene_.sweeps.empty() && fs::exists(root_ / "lidar" / "00.pkl.gz"))
      scene_.notes.push_back("pickled sweeps are not read: save them as float32 x y z intensity in lidar/NN.bin");
    return read_point_classes();
  }

  /// lidar/NN.class.u8 beside the sweeps, named by annotations/semseg_classes.json.
  Result<void> read_point_classes() {
    std::error_code failure;
    for (const auto& [number, sweep] : sweep_of_frame_) {
      fs::path file = scene_.sweeps[sweep].file;
      file.replace_extension(".class.u8");
      if (!fs::exists(file, failure)) continue;
      scene_.labels.point_labels.push_back(
          {times_[number], scene_.sensors[0].name, file, PointLabelKind::class_bytes, nullptr});
    }
    const fs::path names = root_ / "annotations" / "semseg_classes.json";
    if (scene_.labels.point_labels.empty() || !fs::exists(names, failure)) return {};
    auto content = read_file(names);
    if (!content) return content.error();
    const auto root = json::parse(*content, names);
    if (!root) return root.error();
    return json::guard(names, [&] {
      for (const auto& [key, name] : json::object(*root, "").items()) {
        std::int64_t number = 0;
        if (!parse_number(key, number) || number < 0 || number > 0xFFFF)
          json::fail("/" + key, "the number of a class as the member's name");
        scene_.labels.point_classes[static_cast<std::uint16_t>(number)] = json::text(name, "/" + key);
      }
    });
  }

  Result<void> read_cameras() {
    std::error_code failure;
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(root_ / "camera", failure)) {
      if (entry.is_directory(failure)) folders.push_back(entry.path());
    }
    std::ranges::sort(folders);
    struct Image {
      std::size_t frame;
      ImageRef image;
    };
    std::vector<Image> images;
    for (const fs::path& folder : folders) {
      auto path = read_path(folder);
      if (!path) return path.error();
      auto camera = read_intrinsics(folder / "intrinsics.json");
      if (!camera) return camera.error();
      const auto sensor = static_cast<std::uint32_t>(scene_.sensors.size());
      scene_.sensors.push_back({.name = folder.filename().string(),
                                .kind = SensorKind::camera,
                                .ego_from_sensor = place_on_vehicle(*path),
                                .camera = *camera});
      for (const auto& [number, file] : numbered_files(folder, {".jpg"})) {
        if (auto known = check_frame(number, std::min(path->times.size(), times_.size()), file); !known) return known;
        images.push_back({number, {sensor, path->times[number], file, path->world_from_sensor[number]}});
      }
    }
    std::ranges::stable_sort(images, {}, [](const Image& i) { return i.image.timestamp; });
    for (Image& image : images) {
      frames_[image.frame].push_back(static_cast<std::uint32_t>(scene_.images.size()));
      scene_.images.push_back(std::move(image.image));
    }
    return {};
  }

  /// Where the camera sits on the vehicle: the dataset gives its pose in each frame only. From the first instant at
  /// which both poses are known.
  Pose place_on_vehicle(const SensorPath& path) const {
    for (std::size_t i = 0; i < path.times.size(); ++i) {
      if (const auto world_from_ego = pose_at(scene_.ego_poses, path.times[i]))
        return inverse(*world_from_ego) * path.world_from_sensor[i];
    }
    return {};
  }

  Result<void> read_labels() {
    std::error_code failure;
    const fs::path file = root_ / "annotations" / "cuboids.csv";
    if (!fs::exists(file, failure)) {
      scene_.notes.push_back("no annotations/cuboids.csv: a scene without labels");
      return {};
    }
    auto source = read_cuboids(file, times_, scene_.labels.bad_rows);
    if (!source) return source.error();
    for (const Source::Row& row : (*source)->rows) frames_[row.frame];
    note_points_not_told_apart(**source);
    scene_.labels.tracks = make_tracks(**source);
    scene_.labels.source = *std::move(source);
    return {};
  }

  /// Labels of one LiDAR are counted with the points of both where nothing says whose they are.
  void note_points_not_told_apart(const Source& source) {
    std::map<std::size_t, bool> is_told;  // by frame with a sweep
    std::error_code failure;
    for (const auto& [number, sweep] : sweep_of_frame_)
      is_told[number] = fs::exists(file_of_lidars(scene_.sweeps[sweep].file), failure);
    std::size_t labels = 0;
    for (const Source::Row& row : source.rows) {
      if (row.fault) continue;
      const auto lidar = row.attributes.find(sensor_attribute);
      const auto told = is_told.find(row.frame);
      if (lidar != row.attributes.end() && lidar->second != "-1" && told != is_told.end() && !told->second) ++labels;
    }
    if (labels > 0)
      scene_.notes.push_back(fmt::format(
          "{} labels are of one LiDAR, but lidar/NN.sensor.u8 does not say whose points are whose: they count those of "
          "both",
          labels));
  }

  void make_frames() {
    for (auto& [number, images] : frames_) {
      Frame frame{times_[number], scene_.ego_poses[number].world_from_ego, {}, std::move(images)};
      if (const auto sweep = sweep_of_frame_.find(number); sweep != sweep_of_frame_.end())
        frame.sweeps.push_back(sweep->second);
      scene_.frames.push_back(std::move(frame));
    }
  }

  fs::path root_;
  Scene scene_;
  std::vector<TimestampNs> times_;
  std::map<std::size_t, std::vector<std::uint32_t>> frames_;  ///< images of each frame that holds anything
  std::map<std::size_t, std::uint32_t> sweep_of_frame_;
};

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path / "lidar" / "poses.json", failure) && fs::exists(path / "lidar" / "timestamps.json", failure);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  if (!recognises(path))
    return Error{fmt::format("expected a sequence with lidar/poses.json and lidar/timestamps.json: {}", path.string())};
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  return std::vector<SceneHandle>{{Format::pandaset, clean, clean.filename().string()}};
}

Result<Scene> open(const SceneHandle& handle) { return Reader(handle).read(); }

namespace {

std::string row_text(const std::vector<std::string>& columns, std::size_t frame, const Track& track,
                     const Keyframe& keyframe) {
  const Cuboid& c = keyframe.cuboid;
  std::map<std::string, std::string, std::less<>> cells = {
      {"frame", std::to_string(frame)},
      {"uuid", track.id},
      {"label", class_at(track, keyframe.timestamp)},
      {"yaw", shortest(rounded(wrap_angle(yaw_of(c.rotation) - quarter_turn), angle_decimals))},
      {"position.x", shortest(c.center.x)},
      {"position.y", shortest(c.center.y)},
      {"position.z", shortest(c.center.z)},
      {"dimensions.x", shortest(c.size.y)},
      {"dimensions.y", shortest(c.size.x)},
      {"dimensions.z", shortest(c.size.z)}};
  for (const auto& [name, value] : keyframe.attributes) cells.emplace(name, value);
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto found = cells.find(columns[i]);
    text += (i == 0 ? "" : ",") + (found == cells.end() ? "" : csv_cell(found->second));
  }
  return text;
}

bool is_unchanged(const Source::Row& row, const Track& track, const Keyframe& keyframe) {
  return row.timestamp == keyframe.timestamp && row.track == track.id &&
         row.class_name == class_at(track, keyframe.timestamp) && row.in_world == keyframe.cuboid &&
         row.attributes == keyframe.attributes;
}

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  std::map<TimestampNs, std::size_t> frame_at;
  if (source != nullptr) frame_at = source->frame_at;
  for (std::size_t i = 0; source == nullptr && i < scene.frames.size(); ++i) frame_at[scene.frames[i].timestamp] = i;

  std::vector<std::string> columns(own_columns.begin(), own_columns.end());
  if (source != nullptr) columns = source->columns;
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      for (const auto& [name, value] : keyframe.attributes) {
        if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
      }
    }
  }
  const bool same_columns = source != nullptr && columns == source->columns;

  struct Row {
    std::size_t order, frame;
    std::string text;
  };
  std::vector<Row> rows;
  const std::size_t source_rows = source != nullptr ? source->rows.size() : 0;
  for (std::size_t i = 0; i < source_rows; ++i) {
    const Source::Row& row = source->rows[i];
    // New columns are empty for them.
    if (row.fault) rows.push_back({i, row.frame, row.text + std::string(columns.size() - row.cells.size(), ',')});
  }
  for (const Track& track : labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      const auto frame = frame_at.find(keyframe.timestamp);
      if (frame == frame_at.end()) {
        return Error{
            fmt::format("PandaSet holds labels at frames only: track {} has one at {} ns, where there is no frame: {}",
                        track.id, keyframe.timestamp, out.string())};
      }
      const bool known = keyframe.source_row < source_rows;
      if (known && same_columns && is_unchanged(source->rows[keyframe.source_row], track, keyframe)) {
        rows.push_back({keyframe.source_row, frame->second, source->rows[keyframe.source_row].text});
      } else {
        rows.push_back({known ? keyframe.source_row : source_rows, frame->second,
                        row_text(columns, frame->second, track, keyframe)});
      }
    }
  }
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return a.order != b.order ? a.order < b.order : a.frame < b.frame; });
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : ",") + csv_cell(columns[i]);
  if (same_columns) text = source->header;
  text += "\n";
  for (const Row& row : rows) text += row.text + "\n";
  return write_file(out, text);
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  // Frames that hold nothing have a number too: a scene of our own format keeps all of them.
  std::vector<TimedPose> frames;
  if (dynamic_cast<const Source*>(labels.source.get()) != nullptr) {
    frames = scene.ego_poses;
  } else {
    for (const Frame& frame : scene.frames) frames.push_back({frame.timestamp, frame.world_from_ego});
  }
  std::string times;
  json::Json poses = json::Json::array();
  for (const TimedPose& frame : frames) {
    times += (times.empty() ? "" : ", ") + seconds_text(frame.timestamp);
    const Pose world_from_lidar = frame.world_from_ego * ego_from_lidar();
    poses.push_back({{"position", json::members_of(world_from_lidar.translation)},
                     {"heading", json::members_of(world_from_lidar.rotation)}});
  }
  if (auto written = write_file_in_folder(folder / "lidar" / "timestamps.json", "[" + times + "]"); !written)
    return written;
  if (auto written = write_file_in_folder(folder / "lidar" / "poses.json", poses.dump()); !written) return written;
  const fs::path cuboids = folder / "annotations" / "cuboids.csv";
  if (auto made = make_folder_of(cuboids); !made) return made;
  return write_labels(scene, labels, cuboids);
}

}  // namespace sweepmark::pandaset
