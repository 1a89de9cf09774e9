// blip bench: how long a picture takes, part by part.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/random.h"
#include "blip/captioner.h"
#include "blip/flops.h"
#include "blip/stack.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/module_tree.h"
#include "tools/output.h"

namespace fs = std::filesystem;

namespace tools {
namespace {

using tensor::Tensor;

struct Options {
  fs::path model;
  std::optional<int64_t> image_size;
  std::string picture;
  int64_t batch = 1, tokens = 20, beams = 1;
  int repeat = 5;
  bool json = false;
};

struct Measurement {
  double decode = 0, resize = 0, encode = 0, generate = 0;  // seconds a picture
  int width = 0, height = 0;                                // of the picture
};

/// A PNG of 640 x 480 pixels, smooth with some noise, for who names no picture.
std::string made_up_picture() {
  data::Image image{640, 480, std::vector<uint8_t>(std::size_t{3} * 640 * 480)};
  base::Random numbers(0);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      uint8_t* pixel = &image.pixels[std::size_t{3} * (static_cast<std::size_t>(y) * 640 + x)];
      const std::array<int, 3> smooth{x / 3, y / 2, (x + y) / 5};
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = static_cast<uint8_t>(smooth[c] + static_cast<int>(numbers.below(16)));
      }
    }
  }
  std::string folder = (fs::temp_directory_path() / "blip-bench-XXXXXX").native();
  if (!::mkdtemp(folder.data())) throw base::FileError(folder + ": cannot make a folder");
  data::write_png(fs::path(folder) / "picture.png", image);
  std::string content = base::read_file(fs::path(folder) / "picture.png");
  fs::remove_all(folder);
  return content;
}

/// The median time of `repeat` calls, after one that does not count.
double median_seconds(int repeat, const std::function<void()>& work) {
  work();
  std::vector<double> times;
  for (int i = 0; i < repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  const auto middle = times.begin() + repeat / 2;
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// Generation that ends at exactly `tokens` tokens.
nn::GenerationOptions exact_generation(const Options& options, const blip::Captioner& captioner) {
  const int64_t positions = captioner.config().text.max_position_embeddings;
  if (options.tokens + 1 > positions) {
    throw base::UsageError(base::str("--tokens ", options.tokens, ": the model has ", positions,
                                     " positions, and [DEC] takes one"));
  }
  nn::GenerationOptions generation = captioner.generation_options();
  generation.do_sample = false;
  generation.num_beams = options.beams;
  generation.num_return_sequences = 1;
  generation.min_new_tokens = generation.max_new_tokens = options.tokens;
  nn::validate(generation);
  return generation;
}

Measurement measure(const Options& options, const blip::Captioner& captioner,
                    const std::string& content) {
  const std::string name = options.picture.empty() ? "the made-up picture" : options.picture;
  const nn::GenerationOptions generation = exact_generation(options, captioner);
  Measurement m;
  data::Image image;
  m.decode = median_seconds(
      options.repeat, [&] { image = data::decode_image(std::as_bytes(std::span(content)), name); });
  m.width = image.width;
  m.height = image.height;
  Tensor pixels;
  m.resize = median_seconds(options.repeat, [&] { pixels = captioner.image_processor()(image); });
  pixels = blip::stack(std::vector<Tensor>(static_cast<std::size_t>(options.batch), pixels));

  const auto batch = static_cast<double>(options.batch);
  Tensor image_embeds;
  m.encode =
      median_seconds(options.repeat, [&] { image_embeds = captioner.encode(pixels); }) / batch;
  const std::vector<std::vector<int64_t>> prompts(static_cast<std::size_t>(options.batch),
                                                  captioner.prompt_ids({}));
  m.generate = median_seconds(options.repeat,
                              [&] { captioner.generate(image_embeds, prompts, generation); }) /
               batch;
  return m;
}

/// The most memory this process ever had (VmHWM).
int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return 1024 * std::stoll(line.substr(6));
  }
  throw base::FileError("/proc/self/status: has no VmHWM");
}

std::string as_json(const Measurement& m, double encode_gflops, double tokens_per_second) {
  const base::Json json{{"decode_seconds", m.decode},     {"resize_seconds", m.resize},
                        {"encode_seconds", m.encode},     {"generate_seconds", m.generate},
                        {"encode_gflops", encode_gflops}, {"tokens_per_second", tokens_per_second},
                        {"peak_bytes", peak_bytes()}};
  return json.dump() + "\n";
}

std::string as_table(const Options& options, const blip::Captioner& captioner, const Measurement& m,
                     double encode_gflops, double tokens_per_second) {
  const blip::ImageProcessor& processor = captioner.image_processor();
  std::string text = base::str("picture ", m.width, " x ", m.height, " -> ", processor.width, " x ",
                               processor.height, ", batch ", options.batch, ", ", options.tokens,
                               " tokens, beams ", options.beams, ", threads ", base::num_threads(),
                               "\n\n          seconds a picture\n");
  const auto row = [&](const char* name, double seconds, const std::string& rate) {
    std::array<char, 128> line{};
    std::snprintf(line.data(), line.size(), "%-10s%10.5f  %s\n", name, seconds, rate.c_str());
    text += line.data();
  };
  const auto rounded = [](double value) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), value < 100 ? "%.3g" : "%.0f", value);
    return std::string(digits.data());
  };
  row("decode", m.decode, "");
  row("resize", m.resize, "");
  row("encode", m.encode, rounded(encode_gflops) + " GFLOP/s");
  row("generate", m.generate, rounded(tokens_per_second) + " tokens/s");
  row("all", m.decode + m.resize + m.encode + m.generate, "");
  return text + "\npeak memory " + readable_bytes(static_cast<double>(peak_bytes())) + "\n";
}

int run(const Options& options) {
  const std::string content =
      options.picture.empty() ? made_up_picture() : base::read_file(options.picture);
  const blip::Captioner captioner =
      blip::Captioner::load(model_folder(options.model), {.image_size = options.image_size});
  const Measurement m = measure(options, captioner, content);
  blip::Config config = captioner.config();
  config.vision.image_size = captioner.image_processor().height;
  const double encode_gflops = blip::encode_flops(config) / m.encode / 1e9;
  const double tokens_per_second = static_cast<double>(options.tokens) / m.generate;
  print(options.json ? as_json(m, encode_gflops, tokens_per_second)
                     : as_table(options, captioner, m, encode_gflops, tokens_per_second));
  return kOk;
}

}  // namespace

void add_bench(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("bench", "Measure how long a picture takes");
  add_model_option(command, options->model);
  add_image_size_option(command, options->image_size);
  command.add_option("--picture", options->picture, "Picture to use (default: a made-up one)")
      .type_name("FILE");
  const auto count = [&](const char* name, auto& value, const char* help) {
    command.add_option(name, value, help).type_name("N").check(in_range(1, 100000));
  };
  count("--batch", options->batch, "Pictures that go through the model together (1)");
  count("--tokens", options->tokens, "Tokens to generate for each, no more and no fewer (20)");
  count("--beams", options->beams, "Beams (1: greedy)");
  count("--repeat", options->repeat, "Runs to take the median of, after one to warm up (5)");
  command.add_flag("--json", options->json,
                   "One JSON object: decode_seconds, resize_seconds, encode_seconds, "
                   "generate_seconds (each a picture), encode_gflops, tokens_per_second, "
                   "peak_bytes");
  add_threads_option(command);
  command.footer(
      "generate includes the keys and values of cross-attention.\n"
      "\n"
      "Examples:\n"
      "  blip bench\n"
      "  blip init --size large /tmp/large && blip bench --model /tmp/large --beams 3 --json");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
