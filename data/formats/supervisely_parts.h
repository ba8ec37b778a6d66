// SPDX-License-Identifier: Apache-2.0
//
// What Supervisely's episodes and clouds share: tags, and cuboids in the cloud's frame: centre, dimensions along their
// own axes, Euler angles x y z.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/formats/supervisely_meta.h"
#include "data/scene.h"

namespace sweepmark::supervisely {

/// The tag by which a track of another dataset keeps its id.
inline constexpr const char* id_tag = "track_id";
inline constexpr const char* cuboid_type = "cuboid_3d";

/// {"name":, "value":, "frameRange": [first, last]}: without a value it is a flag, without frames it holds in all.
struct Tag {
  std::string name, value;
  std::optional<std::pair<std::int64_t, std::int64_t>> frames = {};
  friend bool operator==(const Tag&, const Tag&) = default;
};

/// Throws BadValue, as the others here do.
std::vector<Tag> read_tags(const json::Json& holder, const std::string& where);
/// Those that hold in all frames.
Attributes attributes_of(const std::vector<Tag>& tags);
/// Those of some frames only that hold in this one.
Attributes attributes_in(const std::vector<Tag>& tags, std::int64_t frame);
std::vector<Tag> tags_of(const Attributes& attributes);

/// Makes the holder's tags say what is wanted: those that say it stay as they are, with who set them and when.
void put_tags(json::Json& holder, std::vector<Tag> wanted, const ProjectMeta& meta);

/// \param figure  of type `cuboid_type`
/// Throws a RowFault where a size is not above 0.
Cuboid read_cuboid(const json::Json& figure, const std::string& at);
void put_cuboid(json::Json& figure, const Cuboid& cuboid);

/// Where a dataset has datasets in it.
inline constexpr const char* nested_folder = "datasets";
/// Whether a folder has a meta.json with classes.
bool is_project(const std::filesystem::path& folder);

/// The project that a dataset's folder is in, and the dataset's path below it.
struct Place {
  std::filesystem::path project;  ///< empty: none
  std::filesystem::path dataset;
};
Place place_of(const std::filesystem::path& dataset);

/// Adds cameras and images from related_images/: for each cloud a folder of its name with _ for a dot, in it images
/// with their calibration ("IMAGE.json": extrinsicMatrix, 3 x 4, takes the cloud's coordinates to the camera's;
/// intrinsicMatrix is 3 x 3; both row by row).
/// \param clouds  the name of each frame's cloud ("frame_0.pcd"); empty: none
/// Errors: a matrix that is none; file and place are named.
Result<void> read_related_images(const std::filesystem::path& dataset, const std::vector<std::string>& clouds,
                                 Scene& scene);

}  // namespace sweepmark::supervisely
