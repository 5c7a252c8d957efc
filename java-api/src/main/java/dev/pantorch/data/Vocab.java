package dev.pantorch.data;

import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Numbers of tokens, and tokens of numbers.
///
/// ```java
/// Vocab vocab =
///     Vocab.buildVocabFromIterator(
///         documents, o -> o.minFreq(2).specials("<pad>", "<unk>").defaultToken("<unk>"));
/// long[] numbers = vocab.lookupIndices(List.of("free", "money"));
/// ```
///
/// The specials come first, then the tokens by falling frequency, those of one frequency in the
/// order of their characters: torchtext's order. A vocabulary does not change; several threads may
/// use it.
///
/// [torchtext.vocab.Vocab](https://docs.pytorch.org/text/stable/vocab.html)
public final class Vocab {
  private final List<String> tokens;
  private final Map<String, Integer> numbers;
  private final @Nullable Integer defaultIndex;

  /// Options of a {@link Vocab} that is built from counts.
  public static final class Options {
    private long minFreq = 1;
    private List<String> specials = List.of();
    private boolean specialFirst = true;
    private @Nullable Integer maxTokens;
    private @Nullable String defaultToken;

    private Options() {}

    /// How often a token must occur to get a number.
    ///
    /// @param minFreq 1 unless set
    /// @return these options
    public Options minFreq(long minFreq) {
      this.minFreq = minFreq;
      return this;
    }

    /// Tokens that get numbers whether they occur or not, in this order.
    ///
    /// @param specials none unless set
    /// @return these options
    public Options specials(String... specials) {
      this.specials = List.of(specials);
      return this;
    }

    /// Whether specials have the lowest numbers, or the highest.
    ///
    /// @param specialFirst true unless set
    /// @return these options
    public Options specialFirst(boolean specialFirst) {
      this.specialFirst = specialFirst;
      return this;
    }

    /// How many tokens there are at most, specials included.
    ///
    /// @param maxTokens as many as occur unless set
    /// @return these options
    public Options maxTokens(int maxTokens) {
      this.maxTokens = maxTokens;
      return this;
    }

    /// Which token stands for those without a number; a special, as a rule.
    ///
    /// @param defaultToken none unless set: such a token is an error
    /// @return these options
    public Options defaultToken(String defaultToken) {
      this.defaultToken = defaultToken;
      return this;
    }
  }

  private Vocab(Collection<String> tokens, @Nullable String defaultToken) {
    this.tokens = List.copyOf(tokens);
    numbers = HashMap.newHashMap(tokens.size());
    for (String token : this.tokens) {
      if (numbers.putIfAbsent(token, numbers.size()) != null) {
        throw new ValueException("Duplicate token found in tokens list: " + token);
      }
    }
    defaultIndex = defaultToken == null ? null : numbers.get(defaultToken);
    if (defaultToken != null && defaultIndex == null) throw unknown(defaultToken);
  }

  /// The vocabulary of given tokens, whose numbers are their places.
  ///
  /// @param tokens each once
  /// @return a vocabulary without a default
  /// @throws ValueException if a token comes twice
  public static Vocab of(List<String> tokens) {
    return new Vocab(tokens, null);
  }

  /// Counts the tokens of documents.
  ///
  /// @param documents the tokens of each
  /// @param settings sets the options
  /// @return the vocabulary
  /// @throws ValueException if `maxTokens` leaves no room beside the specials, or the default is
  ///   none of the tokens
  public static Vocab buildVocabFromIterator(
      Iterable<? extends Iterable<String>> documents, Consumer<Options> settings) {
    var counts = new HashMap<String, Long>();
    for (Iterable<String> document : documents) {
      for (String token : document) counts.merge(token, 1L, Long::sum);
    }
    return ofCounts(counts, settings);
  }

  /// The vocabulary of tokens that have been counted.
  ///
  /// @param counts how often each token occurs; the order is of no account
  /// @param settings sets the options
  /// @return the vocabulary
  /// @throws ValueException as {@link #buildVocabFromIterator}
  public static Vocab ofCounts(Map<String, Long> counts, Consumer<Options> settings) {
    var options = new Options();
    settings.accept(options);
    long room = Long.MAX_VALUE;
    if (options.maxTokens != null) {
      room = (long) options.maxTokens - options.specials.size();
      if (room <= 0) {
        throw new ValueException(
            "len(specials) >= max_tokens, so the vocab will be entirely special tokens.");
      }
    }
    Set<String> specials = new HashSet<>(options.specials);
    List<String> ordinary =
        counts.entrySet().stream()
            .filter(e -> e.getValue() >= options.minFreq && !specials.contains(e.getKey()))
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry::getKey, CodePoints::compare))
            .limit(room)
            .map(Map.Entry::getKey)
            .toList();
    var tokens = new ArrayList<>(options.specialFirst ? options.specials : ordinary);
    tokens.addAll(options.specialFirst ? ordinary : options.specials);
    return new Vocab(tokens, options.defaultToken);
  }

  /// This vocabulary with a token that stands for those without a number.
  ///
  /// @param token one of this vocabulary
  /// @return a vocabulary of the same numbers
  /// @throws ValueException if the token has no number
  public Vocab withDefaultToken(String token) {
    return new Vocab(tokens, token);
  }

  /// How many tokens there are, specials included.
  ///
  /// @return the number of rows that an `Embedding` needs
  public int size() {
    return tokens.size();
  }

  /// Whether a token has a number of its own.
  ///
  /// @param token any token
  /// @return whether it has
  public boolean contains(String token) {
    return numbers.containsKey(token);
  }

  /// The number of a token.
  ///
  /// @param token any token
  /// @return its number, or the default's
  /// @throws ValueException if it has none and there is no default
  public int get(String token) {
    Integer number = numbers.getOrDefault(token, defaultIndex);
    if (number == null) throw unknown(token);
    return number;
  }

  private static ValueException unknown(String token) {
    return new ValueException(
        "Token %s not found and default index is not set; name a token for the unknown with defaultToken(...)"
            .formatted(token));
  }

  /// The number that unknown tokens get.
  ///
  /// @return empty if unknown tokens are an error
  public OptionalInt defaultIndex() {
    return defaultIndex == null ? OptionalInt.empty() : OptionalInt.of(defaultIndex);
  }

  /// All tokens.
  ///
  /// @return by number
  public List<String> tokens() {
    return tokens;
  }

  /// The token of a number.
  ///
  /// @param index from 0 to {@link #size} - 1
  /// @return the token
  /// @throws IndexException if there is none
  public String lookupToken(long index) {
    if (index < 0 || index >= tokens.size()) {
      throw new IndexException(
          "Specified index %d is out of bounds for vocab of size %d"
              .formatted(index, tokens.size()));
    }
    return tokens.get((int) index);
  }

  /// The tokens of numbers.
  ///
  /// @param indices each from 0 to {@link #size} - 1
  /// @return as many tokens
  /// @throws IndexException if there is no such token
  public List<String> lookupTokens(long... indices) {
    var found = new ArrayList<String>(indices.length);
    for (long index : indices) found.add(lookupToken(index));
    return found;
  }

  /// The numbers of tokens.
  ///
  /// @param tokens any tokens
  /// @return as many numbers
  /// @throws ValueException if one has none and there is no default
  public long[] lookupIndices(Collection<String> tokens) {
    return tokens.stream().mapToLong(this::get).toArray();
  }

  /// The numbers of tokens, for an `Embedding`.
  ///
  /// @param tokens any tokens
  /// @return $(L)$ of int64
  /// @throws ValueException if one has none and there is no default
  public Tensor numericalize(Collection<String> tokens) {
    return Torch.tensor(lookupIndices(tokens));
  }

  /// Writes the tokens, one a line by number, in UTF-8. A backslash stands before `\`, `n` and `r`
  /// where a token has a backslash or a line's end.
  ///
  /// @param file is replaced
  /// @throws IOException if it cannot be written
  public void save(Path file) throws IOException {
    Files.write(
        file,
        tokens.stream()
            .map(t -> t.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r"))
            .toList());
  }

  /// Reads what {@link #save} wrote. The default is not in the file: see {@link #withDefaultToken}.
  ///
  /// @param file a token a line
  /// @return the vocabulary
  /// @throws IOException if it cannot be read
  /// @throws ValueException if a token comes twice, or a backslash stands before something else
  public static Vocab load(Path file) throws IOException {
    var tokens = new ArrayList<String>();
    // Not by Files.readAllLines, for which other characters end a line too.
    String text = Files.readString(file);
    for (String line : text.isEmpty() ? new String[0] : text.split("\r?\n", -1)) {
      tokens.add(unescape(line, file, tokens.size() + 1));
    }
    if (!tokens.isEmpty() && text.endsWith("\n")) tokens.removeLast();
    return of(tokens);
  }

  private static String unescape(String line, Path file, int number) {
    if (line.indexOf('\\') < 0) return line;
    var token = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c != '\\') {
        token.append(c);
        continue;
      }
      char next = ++i < line.length() ? line.charAt(i) : ' ';
      token.append(
          switch (next) {
            case '\\' -> '\\';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default ->
                throw new ValueException(
                    "%s, line %d: a backslash in a token is written as two, but this is %s"
                        .formatted(file, number, line));
          });
    }
    return token.toString();
  }

  @Override
  public String toString() {
    return "Vocab(%d tokens)".formatted(size());
  }
}
