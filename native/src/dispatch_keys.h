#pragma once

#include <c10/core/DispatchKeySet.h>

namespace pantorch {

/// What libtorch adds to the keys of a tensor whether or not it is wanted: what is left tells how
/// its operators are computed.
inline constexpr c10::DispatchKeySet kFrontEnd =
    c10::autograd_dispatch_keyset_with_ADInplaceOrView | c10::autocast_dispatch_keyset;

}  // namespace pantorch
