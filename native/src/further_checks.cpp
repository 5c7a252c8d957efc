#include "further_checks.h"

#include <ATen/ops/aminmax.h>

#include <limits>

#include "argument_checks.h"

namespace pantorch::operators {

void check_neg_view(const at::Tensor& self) {
  TORCH_CHECK_NOT_IMPLEMENTED(!self.is_quantized(), "A quantized tensor has no negative view");
}

void check_view_dtype(const at::Tensor& self, at::ScalarType dtype) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      self.scalar_type() == dtype ||
          !(c10::isQIntType(self.scalar_type()) || c10::isQIntType(dtype)),
      "Cannot view a tensor of dtype ", self.scalar_type(), " as ", dtype,
      ": quantized dtypes come with a scale; use int_repr() or dequantize()");
}

namespace {

int64_t lowest(at::ScalarType dtype) {
  switch (dtype) {
    case at::kChar:
      return std::numeric_limits<int8_t>::min();
    case at::kShort:
      return std::numeric_limits<int16_t>::min();
    case at::kInt:
      return std::numeric_limits<int32_t>::min();
    default:
      return std::numeric_limits<int64_t>::min();
  }
}

void check_has_absolute_values(const at::Tensor& tensor, const char* what) {
  const at::ScalarType dtype = tensor.scalar_type();
  if (!tensor.is_cpu() || tensor.layout() != at::kStrided || tensor.numel() == 0 ||
      !(dtype == at::kChar || dtype == at::kShort || dtype == at::kInt || dtype == at::kLong)) {
    return;
  }
  TORCH_CHECK_VALUE(std::get<0>(at::aminmax(tensor.detach())).item<int64_t>() != lowest(dtype),
                    "Expected ", what, " without the lowest number of ", dtype,
                    ", which has no absolute value in that dtype");
}

}  // namespace

void check_lcm(const at::Tensor& self, const at::Tensor& other) {
  check_has_absolute_values(self, "self");
  check_has_absolute_values(other, "other");
}

void check_scalar_list(at::TensorList self, at::ArrayRef<at::Scalar> scalars) {
  // The operator's own words, which come too late.
  TORCH_CHECK(self.size() == scalars.size(),
              "Tensor list must have same number of elements as scalar list.");
}

void check_kernel_size(const at::Tensor& weight, c10::SymIntArrayRef kernel_size) {
  const auto dims = static_cast<int64_t>(kernel_size.size());
  // Other dimensions, and a weight that there is not, are the operator's to refuse.
  if (!weight.defined() || weight.dim() != dims + 2) {
    return;
  }
  const auto sizes = C10_AS_INTARRAYREF_SLOW(kernel_size);
  TORCH_CHECK(weight.sizes().slice(2) == sizes, "Expected kernel_size ", weight.sizes().slice(2),
              ", that of the weight, got ", sizes);
}

void check_heads(int64_t embed_dim, int64_t num_head) {
  TORCH_CHECK_VALUE(num_head > 0 && embed_dim > 0 && embed_dim % num_head == 0,
                    "Expected embed_dim to be a multiple of num_head, both greater than 0, got ",
                    embed_dim, " and ", num_head);
}

void check_flash_sizes(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  if (query.dim() != 4 || key.dim() != 4 || value.dim() != 4) {
    return;
  }
  TORCH_CHECK(key.size(0) == query.size(0) && value.size(0) == query.size(0) &&
                  key.size(1) == value.size(1) && key.size(2) == value.size(2) &&
                  key.size(3) == query.size(3),
              "Expected key and value of query's batch and one number of heads and length, and key "
              "of query's size, got query ",
              query.sizes(), ", key ", key.sizes(), " and value ", value.sizes());
  TORCH_CHECK(query.numel() > 0 && key.numel() > 0, "Expected elements, got query ", query.sizes(),
              " and key ", key.sizes());
  TORCH_CHECK(query.size(1) % key.size(1) == 0,
              "Expected query's heads to be a multiple of key's, got ", query.size(1), " and ",
              key.size(1));
}

void check_embedding_backward(const at::Tensor& grad, const at::Tensor& indices,
                              c10::SymInt num_weights, c10::SymInt padding_idx,
                              bool scale_grad_by_freq, bool sparse) {
  if (!sparse) {
    check_embedding_dense_backward(grad, indices, num_weights, padding_idx, scale_grad_by_freq);
  }
}

void check_update_stats(const at::Tensor& input, const std::optional<at::Tensor>& running_mean,
                        const std::optional<at::Tensor>& running_var, double momentum) {
  check_native_batch_norm(input, std::nullopt, std::nullopt, running_mean, running_var, true,
                          momentum, 0);
}

void check_spdiags(const at::Tensor& /*diagonals*/, const at::Tensor& /*offsets*/,
                   at::IntArrayRef shape, std::optional<at::Layout> /*layout*/) {
  for (const int64_t size : shape) {
    TORCH_CHECK_VALUE(size >= 0, "Expected a shape without negative sizes, got ", shape);
  }
}

}  // namespace pantorch::operators
