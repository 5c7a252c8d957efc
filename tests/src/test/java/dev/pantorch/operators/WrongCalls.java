// One long list: each operator that is checked has arguments of its own.
package dev.pantorch.operators;

import dev.pantorch.DType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A call for each row of the generator's `argument-checks.txt` that the shim refuses, because the
/// kernel would not.
final class WrongCalls {
  private static final long LOWEST = Long.MIN_VALUE;

  /// A wrong call.
  ///
  /// @param arguments in the order of the schema
  /// @param message what the check says to it
  record WrongCall(List<@Nullable Object> arguments, String message) {}

  private final Map<String, WrongCall> calls = new LinkedHashMap<>();

  /// The calls by the operator's name and overload; their tensors are the caller's scope's.
  static Map<String, WrongCall> all() {
    WrongCalls wrong = new WrongCalls();
    wrong.recurrent();
    wrong.packed();
    wrong.memory();
    wrong.normalization();
    wrong.sparse();
    wrong.optimizers();
    wrong.numbers();
    wrong.embeddings();
    wrong.attention();
    wrong.convolutions();
    wrong.padding();
    wrong.pooling();
    wrong.losses();
    wrong.quantization();
    wrong.layouts();
    wrong.nested();
    return wrong.calls;
  }

  private void add(String message, List<@Nullable Object> arguments, String... names) {
    for (String name : names) {
      if (calls.put(name, new WrongCall(arguments, message)) != null) {
        throw new IllegalArgumentException("twice: " + name);
      }
    }
  }

  private static List<@Nullable Object> args(@Nullable Object... arguments) {
    return Arrays.asList(arguments);
  }

  private static Tensor zeros(long... size) {
    return Torch.zeros(size);
  }

  private static Tensor ones(long... size) {
    return Torch.ones(size);
  }

  private static Tensor longs(long... numbers) {
    return Torch.tensor(numbers);
  }

  private static Tensor noLongs(long... size) {
    return Torch.zeros(DType.INT64, size);
  }

  private static long[] ints(long... numbers) {
    return numbers;
  }

  private static List<Tensor> weights(long gates) {
    return List.of(zeros(gates * 4, 5), zeros(gates * 4, 4), zeros(gates * 4), zeros(gates * 4));
  }

  private static Tensor quantized() {
    return Torch.op("aten::quantize_per_tensor").callTensor(ones(4), 0.1, 0, DType.QUINT8);
  }

  private static Tensor withoutMemory() {
    return Torch.op("aten::_efficientzerotensor").callTensor(ints(2), DType.FLOAT32);
  }

  private void recurrent() {
    String hidden = "Expected hidden[0] size (1, 2, 4), got [1, 2, 9]";
    String state = "Expected hidden size (1, 2, 4), got [1, 2, 9]";
    Tensor x = zeros(2, 3, 5);
    Tensor wide = zeros(1, 2, 9);
    add(
        hidden,
        args(x, List.of(wide, wide), weights(4), true, 1L, 0.0, false, false, true),
        "lstm.input");
    add(state, args(x, wide, weights(3), true, 1L, 0.0, false, false, true), "gru.input");
    add(
        state,
        args(x, wide, weights(1), true, 1L, 0.0, false, false, true),
        "rnn_tanh.input",
        "rnn_relu.input");
    String more = "batch_sizes must add up to data.size(0), 6, but are more";
    Tensor data = zeros(6, 5);
    Tensor sizes = longs(4, 4);
    Tensor four = zeros(1, 4, 4);
    add(
        more,
        args(data, sizes, List.of(four, four), weights(4), true, 1L, 0.0, false, false),
        "lstm.data");
    add(more, args(data, sizes, four, weights(3), true, 1L, 0.0, false, false), "gru.data");
    add(
        more,
        args(data, sizes, four, weights(1), true, 1L, 0.0, false, false),
        "rnn_tanh.data",
        "rnn_relu.data");
    String cell = "Expected hidden size (2, 4), got [2, 9]";
    Tensor step = zeros(2, 5);
    Tensor narrow = zeros(2, 9);
    add(
        "Expected hidden[0] size (2, 4), got [2, 9]",
        args(step, List.of(narrow, narrow), zeros(16, 5), zeros(16, 4), null, null),
        "lstm_cell");
    add(cell, args(step, narrow, zeros(12, 5), zeros(12, 4), null, null), "gru_cell");
    add(
        cell,
        args(step, narrow, zeros(4, 5), zeros(4, 4), null, null),
        "rnn_tanh_cell",
        "rnn_relu_cell");
    add(
        "Expected contiguous hidden[0] of size (3, 4), got [1, 3, 9]",
        args(
            x,
            zeros(16, 5),
            zeros(16, 4),
            zeros(16),
            zeros(16),
            zeros(1, 3, 9),
            zeros(1, 3, 4),
            false,
            ints(),
            2L,
            4L,
            1L,
            true,
            false,
            false,
            false),
        "mkldnn_rnn_layer");
    add(
        "mkldnn_rnn_layer_backward reads an opaque workspace unchecked and is not callable: call"
            + " backward() on a result of lstm instead",
        args(
            x, x, x, x, x, x, x, x, x, x, null, null, null, false, 2L, 4L, 1L, true, false, false,
            ints(), false, x),
        "mkldnn_rnn_layer_backward");
    add(
        "lstm_cell expects two hidden states, got 1",
        args(step, List.of(step), x, x, x, x, x, x, x, x, 1L, 1L, 0L, 0L),
        "quantized_lstm_cell");
  }

  private void packed() {
    add(
        "Expected lengths of at most 3, the number of steps of input, got 4",
        args(zeros(3, 2, 5), longs(4, 1), false),
        "_pack_padded_sequence");
    add(
        "batch_sizes must be a contiguous 1-D int64 tensor on the CPU, got a 1-D float32 tensor on"
            + " cpu",
        args(zeros(4, 1), ints(2, 2, 1), zeros(2), false),
        "_pack_padded_sequence_backward");
    add(
        "batch_sizes must add up to data.size(0). Expected 5, got 4",
        args(zeros(5, 1), longs(2, 2), false, 0L, -1L),
        "_pad_packed_sequence");
  }

  private void memory() {
    String resized = "A tensor of zeros that has no memory cannot be resized";
    add(resized, args(withoutMemory(), ints(9), null), "resize_");
    add(resized, args(withoutMemory(), ones(9), null), "resize_as_");
    add(
        "A tensor of zeros that has no memory cannot share it; clone() it",
        args(ones(2), withoutMemory(), 0L, ints(2), ints(1)),
        "set_.source_Tensor_storage_offset");
    add("A quantized tensor has no negative view", args(quantized()), "_neg_view");
    add(
        "Cannot view a tensor of dtype QUInt8 as Byte: quantized dtypes come with a scale; use"
            + " int_repr() or dequantize()",
        args(quantized(), DType.UINT8),
        "view.dtype",
        "view_copy.dtype");
    add(
        "Expected sizes and strides within the tensor's memory, 6 elements, got sizes [2, 3],"
            + " strides [4, 1] and offset 0",
        args(ones(6), ints(2, 3), ints(4, 1)),
        "_reshape_alias");
    add(
        "Expected sizes and strides within the tensor's memory, 6 elements, got sizes [2, 3],"
            + " strides [3, 1] and offset 1",
        args(ones(6), ints(2, 3), ints(3, 1), 1L),
        "as_strided_");
    add(
        "Expected as many tensors in src as in self, 1, got 0",
        args(List.of(ones(2)), List.of(), false),
        "_foreach_copy");
    add(
        "Expected tensors to copy, got an undefined one",
        args(ones(2), undefined(), false),
        "copy");
  }

  /// Python gives None for what it did not compute, libtorch a tensor that is none.
  private static Tensor undefined() {
    Tensor rows = ones(2, 1);
    return (Tensor)
        Torch.op("aten::native_layer_norm_backward")
            .call(
                ones(2, 3),
                ones(2, 3),
                ints(3),
                rows,
                rows,
                null,
                null,
                new boolean[] {false, false, false})
            .getFirst();
  }

  private void normalization() {
    Tensor x = zeros(2, 3);
    Tensor three = zeros(3);
    Tensor two = zeros(2);
    String weight = "Expected weight of size [3], one number a channel, got [2]";
    add(
        weight,
        args(x, two, null, three, three, true, 0.1, 1e-5),
        "native_batch_norm",
        "_native_batch_norm_legit",
        "_native_batch_norm_legit_functional");
    add(weight, args(x, two, null, true, 0.1, 1e-5), "_native_batch_norm_legit.no_stats");
    add(
        weight,
        args(x, two, null, three, three, 0.1, 1e-5),
        "_batch_norm_with_update",
        "_batch_norm_with_update_functional");
    boolean[] all = {true, true, true};
    add(
        weight,
        args(x, x, two, three, three, three, three, true, 1e-5, all),
        "native_batch_norm_backward");
    Tensor none = zeros(0, 3);
    add(
        "Expected input to have elements, got size [0, 3]",
        args(none, none, three, three, three, three, three, true, 1e-5, all, three),
        "batch_norm_backward");
    add(
        "Expected running_var of size [3], one number a channel, got [2]",
        args(x, three, two, 0.1),
        "batch_norm_update_stats");
    add(
        "Expected num groups to be greater than 0, got 0",
        args(x, null, null, 2L, 3L, 1L, 0L, 1e-5),
        "native_group_norm");
    add(
        "Expected grad_out of the size of input, [2, 3], got [0, 3]",
        args(none, x, ints(3), ones(2, 1), ones(2, 1), null, null, all),
        "native_layer_norm_backward");
    add(
        "Expected g to have 4 elements, one for each slice of v, got size [3]",
        args(zeros(4, 3), three, 0L),
        "_weight_norm",
        "_weight_norm_interface");
  }

  private void sparse() {
    Tensor values = ones(1);
    add(
        "numel: integer multiplication overflow",
        args(ints(-1, 2), DType.FLOAT32, null, null, null),
        "sparse_coo_tensor.size");
    Tensor negative = Torch.full(new long[] {1, 1}, -1).to(DType.INT64);
    add(
        "found negative index -1 for dim 0",
        args(negative, values, null, null, null, null, null),
        "sparse_coo_tensor.indices");
    add(
        "found negative index -1 for dim 0",
        args(negative, values, ints(2), null, null, null, null, null),
        "sparse_coo_tensor.indices_size",
        "_sparse_coo_tensor_unsafe");
    Tensor bounds = longs(0, 1);
    Tensor beyond = longs(7);
    Tensor before = longs(-7);
    String columns = "`0 <= col_indices < ncols` is not satisfied.";
    for (String layout : List.of("csr", "csc", "bsr", "bsc")) {
      boolean byRow = layout.endsWith("r");
      String message = byRow ? columns : "`0 <= row_indices < nrows` is not satisfied.";
      Tensor elements = layout.startsWith("b") ? ones(1, 1, 1) : values;
      String operator = "sparse_" + layout + "_tensor";
      String overload = byRow ? ".crow_col_value" : ".ccol_row_value";
      add(message, args(bounds, before, elements, null, null, null, null), operator + overload);
      add(
          message,
          args(bounds, beyond, elements, ints(1, 1), null, null, null, null),
          operator + overload + "_size",
          "_" + operator + "_unsafe");
    }
    add(
        columns,
        args(bounds, before, values, null, Layout.SPARSE_CSR, null, null),
        "sparse_compressed_tensor.comp_plain_value");
    add(
        columns,
        args(bounds, beyond, values, ints(1, 1), null, Layout.SPARSE_CSR, null, null),
        "sparse_compressed_tensor.comp_plain_value_size",
        "_sparse_compressed_tensor_unsafe");
    add(
        "Expected offsets between -2 and 3, the diagonals of [2, 3]",
        args(ones(2, 3), longs(5, 5), ints(2, 3), null),
        "_spdiags");
  }

  private void optimizers() {
    List<Tensor> two = List.of(zeros(2), zeros(4));
    List<Tensor> one = List.of(zeros(2));
    List<Tensor> steps = List.of(zeros(), zeros());
    List<Tensor> none = List.of();
    String grads = "Expected as many tensors in grads as parameters, 2, got 1";
    for (boolean tensor : new boolean[] {false, true}) {
      Object lr = tensor ? zeros() : (Object) 0.1;
      String overload = tensor ? ".tensor_lr" : "";
      add(
          grads,
          args(
              two, one, two, two, none, steps, lr, 0.9, 0.999, 0.0, 1e-8, false, false, null, null),
          "_fused_adam" + overload,
          "_fused_adam_" + overload,
          "_fused_adamw" + overload,
          "_fused_adamw_" + overload);
      add(
          grads,
          args(two, one, none, 0.0, 0.0, lr, 0.0, false, false, true, null, null),
          "_fused_sgd" + overload,
          "_fused_sgd_" + overload);
      add(
          grads,
          args(two, one, two, steps, lr, 0.0, 0.0, 1e-8, false, null, null),
          "_fused_adagrad" + overload,
          "_fused_adagrad_" + overload);
    }
    String count = "Tensor list must have same number of elements as scalar list.";
    Object[] number = {1L};
    for (String name :
        List.of(
            "add", "clamp_max", "clamp_min", "div", "maximum", "minimum", "mul", "pow", "sub")) {
      add(
          count,
          args(two, number),
          "_foreach_" + name + ".ScalarList",
          "_foreach_" + name + "_.ScalarList");
    }
    add(count, args(two, two, number), "_foreach_lerp.ScalarList", "_foreach_lerp_.ScalarList");
    add(
        count,
        args(two, two, two, number),
        "_foreach_addcdiv.ScalarList",
        "_foreach_addcdiv_.ScalarList",
        "_foreach_addcmul.ScalarList",
        "_foreach_addcmul_.ScalarList");
  }

  private void numbers() {
    add(
        "Expected self without the lowest number of Long, which has no absolute value in that"
            + " dtype",
        args(longs(LOWEST), longs(5)),
        "lcm",
        "lcm_");
    String quotient =
        "Expected no division of the lowest number of Long by -1, of which the dtype has no result";
    for (String name : List.of("div", "div_", "divide", "divide_")) {
      add(quotient, args(longs(LOWEST), longs(-1), "trunc"), name + ".Tensor_mode");
      add(quotient, args(longs(LOWEST), -1L, "trunc"), name + ".Scalar_mode");
    }
    add(
        "Expected a step of at least 1 for Long, got 0.5",
        args(1L, 5L, 0.5, DType.INT64, null, null, null),
        "range.step");
    add(
        "Expected a step of at least 1 for Long, got 0.5",
        args(1L, 5L, 0.5, longs(0)),
        "range.out");
    add(
        "torch.linalg.eigvals: input tensor should not contain infs or NaNs.",
        args(Torch.full(new long[] {2, 2}, Double.NaN)),
        "linalg_eigvals");
    add(
        "Expected B to have columns for the driver gelss, got size [3, 0]; use gelsy",
        args(ones(3, 2), ones(3, 0), null, "gelss"),
        "linalg_lstsq");
    add(
        "Expected n greater than -9223372036854775808, the lowest number",
        args(ones(1, 1), LOWEST),
        "linalg_matrix_power",
        "matrix_power");
    add(
        "Expected LU_pivots to be int32 of size [3], got Int of size [0]",
        args(ones(3, 3), Torch.zeros(DType.INT32, 0), true, true),
        "lu_unpack");
    add(
        "Expected counts, got NaN",
        args(Torch.full(new long[] {2}, Double.NaN), ones(2), null),
        "binomial");
    add(
        "Expected from less than 9223372036854775807, the greatest number, for Float",
        args(ones(1), Long.MAX_VALUE, null, null),
        "random.from",
        "random_.from");
    add("_pdist_forward only supports 2D tensors, got: 1D", args(ones(3), 2.0), "_pdist_forward");
    add(
        "Expected offsets not to decrease",
        args(ones(5), "sum", null, null, longs(0, 3, 2), 0L, true, null),
        "segment_reduce");
    add(
        "Expected dimension between 1 and 21201, got 0",
        args(noLongs(2, 30), 0L),
        "_sobol_engine_initialize_state_");
    add(
        "Expected ltm to be int64 of size [2, 30, 30], got Long of size [2]",
        args(noLongs(2, 30), noLongs(2), 2L),
        "_sobol_engine_scramble_");
    String quasi = "Expected quasi to be int64 of size [2], got Long of size [1]";
    add(quasi, args(noLongs(1), 5L, noLongs(2, 30), 2L, 0L), "_sobol_engine_ff_");
    add(quasi, args(noLongs(1), 5L, noLongs(2, 30), 2L, 0L, DType.FLOAT32), "_sobol_engine_draw");
  }

  private void embeddings() {
    String gradient =
        "Expected grad_output of the size of indices, [3], and one dimension more, got [2, 5]";
    add(gradient, args(zeros(2, 5), noLongs(3), 10L, -1L, false), "embedding_dense_backward");
    add(gradient, args(zeros(2, 5), noLongs(3), 10L, -1L, false, false), "embedding_backward");
    String bags = "Expected an offset for each bag, got 0 for 6 indices";
    Tensor table = ones(5, 2);
    Tensor indices = noLongs(6);
    Tensor none = noLongs(0);
    add(bags, args(table, indices, none, false, 0L, false, null, false), "embedding_bag");
    add(
        bags,
        args(table, indices, none, false, 0L, false, null, false, null),
        "embedding_bag.padding_idx");
    add(
        bags,
        args(table, indices, none, false, 0L, false, null, false, -1L),
        "_embedding_bag",
        "_embedding_bag_forward_only");
  }

  private void attention() {
    String heads =
        "Expected embed_dim to be a multiple of num_head, both greater than 0, got 4 and 0";
    Tensor x = ones(1, 2, 4);
    add(
        heads,
        args(x, x, x, 4L, 0L, x, x, x, x, null, true, true, null),
        "_native_multi_head_attention");
    add(
        heads,
        args(x, 4L, 0L, x, x, x, x, false, false, 1e-5, x, x, x, x, x, x, x, x, null, null),
        "_transformer_encoder_layer_fwd");
    add(
        "Expected num_heads greater than 0, got 0",
        args(ones(2, 3, 12), ones(12), 0L),
        "_transform_bias_rescale_qkv");
    Tensor query = ones(1, 4, 3, 2);
    Tensor none = ones(1, 0, 3, 2);
    add(
        "Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 0, 3, 2]",
        args(query, none, none, null, 0.0, false, null, null, true),
        "_scaled_dot_product_attention_math");
    add(
        "Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 4, 3, 2]",
        args(query, none, query, null, 0.0, false, null, true),
        "scaled_dot_product_attention");
    add(
        "Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 0, 3, 2]",
        args(query, none, none, null, 0.0, false, null, true),
        "_fused_sdp_choice");
    Tensor three = ones(1, 3, 5, 2);
    add(
        "Expected query's heads to be a multiple of key's, got 4 and 3",
        args(query, three, three, 0.0, false, null, null),
        "_scaled_dot_product_flash_attention_for_cpu");
  }

  private void convolutions() {
    String flat = "Expected kernel_size [3, 2], that of the weight, got [3, 3]";
    String deep = "Expected kernel_size [1, 3, 2], that of the weight, got [1, 3, 3]";
    long[] two = {1, 1};
    long[] three = {1, 1, 1};
    Tensor image = ones(1, 2, 4, 4);
    Tensor volume = ones(1, 2, 4, 4, 4);
    long[] kernel = {3, 3};
    long[] cube = {1, 3, 3};
    add(
        flat,
        args(image, ones(2, 3, 3, 2), kernel, null, two, two, ints(0, 0), two),
        "slow_conv_transpose2d");
    add(
        deep,
        args(volume, ones(2, 3, 1, 3, 2), cube, null, three, three, ints(0, 0, 0), three),
        "slow_conv_transpose3d");
    add(flat, args(image, ones(3, 2, 3, 2), kernel, null, two, two, two), "slow_conv_dilated2d");
    add(
        deep,
        args(volume, ones(3, 2, 1, 3, 2), cube, null, three, three, three),
        "slow_conv_dilated3d");
    add(
        deep,
        args(volume, ones(3, 2, 1, 3, 2), cube, null, three, three),
        "slow_conv3d",
        "slow_conv3d_forward");
    String scale = "Expected a scale that leads to the output size ";
    add(
        scale + "[6], got 1e-300",
        args(ones(1, 1, 3), ints(6), 1e-300),
        "upsample_nearest1d",
        "_upsample_nearest_exact1d");
    add(
        scale + "[6, 5], got 1e-300",
        args(ones(1, 1, 3, 5), ints(6, 5), null, 1e-300),
        "upsample_nearest2d",
        "_upsample_nearest_exact2d");
    add(
        scale + "[6, 5, 5], got 1e-300",
        args(ones(1, 1, 3, 5, 5), ints(6, 5, 5), null, null, 1e-300),
        "upsample_nearest3d",
        "_upsample_nearest_exact3d");
    add(
        scale + "[6, 5], got 1e-300",
        args(ones(1, 1, 3, 5), ints(6, 5), false, null, 1e-300),
        "upsample_bilinear2d");
    add(
        "Expected a scale that leads from the input size 3 to the output size 6, got 1",
        args(ones(1, 1, 3, 5), ints(6, 5), false, 1.0, 1.0),
        "_upsample_bilinear2d_aa",
        "_upsample_bicubic2d_aa",
        "_upsample_lanczos2d_aa");
    add(
        "Expected grad_output of size [1, 2, 3, 5], that of the output, got [1, 2, 3, 0]",
        args(ones(1, 2, 3, 0), image, ones(1, 3, 5, 2), 0L, 0L, false, new boolean[] {true, true}),
        "grid_sampler_2d_backward");
    add(
        "Expected grad_output of size [1, 2, 3, 5, 6], that of the output, got [1, 2, 3, 5, 0]",
        args(
            ones(1, 2, 3, 5, 0),
            volume,
            ones(1, 3, 5, 6, 3),
            0L,
            0L,
            false,
            new boolean[] {true, true}),
        "grid_sampler_3d_backward");
  }

  private void padding() {
    for (String kind : List.of("reflection_pad", "replication_pad")) {
      for (int dims = 1; dims <= 3; dims++) {
        int count = dims;
        add(
            "Expected padding of " + 2 * dims + " numbers, got 0",
            args(ones(1, 2, 4, 4, 4), ones(1, 2, 4, 4, 4), ints()),
            kind + count + "d_backward");
      }
    }
  }

  private void pooling() {
    Tensor x = ones(5, 1, 4, 4, 4);
    add(
        "Expected grad_output of the input's batch and channels, [5, 1], got size [1, 1, 2, 2, 2]",
        args(
            ones(1, 1, 2, 2, 2), x, ints(2, 2, 2), ints(2, 2, 2), ints(0, 0, 0), false, true, null),
        "avg_pool3d_backward");
    for (int dims = 2; dims <= 3; dims++) {
      long[] size = new long[dims + 2];
      Arrays.fill(size, 2);
      long[] twos = new long[dims];
      Arrays.fill(twos, 2);
      long[] nothing = new long[dims];
      long[] steps = new long[dims];
      Arrays.fill(steps, 1);
      Tensor input = ones(size);
      Tensor beyond = noLongs(size).add(64);
      String message =
          "Expected indices between 0 and " + ((1 << dims) - 1) + ", the positions of the input";
      add(message, args(input, input, beyond), "adaptive_max_pool" + dims + "d_backward");
      add(
          message,
          args(input, input, twos, twos, nothing, steps, false, beyond),
          "max_pool" + dims + "d_with_indices_backward");
      add(
          message,
          args(input, input, twos, twos, beyond),
          "fractional_max_pool" + dims + "d_backward");
    }
  }

  private void losses() {
    String labels = "Expected targets between 0 and 3, the classes of log_probs, got 9";
    Tensor log = zeros(5, 2, 4);
    Tensor targets = longs(1, 2, 9);
    add(labels, args(log, targets, ints(5, 5), ints(1, 2), 0L, 1L, false), "ctc_loss.IntList");
    add(labels, args(log, targets, longs(5, 5), longs(1, 2), 0L, 1L, false), "ctc_loss.Tensor");
    add(labels, args(log, targets, ints(5, 5), ints(1, 2), 0L, false), "_ctc_loss");
    add(labels, args(log, targets, longs(5, 5), longs(1, 2), 0L, false), "_ctc_loss.Tensor");
    Tensor x = ones(3, 4);
    add(
        "Expected grad_output of 1 elements, the loss, got size [0]",
        args(ones(0), x, noLongs(3, 4), 2L, x),
        "multilabel_margin_loss_backward");
    add(
        "Expected grad_output of 3 elements, one for each sample, got size [1]",
        args(ones(1), x, noLongs(3), 1L, 1L, null, 0L),
        "multi_margin_loss_backward");
    add(
        "Expected beta of at least 1 for whole numbers, got 0.5",
        args(longs(1), longs(1), longs(1), 0L, 0.5),
        "smooth_l1_loss_backward");
  }

  private void quantization() {
    Tensor one = ones(1);
    add(
        "Expected n_bins greater than 0, got -1",
        args(ones(2), 2L, -1L, 0.16, 8L),
        "choose_qparams_optimized");
    add(
        "Expected running_max to have 1 number, got size [0]",
        args(ones(2, 3), one, one, one, ones(0), one, one, 0.1, 0L, 255L, 0L, false, false),
        "fused_moving_avg_obs_fake_quant",
        "_fused_moving_avg_obs_fq_helper");
    String matrix = "Expected weight to be a matrix, got size [3]";
    add(
        matrix,
        args(ones(3)),
        "fbgemm_linear_quantize_weight",
        "fbgemm_pack_quantized_matrix",
        "fbgemm_pack_gemm_matrix_fp16",
        "_saturate_weight_to_fp16");
    add(matrix, args(ones(3), 1L, 2L), "fbgemm_pack_quantized_matrix.KN");
    add(
        "Expected scales to be contiguous; call contiguous() first",
        args(
            ones(2, 32).to(DType.BFLOAT16),
            Torch.ones(DType.INT8, 16, 32),
            ones(1).to(DType.BFLOAT16).expand(16)),
        "_weight_int8pack_mm");
  }

  private void layouts() {
    add(
        "Expected weight to be a matrix, got size []",
        args(ones(2, 3), ones(), null),
        "mkldnn_linear");
    add(
        "Expected a stride greater than 0, got [0, 1]",
        args(ones(1), ints(0, 0), ints(0, 1), ints(1, 1), 1L, null),
        "mkldnn_reorder_conv2d_weight");
    add(
        "Expected a stride greater than 0, got [0, 1, 1]",
        args(ones(1), ints(0, 0, 0), ints(0, 1, 1), ints(1, 1, 1), 1L, null),
        "mkldnn_reorder_conv3d_weight");
    String opaque =
        "Expected dense tensors, got one of oneDNN's layout; make it dense first with toDense()";
    Tensor source = ones(3).toMkldnn();
    Tensor three = ones(3);
    add(
        opaque,
        args(three, 0L, longs(0, 1, 2), source),
        "index_copy_",
        "scatter_.src",
        "scatter_add_");
    add(opaque, args(three, 0L, longs(0, 1, 2), source, 1L), "index_add_");
    add(
        opaque,
        args(three, 0L, longs(0, 1, 2), source, "prod", true),
        "index_reduce_",
        "scatter_reduce_.two");
    add(opaque, args(three, 0L, longs(0, 1, 2), source, "add"), "scatter_.reduce");
    add(
        "Expected noise without holes or overlaps, as it is written to, got strides [0, 0];"
            + " clone() it first",
        args(ones(4, 3), ones(1).expand(4, 3), 0.1, 0.3, true, null),
        "rrelu_with_noise",
        "rrelu_with_noise_");
  }

  private void nested() {
    add(
        "Expected 2 int64 offsets on the CPU, one for each tensor, got size [1]",
        args(ones(10), longs(2, 3, 2, 2).view(2, 2), longs(3, 1, 2, 1).view(2, 2), longs(0)),
        "_nested_view_from_buffer",
        "_nested_view_from_buffer_copy");
    add(
        "Expected sizes between 0 and 4, the padded size, got 5",
        args(ones(2, 3, 4), longs(2, 4, 3, 5).view(2, 2), false),
        "_nested_from_padded");
  }
}
