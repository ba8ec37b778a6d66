// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/label_set.h"
#include "kernels/result.h"

namespace sweepmark::cli {

/// The names that are written most like the one wanted, for errors: "car-1, car-2 and 10 more".
std::string nearest_names(std::string_view wanted, std::vector<std::string> names);

/// Errors: a track id (of `--track`) that the labels of the scene of this name do not have; the message lists the
/// nearest. An empty one passes.
Result<void> expect_track(const std::string& scene, const LabelSet& labels, const std::string& id);

}  // namespace sweepmark::cli
