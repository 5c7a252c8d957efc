// Every wrong argument of a recurrent operator is refused with its own message, right ones pass.
#include "recurrent_checks.h"

#include <ATen/ATen.h>

#include "boxed_checks.h"
#include "expect.h"

using namespace pantorch::operators;

namespace {

constexpr int64_t kSteps = 3;
constexpr int64_t kBatch = 2;
constexpr int64_t kInput = 5;
constexpr int64_t kHidden = 6;

/// The arguments of a valid call, which each case then spoils.
struct Call {
  Gates gates = Gates::kLstm;
  at::Tensor input = at::zeros({kSteps, kBatch, kInput});
  at::Tensor batch_sizes;
  std::vector<at::Tensor> hx = {at::zeros({1, kBatch, kHidden}), at::zeros({1, kBatch, kHidden})};
  std::vector<at::Tensor> params = cell(4, kInput, kHidden, true);
  bool has_biases = true;
  int64_t num_layers = 1;
  bool bidirectional = false;
  bool batch_first = false;

  static std::vector<at::Tensor> cell(int64_t gates, int64_t input, int64_t output, bool biases) {
    std::vector<at::Tensor> weights = {at::zeros({gates * kHidden, input}),
                                       at::zeros({gates * kHidden, output})};
    if (biases) {
      weights.push_back(at::zeros({gates * kHidden}));
      weights.push_back(at::zeros({gates * kHidden}));
    }
    return weights;
  }

  void add(const std::vector<at::Tensor>& weights) {
    params.insert(params.end(), weights.begin(), weights.end());
  }

  void check() const {
    if (batch_sizes.defined()) {
      check_packed(gates, input, batch_sizes, hx, params, has_biases, num_layers, 0, false,
                   bidirectional);
    } else {
      check_padded(gates, input, hx, params, has_biases, num_layers, 0, false, bidirectional,
                   batch_first);
    }
  }
};

Call packed() {
  Call call;
  call.input = at::zeros({5, kInput});
  call.batch_sizes = at::tensor({2, 2, 1}, at::kLong);
  return call;
}

void refuse(Call call, const std::function<void(Call&)>& spoil, const std::string& message) {
  spoil(call);
  expect_message(message, [&] { call.check(); });
}

void should_accept_valid_calls() {
  Call().check();
  packed().check();
  Call gru;
  gru.gates = Gates::kGru;
  gru.hx.pop_back();
  gru.params = Call::cell(3, kInput, kHidden, true);
  gru.check();
  Call stacked;
  stacked.num_layers = 2;
  stacked.bidirectional = true;
  stacked.has_biases = false;
  stacked.batch_first = true;
  stacked.input = at::zeros({kBatch, kSteps, kInput});
  stacked.hx = {at::zeros({4, kBatch, kHidden}), at::zeros({4, kBatch, kHidden})};
  stacked.params = Call::cell(4, kInput, kHidden, false);
  stacked.add(Call::cell(4, kInput, kHidden, false));
  stacked.add(Call::cell(4, 2 * kHidden, kHidden, false));
  stacked.add(Call::cell(4, 2 * kHidden, kHidden, false));
  stacked.check();
  Call projected;
  projected.hx[0] = at::zeros({1, kBatch, 2});
  projected.params = Call::cell(4, kInput, 2, true);
  projected.add({at::zeros({2, kHidden})});
  projected.check();
}

void should_refuse_wrong_inputs() {
  refuse(
      {},
      [](Call& c) {
        c.input = at::zeros({kSteps, kInput});
      },
      "input must have 3 dimensions, got 2");
  refuse(
      {},
      [](Call& c) {
        c.input = at::zeros({kSteps, kBatch, 7});
      },
      "input.size(-1) must be equal to input_size. Expected 5, got 7");
  refuse(
      {},
      [](Call& c) {
        c.input = at::zeros({0, kBatch, kInput});
      },
      "Expected sequence length to be larger than 0 in RNN");
  refuse(
      {}, [](Call& c) { c.input = c.input.to(at::kDouble); },
      "RNN input dtype (float64) does not match weight dtype (float32)");
  refuse(
      {}, [](Call& c) { c.input = c.input.to_sparse(); },
      "input must be a dense tensor, got layout Sparse");
  refuse(
      {}, [](Call& c) { c.input = at::Tensor(); }, "input is an undefined tensor");
  refuse(
      {}, [](Call& c) { c.input = c.input.to(at::kMeta); },
      "Input and weight are not at the same device, found input at meta and weight at cpu");
}

void should_refuse_wrong_states() {
  refuse(
      {},
      [](Call& c) {
        c.hx[0] = at::zeros({1, 1, kHidden});
      },
      "Expected hidden[0] size (1, 2, 6), got [1, 1, 6]");
  refuse(
      {},
      [](Call& c) {
        c.hx[1] = at::zeros({1, kBatch, 60});
      },
      "Expected hidden[1] size (1, 2, 6), got [1, 2, 60]");
  refuse(
      {}, [](Call& c) { c.hx.pop_back(); }, "lstm expects two hidden states, got 1");
  refuse(
      {}, [](Call& c) { c.hx[0] = c.hx[0].to(at::kDouble); },
      "RNN input dtype (float32) does not match hidden[0] dtype (float64)");
  refuse(
      {}, [](Call& c) { c.batch_first = true; },
      "Expected hidden[0] size (1, 3, 6), got [1, 2, 6]");
}

void should_refuse_wrong_weights() {
  refuse(
      {}, [](Call& c) { c.params.pop_back(); },
      "got an incorrect number of RNN parameters. Expected 4 for 1 layers, 1 direction and "
      "biases, got 3");
  refuse(
      {}, [](Call& c) { c.params.clear(); },
      "got an incorrect number of RNN parameters: 0 for 1 layers");
  refuse(
      {}, [](Call& c) { c.num_layers = 0; }, "num_layers must be greater than zero, got 0");
  refuse(
      {}, [](Call& c) { c.num_layers = INT64_MAX; },
      "got an incorrect number of RNN parameters: 4 for 9223372036854775807 layers");
  refuse(
      {},
      [](Call& c) {
        c.params[0] = at::zeros({23, kInput});
      },
      "weight_ih_l0.size(0) must be 4 * hidden_size, got 23");
  refuse(
      {},
      [](Call& c) {
        c.params[1] = at::zeros({24, 7});
      },
      "Expected weight_hh_l0 size (24, 6), got [24, 7]");
  refuse(
      {}, [](Call& c) { c.params[2] = at::zeros({23}); },
      "Expected bias_ih_l0 size (24,), got [23]");
  refuse(
      {}, [](Call& c) { c.params[3] = c.params[3].to(at::kHalf); },
      "RNN input dtype (float32) does not match bias_hh_l0 dtype (float16)");
  refuse(
      {},
      [](Call& c) {
        c.add(Call::cell(4, kInput, kHidden, true));
        c.num_layers = 2;
      },
      "Expected weight_ih_l1 size (24, 6), got [24, 5]");
  refuse(
      {},
      [](Call& c) {
        c.params = Call::cell(4, kInput, kHidden, true);
        c.add({at::zeros({kHidden, kHidden})});
      },
      "proj_size has to be a positive number smaller than hidden_size, 6, got 6");
}

void should_refuse_wrong_batch_sizes() {
  refuse(
      packed(),
      [](Call& c) {
        c.batch_sizes = at::tensor({3, 2}, at::kLong);
      },
      "Expected hidden[0] size (1, 3, 6), got [1, 2, 6]");
  refuse(
      packed(),
      [](Call& c) {
        c.batch_sizes = at::tensor({2, 2}, at::kLong);
      },
      "batch_sizes must add up to data.size(0). Expected 5, got 4");
  refuse(
      packed(),
      [](Call& c) {
        c.batch_sizes = at::tensor({300, 200}, at::kLong);
      },
      "batch_sizes must add up to data.size(0), 5, but are more");
  refuse(
      packed(),
      [](Call& c) {
        c.batch_sizes = at::tensor({1, 2, 2}, at::kLong);
      },
      "batch_sizes must not increase, got 1 then 2 at position 1");
  refuse(
      packed(),
      [](Call& c) {
        c.batch_sizes = at::tensor({2, -1, 4}, at::kLong);
      },
      "batch_sizes must be positive, got -1 at position 1");
  refuse(
      packed(), [](Call& c) { c.batch_sizes = at::empty({0}, at::kLong); },
      "batch_sizes must not be empty");
  refuse(
      packed(), [](Call& c) { c.batch_sizes = c.batch_sizes.to(at::kInt); },
      "batch_sizes must be a contiguous 1-D int64 tensor on the CPU, got a 1-D int32 tensor on "
      "cpu");
  refuse(
      packed(), [](Call& c) { c.batch_sizes = at::tensor({1}, at::kLong).expand({5}); },
      "batch_sizes must be a contiguous 1-D int64 tensor on the CPU, got a 1-D int64 tensor on "
      "cpu, not contiguous");
}

void should_check_cells() {
  auto weights = Call::cell(3, kInput, kHidden, true);
  at::Tensor input = at::zeros({kBatch, kInput});
  at::Tensor hx = at::zeros({kBatch, kHidden});
  check_cell(Gates::kGru, input, hx, weights[0], weights[1], weights[2], weights[3]);
  check_cell(Gates::kGru, input, hx, weights[0], weights[1], std::nullopt, std::nullopt);
  expect_message("Expected hidden size (2, 6), got [3, 6]", [&] {
    check_cell(Gates::kGru, input, at::zeros({3, kHidden}), weights[0], weights[1], {}, {});
  });
  expect_message("weight_ih.size(0) must be 4 * hidden_size, got 18",
                 [&] { check_cell(Gates::kLstm, input, hx, weights[0], weights[1], {}, {}); });
  expect_message("Expected bias_hh size (18,), got [5]", [&] {
    check_cell(Gates::kGru, input, hx, weights[0], weights[1], weights[2], at::zeros({5}));
  });
}

void should_refuse_sizes_whose_products_are_beyond_all_numbers() {
  const int64_t huge = int64_t{1} << 62;  // 4 times this is 0 in 64 bits
  at::Tensor x = at::zeros({1, 4, 3});
  at::Tensor none = at::zeros({0});
  expect_message("hidden_size 4611686018427387904 is too large", [&] {
    check_layer(x, at::zeros({0, 3}), at::zeros({0, huge}), none, none, none, none, false, {}, 2,
                huge, 1, false, false, false, false);
  });
  at::Tensor wide = at::zeros({1, huge, 0});
  expect_message("Expected contiguous hidden[0] of size (4611686018427387904, 4), got [0]", [&] {
    check_layer(wide, at::zeros({16, 0}), at::zeros({16, 4}), none, none, none, none, false, {}, 2,
                4, 1, false, false, false, false);
  });
  at::Tensor weight = at::zeros({huge, 0});
  expect_message("hidden_size 4611686018427387904 is too large", [&] {
    check_padded(Gates::kRnn, at::zeros({1, 1, 0}), at::zeros({2, 1, 1}),
                 std::vector<at::Tensor>(4, weight), false, 1, 0, false, true, false);
  });
}

void should_check_packing() {
  at::Tensor input = at::zeros({kSteps, kBatch, kInput});
  check_pack(input, at::tensor({3, 1}, at::kLong), false);
  expect_message("Expected lengths of at most 3, the number of steps of input, got 4", [&] {
    check_pack(input, at::tensor({4, 1}, at::kLong), false);
  });
  expect_message("batch_sizes must add up to data.size(0). Expected 5, got 4", [&] {
    check_unpack(at::zeros({5, 1}), at::tensor({2, 2}, at::kLong), false, 0, -1);
  });
}

void should_check_boxed_calls() {
  Call call;
  auto stack = [&] {
    return std::vector<c10::IValue>{call.input,
                                    c10::List<at::Tensor>(c10::ArrayRef(call.hx)),
                                    c10::List<at::Tensor>(c10::ArrayRef(call.params)),
                                    true,
                                    1,
                                    0.0,
                                    false,
                                    false,
                                    false};
  };
  check_arguments("aten::lstm.input", stack());
  check_arguments("aten::add.Tensor", {});
  call.hx[0] = at::zeros({1, 1, kHidden});
  expect_message("Expected hidden[0] size (1, 2, 6), got [1, 1, 6]",
                 [&] { check_arguments("aten::lstm.input", stack()); });
  expect_message(
      "mkldnn_rnn_layer_backward reads an opaque workspace unchecked and is not callable: call "
      "backward() on a result of lstm instead",
      [&] {
        std::vector<c10::IValue> arguments(10, call.input);
        arguments.resize(13);  // no gradients
        for (const c10::IValue& value : std::vector<c10::IValue>{
                 false, 2, 1, 1, true, true, false, c10::List<int64_t>(), false, call.input}) {
          arguments.push_back(value);
        }
        check_arguments("aten::mkldnn_rnn_layer_backward", arguments);
      });
  expect_message("batch_sizes is an undefined tensor", [&] {
    check_arguments("aten::_pack_padded_sequence_backward",
                    {call.input, c10::List<int64_t>({2, 3}), at::Tensor(), false});
  });
  expect_message("batch_sizes must add up to data.size(0). Expected 3, got 2", [] {
    check_arguments("aten::quantized_gru.data", {at::zeros({3, 1}), at::tensor({2}, at::kLong)});
  });
}

}  // namespace

int main() {
  should_accept_valid_calls();
  should_refuse_wrong_inputs();
  should_refuse_wrong_states();
  should_refuse_wrong_weights();
  should_refuse_wrong_batch_sizes();
  should_check_cells();
  should_refuse_sizes_whose_products_are_beyond_all_numbers();
  should_check_packing();
  should_check_boxed_calls();
}
