// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/scenes.h"

namespace sweepmark::cli {
namespace {

/// What --help says behind an option's names, "TEXT:{error,warning,never} [error]".
struct HelpWords : CLI::Formatter {
  std::string behind(const CLI::Option& option) const { return make_option_opts(&option); }
};

/// As troff shows it: no line begins a request, no hyphen or backslash is lost.
std::string roff(std::string_view text) {
  std::string out;
  bool at_begin = true;
  for (const char c : text) {
    if (at_begin && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    at_begin = c == '\n';
  }
  return out;
}

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (!command->get_group().empty()) commands.push_back(command);
  }
  return commands;
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

/// "-o,--out TEXT", "scene TEXT ... REQUIRED"
std::string option_lines(const CLI::App& command) {
  const HelpWords help;
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    const std::string name = option->get_name(option->get_positional(), true);
    text +=
        fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(name), roff(help.behind(*option)), roff(option->get_description()));
  }
  return text;
}

/// The lines of a footer, each a paragraph.
std::string examples(const CLI::App& command) {
  std::string text;
  for (const std::string& line : CLI::detail::split(command.get_footer(), '\n'))
    if (!line.empty()) text += fmt::format(".PP\n{}\n", roff(line));
  return text;
}

/// The values of an option that takes one of a few: those in the braces that --help shows.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::vector<std::string> dashed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

std::string man_page(const CLI::App& program) {
  std::string page = fmt::format(
      ".TH SWEEPMARK 1 \"\" \"sweepmark {}\" \"User Commands\"\n"
      ".SH NAME\nsweepmark \\- labels for 3D point clouds and video\n"
      ".SH SYNOPSIS\n.B sweepmark\n.I COMMAND\n.RI [ OPTIONS ]\n"
      ".SH DESCRIPTION\n{}\n"
      ".PP\nA scene is a path: a dataset, a log, a file, or a folder that holds several of those.\n",
      SWEEPMARK_VERSION, roff(program.get_description()));
  page += ".SH OPTIONS\n" + option_lines(program) + ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(program)) {
    page += fmt::format(".SS sweepmark {}\n{}\n{}{}", roff(command->get_name()), roff(command->get_description()),
                        option_lines(*command), examples(*command));
  }
  page +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone.\n.TP\n1\nBad input; nothing is written for it.\n.TP\n2\nWrong usage.\n"
      ".TP\n128 + N\nEnded by signal N.\n";
  return page;
}

std::string bash_completion(const CLI::App& program) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : commands_of(program)) {
    names.push_back(command->get_name());
    std::vector<std::string> options;
    std::string values;
    for (const CLI::Option* option : options_of(*command)) {
      const auto dashed = dashed_names(*option);
      options.insert(options.end(), dashed.begin(), dashed.end());
      const auto choices = choices_of(*option);
      if (dashed.empty() || choices.empty()) continue;
      values += fmt::format("        {}) values='{}' ;;\n", fmt::join(dashed, "|"), fmt::join(choices, " "));
    }
    cases += fmt::format("    {})\n      options='{}'\n", command->get_name(), fmt::join(options, " "));
    if (!values.empty()) cases += fmt::format("      case \"$previous\" in\n{}      esac\n", values);
    cases += "      ;;\n";
  }
  std::vector<std::string> own;
  for (const CLI::Option* option : options_of(program)) {
    const auto dashed = dashed_names(*option);
    own.insert(own.end(), dashed.begin(), dashed.end());
  }
  return fmt::format(
      "# bash completion for sweepmark\n"
      "_sweepmark() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\" options='' values=''\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{} {}' -- \"$word\")\n"
      "    return\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n"
      "{}"
      "  esac\n"
      "  if [[ -n \"$values\" ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$word\")\n"
      "  elif [[ \"$word\" == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
      "  else\n"
      "    COMPREPLY=()  # names of files\n"
      "  fi\n"
      "}}\n"
      "complete -o default -F _sweepmark sweepmark\n",
      fmt::join(names, " "), fmt::join(own, " "), cases);
}

void add_manual(CLI::App& program, int& status) {
  auto what = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("manual", "Print the man page, or the completion of commands for bash");
  command->add_option("what", *what, "What to print")->required()->check(CLI::IsMember({"man", "bash"}));
  command->footer(
      "Example: sweepmark manual man > sweepmark.1\n"
      "Example: source <(sweepmark manual bash)");
  command->callback([what, &program, &status] {
    fmt::print("{}", *what == "man" ? man_page(program) : bash_completion(program));
    status = exit_ok;
  });
}

}  // namespace sweepmark::cli
