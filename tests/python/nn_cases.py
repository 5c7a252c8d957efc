"""Cases of torch.nn that module_db lacks: what it has no entry for, and the paths of evaluation that its inputs do not take."""

from types import SimpleNamespace

import torch
from torch import nn

SIZES = {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "dropout": 0.0}


class Entry:
    """As much of a ModuleInfo as module_cases reads."""

    train_and_eval_differ = False
    module_error_inputs_func = None

    def __init__(self, module_cls, inputs):
        self.module_cls = module_cls
        self.module_inputs_func = lambda info, device, dtype, requires_grad, training: inputs()


def sample(built, *args, **kwargs):
    constructor = SimpleNamespace(args=built[0], kwargs=built[1])
    return SimpleNamespace(constructor_input=constructor, forward_input=SimpleNamespace(args=args, kwargs=kwargs))


def settings(*args, **kwargs):
    return args, kwargs


def sequence(*shape):
    return torch.randn(*shape, requires_grad=True)


def padding(lengths, steps):
    return torch.arange(steps) >= torch.tensor(lengths).unsqueeze(1)


def causal(steps):
    return nn.Transformer.generate_square_subsequent_mask(steps)


def encoders():
    def built(norm=None, layers=2, **kwargs):
        layer = nn.TransformerEncoderLayer(**SIZES, **{"batch_first": True} | kwargs)
        return settings(layer, layers, norm)

    left, holes = padding([3, 1, 2], 3), torch.tensor([[False, True, False]] * 3)
    yield sample(built(), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(activation="gelu"), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(nn.LayerNorm(4)), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(nn.LayerNorm(4), norm_first=True), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(), sequence(3, 3, 4), src_key_padding_mask=holes)
    yield sample(built(), sequence(3, 3, 4), src_key_padding_mask=left, mask=causal(3))
    yield sample(built(), sequence(3, 3, 4), mask=causal(3))
    yield sample(built(), sequence(3, 3, 4), mask=causal(3), is_causal=True)
    yield sample(built(), sequence(3, 3, 4), mask=causal(3), is_causal=False)
    yield sample(built(batch_first=False), sequence(3, 2, 4), mask=causal(3).isinf())
    yield sample(built(nn.RMSNorm(4)), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(activation=nn.PReLU()), sequence(3, 3, 4), src_key_padding_mask=left)
    yield sample(built(activation=nn.GELU()), sequence(3, 3, 4), src_key_padding_mask=left)
    no_nested = settings(*built()[0], enable_nested_tensor=False)
    yield sample(no_nested, sequence(3, 3, 4), src_key_padding_mask=left)


def encoder_layers():
    for activation, norm_first in (("relu", False), ("gelu", False), ("relu", True)):
        built = settings(**SIZES, activation=activation, norm_first=norm_first, batch_first=True)
        yield sample(built, sequence(2, 3, 4))
        yield sample(built, sequence(2, 3, 4), src_mask=causal(3), src_key_padding_mask=padding([3, 2], 3))


def activated_layers():
    for activation in (nn.ReLU(), nn.GELU(), nn.PReLU(), nn.SiLU()):
        yield sample(settings(**SIZES, activation=activation, batch_first=True), sequence(2, 3, 4))


def activated_decoder_layers():
    """Single ones: the layers of Python's stack forget an activation that is a module, and compute relu."""
    for activation in (nn.PReLU(), nn.GELU()):
        yield sample(settings(**SIZES, activation=activation, batch_first=True), sequence(2, 3, 4), sequence(2, 5, 4))


def decoders():
    def built(norm=None, **kwargs):
        return settings(nn.TransformerDecoderLayer(**SIZES, **{"batch_first": True} | kwargs), 2, norm)

    yield sample(built(), sequence(2, 3, 4), sequence(2, 5, 4))
    yield sample(built(nn.LayerNorm(4)), sequence(2, 3, 4), sequence(2, 5, 4), tgt_mask=causal(3))
    yield sample(built(nn.RMSNorm(4)), sequence(2, 3, 4), sequence(2, 5, 4), tgt_mask=causal(3))
    yield sample(built(norm_first=True), sequence(2, 3, 4), sequence(2, 5, 4), tgt_mask=causal(3).isinf())
    masks = {"tgt_key_padding_mask": padding([3, 2], 3), "memory_key_padding_mask": padding([2, 5], 5)}
    yield sample(built(activation="gelu"), sequence(2, 3, 4), sequence(2, 5, 4), memory_mask=torch.zeros(3, 5), **masks)
    yield sample(built(batch_first=False), sequence(3, 4), sequence(5, 4), tgt_mask=causal(3), tgt_is_causal=True)


def transformers():
    layers = {"num_encoder_layers": 1, "num_decoder_layers": 2}
    built = settings(**SIZES, **layers, batch_first=True)
    masks = {"src_key_padding_mask": padding([5, 3], 5), "memory_key_padding_mask": padding([5, 3], 5)}
    yield sample(built, sequence(2, 5, 4), sequence(2, 3, 4), tgt_mask=causal(3), **masks)
    yield sample(built, sequence(2, 5, 4), sequence(2, 3, 4), src_mask=causal(5), tgt_mask=causal(3))
    yield sample(settings(**SIZES, **layers, bias=False), sequence(5, 4), sequence(3, 4))


def adaptive_softmaxes():
    def built(**kwargs):
        return settings(8, 20, [4, 10], **kwargs)

    every = torch.tensor([0, 19, 4, 3, 9, 10])
    yield sample(built(), sequence(6, 8), every)
    yield sample(built(div_value=2.0, head_bias=True), sequence(6, 8), every)
    yield sample(built(), sequence(3, 8), torch.tensor([5, 6, 0]))
    yield sample(built(), sequence(8), torch.tensor(15))


def triplets():
    for kwargs in ({}, {"swap": True, "margin": 0.5}, {"reduction": "none"}, {"reduction": "sum", "swap": True}):
        yield sample(settings(**kwargs), sequence(5, 4), sequence(5, 4), sequence(5, 4))


def alignments():
    def outputs(*shape):
        return torch.randn(*shape).log_softmax(-1).requires_grad_()

    lengths = torch.tensor([6, 4]), torch.tensor([3, 2])
    padded = torch.tensor([[1, 2, 2], [3, 1, -7]])
    yield sample(settings(), outputs(6, 2, 4), padded, *lengths)
    yield sample(settings(reduction="none"), outputs(6, 2, 4), torch.tensor([1, 2, 2, 3, 1]), *lengths)
    yield sample(settings(blank=3, reduction="sum"), outputs(6, 2, 4), torch.tensor([[1, 2, 2], [0, 1, 0]]), *lengths)
    yield sample(settings(zero_infinity=True), outputs(6, 2, 4), padded, torch.tensor([2, 4]), lengths[1])
    yield sample(settings(), outputs(6, 4), torch.tensor([1, 2]), torch.tensor(6), torch.tensor(2))


def entries():
    return [
        Entry(nn.TransformerEncoder, encoders),
        Entry(nn.TransformerEncoderLayer, encoder_layers),
        Entry(nn.TransformerEncoderLayer, activated_layers),
        Entry(nn.TransformerDecoderLayer, activated_decoder_layers),
        Entry(nn.TransformerDecoder, decoders),
        Entry(nn.Transformer, transformers),
        Entry(nn.AdaptiveLogSoftmaxWithLoss, adaptive_softmaxes),
        Entry(nn.TripletMarginWithDistanceLoss, triplets),
        Entry(nn.CTCLoss, alignments),
    ]
