package dev.pantorch.train.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.junit.LeakCheck;
import dev.pantorch.train.plot.CurvePlot;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class SummaryWriterTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000, 250_000_000));

  @TempDir Path folder;

  /// The records of a file, checksums included, each of which is checked.
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var records = new ArrayList<byte[]>();
    while (bytes.hasRemaining()) {
      int start = bytes.position();
      int length = (int) bytes.getLong();
      byte[] record = Arrays.copyOfRange(bytes.array(), start, start + length + 16);
      assertThat(bytes.getInt()).isEqualTo(masked(record, 0, 8));
      bytes.position(start + 12 + length);
      assertThat(bytes.getInt()).isEqualTo(masked(record, 12, length));
      records.add(record);
    }
    return records;
  }

  private static int masked(byte[] data, int from, int length) {
    var crc = new CRC32C();
    crc.update(data, from, length);
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + 0xa282ead8;
  }

  private static Message value(byte[] record) throws IOException {
    Message event =
        DynamicMessage.parseFrom(
            Messages.type("Event"), ByteString.copyFrom(record, 12, record.length - 16));
    Message summary =
        (Message) event.getField(event.getDescriptorForType().findFieldByName("summary"));
    return (Message)
        summary.getRepeatedField(summary.getDescriptorForType().findFieldByName("value"), 0);
  }

  private static Object field(Message message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }

  private static BufferedImage picture(byte[] record) throws IOException {
    Message image = (Message) field(value(record), "image");
    var png = (ByteString) field(image, "encoded_image_string");
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
    assertThat(field(image, "width")).isEqualTo(picture.getWidth());
    assertThat(field(image, "height")).isEqualTo(picture.getHeight());
    return picture;
  }

  private SummaryWriter writer() throws IOException {
    return new SummaryWriter(folder.resolve("runs/lstm"), o -> o.clock(CLOCK));
  }

  @Test
  void should_write_the_records_of_python() throws IOException {
    JsonNode expected =
        new ObjectMapper()
            .readTree(
                Objects.requireNonNull(
                    getClass().getResourceAsStream("/fixtures/tensorboard.json")));
    Tensor values = Torch.arange(-24, 40).div(8);
    Path file;
    try (var writer = writer()) {
      file = writer.file();
      writer.addScalar("loss", 0.693, 0);
      writer.addScalar("loss", 0, 1);
      writer.addScalar("loss", Double.NaN, 2);
      writer.addScalar("no step", 2.5, 0);
      writer.addHistogram("weight", values, 3);
      writer.addHistogram("positive", values.get("30:"), 3);
      writer.addHistogram("counts", Torch.tensor(new long[] {0, 1, 1, 7}), 4);
      writer.addText("note", "# Überschrift", 5);
      writer.addHParams(Map.of("lr", 0.001), Map.of("accuracy", 0.75));
      writer.addHParams(Map.of("cell", "LSTM"), Map.of("f1", 0.5));
    }
    List<byte[]> records = records(file);
    // Results are scalars, too, which Python's add_hparams writes into a file of its own.
    assertThat(field(value(records.remove(16)), "simple_value")).isEqualTo(0.5f);
    assertThat(field(value(records.remove(12)), "simple_value")).isEqualTo(0.75f);
    assertThat(records).hasSameSizeAs(expected.get("records"));
    for (int i = 0; i < records.size(); i++) {
      byte[] python = Base64.getDecoder().decode(expected.get("records").get(i).asText());
      byte[] java = records.get(i);
      if (i == 0) {
        // Python's first record has the time at which it was made.
        assertThat(Arrays.copyOfRange(java, 21, java.length - 4))
            .isEqualTo(Arrays.copyOfRange(python, 21, python.length - 4));
      } else {
        assertThat(java).as("record %d", i).isEqualTo(python);
      }
    }
  }

  @Test
  void should_write_pictures() throws IOException {
    Path file;
    try (var writer = writer()) {
      file = writer.file();
      writer.addImage("grey", Torch.tensor(new float[] {0, 0.5f, 1, 2}, 1, 2, 2), 0);
      writer.addImage(
          "colour", Torch.tensor(new long[] {255, 0, 0, 10, 20, 30}, 3, 1, 2).to(DType.UINT8), 0);
      writer.addFigure("loss", new CurvePlot("a", "b").curve("c", List.of(1, 2)), 0);
    }
    List<byte[]> records = records(file);
    BufferedImage grey = picture(records.get(1));
    assertThat(grey.getRaster().getPixels(0, 0, 2, 2, (int[]) null))
        .containsExactly(0, 127, 255, 255);
    BufferedImage colour = picture(records.get(2));
    assertThat(colour.getRGB(0, 0)).isEqualTo(0xff_ff_00_14);
    assertThat(colour.getRGB(1, 0)).isEqualTo(0xff_00_0a_1e);
    assertThat(picture(records.get(3)).getWidth()).isEqualTo(900);
  }

  @Test
  void should_write_after_a_while() throws IOException {
    var now = new Instant[] {Instant.EPOCH};
    try (var writer =
        new SummaryWriter(
            folder,
            o ->
                o.clock(() -> now[0]).flushInterval(Duration.ofSeconds(10)).filenameSuffix(".x"))) {
      assertThat(writer.file().getFileName().toString())
          .startsWith("events.out.tfevents.0000000000.")
          .endsWith(".x");
      assertThat(records(writer.file())).hasSize(1);
      writer.addScalar("a", 1, 0);
      assertThat(records(writer.file())).hasSize(1);
      now[0] = Instant.ofEpochSecond(10);
      writer.addScalar("a", 1, 1);
      assertThat(records(writer.file())).hasSize(3);
      writer.addScalar("a", 1, 2);
      writer.flush();
      assertThat(records(writer.file())).hasSize(4);
    }
  }

  @Test
  void should_refuse_what_cannot_be_shown() throws IOException {
    SummaryWriter writer = writer();
    assertThatThrownBy(() -> writer.addHistogram("a", Torch.tensor(new float[] {1, Float.NaN}), 0))
        .isInstanceOf(ValueException.class)
        .hasMessage("a histogram needs finite values, but 'a' has NaN");
    assertThatThrownBy(() -> writer.addHistogram("a", Torch.zeros(0), 0))
        .hasMessage("The input has no element.");
    assertThatThrownBy(() -> writer.addImage("a", Torch.zeros(2, 3), 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "an image has the shape (1, height, width) or (3, height, width), but got [2, 3]");
    assertThatThrownBy(() -> writer.addHParams(Map.of("a", List.of()), Map.of()))
        .hasMessageStartingWith("setting 'a' is a java.util.ImmutableCollections");
    writer.close();
    writer.close();
    assertThatThrownBy(() -> writer.addScalar("a", 1, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the SummaryWriter of %s is closed".formatted(writer.file()));
  }
}
