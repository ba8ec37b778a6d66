// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/exporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "viewer/editor/session.h"

namespace sweepmark::editor {
namespace {

namespace fs = std::filesystem;

template <class Value>
bool is_ready(const std::future<Value>& future) {
  return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

Result<std::string> write_all(const Conversion& conversion, const fs::path& out) {
  if (auto free = expect_free(out, Overwrite::no); !free)
    return Error{fmt::format("choose another name: {}", free.error().message)};
  if (auto written = write(conversion, out); !written) return written.error();
  return fmt::format("Exported {} labels of {} objects to {}", conversion.label_count(), conversion.track_count(),
                     out.string());
}

}  // namespace

fs::path default_export_path(const Session& session, Format format) {
  const fs::path folder = session.document().file().parent_path();
  std::string name = session.scene().name.empty() ? "scene" : session.scene().name;
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == '\\'; }, '_');
  std::error_code failure;
  fs::path path;
  for (int number = 1; number < 1000; ++number) {
    const std::string suffix = number == 1 ? "" : fmt::format("_{}", number);
    path = folder / fmt::format("{}_{}{}{}", name, format_name(format), suffix, scene_extension(format));
    if (!fs::exists(path, failure)) break;
  }
  return path;
}

void Exporter::prepare(const Session& session, Format format) {
  const std::pair wanted{format, session.document().revision()};
  if (prepared_for_ == wanted || is_writing()) return;
  if (preparing_.valid() && !is_ready(preparing_)) return;  // asked again when that is done
  prepared_ = nullptr;
  prepared_for_ = wanted;
  preparing_ = std::async(std::launch::async, [scene = session.edited_scene(), format]() mutable {
    try {
      return std::make_shared<const Conversion>(prepare_conversion(std::move(scene), format));
    } catch (const std::exception&) {  // no memory: the panel goes on waiting
      return std::shared_ptr<const Conversion>();
    }
  });
}

std::shared_ptr<const Conversion> Exporter::prepared() {
  if (is_ready(preparing_)) prepared_ = preparing_.get();
  return prepared_;
}

void Exporter::write(const fs::path& out) {
  written_ = std::async(std::launch::async, [conversion = prepared_, out]() -> Result<std::string> {
    try {
      return write_all(*conversion, out);
    } catch (const std::exception& error) {
      return Error{fmt::format("cannot be written ({}): {}", error.what(), out.string())};
    }
  });
}

std::optional<Result<std::string>> Exporter::take_outcome() {
  if (!is_ready(written_)) return std::nullopt;
  return written_.get();
}

}  // namespace sweepmark::editor
