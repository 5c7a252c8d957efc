package dev.pantorch.serve;

/// A request was not answered in time or before its {@link DynamicBatcher} was closed, or the
/// batcher's function did not answer with a row for each request.
///
/// ```java
/// try (var batcher = new DynamicBatcher(model::forward, o -> o.timeout(Duration.ofMillis(50)))) {
///   System.out.println(batcher.run(Torch.randn(10, 5)));
/// } catch (DynamicBatcherException e) {
///   System.out.println("busy: " + e.getMessage());
/// }
/// ```
public class DynamicBatcherException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Made by {@link DynamicBatcher}.
  ///
  /// @param message what happened, what was expected, what to do
  public DynamicBatcherException(String message) {
    super(message);
  }
}
