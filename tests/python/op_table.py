"""Arguments for overloads that no inventory of PyTorch's reaches. Only the arguments are chosen here; the values the tests
compare with are what Python returns for them. More than 500 lines, since it is one table."""

import torch
from torch import Generator, arange, ones, quantize_per_channel, quantize_per_tensor, rand, randint, randn, tensor, zeros

# Overloads that have nothing a fixture could hold. What Python cannot call on the CPU is found by asking Python.
REASONS = {
    "aten::from_file": "takes the name of a file; FromFileTest calls it",
    "aten::mkldnn_rnn_layer_backward": "reads an opaque workspace that nothing checks; lstm's backward calls it",
}


def call(*args, **kwargs):
    return args, kwargs


def generator():
    return Generator().manual_seed(5)


def sparse(rows=3, columns=4):
    values = randn(rows, columns)
    return torch.where(rand(rows, columns) < 0.5, values, zeros(())).to_sparse()


def quantized(*size, dtype=torch.quint8):
    return quantize_per_tensor(randn(*size), 0.05, 10 if dtype == torch.quint8 else 0, dtype)


def per_channel():
    return quantize_per_channel(
        randn(2, 3), tensor([0.05, 0.1], dtype=torch.float64), tensor([0, 3]), 0, torch.qint8
    )


def cell_weights(gates, inputs=3, hidden=2, bias=True):
    weights = [randn(gates * hidden, inputs), randn(gates * hidden, hidden)]
    return weights + [randn(gates * hidden), randn(gates * hidden)] if bias else weights


def packed():
    sequence = torch.nn.utils.rnn.pack_padded_sequence(randn(4, 2, 3), tensor([4, 2]))
    return sequence.data, sequence.batch_sizes


def recurrent():
    return {
        "gru.input": [lambda: call(randn(4, 2, 3), randn(1, 2, 2), cell_weights(3), True, 1, 0.0, False, False, False)],
        "gru.data": [lambda: call(*packed(), randn(1, 2, 2), cell_weights(3), True, 1, 0.0, False, False)],
        "gru_cell": [lambda: call(randn(2, 3), randn(2, 2), *cell_weights(3))],
        "lstm.input": [
            lambda: call(
                randn(4, 2, 3), [randn(1, 2, 2), randn(1, 2, 2)], cell_weights(4), True, 1, 0.0, False, False, False
            )
        ],
        "lstm.data": [
            lambda: call(
                *packed(), [randn(1, 2, 2), randn(1, 2, 2)], cell_weights(4), True, 1, 0.0, False, False
            )
        ],
        "lstm_cell": [lambda: call(randn(2, 3), [randn(2, 2), randn(2, 2)], *cell_weights(4))],
        "rnn_relu.input": [
            lambda: call(randn(4, 2, 3), randn(1, 2, 2), cell_weights(1), True, 1, 0.0, False, False, False)
        ],
        "rnn_relu.data": [lambda: call(*packed(), randn(1, 2, 2), cell_weights(1), True, 1, 0.0, False, False)],
        "rnn_relu_cell": [lambda: call(randn(2, 3), randn(2, 2), *cell_weights(1))],
        "rnn_tanh.input": [
            lambda: call(randn(4, 2, 3), randn(1, 2, 2), cell_weights(1), True, 1, 0.0, False, False, False)
        ],
        "rnn_tanh.data": [lambda: call(*packed(), randn(1, 2, 2), cell_weights(1), True, 1, 0.0, False, False)],
        "rnn_tanh_cell": [lambda: call(randn(2, 3), randn(2, 2), *cell_weights(1))],
        "mkldnn_rnn_layer": [
            lambda: call(
                randn(4, 2, 3), *cell_weights(4), randn(2, 2), randn(2, 2),
                False, [], 2, 2, 1, True, False, False, False,
            )
        ],  # fmt: skip
        "_pack_padded_sequence": [lambda: call(randn(4, 2, 3), tensor([4, 2]), False)],
        "_pad_packed_sequence": [lambda: call(*packed(), False, 0.0, 5)],
    }


def factories():
    windows = {
        f"{name}_window{overload}": [lambda overload=overload: call(7, *([False] if overload else []))]
        for name in ("bartlett", "blackman", "hamming", "hann", "kaiser")
        for overload in ("", ".periodic")
    }
    return windows | {
        "hamming_window.periodic_alpha": [lambda: call(7, True, 0.6)],
        "hamming_window.periodic_alpha_beta": [lambda: call(7, True, 0.6, 0.3)],
        "kaiser_window.beta": [lambda: call(7, True, 9.5)],
        "fft_fftfreq": [lambda: call(6, 0.5)],
        "fft_rfftfreq": [lambda: call(6, 0.5)],
        "range": [lambda: call(1, 5), lambda: call(0.5, 3.0)],
        "range.step": [lambda: call(1, 9, 2)],
        "empty_quantized": [lambda: call([2, 3], quantized(2, 3))],
        "_empty_affine_quantized": [lambda: call([2, 3], dtype=torch.quint8, scale=0.5, zero_point=3)],
        "_empty_per_channel_affine_quantized": [
            lambda: call([2, 3], scales=tensor([0.5, 0.25], dtype=torch.float64), zero_points=tensor([0, 1]), axis=0,
                         dtype=torch.quint8)
        ],  # fmt: skip
    }


def random_numbers():
    return {
        "binomial": [lambda: call(tensor([5.0, 9.0]), tensor([0.3, 0.7])), lambda: call(ones(3) * 4, rand(3), generator())],
        "normal_functional": [lambda: call(randn(3), 1.0, 2.0)],
        "native_dropout": [lambda: call(randn(4, 5), 0.5, True), lambda: call(randn(4, 5), 0.5, False)],
        "poisson": [lambda: call(rand(20) * 5), lambda: call(rand(3), generator())],
        "rand.generator": [lambda: call([3, 7], generator=generator())],
        "rand_like": [lambda: call(randn(3, 7))],
        "rand_like.generator": [lambda: call(randn(3, 7), generator=generator())],
        "randn_like.generator": [lambda: call(randn(3, 7), generator=generator())],
        "randint_like.generator": [lambda: call(randn(3, 7), 9, generator=generator())],
        "randint_like.low_generator_dtype": [lambda: call(randn(3, 7), 2, 9, generator=generator())],
        "randint_like.Tensor": [lambda: call(randn(3, 7), tensor(9))],
        "randint_like.Tensor_generator": [lambda: call(randn(3, 7), tensor(9), generator=generator())],
        "randint.generator": [lambda: call(9, [3, 7], generator=generator())],
        "randint.low_generator": [lambda: call(-4, 9, [3, 7], generator=generator())],
        "randn.generator": [lambda: call([3, 7], generator=generator())],
        "random": [lambda: call(randn(9))],
        "random.from": [lambda: call(randn(9), -3, 8)],
        "random.to": [lambda: call(randn(9), 8)],
        "random_": [lambda: call(randn(9)), lambda: call(zeros(9, dtype=torch.int64), generator=generator())],
        "random_.from": [lambda: call(randn(9), -3, 8)],
        "random_.to": [lambda: call(zeros(9, dtype=torch.int32), 8)],
        "randperm": [lambda: call(9), lambda: call(0)],
        "randperm.generator": [lambda: call(9, generator=generator())],
        "rrelu_with_noise_functional": [lambda: call(randn(3, 4), zeros(3, 4), 0.1, 0.3, True)],
        "_standard_gamma": [lambda: call(rand(9) * 3), lambda: call(rand(9), generator())],
        "_standard_gamma_grad": [lambda: call(rand(4) + 0.5, rand(4) + 0.5)],
        "_sample_dirichlet": [lambda: call(rand(3, 4) + 0.5)],
        "_dirichlet_grad": [lambda: call(rand(3), rand(3) + 0.5, rand(3) + 2)],
        "_sobol_engine_draw": [
            lambda: call(zeros(2, dtype=torch.int64), 3, *sobol_state(), 0, torch.float32),
        ],
        "_sobol_engine_initialize_state_": [lambda: call(zeros(2, 30, dtype=torch.int64), 2)],
        "_sobol_engine_ff_": [lambda: call(zeros(2, dtype=torch.int64), 3, sobol_state()[0], 2, 0)],
        "_sobol_engine_scramble_": [
            lambda: call(sobol_state()[0], torch.tril(randint(2, (2, 30, 30))), 2)
        ],
    }


def sobol_state():
    engine = torch.quasirandom.SobolEngine(2)
    return engine.sobolstate, 2


def queries():
    view = lambda: randn(4, 5)[1:, ::2]  # noqa: E731
    return {
        "can_cast": [lambda: call(torch.float32, torch.int64), lambda: call(torch.int64, torch.float32)],
        "promote_types": [lambda: call(torch.int64, torch.float16)],
        "result_type.Tensor": [lambda: call(randn(2), ones((), dtype=torch.float64))],
        "result_type.Scalar": [lambda: call(arange(3), 1.5)],
        "result_type.Scalar_Tensor": [lambda: call(1.5, arange(3))],
        "result_type.Scalar_Scalar": [lambda: call(1, 2.5)],
        "conj": [lambda: call(randn(2, 3)), lambda: call(randn(2, 3, dtype=torch.complex64))],
        "contiguous": [lambda: call(view()), lambda: call(randn(1, 2, 3, 4), memory_format=torch.channels_last)],
        "data": [lambda: call(randn(2, 3, requires_grad=True))],
        "detach_": [lambda: call(randn(2))],
        "detach_copy": [lambda: call(randn(2))],
        "dim": [lambda: call(randn(2, 3))],
        "is_complex": [lambda: call(randn(2)), lambda: call(randn(2, dtype=torch.complex64))],
        "is_conj": [lambda: call(randn(2)), lambda: call(randn(2, dtype=torch.complex64).conj())],
        "is_contiguous": [lambda: call(randn(2)), lambda: call(view())],
        "is_contiguous.memory_format": [lambda: call(randn(1, 2, 3, 4), torch.channels_last)],
        "is_distributed": [lambda: call(randn(2))],
        "is_floating_point": [lambda: call(randn(2)), lambda: call(arange(2))],
        "is_inference": [lambda: call(randn(2))],
        "is_leaf": [lambda: call(randn(2))],
        "is_neg": [lambda: call(randn(2))],
        "is_pinned": [lambda: call(randn(2))],
        "is_same_size": [lambda: call(randn(2), randn(2)), lambda: call(randn(2), randn(3))],
        "is_set_to": [lambda: call(randn(2), randn(2))],
        "is_signed": [lambda: call(randn(2)), lambda: call(ones(2, dtype=torch.uint8))],
        "is_vulkan_available": [lambda: call()],
        "numel": [lambda: call(randn(2, 3))],
        "output_nr": [lambda: call(randn(2))],
        "requires_grad_": [lambda: call(randn(2)), lambda: call(randn(2), False)],
        "retain_grad": [lambda: call(randn(2, requires_grad=True))],
        "retains_grad": [lambda: call(randn(2))],
        "size.int": [lambda: call(randn(2, 3), 1)],
        "storage_offset": [lambda: call(view())],
        "stride.int": [lambda: call(view(), -1)],
        "sym_constrain_range": [lambda: call(3, min=1, max=5)],
        "sym_constrain_range_for_size": [lambda: call(3, min=1, max=5)],
        "sym_numel": [lambda: call(randn(2, 3))],
        "sym_size.int": [lambda: call(randn(2, 3), 1)],
        "sym_storage_offset": [lambda: call(view())],
        "sym_stride.int": [lambda: call(view(), 0)],
        "_is_all_true": [lambda: call(tensor([True, False]))],
        "_is_any_true": [lambda: call(tensor([True, False]))],
        "_is_zerotensor": [lambda: call(randn(2))],
        "_shape_as_tensor": [lambda: call(randn(2, 3))],
        "_debug_has_internal_overlap": [lambda: call(randn(2, 1).expand(2, 3))],
        "_assert_async": [lambda: call(tensor(True))],
        "_assert_async.msg": [lambda: call(tensor(True), "never seen")],
        "_nnpack_available": [lambda: call()],
    }


def shapes():
    return {
        "fill_diagonal_": [lambda: call(randn(3, 3), 7), lambda: call(randn(7, 3), 2.5, True)],
        "flatten_dense_tensors": [lambda: call([randn(2, 3), randn(4)])],
        "unflatten_dense_tensors": [lambda: call(randn(10), [randn(2, 3), randn(4)])],
        "lift": [lambda: call(randn(2))],
        "movedim.int": [lambda: call(randn(2, 3, 4), 0, 2)],
        "moveaxis.int": [lambda: call(randn(2, 3, 4), 0, -1)],
        "pad_sequence": [
            lambda: call([randn(3, 2), randn(1, 2)]),
            lambda: call([randn(3, 2), randn(1, 2)], True, -1.0, "left"),
        ],
        "resize": [lambda: call(randn(6), [2, 3])],
        "resize_as": [lambda: call(randn(6), randn(2, 3))],
        "set": [lambda: call(randn(2))],
        "set.source_Tensor": [lambda: call(randn(2), randn(3))],
        "set_": [lambda: call(randn(2))],
        "set_.source_Tensor": [lambda: call(randn(2), randn(3))],
        "set_.source_Tensor_storage_offset": [lambda: call(randn(2), randn(12), 1, [2, 3], [4, 1])],
        "set_data": [lambda: call(randn(2), randn(3))],
        "slice_inverse": [lambda: call(randn(4, 5)[1:3], randn(4, 5), 0, 1, 3)],
        "split.sizes": [lambda: call(randn(5, 2), [2, 3])],
        "to.other": [lambda: call(randn(3), arange(2)), lambda: call(arange(3), randn(2), False, True)],
        "type_as": [lambda: call(randn(3), arange(2))],
        "unique_dim_consecutive": [lambda: call(tensor([[1, 1], [1, 1], [2, 1], [1, 1]]), 0, True, True)],
        "vander": [lambda: call(randn(4)), lambda: call(tensor([1, 2, 3]), 4, True)],
        "view_as_complex_copy": [lambda: call(randn(3, 2))],
        "zero": [lambda: call(randn(2, 3))],
        "_reshape_alias": [lambda: call(randn(2, 3), [3, 2], [2, 1])],
        "_reshape_from_tensor": [lambda: call(randn(2, 3), tensor([3, 2]))],
        "_pad_circular": [lambda: call(randn(1, 2, 4), [1, 2])],
        "_pad_enum": [lambda: call(randn(1, 2, 4), [1, 2], 1, None)],
        "_dim_arange": [lambda: call(randn(2, 3), 1)],
        "_logcumsumexp": [lambda: call(randn(2, 3), 1)],
        "_cast_Byte": [lambda: call(rand(3) * 9)],
        "_cast_Char": [lambda: call(randn(3) * 9)],
        "_cast_Double": [lambda: call(randn(3))],
        "_cast_Float": [lambda: call(arange(3))],
        "_cast_Half": [lambda: call(randn(3))],
        "_cast_Int": [lambda: call(randn(3) * 9)],
        "_cast_Long": [lambda: call(randn(3) * 9)],
        "_cast_Short": [lambda: call(randn(3) * 9)],
    }


def differentiation():
    grad = lambda: randn(2, 3)  # noqa: E731
    return {
        "affine_grid_generator": [lambda: call(randn(1, 2, 3), [1, 1, 3, 4], False)],
        "affine_grid_generator_backward": [lambda: call(randn(1, 3, 4, 2), [1, 1, 3, 4], False)],
        "cummaxmin_backward": [lambda: call(grad(), randn(2, 3), tensor([[0, 0, 2], [0, 1, 1]]), 1)],
        "cumprod_backward": [lambda: call(grad(), ones(2, 3) * 2, 1, tensor([[2.0, 4, 8], [2, 4, 8]]))],
        "embedding_backward": [lambda: call(grad(), tensor([1, 0]), 4, -1, False, False)],
        "embedding_sparse_backward": [lambda: call(grad(), tensor([1, 0]), 4, -1, False)],
        "embedding_renorm": [lambda: call(randn(4, 3), tensor([1, 3]), 0.5, 2.0)],
        "embedding_renorm_": [lambda: call(randn(4, 3), tensor([1, 3]), 0.5, 2.0)],
        "gather_backward": [lambda: call(grad(), randn(2, 4), 1, randint(4, (2, 3)), False)],
        "glu_backward_jvp": [lambda: call(randn(2, 4), randn(2, 2), randn(2, 4), randn(2, 2), randn(2, 4), 1)],
        "glu_jvp": [lambda: call(randn(2, 2), randn(2, 4), randn(2, 4), 1)],
        "index_select_backward": [lambda: call(grad(), [4, 3], 0, tensor([3, 1]))],
        "infinitely_differentiable_gelu_backward": [lambda: call(grad(), randn(2, 3))],
        "masked_select_backward": [
            lambda: call(randn(2), randn(2, 2), tensor([[True, False], [False, True]]))
        ],
        "matrix_exp_backward": [lambda: call(randn(3, 3), randn(3, 3))],
        "trace_backward": [lambda: call(tensor(2.0), [3, 4])],
        "value_selecting_reduction_backward": [lambda: call(randn(2), 1, tensor([0, 2]), [2, 3], False)],
        "to_dense_backward": [lambda: call(randn(3, 4), sparse())],
        "to_mkldnn_backward": [lambda: call(randn(2, 3).to_mkldnn(), randn(2, 3))],
        "unfold_backward": [lambda: call(randn(2, 3), [4], 0, 3, 1)],
    }


def linear_algebra():
    return {
        "chain_matmul": [lambda: call([randn(2, 3), randn(3, 4), randn(4, 2)])],
        "frobenius_norm.dim": [lambda: call(randn(2, 3), [1])],
        "nuclear_norm": [lambda: call(randn(2, 3))],
        "nuclear_norm.dim": [lambda: call(randn(2, 3), [0, 1], True)],
        "native_norm": [lambda: call(sparse())],
        "native_norm.ScalarOpt_dim_dtype": [lambda: call(sparse(), 2, [0, 1], False, None)],
        "norm.ScalarOpt_dtype": [lambda: call(randn(3), 2, dtype=torch.float64)],
        "norm.ScalarOpt_dim_dtype": [lambda: call(randn(2, 3), 2, [1], False, dtype=torch.float64)],
        "norm_except_dim": [lambda: call(randn(2, 3), 2, 0)],
        "linalg__powsum": [lambda: call(randn(2, 3), 2), lambda: call(randn(2, 3), 3, [1], True)],
        "linalg_cond.p_str": [lambda: call(randn(3, 3), "fro")],
        "linalg_matrix_rank": [lambda: call(randn(3, 3), 0.1)],
        "linalg_matrix_rank.tol_tensor": [lambda: call(randn(3, 3), tensor(0.1))],
        "linalg_pinv": [lambda: call(randn(3, 2), 1e-3)],
        "linalg_pinv.rcond_tensor": [lambda: call(randn(3, 2), tensor(1e-3))],
        "gradient.scalararray": [lambda: call(randn(4, 5), spacing=2.0, dim=[0, 1])],
        "gradient.tensorarray": [
            lambda: call(randn(3, 4), spacing=[tensor([0.0, 1, 3]), tensor([0.0, 1, 2, 5])], dim=[0, 1])
        ],
        "gradient.tensorarrayint": [lambda: call(randn(4), spacing=[tensor([0.0, 1, 3, 4])], dim=0)],
        "histogramdd.int_bins": [lambda: call(randn(5, 2), 3)],
        "_addmm_activation": [
            lambda: call(randn(3), randn(2, 4), randn(4, 3)),
            lambda: call(randn(3), randn(2, 4), randn(4, 3), use_gelu=True),
        ],
        "_int_mm": [
            lambda: call(randint(-9, 9, (17, 8), dtype=torch.int8), randint(-9, 9, (8, 16), dtype=torch.int8))
        ],
        "_weight_int8pack_mm": [
            lambda: call(randn(2, 32).bfloat16(), randint(-9, 9, (16, 32), dtype=torch.int8), rand(16).bfloat16())
        ],
        "_convert_weight_to_int4pack_for_cpu": [lambda: call(randint(0, 16, (32, 64), dtype=torch.int32), 1)],
        "_weight_int4pack_mm_for_cpu": [
            lambda: call(
                randn(2, 64).bfloat16(),
                torch.ops.aten._convert_weight_to_int4pack_for_cpu(randint(0, 16, (32, 64), dtype=torch.int32), 1),
                32,
                rand(2, 32, 2).bfloat16(),
            )
        ],
        "_grouped_mm": [
            lambda: call(
                randn(16, 16).bfloat16(), randn(2, 16, 16).bfloat16(), tensor([8, 16], dtype=torch.int32)
            )
        ],
        "_dyn_quant_pack_4bit_weight": [
            lambda: call(randint(0, 255, (8, 16), dtype=torch.uint8), rand(8, 1), None, 32, 32, 8)
        ],
        "_linalg_eigvals": [lambda: call(randn(3, 3))],
    }


def convolutions():
    image, kernel = lambda: randn(1, 2, 5, 5), lambda: randn(3, 2, 3, 3)
    volume, kernel3 = lambda: randn(1, 2, 4, 4, 4), lambda: randn(3, 2, 3, 3, 3)
    blocked = lambda: randn(1, 2, 6, 6).to_mkldnn()  # noqa: E731
    return {
        "conv_tbc": [lambda: call(randn(5, 1, 2), randn(3, 2, 4), randn(4), 1)],
        "conv_tbc_backward": [lambda: call(randn(5, 1, 4), randn(5, 1, 2), randn(3, 2, 4), randn(4), 1)],
        "slow_conv3d": [lambda: call(volume(), kernel3(), [3, 3, 3], randn(3))],
        "slow_conv3d_forward": [lambda: call(volume(), kernel3(), [3, 3, 3], randn(3), [1, 1, 1], [0, 0, 0])],
        "slow_conv_dilated2d": [lambda: call(image(), kernel(), [3, 3], dilation=[2, 2])],
        "slow_conv_dilated3d": [lambda: call(volume(), randn(3, 2, 2, 2, 2), [2, 2, 2], dilation=[2, 2, 2])],
        "slow_conv_transpose2d": [lambda: call(image(), randn(2, 3, 3, 3), [3, 3])],
        "slow_conv_transpose3d": [lambda: call(volume(), randn(2, 3, 3, 3, 3), [3, 3, 3])],
        "thnn_conv2d": [lambda: call(image(), kernel(), [3, 3])],
        "mkldnn_convolution": [lambda: call(image(), kernel(), randn(3), [0, 0], [1, 1], [1, 1], 1)],
        "mkldnn_adaptive_avg_pool2d": [lambda: call(blocked(), [3, 3])],
        "mkldnn_adaptive_avg_pool2d_backward": [lambda: call(randn(1, 2, 3, 3).to_mkldnn(), blocked())],
        "mkldnn_linear": [lambda: call(randn(2, 3).to_mkldnn(), randn(4, 3).to_mkldnn(), randn(4).to_mkldnn())],
        "mkldnn_linear_backward": [
            lambda: call(randn(2, 3).to_mkldnn(), randn(2, 4).to_mkldnn(), randn(4, 3), [True, True, True])
        ],
        "mkldnn_linear_backward_input": [lambda: call([2, 3], randn(2, 4).to_mkldnn(), randn(4, 3))],
        "mkldnn_linear_backward_weights": [
            lambda: call(randn(2, 4).to_mkldnn(), randn(2, 3).to_mkldnn(), randn(4, 3), True)
        ],
        "mkldnn_max_pool2d": [lambda: call(blocked(), [2, 2])],
        "mkldnn_max_pool2d_backward": [mkldnn_pool_arguments],
        "mkldnn_max_pool3d": [lambda: call(randn(1, 2, 4, 4, 4).to_mkldnn(), [2, 2, 2])],
        "mkldnn_max_pool3d_backward": [mkldnn_pool3d_arguments],
        "mkldnn_reorder_conv2d_weight": [lambda: call(kernel().to_mkldnn())],
        "mkldnn_reorder_conv3d_weight": [lambda: call(kernel3().to_mkldnn())],
        "native_channel_shuffle": [lambda: call(randn(1, 4, 2, 2), 2)],
        "nll_loss": [lambda: call(randn(3, 4), tensor([1, 0, 3]))],
        "nll_loss2d": [lambda: call(randn(1, 3, 2, 2), randint(3, (1, 2, 2)))],
        "batch_norm_update_stats": [lambda: call(randn(4, 3), zeros(3), ones(3), 0.1)],
        "_convolution": [
            lambda: call(
                image(), kernel(), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, False, False, False
            )
        ],
        "_convolution_mode": [lambda: call(image(), kernel(), None, [1, 1], "same", [1, 1], 1)],
        "_nnpack_spatial_convolution": [lambda: call(image(), kernel(), randn(3), [0, 0])],
        "_native_batch_norm_legit_no_training": [
            lambda: call(randn(4, 3), randn(3), randn(3), randn(3), rand(3), 0.1, 1e-5)
        ],
        "_fused_rms_norm": [lambda: call(randn(2, 4), [4], randn(4), 1e-5)],
        "_weight_norm": [lambda: call(randn(2, 3), rand(2, 1) + 0.5)],
        "_weight_norm_interface": [lambda: call(randn(2, 3), rand(2, 1) + 0.5)],
        "_masked_softmax": [lambda: call(randn(2, 3), rand(2, 3) < 0.3, 1, 2)],
        "_ctc_loss": [
            lambda: call(torch.log_softmax(randn(6, 2, 4), 2), randint(1, 4, (2, 3)), [6, 5], [3, 2]),
        ],
        "_ctc_loss.Tensor": [
            lambda: call(
                torch.log_softmax(randn(6, 2, 4), 2), randint(1, 4, (2, 3)), tensor([6, 5]), tensor([3, 2])
            ),
        ],
        "_upsample_bicubic2d_aa": [lambda: call(randn(1, 1, 6, 6), [3, 4], False)],
        "_upsample_bicubic2d_aa.vec": [lambda: call(randn(1, 1, 6, 6), [3, 4], False, None)],
        "_upsample_bicubic2d_aa_backward": [lambda: call(randn(1, 1, 3, 4), [3, 4], [1, 1, 6, 6], False)],
        "_upsample_lanczos2d_aa": [lambda: call(randn(1, 1, 6, 6), [3, 4], False)],
        "_upsample_lanczos2d_aa.vec": [lambda: call(randn(1, 1, 6, 6), [3, 4], False, None)],
        "_upsample_lanczos2d_aa_backward": [lambda: call(randn(1, 1, 3, 4), [3, 4], [1, 1, 6, 6], False)],
        "_scaled_dot_product_attention_math": [
            lambda: call(randn(1, 2, 3, 4), randn(1, 2, 3, 4), randn(1, 2, 3, 4), is_causal=True)
        ],
        "_fused_sdp_choice": [lambda: call(randn(1, 2, 3, 4), randn(1, 2, 3, 4), randn(1, 2, 3, 4))],
        "_transform_bias_rescale_qkv": [lambda: call(randn(2, 3, 12), randn(12), 2)],
        "_native_multi_head_attention": [
            lambda: call(*[randn(2, 3, 4)] * 3, 4, 2, randn(12, 4), randn(12), randn(4, 4), randn(4))
        ],
        "_transformer_encoder_layer_fwd": [
            lambda: call(
                randn(2, 3, 4), 4, 2, randn(12, 4), randn(12), randn(4, 4), randn(4), False, False, 1e-5,
                ones(4), zeros(4), ones(4), zeros(4), randn(8, 4), randn(8), randn(4, 8), randn(4),
            )
        ],
    }  # fmt: skip


def mkldnn_pool_arguments():
    image = randn(1, 2, 6, 6).to_mkldnn()
    output = torch.ops.aten.mkldnn_max_pool2d(image, [2, 2], [2, 2])
    return call(randn(1, 2, 3, 3).to_mkldnn(), output, image, [2, 2], [2, 2])


def mkldnn_pool3d_arguments():
    volume = randn(1, 2, 4, 4, 4).to_mkldnn()
    output = torch.ops.aten.mkldnn_max_pool3d(volume, [2, 2, 2], [2, 2, 2])
    return call(randn(1, 2, 2, 2, 2).to_mkldnn(), output, volume, [2, 2, 2], [2, 2, 2])


def quantization():
    scale = lambda: tensor([0.05, 0.1])  # noqa: E731
    scale64 = lambda: tensor([0.05, 0.1], dtype=torch.float64)  # noqa: E731
    zero32 = lambda: tensor([0, 3], dtype=torch.int32)  # noqa: E731
    return {
        "choose_qparams_optimized": [lambda: call(randn(16), 16, 200, 0.16, 8)],
        "dequantize.self": [lambda: call(quantized(2, 3)), lambda: call(per_channel())],
        "dequantize.tensors": [lambda: call([quantized(2, 3), quantized(4)])],
        "fake_quantize_per_channel_affine": [lambda: call(randn(2, 3), scale(), zero32(), 0, 0, 255)],
        "fake_quantize_per_channel_affine_cachemask": [lambda: call(randn(2, 3), scale(), zero32(), 0, 0, 255)],
        "fake_quantize_per_channel_affine_cachemask_backward": [lambda: call(randn(2, 3), rand(2, 3) < 0.5)],
        "fake_quantize_per_tensor_affine": [lambda: call(randn(2, 3), 0.05, 3, 0, 255)],
        "fake_quantize_per_tensor_affine.tensor_qparams": [
            lambda: call(randn(2, 3), tensor(0.05), tensor(3, dtype=torch.int32), 0, 255)
        ],
        "fake_quantize_per_tensor_affine_cachemask": [lambda: call(randn(2, 3), 0.05, 3, 0, 255)],
        "fake_quantize_per_tensor_affine_cachemask_backward": [lambda: call(randn(2, 3), rand(2, 3) < 0.5)],
        "_fake_quantize_per_tensor_affine_cachemask_tensor_qparams": [
            lambda: call(randn(2, 3), tensor(0.05), tensor(3, dtype=torch.int32), tensor([1]), 0, 255)
        ],
        "_fake_quantize_learnable_per_tensor_affine": [
            lambda: call(randn(2, 3), tensor([0.05]), tensor([3.0]), 0, 255)
        ],
        "_fake_quantize_learnable_per_channel_affine": [
            lambda: call(randn(2, 3), scale(), tensor([0.0, 3.0]), 0, 0, 255)
        ],
        "fused_moving_avg_obs_fake_quant": [
            lambda: call(
                randn(2, 3), tensor([1]), tensor([1]), tensor([-1.0]), tensor([1.0]),
                tensor([0.1]), tensor([0], dtype=torch.int32), 0.01, 0, 255, 0,
            )
        ],
        "_fused_moving_avg_obs_fq_helper": [
            lambda: call(
                randn(2, 3), tensor([1]), tensor([1]), tensor([-1.0]), tensor([1.0]),
                tensor([0.1]), tensor([0], dtype=torch.int32), 0.01, 0, 255, 0,
            )
        ],
        "int_repr": [lambda: call(quantized(2, 3)), lambda: call(quantized(3, dtype=torch.qint8))],
        "q_per_channel_axis": [lambda: call(per_channel())],
        "q_per_channel_scales": [lambda: call(per_channel())],
        "q_per_channel_zero_points": [lambda: call(per_channel())],
        "q_scale": [lambda: call(quantized(2))],
        "q_zero_point": [lambda: call(quantized(2))],
        "quantize_per_channel": [lambda: call(randn(2, 3), scale64(), tensor([0, 3]), 0, torch.qint8)],
        "quantize_per_tensor": [
            lambda: call(randn(2, 3), 0.05, 10, torch.quint8),
            lambda: call(randn(2, 3), 0.05, 0, torch.qint32),
        ],
        "quantize_per_tensor.tensor_qparams": [
            lambda: call(randn(2, 3), tensor(0.05), tensor(10), torch.quint8)
        ],
        "quantize_per_tensor.tensors": [
            lambda: call([randn(2), randn(3)], tensor([0.05, 0.1]), tensor([1, 2]), torch.quint8)
        ],
        "quantize_per_tensor_dynamic": [lambda: call(randn(2, 3), torch.quint8, False)],
        "quantized_batch_norm": [
            lambda: call(quantized(1, 2, 3, 3), rand(2), rand(2), rand(2), rand(2), 1e-5, 0.1, 3)
        ],
        "quantized_max_pool1d": [lambda: call(quantized(1, 2, 6), [2])],
        "quantized_max_pool2d": [lambda: call(quantized(1, 2, 6, 6), [2, 2])],
        "quantized_max_pool3d": [lambda: call(quantized(1, 2, 4, 4, 4), [2, 2, 2], [2, 2, 2])],
        "fbgemm_linear_quantize_weight": [lambda: call(randn(4, 3))],
        "_choose_qparams_per_tensor": [lambda: call(randn(8)), lambda: call(randn(8), True)],
        "_saturate_weight_to_fp16": [lambda: call(randn(2, 3) * 1e5)],
        "_make_per_tensor_quantized_tensor": [lambda: call(randint(0, 9, (2, 3), dtype=torch.uint8), 0.5, 3)],
        "_make_per_channel_quantized_tensor": [
            lambda: call(randint(0, 9, (2, 3), dtype=torch.int8), scale64(), tensor([0, 3]), 0)
        ],
    }  # fmt: skip


def sparse_tensors():
    compressed = lambda: (tensor([0, 1, 2]), tensor([1, 0]), randn(2))  # noqa: E731
    blocks = lambda: (tensor([0, 1, 2]), tensor([1, 0]), randn(2, 1, 1))  # noqa: E731
    uncoalesced = lambda: torch.sparse_coo_tensor(tensor([[0, 0, 1], [1, 1, 2]]), randn(3), (2, 3))  # noqa: E731
    validate = {
        f"_validate_sparse_{name}_tensor_args": [lambda parts=parts: call(*parts(), [2, 2])]
        for name, parts in (("csr", compressed), ("csc", compressed), ("bsr", blocks), ("bsc", blocks))
    }
    compressed_factories = {
        f"sparse_{name}_tensor.{overload}{size}": [
            lambda parts=parts, size=size: call(*parts(), *([[2, 2]] if size else []))
        ]
        for name, overload, parts in (
            ("csr", "crow_col_value", compressed),
            ("csc", "ccol_row_value", compressed),
            ("bsr", "crow_col_value", blocks),
            ("bsc", "ccol_row_value", blocks),
        )
        for size in ("", "_size")
    }
    return validate | compressed_factories | {
        "ccol_indices": [lambda: call(randn(2, 3).to_sparse_csc())],
        "ccol_indices_copy": [lambda: call(randn(2, 3).to_sparse_csc())],
        "crow_indices": [lambda: call(randn(2, 3).to_sparse_csr())],
        "crow_indices_copy": [lambda: call(randn(2, 3).to_sparse_csr())],
        "col_indices": [lambda: call(randn(2, 3).to_sparse_csr())],
        "col_indices_copy": [lambda: call(randn(2, 3).to_sparse_csr())],
        "row_indices": [lambda: call(randn(2, 3).to_sparse_csc())],
        "row_indices_copy": [lambda: call(randn(2, 3).to_sparse_csc())],
        "coalesce": [lambda: call(uncoalesced())],
        "copy_sparse_to_sparse": [lambda: call(sparse(), sparse())],
        "copy_sparse_to_sparse_": [lambda: call(sparse(), sparse())],
        "dense_dim": [lambda: call(sparse())],
        "sparse_dim": [lambda: call(sparse())],
        "hspmm": [lambda: call(sparse(2, 3), randn(3, 4))],
        "indices": [lambda: call(sparse().coalesce())],
        "indices_copy": [lambda: call(sparse().coalesce())],
        "values": [lambda: call(sparse().coalesce())],
        "values_copy": [lambda: call(sparse().coalesce())],
        "is_coalesced": [lambda: call(sparse().coalesce()), lambda: call(uncoalesced())],
        "resize_as_sparse": [lambda: call(sparse(2, 2), sparse(3, 4))],
        "resize_as_sparse_": [lambda: call(sparse(2, 2), sparse(3, 4))],
        "smm": [lambda: call(sparse(2, 3), randn(3, 4))],
        "sspaddmm": [lambda: call(sparse(2, 4), sparse(2, 3), randn(3, 4))],
        "sparse_coo_tensor.size": [lambda: call([2, 3])],
        "sparse_coo_tensor.indices": [lambda: call(tensor([[0, 1], [2, 0]]), randn(2))],
        "sparse_coo_tensor.indices_size": [lambda: call(tensor([[0, 1], [2, 0]]), randn(2), [2, 3])],
        "sparse_mask": [lambda: call(randn(3, 4), sparse().coalesce())],
        "sparse_resize": [lambda: call(sparse(2, 2), [3, 4], 2, 0)],
        "sparse_resize_": [lambda: call(sparse(2, 2), [3, 4], 2, 0)],
        "sparse_resize_and_clear": [lambda: call(sparse(2, 2), [3, 4], 2, 0)],
        "sparse_resize_and_clear_": [lambda: call(sparse(2, 2), [3, 4], 2, 0)],
        "to_dense": [lambda: call(sparse()), lambda: call(randn(2, 3).to_mkldnn())],
        "to_mkldnn": [lambda: call(randn(2, 3))],
        "to_sparse_csr": [lambda: call(randn(2, 3))],
        "to_sparse_csc": [lambda: call(randn(2, 3))],
        "to_sparse_bsr": [lambda: call(randn(2, 4), [1, 2])],
        "to_sparse_bsc": [lambda: call(randn(2, 4), [1, 2])],
        "_coalesced_": [lambda: call(uncoalesced(), False)],
        "_indices": [lambda: call(uncoalesced())],
        "_values": [lambda: call(uncoalesced())],
        "_nnz": [lambda: call(uncoalesced())],
        "_dimI": [lambda: call(uncoalesced())],
        "_dimV": [lambda: call(uncoalesced())],
        "_spdiags": [lambda: call(randn(2, 3), tensor([0, 1]), [3, 3])],
        "_sparse_mm": [lambda: call(sparse(2, 3), randn(3, 4))],
        "_sparse_mm.reduce": [lambda: call(randn(2, 3).to_sparse_csr(), randn(3, 4), "sum")],
        "_sparse_addmm": [lambda: call(randn(2, 4), sparse(2, 3), randn(3, 4))],
        "_sparse_sum": [lambda: call(sparse())],
        "_sparse_sum.dtype": [lambda: call(sparse(), dtype=torch.float64)],
        "_sparse_sum.dim": [lambda: call(sparse(), [0])],
        "_sparse_sum.dim_dtype": [lambda: call(sparse(), [0], dtype=torch.float64)],
        "_sparse_softmax": [lambda: call(sparse(), 1, False)],
        "_sparse_softmax.int": [lambda: call(sparse(), 1)],
        "_sparse_log_softmax": [lambda: call(sparse(), 1, False)],
        "_sparse_log_softmax.int": [lambda: call(sparse(), 1)],
        "_sparse_sparse_matmul": [lambda: call(sparse(2, 3), sparse(3, 4))],
        "_validate_sparse_coo_tensor_args": [lambda: call(tensor([[0, 1], [2, 0]]), randn(2), [2, 3])],
        "_validate_sparse_compressed_tensor_args": [
            lambda: call(tensor([0, 1, 2]), tensor([1, 0]), randn(2), [2, 2], torch.sparse_csr)
        ],
    }


def mixed_precision():
    return {
        "_amp_foreach_non_finite_check_and_unscale_": [
            lambda: call([randn(2), tensor([1.0, float("inf")])], zeros(1), tensor([0.5]))
        ],
        "_amp_update_scale_": [
            lambda: call(tensor([8.0]), tensor([1], dtype=torch.int32), zeros(1), 2.0, 0.5, 2)
        ],
        "_foreach_zero_": [lambda: call([randn(2), randn(3)])],
        "_foreach_powsum.Scalar": [lambda: call([randn(2), randn(3)], 2)],
    }


def nested():
    return torch.ops.aten._nested_tensor_from_tensor_list([randn(2, 3), randn(1, 3)])


def nested_tensors():
    sizes, strides = lambda: tensor([[2, 3], [1, 3]]), lambda: tensor([[3, 1], [3, 1]])  # noqa: E731
    offsets = lambda: tensor([0, 2, 3])  # noqa: E731
    mask = lambda: tensor([[True, True, False], [True, False, False]])  # noqa: E731
    return {
        "nested_to_padded_tensor": [lambda: call(nested(), 0.0)],
        "to_padded_tensor": [lambda: call(nested(), 0.0)],
        "_nested_tensor_from_tensor_list": [lambda: call([randn(2, 3), randn(1, 3)])],
        "_nested_tensor_from_mask": [lambda: call(randn(2, 3, 4), mask())],
        "_nested_tensor_from_mask_left_aligned": [lambda: call(randn(2, 3, 4), mask())],
        "_nested_tensor_size": [lambda: call(nested())],
        "_nested_tensor_strides": [lambda: call(nested())],
        "_nested_tensor_storage_offsets": [lambda: call(nested())],
        "_nested_from_padded": [lambda: call(randn(2, 3, 4), tensor([[2, 4], [3, 4]]))],
        "_nested_view_from_buffer": [lambda: call(randn(9), sizes(), strides(), tensor([0, 6]))],
        "_jagged_to_padded_dense_forward": [lambda: call(randn(3, 2), [offsets()], [2], 0.0)],
        "_padded_dense_to_jagged_forward": [lambda: call(randn(2, 2, 3), [offsets()], 3)],
    }


def leftovers():
    return {
        "convolution_overrideable": [
            lambda: call(randn(1, 1, 3, 3), randn(1, 1, 2, 2), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
        ],
        "convolution_backward_overrideable": [
            lambda: call(
                randn(1, 1, 2, 2), randn(1, 1, 3, 3), randn(1, 1, 2, 2), [1, 1], [0, 0], [1, 1], False, [0, 0], 1,
                [True, True, True],
            )
        ],
        "cudnn_is_acceptable": [lambda: call(randn(2))],
        "float_power_.Scalar": [lambda: call(rand(3).double(), 2.5)],
        "float_power_.Tensor": [lambda: call(rand(3).double(), randn(3))],
        "get_device": [lambda: call(randn(2))],
        "pin_memory": [lambda: call(randn(2))],
        "lift_fresh": [lambda: call(randn(2))],
        "lift_fresh_copy": [lambda: call(randn(2))],
        "_neg_view": [lambda: call(randn(2))],
        "_fw_primal": [lambda: call(randn(2), 0)],
        "_make_dual": [lambda: call(randn(2), randn(2), 0)],
        "_unpack_dual": [lambda: call(randn(2), 0)],
        "_convert_indices_from_coo_to_csr": [lambda: call(tensor([0, 0, 2]), 3)],
        "_convert_indices_from_csr_to_coo": [lambda: call(tensor([0, 2, 3]), tensor([0, 1, 1]))],
        "_foreach_clamp_max_.ScalarList": [lambda: call([randn(2), randn(3)], [0.5, 0])],
        "_foreach_maximum_.ScalarList": [lambda: call([randn(2), randn(3)], [0.5, 0])],
        "_foreach_minimum_.ScalarList": [lambda: call([randn(2), randn(3)], [0.5, 0])],
        "_foreach_addcmul.Tensor": [lambda: call(*([randn(2), randn(3)] for _ in range(3)), tensor([0.5, 2.0]))],
        "_foreach_addcmul_.Tensor": [lambda: call(*([randn(2), randn(3)] for _ in range(3)), tensor([0.5, 2.0]))],
        "_foreach_zero": [lambda: call([randn(2), randn(3)])],
        "_foreach_pow_.List": [lambda: call([rand(2), rand(3)], [randn(2), randn(3)])],
    }  # fmt: skip


def fp16_linear(x, weight, bias):
    packed = torch.fbgemm_pack_gemm_matrix_fp16(weight)
    output = zeros(x.shape[0], weight.shape[0])
    torch.ops.aten.fbgemm_linear_fp16_weight.out(x, packed, bias, output)
    torch.ops.aten.fbgemm_linear_fp16_weight_fp32_activation.out(x, packed, bias, output)
    return (
        torch.ops.aten.fbgemm_linear_fp16_weight(x, packed, bias),
        torch.ops.aten.fbgemm_linear_fp16_weight_fp32_activation(x, packed, bias),
    )


def int8_linear(x, weight, bias):
    quantized_weight, column_offsets, scale, zero_point = torch.fbgemm_linear_quantize_weight(weight)
    packed = torch.fbgemm_pack_quantized_matrix(quantized_weight)
    torch.ops.aten.fbgemm_pack_quantized_matrix.KN(quantized_weight, weight.shape[1], weight.shape[0])
    arguments = (x, quantized_weight, packed, column_offsets, scale, zero_point, bias)
    return (
        torch.fbgemm_linear_int8_weight(*arguments),
        torch.fbgemm_linear_int8_weight_fp32_activation(*arguments),
    )


def int8_cell(cell):
    def run(x, hidden, w_ih, w_hh, b_ih, b_hh):
        q_ih, columns_ih, scale_ih, zero_ih = torch.fbgemm_linear_quantize_weight(w_ih)
        q_hh, columns_hh, scale_hh, zero_hh = torch.fbgemm_linear_quantize_weight(w_hh)
        packed_ih, packed_hh = torch.fbgemm_pack_quantized_matrix(q_ih), torch.fbgemm_pack_quantized_matrix(q_hh)
        return cell(
            x, hidden, q_ih, q_hh, b_ih, b_hh, packed_ih, packed_hh, columns_ih, columns_hh,
            scale_ih, scale_hh, zero_ih, zero_hh,
        )  # fmt: skip

    return run


def wrapped_linear(x, weight, bias):
    scale, zero_point = tensor(0.05), tensor(0)
    packed = torch.ops.aten._wrapped_linear_prepack(weight, scale, zero_point, bias)
    return torch.ops.aten._wrapped_quantized_linear_prepacked(
        x, scale, zero_point, packed, tensor(0.1), zero_point, weight.shape[0]
    )


def dyn_quant_linear(x, weights, scales):
    packed = torch.ops.aten._dyn_quant_pack_4bit_weight(weights, scales, None, 32, 32, 8)
    return torch.ops.aten._dyn_quant_matmul_4bit(x, packed, 32, 32, 8)


def version(x):
    return torch.ops.aten._version(x), torch.ops.aten._version(x.add_(1))


def programs():
    """{name: (function, arguments)} for operators that work on what another operator packed or changed."""
    linear = lambda: call(randn(2, 8), randn(4, 8), randn(4))  # noqa: E731
    cell = lambda gates: lambda: call(randn(2, 3), randn(2, 2), *cell_weights(gates))  # noqa: E731
    return {
        "version": (lambda x: version(x * 1), lambda: call(randn(2))),
        "fp16_linear": (fp16_linear, linear),
        "int8_linear": (int8_linear, linear),
        "quantized_gru_cell": (int8_cell(torch.quantized_gru_cell), cell(3)),
        "quantized_lstm_cell": (
            int8_cell(torch.quantized_lstm_cell),
            lambda: call(randn(2, 3), [randn(2, 2), randn(2, 2)], *cell_weights(4)),
        ),
        "quantized_rnn_relu_cell": (int8_cell(torch.quantized_rnn_relu_cell), cell(1)),
        "quantized_rnn_tanh_cell": (int8_cell(torch.quantized_rnn_tanh_cell), cell(1)),
        "wrapped_linear": (wrapped_linear, linear),
        "dyn_quant_linear": (
            dyn_quant_linear,
            lambda: call(randn(2, 32), randint(0, 255, (8, 16), dtype=torch.uint8), rand(8, 1)),
        ),
    }


def table():
    """{qualified name: [functions that return (args, kwargs)]}."""
    parts = (
        recurrent(), factories(), random_numbers(), queries(), shapes(), differentiation(), linear_algebra(),
        convolutions(), quantization(), sparse_tensors(), mixed_precision(),
        nested_tensors(), leftovers(),
    )  # fmt: skip
    return {"aten::" + name: makers for part in parts for name, makers in part.items() if makers}
