package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Normalizations.
final class NormalizationLowerings {
  private NormalizationLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put(
        "aten::batch_norm",
        call -> {
          if (call.isNone(3)) {
            call.result(byBatch(call));
            return;
          }
          if (call.bool(5)) throw call.refuse("running statistics that change");
          OnnxValue mean = call.tensor(3);
          OnnxValue convolved = convolved(call);
          if (convolved != null) {
            call.result(convolved);
            return;
          }
          call.result(
              call.emit(
                  "BatchNormalization",
                  call.dtype(),
                  call.rank(),
                  Map.of("epsilon", call.real(7)),
                  List.of(
                      call.tensor(0),
                      parameter(call, 1, mean, 1),
                      parameter(call, 2, mean, 0),
                      mean,
                      call.tensor(4))));
        });
    to.put("aten::group_norm", NormalizationLowerings::groupNorm);
    to.put("aten::instance_norm", NormalizationLowerings::instanceNorm);
    to.put("aten::rms_norm", NormalizationLowerings::rootMeanSquare);
    to.put(
        "aten::layer_norm",
        call -> {
          List<Long> shape = call.integers(1);
          long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
          OnnxValue scale =
              call.isNone(2)
                  ? call.constant("ones", Torch.ones(call.dtype(), sizes))
                  : call.tensor(2);
          OnnxValue bias = call.isNone(3) ? null : call.tensor(3);
          call.result(
              call.emit(
                  "LayerNormalization",
                  call.dtype(),
                  call.rank(),
                  Map.of("axis", -sizes.length, "epsilon", call.real(4)),
                  java.util.Arrays.asList(call.tensor(0), scale, bias)));
        });
  }

  /// A convolution whose outputs are normalized by constants alone is another convolution. Null
  /// where there is none, or something else needs its outputs.
  private static @Nullable OnnxValue convolved(OperatorCall call) {
    GraphBuilder.OnnxNode before = call.graph.producer(call.tensor(0));
    if (before == null || !before.operator().equals("Conv") || !call.isOnlyUse(0)) return null;
    List<@Nullable OnnxValue> inputs = before.inputs();
    Tensor weight = constant(inputs.get(1));
    Tensor bias = inputs.size() > 2 ? constant(inputs.get(2)) : null;
    Tensor mean = constant(call.tensor(3));
    Tensor variance = constant(call.tensor(4));
    if (weight == null || mean == null || variance == null) return null;
    if (inputs.size() > 2 && bias == null) return null;
    Tensor scale = variance.add(call.real(7)).rsqrt();
    if (!call.isNone(1)) {
      Tensor factor = constant(call.tensor(1));
      if (factor == null) return null;
      scale = scale.mul(factor);
    }
    Tensor shift = (bias == null ? mean.neg() : bias.sub(mean)).mul(scale);
    if (!call.isNone(2)) {
      Tensor added = constant(call.tensor(2));
      if (added == null) return null;
      shift = shift.add(added);
    }
    long[] perOutput = new long[weight.dim()];
    java.util.Arrays.fill(perOutput, 1);
    perOutput[0] = -1;
    OnnxValue x = Objects.requireNonNull(inputs.getFirst());
    return call.op(
        "Conv",
        before.attributes(),
        x,
        call.constant("weight", weight.mul(scale.view(perOutput))),
        call.constant("bias", shift));
  }

  private static @Nullable Tensor constant(@Nullable OnnxValue value) {
    return value == null ? null : value.constant();
  }

  /// `(x, weight, bias, ..., eps)`: by mean and variance of the batch itself.
  private static OnnxValue byBatch(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<Long> dims = LongStream.range(0, x.rank()).filter(dim -> dim != 1).boxed().toList();
    OnnxValue distance = call.op("Sub", x, call.reduce("ReduceMean", x, dims, true));
    OnnxValue square = call.op("Mul", distance, distance);
    OnnxValue variance = call.reduce("ReduceMean", square, dims, true);
    OnnxValue deviation = call.op("Sqrt", call.op("Add", variance, call.number(x, call.real(7))));
    return affine(call, call.op("Div", distance, deviation), 1, 2, x.rank());
  }

  /// Times the weight plus the bias of each channel.
  private static OnnxValue affine(
      OperatorCall call, OnnxValue x, int weightAt, int biasAt, int rank) {
    OnnxValue result = x;
    if (!call.isNone(weightAt)) {
      result = call.op("Mul", result, call.along(call.tensor(weightAt), 0, rank - 1));
    }
    if (!call.isNone(biasAt)) {
      result = call.op("Add", result, call.along(call.tensor(biasAt), 0, rank - 1));
    }
    return result;
  }

  /// `(x, groups, weight, bias, eps, ...)`: groups are normalized as instances are.
  private static void groupNorm(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    long groups = call.integer(1);
    OnnxValue ones = call.constant("ones", Torch.ones(call.dtype(), groups));
    OnnxValue zeros = call.constant("zeros", Torch.zeros(call.dtype(), groups));
    OnnxValue apart = call.reshape(x, 0, groups, -1);
    OnnxValue normalized =
        call.op("InstanceNormalization", Map.of("epsilon", call.real(4)), apart, ones, zeros);
    call.result(affine(call, call.reshapeAs(normalized, 0), 2, 3, x.rank()));
  }

  /// `(x, weight, bias, mean, variance, useInputStatistics, momentum, eps, ...)`.
  private static void instanceNorm(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (!call.bool(5)) {
      call.result(
          call.op(
              "BatchNormalization",
              Map.of("epsilon", call.real(7)),
              x,
              parameter(call, 1, call.tensor(3), 1),
              parameter(call, 2, call.tensor(3), 0),
              call.tensor(3),
              call.tensor(4)));
      return;
    }
    long channels = call.fixedSize(0, 1);
    OnnxValue weight =
        call.isNone(1) ? call.constant("ones", Torch.ones(call.dtype(), channels)) : call.tensor(1);
    OnnxValue bias =
        call.isNone(2)
            ? call.constant("zeros", Torch.zeros(call.dtype(), channels))
            : call.tensor(2);
    call.result(call.op("InstanceNormalization", Map.of("epsilon", call.real(7)), x, weight, bias));
  }

  /// `(x, shape, weight, eps)`.
  private static void rootMeanSquare(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    List<Long> dims = LongStream.rangeClosed(-call.integers(1).size(), -1).boxed().toList();
    double eps = call.isNone(3) ? epsilon(call) : call.real(3);
    OnnxValue mean = call.reduce("ReduceMean", call.op("Mul", x, x), dims, true);
    OnnxValue root = call.op("Sqrt", call.op("Add", mean, call.number(x, eps)));
    OnnxValue normalized = call.op("Div", x, root);
    call.result(call.isNone(2) ? normalized : call.op("Mul", normalized, call.tensor(2)));
  }

  /// The dtype's own.
  private static double epsilon(OperatorCall call) {
    return switch (call.dtype()) {
      case FLOAT32 -> Math.ulp(1f);
      case FLOAT64 -> Math.ulp(1d);
      default -> throw call.refuse("%s without an eps".formatted(call.dtype()));
    };
  }

  private static OnnxValue parameter(OperatorCall call, int index, OnnxValue like, long value) {
    if (!call.isNone(index)) return call.tensor(index);
    Tensor statistics = like.constant();
    if (statistics == null) throw call.refuse("running statistics that are computed");
    DType dtype = statistics.dtype();
    return call.constant(
        value == 1 ? "ones" : "zeros", Torch.full(statistics.shape(), value, dtype));
  }
}
