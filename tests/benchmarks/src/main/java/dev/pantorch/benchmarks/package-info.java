/// The workloads of `docs/performance.md`, in Pantorch and in its peers on the JVM.
package dev.pantorch.benchmarks;
