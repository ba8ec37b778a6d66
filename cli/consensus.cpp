// SPDX-License-Identifier: Apache-2.0
#include "quality/consensus/consensus.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/annotators.h"
#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/atomic_file.h"

namespace sweepmark::cli {
namespace {

struct ConsensusArguments {
  AnnotatorArguments people;
  OutputArguments out;
  MatchingArguments matching;
  ConsensusOptions options;
  std::string classes = "majority", decisions;
  bool json = false;
};

void print(const Consensus& consensus, std::span<const Annotator> annotators) {
  for (std::size_t i = 0; i < consensus.noise.size(); ++i) {
    const AnnotatorNoise& noise = consensus.noise[i];
    fmt::print("{}: about {:.3f} m, {:.2f} degrees and {:.3f} m of size from the others' middle ({} labels compared)\n",
               annotators[i].name, noise.center_m, noise.yaw_rad * 57.29577951308232, noise.size_m,
               with_thousands(noise.compared));
  }
  for (const Decision& decision : consensus.decisions) fmt::print("{}\n", in_words(decision));
  for (const std::string& note : consensus.notes) fmt::print("note: {}\n", note);
  fmt::print("{} objects: all agree on {}, most on {}; {} for an arbitrator, {} left out\n", consensus.objects,
             consensus.by_all, consensus.by_most, consensus.escalated, consensus.left_out);
}

/// The labels become those of the first person's scene; nothing in them is a row of a file.
Result<void> write(const ConsensusArguments& arguments, const Scene& first, const Consensus& consensus,
                   const std::string& report_text) {
  if (auto written = arguments.out.write(first, consensus.labels, arguments.out.path); !written) return written;
  if (arguments.decisions.empty()) return {};
  return write_file(arguments.decisions, report_text + "\n");
}

int run(ConsensusArguments& arguments) {
  if (auto free = arguments.out.expect_labels_free(); !free) return report(free.error());
  // A store takes labels as one edit more: nobody's own labels are to become those of all.
  for (const std::string& path : arguments.people.paths) {
    std::error_code failure;
    if (std::filesystem::equivalent(path, arguments.out.path, failure))
      return report(Error{"the output is among the labels that are merged, name another one: " + arguments.out.path});
  }
  if (!arguments.decisions.empty()) {
    if (auto free = arguments.out.expect_free(arguments.decisions); !free) return report(free.error());
  }
  const auto scenes = arguments.people.open();
  if (!scenes) return report(scenes.error());
  for (const Scene& scene : *scenes) {
    if (auto accepted = arguments.out.expect_no_bad_rows(scene, store_or_json(arguments.out.path)); !accepted)
      return report(accepted.error());
  }
  const auto annotators = arguments.people.annotators(*scenes);
  arguments.options.matching = arguments.matching.get();
  arguments.options.classes = arguments.classes == "majority" ? ClassRule::majority : ClassRule::dawid_skene;
  const auto consensus = make_consensus(annotators, arguments.options);
  if (!consensus) return report(consensus.error());
  const std::string text = consensus_as_json(*consensus, annotators);
  if (auto written = write(arguments, scenes->front(), *consensus, text); !written) return report(written.error());
  if (arguments.json) {
    fmt::print("{}\n", text);
  } else {
    print(*consensus, annotators);
  }
  return exit_ok;
}

}  // namespace

void add_consensus(CLI::App& program, int& status) {
  auto arguments = std::make_shared<ConsensusArguments>();
  CLI::App* command =
      program.add_subcommand("consensus", "One label set from those of several people, and what a person must decide");
  arguments->people.add_to(*command, 2);
  arguments->out.add_to(*command, "Write here: a .sweepmark store or .sweepmark.json")->required();
  arguments->out.add_skip_bad_rows_to(*command);
  arguments->matching.add_to(*command);
  command
      ->add_option("--least-overlap", arguments->options.least_image_overlap,
                   "Two labels in images are one object from half of this overlap on")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command->add_option("--classes", arguments->classes, "How classes are chosen")
      ->check(CLI::IsMember({"majority", "dawid-skene"}))
      ->capture_default_str();
  command
      ->add_option("--sure", arguments->options.sure, "With dawid-skene: the probability from which a class is adopted")
      ->check(CLI::Range(0.5, 1.0))
      ->capture_default_str();
  command
      ->add_option("--least-fit", arguments->options.least_fit,
                   "A person whose cuboids overlap the merged ones by less is listed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--decisions", arguments->decisions, "Write what a person must decide here, as JSON");
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark consensus ann.sweepmark ben.sweepmark cem.sweepmark -o merged.sweepmark");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
