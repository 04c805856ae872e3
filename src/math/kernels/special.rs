//! Kernels of the activations, the piecewise functions, the special functions and the reductions; elementary functions live next door.
