package dev.pantorch.onnx;

import static dev.pantorch.onnx.OperatorCases.all;
import static dev.pantorch.onnx.OperatorCases.longs;
import static dev.pantorch.onnx.OperatorCases.one;
import static dev.pantorch.onnx.OperatorCases.op;
import static dev.pantorch.onnx.OperatorCases.op1;
import static dev.pantorch.onnx.OperatorCases.ops;
import static dev.pantorch.onnx.OperatorCases.whole;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Calls of operators that arrange, pick, put and make elements.
final class ShapeCases {
  private ShapeCases() {}

  static List<OperatorCases.Case> shapes() {
    List<OperatorCases.Case> cases = new ArrayList<>();
    for (String name : List.of("swapaxes", "swapdims", "transpose.int")) {
      cases.add(one(name, x -> op(name, x, 1, 2)));
    }
    for (String name : List.of("movedim.intlist", "moveaxis.intlist")) {
      cases.add(one(name, x -> op(name, x, longs(0, 1), longs(2, 0))));
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
          one(
              name,
              x -> {
                List<@Nullable Object> arguments = new ArrayList<>(List.of(x.exp()));
                arguments.addAll(java.util.Arrays.asList(more));
                return op(name, arguments.toArray());
              }));
    }
    cases.add(
        one("numpy_T", x -> op("numpy_T", x.select(0, 0)).add(op("matrix_H", x.select(0, 0)))));
    cases.add(one("t", x -> x.select(0, 0).t()));
    cases.add(one("permute", x -> x.permute(2, 0, 1)));
    cases.add(one("expand_as", x -> x.sum(1, true).expandAs(x).mul(2)));
    cases.add(
        one(
            "expand, broadcast_to",
            x ->
                x.sum(2, true)
                    .expand(-1, -1, 3)
                    .add(Torch.broadcastTo(x.sum(2, true), 2, x.size(0), x.size(1), 3))));
    cases.add(all("broadcast_tensors", x -> Torch.broadcastTensors(x, x.sum(0), x.sum(1, true))));
    cases.add(
        one(
            "view_as, reshape_as",
            x -> x.reshape(-1).viewAs(x).add(op("reshape_as", x.flatten(), x))));
    cases.add(one("view", x -> x.view(x.size(0) * x.size(1), 4)));
    cases.add(one("_unsafe_view", x -> op("_unsafe_view", x, longs(-1, 2))));
    cases.add(one("reshape", x -> x.transpose(0, 1).reshape(x.size(1), x.size(0), 2, 2)));
    cases.add(one("flatten, unflatten", x -> x.flatten(0, 1).unflatten(1, 2, 2)));
    cases.add(
        one(
            "unsqueeze, squeeze",
            x -> op("squeeze", x.unsqueeze(0).exp()).add(op("squeeze.dim", x.unsqueeze(0), 0))));
    for (String name : List.of("hstack", "vstack", "dstack", "column_stack")) {
      cases.add(one(name, x -> op(name, List.of(x, x.exp()))));
      cases.add(
          one(
              name + " of vectors",
              x -> op(name, List.of(x.sum(new long[] {1, 2}), x.mean(new long[] {1, 2})))));
    }
    for (String name : List.of("cat", "concat", "concatenate")) {
      cases.add(one(name, x -> op(name, List.of(x, x.exp()), 1)));
    }
    cases.add(one("stack", x -> Torch.stack(List.of(x, x.exp()), -1)));
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
    cases.add(one("to, type_as", x -> x.to(DType.INT64).typeAs(x).add(x.gt(0).to(DType.FLOAT32))));
    cases.add(
        one(
            "dropout",
            x ->
                op("dropout", x, 0.5, false)
                    .add(op("feature_dropout", x, 0.5, false))
                    .add(op("alpha_dropout", x, 0.5, false))
                    .add(op("feature_alpha_dropout", x, 0.5, false))));
    return cases;
  }

  static List<OperatorCases.Case> arrangements() {
    return List.of(
        one("repeat", x -> op("repeat", x, longs(2, 1, 3, 1))),
        one("tile", x -> op("tile", x, longs(2, 3))),
        one("repeat_interleave", x -> op("repeat_interleave.self_int", x, 3, 1, null)),
        one("repeat_interleave of all", x -> op("repeat_interleave.self_int", x, 2, null, null)),
        one(
            "repeat_interleave by numbers",
            x ->
                op(
                    "repeat_interleave.self_Tensor",
                    x,
                    x.abs().sum(new long[] {0, 1}).round().to(DType.INT64),
                    2,
                    null)),
        one("roll", x -> op("roll", x, longs(1, -5), longs(1, 2))),
        one("roll of all", x -> op("roll", x, longs(2), longs())),
        one(
            "rot90",
            x -> op("rot90", x, 1, longs(1, 2)).sum(0).add(op("rot90", x, 3, longs(1, 2)).sum(0))),
        one("flip", x -> x.flip(1, 2)),
        one("tril, triu", x -> op("tril", x, 1).add(op("triu", x, -1))),
        one("diagonal", x -> op("diagonal", x.transpose(1, 2).bmm(x), 1, 1, 2)),
        one(
            "diag",
            x ->
                op("diag", x.transpose(1, 2).bmm(x).select(0, 0), -1)
                    .sum()
                    .add(op("diag", x.select(0, 0).select(0, 0), 1))),
        one("diag_embed", x -> op("diag_embed", x, 1, 0, -1)),
        one("diag_embed below", x -> op("diag_embed", x, -2, -2, -1)),
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
        one("unfold", x -> op("unfold", x, 2, 2, 1)),
        one(
            "unfold of a dynamic size",
            x -> op("unfold", Torch.cat(List.of(x, x.exp()), 1), 1, 3, 2)));
  }

  static List<OperatorCases.Case> picking() {
    List<OperatorCases.Case> cases =
        new ArrayList<>(
            List.of(
                all("topk", x -> ops("topk", x, 2, -1, true, true)),
                all("topk, smallest", x -> ops("topk", x, 3, 2, false, true)),
                all("sort", x -> ops("sort", x, 1, true)),
                all("sort, stable", x -> ops("sort.stable", x.round(), true, 2, false)),
                one("argsort", x -> op("argsort", x, 1, false)),
                op1("msort"),
                all("kthvalue", x -> ops("kthvalue", x, 2, 2, true)),
                all("median", x -> ops("median.dim", x, 1, false)),
                one("median of all", x -> op("median", x)),
                one("nonzero", x -> op("nonzero", x.gt(0)).add(op("argwhere", x.gt(0)))),
                all("nonzero_numpy", x -> ops("nonzero_numpy", x.round())),
                one("masked_select", x -> op("masked_select", x, x.gt(0))),
                one("masked_select by rows", x -> op("masked_select", x, x.sum(2, true).gt(0))),
                one("take", x -> op("take", x, Torch.tensor(0L, 3L, 5L))),
                one("take_along_dim", x -> op("take_along_dim", x, x.argmax(1, true), 1)),
                one("gather", x -> x.gather(1, x.argmax(1, true))),
                one(
                    "index by numbers",
                    x ->
                        op(
                            "index.Tensor",
                            x,
                            java.util.Arrays.asList(null, null, Torch.tensor(2L, -1L, 0L)))),
                one("index by a mask", x -> op("index.Tensor", x, List.of(x.sum(2).gt(0)))),
                one(
                    "index side by side",
                    x ->
                        op(
                            "index.Tensor",
                            x.unsqueeze(0).expand(2, -1, -1, -1),
                            java.util.Arrays.asList(
                                null, Torch.arange(x.size(0)), x.sum(2).argmax(1)))),
                one(
                    "index apart",
                    x ->
                        op(
                            "index.Tensor",
                            x,
                            java.util.Arrays.asList(
                                Torch.tensor(0L, 0L), null, Torch.tensor(1L, 3L)))),
                one("index_select", x -> x.indexSelect(2, Torch.tensor(2L, 0L))),
                one(
                    "select, narrow, slice",
                    x ->
                        x.select(1, -1)
                            .add(x.narrow(1, x.size(1) - 1, 1).squeeze(1))
                            .add(x.slice(1, 0L, 1L, 1).squeeze(1))),
                one("one_hot", x -> op("one_hot", whole(x).remainder(5), 5)),
                all("_unique2", x -> ops("_unique2", x.round(), true, true, true)),
                one(
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
          one(
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

  static List<OperatorCases.Case> scattering() {
    List<OperatorCases.Case> cases = new ArrayList<>();
    Function<Tensor, Tensor> places = x -> whole(x).remainder(4);
    cases.add(
        one(
            "scatter",
            x ->
                op("scatter.src", x, 2, x.argsort(2), x.exp())
                    .add(op("scatter.value", x, 1, x.argmax(1, true), 7))));
    cases.add(
        one(
            "scatter, reduced",
            x ->
                op("scatter.reduce", x, 2, places.apply(x), x.exp(), "add")
                    .add(op("scatter.value_reduce", x, 1, x.argmax(1, true), 2, "multiply"))));
    cases.add(one("scatter_add", x -> op("scatter_add", x, 2, places.apply(x), x.exp())));
    for (String reduce : List.of("sum", "prod", "amax", "amin", "mean")) {
      cases.add(
          one(
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
          one(
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
        one(
            "index_put, accumulated",
            x ->
                op(
                    "index_put",
                    x,
                    List.of(Torch.tensor(0L, 0L), Torch.tensor(0L, 0L)),
                    x.select(0, 0).narrow(0, 0, 1),
                    true)));
    cases.add(
        one(
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
        one(
            "index_add",
            x -> op("index_add", x, 2, Torch.tensor(1L, 1L, 3L), x.narrow(2, 1, 3), 0.5)));
    cases.add(
        one(
            "index_copy",
            x -> op("index_copy", x, 2, Torch.tensor(3L, 1L), x.narrow(2, 0, 2).exp())));
    cases.add(one("index_fill", x -> op("index_fill.int_Scalar", x, 2, Torch.tensor(3L, 1L), 7)));
    cases.add(one("masked_scatter", x -> op("masked_scatter", x, x.gt(0), x.exp())));
    cases.add(one("select_scatter", x -> op("select_scatter", x, x.sum(1), 1, -1)));
    cases.add(
        one("slice_scatter", x -> op("slice_scatter", x, x.narrow(2, 0, 2).exp(), 2, 0, 4, 2)));
    cases.add(
        one(
            "slice_scatter along a dynamic size",
            x -> op("slice_scatter", x, x.narrow(1, 0, x.size(1) - 1).exp(), 1, 1, null, 1)));
    cases.add(
        one(
            "diagonal_scatter",
            x ->
                op(
                    "diagonal_scatter",
                    x.transpose(1, 2).bmm(x).select(0, 0),
                    x.select(0, 0).select(0, 0).narrow(0, 0, 3),
                    1,
                    0,
                    1)));
    cases.add(one("copy", x -> op("copy", x, x.sum(2, true), false)));
    cases.add(
        one(
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

  static List<OperatorCases.Case> making() {
    return List.of(
        one("arange", x -> Torch.arange(x.size(1)).add(Torch.arange(2, x.size(1) + 2))),
        one("zeros, ones", x -> Torch.ones(x.size(0), 2).add(Torch.zeros(x.size(0), 1))),
        one("full", x -> Torch.full(new long[] {x.size(1)}, 2.5)),
        one("like", x -> Torch.onesLike(x).add(Torch.fullLike(x, 2)).add(Torch.zerosLike(x))),
        one("new", x -> x.add(x.newZeros(4)).add(x.newOnes(4)).add(x.newFull(new long[] {4}, 2))),
        one(
            "empty",
            x -> Torch.empty(x.size(0), 3).fill_(1).add(x.newEmpty(x.size(0), 3).fill_(2))),
        one("eye", x -> x.matmul(Torch.eye(4))),
        one("linspace", x -> x.mul(Torch.linspace(0, 1, 4)).add(Torch.logspace(0, 1, 4))),
        one("scalar_tensor", x -> x.mul(Torch.scalarTensor(2.5))),
        one(
            "tril_indices, triu_indices",
            x ->
                x.indexSelect(2, Torch.trilIndices(3, 3).select(0, 0))
                    .add(x.indexSelect(2, Torch.triuIndices(3, 3).select(0, 0)))));
  }
}
