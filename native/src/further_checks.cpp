#include "further_checks.h"

#include <ATen/ExpandUtils.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "argument_checks.h"

namespace pantorch::operators {

void check_neg_view(const at::Tensor& self) {
  TORCH_CHECK_NOT_IMPLEMENTED(!self.is_quantized(), "A quantized tensor has no negative view");
}

void check_view_dtype(const at::Tensor& self, at::ScalarType dtype) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      !c10::isQIntType(self.scalar_type()) && !c10::isQIntType(dtype),
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

/// Whether dividing these by -1 traps, looking at each pair only if both numbers occur.
bool divides_lowest(const at::Tensor& self, const at::Tensor& other) {
  const at::ScalarType dtype = at::result_type(self, other);
  if (!self.is_cpu() || !other.is_cpu() || self.layout() != at::kStrided ||
      other.layout() != at::kStrided || !at::isIntegralType(dtype, false) || self.numel() == 0 ||
      other.numel() == 0) {
    return false;
  }
  const at::Tensor dividend = self.detach().to(dtype);
  const at::Tensor divisor = other.detach().to(dtype);
  if (c10::isBarebonesUnsignedType(dtype) || dtype == at::kByte ||
      std::get<0>(at::aminmax(dividend)).item<int64_t>() != lowest(dtype)) {
    return false;
  }
  return at::logical_and(at::eq(dividend, lowest(dtype)), at::eq(divisor, -1)).any().item<bool>();
}

}  // namespace

void check_div_mode(const at::Tensor& self, const at::Tensor& other,
                    std::optional<std::string_view> rounding_mode) {
  // Sizes that do not fit each other are libtorch's to refuse.
  if (rounding_mode != "trunc" || !at::are_expandable(self.sizes(), other.sizes())) return;
  TORCH_CHECK_VALUE(!divides_lowest(self, other), "Expected no division of the lowest number of ",
                    at::result_type(self, other), " by -1, of which the dtype has no result");
}

void check_div_scalar_mode(const at::Tensor& self, const at::Scalar& other,
                           std::optional<std::string_view> rounding_mode) {
  if (rounding_mode == "trunc" && other.isIntegral(false)) {
    at::Tensor number = at::scalar_tensor(other, at::kLong);
    number.unsafeGetTensorImpl()->set_wrapped_number(true);  // it has no say in the dtype
    check_div_mode(self, number, rounding_mode);
  }
}

void check_range_step(const at::Scalar& step, std::optional<at::ScalarType> dtype) {
  const at::ScalarType type = dtype.value_or(at::get_default_dtype_as_scalartype());
  if (!at::isIntegralType(type, false) || !step.isFloatingPoint()) return;
  const double number = step.toDouble();
  TORCH_CHECK_VALUE(!(number > -1 && number < 1), "Expected a step of at least 1 for ", type,
                    ", got ", number);
}

void check_eigvals(const at::Tensor& self) {
  if (!self.is_cpu() || self.layout() != at::kStrided ||
      !(self.is_floating_point() || self.is_complex())) {
    return;
  }
  // linalg_eig's own words.
  TORCH_CHECK(at::isfinite(self.detach()).all().item<bool>(),
              "torch.linalg.eigvals: input tensor should not contain infs or NaNs.");
}

void check_lstsq(const at::Tensor& /*self*/, const at::Tensor& b, std::optional<double> /*rcond*/,
                 std::optional<std::string_view> driver) {
  TORCH_CHECK(driver != "gelss" || b.dim() == 0 || b.size(-1) > 0,
              "Expected B to have columns for the driver gelss, got size ", b.sizes(),
              "; use gelsy");
}

void check_matrix_power(const at::Tensor& /*self*/, int64_t n) {
  TORCH_CHECK_VALUE(n != std::numeric_limits<int64_t>::min(), "Expected n greater than ", n,
                    ", the lowest number");
}

void check_binomial_count(const at::Tensor& count) {
  if (!count.is_cpu() || count.layout() != at::kStrided) return;
  TORCH_CHECK_VALUE(!at::isnan(count.detach()).any().item<bool>(), "Expected counts, got NaN");
}

void check_random_from(const at::Tensor& self, int64_t from, std::optional<int64_t> /*to*/) {
  TORCH_CHECK_VALUE(!self.is_floating_point() || from != std::numeric_limits<int64_t>::max(),
                    "Expected from less than ", from, ", the greatest number, for ",
                    self.scalar_type());
}

void check_choose_qparams(const at::Tensor& input, int64_t numel, int64_t n_bins, double ratio,
                          int64_t /*bit_width*/) {
  TORCH_CHECK_VALUE(n_bins > 0, "Expected n_bins greater than 0, got ", n_bins);
  TORCH_CHECK_VALUE(ratio >= 0 && ratio <= 1, "Expected ratio between 0 and 1, got ", ratio);
  TORCH_CHECK(input.is_contiguous(), "Expected input to be contiguous; call contiguous() first");
  // Another dtype and count are libtorch's to refuse.
  if (!input.is_cpu() || input.scalar_type() != at::kFloat || numel <= 0 || numel > input.numel()) {
    return;
  }
  const auto [low, high] = at::aminmax(input.detach().reshape(-1).slice(0, 0, numel));
  const float least = low.item<float>();
  const float greatest = high.item<float>();
  const float step = (greatest - least) / static_cast<float>(n_bins);
  const float far = std::max(std::abs(least), std::abs(greatest));
  // A step that is lost in rounding is made again and again.
  TORCH_CHECK_VALUE(!(least < greatest) || !std::isfinite(far) ||
                        far + step >= std::nextafter(far, std::numeric_limits<float>::infinity()),
                    "Expected n_bins that cut the range from ", least, " to ", greatest,
                    " into steps that float32 can tell from each other, got ", n_bins);
}

void check_observer_states(const at::Tensor& self, const at::Tensor& running_min,
                           const at::Tensor& running_max, const at::Tensor& scale,
                           const at::Tensor& zero_point, bool per_row) {
  // Rows without states yet are given some by libtorch.
  if (per_row && running_min.numel() == 0 && running_max.numel() == 0) return;
  const int64_t count = per_row && self.dim() > 0 ? self.size(0) : 1;
  for (const auto& [tensor, what] :
       {std::pair(&running_min, "running_min"), std::pair(&running_max, "running_max"),
        std::pair(&scale, "scale"), std::pair(&zero_point, "zero_point")}) {
    TORCH_CHECK(tensor->numel() == count && tensor->is_contiguous(), "Expected ", what, " to have ",
                count, per_row ? " numbers, one for each row, " : " number, ", "got size ",
                tensor->sizes());
  }
}

void check_group_norm(const at::Tensor& /*input*/, const std::optional<at::Tensor>& /*weight*/,
                      const std::optional<at::Tensor>& /*bias*/, c10::SymInt /*N*/,
                      c10::SymInt /*C*/, c10::SymInt /*HxW*/, int64_t group, double /*eps*/) {
  // The kernel's own words, which another than the dense one does not have.
  TORCH_CHECK(group > 0, "Expected num groups to be greater than 0, got ", group);
}

void check_pdist(const at::Tensor& self, double /*p*/) {
  TORCH_CHECK(self.dim() == 2, "_pdist_forward only supports 2D tensors, got: ", self.dim(), "D");
}

void check_bags(const at::Tensor& indices, const at::Tensor& offsets, bool include_last_offset) {
  // Bags of one size each, and other dimensions, are libtorch's to refuse.
  if (indices.dim() != 1 || offsets.dim() != 1) return;
  const int64_t bags = offsets.size(0) - (include_last_offset ? 1 : 0);
  TORCH_CHECK(bags > 0 || indices.numel() == 0, "Expected an offset for each bag, got ",
              offsets.size(0), " for ", indices.numel(), " indices",
              include_last_offset ? " with include_last_offset" : "");
  TORCH_CHECK_INDEX(all_between(offsets, 0, indices.numel()), "Expected offsets between 0 and ",
                    indices.numel(), ", the number of indices");
}

void check_scales(c10::SymIntArrayRef output_size,
                  std::initializer_list<std::optional<double>> scales) {
  constexpr double kMost = 0x1p62;
  const auto sizes = C10_AS_INTARRAYREF_SLOW(output_size);
  size_t i = 0;
  for (const std::optional<double> scale : scales) {
    if (i == sizes.size()) return;
    const auto size = static_cast<double>(sizes[i++]);
    TORCH_CHECK_VALUE(!scale.has_value() || !(*scale > 0) || size / *scale < kMost,
                      "Expected a scale that leads to the output size ", sizes, ", got ",
                      scale.value_or(0));
  }
}

void check_antialias(const at::Tensor& self, c10::SymIntArrayRef output_size, bool align_corners,
                     std::optional<double> scales_h, std::optional<double> scales_w) {
  const auto sizes = C10_AS_INTARRAYREF_SLOW(output_size);
  if (align_corners || self.dim() != 4 || sizes.size() != 2) return;
  for (const auto& [scale, i] : {std::pair(scales_h, 0), std::pair(scales_w, 1)}) {
    // The last element of the output begins within the input.
    TORCH_CHECK_VALUE(
        !scale.has_value() || !(*scale > 0) ||
            static_cast<double>(sizes[i] - 1) / *scale < static_cast<double>(self.size(2 + i)),
        "Expected a scale that leads from the input size ", self.size(2 + i),
        " to the output size ", sizes[i], ", got ", scale.value_or(0));
  }
}

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

void check_bias_dtype(const at::Tensor& weight, const at::Tensor& bias) {
  TORCH_CHECK(bias.scalar_type() == weight.scalar_type(), "Expected a bias of the dtype ",
              weight.scalar_type(), ", that of what it is added to, got ", bias.scalar_type());
}

void check_qkv(const at::Tensor& qkv, const at::Tensor& qkv_bias, int64_t num_heads) {
  TORCH_CHECK_VALUE(num_heads > 0, "Expected num_heads greater than 0, got ", num_heads);
  check_bias_dtype(qkv, qkv_bias);
  TORCH_CHECK(qkv.is_nested() || qkv.dim() == 0 || qkv_bias.numel() == qkv.size(-1),
              "Expected a bias of ", qkv.size(-1), " elements, got size ", qkv_bias.sizes());
}

namespace {

bool has_heads(const at::Tensor& tensor) { return tensor.dim() < 3 || tensor.size(-3) > 0; }

void require_heads(bool allowed, const at::Tensor& key, const at::Tensor& value) {
  TORCH_CHECK(allowed, "Expected key and value to have heads, got sizes ", key.sizes(), " and ",
              value.sizes());
}

}  // namespace

void check_attention_math(const at::Tensor& /*query*/, const at::Tensor& key,
                          const at::Tensor& value, const std::optional<at::Tensor>& /*attn_mask*/,
                          double /*dropout_p*/, bool /*is_causal*/,
                          const std::optional<at::Tensor>& /*dropout_mask*/,
                          std::optional<double> /*scale*/, bool enable_gqa) {
  require_heads(!enable_gqa || (has_heads(key) && has_heads(value)), key, value);
}

void check_attention(const at::Tensor& /*query*/, const at::Tensor& key, const at::Tensor& value,
                     const std::optional<at::Tensor>& /*attn_mask*/, double /*dropout_p*/,
                     bool /*is_causal*/, std::optional<double> /*scale*/, bool enable_gqa) {
  require_heads(!enable_gqa || has_heads(key) || !has_heads(value), key, value);
}

void check_attention_choice(const at::Tensor& /*query*/, const at::Tensor& key,
                            const at::Tensor& value, const std::optional<at::Tensor>& /*attn_mask*/,
                            double /*dropout_p*/, bool /*is_causal*/,
                            std::optional<double> /*scale*/, bool enable_gqa) {
  require_heads(!enable_gqa || has_heads(key) || has_heads(value), key, value);
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

void check_spdiags(const at::Tensor& /*diagonals*/, const at::Tensor& offsets,
                   at::IntArrayRef shape, std::optional<at::Layout> /*layout*/) {
  for (const int64_t size : shape) {
    TORCH_CHECK_VALUE(size >= 0, "Expected a shape without negative sizes, got ", shape);
  }
  if (shape.size() != 2 || !at::isIntegralType(offsets.scalar_type(), false)) return;
  TORCH_CHECK_INDEX(all_between(offsets, -shape[0], shape[1]), "Expected offsets between ",
                    -shape[0], " and ", shape[1], ", the diagonals of ", shape);
}

}  // namespace pantorch::operators
