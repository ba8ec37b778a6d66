// SPDX-License-Identifier: Apache-2.0
//
// What CVAT's two XML formats share: shapes, and the labels (classes) in their <meta>.
// Source: https://docs.cvat.ai/docs/manual/advanced/xml_format/ and dataset_manager/formats/cvat.py of CVAT. Rotation
// in degrees, clockwise; the runs of a mask go along the rows of its own box; an ellipse is a centre and two radii.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/label_set.h"
#include "kernels/result.h"

namespace sweepmark::cvat {

struct ImageSize {
  std::uint32_t width = 0, height = 0;
};

/// The value of a shape's element: box, polygon, polyline, mask, skeleton, points, ellipse (as a polygon).
/// \param points  names of the keypoints of its class, in the order of the ontology
/// Throws xml::BadXml.
ImageValue value_of(const pugi::xml_node& node, const ImageSize& size, const std::vector<std::string>& points,
                    const std::string& place);

/// Whether an element is a shape that `value_of` reads.
bool is_shape(std::string_view element);

/// The name of the element that holds a value; empty where none does: a shape of two kinds or none, a polygon of
/// several rings or with a hole. \param points  of its class: where it has none, keypoints are in <points>
std::string_view element_of(const ImageValue& value, const std::vector<std::string>& points);

/// Puts a value into its element; what else the element says stays. Errors: a skeleton with another number of points
/// than its class has, points in <points> that are not visible; `track` is named.
Result<void> put_value(pugi::xml_node node, const ImageValue& value, const std::vector<std::string>& points,
                       const std::string& track, const std::filesystem::path& out);

/// Attributes of a shape's element, "occluded" among them where it is set.
Attributes attributes_of(const pugi::xml_node& node, const std::string& place);
/// In the place of those that are there.
void put_attributes(pugi::xml_node node, Attributes attributes);

/// Attributes that are set once for a track, by class (mutable="False").
using FixedAttributes = std::map<std::string, std::set<std::string>>;
FixedAttributes fixed_attributes(const Ontology& ontology);

/// Names of the keypoints of a class; none where it has no skeleton.
std::vector<std::string> points_of_class(const Ontology& ontology, const std::string& class_name);

/// Classes, their attributes and skeletons. Labels of the points of a skeleton name it as their <parent>, in its order.
/// Throws xml::BadXml.
void read_labels(const pugi::xml_node& meta, Ontology& ontology);
/// Adds skeletons of classes whose points no label of the file names: those of the shapes in its tracks or images, in
/// their order, without edges. A note says so.
void add_undescribed_skeletons(const pugi::xml_node& root, Ontology& ontology, std::vector<std::string>& notes);
void put_labels(pugi::xml_node task, const Ontology& ontology);

/// The ontology with the classes and attributes that labels have and it does not: CVAT takes no others.
Ontology with_used_names(const LabelSet& labels);

/// Whether the file's first label is an <image> rather than a <track>, wherever that comes.
bool begins_with_images(const std::filesystem::path& file);

}  // namespace sweepmark::cvat
