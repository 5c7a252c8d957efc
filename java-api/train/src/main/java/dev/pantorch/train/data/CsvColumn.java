package dev.pantorch.train.data;

import dev.pantorch.data.LabelEncoder;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What a column of a CSV file becomes. A column may be named several times, for several features.
///
/// ```java
/// CsvColumn.number("wind").missing("0");
/// CsvColumn.date("date", DateTimeFormatter.ISO_LOCAL_DATE, LocalDateTime::getDayOfYear);
/// CsvColumn.oneHot("weather");
/// CsvColumn.number(3); // without a header
/// ```
public final class CsvColumn {
  /// What a field becomes.
  enum Kind {
    NUMBER,
    VALUE,
    CATEGORY,
    ONE_HOT
  }

  final @Nullable String name;
  final int index;
  final Kind kind;
  final @Nullable LabelEncoder encoder;
  private final ToDoubleFunction<String> value;
  private final String expected;
  private final @Nullable String missing;
  private final boolean previous;

  private CsvColumn(
      @Nullable String name,
      int index,
      Kind kind,
      ToDoubleFunction<String> value,
      String expected,
      @Nullable LabelEncoder encoder,
      @Nullable String missing,
      boolean previous) {
    this.name = name;
    this.index = index;
    this.kind = kind;
    this.value = value;
    this.expected = expected;
    this.encoder = encoder;
    this.missing = missing;
    this.previous = previous;
  }

  private static CsvColumn of(
      @Nullable String name, int index, Kind kind, ToDoubleFunction<String> value, String what) {
    return new CsvColumn(name, index, kind, value, what, null, null, false);
  }

  /// Numbers, as `12`, `-1.5e3`, `nan` or `inf`.
  ///
  /// @param name the column's name
  /// @return one feature
  public static CsvColumn number(String name) {
    return of(name, -1, Kind.NUMBER, CsvColumn::parse, "a number");
  }

  /// Numbers, as `12`, `-1.5e3`, `nan` or `inf`.
  ///
  /// @param index the column's place, from 0
  /// @return one feature
  public static CsvColumn number(int index) {
    return of(null, index, Kind.NUMBER, CsvColumn::parse, "a number");
  }

  /// Labels, of which each becomes a number.
  ///
  /// @param name the column's name
  /// @return one feature; as the only target, the class numbers that `CrossEntropyLoss` takes
  public static CsvColumn category(String name) {
    return of(name, -1, Kind.CATEGORY, _ -> 0, "a category");
  }

  /// Labels, of which each becomes a number.
  ///
  /// @param index the column's place, from 0
  /// @return one feature; as the only target, the class numbers that `CrossEntropyLoss` takes
  public static CsvColumn category(int index) {
    return of(null, index, Kind.CATEGORY, _ -> 0, "a category");
  }

  /// Labels, of which each becomes a feature of its own, 1 where it stands and 0 elsewhere.
  ///
  /// @param name the column's name
  /// @return as many features as there are labels
  public static CsvColumn oneHot(String name) {
    return of(name, -1, Kind.ONE_HOT, _ -> 0, "a category");
  }

  /// Labels, of which each becomes a feature of its own, 1 where it stands and 0 elsewhere.
  ///
  /// @param index the column's place, from 0
  /// @return as many features as there are labels
  public static CsvColumn oneHot(int index) {
    return of(null, index, Kind.ONE_HOT, _ -> 0, "a category");
  }

  /// Dates, with or without a time of day.
  ///
  /// @param name the column's name
  /// @param format how they are written
  /// @param feature the number of interest; a date without a time is its first moment
  /// @return one feature
  public static CsvColumn date(
      String name, DateTimeFormatter format, ToDoubleFunction<? super LocalDateTime> feature) {
    return of(name, -1, Kind.VALUE, dates(format, feature), "a date as " + format);
  }

  /// Dates, with or without a time of day.
  ///
  /// @param index the column's place, from 0
  /// @param format how they are written
  /// @param feature the number of interest; a date without a time is its first moment
  /// @return one feature
  public static CsvColumn date(
      int index, DateTimeFormatter format, ToDoubleFunction<? super LocalDateTime> feature) {
    return of(null, index, Kind.VALUE, dates(format, feature), "a date as " + format);
  }

  private static ToDoubleFunction<String> dates(
      DateTimeFormatter format, ToDoubleFunction<? super LocalDateTime> feature) {
    return text ->
        feature.applyAsDouble(
            switch (format.parseBest(text, LocalDateTime::from, LocalDate::from)) {
              case LocalDate date -> date.atStartOfDay();
              case LocalDateTime time -> time;
              case Object other -> throw new IllegalStateException(other.toString());
            });
  }

  /// Any other reading of a field.
  ///
  /// @param name the column's name
  /// @param value the number of a field; an `IllegalArgumentException` means that it has none
  /// @return one feature
  public static CsvColumn of(String name, ToDoubleFunction<String> value) {
    return of(name, -1, Kind.VALUE, value, "a readable value");
  }

  private static double parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> {
        // Java reads 1f, 1d and 0x1p3 too, which no file means.
        if (!text.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
          throw new NumberFormatException();
        }
        yield Double.parseDouble(text);
      }
    };
  }

  /// This column with categories that are known beforehand: those of the training file, so that a
  /// second file has the same numbers. A stream needs them.
  ///
  /// @param encoder the categories; learned from the file unless set
  /// @return the column
  public CsvColumn categories(LabelEncoder encoder) {
    return new CsvColumn(name, index, kind, value, expected, encoder, missing, previous);
  }

  /// This column with something in place of missing fields.
  ///
  /// @param text read as if it stood in the file: `0`, `nan`, `unknown`
  /// @return the column
  public CsvColumn missing(String text) {
    return new CsvColumn(name, index, kind, value, expected, encoder, text, false);
  }

  /// This column with the last field that was there in place of missing ones: what a forecast would
  /// know. In the first row a missing field remains an error.
  ///
  /// @return the column
  public CsvColumn missingAsPrevious() {
    return new CsvColumn(name, index, kind, value, expected, encoder, null, true);
  }

  /// What a missing field is read as; null where there is nothing.
  @Nullable String substitute(@Nullable String before) {
    return previous ? before : missing;
  }

  boolean takesMissing() {
    return previous || missing != null;
  }

  boolean isCategory() {
    return kind == Kind.CATEGORY || kind == Kind.ONE_HOT;
  }

  /// The number of a field.
  ///
  /// @throws IllegalArgumentException if it has none; the message says what was expected
  double read(String text, char decimal) {
    if (encoder != null) {
      if (!encoder.contains(text)) {
        throw new IllegalArgumentException("expected one of " + encoder.classes());
      }
      return encoder.transform(text);
    }
    try {
      return value.applyAsDouble(kind == Kind.NUMBER ? text.replace(decimal, '.') : text);
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new IllegalArgumentException("expected " + expected, e);
    }
  }

  @Override
  public String toString() {
    return name != null ? "column " + name : "column " + index;
  }
}
