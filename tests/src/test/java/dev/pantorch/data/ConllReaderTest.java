package dev.pantorch.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.ValueException;
import dev.pantorch.metrics.EntityF1;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConllReaderTest {
  private static final String TEXT =
      """
      -DOCSTART- -X- -X- O

      Ada NNP B-NP I-PER
      Lovelace NNP I-NP I-PER
      met VBD B-VP O
      # NN B-NP O


      London NNP B-NP I-LOC
      -DOCSTART- -X- -X- O
      ACME\tNNP B-NP I-ORG
      """;

  @TempDir private Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameFile() {
    file = folder.resolve("train.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n"})
  void should_read_sentences_and_documents(String lineEnd) throws IOException {
    Files.writeString(file, "\uFEFF" + TEXT.replace("\n", lineEnd));
    var reader =
        new ConllReader(o -> o.columns("word", "pos", "chunk", "ner").tags(TagScheme.IOB1));
    List<ConllSentence> sentences = reader.read(file);
    assertThat(sentences).extracting(ConllSentence::document).containsExactly(0, 0, 1);
    assertThat(sentences).extracting(ConllSentence::line).containsExactly(3, 9, 11);
    assertThat(sentences).extracting(ConllSentence::size).containsExactly(4, 1, 1);
    assertThat(sentences.getFirst().words()).containsExactly("Ada", "Lovelace", "met", "#");
    assertThat(sentences.getFirst().column("pos")).containsExactly("NNP", "NNP", "VBD", "NN");
    assertThat(sentences.getLast().words()).containsExactly("ACME");
    IterableDataset<ConllSentence> stream = reader.stream(file);
    for (int pass = 0; pass < 2; pass++) assertThat(stream).containsExactlyElementsOf(sentences);

    var f1 = new EntityF1(List.of());
    for (ConllSentence sentence : sentences) {
      List<String> gold = TagScheme.IOB1.convert(sentence.column("ner"), TagScheme.IOB2);
      f1.update(gold.stream().map(tag -> tag.equals("B-ORG") ? "O" : tag).toList(), gold);
    }
    // Two of three entities are found: precision 1, recall 2/3.
    assertThat(f1.compute()).isEqualTo(0.8);
    assertThatThrownBy(() -> sentences.getFirst().column("tag"))
        .isInstanceOf(ValueException.class)
        .hasMessage("there is no column tag; there are [word, pos, chunk, ner]");
  }

  @Test
  void should_read_what_is_written_otherwise() throws IOException {
    Files.writeString(
        file,
        "# text = New York\nNew York\tB-LOC\n\n \t\nzur\u00fcck\tO",
        StandardCharsets.ISO_8859_1);
    List<ConllSentence> sentences =
        new ConllReader(o ->
            o.comment("# ").separator(Pattern.compile("\t")).charset(StandardCharsets.ISO_8859_1))
            .read(file);
    assertThat(sentences)
        .extracting(ConllSentence::words)
        .containsExactly(List.of("New York"), List.of("zur\u00fcck"));
    assertThat(sentences.getFirst().tags()).containsExactly("B-LOC");
    assertThat(sentences.getFirst().document()).isZero();
    Files.writeString(file, "\n\n");
    assertThat(new ConllReader().read(file)).isEmpty();
  }

  @Test
  void should_say_which_line_is_wrong() throws IOException {
    Files.writeString(file, "a O\nb O\n\nc\n");
    assertThatThrownBy(() -> new ConllReader().read(file))
        .isInstanceOf(ValueException.class)
        .hasMessage(file + ", line 4: expected 2 fields as in line 1, but found 1: c");
    assertThatThrownBy(() -> new ConllReader(o -> o.columns("w", "p", "t")).read(file))
        .hasMessage(file + ", line 1: expected 3 fields [w, p, t], but found 2: a O");
    // A stream gives what comes before the wrong line.
    var words = new ArrayList<String>();
    assertThatThrownBy(() -> new ConllReader().stream(file).forEach(s -> words.addAll(s.words())))
        .isInstanceOf(ValueException.class);
    assertThat(words).containsExactly("a", "b");

    Files.writeString(file, "a O\n\nb O\nc I-PER\n");
    assertThatThrownBy(() -> new ConllReader(o -> o.tags(TagScheme.IOB2)).read(file))
        .hasMessage(
            file
                + ", sentence from line 3: token 1, I-PER, continues no entity of that type: IOB2"
                + " has O, B-type or I-type");
  }

  @Test
  void should_say_that_the_encoding_is_another() throws IOException {
    Files.writeString(file, "zur\u00fcck O\n", StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> new ConllReader().read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file + ", after line 0: this is not UTF-8; name the file's encoding with charset(...)");
    assertThatThrownBy(() -> new ConllReader().stream(folder.resolve("none")).iterator())
        .isInstanceOf(UncheckedIOException.class);
  }
}
