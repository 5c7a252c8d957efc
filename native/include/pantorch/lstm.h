/* The weights of an LSTM in the order that oneDNN computes with, made once for many forward passes.
 *
 * aten::lstm makes it anew in each call. What is packed knows the tensors it was made of, and is
 * made anew as well where an operator has changed one of them since. */
#ifndef PANTORCH_LSTM_H
#define PANTORCH_LSTM_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

typedef int64_t pt_packed_lstm; /* packed weights, or room for them */

/* Room for packed weights. new. */
PT_API pt_packed_lstm pt_packed_lstm_create(void);
PT_API void pt_packed_lstm_free(pt_packed_lstm packed);

/* Frees the packed weights, once the calls that use them are over. */
PT_API void pt_packed_lstm_clear(pt_packed_lstm packed);

/* Packs weights. The packet, as in op.h: the mode word, Tensor[] params (as aten::lstm has them),
 * int num_layers, bool has_biases, bool bidirectional. Result: whether they are packed; weights
 * that aten::lstm would not give to oneDNN are not. */
PT_API pt_error pt_packed_lstm_pack(pt_packed_lstm packed, pt_address frame);

/* What aten::lstm.input computes outside of training, to the bit. The packet: the mode word,
 * Tensor[] params, int num_layers, bool has_biases, bool bidirectional, bool batch_first,
 * Tensor input, Tensor? hx, Tensor? cx (none: zeros). Results: output, hy, cy, new; all 0, and
 * nothing done, where packed weights do not serve: none are packed, or of other tensors than these;
 * gradients may be recorded, or a trace is; under autocast; with oneDNN switched off; for arguments
 * of another dtype, layout or shape. */
PT_API pt_error pt_packed_lstm_forward(pt_packed_lstm packed, pt_address frame);

PT_END_DECLS

#endif
