package dev.pantorch.fuzz;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a child ended.
///
/// @param exit its code, 128 and the signal's number for a signal; -1 if it hung
/// @param busy processor time since the call began in which it hung
record ChildEnd(int exit, String output, Duration busy) {
  /// The name of the signal, `hung`, `returned`, or the exit code.
  String name() {
    // The JVM's handler exits with 1 where no core is to be dumped.
    Matcher signal = Pattern.compile("^#  (SIG\\w+)", Pattern.MULTILINE).matcher(output);
    if (signal.find()) return signal.group(1);
    return switch (exit) {
      case 0 -> "returned";
      case -1 -> "hung";
      case 132 -> "SIGILL";
      case 134 -> "SIGABRT";
      case 136 -> "SIGFPE";
      case 137 -> "SIGKILL";
      case 139 -> "SIGSEGV";
      default -> "exit " + exit;
    };
  }

  /// The JVM's own words for where it crashed, or what the C library said.
  String frame() {
    List<String> lines = output.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("# Problematic frame")) return lines.get(i + 1).substring(2);
    }
    return lines.stream()
        .filter(l ->
            l.contains("free()")
                || l.contains("malloc")
                || l.contains("corrupt")
                || l.contains("terminate called")
                || l.contains("what():")
                || l.contains("insufficient memory")
                || l.contains("freed twice"))
        .reduce("", (a, b) -> a + b + " ");
  }
}
