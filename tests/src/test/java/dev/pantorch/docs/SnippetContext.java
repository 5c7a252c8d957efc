package dev.pantorch.docs;

import dev.pantorch.Tensor;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.data.Example;
import dev.pantorch.data.Vocab;
import dev.pantorch.export.AOTICompiledModel;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.metrics.ConfusionMatrix;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.LRScheduler;
import dev.pantorch.optim.swa.AveragedModel;
import dev.pantorch.train.Trainer;
import dev.pantorch.train.TrainerOptions;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;

/// The names that a snippet of the documentation may use without declaring them.
abstract class SnippetContext {
  /// The README's model.
  static final class LSTMModel extends Layer {
    final LSTM lstm;
    final Linear fc;

    LSTMModel(int inputSize, int hiddenSize, int numLayers, int outputSize) {
      lstm = register("lstm", new LSTM(inputSize, hiddenSize, o -> o.numLayers(numLayers)));
      fc = register("fc", new Linear(hiddenSize, outputSize));
    }

    @Override
    public Tensor forward(Tensor x) {
      return fc.forward(lstm.forward(x).output().select(1, -1));
    }
  }

  /// A network of convolutions.
  static final class Net extends Layer {
    final Conv2d conv = register("conv", new Conv2d(1, 8, 3));
    final BatchNorm2d bn = register("bn", new BatchNorm2d(8));

    @Override
    public Tensor forward(Tensor x) {
      return bn.forward(conv.forward(x));
    }
  }

  Net net;

  abstract double f1(LSTMModel model);

  List<Tensor> calibration;

  // Training.
  LSTMModel model;
  LSTMModel quantized;
  BCEWithLogitsLoss criterion;
  AveragedModel<LSTMModel> averaged;
  ScriptModule traced;
  AOTICompiledModel compiled;
  Adam optimizer;
  LRScheduler scheduler;
  int epochs;
  int swaStart;
  long step;
  Tensor loss;
  double validationLoss;

  abstract void train();

  abstract void train(Example batch);

  // Trainer.
  Trainer<LSTMModel, Example> trainer;
  TrainerOptions<LSTMModel, Example> o;

  abstract Trainer<LSTMModel, Example> trainer(
      Consumer<TrainerOptions<LSTMModel, Example>> settings);

  // Data.
  Dataset<Tensor> data;
  DataLoader<Example> loader;
  DataLoader<Example> validationLoader;
  DataLoader<Example> testLoader;
  DataLoader<Example> pieces;
  Example batch;
  Example piece;
  int batches;
  Path path;
  List<String> texts;
  List<List<String>> documents;
  Vocab vocab;

  // Layers.
  LSTM lstm;
  LSTM.State state;
  GRUCell cell;
  Linear fc;
  MultiheadAttention attention;
  Linear brought;

  abstract LSTM.State carried(LSTM.State before, LSTM.State after);

  // Tensors.
  Tensor x;
  Tensor y;
  Tensor h;
  Tensor w;
  Tensor weight;
  Tensor bias;
  Tensor input;
  Tensor target;
  Tensor input1;
  Tensor input2;
  Tensor var;
  Tensor features;
  Tensor logits;
  Tensor probabilities;
  Tensor classes;
  Tensor anchor;
  Tensor positive;
  Tensor negative;
  Tensor src;
  Tensor tgt;
  Tensor memory;
  Tensor padding;
  Tensor mask;
  Tensor emissions;
  Tensor tags;
  Tensor labels;
  Tensor inputLengths;
  Tensor labelLengths;
  Tensor words;
  Tensor lengths;
  Tensor weights;
  Tensor series;
  Tensor training;
  Tensor forecast;
  Tensor truth;
  Tensor ends;
  Tensor outputs;
  Tensor queries;
  Tensor positions;

  // Plots.
  List<Double> trainingLosses;
  List<Double> validationLosses;
  double[] rates;
  double[] losses;
  List<String> names;
  List<String> tokens;
  ConfusionMatrix matrix;
  List<LocalDate> months;
  double[] known;
  double[] actual;
  double[] predicted;
  double[] naive;
  double[] lower;
  double[] upper;
}
