package dev.pantorch.train.data;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.data.BatchDataset;
import dev.pantorch.data.Example;
import dev.pantorch.data.LabelEncoder;
import dev.pantorch.data.TensorDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The rows of a CSV file, in memory.
///
/// ```java
/// var data =
///     new CsvDataset(
///         Path.of("weather.csv"),
///         o ->
///             o.inputs(CsvColumn.number("temp_max"), CsvColumn.number("wind").missing("0"))
///                 .targets(CsvColumn.category("weather")));
/// var loader = new DataLoader<>(data, l -> l.batchSize(32).shuffle(true));
/// Tensor series = data.inputs(); // for TimeSplit and WindowDataset
/// ```
///
/// **Shape.** Inputs $(N, C)$ with a feature a column, but those of {@link CsvColumn#oneHot} as
/// many as labels; targets $(N, K)$, or $(N)$ of int64 if the only target is a category. A sample
/// is a row of both.
///
/// A file that does not fit in memory is a {@link CsvStream}.
public final class CsvDataset implements BatchDataset<Example> {
  private final TensorDataset rows;
  private final CsvOptions options;

  /// Reads a file.
  ///
  /// @param file the file
  /// @param settings sets the options, which name the columns wanted
  /// @throws IOException if it cannot be read
  /// @throws ValueException if a column is not there, or a field is missing or cannot be read; the
  ///   message has file, line and column
  public CsvDataset(Path file, Consumer<CsvOptions> settings) throws IOException {
    options = withCategories(file, CsvOptions.of(settings));
    CsvFeatures inputs = CsvFeatures.inputs(options);
    CsvFeatures targets = CsvFeatures.targets(options);
    double[] x = new double[0];
    double[] y = new double[0];
    int size = 0;
    try (var in = new CsvRows(file, options)) {
      while (in.hasNext()) {
        CsvRows.Row row = in.next();
        x = append(x, size, inputs.of(in, row));
        y = append(y, size, targets.of(in, row));
        size++;
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (size == 0) throw new ValueException(file + " has no rows");
    double[] allInputs = Arrays.copyOf(x, Math.multiplyExact(size, inputs.width));
    double[] allTargets = Arrays.copyOf(y, Math.multiplyExact(size, targets.width));
    long count = size;
    Example all =
        TensorScope.scope(() -> CsvFeatures.example(options, allInputs, allTargets, count));
    rows = new TensorDataset(all.input().keep(), all.target().keep());
  }

  private static double[] append(double[] all, int row, double[] numbers) {
    int at = Math.multiplyExact(row, numbers.length);
    double[] room =
        at + numbers.length > all.length
            ? Arrays.copyOf(all, Math.addExact(at, numbers.length) + (at >> 1))
            : all;
    System.arraycopy(numbers, 0, room, at, numbers.length);
    return room;
  }

  /// Learns the categories that are not known, in a reading of their own.
  private static CsvOptions withCategories(Path file, CsvOptions options) throws IOException {
    Map<Integer, TreeSet<String>> labels = new HashMap<>();
    List<CsvColumn> columns = options.columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).isCategory() && columns.get(i).encoder == null) {
        labels.put(i, new TreeSet<>());
      }
    }
    if (labels.isEmpty()) return options;
    try (var in = new CsvRows(file, options)) {
      in.forEachRemaining(row -> labels.forEach((i, found) -> found.add(row.fields()[i])));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    CsvColumn[] known = columns.toArray(CsvColumn[]::new);
    labels.forEach((i, found) -> known[i] = known[i].categories(new LabelEncoder(found)));
    int inputs = options.inputs.size();
    return options
        .inputs(Arrays.copyOf(known, inputs))
        .targets(Arrays.copyOfRange(known, inputs, known.length));
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Example get(int index) {
    return example(rows.get(index));
  }

  @Override
  public Example getBatch(int... indices) {
    return example(rows.getBatch(indices));
  }

  private static Example example(List<Tensor> row) {
    return new Example(row.get(0), row.get(1));
  }

  /// All inputs.
  ///
  /// @return $(N, C)$; not a copy
  public Tensor inputs() {
    return rows.tensors().get(0);
  }

  /// All targets.
  ///
  /// @return $(N, K)$, or $(N)$ of int64; not a copy
  public Tensor targets() {
    return rows.tensors().get(1);
  }

  /// The features of the inputs.
  ///
  /// @return names of columns, with a category as `weather=rain`; a column's place where there is
  ///   no header
  public List<String> inputNames() {
    return CsvFeatures.inputs(options).names();
  }

  /// The categories of a column, to read another file with the same numbers.
  ///
  /// @param column its name
  /// @return the categories
  /// @throws ValueException if no category of that name is wanted
  public LabelEncoder categories(String column) {
    for (CsvColumn each : options.columns()) {
      if (column.equals(each.name) && each.encoder != null) return each.encoder;
    }
    throw new ValueException("there is no category %s".formatted(column));
  }
}
