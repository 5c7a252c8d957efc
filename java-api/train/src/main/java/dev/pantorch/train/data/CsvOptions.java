package dev.pantorch.train.data;

import dev.pantorch.DType;
import dev.pantorch.ValueException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a CSV file is written, and which of its columns are wanted: options of {@link CsvDataset}
/// and {@link CsvStream}.
///
/// ```java
/// Consumer<CsvOptions> german =
///     o -> o.delimiter(';').decimal(',').inputs(CsvColumn.number("temp_max"));
/// var data = new CsvDataset(Path.of("wetter.csv"), german);
/// ```
public final class CsvOptions {
  List<CsvColumn> inputs = List.of();
  List<CsvColumn> targets = List.of();
  boolean header = true;
  char delimiter = ',';
  char quote = '"';
  char decimal = '.';
  @Nullable Character comment;
  Set<String> missing = Set.of("", "NA", "N/A", "NaN", "nan", "null");
  boolean skipMissing;
  Charset charset = StandardCharsets.UTF_8;
  DType dtype = DType.FLOAT32;

  private CsvOptions() {}

  static CsvOptions of(Consumer<CsvOptions> settings) {
    var options = new CsvOptions();
    settings.accept(options);
    if (options.inputs.isEmpty()) {
      throw new ValueException("no column is wanted: name some with inputs(...)");
    }
    if (!options.dtype.isFloatingPoint()) {
      throw new ValueException("features are floating numbers, but dtype is " + options.dtype);
    }
    return options;
  }

  /// The columns that a model is given.
  ///
  /// @param columns at least one, in the order wanted
  /// @return these options
  public CsvOptions inputs(CsvColumn... columns) {
    inputs = List.of(columns);
    return this;
  }

  /// The columns that a model should answer. A single category gives class numbers of int64 without
  /// a dimension of their own; anything else gives a feature a column.
  ///
  /// @param columns none unless set
  /// @return these options
  public CsvOptions targets(CsvColumn... columns) {
    targets = List.of(columns);
    return this;
  }

  /// Whether the first line has the names of the columns.
  ///
  /// @param header true unless set
  /// @return these options
  public CsvOptions header(boolean header) {
    this.header = header;
    return this;
  }

  /// What stands between fields.
  ///
  /// @param delimiter a comma unless set
  /// @return these options
  public CsvOptions delimiter(char delimiter) {
    this.delimiter = delimiter;
    return this;
  }

  /// What stands around fields that have delimiters, quotes or line ends in them; twice for itself.
  ///
  /// @param quote `"` unless set
  /// @return these options
  public CsvOptions quote(char quote) {
    this.quote = quote;
    return this;
  }

  /// What stands before the decimals of numbers.
  ///
  /// @param decimal a point unless set
  /// @return these options
  public CsvOptions decimal(char decimal) {
    this.decimal = decimal;
    return this;
  }

  /// How lines begin that are not read.
  ///
  /// @param comment nothing unless set
  /// @return these options
  public CsvOptions comment(char comment) {
    this.comment = comment;
    return this;
  }

  /// What stands for a missing field.
  ///
  /// @param texts an empty field, `NA`, `N/A`, `NaN`, `nan` and `null` unless set
  /// @return these options
  public CsvOptions missing(String... texts) {
    missing = Set.of(texts);
    return this;
  }

  /// Whether rows are left out in which a wanted field is missing that its column has nothing for.
  ///
  /// @param skipMissing false unless set: they are an error
  /// @return these options
  public CsvOptions skipMissing(boolean skipMissing) {
    this.skipMissing = skipMissing;
    return this;
  }

  /// The encoding.
  ///
  /// @param charset UTF-8 unless set
  /// @return these options
  public CsvOptions charset(Charset charset) {
    this.charset = charset;
    return this;
  }

  /// The type of the features.
  ///
  /// @param dtype float32 unless set
  /// @return these options
  public CsvOptions dtype(DType dtype) {
    this.dtype = dtype;
    return this;
  }

  /// The columns of inputs, then those of targets.
  List<CsvColumn> columns() {
    return Stream.concat(inputs.stream(), targets.stream()).toList();
  }

  /// Whether targets are the class numbers of one category.
  boolean classes() {
    return targets.size() == 1 && targets.getFirst().kind == CsvColumn.Kind.CATEGORY;
  }
}
