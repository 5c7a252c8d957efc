/// Support for testing programs that use tensors, for JUnit 5. The dependency on JUnit is optional.
@NullMarked
package dev.pantorch.junit;

import org.jspecify.annotations.NullMarked;
