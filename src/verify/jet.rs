//! Truncated Taylor series with ball coefficients.
