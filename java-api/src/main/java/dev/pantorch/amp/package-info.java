/// Mixed precision: `torch.amp`. {@link dev.pantorch.Torch#autocast(dev.pantorch.DeviceType)} opens
/// a region in which operators choose their dtypes.
@NullMarked
package dev.pantorch.amp;

import org.jspecify.annotations.NullMarked;
