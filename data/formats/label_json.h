// SPDX-License-Identifier: Apache-2.0
//
// Image values, ontology, events and comments as JSON: in our scene files, and an ontology in a file of its own.
// docs/formats/sweepmark_json.md and docs/formats/ontology.md describe them. Readers throw json::BadValue.
#pragma once

#include <filesystem>
#include <string>

#include "data/formats/json_reader.h"
#include "data/label_set.h"

namespace sweepmark::label_json {

using json::Json;

Attributes attributes(const Json& object, const std::string& where);  ///< its member "attributes", all texts

/// The members "box", "rotation", "polygon", "mask", "keypoints" of an object.
ImageValue image_value(const Json& object, const std::string& where);
void put(const ImageValue& value, Json& object);

ClassDefinition class_definition(const Json& object, const std::string& where);
SkeletonDefinition skeleton_definition(const Json& object, const std::string& where);
Event event(const Json& object, const std::string& where);
ReviewComment comment(const Json& object, const std::string& where);
Json to_json(const ClassDefinition& value);
Json to_json(const SkeletonDefinition& value);
Json to_json(const Event& value);
Json to_json(const ReviewComment& value);

/// The members "classes" and "skeletons"; each name once, each class's skeleton among the skeletons, edges between
/// points that are there.
Ontology ontology(const Json& object, const std::string& where);

/// An ontology in a file of its own. Errors name the place by its JSON pointer, and the file.
Result<Ontology> parse_ontology(std::string_view content, const std::filesystem::path& file);
std::string ontology_text(const Ontology& ontology);

}  // namespace sweepmark::label_json
