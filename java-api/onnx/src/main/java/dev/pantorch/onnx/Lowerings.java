package dev.pantorch.onnx;

import java.util.HashMap;
import java.util.Map;

/// All lowerings by the operator's name.
final class Lowerings {
  private static final Map<String, Lowering> ALL = collect();

  private Lowerings() {}

  static Map<String, Lowering> all() {
    return ALL;
  }

  private static Map<String, Lowering> collect() {
    Map<String, Lowering> found = new HashMap<>();
    ElementwiseLowerings.register(found);
    ArithmeticLowerings.register(found);
    LogicLowerings.register(found);
    ActivationLowerings.register(found);
    ReductionLowerings.register(found);
    NormLowerings.register(found);
    ScanLowerings.register(found);
    ShapeLowerings.register(found);
    ArrangementLowerings.register(found);
    PickingLowerings.register(found);
    ScatterLowerings.register(found);
    CreationLowerings.register(found);
    LinearLowerings.register(found);
    AttentionLowerings.register(found);
    EmbeddingLowerings.register(found);
    NormalizationLowerings.register(found);
    RecurrentLowerings.register(found);
    DynamicLowerings.register(found);
    StaticLowerings.register(found);
    PackingLowerings.register(found);
    ConvolutionLowerings.register(found);
    PoolingLowerings.register(found);
    ImageLowerings.register(found);
    return Map.copyOf(found);
  }
}
