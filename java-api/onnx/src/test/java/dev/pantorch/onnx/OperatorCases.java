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
            shapes(),
            arrangements(),
            picking(),
            scattering(),
            images(),
            making(),
            recurrent())
        .flatMap(List::stream);
  }

  private static Case of(String name, Function<Tensor, Tensor> function) {
    return new Case(name, x -> List.of(function.apply(x)));
  }

  private static Case all(String name, Function<Tensor, List<Tensor>> function) {
    return new Case(name, function);
  }

  /// The tensors that an operator returns.
  private static List<Tensor> ops(String name, @Nullable Object... arguments) {
    List<Tensor> tensors = new ArrayList<>();
    for (Object each : Torch.op("aten::" + name).call(arguments)) {
      if (each instanceof List<?> list) list.forEach(item -> tensors.add((Tensor) item));
      else tensors.add((Tensor) java.util.Objects.requireNonNull(each));
    }
    return tensors;
  }

  private static Tensor op(String name, @Nullable Object... arguments) {
    return ops(name, arguments).getFirst();
  }

  private static Case op1(String name) {
    return of(name, x -> op(name, x));
  }

  private static List<Long> longs(long... values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  private static Tensor whole(Tensor x) {
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
      cases.add(of(name, x -> op(name, x.mul(2))));
    }
    for (String name :
        List.of("acos", "arccos", "asin", "arcsin", "atanh", "arctanh", "tan", "cosh", "sinh")) {
      cases.add(of(name, x -> op(name, x.tanh().mul(0.8))));
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
      cases.add(of(name, x -> op(name, x.abs().add(1.1))));
    }
    for (String name : List.of("round", "special_round")) {
      cases.add(of(name, x -> op(name, x.mul(4))));
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
      cases.add(of(name, x -> op(name, x.mul(3), x.flip(2))));
    }
    cases.add(
        of(
            "round to decimals",
            x -> op("round.decimals", x, 1).add(op("round.decimals", x.mul(30), -1))));
    cases.add(of("float_power", x -> op("float_power.Tensor_Scalar", x.abs(), 1.5)));
    cases.add(of("heaviside", x -> op("heaviside", x.round(), x.sum(-1, true))));
    for (String name : List.of("xlogy.Tensor", "special_xlogy")) {
      cases.add(of(name, x -> op(name, x.round(), x.abs())));
    }
    cases.add(of("remainder of whole numbers", x -> whole(x).remainder(4)));
    cases.add(of("fmod of whole numbers", x -> whole(x).fmod(4)));
    cases.add(of("floor_divide of whole numbers", x -> whole(x).floorDivide(4)));
    cases.add(of("div by floor", x -> x.div(0.3, "floor")));
    cases.add(of("div by trunc", x -> x.div(0.3, "trunc").add(whole(x).div(2, "trunc"))));
    cases.add(of("divide by floor", x -> whole(x).div(whole(x).flip(2).abs().add(1), "floor")));
    cases.add(of("addcmul", x -> op("addcmul", x, x.exp(), x.flip(1), 0.5)));
    cases.add(of("addcdiv", x -> op("addcdiv", x, x, x.exp(), 2)));
    cases.add(of("lerp", x -> op("lerp.Scalar", x, x.exp(), 0.3)));
    cases.add(of("lerp of tensors", x -> op("lerp.Tensor", x, x.exp(), x.sigmoid())));
    cases.add(of("logit", x -> op("logit", probability(x), 0.1)));
    cases.add(of("special_logit", x -> op("special_logit", probability(x), null)));
    cases.add(of("nan_to_num", x -> op("nan_to_num", strange(x), 0.5, 7.0, null)));
    for (String name : List.of("add.Tensor", "sub.Tensor", "subtract.Tensor")) {
      cases.add(of(name, x -> op(name, x, x.exp(), 2)));
    }
    for (String name : List.of("mul.Tensor", "multiply.Tensor")) {
      cases.add(of(name, x -> op(name, x, x.exp())));
    }
    cases.add(of("rsub", x -> op("rsub.Scalar", x, 3, 2)));
    cases.add(of("pow", x -> x.pow(3).add(x.abs().pow(x))));
    cases.add(of("clamp", x -> op("clamp", x, -0.5, 0.5).add(op("clip", x, null, 0.2))));
    cases.add(
        of(
            "clamp by tensors",
            x -> op("clamp.Tensor", x, x.mean(2, true), x.amax(new long[] {2}, true).mul(0.5))));
    cases.add(of("clamp_min, clamp_max", x -> x.clampMin(0).add(x.clampMax(0.1))));
    return cases;
  }

  private static List<Case> logic() {
    List<Case> cases = new ArrayList<>();
    for (String name : List.of("isnan", "isinf", "isfinite", "isposinf", "isneginf")) {
      cases.add(of(name, x -> op(name, strange(x))));
    }
    cases.add(
        of(
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
      cases.add(of(name, x -> op(name + ".Tensor", x.round(), x.flip(2).round())));
    }
    for (String name : List.of("logical_and", "logical_or", "logical_xor")) {
      cases.add(of(name, x -> op(name, x.gt(0), x.round())));
    }
    cases.add(op1("logical_not"));
    cases.add(of("comparison of dtypes", x -> whole(x).gt(0.5).eq(x.gt(0).to(DType.INT64).gt(x))));
    cases.add(op1("signbit"));
    cases.add(of("isclose", x -> op("isclose", x, x.mul(1.001), 0.01, 1e-3, true)));
    for (String name :
        List.of("bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__", "__xor__")) {
      cases.add(of(name, x -> op(name + ".Tensor", whole(x), whole(x).flip(2))));
      cases.add(of(name + " of truth", x -> op(name + ".Tensor", x.gt(0), x.lt(0.5))));
    }
    cases.add(of("bitwise_not", x -> op("bitwise_not", whole(x))));
    for (String name : List.of("bitwise_left_shift", "bitwise_right_shift")) {
      cases.add(of(name, x -> op(name + ".Tensor_Scalar", whole(x), 2)));
    }
    for (String name : List.of("__lshift__", "__rshift__")) {
      cases.add(of(name, x -> op(name + ".Scalar", whole(x), 1)));
    }
    for (boolean right : new boolean[] {false, true}) {
      cases.add(
          of(
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
        of(
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
        of("isin", x -> op("isin.Tensor_Tensor", whole(x), Torch.tensor(0L, 2L), false, true)));
    cases.add(of("where", x -> Torch.where(x.gt(0), x, x.mul(2))));
    cases.add(all("where of a condition", x -> Torch.where(x.gt(0))));
    cases.add(of("masked_fill", x -> x.maskedFill(x.gt(0), -7)));
    return cases;
  }

  private static List<Case> activations() {
    return List.of(
        op1("relu"),
        op1("relu6"),
        op1("selu"),
        op1("silu"),
        of("softsign", Functional::softsign),
        op1("mish"),
        op1("hardswish"),
        op1("hardsigmoid"),
        op1("log_sigmoid"),
        of("leaky_relu", x -> op("leaky_relu", x, 0.2)),
        of("elu", x -> op("elu", x, 1.3, 1, 1).add(op("elu", x, 0.7, 1.5, 2))),
        of("celu", x -> op("celu", x, 1.3)),
        of(
            "prelu",
            x ->
                op("prelu", x, Torch.tensor(0.25f))
                    .add(
                        op("prelu", x.transpose(1, 2), Torch.tensor(0.1f, 0.2f, 0.3f, 0.4f))
                            .transpose(1, 2))),
        of("hardshrink", x -> op("hardshrink", x, 0.3)),
        of("softshrink", x -> op("softshrink", x, 0.3)),
        of("hardtanh", x -> op("hardtanh", x, -0.5, 0.7)),
        of("threshold", x -> op("threshold", x, 0.1, 5)),
        of("rrelu", x -> op("rrelu", x, 0.1, 0.3, false, null)),
        of("softplus", x -> op("softplus", x, 1, 20).add(op("softplus", x, 2.5, 1))),
        of("gelu", x -> op("gelu", x, "none").add(op("gelu", x, "tanh"))),
        of("glu", x -> op("glu", x, -1)),
        of("softmax", x -> op("softmax.int", x, 1, null).add(op("_softmax", x, 2, false))),
        of(
            "log_softmax",
            x -> op("log_softmax.int", x, 1, null).add(op("_log_softmax", x, 2, false))),
        of(
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
      cases.add(of(name, x -> op(overload, given.apply(x), longs(1, 2), true, null)));
    }
    cases.add(of("sum of all", x -> x.sum().add(x.mean())));
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
      cases.add(of(name, x -> op(name, x, longs(1), false)));
    }
    for (String name : List.of("max", "min")) {
      cases.add(all(name + " of a dim", x -> ops(name + ".dim", x, 1, false)));
      cases.add(of(name, x -> op(name, x).add(op(name + ".other", x, x.flip(2)))));
    }
    cases.add(all("aminmax", x -> ops("aminmax", x, 1, true)));
    cases.add(
        of("argmax, argmin", x -> op("argmax", x, 1, false).add(op("argmin", x, null, false))));
    cases.add(of("argmax of all, kept", x -> op("argmax", x, null, true)));
    cases.add(
        of(
            "prod",
            x -> op("prod.dim_int", x, 2, false, null).add(op("prod", x.tanh(), (Object) null))));
    cases.add(of("all, any", x -> op("all.dim", x.gt(-1), 1, true).logicalXor(op("any", x.gt(1)))));
    cases.add(
        of("any of a dim", x -> op("any.dim", x.gt(1), 1, false).logicalOr(op("all", x.gt(0)))));
    cases.add(of("count_nonzero", x -> op("count_nonzero.dim_IntList", x.round(), longs(1))));
    for (Object p : List.of(1, 2, 3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0)) {
      cases.add(
          of(
              "linalg_vector_norm " + p,
              x -> op("linalg_vector_norm", x, p, longs(-1), true, null)));
    }
    cases.add(
        of(
            "norm",
            x -> op("norm.ScalarOpt_dim", x, 2, longs(1), false).add(op("norm.Scalar", x, 2))));
    cases.add(of("linalg_norm", x -> op("linalg_norm", x, null, null, false, null)));
    cases.add(
        of(
            "linalg_matrix_norm",
            x -> op("linalg_matrix_norm.str_ord", x, "fro", longs(1, 2), false, null)));
    cases.add(of("frobenius_norm", x -> op("frobenius_norm.dim", x, longs(1, 2), false)));
    cases.add(of("dist", x -> op("dist", x, x.exp(), 2)));
    cases.add(of("cumsum", x -> op("cumsum", x, 1, null)));
    cases.add(of("cumprod", x -> op("cumprod", x, 1, null)));
    cases.add(of("logcumsumexp", x -> op("logcumsumexp", x, 1)));
    cases.add(all("cummax", x -> ops("cummax", x.round(), 1)));
    cases.add(all("cummin", x -> ops("cummin", x.round(), -1)));
    cases.add(of("diff", x -> op("diff", Torch.cat(List.of(x, x.exp()), 1), 1, 1, null, null)));
    return cases;
  }

  private static List<Case> products() {
    return List.of(
        of(
            "outer, ger",
            x ->
                op("outer", x.select(0, 0).select(1, 0), x.select(1, 0).select(1, 1))
                    .add(op("ger", x.select(0, 0).select(1, 0), x.select(1, 0).select(1, 1)))),
        of(
            "dot, vdot",
            x ->
                op("dot", x.reshape(-1), x.exp().reshape(-1))
                    .add(op("vdot", x.reshape(-1), x.reshape(-1)))),
        of("inner", x -> op("inner", x, x.select(1, 0)).add(op("inner", x, x).sum())),
        of("einsum", x -> Torch.einsum("bti,bsi->bts", x, x)),
        of(
            "einsum with an ellipsis",
            x -> Torch.einsum("...i,ij -> ...j", x, x.select(0, 0).t().mm(x.select(0, 0)))),
        of("tensordot", x -> op("tensordot", x, x, longs(0, 2), longs(0, 2))),
        of(
            "bilinear",
            x ->
                op(
                    "bilinear",
                    x,
                    x,
                    Torch.arange(48).view(3, 4, 4).div(48),
                    Torch.tensor(1.0f, 2.0f, 3.0f))),
        of(
            "chain_matmul",
            x -> op("chain_matmul", List.of(x.select(0, 0), x.select(0, 0).t(), x.select(0, 0)))),
        of(
            "linalg_multi_dot",
            x ->
                op(
                    "linalg_multi_dot",
                    List.of(x.select(0, 0), x.select(0, 0).t(), x.select(0, 0)))),
        of(
            "addmv",
            x ->
                op(
                    "addmv",
                    x.select(0, 0).select(1, 0),
                    x.select(0, 0),
                    x.sum(new long[] {0, 1}).tanh(),
                    0.5,
                    2)),
        of(
            "addr",
            x ->
                op(
                    "addr",
                    x.select(0, 0),
                    x.select(0, 0).select(1, 0),
                    x.select(0, 0).select(0, 0),
                    2,
                    0.5)),
        of(
            "addbmm",
            x ->
                op(
                    "addbmm",
                    x.select(0, 0).mm(x.select(0, 0).t()),
                    x,
                    x.transpose(1, 2),
                    0.5,
                    0.1)),
        of(
            "addmm",
            x ->
                Torch.addmm(
                    x.select(0, 0).sum(0),
                    x.select(1, 0),
                    x.select(1, 0).t().mm(x.select(1, 0)),
                    0.5,
                    2)),
        of("baddbmm", x -> Torch.baddbmm(x.sum(2, true), x, x.transpose(1, 2), 0.5, 2)),
        of(
            "matmul",
            x -> op("matmul", x, x.transpose(1, 2)).add(op("linalg_matmul", x, x.transpose(1, 2)))),
        of("mm", x -> x.select(0, 0).mm(x.select(0, 0).t())),
        of(
            "bmm, mv",
            x ->
                x.bmm(x.transpose(1, 2)).sum().add(x.select(0, 0).mv(x.select(0, 0).select(0, 0)))),
        of(
            "det",
            x ->
                op("det", x.transpose(1, 2).bmm(x))
                    .add(op("linalg_det", x.transpose(1, 2).bmm(x).tanh()))),
        of("linalg_cross", x -> op("linalg_cross", x.narrow(2, 0, 3), x.narrow(2, 1, 3), -1)),
        of("cross", x -> op("cross", x.narrow(2, 0, 3), x.narrow(2, 1, 3), 2)),
        of("kron", x -> op("kron", x.select(0, 0), x.select(0, 0).exp())),
        of(
            "cdist",
            x -> op("cdist", x, x.mul(2), 2.0, null).add(op("cdist", x, x.mul(2), 1.0, null))),
        of("pairwise_distance", x -> op("pairwise_distance", x, x.exp(), 2.0, 1e-6, true)),
        of("cosine_similarity", x -> op("cosine_similarity", x, x.exp(), 2, 1e-8)),
        of(
            "linear",
            x ->
                op(
                    "linear",
                    x,
                    Torch.arange(12).view(3, 4).div(12),
                    Torch.tensor(1.0f, 2.0f, 3.0f))),
        of("trace", x -> op("trace", x.transpose(1, 2).bmm(x).select(0, 0))));
  }

  private static List<Case> shapes() {
    List<Case> cases = new ArrayList<>();
    for (String name : List.of("swapaxes", "swapdims", "transpose.int")) {
      cases.add(of(name, x -> op(name, x, 1, 2)));
    }
    for (String name : List.of("movedim.intlist", "moveaxis.intlist")) {
      cases.add(of(name, x -> op(name, x, longs(0, 1), longs(2, 0))));
    }
    for (String name :
        List.of(
            "mT",
            "mH",
            "adjoint",
            "fliplr",
            "flipud",
            "ravel",
            "contiguous",
            "clone",
            "detach",
            "alias",
            "lift_fresh",
            "lift_fresh_copy")) {
      @Nullable Object[] more =
          name.equals("clone")
              ? new Object[] {null}
              : name.equals("contiguous") ? new Object[] {0L} : new Object[0];
      cases.add(
          of(
              name,
              x -> {
                List<@Nullable Object> arguments = new ArrayList<>(List.of(x.exp()));
                arguments.addAll(java.util.Arrays.asList(more));
                return op(name, arguments.toArray());
              }));
    }
    cases.add(
        of("numpy_T", x -> op("numpy_T", x.select(0, 0)).add(op("matrix_H", x.select(0, 0)))));
    cases.add(of("t", x -> x.select(0, 0).t()));
    cases.add(of("permute", x -> x.permute(2, 0, 1)));
    cases.add(of("expand_as", x -> x.sum(1, true).expandAs(x).mul(2)));
    cases.add(
        of(
            "expand, broadcast_to",
            x ->
                x.sum(2, true)
                    .expand(-1, -1, 3)
                    .add(Torch.broadcastTo(x.sum(2, true), 2, x.size(0), x.size(1), 3))));
    cases.add(all("broadcast_tensors", x -> Torch.broadcastTensors(x, x.sum(0), x.sum(1, true))));
    cases.add(
        of(
            "view_as, reshape_as",
            x -> x.reshape(-1).viewAs(x).add(op("reshape_as", x.flatten(), x))));
    cases.add(of("view", x -> x.view(x.size(0) * x.size(1), 4)));
    cases.add(of("_unsafe_view", x -> op("_unsafe_view", x, longs(-1, 2))));
    cases.add(of("reshape", x -> x.transpose(0, 1).reshape(x.size(1), x.size(0), 2, 2)));
    cases.add(of("flatten, unflatten", x -> x.flatten(0, 1).unflatten(1, 2, 2)));
    cases.add(
        of(
            "unsqueeze, squeeze",
            x -> op("squeeze", x.unsqueeze(0).exp()).add(op("squeeze.dim", x.unsqueeze(0), 0))));
    for (String name : List.of("hstack", "vstack", "dstack", "column_stack")) {
      cases.add(of(name, x -> op(name, List.of(x, x.exp()))));
      cases.add(
          of(
              name + " of vectors",
              x -> op(name, List.of(x.sum(new long[] {1, 2}), x.mean(new long[] {1, 2})))));
    }
    for (String name : List.of("cat", "concat", "concatenate")) {
      cases.add(of(name, x -> op(name, List.of(x, x.exp()), 1)));
    }
    cases.add(of("stack", x -> Torch.stack(List.of(x, x.exp()), -1)));
    cases.add(
        all(
            "chunk, unsafe_chunk",
            x -> List.of(x.chunk(2, 2).get(1), ops("unsafe_chunk", x, 2, 2).get(0))));
    cases.add(
        all(
            "split, unsafe_split",
            x -> List.of(x.split(3, 2).get(1), ops("unsafe_split.Tensor", x, 3, 2).get(0))));
    cases.add(
        all(
            "split_with_sizes, unsafe_split_with_sizes",
            x ->
                List.of(
                    x.splitWithSizes(new long[] {1, 3}, 2).get(1),
                    ops("unsafe_split_with_sizes", x, longs(1, 3), 2).get(0))));
    cases.add(all("unbind", x -> x.unbind(2)));
    cases.add(all("tensor_split", x -> ops("tensor_split.sections", x, 3, 2)));
    cases.add(all("tensor_split at places", x -> ops("tensor_split.indices", x, longs(1, -1), 2)));
    cases.add(all("vsplit", x -> ops("vsplit.array", x, longs(1))));
    cases.add(all("dsplit", x -> ops("dsplit.int", x, 2)));
    cases.add(all("hsplit", x -> ops("hsplit.array", x, longs(1))));
    cases.add(of("to, type_as", x -> x.to(DType.INT64).typeAs(x).add(x.gt(0).to(DType.FLOAT32))));
    cases.add(
        of(
            "dropout",
            x ->
                op("dropout", x, 0.5, false)
                    .add(op("feature_dropout", x, 0.5, false))
                    .add(op("alpha_dropout", x, 0.5, false))
                    .add(op("feature_alpha_dropout", x, 0.5, false))));
    return cases;
  }

  private static List<Case> arrangements() {
    return List.of(
        of("repeat", x -> op("repeat", x, longs(2, 1, 3, 1))),
        of("tile", x -> op("tile", x, longs(2, 3))),
        of("repeat_interleave", x -> op("repeat_interleave.self_int", x, 3, 1, null)),
        of("repeat_interleave of all", x -> op("repeat_interleave.self_int", x, 2, null, null)),
        of(
            "repeat_interleave by numbers",
            x ->
                op(
                    "repeat_interleave.self_Tensor",
                    x,
                    x.abs().sum(new long[] {0, 1}).round().to(DType.INT64),
                    2,
                    null)),
        of("roll", x -> op("roll", x, longs(1, -5), longs(1, 2))),
        of("roll of all", x -> op("roll", x, longs(2), longs())),
        of(
            "rot90",
            x -> op("rot90", x, 1, longs(1, 2)).sum(0).add(op("rot90", x, 3, longs(1, 2)).sum(0))),
        of("flip", x -> x.flip(1, 2)),
        of("tril, triu", x -> op("tril", x, 1).add(op("triu", x, -1))),
        of("diagonal", x -> op("diagonal", x.transpose(1, 2).bmm(x), 1, 1, 2)),
        of(
            "diag",
            x ->
                op("diag", x.transpose(1, 2).bmm(x).select(0, 0), -1)
                    .sum()
                    .add(op("diag", x.select(0, 0).select(0, 0), 1))),
        of("diag_embed", x -> op("diag_embed", x, 1, 0, -1)),
        of("diag_embed below", x -> op("diag_embed", x, -2, -2, -1)),
        all(
            "meshgrid",
            x ->
                ops(
                    "meshgrid.indexing",
                    List.of(x.sum(new long[] {0, 1}), x.sum(new long[] {1, 2})),
                    "xy")),
        all(
            "meshgrid of three",
            x ->
                ops(
                    "meshgrid",
                    List.of(
                        x.sum(new long[] {0, 1}),
                        x.sum(new long[] {1, 2}),
                        x.sum(new long[] {0, 2})))),
        of("unfold", x -> op("unfold", x, 2, 2, 1)),
        of(
            "unfold of a dynamic size",
            x -> op("unfold", Torch.cat(List.of(x, x.exp()), 1), 1, 3, 2)));
  }

  private static List<Case> picking() {
    List<Case> cases =
        new ArrayList<>(
            List.of(
                all("topk", x -> ops("topk", x, 2, -1, true, true)),
                all("topk, smallest", x -> ops("topk", x, 3, 2, false, true)),
                all("sort", x -> ops("sort", x, 1, true)),
                all("sort, stable", x -> ops("sort.stable", x.round(), true, 2, false)),
                of("argsort", x -> op("argsort", x, 1, false)),
                op1("msort"),
                all("kthvalue", x -> ops("kthvalue", x, 2, 2, true)),
                all("median", x -> ops("median.dim", x, 1, false)),
                of("median of all", x -> op("median", x)),
                of("nonzero", x -> op("nonzero", x.gt(0)).add(op("argwhere", x.gt(0)))),
                all("nonzero_numpy", x -> ops("nonzero_numpy", x.round())),
                of("masked_select", x -> op("masked_select", x, x.gt(0))),
                of("masked_select by rows", x -> op("masked_select", x, x.sum(2, true).gt(0))),
                of("take", x -> op("take", x, Torch.tensor(0L, 3L, 5L))),
                of("take_along_dim", x -> op("take_along_dim", x, x.argmax(1, true), 1)),
                of("gather", x -> x.gather(1, x.argmax(1, true))),
                of(
                    "index by numbers",
                    x ->
                        op(
                            "index.Tensor",
                            x,
                            java.util.Arrays.asList(null, null, Torch.tensor(2L, -1L, 0L)))),
                of("index by a mask", x -> op("index.Tensor", x, List.of(x.sum(2).gt(0)))),
                of(
                    "index side by side",
                    x ->
                        op(
                            "index.Tensor",
                            x.unsqueeze(0).expand(2, -1, -1, -1),
                            java.util.Arrays.asList(
                                null, Torch.arange(x.size(0)), x.sum(2).argmax(1)))),
                of(
                    "index apart",
                    x ->
                        op(
                            "index.Tensor",
                            x,
                            java.util.Arrays.asList(
                                Torch.tensor(0L, 0L), null, Torch.tensor(1L, 3L)))),
                of("index_select", x -> x.indexSelect(2, Torch.tensor(2L, 0L))),
                of(
                    "select, narrow, slice",
                    x ->
                        x.select(1, -1)
                            .add(x.narrow(1, x.size(1) - 1, 1).squeeze(1))
                            .add(x.slice(1, 0L, 1L, 1).squeeze(1))),
                of("one_hot", x -> op("one_hot", whole(x).remainder(5), 5)),
                all("_unique2", x -> ops("_unique2", x.round(), true, true, true)),
                of(
                    "embedding",
                    x ->
                        op(
                            "embedding",
                            Torch.arange(10).view(5, 2).div(10),
                            whole(x).remainder(5),
                            -1,
                            false,
                            false))));
    for (long mode = 0; mode < 3; mode++) {
      long each = mode;
      cases.add(
          of(
              "embedding_bag " + mode,
              x ->
                  op(
                      "embedding_bag.padding_idx",
                      Torch.arange(10).view(5, 2).div(10).sub(0.4),
                      whole(x).remainder(5).reshape(-1),
                      Torch.arange(x.size(0)).mul(x.size(1) * 4),
                      false,
                      each,
                      false,
                      null,
                      false,
                      2)));
    }
    return cases;
  }

  private static List<Case> scattering() {
    List<Case> cases = new ArrayList<>();
    Function<Tensor, Tensor> places = x -> whole(x).remainder(4);
    cases.add(
        of(
            "scatter",
            x ->
                op("scatter.src", x, 2, x.argsort(2), x.exp())
                    .add(op("scatter.value", x, 1, x.argmax(1, true), 7))));
    cases.add(
        of(
            "scatter, reduced",
            x ->
                op("scatter.reduce", x, 2, places.apply(x), x.exp(), "add")
                    .add(op("scatter.value_reduce", x, 1, x.argmax(1, true), 2, "multiply"))));
    cases.add(of("scatter_add", x -> op("scatter_add", x, 2, places.apply(x), x.exp())));
    for (String reduce : List.of("sum", "prod", "amax", "amin", "mean")) {
      cases.add(
          of(
              "scatter_reduce, " + reduce,
              x ->
                  op("scatter_reduce.two", x, 2, places.apply(x), x.exp(), reduce, true)
                      .add(
                          op(
                              "scatter_reduce.two",
                              x,
                              2,
                              places.apply(x),
                              x.exp(),
                              reduce,
                              false))));
    }
    for (String name : List.of("index_put", "_unsafe_index_put")) {
      cases.add(
          of(
              name,
              x ->
                  op(
                      name,
                      x,
                      java.util.Arrays.asList(null, null, Torch.tensor(2L, 0L)),
                      x.narrow(2, 0, 2).exp(),
                      false)));
    }
    cases.add(
        of(
            "index_put, accumulated",
            x ->
                op(
                    "index_put",
                    x,
                    List.of(Torch.tensor(0L, 0L), Torch.tensor(0L, 0L)),
                    x.select(0, 0).narrow(0, 0, 1),
                    true)));
    cases.add(
        of(
            "index_put by a mask",
            x ->
                op("index_put", x, List.of(x.gt(0)), Torch.tensor(7.0f), false)
                    .add(
                        op(
                            "index_put",
                            x,
                            List.of(x.sum(2).gt(0)),
                            x.sum(new long[] {0, 1}),
                            false))));
    cases.add(
        of(
            "index_add",
            x -> op("index_add", x, 2, Torch.tensor(1L, 1L, 3L), x.narrow(2, 1, 3), 0.5)));
    cases.add(
        of(
            "index_copy",
            x -> op("index_copy", x, 2, Torch.tensor(3L, 1L), x.narrow(2, 0, 2).exp())));
    cases.add(of("index_fill", x -> op("index_fill.int_Scalar", x, 2, Torch.tensor(3L, 1L), 7)));
    cases.add(of("masked_scatter", x -> op("masked_scatter", x, x.gt(0), x.exp())));
    cases.add(of("select_scatter", x -> op("select_scatter", x, x.sum(1), 1, -1)));
    cases.add(
        of("slice_scatter", x -> op("slice_scatter", x, x.narrow(2, 0, 2).exp(), 2, 0, 4, 2)));
    cases.add(
        of(
            "slice_scatter along a dynamic size",
            x -> op("slice_scatter", x, x.narrow(1, 0, x.size(1) - 1).exp(), 1, 1, null, 1)));
    cases.add(
        of(
            "diagonal_scatter",
            x ->
                op(
                    "diagonal_scatter",
                    x.transpose(1, 2).bmm(x).select(0, 0),
                    x.select(0, 0).select(0, 0).narrow(0, 0, 3),
                    1,
                    0,
                    1)));
    cases.add(of("copy", x -> op("copy", x, x.sum(2, true), false)));
    cases.add(
        of(
            "in place",
            x -> {
              Tensor y = x.exp();
              y.mul_(2).relu_();
              y.indexFill_(2, Torch.tensor(1L), 3);
              Tensor z = Torch.emptyLike(y).fill_(2);
              return y.add(z.copy_(x)).add(x.exp().zero_());
            }));
    return cases;
  }

  private static List<Case> images() {
    List<Case> cases = new ArrayList<>();
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
          of(
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
          of(
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
          of(
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
            of(
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
          of(
              "adaptive_avg_pool" + d,
              x ->
                  op("adaptive_avg_pool" + d, input.apply(x), repeated(4, dims))
                      .sum(-1)
                      .add(
                          op("adaptive_avg_pool" + d, input.apply(x), repeated(1, dims)).sum(-1))));
      cases.add(
          of(
              "adaptive_max_pool" + d,
              x -> op("adaptive_max_pool" + d, input.apply(x), repeated(4, dims))));
      cases.add(
          all(
              "adaptive_max_pool" + d + " side by side",
              x -> ops("adaptive_max_pool" + d, input.apply(x), repeated(3, dims))));
      cases.add(
          of(
              "upsample_nearest" + d,
              x ->
                  op("upsample_nearest" + d + ".vec", input.apply(x), null, doubles(1.5, dims))
                      .sum(-1)));
      cases.add(
          of(
              "upsample_nearest" + d + " to a size",
              x -> op("upsample_nearest" + d + ".vec", input.apply(x), repeated(4, dims), null)));
      cases.add(
          of(
              "_upsample_nearest_exact" + d,
              x ->
                  op(
                      "_upsample_nearest_exact" + d + ".vec",
                      input.apply(x),
                      repeated(9, dims),
                      null)));
      cases.add(
          of(
              "reflection_pad" + d,
              x -> op("reflection_pad" + d, input.apply(x), repeated(2, 2 * dims))));
      cases.add(
          of(
              "replication_pad" + d,
              x -> op("replication_pad" + d, input.apply(x), repeated(2, 2 * dims))));
      String linear =
          List.of("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d").get(n - 1);
      for (boolean align : new boolean[] {false, true}) {
        cases.add(
            of(
                linear + " " + align,
                x -> op(linear + ".vec", input.apply(x), null, align, doubles(1.5, dims))));
        cases.add(
            of(
                linear + " to a size " + align,
                x -> op(linear + ".vec", input.apply(x), repeated(4, dims), align, null)));
      }
      cases.add(
          of(
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
          of(
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
          of(
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
          of(
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
        of(
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
        of(
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
          of(
              "upsample_bicubic2d " + align,
              x -> op("upsample_bicubic2d.vec", square.apply(x), longs(9, 4), align, null)));
      for (long mode = 0; mode < 3; mode++) {
        for (long padding = 0; padding < 3; padding++) {
          long m = mode;
          long p = padding;
          String name = mode == 0 ? "grid_sampler_2d" : "grid_sampler";
          // Places beyond the image, but none halfway between two elements.
          cases.add(
              of(
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
          of(
              "affine_grid_generator " + align,
              x ->
                  op(
                      "affine_grid_generator",
                      line.apply(x).narrow(1, 0, 2).narrow(2, 0, 3),
                      longs(x.size(0), 1, 3, 5),
                      align)));
    }
    cases.add(
        of(
            "_upsample_bilinear2d_aa",
            x ->
                op("_upsample_bilinear2d_aa.vec", square.apply(x), longs(3, 4), false, null)
                    .sum(-1)
                    .add(
                        op("_upsample_bicubic2d_aa.vec", square.apply(x), longs(3, 4), false, null)
                            .sum(-1))));
    for (String mode : List.of("constant", "reflect", "replicate", "circular")) {
      cases.add(of("pad, " + mode, x -> op("pad", square.apply(x), longs(1, 2, 3, 0), mode, null)));
    }
    cases.add(
        of("constant_pad_nd", x -> op("constant_pad_nd", image.apply(x), longs(1, -2, 0, 1), 0.5)));
    cases.add(of("_pad_circular", x -> op("_pad_circular", line.apply(x), longs(2, 1))));
    cases.add(of("pixel_shuffle", x -> op("pixel_shuffle", image.apply(x), 2)));
    cases.add(of("pixel_unshuffle", x -> op("pixel_unshuffle", square.apply(x), 2)));
    cases.add(
        of(
            "channel_shuffle",
            x ->
                op("channel_shuffle", image.apply(x), 2)
                    .add(op("native_channel_shuffle", image.apply(x), 2))));
    cases.add(
        of(
            "im2col",
            x ->
                op("im2col", square.apply(x), longs(2, 3), longs(1, 2), longs(1, 0), longs(2, 1))));
    cases.add(
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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

  private static List<Case> making() {
    return List.of(
        of("arange", x -> Torch.arange(x.size(1)).add(Torch.arange(2, x.size(1) + 2))),
        of("zeros, ones", x -> Torch.ones(x.size(0), 2).add(Torch.zeros(x.size(0), 1))),
        of("full", x -> Torch.full(new long[] {x.size(1)}, 2.5)),
        of("like", x -> Torch.onesLike(x).add(Torch.fullLike(x, 2)).add(Torch.zerosLike(x))),
        of("new", x -> x.add(x.newZeros(4)).add(x.newOnes(4)).add(x.newFull(new long[] {4}, 2))),
        of("empty", x -> Torch.empty(x.size(0), 3).fill_(1).add(x.newEmpty(x.size(0), 3).fill_(2))),
        of("eye", x -> x.matmul(Torch.eye(4))),
        of("linspace", x -> x.mul(Torch.linspace(0, 1, 4)).add(Torch.logspace(0, 1, 4))),
        of("scalar_tensor", x -> x.mul(Torch.scalarTensor(2.5))),
        of(
            "tril_indices, triu_indices",
            x ->
                x.indexSelect(2, Torch.trilIndices(3, 3).select(0, 0))
                    .add(x.indexSelect(2, Torch.triuIndices(3, 3).select(0, 0)))));
  }

  private static List<Case> recurrent() {
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
        all("packed", OperatorCases::packed),
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
        of(
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
