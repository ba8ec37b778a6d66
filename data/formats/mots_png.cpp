// SPDX-License-Identifier: Apache-2.0
#include "data/formats/mots_png.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "data/formats/image_scene.h"
#include "data/formats/mots_labels.h"
#include "data/formats/numbered_names.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "data/id_image.h"
#include "geometry/mask_convert.h"

namespace sweepmark::mots_png {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t most_frames = 1'000'000;  // a day; a slip in a number must not fill the memory
constexpr const char* list_file = "labels.txt";
constexpr std::uint32_t largest_id = 0xFFFF;

struct Source : LabelSource {
  std::map<std::size_t, fs::path> file_of_frame;
  std::optional<std::string> list;  ///< of class names, as it is
  mots::ClassNames names = mots::own_classes();
};

/// In the folder of the pictures, or where its sequences share it.
Result<void> read_list(const fs::path& folder, Source& source) {
  std::error_code failure;
  for (const fs::path& file : {folder / list_file, folder.parent_path() / list_file}) {
    if (!fs::is_regular_file(file, failure)) continue;
    auto text = read_file(file);
    if (!text) return text.error();
    source.list = *std::move(text);
    source.names = mots::listed_classes(*source.list);
    break;
  }
  return {};
}

/// What the first picture of a folder says.
enum class Kind : std::uint8_t { none, gray16, mots };

/// MOTS: gray of 16 bits, and what is there is a class and an instance. Other gray of 16 bits may be a depth.
Kind kind_of(const fs::path& folder) {
  const auto files = numbered_files(folder, {".png"});
  if (files.empty()) return Kind::none;
  const auto image = read_id_image(files.begin()->second);
  if (!image || image->depth != IdDepth::gray16) return Kind::none;
  const bool are_ids =
      std::ranges::all_of(image->ids, [](std::uint32_t id) { return id == 0 || id >= mots::ids_of_class; });
  return are_ids ? Kind::mots : Kind::gray16;
}

/// The folder, or those in it or in its `instances`. Beside folders of MOTS pictures, or where the name says so, others
/// of gray pictures are ones with something wrong, which is said when they are read.
std::vector<fs::path> folders_of(const fs::path& path) {
  if (kind_of(path) == Kind::mots) return {path};
  std::error_code failure;
  const bool is_named = fs::is_directory(path / "instances", failure);
  std::vector<fs::path> folders;
  bool has_mots = false;
  for (const auto& entry : fs::directory_iterator(is_named ? path / "instances" : path, failure)) {
    const Kind kind = entry.is_directory() ? kind_of(entry.path()) : Kind::none;
    if (kind != Kind::none) folders.push_back(entry.path());
    has_mots = has_mots || kind == Kind::mots;
  }
  if (!has_mots && !is_named) return {};
  std::ranges::sort(folders);
  return folders;
}

fs::path file_name(std::int64_t frame) { return fmt::format("{:06}.png", frame); }

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure) && !folders_of(path).empty();
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::vector<SceneHandle> handles;
  for (const fs::path& folder : folders_of(path))
    handles.push_back({Format::mots_png, folder, fs::absolute(folder).lexically_normal().filename().string()});
  if (handles.empty())
    return Error{fmt::format("expected MOTS pictures, 000000.png and so on, 16 bits, class * 1000 + instance: {}",
                             path.string())};
  return handles;
}

Result<Scene> open(const SceneHandle& handle) {
  Scene scene = image_scene::make(Format::mots_png, handle.root, handle.name);
  auto source = std::make_shared<Source>();
  source->file_of_frame = numbered_files(handle.root, {".png"});
  if (auto read = read_list(handle.root, *source); !read) return read.error();
  std::vector<mots::Row> rows;
  std::int64_t frames = 0;
  for (const auto& [number, file] : source->file_of_frame) {
    const auto frame = static_cast<std::int64_t>(number);
    if (frame >= most_frames)
      return Error{
          fmt::format("expected the number of a frame below {} as the file's name: {}", most_frames, file.string())};
    frames = frame + 1;
    const auto image = read_id_image(file);
    if (!image) return image.error();
    if (image->depth != IdDepth::gray16) return Error{fmt::format("expected gray of 16 bits: {}", file.string())};
    for (auto& [id, mask] : masks_of_ids(image->width, image->height, image->ids)) {
      if (id < mots::ids_of_class) {
        const ImageBox place = bounds(mask);
        return Error{fmt::format("expected class * 1000 + instance, got {} in column {}, row {}: {}", id, place.left,
                                 place.top, file.string())};
      }
      rows.push_back({frame, id, id / mots::ids_of_class, std::move(mask)});
    }
  }
  if (auto added = mots::add_rows(std::move(rows), frames, handle.root, scene, source->names); !added)
    return added.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto parts = image_scene::parts_by_folder(scene, labels, "MOTS", out);
  if (!parts) return parts.error();
  for (const image_scene::FolderPart& part : *parts) {
    if (auto written = write_labels(part.scene, part.labels, out / part.name); !written) return written;
  }
  if (!parts->empty()) return {};
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const bool has_list = source != nullptr && source->list.has_value();
  const auto names = has_list ? mots::with_classes_of(labels, source->names) : mots::own_classes();
  const auto rows = mots::rows_of(scene, labels, source != nullptr, out, names);
  if (!rows) return rows.error();
  std::vector<std::vector<const mots::WrittenRow*>> of_frame(scene.frames.size());
  for (const mots::WrittenRow& row : *rows) {
    if (row.id / mots::ids_of_class != row.class_number || row.id > largest_id) {
      return Error{fmt::format("MOTS pictures hold ids of class {} from {} to {}, got {}: {}", row.class_number,
                               row.class_number * mots::ids_of_class,
                               std::min<std::int64_t>((row.class_number + 1) * mots::ids_of_class - 1, largest_id),
                               row.id, out.string())};
    }
    of_frame[static_cast<std::size_t>(row.frame)].push_back(&row);
  }
  std::map<fs::path, std::string> files;  // all made before the first is written
  if (has_list) files[list_file] = names == source->names ? *source->list : mots::list_text(names);
  for (std::size_t frame = 0; frame < of_frame.size(); ++frame) {
    const auto number = static_cast<std::int64_t>(frame);
    std::string content;
    std::optional<IdImage> before;
    if (source != nullptr && source->file_of_frame.contains(frame)) {
      const auto bytes = read_file(source->file_of_frame.at(frame));
      if (!bytes) return bytes.error();
      content.assign(bytes->data(), bytes->size());
      auto image = parse_id_image(content, source->file_of_frame.at(frame));
      if (!image) return image.error();
      before = *std::move(image);
    }
    IdImage image{.width = 0, .height = 0, .depth = IdDepth::gray16, .ids = {}};
    if (before) {
      image.width = before->width, image.height = before->height;
    } else if (!of_frame[frame].empty()) {
      image.width = of_frame[frame].front()->mask->width(), image.height = of_frame[frame].front()->mask->height();
    } else if (source != nullptr || scene.frames[frame].images.empty()) {
      continue;  // a frame without a file stays one
    } else {
      const ImageRef& shown = scene.images[scene.frames[frame].images.front()];
      image.width = shown.width, image.height = shown.height;
    }
    if (image.width == 0 || image.height == 0) continue;
    image.ids.resize(std::size_t{image.width} * image.height);
    for (const mots::WrittenRow* row : of_frame[frame]) {
      if (row->mask->width() != image.width || row->mask->height() != image.height) {
        return Error{fmt::format("expected masks of {} x {} in frame {}, got {} x {} of id {}: {}", image.width,
                                 image.height, frame, row->mask->width(), row->mask->height(), row->id, out.string())};
      }
      paint(*row->mask, static_cast<std::uint32_t>(row->id), image.ids);
    }
    if (!before || before->ids != image.ids) content = id_image_content(image);
    files.emplace(file_name(number), std::move(content));
  }
  for (const auto& [name, content] : files) {
    if (auto written = write_file_in_folder(out / name, content); !written) return written;
  }
  return {};
}

}  // namespace sweepmark::mots_png
