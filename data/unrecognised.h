// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace sweepmark {

/// What is at a path in which no format was recognised, which format it comes nearest to, and what that would need:
/// "a folder of 12 .jpg files; nearest is coco: expected images, annotations and categories".
std::string describe_unrecognised(const std::filesystem::path& path);

}  // namespace sweepmark
