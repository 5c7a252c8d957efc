package dev.pantorch.metrics;

/// The weighted mean of numbers, such as the losses of batches. No {@link Metric}: it has no
/// targets.
///
/// ```java
/// var mean = new Mean();
/// mean.update(0.5, 32); // a batch's loss and its samples
/// mean.update(0.125, 16);
/// double loss = mean.compute(); // 0.375
/// ```
public final class Mean {
  private double sum;
  private double weights;

  /// Starts with no number.
  public Mean() {}

  /// Adds a number.
  ///
  /// @param value the number
  public void update(double value) {
    update(value, 1);
  }

  /// Adds a number that stands for several.
  ///
  /// @param value the number
  /// @param weight for how many, such as the size of a batch
  public void update(double value, double weight) {
    sum += value * weight;
    weights += weight;
  }

  /// The mean so far.
  ///
  /// @return the mean; `NaN` of nothing
  public double compute() {
    return sum / weights;
  }

  /// Forgets all numbers.
  public void reset() {
    sum = 0;
    weights = 0;
  }
}
