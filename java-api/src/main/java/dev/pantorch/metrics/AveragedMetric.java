package dev.pantorch.metrics;

import java.util.function.Consumer;

/// A figure of each class, and their average.
abstract sealed class AveragedMetric extends ClassificationMetric
    permits FBetaScore, Precision, Recall {
  AveragedMetric(Consumer<Options> options) {
    super(options);
  }

  AveragedMetric(long numClasses, Consumer<Options> options) {
    super(numClasses, options);
  }

  /// The figure of a class, of how often it was rightly predicted, was predicted, and is there.
  abstract double figure(double truePositives, double predicted, double support);

  final double divide(double numerator, double denominator) {
    return denominator == 0 ? options.zeroDivision : numerator / denominator;
  }

  /// The figure of each class.
  ///
  /// @return as many as there are classes
  public final double[] perClass() {
    var figures = new double[classes];
    for (int c = 0; c < classes; c++) {
      figures[c] = figure((double) truePositives(c), (double) predicted(c), (double) support(c));
    }
    return figures;
  }

  /// The figure of class 1 where there are two, else the average that the options say.
  @Override
  public final double compute() {
    long total = total();
    if (total == 0) return Double.NaN;
    double[] figures = perClass();
    if (binary) return figures[1];
    if (options.average == Average.MICRO) {
      long right = 0;
      for (int c = 0; c < classes; c++) right += truePositives(c);
      return figure((double) right, (double) total, (double) total);
    }
    double sum = 0;
    double weights = 0;
    for (int c = 0; c < classes; c++) {
      boolean seen = support(c) + predicted(c) > 0;
      double weight = options.average == Average.WEIGHTED ? support(c) : seen ? 1 : 0;
      sum += weight * figures[c];
      weights += weight;
    }
    return sum / weights;
  }
}
