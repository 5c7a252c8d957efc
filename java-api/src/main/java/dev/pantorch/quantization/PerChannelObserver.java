package dev.pantorch.quantization;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.AminmaxResult;

/// What observers have in common that see each channel by itself.
abstract class PerChannelObserver extends UniformQuantizationObserverBase {
  private final long chAxis;

  /// Options that both have.
  ///
  /// @param <S> the options of the observer, for chaining
  abstract static class Options<S extends Options<S>>
      extends UniformQuantizationObserverBase.Options<S> {
    private long chAxis;

    Options() {
      super(QScheme.PER_CHANNEL_AFFINE);
    }

    /// The dimension of the channels.
    ///
    /// @param chAxis 0 unless set
    /// @return these options
    @SuppressWarnings("unchecked") // each subclass passes itself
    public S chAxis(long chAxis) {
      this.chAxis = chAxis;
      return (S) this;
    }
  }

  PerChannelObserver(Options<?> options) {
    super(options);
    requireScheme(false);
    chAxis = options.chAxis;
    resetMinMaxVals();
    registerLoadStateDictPreHook((module, loading) -> {
      // As many channels as there were when it was saved.
      Tensor saved = loading.stateDict().get(loading.prefix() + "min_val");
      if (saved != null) setRange(Torch.emptyLike(saved), Torch.emptyLike(saved));
    });
  }

  /// The dimension of the channels.
  ///
  /// @return the dimension, from 0
  public final long chAxis() {
    return chAxis;
  }

  @Override
  final void observe(Tensor input) {
    if (input.numel() == 0) return;
    Tensor rows = input.detach().transpose(0, chAxis).to(minVal.dtype()).flatten(1, -1);
    AminmaxResult now = Torch.aminmax(rows, 1);
    if (hasSeenNothing()) setRange(now.min(), now.max());
    else combine(now);
  }

  /// Takes the ranges of a further tensor into those so far.
  abstract void combine(AminmaxResult now);

  @Override
  public final void resetMinMaxVals() {
    setRange(Torch.empty(0), Torch.empty(0));
  }
}
