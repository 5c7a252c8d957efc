package dev.pantorch.data;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Cuts a text into tokens. One of your own is a lambda.
///
/// ```java
/// Tokenizer words = Tokenizer.basicEnglish();
/// words.tokenize("You can now install TorchText using pip!");
/// // [you, can, now, install, torchtext, using, pip, !]
/// ```
///
/// Those made here may be used by several threads at once.
@FunctionalInterface
public interface Tokenizer {
  /// The tokens of a text.
  ///
  /// @param text any text
  /// @return tokens in the text's order; none for a text that has none
  List<String> tokenize(String text);

  /// What stands between white space: Python's `text.split()`.
  ///
  /// @return the tokenizer
  static Tokenizer whitespace() {
    return EnglishText::split;
  }

  /// Lower-case words and signs, as torchtext's `basic_english` makes them: `. , ( ) ! ? '` are
  /// tokens, `"` vanishes, `; :` and `<br />` separate.
  ///
  /// [torchtext.data.utils.get_tokenizer](https://docs.pytorch.org/text/stable/data_utils.html#get-tokenizer)
  ///
  /// @return the tokenizer
  static Tokenizer basicEnglish() {
    return text -> EnglishText.split(EnglishText.normalize(text.toLowerCase(Locale.ROOT)));
  }

  /// Single characters (code points): Python's `list(text)`.
  ///
  /// @return the tokenizer
  static Tokenizer characters() {
    return text -> text.codePoints().mapToObj(Character::toString).toList();
  }

  /// What a pattern matches; everything else is left out. Python's `re.findall`, for patterns
  /// without groups.
  ///
  /// @param pattern what a token looks like
  /// @return the tokenizer
  static Tokenizer matching(Pattern pattern) {
    return text -> pattern.matcher(text).results().map(MatchResult::group).toList();
  }

  /// This tokenizer with a function applied to each token.
  ///
  /// @param function makes the new token
  /// @return the tokenizer
  default Tokenizer map(UnaryOperator<String> function) {
    return text -> tokenize(text).stream().map(function).toList();
  }
}
