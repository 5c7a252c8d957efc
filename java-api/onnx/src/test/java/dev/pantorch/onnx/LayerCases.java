// More than 500 lines, since it is one table with a few lines for each call.
package dev.pantorch.onnx;

import static dev.pantorch.onnx.OperatorCases.all;
import static dev.pantorch.onnx.OperatorCases.longs;
import static dev.pantorch.onnx.OperatorCases.one;
import static dev.pantorch.onnx.OperatorCases.op;
import static dev.pantorch.onnx.OperatorCases.ops;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Calls of operators that layers for images and sequences make.
final class LayerCases {
  private LayerCases() {}

  static List<OperatorCases.Case> images() {
    List<OperatorCases.Case> cases = new ArrayList<>();
    // (batch, 4, time, 6)
    Function<Tensor, Tensor> image =
        x ->
            Torch.cat(List.of(x, x.exp(), x.tanh()), 2)
                .unflatten(2, new long[] {3, 4})
                .permute(0, 3, 1, 2);
    // (batch, 4, 6), of a fixed size
    Function<Tensor, Tensor> line =
        x ->
            Torch.stack(
                List.of(x.amax(1), x.amin(1), x.sum(1), x.select(1, 0), x.select(1, -1), x.mean(1)),
                2);
    // (batch, 4, 6, 6)
    Function<Tensor, Tensor> square =
        x -> line.apply(x).unsqueeze(2).mul(line.apply(x).unsqueeze(3).sigmoid());
    // (batch, 4, 6, 6, 6)
    Function<Tensor, Tensor> cube =
        x -> square.apply(x).unsqueeze(4).mul(line.apply(x).unsqueeze(2).unsqueeze(2).sigmoid());
    List<Function<Tensor, Tensor>> inputs = List.of(line, square, cube);
    for (int n = 1; n <= 3; n++) {
      int dims = n;
      Function<Tensor, Tensor> input = inputs.get(n - 1);
      String d = n + "d";
      cases.add(
          one(
              "max_pool" + d,
              x ->
                  op(
                      "max_pool" + d,
                      input.apply(x),
                      repeated(3, dims),
                      repeated(2, dims),
                      repeated(1, dims),
                      repeated(1, dims),
                      true)));
      if (n > 1)
        cases.add(
            all(
                "max_pool" + d + "_with_indices",
                x ->
                    ops(
                        "max_pool" + d + "_with_indices",
                        input.apply(x),
                        repeated(2, dims),
                        repeated(2, dims),
                        repeated(0, dims),
                        repeated(1, dims),
                        false)));
      else
        cases.add(
            all(
                "max_pool1d_with_indices",
                x ->
                    ops(
                        "max_pool1d_with_indices",
                        line.apply(x),
                        longs(3),
                        longs(1),
                        longs(0),
                        longs(2),
                        false)));
      List<@Nullable Object> divisor = n == 1 ? List.of() : java.util.Arrays.asList((Object) null);
      cases.add(
          one(
              "avg_pool" + d,
              x ->
                  op(
                      "avg_pool" + d,
                      with(
                          divisor,
                          input.apply(x),
                          repeated(3, dims),
                          repeated(2, dims),
                          repeated(1, dims),
                          true,
                          true))));
      cases.add(
          one(
              "avg_pool" + d + " without padding",
              x ->
                  op(
                      "avg_pool" + d,
                      with(
                          divisor,
                          input.apply(x),
                          repeated(3, dims),
                          repeated(2, dims),
                          repeated(1, dims),
                          true,
                          false))));
      if (n > 1)
        cases.add(
            one(
                "avg_pool" + d + " by a divisor",
                x ->
                    op(
                        "avg_pool" + d,
                        input.apply(x),
                        repeated(2, dims),
                        repeated(2, dims),
                        repeated(0, dims),
                        false,
                        true,
                        3)));
      cases.add(
          one(
              "adaptive_avg_pool" + d,
              x ->
                  op("adaptive_avg_pool" + d, input.apply(x), repeated(4, dims))
                      .sum(-1)
                      .add(
                          op("adaptive_avg_pool" + d, input.apply(x), repeated(1, dims)).sum(-1))));
      cases.add(
          one(
              "adaptive_max_pool" + d,
              x -> op("adaptive_max_pool" + d, input.apply(x), repeated(4, dims))));
      cases.add(
          all(
              "adaptive_max_pool" + d + " side by side",
              x -> ops("adaptive_max_pool" + d, input.apply(x), repeated(3, dims))));
      cases.add(
          one(
              "upsample_nearest" + d,
              x ->
                  op("upsample_nearest" + d + ".vec", input.apply(x), null, doubles(1.5, dims))
                      .sum(-1)));
      cases.add(
          one(
              "upsample_nearest" + d + " to a size",
              x -> op("upsample_nearest" + d + ".vec", input.apply(x), repeated(4, dims), null)));
      cases.add(
          one(
              "_upsample_nearest_exact" + d,
              x ->
                  op(
                      "_upsample_nearest_exact" + d + ".vec",
                      input.apply(x),
                      repeated(9, dims),
                      null)));
      cases.add(
          one(
              "reflection_pad" + d,
              x -> op("reflection_pad" + d, input.apply(x), repeated(2, 2 * dims))));
      cases.add(
          one(
              "replication_pad" + d,
              x -> op("replication_pad" + d, input.apply(x), repeated(2, 2 * dims))));
      String linear =
          List.of("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d").get(n - 1);
      for (boolean align : new boolean[] {false, true}) {
        cases.add(
            one(
                linear + " " + align,
                x -> op(linear + ".vec", input.apply(x), null, align, doubles(1.5, dims))));
        cases.add(
            one(
                linear + " to a size " + align,
                x -> op(linear + ".vec", input.apply(x), repeated(4, dims), align, null)));
      }
      cases.add(
          one(
              "conv" + d,
              x ->
                  op(
                      "conv" + d,
                      input.apply(x),
                      weight(2, 4, dims),
                      Torch.tensor(0.5f, -0.5f),
                      repeated(2, dims),
                      repeated(1, dims),
                      repeated(1, dims),
                      1)));
      cases.add(
          one(
              "conv" + d + " same",
              x ->
                  op(
                      "conv" + d + ".padding",
                      input.apply(x),
                      weight(4, 2, dims),
                      null,
                      repeated(1, dims),
                      "same",
                      repeated(1, dims),
                      2)));
      String transposed = n == 1 ? "conv_transpose1d" : "conv_transpose" + d + ".input";
      cases.add(
          one(
              "conv_transpose" + d,
              x ->
                  op(
                      transposed,
                      input.apply(x),
                      weight(4, 1, dims),
                      null,
                      repeated(2, dims),
                      repeated(1, dims),
                      repeated(1, dims),
                      2,
                      repeated(1, dims))));
      cases.add(
          one(
              "convolution" + d,
              x ->
                  op(
                          "convolution",
                          input.apply(x),
                          weight(2, 4, dims),
                          null,
                          repeated(1, dims),
                          repeated(0, dims),
                          repeated(1, dims),
                          false,
                          repeated(0, dims),
                          1)
                      .add(
                          op(
                              "_convolution",
                              input.apply(x),
                              weight(2, 4, dims),
                              null,
                              repeated(1, dims),
                              repeated(0, dims),
                              repeated(1, dims),
                              false,
                              repeated(0, dims),
                              1,
                              false,
                              false,
                              false,
                              false))));
    }
    cases.add(
        one(
            "max_unpool2d",
            x -> {
              List<Tensor> both =
                  ops(
                      "max_pool2d_with_indices",
                      square.apply(x),
                      longs(2, 2),
                      longs(2, 2),
                      longs(0, 0),
                      longs(1, 1),
                      false);
              return op("max_unpool2d", both.get(0), both.get(1), longs(6, 6));
            }));
    cases.add(
        one(
            "max_unpool3d",
            x -> {
              List<Tensor> both =
                  ops(
                      "max_pool3d_with_indices",
                      cube.apply(x),
                      longs(2, 2, 2),
                      longs(2, 2, 2),
                      longs(0, 0, 0),
                      longs(1, 1, 1),
                      false);
              return op(
                  "max_unpool3d",
                  both.get(0),
                  both.get(1),
                  longs(6, 6, 6),
                  longs(2, 2, 2),
                  longs(0, 0, 0));
            }));
    for (boolean align : new boolean[] {false, true}) {
      cases.add(
          one(
              "upsample_bicubic2d " + align,
              x -> op("upsample_bicubic2d.vec", square.apply(x), longs(9, 4), align, null)));
      for (long mode = 0; mode < 3; mode++) {
        for (long padding = 0; padding < 3; padding++) {
          long m = mode;
          long p = padding;
          String name = mode == 0 ? "grid_sampler_2d" : "grid_sampler";
          // Places beyond the image, but none halfway between two elements.
          cases.add(
              one(
                  name + " " + mode + padding + align,
                  x ->
                      op(
                          name,
                          square.apply(x),
                          square.apply(x).narrow(1, 0, 2).permute(0, 2, 3, 1).tanh().mul(1.3),
                          m,
                          p,
                          align)));
        }
      }
      cases.add(
          one(
              "affine_grid_generator " + align,
              x ->
                  op(
                      "affine_grid_generator",
                      line.apply(x).narrow(1, 0, 2).narrow(2, 0, 3),
                      longs(x.size(0), 1, 3, 5),
                      align)));
    }
    cases.add(
        one(
            "_upsample_bilinear2d_aa",
            x ->
                op("_upsample_bilinear2d_aa.vec", square.apply(x), longs(3, 4), false, null)
                    .sum(-1)
                    .add(
                        op("_upsample_bicubic2d_aa.vec", square.apply(x), longs(3, 4), false, null)
                            .sum(-1))));
    for (String mode : List.of("constant", "reflect", "replicate", "circular")) {
      cases.add(
          one("pad, " + mode, x -> op("pad", square.apply(x), longs(1, 2, 3, 0), mode, null)));
    }
    cases.add(
        one(
            "constant_pad_nd",
            x -> op("constant_pad_nd", image.apply(x), longs(1, -2, 0, 1), 0.5)));
    cases.add(one("_pad_circular", x -> op("_pad_circular", line.apply(x), longs(2, 1))));
    cases.add(one("pixel_shuffle", x -> op("pixel_shuffle", image.apply(x), 2)));
    cases.add(one("pixel_unshuffle", x -> op("pixel_unshuffle", square.apply(x), 2)));
    cases.add(
        one(
            "channel_shuffle",
            x ->
                op("channel_shuffle", image.apply(x), 2)
                    .add(op("native_channel_shuffle", image.apply(x), 2))));
    cases.add(
        one(
            "im2col",
            x ->
                op("im2col", square.apply(x), longs(2, 3), longs(1, 2), longs(1, 0), longs(2, 1))));
    cases.add(
        one(
            "col2im",
            x ->
                op(
                    "col2im",
                    op(
                        "im2col",
                        square.apply(x),
                        longs(2, 3),
                        longs(1, 1),
                        longs(1, 0),
                        longs(2, 2)),
                    longs(6, 6),
                    longs(2, 3),
                    longs(1, 1),
                    longs(1, 0),
                    longs(2, 2))));
    cases.add(
        one(
            "batch_norm",
            x ->
                op(
                    "batch_norm",
                    line.apply(x),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    null,
                    Torch.tensor(0.1f, 0.2f, 0.3f, 0.4f),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    false,
                    0.1,
                    1e-5,
                    false)));
    cases.add(
        one(
            "batch_norm by the batch",
            x ->
                op(
                    "batch_norm",
                    line.apply(x),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    null,
                    null,
                    true,
                    0.1,
                    1e-5,
                    false)));
    cases.add(
        one(
            "instance_norm",
            x ->
                op(
                    "instance_norm",
                    line.apply(x),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    null,
                    null,
                    null,
                    true,
                    0.1,
                    1e-5,
                    false)));
    cases.add(
        one(
            "instance_norm by running statistics",
            x ->
                op(
                    "instance_norm",
                    line.apply(x),
                    null,
                    null,
                    Torch.tensor(0.1f, 0.2f, 0.3f, 0.4f),
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    false,
                    0.1,
                    1e-5,
                    false)));
    cases.add(
        one(
            "group_norm",
            x ->
                op(
                        "group_norm",
                        image.apply(x),
                        2,
                        Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                        Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                        1e-5,
                        false)
                    .sum(1)
                    .add(op("group_norm", x.select(1, 0), 2, null, null, 1e-5, false).sum())));
    cases.add(
        one(
            "layer_norm",
            x ->
                op(
                    "layer_norm",
                    x,
                    longs(4),
                    null,
                    Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f),
                    1e-5,
                    false)));
    cases.add(
        one(
            "rms_norm",
            x -> op("rms_norm", x, longs(4), Torch.tensor(1.0f, 2.0f, 3.0f, 4.0f), null)));
    return cases;
  }

  private static @Nullable Object[] with(List<@Nullable Object> more, Object... first) {
    List<@Nullable Object> all = new ArrayList<>(List.of(first));
    all.addAll(more);
    return all.toArray();
  }

  private static List<Long> repeated(long value, int times) {
    return java.util.Collections.nCopies(times, value);
  }

  private static List<Double> doubles(double value, int times) {
    return java.util.Collections.nCopies(times, value);
  }

  private static Tensor weight(long out, long in, int dims) {
    long[] shape = new long[dims + 2];
    java.util.Arrays.fill(shape, 3);
    shape[0] = out;
    shape[1] = in;
    long count = java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Torch.arange(count).sin().view(shape).div(10);
  }

  static List<OperatorCases.Case> recurrent() {
    List<Tensor> lstm = List.of(matrix(12, 4), matrix(12, 3));
    List<Tensor> gru = List.of(matrix(9, 4), matrix(9, 3));
    List<Tensor> rnn = List.of(matrix(3, 4), matrix(3, 3));
    return List.of(
        all(
            "lstm",
            x ->
                ops(
                    "lstm.input",
                    x,
                    List.of(state(x), state(x)),
                    lstm,
                    false,
                    1,
                    0.0,
                    false,
                    false,
                    true)),
        all("gru", x -> ops("gru.input", x, state(x), gru, false, 1, 0.0, false, false, true)),
        all(
            "rnn_tanh",
            x -> ops("rnn_tanh.input", x, state(x), rnn, false, 1, 0.0, false, false, true)),
        all("packed", LayerCases::packed),
        all(
            "rnn_relu",
            x -> ops("rnn_relu.input", x, state(x), rnn, false, 1, 0.0, false, false, true)),
        all(
            "lstm_cell",
            x ->
                ops(
                    "lstm_cell",
                    x.select(1, 0),
                    List.of(
                        x.select(1, 0).tanh().narrow(1, 0, 3),
                        x.select(1, 0).exp().narrow(1, 0, 3)),
                    matrix(12, 4),
                    matrix(12, 3),
                    matrix(12, 1).select(1, 0),
                    matrix(12, 1).select(1, 0))),
        one(
            "gru_cell",
            x ->
                op(
                    "gru_cell",
                    x.select(1, 0),
                    x.select(1, 0).tanh().narrow(1, 0, 3),
                    matrix(9, 4),
                    matrix(9, 3),
                    matrix(9, 1).select(1, 0),
                    matrix(9, 1).select(1, 0))),
        one(
            "rnn_tanh_cell",
            x ->
                op(
                    "rnn_tanh_cell",
                    x.select(1, 0),
                    x.select(1, 0).tanh().narrow(1, 0, 3),
                    matrix(3, 4),
                    matrix(3, 3),
                    null,
                    null)),
        one(
            "rnn_relu_cell",
            x ->
                op(
                    "rnn_relu_cell",
                    x.select(1, 0),
                    x.select(1, 0).tanh().narrow(1, 0, 3),
                    matrix(3, 4),
                    matrix(3, 3),
                    null,
                    null)),
        one(
            "attention",
            x ->
                op(
                    "scaled_dot_product_attention",
                    x,
                    x.exp(),
                    x.mul(2),
                    null,
                    0.0,
                    true,
                    null,
                    false)),
        one(
            "attention with a mask",
            x ->
                op(
                    "scaled_dot_product_attention",
                    x,
                    x,
                    x,
                    x.bmm(x.transpose(1, 2)).gt(0).logicalNot(),
                    0.0,
                    false,
                    0.3,
                    false)),
        one(
            "attention with an added mask",
            x ->
                op(
                    "scaled_dot_product_attention",
                    x,
                    x,
                    x,
                    x.bmm(x.transpose(1, 2)),
                    0.0,
                    false,
                    null,
                    false)),
        one(
            "attention of shared heads",
            x ->
                op(
                    "scaled_dot_product_attention",
                    Torch.stack(List.of(x, x.exp()), 1),
                    x.unsqueeze(1),
                    x.unsqueeze(1),
                    null,
                    0.0,
                    false,
                    0.7,
                    true)));
  }

  private static List<Tensor> packed(Tensor x) {
    Tensor lengths = Torch.arange(x.size(0)).neg().add(x.size(1)).clampMin(1);
    List<Tensor> packed = ops("_pack_padded_sequence", x, lengths, true);
    List<Tensor> results = new ArrayList<>(packed);
    List<Tensor> states = List.of(state(x), state(x));
    List<Tensor> weights = List.of(matrix(12, 4), matrix(12, 3));
    results.addAll(
        ops(
            "lstm.data",
            packed.get(0),
            packed.get(1),
            states,
            weights,
            false,
            1,
            0.0,
            false,
            false));
    for (Tensor data : List.of(packed.get(0), packed.get(0).exp(), results.get(2))) {
      results.addAll(ops("_pad_packed_sequence", data, packed.get(1), true, -1.0, x.size(1)));
    }
    return results;
  }

  private static Tensor state(Tensor x) {
    return x.narrow(2, 0, 3).sum(1).unsqueeze(0).tanh();
  }

  private static Tensor matrix(long rows, long columns) {
    return Torch.arange(rows * columns).sin().view(rows, columns);
  }
}
