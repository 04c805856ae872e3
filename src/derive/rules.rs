//! One layer of differentiation: for each operator the textbook's rule, and for each function its formula from the facts table.
//! Both the full derivative and the step-by-step trace are made by [`Rules::open`]; they differ only in what stands for the
//! derivatives of the parts.

use super::light;
use super::special::{Removable, Special};
use crate::expr::{Constant, Graph, Id, Reduction, Relation, Series, Symbol, View, walk};
use crate::math::{self, FunctionId};
use std::collections::HashMap;

/// Above this many factors a product is differentiated by halves, so that the result stays linear in size.
const LONG_PRODUCT: usize = 6;

/// The name of the rule for the derivative of a mean over the rows of a data set.
pub const MEAN_OVER_ROWS: &str = "mean over rows";

/// The same for a sum.
pub const SUM_OVER_ROWS: &str = "sum over rows";

/// Something that a derivative rule could not do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The expression it concerns.
    pub node: Id,
    /// Why, and what to write instead.
    pub reason: String,
}

/// A textbook rule as it was applied to one expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Its textbook name.
    pub rule: &'static str,
    /// The expression that was differentiated.
    pub target: Id,
    /// The outer function of a chain rule, by name, and its inner expression.
    pub chain: Option<(FunctionId, Id)>,
    /// For rules that name their parts: the parts, in order.
    pub parts: Vec<Id>,
}

/// Differentiates by one variable.
pub struct Rules<'f> {
    variable: Symbol,
    formulas: &'f mut Formulas,
    /// Whether a node contains the variable.
    depends: HashMap<Id, bool>,
}

/// The derivative formulas of the table as graph nodes in the functions' parameters, made once for a graph.
#[derive(Default)]
pub struct Formulas {
    partials: HashMap<(FunctionId, usize), Option<Id>>,
    /// What is special in the expression at hand.
    pub special: Special,
}

impl Formulas {
    /// The partial derivative of `f` in its `k`-th parameter at these arguments.
    pub fn partial(&mut self, g: &mut Graph, f: FunctionId, k: usize, arguments: &[Id]) -> Option<Id> {
        let template = match self.partials.get(&(f, k)) {
            Some(known) => *known,
            None => {
                let text = f.record().derivative.get(k);
                let made = text.and_then(|t| crate::resolve::formula(g, t).ok());
                self.partials.insert((f, k), made);
                made
            }
        }?;
        let mut map = HashMap::new();
        for (name, argument) in f.record().parameters.iter().zip(arguments) {
            map.insert(g.variable(name), *argument);
        }
        Some(walk::substitute(g, template, &map))
    }
}

/// What answers "the derivative of this part".
pub trait Parts {
    /// The derivative of `part`, or what stands for it.
    fn derivative(&mut self, g: &mut Graph, rules: &mut Rules<'_>, part: Id) -> Result<Id, Refusal>;
}

impl<'f> Rules<'f> {
    /// Rules for the derivative with respect to `variable`.
    pub fn new(variable: Symbol, formulas: &'f mut Formulas) -> Self {
        Rules { variable, formulas, depends: HashMap::new() }
    }

    /// The variable.
    pub fn variable(&self) -> Symbol {
        self.variable
    }

    /// The partial derivative of `f` in its `k`-th parameter at these arguments.
    pub fn partial(&mut self, g: &mut Graph, f: FunctionId, k: usize, arguments: &[Id]) -> Option<Id> {
        self.formulas.partial(g, f, k, arguments)
    }

    /// Whether an expression contains the variable.
    pub fn depends(&mut self, g: &Graph, id: Id) -> bool {
        if let Some(d) = self.depends.get(&id) {
            return *d;
        }
        let mut stack = vec![id];
        while let Some(top) = stack.last().copied() {
            if self.depends.contains_key(&top) {
                stack.pop();
                continue;
            }
            let open: Vec<Id> = g.children(top).iter().copied().filter(|c| !self.depends.contains_key(c)).collect();
            if open.is_empty() {
                let own = g.as_symbol(top) == Some(self.variable);
                let bound = matches!(g.view(top), View::Series(_, b, _) if b == self.variable);
                let below = g.children(top).iter().any(|c| self.depends.get(c).copied().unwrap_or(false));
                self.depends.insert(top, (own || below) && !bound);
                stack.pop();
            } else {
                stack.extend(open);
            }
        }
        self.depends.get(&id).copied().unwrap_or(false)
    }

    /// The derivative of `id` in terms of the derivatives of its parts, and the rule that gives it.
    pub fn open(&mut self, g: &mut Graph, id: Id, parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let applied = |rule: &'static str, named: &[Id]| Applied { rule, target: id, chain: None, parts: named.to_vec() };
        if !self.depends(g, id) {
            return Ok((g.integer(0), applied("constant", &[])));
        }
        if let Some(View::If(c, a, b)) = self.formulas.special.opened.get(&id).map(|branches| g.view(*branches)) {
            return Ok((self.branches(g, [c, a, b], parts)?, applied("branch by branch", &[c])));
        }
        match g.view(id) {
            View::Symbol(_) => Ok((g.integer(1), applied("variable", &[]))),
            View::Add(terms) => {
                let terms = terms.to_vec();
                let mut slopes = Vec::with_capacity(terms.len());
                for t in &terms {
                    if self.depends(g, *t) {
                        slopes.push(parts.derivative(g, self, *t)?);
                    }
                }
                Ok((light::sum(g, &slopes), applied(if has_minus(g, &terms) { "difference" } else { "sum" }, &terms)))
            }
            View::Neg(a) => {
                let slope = parts.derivative(g, self, a)?;
                Ok((light::negative(g, slope), applied("constant factor", &[a])))
            }
            View::Mul(factors) => {
                let factors = factors.to_vec();
                self.product(g, id, &factors, parts)
            }
            View::Div(a, b) => self.quotient(g, id, a, b, parts),
            View::Pow(a, b) => self.power(g, id, a, b, parts),
            View::Call(f, arguments) => {
                let arguments = arguments.to_vec();
                self.call(g, id, f, &arguments, parts)
            }
            View::Component(vector, k) => self.component(g, id, vector, k, parts),
            View::If(c, a, b) => {
                // a value set at single points says nothing of the slope around them: the other branch does
                if let Some((around, _)) = self.around_points(g, c, a, b) {
                    let slope = self.branch(g, around, parts)?;
                    if let Some(Removable { point, value, slope: there }) = self.formulas.special.removable.get(&id).copied() {
                        let (one, other) = if around == b { (there, slope) } else { (slope, there) };
                        let x = g.symbol(self.variable);
                        return Ok((g.conditional(c, one, other), applied("removable singularity", &[x, point, value, there])));
                    }
                    return Ok((slope, applied("the branch around the point", &[c])));
                }
                Ok((self.branches(g, [c, a, b], parts)?, applied("branch by branch", &[c])))
            }
            View::Series(Series::Sum, binder, [from, to, body]) => {
                if self.depends(g, from) || self.depends(g, to) {
                    return Err(self.refuse(id, "the bounds of a sum are whole numbers: they cannot be differentiated"));
                }
                let slope = parts.derivative(g, self, body)?;
                let value = if g.is_zero(slope) { slope } else { g.series(Series::Sum, binder, from, to, slope) };
                Ok((value, applied("sum, term by term", &[body])))
            }
            View::Series(Series::Product, binder, [from, to, body]) => {
                if self.depends(g, from) || self.depends(g, to) {
                    return Err(self.refuse(id, "the bounds of a product are whole numbers: they cannot be differentiated"));
                }
                let slope = parts.derivative(g, self, body)?;
                let ratio = light::quotient(g, slope, body);
                let sum = g.series(Series::Sum, binder, from, to, ratio);
                Ok((light::product(g, &[id, sum]), applied("logarithmic differentiation", &[body])))
            }
            View::Rows(kind, data, body) => {
                let slope = parts.derivative(g, self, body)?;
                let rule = if kind == Reduction::Mean { MEAN_OVER_ROWS } else { SUM_OVER_ROWS };
                Ok((light::rows(g, kind, data, slope), applied(rule, &[body])))
            }
            View::Undefined => Ok((id, applied("undefined", &[]))),
            View::Derivative(..) => Err(self.refuse(id, "a derivative inside must be taken first")),
            _ => Err(self.refuse(id, "a condition has no derivative")),
        }
    }

    /// For `if u == v` with the variable in it: the branch that holds everywhere else, and the one at the points.
    fn around_points(&mut self, g: &Graph, condition: Id, a: Id, b: Id) -> Option<(Id, Id)> {
        match g.view(condition) {
            View::Compare(Relation::Equal, ..) if self.depends(g, condition) => Some((b, a)),
            View::Compare(Relation::NotEqual, ..) if self.depends(g, condition) => Some((a, b)),
            _ => None,
        }
    }

    fn refuse(&self, node: Id, reason: &str) -> Refusal {
        Refusal { node, reason: reason.to_owned() }
    }

    /// Each branch on its own.
    fn branches(&mut self, g: &mut Graph, [c, a, b]: [Id; 3], parts: &mut dyn Parts) -> Result<Id, Refusal> {
        let (da, db) = (self.branch(g, a, parts)?, self.branch(g, b, parts)?);
        Ok(if da == db && g.view(b) != View::Undefined { da } else { g.conditional(c, da, db) })
    }

    fn branch(&mut self, g: &mut Graph, branch: Id, parts: &mut dyn Parts) -> Result<Id, Refusal> {
        if g.view(branch) == View::Undefined { Ok(branch) } else { parts.derivative(g, self, branch) }
    }

    /// Constant factors come out; the rest by the product rule.
    fn product(&mut self, g: &mut Graph, id: Id, factors: &[Id], parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let (varying, constant): (Vec<Id>, Vec<Id>) = factors.iter().partition(|f| self.depends(g, **f));
        let applied = |rule, named: &[Id]| Applied { rule, target: id, chain: None, parts: named.to_vec() };
        if let [only] = varying[..] {
            let slope = parts.derivative(g, self, only)?;
            let all: Vec<Id> = constant.iter().copied().chain([slope]).collect();
            return Ok((light::product(g, &all), applied("constant factor", &[only])));
        }
        let slope = if varying.len() > LONG_PRODUCT {
            self.long_product(g, &varying, parts)?
        } else {
            let mut terms = Vec::with_capacity(varying.len());
            for (k, f) in varying.iter().enumerate() {
                let mut term = varying.clone();
                term[k] = parts.derivative(g, self, *f)?;
                terms.push(light::product(g, &term));
            }
            light::sum(g, &terms)
        };
        let all: Vec<Id> = constant.iter().copied().chain([slope]).collect();
        Ok((light::product(g, &all), applied("product rule", &varying)))
    }

    /// (f·g)' by halves: each level joins neighbouring (product, slope) pairs.
    fn long_product(&mut self, g: &mut Graph, factors: &[Id], parts: &mut dyn Parts) -> Result<Id, Refusal> {
        let mut level = Vec::with_capacity(factors.len());
        for f in factors {
            level.push((*f, parts.derivative(g, self, *f)?));
        }
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len() / 2 + 1);
            for pair in level.chunks(2) {
                match pair {
                    [(f, df), (h, dh)] => {
                        let (left, right) = (g.mul(&[*df, *h]), g.mul(&[*f, *dh]));
                        let whole = g.mul(&[*f, *h]);
                        next.push((whole, light::sum(g, &[left, right])));
                    }
                    rest => next.extend_from_slice(rest),
                }
            }
            level = next;
        }
        Ok(level[0].1)
    }

    fn quotient(&mut self, g: &mut Graph, id: Id, a: Id, b: Id, parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let applied = |rule, named: &[Id]| Applied { rule, target: id, chain: None, parts: named.to_vec() };
        if !self.depends(g, b) {
            let slope = parts.derivative(g, self, a)?;
            return Ok((light::quotient(g, slope, b), applied("constant factor", &[a])));
        }
        // the square of a power: (u^n)^2 is u^(2n)
        let two = g.integer(2);
        let square = match g.view(b) {
            View::Pow(u, n) if g.as_number(n).is_some() => {
                let twice = g.as_number(n).map(|n| n * &crate::expr::Number::integer(2)).unwrap_or_default();
                let twice = g.number(twice);
                g.pow(u, twice)
            }
            _ => g.pow(b, two),
        };
        let db = parts.derivative(g, self, b)?;
        if !self.depends(g, a) {
            let above = light::product(g, &[a, db]);
            let value = light::quotient(g, above, square);
            return Ok((light::negative(g, value), applied("reciprocal rule", &[a, b])));
        }
        let da = parts.derivative(g, self, a)?;
        let left = light::product(g, &[da, b]);
        let right = light::product(g, &[a, db]);
        let minus = light::negative(g, right);
        let above = light::sum(g, &[left, minus]);
        Ok((light::quotient(g, above, square), applied("quotient rule", &[a, b])))
    }

    fn power(&mut self, g: &mut Graph, id: Id, a: Id, b: Id, parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let applied = |rule, named: &[Id]| Applied { rule, target: id, chain: None, parts: named.to_vec() };
        if !self.depends(g, b) {
            let da = parts.derivative(g, self, a)?;
            let less = light::lowered(g, b);
            let power = light::power(g, a, less);
            let value = light::product(g, &[b, power, da]);
            return Ok((value, applied("power rule", &[a, b])));
        }
        if !self.depends(g, a) {
            let db = parts.derivative(g, self, b)?;
            if g.view(a) == View::Constant(Constant::E) {
                return Ok((light::product(g, &[id, db]), applied("exponential", &[b])));
            }
            let log = named(g, "log", a);
            return Ok((light::product(g, &[id, log, db]), applied("exponential", &[a, b])));
        }
        let log = named(g, "log", a);
        let exponent = g.mul(&[b, log]);
        let slope = parts.derivative(g, self, exponent)?;
        Ok((light::product(g, &[id, slope]), applied("logarithmic differentiation", &[a, b, exponent])))
    }

    fn call(
        &mut self,
        g: &mut Graph,
        id: Id,
        f: FunctionId,
        arguments: &[Id],
        parts: &mut dyn Parts,
    ) -> Result<(Id, Applied), Refusal> {
        let record = f.record();
        match record.name {
            "max" | "min" => return self.extreme(g, id, f, arguments, parts),
            "logsumexp" => return self.logsumexp(g, id, arguments, parts),
            _ => {}
        }
        if record.derivative.is_empty() {
            return Err(self.refuse(id, &format!("{} has no derivative formula here", record.name)));
        }
        let mut terms = Vec::new();
        for (k, u) in arguments.iter().enumerate() {
            if !self.depends(g, *u) {
                continue;
            }
            let Some(partial) = self.formulas.partial(g, f, k, arguments) else {
                return Err(
                    self.refuse(id, &format!("the derivative of {} in its argument {} is not in the table", record.name, k + 1))
                );
            };
            let slope = parts.derivative(g, self, *u)?;
            terms.push(light::product(g, &[partial, slope]));
        }
        let bare = arguments.iter().all(|u| g.as_symbol(*u) == Some(self.variable) || !self.depends(g, *u));
        let rule = if bare { record.rule } else { "chain rule" };
        let chain = arguments.first().map(|u| (f, *u));
        Ok((light::sum(g, &terms), Applied { rule, target: id, chain, parts: arguments.to_vec() }))
    }

    /// The slope of the largest (or smallest) argument; at a tie there is none.
    fn extreme(
        &mut self,
        g: &mut Graph,
        id: Id,
        f: FunctionId,
        arguments: &[Id],
        parts: &mut dyn Parts,
    ) -> Result<(Id, Applied), Refusal> {
        let relation = if f.name() == "max" { Relation::Greater } else { Relation::Less };
        let mut value: Option<Id> = None;
        for k in (0..arguments.len()).rev() {
            let slope = if self.depends(g, arguments[k]) { parts.derivative(g, self, arguments[k])? } else { g.integer(0) };
            value = Some(match value {
                None => slope,
                Some(rest) if rest == slope => rest,
                Some(rest) => {
                    let others = if k + 2 == arguments.len() { arguments[k + 1] } else { g.call(f, &arguments[k + 1..]) };
                    let wins = g.compare(relation, arguments[k], others);
                    g.conditional(wins, slope, rest)
                }
            });
        }
        let value = value.unwrap_or_else(|| g.integer(0));
        Ok((
            value,
            Applied {
                rule: if f.name() == "max" { "maximum" } else { "minimum" },
                target: id,
                chain: None,
                parts: arguments.to_vec(),
            },
        ))
    }

    /// The slope of logsumexp in each score is its softmax.
    fn logsumexp(&mut self, g: &mut Graph, id: Id, scores: &[Id], parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let Some(softmax) = math::find("softmax") else { return Err(self.refuse(id, "softmax is missing")) };
        let shares = g.call(softmax, scores);
        let mut terms = Vec::new();
        for (k, z) in scores.iter().enumerate() {
            if self.depends(g, *z) {
                let share = g.component(shares, component_index(k));
                let slope = parts.derivative(g, self, *z)?;
                terms.push(light::product(g, &[share, slope]));
            }
        }
        Ok((light::sum(g, &terms), Applied { rule: "log-sum-exp", target: id, chain: None, parts: scores.to_vec() }))
    }

    /// ds_i = s_i·(dz_i - Σ s_j·dz_j)
    fn component(&mut self, g: &mut Graph, id: Id, vector: Id, k: u32, parts: &mut dyn Parts) -> Result<(Id, Applied), Refusal> {
        let scores = match g.view(vector) {
            View::Call(f, scores) if f.name() == "softmax" => scores.to_vec(),
            _ => return Err(self.refuse(id, "only softmax has components here")),
        };
        let at = k as usize - 1;
        let own = match scores.get(at) {
            Some(z) if self.depends(g, *z) => parts.derivative(g, self, *z)?,
            Some(_) => g.integer(0),
            None => return Err(self.refuse(id, "there is no such component")),
        };
        let mut terms = vec![own];
        for (j, z) in scores.iter().enumerate() {
            if self.depends(g, *z) {
                let share = g.component(vector, component_index(j));
                let slope = parts.derivative(g, self, *z)?;
                let term = light::product(g, &[share, slope]);
                terms.push(light::negative(g, term));
            }
        }
        let inner = light::sum(g, &terms);
        Ok((light::product(g, &[id, inner]), Applied { rule: "softmax", target: id, chain: None, parts: scores }))
    }
}

fn component_index(k: usize) -> u16 {
    u16::try_from(k + 1).unwrap_or(u16::MAX)
}

/// A function of the table by name; every name used here is in it, which a test holds.
fn named(g: &mut Graph, name: &str, u: Id) -> Id {
    g.call_named(name, &[u]).unwrap_or(u)
}

fn has_minus(g: &Graph, terms: &[Id]) -> bool {
    terms.iter().skip(1).any(|t| matches!(g.view(*t), View::Neg(_)))
}

/// The derivatives of the parts, all taken: what `diff` uses.
#[derive(Default)]
pub struct Taken {
    done: HashMap<Id, Id>,
}

impl Taken {
    /// The whole derivative of `root`: one pass over its nodes, children first.
    pub fn whole(&mut self, g: &mut Graph, rules: &mut Rules<'_>, root: Id) -> Result<Id, Refusal> {
        for id in walk::topological(g, &[root]) {
            if g.is_condition(id) || self.done.contains_key(&id) || !rules.depends(g, id) {
                continue;
            }
            // the vector of a component has no slope of its own
            if matches!(g.view(id), View::Call(f, _) if f.name() == "softmax") {
                continue;
            }
            let (value, _) = rules.open(g, id, self)?;
            self.done.insert(id, value);
        }
        if rules.depends(g, root) { self.derivative(g, rules, root) } else { Ok(g.integer(0)) }
    }
}

impl Parts for Taken {
    fn derivative(&mut self, g: &mut Graph, rules: &mut Rules<'_>, part: Id) -> Result<Id, Refusal> {
        if let Some(d) = self.done.get(&part) {
            return Ok(*d);
        }
        // a part that a rule made (v*log(u)): its own parts are known
        let (value, _) = rules.open(g, part, self)?;
        self.done.insert(part, value);
        Ok(value)
    }
}
