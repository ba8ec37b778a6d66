// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_raw_names.h"

#include <fmt/format.h>

#include <set>

#include "data/formats/numbered_names.h"
#include "data/formats/text.h"

namespace sweepmark::kitti_raw {
namespace fs = std::filesystem;

Result<FrameNames> FrameNames::read(const fs::path& drive) {
  FrameNames names;
  const fs::path file = drive / "frame_list.txt";
  std::error_code failure;
  if (!fs::exists(file, failure)) return names;
  auto text = read_file(file);
  if (!text) return text.error();
  std::set<std::string> seen;
  for (const Line& line : lines_of(*text)) {
    const auto words = words_of(line.text);
    if (words[0].starts_with('#')) continue;
    const auto fail = [&](std::string_view expected) {
      return Error{fmt::format("{}: expected {}, got \"{}\"", at_line(file, line.number), expected, line.text)};
    };
    std::int64_t number = 0;
    if (words.size() < 2 || !parse_number(words[0], number) || number < 0)
      return fail("the number of a frame and its name");
    // A name may hold blanks.
    const std::string name(words[1].data(), words.back().data() + words.back().size());
    const fs::path normal = fs::path(name).lexically_normal();
    if (normal.is_absolute() || normal.begin()->string() == "..") return fail("a name inside the drive");
    if (!names.name_of_frame_.emplace(static_cast<std::size_t>(number), name).second) return fail("each frame once");
    if (!seen.insert(name).second) return fail("each name once");
  }
  return names;
}

std::map<std::size_t, fs::path> FrameNames::files_in(const fs::path& folder,
                                                     std::initializer_list<std::string_view> suffixes) const {
  std::map<std::size_t, fs::path> files;
  for (const std::string_view suffix : suffixes) {
    if (name_of_frame_.empty()) files.merge(numbered_files(folder, {suffix}));
    for (const auto& [number, name] : name_of_frame_) {
      std::error_code failure;
      fs::path file = folder / (name + std::string(suffix));
      if (fs::is_regular_file(file, failure)) files.emplace(number, std::move(file));
    }
  }
  return files;
}

}  // namespace sweepmark::kitti_raw
