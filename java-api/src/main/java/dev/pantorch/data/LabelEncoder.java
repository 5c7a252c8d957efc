package dev.pantorch.data;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Numbers of labels, from 0 in the order of their characters: scikit-learn's.
///
/// ```java
/// var encoder = new LabelEncoder(List.of("spam", "ham", "spam"));
/// Tensor y = encoder.transform(List.of("spam", "ham")); // [1, 0]
/// encoder.inverseTransform(y); // [spam, ham]
/// ```
///
/// [sklearn.preprocessing.LabelEncoder](https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.LabelEncoder.html)
public final class LabelEncoder {
  private final Vocab labels;

  /// Learns labels.
  ///
  /// @param labels each as often as you like
  public LabelEncoder(Collection<String> labels) {
    this.labels = Vocab.of(labels.stream().distinct().sorted(CodePoints::compare).toList());
  }

  /// The labels.
  ///
  /// @return by number
  public List<String> classes() {
    return labels.tokens();
  }

  /// Whether a label was learned.
  ///
  /// @param label any label
  /// @return whether it has a number
  public boolean contains(String label) {
    return labels.contains(label);
  }

  /// The number of a label.
  ///
  /// @param label one that was learned
  /// @return from 0
  /// @throws ValueException if it was not
  public int transform(String label) {
    if (!labels.contains(label)) throw unseen("'" + label + "'");
    return labels.get(label);
  }

  /// The numbers of labels.
  ///
  /// @param all labels that were learned
  /// @return $(N)$ of int64
  /// @throws ValueException if some were not; it names them
  public Tensor transform(Collection<String> all) {
    String unknown =
        all.stream()
            .filter(label -> !labels.contains(label))
            .distinct()
            .sorted(CodePoints::compare)
            .map(label -> "'" + label + "'")
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) throw unseen(unknown);
    return labels.numericalize(all);
  }

  /// The labels of numbers.
  ///
  /// @param numbers of int64, any shape
  /// @return the labels, row by row
  /// @throws ValueException if a number is no label's
  public List<String> inverseTransform(Tensor numbers) {
    var found = new ArrayList<String>();
    for (long number : numbers.toLongArray()) {
      if (number < 0 || number >= labels.size()) throw unseen(Long.toString(number));
      found.add(labels.lookupToken(number));
    }
    return found;
  }

  private ValueException unseen(String what) {
    return new ValueException(
        "y contains previously unseen labels: [%s]; the labels are %s".formatted(what, classes()));
  }
}
