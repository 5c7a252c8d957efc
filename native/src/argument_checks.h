#pragma once

/// Checks before the call for operators whose CPU kernels read past their arguments instead of
/// refusing them: found by calling every operator with wrong arguments. The recurrent ones are in
/// recurrent_checks.h, those of resize_ in resize_checks.h. They throw c10::Error, and take what
/// the operator takes, unused parts unnamed.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace pantorch::operators {

/// Whether all numbers of a CPU tensor lie between these; elsewhere the device looks itself.
bool all_between(const at::Tensor& tensor, int64_t least, int64_t greatest);

/// native_batch_norm, _native_batch_norm_legit: weights and statistics of one number a channel;
/// outside of training the statistics must be there.
void check_native_batch_norm(const at::Tensor& input, const std::optional<at::Tensor>& weight,
                             const std::optional<at::Tensor>& bias,
                             const std::optional<at::Tensor>& running_mean,
                             const std::optional<at::Tensor>& running_var, bool training,
                             double momentum, double eps);

/// _native_batch_norm_legit.no_stats has none, so that it must be training.
void check_batch_norm_without_statistics(const at::Tensor& input,
                                         const std::optional<at::Tensor>& weight,
                                         const std::optional<at::Tensor>& bias, bool training,
                                         double momentum, double eps);

/// _batch_norm_with_update, which is always training.
void check_batch_norm_with_update(const at::Tensor& input, const std::optional<at::Tensor>& weight,
                                  const std::optional<at::Tensor>& bias,
                                  const at::Tensor& running_mean, const at::Tensor& running_var,
                                  double momentum, double eps);

/// native_batch_norm_backward: what the forward pass saved, or the running statistics outside of
/// training.
void check_native_batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                                      const std::optional<at::Tensor>& weight,
                                      const std::optional<at::Tensor>& running_mean,
                                      const std::optional<at::Tensor>& running_var,
                                      const std::optional<at::Tensor>& save_mean,
                                      const std::optional<at::Tensor>& save_invstd, bool train,
                                      double eps, std::array<bool, 3> output_mask);

/// lu_unpack: one pivot for each row that was exchanged.
void check_lu_unpack(const at::Tensor& lu, const at::Tensor& pivots, bool unpack_data,
                     bool unpack_pivots);

/// _weight_norm, _weight_norm_interface: one length for each slice of the first or last dimension.
void check_weight_norm(const at::Tensor& v, const at::Tensor& g, int64_t dim);

/// segment_reduce reads offsets and lengths without comparing them with what there is.
void check_segment_reduce(const at::Tensor& data, std::string_view reduce,
                          const std::optional<at::Tensor>& lengths,
                          const std::optional<at::Tensor>& indices,
                          const std::optional<at::Tensor>& offsets, int64_t axis, bool unsafe,
                          const std::optional<at::Scalar>& initial);

void check_embedding_dense_backward(const at::Tensor& grad_output, const at::Tensor& indices,
                                    c10::SymInt num_weights, c10::SymInt padding_idx,
                                    bool scale_grad_by_freq);

/// quantized_lstm_cell reads two states without counting them.
template <class... Rest>
void check_two_states(const at::Tensor& /*input*/, at::TensorList hx, const Rest&...) {
  TORCH_CHECK(hx.size() == 2, "lstm_cell expects two hidden states, got ", hx.size());
}

/// _sobol_engine_initialize_state_: the state (dimension, 30).
void check_sobol_state(const at::Tensor& sobolstate, int64_t dimension);

/// _sobol_engine_scramble_: the state and the matrices (dimension, 30, 30).
void check_sobol_scramble(const at::Tensor& sobolstate, const at::Tensor& ltm, int64_t dimension);

/// _sobol_engine_ff_, _sobol_engine_draw: the last point (dimension) and the state.
void check_sobol_points(const at::Tensor& quasi, int64_t n, const at::Tensor& sobolstate,
                        int64_t dimension, int64_t num_generated);

/// _sobol_engine_draw takes a dtype, too.
inline void check_sobol_points(const at::Tensor& quasi, int64_t n, const at::Tensor& sobolstate,
                               int64_t dimension, int64_t num_generated,
                               std::optional<at::ScalarType> /*dtype*/) {
  check_sobol_points(quasi, n, sobolstate, dimension, num_generated);
}

/// Constructors of sparse tensors take indices unseen, which crash what reads them later. libtorch
/// can look, for all sparse tensors or for none: from the first constructor on it does.
void check_sparse_tensors();
template <class... Arguments>
void check_sparse(const Arguments&...) {
  check_sparse_tensors();
}

/// _sparse_coo_tensor_unsafe looks at nothing even then.
void check_sparse_coo(const at::Tensor& indices, const at::Tensor& values, c10::SymIntArrayRef size,
                      std::optional<at::ScalarType> dtype, std::optional<at::Layout> layout,
                      std::optional<at::Device> device, std::optional<bool> pin_memory,
                      std::optional<bool> is_coalesced);

/// The fused optimizer steps walk over parameters, gradients and states at once, by the parameter's
/// size and without regard to strides: each list must match the parameters in number, size and
/// memory order.
void check_fused_step(at::TensorList params, at::TensorList grads,
                      std::initializer_list<at::TensorList> states,
                      std::optional<at::TensorList> state_steps,
                      const std::optional<at::Tensor>& grad_scale,
                      const std::optional<at::Tensor>& found_inf);

/// _fused_adam_, _fused_adamw_; the learning rate is a number or a tensor.
template <class LearningRate>
void check_fused_adam(at::TensorList self, at::TensorList grads, at::TensorList exp_avgs,
                      at::TensorList exp_avg_sqs, at::TensorList max_exp_avg_sqs,
                      at::TensorList state_steps, LearningRate /*lr*/, double /*beta1*/,
                      double /*beta2*/, double /*weight_decay*/, double /*eps*/, bool amsgrad,
                      bool /*maximize*/, const std::optional<at::Tensor>& grad_scale,
                      const std::optional<at::Tensor>& found_inf) {
  if (amsgrad) {
    check_fused_step(self, grads, {exp_avgs, exp_avg_sqs, max_exp_avg_sqs}, state_steps, grad_scale,
                     found_inf);
  } else {
    check_fused_step(self, grads, {exp_avgs, exp_avg_sqs}, state_steps, grad_scale, found_inf);
  }
}

/// _fused_sgd_: without momentum it needs no buffers.
template <class LearningRate>
void check_fused_sgd(at::TensorList self, at::TensorList grads, at::TensorList momentum_buffer_list,
                     double /*weight_decay*/, double momentum, LearningRate /*lr*/,
                     double /*dampening*/, bool /*nesterov*/, bool /*maximize*/,
                     bool /*is_first_step*/, const std::optional<at::Tensor>& grad_scale,
                     const std::optional<at::Tensor>& found_inf) {
  if (momentum != 0 || !momentum_buffer_list.empty()) {
    check_fused_step(self, grads, {momentum_buffer_list}, std::nullopt, grad_scale, found_inf);
  } else {
    check_fused_step(self, grads, {}, std::nullopt, grad_scale, found_inf);
  }
}

/// _fused_adagrad_
template <class LearningRate>
void check_fused_adagrad(at::TensorList self, at::TensorList grads, at::TensorList state_sums,
                         at::TensorList state_steps, LearningRate /*lr*/, double /*lr_decay*/,
                         double /*weight_decay*/, double /*eps*/, bool /*maximize*/,
                         const std::optional<at::Tensor>& grad_scale,
                         const std::optional<at::Tensor>& found_inf) {
  check_fused_step(self, grads, {state_sums}, state_steps, grad_scale, found_inf);
}

/// The labels index log_probs: each has to be one of its classes.
void check_ctc_targets(const at::Tensor& log_probs, const at::Tensor& targets,
                       at::IntArrayRef target_lengths);
void check_ctc_targets(const at::Tensor& log_probs, const at::Tensor& targets,
                       const at::Tensor& target_lengths);

/// ctc_loss, _ctc_loss; lengths are a list or a tensor.
template <class Lengths, class... Rest>
void check_ctc_loss(const at::Tensor& log_probs, const at::Tensor& targets,
                    const Lengths& /*input_lengths*/, const Lengths& target_lengths,
                    const Rest&... /*rest*/) {
  check_ctc_targets(log_probs, targets, target_lengths);
}

}  // namespace pantorch::operators
