package dev.pantorch.internal;

/// How many {@link LightGroup}s a thread may open before the next sweep. A member of a group that
/// is kept, in a list of losses for instance, keeps the others: where groups survive collections
/// there are few of them, and none once many have.
final class GroupBudget {
  /// As many tensors as make {@link Pressure} ask for the first collection.
  private static final int START = 4096;

  private static final int LEAST = 64;
  private static final int MOST = 1 << 16;
  private static final int MOST_SURVIVORS = 1024;

  private int granted = START;

  /// Whether there may be one more than are open.
  boolean allows(int open) {
    return open < granted;
  }

  /// After a sweep.
  ///
  /// @param opened how many groups there were that had seen no collection
  /// @param survived how many of them survived it
  /// @param old how many have survived any
  void renew(int opened, int survived, int old) {
    // Of one a tensor is in use at any time.
    boolean die = survived <= 1 + opened / 16;
    if (old > MOST_SURVIVORS) {
      granted = 0;
    } else if (!die) {
      granted = LEAST;
    } else if (opened >= granted) {
      granted = Math.clamp(2L * granted, LEAST, MOST);
    }
  }
}
