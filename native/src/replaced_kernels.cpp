// Kernels in the place of libtorch's, where a check before the call would not do: backward passes,
// and zeros of any origin, come this way, too.
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/_mkldnn_transpose_native.h>
#include <ATen/ops/_pdist_backward_native.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/median_native.h>
#include <ATen/ops/nanmedian_native.h>
#include <ATen/ops/native_batch_norm_backward_native.h>
#include <ATen/ops/zero_native.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/Exception.h>
#include <torch/library.h>

namespace {

using OptionalTensor = std::optional<at::Tensor>;

/// libtorch writes as many float32 numbers as there are elements: behind the memory of every
/// smaller dtype.
at::Tensor& zero_float32(at::Tensor& self) {
  TORCH_CHECK_NOT_IMPLEMENTED(self.scalar_type() == at::kFloat,
                              "oneDNN's layout has zeros of float32 only, not of ",
                              self.scalar_type(), "; make the tensor dense first with toDense()");
  return at::native::mkldnn_zero_(self);
}

/// libtorch divides by the sizes.
at::Tensor onednn_transpose(const at::Tensor& self, int64_t dim0, int64_t dim1) {
  if (self.numel() > 0) return at::native::mkldnn_transpose(self, dim0, dim1);
  std::vector<int64_t> sizes = self.sizes().vec();
  std::swap(sizes[static_cast<size_t>(at::maybe_wrap_dim(dim0, self.dim()))],
            sizes[static_cast<size_t>(at::maybe_wrap_dim(dim1, self.dim()))]);
  return at::empty(sizes, self.options());
}

using MedianKernel = decltype(at::native::median_out_cpu);

/// libtorch takes an expanded dimension for one whose numbers lie side by side: it reads behind the
/// memory.
template <MedianKernel* kMedian>
std::tuple<at::Tensor&, at::Tensor&> median(const at::Tensor& self, int64_t dim, bool keepdim,
                                            at::Tensor& values, at::Tensor& indices) {
  const bool expanded = self.dim() > 0 && self.stride(dim) == 0;
  return kMedian(expanded ? self.contiguous() : self, dim, keepdim, values, indices);
}

/// libtorch divides by the number of rows, and reads a gradient and a distance for each pair.
at::Tensor pdist_backward(const at::Tensor& grad, const at::Tensor& self, double p,
                          const at::Tensor& pdist) {
  TORCH_CHECK(self.dim() == 2, "Expected self of 2 dimensions, got ", self.dim());
  const int64_t rows = self.size(0);
  const int64_t pairs = rows * (rows - 1) / 2;
  TORCH_CHECK(grad.dim() == 1 && grad.numel() == pairs && pdist.numel() == pairs,
              "Expected a gradient and a distance for each of ", pairs,
              " pairs of rows, got sizes ", grad.sizes(), " and ", pdist.sizes());
  if (rows == 0) return at::zeros_like(self);
  return at::native::_pdist_backward(grad, self, p, pdist);
}

/// libtorch divides by the sizes of batch and channels, which evaluation of an empty batch comes
/// to.
std::tuple<at::Tensor, at::Tensor, at::Tensor> batch_norm_backward(
    const at::Tensor& grad_out, const at::Tensor& input, const OptionalTensor& weight,
    const OptionalTensor& running_mean, const OptionalTensor& running_var,
    const OptionalTensor& save_mean, const OptionalTensor& save_invstd, bool train, double eps,
    std::array<bool, 3> output_mask) {
  if (input.dim() < 2 || (input.size(0) > 0 && input.size(1) > 0)) {
    return at::native::batch_norm_backward_cpu(grad_out, input, weight, running_mean, running_var,
                                               save_mean, save_invstd, train, eps, output_mask);
  }
  const auto options =
      weight.has_value() && weight->defined() ? weight->options() : input.options();
  const auto per_channel = [&](bool wanted) {
    return wanted ? at::zeros({input.size(1)}, options) : at::Tensor();
  };
  return {output_mask[0] ? at::zeros_like(input) : at::Tensor(), per_channel(output_mask[1]),
          per_channel(output_mask[2])};
}

// libtorch warns of a kernel that is replaced.
struct Silent : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

/// Never destroyed: threads may compute while the process ends.
torch::Library& replacements(c10::DispatchKey key) {
  return *new torch::Library(torch::Library::IMPL, "aten", key, __FILE__, __LINE__);
}

[[maybe_unused]] const bool replaced = [] {
  Silent silent;
  const c10::WarningUtils::WarningHandlerGuard guard(&silent);
  static torch::Library& onednn = replacements(c10::DispatchKey::MkldnnCPU);
  onednn.impl("zero_", TORCH_FN(zero_float32));
  onednn.impl("_mkldnn_transpose", TORCH_FN(onednn_transpose));
  static torch::Library& cpu = replacements(c10::DispatchKey::CPU);
  cpu.impl("median.dim_values", TORCH_FN(median<at::native::median_out_cpu>));
  cpu.impl("nanmedian.dim_values", TORCH_FN(median<at::native::nanmedian_out_cpu>));
  cpu.impl("_pdist_backward", TORCH_FN(pdist_backward));
  cpu.impl("native_batch_norm_backward", TORCH_FN(batch_norm_backward));
  return true;
}();

}  // namespace
