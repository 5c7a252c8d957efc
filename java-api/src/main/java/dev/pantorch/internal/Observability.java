package dev.pantorch.internal;

import java.time.Duration;

/// Shows native memory to JFR and JMX. Neither is loaded for it: starting JFR takes a tenth of a
/// second, and starting JMX even longer.
final class Observability {
  private static final Duration LOOK_FOR_SERVER = Duration.ofSeconds(5);

  private Observability() {}

  static void start() {
    if (isPresent("jdk.jfr")) FlightRecording.install();
    if (isPresent("java.management")) {
      new ServerWatch().start();
    }
  }

  /// Whether this Java runtime has a module, which are not required.
  static boolean isPresent(String module) {
    return ModuleLayer.boot().findModule(module).isPresent();
  }

  /// Nobody tells when a JMX client has started the platform's server.
  private static final class ServerWatch extends Thread {
    ServerWatch() {
      super("pantorch-jmx");
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        while (!MemoryBean.registerIfServed()) sleep(LOOK_FOR_SERVER);
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt this thread but to end it.
        currentThread().interrupt();
      }
    }
  }
}
