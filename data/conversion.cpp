// SPDX-License-Identifier: Apache-2.0
#include "data/conversion.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "data/formats/scene_tools.h"

namespace sweepmark {

std::size_t Conversion::label_count() const {
  std::size_t count = 0;
  for (const Track& track : labels.tracks) count += track.keyframes.size();
  for (const ImageTrack& track : labels.image_tracks) count += track.keyframes.size();
  return count;
}

namespace {

/// Formats whose labels lie at frames have an image at its frame: one that was taken a little before or behind it goes
/// there, and its labels with it.
void put_images_at_frames(Scene& scene) {
  std::map<std::pair<std::string, TimestampNs>, TimestampNs> frame_of_image;
  for (const Frame& frame : scene.frames) {
    for (const std::uint32_t i : frame.images) {
      ImageRef& image = scene.images[i];
      if (image.timestamp == frame.timestamp) continue;
      frame_of_image.emplace(std::pair(scene.sensors[image.sensor].name, image.timestamp), frame.timestamp);
      image.timestamp = frame.timestamp;
    }
  }
  if (frame_of_image.empty()) return;
  for (ImageTrack& track : scene.labels.image_tracks) {
    const auto move = [&](TimestampNs& time) {
      if (const auto at = frame_of_image.find({track.camera, time}); at != frame_of_image.end()) time = at->second;
    };
    for (ImageKeyframe& k : track.keyframes) move(k.timestamp);
    for (AbsenceSpan& span : track.absences) move(span.begin), move(span.end);
  }
  sort_recordings(scene);
}

}  // namespace

std::vector<BadRow> left_out_rows(const Scene& scene, Format to) {
  const bool keeps_rows = to == Format::sweepmark_store || (to == scene.format && scene.labels.source != nullptr);
  return keeps_rows ? std::vector<BadRow>() : scene.labels.bad_rows;
}

Conversion prepare_conversion(Scene scene, Format to) {
  const bool needs_frames = to != scene.format && !format_features(to).has(Feature::off_frame_labels);
  if (needs_frames && !scene.labels.image_tracks.empty()) put_images_at_frames(scene);
  Conversion conversion{std::move(scene), to, {}, {}, {}, {}};
  conversion.labels = conversion.scene.labels;
  conversion.losses = take_out_for(conversion.scene, conversion.labels, to);
  conversion.inventions = inventions_for(conversion.scene, to);
  conversion.left_out_rows = left_out_rows(conversion.scene, to);
  return conversion;
}

Result<void> write(const Conversion& conversion, const std::filesystem::path& out, Overwrite overwrite) {
  return write_scene(conversion.scene, conversion.labels, conversion.to, out, overwrite);
}

std::vector<Format> target_formats(const Scene& scene) {
  std::vector<Format> formats = all_formats();
  std::erase_if(formats, [&](Format format) {
    if (!has_label_writer(format)) return true;
    if (format == scene.format) return false;
    const Features features = format_features(format);
    const LabelSet& labels = scene.labels;
    return !(!labels.tracks.empty() && features.has(Feature::cuboids)) &&
           !(!labels.image_tracks.empty() && features.has(Feature::image_labels)) &&
           !(!labels.point_labels.empty() && features.has(Feature::point_classes));
  });
  std::ranges::stable_partition(formats, [&](Format format) { return format == scene.format; });
  return formats;
}

}  // namespace sweepmark
