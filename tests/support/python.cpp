// SPDX-License-Identifier: Apache-2.0
#include "tests/support/python.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace sweepmark::testing_support {
namespace {

const std::filesystem::path source = SWEEPMARK_SOURCE_DIR;

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Sanitizers' libraries are not for the interpreter.
PythonRun run(const std::vector<std::string>& words) {
  std::string command = "env -u LD_PRELOAD";
  for (const std::string& word : words) command += " " + quoted(word);
  command += " 2>&1";
  PythonRun result;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    result.output.append(buffer.data(), got);
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::string interpreter() { return (source / ".venv/bin/python").string(); }

}  // namespace

bool python_has(const std::string& module) {
  return std::filesystem::exists(interpreter()) &&
         run({interpreter(), "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('" + module + "') is None)"})
                 .status == 0;
}

PythonRun run_python(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {interpreter(), (source / "tests/support/python" / script).string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(words);
}

}  // namespace sweepmark::testing_support
