package dev.pantorch.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Example;
import dev.pantorch.data.LabelEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvDatasetTest {
  private static final String WEATHER =
      """
      date,temp_max,wind,weather
      2012-01-01,12.8,4.7,rain
      2012-02-01,10.6,,sun
      "2012-03-01","1.17e1",2.3,"rain"
      """;

  @TempDir private Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameFile() throws IOException {
    file = folder.resolve("weather.csv");
    Files.writeString(file, WEATHER);
  }

  private static CsvOptions wind(CsvOptions options) {
    return options.inputs(CsvColumn.number("wind"));
  }

  private void fails(Consumer<CsvOptions> settings, String message) {
    assertThatThrownBy(() -> new CsvDataset(file, settings))
        .isInstanceOf(ValueException.class)
        .hasMessage(file + message);
  }

  private static double[] numbers(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      return tensor.float64().contiguous().toDoubleArray();
    }
  }

  @Test
  void should_make_features_of_columns() throws IOException {
    var data =
        new CsvDataset(
            file,
            o ->
                o.inputs(
                        CsvColumn.number("temp_max"),
                        CsvColumn.number("wind").missing("0"),
                        CsvColumn.date(
                            "date", DateTimeFormatter.ISO_LOCAL_DATE, LocalDateTime::getDayOfYear),
                        CsvColumn.oneHot("weather"))
                    .targets(CsvColumn.category("weather"))
                    .dtype(DType.FLOAT64));
    assertThat(data.inputNames())
        .containsExactly("temp_max", "wind", "date", "weather=rain", "weather=sun");
    assertThat(data.categories("weather").classes()).containsExactly("rain", "sun");
    assertThat(data.inputs().shape()).containsExactly(3, 5);
    // 2012 is a leap year: March 1 is day 61.
    assertThat(numbers(data.inputs()))
        .containsExactly(12.8, 4.7, 1, 1, 0, 10.6, 0, 32, 0, 1, 11.7, 2.3, 61, 1, 0);
    assertThat(data.targets().dtype()).isEqualTo(DType.INT64);
    assertThat(data.targets().toLongArray()).containsExactly(0, 1, 0);
    assertThatThrownBy(() -> data.categories("wind"))
        .isInstanceOf(ValueException.class)
        .hasMessage("there is no category wind");
  }

  @Test
  void should_give_rows_and_batches() throws IOException {
    var data =
        new CsvDataset(
            file,
            o ->
                o.inputs(CsvColumn.number("temp_max"))
                    .targets(CsvColumn.number("wind").missing("nan")));
    assertThat(data.size()).isEqualTo(3);
    try (TensorScope scope = TensorScope.open()) {
      assertThat(data.get(2).input().toFloatArray()).containsExactly(11.7f);
      Example batch = new DataLoader<>(data, o -> o.batchSize(2)).iterator().next();
      assertThat(batch.input().shape()).containsExactly(2, 1);
      assertThat(batch.input().dtype()).isEqualTo(DType.FLOAT32);
      assertThat(batch.target().flatten().toFloatArray()).containsExactly(4.7f, Float.NaN);
      assertThatThrownBy(() -> data.get(3)).isInstanceOf(IndexException.class);
      // Without targets a sample's target is empty.
      var inputsOnly = new CsvDataset(file, o -> o.inputs(CsvColumn.number("temp_max")));
      assertThat(inputsOnly.getBatch(2, 0).target().shape()).containsExactly(2, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void should_stream_the_same_rows(int workers) throws IOException {
    var known = new LabelEncoder(List.of("sun", "rain", "snow"));
    Consumer<CsvOptions> settings =
        o ->
            o.inputs(CsvColumn.number("temp_max"), CsvColumn.oneHot("weather").categories(known))
                .targets(CsvColumn.category("weather").categories(known));
    var memory = new CsvDataset(file, settings);
    var stream = new CsvStream(file, settings);
    var loader = new DataLoader<>(stream, o -> o.batchSize(2).numWorkers(workers));
    for (int pass = 0; pass < 2; pass++) {
      var inputs = new ArrayList<Double>();
      var targets = new ArrayList<Long>();
      try (TensorScope scope = TensorScope.open()) {
        for (Example batch : loader) {
          for (double x : numbers(batch.input())) inputs.add(x);
          for (long y : batch.target().toLongArray()) targets.add(y);
        }
      }
      assertThat(inputs).containsExactly(box(numbers(memory.inputs())));
      assertThat(targets).containsExactly(0L, 2L, 0L);
    }
    assertThatThrownBy(() -> new CsvStream(file, o -> o.inputs(CsvColumn.oneHot("weather"))))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "a stream cannot learn the categories of column weather; give them with"
                + " categories(...)");
    assertThatThrownBy(() -> new CsvStream(folder.resolve("none"), CsvDatasetTest::wind).iterator())
        .isInstanceOf(UncheckedIOException.class);
  }

  private static Double[] box(double[] numbers) {
    return java.util.Arrays.stream(numbers).boxed().toArray(Double[]::new);
  }

  @Test
  void should_read_files_that_are_written_otherwise() throws IOException {
    String text =
        """
        # station 7
        1,5;'it''s; me';01.02.2020 06:00

        -2;'two
        lines';03.02.2020 18:30\
        """;
    Files.writeString(file, "\uFEFF" + text.replace("\n", "\r\n"));
    var data =
        new CsvDataset(
            file,
            o ->
                o.header(false)
                    .delimiter(';')
                    .quote('\'')
                    .decimal(',')
                    .comment('#')
                    .inputs(
                        CsvColumn.number(0),
                        CsvColumn.date(
                            2,
                            DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm"),
                            LocalDateTime::getHour))
                    .targets(CsvColumn.category(1)));
    assertThat(numbers(data.inputs())).containsExactly(1.5, 6, -2, 18);
    assertThat(data.targets().toLongArray()).containsExactly(0, 1);
    assertThat(data.inputNames()).containsExactly("0", "2");
  }

  @Test
  void should_fill_or_leave_out_what_is_missing() throws IOException {
    Files.writeString(file, "a,b\n1,x\nNA,\n3,y\n,y\n");
    assertThat(
            numbers(
                new CsvDataset(file, o -> o.inputs(CsvColumn.number("a").missingAsPrevious()))
                    .inputs()))
        .containsExactly(1, 1, 3, 3);
    assertThat(
            numbers(
                new CsvDataset(file, o -> o.inputs(CsvColumn.number("a")).skipMissing(true))
                    .inputs()))
        .containsExactly(1, 3);
    var data =
        new CsvDataset(
            file,
            o ->
                o.inputs(CsvColumn.number("a").missing("-1"))
                    .targets(CsvColumn.category("b").missing("none")));
    assertThat(numbers(data.inputs())).containsExactly(1, -1, 3, -1);
    assertThat(data.categories("b").classes()).containsExactly("none", "x", "y");
    Files.writeString(file, "a\n?\n2\n");
    assertThat(
            numbers(
                new CsvDataset(file, o -> o.inputs(CsvColumn.number("a").missing("7")).missing("?"))
                    .inputs()))
        .containsExactly(7, 2);
  }

  @ParameterizedTest
  @CsvSource({"1f", "0x1p3", "1_000", "'1,5'", "--1", "1e", "one"})
  void should_say_which_field_is_no_number(String text) throws IOException {
    Files.writeString(file, "wind,x\n1,a\n\n\"" + text + "\",\"b\nb\"");
    fails(
        CsvDatasetTest::wind,
        ", line 4, column wind: expected a number, but found \"" + text + "\"");
  }

  @Test
  void should_read_numbers_as_python_writes_them() throws IOException {
    Files.writeString(file, "wind\n-1.5e-3\n+2\n.5\ninf\n-Infinity\nnan\n");
    assertThat(
            numbers(new CsvDataset(file, o -> wind(o).missing("NA").dtype(DType.FLOAT64)).inputs()))
        .containsExactly(
            -1.5e-3, 2, 0.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN);
  }

  @Test
  void should_say_what_is_wrong_and_where() throws IOException {
    fails(
        CsvDatasetTest::wind,
        ", line 3, column wind: the field is missing; say what stands for it with missing(...), or"
            + " leave such rows out with skipMissing(true)");
    fails(
        o -> o.inputs(CsvColumn.number("rain")),
        " has no column rain; it has [date, temp_max, wind, weather]");
    fails(o -> o.inputs(CsvColumn.number(4)), ", line 2: there is no column 4 among 4");
    fails(
        o -> o.header(false).inputs(CsvColumn.number("wind")),
        " has no header, so column wind must be given by its place");
    fails(
        o ->
            o.inputs(
                CsvColumn.oneHot("weather").categories(new LabelEncoder(List.of("fog", "rain")))),
        ", line 3, column weather: expected one of [fog, rain], but found \"sun\"");
    fails(
        o -> o.inputs(CsvColumn.of("weather", Double::parseDouble)),
        ", line 2, column weather: expected a readable value, but found \"rain\"");
    Files.writeString(file, "a,b\n1,2\n3\n");
    fails(o -> o.inputs(CsvColumn.number("a")), ", line 3: expected 2 fields, but found 1: [3]");
    Files.writeString(file, "a,a\n1,2\n");
    fails(o -> o.inputs(CsvColumn.number("a")), ": two columns have the name a");
    Files.writeString(file, "a\n");
    fails(o -> o.inputs(CsvColumn.number("a")), " has no rows");
    Files.writeString(file, "");
    fails(o -> o.inputs(CsvColumn.number("a")), " is empty: there is no header");
    assertThatThrownBy(() -> new CsvDataset(file, o -> {}))
        .isInstanceOf(ValueException.class)
        .hasMessage("no column is wanted: name some with inputs(...)");
    assertThatThrownBy(() -> new CsvDataset(file, o -> wind(o).dtype(DType.INT64)))
        .isInstanceOf(ValueException.class)
        .hasMessageStartingWith("features are floating numbers, but dtype is ");
    Files.writeString(file, "date\n2012-13-01\n");
    assertThatThrownBy(() ->
            new CsvDataset(
                file,
                o ->
                    o.inputs(
                        CsvColumn.date(
                            "date", DateTimeFormatter.ISO_LOCAL_DATE, LocalDateTime::getYear))))
        .isInstanceOf(ValueException.class)
        .hasMessageStartingWith(file + ", line 2, column date: expected a date as ")
        .hasMessageEndingWith(", but found \"2012-13-01\"");
  }

  @Test
  void should_say_that_a_file_is_no_csv() throws IOException {
    Files.writeString(file, "wind\n1\n\"2\"3\n");
    assertThatThrownBy(() -> new CsvDataset(file, CsvDatasetTest::wind))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ", after line ");
    Files.writeString(file, "wind\n1\n\u00fc\n", StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> new CsvDataset(file, CsvDatasetTest::wind))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("this is not UTF-8; name the file's encoding with charset(...)");
    assertThatThrownBy(() -> new CsvDataset(folder.resolve("none"), CsvDatasetTest::wind))
        .isInstanceOf(IOException.class);
  }
}
