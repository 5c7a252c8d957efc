"""Imports PyTorch's own test inventories, which want a module that is not part of PyTorch."""

import pathlib
import sys
import tempfile
import warnings


def provide_expecttest():
    """Lets torch.testing._internal be imported where its requirement is not installed."""
    try:
        import expecttest  # noqa: F401
    except ImportError:
        # torch.testing._internal only subclasses expecttest.TestCase; no sample needs what it does.
        folder = pathlib.Path(tempfile.mkdtemp(prefix="expecttest-"))
        (folder / "expecttest.py").write_text("import unittest\n\n\nclass TestCase(unittest.TestCase):\n    pass\n")
        sys.path.insert(0, str(folder))
    warnings.simplefilter("ignore")


def import_inventories():
    """Returns (op_db, foreach_db, module_db, optim_db)."""
    provide_expecttest()
    from torch.testing._internal import common_methods_invocations as methods
    from torch.testing._internal.common_modules import module_db
    from torch.testing._internal.common_optimizers import optim_db

    methods.foreach_num_tensors = [4]  # lists of 20 large tensors show nothing that 4 small ones do not
    foreach_db = [
        *methods.foreach_unary_op_db,
        *methods.foreach_binary_op_db,
        *methods.foreach_pointwise_op_db,
        *methods.foreach_reduce_op_db,
        *methods.foreach_other_op_db,
    ]
    return methods.op_db, foreach_db, module_db, optim_db
