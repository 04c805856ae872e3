//! Symmetric matrices: eigenvalues and eigenvectors by Jacobi's rotations (C. G. J. Jacobi 1846). No memory is allocated after the
//! room was made.

/// Sweeps over all pairs; a dozen is enough for matrices of any size that is used here.
const SWEEPS: usize = 60;

/// A symmetric matrix with room for its eigenvectors.
#[derive(Clone, Debug)]
pub struct Symmetric {
    size: usize,
    /// The entries, row after row; after the rotations the diagonal holds the eigenvalues.
    entries: Vec<f64>,
    /// The eigenvectors, one after the other.
    vectors: Vec<f64>,
}

impl Symmetric {
    /// Room for a matrix of so many rows.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Symmetric { size, entries: vec![0.0; size * size], vectors: vec![0.0; size * size] }
    }

    /// Sets one entry and its mirror image.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] = value;
        self.entries[column * self.size + row] = value;
    }

    /// One entry.
    #[must_use]
    pub fn entry(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    /// Turns the axes until the matrix is diagonal; its entries are lost. Answers whether all of them were finite.
    pub fn turn(&mut self) -> bool {
        let n = self.size;
        if !self.entries.iter().all(|entry| entry.is_finite()) {
            return false;
        }
        self.vectors.fill(0.0);
        (0..n).for_each(|k| self.vectors[k * n + k] = 1.0);
        for _ in 0..SWEEPS {
            let largest = self.entries.iter().fold(0.0f64, |most, entry| most.max(entry.abs()));
            let mut turned = false;
            for p in 0..n {
                for q in p + 1..n {
                    if self.entry(p, q).abs() > largest * 1e-17 {
                        self.rotate(p, q);
                        turned = true;
                    }
                }
            }
            if !turned {
                break;
            }
        }
        self.entries.iter().all(|entry| entry.is_finite())
    }

    /// Makes one pair of entries 0.
    fn rotate(&mut self, p: usize, q: usize) {
        let n = self.size;
        let (app, aqq, apq) = (self.entry(p, p), self.entry(q, q), self.entry(p, q));
        let half = (aqq / 2.0 - app / 2.0) / apq;
        let tangent = if half.is_infinite() { 0.0 } else { half.signum() / (half.abs() + half.hypot(1.0)) };
        let cosine = 1.0 / tangent.hypot(1.0);
        let sine = tangent * cosine;
        for k in (0..n).filter(|k| *k != p && *k != q) {
            let (a, b) = (self.entry(k, p), self.entry(k, q));
            self.set(k, p, cosine * a - sine * b);
            self.set(k, q, sine * a + cosine * b);
        }
        self.set(p, p, app - tangent * apq);
        self.set(q, q, aqq + tangent * apq);
        self.set(p, q, 0.0);
        for k in 0..n {
            let (a, b) = (self.vectors[p * n + k], self.vectors[q * n + k]);
            self.vectors[p * n + k] = cosine * a - sine * b;
            self.vectors[q * n + k] = sine * a + cosine * b;
        }
    }

    /// An eigenvalue, after the axes were turned.
    #[must_use]
    pub fn value(&self, k: usize) -> f64 {
        self.entry(k, k)
    }

    /// The eigenvector of length 1 that belongs to it.
    #[must_use]
    pub fn vector(&self, k: usize) -> &[f64] {
        &self.vectors[k * self.size..(k + 1) * self.size]
    }

    /// All eigenvalues, from the least to the largest.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        let mut all: Vec<f64> = (0..self.size).map(|k| self.value(k)).collect();
        all.sort_by(f64::total_cmp);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_and_vectors_belong_together() {
        let rows = [[4.0, 1.0, -2.0], [1.0, 2.0, 0.5], [-2.0, 0.5, -3.0]];
        let mut matrix = Symmetric::new(3);
        (0..3).for_each(|r| (r..3).for_each(|c| matrix.set(r, c, rows[r][c])));
        assert!(matrix.turn());
        for k in 0..3 {
            let vector = matrix.vector(k);
            for (r, row) in rows.iter().enumerate() {
                let image: f64 = row.iter().zip(vector).map(|(a, b)| a * b).sum();
                assert!((image - matrix.value(k) * vector[r]).abs() < 1e-13);
            }
        }
        let values = matrix.values();
        assert!(values.is_sorted() && (values.iter().sum::<f64>() - 3.0).abs() < 1e-13);
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        let mut matrix = Symmetric::new(2);
        matrix.set(0, 1, f64::NAN);
        assert!(!matrix.turn());
    }
}
