package dev.pantorch.data;

import dev.pantorch.Generator;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Splits a dataset at random. With one seed the parts are Python's.
///
/// ```java
/// List<Subset<Tensor>> parts =
///     RandomSplit.randomSplit(data, new Generator().manualSeed(42), 0.8, 0.2);
/// ```
///
/// [torch.utils.data.random_split](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.random_split)
public final class RandomSplit {
  private RandomSplit() {}

  /// Parts of given sizes.
  ///
  /// @param dataset what is split
  /// @param generator where the order comes from; null for the default generator
  /// @param lengths the parts' sizes, whose sum is the dataset's
  /// @param <T> the type of a sample
  /// @return the parts
  /// @throws ValueException if the sum differs
  public static <T> List<Subset<T>> randomSplit(
      Dataset<T> dataset, @Nullable Generator generator, int... lengths) {
    if (Arrays.stream(lengths).sum() != dataset.size()) {
      throw new ValueException(
          "Sum of input lengths does not equal the length of the input dataset!");
    }
    int[] order = Draws.permutation(dataset.size(), generator);
    var parts = new ArrayList<Subset<T>>();
    int start = 0;
    for (int length : lengths) {
      parts.add(new Subset<>(dataset, Arrays.copyOfRange(order, start, start + length)));
      start += length;
    }
    return parts;
  }

  /// Parts of given fractions: each is rounded down, and what remains goes to the first parts, one
  /// sample each.
  ///
  /// @param dataset what is split
  /// @param generator where the order comes from; null for the default generator
  /// @param fractions of the dataset, which sum up to 1
  /// @param <T> the type of a sample
  /// @return the parts
  /// @throws ValueException if a fraction is not between 0 and 1, or the sum is not 1
  public static <T> List<Subset<T>> randomSplit(
      Dataset<T> dataset, @Nullable Generator generator, double... fractions) {
    double sum = 0;
    for (double fraction : fractions) sum += fraction;
    if (sum > 1 || 1 - sum > 1e-9) {
      throw new ValueException("fractions should sum up to 1, but their sum is " + sum);
    }
    int[] lengths = new int[fractions.length];
    for (int i = 0; i < lengths.length; i++) {
      if (fractions[i] < 0 || fractions[i] > 1) {
        throw new ValueException("Fraction at index %d is not between 0 and 1".formatted(i));
      }
      lengths[i] = (int) Math.floor(dataset.size() * fractions[i]);
    }
    int remainder = dataset.size() - Arrays.stream(lengths).sum();
    for (int i = 0; i < remainder; i++) lengths[i % lengths.length]++;
    return randomSplit(dataset, generator, lengths);
  }
}
