package dev.pantorch.internal;

import dev.pantorch.DeviceException;
import dev.pantorch.IndexException;
import dev.pantorch.LinAlgException;
import dev.pantorch.NotImplementedException;
import dev.pantorch.OutOfMemoryException;
import dev.pantorch.ShapeException;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.UnknownOperatorException;
import dev.pantorch.ValueException;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.jit.ScriptException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The one gate through which the shim's errors become exceptions.
public final class NativeErrors {
  private static final String SCRIPT_FAILED =
      "The following operation failed in the TorchScript interpreter.";

  /// Apart, so that all these classes and the words that tell what an error is about, where its
  /// kind does not, are read with the first error.
  private static final class Exceptions {
    static final Pattern SHAPE =
        Pattern.compile("\\b(shapes?|sizes?|dimensions?|dim|size of tensor)\\b");
    static final Pattern INDEX = Pattern.compile("\\bout of (bounds|range)\\b");
    static final Pattern DEVICE = Pattern.compile("same device|on device|different device");

    static TorchException of(int kind, String text, String message, NativeBacktrace trace) {
      if (text.startsWith(SCRIPT_FAILED)) return new ScriptException(message, trace);
      boolean plain = kind == pantorch_h.PT_ERROR_RUNTIME();
      if (kind == pantorch_h.PT_ERROR_INDEX() || (plain && INDEX.matcher(text).find()))
        return new IndexException(message, trace);
      if (kind == pantorch_h.PT_ERROR_VALUE()) return new ValueException(message, trace);
      if (kind == pantorch_h.PT_ERROR_TYPE()) return new TypeException(message, trace);
      if (kind == pantorch_h.PT_ERROR_NOT_IMPLEMENTED()) {
        return new NotImplementedException(message, trace);
      }
      if (kind == pantorch_h.PT_ERROR_LINALG()) {
        return new LinAlgException(message, trace);
      }
      if (kind == pantorch_h.PT_ERROR_OUT_OF_MEMORY()) {
        boolean cpu = text.startsWith("CPU allocator");
        return new OutOfMemoryException(message + AllocationSites.largest(cpu), trace);
      }
      if (kind == pantorch_h.PT_ERROR_UNKNOWN_OPERATOR()) {
        return new UnknownOperatorException(message, trace);
      }
      if (kind == pantorch_h.PT_ERROR_ACCELERATOR() || DEVICE.matcher(text).find()) {
        return new DeviceException(message, trace);
      }
      if (plain && SHAPE.matcher(text).find()) {
        return new ShapeException(message, trace);
      }
      return new TorchException(message, trace);
    }
  }

  private NativeErrors() {}

  /// Throws what the error says; does nothing for 0.
  public static void check(long error) {
    if (error != 0) throw translate(error, null);
  }

  static RuntimeException translate(long error, @Nullable CallFrame frame) {
    int kind = pantorch_h.pt_error_kind(error);
    if (kind == pantorch_h.PT_ERROR_CALLBACK()) {
      long id = pantorch_h.pt_error_callback_id(error);
      pantorch_h.pt_error_free(error);
      throw Hooks.takeFailure(id);
    }
    String text = shortened(pantorch_h.pt_error_message(error).getString(0));
    Op op = frame == null ? null : frame.op();
    String message = op == null ? text : ArgumentErrors.describe(op, frame, text);
    return Exceptions.of(kind, text, message, new NativeBacktrace(error));
  }

  /// A missing kernel is explained with a list of all the kernels there are, thousands of
  /// characters of source positions. The native stack trace still has it.
  private static String shortened(String text) {
    int explanation = text.indexOf(" This could be because");
    return text.startsWith("Could not run") && explanation > 0
        ? text.substring(0, explanation)
        : text;
  }
}
