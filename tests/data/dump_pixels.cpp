// Reads paths of pictures, one a line, and writes each as decode_image understands it: a binary PPM
// or, if it cannot be read, a line "error MESSAGE". With two arguments, WIDTH and HEIGHT, the
// picture is resized first. tests/data/pillow_test.py compares the output with Pillow's.
#include <iostream>
#include <string>

#include "base/error.h"
#include "data/image.h"

int main(int argc, char** argv) {
  for (std::string path; std::getline(std::cin, path);) {
    try {
      data::Image image = data::read_image(path);
      if (argc == 3) image = data::resize_bicubic(image, std::stoi(argv[1]), std::stoi(argv[2]));
      std::cout << "P6\n" << image.width << ' ' << image.height << "\n255\n";
      std::cout.write(reinterpret_cast<const char*>(image.pixels.data()),
                      static_cast<std::streamsize>(image.pixels.size()));
    } catch (const base::Error& error) {
      std::cout << "error " << error.what() << '\n';
    }
    std::cout.flush();
  }
}
