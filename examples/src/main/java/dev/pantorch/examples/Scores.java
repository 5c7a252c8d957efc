package dev.pantorch.examples;

import dev.pantorch.Tensor;
import java.util.Locale;

/// How good yes-or-no predictions are.
///
/// @param accuracy the share of right predictions
/// @param f1 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall of "yes"; 0 where
///   nothing was predicted or true
record Scores(double accuracy, double f1) {
  /// Compares two boolean tensors of one shape.
  static Scores of(Tensor predicted, Tensor actual) {
    boolean[] p = predicted.toBooleanArray();
    boolean[] a = actual.toBooleanArray();
    int right = 0;
    int truePositives = 0;
    int positives = 0; // predicted and actual ones together
    for (int i = 0; i < p.length; i++) {
      if (p[i] == a[i]) right++;
      if (p[i] && a[i]) truePositives++;
      if (p[i]) positives++;
      if (a[i]) positives++;
    }
    return new Scores(
        (double) right / p.length, positives == 0 ? 0 : 2.0 * truePositives / positives);
  }

  /// A line of a table.
  String row(String name) {
    return String.format(Locale.ROOT, "%-30s %10.3f %7.3f", name, accuracy, f1);
  }
}
