// SPDX-License-Identifier: Apache-2.0
//
// How exact 2D tracks are between keyframes, and after propagation, on real labels: the tables in docs/accuracy.md.
// Usage: image_track_accuracy DATA, the folder of real datasets.
#include <cmath>
#include <cstdio>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "data/open_scene.h"
#include "geometry/mask_convert.h"
#include "tracking/evaluate_image.h"
#include "tracking/flow/propagate_image.h"

namespace sweepmark {
namespace {

namespace fs = std::filesystem;

struct Score {
  std::size_t count = 0, at_07 = 0, at_09 = 0;
  double sum = 0;
  void add(double iou) {
    ++count;
    sum += iou;
    at_07 += iou >= 0.7 ? 1 : 0;
    at_09 += iou >= 0.9 ? 1 : 0;
  }
  double share(std::size_t of) const {
    return count == 0 ? 0 : 100.0 * static_cast<double>(of) / static_cast<double>(count);
  }
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

double overlap(const ImageValue& truth, const ImageValue& got) {
  if (truth.mask && got.mask) return iou(*truth.mask, *got.mask);
  if (truth.polygon && got.polygon) return iou(to_mask(*truth.polygon, 1280, 720), to_mask(*got.polygon, 1280, 720));
  if (truth.box && got.box) return iou(*truth.box, *got.box);
  return 0;
}

/// Every n-th label of each stretch without gaps stays; the others are compared with what follows from those.
void score_tracks(const std::vector<ImageTrack>& tracks, std::size_t every, Score& interpolated, Score& held) {
  for (const ImageTrack& whole : tracks) {
    for (std::size_t begin = 0; begin < whole.keyframes.size();) {
      std::size_t end = begin + 1;
      const auto is_gap = [&](std::size_t k) {
        return std::ranges::any_of(whole.absences, [&](const AbsenceSpan& s) {
          return s.begin > whole.keyframes[k - 1].timestamp && s.end < whole.keyframes[k].timestamp;
        });
      };
      while (end < whole.keyframes.size() && !is_gap(end)) ++end;
      ImageTrack kept = whole;
      kept.keyframes.clear();
      kept.absences.clear();
      for (std::size_t k = begin; k < end; ++k) {
        if ((k - begin) % every == 0 || k + 1 == end) kept.keyframes.push_back(whole.keyframes[k]);
      }
      std::vector<TimestampNs> times;
      for (std::size_t k = begin; k < end; ++k) times.push_back(whole.keyframes[k].timestamp);
      const auto states = evaluate(kept, times);
      const ImageValue* last = nullptr;
      for (std::size_t k = begin; k < end; ++k) {
        const ImageValue& truth = whole.keyframes[k].value;
        if (states[k - begin] && states[k - begin]->is_keyframe) {
          last = &truth;
          continue;
        }
        interpolated.add(states[k - begin] ? overlap(truth, states[k - begin]->value) : 0);
        held.add(overlap(truth, *last));
      }
      begin = end;
    }
  }
}

void interpolation_table(const fs::path& data) {
  struct Case {
    const char* name;
    const char* path;
    std::optional<ImageValue> (*part)(const ImageValue&);
  };
  const auto only_box = [](const ImageValue& v) {
    return v.box ? std::optional(ImageValue{.box = v.box}) : std::nullopt;
  };
  const auto only_polygon = [](const ImageValue& v) {
    return v.polygon ? std::optional(ImageValue{.polygon = v.polygon}) : std::nullopt;
  };
  const auto only_mask = [](const ImageValue& v) {
    return v.mask ? std::optional(ImageValue{.mask = v.mask}) : std::nullopt;
  };
  const Case cases[] = {{"MOT17-02 boxes, 30 Hz", "mot17/MOT17-02", only_box},
                        {"MOT17-05 boxes, moving camera, 14 Hz", "mot17/MOT17-05", only_box},
                        {"MOT17-11 boxes, moving camera, 30 Hz", "mot17/MOT17-11", only_box},
                        {"TUD-Campus boxes, 25 Hz", "mot15/TUD-Campus", only_box},
                        {"BDD100K boxes, 5 Hz", "bdd100k/box_track/track_sample_anns.json", only_box},
                        {"BDD100K polygons, 5 Hz", "bdd100k/seg_track/seg_track_sample.json", only_polygon},
                        {"BDD100K masks, 5 Hz", "bdd100k/seg_track/seg_track_sample.json", only_mask}};
  std::printf(
      "| tracks | every | labels | mean IoU | at least 0.7 | at least 0.9 | last keyframe held: mean IoU | at least "
      "0.7 |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const Case& c : cases) {
    const auto found = find_scenes(data / c.path);
    if (!found) {
      std::fprintf(stderr, "%s\n", found.error().message.c_str());
      continue;
    }
    const auto scene = open_scene(found->front());
    if (!scene) {
      std::fprintf(stderr, "%s\n", scene.error().message.c_str());
      continue;
    }
    std::vector<ImageTrack> tracks = scene->labels.image_tracks;
    for (ImageTrack& track : tracks) {
      for (ImageKeyframe& k : track.keyframes) k.value = c.part(k.value).value_or(ImageValue{});
    }
    for (const std::size_t every : {3U, 5U, 10U}) {
      Score interpolated, held;
      score_tracks(tracks, every, interpolated, held);
      std::printf("| %s | %zu | %zu | %.3f | %.1f %% | %.1f %% | %.3f | %.1f %% |\n", c.name, every, interpolated.count,
                  interpolated.mean(), interpolated.share(interpolated.at_07), interpolated.share(interpolated.at_09),
                  held.mean(), held.share(held.at_07));
    }
  }
}

/// KITTI tracking 0000: 2D boxes by frame and id, as people drew them.
std::map<int, std::map<int, ImageBox>> kitti_boxes(const fs::path& file) {
  std::map<int, std::map<int, ImageBox>> boxes;
  const auto content = read_file(file);
  if (!content) return boxes;
  for (const Line& line : lines_of(*content)) {
    const auto words = words_of(line.text);
    double frame = 0, id = 0, v[4] = {};
    if (words.size() < 17 || words[2] == "DontCare" || !parse_number(words[0], frame) || !parse_number(words[1], id))
      continue;
    for (std::size_t i = 0; i < 4; ++i) parse_number(words[6 + i], v[i]);
    boxes[static_cast<int>(frame)][static_cast<int>(id)] = {v[0], v[1], v[2], v[3], 0};
  }
  return boxes;
}

GrayImage view_of(const cv::Mat& image) {
  return {image.cols,
          image.rows,
          {image.data, static_cast<std::size_t>(image.cols) * static_cast<std::size_t>(image.rows)}};
}

void propagation_table(const fs::path& data) {
  const auto boxes = kitti_boxes(data / "kitti_tracking/training/label_02/0000.txt");
  std::vector<cv::Mat> images;
  for (int frame = 0;; ++frame) {
    char name[64];
    std::snprintf(name, sizeof name, "kitti_tracking/training/image_02/0000/%06d.png", frame);
    cv::Mat image = cv::imread((data / name).string(), cv::IMREAD_GRAYSCALE);
    if (image.empty()) break;
    images.push_back(image);
  }
  const int frames = static_cast<int>(images.size());
  std::map<int, Score> after, held;
  std::map<int, std::size_t> asked;
  std::map<std::string, std::size_t> reasons;
  for (const int direction : {1, -1}) {
    for (const auto& [start, of_start] : boxes) {
      if (start >= frames) continue;
      for (const auto& [id, box] : of_start) {
        ImagePropagator propagator(view_of(images[static_cast<std::size_t>(start)]), {.box = box});
        bool is_on = true;
        for (int k = 1; start + k * direction >= 0 && start + k * direction < frames; ++k) {
          const int frame = start + k * direction;
          const auto truth =
              boxes.contains(frame) ? boxes.at(frame).find(id) : std::map<int, ImageBox>::const_iterator{};
          if (!boxes.contains(frame) || truth == boxes.at(frame).end()) break;
          ++asked[k];
          held[k].add(iou(truth->second, box));
          if (!is_on) continue;
          const ImagePropagateStep step = propagator.step(view_of(images[static_cast<std::size_t>(frame)]));
          if (step.value) {
            after[k].add(iou(*step.value->box, truth->second));
          } else {
            is_on = false;
            std::string reason = step.stop_reason;
            if (const auto points = reason.find(" points can"); points != std::string::npos)
              reason = "n" + reason.substr(points);
            ++reasons[reason];
          }
        }
      }
    }
  }
  std::printf(
      "\n| frames on (10 Hz) | labels | carried on | mean IoU of those | at least 0.7 | keyframe held: mean IoU of all "
      "|\n|--:|--:|--:|--:|--:|--:|\n");
  for (const int k : {1, 2, 3, 5, 8, 11}) {
    const double carried =
        asked[k] == 0 ? 0 : 100.0 * static_cast<double>(after[k].count) / static_cast<double>(asked[k]);
    std::printf("| %d | %zu | %.1f %% | %.3f | %.1f %% | %.3f |\n", k, asked[k], carried, after[k].mean(),
                after[k].share(after[k].at_07), held[k].mean());
  }
  std::printf("\nStopped because:");
  for (const auto& [reason, count] : reasons) std::printf(" %s: %zu;", reason.c_str(), count);
  std::printf("\n");
}

/// A film without labels: boxes on what can be seen well, there and back.
void there_and_back(const fs::path& file) {
  cv::VideoCapture film(file.string());
  std::vector<cv::Mat> images;
  for (cv::Mat image; film.read(image) && images.size() < 40;) {
    cv::Mat grey(image.rows, image.cols, CV_8UC1);
    for (int y = 0; y < image.rows; ++y) {
      for (int x = 0; x < image.cols; ++x) {
        const auto& p = image.at<cv::Vec3b>(y, x);
        grey.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>((p[0] * 29 + p[1] * 150 + p[2] * 77) >> 8);
      }
    }
    images.push_back(grey);
  }
  if (images.size() < 2) return;
  std::printf("\n%s, boxes of 80 x 60 pixels carried on and back:\n", file.filename().c_str());
  for (const std::size_t steps : {5U, 10U, 20U}) {
    if (steps >= images.size()) continue;
    Score closed;
    std::size_t stopped = 0;
    for (int y = 20; y + 60 < images[0].rows; y += 80) {
      for (int x = 20; x + 80 < images[0].cols; x += 100) {
        const ImageBox start{x + 0.0, y + 0.0, x + 80.0, y + 60.0};
        ImagePropagateStep step{ImageValue{.box = start}, 1, {}};
        ImagePropagator on(view_of(images[0]), *step.value);
        for (std::size_t i = 1; i <= steps && step.value; ++i) step = on.step(view_of(images[i]));
        if (step.value) {
          ImagePropagator back(view_of(images[steps]), *step.value);
          for (std::size_t i = steps; i-- > 0 && step.value;) step = back.step(view_of(images[i]));
        }
        if (step.value) {
          closed.add(iou(*step.value->box, start));
        } else {
          ++stopped;
        }
      }
    }
    std::printf("%zu frames: %zu of %zu stopped; the others came back with a mean IoU of %.3f, %.1f %% at least 0.9\n",
                steps, stopped, stopped + closed.count, closed.mean(), closed.share(closed.at_09));
  }
}

}  // namespace
}  // namespace sweepmark

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: image_track_accuracy DATA\n");
    return 2;
  }
  sweepmark::interpolation_table(argv[1]);
  sweepmark::propagation_table(argv[1]);
  sweepmark::there_and_back(sweepmark::fs::path(argv[1]) / "video/solidWhiteRight.mp4");
  sweepmark::there_and_back(sweepmark::fs::path(argv[1]) / "video/mmtracking_demo.mp4");
  return 0;
}
