// SPDX-License-Identifier: Apache-2.0
#include "geometry/mask_convert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace sweepmark {
namespace {

/// visit(begin, end) for each stretch inside, pixels numbered down the columns.
template <class Visit>
void each_stretch(const Mask& mask, Visit visit) {
  std::uint64_t at = 0;
  const auto runs = mask.runs();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i % 2 == 1) visit(at, at + runs[i]);
    at += runs[i];
  }
}

/// visit(column, first row, end row) for each stretch inside, cut at the columns.
template <class Visit>
void each_column_stretch(const Mask& mask, Visit visit) {
  const std::uint64_t height = mask.height();
  each_stretch(mask, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t column = begin / height, row = begin % height; begin < end; ++column, row = 0) {
      const std::uint64_t rows = std::min(height - row, end - begin);
      visit(column, row, row + rows);
      begin += rows;
    }
  });
}

/// visit(column, its pixels from top to bottom) for an image that lies row by row. Columns are turned around a strip at
/// a time, so that memory is read along the rows.
template <class Value, class Visit>
void each_column(std::uint32_t width, std::uint32_t height, const Value* image, Visit visit) {
  constexpr std::uint32_t strip = 32;
  std::vector<Value> columns(std::size_t{strip} * height);
  for (std::uint32_t first = 0; first < width; first += strip) {
    const std::uint32_t count = std::min(strip, width - first);
    for (std::uint32_t row = 0; row < height; ++row) {
      const Value* line = image + std::size_t{row} * width + first;
      for (std::uint32_t c = 0; c < count; ++c) columns[std::size_t{c} * height + row] = line[c];
    }
    for (std::uint32_t c = 0; c < count; ++c)
      visit(first + c, std::span<const Value>(columns.data() + std::size_t{c} * height, height));
  }
}

/// The part of a mask within a box of whole pixels, a byte for each, row by row.
struct Bitmap {
  std::uint32_t left = 0, top = 0, width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
  bool at(std::int64_t x, std::int64_t y) const {
    return x >= 0 && y >= 0 && x < width && y < height && pixels[static_cast<std::size_t>(y * width + x)] != 0;
  }
};

Bitmap tight_bitmap(const Mask& mask) {
  const ImageBox box = bounds(mask);
  Bitmap out{static_cast<std::uint32_t>(box.left),
             static_cast<std::uint32_t>(box.top),
             static_cast<std::uint32_t>(box.width()),
             static_cast<std::uint32_t>(box.height()),
             {}};
  out.pixels.resize(std::size_t{out.width} * out.height);
  each_column_stretch(mask, [&](std::uint64_t column, std::uint64_t row, std::uint64_t end) {
    for (; row < end; ++row) out.pixels[(row - out.top) * out.width + (column - out.left)] = 1;
  });
  return out;
}

}  // namespace

std::string to_coco_text(const Mask& mask) {
  std::string text;
  const auto runs = mask.runs();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::int64_t value = runs[i];
    if (i > 2) value -= runs[i - 2];
    while (true) {
      const auto low = static_cast<int>(value & 31);
      value >>= 5;                                                      // keeps the sign
      const bool is_last = (low & 16) != 0 ? value == -1 : value == 0;  // the highest bit given says the sign
      text += static_cast<char>(48 + low + (is_last ? 0 : 32));
      if (is_last) break;
    }
  }
  return text;
}

Result<Mask> from_coco_text(std::uint32_t width, std::uint32_t height, std::string_view text) {
  std::vector<std::uint32_t> runs;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t value = 0;
    for (int shift = 0;; shift += 5, ++at) {
      if (at == text.size()) return Error{"the run lengths end within a number"};
      const int c = static_cast<unsigned char>(text[at]) - 48;
      if (c < 0 || c > 63) return Error{"expected a character from 0 to o among run lengths, at " + std::to_string(at)};
      if (shift > 35) return Error{"a run length is out of range, at " + std::to_string(at)};
      value |= static_cast<std::int64_t>(c & 31) << shift;
      if ((c & 32) != 0) continue;
      if ((c & 16) != 0) value -= std::int64_t{1} << (shift + 5);
      ++at;
      break;
    }
    if (runs.size() > 2) value += runs[runs.size() - 2];
    if (value < 0 || value > 0xFFFFFFFFLL) return Error{"a run length is out of range, before " + std::to_string(at)};
    runs.push_back(static_cast<std::uint32_t>(value));
  }
  return Mask::from_runs(width, height, runs);
}

RowRuns to_row_runs(const Mask& mask) {
  const Bitmap part = tight_bitmap(mask);
  RowRuns rows{part.left, part.top, part.width, part.height, {}};
  std::uint8_t current = 0;
  std::uint32_t length = 0;
  for (const std::uint8_t pixel : part.pixels) {
    if (pixel != current) {
      rows.runs.push_back(std::exchange(length, 0));
      current = pixel;
    }
    ++length;
  }
  if (length > 0) rows.runs.push_back(length);
  return rows;
}

Result<Mask> from_row_runs(std::uint32_t width, std::uint32_t height, const RowRuns& rows) {
  if (std::uint64_t{rows.left} + rows.width > width || std::uint64_t{rows.top} + rows.height > height) {
    const auto pair = [](std::uint32_t a, std::uint32_t b, const char* between) {
      return std::to_string(a) + between + std::to_string(b);
    };
    return Error{"expected a part of the image of " + pair(width, height, " x ") + ", got " +
                 pair(rows.width, rows.height, " x ") + " at " + pair(rows.left, rows.top, ", ")};
  }
  // Runs along the rows are those of the turned image down its columns.
  auto turned = Mask::from_runs(rows.height, rows.width, rows.runs);
  if (!turned) return turned.error();
  if (std::uint64_t{width} * height > 0xFFFFFFFFU) return Error{"a mask of 2^32 pixels or more is too large"};
  std::vector<std::uint8_t> part(std::size_t{rows.width} * rows.height);
  each_stretch(*turned, [&](std::uint64_t begin, std::uint64_t end) {
    std::fill(part.begin() + static_cast<std::ptrdiff_t>(begin), part.begin() + static_cast<std::ptrdiff_t>(end),
              std::uint8_t{1});
  });
  MaskBuilder builder(width, height);
  each_column(rows.width, rows.height, part.data(), [&](std::uint32_t column, std::span<const std::uint8_t> pixels) {
    const std::uint64_t origin = std::uint64_t{rows.left + column} * height + rows.top;
    for (std::size_t y = 0; y < pixels.size(); ++y) {
      if (pixels[y] != 0) builder.add(origin + y, origin + y + 1);
    }
  });
  return std::move(builder).take();
}

Mask from_bitmap(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> bitmap) {
  SWEEPMARK_EXPECTS(bitmap.size() == std::size_t{width} * height);
  MaskBuilder builder(width, height);
  each_column(width, height, bitmap.data(), [&](std::uint32_t column, std::span<const std::uint8_t> pixels) {
    const std::uint64_t origin = std::uint64_t{column} * height;
    for (std::size_t y = 0; y < pixels.size();) {
      const std::size_t begin = y;
      while (y < pixels.size() && pixels[y] != 0) ++y;
      builder.add(origin + begin, origin + y);
      while (y < pixels.size() && pixels[y] == 0) ++y;
    }
  });
  return std::move(builder).take();
}

std::vector<std::uint8_t> to_bitmap(const Mask& mask) {
  std::vector<std::uint8_t> bitmap(std::size_t{mask.width()} * mask.height());
  each_column_stretch(mask, [&](std::uint64_t column, std::uint64_t row, std::uint64_t end) {
    for (; row < end; ++row) bitmap[row * mask.width() + column] = 1;
  });
  return bitmap;
}

std::map<std::uint32_t, Mask> masks_of_ids(std::uint32_t width, std::uint32_t height,
                                           std::span<const std::uint32_t> ids, std::uint32_t skipped) {
  SWEEPMARK_EXPECTS(ids.size() == std::size_t{width} * height);
  std::map<std::uint32_t, MaskBuilder> builders;
  each_column(width, height, ids.data(), [&](std::uint32_t column, std::span<const std::uint32_t> pixels) {
    const std::uint64_t origin = std::uint64_t{column} * height;
    for (std::size_t y = 0; y < pixels.size();) {
      const std::size_t begin = y;
      while (y < pixels.size() && pixels[y] == pixels[begin]) ++y;
      if (pixels[begin] == skipped) continue;
      builders.try_emplace(pixels[begin], width, height).first->second.add(origin + begin, origin + y);
    }
  });
  std::map<std::uint32_t, Mask> masks;
  for (auto& [id, builder] : builders) masks.emplace(id, std::move(builder).take());
  return masks;
}

void paint(const Mask& mask, std::uint32_t id, std::span<std::uint32_t> ids) {
  SWEEPMARK_EXPECTS(ids.size() == std::size_t{mask.width()} * mask.height());
  each_column_stretch(mask, [&](std::uint64_t column, std::uint64_t row, std::uint64_t end) {
    for (; row < end; ++row) ids[row * mask.width() + column] = id;
  });
}

namespace {

/// The pixels of one closed ring: in each column of pixel centres, what lies between its first and second crossing with
/// the ring, its third and fourth, and so on.
Mask ring_mask(const Ring& ring, std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint64_t> crossings;  // number of the first pixel at or below the crossing
  const auto& v = ring.vertices;
  for (std::size_t i = 0; i < v.size(); ++i) {
    Vec2d p = v[i], q = v[i + 1 == v.size() ? 0 : i + 1];
    if (p.x == q.x) continue;
    if (q.x < p.x) std::swap(p, q);  // the same numbers for the same edge, whoever walks it
    // Columns with p.x <= column + 0.5 < q.x.
    const double first = std::max(0.0, std::ceil(p.x - 0.5)), end = std::min<double>(width, std::ceil(q.x - 0.5));
    for (double column = first; column < end; ++column) {
      const double y = p.y + (column + 0.5 - p.x) / (q.x - p.x) * (q.y - p.y);
      const double row = std::clamp(std::ceil(y - 0.5), 0.0, static_cast<double>(height));
      crossings.push_back(static_cast<std::uint64_t>(column) * height + static_cast<std::uint64_t>(row));
    }
  }
  std::ranges::sort(crossings);
  MaskBuilder builder(width, height);
  // Each column has an even number of crossings, so pairs never mix two columns: a crossing at the end of one column
  // and one at the top of the next have one number, and an even count before them.
  for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) builder.add(crossings[i], crossings[i + 1]);
  return std::move(builder).take();
}

}  // namespace

Mask to_mask(const Polygon& polygon, std::uint32_t width, std::uint32_t height) {
  Mask mask(width, height);
  for (const Ring& ring : polygon.rings) {
    if (ring.kind == RingKind::line || ring.vertices.size() < 3) continue;
    const Mask part = ring_mask(ring, width, height);
    mask = ring.kind == RingKind::hole ? difference(mask, part) : mask.is_empty() ? part : union_of(mask, part);
  }
  return mask;
}

Polygon to_polygon(const Mask& mask) {
  const Bitmap part = tight_bitmap(mask);
  Polygon polygon;
  // Walks along pixel edges with the inside on the right hand. Directions: right, down, left, up.
  constexpr std::array<std::array<int, 2>, 4> step = {{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
  // The pixel on the right (inside) and on the left (outside) of the edge that leaves corner (x, y) in a direction.
  constexpr std::array<std::array<int, 2>, 4> right_of = {{{0, 0}, {-1, 0}, {-1, -1}, {0, -1}}};
  constexpr std::array<std::array<int, 2>, 4> left_of = {{{0, -1}, {0, 0}, {-1, 0}, {-1, -1}}};
  std::vector<std::uint8_t> seen(part.pixels.size() + part.width);  // upper edges (walked right) and lower ones (left)
  const auto seen_at = [&](std::int64_t x, std::int64_t y, int direction) -> std::uint8_t& {
    // Both kinds of horizontal edges, by the corner at their left end: a bit each.
    const std::int64_t edge = direction == 0 ? x : x - 1;
    return seen[static_cast<std::size_t>(y * part.width + edge)];
  };
  const auto is_edge = [&](std::int64_t x, std::int64_t y, int d) {
    const auto i = static_cast<std::size_t>(d);
    return part.at(x + right_of[i][0], y + right_of[i][1]) && !part.at(x + left_of[i][0], y + left_of[i][1]);
  };
  const auto trace = [&](std::int64_t x, std::int64_t y, int direction) {
    Ring ring;
    const std::int64_t first_x = x, first_y = y;
    const int first_direction = direction;
    do {
      if (direction % 2 == 0) seen_at(x, y, direction) = 1;
      x += step[static_cast<std::size_t>(direction)][0];
      y += step[static_cast<std::size_t>(direction)][1];
      // Right first: pixels that touch at a corner are kept apart.
      int next = (direction + 1) % 4;
      if (!is_edge(x, y, next)) next = is_edge(x, y, direction) ? direction : (direction + 3) % 4;
      if (next != direction)
        ring.vertices.push_back({static_cast<double>(x + part.left), static_cast<double>(y + part.top)});
      direction = next;
    } while (x != first_x || y != first_y || direction != first_direction);
    ring.kind = signed_area(ring) > 0 ? RingKind::area : RingKind::hole;
    polygon.rings.push_back(std::move(ring));
  };
  // Row by row, so that an area is found before its holes, and a hole before the islands in it.
  for (std::int64_t y = 0; y <= part.height; ++y) {
    for (std::int64_t x = 0; x < part.width; ++x) {
      if (is_edge(x, y, 0) && seen_at(x, y, 0) == 0) trace(x, y, 0);
      if (is_edge(x + 1, y, 2) && seen_at(x + 1, y, 2) == 0) trace(x + 1, y, 2);
    }
  }
  return polygon;
}

}  // namespace sweepmark
