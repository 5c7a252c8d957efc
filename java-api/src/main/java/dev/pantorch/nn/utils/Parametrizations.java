package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.nn.ConvTranspose1d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.ConvTranspose3d;
import dev.pantorch.nn.Module;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parametrizations of `torch.nn.utils.parametrizations`.
///
/// ```java
/// Linear critic = spectralNorm(new Linear(64, 1));
/// Conv1d conv = weightNorm(new Conv1d(16, 32, 3));
/// LSTM lstm = orthogonal(new LSTM(5, 64), "weight_hh_l0");
/// ```
///
/// {@link Parametrize} says what a parametrized module is and how it becomes an ordinary one again.
public final class Parametrizations {
  private Parametrizations() {}

  /// Separates the length of the weight's rows from their direction.
  ///
  /// @param module a module with a parameter `weight`
  /// @param <M> its type
  /// @return the module
  /// @throws ValueException if it has none
  public static <M extends Module> M weightNorm(M module) {
    return weightNorm(module, "weight", 0);
  }

  /// Separates length and direction, $w = g \, v / \lVert v \rVert$: `original0` is $g$ and
  /// `original1` is $v$. State dicts with the names of before parametrizations, `weight_g` and
  /// `weight_v`, can be loaded.
  ///
  /// @param module the module
  /// @param name the name of a parameter
  /// @param dim the dimension of which each slice has a length of its own; -1 for one length of the
  ///   whole tensor, which is `None` in Python
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such parameter
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrizations.weight_norm.html">
  ///   torch.nn.utils.parametrizations.weight_norm</a>
  public static <M extends Module> M weightNorm(M module, String name, long dim) {
    Parametrize.registerParametrization(module, name, new WeightNorm(dim), true);
    module.registerLoadStateDictPreHook((owner, loading) -> {
      Map<String, Tensor> state = loading.stateDict();
      String path = loading.prefix();
      Tensor length = state.get(path + name + "_g");
      Tensor direction = state.get(path + name + "_v");
      if (length == null || direction == null) return;
      state.remove(path + name + "_g");
      state.remove(path + name + "_v");
      state.put(path + "parametrizations." + name + ".original0", length);
      state.put(path + "parametrizations." + name + ".original1", direction);
    });
    return module;
  }

  /// Divides the weight by its largest singular value, with one power iteration each time.
  ///
  /// @param module a module with a parameter `weight`
  /// @param <M> its type
  /// @return the module
  /// @throws ValueException if it has none
  public static <M extends Module> M spectralNorm(M module) {
    return spectralNorm(module, "weight", 1, 1e-12, null);
  }

  /// Divides a tensor, as a matrix, by its largest singular value, which a power method follows
  /// through the changes of the tensor: for discriminators whose slope is to be bounded. A vector
  /// is divided by its norm.
  ///
  /// Each computation of the tensor iterates while the module is in training mode, also one that
  /// {@link Parametrize#removeParametrizations(Module, String)} makes. Python's recurrent layers
  /// read their weights several times in a forward and iterate as often; with {@link
  /// Parametrize#cached} both do once.
  ///
  /// @param module the module
  /// @param name the name of a parameter
  /// @param nPowerIterations how many iterations each computation makes
  /// @param eps the least divisor of the singular vectors
  /// @param dim the dimension of the rows; null for 0, or 1 for transposed convolutions
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such parameter or the number is not positive
  /// @throws dev.pantorch.IndexException if the tensor has no such dimension
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrizations.spectral_norm.html">
  ///   torch.nn.utils.parametrizations.spectral_norm</a>
  public static <M extends Module> M spectralNorm(
      M module, String name, int nPowerIterations, double eps, @Nullable Integer dim) {
    Tensor weight = require(module, name);
    boolean transposed =
        module instanceof ConvTranspose1d
            || module instanceof ConvTranspose2d
            || module instanceof ConvTranspose3d;
    int rows = dim != null ? dim : transposed ? 1 : 0;
    return Parametrize.registerParametrization(
        module, name, new SpectralNorm(weight, nPowerIterations, rows, eps));
  }

  /// Keeps the weight orthogonal: by the exponential if it is square or complex, by Householder
  /// reflections otherwise.
  ///
  /// @param module a module with a parameter `weight`
  /// @param <M> its type
  /// @return the module
  /// @throws ValueException if it has none, or it has fewer than two dimensions
  public static <M extends Module> M orthogonal(M module) {
    return orthogonal(module, "weight");
  }

  /// The same of another parameter.
  ///
  /// @param module the module
  /// @param name the name of a parameter
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such parameter, or it has fewer than two dimensions
  public static <M extends Module> M orthogonal(M module, String name) {
    return orthogonal(module, name, null, true);
  }

  /// Keeps a matrix, or each of a batch $(*, m, n)$, orthogonal, or unitary if it is complex: $Q^H
  /// Q = I$ where $m \ge n$, $Q Q^H = I$ otherwise.
  ///
  /// @param module the module
  /// @param name the name of a parameter
  /// @param orthogonalMap how; null for the exponential if the matrix is square or complex, and
  ///   reflections otherwise
  /// @param useTrivialization whether an orthogonal matrix `base` is kept, to which the map is
  ///   applied: convergence is better then, and the parameter can be assigned
  /// @param <M> the type of the module
  /// @return the module
  /// @throws ValueException if there is no such parameter, it has fewer than two dimensions, or it
  ///   is complex and reflections are wanted
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrizations.orthogonal.html">
  ///   torch.nn.utils.parametrizations.orthogonal</a>
  public static <M extends Module> M orthogonal(
      M module, String name, @Nullable OrthogonalMap orthogonalMap, boolean useTrivialization) {
    Tensor weight = require(module, name);
    int dims = weight.dim();
    if (dims < 2) {
      throw new ValueException(
          "Expected a matrix or batch of matrices. Got a tensor of %d dimensions.".formatted(dims));
    }
    OrthogonalMap map = orthogonalMap;
    if (map == null) {
      boolean square = weight.size(-2) == weight.size(-1);
      map =
          square || weight.dtype().isComplex()
              ? OrthogonalMap.MATRIX_EXP
              : OrthogonalMap.HOUSEHOLDER;
    }
    return Parametrize.registerParametrization(
        module, name, new Orthogonal(weight, map, useTrivialization), true);
  }

  private static Tensor require(Module module, String name) {
    Tensor tensor = Parametrize.tensor(module, name);
    if (tensor != null) return tensor;
    throw new ValueException(
        "Module '%s' has no parameter or buffer with name '%s'".formatted(module, name));
  }
}
