package dev.pantorch.examples;

import java.util.HashMap;
import java.util.Map;

/// The language models to beat: what follows is guessed from the last 0, 1, 2, ... symbols, each
/// model leaning on the shorter one as far as it has seen little (Witten and Bell's smoothing).
///
/// With $c$ the symbol, $h$ the symbols before it and $h'$ those without the first: $P(c|h) =
/// (n(hc) + u(h) P(c|h')) / (n(h) + u(h))$, where $n$ counts and $u(h)$ is how many different
/// symbols followed $h$.
final class NGrams {
  private final int longest;
  private final int symbols;
  private final long base;
  private final Map<Long, Integer> counts = new HashMap<>();
  private final Map<Long, Context> contexts = new HashMap<>();

  /// How often something followed, and how many different symbols did.
  private static final class Context {
    private int total;
    private int different;
  }

  /// Counts.
  ///
  /// @param text numbers of symbols
  /// @param symbols how many different ones there are
  /// @param longest the greatest n
  NGrams(long[] text, int symbols, int longest) {
    this.longest = longest;
    this.symbols = symbols;
    // Digits are from 1 on, so that a key also tells how many symbols it has.
    base = symbols + 1L;
    for (int i = 0; i < text.length; i++) {
      long key = 0;
      long power = 1;
      for (int k = 0; k < Math.min(longest, i + 1); k++) {
        if (k > 0) {
          key += (text[i - k] + 1) * power;
          power *= base;
        }
        Context context = contexts.computeIfAbsent(key, _ -> new Context());
        context.total++;
        if (counts.merge(key * base + text[i] + 1, 1, Integer::sum) == 1) context.different++;
      }
    }
  }

  /// How well the models guess a text.
  ///
  /// @return the bits per symbol of the models with n = 1, 2, ...
  double[] bits(long[] text) {
    double[] nats = new double[longest];
    for (int i = 0; i < text.length; i++) {
      double p = 1.0 / symbols;
      long key = 0;
      long power = 1;
      for (int k = 0; k < longest; k++) {
        if (k > 0 && k <= i) {
          key += (text[i - k] + 1) * power;
          power *= base;
        }
        Context context = k <= i ? contexts.get(key) : null;
        if (context != null) {
          int count = counts.getOrDefault(key * base + text[i] + 1, 0);
          p = (count + context.different * p) / (context.total + context.different);
        }
        nats[k] -= Math.log(p);
      }
    }
    double[] bits = new double[longest];
    for (int k = 0; k < longest; k++) bits[k] = nats[k] / text.length / Math.log(2);
    return bits;
  }
}
