// blip garments: drawn clothes with captions, as training data and examples.
#include "data/garments.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/output.h"

namespace tools {
namespace {

struct Options {
  std::filesystem::path out;
  int count = 100;
  uint64_t seed = 1;
  int size = 192;
};

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw base::FileError(base::str(path.string(), ": cannot create: ", error.message()));
  }
}

/// The name says what is drawn, so that a folder can be browsed: 00012-blue-shirt.png.
std::string file_name(int index, const data::Garment& garment) {
  char number[16];
  std::snprintf(number, sizeof number, "%05d", index);
  std::string words = garment.caption.substr(garment.caption.find(' ') + 1);
  if (words.starts_with("pair of ")) words.erase(0, 8);
  std::replace(words.begin(), words.end(), ' ', '-');
  return base::str(number, '-', words, ".png");
}

int run(const Options& options) {
  catch_interrupt();
  make_folder(options.out / "images");
  base::Json images = base::Json::array(), annotations = base::Json::array();
  for (int i = 1; i <= options.count && !interrupted(); ++i) {
    const data::Garment garment =
        data::draw_garment(options.seed, static_cast<uint64_t>(i), options.size);
    const std::string name = file_name(i, garment);
    data::write_png(options.out / "images" / name, garment.image);
    images.push_back(
        {{"id", i}, {"file_name", name}, {"width", options.size}, {"height", options.size}});
    annotations.push_back({{"id", i},
                           {"image_id", i},
                           {"caption", garment.caption},
                           {"attributes", garment.attributes},
                           {"category", garment.category}});
    print(base::str((options.out / "images" / name).string(), '\t', garment.caption, '\n'));
  }
  base::Json categories = base::Json::array();
  for (const data::GarmentCategory& category : data::garment_categories()) {
    categories.push_back({{"id", category.number}, {"name", category.name}});
  }
  const base::Json captions = {
      {"info", {{"description", base::str("drawn garments, seed ", options.seed)}}},
      {"licenses", base::Json::array()},
      {"images", images},
      {"annotations", annotations},
      {"categories", categories}};
  base::replace_file(options.out / "captions.json", captions.dump() + '\n');
  return interrupted() ? kInterrupted : kOk;
}

}  // namespace

void add_garments(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command =
      app.add_subcommand("garments", "Draw clothes, with captions that are true by construction");
  command.add_option("OUT", options->out, "Folder for images/*.png and captions.json (COCO form)")
      .required();
  command.add_option("--count", options->count, "Number of pictures")
      .capture_default_str()
      .check(in_range(1, 99999));
  command.add_option("--seed", options->seed, "Another seed draws other garments")
      .capture_default_str()
      .check(whole_number<uint64_t>());
  command.add_option("--size", options->size, "Width and height in pixels")
      .capture_default_str()
      .check(in_range(16, 2048));
  command.footer(
      "Prints each picture's path and caption.\n"
      "Example:\n"
      "  blip garments drawn --count 1000 --seed 7");
  command.callback([=, &job] { job = [=] { return run(*options); }; });
}

}  // namespace tools
