package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.Collate;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.data.DistributedSampler;
import dev.pantorch.data.LabelEncoder;
import dev.pantorch.data.MinMaxScaler;
import dev.pantorch.data.RandomSampler;
import dev.pantorch.data.RandomSplit;
import dev.pantorch.data.Sampler;
import dev.pantorch.data.Scaler;
import dev.pantorch.data.StandardScaler;
import dev.pantorch.data.SubsetRandomSampler;
import dev.pantorch.data.TimeSplit;
import dev.pantorch.data.Tokenizer;
import dev.pantorch.data.Vocab;
import dev.pantorch.data.WeightedRandomSampler;
import dev.pantorch.testing.TensorAssert;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The same seed gives Python's orders, and leaves the default generator where Python leaves it.
class DataParityTest {
  private static final double[] WEIGHTS = {0.1, 0.9, 0.4, 0.7, 3.0, 0.6};

  private final JsonNode fixture = Fixtures.json("data.json");
  private final long seed = fixture.get("seed").asLong();
  private final Dataset<Integer> numbers = numbers(10);

  private static Dataset<Integer> numbers(int size) {
    return Dataset.of(IntStream.range(0, size).boxed().toList());
  }

  @TestFactory
  Stream<DynamicTest> should_sample_as_python_does() {
    return Fixtures.elements(fixture.get("samplers")).stream()
        .map(c ->
            dynamicTest(
                c.get("name").asText() + (c.get("own").asBoolean() ? ", own generator" : ""),
                () -> sample(c)));
  }

  private void sample(JsonNode recorded) {
    // One generator serves the samplers of its kind one after another.
    List<JsonNode> before =
        Fixtures.elements(fixture.get("samplers")).stream()
            .filter(c -> c.get("own").asBoolean() && recorded.get("own").asBoolean())
            .toList();
    Generator own = own(recorded);
    for (JsonNode each : before) {
      if (each.equals(recorded)) break;
      for (int pass = 0; pass < 2; pass++) sampler(each.get("name").asText(), own).forEach(i -> {});
    }
    Torch.manualSeed(seed);
    Sampler<Integer> sampler = sampler(recorded.get("name").asText(), own);
    for (JsonNode pass : recorded.get("passes")) {
      var order = new ArrayList<Integer>();
      sampler.forEach(order::add);
      assertThat(order).isEqualTo(ints(pass)).hasSize(sampler.size());
    }
    checkDefaultGenerator(recorded);
  }

  private @Nullable Generator own(JsonNode recorded) {
    return recorded.get("own").asBoolean() ? new Generator().manualSeed(seed + 1) : null;
  }

  private static void checkDefaultGenerator(JsonNode recorded) {
    try (Tensor next = Torch.rand(1)) {
      assertThat(next.item()).isEqualTo(recorded.get("after").asDouble());
    }
  }

  private Sampler<Integer> sampler(String name, @Nullable Generator generator) {
    return switch (name) {
      case "random" -> new RandomSampler(numbers, o -> o.generator(generator));
      case "random 25" -> new RandomSampler(numbers, o -> o.numSamples(25).generator(generator));
      case "random replacement" ->
          new RandomSampler(numbers, o -> o.replacement(true).numSamples(70).generator(generator));
      case "weighted" -> new WeightedRandomSampler(WEIGHTS, 12, o -> o.generator(generator));
      case "weighted once" ->
          new WeightedRandomSampler(WEIGHTS, 5, o -> o.replacement(false).generator(generator));
      case "subset" -> new SubsetRandomSampler(new int[] {3, 1, 4, 15, 9}, generator);
      default -> distributed(name);
    };
  }

  private Sampler<Integer> distributed(String name) {
    String[] words = name.split(" ", -1);
    var sampler =
        new DistributedSampler(
            numbers,
            3,
            Integer.parseInt(words[2]),
            o -> o.seed(5).dropLast(words[1].equals("True")));
    sampler.setEpoch(2);
    return sampler;
  }

  private static List<Integer> ints(JsonNode values) {
    return Fixtures.elements(values).stream().map(JsonNode::asInt).toList();
  }

  @TestFactory
  Stream<DynamicTest> should_load_the_batches_of_python() {
    return Fixtures.elements(fixture.get("loaders")).stream()
        .flatMap(c ->
            Stream.of(0, 3)
                .map(workers ->
                    dynamicTest(
                        "own %s, %s of each, drop last %s, %d workers"
                            .formatted(
                                c.get("own"), c.get("batchSize"), c.get("dropLast"), workers),
                        () -> load(c, workers))));
  }

  private void load(JsonNode recorded, int workers) {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(seed);
      Generator own = own(recorded);
      var loader =
          new DataLoader<>(
              numbers,
              Collate.numbers(),
              o ->
                  o.batchSize(recorded.get("batchSize").asInt())
                      .dropLast(recorded.get("dropLast").asBoolean())
                      .shuffle(true)
                      .numWorkers(workers)
                      .generator(own));
      for (JsonNode pass : recorded.get("passes")) {
        var found = new ArrayList<List<Integer>>();
        for (Tensor batch : loader) {
          found.add(Arrays.stream(batch.toLongArray()).mapToObj(i -> (int) i).toList());
        }
        assertThat(found)
            .isEqualTo(Fixtures.elements(pass).stream().map(DataParityTest::ints).toList())
            .hasSize(loader.size());
      }
      checkDefaultGenerator(recorded);
    }
  }

  @Test
  void should_split_as_python_does() {
    var generator = new Generator().manualSeed(seed);
    var halves = RandomSplit.randomSplit(numbers, generator, 3, 7);
    var thirds = RandomSplit.randomSplit(numbers(31), generator, 0.3, 0.3, 0.4);
    assertThat(halves.stream().map(part -> Arrays.stream(part.indices()).boxed().toList()))
        .isEqualTo(
            Fixtures.elements(fixture.get("splits")).stream().map(DataParityTest::ints).toList());
    assertThat(thirds.stream().map(part -> Arrays.stream(part.indices()).boxed().toList()))
        .isEqualTo(
            Fixtures.elements(fixture.get("fractions")).stream()
                .map(DataParityTest::ints)
                .toList());
  }

  @Test
  void should_scale_as_scikit_learn_does() {
    try (TensorScope scope = TensorScope.open()) {
      TensorFile tensors = Fixtures.tensors("data.safetensors");
      Tensor values = tensors.tensor("values");
      TimeSplit split = TimeSplit.at(values, 14, 17);
      for (String name : List.of("standard", "minmax", "ranged")) {
        Scaler scaler =
            switch (name) {
              case "standard" -> new StandardScaler();
              case "minmax" -> new MinMaxScaler();
              default -> new MinMaxScaler(-1, 1);
            };
        Tensor scaled = split.fitScaler(scaler).transform(values);
        TensorAssert.assertThat(scaled)
            .isCloseTo(tensors.tensor(name + ".transformed"), 1e-12, 1e-12);
        TensorAssert.assertThat(scaler.inverseTransform(scaled)).isCloseTo(values, 1e-12, 1e-12);
        Tensor columns = scaler.inverseTransform(scaled.get("..., 1:3"), 1, 2);
        TensorAssert.assertThat(columns).isCloseTo(values.get("..., 1:3"), 1e-12, 1e-12);
        Scaler copy = name.equals("standard") ? new StandardScaler() : new MinMaxScaler();
        copy.loadStateDict(scaler.stateDict());
        TensorAssert.assertThat(copy.transform(values)).isBitEqualTo(scaled);
      }
      TensorAssert.assertThat(Torch.tensor(split.fitScaler(new StandardScaler()).offset()))
          .isCloseTo(tensors.tensor("standard.mean"), 1e-14, 0);
      TensorAssert.assertThat(Torch.tensor(split.fitScaler(new StandardScaler()).scale()))
          .isCloseTo(tensors.tensor("standard.scale"), 1e-14, 0);
    }
  }

  @Test
  void should_cut_texts_as_python_does() {
    JsonNode text = fixture.get("text");
    for (JsonNode each : text.get("texts")) {
      String string = each.get("text").asText();
      assertThat(Tokenizer.whitespace().tokenize(string)).isEqualTo(strings(each.get("split")));
      assertThat(Tokenizer.characters().tokenize(string)).isEqualTo(strings(each.get("list")));
      assertThat(Tokenizer.matching(Pattern.compile(text.get("pattern").asText())).tokenize(string))
          .isEqualTo(strings(each.get("findall")));
      assertThat(
              String.join(
                  "", Tokenizer.characters().map(c -> c.toLowerCase(Locale.ROOT)).tokenize(string)))
          .isEqualToIgnoringCase(each.get("lower").asText());
    }
  }

  @Test
  void should_number_tokens_and_labels_as_python_does() {
    JsonNode text = fixture.get("text");
    var characters = new ArrayList<String>();
    for (JsonNode each : text.get("texts")) characters.addAll(strings(each.get("list")));
    assertThat(Vocab.buildVocabFromIterator(List.of(characters), o -> {}).tokens())
        .isEqualTo(strings(text.get("byFrequency")));
    var encoder = new LabelEncoder(characters);
    assertThat(encoder.classes()).isEqualTo(strings(text.get("classes")));
    try (TensorScope scope = TensorScope.open()) {
      Tensor numbers = encoder.transform(characters);
      assertThat(numbers.toLongArray())
          .isEqualTo(ints(text.get("transformed")).stream().mapToLong(i -> i).toArray());
      assertThat(encoder.inverseTransform(numbers)).isEqualTo(characters);
    }
  }

  private static List<String> strings(JsonNode array) {
    return Fixtures.elements(array).stream().map(JsonNode::asText).toList();
  }
}
