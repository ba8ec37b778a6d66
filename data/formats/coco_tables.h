// SPDX-License-Identifier: Apache-2.0
//
// What COCO's detection and panoptic files share: their tables of images and of categories.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::coco {

using json::Json;

/// Makes classes and skeletons of `/categories`. \param rows  gets the categories as they are \param notes  gets what
/// the user should know \return the name of the class by its number. Throws what the JSON reader throws: an id or a
/// name twice, a bad edge.
std::map<std::int64_t, std::string> read_categories(const Json& root, std::vector<Json>& rows, Ontology& ontology,
                                                    std::vector<std::string>& notes);

/// Adds `/images` to the scene: one second apart, unless each says its `timestamp_ns`. \param folder  where their files
/// are \param rows  gets the images as they are, in the order of Scene::images
/// \return the index of the image by its id
std::map<std::int64_t, std::size_t> read_images(const Json& root, const std::filesystem::path& folder,
                                                std::vector<Json>& rows, Scene& scene);

/// Rows of the categories, and the number of each class.
struct Categories {
  Json rows = Json::array();
  std::map<std::string, std::int64_t> number_of_class;
};

/// \param rows_read  what the labels came from, or null: categories that nobody changed stay as they are
Categories written_categories(const LabelSet& labels, const std::vector<Json>* rows_read);

struct Images {
  Json rows = Json::array();
  std::vector<std::int64_t> ids;  ///< by index of Scene::images
};

/// \param rows_read  what the scene came from, or null \param out  the file that is written
/// Errors: two images of one file, whose labels could not be told apart.
Result<Images> written_images(const Scene& scene, const std::vector<Json>* rows_read, const std::filesystem::path& out);

}  // namespace sweepmark::coco
