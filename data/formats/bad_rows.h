// SPDX-License-Identifier: Apache-2.0
//
// The rules that a row of labels may break by itself (data/bad_row.h), each written once, and how readers collect such
// rows. A reader asks for a fault and lists it, or throws it inside a row that `collect` reads. Outside of `collect`
// it ends reading, with what `Error` the format makes of it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/bad_row.h"
#include "geometry/image_box.h"
#include "kernels/math/types.h"

namespace sweepmark {

/// What makes a row wrong by itself, in the units of its file.
struct RowFault {
  BadRow::Kind kind = BadRow::Kind::other;
  std::string found, expected;
  std::string where = {};  ///< the value's place in the file; empty: the row's
};

/// \param size  length, width, height (metres): each above 0
std::optional<RowFault> size_fault(Vec3d size);
/// A quaternion whose length is not within 1e-3 of 1.
std::optional<RowFault> rotation_fault(Quat rotation);
/// Numbers that float32 cannot hold, not-a-number among them.
std::optional<RowFault> range_fault(std::span<const double> numbers);
/// The first of those three that a cuboid has: of range, size, rotation.
std::optional<RowFault> cuboid_fault(const Cuboid& cuboid);
/// Width or height below 0, or no finite numbers. A box without area is right by itself: `check` finds it.
std::optional<RowFault> box_fault(const ImageBox& box);
/// Whether a word is written as a number, and is none that a double holds: nan, inf, 1e999.
bool is_no_finite_number(std::string_view word);
RowFault not_finite_fault(std::string_view word);
RowFault second_row_fault(std::string_view object);
/// \param image  what the row calls it
RowFault missing_image_fault(std::string_view image);

/// Throws the fault, if there is one. \param where  of the value, in the file's own words (a JSON pointer)
void expect_no_fault(std::optional<RowFault> fault, std::string_view where);

/// A row that may turn out bad. \param object  empty where the row names none, or is not read that far
BadRow bad_row_at(std::filesystem::path file, std::string place, std::string object = {}, TimestampNs time = 0);

/// "expected EXPECTED, got FOUND", for formats that end reading.
std::string fault_text(const RowFault& fault);

void add_bad_row(std::vector<BadRow>& bad_rows, BadRow row, RowFault fault);

/// Reads one row, which may throw a RowFault. \param row  file and place; `read` fills in object and time as it learns
/// them \return whether the row is right; otherwise `bad_rows` has it
template <class Read>
bool collect(std::vector<BadRow>& bad_rows, BadRow row, Read read) {
  try {
    read(row);
    return true;
  } catch (const RowFault& fault) {
    add_bad_row(bad_rows, std::move(row), fault);
    return false;
  }
}

}  // namespace sweepmark
