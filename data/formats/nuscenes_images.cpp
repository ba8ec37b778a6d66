// SPDX-License-Identifier: Apache-2.0
//
// Sources: schema_nuimages.md of nuscenes-devkit and its nuimages/utils (mask_decode: COCO's text of runs, once more in
// base64, size is height and width); t4-devkit's object_ann.py and tier4_perception_dataset's
// annotation_files_generator.py for T4, whose size is width and height: the runs then go along the rows.
#include "data/formats/nuscenes_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_reader.h"
#include "data/formats/nuscenes_tables.h"
#include "geometry/mask_convert.h"

namespace sweepmark::nuscenes::tables {
namespace fs = std::filesystem;
using json::Json;
namespace {

using Names = std::unordered_map<std::string, std::string>;

Names names_in(const fs::path& folder, const char* table) {
  Names names;
  if (!has_table(folder, table)) return names;
  read_table(folder, table, [&](Record& record) { names[record.text("token")] = record.text("name"); });
  return names;
}

const std::string& name_of(const Names& names, const std::string& token, const std::string& place) {
  const auto found = names.find(token);
  if (found == names.end()) json::fail(place, fmt::format("the token of a known record, got \"{}\"", token));
  return found->second;
}

/// The same pixels where columns were taken for rows.
Mask transposed(const Mask& mask) {
  const std::vector<std::uint8_t> pixels = to_bitmap(mask);
  std::vector<std::uint8_t> turned(pixels.size());
  for (std::uint32_t row = 0; row < mask.height(); ++row) {
    for (std::uint32_t column = 0; column < mask.width(); ++column)
      turned[std::size_t{column} * mask.height() + row] = pixels[std::size_t{row} * mask.width() + column];
  }
  return from_bitmap(mask.height(), mask.width(), turned);
}

/// \param is_t4  whether a size that fits both ways is width and height
std::optional<Mask> mask_of(const Json& a, const ImagePlace& image, bool is_t4) {
  const Json* found = json::optional_member(a, "mask");
  if (found == nullptr) return std::nullopt;
  const Json& size = json::array(json::member(*found, "size", "/mask"), "/mask/size");
  constexpr std::int64_t most = 1 << 20;
  std::int64_t sides[2] = {0, 0};
  for (std::size_t i = 0; i < 2; ++i) {
    sides[i] = size.size() == 2 ? json::integer(size[i], "/mask/size") : -1;
    if (sides[i] < 0 || sides[i] > most) json::fail("/mask/size", "a height and a width");
  }
  const auto is = [&](std::int64_t height, std::int64_t width) { return sides[0] == height && sides[1] == width; };
  const bool fits = image.width == 0 || is(image.height, image.width), fits_turned = is(image.width, image.height);
  if (!fits && !fits_turned)
    json::fail("/mask/size",
               fmt::format("the image's {} x {} pixels, got {} and {}", image.width, image.height, sides[0], sides[1]));
  const auto bytes = bytes_of_base64(json::text_of(*found, "counts", "/mask"));
  if (!bytes) json::fail("/mask/counts", bytes.error().message);
  auto mask = from_coco_text(static_cast<std::uint32_t>(sides[1]), static_cast<std::uint32_t>(sides[0]), *bytes);
  if (!mask) json::fail("/mask/counts", "the runs of a mask (" + mask.error().message + ")");
  if (mask->is_empty()) return std::nullopt;  // T4's tables give one to every object, mostly without pixels
  const bool along_rows = fits_turned && (is_t4 || !fits);
  return along_rows ? transposed(*mask) : *std::move(mask);
}

/// "vehicle.moving" says moving of vehicle; a name without a dot says itself.
void add_attribute(const std::string& name, Attributes& attributes) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) {
    attributes[name] = "true";
  } else {
    attributes[name.substr(0, dot)] = name.substr(dot + 1);
  }
}

class Reader {
 public:
  Reader(const fs::path& folder, const ImagesOfTokens& images, Scene& scene)
      : folder_(folder), images_(images), scene_(scene) {}

  void read() {
    for (const char* table : {"object_ann", "surface_ann"}) {
      if (!has_table(folder_, table)) continue;
      if (categories_.empty()) {
        categories_ = names_in(folder_, "category");
        attributes_ = names_in(folder_, "attribute");
      }
      read_table(folder_, table, [&](Record& record) { read_record(record, table); });
    }
    for (ImageTrack& track : tracks_) {
      std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
      const std::set<TimestampNs>& annotated = annotated_[track.camera];
      image_scene::mark_gaps(track, std::vector<TimestampNs>(annotated.begin(), annotated.end()));
    }
    std::ranges::move(tracks_, std::back_inserter(scene_.labels.image_tracks));
    if (without_pixels_ > 0)
      scene_.notes.push_back(fmt::format("{} surfaces without a mask are not shown", without_pixels_));
  }

 private:
  void read_record(Record& record, const char* table) {
    const auto image = images_.find(record.text("sample_data_token"));
    if (image == images_.end()) return;  // of another scene
    const fs::path file = folder_ / (std::string(table) + ".json");
    const auto parsed = json::parse(record.raw(), file);
    if (!parsed) throw BadRecord{parsed.error().message};
    try {
      collect(scene_.labels.bad_rows,
              bad_row_at(file, fmt::format("record {}", record.number()), {}, image->second.timestamp),
              [&](BadRow& bad) { add(*parsed, image->second, bad); });
    } catch (const json::BadValue& bad) {
      throw BadRecord{
          fmt::format("record {}, {}: expected {}: {}", record.number(), bad.where, bad.expected, file.string())};
    }
  }

  void add(const Json& a, const ImagePlace& image, BadRow& bad) {
    const Json* instance = json::optional_member(a, "instance_token");
    const std::string token = json::text_of(a, "token", "");
    bad.object = instance == nullptr ? token : json::text(*instance, "/instance_token");
    ImageKeyframe keyframe;
    keyframe.timestamp = image.timestamp;
    keyframe.value.mask = mask_of(a, image, instance != nullptr);
    if (json::optional_member(a, "bbox") != nullptr) {
      const auto v = json::numbers<4>(a["bbox"], "/bbox");
      keyframe.value.box = ImageBox{v[0], v[1], v[2], v[3], 0};
      expect_no_fault(box_fault(*keyframe.value.box), "");
    }
    if (keyframe.value.is_empty()) {
      ++without_pixels_;
      return;
    }
    json::each(a, "attribute_tokens", "", [&](const Json& t, const std::string& place) {
      add_attribute(name_of(attributes_, json::text(t, place), place), keyframe.attributes);
    });
    for (const char* name : {"orientation", "number", "automatic_annotation"}) {
      const Json* value = json::optional_member(a, name);
      if (value != nullptr && *value != false) keyframe.attributes[name] = json::attribute_text(*value);
    }
    annotated_[image.camera].insert(image.timestamp);
    const std::string class_name = name_of(categories_, json::text_of(a, "category_token", ""), "/category_token");
    std::string id = instance == nullptr ? token : json::text(*instance, "/instance_token");
    // A second label of an object in one image is one of its own.
    if (!seen_.emplace(image.camera, id, image.timestamp).second) id = token;
    const auto [at, is_new] = track_of_.try_emplace({image.camera, id}, tracks_.size());
    if (is_new) tracks_.push_back({.camera = image.camera, .id = id, .class_name = class_name});
    ImageTrack& track = tracks_[at->second];
    if (track.class_name != class_name) keyframe.attributes["category"] = class_name;
    track.keyframes.push_back(std::move(keyframe));
  }

  const fs::path& folder_;
  const ImagesOfTokens& images_;
  Scene& scene_;
  Names categories_, attributes_;
  std::vector<ImageTrack> tracks_;
  std::map<std::pair<std::string, std::string>, std::size_t> track_of_;
  std::set<std::tuple<std::string, std::string, TimestampNs>> seen_;
  std::map<std::string, std::set<TimestampNs>> annotated_;  ///< times of each camera's images that have labels
  std::size_t without_pixels_ = 0;
};

}  // namespace

Result<std::string> bytes_of_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0, count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return Error{fmt::format("base64, got '{}'", c)};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return bytes;
}

void read_image_labels(const fs::path& folder, const ImagesOfTokens& images, Scene& scene) {
  Reader(folder, images, scene).read();
}

}  // namespace sweepmark::nuscenes::tables
