package dev.pantorch.ffi;

/// One place that was looked at on the way to a library, and what was there.
///
/// @param place where, as a user would name it
/// @param result what was found
public record Attempt(String place, String result) {}
