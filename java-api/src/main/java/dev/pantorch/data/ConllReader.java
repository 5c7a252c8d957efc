package dev.pantorch.data;

import dev.pantorch.ValueException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads labelled sequences in columns, as the CoNLL tasks have them: a token a line, an empty line
/// after each sentence.
///
/// ```
/// -DOCSTART- -X- -X- O
///
/// EU NNP B-NP B-ORG
/// rejects VBZ B-VP O
/// ```
///
/// ```java
/// var reader = new ConllReader(o -> o.columns("word", "pos", "chunk", "ner").tags(TagScheme.IOB1));
/// for (ConllSentence sentence : reader.read(Path.of("train.txt"))) {
///   List<String> words = sentence.words();
///   List<String> tags = TagScheme.IOB1.convert(sentence.column("ner"), TagScheme.IOB2);
/// }
/// ```
///
/// A line that begins with `-DOCSTART-` begins a document and is no token. Lines may end as on any
/// system.
///
/// [CoNLL-2003](https://aclanthology.org/W03-0419/)
public final class ConllReader {
  private static final String DOCUMENT = "-DOCSTART-";
  private final Options options;

  /// Options of {@link ConllReader}.
  public static final class Options {
    private List<String> columns = List.of();
    private Pattern separator = Pattern.compile("[ \t]+");
    private @Nullable String comment;
    private @Nullable TagScheme tags;
    private Charset charset = StandardCharsets.UTF_8;

    private Options() {}

    /// The names of the columns. A line with another number of fields is an error.
    ///
    /// @param names none unless set: there are as many columns as the first token has fields
    /// @return these options
    public Options columns(String... names) {
      columns = List.of(names);
      return this;
    }

    /// What stands between fields.
    ///
    /// @param pattern spaces and tabs unless set; `\t` for files whose words have spaces
    /// @return these options
    public Options separator(Pattern pattern) {
      separator = pattern;
      return this;
    }

    /// How lines begin that are not read.
    ///
    /// @param prefix nothing unless set, since `#` is a token in many files; `# ` for CoNLL-U
    /// @return these options
    public Options comment(String prefix) {
      comment = prefix;
      return this;
    }

    /// The scheme that the last column must follow.
    ///
    /// @param scheme not looked at unless set
    /// @return these options
    public Options tags(TagScheme scheme) {
      tags = scheme;
      return this;
    }

    /// The encoding.
    ///
    /// @param charset UTF-8 unless set
    /// @return these options
    public Options charset(Charset charset) {
      this.charset = charset;
      return this;
    }
  }

  /// A reader of files in UTF-8 with any number of columns.
  public ConllReader() {
    this(o -> {});
  }

  /// A reader.
  ///
  /// @param settings sets the options
  public ConllReader(Consumer<Options> settings) {
    options = new Options();
    settings.accept(options);
  }

  /// Reads a whole file.
  ///
  /// @param file the file
  /// @return its sentences
  /// @throws IOException if it cannot be read
  /// @throws ValueException if a line is not as expected; the message has file and line
  public List<ConllSentence> read(Path file) throws IOException {
    var sentences = new ArrayList<ConllSentence>();
    try (var in = new Sentences(file)) {
      in.forEachRemaining(sentences::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return sentences;
  }

  /// A file too large for memory, read anew by each iteration. The file is closed at its end; an
  /// iterator left earlier closes it when it becomes unreachable.
  ///
  /// @param file the file; failures to read are an {@link UncheckedIOException}
  /// @return the stream of its sentences
  public IterableDataset<ConllSentence> stream(Path file) {
    return () -> {
      try {
        return new Sentences(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private final class Sentences implements Iterator<ConllSentence>, AutoCloseable {
    private final Path file;
    private final BufferedReader in;
    private int width = options.columns.size();
    private int widthLine;
    private int line;
    private int document = -1;
    private @Nullable ConllSentence next;
    private boolean closed;

    Sentences(Path file) throws IOException {
      this.file = file;
      in = Files.newBufferedReader(file, options.charset);
    }

    @Override
    public boolean hasNext() {
      if (next == null && !closed) next = read();
      return next != null;
    }

    @Override
    public ConllSentence next() {
      if (!hasNext()) throw new NoSuchElementException();
      ConllSentence sentence = Objects.requireNonNull(next);
      next = null;
      return sentence;
    }

    private @Nullable ConllSentence read() {
      List<List<String>> columns = new ArrayList<>();
      int first = 0;
      while (true) {
        String text = readLine();
        boolean start = text != null && text.startsWith(DOCUMENT);
        if (text == null || start || text.isBlank()) {
          ConllSentence sentence = columns.isEmpty() ? null : sentence(columns, first);
          if (start) document++;
          if (text == null) close();
          if (sentence != null || text == null) return sentence;
        } else if (options.comment == null || !text.startsWith(options.comment)) {
          String[] fields = options.separator.split(text.strip(), -1);
          checkWidth(fields, text);
          if (columns.isEmpty()) {
            first = line;
            for (int i = 0; i < fields.length; i++) columns.add(new ArrayList<>());
          }
          for (int i = 0; i < fields.length; i++) columns.get(i).add(fields[i]);
        }
      }
    }

    private @Nullable String readLine() {
      try {
        String text = in.readLine();
        if (text != null && line++ == 0 && text.startsWith("\uFEFF")) return text.substring(1);
        return text;
      } catch (CharacterCodingException e) {
        close();
        throw new UncheckedIOException(
            new IOException(
                "%s, after line %d: this is not %s; name the file's encoding with charset(...)"
                    .formatted(file, line, options.charset),
                e));
      } catch (IOException e) {
        close();
        throw new UncheckedIOException(e);
      }
    }

    private void checkWidth(String[] fields, String text) {
      if (width == 0) {
        width = fields.length;
        widthLine = line;
      }
      if (fields.length == width) return;
      close();
      throw new ValueException(
          "%s, line %d: expected %d fields %s, but found %d: %s"
              .formatted(
                  file,
                  line,
                  width,
                  widthLine > 0 ? "as in line " + widthLine : options.columns.toString(),
                  fields.length,
                  text));
    }

    private ConllSentence sentence(List<List<String>> columns, int first) {
      // Files without -DOCSTART- are one document.
      var sentence =
          new ConllSentence(
              columns.stream().map(List::copyOf).toList(),
              options.columns,
              Math.max(0, document),
              first);
      if (options.tags != null) {
        try {
          var _ = options.tags.spans(sentence.tags());
        } catch (ValueException e) {
          close();
          throw new ValueException(
              "%s, sentence from line %d: %s".formatted(file, first, e.getMessage()));
        }
      }
      return sentence;
    }

    @Override
    public void close() {
      closed = true;
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
