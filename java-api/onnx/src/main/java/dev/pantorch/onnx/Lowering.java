package dev.pantorch.onnx;

/// Says in ONNX operators what one operator of PyTorch's computes. A lowering of one's own is given
/// to the export, where it also replaces the one that is there:
///
/// ```java
/// Onnx.export(model, List.of(x), path, o -> o.lowering("aten::atan2", call -> {
///   OnnxValue ratio = call.emit("Div", call.dtype(), call.rank(), call.tensor(0), call.tensor(1));
///   call.result(call.emit("Atan", call.dtype(), call.rank(), ratio)); // for a positive divisor
/// }));
/// ```
@FunctionalInterface
public interface Lowering {
  /// Adds nodes for one call of the operator.
  ///
  /// @param call the call: its arguments, and where its results go
  void lower(OperatorCall call);
}
