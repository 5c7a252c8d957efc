package dev.pantorch.jit;

import dev.pantorch.TorchException;
import dev.pantorch.internal.NativeBacktrace;
import java.util.List;

/// A script failed while it ran: it raised an exception, or one of its operators did. The message
/// shows the script's lines that led there.
public final class ScriptException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made from a native error.
  ///
  /// @param message what TorchScript says
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public ScriptException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }

  /// What the exception itself says, without the lines that led there.
  ///
  /// @return `9 is more than 3` for instance
  public String originalMessage() {
    String raised = raised();
    int colon = raised.indexOf(": ");
    return colon < 0 ? raised : raised.substring(colon + 2).strip();
  }

  /// The Python class of the exception.
  ///
  /// @return `builtins.ValueError` for instance; `RuntimeError` where an operator failed
  public String pythonClass() {
    String raised = raised();
    int colon = raised.indexOf(": ");
    return colon < 0 ? "RuntimeError" : raised.substring(0, colon);
  }

  /// The text from the first line on that is neither a heading nor a line of the script.
  private String raised() {
    List<String> lines = String.valueOf(getMessage()).lines().toList();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith(" ") || line.startsWith("Traceback of TorchScript")) {
        continue;
      }
      return String.join("\n", lines.subList(i, lines.size()));
    }
    return String.valueOf(getMessage());
  }
}
