// SPDX-License-Identifier: Apache-2.0
//
// What readers and writers of image datasets share: scenes that are one camera's images, in the order of their times.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::image_scene {

/// The camera of datasets that do not name theirs.
inline constexpr const char* unnamed_camera = "image";

/// A scene with one camera and no image yet. Such a scene knows no poses.
Scene make(Format format, const std::filesystem::path& root, const std::string& name,
           const std::string& camera = unnamed_camera);

/// Adds an image, and the frame that it is. \pre later than the images before
void add_image(Scene& scene, TimestampNs time, const std::filesystem::path& file, std::uint32_t width = 0,
               std::uint32_t height = 0);

/// In datasets that label frame by frame an object is absent where it has no row: adds a span for each run of frames
/// without a keyframe between the first and the last. \param frames  ascending
void mark_gaps(ImageTrack& track, std::span<const TimestampNs> frames);

/// Times of a scene's frames, ascending.
std::vector<TimestampNs> frame_times(const Scene& scene);

/// Index into `Scene::images` by camera and time.
class ImageIndex {
 public:
  explicit ImageIndex(const Scene& scene);
  std::optional<std::size_t> find(const std::string& camera, TimestampNs time) const;

 private:
  std::map<std::pair<std::string, TimestampNs>, std::size_t> index_;
};

/// What to call each image of `Scene::images` in a format whose labels find their image by its name: the path below the
/// folder that all images share, with its suffix ("street.jpg", "front/000000.png"). Images without a file are
/// numbered. Errors: two images of one file, whose names could not be told apart.
Result<std::vector<std::string>> image_names(const Scene& scene, const std::filesystem::path& out);

/// From which folder on images are named.
enum class NamedFrom : std::uint8_t {
  common_folder,  ///< the one that all of them share
  /// That of the dataset, so that folders in its names stay; where images are elsewhere, the one that a folder `images`
  /// above them is in.
  dataset,
};

/// Those names without their suffix. Errors: as above; two names that differ in it alone, both named.
Result<std::vector<std::string>> image_stems(const Scene& scene, const std::filesystem::path& out,
                                             NamedFrom from = NamedFrom::common_folder);

/// For formats whose labels find their image by its number alone: two images of a camera with labels that are called
/// the same in two folders (front/000000.png, rear/000000.png) could not be told apart. Errors: those two, both named.
Result<void> expect_names_apart(const Scene& scene, const LabelSet& labels, std::string_view format,
                                const std::filesystem::path& out);

/// The images of one folder with their labels, which know no source.
struct FolderPart {
  std::string name;  ///< the folder as a file's name
  Scene scene;
  LabelSet labels;
};
/// For formats of one sequence a folder: nothing where names are apart, else a part for each folder of images.
/// Errors: as `expect_names_apart`, where a frame is more than one image.
Result<std::vector<FolderPart>> parts_by_folder(const Scene& scene, const LabelSet& labels, std::string_view format,
                                                const std::filesystem::path& out);

/// The file of an image as labels name it: its own. A picture of a video has none: it is called as those who take
/// videos apart call them (CVAT does), in a folder of the video's name: "clip/frame_000012.png", counted from 0.
std::filesystem::path named_file(const ImageRef& image);

/// Whether a name ends in a suffix of images, in any case: ".JPG" is one, the ".v2" of "street.v2" is none.
bool has_image_suffix(const std::filesystem::path& name);

/// The size `w` with `from + w == to` in doubles, or the nearest there is: formats that keep a place and a size give
/// their reader both edges back.
double extent(double from, double to);

}  // namespace sweepmark::image_scene
