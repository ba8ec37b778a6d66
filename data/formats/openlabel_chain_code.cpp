// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_chain_code.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "data/formats/text.h"

namespace sweepmark::openlabel {
namespace {

struct Step {
  int x, y;
};
/// Clockwise as one looks at the image, from the right.
constexpr std::array<Step, 8> steps = {{{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}}};
constexpr std::size_t first_direction = 2;  ///< down

/// What each symbol of three bits does: turn by eighths, then go so many pixels.
struct Move {
  std::size_t turn;
  int pixels;
};
constexpr std::array<Move, 8> moves = {{{0, 1}, {1, 1}, {7, 1}, {2, 1}, {6, 1}, {4, 0}, {0, 3}, {0, 15}}};

std::int64_t whole(const json::Json& value, std::int64_t least, std::int64_t most, const std::string& where) {
  std::int64_t number = 0;
  const bool is_number =
      value.is_string() ? parse_number(std::string_view(value.get_ref<const std::string&>()), number) : false;
  if (!is_number) number = json::integer(value, where);
  if (number < least || number > most)
    json::fail(where, fmt::format("a number from {} to {}, got {}", least, most, number));
  return number;
}

}  // namespace

std::vector<Vec2d> points_of_srf6dcc(const json::Json& val, const std::string& where) {
  if (json::array(val, where).size() != 4)
    json::fail(where, fmt::format("x, y, a rest and a chain code, got {} values", val.size()));
  constexpr std::int64_t most = 1 << 20;
  std::int64_t x = whole(val[0], -most, most, where + "/0"), y = whole(val[1], -most, most, where + "/1");
  const std::string code = json::text(val[3], where + "/3");
  const auto unused = static_cast<std::size_t>(whole(val[2], 0, code.empty() ? 0 : 1, where + "/2"));
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<Vec2d> points;
  const auto add = [&] { points.push_back({static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5}); };
  add();
  std::size_t direction = first_direction, gone = steps.size();  // gone: the direction of the last step
  for (std::size_t i = 0; i < 2 * code.size() - unused; ++i) {
    const std::size_t sextet = alphabet.find(code[i / 2]);
    if (sextet == std::string_view::npos) json::fail(where + "/3", fmt::format("base64, got '{}'", code[i / 2]));
    const Move move = moves[i % 2 == 0 ? sextet >> 3 : sextet & 7];
    direction = (direction + move.turn) % steps.size();
    if (move.pixels == 0) continue;
    x += move.pixels * steps[direction].x;
    y += move.pixels * steps[direction].y;
    if (direction == gone) points.pop_back();  // still straight on
    add();
    gone = direction;
  }
  return points;
}

}  // namespace sweepmark::openlabel
