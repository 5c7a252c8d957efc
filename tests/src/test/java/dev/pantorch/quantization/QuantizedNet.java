package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.ReLU;
import java.util.List;

/// A small network for images, (N, 1, 8, 8) to (N, 3), as in `static_quantization.py`.
public final class QuantizedNet extends Module {
  final QuantStub quant = register("quant", new QuantStub());
  final Conv2d conv = register("conv", new Conv2d(1, 8, 3, o -> o.padding(1).bias(false)));
  final BatchNorm2d bn = register("bn", new BatchNorm2d(8));
  final ReLU relu = register("relu", new ReLU());
  final MaxPool2d pool = register("pool", new MaxPool2d(2));
  final Conv2d branch = register("branch", new Conv2d(8, 8, 3, o -> o.padding(1)));
  final ReLU branchRelu = register("branch_relu", new ReLU());
  final FloatFunctional add = register("add", new FloatFunctional());
  final Flatten flatten = register("flatten", new Flatten());
  final Linear fc = register("fc", new Linear(128, 16));
  final ReLU fcRelu = register("fc_relu", new ReLU());
  final Linear head = register("head", new Linear(16, 3));
  final DeQuantStub dequant = register("dequant", new DeQuantStub());

  /// Which layers become one.
  public static void fused(StaticOptions o) {
    o.fuse("conv", "bn", "relu").fuse("branch", "branch_relu").fuse("fc", "fc_relu");
  }

  /// A quantized one of random weights.
  public static QuantizedNet quantized(List<Tensor> batches) {
    return Quantization.quantize(
        new QuantizedNet(),
        QuantizedNet::new,
        net -> batches.forEach(net::forward),
        QuantizedNet::fused);
  }

  /// From (N, 1, 8, 8) to (N, 3).
  public Tensor forward(Tensor input) {
    Tensor x = quant.forward(input);
    x = pool.forward(relu.forward(bn.forward(conv.forward(x))));
    x = add.add(x, branchRelu.forward(branch.forward(x)));
    return dequant.forward(head.forward(fcRelu.forward(fc.forward(flatten.forward(x)))));
  }
}
