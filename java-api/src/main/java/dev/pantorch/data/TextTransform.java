package dev.pantorch.data;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Texts to numbers: tokens, their numbers, not too many of them.
///
/// ```java
/// var transform = new TextTransform(Tokenizer.basicEnglish(), vocab, o -> o.maxLength(200));
/// var loader =
///     new DataLoader<>(
///         Dataset.of(texts).map(transform),
///         Collate.padSequence(vocab.get("<pad>")),
///         o -> o.batchSize(32));
/// for (PaddedBatch batch : loader) { ... }
/// ```
///
/// **Shape.** A text to $(L)$ of int64. May be used by several threads at once if its tokenizer
/// may.
public final class TextTransform implements Function<String, Tensor> {
  private final Tokenizer tokenizer;
  private final Vocab vocab;
  private final int maxLength;
  private final long[] begin;
  private final long[] end;

  /// Options of {@link TextTransform}.
  public static final class Options {
    private int maxLength = Integer.MAX_VALUE;
    private @Nullable String begin;
    private @Nullable String end;

    private Options() {}

    /// How many numbers a text becomes at most, those of `begin` and `end` included; the first
    /// tokens are kept.
    ///
    /// @param maxLength as many as there are unless set
    /// @return these options
    public Options maxLength(int maxLength) {
      this.maxLength = maxLength;
      return this;
    }

    /// A token before each text.
    ///
    /// @param token one of the vocabulary; none unless set
    /// @return these options
    public Options begin(String token) {
      begin = token;
      return this;
    }

    /// A token after each text.
    ///
    /// @param token one of the vocabulary; none unless set
    /// @return these options
    public Options end(String token) {
      end = token;
      return this;
    }
  }

  /// A transform of whole texts.
  ///
  /// @param tokenizer cuts texts
  /// @param vocab numbers tokens
  public TextTransform(Tokenizer tokenizer, Vocab vocab) {
    this(tokenizer, vocab, o -> {});
  }

  /// A transform.
  ///
  /// @param tokenizer cuts texts
  /// @param vocab numbers tokens
  /// @param settings sets the options
  /// @throws ValueException if nothing of a text would be left, or a token is none of the
  ///   vocabulary
  public TextTransform(Tokenizer tokenizer, Vocab vocab, Consumer<Options> settings) {
    var options = new Options();
    settings.accept(options);
    this.tokenizer = tokenizer;
    this.vocab = vocab;
    begin = number(vocab, options.begin);
    end = number(vocab, options.end);
    maxLength = options.maxLength - begin.length - end.length;
    if (maxLength <= 0) {
      throw new ValueException(
          "maxLength should leave room for a token, but it is %d with %d tokens at the ends"
              .formatted(options.maxLength, begin.length + end.length));
    }
  }

  private static long[] number(Vocab vocab, @Nullable String token) {
    if (token == null) return new long[0];
    if (!vocab.contains(token)) {
      throw new ValueException(
          "%s is none of the vocabulary's tokens; add it to its specials".formatted(token));
    }
    return new long[] {vocab.get(token)};
  }

  /// The numbers of a text.
  ///
  /// @param text any text
  /// @return $(L)$ of int64; empty for a text without tokens
  /// @throws ValueException if a token has no number and the vocabulary has no default
  @Override
  public Tensor apply(String text) {
    long[] inside =
        tokenizer.tokenize(text).stream().limit(maxLength).mapToLong(vocab::get).toArray();
    long[] all = Arrays.copyOf(begin, begin.length + inside.length + end.length);
    System.arraycopy(inside, 0, all, begin.length, inside.length);
    System.arraycopy(end, 0, all, begin.length + inside.length, end.length);
    return Torch.tensor(all);
  }
}
