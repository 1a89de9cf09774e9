#include "blip/gradients.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "autograd/tape.h"
#include "base/error.h"

namespace blip {

using nn::Parameter;
using tensor::Shape;
using tensor::Tensor;
using tensor::TensorMap;

namespace {

/// Parameters want gradients for as long as it lives.
class Trained {
 public:
  explicit Trained(Model& model) : model_(model) { set(true); }
  ~Trained() { set(false); }
  Trained(const Trained&) = delete;
  Trained& operator=(const Trained&) = delete;

 private:
  void set(bool on) {
    nn::for_each_parameter(model_, [&](const std::string&, Parameter& parameter, const Shape&) {
      parameter.set_requires_grad(on);
    });
  }
  Model& model_;
};

/// A module's own parameters.
struct Owner {
  std::string name;
  std::vector<std::pair<std::string, Parameter*>> parameters;
};

std::vector<Owner> owners_of(Model& model) {
  std::vector<Owner> owners;
  nn::for_each_parameter(model, [&](const std::string& path, Parameter& parameter, const Shape&) {
    const std::string name = path.substr(0, path.rfind('.'));
    if (owners.empty() || owners.back().name != name)
      owners.push_back({.name = name, .parameters = {}});
    owners.back().parameters.emplace_back(path, &parameter);
  });
  return owners;
}

/// An element of a parameter, and its gradient.
struct Element {
  Parameter* parameter;
  int64_t index;
  double gradient;
};

/// The `count` elements of largest gradient.
std::vector<Element> steepest(const Owner& owner, const TensorMap& gradients, int64_t count) {
  std::vector<Element> elements;
  for (const auto& [path, parameter] : owner.parameters) {
    const std::span<const float> values = gradients.at(path).span<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      elements.push_back({parameter, static_cast<int64_t>(i), values[i]});
    }
  }
  const auto kept = std::min<std::size_t>(elements.size(), static_cast<std::size_t>(count));
  std::partial_sort(elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(kept),
                    elements.end(), [](const Element& a, const Element& b) {
                      return std::abs(a.gradient) > std::abs(b.gradient);
                    });
  elements.resize(kept);
  return elements;
}

double root_mean_square(const Tensor& values) {
  double sum = 0;
  for (const float value : values.span<float>()) sum += double{value} * value;
  return std::sqrt(sum / static_cast<double>(std::max<int64_t>(1, values.elements())));
}

/// (f(+h) - f(-h)) / 2h of one element, at h and 2h, extrapolated to h = 0.
double central_difference(const Element& element, const std::function<double()>& loss) {
  Tensor values = element.parameter->value();  // shares the parameter's memory
  const float old = values.span<float>()[static_cast<std::size_t>(element.index)];
  const auto at = [&](double step) {
    const float moved = static_cast<float>(old + step);
    values.data<float>()[element.index] = moved;
    return std::pair(loss(), double{moved});
  };
  const auto difference = [&](double h) {
    const auto [above, right] = at(h);
    const auto [below, left] = at(-h);
    return (above - below) / (right - left);
  };
  // Far enough for the loss to change by more than it is rounded, near enough to stay a parabola.
  const double h = std::clamp(0.5 * root_mean_square(values), 0.01, 0.05);
  const double result = (4 * difference(h) - difference(2 * h)) / 3;
  values.data<float>()[element.index] = old;
  return result;
}

}  // namespace

TensorMap gradients(Model& model, const Tensor& pixel_values, const CaptionBatch& batch,
                    const LossOptions& options) {
  const Trained trained(model);
  autograd::Tape tape;
  tape.backward(model.loss(Var(pixel_values), batch, options).value);
  TensorMap result;
  nn::for_each_parameter(model, [&](const std::string& path, Parameter& parameter, const Shape&) {
    const Tensor grad = parameter.grad();
    result[path] = grad.defined() ? grad : Tensor::zeros(parameter.value().shape());
  });
  return result;
}

Tensor saliency(const Model& model, const Tensor& pixel_values, std::span<const int64_t> ids) {
  const auto predicted = static_cast<int64_t>(ids.size()) - 1;
  if (predicted < 1) throw base::UsageError("saliency: the caption has no token to predict");
  if (pixel_values.rank() != 4 || pixel_values.dim(0) != 1) {
    throw base::ShapeError(base::str("saliency: pixel_values is ", pixel_values.shape().str(),
                                     ", expected [1, 3, height, width]"));
  }
  const int64_t channels = pixel_values.dim(1), height = pixel_values.dim(2),
                width = pixel_values.dim(3),
                patch = model.vision_model.embeddings.config.patch_size;
  const int64_t columns = width / patch;
  CaptionBatch batch = CaptionBatch::of({{ids.begin(), ids.end()}}, model.text_decoder.config);
  Tensor result = Tensor::zeros({predicted, height / patch * columns});
  for (int64_t t = 0; t < predicted; ++t) {
    batch.weights = Tensor::zeros({predicted});
    batch.weights.data<float>()[t] = -1;  // the loss is then log p
    const Var pixels = Var::leaf(pixel_values);
    autograd::Tape tape;
    tape.backward(model.loss(pixels, batch, {}).value);
    const std::span<const float> gradient = pixels.grad().span<float>(),
                                 input = pixel_values.span<float>();
    float* of_word = result.data<float>() + t * result.dim(1);
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        float sum = 0;
        for (int64_t c = 0; c < channels; ++c) {
          const auto at = static_cast<std::size_t>((c * height + y) * width + x);
          sum += gradient[at] * input[at];
        }
        of_word[y / patch * columns + x / patch] += std::abs(sum);
      }
    }
  }
  return result;
}

void check_gradients(Model& model, const Tensor& pixel_values, const CaptionBatch& batch,
                     const LossOptions& options, int64_t elements,
                     const std::function<void(const GradientCheck&)>& report) {
  const TensorMap all = gradients(model, pixel_values, batch, options);
  const Var encoded = model.vision_model(Var(pixel_values));
  for (const Owner& owner : owners_of(model)) {
    const bool of_text = owner.name.starts_with("text_decoder");
    const auto loss = [&] {
      const Loss found = of_text ? model.loss_of_encoded(encoded, batch, options)
                                 : model.loss(Var(pixel_values), batch, options);
      return double{found.value.value.span<float>()[0]};
    };
    GradientCheck check{.module = owner.name};
    double norm = 0, gradient = 0, differences = 0, error = 0;
    for (const auto& [path, parameter] : owner.parameters) {
      check.parameters += parameter->value().elements();
      for (const float g : all.at(path).span<float>()) norm += double{g} * g;
    }
    for (const Element& element : steepest(owner, all, elements)) {
      const double found = central_difference(element, loss);
      gradient += element.gradient * element.gradient;
      differences += found * found;
      error += (found - element.gradient) * (found - element.gradient);
      ++check.elements;
    }
    check.norm = std::sqrt(norm);
    check.gradient = std::sqrt(gradient);
    check.differences = std::sqrt(differences);
    check.error = std::sqrt(error);
    report(check);
  }
}

}  // namespace blip
