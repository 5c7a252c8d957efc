package dev.pantorch.train.data;

import dev.pantorch.ValueException;
import dev.pantorch.data.Example;
import dev.pantorch.data.IterableDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;

/// The rows of a CSV file that is too large for memory, read anew in each iteration.
///
/// ```java
/// var rows = new CsvStream(Path.of("weather.csv"), o -> o.inputs(CsvColumn.number("wind")));
/// var loader = new DataLoader<>(rows, o -> o.batchSize(256).numWorkers(1));
/// ```
///
/// Columns and shapes are those of {@link CsvDataset}, but categories must be known, see {@link
/// CsvColumn#categories}. The file is closed at its end; an iterator left earlier closes it when it
/// becomes unreachable.
public final class CsvStream implements IterableDataset<Example> {
  private final Path file;
  private final CsvOptions options;

  /// A stream; nothing is read yet.
  ///
  /// @param file the file
  /// @param settings sets the options, which name the columns wanted
  /// @throws ValueException if the categories of a column are not known
  public CsvStream(Path file, Consumer<CsvOptions> settings) {
    this.file = file;
    options = CsvOptions.of(settings);
    for (CsvColumn column : options.columns()) {
      if (column.isCategory() && column.encoder == null) {
        throw new ValueException(
            "a stream cannot learn the categories of %s; give them with categories(...)"
                .formatted(column));
      }
    }
  }

  /// Reads the file from its beginning.
  ///
  /// @return its rows
  /// @throws UncheckedIOException if it cannot be read
  /// @throws ValueException if a column is not there; a field that is missing or cannot be read is
  ///   one when its row comes
  @Override
  public Iterator<Example> iterator() {
    CsvRows rows;
    try {
      rows = new CsvRows(file, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CsvFeatures inputs = CsvFeatures.inputs(options);
    CsvFeatures targets = CsvFeatures.targets(options);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Example next() {
        CsvRows.Row row = rows.next();
        return CsvFeatures.example(options, inputs.of(rows, row), targets.of(rows, row));
      }
    };
  }
}
