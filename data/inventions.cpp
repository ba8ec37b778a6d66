// SPDX-License-Identifier: Apache-2.0
#include "data/inventions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/formats/kitti_camera.h"
#include "data/missing_files.h"

namespace sweepmark {
namespace {

struct NeedRow {
  Need need;
  std::string_view name;
  std::string_view made_up;  ///< behind its number
  std::size_t (*count_missing)(const Scene&);
};

std::size_t count_frames_without_pose(const Scene& scene) {
  const bool has_any =
      scene.has_poses() || std::ranges::any_of(scene.frames, [](const Frame& f) { return f.world_from_ego != Pose{}; });
  return has_any ? 0 : scene.frames.size();
}
std::size_t count_frames_without_time(const Scene& scene) { return scene.has_assumed_times ? scene.frames.size() : 0; }
/// No camera of a dataset is one that the format can hold as it is.
std::size_t count_calibrations(const Scene&) { return 1; }
std::size_t count_tracks_without_number(const Scene& scene) {
  return static_cast<std::size_t>(std::ranges::count_if(scene.labels.tracks, [](const Track& track) {
    return track.id.empty() || track.id.find_first_not_of("0123456789") != std::string::npos ||
           (track.id.size() > 1 && track.id.front() == '0');
  }));
}

template <bool (*is_so)(const Scene&)>
std::size_t count_if(const Scene& scene) {
  return is_so(scene) ? 1 : 0;
}
std::size_t count_frames(const Scene& scene) { return scene.frames.size(); }
std::size_t count_frames_without_points(const Scene& scene) {
  return static_cast<std::size_t>(std::ranges::count_if(scene.frames, [&](const Frame& frame) {
    return std::ranges::none_of(frame.sweeps, [&](std::uint32_t sweep) { return is_there(scene.sweeps[sweep]); });
  }));
}
std::size_t count_pictures_of_videos(const Scene& scene) {
  return static_cast<std::size_t>(
      std::ranges::count_if(scene.images, [](const ImageRef& image) { return image.video_frame.has_value(); }));
}

constexpr std::array<NeedRow, need_count> need_rows = {{
    {Need::poses, "poses", "frames without a pose of the vehicle: it stands at the origin in all of them",
     count_frames_without_pose},
    {Need::times, "times", "frames without a time: they get made-up times at even distances",
     count_frames_without_time},
    {Need::calibration, "calibration",
     "camera that does not exist: boxes and angles in images are as it would see them", count_calibrations},
    {Need::track_numbers, "track numbers",
     "tracks whose ids are no numbers: they get numbers, and their ids stand in the attribute track_id",
     count_tracks_without_number},
    {Need::front_camera, "front camera",
     "camera that does not exist: boxes and angles in images are as it would see them", count_if<kitti::is_invented>},
    {Need::lens, "lens", "camera whose lens distorts: boxes in images and the calibration are as without that",
     count_if<kitti::has_other_lens>},
    {Need::upright_camera, "upright camera",
     "camera that is tilted against the vehicle: cuboids are put upright in its frame", count_if<kitti::is_tilted>},
    {Need::visibility, "visibility",
     "frames whose labels do not say what the image shows: it follows from the cuboids; outside the image the box is "
     "-1",
     count_frames},
    {Need::points, "points", "frames without a sweep that is there: their points are none",
     count_frames_without_points},
    {Need::image_files, "image files",
     "pictures of a video, which have no files of their own: labels name them as if each was taken out of it, such as "
     "CLIP/frame_000000.png, counted from 0",
     count_pictures_of_videos},
}};

}  // namespace

std::string_view need_name(Need need) { return need_rows[static_cast<std::size_t>(need)].name; }

std::vector<Invention> inventions(const Scene& scene, Needs needs) {
  std::vector<Invention> made;
  for (const NeedRow& row : need_rows) {
    if (!needs.has(row.need)) continue;
    const std::size_t count = row.count_missing(scene);
    if (count > 0) made.push_back({row.need, count, fmt::format("{} {}", count, row.made_up)});
  }
  return made;
}

}  // namespace sweepmark
