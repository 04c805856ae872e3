//! grad: a small language for derivatives that people can trust and read.
