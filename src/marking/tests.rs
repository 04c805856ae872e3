//! Steps of learners without a program around them.
