// blip evaluate: how good captions are, beside what people wrote about the same pictures.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "blip/captioner.h"
#include "tools/captioning.h"
#include "tools/category_words.h"
#include "tools/commands.h"
#include "tools/evaluation.h"
#include "tools/evaluation_output.h"
#include "tools/generation_options.h"
#include "tools/interrupt.h"
#include "tools/metric_data.h"
#include "tools/output.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using base::str;
using base::UsageError;

struct Options {
  std::string references, split;
  std::vector<std::string> results;
  bool partial = false, raw = false;
  Scoring scoring;
  std::string document_frequencies, save_document_frequencies, category_words;

  std::string images;  ///< empty: no pictures are captioned
  fs::path model;
  std::string prompt;
  std::size_t batch = 2;
  GenerationArguments generation;

  std::string per_image;
  bool json = false;
};

/// Refuses an output that could not be written in the end, or would replace an input.
void check_output(const Options& options, const char* name, const std::string& output) {
  if (output.empty()) return;
  const fs::path folder = fs::path(output).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !fs::is_directory(folder, ignored)) {
    throw base::FileError(str(output, ": cannot write: there is no folder ", folder.string()));
  }
  std::vector<std::string> inputs = options.results;
  inputs.insert(inputs.end(),
                {options.references, options.document_frequencies, options.category_words});
  for (const std::string& input : inputs) {
    if (fs::equivalent(output, input, ignored)) {
      throw UsageError(str(name, ": ", output, " is an input"));
    }
  }
}

void check(const Options& options) {
  if (options.results.empty() && options.images.empty()) {
    throw UsageError(
        "name files of captions (--results), or a folder of pictures to caption (--images)");
  }
  check_output(options, "--per-image", options.per_image);
  check_output(options, "--save-document-frequencies", options.save_document_frequencies);
}

/// The file of a picture: its name below the folder, or its name without folders.
fs::path picture_file(const fs::path& folder, const data::ReferencePicture& picture) {
  if (picture.file_name.empty()) {
    throw base::FormatError(str("picture ", picture.id, " has no file name"));
  }
  const fs::path file = folder / picture.file_name;
  const fs::path flat = folder / fs::path(picture.file_name).filename();
  std::error_code absent;
  return !fs::exists(file, absent) && fs::exists(flat, absent) ? flat : file;
}

/// What the model says of the references' pictures; nothing if the user interrupted.
std::optional<NamedResults> caption(const Options& options,
                                    const std::vector<data::ReferencePicture>& pictures) {
  const fs::path folder = model_folder(options.model);
  const blip::Captioner captioner = blip::Captioner::load(folder);
  const std::vector<int64_t> prompt = captioner.prompt_ids(options.prompt);
  nn::GenerationOptions generation = options.generation.apply(captioner);
  generation.seed = options.scoring.seed;
  NamedResults results{.name = folder.lexically_normal().string(), .captions = {}};
  catch_interrupt();
  const std::size_t done = caption_pictures(
      captioner,
      {.count = pictures.size(),
       .batch = options.batch,
       .generation = generation,
       .read =
           [&](std::size_t i) {
             const fs::path file = picture_file(options.images, pictures[i]);
             return captioner.image_processor()(data::read_image(file.string()));
           },
       .prompt = [&](std::size_t) { return prompt; },
       .captioned =
           [&](std::size_t i, const std::vector<blip::Caption>& captions) {
             results.captions.push_back({.id = pictures[i].id, .caption = captions.front().text});
           },
       .failed = [&](std::size_t,
                     const std::string& error) { std::cerr << "blip evaluate: " << error << '\n'; },
       .skipped = [](std::size_t) {}});
  if (done < pictures.size()) {
    std::cerr << "interrupted: " << done << " of " << pictures.size()
              << " pictures are captioned\n";
    return std::nullopt;
  }
  return results;
}

/// The references and every caption of them; nothing if the user interrupted.
std::optional<Evaluation> read(const Options& options, Scoring& scoring) {
  Evaluation evaluation;
  evaluation.references = fs::path(options.references).filename().string();
  evaluation.raw = options.raw;
  std::vector<data::ReferencePicture> pictures =
      data::read_references(options.references, options.split);
  if (!options.category_words.empty()) {
    scoring.category_words = read_category_words(options.category_words, pictures);
  }
  std::vector<NamedResults> results;
  for (const std::string& path : options.results) {
    results.push_back({.name = path, .captions = data::read_results(path)});
  }
  if (!options.images.empty()) {
    std::optional<NamedResults> captions = caption(options, pictures);
    if (!captions) return std::nullopt;
    results.push_back(std::move(*captions));
  }
  pair_up(evaluation, std::move(pictures), results, options.partial);
  if (evaluation.pictures.size() == 1 && options.document_frequencies.empty()) {
    evaluation.warnings.push_back(
        "CIDEr weighs words by how few pictures have them: over a single picture it is 0 without "
        "--document-frequencies");
  }
  return evaluation;
}

int run(const Options& options) {
  check(options);
  Scoring scoring = options.scoring;
  if (!options.document_frequencies.empty()) {
    scoring.document_frequencies = metrics::DocumentFrequencies::load(options.document_frequencies);
  }
  std::optional<Evaluation> evaluation = read(options, scoring);
  if (!evaluation) return kInterrupted;
  for (const std::string& warning : evaluation->warnings) {
    std::cerr << "blip evaluate: warning: " << warning << '\n';
  }
  if (!options.save_document_frequencies.empty()) {
    metrics::DocumentFrequencies::of(reference_samples(*evaluation))
        .save(options.save_document_frequencies);
  }
  score(*evaluation, scoring);
  if (!options.per_image.empty()) {
    base::replace_file(options.per_image, per_image_lines(*evaluation));
  }
  if (options.json) {
    print(evaluation_json(*evaluation).dump(-1, ' ', false, base::Json::error_handler_t::replace) +
          '\n');
  } else {
    print(evaluation_table(*evaluation));
  }
  return kOk;
}

void add_scoring_options(CLI::App& command, Options& options) {
  Scoring& scoring = options.scoring;
  command
      .add_option("--metrics", scoring.metrics,
                  "Some of bleu, meteor, rouge_l, cider_d, cider, spice, als, sls, diversity "
                  "(default: all that the references allow)")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(kMetricNames), std::end(kMetricNames))));
  command.add_flag("--raw", options.raw,
                   "Split captions at spaces instead of into Penn Treebank tokens");
  add_metric_data_option(command, scoring.metric_data);
  command
      .add_option("--document-frequencies", options.document_frequencies,
                  "CIDEr's word weights from a file, not from these references")
      ->type_name("FILE");
  command
      .add_option("--save-document-frequencies", options.save_document_frequencies,
                  "Write such a file of these references")
      ->type_name("FILE");
  command
      .add_option("--category-words", options.category_words,
                  "For SLS, what captions call each category: {\"15\": \"t-shirt\", ...}")
      ->type_name("FILE");
  using metrics::AttributeRule;
  command
      .add_option(
          "--rule", scoring.rule,
          "ALS and SLS as defined (corrected), or as a published study computed them (literal)")
      ->type_name("RULE")
      ->transform(CLI::CheckedTransformer(std::map<std::string, AttributeRule>{
          {"corrected", AttributeRule::kCorrected}, {"literal", AttributeRule::kLiteral}}));
  command
      .add_option("--bootstrap", scoring.bootstrap,
                  "95 % intervals from N sets of pictures drawn with replacement")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
}

void add_model_options(CLI::App& command, Options& options) {
  command
      .add_option("--images", options.images,
                  "Caption the references' pictures in this folder, and score that")
      ->type_name("DIR")
      ->group("Captioning");
  add_model_option(command, options.model);
  command.get_option("--model")->group("Captioning");
  command.add_option("--prompt", options.prompt, "How every caption begins")
      ->type_name("TEXT")
      ->group("Captioning");
  command.add_option("--batch", options.batch, "Pictures that go through the model together (2)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096))
      ->group("Captioning");
  options.generation.add_to(command);
  // One seed is for all that is drawn, captions too; by itself it need not mean that they are.
  command.remove_option(command.get_option("--seed"));
  command
      .add_option("--seed", options.scoring.seed, "Of the drawn sets, and of sampled captions (0)")
      ->type_name("N");
}

}  // namespace

void add_evaluate(CLI::App& app, Job& job) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("evaluate", "Score captions: BLEU, METEOR, ROUGE-L, CIDEr, SPICE");
  command
      ->add_option("--references,references", options->references,
                   "What people wrote: COCO annotations, Karpathy's JSON, JSONL or CSV")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--results,results", options->results,
                   "Captions to score: COCO results, JSONL (blip caption --json) or CSV; "
                   "several are compared with the first")
      ->type_name("FILE");
  command->add_option("--split", options->split, "Only this split of Karpathy's file")
      ->type_name("NAME");
  command->add_flag("--partial", options->partial, "Score only the pictures that have a caption");
  add_scoring_options(*command, *options);
  add_model_options(*command, *options);
  command
      ->add_option("--per-image", options->per_image,
                   "Scores of each picture, a JSON object a line")
      ->type_name("OUT.jsonl")
      ->group("Output");
  command->add_flag("--json", options->json, "A JSON object instead of the table")->group("Output");
  add_threads_option(*command);
  command->footer(
      "Examples:\n"
      "  blip evaluate --references captions_val2014.json --results results.json\n"
      "  blip evaluate --references captions.json --results before.json --results after.json "
      "--bootstrap 1000\n"
      "  blip evaluate --references dataset_coco.json --split test --results r.json --metrics "
      "bleu,cider_d\n"
      "  blip evaluate --references captions.json --images photos/ --model my-model --num-beams 3\n"
      "  blip caption --json photos/ > r.jsonl; blip evaluate --references captions.json --results "
      "r.jsonl\n"
      "\n"
      "Scores equal those of the COCO caption toolkit (pycocoevalcap), from 0 to 1, CIDEr from 0 "
      "to "
      "10.\n"
      "METEOR equals it with METEOR's own data, which tools/get_metric_data.sh fetches; with "
      "WordNet\n"
      "in its place the table says so.");
  command->callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
