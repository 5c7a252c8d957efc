#pragma once

/// Checks of the arguments of recurrent operators, before the call.
///
/// libtorch's recurrent kernels on CPU (oneDNN) trust their arguments: a hidden state with too
/// small a batch corrupts the heap, a weight of another size gives garbage. Python checks in
/// nn.LSTM, which is one of several ways to these operators; here every way passes the checks. They
/// throw c10::Error (c10::ValueError for a wrong dtype, as Python) with messages in the words of
/// nn.LSTM, and cost well under a microsecond.

#include <ATen/core/Tensor.h>
#include <c10/core/SymIntArrayRef.h>

#include <cstdint>
#include <optional>

namespace pantorch::operators {

/// The kinds of recurrent cell by how many gates a weight stacks; a tanh or relu cell is one gate.
enum class Gates : int64_t { kRnn = 1, kGru = 3, kLstm = 4 };

/// For lstm.input, gru.input, rnn_tanh.input, rnn_relu.input.
void check_padded(Gates gates, const at::Tensor& input, at::TensorList hx, at::TensorList params,
                  bool has_biases, int64_t num_layers, double dropout, bool train,
                  bool bidirectional, bool batch_first);

/// For lstm.data, gru.data, rnn_tanh.data, rnn_relu.data: a packed sequence.
void check_packed(Gates gates, const at::Tensor& data, const at::Tensor& batch_sizes,
                  at::TensorList hx, at::TensorList params, bool has_biases, int64_t num_layers,
                  double dropout, bool train, bool bidirectional);

/// For lstm_cell, gru_cell, rnn_tanh_cell, rnn_relu_cell.
void check_cell(Gates gates, const at::Tensor& input, at::TensorList hx, const at::Tensor& w_ih,
                const at::Tensor& w_hh, const std::optional<at::Tensor>& b_ih,
                const std::optional<at::Tensor>& b_hh);

/// For mkldnn_rnn_layer, the kernel itself: one layer in one direction.
void check_layer(const at::Tensor& input, const at::Tensor& weight_ih, const at::Tensor& weight_hh,
                 const at::Tensor& bias_ih, const at::Tensor& bias_hh, const at::Tensor& hx,
                 const at::Tensor& cx, bool reverse, at::IntArrayRef batch_sizes, int64_t mode,
                 int64_t hidden_size, int64_t num_layers, bool has_biases, bool bidirectional,
                 bool batch_first, bool train);

/// For mkldnn_rnn_layer_backward: the size of its workspace is known to oneDNN only; backward()
/// does not come this way.
template <class... Arguments>
void refuse_layer_backward(const Arguments&... /*arguments*/) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      false,
      "mkldnn_rnn_layer_backward reads an opaque workspace unchecked and is not callable: "
      "call backward() on a result of lstm instead");
}

/// For _pack_padded_sequence.
void check_pack(const at::Tensor& input, const at::Tensor& lengths, bool batch_first);

/// For _pack_padded_sequence_backward.
void check_pack_backward(const at::Tensor& grad, c10::SymIntArrayRef input_size,
                         const at::Tensor& batch_sizes, bool batch_first);

/// For _pad_packed_sequence.
void check_unpack(const at::Tensor& data, const at::Tensor& batch_sizes, bool batch_first,
                  const at::Scalar& padding_value, int64_t total_length);

/// What those read unchecked: counts as a contiguous 1-D int64 tensor on the CPU.
at::IntArrayRef check_counts(const at::Tensor& tensor, const char* what);

/// The sizes of the mini-batches of a packed sequence: positive, not growing, as many rows in all
/// as `data` has.
at::IntArrayRef check_batch_sizes(const at::Tensor& batch_sizes, int64_t rows);

}  // namespace pantorch::operators
