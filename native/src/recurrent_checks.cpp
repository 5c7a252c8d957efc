#include "recurrent_checks.h"

#include <ATen/autocast_mode.h>
#include <c10/util/safe_numerics.h>

#include <limits>
#include <string>

namespace pantorch::operators {
namespace {

std::string dtype_name(const at::Tensor& tensor) {
  return std::string(c10::getDtypeNames(tensor.scalar_type()).first);
}

/// Sizes in the form that Python's messages give to what was expected: "(2, 3, 20)".
std::string expected_sizes(at::IntArrayRef sizes) {
  std::string text = "(";
  for (size_t i = 0; i < sizes.size(); i++) {
    text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  }
  return text + (sizes.size() == 1 ? ",)" : ")");
}

void check_size(const at::Tensor& tensor, at::IntArrayRef expected, const std::string& what) {
  TORCH_CHECK(tensor.sizes() == expected, "Expected ", what, " size ", expected_sizes(expected),
              ", got ", tensor.sizes());
}

/// What the kernels read directly must be plain memory on the input's device, of the input's dtype.
void check_kind(const at::Tensor& tensor, const at::Tensor& input, const std::string& what) {
  TORCH_CHECK(tensor.defined(), what, " is an undefined tensor");
  TORCH_CHECK(tensor.layout() == at::kStrided, what, " must be a dense tensor, got layout ",
              tensor.layout());
  TORCH_CHECK(tensor.device() == input.device(), "Input and ", what,
              " are not at the same device, found input at ", input.device(), " and ", what, " at ",
              tensor.device());
  // Under autocast the operator converts input and weights to one dtype itself.
  TORCH_CHECK_VALUE(tensor.scalar_type() == input.scalar_type() ||
                        at::autocast::is_autocast_enabled(input.device().type()),
                    "RNN input dtype (", dtype_name(input), ") does not match ", what, " dtype (",
                    dtype_name(tensor), ")");
}

/// A larger one has more weights than there is memory, and what it is multiplied with need not fit
/// a number: tensors without elements have sizes without bounds.
void check_hidden_size(int64_t hidden_size) {
  TORCH_CHECK_VALUE(hidden_size <= std::numeric_limits<int32_t>::max(), "hidden_size ", hidden_size,
                    " is too large");
}

bool has_elements_of(const at::Tensor& tensor, at::IntArrayRef sizes) {
  uint64_t product = 0;
  const bool overflows = c10::safe_multiplies_u64(sizes, &product);
  return !overflows && static_cast<uint64_t>(tensor.numel()) == product;
}

void check_input(const at::Tensor& input, int64_t dims) {
  TORCH_CHECK(input.defined(), "input is an undefined tensor");
  TORCH_CHECK(input.layout() == at::kStrided, "input must be a dense tensor, got layout ",
              input.layout());
  TORCH_CHECK(input.dim() == dims, "input must have ", dims, " dimensions, got ", input.dim());
}

/// The sizes that a stack of recurrent layers has, read off the first layer's weights.
struct Layers {
  int64_t gates;
  int64_t input_size;
  int64_t hidden_size;
  int64_t proj_size;  // 0 without a projection
  int64_t num_layers;
  int64_t num_directions;
  bool has_biases;

  int64_t output_size() const { return proj_size > 0 ? proj_size : hidden_size; }
};

std::string weight_name(const char* kind, int64_t layer, int64_t direction) {
  return std::string(kind) + "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
}

Layers read_layers(Gates kind, at::TensorList params, bool has_biases, int64_t num_layers,
                   bool bidirectional) {
  auto gates = static_cast<int64_t>(kind);
  TORCH_CHECK_VALUE(num_layers > 0, "num_layers must be greater than zero, got ", num_layers);
  int64_t directions = bidirectional ? 2 : 1;
  int64_t per_cell = has_biases ? 4 : 2;
  auto given = static_cast<int64_t>(params.size());
  TORCH_CHECK(num_layers <= given, "got an incorrect number of RNN parameters: ", given, " for ",
              num_layers, " layers");
  int64_t cells = num_layers * directions;
  bool projected = kind == Gates::kLstm && given == cells * (per_cell + 1);
  TORCH_CHECK(projected || given == cells * per_cell,
              "got an incorrect number of RNN parameters. Expected ", cells * per_cell, " for ",
              num_layers, " layers, ", directions, bidirectional ? " directions" : " direction",
              has_biases ? " and biases" : " and no biases", ", got ", given);
  const at::Tensor& w_ih = params[0];
  TORCH_CHECK(w_ih.defined() && w_ih.dim() == 2, "weight_ih_l0 must have 2 dimensions");
  TORCH_CHECK(w_ih.size(0) > 0 && w_ih.size(0) % gates == 0, "weight_ih_l0.size(0) must be ", gates,
              " * hidden_size, got ", w_ih.size(0));
  int64_t hidden_size = w_ih.size(0) / gates;
  check_hidden_size(hidden_size);
  int64_t proj_size = 0;
  if (projected) {
    const at::Tensor& w_hr = params[static_cast<size_t>(per_cell)];
    TORCH_CHECK(w_hr.defined() && w_hr.dim() == 2, "weight_hr_l0 must have 2 dimensions");
    proj_size = w_hr.size(0);
    TORCH_CHECK(proj_size > 0 && proj_size < hidden_size,
                "proj_size has to be a positive number smaller than hidden_size, ", hidden_size,
                ", got ", proj_size);
  }
  return {gates, w_ih.size(1), hidden_size, proj_size, num_layers, directions, has_biases};
}

void check_weights(const Layers& layers, const at::Tensor& input, at::TensorList params) {
  size_t next = 0;
  auto check = [&](const char* kind, int64_t layer, int64_t direction, at::IntArrayRef expected) {
    const at::Tensor& weight = params[next++];
    // The names are built on failure only.
    if (!weight.defined() || weight.layout() != at::kStrided || weight.sizes() != expected ||
        weight.device() != input.device() || weight.scalar_type() != input.scalar_type()) {
      std::string name = weight_name(kind, layer, direction);
      check_kind(weight, input, name);
      check_size(weight, expected, name);
    }
  };
  int64_t rows = layers.gates * layers.hidden_size;
  for (int64_t layer = 0; layer < layers.num_layers; layer++) {
    int64_t features =
        layer == 0 ? layers.input_size : layers.output_size() * layers.num_directions;
    for (int64_t direction = 0; direction < layers.num_directions; direction++) {
      check("weight_ih", layer, direction, {rows, features});
      check("weight_hh", layer, direction, {rows, layers.output_size()});
      if (layers.has_biases) {
        check("bias_ih", layer, direction, {rows});
        check("bias_hh", layer, direction, {rows});
      }
      if (layers.proj_size > 0) {
        check("weight_hr", layer, direction, {layers.proj_size, layers.hidden_size});
      }
    }
  }
}

void check_states(Gates kind, const at::Tensor& input, at::TensorList hx,
                  at::IntArrayRef hidden_sizes, at::IntArrayRef cell_sizes) {
  bool lstm = kind == Gates::kLstm;
  TORCH_CHECK(hx.size() == (lstm ? 2 : 1),
              lstm ? "lstm expects two hidden states, got " : "expected one hidden state, got ",
              hx.size());
  check_kind(hx[0], input, lstm ? "hidden[0]" : "hidden");
  check_size(hx[0], hidden_sizes, lstm ? "hidden[0]" : "hidden");
  if (lstm) {
    check_kind(hx[1], input, "hidden[1]");
    check_size(hx[1], cell_sizes, "hidden[1]");
  }
}

void check_stack(Gates kind, const at::Tensor& input, int64_t batch, at::TensorList hx,
                 at::TensorList params, bool has_biases, int64_t num_layers, bool bidirectional) {
  Layers layers = read_layers(kind, params, has_biases, num_layers, bidirectional);
  check_kind(params[0], input, "weight");
  TORCH_CHECK(input.size(-1) == layers.input_size,
              "input.size(-1) must be equal to input_size. Expected ", layers.input_size, ", got ",
              input.size(-1));
  check_weights(layers, input, params);
  int64_t cells = layers.num_layers * layers.num_directions;
  check_states(kind, input, hx, {cells, batch, layers.output_size()},
               {cells, batch, layers.hidden_size});
}

}  // namespace

at::IntArrayRef check_counts(const at::Tensor& tensor, const char* what) {
  TORCH_CHECK(tensor.defined(), what, " is an undefined tensor");
  TORCH_CHECK(tensor.device().is_cpu() && tensor.layout() == at::kStrided &&
                  tensor.scalar_type() == at::kLong && tensor.dim() == 1 && tensor.is_contiguous(),
              what, " must be a contiguous 1-D int64 tensor on the CPU, got a ", tensor.dim(),
              "-D ", dtype_name(tensor), " tensor on ", tensor.device(),
              tensor.layout() == at::kStrided && !tensor.is_contiguous() ? ", not contiguous" : "");
  return at::IntArrayRef(tensor.const_data_ptr<int64_t>(), static_cast<size_t>(tensor.numel()));
}

at::IntArrayRef check_batch_sizes(const at::Tensor& batch_sizes, int64_t rows) {
  at::IntArrayRef sizes = check_counts(batch_sizes, "batch_sizes");
  TORCH_CHECK(!sizes.empty(), "batch_sizes must not be empty");
  int64_t sum = 0;
  for (size_t i = 0; i < sizes.size(); i++) {
    TORCH_CHECK(sizes[i] > 0, "batch_sizes must be positive, got ", sizes[i], " at position ", i);
    TORCH_CHECK(i == 0 || sizes[i] <= sizes[i - 1], "batch_sizes must not increase, got ",
                sizes[i - 1], " then ", sizes[i], " at position ", i);
    // Each is compared with what is left, so that the sum cannot overflow.
    TORCH_CHECK(sizes[i] <= rows - sum, "batch_sizes must add up to data.size(0), ", rows,
                ", but are more");
    sum += sizes[i];
  }
  TORCH_CHECK(sum == rows, "batch_sizes must add up to data.size(0). Expected ", rows, ", got ",
              sum);
  return sizes;
}

void check_padded(Gates gates, const at::Tensor& input, at::TensorList hx, at::TensorList params,
                  bool has_biases, int64_t num_layers, double /*dropout*/, bool /*train*/,
                  bool bidirectional, bool batch_first) {
  check_input(input, 3);
  TORCH_CHECK(input.size(batch_first ? 1 : 0) > 0,
              "Expected sequence length to be larger than 0 in RNN");
  check_stack(gates, input, input.size(batch_first ? 0 : 1), hx, params, has_biases, num_layers,
              bidirectional);
}

void check_packed(Gates gates, const at::Tensor& data, const at::Tensor& batch_sizes,
                  at::TensorList hx, at::TensorList params, bool has_biases, int64_t num_layers,
                  double /*dropout*/, bool /*train*/, bool bidirectional) {
  check_input(data, 2);
  at::IntArrayRef sizes = check_batch_sizes(batch_sizes, data.size(0));
  check_stack(gates, data, sizes[0], hx, params, has_biases, num_layers, bidirectional);
}

void check_cell(Gates gates, const at::Tensor& input, at::TensorList hx, const at::Tensor& w_ih,
                const at::Tensor& w_hh, const std::optional<at::Tensor>& b_ih,
                const std::optional<at::Tensor>& b_hh) {
  check_input(input, 2);
  auto stacked = static_cast<int64_t>(gates);
  check_kind(w_ih, input, "weight_ih");
  check_kind(w_hh, input, "weight_hh");
  TORCH_CHECK(w_ih.dim() == 2, "weight_ih must have 2 dimensions, got ", w_ih.dim());
  TORCH_CHECK(w_ih.size(0) % stacked == 0, "weight_ih.size(0) must be ", stacked,
              " * hidden_size, got ", w_ih.size(0));
  int64_t hidden_size = w_ih.size(0) / stacked;
  TORCH_CHECK(input.size(1) == w_ih.size(1),
              "input.size(-1) must be equal to input_size. Expected ", w_ih.size(1), ", got ",
              input.size(1));
  check_size(w_hh, {w_ih.size(0), hidden_size}, "weight_hh");
  for (const auto& [bias, name] : {std::pair(&b_ih, "bias_ih"), std::pair(&b_hh, "bias_hh")}) {
    if (bias->has_value() && (*bias)->defined()) {
      check_kind(**bias, input, name);
      check_size(**bias, {w_ih.size(0)}, name);
    }
  }
  check_states(gates, input, hx, {input.size(0), hidden_size}, {input.size(0), hidden_size});
}

void check_layer(const at::Tensor& input, const at::Tensor& weight_ih, const at::Tensor& weight_hh,
                 const at::Tensor& bias_ih, const at::Tensor& bias_hh, const at::Tensor& hx,
                 const at::Tensor& cx, bool /*reverse*/, at::IntArrayRef batch_sizes, int64_t mode,
                 int64_t hidden_size, int64_t /*num_layers*/, bool has_biases,
                 bool /*bidirectional*/, bool /*batch_first*/, bool /*train*/) {
  constexpr int64_t kLstmMode = 2;  // oneDNN's number; the kernel runs an LSTM whatever it is
  TORCH_CHECK_VALUE(mode == kLstmMode, "mode must be 2 (LSTM), got ", mode);
  TORCH_CHECK_VALUE(batch_sizes.empty(), "batch_sizes must be empty, got ", batch_sizes.size(),
                    " values: the kernel takes no packed sequence");
  TORCH_CHECK_VALUE(hidden_size > 0, "hidden_size must be greater than zero, got ", hidden_size);
  check_hidden_size(hidden_size);
  check_input(input, 3);
  TORCH_CHECK(input.size(0) > 0, "Expected sequence length to be larger than 0 in RNN");
  int64_t rows = 4 * hidden_size;
  auto check_weight = [&](const at::Tensor& weight, at::IntArrayRef sizes, const char* what) {
    if (weight.defined() && weight.is_mkldnn()) {
      // Packed ahead of time: its sizes are in the kernel's own order.
      TORCH_CHECK(has_elements_of(weight, sizes), "Expected ", what, " of as many elements as ",
                  expected_sizes(sizes), " has, got ", weight.numel());
    } else {
      check_kind(weight, input, what);
      check_size(weight, sizes, what);
    }
  };
  check_weight(weight_ih, {rows, input.size(2)}, "weight_ih");
  check_weight(weight_hh, {rows, hidden_size}, "weight_hh");
  if (has_biases) {
    check_weight(bias_ih, {rows}, "bias_ih");
    check_weight(bias_hh, {rows}, "bias_hh");
  }
  TORCH_CHECK(input.is_contiguous(), "input must be contiguous");
  for (const auto& [state, name] : {std::pair(&hx, "hidden[0]"), std::pair(&cx, "hidden[1]")}) {
    check_kind(*state, input, name);
    TORCH_CHECK(state->is_contiguous() && has_elements_of(*state, {input.size(1), hidden_size}),
                "Expected contiguous ", name, " of size ",
                expected_sizes({input.size(1), hidden_size}), ", got ", state->sizes());
  }
}

void check_pack(const at::Tensor& input, const at::Tensor& lengths, bool batch_first) {
  TORCH_CHECK(input.defined() && input.dim() >= 2, "input must have at least 2 dimensions, got ",
              input.dim());
  int64_t steps = input.size(batch_first ? 1 : 0);
  for (int64_t length : check_counts(lengths, "lengths")) {
    TORCH_CHECK(length <= steps, "Expected lengths of at most ", steps,
                ", the number of steps of input, got ", length);
  }
}

void check_pack_backward(const at::Tensor& /*grad*/, c10::SymIntArrayRef /*input_size*/,
                         const at::Tensor& batch_sizes, bool /*batch_first*/) {
  check_counts(batch_sizes, "batch_sizes");
}

void check_unpack(const at::Tensor& data, const at::Tensor& batch_sizes, bool /*batch_first*/,
                  const at::Scalar& /*padding_value*/, int64_t /*total_length*/) {
  TORCH_CHECK(data.defined() && data.dim() >= 1, "data must have at least 1 dimension, got ",
              data.dim());
  check_batch_sizes(batch_sizes, data.size(0));
}

}  // namespace pantorch::operators
