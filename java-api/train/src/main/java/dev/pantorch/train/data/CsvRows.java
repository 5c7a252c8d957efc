package dev.pantorch.train.data;

import dev.pantorch.ValueException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/// The wanted fields of a file, row by row, with missing ones filled in.
final class CsvRows implements Iterator<CsvRows.Row>, AutoCloseable {
  private final Path file;
  private final CsvOptions options;
  private final List<CsvColumn> columns;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;
  private final int[] places;
  private final @Nullable String[] before;
  private @Nullable List<String> names;
  private int width;
  private @Nullable Row next;
  private boolean closed;

  /// A row of fields.
  ///
  /// @param fields one for each wanted column
  /// @param line where the row begins in the file, from 1
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Row(String[] fields, long line) {}

  CsvRows(Path file, CsvOptions options) throws IOException {
    this.file = file;
    this.options = options;
    columns = options.columns();
    before = new @Nullable String[columns.size()];
    BufferedReader in = Files.newBufferedReader(file, options.charset);
    try {
      in.mark(1);
      // The mark that some programs write before UTF-8.
      if (in.read() != '\uFEFF') in.reset();
      parser =
          CSVParser.builder()
              .setReader(in)
              .setFormat(
                  CSVFormat.DEFAULT
                      .builder()
                      .setDelimiter(options.delimiter)
                      .setQuote(options.quote)
                      .setCommentMarker(options.comment)
                      .get())
              .get();
      records = parser.iterator();
      if (options.header) readHeader();
      places = columns.stream().mapToInt(this::place).toArray();
    } catch (CharacterCodingException e) {
      in.close();
      throw unreadable(0, e);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private void readHeader() {
    CSVRecord header = record();
    if (header == null) throw new ValueException(file + " is empty: there is no header");
    List<String> found = header.stream().map(String::strip).toList();
    Set<String> seen = new HashSet<>();
    for (String name : found) {
      if (!seen.add(name)) {
        throw new ValueException("%s: two columns have the name %s".formatted(file, name));
      }
    }
    names = found;
    width = found.size();
  }

  private int place(CsvColumn column) {
    if (column.name == null) return column.index;
    if (names == null) {
      throw new ValueException(
          "%s has no header, so column %s must be given by its place".formatted(file, column.name));
    }
    int place = names.indexOf(column.name);
    if (place < 0) {
      throw new ValueException(
          "%s has no column %s; it has %s".formatted(file, column.name, names));
    }
    return place;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !closed) next = read();
    return next != null;
  }

  @Override
  public Row next() {
    if (!hasNext()) throw new NoSuchElementException();
    Row row = Objects.requireNonNull(next);
    next = null;
    return row;
  }

  private @Nullable Row read() {
    while (true) {
      CSVRecord record = record();
      if (record == null) {
        close();
        return null;
      }
      if (record.size() == 1 && record.get(0).isEmpty()) continue;
      Row row = row(record, line(record));
      if (row != null) return row;
    }
  }

  private @Nullable CSVRecord record() {
    try {
      return records.hasNext() ? records.next() : null;
    } catch (UncheckedIOException e) {
      close();
      IOException cause = Objects.requireNonNull(e.getCause());
      throw new UncheckedIOException(unreadable(parser.getCurrentLineNumber(), cause));
    }
  }

  private IOException unreadable(long line, IOException cause) {
    String problem =
        cause instanceof CharacterCodingException
            ? "this is not %s; name the file's encoding with charset(...)"
                .formatted(options.charset)
            : cause.getMessage();
    return new IOException("%s, after line %d: %s".formatted(file, line, problem), cause);
  }

  /// Where a record begins; the parser knows where it ends.
  private long line(CSVRecord record) {
    long inside = record.stream().flatMapToInt(String::chars).filter(c -> c == '\n').count();
    return parser.getCurrentLineNumber() - inside;
  }

  private @Nullable Row row(CSVRecord record, long line) {
    if (width == 0) width = record.size();
    if (record.size() != width) {
      throw failed(
          "%s, line %d: expected %d fields, but found %d: %s"
              .formatted(file, line, width, record.size(), Arrays.toString(record.values())));
    }
    String[] fields = new String[places.length];
    for (int i = 0; i < places.length; i++) {
      if (places[i] < 0 || places[i] >= width) {
        throw failed(
            "%s, line %d: there is no column %d among %d".formatted(file, line, places[i], width));
      }
      String field = record.get(places[i]).strip();
      if (options.missing.contains(field)) {
        CsvColumn column = columns.get(i);
        String substitute = column.substitute(before[i]);
        if (substitute == null && options.skipMissing && !column.takesMissing()) return null;
        if (substitute == null) {
          throw failed(
              "%s, line %d, %s: the field is missing; say what stands for it with missing(...), or leave such rows out with skipMissing(true)"
                  .formatted(file, line, column));
        }
        field = substitute;
      }
      fields[i] = field;
    }
    System.arraycopy(fields, 0, before, 0, fields.length);
    return new Row(fields, line);
  }

  /// The number that a column makes of its field.
  double value(Row row, int column) {
    String field = row.fields[column];
    try {
      return columns.get(column).read(field, options.decimal);
    } catch (IllegalArgumentException e) {
      throw failed(
          "%s, line %d, %s: %s, but found \"%s\""
              .formatted(file, row.line, columns.get(column), e.getMessage(), field));
    }
  }

  private ValueException failed(String message) {
    close();
    return new ValueException(message);
  }

  @Override
  public void close() {
    closed = true;
    try {
      parser.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
