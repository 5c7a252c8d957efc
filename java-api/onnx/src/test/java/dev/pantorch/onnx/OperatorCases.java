package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Functional;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Calls of operators, by ATen's names, on a tensor of shape (batch, time, 4), whose batch and time
/// may have any size.
final class OperatorCases {
  /// @param name what is called
  /// @param function gives all that is to be compared
  record Case(String name, Function<Tensor, List<Tensor>> function) {
    @Override
    public String toString() {
      return name;
    }
  }

  private OperatorCases() {}

  static Stream<Case> all() {
    return Stream.of(
            arithmetic(),
            logic(),
            activations(),
            reductions(),
            products(),
            ShapeCases.shapes(),
            ShapeCases.arrangements(),
            ShapeCases.picking(),
            ShapeCases.scattering(),
            LayerCases.images(),
            ShapeCases.making(),
            LayerCases.recurrent())
        .flatMap(List::stream);
  }

  static Case one(String name, Function<Tensor, Tensor> function) {
    return new Case(name, x -> List.of(function.apply(x)));
  }

  static Case all(String name, Function<Tensor, List<Tensor>> function) {
    return new Case(name, function);
  }

  /// The tensors that an operator returns.
  static List<Tensor> ops(String name, @Nullable Object... arguments) {
    List<Tensor> tensors = new ArrayList<>();
    for (Object each : Torch.op("aten::" + name).call(arguments)) {
      if (each instanceof List<?> list) list.forEach(item -> tensors.add((Tensor) item));
      else tensors.add((Tensor) java.util.Objects.requireNonNull(each));
    }
    return tensors;
  }

  static Tensor op(String name, @Nullable Object... arguments) {
    return ops(name, arguments).getFirst();
  }

  static Case op1(String name) {
    return one(name, x -> op(name, x));
  }

  static List<Long> longs(long... values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  static Tensor whole(Tensor x) {
    return x.mul(3).to(DType.INT64);
  }

  private static Tensor probability(Tensor x) {
    return x.sigmoid();
  }

  /// Numbers among which are NaN and infinities.
  private static Tensor strange(Tensor x) {
    Tensor infinite = Torch.where(x.gt(1), Torch.fullLike(x, Double.POSITIVE_INFINITY), x);
    return Torch.where(
        x.lt(-1),
        Torch.fullLike(x, Double.NEGATIVE_INFINITY),
        Torch.where(x.abs().lt(0.2), Torch.fullLike(x, Double.NaN), infinite));
  }

  private static List<Case> arithmetic() {
    List<Case> cases = new ArrayList<>();
    for (String name :
        List.of(
            "abs",
            "absolute",
            "arcsinh",
            "arctan",
            "asinh",
            "atan",
            "ceil",
            "cos",
            "deg2rad",
            "erf",
            "erfc",
            "exp",
            "exp2",
            "expm1",
            "fix",
            "floor",
            "frac",
            "neg",
            "negative",
            "positive",
            "rad2deg",
            "sgn",
            "sign",
            "sin",
            "sinc",
            "special_erf",
            "special_erfc",
            "special_exp2",
            "special_expit",
            "special_expm1",
            "special_sinc",
            "square",
            "tanh",
            "trunc",
            "sigmoid")) {
      cases.add(one(name, x -> op(name, x.mul(2))));
    }
    for (String name :
        List.of("acos", "arccos", "asin", "arcsin", "atanh", "arctanh", "tan", "cosh", "sinh")) {
      cases.add(one(name, x -> op(name, x.tanh().mul(0.8))));
    }
    for (String name :
        List.of(
            "log",
            "log10",
            "log1p",
            "log2",
            "reciprocal",
            "rsqrt",
            "special_log1p",
            "sqrt",
            "acosh",
            "arccosh")) {
      cases.add(one(name, x -> op(name, x.abs().add(1.1))));
    }
    for (String name : List.of("round", "special_round")) {
      cases.add(one(name, x -> op(name, x.mul(4))));
    }
    for (String name :
        List.of(
            "atan2",
            "arctan2",
            "hypot",
            "copysign.Tensor",
            "fmax",
            "fmin",
            "fmod.Tensor",
            "logaddexp",
            "logaddexp2",
            "maximum",
            "minimum",
            "remainder.Tensor",
            "floor_divide",
            "div.Tensor",
            "divide.Tensor",
            "true_divide.Tensor")) {
      cases.add(one(name, x -> op(name, x.mul(3), x.flip(2))));
    }
    cases.add(
        one(
            "round to decimals",
            x -> op("round.decimals", x, 1).add(op("round.decimals", x.mul(30), -1))));
    cases.add(one("float_power", x -> op("float_power.Tensor_Scalar", x.abs(), 1.5)));
    cases.add(one("heaviside", x -> op("heaviside", x.round(), x.sum(-1, true))));
    for (String name : List.of("xlogy.Tensor", "special_xlogy")) {
      cases.add(one(name, x -> op(name, x.round(), x.abs())));
    }
    cases.add(one("remainder of whole numbers", x -> whole(x).remainder(4)));
    cases.add(one("fmod of whole numbers", x -> whole(x).fmod(4)));
    cases.add(one("floor_divide of whole numbers", x -> whole(x).floorDivide(4)));
    cases.add(one("div by floor", x -> x.div(0.3, "floor")));
    cases.add(one("div by trunc", x -> x.div(0.3, "trunc").add(whole(x).div(2, "trunc"))));
    cases.add(one("divide by floor", x -> whole(x).div(whole(x).flip(2).abs().add(1), "floor")));
    cases.add(one("addcmul", x -> op("addcmul", x, x.exp(), x.flip(1), 0.5)));
    cases.add(one("addcdiv", x -> op("addcdiv", x, x, x.exp(), 2)));
    cases.add(one("lerp", x -> op("lerp.Scalar", x, x.exp(), 0.3)));
    cases.add(one("lerp of tensors", x -> op("lerp.Tensor", x, x.exp(), x.sigmoid())));
    cases.add(one("logit", x -> op("logit", probability(x), 0.1)));
    cases.add(one("special_logit", x -> op("special_logit", probability(x), null)));
    cases.add(one("nan_to_num", x -> op("nan_to_num", strange(x), 0.5, 7.0, null)));
    for (String name : List.of("add.Tensor", "sub.Tensor", "subtract.Tensor")) {
      cases.add(one(name, x -> op(name, x, x.exp(), 2)));
    }
    for (String name : List.of("mul.Tensor", "multiply.Tensor")) {
      cases.add(one(name, x -> op(name, x, x.exp())));
    }
    cases.add(one("rsub", x -> op("rsub.Scalar", x, 3, 2)));
    cases.add(one("pow", x -> x.pow(3).add(x.abs().pow(x))));
    cases.add(one("clamp", x -> op("clamp", x, -0.5, 0.5).add(op("clip", x, null, 0.2))));
    cases.add(
        one(
            "clamp by tensors",
            x -> op("clamp.Tensor", x, x.mean(2, true), x.amax(new long[] {2}, true).mul(0.5))));
    cases.add(one("clamp_min, clamp_max", x -> x.clampMin(0).add(x.clampMax(0.1))));
    return cases;
  }

  private static List<Case> logic() {
    List<Case> cases = new ArrayList<>();
    for (String name : List.of("isnan", "isinf", "isfinite", "isposinf", "isneginf")) {
      cases.add(one(name, x -> op(name, strange(x))));
    }
    cases.add(
        one(
            "isfinite of whole numbers",
            x -> op("isfinite", whole(x)).logicalXor(op("isinf", whole(x)))));
    for (String name :
        List.of(
            "eq",
            "ne",
            "not_equal",
            "lt",
            "less",
            "le",
            "less_equal",
            "gt",
            "greater",
            "ge",
            "greater_equal")) {
      cases.add(one(name, x -> op(name + ".Tensor", x.round(), x.flip(2).round())));
    }
    for (String name : List.of("logical_and", "logical_or", "logical_xor")) {
      cases.add(one(name, x -> op(name, x.gt(0), x.round())));
    }
    cases.add(op1("logical_not"));
    cases.add(one("comparison of dtypes", x -> whole(x).gt(0.5).eq(x.gt(0).to(DType.INT64).gt(x))));
    cases.add(op1("signbit"));
    cases.add(one("isclose", x -> op("isclose", x, x.mul(1.001), 0.01, 1e-3, true)));
    for (String name :
        List.of("bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__", "__xor__")) {
      cases.add(one(name, x -> op(name + ".Tensor", whole(x), whole(x).flip(2))));
      cases.add(one(name + " of truth", x -> op(name + ".Tensor", x.gt(0), x.lt(0.5))));
    }
    cases.add(one("bitwise_not", x -> op("bitwise_not", whole(x))));
    for (String name : List.of("bitwise_left_shift", "bitwise_right_shift")) {
      cases.add(one(name, x -> op(name + ".Tensor_Scalar", whole(x), 2)));
    }
    for (String name : List.of("__lshift__", "__rshift__")) {
      cases.add(one(name, x -> op(name + ".Scalar", whole(x), 1)));
    }
    for (boolean right : new boolean[] {false, true}) {
      cases.add(
          one(
              "bucketize, right " + right,
              x ->
                  op(
                      "bucketize.Tensor",
                      x.round(),
                      Torch.tensor(-1.0f, 0.0f, 0.5f, 2.0f),
                      false,
                      right)));
    }
    cases.add(
        one(
            "searchsorted",
            x ->
                op(
                    "searchsorted.Tensor",
                    x.sort(-1).values(),
                    x.mul(0.5),
                    false,
                    false,
                    null,
                    null)));
    cases.add(
        one("isin", x -> op("isin.Tensor_Tensor", whole(x), Torch.tensor(0L, 2L), false, true)));
    cases.add(one("where", x -> Torch.where(x.gt(0), x, x.mul(2))));
    cases.add(all("where of a condition", x -> Torch.where(x.gt(0))));
    cases.add(one("masked_fill", x -> x.maskedFill(x.gt(0), -7)));
    return cases;
  }

  private static List<Case> activations() {
    return List.of(
        op1("relu"),
        op1("relu6"),
        op1("selu"),
        op1("silu"),
        one("softsign", Functional::softsign),
        op1("mish"),
        op1("hardswish"),
        op1("hardsigmoid"),
        op1("log_sigmoid"),
        one("leaky_relu", x -> op("leaky_relu", x, 0.2)),
        one("elu", x -> op("elu", x, 1.3, 1, 1).add(op("elu", x, 0.7, 1.5, 2))),
        one("celu", x -> op("celu", x, 1.3)),
        one(
            "prelu",
            x ->
                op("prelu", x, Torch.tensor(0.25f))
                    .add(
                        op("prelu", x.transpose(1, 2), Torch.tensor(0.1f, 0.2f, 0.3f, 0.4f))
                            .transpose(1, 2))),
        one("hardshrink", x -> op("hardshrink", x, 0.3)),
        one("softshrink", x -> op("softshrink", x, 0.3)),
        one("hardtanh", x -> op("hardtanh", x, -0.5, 0.7)),
        one("threshold", x -> op("threshold", x, 0.1, 5)),
        one("rrelu", x -> op("rrelu", x, 0.1, 0.3, false, null)),
        one("softplus", x -> op("softplus", x, 1, 20).add(op("softplus", x, 2.5, 1))),
        one("gelu", x -> op("gelu", x, "none").add(op("gelu", x, "tanh"))),
        one("glu", x -> op("glu", x, -1)),
        one("softmax", x -> op("softmax.int", x, 1, null).add(op("_softmax", x, 2, false))),
        one(
            "log_softmax",
            x -> op("log_softmax.int", x, 1, null).add(op("_log_softmax", x, 2, false))),
        one(
            "special_softmax",
            x -> op("special_softmax", x, 1, null).add(op("special_log_softmax", x, 2))));
  }

  private static List<Case> reductions() {
    List<Case> cases = new ArrayList<>();
    for (String name : List.of("sum", "mean", "nansum", "nanmean")) {
      String overload =
          List.of("sum", "mean").contains(name)
              ? name.equals("sum") ? "sum.dim_IntList" : "mean.dim"
              : name;
      Function<Tensor, Tensor> given = x -> name.startsWith("nan") ? strange(x).abs() : x;
      cases.add(one(name, x -> op(overload, given.apply(x), longs(1, 2), true, null)));
    }
    cases.add(one("sum of all", x -> x.sum().add(x.mean())));
    for (String name : List.of("var", "std", "var_mean", "std_mean")) {
      cases.add(all(name, x -> ops(name + ".correction", x.exp(), longs(2), 0, true)));
      cases.add(all(name + " of all", x -> ops(name, x, true)));
      cases.add(
          all(
              name + " over a batch",
              x ->
                  ops(name + ".dim", Torch.cat(List.of(x, x.exp()), 0), longs(0, 2), true, false)));
    }
    for (String name : List.of("amax", "amin", "logsumexp", "special_logsumexp")) {
      cases.add(one(name, x -> op(name, x, longs(1), false)));
    }
    for (String name : List.of("max", "min")) {
      cases.add(all(name + " of a dim", x -> ops(name + ".dim", x, 1, false)));
      cases.add(one(name, x -> op(name, x).add(op(name + ".other", x, x.flip(2)))));
    }
    cases.add(all("aminmax", x -> ops("aminmax", x, 1, true)));
    cases.add(
        one("argmax, argmin", x -> op("argmax", x, 1, false).add(op("argmin", x, null, false))));
    cases.add(one("argmax of all, kept", x -> op("argmax", x, null, true)));
    cases.add(
        one(
            "prod",
            x -> op("prod.dim_int", x, 2, false, null).add(op("prod", x.tanh(), (Object) null))));
    cases.add(
        one("all, any", x -> op("all.dim", x.gt(-1), 1, true).logicalXor(op("any", x.gt(1)))));
    cases.add(
        one("any of a dim", x -> op("any.dim", x.gt(1), 1, false).logicalOr(op("all", x.gt(0)))));
    cases.add(one("count_nonzero", x -> op("count_nonzero.dim_IntList", x.round(), longs(1))));
    for (Object p : List.of(1, 2, 3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0)) {
      cases.add(
          one(
              "linalg_vector_norm " + p,
              x -> op("linalg_vector_norm", x, p, longs(-1), true, null)));
    }
    cases.add(
        one(
            "norm",
            x -> op("norm.ScalarOpt_dim", x, 2, longs(1), false).add(op("norm.Scalar", x, 2))));
    cases.add(one("linalg_norm", x -> op("linalg_norm", x, null, null, false, null)));
    cases.add(
        one(
            "linalg_matrix_norm",
            x -> op("linalg_matrix_norm.str_ord", x, "fro", longs(1, 2), false, null)));
    cases.add(one("frobenius_norm", x -> op("frobenius_norm.dim", x, longs(1, 2), false)));
    cases.add(one("dist", x -> op("dist", x, x.exp(), 2)));
    cases.add(one("cumsum", x -> op("cumsum", x, 1, null)));
    cases.add(one("cumprod", x -> op("cumprod", x, 1, null)));
    cases.add(one("logcumsumexp", x -> op("logcumsumexp", x, 1)));
    cases.add(all("cummax", x -> ops("cummax", x.round(), 1)));
    cases.add(all("cummin", x -> ops("cummin", x.round(), -1)));
    cases.add(one("diff", x -> op("diff", Torch.cat(List.of(x, x.exp()), 1), 1, 1, null, null)));
    return cases;
  }

  private static List<Case> products() {
    return List.of(
        one(
            "outer, ger",
            x ->
                op("outer", x.select(0, 0).select(1, 0), x.select(1, 0).select(1, 1))
                    .add(op("ger", x.select(0, 0).select(1, 0), x.select(1, 0).select(1, 1)))),
        one(
            "dot, vdot",
            x ->
                op("dot", x.reshape(-1), x.exp().reshape(-1))
                    .add(op("vdot", x.reshape(-1), x.reshape(-1)))),
        one("inner", x -> op("inner", x, x.select(1, 0)).add(op("inner", x, x).sum())),
        one("einsum", x -> Torch.einsum("bti,bsi->bts", x, x)),
        one(
            "einsum with an ellipsis",
            x -> Torch.einsum("...i,ij -> ...j", x, x.select(0, 0).t().mm(x.select(0, 0)))),
        one("tensordot", x -> op("tensordot", x, x, longs(0, 2), longs(0, 2))),
        one(
            "bilinear",
            x ->
                op(
                    "bilinear",
                    x,
                    x,
                    Torch.arange(48).view(3, 4, 4).div(48),
                    Torch.tensor(1.0f, 2.0f, 3.0f))),
        one(
            "chain_matmul",
            x -> op("chain_matmul", List.of(x.select(0, 0), x.select(0, 0).t(), x.select(0, 0)))),
        one(
            "linalg_multi_dot",
            x ->
                op(
                    "linalg_multi_dot",
                    List.of(x.select(0, 0), x.select(0, 0).t(), x.select(0, 0)))),
        one(
            "addmv",
            x ->
                op(
                    "addmv",
                    x.select(0, 0).select(1, 0),
                    x.select(0, 0),
                    x.sum(new long[] {0, 1}).tanh(),
                    0.5,
                    2)),
        one(
            "addr",
            x ->
                op(
                    "addr",
                    x.select(0, 0),
                    x.select(0, 0).select(1, 0),
                    x.select(0, 0).select(0, 0),
                    2,
                    0.5)),
        one(
            "addbmm",
            x ->
                op(
                    "addbmm",
                    x.select(0, 0).mm(x.select(0, 0).t()),
                    x,
                    x.transpose(1, 2),
                    0.5,
                    0.1)),
        one(
            "addmm",
            x ->
                Torch.addmm(
                    x.select(0, 0).sum(0),
                    x.select(1, 0),
                    x.select(1, 0).t().mm(x.select(1, 0)),
                    0.5,
                    2)),
        one("baddbmm", x -> Torch.baddbmm(x.sum(2, true), x, x.transpose(1, 2), 0.5, 2)),
        one(
            "matmul",
            x -> op("matmul", x, x.transpose(1, 2)).add(op("linalg_matmul", x, x.transpose(1, 2)))),
        one("mm", x -> x.select(0, 0).mm(x.select(0, 0).t())),
        one(
            "bmm, mv",
            x ->
                x.bmm(x.transpose(1, 2)).sum().add(x.select(0, 0).mv(x.select(0, 0).select(0, 0)))),
        one(
            "det",
            x ->
                op("det", x.transpose(1, 2).bmm(x))
                    .add(op("linalg_det", x.transpose(1, 2).bmm(x).tanh()))),
        one("linalg_cross", x -> op("linalg_cross", x.narrow(2, 0, 3), x.narrow(2, 1, 3), -1)),
        one("cross", x -> op("cross", x.narrow(2, 0, 3), x.narrow(2, 1, 3), 2)),
        one("kron", x -> op("kron", x.select(0, 0), x.select(0, 0).exp())),
        one(
            "cdist",
            x -> op("cdist", x, x.mul(2), 2.0, null).add(op("cdist", x, x.mul(2), 1.0, null))),
        one("pairwise_distance", x -> op("pairwise_distance", x, x.exp(), 2.0, 1e-6, true)),
        one("cosine_similarity", x -> op("cosine_similarity", x, x.exp(), 2, 1e-8)),
        one(
            "linear",
            x ->
                op(
                    "linear",
                    x,
                    Torch.arange(12).view(3, 4).div(12),
                    Torch.tensor(1.0f, 2.0f, 3.0f))),
        one("trace", x -> op("trace", x.transpose(1, 2).bmm(x).select(0, 0))));
  }
}
