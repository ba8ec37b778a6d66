// SPDX-License-Identifier: Apache-2.0
#include "data/conversion.h"

#include <algorithm>
#include <utility>

namespace sweepmark {

std::size_t Conversion::label_count() const {
  std::size_t count = 0;
  for (const Track& track : labels.tracks) count += track.keyframes.size();
  for (const ImageTrack& track : labels.image_tracks) count += track.keyframes.size();
  return count;
}

Conversion prepare_conversion(Scene scene, Format to) {
  Conversion conversion{std::move(scene), to, {}, {}, {}};
  conversion.labels = conversion.scene.labels;
  conversion.losses = take_out_for(conversion.scene, conversion.labels, to);
  conversion.inventions = inventions_for(conversion.scene, to);
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
