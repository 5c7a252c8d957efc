package dev.pantorch.examples;

import java.util.List;

/// The classic filter: multinomial naive Bayes over all words of a mail, with one more of each word
/// counted than there is.
final class NaiveBayes {
  private final double[] logRatio;
  private final double prior;

  /// Counts words.
  ///
  /// @param documents what is learned from
  /// @param words how many words there are
  NaiveBayes(List<SpamData.Document> documents, int words) {
    double[] totals = {words, words};
    double[][] counts = new double[2][words];
    long spam = 0;
    for (SpamData.Document document : documents) {
      int kind = document.spam() ? 1 : 0;
      spam += kind;
      totals[kind] += document.words().length;
      for (long word : document.words()) counts[kind][(int) word]++;
    }
    logRatio = new double[words];
    for (int word = 0; word < words; word++) {
      logRatio[word] =
          Math.log((counts[1][word] + 1) / totals[1]) - Math.log((counts[0][word] + 1) / totals[0]);
    }
    prior = Math.log((double) spam / (documents.size() - spam));
  }

  /// How much more likely spam is: the logarithm of the odds.
  double logOdds(long[] words) {
    double odds = prior;
    for (long word : words) odds += logRatio[(int) word];
    return odds;
  }
}
