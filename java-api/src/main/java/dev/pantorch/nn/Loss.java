package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// A loss: what training makes small.
public abstract class Loss extends Module {
  final Reduction reduction;

  Loss(Reduction reduction) {
    this.reduction = reduction;
  }

  /// Options that every loss has.
  ///
  /// @param <S> the options of the loss, for chaining
  public abstract static class Options<S extends Options<S>> {
    Reduction reduction = Reduction.MEAN;

    Options() {}

    /// What becomes of the losses of single elements.
    ///
    /// @param reduction the mean unless set
    /// @return these options
    @SuppressWarnings("unchecked") // each subclass passes itself
    public S reduction(Reduction reduction) {
      this.reduction = reduction;
      return (S) this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  public record Input(Tensor input, Tensor target) {}

  /// Computes the loss.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  public final Tensor forward(Tensor input, Tensor target) {
    return hooked(new Input(input, target), pair -> compute(pair.input, pair.target));
  }

  abstract Tensor compute(Tensor input, Tensor target);

  static <O> O configure(O options, Consumer<? super O> settings) {
    return LayerOptions.configure(options, settings);
  }
}
