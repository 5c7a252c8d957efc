package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Operators that accumulate along a dimension.
final class ScanLowerings {
  private ScanLowerings() {}

  static void register(Map<String, Lowering> to) {
    to.put(
        "aten::cumsum",
        call -> {
          OnnxValue x = call.tensor(0, call.dtype());
          OnnxValue dim = call.scalar(DType.INT64, (long) call.dim(1, call.rank()));
          call.result(call.emit("CumSum", call.dtype(), call.rank(), x, dim));
        });
    to.put("aten::cumprod", call -> accumulate(call, 1, List.of(node("Mul", "new", "sum", "x"))));
    to.put(
        "aten::logcumsumexp",
        // Stable: the larger one, and the logarithm of what the smaller adds to it.
        call ->
            accumulate(
                call,
                Double.NEGATIVE_INFINITY,
                List.of(
                    node("Max", "most", "sum", "x"),
                    node("Min", "least", "sum", "x"),
                    node("Sub", "gap", "least", "most"),
                    node("Equal", "is_same", "sum", "x"),
                    node("Where", "same", "is_same", "zero", "gap"),
                    node("Exp", "share", "same"),
                    node("Add", "whole", "share", "one"),
                    node("Log", "more", "whole"),
                    node("Add", "new", "most", "more"))));
    to.put("aten::cummax", call -> extreme(call, "GreaterOrEqual", Double.NEGATIVE_INFINITY));
    to.put("aten::cummin", call -> extreme(call, "LessOrEqual", Double.POSITIVE_INFINITY));
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addOutput(output)
        .addAllInput(List.of(inputs))
        .build();
  }

  /// A Scan whose body makes `new` of the state `sum` and the element `x`.
  private static void accumulate(OperatorCall call, double first, List<NodeProto> body) {
    OnnxValue x = call.tensor(0, call.dtype());
    if (x.rank() == 0) {
      call.result(x);
      return;
    }
    int dim = call.dim(1, x.rank());
    GraphProto.Builder graph = GraphProto.newBuilder().setName("step");
    graph
        .addInput(info("sum", x.dtype(), x.rank() - 1))
        .addInput(info("x", x.dtype(), x.rank() - 1));
    for (NodeProto each : body) {
      if (each.getInputList().contains("zero")) graph.addInitializer(constant(call, "zero", x, 0));
      if (each.getInputList().contains("one")) graph.addInitializer(constant(call, "one", x, 1));
    }
    graph.addAllNode(body).addNode(node("Identity", "out", "new"));
    graph.addOutput(info("new", x.dtype(), x.rank() - 1));
    graph.addOutput(info("out", x.dtype(), x.rank() - 1));
    List<OnnxValue> states = List.of(initial(call, x, dim, call.number(x, first)));
    call.result(scan(call, graph.build(), states, List.of(x), dim).get(1));
  }

  private static TensorProto constant(
      OperatorCall call, String name, OnnxValue like, double value) {
    return OnnxTypes.tensor(
        name, Objects.requireNonNull(call.number(like, value).constant(), "a constant"));
  }

  /// The largest or smallest element so far, and where it is: the last of equal ones.
  private static void extreme(OperatorCall call, String comparison, double first) {
    OnnxValue x = call.tensor(0);
    if (!x.dtype().isFloatingPoint()) throw call.refuse("whole numbers");
    if (x.rank() == 0) throw call.refuse("a tensor without dimensions");
    int dim = call.dim(1, x.rank());
    int rank = x.rank() - 1;
    GraphProto body =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(info("best", x.dtype(), rank))
            .addInput(info("place", DType.INT64, rank))
            .addInput(info("x", x.dtype(), rank))
            .addInput(info("i", DType.INT64, 0))
            .addNode(node(comparison, "is_better", "x", "best"))
            .addNode(node("Where", "new_best", "is_better", "x", "best"))
            .addNode(node("Where", "new_place", "is_better", "i", "place"))
            .addNode(node("Identity", "values", "new_best"))
            .addNode(node("Identity", "indices", "new_place"))
            .addOutput(info("new_best", x.dtype(), rank))
            .addOutput(info("new_place", DType.INT64, rank))
            .addOutput(info("values", x.dtype(), rank))
            .addOutput(info("indices", DType.INT64, rank))
            .build();
    List<OnnxValue> states =
        List.of(
            initial(call, x, dim, call.number(x, first)),
            initial(call, x, dim, call.scalar(DType.INT64, 0L)));
    OnnxValue places = call.range(call.sizeOf(0, dim));
    List<OnnxValue> outputs = scan(call, body, states, List.of(x, places), dim);
    call.result(outputs.get(2), outputs.get(3));
  }

  /// One element for each that is accumulated on its own.
  private static OnnxValue initial(OperatorCall call, OnnxValue x, int dim, OnnxValue value) {
    OnnxValue sizes = call.shape(call.gather(x, call.scalar(DType.INT64, 0L), dim));
    return call.expand(value, sizes, x.rank() - 1);
  }

  private static List<OnnxValue> scan(
      OperatorCall call, GraphProto body, List<OnnxValue> states, List<OnnxValue> inputs, int dim) {
    List<OnnxValue> all = new ArrayList<>(states);
    all.addAll(inputs);
    List<OnnxValue> outputs = new ArrayList<>();
    for (OnnxValue state : states) outputs.add(GraphBuilder.result(state.dtype(), state.rank()));
    for (OnnxValue state : states)
      outputs.add(GraphBuilder.result(state.dtype(), state.rank() + 1));
    List<Long> axes = new ArrayList<>();
    for (OnnxValue input : inputs) axes.add(input.rank() == 1 ? 0L : dim);
    return call.emit(
        "Scan",
        outputs,
        Map.of(
            "body",
            body,
            "num_scan_inputs",
            inputs.size(),
            "scan_input_axes",
            axes,
            "scan_output_axes",
            Collections.nCopies(states.size(), (long) dim)),
        all);
  }

  private static ValueInfoProto info(String name, DType dtype, int rank) {
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
    var type = info.getTypeBuilder().getTensorTypeBuilder().setElemType(OnnxTypes.code(dtype));
    TensorShapeProto.Builder shape = type.getShapeBuilder();
    for (int i = 0; i < rank; i++) shape.addDim(TensorShapeProto.Dimension.getDefaultInstance());
    return info.build();
  }
}
