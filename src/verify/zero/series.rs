//! Truncated power series in formal steps, one for each derivative that surrounds an expression: how a value changes when
//! symbols move. Knows arithmetic and the series of elementary functions, not expressions.

use super::field::{Residue, Value, power};

/// Which symbols move, each with a step of its own that matters up to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Motion {
    /// The symbols' numbers with the orders; the first step varies fastest in the coefficients.
    steps: Vec<(u32, usize)>,
    /// How many coefficients a series has.
    pub size: usize,
    /// One bit for each symbol that moves, modulo 64.
    pub symbols: u64,
    /// Places of two coefficients and of their product.
    products: Vec<(u16, u16, u16)>,
}

/// Most coefficients of a series.
const COEFFICIENTS: usize = 96;

/// The coefficients of a series, the value first.
pub type Coefficients = Vec<Value>;

impl Motion {
    /// Nothing moves.
    pub fn rest() -> Self {
        Motion { steps: Vec::new(), size: 1, symbols: 0, products: vec![(0, 0, 0)] }
    }

    /// With a further step; `None` where that makes series too long.
    pub fn with(&self, symbol: u32, order: usize) -> Option<Motion> {
        let size = order.checked_add(1)?.checked_mul(self.size).filter(|s| *s <= COEFFICIENTS)?;
        let mut products = Vec::new();
        for i in 0..=order {
            for j in 0..=order - i {
                let shift = |k: usize| (k * self.size) as u16;
                products.extend(self.products.iter().map(|(a, b, c)| (a + shift(i), b + shift(j), c + shift(i + j))));
            }
        }
        let mut steps = self.steps.clone();
        steps.push((symbol, order));
        Some(Motion { steps, size, symbols: self.symbols | 1 << (symbol % 64), products })
    }

    /// How expensive a product is.
    pub fn cost(&self) -> u64 {
        self.products.len() as u64
    }

    /// Up to which power a series without a value is not 0.
    pub fn order(&self) -> usize {
        self.steps.iter().map(|s| s.1).sum()
    }

    /// Something that stands still.
    pub fn still(&self, v: Value) -> Coefficients {
        let mut out = vec![Value::ZERO; self.size];
        if let Some(first) = out.first_mut() {
            *first = v;
        }
        out
    }

    /// Adds the steps of a symbol itself.
    pub fn move_symbol(&self, symbol: u32, series: &mut Coefficients) {
        let mut stride = 1;
        for (moving, order) in &self.steps {
            if *moving == symbol
                && *order > 0
                && let Some(c) = series.get_mut(stride)
            {
                *c = *c + Value::ONE;
            }
            stride *= order + 1;
        }
    }

    /// The sum.
    pub fn plus(&self, a: &[Value], b: &[Value]) -> Coefficients {
        a.iter().zip(b).map(|(x, y)| *x + *y).collect()
    }

    /// The product.
    pub fn times(&self, a: &[Value], b: &[Value]) -> Coefficients {
        let mut out = vec![Value::ZERO; self.size];
        for (i, j, k) in &self.products {
            if let (Some(x), Some(y), Some(z)) = (a.get(*i as usize), b.get(*j as usize), out.get_mut(*k as usize)) {
                *z = *z + *x * *y;
            }
        }
        out
    }

    /// A function of a series, from its own series at the series' value.
    pub fn compose(&self, outer: &[Value], inner: &[Value]) -> Coefficients {
        let mut step = inner.to_vec();
        if let Some(first) = step.first_mut() {
            *first = Value::ZERO;
        }
        let mut out = self.still(Value::ZERO);
        for (k, c) in outer.iter().enumerate().rev() {
            if k + 1 < outer.len() {
                out = self.times(&out, &step);
            }
            if let Some(first) = out.first_mut() {
                *first = *first + *c;
            }
        }
        out
    }

    /// The derivative of this order by the last step, as a series in the other ones.
    pub fn derivative(&self, series: &[Value], order: usize) -> Coefficients {
        let size = self.steps.last().map_or(self.size, |s| self.size / (s.1 + 1));
        let factorial = (1..=order as u64).fold(Value::ONE, |f, k| f * Value::new(k));
        series.iter().skip(order * size).take(size).map(|c| *c * factorial).collect()
    }
}

// ---- series of functions at a value, in one step

/// `1/k!` for k up to `n`.
fn reciprocal_factorials(n: usize) -> Coefficients {
    let mut out = vec![Value::ONE];
    let mut factorial = Value::ONE;
    for k in 1..=n as u64 {
        factorial = factorial * Value::new(k);
        out.push(factorial.inverse());
    }
    out
}

/// A function with these derivatives.
pub fn from_derivatives(derivatives: impl Iterator<Item = Value>, n: usize) -> Coefficients {
    derivatives.zip(reciprocal_factorials(n)).map(|(d, f)| d * f).collect()
}

/// `exp`, whose value is `e`.
pub fn exponential(e: Value, n: usize) -> Coefficients {
    from_derivatives((0..=n).map(|_| e), n)
}

/// `log` at `u`, where its value is `log`.
pub fn logarithm(log: Value, u: Value, n: usize) -> Coefficients {
    let inverse = u.inverse();
    let mut out = vec![log];
    let mut power = -Value::ONE;
    for k in 1..=n as u64 {
        power = -(power * inverse);
        out.push(power * Value::new(k).inverse());
    }
    out
}

/// `sin`, and with the first two exchanged and the first one's sign turned `cos`.
pub fn sine(sin: Value, cos: Value, n: usize) -> Coefficients {
    from_derivatives([sin, cos, -sin, -cos].into_iter().cycle().take(n + 1), n)
}

/// A power with a whole exponent.
pub fn whole_power(u: Value, exponent: i64, n: usize) -> Coefficients {
    let mut out = Vec::with_capacity(n + 1);
    let mut binomial = Value::ONE;
    for k in 0..=n as i64 {
        let left = exponent - k;
        let size = left.unsigned_abs();
        let power = if left < 0 { u.pow(size).inverse() } else { u.pow(size) };
        out.push(if exponent >= 0 && left < 0 { Value::ZERO } else { binomial * power });
        binomial = binomial * Value::signed(left) * Value::signed(k + 1).inverse();
    }
    out
}

/// A power with any exponent, which is also given as a value, from its value at `u`.
pub fn general_power(at: Value, u: Value, exponent: Value, n: usize) -> Coefficients {
    let inverse = u.inverse();
    let mut out = vec![at];
    let mut last = at;
    for k in 0..n as u64 {
        last = last * (exponent - Value::new(k)) * Value::new(k + 1).inverse() * inverse;
        out.push(last);
    }
    out
}

/// The integral of a series, from its value.
pub fn integral(at: Value, slope: &[Value]) -> Coefficients {
    let mut out = vec![at];
    out.extend(slope.iter().enumerate().map(|(k, c)| *c * Value::new(k as u64 + 1).inverse()));
    out
}

/// `1/(1 + u²)` where `inverse` is the value.
pub fn slope_of_arctangent(u: Value, inverse: Value, n: usize) -> Coefficients {
    // (1 + u² + 2us + s²)·y = 1
    let mut y: Coefficients = vec![inverse];
    for k in 1..=n {
        let one = y.get(k - 1).copied().unwrap_or(Value::ZERO) * (u + u);
        let two = k.checked_sub(2).and_then(|j| y.get(j)).copied().unwrap_or(Value::ZERO);
        y.push(-((one + two) * inverse));
    }
    y
}

/// `1/√(1 - u²)` where `inverse` is the value.
pub fn slope_of_arcsine(u: Value, inverse: Value, n: usize) -> Coefficients {
    // (1 - u² - 2us - s²)·y' = (u + s)·y
    let divisor = inverse * inverse;
    let mut y: Coefficients = vec![inverse];
    for k in 0..n {
        let at = |j: Option<usize>| j.and_then(|j| y.get(j)).copied().unwrap_or(Value::ZERO);
        let here = u * at(Some(k)) + at(k.checked_sub(1));
        let k64 = k as u64;
        let one = (u + u) * Value::new(k64) * at(Some(k));
        let two = Value::new(k64.saturating_sub(1)) * at(k.checked_sub(1));
        y.push((here + one + two) * divisor * Value::new(k64 + 1).inverse());
    }
    y
}

/// The cubic root of a value that counts as positive.
pub fn cube_root(size: Value) -> Value {
    power(size, Residue::new(3).inverse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_compositions_follow_the_product_and_the_chain_rule() {
        let motion = Motion::rest().with(0, 3).unwrap();
        let x = Value::new(5);
        let mut moving = motion.still(x);
        motion.move_symbol(0, &mut moving);
        let cube = motion.times(&moving, &motion.times(&moving, &moving));
        let slopes: Vec<i64> = (0..4).map(|k| motion.derivative(&cube, k).first().map_or(0, |v| v.centred())).collect();
        assert_eq!(slopes, [125, 75, 30, 6]);
        assert_eq!(motion.compose(&whole_power(x, 3, 3), &moving), cube);
        let inverse = motion.compose(&whole_power(x, -1, 3), &moving);
        assert_eq!(motion.times(&inverse, &moving), motion.still(Value::ONE));
    }

    #[test]
    fn arcs_have_their_slopes() {
        let u = (2..).map(Value::new).find(|u| (Value::ONE - *u * *u).is_positive()).unwrap();
        let square = |y: &[Value]| {
            let motion = Motion::rest().with(0, 5).unwrap();
            motion.times(y, y)
        };
        let motion = Motion::rest().with(0, 5).unwrap();
        let mut step = motion.still(u);
        motion.move_symbol(0, &mut step);
        let u2 = motion.times(&step, &step);
        let one = motion.still(Value::ONE);
        let minus: Vec<Value> = u2.iter().map(|c| -*c).collect();
        let below = motion.plus(&one, &minus);
        let root = power(Value::ONE - u * u, Residue::new(2).inverse()).inverse();
        let y = slope_of_arcsine(u, root, 5);
        assert_eq!(motion.times(&square(&y), &below), one);
        let above = motion.plus(&one, &u2);
        let y = slope_of_arctangent(u, (Value::ONE + u * u).inverse(), 5);
        assert_eq!(motion.times(&y, &above), one);
    }

    #[test]
    fn steps_of_two_symbols_are_independent() {
        let motion = Motion::rest().with(0, 1).unwrap().with(1, 2).unwrap();
        let (mut x, mut y) = (motion.still(Value::new(2)), motion.still(Value::new(7)));
        motion.move_symbol(0, &mut x);
        motion.move_symbol(1, &mut y);
        let f = motion.times(&x, &motion.times(&y, &y));
        // the derivative twice by y is 2x, and its slope in x is 2
        let inner = motion.derivative(&f, 2);
        assert_eq!(inner.iter().map(|v| v.centred()).collect::<Vec<_>>(), [4, 2]);
    }
}
