// SPDX-License-Identifier: Apache-2.0
#include "data/id_image.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "data/formats/text.h"

namespace sweepmark {
namespace {

constexpr std::uint32_t max_side = 16'384;
/// Deflate shrinks 1,032 bytes to one: more pixels than that many a byte are a damaged or hostile header.
constexpr std::uint64_t most_pixels_a_byte = 8'256;

/// libpng reports errors by a call that must not return.
struct PngFailure {
  std::jmp_buf back{};
  std::string message;

  [[noreturn]] static void stop(png_structp png, png_const_charp message) {
    auto* mine = static_cast<PngFailure*>(png_get_error_ptr(png));
    mine->message = message;
    std::longjmp(mine->back, 1);  // NOLINT(cert-err52-cpp): the library's own way
  }
  static void ignore(png_structp, png_const_charp) {}
};

struct Bytes {
  std::string_view left;
  static void read(png_structp png, png_bytep out, std::size_t count) {
    auto& bytes = *static_cast<Bytes*>(png_get_io_ptr(png));
    if (count > bytes.left.size()) png_error(png, "the file ends too early");
    std::memcpy(out, bytes.left.data(), count);
    bytes.left.remove_prefix(count);
  }
};

/// What one reading needs: all that must outlive a jump out of the library.
struct Reading {
  PngFailure failure;
  Bytes bytes;
  IdImage image;
  std::vector<png_byte> rows;
  std::vector<png_bytep> row_starts;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::size_t file_bytes = 0;

  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }

  /// \return whether all is well, else `failure.message` says what is not
  bool read() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, PngFailure::stop, PngFailure::ignore);
    info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr) {
      failure.message = "out of memory";
      return false;
    }
    if (setjmp(failure.back) != 0) return false;  // NOLINT(cert-err52-cpp): the library's own way
    png_set_read_fn(png, &bytes, Bytes::read);
    png_set_user_limits(png, max_side, max_side);
    png_read_info(png, info);
    image.width = png_get_image_width(png, info);
    image.height = png_get_image_height(png, info);
    if (std::uint64_t{image.width} * image.height > most_pixels_a_byte * file_bytes)
      png_error(png, "the file is too short for its size in pixels");
    const int color = png_get_color_type(png, info), bits = png_get_bit_depth(png, info);
    if (color == PNG_COLOR_TYPE_RGB && bits == 8) {
      image.depth = IdDepth::rgb24;
    } else if (color == PNG_COLOR_TYPE_GRAY && bits == 16) {
      image.depth = IdDepth::gray16;
    } else if ((color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_PALETTE) && bits <= 8) {
      image.depth = IdDepth::gray8;
      png_set_packing(png);  // a byte for each pixel, its number as it is
    } else {
      png_error(png, "its pixels are no numbers: expected gray, a palette or red, green and blue of 8 bits");
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const std::size_t row_bytes = png_get_rowbytes(png, info);
    rows.resize(row_bytes * image.height);
    for (std::size_t y = 0; y < image.height; ++y) row_starts.push_back(rows.data() + y * row_bytes);
    png_read_image(png, row_starts.data());
    png_read_end(png, nullptr);
    return true;
  }

  void take_ids() {
    image.ids.resize(std::size_t{image.width} * image.height);
    const png_byte* p = rows.data();
    for (std::uint32_t& id : image.ids) {
      if (image.depth == IdDepth::gray8) {
        id = *p++;
      } else if (image.depth == IdDepth::gray16) {
        id = static_cast<std::uint32_t>(p[0] << 8 | p[1]);
        p += 2;
      } else {
        id = static_cast<std::uint32_t>(p[0] | p[1] << 8 | p[2] << 16);
        p += 3;
      }
    }
  }
};

void write(png_structp png, png_infop info, const IdImage& image, png_bytepp rows, PngFailure& failure) {
  if (setjmp(failure.back) != 0) return;  // NOLINT(cert-err52-cpp): the library's own way
  png_set_IHDR(png, info, image.width, image.height, image.depth == IdDepth::gray16 ? 16 : 8,
               image.depth == IdDepth::rgb24 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_rows(png, info, rows);
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
}

}  // namespace

Result<IdImage> parse_id_image(std::string_view content, const std::filesystem::path& file) {
  Reading reading;
  reading.bytes.left = content;
  reading.file_bytes = content.size();
  if (!content.starts_with("\x89PNG") || !reading.read()) {
    return Error{fmt::format("expected a PNG whose pixels are numbers, {}: {}",
                             reading.failure.message.empty() ? "got something else" : reading.failure.message,
                             file.string())};
  }
  reading.take_ids();
  return std::move(reading.image);
}

Result<IdImage> read_id_image(const std::filesystem::path& file) {
  const auto content = read_file(file);
  if (!content) return content.error();
  return parse_id_image({content->data(), content->size()}, file);
}

std::string id_image_content(const IdImage& image) {
  const std::size_t pixel_bytes = image.depth == IdDepth::gray8 ? 1 : image.depth == IdDepth::gray16 ? 2 : 3;
  std::vector<png_byte> bytes(pixel_bytes * image.ids.size());
  png_byte* p = bytes.data();
  for (const std::uint32_t id : image.ids) {
    if (image.depth == IdDepth::gray16) *p++ = static_cast<png_byte>(id >> 8);
    *p++ = static_cast<png_byte>(id);
    if (image.depth == IdDepth::rgb24) *p++ = static_cast<png_byte>(id >> 8), *p++ = static_cast<png_byte>(id >> 16);
  }
  std::vector<png_bytep> rows;
  for (std::size_t y = 0; y < image.height; ++y) rows.push_back(bytes.data() + y * pixel_bytes * image.width);
  std::string out;
  PngFailure failure;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, PngFailure::stop, PngFailure::ignore);
  png_infop info = png_create_info_struct(png);
  const auto append = [](png_structp writer, png_bytep written, std::size_t count) {
    static_cast<std::string*>(png_get_io_ptr(writer))->append(reinterpret_cast<const char*>(written), count);
  };
  png_set_write_fn(png, &out, append, nullptr);
  write(png, info, image, rows.data(), failure);
  png_destroy_write_struct(&png, &info);
  return out;
}

}  // namespace sweepmark
