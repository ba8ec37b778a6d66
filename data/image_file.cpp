// SPDX-License-Identifier: Apache-2.0
#include "data/image_file.h"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
// After <cstdio>: jpeglib.h uses FILE without including it.
#include <jpeglib.h>
// After <jpeglib.h>
#include <jerror.h>

#include "data/atomic_file.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace {

constexpr std::uint32_t max_side = 16'384;
/// The most that one byte of a file can stand for: deflate shrinks 1,032 bytes to one, and a pixel takes a bit.
constexpr std::uint64_t most_pixels_a_byte = 8'256;

Error damaged(const std::filesystem::path& file, const std::string& why) {
  return Error{
      fmt::format("expected a PNG or JPEG image of at most {} pixels a side, {}: {}", max_side, why, file.string())};
}

/// Why a file of `bytes` with a picture of that size is not read; empty where it is.
std::string size_complaint(std::uint32_t width, std::uint32_t height, std::size_t bytes) {
  if (width == 0 || height == 0 || width > max_side || height > max_side)
    return fmt::format("got {} x {}", width, height);
  // A damaged or hostile header must not cost a gigabyte.
  if (std::uint64_t{width} * height > most_pixels_a_byte * bytes)
    return fmt::format("got {} x {} in {} bytes", width, height, bytes);
  return {};
}

Result<Picture> read_png(const std::string& bytes, const std::filesystem::path& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return damaged(file, image.message);
  if (const auto complaint = size_complaint(image.width, image.height, bytes.size()); !complaint.empty()) {
    png_image_free(&image);
    return damaged(file, complaint);
  }
  image.format = PNG_FORMAT_RGBA;
  Picture picture{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  picture.rgba.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, picture.rgba.data(), 0, nullptr) == 0) return damaged(file, image.message);
  return picture;
}

/// libjpeg reports errors by a call that must not return.
struct JpegErrors {
  jpeg_error_mgr base{};
  std::jmp_buf back{};
  char message[JMSG_LENGTH_MAX] = "";

  [[noreturn]] static void stop(j_common_ptr info) {
    auto* mine = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, mine->message);
    std::longjmp(mine->back, 1);  // NOLINT(cert-err52-cpp)
  }
  /// Warnings are passed over (cameras write odd but complete files), but for the one that pixels are missing.
  static void warn(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) stop(info);
  }
};

/// Reads up to the pixels, and keeps what EXIF says.
void read_header(const std::string& bytes, jpeg_decompress_struct& jpeg) {
  constexpr unsigned longest = 0xFFFF;
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, longest);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
}

Orientation orientation_of(const jpeg_decompress_struct& jpeg) {
  for (const jpeg_marker_struct* marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::string_view segment(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (segment.starts_with("Exif")) return orientation_of_exif(segment);
  }
  return 1;
}

PictureSize shown_size(const jpeg_decompress_struct& jpeg, Orientation orientation) {
  PictureSize size{jpeg.image_width, jpeg.image_height, orientation};
  if (swaps_sides(orientation)) std::swap(size.width, size.height);
  return size;
}

bool read_jpeg_header(const std::string& bytes, jpeg_decompress_struct& jpeg, JpegErrors& errors) {
  if (setjmp(errors.back) != 0) return false;  // NOLINT(cert-err52-cpp): the library's own way
  read_header(bytes, jpeg);
  return true;
}

bool decode_jpeg(const std::string& bytes, jpeg_decompress_struct& jpeg, JpegErrors& errors, Picture& picture,
                 Orientation& orientation) {
  if (setjmp(errors.back) != 0) return false;  // NOLINT(cert-err52-cpp): the library's own way
  read_header(bytes, jpeg);
  orientation = orientation_of(jpeg);  // before the end of the picture: segments go with it
  if (const auto complaint = size_complaint(jpeg.image_width, jpeg.image_height, bytes.size()); !complaint.empty()) {
    std::snprintf(errors.message, sizeof errors.message, "%s", complaint.c_str());
    return false;
  }
  jpeg.out_color_space = JCS_EXT_RGBA;
  jpeg_start_decompress(&jpeg);
  picture.width = static_cast<int>(jpeg.output_width);
  picture.height = static_cast<int>(jpeg.output_height);
  picture.rgba.resize(std::size_t{4} * jpeg.output_width * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = picture.rgba.data() + std::size_t{4} * jpeg.output_width * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

void begin_jpeg(jpeg_decompress_struct& jpeg, JpegErrors& errors) {
  jpeg.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = JpegErrors::stop;
  errors.base.emit_message = JpegErrors::warn;
  errors.base.output_message = [](j_common_ptr) {};
  jpeg_create_decompress(&jpeg);
}

Result<PictureSize> jpeg_size(const std::string& bytes, const std::filesystem::path& file) {
  jpeg_decompress_struct jpeg{};
  JpegErrors errors;
  begin_jpeg(jpeg, errors);
  const bool is_read = read_jpeg_header(bytes, jpeg, errors);
  const PictureSize size = shown_size(jpeg, is_read ? orientation_of(jpeg) : Orientation{1});
  jpeg_destroy_decompress(&jpeg);
  if (!is_read) return damaged(file, errors.message);
  return size;
}

Result<PictureSize> png_size(const std::string& bytes, const std::filesystem::path& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return damaged(file, image.message);
  const PictureSize size{image.width, image.height};
  png_image_free(&image);
  return size;
}

/// The stored picture as it is shown.
void turn(Picture& picture, Orientation orientation) {
  picture.rgba = turned(picture.rgba, static_cast<std::size_t>(picture.width), static_cast<std::size_t>(picture.height),
                        orientation);
  if (swaps_sides(orientation)) std::swap(picture.width, picture.height);
}

Result<Picture> read_jpeg(const std::string& bytes, const std::filesystem::path& file, PictureSize stated) {
  jpeg_decompress_struct jpeg{};
  JpegErrors errors;
  begin_jpeg(jpeg, errors);
  Picture picture;
  Orientation orientation = 1;
  const bool decoded = decode_jpeg(bytes, jpeg, errors, picture, orientation);
  const PictureSize shown = shown_size(jpeg, orientation);
  jpeg_destroy_decompress(&jpeg);
  if (!decoded) return damaged(file, errors.message);
  if (shown.orientation != 1 && !is_stated_as_stored(stated, shown)) turn(picture, shown.orientation);
  return picture;
}

}  // namespace

bool is_stated_as_stored(PictureSize stated, PictureSize shown) {
  const auto is_of = [&](const PictureSize& size) {
    return stated.width == size.width && stated.height == size.height;
  };
  return !is_of(shown) && is_of(shown.stored());
}

Result<Picture> read_image(const std::filesystem::path& file, PictureSize stated) {
  const auto bytes = read_file(file);
  if (!bytes) return bytes.error();
  const std::string content(bytes->begin(), bytes->end());
  if (content.starts_with("\x89PNG")) return read_png(content, file);
  if (content.starts_with("\xFF\xD8")) return read_jpeg(content, file, stated);
  return damaged(file, "got something else");
}

namespace {

Result<PictureSize> size_in(const std::string& content, std::uintmax_t bytes, const std::filesystem::path& file) {
  const auto size = content.starts_with("\x89PNG")    ? png_size(content, file)
                    : content.starts_with("\xFF\xD8") ? jpeg_size(content, file)
                                                      : Result<PictureSize>(damaged(file, "got something else"));
  if (!size) return size;
  if (const auto complaint = size_complaint(size->width, size->height, bytes); !complaint.empty())
    return damaged(file, complaint);
  return size;
}

}  // namespace

Result<PictureSize> read_image_size(const std::filesystem::path& file) {
  // The size stands at the beginning, behind what a camera adds there.
  constexpr std::size_t enough = std::size_t{1} << 16;
  std::error_code failure;
  const std::uintmax_t bytes = std::filesystem::file_size(file, failure);
  if (!failure && bytes > enough) {
    if (const auto size = size_in(read_head(file, enough), bytes, file)) return size;
  }
  const auto content = read_file(file);
  if (!content) return content.error();
  return size_in(*content, content->size(), file);
}

Result<void> write_png(const Picture& picture, const std::filesystem::path& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = 0;
  if (png_image_write_get_memory_size(image, size, 0, picture.rgba.data(), 0, nullptr) == 0)
    return Error{fmt::format("cannot encode a PNG ({}): {}", image.message, file.string())};
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.rgba.data(), 0, nullptr) == 0)
    return Error{fmt::format("cannot encode a PNG ({}): {}", image.message, file.string())};
  bytes.resize(size);
  return write_file(file, bytes);
}

}  // namespace sweepmark
