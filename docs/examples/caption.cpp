// Captions pictures with the library alone: caption MODEL_FOLDER PICTURE...
#include <cstdio>
#include <exception>

#include "blip/captioner.h"
#include "data/image.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s MODEL_FOLDER PICTURE...\n", argv[0]);
    return 2;
  }
  try {
    const blip::Captioner captioner = blip::Captioner::load(argv[1]);
    for (int i = 2; i < argc; ++i) {
      const data::Image picture = data::read_image(argv[i]);
      const blip::Caption caption = captioner.caption(picture);
      std::printf("%s\t%s\n", argv[i], caption.text.c_str());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
