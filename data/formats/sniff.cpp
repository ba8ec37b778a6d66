// SPDX-License-Identifier: Apache-2.0
#include "data/formats/sniff.h"

#include <algorithm>
#include <fstream>

namespace sweepmark {

std::string head_of(const std::filesystem::path& path, std::string_view extension) {
  std::error_code failure;
  if (!path.filename().string().ends_with(extension) || !std::filesystem::is_regular_file(path, failure)) return {};
  std::string head(65536, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return head;
}

bool begins_like(std::string_view head, char opening, std::initializer_list<std::string_view> words) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || head[first] != opening) return false;
  return std::ranges::all_of(words, [&](std::string_view word) { return head.find(word) != std::string_view::npos; });
}

}  // namespace sweepmark
