// SPDX-License-Identifier: Apache-2.0
//
// Arrays of whole numbers in numpy's compressed archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// The array `name` (any integer type, any shape) in row-major order.
/// Errors: no archive, no such array, not whole numbers, a size that does not fit the shape; `file` is named.
Result<std::vector<std::int64_t>> npz_integers(std::string_view archive, const std::string& name,
                                               const std::filesystem::path& file);

/// An archive with one array of one dimension; equal values give equal bytes.
Result<std::string> npz_bytes(const std::string& name, std::span<const std::uint16_t> values);

}  // namespace sweepmark
