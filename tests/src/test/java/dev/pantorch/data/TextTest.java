package dev.pantorch.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.IndexException;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {
  private static final List<List<String>> DOCUMENTS =
      List.of(List.of("b", "a", "b", "c"), List.of("a", "d", "b", "e", "e"));

  @TempDir private Path folder;

  @Test
  void should_make_words_and_signs_of_english() {
    Tokenizer words = Tokenizer.basicEnglish();
    // The example on torchtext's page.
    assertThat(words.tokenize("You can now install TorchText using pip!"))
        .containsExactly("you", "can", "now", "install", "torchtext", "using", "pip", "!");
    // Its rules one by one: a quotation mark vanishes without a trace, ; and : separate.
    assertThat(words.tokenize("It's \"so\"me: (text);<br />here, e.g. <br/> why?"))
        .containsExactly(
            "it", "'", "s", "some", "(", "text", ")", "here", ",", "e", ".", "g", ".", "<br/>",
            "why", "?");
    assertThat(words.tokenize(" ; ")).isEmpty();
  }

  @Test
  void should_number_the_most_frequent_first() {
    // b 3; a, e 2; c, d 1.
    Vocab vocab =
        Vocab.buildVocabFromIterator(
            DOCUMENTS, o -> o.minFreq(2).specials("<pad>", "<unk>").defaultToken("<unk>"));
    assertThat(vocab.tokens()).containsExactly("<pad>", "<unk>", "b", "a", "e");
    assertThat(vocab.lookupIndices(List.of("e", "d", "b"))).containsExactly(4, 1, 2);
    assertThat(vocab.lookupTokens(3, 0)).containsExactly("a", "<pad>");
    assertThat(vocab.defaultIndex()).hasValue(1);
    assertThat(vocab).hasToString("Vocab(5 tokens)");
    assertThat(
            Vocab.buildVocabFromIterator(
                    DOCUMENTS, o -> o.specials("a", "<end>").specialFirst(false).maxTokens(4))
                .tokens())
        .containsExactly("b", "e", "a", "<end>");
    assertThat(Vocab.ofCounts(Map.of("x", 1L, "y", 5L), o -> {}).tokens())
        .containsExactly("y", "x");
  }

  @Test
  void should_say_what_has_no_number() {
    Vocab vocab = Vocab.of(List.of("a", "b"));
    assertThat(vocab.contains("c")).isFalse();
    assertThat(vocab.defaultIndex()).isEmpty();
    assertThatThrownBy(() -> vocab.get("c"))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Token c not found and default index is not set; name a token for the unknown with"
                + " defaultToken(...)");
    assertThatThrownBy(() -> vocab.withDefaultToken("c")).isInstanceOf(ValueException.class);
    assertThat(vocab.withDefaultToken("b").get("c")).isEqualTo(1);
    assertThatThrownBy(() -> vocab.lookupToken(2))
        .isInstanceOf(IndexException.class)
        .hasMessage("Specified index 2 is out of bounds for vocab of size 2");
    assertThatThrownBy(() -> Vocab.of(List.of("a", "a")))
        .isInstanceOf(ValueException.class)
        .hasMessage("Duplicate token found in tokens list: a");
    assertThatThrownBy(
            () -> Vocab.buildVocabFromIterator(DOCUMENTS, o -> o.specials("x", "y").maxTokens(2)))
        .isInstanceOf(ValueException.class)
        .hasMessage("len(specials) >= max_tokens, so the vocab will be entirely special tokens.");
  }

  @Test
  void should_save_and_load_any_token() throws IOException {
    Path file = folder.resolve("vocab.txt");
    for (List<String> tokens :
        List.of(
            List.of("a", "\n", "\\n", "\r", "\u2028", "", "\uD83D\uDE00", " "),
            List.of("a", ""),
            List.of(""),
            List.<String>of())) {
      Vocab.of(tokens).save(file);
      assertThat(Vocab.load(file).tokens()).isEqualTo(tokens);
    }
    Files.writeString(file, "one\r\ntwo");
    assertThat(Vocab.load(file).tokens()).containsExactly("one", "two");
    Files.writeString(file, "one\nt\\wo\n");
    assertThatThrownBy(() -> Vocab.load(file))
        .isInstanceOf(ValueException.class)
        .hasMessage(file + ", line 2: a backslash in a token is written as two, but this is t\\wo");
  }

  @Test
  void should_bring_texts_to_a_padded_batch() {
    Vocab vocab =
        Vocab.buildVocabFromIterator(
            DOCUMENTS, o -> o.specials("<pad>", "<unk>", "<end>").defaultToken("<unk>"));
    var transform =
        new TextTransform(Tokenizer.whitespace(), vocab, o -> o.maxLength(3).end("<end>"));
    var loader =
        new DataLoader<>(
            Dataset.of(List.of("a b c d", "x")).map(transform),
            Collate.padSequence(vocab.get("<pad>")),
            o -> o.batchSize(2));
    try (TensorScope scope = TensorScope.open()) {
      PaddedBatch batch = loader.iterator().next();
      // b 3 is number 3; a, e 2 are 4 and 5; c, d 1 are 6 and 7.
      assertThat(batch.data().shape()).containsExactly(2, 3);
      assertThat(batch.data().flatten().toLongArray()).containsExactly(4, 3, 2, 1, 2, 0);
      assertThat(batch.lengths().toLongArray()).containsExactly(3, 2);
      assertThat(new TextTransform(Tokenizer.whitespace(), vocab).apply("e").toLongArray())
          .containsExactly(5);
    }
    assertThatThrownBy(() ->
            new TextTransform(Tokenizer.characters(), vocab, o -> o.begin("<end>").maxLength(1)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "maxLength should leave room for a token, but it is 1 with 1 tokens at the ends");
    assertThatThrownBy(
            () -> new TextTransform(Tokenizer.characters(), vocab, o -> o.begin("<start>")))
        .isInstanceOf(ValueException.class)
        .hasMessage("<start> is none of the vocabulary's tokens; add it to its specials");
  }

  @Test
  void should_refuse_labels_that_were_not_learned() {
    var encoder = new LabelEncoder(List.of("spam", "ham", "spam"));
    assertThat(encoder.transform("spam")).isEqualTo(1);
    assertThatThrownBy(() -> encoder.transform(List.of("egg", "ham", "bean")))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "y contains previously unseen labels: ['bean', 'egg']; the labels are [ham, spam]");
    assertThatThrownBy(() -> encoder.inverseTransform(Torch.tensor(0L, 2L)))
        .isInstanceOf(ValueException.class)
        .hasMessage("y contains previously unseen labels: [2]; the labels are [ham, spam]");
  }
}
