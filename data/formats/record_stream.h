// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

#include "kernels/result.h"

namespace sweepmark {

/// Reads a file that holds one JSON array of objects, a block at a time: memory is bounded by the longest object, not
/// by the file. What is inside an object is not looked at beyond its braces and texts. \param visit  called with each
/// object's text and number; behind the text lie 64 readable bytes more Errors: unreadable, no array of objects, an
/// object above 64 MiB; the message names the file and the object. Cost: one pass, about a second for a gigabyte.
Result<void> each_record(const std::filesystem::path& file,
                         const std::function<void(std::string_view text, std::size_t number)>& visit);

}  // namespace sweepmark
