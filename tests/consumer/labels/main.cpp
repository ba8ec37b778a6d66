// SPDX-License-Identifier: Apache-2.0
//
// A tool of somebody else: argv is an Argoverse 2 log, a nuScenes dataset, and a folder to write to. Ends with status 1
// and says why where anything is not as it should be.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "data/conversion.h"
#include "data/open_scene.h"
#include "data/point_cloud.h"
#include "data/scene_in_store.h"
#include "data/store/changes.h"
#include "data/store/label_store.h"
#include "kernels/count_points.h"
#include "kernels/math/rigid.h"
#include "quality/label_checks.h"

namespace {

namespace fs = std::filesystem;
using namespace sweepmark;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  std::printf("not so: %s\n", what.c_str());
  std::exit(1);
}

template <class T>
T got(Result<T> result, const std::string& what) {
  expect(result.has_value(), what + ": " + (result ? "" : result.error().message));
  return *std::move(result);
}

void done(const Result<void>& result, const std::string& what) {
  expect(result.has_value(), what + ": " + (result ? "" : result.error().message));
}

Scene open_first(const fs::path& path, Format format) {
  const auto handles = got(find_scenes(path), "find");
  expect(handles.size() == 1 && handles[0].format == format, path.string() + " is one scene of its format");
  return got(open_scene(handles[0]), "open");
}

/// Points of all sweeps inside the labels of their frames.
std::size_t count_points(const Scene& scene) {
  PointCounter<Cpu> counter;
  std::size_t inside = 0;
  for (const Frame& frame : scene.frames) {
    std::vector<Cuboid> cuboids;
    for (const Track& track : scene.labels.tracks) {
      for (const Keyframe& keyframe : track.keyframes) {
        if (keyframe.timestamp == frame.timestamp) cuboids.push_back(keyframe.cuboid);
      }
    }
    for (const std::uint32_t sweep : frame.sweeps) {
      const PointCloud cloud = got(read_points(scene.sweeps[sweep]), "read");
      const Pose world_from_points = world_from_local(scene.sweeps[sweep], cloud);
      const auto counts = got(
          counter.run({.points = cloud.points, .cuboids = cuboids, .cuboids_from_points = world_from_points}), "count");
      for (const std::uint32_t count : counts.inside) inside += count;
    }
  }
  return inside;
}

std::size_t label_count(const Scene& scene) {
  std::size_t labels = 0;
  for (const Track& track : scene.labels.tracks) labels += track.keyframes.size();
  return labels;
}

/// Moves the first label of the first track up by one metre, as one edit in a new store; the scene has it from there.
void edit_in_store(Scene& scene, const fs::path& file) {
  const StoredScene about = stored_scene_of(scene, file).value();
  auto store = got(LabelStore::create(file, scene.labels, {"somebody", "consumer", 1}, &about), "make the store");
  LabelSet moved = scene.labels;
  moved.tracks[0].keyframes[0].cuboid.center.z += 1;
  done(store.commit(difference(scene.labels, moved), {"somebody", "consumer", 2}), "commit");
  done(put_labels_of_store(scene, file), "take the labels of the store");
}

}  // namespace

int main(int argc, char** argv) {
  expect(argc == 4, "three arguments");
  const fs::path out = argv[3];
  fs::create_directories(out);

  const Scene log = open_first(argv[1], Format::argoverse2);
  std::printf("Argoverse 2: %zu labels, %zu points inside\n", label_count(log), count_points(log));
  expect(label_count(log) > 0, "the log has labels");

  Scene street = open_first(argv[2], Format::nuscenes);
  const std::size_t inside = count_points(street);
  std::printf("nuScenes: %zu labels, %zu points inside, %zu findings\n", label_count(street), inside,
              check_labels(street, CheckLimits{}).size() + got(check_points(street, CheckLimits{}), "check").size());
  expect(inside > 0, "the street's labels have points");

  const double before = street.labels.tracks.at(0).keyframes.at(0).cuboid.center.z;
  edit_in_store(street, out / "street.sweepmark");
  expect(street.labels.tracks[0].keyframes[0].cuboid.center.z == before + 1, "the store has the edit");

  for (const Format format : all_formats()) {
    if (!has_label_writer(format)) continue;
    const Conversion conversion = prepare_conversion(street, format);
    const std::string name(format_name(format));
    done(write(conversion, out / (name + std::string(scene_extension(format)))), "write " + name);
  }
  const Scene kitti = open_first(out / "kitti_tracking", Format::kitti_tracking);
  expect(label_count(kitti) == label_count(street), "KITTI has as many labels");
  // Poses are relative to nothing here, and KITTI's labels have six decimals.
  for (const Track& track : kitti.labels.tracks) {
    for (const Keyframe& keyframe : track.keyframes) {
      const Cuboid& moved = street.labels.tracks[0].keyframes[0].cuboid;
      if (norm(keyframe.cuboid.center - moved.center) < 1e-4) {
        std::printf("moved by 1 m in KITTI too\n");
        return 0;
      }
    }
  }
  std::printf("no label in KITTI is where the moved one is\n");
  return 1;
}
