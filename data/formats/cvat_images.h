// SPDX-License-Identifier: Apache-2.0
//
// "CVAT for images 1.1": boxes, polygons, polylines, masks, points and skeletons of single images in XML.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"

namespace sweepmark::cvat_images {

bool recognises(const std::filesystem::path& path);
Result<std::vector<SceneHandle>> find(const std::filesystem::path& path);
Result<Scene> open(const SceneHandle& handle);

/// A scene from the file's content. Images have no times: they are taken to be one second apart, in the file's order.
/// Every shape is a label of its own. Ellipses are polygons; tags and other elements are kept and counted in notes.
/// Errors name the image, the number of the element in it, and the file.
Result<Scene> parse(std::string_view content, const std::filesystem::path& file);

/// The file's content: what nobody changed is as it was. Errors: a label in an image that is not there, a value that is
/// not of exactly one kind.
Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

/// See data/write_labels.h.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::cvat_images
