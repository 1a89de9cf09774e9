#include "blip/image_processor.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace {

class ImageProcessorFile : public testing::Test {
 protected:
  blip::ImageProcessor read(const std::string& json) {
    folder_.write("preprocessor_config.json", json);
    return blip::ImageProcessor::load(folder_.path(), 384);
  }
  std::string error_of(const std::string& json) {
    try {
      read(json);
    } catch (const base::FormatError& error) {
      const std::string text = error.what();
      return text.substr(text.find(".json: ") + 7);
    }
    return "no error";
  }
  const TemporaryFolder folder_;
};

TEST_F(ImageProcessorFile, DefaultsAreBlips) {
  const blip::ImageProcessor without = blip::ImageProcessor::load(folder_.path(), 256);
  EXPECT_EQ(without.height, 256);
  const blip::ImageProcessor processor = read("{}");
  EXPECT_EQ(processor.width, 384);
  EXPECT_EQ(processor.rescale_factor, 1 / 255.0);
  EXPECT_EQ(processor.mean[0], 0.48145466f);
  EXPECT_EQ(processor.std[2], 0.27577711f);
}

TEST_F(ImageProcessorFile, IsRead) {
  const blip::ImageProcessor processor = read(
      R"({"size": {"height": 8, "width": 6}, "image_mean": [0, 0.5, 1], "image_std": [1, 2, 4],
          "rescale_factor": 1.0, "resample": 3})");
  const data::Image image{1, 1, {10, 20, 30}};
  const tensor::Tensor pixels = processor(image);
  EXPECT_EQ(pixels.shape(), (tensor::Shape{1, 3, 8, 6}));
  EXPECT_EQ(pixels.data<float>()[0], 10.0f);
  EXPECT_EQ(pixels.data<float>()[48], 19.5f / 2);
  EXPECT_EQ(pixels.data<float>()[3 * 48 - 1], 29.0f / 4);
}

TEST_F(ImageProcessorFile, NullMeansTheDefault) {
  const blip::ImageProcessor processor = read(
      R"({"size": null, "image_mean": null, "image_std": null, "rescale_factor": null,
          "do_center_crop": null, "do_resize": null})");
  EXPECT_EQ(processor.height, 384);
  EXPECT_EQ(processor.rescale_factor, 1 / 255.0);
  EXPECT_EQ(processor.mean[0], 0.48145466f);
  EXPECT_EQ(processor.std[2], 0.27577711f);
}

TEST_F(ImageProcessorFile, OfProcessorConfigTheNestedFormWins) {
  folder_.write("processor_config.json",
                R"({"image_processor": {"image_mean": [1, 2, 3]}, "image_std": 7})");
  EXPECT_EQ(blip::ImageProcessor::load(folder_.path(), 8).mean[1], 2.0f);
  folder_.write("preprocessor_config.json", R"({"image_mean": [4, 5, 6], "image_std": [7, 8, 9]})");
  const blip::ImageProcessor both = blip::ImageProcessor::load(folder_.path(), 8);
  EXPECT_EQ(both.mean[1], 2.0f);
  EXPECT_EQ(both.std[1], 0.26130258f) << "one file is read, not a mixture of two";
  EXPECT_EQ(blip::read_image_processor_file(folder_.path())->name,
            folder_ / "processor_config.json");
}

TEST_F(ImageProcessorFile, OfProcessorConfigTheFlatFormMustAgree) {
  folder_.write("processor_config.json",
                R"({"image_mean": [1, 2, 3], "processor_class": "BlipProcessor"})");
  EXPECT_EQ(blip::ImageProcessor::load(folder_.path(), 8).mean[1], 2.0f);
  folder_.write("preprocessor_config.json", R"({"image_mean": [1, 2, 3], "image_std": [7, 8, 9]})");
  EXPECT_EQ(blip::ImageProcessor::load(folder_.path(), 8).std[1], 8.0f);
  EXPECT_EQ(
      error_of(R"({"image_mean": [1, 2, 4]})"),
      "image_mean is [1,2,3], but [1,2,4] in " + (folder_ / "preprocessor_config.json").string());
  folder_.write("processor_config.json", R"({"processor_class": "BlipProcessor"})");
  EXPECT_EQ(blip::ImageProcessor::load(folder_.path(), 8).mean[2], 4.0f)
      << "it says nothing of pictures";
}

TEST_F(ImageProcessorFile, RefusesWhatBlipDoesNotDo) {
  EXPECT_EQ(error_of(R"({"resample": 2})"), "resample is 2, expected 3");
  EXPECT_EQ(error_of(R"({"do_center_crop": true})"), "do_center_crop is true, expected false");
  EXPECT_EQ(error_of(R"({"size": {"height": 0, "width": 6}})"),
            "size.height is 0, expected an integer from 1 to 8192");
  EXPECT_EQ(error_of(R"({"image_std": [1, 0, 1]})"), "image_std has 0, expected positive numbers");
  EXPECT_EQ(error_of(R"({"image_mean": [1, 2]})"), "image_mean is [1,2], expected a list of 3");
}

}  // namespace
