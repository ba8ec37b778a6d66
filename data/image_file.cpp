// SPDX-License-Identifier: Apache-2.0
#include "data/image_file.h"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <fstream>
#include <functional>
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

/// Bytes of a file from a place on; fewer at its end.
using ReadAt = std::function<std::string(std::uint64_t at, std::size_t count)>;

/// What the chunk eXIf of a PNG says: it may stand before the pixels or behind them.
Orientation orientation_of_png(const ReadAt& read_at) {
  constexpr int most_chunks = 100'000;
  constexpr std::size_t head_size = 8, checksum_size = 4, longest_exif = 1 << 16;
  std::uint64_t at = 8;  // behind the signature
  for (int i = 0; i < most_chunks; ++i) {
    const std::string head = read_at(at, head_size);
    if (head.size() < head_size || head.ends_with("IEND")) break;
    std::uint64_t length = 0;
    for (std::size_t k = 0; k < 4; ++k) length = length << 8U | static_cast<unsigned char>(head[k]);
    if (head.ends_with("eXIf"))
      return orientation_of_tiff(read_at(at + head_size, std::min<std::size_t>(length, longest_exif)));
    at += head_size + length + checksum_size;
  }
  return 1;
}
Orientation orientation_of_png(const std::string& content) {
  return orientation_of_png(
      [&](std::uint64_t at, std::size_t count) { return at < content.size() ? content.substr(at, count) : ""; });
}
Orientation orientation_of_png(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return orientation_of_png([&](std::uint64_t at, std::size_t count) {
    std::string bytes(count, '\0');
    in.seekg(static_cast<std::streamoff>(at));
    in.read(bytes.data(), static_cast<std::streamsize>(count));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
  });
}

PictureSize shown_size(std::uint32_t width, std::uint32_t height, Orientation orientation) {
  PictureSize size{width, height, orientation};
  if (swaps_sides(orientation)) std::swap(size.width, size.height);
  return size;
}

/// A stored picture in the pixels of its labels.
void turn(Picture& picture, PictureSize shown, PictureSize stated, LabelPixels unsaid) {
  LabelPixels pixels = label_pixels(stated, shown);
  if (pixels == LabelPixels::unsaid) pixels = unsaid;
  if (shown.orientation == 1 || pixels == LabelPixels::stored) return;
  picture.rgba = turned(picture.rgba, static_cast<std::size_t>(picture.width), static_cast<std::size_t>(picture.height),
                        shown.orientation);
  if (swaps_sides(shown.orientation)) std::swap(picture.width, picture.height);
}

Result<Picture> read_png(const std::string& bytes, const std::filesystem::path& file, PictureSize stated,
                         LabelPixels unsaid) {
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
  turn(picture, shown_size(image.width, image.height, orientation_of_png(bytes)), stated, unsaid);
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
  const PictureSize size =
      shown_size(jpeg.image_width, jpeg.image_height, is_read ? orientation_of(jpeg) : Orientation{1});
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

Result<Picture> read_jpeg(const std::string& bytes, const std::filesystem::path& file, PictureSize stated,
                          LabelPixels unsaid) {
  jpeg_decompress_struct jpeg{};
  JpegErrors errors;
  begin_jpeg(jpeg, errors);
  Picture picture;
  Orientation orientation = 1;
  const bool decoded = decode_jpeg(bytes, jpeg, errors, picture, orientation);
  const PictureSize shown = shown_size(jpeg.image_width, jpeg.image_height, orientation);
  jpeg_destroy_decompress(&jpeg);
  if (!decoded) return damaged(file, errors.message);
  turn(picture, shown, stated, unsaid);
  return picture;
}

}  // namespace

LabelPixels label_pixels(PictureSize stated, PictureSize shown) {
  if (shown.orientation == 1) return LabelPixels::shown;
  const auto is_of = [&](const PictureSize& size) {
    return stated.width == size.width && stated.height == size.height;
  };
  const bool fits_shown = is_of(shown), fits_stored = is_of(shown.stored());
  if (stated.width == 0 || (fits_shown && fits_stored)) return LabelPixels::unsaid;
  return fits_stored ? LabelPixels::stored : LabelPixels::shown;
}

Result<Picture> read_image(const std::filesystem::path& file, PictureSize stated, LabelPixels unsaid) {
  const auto bytes = read_file(file);
  if (!bytes) return bytes.error();
  const std::string content(bytes->begin(), bytes->end());
  if (content.starts_with("\x89PNG")) return read_png(content, file, stated, unsaid);
  if (content.starts_with("\xFF\xD8")) return read_jpeg(content, file, stated, unsaid);
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
  std::error_code failure;
  const std::uintmax_t bytes = std::filesystem::file_size(file, failure);
  Result<PictureSize> size = damaged(file, "not read");
  // The size stands at the beginning, behind what a camera adds there.
  for (const std::size_t enough : {std::size_t{1} << 12, std::size_t{1} << 16}) {
    if (size || failure || bytes <= enough) break;
    size = size_in(read_head(file, enough), bytes, file);
  }
  if (!size) {
    const auto content = read_file(file);
    if (!content) return content.error();
    size = size_in(*content, content->size(), file);
  }
  if (!size || !read_head(file, 4).starts_with("\x89PNG")) return size;
  return shown_size(size->width, size->height, orientation_of_png(file));
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
