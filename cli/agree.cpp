// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/annotators.h"
#include "cli/commands.h"
#include "cli/scenes.h"
#include "quality/agreement/agreement_report.h"
#include "quality/agreement/bradley_terry.h"

namespace sweepmark::cli {
namespace {

struct AgreeArguments {
  AnnotatorArguments people;
  MatchingArguments matching;
  AgreementOptions options;
  std::string ratings, comparisons;
  std::vector<std::string> order;
  bool json = false;
};

int run_ratings(const AgreeArguments& arguments) {
  auto table = read_ratings(arguments.ratings);
  if (table && !arguments.order.empty()) {
    table = in_order(*std::move(table), arguments.order);
    if (!table) return report(Error{fmt::format("--order: {}: {}", table.error().message, arguments.ratings)});
  }
  if (!table) return report(table.error());
  const RatingAgreement agreement =
      rating_agreement("value", *table, arguments.options.bootstrap, {}, !arguments.order.empty());
  fmt::print("{}", arguments.json ? report_as_json(agreement) + "\n" : report_as_table(agreement));
  return exit_ok;
}

int run_comparisons(const AgreeArguments& arguments) {
  const auto comparisons = read_comparisons(arguments.comparisons);
  if (!comparisons) return report(comparisons.error());
  const auto strengths = bradley_terry(*comparisons);
  if (!strengths) return report(Error{fmt::format("{}: {}", strengths.error().message, arguments.comparisons)});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Strength& s : *strengths) {
    if (!arguments.json) fmt::print("{:>8.3f}  {} ({} of {} preferred)\n", s.score, s.name, s.won, s.compared);
    list.push_back({{"name", s.name}, {"score", s.score}, {"preferred", s.won}, {"compared", s.compared}});
  }
  if (arguments.json) fmt::print("{}\n", nlohmann::ordered_json{{"strengths", list}}.dump(2));
  return exit_ok;
}

int run(AgreeArguments& arguments) {
  if (!arguments.comparisons.empty()) return run_comparisons(arguments);
  if (!arguments.ratings.empty()) return run_ratings(arguments);
  const auto scenes = arguments.people.open();
  if (!scenes) return report(scenes.error());
  arguments.options.matching = arguments.matching.get();
  const auto agreement = agreement_report(arguments.people.annotators(*scenes), arguments.options);
  if (!agreement) return report(agreement.error());
  fmt::print("{}", arguments.json ? report_as_json(*agreement) + "\n" : report_as_table(*agreement));
  return exit_ok;
}

}  // namespace

void add_agree(CLI::App& program, int& status) {
  auto arguments = std::make_shared<AgreeArguments>();
  CLI::App* command = program.add_subcommand("agree", "How far several people's labels of one scene agree");
  arguments->people.add_to(*command, 0);
  command->get_option("labels")->required(false);
  arguments->matching.add_to(*command);
  command
      ->add_option("--least-overlap", arguments->options.least_image_overlap,
                   "The overlap from which on two labels in an image match")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command->add_flag("--class-aware", arguments->options.class_aware, "Never match objects of two classes");
  command->add_option("--ratings", arguments->ratings,
                      "A CSV table item,rater,value of any ratings, in the place of labels");
  command
      ->add_option("--comparisons", arguments->comparisons,
                   "A CSV table better,worse of pairwise preferences, in the place of labels: their strengths")
      ->excludes("--ratings");
  command->add_option("--order", arguments->order, "The values of --ratings in their order: low,middle,high")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--rounds", arguments->options.bootstrap.rounds, "Draws for the intervals of 95 %; 0: no intervals")
      ->capture_default_str();
  command->add_option("--seed", arguments->options.bootstrap.seed, "Of these draws")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Example: sweepmark agree ann.sweepmark ben.sweepmark cem.sweepmark\n"
      "Example: sweepmark agree --ratings weather.csv --order clear,rain,snow");
  command->callback([arguments, &status] {
    const std::size_t labels = arguments->people.paths.size();
    const bool is_table = !arguments->ratings.empty() || !arguments->comparisons.empty();
    if (!is_table && labels < 2)
      throw CLI::RequiredError("agree needs labels of two people, --ratings or --comparisons");
    if (is_table && labels > 0) throw CLI::ExcludesError("a table", "labels");
    status = run(*arguments);
  });
}

}  // namespace sweepmark::cli
