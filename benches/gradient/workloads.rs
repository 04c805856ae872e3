//! The workloads, written once for whatever can compute with them.

/// What computes: with nodes of a graph or with numbers.
pub trait Algebra {
    type Item: Copy;
    fn variable(&mut self, name: &str) -> Self::Item;
    fn number(&mut self, text: &str) -> Self::Item;
    fn sum(&mut self, terms: &[Self::Item]) -> Self::Item;
    fn product(&mut self, factors: &[Self::Item]) -> Self::Item;
    fn call(&mut self, name: &str, a: Self::Item) -> Self::Item;
    fn square(&mut self, a: Self::Item) -> Self::Item;
}

#[derive(Clone, Copy)]
pub enum Workload {
    /// `h = x*log(1 + exp(h))`, so many times.
    Chain(usize),
    /// `(1 + exp(-0.2*x))*(1 + exp(-0.3*x))*…`
    Product(usize),
    /// The sum of `log(1 + exp(-y*(x1*w1 + …)))` over rows of data, written out.
    Logistic { rows: usize, weights: usize },
    /// A network of `tanh` layers with four inputs and a squared error.
    Network { width: usize, layers: usize },
}

impl Workload {
    pub fn size(self) -> usize {
        match self {
            Workload::Chain(n) | Workload::Product(n) => n,
            Workload::Logistic { rows, .. } => rows,
            Workload::Network { width, layers } => width * layers,
        }
    }

    pub fn build<A: Algebra>(self, a: &mut A) -> A::Item {
        match self {
            Workload::Chain(n) => chain(a, n),
            Workload::Product(n) => product(a, n),
            Workload::Logistic { rows, weights } => logistic(a, rows, weights),
            Workload::Network { width, layers } => network(a, width, layers),
        }
    }
}

fn chain<A: Algebra>(a: &mut A, n: usize) -> A::Item {
    let (x, one) = (a.variable("x"), a.number("1"));
    (0..n).fold(x, |h, _| {
        let e = a.call("exp", h);
        let inner = a.sum(&[one, e]);
        let log = a.call("log", inner);
        a.product(&[x, log])
    })
}

fn product<A: Algebra>(a: &mut A, n: usize) -> A::Item {
    let (x, one) = (a.variable("x"), a.number("1"));
    let factors: Vec<A::Item> = (1..=n)
        .map(|i| {
            let rate = a.number(&format!("{:.5}", -0.1 - i as f64 / n as f64));
            let scaled = a.product(&[rate, x]);
            let e = a.call("exp", scaled);
            a.sum(&[one, e])
        })
        .collect();
    a.product(&factors)
}

/// Numbers between -1 and 1 with three digits, the same in every run.
struct Digits(u64);

impl Digits {
    fn next(&mut self) -> String {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let thousandths = (self.0 >> 33) % 1999;
        format!("{:.3}", (thousandths as f64 - 999.0) / 1000.0)
    }
}

fn logistic<A: Algebra>(a: &mut A, rows: usize, weights: usize) -> A::Item {
    let mut digits = Digits(3);
    let by: Vec<A::Item> = (0..weights).map(|k| a.variable(&format!("w{k}"))).collect();
    let (one, minus) = (a.number("1"), a.number("-1"));
    let losses: Vec<A::Item> = (0..rows)
        .map(|row| {
            let terms: Vec<A::Item> = by
                .iter()
                .map(|w| {
                    let x = a.number(&digits.next());
                    a.product(&[x, *w])
                })
                .collect();
            let score = a.sum(&terms);
            let signed = a.product(&[if row % 2 == 0 { one } else { minus }, score]);
            let e = a.call("exp", signed);
            let inner = a.sum(&[one, e]);
            a.call("log", inner)
        })
        .collect();
    a.sum(&losses)
}

/// A bias and a weight for each part.
fn affine<A: Algebra>(a: &mut A, name: &str, parts: &[A::Item]) -> A::Item {
    let mut terms = vec![a.variable(&format!("b{name}"))];
    for (k, part) in parts.iter().enumerate() {
        let w = a.variable(&format!("w{name}_{k}"));
        terms.push(a.product(&[w, *part]));
    }
    a.sum(&terms)
}

fn network<A: Algebra>(a: &mut A, width: usize, layers: usize) -> A::Item {
    let mut digits = Digits(5);
    let mut parts: Vec<A::Item> = (0..4).map(|_| a.number(&digits.next())).collect();
    for layer in 1..=layers {
        let mut next = Vec::with_capacity(width);
        for k in 0..width {
            let score = affine(a, &format!("{layer}_{k}"), &parts);
            next.push(a.call("tanh", score));
        }
        parts = next;
    }
    let (out, target) = (affine(a, "_o", &parts), a.number("-0.7"));
    let error = a.sum(&[out, target]);
    a.square(error)
}
