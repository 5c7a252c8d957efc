package dev.pantorch.examples;

import dev.pantorch.data.Vocab;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// What a tagger sees of a word, each as a number: itself in lower case, its last three and its
/// last two letters, and its shape. 0 is padding, 1 is what training has not seen twice.
final class WordFeatures {
  static final int PADDING = 0;
  static final int COUNT = 4;
  static final int SHAPES = 17;
  private static final String UNKNOWN = "<unk>";
  private static final int MIN_COUNT = 2;
  private static final List<UnaryOperator<String>> VIEWS =
      List.of(
          word -> word.toLowerCase(Locale.ROOT),
          word -> end(word.toLowerCase(Locale.ROOT), 3),
          word -> end(word.toLowerCase(Locale.ROOT), 2));

  private final List<Vocab> tables;

  /// Numbers what training sees, the most frequent first.
  ///
  /// @param words all words of the training part, as often as they occur
  WordFeatures(List<String> words) {
    tables = VIEWS.stream().map(view -> table(words, view)).toList();
  }

  private static Vocab table(List<String> words, UnaryOperator<String> view) {
    return Vocab.buildVocabFromIterator(
        List.of(words.stream().map(view).toList()),
        o -> o.minFreq(MIN_COUNT).specials("<pad>", UNKNOWN).defaultToken(UNKNOWN));
  }

  private static String end(String word, int length) {
    return word.substring(Math.max(0, word.length() - length));
  }

  /// How many numbers the feature has.
  int size(int feature) {
    return feature < tables.size() ? tables.get(feature).size() : SHAPES;
  }

  /// The features of words.
  ///
  /// @return (word, feature)
  long[][] of(List<String> words) {
    return words.stream().map(this::of).toArray(long[][]::new);
  }

  private long[] of(String word) {
    long[] numbers = new long[COUNT];
    for (int i = 0; i < tables.size(); i++) {
      numbers[i] = tables.get(i).get(VIEWS.get(i).apply(word));
    }
    numbers[COUNT - 1] = shape(word);
    return numbers;
  }

  /// Capitals, digits and hyphens, as one of 16 numbers.
  private static int shape(String word) {
    boolean first = Character.isUpperCase(word.charAt(0));
    boolean later = word.chars().skip(1).anyMatch(Character::isUpperCase);
    boolean digit = word.chars().anyMatch(c -> c >= '0' && c <= '9');
    boolean hyphen = word.indexOf('-') >= 0;
    return 1 + (first ? 1 : 0) + (later ? 2 : 0) + (digit ? 4 : 0) + (hyphen ? 8 : 0);
  }
}
