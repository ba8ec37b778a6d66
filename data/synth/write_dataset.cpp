// SPDX-License-Identifier: Apache-2.0
#include "data/synth/write_dataset.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "data/formats/kitti_common.h"
#include "data/synth/random.h"
#include "kernels/count_points.h"
#include "kernels/math/rigid.h"

namespace sweepmark::synth {
namespace fs = std::filesystem;
namespace {

constexpr int sweeps_of_a_sample = 5;
constexpr double label_range_m = 80;
constexpr std::int64_t first_time_us = 1'600'000'000'000'000, sweep_period_us = 100'000;

/// What one revolution gives: the labels of its instant with their counts.
struct SweepLabels {
  struct Label {
    std::size_t agent;
    Cuboid cuboid;
    std::uint32_t points;
  };
  Pose world_from_ego;
  std::vector<Label> labels;
};

double time_of(std::size_t sweep) { return 0.1 * static_cast<double>(sweep); }

/// Files are written below a temporary folder; the first failure is kept.
class Folder {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {}

  void write(const fs::path& name, std::string_view content) {
    const fs::path path = root_ / name;
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    std::ofstream file(path, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.flush();
    if (file) return;
    const std::lock_guard lock(mutex_);
    if (!problem_) problem_ = Error{fmt::format("cannot write: {}", path.string())};
  }
  const std::optional<Error>& problem() const { return problem_; }

 private:
  fs::path root_;
  std::mutex mutex_;
  std::optional<Error> problem_;
};

std::string token(std::uint64_t seed, const std::string& what) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : what) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  const Random random(seed);
  return fmt::format("{:016x}{:016x}", random.bits(7, h), random.bits(8, h));
}

std::string numbers(Vec3d v) { return fmt::format("[{}, {}, {}]", v.x, v.y, v.z); }
std::string numbers(Quat q) { return fmt::format("[{}, {}, {}, {}]", q.w, q.x, q.y, q.z); }

std::string table(const std::vector<std::string>& records) {
  std::string text = "[";
  for (std::size_t i = 0; i < records.size(); ++i) text += (i == 0 ? "\n" : ",\n") + records[i];
  return text + "\n]\n";
}

class NuscenesWriter {
 public:
  NuscenesWriter(const Street& street, const DatasetOptions& options, Folder& folder)
      : street_(street), options_(options), folder_(folder) {}

  static std::string sweep_file(std::size_t sweep) {
    const bool key = sweep % sweeps_of_a_sample == 0;
    return fmt::format("{}/LIDAR_TOP/generated__LIDAR_TOP__{}.pcd.bin", key ? "samples" : "sweeps", time_us(sweep));
  }

  static std::string sweep_bytes(const LidarSweep& sweep) {
    std::string bytes;
    bytes.reserve(sweep.points.size() * 20);
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
      const float values[5] = {sweep.points[i].x, sweep.points[i].y, sweep.points[i].z, sweep.points[i].intensity,
                               static_cast<float>(sweep.ring[i])};
      bytes.append(reinterpret_cast<const char*>(values), sizeof values);
    }
    return bytes;
  }

  void write_tables(const std::vector<SweepLabels>& sweeps) {
    write_fixed_tables(sweeps.size());
    write_recordings(sweeps);
    write_annotations(sweeps);
  }

 private:
  static std::int64_t time_us(std::size_t sweep) {
    return first_time_us + static_cast<std::int64_t>(sweep) * sweep_period_us;
  }
  std::string make_token(const std::string& what) const { return token(options_.street.seed, what); }
  std::string sample_token(std::size_t sample) const { return make_token(fmt::format("sample {}", sample)); }
  std::string annotation_token(std::size_t agent, std::size_t sample) const {
    return make_token(fmt::format("annotation {} {}", agent, sample));
  }
  void write(const char* name, const std::vector<std::string>& records) {
    folder_.write(fmt::format("v1.0-generated/{}.json", name), table(records));
  }

  void write_fixed_tables(std::size_t sweeps) {
    const std::size_t samples = (sweeps + sweeps_of_a_sample - 1) / sweeps_of_a_sample;
    write(
        "log",
        {fmt::format(
            R"({{"token": "{}", "logfile": "generated", "vehicle": "generated", "date_captured": "2020-09-13", "location": "generated"}})",
            make_token("log"))});
    write("map",
          {fmt::format(R"({{"category": "semantic_prior", "token": "{}", "filename": "", "log_tokens": ["{}"]}})",
                       make_token("map"), make_token("log"))});
    write(
        "scene",
        {fmt::format(
            R"({{"token": "{}", "log_token": "{}", "nbr_samples": {}, "first_sample_token": "{}", "last_sample_token": "{}", "name": "street-{}", "description": "generated street, seed {}"}})",
            make_token("scene"), make_token("log"), samples, sample_token(0), sample_token(samples - 1),
            options_.street.seed, options_.street.seed)});
    write("sensor",
          {fmt::format(R"({{"token": "{}", "channel": "LIDAR_TOP", "modality": "lidar"}})", make_token("sensor"))});
    write("calibrated_sensor",
          {fmt::format(
              R"({{"token": "{}", "sensor_token": "{}", "translation": {}, "rotation": {}, "camera_intrinsic": []}})",
              make_token("calibration"), make_token("sensor"), numbers(options_.lidar.ego_from_lidar.translation),
              numbers(options_.lidar.ego_from_lidar.rotation))});
    write("attribute", {});
    write(
        "visibility",
        {R"({"description": "visibility of whole object is between 80 and 100%", "token": "4", "level": "v80-100"})"});
  }

  void write_recordings(const std::vector<SweepLabels>& sweeps) {
    std::vector<std::string> poses, data, samples;
    const std::size_t last_sample = (sweeps.size() - 1) / sweeps_of_a_sample;
    for (std::size_t i = 0; i < sweeps.size(); ++i) {
      const std::size_t sample = i / sweeps_of_a_sample;
      const auto data_token = [&](std::size_t k) {
        return k < sweeps.size() ? make_token(fmt::format("data {}", k)) : std::string();
      };
      poses.push_back(fmt::format(R"({{"token": "{}", "timestamp": {}, "rotation": {}, "translation": {}}})",
                                  make_token(fmt::format("pose {}", i)), time_us(i),
                                  numbers(sweeps[i].world_from_ego.rotation),
                                  numbers(sweeps[i].world_from_ego.translation)));
      data.push_back(fmt::format(
          R"({{"token": "{}", "sample_token": "{}", "ego_pose_token": "{}", "calibrated_sensor_token": "{}", "timestamp": {}, "fileformat": "pcd", "is_key_frame": {}, "height": 0, "width": 0, "filename": "{}", "prev": "{}", "next": "{}"}})",
          data_token(i), sample_token(sample), make_token(fmt::format("pose {}", i)), make_token("calibration"),
          time_us(i), i % sweeps_of_a_sample == 0, sweep_file(i), i == 0 ? "" : data_token(i - 1), data_token(i + 1)));
      if (i % sweeps_of_a_sample != 0) continue;
      samples.push_back(
          fmt::format(R"({{"token": "{}", "timestamp": {}, "prev": "{}", "next": "{}", "scene_token": "{}"}})",
                      sample_token(sample), time_us(i), sample == 0 ? "" : sample_token(sample - 1),
                      sample == last_sample ? "" : sample_token(sample + 1), make_token("scene")));
    }
    write("ego_pose", poses);
    write("sample_data", data);
    write("sample", samples);
  }

  void write_annotations(const std::vector<SweepLabels>& sweeps) {
    // The samples in which each agent is labelled.
    std::map<std::size_t, std::vector<std::size_t>> samples_of_agent;
    for (std::size_t i = 0; i < sweeps.size(); i += sweeps_of_a_sample) {
      for (const auto& label : sweeps[i].labels) samples_of_agent[label.agent].push_back(i / sweeps_of_a_sample);
    }
    std::set<std::string> classes;
    std::vector<std::string> instances, annotations, categories;
    for (const auto& [agent, samples] : samples_of_agent) {
      const std::string& class_name = street_.agents()[agent].class_name;
      classes.insert(class_name);
      instances.push_back(fmt::format(
          R"({{"token": "{}", "category_token": "{}", "nbr_annotations": {}, "first_annotation_token": "{}", "last_annotation_token": "{}"}})",
          make_token(fmt::format("instance {}", agent)), make_token("category " + class_name), samples.size(),
          annotation_token(agent, samples.front()), annotation_token(agent, samples.back())));
    }
    for (const std::string& name : classes)
      categories.push_back(
          fmt::format(R"({{"token": "{}", "name": "{}", "description": ""}})", make_token("category " + name), name));
    for (std::size_t i = 0; i < sweeps.size(); i += sweeps_of_a_sample) {
      for (const auto& label : sweeps[i].labels)
        annotations.push_back(annotation(label, i / sweeps_of_a_sample, samples_of_agent[label.agent]));
    }
    write("category", categories);
    write("instance", instances);
    write("sample_annotation", annotations);
  }

  std::string annotation(const SweepLabels::Label& label, std::size_t sample,
                         const std::vector<std::size_t>& samples) const {
    const auto at = std::ranges::lower_bound(samples, sample);
    const std::string previous = at == samples.begin() ? "" : annotation_token(label.agent, *(at - 1));
    const std::string next = at + 1 == samples.end() ? "" : annotation_token(label.agent, *(at + 1));
    const Vec3d& size = label.cuboid.size;
    return fmt::format(
        R"({{"token": "{}", "sample_token": "{}", "instance_token": "{}", "visibility_token": "4", "attribute_tokens": [], "translation": {}, "size": {}, "rotation": {}, "prev": "{}", "next": "{}", "num_lidar_pts": {}, "num_radar_pts": 0}})",
        annotation_token(label.agent, sample), sample_token(sample),
        make_token(fmt::format("instance {}", label.agent)), numbers(label.cuboid.center),
        numbers(Vec3d{size.y, size.x, size.z}), numbers(label.cuboid.rotation), previous, next, label.points);
  }

  const Street& street_;
  const DatasetOptions& options_;
  Folder& folder_;
};

class KittiWriter {
 public:
  KittiWriter(const Street& street, const DatasetOptions& options, Folder& folder)
      : street_(street), options_(options), folder_(folder) {}

  static std::string sweep_file(std::size_t sweep) { return fmt::format("training/velodyne/0000/{:06}.bin", sweep); }

  static std::string sweep_bytes(const LidarSweep& sweep) {
    std::vector<Point> points = sweep.points;
    for (Point& p : points) p.intensity /= 255;  // KITTI's reflectance is in [0, 1]
    return {reinterpret_cast<const char*>(points.data()), points.size() * sizeof(Point)};
  }

  void write_tables(const std::vector<SweepLabels>& sweeps) {
    // The camera sits above the LiDAR and looks ahead: x right, y down, z forward.
    const Pose camera_from_lidar{quat_from_matrix({{{0, -1, 0}, {0, 0, -1}, {1, 0, 0}}}), {0, -0.08, -0.27}};
    const Pose lidar_from_ego = inverse(options_.lidar.ego_from_lidar);
    const auto matrix_row = [](const Pose& p) {
      const Mat3d r = matrix(p.rotation);
      const Vec3d& t = p.translation;
      return fmt::format(
          "{:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e} {:.12e}", r.m[0][0],
          r.m[0][1], r.m[0][2], t.x, r.m[1][0], r.m[1][1], r.m[1][2], t.y, r.m[2][0], r.m[2][1], r.m[2][2], t.z);
    };
    const char* projection = "7.215377e+02 0.0 6.095593e+02 0.0 0.0 7.215377e+02 1.728540e+02 0.0 0.0 0.0 1.0 0.0";
    std::string calibration;
    for (int camera = 0; camera < 4; ++camera) calibration += fmt::format("P{}: {}\n", camera, projection);
    calibration += "R0_rect: 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0\n";
    calibration += fmt::format("Tr_velo_to_cam: {}\nTr_imu_to_velo: {}\n", matrix_row(camera_from_lidar),
                               matrix_row(lidar_from_ego));
    std::string poses, labels;
    const Pose start_from_world = inverse(sweeps.front().world_from_ego);
    for (std::size_t i = 0; i < sweeps.size(); ++i) {
      poses += matrix_row(start_from_world * sweeps[i].world_from_ego) + "\n";
      const Pose camera_from_world = camera_from_lidar * lidar_from_ego * inverse(sweeps[i].world_from_ego);
      for (const auto& label : sweeps[i].labels) {
        labels += fmt::format("{} {} {} 0 0 -10.000000 -1.000000 -1.000000 -1.000000 -1.000000 {}\n", i, label.agent,
                              class_word(street_.agents()[label.agent].class_name),
                              kitti::label_numbers(camera_from_world * label.cuboid));
      }
    }
    folder_.write("training/calib/0000.txt", calibration);
    folder_.write("training/poses_imu_oxts/0000.txt", poses);
    folder_.write("training/label_02/0000.txt", labels);
  }

 private:
  static std::string_view class_word(std::string_view name) {
    if (name == "human.pedestrian.adult") return "Pedestrian";
    if (name == "vehicle.bicycle") return "Cyclist";
    if (name == "vehicle.truck" || name == "vehicle.bus.rigid") return "Truck";
    return "Car";
  }
  const Street& street_;
  const DatasetOptions& options_;
  Folder& folder_;
};

/// Labels of one instant, counted on the points as they are written.
SweepLabels label_sweep(const Street& street, const DatasetOptions& options, const LidarSweep& points, double t) {
  SweepLabels out{street.world_from_ego(t), {}};
  std::vector<Cuboid> cuboids;
  for (std::size_t i = 0; i < street.agents().size(); ++i) {
    const Cuboid cuboid = street.agent_at(i, t);
    if (norm(cuboid.center - out.world_from_ego.translation) > label_range_m) continue;
    out.labels.push_back({i, cuboid, 0});
    cuboids.push_back(cuboid);
  }
  const auto counts =
      PointCounter<Cpu>(Cpu{1}).run({points.points, cuboids, out.world_from_ego * options.lidar.ego_from_lidar});
  SWEEPMARK_EXPECTS(counts.has_value());
  for (std::size_t i = 0; i < out.labels.size(); ++i) out.labels[i].points = counts->inside[i];
  return out;
}

template <class Writer>
void generate(const Street& street, const DatasetOptions& options, Folder& folder,
              const std::function<void()>& progress) {
  std::vector<SweepLabels> sweeps(sweep_count(options.street));
  oneapi::tbb::parallel_for(std::size_t{0}, sweeps.size(), [&](std::size_t i) {
    const LidarSweep points = scan(street, options.lidar, time_of(i), i);
    folder.write(Writer::sweep_file(i), Writer::sweep_bytes(points));
    sweeps[i] = label_sweep(street, options, points, time_of(i));
    if (progress) progress();
  });
  Writer(street, options, folder).write_tables(sweeps);
}

Result<void> check(const DatasetOptions& options) {
  const StreetOptions& s = options.street;
  if (!(s.seconds > 0 && s.seconds <= 600))
    return Error{fmt::format("seconds: expected a number above 0 and up to 600, got {}", s.seconds)};
  if (options.lidar.rings != 32 && options.lidar.rings != 64 && options.lidar.rings != 128)
    return Error{fmt::format("rings: expected 32, 64 or 128, got {}", options.lidar.rings)};
  if (s.vehicles < 0 || s.vehicles > 60 || s.pedestrians < 0 || s.pedestrians > 60 || s.cyclists < 0 ||
      s.cyclists > 20) {
    return Error{fmt::format("expected up to 60 vehicles, 60 pedestrians and 20 cyclists, got {}, {} and {}",
                             s.vehicles, s.pedestrians, s.cyclists)};
  }
  return {};
}

}  // namespace

std::size_t sweep_count(const StreetOptions& options) {
  return static_cast<std::size_t>(std::floor(options.seconds * 10 + 1e-9)) + 1;
}

Result<void> write_dataset(const DatasetOptions& options, const fs::path& out, const std::function<void()>& progress,
                           Overwrite overwrite) {
  if (auto checked = check(options); !checked) return checked;
  auto finished = AtomicFolder::make(out, overwrite);
  if (!finished) return finished.error();
  Folder folder(finished->temporary_path());
  const Street street(options.street);
  if (options.format == DatasetFormat::nuscenes) {
    generate<NuscenesWriter>(street, options, folder, progress);
  } else {
    generate<KittiWriter>(street, options, folder, progress);
  }
  if (folder.problem()) return *folder.problem();
  return finished->commit();
}

}  // namespace sweepmark::synth
