package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.Log;
import dev.pantorch.ops.AminmaxResult;
import java.util.function.Consumer;

/// Counts values in a histogram, and quantizes the range that loses least: outliers are cut off
/// where that makes the squared error smaller. The usual observer of activations.
///
/// ```java
/// var observer = new HistogramObserver(o -> o.reduceRange(true));
/// ```
///
/// [torch.ao.quantization.observer.HistogramObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.HistogramObserver.html)
public final class HistogramObserver extends UniformQuantizationObserverBase {
  private static final long UPSAMPLE_RATE = 16;
  private static final double STEP = 1e-5;

  private final int bins;
  private final double levels;
  private final Tensor histogram;

  /// Options of {@link HistogramObserver}.
  public static final class Options extends UniformQuantizationObserverBase.Options<Options> {
    private int bins = 2048;

    private Options() {
      super(QScheme.PER_TENSOR_AFFINE);
    }

    /// How many bins the histogram has.
    ///
    /// @param bins 2,048 unless set
    /// @return these options
    public Options bins(int bins) {
      this.bins = bins;
      return this;
    }
  }

  /// One of affine bytes.
  public HistogramObserver() {
    this(o -> {});
  }

  /// One with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the scheme is one of channels, or the range is none
  public HistogramObserver(Consumer<Options> settings) {
    this(Settings.of(new Options(), settings));
  }

  private HistogramObserver(Options options) {
    super(options);
    requireScheme(true);
    bins = options.bins;
    levels = dtype() == DType.QINT32 ? 0x1p32 : 256;
    histogram = registerBuffer("histogram", Torch.zeros(bins));
  }

  /// How many values were seen in each bin between {@link #minVal} and {@link #maxVal}.
  ///
  /// @return the buffer `histogram`
  public Tensor histogram() {
    return histogram;
  }

  @Override
  void observe(Tensor input) {
    if (input.numel() == 0) return;
    Tensor x = input.detach();
    AminmaxResult now = Torch.aminmax(x);
    if (now.min().item() == Double.NEGATIVE_INFINITY
        || now.max().item() == Double.POSITIVE_INFINITY) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING, "torch.inf detected in input tensor, ignoring input");
      x = x.maskedSelect(x.abs().ne(Double.POSITIVE_INFINITY));
      if (x.numel() == 0) return;
      now = Torch.aminmax(x);
    }
    if (hasSeenNothing()) {
      setRange(now.min(), now.max());
      histogram.copy_(count(x, minVal, maxVal));
      return;
    }
    Tensor least = Torch.minimum(minVal, now.min());
    Tensor greatest = Torch.maximum(maxVal, now.max());
    Tensor counts = count(x, least, greatest);
    histogram.copy_(before(least, greatest).add(counts));
    setRange(least, greatest);
  }

  private Tensor count(Tensor values, Tensor least, Tensor greatest) {
    return values.histc(bins, least.item(), greatest.item());
  }

  /// The histogram so far over a range that may be larger.
  private Tensor before(Tensor least, Tensor greatest) {
    double oldLeast = minVal.item();
    double oldGreatest = maxVal.item();
    if (least.item() == oldLeast && greatest.item() == oldGreatest) return histogram;
    if (oldLeast == oldGreatest) {
      return count(minVal, least, greatest).mul(histogram.sum());
    }
    long fine = bins * UPSAMPLE_RATE;
    Tensor counts = histogram.repeatInterleave(UPSAMPLE_RATE).div(UPSAMPLE_RATE);
    Tensor width = maxVal.sub(minVal).div(fine);
    Tensor middles =
        Torch.linspace(oldLeast, oldGreatest, fine + 1).narrow(0, 0, fine).add(width.mul(0.5));
    Tensor borders = Torch.linspace(least.item(), greatest.item(), bins + 1);
    Tensor places = Torch.bucketize(middles, borders, false, true).sub(1).clamp(0, bins - 1);
    return places.bincount(counts, bins);
  }

  @Override
  public QParams calculateQParams() {
    return TensorScope.scope(() -> {
      try (var mode = Torch.noGrad()) {
        if (hasSeenNothing()) return calculate(minVal, maxVal);
        Tensor width = maxVal.sub(minVal).div(bins);
        Range range = search();
        return calculate(minVal.add(width.mul(range.start)), minVal.add(width.mul(range.end + 1)));
      }
    });
  }

  private record Range(int start, int end) {}

  /// Takes bins off the ends, of which less is lost first, while the error shrinks.
  private Range search() {
    double total = histogram.sum().item();
    float[] sums = histogram.cumsum(0).toFloatArray();
    double alpha = 0;
    double beta = 1;
    Range best = new Range(0, bins - 1);
    double least = Double.POSITIVE_INFINITY;
    while (alpha < beta) {
      double nextAlpha = alpha + STEP;
      double nextBeta = beta - STEP;
      int l = best.start;
      int r = best.end;
      while (l < best.end && sums[l] < (float) (nextAlpha * total)) l++;
      while (r > best.start && sums[r] > (float) (nextBeta * total)) r--;
      Range next;
      if (l - best.start > best.end - r) {
        next = new Range(l, best.end);
        alpha = nextAlpha;
      } else {
        next = new Range(best.start, r);
        beta = nextBeta;
      }
      if (next.equals(best)) continue;
      double error;
      try (var scope = TensorScope.open()) {
        error = error(next);
      }
      if (error > least) break;
      least = error;
      best = next;
    }
    return best;
  }

  /// The squared error if a range of bins is quantized and the rest cut off. Values are taken to be
  /// spread evenly in their bins.
  private double error(Range range) {
    double width = (maxVal.item() - minVal.item()) / bins;
    double step = width * (range.end - range.start + 1) / levels;
    if (step == 0) return 0;
    Tensor begins = Torch.arange(bins).sub(range.start).mul(width);
    Tensor ends = begins.add(width);
    Tensor firstLevel = begins.div(step, "floor").clamp(0, levels - 1);
    Tensor firstCentre = firstLevel.add(0.5).mul(step);
    Tensor lastLevel = ends.div(step, "floor").clamp(0, levels - 1);
    Tensor density = histogram.div(width);
    Tensor halfStep = Torch.tensor((float) (step / 2));
    Tensor minusHalf = Torch.tensor((float) (-step / 2));
    Tensor norm = Torch.zeros(bins);
    norm.add_(squares(begins.sub(firstCentre), Torch.ones(bins).mul(step / 2), density));
    norm.add_(lastLevel.sub(firstLevel).sub(1).mul(squares(minusHalf, halfStep, density)));
    Tensor lastCentre = lastLevel.mul(step).add(step / 2);
    norm.add_(squares(minusHalf, ends.sub(lastCentre), density));
    return norm.sum().item();
  }

  /// The integral of the squares from one distance to another.
  private static Tensor squares(Tensor begin, Tensor end, Tensor density) {
    Tensor cubes = end.mul(end).mul(end).sub(begin.mul(begin).mul(begin)).div(3);
    return density.mul(cubes);
  }
}
