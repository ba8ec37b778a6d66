// SPDX-License-Identifier: Apache-2.0
//
// How much of an object's mask one box gives (geometry/segment/cutout.h), on real labels, beside the box itself and
// OpenCV's GrabCut as it comes: the table in docs/accuracy.md.
// Usage: cutout_accuracy DATA, the folder of real datasets
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "data/id_image.h"
#include "data/image_file.h"
#include "data/open_scene.h"
#include "geometry/mask_convert.h"
#include "geometry/segment/cutout.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;

struct Scores {
  std::vector<double> iou, seconds;
  void add(double value, double s) {
    iou.push_back(value);
    seconds.push_back(s);
  }
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

Mask plain_grab_cut(const Picture& picture, const ImageBox& box) {
  const cv::Mat whole(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::Mat colours, known, background, foreground;
  cv::cvtColor(whole, colours, cv::COLOR_RGBA2BGR);
  const cv::Rect part = cv::Rect(static_cast<int>(box.left), static_cast<int>(box.top),
                                 static_cast<int>(std::ceil(box.width())), static_cast<int>(std::ceil(box.height()))) &
                        cv::Rect(0, 0, picture.width, picture.height);
  const auto width = static_cast<std::uint32_t>(picture.width), height = static_cast<std::uint32_t>(picture.height);
  if (part.area() == picture.width * picture.height) return {width, height};
  cv::grabCut(colours, known, part, background, foreground, 5, cv::GC_INIT_WITH_RECT);
  const cv::Mat inside = (known == cv::GC_FGD) | (known == cv::GC_PR_FGD);
  return from_bitmap(width, height, {inside.data, inside.total()});
}

/// The masks of objects in one picture.
struct Example {
  fs::path picture;
  std::vector<Mask> masks;
};

/// \param pictures  where they are if not where the labels say; may be empty
std::vector<Example> examples_of_scene(const fs::path& path, const fs::path& pictures) {
  std::vector<Example> examples;
  const auto handles = find_scenes(path);
  if (!handles) {
    std::fprintf(stderr, "%s\n", handles.error().message.c_str());
    return examples;
  }
  for (const SceneHandle& handle : *handles) {
    const auto scene = open_scene(handle);
    if (!scene) continue;
    for (const ImageRef& image : scene->images) {
      Example example{pictures.empty() ? image.file : pictures / image.file.filename(), {}};
      const auto size = read_image_size(example.picture);
      if (!size) continue;
      for (const ImageTrack& track : scene->labels.image_tracks)
        for (const ImageKeyframe& k : track.keyframes) {
          if (k.timestamp != image.timestamp || track.camera != scene->sensors[image.sensor].name) continue;
          if (k.value.mask)
            example.masks.push_back(*k.value.mask);
          else if (k.value.polygon)
            example.masks.push_back(to_mask(*k.value.polygon, size->width, size->height));
        }
      examples.push_back(std::move(example));
    }
  }
  return examples;
}

/// Mapillary Vistas: images/NAME.jpg and instances/NAME.png, whose pixels are 256 times the class plus the object.
std::vector<Example> examples_of_vistas(const fs::path& folder) {
  std::ifstream in(folder / "config.json");
  const auto config = nlohmann::json::parse(in);
  std::vector<Example> examples;
  for (const auto& entry : fs::directory_iterator(folder / "instances")) {
    const auto ids = read_id_image(entry.path());
    if (!ids) continue;
    Example example{folder / "images" / (entry.path().stem().string() + ".jpg"), {}};
    for (auto& [id, mask] : masks_of_ids(ids->width, ids->height, ids->ids, UINT32_MAX))
      if (config["labels"][id / 256]["instances"]) example.masks.push_back(std::move(mask));
    examples.push_back(std::move(example));
  }
  return examples;
}

void score(const std::string& name, const std::vector<Example>& examples, bool with_plain) {
  constexpr double least_pixels = 400;
  Scores ours, plain, boxes;
  for (const Example& example : examples) {
    const auto picture = read_image(example.picture);
    if (!picture) continue;
    const auto width = static_cast<std::uint32_t>(picture->width), height = static_cast<std::uint32_t>(picture->height);
    for (const Mask& truth : example.masks) {
      if (truth.width() != width || truth.height() != height || static_cast<double>(area(truth)) < least_pixels)
        continue;
      const ImageBox box = bounds(truth);
      // Things, not stuff: what fills the picture has no box to draw.
      if (box.area() > 0.5 * width * height) continue;
      const auto clock = [] { return std::chrono::steady_clock::now(); };
      const auto since = [&](auto start) { return std::chrono::duration<double>(clock() - start).count(); };
      auto start = clock();
      const auto found = cut_out({picture->width, picture->height, picture->rgba}, box);
      ours.add(found ? iou(*found, truth) : 0, since(start));
      start = clock();
      const Mask of_plain = with_plain ? plain_grab_cut(*picture, box) : Mask(width, height);
      plain.add(iou(of_plain, truth), since(start));
      const Polygon outline{
          {{{{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}},
            RingKind::area}}};
      boxes.add(iou(to_mask(outline, width, height), truth), 0);
    }
  }
  std::printf("%s: %zu masks of %g pixels or more\n", name.c_str(), ours.iou.size(), least_pixels);
  for (const auto& [what, scores] :
       {std::pair("one box (ours)", &ours), {"GrabCut alone", &plain}, {"the box", &boxes}})
    std::printf("  %-16s median IoU %.3f, quarters %.3f and %.3f, median %.0f ms, slowest %.0f ms\n", what,
                quantile(scores->iou, 0.5), quantile(scores->iou, 0.25), quantile(scores->iou, 0.75),
                1e3 * quantile(scores->seconds, 0.5), 1e3 * quantile(scores->seconds, 1));
  std::fflush(stdout);
}

}  // namespace
}  // namespace sweepmark

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const bool with_plain = argc < 3;  // a second argument leaves the slow peer out
  namespace fs = std::filesystem;
  const fs::path data = argv[1];
  using namespace sweepmark;
  score("COCO panoptic",
        examples_of_scene(data / "coco_panoptic/panoptic_examples.json", data / "coco_panoptic/input_images"),
        with_plain);
  score("COCO keypoints", examples_of_scene(data / "coco_keypoints", {}), with_plain);
  score("Mapillary Vistas", examples_of_vistas(data / "mapillary_vistas"), with_plain);
}
