// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// An output must not take the place of what was read: the dataset may be the only copy. Compares files, not names, so
/// that links, hard links and .. lead nowhere. A file that is not there yet is nobody's.
/// Errors: `out` is a file of the scene (its sweeps, images, its own file) or lies in its folder, or is a folder that
/// holds one of them; the message names both. Cost: looks at the names of all sweeps and images where `out` is there.
Result<void> expect_no_file_of(const Scene& scene, const std::filesystem::path& out);

}  // namespace sweepmark
