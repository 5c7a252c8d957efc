package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.utils.Fusion;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Makes one layer of several that follow each other.
final class Fusing {
  /// Python's patterns; layers of convolutions and norms have as many dimensions.
  private static final Pattern KNOWN =
      Pattern.compile(
          "Conv(?<d>[123])d, BatchNorm\\k<d>d(, ReLU)?|ConvTranspose(?<t>[123])d, BatchNorm\\k<t>d"
              + "|(Conv[123]d|Linear|BatchNorm[23]d), ReLU|Linear, BatchNorm1d");

  private Fusing() {}

  static void fuse(List<? extends Module> layers) {
    String names = layers.stream().map(Fusing::name).collect(Collectors.joining(", "));
    if (!KNOWN.matcher(names).matches()) {
      throw new ValueException("did not find fuser method for: (%s)".formatted(names));
    }
    if (Set.copyOf(layers.stream().map(Module::isTraining).toList()).size() > 1) {
      throw new ValueException(
          "%s must be in the same mode (train or eval).".formatted(names.replace(", ", " and ")));
    }
    Module first = layers.getFirst();
    if (layers.get(1) instanceof BatchNorm norm) fold((Layer) first, norm);
    if (layers.getLast() instanceof ReLU) first.setForm(new FusedForm());
    for (Module other : layers.subList(1, layers.size())) {
      other.removeTensors();
      other.setForm(new FusedForm.Identity(other.equals(layers.getLast()) ? first : null));
    }
  }

  /// A class of the same name in another package is another layer.
  private static String name(Module layer) {
    boolean own = layer.getClass().getPackageName().equals(Fusing.class.getPackageName());
    return own ? layer.typeName() : layer.getClass().getName();
  }

  static void fold(Layer layer, BatchNorm norm) {
    if (layer.isTraining() || norm.isTraining()) throw new ValueException("Fusion only for eval!");
    FeatureNorm.Running running = norm.running;
    if (running == null) {
      throw new ValueException("bn.running_mean and bn.running_var must not be None");
    }
    layer.checkUnparametrized();
    Fusion.Weights fused =
        switch (layer) {
          case ConvNd conv ->
              Fusion.fuseConvBnWeights(
                  conv.weight(),
                  conv.bias(),
                  running.mean(),
                  running.var(),
                  norm.eps,
                  norm.weight(),
                  norm.bias(),
                  conv instanceof ConvTransposeNd);
          case Linear linear -> fused(linear, norm, running);
          default ->
              throw new ValueException(
                  "a norm can be taken into convolutions and linear layers, got "
                      + layer.simpleName());
        };
    try (var mode = Torch.noGrad()) {
      layer.getParameter("weight").copy_(fused.weight());
      Tensor bias = layer.parametersByName().get("bias");
      if (bias != null) bias.copy_(fused.bias());
      else layer.adopt("bias", layer.registerParameter("bias", fused.bias().detach(), false));
    }
  }

  private static Fusion.Weights fused(Linear linear, BatchNorm norm, FeatureNorm.Running running) {
    long features = linear.weight().size(0);
    if (features != norm.numFeatures && norm.numFeatures != 1) {
      throw new ValueException(
          "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got linear.out_features=%d and bn.num_features=%d"
              .formatted(features, norm.numFeatures));
    }
    Tensor weight = norm.weight();
    Tensor bias = norm.bias();
    if (weight == null || bias == null) {
      throw new ValueException("a norm without weight or bias cannot be taken into a linear layer");
    }
    return Fusion.fuseLinearBnWeights(
        linear.weight(), linear.bias(), running.mean(), running.var(), norm.eps, weight, bias);
  }
}
