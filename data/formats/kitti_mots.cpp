// SPDX-License-Identifier: Apache-2.0
//
// https://www.vision.rwth-aachen.de/page/mots. A row: frame (from 0), id, class, image height, image width, runs as in
// COCO's text. An id is class * 1000 + instance; 10000 of class 10 marks regions to ignore.
#include "data/formats/kitti_mots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "geometry/mask_convert.h"

namespace sweepmark::kitti_mots {
namespace fs = std::filesystem;
namespace {

constexpr TimestampNs frame_period = 100'000'000;
constexpr std::int64_t most_frames = 1'000'000;  // a day; a slip in a number must not fill the memory
const std::map<std::int64_t, std::string> class_names = {{1, "car"}, {2, "pedestrian"}, {10, "ignore"}};

std::string class_name_of(std::int64_t number) {
  const auto found = class_names.find(number);
  return found == class_names.end() ? fmt::format("class_{}", number) : found->second;
}
std::optional<std::int64_t> class_number_of(const std::string& name) {
  for (const auto& [number, known] : class_names) {
    if (known == name) return number;
  }
  std::int64_t number = 0;
  if (name.starts_with("class_") && parse_number(std::string_view(name).substr(6), number) &&
      class_name_of(number) == name)
    return number;
  return std::nullopt;
}

struct Row {
  std::int64_t frame = 0, id = 0, class_number = 0;
  Mask mask;
};

Result<Row> parse_row(std::string_view text, const std::string& place) {
  const auto words = words_of(text);
  if (words.size() != 6)
    return Error{
        fmt::format("expected frame, id, class, height, width and runs, got {} words: {}", words.size(), place)};
  Row row;
  std::int64_t height = 0, width = 0;
  const std::pair<std::int64_t*, const char*> numbers[] = {
      {&row.frame, "frame"}, {&row.id, "id"}, {&row.class_number, "class"}, {&height, "height"}, {&width, "width"}};
  for (std::size_t i = 0; i < 5; ++i) {
    if (!parse_number(words[i], *numbers[i].first) || *numbers[i].first < 0 || *numbers[i].first >= most_frames)
      return Error{fmt::format("expected a whole number below {} as {}, got \"{}\": {}", most_frames, numbers[i].second,
                               words[i], place)};
  }
  auto mask = from_coco_text(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), words[5]);
  if (!mask) return Error{fmt::format("{}: {}", mask.error().message, place)};
  row.mask = *std::move(mask);
  return row;
}

struct Source : LabelSource {
  std::vector<std::string> rows;  ///< by source_row
  std::vector<std::int64_t> frames;
};

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (path.extension() != ".txt" || !fs::is_regular_file(path, failure)) return false;
  const std::string head = read_head(path, 1U << 20U);
  const auto lines = lines_of(head);
  return !lines.empty() && parse_row(lines[0].text, "").has_value();
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return Error{fmt::format("expected a MOTS .txt file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::kitti_mots, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  Scene scene = image_scene::make(Format::kitti_mots, file, file.stem().string());
  auto source = std::make_shared<Source>();
  std::vector<Row> rows;
  std::int64_t frames = 0;
  for (const Line& line : lines_of(content)) {
    auto row = parse_row(line.text, at_line(file, line.number));
    if (!row) return row.error();
    frames = std::max(frames, row->frame + 1);
    source->rows.emplace_back(line.text);
    source->frames.push_back(row->frame);
    rows.push_back(*std::move(row));
  }
  std::map<std::int64_t, std::size_t> track_of_id;
  std::set<std::int64_t> classes;
  std::uint32_t width = 0, height = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Row& row = rows[r];
    classes.insert(row.class_number);
    width = std::max(width, row.mask.width());
    height = std::max(height, row.mask.height());
    const auto [place, is_new] = track_of_id.emplace(row.id, scene.labels.image_tracks.size());
    if (is_new) {
      scene.labels.image_tracks.push_back({.camera = image_scene::unnamed_camera,
                                           .id = std::to_string(row.id),
                                           .class_name = class_name_of(row.class_number)});
    }
    ImageTrack& track = scene.labels.image_tracks[place->second];
    if (track.class_name != class_name_of(row.class_number))
      return Error{fmt::format("expected one class for id {}, got two: {}", row.id, file.string())};
    track.keyframes.push_back({.timestamp = row.frame * frame_period,
                               .value = {.mask = std::move(row.mask)},
                               .source_row = static_cast<std::uint32_t>(r)});
  }
  for (std::int64_t frame = 0; frame < frames; ++frame)
    image_scene::add_image(scene, frame * frame_period, {}, width, height);
  const std::vector<TimestampNs> times = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
    for (std::size_t k = 1; k < track.keyframes.size(); ++k) {
      if (track.keyframes[k].timestamp == track.keyframes[k - 1].timestamp) {
        return Error{fmt::format("expected one row of id {} in frame {}, got two: {}", track.id,
                                 track.keyframes[k].timestamp / frame_period, file.string())};
      }
    }
    image_scene::mark_gaps(track, times);
  }
  for (const std::int64_t number : classes)
    scene.labels.ontology.classes.push_back({.name = class_name_of(number), .number = number});
  scene.notes.emplace_back("MOTS has no times: frames are taken to be 100 ms apart");
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  struct Written {
    std::int64_t frame;
    std::size_t order;
    std::string text;
  };
  std::vector<Written> rows;
  std::map<std::int64_t, Mask> covered;  // by frame
  std::size_t order = source == nullptr ? 0 : source->rows.size();
  for (const ImageTrack& track : labels.image_tracks) {
    std::int64_t id = 0;
    if (!parse_number(std::string_view(track.id), id) || std::to_string(id) != track.id || id < 0)
      return Error{fmt::format("MOTS needs whole numbers as ids, got track \"{}\": {}", track.id, out.string())};
    const auto number = class_number_of(track.class_name);
    if (!number) {
      return Error{
          fmt::format("MOTS has the classes car, pedestrian, ignore and class_N, got track {} of class \"{}\": {}",
                      track.id, track.class_name, out.string())};
    }
    // Ids say the class: one of another dataset gets its class in front.
    if (source == nullptr && id / 1000 != *number) id = *number * 1000 + id % 1000;
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto at = std::ranges::lower_bound(frames, keyframe.timestamp);
      if (at == frames.end() || *at != keyframe.timestamp || !keyframe.value.mask) {
        return Error{fmt::format("MOTS holds masks at frames only: track {} has none at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      const Mask& mask = *keyframe.value.mask;
      const std::int64_t frame = at - frames.begin();
      auto [others, is_first] = covered.try_emplace(frame, mask);
      if (!is_first) {
        if (others->second.width() != mask.width() || others->second.height() != mask.height() ||
            intersection_area(others->second, mask) > 0) {
          return Error{fmt::format("MOTS holds masks that do not overlap: track {} does in frame {}: {}", track.id,
                                   frame, out.string())};
        }
        others->second = union_of(others->second, mask);
      }
      std::size_t place = order++;
      if (source != nullptr && keyframe.source_row < source->rows.size()) {
        place = keyframe.source_row;
        const auto before = parse_row(source->rows[place], "");
        if (before->frame == frame && before->id == id && before->class_number == *number && before->mask == mask) {
          rows.push_back({frame, place, source->rows[place]});
          continue;
        }
      }
      rows.push_back(
          {frame, place,
           fmt::format("{} {} {} {} {} {}", frame, id, *number, mask.height(), mask.width(), to_coco_text(mask))});
    }
  }
  const bool by_frame = source == nullptr || std::ranges::is_sorted(source->frames);
  std::ranges::stable_sort(rows, [&](const Written& a, const Written& b) {
    return by_frame && a.frame != b.frame ? a.frame < b.frame : a.order < b.order;
  });
  std::string text;
  for (const Written& row : rows) text += row.text + "\n";
  return text;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::kitti_mots
