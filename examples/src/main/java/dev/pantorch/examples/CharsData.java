package dev.pantorch.examples;

import dev.pantorch.Generator;
import dev.pantorch.Torch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The stories of the Brown corpus (general fiction, mysteries, science fiction, adventures,
/// romances, humour) as plain text in three parts. Whole stories are held out.
///
/// @param stories how many there are
/// @param train what is learned from
/// @param validation what says which weights are kept and how long n-grams are
/// @param test what is looked at once
record CharsData(int stories, String train, String validation, String test) {
  private static final int HELD_OUT = 10;
  private static final Pattern FILE = Pattern.compile("c[klmnpr][0-9][0-9]");
  private static final Pattern BEFORE = Pattern.compile(" ([.,;:?!)\\]]|'')");
  private static final Pattern AFTER = Pattern.compile("(``|[(\\[]) ");

  /// Reads and parts the stories.
  ///
  /// @param data the package's `.tgz` file or the folder with its files; null to fetch it
  /// @param quick whether to learn from a tenth of the stories
  static CharsData load(@Nullable Path data, boolean quick) throws IOException {
    List<String> stories =
        BrownData.PACKAGE.read(data, path -> FILE.matcher(path).matches()).values().stream()
            .map(CharsData::text)
            .toList();
    // The parts are the same for every seed of the training.
    var generator = new Generator().manualSeed(0);
    long[] order = Torch.randperm(stories.size(), generator).toLongArray();
    int heldOut = Math.max(1, order.length / HELD_OUT);
    int end = quick ? 2 * heldOut + Math.max(1, order.length / HELD_OUT) : order.length;
    return new CharsData(
        order.length,
        part(stories, order, 2 * heldOut, end),
        part(stories, order, heldOut, 2 * heldOut),
        part(stories, order, 0, heldOut));
  }

  private static String part(List<String> stories, long[] order, int from, int to) {
    return Arrays.stream(order, from, to)
        .sorted()
        .mapToObj(i -> stories.get((int) i))
        .collect(Collectors.joining());
  }

  /// A sentence a line, with signs where a printer puts them.
  private static String text(byte[] raw) {
    return new String(raw, StandardCharsets.ISO_8859_1)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(line -> {
          String words =
              Arrays.stream(line.split("\\s+", -1))
                  .map(token -> token.substring(0, token.lastIndexOf('/')))
                  .collect(Collectors.joining(" "));
          String tight = AFTER.matcher(BEFORE.matcher(words).replaceAll("$1")).replaceAll("$1");
          return tight.replace("``", "\"").replace("''", "\"") + "\n";
        })
        .collect(Collectors.joining());
  }
}
