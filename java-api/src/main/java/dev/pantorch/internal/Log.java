package dev.pantorch.internal;

/// Where warnings go. In a class of its own, since the JDK takes a tenth of a second to set logging
/// up, and most programs log nothing.
public final class Log {
  public static final System.Logger LOGGER = System.getLogger("dev.pantorch");

  private Log() {}
}
