package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Carbon dioxide at Mauna Loa, month by month without gaps, from November 1958 to April 2020.
///
/// Three months of 1964 are missing in the record; a straight line stands for them.
///
/// @param months the months
/// @param level parts per million (month), float64
record Co2Data(List<YearMonth> months, Tensor level) {
  private static final YearMonth START = YearMonth.of(1958, 11);
  private static final YearMonth END = YearMonth.of(2020, 4);

  /// Reads the record that comes with the examples.
  static Co2Data load() {
    Map<YearMonth, Double> record = new HashMap<>();
    for (var row : CsvResource.read("co2-concentration.csv")) {
      record.put(YearMonth.parse(row.get("Date").substring(0, 7)), Double.valueOf(row.get("CO2")));
    }
    fill(record, YearMonth.of(1964, 1), YearMonth.of(1964, 5));
    List<YearMonth> months = new ArrayList<>();
    for (YearMonth month = START; !month.isAfter(END); month = month.plusMonths(1)) {
      months.add(month);
    }
    return new Co2Data(
        months,
        Torch.tensor(
            months.stream().mapToDouble(month -> at(record, month)).toArray(), months.size()));
  }

  private static void fill(Map<YearMonth, Double> record, YearMonth before, YearMonth after) {
    double low = at(record, before);
    double high = at(record, after);
    long length = before.until(after, ChronoUnit.MONTHS);
    for (int i = 1; i < length; i++) {
      record.put(before.plusMonths(i), low + (high - low) * i / length);
    }
  }

  private static double at(Map<YearMonth, Double> record, YearMonth month) {
    return Objects.requireNonNull(record.get(month), () -> "the record lacks " + month);
  }
}
