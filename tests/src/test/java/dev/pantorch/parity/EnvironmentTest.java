package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Where the build pins the environment, it pins it as the fixtures' script does: otherwise parity
/// would quietly be compared within tolerances only.
class EnvironmentTest {
  @Test
  @EnabledIfSystemProperty(named = "pantorch.parity.pinned", matches = "true")
  @EnabledOnOs(
      architectures = {"amd64", "x86_64"},
      value = OS.LINUX)
  void should_run_under_the_pins_of_the_fixtures() {
    assertThat(Environment.CURRENT.differences()).isEmpty();
  }
}
