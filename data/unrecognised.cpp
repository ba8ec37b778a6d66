// SPDX-License-Identifier: Apache-2.0
#include "data/unrecognised.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "data/format_table.h"
#include "data/formats/json_keys.h"
#include "data/formats/text.h"
#include "data/formats/video.h"
#include "data/open_scene.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// The names by which a part of a format shows: files and folders, or keys of a JSON file.
struct Signs {
  Format format;
  std::vector<std::string_view> names;
  std::string_view needs = {};  ///< empty: its reader says it
};

// clang-format off
const std::array folder_signs = {
    Signs{Format::kitti_tracking, {"label_02", "calib", "velodyne", "oxts", "image_02", "training"}},
    Signs{Format::kitti_object, {"label_2", "calib", "velodyne", "image_2", "training"}},
    Signs{Format::kitti_raw, {"velodyne_points", "oxts", "tracklet_labels.xml", "image_00", "calib_velo_to_cam.txt"}},
    Signs{Format::semantic_kitti, {"sequences", "labels", "velodyne", "poses.txt", "calib.txt", "semantic-kitti.yaml"}},
    Signs{Format::nuscenes, {"scene.json", "sample.json", "sample_data.json", "sample_annotation.json", "samples", "sweeps", "maps"}},
    Signs{Format::argoverse2, {"annotations.feather", "city_SE3_egovehicle.feather", "calibration", "sensors", "map"}},
    Signs{Format::pandaset, {"lidar", "annotations", "meta", "camera"}},
    Signs{Format::sustechpoints, {"lidar", "label", "calib", "camera"}},
    Signs{Format::supervisely, {"annotation.json", "pointcloud", "related_images", "key_id_map.json", "meta.json"}},
    Signs{Format::scale, {"frames", "annotations.json", "segmentation.json", "linking.json"}},
    Signs{Format::mot, {"gt", "det", "img1", "seqinfo.ini"}},
    Signs{Format::mots_png, {"instances", "instances_txt"}},
    Signs{Format::yolo, {"data.yaml", "classes.txt", "labels", "images"}},
    Signs{Format::darknet, {"obj.data", "obj.names", "train.txt", "obj_train_data"}},
    Signs{Format::pascal_voc, {"Annotations", "JPEGImages", "ImageSets", "labelmap.txt"}},
    Signs{Format::datumaro, {"annotations", "images", "point_clouds"}},
    Signs{Format::openpcdet, {"ImageSets", "points", "labels"}},
};
const std::array json_signs = {
    Signs{Format::sweepmark_json, {"sweepmark_scene", "sensors", "ego_poses", "tracks"}, "the name NAME.sweepmark.json"},
    Signs{Format::coco, {"images", "annotations", "categories", "info", "licenses"}, "images, annotations and categories"},
    Signs{Format::openlabel, {"openlabel"}, "a member openlabel"},
    Signs{Format::bdd100k, {"frames", "config", "groups"}, "a list of frames with name and labels"},
    Signs{Format::segments_ai, {"dataset", "name"}, "a release of a pointcloud-cuboid-sequence dataset"},
    Signs{Format::supervisely, {"objects", "frames", "framesCount", "datasetId", "figures"}, "objects, frames and framesCount"},
    Signs{Format::datumaro, {"categories", "items", "infos", "dm_format_version"}, "categories and items"},
    Signs{Format::scale, {"point_objects", "objects"}, "a list of frames with cuboids, or objects and point_objects"},
};
// clang-format on

const std::set<std::string_view> images = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"};
const std::set<std::string_view> other_clouds = {".las", ".laz", ".npy", ".npz",  ".xyz",
                                                 ".pts", ".e57", ".bag", ".mcap", ".db3"};

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

/// What a format's reader says that it expects of a path that is none of its datasets; where the path has all parts of
/// one, what is wrong in them.
std::string expected_by(Format format, const fs::path& path) {
  constexpr std::string_view begin = "expected ";
  const auto found = entry_of(format).find(path);
  std::string message = found ? "something else" : found.error().message;
  if (found && !found->empty()) {
    if (const auto scene = open_scene(found->front()); !scene) message = scene.error().message;
  }
  if (message.starts_with(begin)) message.erase(0, begin.size());
  const std::string end = ": " + path.string();
  if (message.ends_with(end)) message.resize(message.size() - end.size());
  return message;
}

/// The format that most of the names belong to; empty where none does.
template <std::size_t count>
std::string nearest(const std::array<Signs, count>& all, const std::set<std::string>& names, const fs::path& path) {
  const Signs* best = nullptr;
  double best_part = 0;
  for (const Signs& signs : all) {
    const auto found =
        std::ranges::count_if(signs.names, [&](std::string_view name) { return names.contains(std::string(name)); });
    // Many of a format's own signs say more than one of few.
    const double part =
        static_cast<double>(found) + static_cast<double>(found) / static_cast<double>(signs.names.size());
    if (part > best_part) best = &signs, best_part = part;
  }
  if (best == nullptr) return "";
  const std::string needs = best->needs.empty() ? expected_by(best->format, path) : std::string(best->needs);
  return fmt::format("; nearest is {}: expected {}", format_name(best->format), needs);
}

std::string describe_folder(const fs::path& path) {
  constexpr std::size_t most_entries = 10'000, most_kinds = 4, most_folders = 6;
  std::map<std::string, std::size_t> files;
  std::vector<std::string> folders;
  std::set<std::string> names;
  std::size_t seen = 0;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path, failure)) {
    if (++seen > most_entries) break;
    const std::string name = entry.path().filename().string();
    names.insert(name);
    if (entry.is_directory(failure)) {
      folders.push_back(name);
    } else {
      ++files[extension_of(entry.path())];
    }
  }
  if (failure) return fmt::format("a folder that cannot be read ({})", failure.message());
  if (seen == 0) return "an empty folder";
  std::ranges::sort(folders);
  std::vector<std::pair<std::string, std::size_t>> kinds(files.begin(), files.end());
  std::ranges::stable_sort(kinds, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(kinds.size(), most_kinds); ++i)
    parts.push_back(fmt::format("{} {} file{}", kinds[i].second, kinds[i].first.empty() ? "other" : kinds[i].first,
                                kinds[i].second == 1 ? "" : "s"));
  if (!folders.empty()) {
    const std::vector<std::string> first(
        folders.begin(), folders.begin() + static_cast<std::ptrdiff_t>(std::min(folders.size(), most_folders)));
    parts.push_back(fmt::format("the folder{} {}{}", folders.size() == 1 ? "" : "s", fmt::join(first, ", "),
                                folders.size() > most_folders ? " and more" : ""));
  }
  std::string text = fmt::format("a folder of {}", fmt::join(parts, ", "));
  if (const std::string near = nearest(folder_signs, names, path); !near.empty()) return text + near;
  const auto most = kinds.empty() ? std::string() : kinds.front().first;
  if (images.contains(most))
    return text +
           "; images without labels: a COCO .json, a CVAT .xml, or data.yaml and labels/*.txt beside them make a "
           "dataset; `--format images` opens the pictures alone";
  if (std::ranges::any_of(kinds, [](const auto& kind) { return video::has_video_suffix("a" + kind.first); }))
    return text + "; videos beside other files are opened by their own names, or all of them with `--format video`";
  if (other_clouds.contains(most)) return text + "; points are read from .pcd, .ply, .bin and .feather files";
  return text;
}

std::string describe_json(const fs::path& path) {
  constexpr std::size_t most = 8;
  const std::vector<std::string> keys = top_level_keys(path, 64);
  if (keys.empty()) {
    const std::string head = read_head(path, 4096);
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && head[first] == '[') return "a JSON file that is a list";
    return first == std::string::npos ? "an empty .json file" : "a .json file without keys";
  }
  const std::vector<std::string> shown(keys.begin(),
                                       keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), most)));
  return fmt::format("a JSON file with the keys {}{}", fmt::join(shown, ", "), keys.size() > most ? " and more" : "") +
         nearest(json_signs, {keys.begin(), keys.end()}, path);
}

std::string describe_xml(const fs::path& path) {
  const std::string head = read_head(path, 4096);
  std::size_t at = 0;
  while ((at = head.find('<', at)) != std::string::npos && at + 1 < head.size() &&
         (head[at + 1] == '?' || head[at + 1] == '!'))
    ++at;
  if (at == std::string::npos) return "an .xml file without an element";
  const std::string element = head.substr(at + 1, head.find_first_of(" />\r\n\t", at + 1) - at - 1);
  return fmt::format(
      "an XML file of <{}>; CVAT's <annotations>, KITTI's tracklets and folders of Pascal VOC's are opened",
      element.substr(0, 40));
}

}  // namespace

std::string describe_unrecognised(const fs::path& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) return describe_folder(path);
  if (!fs::is_regular_file(path, failure)) return "neither a file nor a folder";
  if (fs::file_size(path, failure) == 0) return "an empty file";
  const std::string extension = extension_of(path);
  if (extension == ".json") return describe_json(path);
  if (extension == ".xml") return describe_xml(path);
  if (video::has_video_suffix(path)) return "a file that is called as videos are, and is none";
  if (images.contains(extension))
    return "an image; its labels are opened: a COCO .json or a folder with data.yaml and labels/*.txt";
  if (other_clouds.contains(extension))
    return fmt::format("a {} file; points are read from .pcd, .ply, .bin and .feather files", extension);
  if (extension == ".txt" || extension == ".csv") {
    const std::string head = read_head(path, 4096);
    const auto lines = lines_of(head);
    const std::string_view first = lines.empty() ? std::string_view() : lines.front().text;
    return fmt::format(
        "a text file that begins with \"{}\"; KITTI's label_02/NNNN.txt, MOT's gt/gt.txt and MOTS text files are "
        "opened in their folders",
        first.substr(0, 60));
  }
  return fmt::format("a file of {} bytes{}", fs::file_size(path, failure),
                     extension.empty() ? "" : " named *" + extension);
}

}  // namespace sweepmark
