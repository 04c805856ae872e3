//! What the numbers of a chain of influence say: which link weakens or strengthens it, which one makes up for another, how layers
//! of one kind add up. A link's number is its local slope; the influence of all is their product.

/// A slope under this lets little through.
pub const WEAK: f64 = 0.1;

/// A slope above this strengthens.
pub const STRONG: f64 = 10.0;

/// An influence of this size is lost in the rounding of ordinary steps.
pub const LOST: f64 = 1e-6;

/// So many layers of one kind have a growth rate.
const LAYERS: usize = 3;

/// The most links of one layer.
const LONGEST_LAYER: usize = 4;

/// Something remarkable about a flow; links are named by their positions.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// The slope is 0: nothing passes.
    Stops(usize),
    /// The slope is small.
    Weakens(usize),
    /// The slope is large.
    Strengthens(usize),
    /// A small slope that the next one makes up for.
    MadeUp {
        /// The small one.
        weak: usize,
        /// The large one after it.
        strong: usize,
    },
    /// Layers of one kind, one after the other.
    Layers {
        /// The first link of the first of them.
        first: usize,
        /// The links of one layer.
        links: usize,
        /// How many layers.
        count: usize,
        /// What one layer multiplies the influence by, on the average: the geometric mean of their sizes.
        rate: f64,
        /// After how many such layers the influence is under [`LOST`], or above one over that; none where it stays.
        until: Option<u64>,
    },
}

/// What is remarkable about the slopes of the links, in the order of the links. `kinds` tells layers of one kind by one number;
/// links follow one another only in a chain.
#[must_use]
pub fn remarks(slopes: &[f64], kinds: &[Option<u64>], is_chain: bool) -> Vec<Remark> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < slopes.len() {
        let size = slopes[at].abs();
        let next = slopes.get(at + 1).map(|s| s.abs()).filter(|_| is_chain);
        match next {
            _ if size == 0.0 => found.push(Remark::Stops(at)),
            Some(next) if size < WEAK && next > STRONG && is_moderate(size * next) => {
                found.push(Remark::MadeUp { weak: at, strong: at + 1 });
                at += 1;
            }
            _ if size < WEAK => found.push(Remark::Weakens(at)),
            _ if size > STRONG => found.push(Remark::Strengthens(at)),
            _ => {}
        }
        at += 1;
    }
    if is_chain {
        found.extend(layers(slopes, kinds));
    }
    found
}

fn is_moderate(size: f64) -> bool {
    (WEAK..=STRONG).contains(&size)
}

/// The runs of layers: links whose kinds come again and again in the same order.
fn layers(slopes: &[f64], kinds: &[Option<u64>]) -> Vec<Remark> {
    let mut found = Vec::new();
    let mut first = 0;
    while first < kinds.len() {
        let run = (1..=LONGEST_LAYER).map(|links| (links, repeats(&kinds[first..], links))).find(|(_, count)| *count >= LAYERS);
        let Some((links, count)) = run else {
            first += 1;
            continue;
        };
        let logs = slopes[first..first + links * count].iter().map(|s| s.abs().ln());
        let rate = (logs.sum::<f64>() / count as f64).exp();
        found.push(Remark::Layers { first, links, count, rate, until: until(rate) });
        first += links * count;
    }
    found
}

/// How often the first so many kinds come one after the other.
fn repeats(kinds: &[Option<u64>], links: usize) -> usize {
    let layers = kinds.chunks_exact(links);
    let Some(layer) = kinds.get(..links).filter(|layer| layer.iter().all(Option::is_some)) else { return 0 };
    layers.take_while(|other| *other == layer).count()
}

/// After how many factors of this size a product is under [`LOST`], or above one over it.
fn until(rate: f64) -> Option<u64> {
    if !rate.is_finite() || rate <= 0.0 {
        return None;
    }
    let count = (LOST.ln() / rate.ln()).abs().ceil();
    (count < 1e6).then_some(count as u64)
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_slopes_are_told() {
        let kinds = [None; 4];
        assert_eq!(remarks(&[2.0, 0.5, 1.0, -1.0], &kinds, true), []);
        assert_eq!(remarks(&[2.0, 0.01, 1.0, 50.0], &kinds, true), [Remark::Weakens(1), Remark::Strengthens(3)]);
        assert_eq!(remarks(&[2.0, 0.01, -80.0, 0.0], &kinds, true), [Remark::MadeUp { weak: 1, strong: 2 }, Remark::Stops(3)]);
        // where ways branch, links beside one another do not follow one another
        assert_eq!(remarks(&[2.0, 0.01, -80.0, 1.0], &kinds, false), [Remark::Weakens(1), Remark::Strengthens(2)]);
    }

    #[test]
    fn layers_have_a_rate() {
        let kinds = [None, Some(7), Some(7), Some(7)];
        let found = remarks(&[1.0, 0.25, 0.25, 0.25], &kinds, true);
        let [Remark::Layers { first: 1, links: 1, count: 3, rate, until: Some(10) }] = found[..] else { panic!("{found:?}") };
        assert!((rate - 0.25).abs() < 1e-15);
        let kinds = [Some(1), Some(2), Some(1), Some(2), Some(1), Some(2), Some(1)];
        let found = remarks(&[2.0, 0.25, 2.0, 0.25, 2.0, 0.25, 1.0], &kinds, true);
        let [Remark::Layers { first: 0, links: 2, count: 3, rate, until: Some(20) }] = found[..] else { panic!("{found:?}") };
        assert!((rate - 0.5).abs() < 1e-15);
        assert_eq!(until(1.0), None);
        assert_eq!(until(10.0), Some(6));
        assert_eq!(until(0.0), None);
    }
}
