// SPDX-License-Identifier: Apache-2.0
#include "data/formats/json_keys.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace sweepmark {

namespace {

/// Calls `take` for each key at the top, until it says that it has enough. \return whether it said so
template <class Take>
bool visit_top_level_keys(const std::filesystem::path& file, const Take& take) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(1U << 16U);
  int depth = 0;
  bool in_text = false, is_escaped = false, begun = false;
  std::string text;  // the last text at the top, cut where it is longer than any key
  constexpr std::size_t longest_key = 64;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
    for (std::streamsize i = 0; i < in.gcount(); ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (in_text) {
        if (is_escaped) {
          is_escaped = false;
        } else if (c == '\\') {
          is_escaped = true;
        } else if (c == '"') {
          in_text = false;
        } else if (depth == 1 && text.size() < longest_key) {
          text += c;
        }
        continue;
      }
      switch (c) {
        case '"':
          in_text = true;
          text.clear();
          break;
        case '{':
        case '[':
          if (depth == 0 && (c != '{' || begun)) return false;
          begun = true;
          ++depth;
          break;
        case '}':
        case ']':
          --depth;
          if (depth <= 0) return false;
          break;
        case ':':
          if (depth != 1) break;
          if (take(text)) return true;
          break;
        case ' ':
        case '\n':
        case '\r':
        case '\t':
          break;
        default:
          if (!begun && static_cast<unsigned char>(c) != 0xEF && static_cast<unsigned char>(c) != 0xBB &&
              static_cast<unsigned char>(c) != 0xBF)  // a byte order mark may come first
            return false;
      }
    }
  }
  return false;
}

}  // namespace

bool has_top_level_keys(const std::filesystem::path& file, std::initializer_list<std::string_view> keys) {
  std::vector<std::string_view> missing(keys);
  return visit_top_level_keys(file, [&](const std::string& key) {
    std::erase(missing, key);
    return missing.empty();
  });
}

std::vector<std::string> top_level_keys(const std::filesystem::path& file, std::size_t most) {
  std::vector<std::string> keys;
  visit_top_level_keys(file, [&](const std::string& key) {
    keys.push_back(key);
    return keys.size() >= most;
  });
  return keys;
}

}  // namespace sweepmark
