package dev.pantorch.train.tensorboard;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.StructProto;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// TensorBoard's messages, by the descriptors in `messages.txtpb`.
final class Messages {
  private static final FileDescriptor FILE = load();

  private Messages() {}

  private static FileDescriptor load() {
    var file = FileDescriptorProto.newBuilder();
    try (var text =
        new InputStreamReader(
            Objects.requireNonNull(Messages.class.getResourceAsStream("messages.txtpb")),
            StandardCharsets.UTF_8)) {
      TextFormat.getParser().merge(text, file);
      return FileDescriptor.buildFrom(
          file.build(), new FileDescriptor[] {StructProto.getDescriptor()});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  static Descriptor type(String name) {
    return Objects.requireNonNull(FILE.findMessageTypeByName(name), name);
  }

  /// A message with fields.
  ///
  /// @param type its name
  /// @param fields a name and a value, and so on
  static Message of(String type, Object... fields) {
    Descriptor descriptor = type(type);
    var builder = DynamicMessage.newBuilder(descriptor);
    for (int i = 0; i < fields.length; i += 2) {
      FieldDescriptor field =
          Objects.requireNonNull(descriptor.findFieldByName((String) fields[i]));
      Object value = fields[i + 1];
      if (field.isRepeated()) {
        for (Object each : (Iterable<?>) value) builder.addRepeatedField(field, each);
      } else {
        builder.setField(field, value);
      }
    }
    return builder.build();
  }

  /// A value of a summary that a plugin of TensorBoard understands.
  static Message metadata(String plugin, ByteString content) {
    return of(
        "SummaryMetadata",
        "plugin_data",
        of("PluginData", "plugin_name", plugin, "content", content));
  }
}
