// SPDX-License-Identifier: Apache-2.0
//
// https://cocodataset.org/#format-data, 4. Panoptic Segmentation. A pixel's number is red + 256 green + 65536 blue; 0
// is no segment.
#include "data/formats/coco_panoptic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/coco_tables.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_keys.h"
#include "data/formats/json_reader.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/id_image.h"
#include "geometry/mask_convert.h"
#include "tracking/class_at.h"

namespace sweepmark::coco_panoptic {
namespace fs = std::filesystem;
namespace {

using namespace json;

constexpr std::uint32_t largest_id = 0xFFFFFF;

struct Annotation {
  Json row;  ///< without its segments
  std::size_t image = 0;
  std::vector<Json> segments_without_pixels;
  struct BadSegment {
    Json row;
    Mask mask;
  };
  std::vector<BadSegment> bad_segments = {};  ///< no labels: their rows and pixels are written back
};

struct Source : LabelSource {
  Json root = Json::object();  ///< all but the rows below
  std::vector<Json> categories, images;
  std::vector<Annotation> annotations;
  std::vector<Json> bad_annotations;  ///< of images that are not there, written back behind the others
  struct Segment {
    Json row;
    std::size_t annotation = 0;
  };
  std::vector<Segment> segments;  ///< by source_row
  fs::path folder;                ///< of the pictures

  fs::path picture_of(std::size_t annotation) const {
    return folder / annotations[annotation].row["file_name"].get<std::string>();
  }
};

/// The folder beside the file: panoptic_val2017 of panoptic_val2017.json.
fs::path folder_of(const fs::path& file) { return fs::path(file).replace_extension(); }

/// Whether a text is anywhere in a file; reads until it is found, in bounded memory.
bool holds_text(const fs::path& file, std::string_view text) {
  std::ifstream in(file, std::ios::binary);
  std::string window;
  std::array<char, std::size_t{1} << 16> block{};
  while (in.read(block.data(), block.size()), in.gcount() > 0) {
    window.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (window.find(text) != std::string::npos) return true;
    window.erase(0, window.size() - std::min(window.size(), text.size()));
  }
  return false;
}

std::string single_name(const Json& image_id, std::int64_t segment) {
  return fmt::format("segment {} of image {}", segment, image_id.dump());
}

std::string track_of(const Json& segment) {
  for (const char* name : {"track_id", "instance_id"}) {
    if (const Json* id = optional_member(segment, name)) return id->is_string() ? id->get<std::string>() : id->dump();
  }
  return "";
}

Attributes attributes_of(const Json& segment) {
  Attributes attributes;
  if (const Json* crowd = optional_member(segment, "iscrowd"); crowd != nullptr && (*crowd == 1 || *crowd == true))
    attributes["iscrowd"] = "1";
  return attributes;
}

class Reader {
 public:
  Reader(const Json& root, const fs::path& file, Source& source, Scene& scene)
      : root_(root), file_(file), source_(source), scene_(scene) {
    name_of_category_ = coco::read_categories(root, source.categories, scene.labels.ontology, scene.notes);
    index_of_image_ = coco::read_images(root, file.parent_path(), source.images, scene);
  }

  void read() {
    each(root_, "annotations", "", [&](const Json& a, const std::string& at) {
      const bool is_right =
          collect(scene_.labels.bad_rows, bad_row_at(file_, at), [&](BadRow&) { read_annotation(a, at); });
      if (!is_right) source_.bad_annotations.push_back(a);
    });
    const std::vector<TimestampNs> frames = image_scene::frame_times(scene_);
    for (ImageTrack& track : scene_.labels.image_tracks) {
      std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
      set_classes_of_rows(track, class_of_segment_, std::identity{});
      image_scene::mark_gaps(track, frames);
    }
  }

 private:
  void read_annotation(const Json& a, const std::string& at) {
    const std::int64_t image_id = integer_of(a, "image_id", at);
    const auto image = index_of_image_.find(image_id);
    if (image == index_of_image_.end())
      expect_no_fault(missing_image_fault(fmt::format("image {}", image_id)), at + "/image_id");
    if (!annotated_.insert(image->second).second)
      fail(at + "/image_id", fmt::format("one annotation for each image, got {} again", image_id));
    const std::string name = text_of(a, "file_name", at);
    if (fs::path(name).has_root_path() || name.find("..") != std::string::npos)
      fail(at + "/file_name", fmt::format("the name of a file in the folder of the pictures, got \"{}\"", name));
    const auto picture = read_id_image(source_.folder / name);
    if (!picture) fail(at + "/file_name", "a picture (" + picture.error().message + ")");
    if (picture->depth != IdDepth::rgb24) fail(at + "/file_name", "a picture of 24 bits: " + name);
    ImageRef& shown = scene_.images[image->second];
    if (shown.width != 0 && (shown.width != picture->width || shown.height != picture->height)) {
      fail(at + "/file_name", fmt::format("a picture of {} x {} as its image, got {} x {}: {}", shown.width,
                                          shown.height, picture->width, picture->height, name));
    }
    shown.width = picture->width, shown.height = picture->height;
    auto masks = masks_of_ids(picture->width, picture->height, picture->ids);
    Annotation annotation{unknown_members(a, {"segments_info"}), image->second, {}};
    std::set<std::int64_t> ids;
    each(a, "segments_info", at, [&](const Json& segment, const std::string& place) {
      const std::int64_t id = integer_of(segment, "id", place);
      if (id < 1 || id > largest_id || !ids.insert(id).second)
        fail(place + "/id", fmt::format("each number of pixels once, from 1 to {}, got {}", largest_id, id));
      const auto mask = masks.find(static_cast<std::uint32_t>(id));
      if (mask == masks.end()) {
        annotation.segments_without_pixels.push_back(segment);
        return;
      }
      const BadRow row = bad_row_at(file_, place, track_of(segment), scene_.images[image->second].timestamp);
      const bool is_right = collect(scene_.labels.bad_rows, row, [&](BadRow&) {
        add(segment, place, id, a["image_id"], mask->second, image->second);
      });
      if (!is_right) annotation.bad_segments.push_back({segment, std::move(mask->second)});
      masks.erase(mask);
    });
    if (!masks.empty()) {
      const ImageBox box = bounds(masks.begin()->second);
      fail(at + "/segments_info", fmt::format("a segment for the number {} at column {}, row {} of {}",
                                              masks.begin()->first, box.left, box.top, name));
    }
    source_.annotations.push_back(std::move(annotation));
  }

  void add(const Json& segment, const std::string& place, std::int64_t id, const Json& image_id, const Mask& mask,
           std::size_t image) {
    const std::int64_t number = integer_of(segment, "category_id", place);
    const auto category = name_of_category_.find(number);
    if (category == name_of_category_.end())
      throw RowFault{BadRow::Kind::other, fmt::format("category {}", number), "a category that is in the file",
                     place + "/category_id"};
    std::string name = track_of(segment);
    if (name.empty()) name = single_name(image_id, id);
    const TimestampNs time = scene_.images[image].timestamp;
    if (!seen_.emplace(name, time).second) expect_no_fault(second_row_fault("track " + name), place);
    const auto [known, is_new] = track_of_name_.emplace(name, scene_.labels.image_tracks.size());
    if (is_new) {
      scene_.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera, .id = name, .class_name = category->second});
    }
    ImageTrack& track = scene_.labels.image_tracks[known->second];
    track.keyframes.push_back({.timestamp = time,
                               .value = {.mask = mask},
                               .attributes = attributes_of(segment),
                               .source_row = static_cast<std::uint32_t>(source_.segments.size())});
    source_.segments.push_back({segment, source_.annotations.size()});
    class_of_segment_.push_back(category->second);
  }

  const Json& root_;
  const fs::path& file_;
  Source& source_;
  Scene& scene_;
  std::set<std::pair<std::string, TimestampNs>> seen_;
  std::map<std::int64_t, std::string> name_of_category_;
  std::map<std::int64_t, std::size_t> index_of_image_;
  std::map<std::string, std::size_t> track_of_name_;
  std::vector<std::string> class_of_segment_;
  std::set<std::size_t> annotated_;
};

/// A keyframe on its way into a picture.
struct Written {
  const ImageTrack* track;
  const ImageKeyframe* keyframe;
  std::uint32_t id = 0;
  bool keeps_row = false;  ///< it is where it was in the file
};

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const fs::path& out)
      : scene_(scene),
        labels_(labels),
        source_(dynamic_cast<const Source*>(labels.source.get())),
        out_(out),
        categories_(coco::written_categories(labels, source_ == nullptr ? nullptr : &source_->categories)) {}

  Result<void> write() {
    if (auto sorted = sort_by_image(); !sorted) return sorted;
    const auto images = coco::written_images(scene_, source_ == nullptr ? nullptr : &source_->images, out_);
    if (!images) return images.error();
    Json root = source_ != nullptr ? source_->root : Json::object();
    root["images"] = images->rows;
    root["annotations"] = Json::array();
    for (const std::size_t image : order()) {
      auto row = annotation(image, images->ids[image]);
      if (!row) return row.error();
      if (!row->is_null()) root["annotations"].push_back(*std::move(row));
    }
    if (source_ != nullptr) put_bad_annotations(root["annotations"]);
    root["categories"] = categories_.rows;
    auto text = json::dumped(root, out_);
    if (!text) return text.error();
    for (const auto& [name, content] : pictures_) {  // before the file that names them
      if (auto written = write_file_in_folder(folder_of(out_) / name, content); !written) return written;
    }
    return write_file(out_, *text);
  }

 private:
  Result<void> sort_by_image() {
    const image_scene::ImageIndex index(scene_);
    of_image_.resize(scene_.images.size());
    for (std::size_t i = 0; source_ != nullptr && i < source_->annotations.size(); ++i)
      annotation_of_image_[source_->annotations[i].image] = i;
    for (const ImageTrack& track : labels_.image_tracks) {
      for (const ImageKeyframe& keyframe : track.keyframes) {
        const auto image = index.find(track.camera, keyframe.timestamp);
        if (!image || !keyframe.value.mask) {
          return Error{fmt::format("COCO's panoptic pictures hold masks of images only: track {} has none at {} ns: {}",
                                   track.id, keyframe.timestamp, out_.string())};
        }
        of_image_[*image].push_back({&track, &keyframe});
      }
    }
    return {};
  }

  /// Their pictures go along where they are there.
  void put_bad_annotations(Json& annotations) {
    for (const Json& a : source_->bad_annotations) {
      annotations.push_back(a);
      const Json* name = optional_member(a, "file_name");
      if (name == nullptr || !name->is_string() || pictures_.contains(name->get<std::string>())) continue;
      const fs::path file = name->get<std::string>();
      if (file.has_root_path() || file.string().find("..") != std::string::npos) continue;
      if (auto content = read_file(source_->folder / file)) pictures_[file.string()] = *std::move(content);
    }
  }

  /// Images in the order of the file's annotations, then the others with labels.
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> images;
    for (std::size_t i = 0; source_ != nullptr && i < source_->annotations.size(); ++i)
      images.push_back(source_->annotations[i].image);
    for (std::size_t i = 0; i < of_image_.size(); ++i) {
      if (!annotation_of_image_.contains(i) && !of_image_[i].empty()) images.push_back(i);
    }
    return images;
  }

  /// Numbers of pixels: those of the file where the segment came from there, else the next free ones.
  void number(std::vector<Written>& segments, std::optional<std::size_t> annotation) const {
    std::set<std::uint32_t> taken;
    if (annotation) {
      for (const auto& bad : source_->annotations[*annotation].bad_segments)
        taken.insert(bad.row["id"].get<std::uint32_t>());
    }
    for (Written& s : segments) {
      const std::uint32_t row = s.keyframe->source_row;
      if (!annotation || row >= source_->segments.size() || source_->segments[row].annotation != *annotation) continue;
      const auto id = source_->segments[row].row["id"].get<std::uint32_t>();
      if (!taken.insert(id).second) continue;  // a copied keyframe
      s.id = id, s.keeps_row = true;
    }
    std::uint32_t next = 1;
    for (Written& s : segments) {
      if (s.keeps_row) continue;
      while (taken.contains(next)) ++next;
      s.id = next++;
    }
    // As in the file, new ones behind.
    std::ranges::stable_sort(segments, [](const Written& a, const Written& b) {
      return a.keeps_row && b.keeps_row ? a.keyframe->source_row < b.keyframe->source_row : a.keeps_row && !b.keeps_row;
    });
  }

  /// The row of an image's annotation; its picture goes to `pictures_`. Null: nothing to say of the image.
  Result<Json> annotation(std::size_t image, std::int64_t image_id) {
    std::vector<Written>& segments = of_image_[image];
    const auto known = annotation_of_image_.find(image);
    const auto from = known == annotation_of_image_.end() ? std::nullopt : std::optional(known->second);
    number(segments, from);
    const ImageRef& shown = scene_.images[image];
    IdImage picture{.width = shown.width, .height = shown.height, .depth = IdDepth::rgb24, .ids = {}};
    std::string content;
    std::optional<IdImage> before;
    if (from) {
      const auto bytes = read_file(source_->picture_of(*from));
      if (!bytes) return bytes.error();
      content.assign(bytes->data(), bytes->size());
      auto read = parse_id_image(content, source_->picture_of(*from));
      if (!read) return read.error();
      picture.width = read->width, picture.height = read->height;
      before = *std::move(read);
    } else if (picture.width == 0 && !segments.empty()) {
      picture.width = segments.front().keyframe->value.mask->width();
      picture.height = segments.front().keyframe->value.mask->height();
    }
    picture.ids.resize(std::size_t{picture.width} * picture.height);
    if (from) {  // labels that lie over them now win
      for (const auto& bad : source_->annotations[*from].bad_segments) {
        if (bad.mask.width() == picture.width && bad.mask.height() == picture.height)
          paint(bad.mask, bad.row["id"].get<std::uint32_t>(), picture.ids);
      }
    }
    if (auto painted = paint_all(segments, picture); !painted) return painted.error();
    Json row = Json::object();
    if (from) {
      row = source_->annotations[*from].row;
    } else {
      row["image_id"] = image_id;
      row["file_name"] = picture_name(image, image_id);
    }
    row["segments_info"] = Json::array();
    for (const Written& s : segments) {
      const bool same_pixels = before && s.keeps_row && same_at(s.id, *before, picture);
      row["segments_info"].push_back(segment_row(s, same_pixels));
    }
    if (from) {
      for (const Json& segment : source_->annotations[*from].segments_without_pixels)
        row["segments_info"].push_back(segment);
      for (const auto& bad : source_->annotations[*from].bad_segments) row["segments_info"].push_back(bad.row);
    }
    if (!before || before->ids != picture.ids) content = id_image_content(picture);
    pictures_[row["file_name"].get<std::string>()] = std::move(content);
    return row;
  }

  Result<void> paint_all(const std::vector<Written>& segments, IdImage& picture) const {
    for (const Written& s : segments) {
      const Mask& mask = *s.keyframe->value.mask;
      if (mask.width() != picture.width || mask.height() != picture.height) {
        return Error{fmt::format("expected masks of {} x {} as the image at {} ns, got {} x {} of track {}: {}",
                                 picture.width, picture.height, s.keyframe->timestamp, mask.width(), mask.height(),
                                 s.track->id, out_.string())};
      }
      for (const Written& other : segments) {
        if (&other == &s) break;
        if (intersection_area(*other.keyframe->value.mask, mask) > 0) {
          return Error{
              fmt::format("COCO's panoptic pictures hold masks that do not overlap: tracks {} and {} do at "
                          "{} ns: {}",
                          other.track->id, s.track->id, s.keyframe->timestamp, out_.string())};
        }
      }
      paint(mask, s.id, picture.ids);
    }
    return {};
  }

  /// Whether a number has the same pixels in both pictures.
  static bool same_at(std::uint32_t id, const IdImage& a, const IdImage& b) {
    for (std::size_t i = 0; i < a.ids.size(); ++i) {
      if ((a.ids[i] == id) != (b.ids[i] == id)) return false;
    }
    return true;
  }

  Json segment_row(const Written& s, bool same_pixels) const {
    Json row = Json::object();
    if (s.keeps_row) {
      row = source_->segments[s.keyframe->source_row].row;
    } else {
      row["id"] = s.id;
    }
    const std::int64_t category = categories_.number_of_class.at(class_at(*s.track, s.keyframe->timestamp));
    if (const Json* old = optional_member(row, "category_id"); old == nullptr || *old != category)
      row["category_id"] = category;
    if (!same_pixels) {
      const ImageBox box = bounds(*s.keyframe->value.mask);
      row["area"] = area(*s.keyframe->value.mask);
      row["bbox"] = {static_cast<std::int64_t>(box.left), static_cast<std::int64_t>(box.top),
                     static_cast<std::int64_t>(box.width()), static_cast<std::int64_t>(box.height())};
    }
    const bool is_crowd = s.keyframe->attributes.contains("iscrowd");
    if (!s.keeps_row || attributes_of(row).contains("iscrowd") != is_crowd) row["iscrowd"] = is_crowd ? 1 : 0;
    const bool is_single = s.track->keyframes.size() == 1 && s.track->id.starts_with("segment ");
    if (!is_single && track_of(row) != s.track->id) {
      std::int64_t number = 0;
      const bool is_number =
          parse_number(std::string_view(s.track->id), number) && std::to_string(number) == s.track->id;
      row["track_id"] = is_number ? Json(number) : Json(s.track->id);
    }
    return row;
  }

  /// That of the image where it has one, else its id.
  std::string picture_name(std::size_t image, std::int64_t image_id) const {
    const std::string stem = image_scene::named_file(scene_.images[image]).stem().string();
    std::string name = stem.empty() ? fmt::format("{:012}", image_id) : stem;
    if (pictures_.contains(name + ".png")) name += fmt::format("-{}", image_id);
    return name + ".png";
  }

  const Scene& scene_;
  const LabelSet& labels_;
  const Source* source_;
  const fs::path& out_;
  coco::Categories categories_;
  std::vector<std::vector<Written>> of_image_;
  std::map<std::size_t, std::size_t> annotation_of_image_;
  std::map<std::string, std::string> pictures_;
};

}  // namespace

namespace {

/// The file itself, or the one beside a folder of pictures that has the folder's name.
fs::path table_of(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return path;
  fs::path folder = fs::absolute(path, failure).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "folder/"
  return folder.parent_path() / (folder.filename().string() + ".json");
}

}  // namespace

bool recognises(const fs::path& path) {
  const fs::path file = table_of(path);
  std::error_code failure;
  return file.extension() == ".json" && fs::is_regular_file(file, failure) &&
         has_top_level_keys(file, {"images", "annotations", "categories"}) && holds_text(file, "\"segments_info\"");
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const fs::path file = table_of(path);
  std::error_code failure;
  if (!fs::is_regular_file(file, failure))
    return Error{
        fmt::format("expected COCO's panoptic .json file, or the folder of pictures beside it: {}", path.string())};
  return std::vector<SceneHandle>{{Format::coco_panoptic, file, file.stem().string()}};
}

Result<Scene> open(const SceneHandle& handle) {
  const fs::path& file = handle.root;
  auto content = read_file(file);
  if (!content) return content.error();
  auto root = json::parse({content->data(), content->size()}, file);
  if (!root) return root.error();
  Scene scene = image_scene::make(Format::coco_panoptic, file, handle.name);
  auto source = std::make_shared<Source>();
  source->folder = folder_of(file);
  const auto read = guard(file, [&] {
    array(member(*root, "images", ""), "/images");
    array(member(*root, "annotations", ""), "/annotations");
    Reader(*root, file, *source, scene).read();
    source->root = unknown_members(*root, {"images", "annotations", "categories"});
  });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  Result<void> written;
  const auto done = guard(out, [&] { written = Writer(scene, labels, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::coco_panoptic
