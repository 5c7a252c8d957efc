package dev.pantorch.examples;

import dev.pantorch.examples.BrownData.Sentence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The tagger to beat: to each word the tag that it has most often in the training part, and to
/// words never seen the most frequent of all.
final class MostFrequentTag {
  private MostFrequentTag() {}

  /// The share of right tags on the test part.
  ///
  /// @param tags which tags of a sentence
  static double accuracy(BrownData brown, Function<Sentence, long[]> tags) {
    Map<String, Frequencies<Long>> counts = new HashMap<>();
    Frequencies<Long> all = new Frequencies<>();
    for (Sentence sentence : brown.train()) {
      long[] row = tags.apply(sentence);
      for (int i = 0; i < row.length; i++) {
        counts.computeIfAbsent(sentence.words().get(i), _ -> new Frequencies<>()).add(row[i]);
        all.add(row[i]);
      }
    }
    Map<String, Long> best = new HashMap<>();
    counts.forEach((word, frequencies) -> best.put(word, first(frequencies)));
    long other = first(all);
    int right = 0;
    for (Sentence sentence : brown.test()) {
      long[] row = tags.apply(sentence);
      for (int i = 0; i < row.length; i++) {
        if (best.getOrDefault(sentence.words().get(i), other) == row[i]) right++;
      }
    }
    return (double) right / BrownData.tokens(brown.test());
  }

  private static long first(Frequencies<Long> frequencies) {
    List<Long> order = frequencies.mostFrequentFirst(1);
    return order.getFirst();
  }
}
