package dev.pantorch.internal;

import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/// Whether JFR has been started. Its classes cost a tenth of a second once, so that no event is
/// touched before.
final class FlightRecording {
  private static volatile boolean started;

  private FlightRecording() {}

  static boolean started() {
    return started;
  }

  static void install() {
    Recorder.install();
  }

  /// Apart, so that nothing of JFR is linked where it is absent.
  private static final class Recorder implements FlightRecorderListener {
    static void install() {
      FlightRecorder.addListener(new Recorder());
    }

    /// Called at once where JFR has been started before.
    @Override
    public void recorderInitialized(FlightRecorder recorder) {
      FlightRecorder.addPeriodicEvent(MemoryStatisticsEvent.class, MemoryStatisticsEvent::emit);
      FlightRecorder.addPeriodicEvent(AcceleratorMemoryEvent.class, AcceleratorMemoryEvent::emit);
      started = true;
    }
  }
}
