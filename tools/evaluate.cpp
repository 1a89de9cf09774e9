// blip evaluate: how good captions are, beside what people wrote about the same pictures.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "scoring/category_words.h"
#include "scoring/evaluation.h"
#include "scoring/evaluation_output.h"
#include "scoring/evaluation_report.h"
#include "scoring/explain.h"
#include "scoring/metric_data.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/list_option.h"
#include "tools/output.h"
#include "tools/output_files.h"
#include "tools/reference_captions.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;
using base::UsageError;
using scoring::Evaluation;
using scoring::kMetricNames;
using scoring::NamedResults;
using scoring::Scoring;

struct Options {
  std::string references, split;
  std::vector<std::string> results;
  bool partial = false, raw = false;
  Scoring scoring;
  fs::path metric_data;
  std::string document_frequencies, save_document_frequencies, category_words;

  ReferenceCaptioning captioning;  ///< where there are no results

  std::string per_image, report, explain;
  bool json = false;

  /// The options of the command line, with the groups that --help shows them in.
  std::map<std::string, std::string> given;
};

void check_outputs(const Options& options) {
  std::vector<fs::path> inputs(options.results.begin(), options.results.end());
  inputs.insert(inputs.end(), {options.references, options.document_frequencies,
                               options.category_words, options.metric_data});
  const OutputFile outputs[] = {{"--per-image", options.per_image},
                                {"--report", options.report},
                                {"--save-document-frequencies", options.save_document_frequencies}};
  check_output_files(outputs, inputs);
}

/// Refuses options that would change nothing, so that nobody believes they did.
void check_effects(const Options& options) {
  const Scoring& scoring = options.scoring;
  const auto refuse_unless = [&](bool effect, const std::string& option, const char* why) {
    if (!effect && options.given.contains(option)) {
      throw UsageError(str(option, " has no effect: ", why));
    }
  };
  const auto wants_one = [&](std::initializer_list<const char*> metrics) {
    return std::any_of(metrics.begin(), metrics.end(),
                       [&](const char* metric) { return scoring.wants(metric); });
  };
  const bool captioning = options.results.empty();
  for (const auto& [option, group] : options.given) {
    const bool captions = group == "Decoding" || group == kCaptioningGroup;
    if (captions && option != "--images") {
      refuse_unless(captioning, option, "the captions are those of --results");
    }
  }
  refuse_unless(
      captioning || !options.report.empty(), "--images",
      "the captions are those of --results, and there is no --report to show pictures in");
  refuse_unless(captioning || options.results.size() > 1 || scoring.bootstrap > 0, "--seed",
                "nothing is drawn without --bootstrap, --images or several --results");
  refuse_unless(wants_one({"meteor", "spice"}), "--metric-data",
                "neither meteor nor spice is among the --metrics");
  refuse_unless(wants_one({"cider_d", "cider"}), "--document-frequencies",
                "neither cider_d nor cider is among the --metrics");
  refuse_unless(wants_one({"als", "sls"}), "--rule", "neither als nor sls is among the --metrics");
  refuse_unless(wants_one({"sls"}), "--category-words", "sls is not among the --metrics");
  refuse_unless(wants_one({"bleu", "meteor", "rouge_l", "cider_d", "cider", "spice", "als", "sls"}),
                "--bootstrap", "diversity has no intervals");
  refuse_unless(options.explain.empty() || !options.report.empty(), "--bootstrap",
                "an explanation shows no intervals, and there is no --report");
  refuse_unless(wants_one({"bleu", "meteor", "rouge_l", "cider_d", "spice"}), "--explain",
                "only bleu, meteor, rouge_l, cider_d and spice are explained, and none of them is "
                "among the --metrics");
}

void check_standard_input(const Options& options) {
  const auto named =
      std::count(options.results.begin(), options.results.end(), "-") + (options.references == "-");
  if (named > 1) throw UsageError("standard input (-) is named more than once");
}

void check(const Options& options) {
  if (options.results.empty() && options.captioning.images.empty()) {
    throw UsageError(
        "name files of captions (--results), or a folder of pictures to caption (--images)");
  }
  if (!options.save_document_frequencies.empty() && !options.scoring.wants("cider_d") &&
      !options.scoring.wants("cider")) {
    throw UsageError("--save-document-frequencies needs cider_d or cider among the --metrics");
  }
  check_effects(options);
  check_standard_input(options);
  check_outputs(options);
}

/// What a file is called in tables: its name without folders.
std::string short_name(const std::string& path) {
  return path == "-" ? "standard input" : scoring::short_name(path);
}

/// The data of the metrics that are wanted.
Scoring load_metrics(const Options& options) {
  Scoring scoring = options.scoring;
  if (scoring.wants("meteor")) scoring.meteor = scoring::load_meteor(options.metric_data);
  if (scoring.wants("spice")) {
    scoring.spice = scoring::load_spice(options.metric_data);
    scoring.spice_source = scoring::synonym_source(options.metric_data);
  }
  if (!options.document_frequencies.empty()) {
    scoring.document_frequencies = metrics::DocumentFrequencies::load(options.document_frequencies);
    scoring.document_frequencies_source = short_name(options.document_frequencies);
  }
  return scoring;
}

/// What the metrics of one picture rest on.
scoring::ExplainData explain_data(const Scoring& scoring) {
  return {.bleu = scoring.wants("bleu"),
          .rouge_l = scoring.wants("rouge_l"),
          .frequencies = scoring.wants("cider_d") ? scoring.document_frequencies : std::nullopt,
          .frequencies_source = scoring.document_frequencies_source,
          .meteor = scoring.meteor,
          .spice = scoring.spice};
}

void write_files(const Options& options, const Evaluation& evaluation, const Scoring& scoring) {
  if (!options.save_document_frequencies.empty()) {
    scoring.document_frequencies.value().save(options.save_document_frequencies);
  }
  if (!options.per_image.empty()) {
    base::replace_file(options.per_image, per_image_lines(evaluation));
  }
  if (!options.report.empty()) {
    base::replace_file(
        options.report,
        evaluation_report(evaluation, {.images = options.captioning.images,
                                       .output = options.report,
                                       .spice = scoring.spice ? &*scoring.spice : nullptr,
                                       .picture = options.explain}));
  }
}

/// What is printed: an explanation, JSON or the table.
std::string answer(const Options& options, const Evaluation& evaluation, const Scoring& scoring) {
  if (!options.explain.empty())
    return scoring::explain(evaluation, options.explain, explain_data(scoring));
  if (!options.json) return evaluation_table(evaluation);
  // The names of files may be any bytes.
  return evaluation_json(evaluation).dump(-1, base::Json::NotUtf8::replace) + '\n';
}

int run(const Options& options) {
  check(options);
  std::vector<data::ReferencePicture> references =
      data::read_references(options.references, options.split, data::Captionless::kKeep);
  std::vector<NamedResults> results;
  for (const std::string& path : options.results) {
    results.push_back(
        {.name = path == "-" ? "standard input" : path, .captions = data::read_results(path)});
  }
  Scoring scoring = load_metrics(options);
  if (!options.category_words.empty()) {
    scoring.category_words = scoring::read_category_words(options.category_words, references);
  }
  bool some_failed = false;
  if (results.empty()) {  // last, because it takes longest
    if (!options.partial) scoring::expect_captions(references, short_name(options.references));
    std::vector<data::ReferencePicture> described;  // the others are left out
    std::copy_if(references.begin(), references.end(), std::back_inserter(described),
                 [](const data::ReferencePicture& picture) { return !picture.captions.empty(); });
    std::optional<NamedResults> captions =
        caption_references(options.captioning, described, scoring.seed);
    if (!captions) return kInterrupted;
    some_failed = captions->captions.size() < described.size();
    results.push_back(std::move(*captions));
  }
  Evaluation evaluation;
  evaluation.references = short_name(options.references);
  evaluation.raw = options.raw;
  pair_up(evaluation, std::move(references), results, options.partial);
  if (!options.explain.empty()) find_picture(evaluation, options.explain);  // before the work
  score(evaluation, scoring);
  for (const std::string& warning : evaluation.warnings) {
    std::cerr << "blip evaluate: warning: " << warning << '\n';
  }
  write_files(options, evaluation, scoring);
  print(answer(options, evaluation, scoring));
  return some_failed ? kSomeFailed : kOk;
}

/// Adds `--metric-data DIR` (default: $BLIP_METRIC_DATA, else where find_metric_data looks).
void add_metric_data_option(Command command, fs::path& folder) {
  command
      .add_option_function<std::string>(
          "--metric-data", [&folder](const std::string& name) { folder = name; },
          "METEOR's data, as tools/get_metric_data.sh fetches it (default: "
          "~/.local/share/blip/metrics, "
          "else WordNet)")
      .type_name("DIR")
      .envname("BLIP_METRIC_DATA");
}

void add_scoring_options(Command command, Options& options) {
  Scoring& scoring = options.scoring;
  add_list_option(command, "--metrics", scoring.metrics,
                  "Some of bleu, meteor, rouge_l, cider_d, cider, spice, als, sls, diversity "
                  "(default: all that the references allow)",
                  {std::begin(kMetricNames), std::end(kMetricNames)});
  command.add_flag("--raw", options.raw,
                   "Split captions at spaces instead of into Penn Treebank tokens");
  add_metric_data_option(command, options.metric_data);
  command
      .add_option("--document-frequencies", options.document_frequencies,
                  "CIDEr's word weights from a file, not from these references")
      .type_name("FILE");
  command
      .add_option("--save-document-frequencies", options.save_document_frequencies,
                  "Write such a file of these references")
      .type_name("FILE")
      .excludes("--document-frequencies");
  command
      .add_option("--category-words", options.category_words,
                  "For SLS, what captions call each category: {\"15\": \"t-shirt\", ...}")
      .type_name("FILE");
  using metrics::AttributeRule;
  command
      .add_option_function<std::string>(
          "--rule",
          [&scoring](const std::string& rule) {
            scoring.rule = rule == "literal" ? AttributeRule::kLiteral : AttributeRule::kCorrected;
          },
          "ALS and SLS as defined (corrected), or as a published study computed them (literal)")
      .type_name("RULE")
      .check(one_of({"corrected", "literal"}));
  command
      .add_option("--bootstrap", scoring.bootstrap,
                  "95 % intervals from N sets of pictures drawn with replacement")
      .type_name("N")
      .check(in_range(1, 1000000));
}

}  // namespace

void add_evaluate(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command =
      app.add_subcommand("evaluate", "Score captions: BLEU, METEOR, ROUGE-L, CIDEr, SPICE");
  command
      .add_option("--references,references", options->references,
                  "What people wrote: COCO annotations, Karpathy's JSON, JSONL or CSV")
      .type_name("FILE")
      .required();
  command
      .add_option("--results,results", options->results,
                  "Captions to score: COCO results, JSONL (blip caption --json) or CSV; "
                  "several are compared with the first; - is standard input")
      .type_name("FILE");
  command.add_option("--split", options->split, "Only this split of Karpathy's file")
      .type_name("NAME");
  command.add_flag("--partial", options->partial,
                   "Score only the pictures that have references and a caption");
  add_scoring_options(command, *options);
  add_reference_captioning_options(command, options->captioning);
  // One seed is for all that is drawn, captions too; by itself it need not mean that they are.
  command.remove_option("--seed");
  command
      .add_option("--seed", options->scoring.seed, "Of the drawn sets, and of sampled captions (0)")
      .type_name("N");
  command
      .add_option("--per-image", options->per_image, "Scores of each picture, a JSON object a line")
      .type_name("OUT.jsonl")
      .check(not_empty())
      .group("Output");
  command.add_flag("--json", options->json, "A JSON object instead of the table").group("Output");
  command
      .add_option("--report", options->report,
                  "A page to look at: tables, histograms, best and worst pictures")
      .type_name("OUT.html")
      .check(not_empty())
      .group("Output");
  command
      .add_option("--explain", options->explain,
                  "How the scores of one picture come about, instead of the table")
      .type_name("ID")
      .check(not_empty())
      .group("Output")
      .excludes("--json");
  add_threads_option(command);
  command.footer(
      "Examples:\n"
      "  blip evaluate --references captions_val2014.json --results results.json\n"
      "  blip evaluate --references captions.json --results before.json --results after.json "
      "--bootstrap 1000\n"
      "  blip evaluate --references dataset_coco.json --split test --results r.json --metrics "
      "bleu,cider_d\n"
      "  blip evaluate --references captions.json --results r.json --explain 42\n"
      "  blip evaluate --references captions.json --images photos/ --model my-model --num-beams 3\n"
      "  blip caption --json photos/ | blip evaluate --references captions.json --results -\n"
      "\n"
      "Scores go from 0 to 1, CIDEr's to 10. BLEU, ROUGE-L and CIDEr-D equal those of the COCO\n"
      "caption toolkit (pycocoevalcap); METEOR does with METEOR's own data, which\n"
      "tools/get_metric_data.sh fetches (with WordNet in its place the table says so); SPICE has "
      "the\n"
      "toolkit's rules on trees of this program's own parser.");
  command.callback([options, command, &job] {
    options->given = command.given_options();
    job = [options] { return run(*options); };
  });
}

}  // namespace tools
