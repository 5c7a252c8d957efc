package dev.pantorch.train.data;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.data.Example;
import dev.pantorch.data.LabelEncoder;
import java.util.ArrayList;
import java.util.List;

/// Where the features of columns stand in a row of numbers.
final class CsvFeatures {
  private final List<CsvColumn> columns;
  private final int first;
  final int width;

  /// @param columns with their categories
  /// @param first which of a row's fields is that of the first column
  CsvFeatures(List<CsvColumn> columns, int first) {
    this.columns = columns;
    this.first = first;
    width = columns.stream().mapToInt(CsvFeatures::width).sum();
  }

  static CsvFeatures inputs(CsvOptions options) {
    return new CsvFeatures(options.inputs, 0);
  }

  static CsvFeatures targets(CsvOptions options) {
    return new CsvFeatures(options.targets, options.inputs.size());
  }

  private static int width(CsvColumn column) {
    LabelEncoder encoder = column.encoder;
    return column.kind == CsvColumn.Kind.ONE_HOT && encoder != null ? encoder.classes().size() : 1;
  }

  /// The name of each feature: that of its column, with the category where a column has several.
  List<String> names() {
    var names = new ArrayList<String>();
    for (CsvColumn column : columns) {
      String name = column.name != null ? column.name : Integer.toString(column.index);
      if (column.kind == CsvColumn.Kind.ONE_HOT && column.encoder != null) {
        column.encoder.classes().forEach(category -> names.add(name + "=" + category));
      } else {
        names.add(name);
      }
    }
    return names;
  }

  /// The features of a row.
  double[] of(CsvRows rows, CsvRows.Row row) {
    double[] features = new double[width];
    int at = 0;
    for (int i = 0; i < columns.size(); i++) {
      double value = rows.value(row, first + i);
      if (columns.get(i).kind == CsvColumn.Kind.ONE_HOT) {
        features[at + (int) value] = 1;
      } else {
        features[at] = value;
      }
      at += width(columns.get(i));
    }
    return features;
  }

  /// Inputs $(*, C)$ and targets $(*, K)$, or class numbers $(*)$.
  ///
  /// @param shape of all dimensions but the last
  static Example example(CsvOptions options, double[] inputs, double[] targets, long... shape) {
    Tensor answers = Torch.tensor(targets, shape(shape, targets.length));
    return new Example(
        Torch.tensor(inputs, shape(shape, inputs.length)).to(options.dtype),
        options.classes() ? answers.select(-1, 0).to(DType.INT64) : answers.to(options.dtype));
  }

  private static long[] shape(long[] rows, long numbers) {
    if (rows.length == 0) return new long[] {numbers};
    return new long[] {rows[0], rows[0] == 0 ? 0 : numbers / rows[0]};
  }
}
