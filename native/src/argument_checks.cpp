#include "argument_checks.h"

#include <ATen/Context.h>
#include <ATen/ops/_validate_sparse_coo_tensor_args.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/diff.h>
#include <ATen/ops/sum.h>
#include <c10/util/accumulate.h>

#include <algorithm>
#include <utility>

namespace pantorch::operators {

bool all_between(const at::Tensor& tensor, int64_t least, int64_t greatest) {
  if (!tensor.is_cpu() || tensor.numel() == 0) {
    return true;
  }
  auto [low, high] = at::aminmax(tensor.detach());
  return low.item<int64_t>() >= least && high.item<int64_t>() <= greatest;
}

namespace {

void check_per_channel(const at::Tensor& input, const std::optional<at::Tensor>& tensor,
                       const char* what) {
  if (tensor.has_value() && tensor->defined()) {
    TORCH_CHECK(tensor->dim() == 1 && tensor->size(0) == input.size(1), "Expected ", what,
                " of size [", input.size(1), "], one number a channel, got ", tensor->sizes());
  }
}

}  // namespace

void check_native_batch_norm(const at::Tensor& input, const std::optional<at::Tensor>& weight,
                             const std::optional<at::Tensor>& bias,
                             const std::optional<at::Tensor>& running_mean,
                             const std::optional<at::Tensor>& running_var, bool training,
                             double /*momentum*/, double /*eps*/) {
  TORCH_CHECK(input.dim() >= 2, "Expected input of at least 2 dimensions, got ", input.dim());
  bool has_statistics = running_mean.has_value() && running_mean->defined() &&
                        running_var.has_value() && running_var->defined();
  TORCH_CHECK(training || has_statistics,
              "Expected running_mean and running_var to be defined when training=false");
  check_per_channel(input, weight, "weight");
  check_per_channel(input, bias, "bias");
  check_per_channel(input, running_mean, "running_mean");
  check_per_channel(input, running_var, "running_var");
}

void check_batch_norm_without_statistics(const at::Tensor& input,
                                         const std::optional<at::Tensor>& weight,
                                         const std::optional<at::Tensor>& bias, bool training,
                                         double momentum, double eps) {
  TORCH_CHECK(training, "Expected training=true without running statistics");
  check_native_batch_norm(input, weight, bias, std::nullopt, std::nullopt, true, momentum, eps);
}

void check_native_batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                                      const std::optional<at::Tensor>& weight,
                                      const std::optional<at::Tensor>& running_mean,
                                      const std::optional<at::Tensor>& running_var,
                                      const std::optional<at::Tensor>& save_mean,
                                      const std::optional<at::Tensor>& save_invstd, bool train,
                                      double eps, std::array<bool, 3> /*output_mask*/) {
  check_native_batch_norm(input, weight, std::nullopt, running_mean, running_var, train, 0, eps);
  TORCH_CHECK(grad_out.sizes() == input.sizes(), "Expected grad_out of the size of input, ",
              input.sizes(), ", got ", grad_out.sizes());
  TORCH_CHECK(!train || (save_mean.has_value() && save_mean->defined() && save_invstd.has_value() &&
                         save_invstd->defined()),
              "Expected save_mean and save_invstd to be defined when train=true");
  check_per_channel(input, save_mean, "save_mean");
  check_per_channel(input, save_invstd, "save_invstd");
}

void check_batch_norm_with_update(const at::Tensor& input, const std::optional<at::Tensor>& weight,
                                  const std::optional<at::Tensor>& bias,
                                  const at::Tensor& running_mean, const at::Tensor& running_var,
                                  double momentum, double eps) {
  check_native_batch_norm(input, weight, bias, running_mean, running_var, true, momentum, eps);
}

namespace {

/// Pivots are row numbers, counted from 1, that LAPACK follows without looking.
void check_pivots(const at::Tensor& pivots, int64_t rows) {
  TORCH_CHECK_INDEX(all_between(pivots, 1, rows), "Expected pivots between 1 and ", rows);
}

}  // namespace

void check_lu_unpack(const at::Tensor& lu, const at::Tensor& pivots, bool /*unpack_data*/,
                     bool unpack_pivots) {
  TORCH_CHECK(lu.dim() >= 2, "Expected LU_data of at least 2 dimensions, got ", lu.dim());
  if (unpack_pivots) {
    std::vector<int64_t> expected(lu.sizes().begin(), lu.sizes().end() - 1);
    expected.back() = std::min(lu.size(-2), lu.size(-1));
    TORCH_CHECK(pivots.scalar_type() == at::kInt && pivots.sizes() == at::IntArrayRef(expected),
                "Expected LU_pivots to be int32 of size ", at::IntArrayRef(expected), ", got ",
                pivots.scalar_type(), " of size ", pivots.sizes());
    check_pivots(pivots, lu.size(-2));
  }
}

void check_weight_norm(const at::Tensor& v, const at::Tensor& g, int64_t dim) {
  TORCH_CHECK(v.dim() > 0 && v.numel() > 0, "Expected v to have elements, got size ", v.sizes());
  TORCH_CHECK(dim == 0 || dim == v.dim() - 1, "Expected dim to be 0 or ", v.dim() - 1,
              ", the first or last dimension of v, got ", dim);
  TORCH_CHECK(g.numel() == v.size(dim), "Expected g to have ", v.size(dim),
              " elements, one for each slice of v, got size ", g.sizes());
  TORCH_CHECK_VALUE(g.scalar_type() == v.scalar_type(), "Expected g to have the dtype of v, ",
                    v.scalar_type(), ", got ", g.scalar_type());
}

void check_segment_reduce(const at::Tensor& data, std::string_view /*reduce*/,
                          const std::optional<at::Tensor>& lengths,
                          const std::optional<at::Tensor>& /*indices*/,
                          const std::optional<at::Tensor>& offsets, int64_t axis, bool /*unsafe*/,
                          const std::optional<at::Scalar>& /*initial*/) {
  // Another axis is libtorch's to refuse.
  if (axis < 0 || axis >= data.dim()) {
    return;
  }
  int64_t size = data.size(axis);
  for (const auto& [counts, what] :
       {std::pair(&lengths, "lengths"), std::pair(&offsets, "offsets")}) {
    if (!counts->has_value() || !(*counts)->defined()) {
      continue;
    }
    const at::Tensor& tensor = **counts;
    TORCH_CHECK(tensor.dim() == axis + 1 && at::isIntegralType(tensor.scalar_type(), false),
                "Expected ", what, " of whole numbers and ", axis + 1, " dimensions, got ",
                tensor.scalar_type(), " of ", tensor.dim());
    TORCH_CHECK(tensor.sizes().slice(0, axis) == data.sizes().slice(0, axis), "Expected ", what,
                " of the data's size before the axis, ", data.sizes().slice(0, axis), ", got ",
                tensor.sizes().slice(0, axis));
    TORCH_CHECK_INDEX(all_between(tensor, 0, size), "Expected ", what, " between 0 and ", size,
                      ", the data's size along the axis");
  }
  if (lengths.has_value() && lengths->defined()) {
    TORCH_CHECK_INDEX(all_between(lengths->sum(-1), 0, size),
                      "Expected lengths that add up to at "
                      "most ",
                      size, ", the data's size along the axis");
  }
  if (offsets.has_value() && offsets->defined()) {
    TORCH_CHECK_INDEX(all_between(offsets->diff(1, -1), 0, size),
                      "Expected offsets not to decrease");
  }
}

void check_embedding_dense_backward(const at::Tensor& grad_output, const at::Tensor& indices,
                                    c10::SymInt num_weights, c10::SymInt /*padding_idx*/,
                                    bool /*scale_grad_by_freq*/) {
  TORCH_CHECK(indices.scalar_type() == at::kLong || indices.scalar_type() == at::kInt,
              "Expected indices of dtype int64 or int32, got ", indices.scalar_type());
  TORCH_CHECK(grad_output.dim() == indices.dim() + 1 &&
                  grad_output.sizes().slice(0, indices.sizes().size()) == indices.sizes(),
              "Expected grad_output of the size of indices, ", indices.sizes(),
              ", and one dimension more, got ", grad_output.sizes());
  // Counting how often each occurs writes at the indices.
  const int64_t rows = num_weights.guard_int(__FILE__, __LINE__);
  TORCH_CHECK_VALUE(rows >= 0, "Expected num_weights not to be negative, got ", rows);
  TORCH_CHECK_INDEX(all_between(indices, 0, rows - 1), "Expected indices between 0 and ", rows - 1);
}

void check_sparse_tensors() { at::globalContext().setCheckSparseTensorInvariants(true); }

void check_sparse_coo(const at::Tensor& indices, const at::Tensor& values, c10::SymIntArrayRef size,
                      std::optional<at::ScalarType> /*dtype*/, std::optional<at::Layout> /*layout*/,
                      std::optional<at::Device> /*device*/, std::optional<bool> /*pin_memory*/,
                      std::optional<bool> is_coalesced) {
  check_sparse_tensors();
  at::_validate_sparse_coo_tensor_args(indices, values, C10_AS_INTARRAYREF_SLOW(size),
                                       is_coalesced);
}

namespace {

constexpr int64_t kSobolBits = 30;

void check_sobol_tensor(const at::Tensor& tensor, at::IntArrayRef sizes, const char* what) {
  TORCH_CHECK(tensor.scalar_type() == at::kLong && tensor.sizes() == sizes, "Expected ", what,
              " to be int64 of size ", sizes, ", got ", tensor.scalar_type(), " of size ",
              tensor.sizes());
}

}  // namespace

void check_sobol_state(const at::Tensor& sobolstate, int64_t dimension) {
  constexpr int64_t kMaxDimension = 21201;  // of libtorch's table of direction numbers
  TORCH_CHECK_VALUE(dimension > 0 && dimension <= kMaxDimension,
                    "Expected dimension between 1 and ", kMaxDimension, ", got ", dimension);
  check_sobol_tensor(sobolstate, {dimension, kSobolBits}, "sobolstate");
}

void check_sobol_scramble(const at::Tensor& sobolstate, const at::Tensor& ltm, int64_t dimension) {
  check_sobol_state(sobolstate, dimension);
  check_sobol_tensor(ltm, {dimension, kSobolBits, kSobolBits}, "ltm");
}

void check_sobol_points(const at::Tensor& quasi, int64_t n, const at::Tensor& sobolstate,
                        int64_t dimension, int64_t num_generated) {
  constexpr int64_t kMaxCount = int64_t{1} << kSobolBits;
  TORCH_CHECK_VALUE(
      n >= 0 && num_generated >= 0 && n <= kMaxCount && num_generated <= kMaxCount - n,
      "Expected n and num_generated not to be negative and at most ", kMaxCount, " together, got ",
      n, " and ", num_generated);
  check_sobol_state(sobolstate, dimension);
  check_sobol_tensor(quasi, {dimension}, "quasi");
}

namespace {

/// Whether both tensors lie in memory in the same order, without holes; the strides of dimensions
/// of size 1 mean nothing.
bool same_memory_order(const at::Tensor& a, const at::Tensor& b) {
  if (!b.is_non_overlapping_and_dense()) {
    return false;
  }
  for (int64_t dim = 0; dim < a.dim(); dim++) {
    if (a.size(dim) > 1 && a.stride(dim) != b.stride(dim)) {
      return false;
    }
  }
  return true;
}

void check_matches(at::TensorList params, at::TensorList tensors, const char* what) {
  TORCH_CHECK(tensors.size() == params.size(), "Expected as many tensors in ", what,
              " as parameters, ", params.size(), ", got ", tensors.size());
  for (size_t i = 0; i < params.size(); i++) {
    TORCH_CHECK(tensors[i].defined() && tensors[i].layout() == at::kStrided &&
                    tensors[i].sizes() == params[i].sizes(),
                "Expected ", what, "[", i, "] to be dense and of the parameter's size ",
                params[i].sizes());
    TORCH_CHECK(tensors[i].device() == params[i].device(), "Expected ", what, "[", i,
                "] on the parameter's device ", params[i].device(), ", got ", tensors[i].device());
    TORCH_CHECK(same_memory_order(params[i], tensors[i]), "Expected ", what, "[", i,
                "] to lie in memory as the parameter does, strides ", params[i].strides(), ", got ",
                tensors[i].strides());
  }
}

void check_one_number(const std::optional<at::Tensor>& tensor, at::TensorList params,
                      const char* what) {
  if (tensor.has_value() && tensor->defined() && !params.empty()) {
    TORCH_CHECK(tensor->numel() == 1 && tensor->device() == params[0].device(), "Expected ", what,
                " to be one number on the parameters' device ", params[0].device(), ", got size ",
                tensor->sizes(), " on ", tensor->device());
  }
}

}  // namespace

void check_fused_step(at::TensorList params, at::TensorList grads,
                      std::initializer_list<at::TensorList> states,
                      std::optional<at::TensorList> state_steps,
                      const std::optional<at::Tensor>& grad_scale,
                      const std::optional<at::Tensor>& found_inf) {
  TORCH_CHECK(!params.empty(), "Expected at least one parameter");
  for (size_t i = 0; i < params.size(); i++) {
    TORCH_CHECK(params[i].defined() && params[i].layout() == at::kStrided &&
                    params[i].is_non_overlapping_and_dense(),
                "Expected parameter ", i, " to be dense, without holes or overlaps");
  }
  check_matches(params, grads, "grads");
  for (at::TensorList list : states) {
    check_matches(params, list, "a list of states");
  }
  if (state_steps.has_value()) {
    TORCH_CHECK(state_steps->size() == params.size(),
                "Expected as many tensors in state_steps as parameters, ", params.size(), ", got ",
                state_steps->size());
    for (const at::Tensor& step : *state_steps) {
      TORCH_CHECK(step.defined() && step.numel() == 1, "Expected each step to be one number");
    }
  }
  check_one_number(grad_scale, params, "grad_scale");
  check_one_number(found_inf, params, "found_inf");
}

}  // namespace pantorch::operators
