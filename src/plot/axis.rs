//! Axes: how far they reach, and where their ticks stand. Round numbers: steps of 1, 2 and 5 on a linear axis, powers of ten on
//! a logarithmic one.

/// An axis of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures; empty where that is plain from the title.
    pub name: String,
    /// The value at its beginning.
    pub low: f64,
    /// The value at its end.
    pub high: f64,
    /// Whether equal lengths are equal factors.
    pub log: bool,
}

/// A tick with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// The number there, as text.
    pub label: String,
}

/// How much of the values of a curve with poles counts as its ordinary part: all but so much at either end.
const TAIL: f64 = 0.1;

/// How far beyond its ordinary part a curve with poles is shown, in heights of that part.
const BEYOND: f64 = 1.0;

impl Axis {
    /// An axis between these values.
    #[must_use]
    pub fn new(name: &str, low: f64, high: f64, log: bool) -> Self {
        Axis { name: name.to_owned(), low, high, log }
    }

    /// A vertical axis for these values, with ends at round numbers. Where the curves have `poles`, the few values near them do
    /// not count: a pole must not flatten the rest.
    #[must_use]
    pub fn around(values: &[f64], log: bool, poles: bool) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite() && (!log || *v > 0.0)).collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&least), Some(&most)) = (sorted.first(), sorted.last()) else { return Axis::new("", 0.0, 1.0, false) };
        let (mut low, mut high) = (least, most);
        if poles && !log {
            let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
            let (below, above) = (at(TAIL), at(1.0 - TAIL));
            let reach = BEYOND * (above - below);
            if reach > 0.0 {
                (low, high) = (least.max(below - reach), most.min(above + reach));
            }
        }
        if log {
            return Axis::new("", low, high, true).rounded();
        }
        if low == high {
            let room = if low == 0.0 { 1.0 } else { low.abs() };
            (low, high) = (low - room, high + room);
        }
        Axis::new("", low.max(-f64::MAX / 4.0), high.min(f64::MAX / 4.0), false).rounded()
    }

    /// The same with ends at round numbers.
    fn rounded(self) -> Self {
        let (low, high) = if self.log {
            (10f64.powf(self.low.log10().floor()), 10f64.powf(self.high.log10().ceil()))
        } else {
            let step = step(self.high - self.low, 8);
            ((self.low / step + 1e-9).floor() * step, (self.high / step - 1e-9).ceil() * step)
        };
        if low.is_finite() && high.is_finite() && low < high && (!self.log || low > 0.0) {
            return Axis { low, high, ..self };
        }
        match self.log {
            true if self.low == self.high => Axis { low: self.low / 10.0, high: self.high * 10.0, ..self },
            _ => self,
        }
    }

    /// Where a value lies: 0 at the beginning, 1 at the end, below and above outside.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let scale = |v: f64| if self.log { v.ln() } else { v };
        let (low, high) = (scale(self.low), scale(self.high));
        // halves, because the difference of two f64 may overflow
        (scale(value) / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)
    }

    /// The value at a place.
    #[must_use]
    pub fn value(&self, place: f64) -> f64 {
        if self.log {
            let (low, high) = (self.low.ln(), self.high.ln());
            return (low + place * (high - low)).exp().clamp(self.low, self.high);
        }
        (self.low * (1.0 - place) + self.high * place).clamp(self.low, self.high)
    }

    /// So many values, evenly spaced as the axis is, from its beginning to its end.
    #[must_use]
    pub fn spaced(&self, count: usize) -> Vec<f64> {
        let last = count.max(2) - 1;
        let inner = (1..last).map(|k| self.value(k as f64 / last as f64));
        let mut all: Vec<f64> = std::iter::once(self.low).chain(inner).chain([self.high]).collect();
        all.dedup();
        all
    }

    /// About so many ticks, or fewer.
    #[must_use]
    pub fn ticks(&self, wanted: usize) -> Vec<Tick> {
        let values = if self.log { self.powers(wanted.max(2)) } else { self.steps(wanted.max(2)) };
        let labels = labels(&values, self.log);
        values.into_iter().zip(labels).map(|(at, label)| Tick { at, label }).collect()
    }

    fn steps(&self, wanted: usize) -> Vec<f64> {
        let step = step(self.high - self.low, wanted);
        let (first, last) = ((self.low / step - 1e-9).ceil(), (self.high / step + 1e-9).floor());
        let count = (last - first).clamp(0.0, 4.0 * wanted as f64) as usize;
        // the quotient of whole numbers is the decimal nearest to the tick
        let inverse = (1.0 / step).round();
        let exact = step < 1.0 && (inverse * step - 1.0).abs() < 1e-9;
        (0..=count).map(|k| (first + k as f64) * if exact { 1.0 } else { step } / if exact { inverse } else { 1.0 }).collect()
    }

    /// Powers of ten; where there are few of them, 2 and 5 times these as well.
    fn powers(&self, wanted: usize) -> Vec<f64> {
        let (first, last) = ((self.low.log10() - 1e-9).ceil() as i32, (self.high.log10() + 1e-9).floor() as i32);
        let inside = |v: &f64| (-1e-9..=1.0 + 1e-9).contains(&self.place(*v));
        let decades = (last - first).max(0) as usize;
        if decades < 2 {
            let few = (first - 1..=last).flat_map(|k| [1.0, 2.0, 5.0].map(|m| m * power_of_ten(k)));
            return few.filter(inside).collect();
        }
        let stride = decades.div_ceil(wanted).max(1) as i32;
        (first..=last).filter(|k| k.rem_euclid(stride) == 0).map(power_of_ten).filter(inside).collect()
    }
}

/// The power of ten as the nearest f64.
fn power_of_ten(k: i32) -> f64 {
    format!("1e{k}").parse().unwrap_or(f64::NAN)
}

/// The least step of 1, 2 or 5 times a power of ten that needs no more than so many ticks.
fn step(length: f64, wanted: usize) -> f64 {
    let least = length / wanted as f64;
    let unit = power_of_ten(least.log10().floor() as i32);
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * unit).find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(10.0 * unit)
}

/// The values as text, on a linear axis all with the same decimals where that is short.
fn labels(values: &[f64], is_log: bool) -> Vec<String> {
    let (least, most) = if is_log { (1e-3, 1e5) } else { (1e-4, 1e6) };
    let plain = |v: &f64| *v == 0.0 || (least * (1.0 - 1e-9)..most * (1.0 - 1e-9)).contains(&v.abs());
    let exact = |v: f64| format!("{v:.9e}").parse::<f64>().unwrap_or(v);
    let short = |v: f64| if plain(&v) { crate::eval::number_text(exact(v)) } else { format!("{:e}", exact(v)) };
    let texts: Vec<String> = values.iter().map(|v| short(*v)).collect();
    if is_log || !values.iter().all(plain) {
        return texts;
    }
    let decimals = texts.iter().map(|t| t.split_once('.').map_or(0, |(_, d)| d.len())).max().unwrap_or(0);
    values.iter().map(|v| format!("{:.decimals$}", v + 0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(low: f64, high: f64, log: bool, wanted: usize) -> Vec<String> {
        Axis::new("", low, high, log).ticks(wanted).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(shown(0.0, 1.0, false, 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(shown(-6.0, 6.0, false, 6), ["-6", "-4", "-2", "0", "2", "4", "6"]);
        assert_eq!(shown(-0.3, 0.31, false, 4), ["-0.2", "0.0", "0.2"]);
        assert_eq!(shown(0.0, 2e9, false, 4), ["0", "5e8", "1e9", "1.5e9", "2e9"]);
        assert_eq!(shown(1e-6, 1.0, true, 6), ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(shown(1e-12, 1.0, true, 4), ["1e-12", "1e-9", "1e-6", "0.001", "1"]);
        assert_eq!(shown(1.0, 10.0, true, 4), ["1", "2", "5", "10"]);
    }

    #[test]
    fn a_pole_does_not_flatten_the_rest() {
        let values: Vec<f64> = (1..200).map(|k| 1.0 / (f64::from(k) / 100.0 - 1.003)).collect();
        let axis = Axis::around(&values, false, true);
        assert!(axis.high <= 20.0 && axis.low >= -20.0, "{axis:?}");
        assert_eq!(Axis::around(&[0.0, 3.9], false, false).high, 4.0);
        assert_eq!(Axis::around(&[2.0, 2.0], false, false).low, 0.0);
        assert_eq!(Axis::around(&[0.02, 30.0], true, false), Axis::new("", 0.01, 100.0, true));
    }

    #[test]
    fn places_and_values_are_inverse() {
        for axis in [Axis::new("", -3.0, 5.0, false), Axis::new("", 1e-3, 1e3, true)] {
            for place in [0.0, 0.25, 1.0] {
                assert!((axis.place(axis.value(place)) - place).abs() < 1e-12);
            }
            assert_eq!(axis.spaced(5).len(), 5);
        }
    }
}
