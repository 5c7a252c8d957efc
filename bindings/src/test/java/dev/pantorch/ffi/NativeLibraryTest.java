package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.ffi.generated.pantorch_h;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  @Test
  void should_load_the_libtorch_the_shim_was_built_for() {
    LoadReport report = NativeLibrary.report();

    assertThat(report.failure()).isNull();
    assertThat(report.libtorch())
        .isNotNull()
        .satisfies(found -> assertThat(found.version()).startsWith(report.wantedLibtorch()));
    assertThat(report.attempts())
        .extracting(Attempt::result)
        .filteredOn("loaded"::equals)
        .hasSizeGreaterThanOrEqualTo(3);
    assertThat(pantorch_h.pt_abi_version()).isEqualTo(pantorch_h.PT_ABI_VERSION());
  }

  @Test
  void should_load_only_once() {
    assertThat(NativeLibrary.report()).isSameAs(NativeLibrary.report());
    NativeLibrary.load();
  }
}
