// SPDX-License-Identifier: Apache-2.0
#include "data/file_recorder.h"

#include <utility>

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

thread_local FileRecorder* recorder_of_this_thread = nullptr;

std::string name_of(const fs::path& path) {
  std::error_code failure;
  return fs::absolute(path, failure).lexically_normal().generic_string();
}

}  // namespace

FileRecorder::FileRecorder(const fs::path& folder, std::size_t most_bytes)
    : folder_(name_of(folder)), most_bytes_(most_bytes), outer_(std::exchange(recorder_of_this_thread, this)) {
  if (!folder_.ends_with('/')) folder_ += '/';
}

FileRecorder::~FileRecorder() { recorder_of_this_thread = outer_; }

std::vector<OriginFile> FileRecorder::files() const {
  std::vector<OriginFile> files;
  for (const auto& [path, content] : content_of_) files.push_back({path, content});
  return files;
}

void FileRecorder::note(const fs::path& file, std::string_view content) {
  if (recorder_of_this_thread == nullptr) return;
  FileRecorder& recorder = *recorder_of_this_thread;
  const std::string name = name_of(file);
  if (!name.starts_with(recorder.folder_) || recorder.is_too_large()) return;
  std::string& kept = recorder.content_of_[name.substr(recorder.folder_.size())];
  if (kept.size() > content.size()) return;  // its beginning was looked at again
  recorder.bytes_ += content.size() - kept.size();
  kept = content;
  if (recorder.is_too_large()) recorder.content_of_.clear();
}

}  // namespace sweepmark
