// SPDX-License-Identifier: Apache-2.0
//
// Source: numpy.lib.format, "Format Version 1.0".
#include "data/formats/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <cstring>
#include <memory>

#include "data/formats/npy.h"

namespace sweepmark {
namespace {

/// A compressed archive may claim any size.
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;

struct Closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Closer>;

Result<std::string> extract(std::string_view bytes, const std::string& name, const std::filesystem::path& file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  const Archive archive(source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error));
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    return Error{fmt::format("not an .npz archive ({}): {}", zip_error_strerror(&error), file.string())};
  }
  zip_stat_t stat;
  if (zip_stat(archive.get(), name.c_str(), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0)
    return Error{fmt::format("expected an array \"{}\" in the archive: {}", name, file.string())};
  if (stat.size > most_bytes)
    return Error{fmt::format("array \"{}\" claims {} bytes, more than is read: {}", name, stat.size, file.string())};
  const std::unique_ptr<zip_file_t, Closer> entry(zip_fopen(archive.get(), name.c_str(), 0));
  std::string content;
  // Grows with what is there, not with what is claimed.
  char buffer[65536];
  while (entry != nullptr && content.size() < stat.size) {
    const zip_int64_t count = zip_fread(entry.get(), buffer, sizeof buffer);
    if (count <= 0) break;
    content.append(buffer, static_cast<std::size_t>(count));
  }
  if (content.size() != stat.size)
    return Error{
        fmt::format("array \"{}\": expected {} bytes, got {}: {}", name, stat.size, content.size(), file.string())};
  return content;
}

template <class T>
std::vector<std::int64_t> widened(std::string_view bytes) {
  std::vector<std::int64_t> out(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<std::int64_t>(value);
  }
  return out;
}

}  // namespace

Result<std::vector<std::int64_t>> npz_integers(std::string_view archive, const std::string& name,
                                               const std::filesystem::path& file) {
  auto content = extract(archive, name + ".npy", file);
  if (!content) return content.error();
  const auto bad = [&](std::string_view expected) {
    return Error{fmt::format("array \"{}\": expected {}: {}", name, expected, file.string())};
  };
  const auto header = parse_npy(*content, fmt::format("array \"{}\": ", name), file);
  if (!header) return header.error();
  const std::string_view type = header->type, elements = header->elements;
  std::vector<std::int64_t> values;
  if (type == "|u1")
    values = widened<std::uint8_t>(elements);
  else if (type == "|i1")
    values = widened<std::int8_t>(elements);
  else if (type == "<u2")
    values = widened<std::uint16_t>(elements);
  else if (type == "<i2")
    values = widened<std::int16_t>(elements);
  else if (type == "<u4")
    values = widened<std::uint32_t>(elements);
  else if (type == "<i4")
    values = widened<std::int32_t>(elements);
  else if (type == "<i8" || type == "<u8")
    values = widened<std::int64_t>(elements);
  else
    return bad(fmt::format("little-endian whole numbers, got \"{}\"", type));
  const std::size_t count = header->count();
  if (count != values.size()) return bad(fmt::format("{} elements as the shape says, got {}", count, values.size()));
  return values;
}

Result<std::string> npz_bytes(const std::string& name, std::span<const std::uint16_t> values) {
  const std::string npy =
      npy_bytes("<u2", fmt::format("({},)", values.size()),
                std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));

  zip_error_t error;
  zip_error_init(&error);
  const auto failed = [&] { return Error{fmt::format("cannot make an archive ({})", zip_error_strerror(&error))}; };
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (target == nullptr) return failed();
  zip_source_keep(target);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(target, zip_source_free);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  if (archive == nullptr) return failed();
  zip_source_t* source = zip_source_buffer(archive, npy.data(), npy.size(), 0);
  const zip_int64_t index = zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_OVERWRITE);
  if (index >= 0) zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), 315'532'800, 0);
  if (index < 0 || zip_close(archive) != 0) {
    zip_discard(archive);
    return failed();
  }
  zip_stat_t stat;
  if (zip_source_stat(target, &stat) != 0 || zip_source_open(target) != 0) return failed();
  std::string bytes(stat.size, '\0');
  const zip_int64_t read = zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  if (read != static_cast<zip_int64_t>(bytes.size())) return failed();
  return bytes;
}

}  // namespace sweepmark
