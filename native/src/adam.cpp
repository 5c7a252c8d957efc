// A step of Adam in two passes over memory instead of seven, with the bits of libtorch's operators.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <pantorch/optim.h>

#include <cmath>
#include <string>

#include "slots.h"
#include "support.h"

using namespace pantorch;

namespace {

constexpr int64_t kGrain = 32768;  // numbers that a thread is worth

struct Rates {
  float mean;  // of the gradient in its running mean
  float keep;  // of the running mean of squares
  float square;
  float eps;
};

/// The numbers of one parameter.
struct Numbers {
  float* param;
  const float* grad;
  float* mean;
  float* square;
};

// libtorch's kernels round once after a product and a sum where they are compiled for AVX2 or
// AVX-512, and twice where they are not. This file is compiled without contractions.
enum class Rounding { kOnce, kTwice };

template <Rounding kRounding>
[[gnu::always_inline]] inline float multiply_add(float a, float b, float c) {
  return kRounding == Rounding::kOnce ? std::fma(a, b, c) : a * b + c;
}

template <Rounding kRounding>
[[gnu::always_inline]] inline void take_gradients(const Numbers& at, int64_t from, int64_t to,
                                                  const Rates& rates) {
  // lerp counts from the nearer end.
  const bool near = std::abs(rates.mean) < 0.5F;
  const float weight = near ? rates.mean : rates.mean - 1;
  // In variables of their own, which no number is written over.
  const float* const grads = at.grad;
  float* const means = at.mean;
  float* const squares = at.square;
  const float keep = rates.keep;
  const float square_rate = rates.square;
  for (int64_t i = from; i < to; ++i) {
    const float grad = grads[i];
    const float mean = means[i];
    means[i] = multiply_add<kRounding>(weight, grad - mean, near ? mean : grad);
    squares[i] = multiply_add<kRounding>(square_rate * grad, grad, squares[i] * keep);
  }
}

[[gnu::always_inline]] inline void move(const Numbers& at, const float* roots, int64_t from,
                                        int64_t to, float correction, float step_size, float eps) {
  float* const params = at.param;
  const float* const means = at.mean;
  for (int64_t i = from; i < to; ++i) {
    const float divisor = roots[i] / correction + eps;
    params[i] += step_size * means[i] / divisor;
  }
}

/// The passes, compiled for a processor.
struct Kernels {
  void (*take_gradients)(const Numbers&, int64_t, int64_t, const Rates&);
  void (*move)(const Numbers&, const float*, int64_t, int64_t, float, float, float);
};

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void take_gradients_avx2(const Numbers& at, int64_t from, int64_t to,
                                                     const Rates& rates) {
  take_gradients<Rounding::kOnce>(at, from, to, rates);
}

[[gnu::target("avx2,fma")]] void move_avx2(const Numbers& at, const float* roots, int64_t from,
                                           int64_t to, float correction, float step_size,
                                           float eps) {
  move(at, roots, from, to, correction, step_size, eps);
}

const Kernels* kernels() {
  static const Kernels chosen = [] {
    const std::string capability = at::get_cpu_capability();
    if (capability == "AVX2" || capability == "AVX512") {
      return Kernels{take_gradients_avx2, move_avx2};
    }
    return Kernels{take_gradients<Rounding::kTwice>, move};
  }();
  return &chosen;
}
#else
// How libtorch's kernels round elsewhere has not been looked at.
const Kernels* kernels() { return nullptr; }
#endif

bool is_possible(const at::Tensor& tensor, at::IntArrayRef sizes) {
  // Changes of inference tensors are not counted.
  return is_plain_float32(tensor) && !tensor.is_inference() && tensor.is_contiguous() &&
         tensor.sizes() == sizes;
}

/// The arguments of a step.
struct Packet {
  int64_t* slots;
  at::TensorList params = operators::read<at::TensorList>(slots);
  at::TensorList grads = operators::read<at::TensorList>(slots + 2);
  at::TensorList means = operators::read<at::TensorList>(slots + 4);
  at::TensorList squares = operators::read<at::TensorList>(slots + 6);
  at::ArrayRef<double> corrections = operators::read<at::ArrayRef<double>>(slots + 8);
  at::ArrayRef<double> step_sizes = operators::read<at::ArrayRef<double>>(slots + 10);
  double beta1 = operators::read<double>(slots + 12);
  double beta2 = operators::read<double>(slots + 13);
  double eps = operators::read<double>(slots + 14);

  bool is_possible() const {
    for (size_t i = 0; i < params.size(); ++i) {
      const at::IntArrayRef sizes = params[i].sizes();
      for (const at::Tensor& tensor : {params[i], grads[i], means[i], squares[i]}) {
        if (!::is_possible(tensor, sizes)) return false;
      }
    }
    return true;
  }
};

void step(const Kernels& kernels, const Packet& packet) {
  const Rates rates{static_cast<float>(1 - packet.beta1), static_cast<float>(packet.beta2),
                    static_cast<float>(1 - packet.beta2), static_cast<float>(packet.eps)};
  const at::AutoDispatchBelowADInplaceOrView below;
  for (size_t i = 0; i < packet.params.size(); ++i) {
    const at::Tensor& square = packet.squares[i];
    const Numbers at{packet.params[i].mutable_data_ptr<float>(),
                     packet.grads[i].const_data_ptr<float>(),
                     packet.means[i].mutable_data_ptr<float>(), square.mutable_data_ptr<float>()};
    const auto each = [&](const auto& pass) { at::parallel_for(0, square.numel(), kGrain, pass); };
    each([&](int64_t from, int64_t to) { kernels.take_gradients(at, from, to, rates); });
    // Of another library, which does not round as the processor does.
    const at::Tensor roots = square.sqrt();
    const auto* root = roots.const_data_ptr<float>();
    const auto correction = static_cast<float>(packet.corrections[i]);
    const auto step_size = static_cast<float>(packet.step_sizes[i]);
    each([&](int64_t from, int64_t to) {
      kernels.move(at, root, from, to, correction, step_size, rates.eps);
    });
    // As often as the operators would have.
    for (const at::Tensor& changed : {packet.params[i], packet.means[i], square, square}) {
      changed.unsafeGetTensorImpl()->bump_version();
    }
  }
}

}  // namespace

pt_error pt_adam_step(pt_address frame) {
  return guard([&] {
    auto* slots = reinterpret_cast<int64_t*>(frame);
    apply_mode(slots[0]);
    const Packet packet{slots + 1};
    const bool possible =
        kernels() != nullptr && !at::GradMode::is_enabled() && packet.is_possible();
    if (possible) step(*kernels(), packet);
    slots[1] = possible;
  });
}
