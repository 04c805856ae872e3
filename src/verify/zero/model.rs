//! The exponentials, logarithms and angles of one sample: functions that are random but for the equations that hold of them.
//!
//! An argument is known as a *form*, a sum of monomials with rational coefficients, each monomial known by its value. The
//! exponential of a form is the product of powers of values drawn for each monomial, so that `exp(a + b) = exp(a)·exp(b)`
//! and `exp(a/2)² = exp(a)` hold because they must. Logarithms are forms over values drawn for each factor, angles are
//! points of the circle drawn for each monomial.

use super::field::{Coefficient, Point, Residue, Value, power, scramble};
use std::collections::HashMap;

/// A sum of monomials: their values, each up to its sign the smaller one, with coefficients that are not 0. Sorted by value.
pub type Form = Vec<(Value, Coefficient)>;

/// Angles in half degrees whose sines are recognised.
const SPECIAL: [i64; 11] = [30, 36, 45, 60, 72, 90, 108, 120, 144, 150, 180];

/// Most monomials of a form.
const MONOMIALS: usize = 64;

/// What a value is drawn for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// A symbol.
    Symbol = 1,
    /// The number π.
    Pi = 2,
    /// The exponential of a monomial.
    Exponential = 3,
    /// The logarithm of a factor.
    Logarithm = 4,
    /// The point of the circle that belongs to a monomial.
    Angle = 5,
    /// The angle that belongs to a sine.
    Arc = 6,
    /// The parity of a whole number.
    Parity = 7,
    /// Whether two numbers are equal.
    Equality = 8,
    /// Whether a number is whole.
    Whole = 9,
    /// A function known by its equations; further ones follow.
    Opaque = 16,
}

/// The random functions of one sample.
pub struct Model {
    seed: u64,
    /// Logarithms that were drawn, with what they are the logarithms of.
    logarithms: HashMap<Value, Value>,
    /// Exponentials that occurred, with their exponents.
    exponentials: HashMap<Value, Form>,
    /// Angles that were drawn as inverse sines, with their points.
    arcs: HashMap<Value, Point>,
    /// π
    pub pi: Value,
}

impl Model {
    /// A model that follows from a seed.
    pub fn new(seed: u64) -> Self {
        let draw = Value::new(scramble(seed, Purpose::Pi as u64, 0));
        Model { seed, logarithms: HashMap::new(), exponentials: HashMap::new(), arcs: HashMap::new(), pi: draw * draw }
    }

    /// What the model follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A value that looks random.
    pub fn draw(&self, purpose: u64, key: u64) -> Value {
        Value::new(scramble(self.seed, purpose, key))
    }

    /// A choice that looks random.
    pub fn choose(&self, purpose: Purpose, key: u64) -> bool {
        scramble(self.seed, purpose as u64, key) >> 40 & 1 == 1
    }

    /// The exponential of a form.
    pub fn exponential(&self, form: &Form) -> Value {
        let mut product = Value::ONE;
        for (key, c) in form {
            let base = self.logarithms.get(key).copied().unwrap_or_else(|| {
                let root = self.draw(Purpose::Exponential as u64, key.bits());
                root * root
            });
            product = product * power(base, c.exponent);
        }
        product
    }

    /// Remembers an exponential, so that a sum that comes to it has its exponent as logarithm.
    pub fn remember(&mut self, exponential: Value, exponent: &Form) {
        let inverse = exponential.inverse();
        self.exponentials.insert(inverse, scaled(exponent, -Coefficient::ONE));
        self.exponentials.insert(exponential, exponent.clone());
    }

    /// Whether the value is 1 or an exponential that occurred, or the reciprocal of one.
    pub fn is_exponential(&self, v: Value) -> bool {
        v == Value::ONE || self.exponentials.contains_key(&v)
    }

    /// The logarithm of a factor that counts as positive and is taken apart no further.
    pub fn logarithm(&mut self, factor: Value) -> Form {
        if factor == Value::ONE || factor.is_zero() {
            return Form::new();
        }
        if let Some(exponent) = self.exponentials.get(&factor) {
            return exponent.clone();
        }
        let key = self.draw(Purpose::Logarithm as u64, factor.bits()).canonical().0;
        self.logarithms.insert(key, factor);
        vec![(key, Coefficient::ONE)]
    }

    /// The logarithm of a rational number from its factors.
    pub fn logarithm_of_number(&mut self, factors: &[(u64, i64)]) -> Form {
        let mut sum = Form::new();
        for (prime, exponent) in factors {
            let own = self.logarithm(Value::new(*prime).size());
            sum = plus(&sum, &scaled(&own, Coefficient::integer(*exponent)));
        }
        sum
    }

    /// The point of the circle that an angle leads to; `None` for a part of an inverse angle.
    pub fn point(&self, form: &Form) -> Option<Point> {
        let mut point = Point::START;
        let pi = self.pi.canonical();
        for (key, c) in form {
            let half_degrees = if *key == pi.0 { (*c * Coefficient::integer(360)).whole() } else { None };
            let part = match (half_degrees, self.arcs.get(key)) {
                (Some(n), _) => Point::half_degree().times((if pi.1 { -n } else { n }) % 720),
                (None, Some(arc)) => arc.times(c.whole()?),
                (None, None) => {
                    let drawn = Point::divisible(self.draw(Purpose::Angle as u64, key.bits()));
                    drawn.times(c.multiple.centred())
                }
            };
            point = point * part;
        }
        Some(point)
    }

    /// The angle from -π/2 to π/2 with this sine and this cosine, which counts as positive.
    pub fn arc(&mut self, sin: Value, cos: Value) -> Form {
        let size = sin.size();
        let special = SPECIAL.iter().find(|k| Point::half_degree().times(**k).sin == size);
        let form = match special {
            _ if size.is_zero() => return Form::new(),
            Some(k) => scaled(&atom(self.pi), Coefficient::integer(*k) * Coefficient::integer(360).inverse()),
            None => {
                // of the two angles of a right triangle the one with the smaller sine is drawn
                let swap = cos.bits() < size.bits();
                let (own_sin, own_cos) = if swap { (cos, size) } else { (size, cos) };
                let key = self.draw(Purpose::Arc as u64, own_sin.bits()).canonical().0;
                self.arcs.insert(key, Point { cos: own_cos, sin: own_sin });
                let own = vec![(key, Coefficient::ONE)];
                let right = scaled(&atom(self.pi), Coefficient::integer(2).inverse());
                if swap { plus(&right, &scaled(&own, -Coefficient::ONE)) } else { own }
            }
        };
        if size == sin { form } else { scaled(&form, -Coefficient::ONE) }
    }
}

/// The value of a form.
pub fn value(form: &Form) -> Value {
    form.iter().fold(Value::ZERO, |sum, (key, c)| sum + *key * c.value)
}

/// A value that is a monomial.
pub fn atom(value: Value) -> Form {
    if value.is_zero() {
        return Form::new();
    }
    let (key, opposite) = value.canonical();
    vec![(key, if opposite { -Coefficient::ONE } else { Coefficient::ONE })]
}

/// A rational number.
pub fn constant(c: Coefficient) -> Form {
    scaled(&atom(Value::ONE), c)
}

/// A multiple.
pub fn scaled(form: &Form, c: Coefficient) -> Form {
    if c.is_zero() {
        return Form::new();
    }
    form.iter().map(|(key, own)| (*key, *own * c)).collect()
}

/// The sum.
pub fn plus(a: &Form, b: &Form) -> Form {
    gathered(a.iter().chain(b).copied().collect())
}

/// The product; `None` where it has too many monomials.
pub fn times(a: &Form, b: &Form) -> Option<Form> {
    if a.len() * b.len() > MONOMIALS {
        return None;
    }
    let mut all = Form::with_capacity(a.len() * b.len());
    for (x, c) in a {
        for (y, d) in b {
            all.push(product_of_keys(*x, *y, *c * *d));
        }
    }
    Some(gathered(all))
}

/// The sum of many; `None` where it has too many monomials.
pub fn sum<'f>(forms: impl Iterator<Item = &'f Form>) -> Option<Form> {
    let all = gathered(forms.flatten().copied().collect());
    (all.len() <= MONOMIALS).then_some(all)
}

fn product_of_keys(x: Value, y: Value, c: Coefficient) -> (Value, Coefficient) {
    let (key, opposite) = (x * y).canonical();
    (key, if opposite { -c } else { c })
}

/// The quotient by a form with the value `divisor`.
pub fn over(a: &Form, b: &Form, divisor: Value) -> Option<Form> {
    let (content, rest) = content(b, divisor)?;
    let (inverse, factor) = (rest.inverse(), content.inverse());
    Some(gathered(a.iter().map(|(key, c)| product_of_keys(*key, inverse, *c * factor)).collect()))
}

/// A form as a rational number times something, the same for all its rational multiples.
fn content(form: &Form, value: Value) -> Option<(Coefficient, Value)> {
    let (_, c) = form.first()?;
    if c.value.is_zero() || value.is_zero() {
        return None;
    }
    Some((*c, value * c.value.inverse()))
}

/// A power of a form with the value `base`.
pub fn raised(form: &Form, base: Value, n: i64) -> Option<Form> {
    if form.len() > 1 && (2..=4).contains(&n) {
        let expanded = (1..n).try_fold(form.clone(), |product, _| times(&product, form));
        if expanded.is_some() {
            return expanded;
        }
    }
    let (c, rest) = content(form, base)?;
    let size = n.unsigned_abs();
    let raised = Coefficient { value: c.value.pow(size), exponent: c.exponent.pow(size), multiple: c.multiple.pow(size) };
    let key = rest.pow(size);
    let (raised, key) = if n < 0 { (raised.inverse(), key.inverse()) } else { (raised, key) };
    Some(scaled(&atom(key), raised))
}

/// `Π p^(e·numerator/denominator)` as a rational number times a root.
pub fn root_of_number(factors: &[(u64, i64)], numerator: i64, denominator: i64) -> Option<Form> {
    let (mut c, mut key) = (Coefficient::ONE, Value::ONE);
    let part = Residue::signed(denominator).inverse();
    for (prime, e) in factors {
        let total = e.checked_mul(numerator)?;
        let (whole, rest) = (total.div_euclid(denominator), total.rem_euclid(denominator));
        let base = Coefficient::integer(i64::try_from(*prime).ok()?);
        for _ in 0..whole.unsigned_abs().min(64) {
            c = c * if whole < 0 { base.inverse() } else { base };
        }
        if whole.unsigned_abs() > 64 {
            return None;
        }
        key = key * power(base.value, Residue::signed(rest) * part);
    }
    Some(scaled(&atom(key), c))
}

/// Like monomials together.
fn gathered(mut all: Form) -> Form {
    if all.len() < 2 {
        return all;
    }
    all.sort_unstable_by_key(|m| m.0);
    let mut out = Form::with_capacity(all.len());
    for (key, c) in all {
        match out.last_mut() {
            Some(last) if last.0 == key => last.1 = last.1 + c,
            _ => out.push((key, c)),
        }
    }
    out.retain(|m| !m.1.is_zero());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_and_logarithms_undo_each_other() {
        let mut model = Model::new(7);
        let (a, b) = (atom(Value::new(123)), atom(Value::new(456)));
        let half = Coefficient::integer(2).inverse();
        let root = model.exponential(&scaled(&a, half));
        assert_eq!(root * root, model.exponential(&a));
        assert_eq!(model.exponential(&plus(&a, &b)), model.exponential(&a) * model.exponential(&b));
        let factor = Value::new(25);
        let log = model.logarithm(factor);
        assert_eq!(model.exponential(&log), factor);
        assert_eq!(model.exponential(&scaled(&log, half)), Value::new(5).size());
    }

    #[test]
    fn angles_are_added_on_the_circle() {
        let mut model = Model::new(9);
        let x = atom(Value::new(77));
        let third = Coefficient::integer(3).inverse();
        let point = model.point(&scaled(&x, third)).map(|p| p.times(3));
        assert_eq!(point, model.point(&x));
        let pi = atom(model.pi);
        assert_eq!(model.point(&pi).map(|p| p.cos), Some(-Value::ONE));
        let (sin, cos) = (Value::new(2).inverse(), power(Value::new(3), Residue::new(2).inverse()) * Value::new(2).inverse());
        assert_eq!(model.arc(sin, cos), scaled(&pi, Coefficient::integer(6).inverse()));
        let drawn = Point::divisible(Value::new(5));
        let cos = drawn.cos.size();
        let arc = model.arc(drawn.sin, cos);
        assert_eq!(model.point(&arc), Some(Point { cos, sin: drawn.sin }));
    }
}
