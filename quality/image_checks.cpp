// SPDX-License-Identifier: Apache-2.0
#include "quality/image_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "data/frame_labels.h"
#include "quality/image_duplicates.h"
#include "quality/image_shape_checks.h"
#include "quality/image_track_checks.h"
#include "quality/labelled_images.h"
#include "quality/ontology_checks.h"
#include "quality/swapped_sides.h"

namespace sweepmark {
namespace {

/// A label that lies partly out of its image.
struct Reaching {
  ImageLabel label;
  double pixels;
  PictureSize image;
};

/// What was looked at in one camera.
struct CameraCount {
  std::size_t labels = 0, without_size = 0;
  std::vector<Reaching> reaching = {};
};

ImageTrack all_of(const std::string& camera) { return ImageTrack{.camera = camera}; }

std::string labels_text(std::size_t count) { return fmt::format("{} label{}", count, count == 1 ? "" : "s"); }

/// Datasets that say how far an object reaches out of its image do so in many labels and mean it; in the others, where
/// labels end at the edge, each that does not is a slip.
void report_reaching(const std::string& camera, const CameraCount& count, const CheckLimits& limits,
                     FindingCollector& found) {
  constexpr std::size_t few = 10;
  const bool is_meant =
      count.reaching.size() > few &&
      static_cast<double>(count.reaching.size()) > limits.beyond_image_share * static_cast<double>(count.labels);
  if (is_meant) {
    const auto worst = std::ranges::max_element(count.reaching, {}, &Reaching::pixels);
    found.add(Severity::note, "beyond-image", all_of(camera), worst->label.keyframe->timestamp, worst->pixels, [&] {
      return fmt::format(
          "{} of {} reach more than {} pixels out of their image, up to {:.0f}: too many to be slips, "
          "so they are not listed",
          count.reaching.size(), labels_text(count.labels), limits.beyond_image_px, worst->pixels);
    });
    return;
  }
  for (const auto& [label, pixels, image] : count.reaching) {
    found.add(Severity::warning, "beyond-image", *label.track, label.keyframe->timestamp, pixels,
              [out = pixels, size = image] {
                return fmt::format("reaches {:.1f} pixels out of the image of {} x {}", out, size.width, size.height);
              });
  }
}

/// Each label by itself. \return those whose numbers are finite
std::vector<ImageLabel> check_each_label(const Scene& scene, const CheckLimits& limits, LabelledImages& images,
                                         FindingCollector& found) {
  std::vector<ImageLabel> good;
  std::map<std::string, CameraCount> cameras;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    CameraCount& count = cameras[track.camera];
    for (const ImageKeyframe& label : track.keyframes) {
      ++count.labels;
      const ImageRef* image = images.find(track.camera, label.timestamp);
      if (image == nullptr && images.has_images_of(track.camera)) {
        found.add(Severity::warning, "no-image", track, label.timestamp, 0,
                  [] { return std::string("a label, but its camera has no image at that time"); });
      }
      if (!check_shapes(track, label, found)) continue;
      good.push_back({&track, &label});
      const PictureSize size = image == nullptr ? PictureSize{} : images.size_of(*image);
      count.without_size += size.width == 0 || size.height == 0 ? 1 : 0;
      const double reach = check_place(track, label, size, scene.labels.ontology, limits, found);
      if (reach > limits.beyond_image_px) count.reaching.push_back({good.back(), reach, size});
      check_parts(track, label, limits, found);
    }
  }
  for (const auto& [camera, count] : cameras) {
    report_reaching(camera, count, limits, found);
    if (count.without_size == 0) continue;
    found.add(Severity::note, "no-image-size", all_of(camera), 0, 0, [unknown = count.without_size] {
      return fmt::format(
          "whether {} {} is not checked: the size of the image is not known, and the picture is not there",
          labels_text(unknown), unknown == 1 ? "lies in its image" : "lie in their images");
    });
  }
  return good;
}

void check_image_ids(const LabelSet& labels, FindingCollector& found) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const ImageTrack& track : labels.image_tracks) {
    if (seen.emplace(track.camera, track.id).second) continue;
    found.add(Severity::error, "duplicate-id", track, track.keyframes.empty() ? 0 : track.keyframes.front().timestamp,
              0, [] { return std::string("another track of its camera has this id"); });
  }
}

/// The tracks with the given labels only, which are in their order.
std::vector<ImageTrack> tracks_with(std::span<const ImageLabel> labels) {
  std::vector<ImageTrack> tracks;
  const ImageTrack* last = nullptr;
  for (const auto& [track, keyframe] : labels) {
    if (track != last) tracks.push_back({.camera = track->camera, .id = track->id, .class_name = track->class_name});
    last = track;
    tracks.back().keyframes.push_back(*keyframe);
  }
  return tracks;
}

/// Where people find it.
void name_images(const Scene& scene, const LabelledImages& images, std::vector<Finding>& findings) {
  std::error_code failure;
  const auto folder = std::filesystem::is_directory(scene.root, failure) ? scene.root : scene.root.parent_path();
  for (Finding& finding : findings) {
    if (finding.track.empty()) continue;
    const ImageRef* image = images.find(finding.camera, finding.timestamp);
    if (image != nullptr && !image->file.empty())
      finding.image = image->file.lexically_proximate(folder).generic_string();
  }
}

}  // namespace

std::vector<Finding> check_image_labels(const Scene& scene, const CheckLimits& limits, Places places) {
  const LabelSet& labels = scene.labels;
  const std::span<const ImageTrack> tracks = labels.image_tracks;
  FindingCollector found(places);
  LabelledImages images(scene);
  check_image_ids(labels, found);
  const std::vector<ImageLabel> finite = check_each_label(scene, limits, images, found);
  check_image_duplicates(finite, limits, found);
  std::vector<ImageTrack> kept;
  std::span<const ImageTrack> finite_tracks = tracks;
  std::size_t all = 0;
  for (const ImageTrack& track : tracks) all += track.keyframes.size();
  if (finite.size() < all) finite_tracks = kept = tracks_with(finite);
  check_jumps(finite_tracks, limits, found);
  check_swapped_sides(finite_tracks, labels.ontology, found);
  if (!has_keyframes(scene)) check_image_presence(tracks, images, limits, found);
  check_ontology(tracks, labels.ontology, found);
  auto findings = std::move(found).take();
  name_images(scene, images, findings);
  sort_findings(findings);
  return findings;
}

}  // namespace sweepmark
