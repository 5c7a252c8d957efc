package dev.pantorch.ffi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds libtorch. The first of these is taken:
///
/// 1. the system property `pantorch.libtorch.home`;
/// 2. the environment variable `LIBTORCH_HOME`;
/// 3. the per-user cache, which the build fills: the variant that `LIBTORCH_VARIANT` names (`cpu`,
///    `cu130`, ...), else a build for an accelerator if there is one, else the CPU build.
///
/// 1 and 2 name an unzipped libtorch or the `torch` folder of a Python installation. A place that
/// somebody named must hold a usable libtorch: going on to the next would hide the mistake.
final class LibtorchLocator {
  static final String HOME_PROPERTY = "pantorch.libtorch.home";
  static final String HOME_VARIABLE = "LIBTORCH_HOME";
  static final String VARIANT_VARIABLE = "LIBTORCH_VARIANT";

  private final String wanted;
  private final Platform platform;
  private final Function<String, @Nullable String> properties;
  private final Function<String, @Nullable String> environment;
  private final Path cache;
  private final List<Attempt> attempts = new ArrayList<>();

  /// @param wanted the version to find
  LibtorchLocator(
      String wanted,
      Platform platform,
      Function<String, @Nullable String> properties,
      Function<String, @Nullable String> environment,
      Path cache) {
    this.wanted = wanted;
    this.platform = platform;
    this.properties = properties;
    this.environment = environment;
    this.cache = cache;
  }

  /// What was tried so far, in order.
  List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /// Finds a complete libtorch of the wanted version.
  ///
  /// @throws UnsatisfiedLinkError if there is none; the message gives path, found, wanted and
  ///   remedy
  Libtorch locate() {
    Libtorch named =
        named("system property " + HOME_PROPERTY, HOME_PROPERTY, properties.apply(HOME_PROPERTY));
    if (named == null) {
      named =
          named(
              "environment variable " + HOME_VARIABLE,
              HOME_VARIABLE,
              environment.apply(HOME_VARIABLE));
    }
    return named != null ? named : cached();
  }

  private @Nullable Libtorch named(String place, String setting, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      attempts.add(new Attempt(place, "not set"));
      return null;
    }
    return read(
        place + " = " + value,
        Path.of(value),
        "point "
            + setting
            + " at libtorch "
            + wanted
            + ", or unset it to use the one in the cache");
  }

  private Libtorch cached() {
    String variant = environment.apply(VARIANT_VARIABLE);
    boolean anyVariant = variant == null || variant.isEmpty();
    String prefix = wanted + "-";
    Path folder = cache.resolve("libtorch");
    // No cache yet: the same as an empty one.
    String[] found = folder.toFile().list();
    Path home = null;
    for (String name : found == null ? new String[0] : found) {
      if (!(anyVariant ? name.startsWith(prefix) : name.equals(prefix + variant))) continue;
      Path candidate = folder.resolve(name);
      // Beside the finished folders lie lock files and, while a download runs, unfinished ones.
      if (name.endsWith(".part") || !Files.isDirectory(candidate)) continue;
      if (home == null || isBetter(candidate, home)) home = candidate;
    }
    if (home == null) {
      String names = prefix + (anyVariant ? "*" : variant);
      attempts.add(new Attempt("cache " + folder.resolve(names), "nothing there"));
      throw new UnsatisfiedLinkError(notFound());
    }
    return read("cache " + home, home, "delete this folder; the next build fetches it again");
  }

  /// Accelerators before the CPU, then the newest.
  private static boolean isBetter(Path home, Path than) {
    return isCpu(home) == isCpu(than) ? home.compareTo(than) > 0 : isCpu(than);
  }

  private static boolean isCpu(Path home) {
    return home.toString().endsWith("-cpu");
  }

  private Libtorch read(String place, Path home, String remedy) {
    try {
      Libtorch libtorch = Libtorch.read(home, wanted, platform);
      attempts.add(new Attempt(place, "libtorch " + libtorch.version()));
      return libtorch;
    } catch (Libtorch.Unusable e) {
      attempts.add(new Attempt(place, e.found()));
      throw Problem.of(
          "libtorch cannot be used", home.toString(), e.found(), "libtorch " + wanted, remedy);
    }
  }

  private String notFound() {
    var message = new StringBuilder("libtorch " + wanted + " was not found.\n  tried:");
    for (Attempt attempt : attempts) {
      message.append("\n    ").append(attempt.place()).append(": ").append(attempt.result());
    }
    return message
        .append("\n  wanted: libtorch ")
        .append(wanted)
        .append(" for ")
        .append(platform)
        .append("\n  remedy: unpack libtorch ")
        .append(wanted)
        .append(" and set ")
        .append(HOME_VARIABLE)
        .append(" to its folder, or to the torch folder of a Python installation that has it")
        .toString();
  }
}
